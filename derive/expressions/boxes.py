"""Two-dimensional text: rectangles of characters with a baseline, and the ways to put them together.

In: texts. Out: `Box`es. A box knows nothing of mathematics; `Style` says which characters brackets, bars and signs are made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from derive.expressions.typography import columns

__all__ = [
    "ASCII",
    "EMPTY",
    "UNICODE",
    "Box",
    "Style",
    "above",
    "beside",
    "bracketed",
    "fraction",
    "grid",
    "padded",
    "raised_box",
    "rooted",
    "sunk_box",
    "text_box",
]


class Box(NamedTuple):
    """Lines of text, all of the same width, and the index of the line that stands on the line of writing."""

    lines: tuple[str, ...]
    baseline: int = 0

    @property
    def width(self) -> int:
        """How many columns of a terminal it takes."""
        return columns(self.lines[0])

    @property
    def height(self) -> int:
        """How many lines it has."""
        return len(self.lines)

    def __str__(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines)


class Style(NamedTuple):
    """The characters that boxes are drawn with. A bracket is (single, top, middle, bottom, centre)."""

    ascii: bool
    bar: str
    brackets: dict[str, tuple[str, str, str, str, str]]
    integral: tuple[str, str, str]


UNICODE = Style(
    False,
    "─",
    {
        "(": ("(", "⎛", "⎜", "⎝", "⎜"),
        ")": (")", "⎞", "⎟", "⎠", "⎟"),
        "[": ("[", "⎡", "⎢", "⎣", "⎢"),
        "]": ("]", "⎤", "⎥", "⎦", "⎥"),
        "{": ("{", "⎧", "⎪", "⎩", "⎨"),
        "}": ("}", "⎫", "⎪", "⎭", "⎬"),
        "|": ("|", "│", "│", "│", "│"),
        "‖": ("‖", "‖", "‖", "‖", "‖"),
        "⟨": ("⟨", "╱", "│", "╲", "⟨"),
        "⟩": ("⟩", "╲", "│", "╱", "⟩"),
    },
    ("⌠", "⎮", "⌡"),
)
ASCII = Style(
    True,
    "-",
    {
        "(": ("(", "/", "|", "\\", "|"),
        ")": (")", "\\", "|", "/", "|"),
        "[": ("[", "[", "[", "[", "["),
        "]": ("]", "]", "]", "]", "]"),
        "{": ("{", "/", "|", "\\", "<"),
        "}": ("}", "\\", "|", "/", ">"),
        "|": ("|", "|", "|", "|", "|"),
        "‖": ("||", "||", "||", "||", "||"),
        "⟨": ("<", "/", "|", "\\", "<"),
        "⟩": (">", "\\", "|", "/", ">"),
    },
    ("/", "|", "/"),
)
EMPTY = Box(("",), 0)


def text_box(text: str) -> Box:
    """One line of text."""
    return Box((text,), 0)


def padded(text: str, width: int) -> str:
    """The text in the middle of `width` columns."""
    free = width - columns(text)
    left = free // 2
    return " " * left + text + " " * (free - left)


def beside(*boxes: Box) -> Box:
    """The boxes in a row on one line of writing."""
    if all(len(b.lines) == 1 for b in boxes):
        return Box(("".join([b.lines[0] for b in boxes]),), 0)
    ascent = max(b.baseline for b in boxes)
    descent = max(len(b.lines) - b.baseline for b in boxes)
    rows = [""] * (ascent + descent)
    for box in boxes:
        blank = " " * box.width
        first = ascent - box.baseline
        for row in range(ascent + descent):
            rows[row] += box.lines[row - first] if 0 <= row - first < len(box.lines) else blank
    return Box(tuple(rows), ascent)


def above(boxes: Sequence[Box], baseline_of: int) -> Box:
    """The boxes one above the other, centred; the line of writing is that of the box at `baseline_of`."""
    width = max(b.width for b in boxes)
    rows = [padded(line, width) for b in boxes for line in b.lines]
    return Box(tuple(rows), sum(len(b.lines) for b in boxes[:baseline_of]) + boxes[baseline_of].baseline)


def fraction(numerator: Box, denominator: Box, style: Style) -> Box:
    """A bar with something above and below."""
    return above((numerator, text_box(style.bar * max(numerator.width, denominator.width)), denominator), 1)


def bracket(sign: str, height: int, style: Style) -> tuple[str, ...]:
    """A bracket over `height` lines."""
    single, top, middle, bottom, centre = style.brackets[sign]
    if height == 1:
        return (single,)
    rows = [top, *[middle] * (height - 2), bottom]
    if height > 2:
        rows[height // 2] = centre
    return tuple(rows)


def bracketed(box: Box, left: str, right: str, style: Style) -> Box:
    """The box between brackets of its height; an empty text draws none."""
    parts = [Box(bracket(left, box.height, style), box.baseline)] if left else []
    parts.append(box)
    if right:
        parts.append(Box(bracket(right, box.height, style), box.baseline))
    return beside(*parts)


def raised_box(base: Box, script: Box) -> Box:
    """The script at the upper right of the base: on the line above it, or in the top line of a tall base."""
    if base.height == 1:
        return _joined(base, script, -script.height)
    return _joined(base, script, 1 - script.height)


def sunk_box(base: Box, script: Box) -> Box:
    """The script at the lower right of the base."""
    return _joined(base, script, base.height if base.height == 1 else base.height - 1)


def _joined(base: Box, other: Box, row: int) -> Box:
    """The other box to the right, its first line at `row` of the base."""
    top = min(0, row)
    bottom = max(base.height, row + other.height)
    rows = []
    for line in range(top, bottom):
        left = base.lines[line] if 0 <= line < base.height else " " * base.width
        right = other.lines[line - row] if 0 <= line - row < other.height else " " * other.width
        rows.append(left + right)
    return Box(tuple(rows), base.baseline - top)


def rooted(box: Box, style: Style, index: str = "") -> Box:
    """The box under a root sign; `index` is the order of the root, in raised characters."""
    slash, back = ("/", "\\") if style.ascii else ("╱", "╲")
    width, height = box.width, box.height
    if height == 1 and not style.ascii:
        lead = index + "√"
        if width == 1:
            return Box((lead + box.lines[0],), 0)
        return Box((" " * columns(lead) + "_" * width, lead + box.lines[0]), 1)
    lead = index + back
    rows = [" " * (columns(lead) + height) + "_" * (width + 1)]
    for row in range(height):
        hook = lead if row == height - 1 else " " * columns(lead)
        rows.append(hook + " " * (height - 1 - row) + slash + " " * row + " " + box.lines[row])
    return Box(tuple(rows), box.baseline + 1)


def grid(cells: Sequence[Sequence[Box]], gap: int = 2, *, left: bool = False) -> Box:
    """Rows and columns; the line of writing is that of the middle row. Columns are centred, or start at the left."""
    widths = [max(row[k].width for row in cells) for k in range(len(cells[0]))]
    rows: list[str] = []
    middles: list[int] = []
    for row in cells:
        fitted = []
        for box, width in zip(row, widths, strict=True):
            lines = [line + " " * (width - box.width) if left else padded(line, width) for line in box.lines]
            fitted.append(Box(tuple(lines), box.baseline))
        spaced: list[Box] = []
        for position, box in enumerate(fitted):
            spaced.extend((text_box(" " * gap), box) if position else (box,))
        joined = beside(*spaced)
        middles.append(len(rows) + joined.baseline)
        rows.extend(joined.lines)
    count = len(middles)
    baseline = middles[count // 2] if count % 2 else (middles[count // 2 - 1] + middles[count // 2] + 1) // 2
    return Box(tuple(rows), baseline)
