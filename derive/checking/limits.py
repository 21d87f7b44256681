"""Limits in numbers: values nearer and nearer to the place, extrapolated; nothing of the calculus of limits is used.

In: a frame in multiple precision and a SymPy `Limit`. Out: its column; no value where the extrapolation does not settle, or the two sides
differ. Source: L. F. Richardson, The deferred approach to the limit, Phil. Trans. R. Soc. A 226 (1927).
"""

from __future__ import annotations

import math
from typing import Any

from derive.checking.frame import TROUBLE, Column, Frame, Unevaluable

__all__ = ["limit"]

LEVELS = 18
FIRST = 4  # the first distance is 2⁻⁴


def limit(frame: Frame, e: Any) -> Column:
    """The limit in every lane."""
    if frame.arithmetic.digits <= 15:
        raise Unevaluable("a limit needs more digits than doubles have")
    body, x, place, direction = e.args
    sides = {"+": (1,), "-": (-1,), "+-": (1, -1)}[str(direction)]
    places = frame.values(place)
    columns = [_one_sided(frame, (body, x), places, side) for side in sides]
    tolerance = 10.0 ** (-frame.arithmetic.digits / 3)
    result: Column = []
    for values in zip(*columns, strict=True):
        agree = all(abs(v - values[0]) <= tolerance * (1 + abs(values[0])) for v in values)
        result.append(values[0] if agree else frame.arithmetic.nan)
    return result


def _one_sided(frame: Frame, function: tuple[Any, Any], places: Column, side: int) -> Column:
    body, x = function
    parents, points = [], []
    one = frame.arithmetic.one
    for lane, place in enumerate(places):
        for level in range(LEVELS):
            h = one / 2 ** (FIRST + level)
            infinite = (isinstance(place, float) and math.isinf(place)) or place in (math.inf, -math.inf)
            points.append((1 if place > 0 else -1) / h if infinite else place + side * h)
            parents.append(lane)
    values = frame.child(parents, {x: points}).values(body)
    found: Column = []
    for lane in range(len(places)):
        found.append(_extrapolated(values[lane * LEVELS : (lane + 1) * LEVELS], frame))
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
