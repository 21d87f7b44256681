"""Integrals over a variable in doubles, placed where the integrand has its mass.

In: a frame and an unevaluated `Integral`. Out: its column. A coarse pass over the interval finds middle and width of |f|, a second one is
centred there; the value counts where halving the step leaves it as it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from derive.checking.chance.cuts import cuts_of
from derive.checking.chance.rules import interval_rule
from derive.checking.frame import MAX_LANES, Column, Frame, Unevaluable, undefined

__all__ = ["integral"]

Ends = tuple[float, float]
Spot = tuple[float, float] | None
Node = tuple[float, float, int, bool, bool]  # place, weight, lane, whether of the rule of twice the step, whether next to infinity
TOLERANCE = 1e-6  # between a rule and the one of twice the step: its own error is about the square
EDGE = 1e-9
_COARSE, _FINE = 1 / 5, 1 / 12


def integral(frame: Frame, e: Any) -> Column:
    """The value of an integral in every lane; nan where it does not converge."""
    return _integrate(frame, e, list(e.limits))


def _integrate(frame: Frame, e: Any, limits: list[Any]) -> Column:
    if not limits:
        return frame.values(e.function)
    *inner, limit = limits
    if len(limit) != 3:
        raise Unevaluable("an indefinite integral")
    variable, lower, upper = limit
    lows, highs = _ends(frame.values(lower)), _ends(frame.values(upper))
    signs = [1.0 if a <= b else -1.0 for a, b in zip(lows, highs, strict=True)]
    ends = [(min(a, b), max(a, b)) for a, b in zip(lows, highs, strict=True)]
    corners = _corners(frame, e, variable, ends)
    if any(corners):
        return [s * v for s, v in zip(signs, _piecewise(frame, e, inner, variable, ends, corners), strict=True)]
    return [s * v for s, v in zip(signs, _smooth(frame, e, inner, variable, ends), strict=True)]


def _corners(frame: Frame, e: Any, variable: Any, ends: Sequence[Ends]) -> list[list[float]]:
    """Where the integrand bends or jumps inside the interval, for conditions that are linear in the variable."""
    found: list[list[float]] = [[] for _ in ends]
    for cut in cuts_of([e.function]):
        if variable not in cut.free_symbols:
            continue
        try:
            columns = [frame.with_symbol(variable, [x] * frame.lanes).values(cut) for x in (0.0, 1.0, 2.5)]
        except Unevaluable:
            continue
        for lane, (a, b, c) in enumerate(zip(*columns, strict=True)):
            slope = b - a
            if slope and abs(a + 2.5 * slope - c) <= 1e-9 * (1 + abs(c)) and ends[lane][0] < -a / slope < ends[lane][1]:
                found[lane].append(-a / slope)
    return found


def _piecewise(frame: Frame, e: Any, inner: list[Any], variable: Any, ends: Sequence[Ends], corners: list[list[float]]) -> list[float]:
    """The integral between corners, every piece a lane."""
    lanes: list[int] = []
    pieces: list[Ends] = []
    for lane, ((low, high), cuts) in enumerate(zip(ends, corners, strict=True)):
        marks = [low, *sorted(set(cuts)), high]
        lanes += [lane] * (len(marks) - 1)
        pieces += zip(marks, marks[1:], strict=False)
    found = [0.0] * frame.lanes
    for lane, value in zip(lanes, _smooth(frame.child(lanes), e, inner, variable, pieces), strict=True):
        found[lane] += value
    return found


def _smooth(frame: Frame, e: Any, inner: list[Any], variable: Any, ends: Sequence[Ends]) -> list[float]:
    """The integral of a function without corners, nan where it does not converge."""
    spots: list[Spot] = [None] * frame.lanes
    for _ in range(2):
        spots = _mass(frame, e, inner, variable, ends, spots)
    found, doubtful = _summed(frame, e, inner, variable, ends, spots, list(range(frame.lanes)), heavy=False)
    if doubtful:
        again, _ = _summed(frame, e, inner, variable, ends, spots, doubtful, heavy=True)
        for lane in doubtful:
            found[lane] = again[lane]
    return found


def _summed(
    frame: Frame, e: Any, inner: list[Any], variable: Any, ends: Sequence[Ends], spots: Sequence[Spot], lanes: list[int], *, heavy: bool
) -> tuple[list[float], list[int]]:
    """The sums over some lanes, nan where they do not stand still; and the lanes in which that is so."""
    rule = _nodes(ends, spots, _FINE, lanes, heavy=heavy)
    values = _values(frame, e, inner, variable, rule)
    fine, rough, sizes, edges = ([0.0] * frame.lanes for _ in range(4))
    for value, (_, weight, lane, half, last) in zip(values, rule, strict=True):
        part = value * weight
        fine[lane] += part
        sizes[lane] += abs(part)
        if half:
            rough[lane] += 2 * part
        if last:
            edges[lane] = max(edges[lane], abs(part))
    doubtful = [k for k in lanes if not (abs(fine[k] - rough[k]) <= TOLERANCE * sizes[k] < math.inf and edges[k] <= EDGE * sizes[k])]
    for lane in doubtful:
        fine[lane] = math.nan
    return fine, doubtful


def _ends(column: Column) -> list[float]:
    if any(undefined(v) or isinstance(v, complex) for v in column):
        raise Unevaluable("an integral whose ends have no value")
    return [float(v) for v in column]


def _nodes(ends: Sequence[Ends], spots: Sequence[Spot], step: float, lanes: Sequence[int], *, heavy: bool) -> list[Node]:
    rule: list[Node] = []
    for lane in lanes:
        (low, high), spot = ends[lane], spots[lane]
        found = list(interval_rule(low, high, spot, step, heavy=heavy))
        first, final = 0 if low == -math.inf else -1, len(found) - 1 if high == math.inf else -1
        if low == -math.inf and high < math.inf:
            first = max(range(len(found)), key=lambda k: -found[k][0])
        rule += [(place, weight, lane, half, k in (first, final)) for k, (place, weight, half) in enumerate(found)]
        if len(rule) > MAX_LANES:
            raise Unevaluable("an integral over too many nodes")
    return rule


def _values(frame: Frame, e: Any, inner: list[Any], variable: Any, rule: Sequence[Node]) -> list[float]:
    """The integrand; nothing where it has no value at the very ends, nan elsewhere."""
    parents = [node[2] for node in rule]
    column = _integrate(frame.child(parents, {variable: [node[0] for node in rule]}), e, list(inner))
    if any(isinstance(v, complex) for v in column):
        raise Unevaluable("an integrand that is not real")
    found: list[float] = []
    for place, value in enumerate(column):
        bad = undefined(value) or abs(value) == math.inf
        found.append(math.nan if bad and not _beside(column, parents, place) else 0.0 if bad else float(value))
    return found


def _beside(column: Column, parents: Sequence[int], place: int) -> bool:
    """Whether everything from a place to an end of its lane has no value."""
    for direction in (1, -1):
        k = place
        while 0 <= k < len(column) and parents[k] == parents[place]:
            if not (undefined(column[k]) or abs(column[k]) == math.inf):
                break
            k += direction
        else:
            return True
    return False


def _mass(frame: Frame, e: Any, inner: list[Any], variable: Any, ends: Sequence[Ends], spots: Sequence[Spot]) -> list[Spot]:
    """Middle and width of |f| in every lane."""
    rule = _nodes(ends, spots, _COARSE, range(frame.lanes), heavy=spots[0] is None)
    values = _values(frame, e, inner, variable, rule)
    rows: list[list[tuple[float, float]]] = [[] for _ in ends]
    for (place, weight, lane, *_), value in zip(rule, values, strict=True):
        size = abs(value * weight)
        if math.isfinite(size) and size:
            rows[lane].append((place, size))
    found: list[Spot] = []
    for lane, pairs in enumerate(rows):
        total = math.fsum(w for _, w in pairs)
        if not total:
            found.append(spots[lane])
            continue
        quartiles, reached = [], 0.0
        targets = [0.2, 0.5, 0.8]
        for place, weight in sorted(pairs):
            reached += weight / total
            while targets and reached >= targets[0]:
                quartiles.append(place)
                targets.pop(0)
        quartiles += [pairs[-1][0]] * (3 - len(quartiles))
        low, middle, high = quartiles
        near = sorted(abs(p - middle) for p, _ in pairs if p != middle)
        found.append((middle, max((high - low) / 2, near[0] / 2 if near else 1e-3)))
    return found
