"""Lines from arguments and from texts (files, standard input, a paste): what belongs together is one line.

A line goes on over newlines until its brackets and environments balance (`derive.reading.split_lines`). A bare `check` takes the
rows after it: to the next blank row of a text, to the last argument on the command line.
"""

from __future__ import annotations

from collections.abc import Iterable

from derive.reading.lines import Line, split_lines

__all__ = ["Line", "is_check", "join_arguments", "split_text"]


def is_check(text: str) -> bool:
    """Whether the line is a bare `check` that takes the rows after it."""
    return text.strip().rstrip(":") == "check"


def join_arguments(arguments: Iterable[str]) -> list[Line]:
    """Every argument is a line; a bare `check` and all that follow it are one."""
    out: list[Line] = []
    rows: list[str] = []
    first = 0
    for number, argument in enumerate(arguments, 1):
        if rows:
            rows.append(argument)
        elif is_check(argument):
            rows, first = ["check"], number
        else:
            out.append(Line(argument, number))
    if rows:
        out.append(Line("\n".join(rows), first))
    return out


def split_text(text: str) -> list[Line]:
    """The lines of a text, without comments and blank rows."""
    out: list[Line] = []
    block: list[Line] = []
    for line in split_lines(text.replace("\r\n", "\n")):
        if block and not _blank_between(text, block[-1], line):
            block.append(line)
            continue
        out += _closed(block)
        block = [line] if is_check(line.text) else []
        out += [] if block else [line]
    return out + _closed(block)


def _closed(block: list[Line]) -> list[Line]:
    if not block:
        return []
    rows = ["check", *(line.text for line in block[1:])]
    return [Line("\n".join(rows), block[0].number, block[0].start, block[-1].end)]


def _blank_between(text: str, before: Line, after: Line) -> bool:
    rows = text.replace("\r\n", "\n")[before.end : after.start].split("\n")
    return any(not row.strip() for row in rows[1:-1])
