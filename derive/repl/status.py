"""The toolbar's words for the line being typed: its notation, and whether it is complete, goes on, or cannot be read."""

from __future__ import annotations

from derive.errors import DeriveError
from derive.reading import detect, is_complete, parse

__all__ = ["line_status"]

LONGEST = 2000  # beyond it, reading the line at every key would be felt
_NOTATIONS = {"latex": "LaTeX", "plain": "plain", "numpy": "NumPy"}


def line_status(text: str) -> tuple[str, bool]:
    """The words, and False where the line cannot be read as it stands. Only the reader is asked, not what names mean."""
    notation = _NOTATIONS.get(detect(text), "plain")
    if not is_complete(text):
        return f"{notation} · goes on: a bracket or an environment is open", True
    if len(text) > LONGEST:
        return f"{notation} · {len(text):,} characters", True
    if notation == "NumPy":
        return notation, True
    try:
        parse(text)
    except DeriveError as problem:
        hint = f"; did you mean {problem.suggestion}?" if problem.suggestion else ""
        return f"{notation} · {problem.message}{hint}", False
    return f"{notation} · reads", True
