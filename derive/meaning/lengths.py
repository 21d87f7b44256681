"""Lengths of arrays that only ranges say: t_i under Σ_{i=1}^{N−K+1} has N − K + 1 entries, where t is written in no other way.

In: a term whose shapes are inferred, the types with open sizes, and the sizes. Out: the open lengths, made what the ranges say.
"""

from __future__ import annotations

from collections.abc import Mapping

from derive.errors import InconsistentInput
from derive.expressions.term import Name, Term, number
from derive.meaning.scope import Type
from derive.meaning.sizes import Sizes

__all__ = ["lengths_from_ranges"]

Uses = dict[tuple[Name, int], set[Term | None]]


def lengths_from_ranges(term: Term, types: Mapping[Name, Type], sizes: Sizes) -> None:
    """Every length that is open and that one composite range runs over becomes the end of this range."""
    if not any(n.head == "sum" and n.data == "range" and n.args[3].head == "add" for n in term.walk()):
        return
    uses: Uses = {}
    _collect(term, {}, uses)
    for (name, place), ends in uses.items():
        kind = types.get(name)
        (end, *more) = ends
        if kind is None or place >= len(kind.shape) or more or end is None or end.head != "add":
            continue
        if sizes.find(kind.shape[place]).head == "word" and not _holds(end, name):
            sizes.unify(kind.shape[place], end, lambda: InconsistentInput("two lengths"))


def _holds(term: Term, name: Name) -> bool:
    return any(n.head == "name" and n.data == name for n in term.walk())


def _collect(term: Term, ends: Mapping[Name, Term | None], uses: Uses) -> None:
    """For every array and dimension the ends of the ranges of its subscripts; None where a subscript is anything else, or all of it."""
    if term.head == "index" and term.args[0].head == "name":
        for place, subscript in enumerate(term.args[1:]):
            end = ends.get(subscript.data) if subscript.head == "name" else None
            uses.setdefault((term.args[0].data, place), set()).add(end)
        for subscript in term.args[1:]:
            _collect(subscript, ends, uses)
        return
    if term.head == "name":
        for place in range(3):
            uses.setdefault((term.data, place), set()).add(None)
        return
    if term.head in ("sum", "prod") and term.data != "none" and len(term.args) > 1 and term.args[1].head == "name":
        ranged = term.data == "range" and term.args[2] == number(1)
        inner = {**ends, term.args[1].data: term.args[3] if ranged else None}
        for argument in term.args[2:]:
            _collect(argument, inner if term.data == "cond" else ends, uses)
        _collect(term.args[0], inner, uses)
        return
    for argument in term.args:
        _collect(argument, ends, uses)
