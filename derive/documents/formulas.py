"""What a document holds: stretches of mathematics, each with the place of every character, and remarks on what was left alone.

The scanners make them, macros and rows change their text, and every character keeps the offset in the file where it was written.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["DISPLAY", "INLINE", "LINE", "Formula", "Place", "Remark", "Stretch", "Text"]

DISPLAY = "display"
INLINE = "inline"
LINE = "line"


class Place(NamedTuple):
    """Where something stands: the file as it was named, line and column from 1, and the cell of a notebook (0 elsewhere)."""

    file: str
    line: int
    column: int
    cell: int = 0

    def __str__(self) -> str:
        cell = f"cell {self.cell}:" if self.cell else ""
        return f"{self.file}:{cell}{self.line}:{self.column}"


class Remark(NamedTuple):
    """Something that a person should know about a place: what was left alone, what is never closed."""

    place: Place
    message: str
    is_problem: bool = False


class Text:
    """The text of a file or of a cell: offsets become places."""

    def __init__(self, text: str, file: str, cell: int = 0) -> None:
        self.text = text
        self.file = file
        self.cell = cell
        self._starts = [0]
        place = text.find("\n")
        while place >= 0:
            self._starts.append(place + 1)
            place = text.find("\n", place + 1)

    def place(self, offset: int) -> Place:
        """The line and column of an offset."""
        line = bisect_right(self._starts, max(0, min(offset, len(self.text))))
        return Place(self.file, line, offset - self._starts[line - 1] + 1, self.cell)


class Stretch(NamedTuple):
    """A piece of text whose characters come from `places`: there is one for each of them, and one for the end."""

    text: str
    places: Sequence[int]

    @classmethod
    def of(cls, text: str, start: int, end: int) -> Stretch:
        """What stands between two offsets of a text."""
        return cls(text[start:end], range(start, end + 1))

    def cut(self, start: int, end: int) -> Stretch:
        """A part of it."""
        return Stretch(self.text[start:end], self.places[start : end + 1])

    def stripped(self, also: str = "") -> Stretch:
        """Without white space, and without the characters `also`, on both sides."""
        text = self.text.strip(" \t\r\n" + also)
        start = self.text.find(text)
        return self.cut(start, start + len(text))

    def joined(self, other: Stretch, between: str = " ") -> Stretch:
        """Both, one behind the other."""
        places = [*self.places[: len(self.text)], *[self.places[-1]] * len(between), *other.places]
        return Stretch(self.text + between + other.text, places)

    def replaced(self, start: int, end: int, text: str) -> Stretch:
        """With other text in the place of a part."""
        places = [*self.places[:start], *[self.places[start]] * len(text), *self.places[end:]]
        return Stretch(self.text[:start] + text + self.text[end:], places)


class Formula(NamedTuple):
    """A stretch of mathematics as the document has it, its macros expanded.

    `kind` is "display", "inline" or "line"; `environment` is that of LaTeX, "" for delimiters. `before` are the words between it and
    the formula in front of it. `source` is what was written. `problem` says why it cannot be read any further.
    """

    stretch: Stretch
    kind: str
    environment: str
    origin: Text
    start: int
    source: str
    before: str = ""
    problem: str = ""

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.origin.place(self.start)
