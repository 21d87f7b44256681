"""A definition that rests on others: the types of the names that come in with them.

In: the reading of a definition or an equation, and the scope before it. Out: the reading with a type for every name of its expanded form.
A line that is only taken in does not need them; a line whose right side is computed does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from derive.errors import DeriveError, WrongUse
from derive.expressions.term import Name, Term
from derive.meaning.inference import infer
from derive.meaning.scope import Reading, Scope, Type
from derive.meaning.types import types_of

__all__ = ["as_written", "with_inner_types"]


def as_written(term: Term, types: Mapping[Name, Type]) -> Term:
    """A term before its definitions are put in, settled by itself where its names say enough: whether m is a number, its formula says."""
    try:
        return infer(term, types)[0]
    except WrongUse:
        return term


def with_inner_types(reading: Reading, scope: Scope) -> Reading:
    """The reading with the types of what its definitions bring in. Raises InconsistentInput where they contradict each other."""
    expanded = reading.expanded
    if reading.kind not in ("definition", "constraint", "update", "fact") or expanded.head != "rel" or expanded == reading.term:
        return reading
    left, right = expanded.args
    try:
        settled, types, _ = infer(right, {**types_of(right, scope), **reading.types})
    except DeriveError as error:
        raise error.at(reading.term.span) from None
    return replace(reading, expanded=Term("rel", (left, settled), expanded.data, expanded.span), types={**reading.types, **types})
