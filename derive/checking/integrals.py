"""Integrals in numbers: double exponential rules on pieces between kinks, halved where they do not settle.

In: a frame and a SymPy `Integral` with bounds. Out: its column; nan where the pieces do not settle, as for an integral that diverges.
Source: Takahasi & Mori 1974, Double exponential formulas for numerical integration.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import sympy as sp

from derive.checking.frame import MAX_LANES, TROUBLE, Column, Frame, Unevaluable, undefined
from derive.checking.kinks import kinks, switches
from derive.checking.oscillation import linear_waves, oscillating_tail
from derive.checking.quadrature import quadrature_nodes

__all__ = ["integral"]

MOST_ROUNDS = 45
MOST_PIECES = 140  # of one lane
MOST_UNDEFINED = 7  # of one lane, with the integrand undefined at a node: a removable singularity need not be met again
NOTHING = 1e-25
FEW = 3  # points at which an iterated integral is evaluated
MOST_NODES = (600_000, 500_000, 1_200_000)  # of one integral, a twofold and a threefold one, those of inner integrals included
_Limits = Sequence[tuple[Any, Any, Any]]


class _Piece(NamedTuple):
    """An interval of one lane."""

    lane: int
    low: Any
    high: Any

    def halves(self) -> tuple[_Piece, _Piece]:
        """The two parts of the interval; of an unbounded one the first is bounded."""
        low, high = _is_infinite(self.low), _is_infinite(self.high)
        if low and high:
            middle = self.low.__class__(0)
        elif high:
            middle = self.low + (1 + abs(self.low)) * (1 if self.high > 0 else -1)
        elif low:
            middle = self.high + (1 + abs(self.high)) * (1 if self.low > 0 else -1)
        else:
            middle = (self.low + self.high) / 2
        return _Piece(self.lane, self.low, middle), _Piece(self.lane, middle, self.high)


class _Rule(NamedTuple):
    """The digits of the nodes, the doublings of their step, and the difference from the rule of twice the step that is allowed.

    The error of the finer rule is about the square of that difference where the integrand is smooth, and never more than it.
    """

    digits: int
    doublings: int
    tolerance: float


class _Budget:
    """How many nodes are left."""

    __slots__ = ("left",)

    def __init__(self, depth: int) -> None:
        self.left = MOST_NODES[min(depth, len(MOST_NODES)) - 1]

    def spend(self, nodes: int) -> None:
        """Takes nodes; Unevaluable where none are left."""
        self.left -= nodes
        if self.left < 0:
            raise Unevaluable("an integral over too many nodes")


def integral(frame: Frame, e: Any) -> Column:
    """The integral in every lane; one without names is evaluated once."""
    if any(len(limit) != 3 for limit in e.limits):
        raise Unevaluable("an indefinite integral")
    if not e.free_symbols and frame.lanes > 1:
        return frame.child([0]).values(e) * frame.lanes
    depth = len(e.limits) + sum(len(inner.limits) for inner in e.function.atoms(sp.Integral))
    digits = frame.arithmetic.digits
    rule = _Rule(digits, 0, 1e-12 if digits > 15 else 1e-6)
    if depth > 1:  # fewer nodes of inner integrals
        rule = _Rule(15, 0, 1e-7) if depth == 2 else _Rule(15, 1, 5e-8)
    if depth > 2 and digits > 15:
        raise Unevaluable("a threefold integral in multiple precision")
    if depth == 1 or frame.lanes <= FEW:
        return _over(frame, e.function, list(e.limits), _Budget(depth), rule)
    found = _over(frame.child(range(FEW)), e.function, list(e.limits), _Budget(depth), rule)
    return found + [frame.arithmetic.nan] * (frame.lanes - FEW)


def _is_infinite(value: Any) -> bool:
    return bool(abs(value) == math.inf)


def _over(frame: Frame, function: Any, limits: _Limits, budget: _Budget, rule: _Rule) -> Column:
    if not limits:
        return frame.values(function)
    *inner, limit = limits  # the last is the outermost
    nan = frame.arithmetic.nan
    totals: Column = [0] * frame.lanes
    counts = [0] * frame.lanes
    lost: set[int] = set()
    waves = not inner and bool(linear_waves(function, limit[0]))
    pending = list(_first_pieces(frame, function, inner, limit))
    for _ in range(MOST_ROUNDS):
        unsettled: list[_Piece] = []
        for piece, fine, rough in _sums(frame, function, inner, limit[0], pending, budget, rule):
            counts[piece.lane] += 1
            if piece.lane in lost:
                continue
            if _settled(fine, rough, rule):
                totals[piece.lane] += fine
            elif (
                counts[piece.lane] > MOST_PIECES
                or len(inner) > 1
                or undefined(piece.high - piece.low)
                or (waves and _is_infinite(piece.high - piece.low))
                or (undefined(fine) and counts[piece.lane] > MOST_UNDEFINED)
            ):
                lost.add(piece.lane)
            else:
                unsettled += piece.halves()
        pending = [p for p in unsettled if p.lane not in lost]
        if not pending:
            break
    lost |= {p.lane for p in pending}
    for lane in lost:
        totals[lane] = nan
    return oscillating_tail(frame, function, limit, totals) if lost and not inner else totals


def _settled(fine: Any, rough: Any, rule: _Rule) -> bool:
    return bool(abs(fine - rough) <= rule.tolerance * (abs(fine) + 1e-3))


def _without_far_end(parts: list[tuple[Any, bool]]) -> list[tuple[Any, bool]]:
    """Without the nodes at which exponentials run over or under, where what comes before has died away: ∞ · 0 and 0 · log 0 there are 0."""
    last = len(parts)
    while last and (undefined(parts[last - 1][0]) or _is_infinite(parts[last - 1][0])):
        last -= 1
    if last == len(parts) or last < 2:
        return parts
    sizes = [abs(part) for part, _ in parts[:last]]
    return parts[:last] if max(sizes[-2:]) <= NOTHING * max(sizes) else parts


def _is_negligible(place: Any, weight: Any, ends: tuple[Any, Any], digits: int, iterated: bool) -> bool:
    """Whether roundings explain that the integrand has no value: at an end; in doubles near one, for the bounds of an inner integral."""
    if any(not _is_infinite(e) and abs(place - e) <= 10.0 ** (2 - digits) * (1 + abs(e)) for e in ends):
        return True
    return iterated and digits <= 15 and abs(weight) <= 1e-6 * abs(ends[1] - ends[0])


def _first_pieces(frame: Frame, function: Any, inner: _Limits, limit: Any) -> Iterator[_Piece]:
    """The whole interval of every lane, cut at the kinks of the integrand that are found."""
    x, lower, upper = limit
    found = switches(function, x, [v for v, *_ in inner])
    for lane, (a, b) in enumerate(zip(frame.values(lower), frame.values(upper), strict=True)):
        if undefined(a) or undefined(b):
            yield _Piece(lane, a, b)
            continue
        one = frame.arithmetic.one
        low, high = (v if _is_infinite(v) else v * one for v in (a, b))
        places = kinks(frame, lane, x, low, high, found) if found and not frame.arithmetic.continued else []
        if not places and _is_infinite(low) and _is_infinite(high) and (low > 0) != (high > 0):
            places = [0 * one]  # on the whole line an odd integrand would cancel whether or not it can be integrated
        ends = [low, *places, high]
        for start, stop in zip(ends, ends[1:], strict=False):
            yield _Piece(lane, start, stop)


def _sums(
    frame: Frame, function: Any, inner: _Limits, x: Any, pieces: Sequence[_Piece], budget: _Budget, rule: _Rule
) -> Iterator[tuple[_Piece, Any, Any]]:
    """Every piece with its sum, and the sum of the rule of twice the step."""
    start = 0
    while start < len(pieces):
        parents: list[int] = []
        places: Column = []
        weights: list[tuple[int, Any, bool]] = []
        stop = start
        while stop < len(pieces):
            nodes = list(quadrature_nodes(pieces[stop].low, pieces[stop].high, frame.arithmetic, rule.digits, rule.doublings))
            if parents and len(parents) + len(nodes) > MAX_LANES:
                break
            for place, weight, on_coarse in nodes:
                parents.append(pieces[stop].lane)
                places.append(place)
                weights.append((stop, weight, on_coarse))
            stop += 1
        budget.spend(len(parents))
        ends = [(piece.low, piece.high) for piece in pieces[start:stop]]
        values = _over(frame.child(parents, {x: places}), function, inner, budget, rule)
        nan, zero = frame.arithmetic.nan, 0 * frame.arithmetic.one
        parts: list[list[tuple[Any, bool]]] = [[] for _ in range(stop - start)]
        for value, place, (piece, weight, on_coarse) in zip(values, places, weights, strict=True):
            if place in ends[piece - start]:
                continue  # rounded to an end of the interval, where the integrand need not have a value
            if undefined(value) and _is_negligible(place, weight, ends[piece - start], frame.arithmetic.digits, bool(inner)):
                continue
            try:
                parts[piece - start].append((value * weight, on_coarse))
            except TROUBLE:
                parts[piece - start].append((nan, on_coarse))
        fine, rough = [zero] * (stop - start), [zero] * (stop - start)
        for place, found in enumerate(parts):
            kept = _without_far_end(found) if any(map(_is_infinite, ends[place])) else found
            fine[place] = sum((part for part, _ in kept), start=zero)
            rough[place] = sum((2 * part for part, on_coarse in kept if on_coarse), start=zero)
        yield from zip(pieces[start:stop], fine, rough, strict=True)
        start = stop
