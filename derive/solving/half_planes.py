"""Regions of the plane between straight lines and curves, as bounds of an iterated integral.

In: expressions that are ≥ 0 in the region. Out: (inner variable, from, to), (outer variable, from, to). Where the order of two
bounds is seen at places of the outer variable, that is how the check finds it, too; else it is a maximum or minimum.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from derive.solving.cost import cost

__all__ = ["slices"]

SAMPLES = 16
_Limit = tuple[Any, Any, Any]


def slices(conditions: Sequence[Any], inner: Any, outer: Any) -> tuple[_Limit, _Limit] | None:
    """The bounds of the inner variable in the outer one, and those of the outer variable."""
    lowers, uppers, rest = _bounds(conditions, inner)
    if rest is None:
        return None
    apart = [u - v for u in uppers for v in lowers if not (u.is_infinite or v.is_infinite or _is_root(u - v))]
    low_outer, high_outer, left = _bounds([*rest, *apart], outer)
    if left is None or not all(c.is_nonnegative for c in left):
        return None
    a, b = _greatest(low_outer), _least(high_outer)
    if a is None or b is None:
        return None
    sample = _between(a, b)
    low, high = _greatest(lowers, outer, (a, b), sample), _least(uppers, outer, (a, b), sample)
    if low is None or high is None:
        return None
    return (inner, low, high), (outer, a, b)


def _is_root(difference: Any) -> bool:
    """Whether it is a multiple of a square root, which is ≥ 0 wherever it is real."""
    number, rest = difference.as_coeff_Mul()
    return bool(number.is_positive and rest.is_Pow and rest.exp == sp.S.Half)


def _bounds(conditions: Sequence[Any], x: Any) -> tuple[list[Any], list[Any], list[Any] | None]:
    """Lower and upper bounds of x, and the conditions without x; the last is None where a condition is no bound."""
    lowers: list[Any] = []
    uppers: list[Any] = []
    rest: list[Any] = []
    for condition in conditions:
        c = sp.expand(condition)
        if not c.has(x):
            rest.append(c)
            continue
        if not c.is_polynomial(x):
            return [], [], None
        degree = sp.degree(c, x)
        if c.is_nonnegative and degree > 1:
            continue  # it holds everywhere, and bounds nothing
        slope = c.coeff(x, degree)
        if degree == 1 and (slope.is_positive or slope.is_negative):
            end = sp.factor_terms(sp.expand(-c.coeff(x, 0) / slope))
            (lowers if slope.is_positive else uppers).append(end)
        elif degree == 2 and slope.is_negative:
            middle = -c.coeff(x, 1) / (2 * slope)
            left = sp.factor(sp.expand((c - slope * (x - middle) ** 2) / -slope))
            root = sp.sqrt(min(left, sp.expand(left), key=cost))
            lowers.append(middle - root)
            uppers.append(middle + root)
            rest.append(left)
        else:
            return [], [], None
    lowers, uppers = list(dict.fromkeys(lowers)), list(dict.fromkeys(uppers))
    return lowers or [-sp.oo], uppers or [sp.oo], rest


def _between(a: Any, b: Any) -> Any:
    if a.is_infinite and b.is_infinite:
        return sp.Integer(0)
    if a.is_infinite:
        return b - 1
    return a + 1 if b.is_infinite else (a + b) / 2


def _greatest(values: list[Any], x: Any = None, ends: tuple[Any, Any] | None = None, sample: Any = None) -> Any | None:
    return _extreme(values, 1, x, ends, sample)


def _least(values: list[Any], x: Any = None, ends: tuple[Any, Any] | None = None, sample: Any = None) -> Any | None:
    return _extreme(values, -1, x, ends, sample)


def _extreme(values: list[Any], sign: int, x: Any, ends: tuple[Any, Any] | None, sample: Any) -> Any | None:
    best = values[0]
    for other in values[1:]:
        difference = sp.expand(sign * (other - best))
        if difference.is_nonpositive or _is_root(-difference):
            continue
        if difference.is_nonnegative or _is_root(difference):
            best = other
            continue
        if x is None or ends is None:
            return None
        places = [*ends, sample]
        if all(e.is_Rational for e in ends):
            places = [ends[0] + (ends[1] - ends[0]) * k / SAMPLES for k in range(SAMPLES + 1)]
        found = [difference.subs(x, e) for e in places]
        if all(v.is_nonnegative for v in found):
            best = other
        elif not all(v.is_nonpositive for v in found):
            best = sp.Max(best, other) if sign > 0 else sp.Min(best, other)
    return best
