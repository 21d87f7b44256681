"""Integration by parts where it is asked for: ∫ u v′ = u v − ∫ u′ v, with logarithms and inverse functions as u before powers.

In: the whole expression and the integral in it. Out: the whole with the boundary term and the integral that is left; None where there is
nothing to take as u and v′, or v is not found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from derive.derivation import Rewrite
from derive.errors import NotSupported
from derive.rules.limits_and_integrals import PARTS
from derive.solving.antiderivatives import TROUBLE, antiderivative
from derive.solving.journal import Journal
from derive.solving.places import with_replaced
from derive.solving.simplification import shortened

__all__ = ["by_parts"]

_FIRST = (sp.log, sp.asin, sp.acos, sp.atan, sp.asinh, sp.acosh, sp.atanh, sp.erf)


def by_parts(whole: Any, node: Any, journal: Journal, seen: Sequence[Any] = ()) -> Any | None:
    """One integration by parts of the innermost integral of `node`; None, too, where it would lead back to an integrand seen before."""
    limit, f = node.limits[0], node.function
    x = limit[0]
    found = _split(f, x)
    if found is None:
        return None
    u, slope = found
    try:
        v = antiderivative(slope, x)[0]
    except NotSupported:
        return None
    rest = shortened(sp.powsimp(sp.diff(u, x) * v))
    if rest != 0 and any(not sp.simplify(rest / before).has(x) for before in (*seen, f)):
        return None
    left = sp.Integral(rest, limit)
    product = u * v
    if len(limit) == 3:
        ends = [_end(product, x, place, side) for place, side in ((limit[2], "-"), (limit[1], "+"))]
        if any(e is None or e.has(sp.oo, sp.nan, sp.zoo, sp.AccumBounds) for e in ends):
            return None
        result, part = ends[0] - ends[1] - left, (sp.Integral(f, limit), ends[0] - ends[1] - left)
    else:
        result = product - left
        part = (f, sp.Derivative(product, x, evaluate=False) - rest)
    outer = node.limits[1:]
    new = sp.Integral(result, *outer) if outer else result
    after = with_replaced(whole, node, new, set())
    journal.record(PARTS, Rewrite(after, ("with u = ", u, ", v′ = ", slope, " and v = ", v)), whole, after, part)
    return after


def _split(f: Any, x: Any) -> tuple[Any, Any] | None:
    """u and v′."""
    factors = [g for g in sp.Mul.make_args(f) if g.has(x)]
    constant = sp.Mul(*(g for g in sp.Mul.make_args(f) if not g.has(x)))
    for first in (True, False):
        chosen = [g for g in factors if (g.has(*_FIRST) if first else g.is_polynomial(x))]
        others = [g for g in factors if g not in chosen]
        if chosen and (others or chosen[0].has(*_FIRST)):
            return sp.Mul(*chosen), constant * sp.Mul(*others)
    return None


def _end(product: Any, x: Any, place: Any, side: str) -> Any:
    at = product.subs(x, place) if place.is_infinite is not True else sp.nan
    if not at.has(sp.oo, sp.nan, sp.zoo):
        return at
    try:
        return sp.limit(product, x, place, side)
    except TROUBLE:
        return None
