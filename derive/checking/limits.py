"""Limits in numbers: values nearer and nearer to the place, until they stand still; nothing of the calculus of limits is used.

In: a frame in multiple precision and a SymPy `Limit`. Out: its column; no value where the numbers do not settle, or the two sides differ.
Two ways of coming nearer: halved distances, extrapolated as for an analytic function (L. F. Richardson, The deferred approach to the limit,
Phil. Trans. R. Soc. A 226, 1927), and distances that shrink to 10⁻⁷⁷, which need no extrapolation.
"""

from __future__ import annotations

import math
from typing import Any

from derive.checking.arithmetic import multiple_precision
from derive.checking.frame import TROUBLE, Column, Frame, Unevaluable, undefined

__all__ = ["limit"]

LEVELS = 18
FIRST = 4  # the first distance is 2⁻⁴ / SCALE
DEEP_DIGITS = 320
DEEP_LEVELS = 16
DEEP_BITS = 16  # the distances are 2⁻¹⁶ᵏ near a number, their reciprocals 2¹²ᵏ⁺⁸ towards infinity
FAR_BITS = 12
LARGEST = 1e100  # argument of a function
SCALE = (137, 101)  # no multiple of π, no integer: a wave is not met at its zeros


def limit(frame: Frame, e: Any) -> Column:
    """The limit in every lane."""
    if frame.arithmetic.digits <= 15:
        raise Unevaluable("values near the place do not settle on a limit")  # in doubles; multiple precision is asked next
    body, x, place, direction = e.args
    sides = {"+": (1,), "-": (-1,), "+-": (1, -1)}[str(direction)]
    places = frame.values(place)
    if all(_is_infinite(p) for p in places):
        sides = sides[:1]
    columns = [_one_sided(frame, (body, x), places, side) for side in sides]
    tolerance = 10.0 ** (-frame.arithmetic.digits / 3)
    result: Column = []
    for values in zip(*columns, strict=True):
        agree = all(abs(v - values[0]) <= tolerance * (1 + abs(values[0])) for v in values)
        result.append(values[0] if agree else frame.arithmetic.nan)
    return result


def _is_infinite(place: Any) -> bool:
    return bool(abs(place) == math.inf)


def _one_sided(frame: Frame, function: tuple[Any, Any], places: Column, side: int) -> Column:
    body, x = function
    parents, points = [], []
    one = frame.arithmetic.one
    for lane, place in enumerate(places):
        for level in range(LEVELS):
            h = one * SCALE[1] / SCALE[0] / 2 ** (FIRST + level)
            points.append((1 if place > 0 else -1) / h if _is_infinite(place) else place + side * h)
            parents.append(lane)
    values = frame.child(parents, {x: points}).values(body)
    found: Column = []
    for lane, place in enumerate(places):
        value = _extrapolated(values[lane * LEVELS : (lane + 1) * LEVELS], frame)
        found.append(_deeply(frame, lane, function, place, side) if undefined(value) else value)
    return found


def _extrapolated(values: Column, frame: Frame) -> Any:
    """The value at h = 0 of the polynomial through the values, when it stands still."""
    table = list(values)
    last = None
    try:
        for order in range(1, LEVELS):
            factor = 2**order
            table = [(factor * b - a) / (factor - 1) for a, b in zip(table, table[1:], strict=False)]
            change = abs(table[-1] - last) if last is not None else None
            last = table[-1]
            if change is not None and change <= 10.0 ** (-frame.arithmetic.digits / 2) * (1 + abs(last)):
                return last
    except TROUBLE:
        return frame.arithmetic.nan
    return frame.arithmetic.nan


def _deeply(frame: Frame, lane: int, function: tuple[Any, Any], place: Any, side: int) -> Any:
    """The value that stands still as the distance shrinks to next to nothing; nan where it goes on changing."""
    body, x = function
    nan = frame.arithmetic.nan
    arithmetic = multiple_precision(max(DEEP_DIGITS, 2 * frame.arithmetic.digits), largest=LARGEST)
    one = arithmetic.one
    scale = one * SCALE[0] / SCALE[1]
    values: Column = []
    for level in range(1, DEEP_LEVELS + 1):
        if _is_infinite(place):
            point = (1 if place > 0 else -1) * scale * 2 ** (FAR_BITS * level + 8)
        else:
            point = one * place + side * scale / 2 ** (DEEP_BITS * level)
        try:
            (value,) = frame.child([lane], {x: [point]}, arithmetic=arithmetic).values(body)
        except TROUBLE:
            break
        if undefined(value) or value.imag or _is_infinite(value):
            break
        values.append(value)
        if len(values) > 2 and _still(values[-3:]):
            return one * 0 + values[-1]
    if len(values) < DEEP_LEVELS:
        return nan
    changes = [abs(b - a) for a, b in zip(values, values[1:], strict=False)]
    shrinks = all(b <= a / 2 for a, b in zip(changes[-6:], changes[-5:], strict=False))
    return values[-1] if shrinks and changes[-1] <= 1e-11 * (1 + abs(values[-1])) else nan


def _still(values: Column) -> bool:
    return all(abs(v - values[-1]) <= 1e-13 * (1e-6 + abs(values[-1])) for v in values)
