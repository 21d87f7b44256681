"""Text to concrete syntax, without SymPy: notations are told apart, lines are found, formulas become flat lists of items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derive.reading.highlighting import highlight, matching_bracket
    from derive.reading.item import Item
    from derive.reading.lines import Line, is_complete, join_check, split_lines
    from derive.reading.reader import detect, parse

__all__ = ["Item", "Line", "detect", "highlight", "is_complete", "join_check", "matching_bracket", "parse", "split_lines"]

_HOMES = {
    "Item": "item",
    "Line": "lines",
    "detect": "reader",
    "highlight": "highlighting",
    "is_complete": "lines",
    "join_check": "lines",
    "matching_bracket": "highlighting",
    "parse": "reader",
    "split_lines": "lines",
}


def __getattr__(name: str) -> Any:
    """Load a room of the package when it is first asked for, so that the prompt can be painted at once."""
    if name not in _HOMES:
        raise AttributeError(name)
    from importlib import import_module

    value = getattr(import_module(f"derive.reading.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
