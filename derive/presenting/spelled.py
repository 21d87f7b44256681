"""The reading spelled out: the line with the definitions put in, where that says more than the line itself.

In: a Reading. Out: a term to be shown below the reading, or None. `dL/dw` is shown with the loss that L stands for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.expressions.term import Term

if TYPE_CHECKING:
    from derive.meaning.scope import Reading

__all__ = ["LONGEST_SPELLED", "MOST_ROWS", "is_statement", "spelled_out"]

MOST_ROWS = 3  # longer ones hide the reading instead of explaining it
LONGEST_SPELLED = 160  # the same in characters of one line, where there are no rows
_STATEMENTS = frozenset(("rel", "chain", "and", "or", "not", "list", "task", "directional", "lines", "optimum"))


def spelled_out(reading: Reading) -> Term | None:
    """The term with definitions and earlier results put in; None where that is what was written, or a definition itself."""
    term, expanded = reading.term, reading.expanded
    if expanded == term:
        return None
    if reading.kind != "task" and _value(term) == _value(expanded):
        return None
    return expanded


def is_statement(term: Term) -> bool:
    """Whether the term says or asks something, so that it equals nothing: an equation, a task in words."""
    return term.head in _STATEMENTS


def _value(term: Term) -> Term:
    """The right side of a definition or an equation."""
    return term.args[1] if term.head == "rel" and term.data in ("=", ":=") and len(term.args) == 2 else term
