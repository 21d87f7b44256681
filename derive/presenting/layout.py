"""Lines beside labels: wrapping prose, hanging indents, the column in which steps begin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from derive.expressions.typography import columns
from derive.presenting.levels import Shown
from derive.presenting.style import Style

__all__ = ["beside", "block", "columns_of_steps", "wrap"]


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns, broken at spaces; a word that is too long stays whole. Newlines are kept."""
    out: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        gap = ""
        for word in _words(paragraph):
            if line and columns(line) + columns(gap) + columns(word.strip()) > width:
                out.append(line)
                line, gap = word.strip(), ""
            else:
                line += gap + word.strip()
            gap = " " * (len(word) - len(word.rstrip())) or " "
        if line:
            out.append(line)
    return out


def _words(text: str) -> Iterable[str]:
    """The words of a line, each with the spaces that follow it."""
    start = 0
    while start < len(text):
        end = text.find(" ", start)
        if end < 0:
            yield text[start:]
            return
        while end < len(text) and text[end] == " ":
            end += 1
        yield text[start:end]
        start = end


def block(label: str, rows: Sequence[str], style: Style, indent: int, *, role: str = "label", at: int = 0) -> list[str]:
    """The rows with a hanging label at the left of row `at`: `  answer     …`."""
    return beside("  " + style.paint(label, role), 2 + columns(label), rows, indent, at)


def beside(head: str, head_width: int, rows: Sequence[str], indent: int, at: int = 0) -> list[str]:
    """The rows in column `indent`, the head at the left of row `at`; on a line of its own where it is too wide."""
    if not rows:
        return [head]
    placed = [(" " * indent + row).rstrip() for row in rows]
    if head_width + 1 > indent:
        return [head, *placed]
    placed[at] = (head + " " * (indent - head_width) + rows[at]).rstrip()
    return placed


def columns_of_steps(shown: Sequence[Shown], titles: Sequence[str], width: int) -> int:
    """The column in which the content of steps begins: right of the titles that take at most two fifths of the width.

    A longer title stands on a line of its own (see `beside`).
    """
    ends = (2 + 3 * s.depth + columns(s.number) + 2 + columns(t) + 2 for s, t in zip(shown, titles, strict=True))
    least = 13 if width >= 60 else 6
    return max([least, *(end for end in ends if end <= width * 2 // 5)])
