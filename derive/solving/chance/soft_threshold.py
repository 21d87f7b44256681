"""A parabola minus an absolute value: its maximum is found by soft thresholding (the Lasso in one dimension).

In: a function A θ² + B θ − c |θ − m| + const with A < 0 < c. Out: θ̂ = m + sign(r) max(|r| − c, 0)/(−2A) with r = B + 2 A m.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.solving.simplification import shortened

__all__ = ["soft_threshold"]


def soft_threshold(value: Any, unknown: Any) -> Any:
    """The maximiser; None where the function is of another form. `value` has its sums taken apart at their plus signs."""
    kinks = {e for e in value.atoms(sp.Abs) if e.has(unknown)}
    if len(kinks) != 1:
        return None
    (kink,) = kinks
    slope = kink.args[0].diff(unknown)
    if slope not in (1, -1):
        return None
    centre = -sp.expand(kink.args[0] - slope * unknown) / slope
    masked = sp.Dummy("kink")
    spread = sp.expand(value.xreplace({kink: masked}))
    weight = -spread.coeff(masked)
    rest = spread.coeff(masked, 0)
    if weight.has(unknown) or not weight.is_positive:
        return None
    parts = _quadratic(rest, unknown)
    if parts is None:
        return None
    square, linear = parts
    if not square.is_negative and not (-square).is_nonnegative:
        return None
    pull = sp.expand(linear + 2 * square * centre)
    kept = sp.sign(pull) * sp.Max(sp.Abs(pull) - weight, 0)
    return centre + _over(kept, -2 * square)


def _quadratic(rest: Any, unknown: Any) -> tuple[Any, Any] | None:
    """A and B of A θ² + B θ + const; sums over the data multiplied out."""
    square, linear = sp.S.Zero, sp.S.Zero
    for term in sp.Add.make_args(rest):
        outside, inside = term.as_independent(unknown, as_Add=False)
        if not isinstance(inside, sp.Sum):
            polynomial = sp.Poly(inside, unknown) if inside.is_polynomial(unknown) else None
            if polynomial is None or polynomial.degree() > 2:
                return None
            square += outside * polynomial.coeff_monomial(unknown**2)
            linear += outside * polynomial.coeff_monomial(unknown)
            continue
        polynomial = sp.Poly(inside.function, unknown) if inside.function.is_polynomial(unknown) else None
        if polynomial is None or polynomial.degree() > 2:
            return None
        square += _summed(outside, polynomial.coeff_monomial(unknown**2), inside)
        linear += _summed(outside, polynomial.coeff_monomial(unknown), inside)
    return square, linear


def _summed(outside: Any, body: Any, total: Any) -> Any:
    """outside · Σ body, constants in front."""
    if body == 0:
        return sp.S.Zero
    index, low, high = total.limits[0]
    front, inner = body.as_independent(index, as_Add=False)
    return outside * front * (high - low + 1 if inner == 1 else sp.Sum(inner, *total.limits))


def _over(kept: Any, below: Any) -> Any:
    return shortened(kept / below) if not below.has(sp.Sum) else kept / below
