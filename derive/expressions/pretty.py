"""Terms as two-dimensional text that fits a width.

In: a term and a width. Out: a `Box`, or the boxes of its lines. What is too wide is broken where a reader expects it (at relations, then
at + and −, then between factors, outermost first) before anything is drawn: see `linebreak`.
"""

from __future__ import annotations

from derive.expressions.boxes import Box
from derive.expressions.layout import Layout
from derive.expressions.layout_arithmetic import ARITHMETIC
from derive.expressions.layout_binding import BINDING
from derive.expressions.linebreak import broken
from derive.expressions.term import Term

__all__ = ["pretty", "pretty_lines"]

_WRITERS = {**ARITHMETIC, **BINDING}


def pretty_lines(term: Term, width: int = 80, ascii: bool = False) -> list[Box]:
    """One box for each line of writing, each at most `width` columns wide; continuation lines are indented."""
    return broken(Layout(_WRITERS, ascii), term, width)


def pretty(term: Term, width: int = 80, ascii: bool = False) -> Box:
    """All lines of writing in one box whose baseline is that of the first; tall lines are kept apart by an empty one.

    With `ascii`, only ASCII characters occur.
    """
    boxes = pretty_lines(term, width, ascii)
    if len(boxes) == 1:
        return boxes[0]
    rows: list[str] = []
    for position, box in enumerate(boxes):
        if position and (box.height > 1 or boxes[position - 1].height > 1):
            rows.append("")
        rows.extend(box.lines)
    widest = max(box.width for box in boxes)
    lines = tuple(row + " " * (widest - Box((row,)).width) for row in rows)
    return Box(lines, boxes[0].baseline)
