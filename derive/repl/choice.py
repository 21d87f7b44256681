"""Two readings remain: the lines to run when a person has chosen one.

In: the text of the line, the error with its readings and what settles each, the choice. What settles a reading is a declaration
to be run before the line, or another way to write the place that was ambiguous.
"""

from __future__ import annotations

import re

from derive.errors import AmbiguousInput, DeriveError

__all__ = ["settled_lines"]


def settled_lines(text: str, error: AmbiguousInput, choice: int) -> tuple[str, ...]:
    """The lines that say what was meant (`choice` counts from 0)."""
    settling = error.expected[choice]
    if _declares(settling):
        return (settling, text)
    if error.span is None:
        return (settling,)
    start, end = error.span
    for begin in range(start, -1, -1):
        if _bare(text[begin:end]) == _bare(settling):
            start = begin
            break
    return (text[:start] + settling + text[end:],)


def _declares(line: str) -> bool:
    from derive.meaning import read

    try:
        return read(line)[0].kind in ("declaration", "definition", "fact")
    except DeriveError:
        return False


def _bare(text: str) -> str:
    """The text without what only groups: a place and its rewriting differ in nothing else."""
    return re.sub(r"[\s(){}]", "", text)
