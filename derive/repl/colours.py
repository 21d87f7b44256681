"""The colours of a line at the prompt, row by row, from `derive.reading.highlight`."""

from __future__ import annotations

from prompt_toolkit.formatted_text import StyleAndTextTuples

from derive.reading import highlight

__all__ = ["coloured_lines"]


def coloured_lines(text: str) -> list[StyleAndTextTuples]:
    """One list of (style, text) for each row."""
    rows: list[StyleAndTextTuples] = [[]]
    place = 0
    pieces: list[tuple[str, str]] = []
    for start, end, kind in highlight(text):
        if start > place:
            pieces.append(("", text[place:start]))
        pieces.append((f"class:math.{kind}", text[start:end]))
        place = end
    pieces.append(("", text[place:]))
    for style, piece in pieces:
        for number, part in enumerate(piece.split("\n")):
            if number:
                rows.append([])
            if part:
                rows[-1].append((style, part))
    return rows
