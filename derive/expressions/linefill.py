"""Filling lines from a row of boxes with places to break.

In: a row of segments and a width. Out: one box a line, and whether a bracket is open at the end of one.
"""

from __future__ import annotations

from typing import NamedTuple

from derive.expressions.boxes import Box, beside, bracket, text_box
from derive.expressions.layout import Layout
from derive.expressions.typography import columns

__all__ = ["Row", "Segment", "filled"]

_LEAST_FILL = 0.4  # a line is not ended before this part of it is used, where there is a choice


class Segment(NamedTuple):
    """A box in a row. A line may begin with it if `rank` is not None; then `start` stands before it, otherwise `lead`.

    `opens` and `closes` name the bracket that the segment is; it grows with what it encloses on its line.
    """

    box: Box
    rank: int | None = None
    lead: str = ""
    start: str = ""
    opens: str = ""
    closes: str = ""


Row = list[Segment]


def filled(p: Layout, row: Row, width: int, indent: int) -> tuple[list[Box], bool]:
    """The row in lines, and whether one ends inside a bracket: each ends at the outermost place to break that leaves it reasonably full."""
    lines: list[Box] = []
    splits = False
    start = 0
    open_brackets: list[str] = []
    while start < len(row):
        margin = indent if lines else 0
        end = _end_of_line(row, start, width - margin)
        box, open_brackets = _line(p, row[start:end], open_brackets)
        lines.append(beside(text_box(" " * margin), box))
        start = end
        splits = splits or bool(open_brackets)
    return lines, splits


def _end_of_line(row: Row, start: int, width: int) -> int:
    used = columns(row[start].start) + row[start].box.width
    place = start + 1
    candidates: list[tuple[int, int, int]] = []
    while place < len(row):
        segment = row[place]
        if segment.rank is not None:
            candidates.append((segment.rank, -used, place))
        used += columns(segment.lead) + segment.box.width
        if used > width:
            full = [c for c in candidates if -c[1] >= _LEAST_FILL * width]
            return min(full or candidates)[2] if candidates else place
        place += 1
    return place


def _line(p: Layout, row: Row, open_brackets: list[str]) -> tuple[Box, list[str]]:
    """The segments of a line in one box; brackets are as tall as what they enclose on this line."""
    spans = [(s.box.baseline, s.box.height - s.box.baseline) for s in row]
    stack: list[int] = [-1] * len(open_brackets)
    names = list(open_brackets)
    extents: dict[int, tuple[int, int]] = {}
    for place, segment in enumerate(row):
        if segment.opens:
            stack.append(place)
            names.append(segment.opens)
        elif segment.closes:
            first = stack.pop() if stack else -1
            if names:
                names.pop()
            inside = spans[first + 1 : place] or [(0, 1)]
            extents[place] = extent = (max(a for a, _ in inside), max(d for _, d in inside))
            if first >= 0:
                extents[first] = extent
    for first in stack:
        if first >= 0:
            inside = spans[first + 1 :] or [(0, 1)]
            extents[first] = (max(a for a, _ in inside), max(d for _, d in inside))
    boxes: list[Box] = []
    for place, segment in enumerate(row):
        lead = segment.lead if place else segment.start
        if lead:
            boxes.append(text_box(lead))
        if place in extents:
            ascent, descent = extents[place]
            boxes.append(Box(bracket(segment.opens or segment.closes, ascent + descent, p.style), ascent))
        else:
            boxes.append(segment.box)
    return beside(*boxes), names
