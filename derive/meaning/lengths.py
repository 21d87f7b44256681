"""Lengths of arrays that only ranges say: t_i under Σ_{i=1}^{N−K+1} has N − K + 1 entries, x_{i+1} − x_i under Σ_{i=1}^{n−1} goes to x_n.

In: a term whose shapes are inferred, the types with open sizes, and the sizes. Out: the open lengths, made what the ranges say. An array
that is written in any other way keeps its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from derive.errors import InconsistentInput
from derive.expressions.entry_ranges import interval_of
from derive.expressions.term import Name, Term, integer, number
from derive.meaning.scope import Type
from derive.meaning.sizes import Sizes

__all__ = ["lengths_from_ranges", "reaches_back"]

Linear = dict[Name | None, int]  # a sum of names and (under None) a number
Reach = tuple[int, Linear] | None  # the first position and the last
Uses = dict[tuple[Name, int], list[Reach]]
MOST_DIMENSIONS = 4


def lengths_from_ranges(term: Term, types: Mapping[Name, Type], sizes: Sizes) -> None:
    """Every length that is open, where all subscripts of the array run from 1 to a composite end or one beyond the end of a range."""
    if not any((n.head in ("sum", "prod") and n.data == "range") or interval_of(n) for n in term.walk()):
        return
    uses: Uses = {}
    _collect(term, {}, uses)
    for (name, place), reaches in uses.items():
        kind = types.get(name)
        if kind is None or place >= len(kind.shape) or sizes.find(kind.shape[place]).head != "word":
            continue
        last = _furthest(reaches)
        if last is not None and any(key is not None and key in types and types[key].domain == "index" for key in last):
            continue  # Σ_{j=1}^i: i is a place, no size
        if last is not None and name not in last and any(key is not None for key in last):
            sizes.unify(kind.shape[place], _term(last), lambda: InconsistentInput("two lengths"))


def reaches_back(body: Term, node: Term, place: int) -> bool:
    """Whether the array of an element x_t stands as x_{t−1}, or as x_{t+k}, beside it: then the end of the range is not its length."""
    array, index = node.args[0], node.args[place + 1]
    back = Term("add", (index, Term("neg", (number(1),))))
    beside = [n.args[place + 1] for n in body.walk() if n.head == "index" and n.args[0] == array and place + 1 < len(n.args)]
    lagged = [s for s in beside if s.head == "add" and index in s.args and all(a.head == "name" for a in s.args)]
    return back in beside or bool(lagged)


def _furthest(reaches: list[Reach]) -> Linear | None:
    """How many positions there are: the largest of the last ones, where one is; one more where the first is 0."""
    best: Linear | None = None
    for reach in reaches:
        if reach is None or reach[0] < 0:
            return None
        if best is None:
            best = reach[1]
            continue
        ahead = _sum(reach[1], best, -1)
        if any(key is not None for key in ahead):  # x_{t+k} goes further than x_t
            if not (all(value > 0 for value in ahead.values()) or all(value < 0 for value in ahead.values())):
                return None
            best = reach[1] if min(ahead.values()) > 0 else best
            continue
        best = reach[1] if ahead.get(None, 0) > 0 else best
    from_zero = any(reach is not None and reach[0] == 0 for reach in reaches)
    return best if best is None or not from_zero else _sum(best, {None: 1})


def _sum(left: Linear, right: Linear, sign: int = 1) -> Linear:
    total = dict(left)
    for key, value in right.items():
        total[key] = total.get(key, 0) + sign * value
    return {key: value for key, value in total.items() if value}


def _linear(term: Term) -> Linear | None:
    """A sum of names and whole numbers; None where it is anything else."""
    if term.head == "name":
        return {term.data: 1}
    if term.head == "number":
        value = integer(term)
        return None if value is None else {None: value} if value else {}
    parts = [_linear(a) for a in term.args] if term.head in ("add", "neg") else [None]
    total: Linear = {}
    for part in parts:
        if part is None:
            return None
        total = _sum(total, part, -1 if term.head == "neg" else 1)
    return total


def _term(size: Linear) -> Term:
    parts: list[Term] = []
    for key, value in sorted(size.items(), key=lambda pair: (pair[0] is None, pair[1] < 0)):
        whole = number(abs(value)) if key is None else Term("name", (), key)
        whole = whole if key is None or abs(value) == 1 else Term("mul", (number(abs(value)), whole))
        parts.append(Term("neg", (whole,)) if value < 0 else whole)
    return parts[0] if len(parts) == 1 else Term("add", tuple(parts))


def _reach(subscript: Term, ranges: Mapping[Name, tuple[int, Linear] | None]) -> Reach:
    """The positions that i + c takes; with a lag k, i + k, the least of them for k ≥ 0."""
    position = _linear(subscript)
    if position is None:
        return None
    running = [key for key in position if key is not None and key in ranges]
    if len(running) != 1 or position[running[0]] != 1:
        return None
    span = ranges[running[0]]
    shift = {key: value for key, value in position.items() if key != running[0]}
    if any(value < 0 for key, value in shift.items() if key is not None) or (span is not None and span[0] < 1 and shift.keys() - {None}):
        return None
    return None if span is None else (span[0] + shift.get(None, 0), _sum(span[1], shift))


def _collect(term: Term, ranges: Mapping[Name, tuple[int, Linear] | None], uses: Uses) -> None:
    if term.head == "index" and term.args[0].head == "name":
        for place, subscript in enumerate(term.args[1:]):
            uses.setdefault((term.args[0].data, place), []).append(_reach(subscript, ranges))
        for subscript in term.args[1:]:
            _collect(subscript, ranges, uses)
        return
    if term.head == "name":
        for place in range(MOST_DIMENSIONS):
            uses.setdefault((term.data, place), []).append(None)
        return
    if term.head in ("sum", "prod") and term.data != "none" and len(term.args) > 1 and term.args[1].head == "name":
        span = None
        if term.data == "range":
            first, last = integer(term.args[2]), _linear(term.args[3])
            span = None if first is None or last is None or last.keys() & ranges.keys() else (first, last)
        inner = {**ranges, term.args[1].data: span}
        for argument in term.args[2:]:
            _collect(argument, inner if term.data == "cond" else ranges, uses)
        _collect(term.args[0], inner, uses)
        return
    bounds = interval_of(term)
    if bounds is not None:
        first, last = integer(bounds[0]), _linear(bounds[1])
        span = None if first is None or last is None or last.keys() & ranges.keys() else (first, last)
        _collect(term.args[0], {**ranges, term.args[1].args[0].data: span}, uses)
        return
    if term.head in ("gradient", "jacobian", "hessian", "derivative"):  # the variable is named, not used
        _collect(term.args[0], ranges, uses)
        return
    for argument in term.args:
        _collect(argument, ranges, uses)
