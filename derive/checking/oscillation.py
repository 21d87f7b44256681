"""Integrals to infinity of what oscillates: the pieces between zeros of the sine, and the limit of their partial sums.

In: a frame, an integrand with sines or cosines of linear functions of its variable, and the column that is to be completed. Out: the column
with values where the pieces die away and their sums settle. Source: Wynn 1956, On a device for computing the e_m(S_n) transformation.
"""

from __future__ import annotations

import math
from typing import Any

import sympy as sp

from derive.checking.frame import TROUBLE, Column, Frame, Unevaluable, undefined
from derive.checking.quadrature import quadrature_nodes

__all__ = ["extrapolated", "linear_waves", "oscillating_tail"]

PIECES = 48
AGREEMENT = 1e-11
NOTHING = 1e-18


def linear_waves(function: Any, x: Any) -> list[Any]:
    """The sines and cosines of linear functions of x."""
    return [w for w in function.atoms(sp.sin, sp.cos) if w.has(x) and not w.args[0].diff(x).has(x)]


def oscillating_tail(frame: Frame, function: Any, limit: Any, totals: Column) -> Column:
    """The column with the lanes that are nan and whose integral goes to ∞ (or −∞) tried anew."""
    x, lower, upper = limit
    waves = linear_waves(function, x)
    if not waves or frame.arithmetic.continued:
        return totals
    columns = [frame.values(w.args[0].diff(x)) for w in waves]
    speeds = [abs(v) for v in columns[0]]
    if any(abs(abs(v) - speed) > 1e-12 * speed for column in columns for v, speed in zip(column, speeds, strict=True)):
        return totals  # several speeds: the zeros of none are those of the whole
    found = list(totals)
    for lane, (a, b) in enumerate(zip(frame.values(lower), frame.values(upper), strict=True)):
        if not undefined(totals[lane]) or undefined(a) or undefined(b):
            continue
        value: Any = 0
        if abs(b) == math.inf:
            start = 0 * frame.arithmetic.one if abs(a) == math.inf else a
            value = _half_line(frame, lane, (function, x), start, 1 if b > 0 else -1, speeds[lane])
        if abs(a) == math.inf and not undefined(value):
            start = b if abs(b) != math.inf else 0 * frame.arithmetic.one
            value = value - _half_line(frame, lane, (function, x), start, 1 if a > 0 else -1, speeds[lane])
        if abs(a) == math.inf or abs(b) == math.inf:
            found[lane] = value
    return found


def _half_line(frame: Frame, lane: int, integrand: tuple[Any, Any], start: Any, sign: int, speed: Any) -> Any:
    """The integral from `start` to sign · ∞."""
    function, x = integrand
    nan = frame.arithmetic.nan
    if undefined(speed) or not speed.real:
        return nan
    half = frame.arithmetic.constants[type(sp.pi)] / abs(speed.real)
    partial, total, sizes = [], 0 * frame.arithmetic.one, []
    zero = math.floor(start / half) if sign > 0 else math.ceil(start / half)
    ends = [start, *((zero + sign * (k + 1)) * half for k in range(PIECES))]
    try:
        for a, b in zip(ends, ends[1:], strict=False):
            nodes = list(quadrature_nodes(a, b, frame.arithmetic))
            values = frame.child([lane] * len(nodes), {x: [p for p, _, _ in nodes]}).values(function)
            piece = sum((v * w for v, (_, w, _) in zip(values, nodes, strict=True)), start=0 * frame.arithmetic.one)
            total += piece
            sizes.append(abs(piece))
            partial.append(total)
    except (Unevaluable, *TROUBLE):
        return nan
    if all(s <= NOTHING * max(sizes) for s in sizes[-4:]):
        return total
    if any(undefined(s) for s in sizes) or not sizes[-1] < 0.5 * max(sizes[1:4]):
        return nan  # pieces that do not die away have no sum
    return extrapolated(partial, nan)


def extrapolated(partial: list[Any], nan: Any) -> Any:
    """The limit of a sequence by Wynn's epsilon algorithm, where two successive estimates agree."""
    before = [0 * v for v in partial]
    current = list(partial)
    estimates = [partial[-1]]
    try:
        for order in range(1, len(partial)):
            following = [before[k + 1] + 1 / (current[k + 1] - current[k]) for k in range(len(current) - 1)]
            before, current = current, following
            if order % 2 == 0:
                estimates.append(current[-1])
                if abs(estimates[-1] - estimates[-2]) <= AGREEMENT * (abs(estimates[-1]) + 1e-3):
                    return estimates[-1]
    except TROUBLE:
        return nan
    return nan
