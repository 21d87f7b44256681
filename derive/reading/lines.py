"""Where lines end. In: a text of several lines. Out: the lines, each with its place and its number.

A line ends at a newline once braces, brackets and environments balance. Comments (`#`, or `%`, at the start of a line) and
blank lines are left out. A Python function stays together.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Line", "is_complete", "join_check", "split_lines", "split_rows"]


class Line(NamedTuple):
    """A line: its text, the number of its first row (from 1), and its place in the whole text."""

    text: str
    number: int
    start: int = 0
    end: int = 0


# Everything that opens or closes, and what hides it: escaped characters, quoted text, comments behind LaTeX.
_BRACKETS = re.compile(
    r"\\begin\s*\{[^{}\n]*\}|\\end\s*\{[^{}\n]*\}|\\left(?![a-z])\s*(?:\\[A-Za-z]+|\\.|\S)|\\right(?![a-z])\s*(?:\\[A-Za-z]+|\\.|\S)"
    r"|\\[\[\](){}]|\\\\(?:\[[^\]\n]*\])?|\\[A-Za-z]+|\\[\s\S]|\"[^\"\n]*\"|\$\$|(?<![0-9])%[^\n]*|[()\[\]{}\n$]"
)
_CLOSES = {")": "([", "]": "[(", "}": "{", "\\]": ("\\[",), "\\)": ("\\(",), "\\}": ("\\{",)}
_DEFINITION = re.compile(r"[ \t]*(?:@\w[^\n]*\n[ \t]*)*def\s")
_BLANK = re.compile(r"\n[ \t\r]*\n")
_OPENERS = frozenset({"(", "[", "{", "\\[", "\\(", "\\{"})


def _unbalanced(text: str, start: int, end: int) -> list[str]:
    """What is open at `end`, outermost first. A closing bracket without its opening one closes nothing."""
    waiting: list[str] = []
    for match in _BRACKETS.finditer(text, start, end):
        _step(match[0], waiting)
    return waiting


def _step(sign: str, waiting: list[str]) -> None:
    if sign in _OPENERS:
        waiting.append(sign)
    elif sign in _CLOSES:
        if waiting and waiting[-1] in _CLOSES[sign]:
            waiting.pop()
    elif sign in {"$", "$$"}:
        if sign in waiting:
            del waiting[waiting.index(sign) :]
        else:
            waiting.append(sign)
    elif sign.startswith("\\begin"):
        waiting.append("\\begin")
    elif sign.startswith("\\left") and sign not in {"\\left", "\\leftarrow"} and not sign[5:6].islower():
        waiting.append("\\left")
    elif sign.startswith("\\end") or (sign.startswith("\\right") and not sign[6:7].islower()):
        opening = "\\begin" if sign.startswith("\\end") else "\\left"
        if opening in waiting:
            del waiting[len(waiting) - 1 - waiting[::-1].index(opening) :]


def is_complete(text: str) -> bool:
    """Whether Enter submits: brackets, braces and environments balance.

    A Python function and a `check` block end with a blank row.
    """
    rows = text.split("\n")
    if _DEFINITION.match(text):
        return len(rows) > 1 and not rows[-1].strip()
    if rows[0].strip() == "check":
        return len(rows) > 2 and not rows[-1].strip()
    return not (_unbalanced(text, 0, len(text)) or _goes_on(text))


def _goes_on(text: str) -> bool:
    r"""Whether a row ends in \\, so that the next one belongs to it."""
    return text.rstrip().endswith("\\\\")


def _comment(row: str) -> bool:
    return row[:1] in {"#", "%"}


def split_lines(text: str) -> list[Line]:
    """The lines of a text; a line that is exactly `check` holds its rows, up to a blank row or the end.

    Raises nothing: an unbalanced line goes on to a blank row or to the end of the text.
    """
    lines: list[Line] = []
    block = False
    for line in split_rows(text):
        if block and not _BLANK.search(text, lines[-1].end, line.start):
            lines[-1] = Line(text[lines[-1].start : line.end], lines[-1].number, lines[-1].start, line.end)
            continue
        block = line.text == "check"
        lines.append(line)
    return lines


def split_rows(text: str) -> list[Line]:
    """The lines of a text, the rows of a `check` block each by itself."""
    lines: list[Line] = []
    rows = _rows_of(text)
    place = 0
    while place < len(rows):
        number, start, end = rows[place]
        row = text[start:end].strip()
        place += 1
        if not row or _comment(row):
            continue
        first, last = start, end
        if _DEFINITION.match(text, start, end + 1) or row.startswith("@"):
            while place < len(rows) and _belongs_to_function(text, rows, place, row):
                last = rows[place][2]
                row = text[rows[place][1] : last].strip()
                place += 1
        else:
            waiting: list[str] = []
            scanned = start
            while True:
                for match in _BRACKETS.finditer(text, scanned, last):
                    _step(match[0], waiting)
                if not (waiting or _goes_on(text[scanned:last])) or place >= len(rows) or not text[rows[place][1] : rows[place][2]].strip():
                    break
                scanned, last = last, rows[place][2]
                place += 1
        first += len(text[first:last]) - len(text[first:last].lstrip())
        last = first + len(text[first:last].rstrip())
        lines.append(Line(text[first:last], number, first, last))
    return lines


def _belongs_to_function(text: str, rows: list[tuple[int, int, int]], place: int, before: str) -> bool:
    row = text[rows[place][1] : rows[place][2]]
    if row.strip():
        return row[:1] in {" ", "\t"} or before.startswith("@")
    after = next((text[s:e] for _, s, e in rows[place:] if text[s:e].strip()), "")
    return after[:1] in {" ", "\t"}


def _rows_of(text: str) -> list[tuple[int, int, int]]:
    rows = []
    start = 0
    for number, row in enumerate(text.split("\n"), 1):
        rows.append((number, start, start + len(row)))
        start += len(row) + 1
    return rows


def join_check(lines: list[str]) -> list[str]:
    """Lines as tasks: a line that is exactly `check` takes the lines after it, up to a blank one, as its rows."""
    joined: list[str] = []
    block: list[str] | None = None
    for line in lines:
        if block is not None:
            if line.strip():
                block.append(line)
                continue
            joined.append("\n".join(block))
            block = None
        elif line.strip() == "check":
            block = [line.strip()]
        else:
            joined.append(line)
    if block is not None:
        joined.append("\n".join(block))
    return joined
