"""Where an error is: line, column and length for programs, the source with a caret under the place for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from derive.expressions.typography import columns

if TYPE_CHECKING:
    from derive.errors import DeriveError
    from derive.presenting.style import Style

__all__ = ["Place", "excerpt", "place_of"]


class Place(NamedTuple):
    """A stretch of one line of a text: the row within the text (from 0), the column (from 1), the length, the row's text."""

    row: int
    column: int
    length: int
    source: str

    @property
    def is_all(self) -> bool:
        """Whether the place is the whole row: pointing at it says nothing."""
        return self.column == 1 and self.length >= len(self.source.rstrip())


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


def excerpt(place: Place, style: Style, width: int) -> tuple[str, str]:
    """The source around the place, at most `width` columns, and the line of carets below it."""
    begin = place.column - 1
    before, marked, after = (
        style.words(_printable(piece))
        for piece in (place.source[:begin], place.source[begin : begin + place.length], place.source[begin + place.length :])
    )
    if columns(before) + columns(marked) + columns(after) <= width:
        return before + marked + after, " " * columns(before) + "^" * max(1, columns(marked))
    dots = style.words("…")
    room = max(8, width - 2 * len(dots) - 2)
    kept = _tail(before, max(room // 3, room - columns(marked) - columns(after)))
    left = kept if kept == before else f"{dots} {kept}"
    room -= columns(kept)
    shown = _head(marked, room)
    rest = _head(after, room - columns(shown)) if shown == marked else ""
    right = rest if shown == marked and rest == after else f"{rest} {dots}"
    return left + shown + right, " " * columns(left) + "^" * max(1, columns(shown))


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " if c.isspace() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _head(text: str, width: int) -> str:
    """As much of the beginning as fits."""
    text = text[: max(0, width)]
    while columns(text) > width:
        text = text[:-1]
    return text


def _tail(text: str, width: int) -> str:
    """As much of the end as fits."""
    text = text[max(0, len(text) - max(0, width)) :]
    while columns(text) > width:
        text = text[1:]
    return text
