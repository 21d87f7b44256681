"""Where an error is: line, column and length for programs, the source with a caret under the place for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.expressions.typography import columns

if TYPE_CHECKING:
    from derive.errors import DeriveError

__all__ = ["Place", "excerpt", "place_of"]


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of one line of a text: the row within the text (from 0), the column (from 1), the length, the row's text."""

    row: int
    column: int
    length: int
    source: str


def place_of(error: DeriveError, text: str) -> Place | None:
    """The place of the error, or None where it has none. A place over several rows is cut at the end of its first row."""
    if error.span is None:
        return None
    source = error.source if error.source is not None else text
    start = max(0, min(error.span[0], len(source)))
    end = max(start, min(error.span[1], len(source)))
    first = source.rfind("\n", 0, start) + 1
    last = source.find("\n", start)
    last = len(source) if last < 0 else last
    row = source.count("\n", 0, start)
    return Place(row, start - first + 1, max(1, min(end, last) - start), source[first:last])


def excerpt(place: Place, width: int) -> tuple[str, str]:
    """The source around the place, at most `width` columns, and the line of carets below it."""
    shown = "".join(c if c.isprintable() else " " if c.isspace() else "\N{REPLACEMENT CHARACTER}" for c in place.source)
    start = place.column - 1
    end = start + place.length
    left, right = 0, len(shown)
    if columns(shown) > width:
        room = max(8, width - 4)
        left = max(0, min(start - room // 3, len(shown) - room))
        right = left + room
        while right > left + 1 and columns(shown[left:right]) > room:
            right -= 1
        right = max(right, min(start + 1, len(shown)))
    before = "… " if left else ""
    after = " …" if right < len(shown) else ""
    carets = "^" * max(1, columns(shown[start : min(end, right)]))
    return before + shown[left:right] + after, " " * (columns(before) + columns(shown[left:start])) + carets
