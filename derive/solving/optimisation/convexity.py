"""Whether a function of scalars is convex, proved from its second derivatives or from the functions that it is made of.

In: an expression, its variables with the assumptions of their domain. Out: a `Verdict` with the reason in words; None where nothing
decides.
Source: Boyd & Vandenberghe, Convex Optimization (2004), section 3.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sympy as sp

from derive.expressions.nodes import DefinedFunction
from derive.solving.cost import size

__all__ = ["Verdict", "convexity", "is_nonnegative_on", "point_of_curvature"]

MAX_SIZE = 300


class Verdict(NamedTuple):
    """`convex` or not, strictly or not; why. `point` and `direction` are where the second derivative is negative."""

    convex: bool
    strict: bool
    reason: str
    point: tuple[Any, ...] = ()
    direction: tuple[Any, ...] = ()


def convexity(function: Any, variables: Sequence[Any], interval: Any = sp.S.Reals) -> Verdict | None:
    """The verdict; `interval` is the domain where there is one variable."""
    if not function.free_symbols & set(variables):
        return Verdict(True, False, "it is constant")
    if size(function) > MAX_SIZE or function.has(sp.Sum, sp.Integral, sp.Derivative):
        return None
    if not function.has(sp.Abs, sp.Max, sp.Min, sp.sign, sp.Piecewise) and _is_affine(function, variables):
        return Verdict(True, False, "it is affine")
    kinked = function.has(sp.Abs, sp.Max, sp.Min, sp.sign, sp.Piecewise, DefinedFunction)
    if not kinked:
        found = _by_second_derivatives(function, variables, interval)
        if found is not None:
            return found
    terms = _terms(function, variables)
    if terms and all(_is_convex_term(t, variables, interval) for t in terms):
        return Verdict(True, False, "it is a sum of convex functions")
    return None


def _terms(function: Any, variables: Sequence[Any]) -> list[Any]:
    """The terms of a sum; those of degree two at most are one term together."""
    parts = [t for t in sp.Add.make_args(sp.expand_mul(function)) if t.free_symbols & set(variables)]
    quadratic = [t for t in parts if t.is_polynomial(*variables) and sp.total_degree(t, *variables) <= 2]
    rest = [t for t in parts if t not in quadratic]
    return ([sp.Add(*quadratic)] if quadratic else []) + rest


def _is_affine(expression: Any, variables: Sequence[Any]) -> bool:
    """Whether it is affine in all of them together."""
    return all(not sp.diff(expression, v).free_symbols & set(variables) for v in variables)


def _by_second_derivatives(function: Any, variables: Sequence[Any], interval: Any) -> Verdict | None:
    hessian = sp.hessian(function, variables)
    if len(variables) == 1:
        return _on_a_line(hessian[0, 0], variables[0], interval)
    if not hessian.atoms(sp.Symbol):
        return _constant(hessian)
    if not (hessian.free_symbols & set(variables)):
        minors = [sp.factor(hessian[:k, :k].det()) for k in range(1, len(variables) + 1)]
        if all(m.is_positive for m in minors):
            return Verdict(True, True, "the Hessian is positive definite: its leading minors are positive")
        return None
    off = [hessian[i, j] for i in range(len(variables)) for j in range(i)]
    if all(e.is_zero for e in off):
        verdicts = [is_nonnegative_on(hessian[k, k], variables[k], sp.S.Reals) for k in range(len(variables))]
        if all(v is True for v in verdicts):
            return Verdict(True, False, "the Hessian is diagonal and nowhere negative")
    return None


def _constant(hessian: Any) -> Verdict:
    """A Hessian of numbers: its eigenvalues say all."""
    if hessian.is_positive_definite:
        return Verdict(True, True, "the Hessian is positive definite")
    if hessian.is_positive_semidefinite:
        return Verdict(True, False, "the Hessian is positive semi-definite")
    direction = _downwards(hessian)
    return Verdict(False, False, "the Hessian is not positive semi-definite", tuple(sp.S.Zero for _ in range(hessian.rows)), direction)


def _downwards(hessian: Any) -> tuple[Any, ...]:
    """A direction along which the form is negative."""
    n = hessian.rows
    for reach in (1, 3, 12):
        for place in range((2 * reach + 1) ** n):
            vector = sp.Matrix([(place // (2 * reach + 1) ** k) % (2 * reach + 1) - reach for k in range(n)])
            if (vector.T * hessian * vector)[0, 0].is_negative:
                return tuple(vector)
            if place > 5000:
                break
    return ()


def _on_a_line(second: Any, x: Any, interval: Any) -> Verdict | None:
    if second.is_zero:
        return Verdict(True, False, "it is affine")
    sign = is_nonnegative_on(second, x, interval)
    if sign is True:
        return Verdict(True, second.is_positive is True, "the second derivative is nowhere negative")
    if sign is False:
        place = point_of_curvature(second, x, interval)
        if place is not None:
            return Verdict(False, False, "the second derivative is negative", (place,), (sp.S.One,))
    return None


def point_of_curvature(second: Any, x: Any, interval: Any) -> Any:
    """A point of the interval where the expression is negative; None where none of a few is."""
    candidates = [sp.Rational(k, 2) for k in range(-20, 21)] + [sp.Integer(k) for k in (-50, -20, 20, 50)]
    for place in sorted(candidates, key=abs):
        if interval.contains(place) == sp.true:
            value = second.subs(x, place)
            if value.is_number and value.is_real and bool(sp.N(value) < 0):
                return place
    return None


def is_nonnegative_on(expression: Any, x: Any, interval: Any) -> bool | None:
    """Whether an expression in x (and nothing else) is ≥ 0 throughout the interval; None where that is not decided."""
    if expression.has(sp.DiracDelta):  # of a kink, which values at points do not see
        return None
    if expression.is_nonnegative:
        return True
    inner = _restricted(expression, x, interval)
    made = sp.factor(sp.simplify(inner) if size(inner) < 80 else inner)
    if made.is_nonnegative:
        return True
    if made.is_negative:
        return False
    if expression.free_symbols - {x}:
        return None
    numerator, denominator = sp.fraction(sp.together(expression))
    if numerator.is_polynomial(x) and denominator.is_polynomial(x):
        whole = sp.Poly(numerator * denominator, x)
        if not all(c.is_Rational for c in whole.all_coeffs()):
            return None
        places = sorted({r for r, multiplicity in _odd_roots(whole) if interval.contains(r) != sp.false}, key=sp.N)
        inside = [r for r in places if interval.interior.contains(r) == sp.true]
        if inside:
            return False
        sample = _sample(interval)
        value = expression.subs(x, sample)
        return bool(sp.N(value) >= 0) if value.is_number and value.is_finite else None
    return False if point_of_curvature(expression, x, interval) is not None else None


def _odd_roots(polynomial: Any) -> list[tuple[Any, int]]:
    found: list[tuple[Any, int]] = []
    for factor, power in polynomial.factor_list()[1]:
        if power % 2:
            found += [(r, power) for r in factor.real_roots()]
    return found


def _sample(interval: Any) -> Any:
    low, high = interval.inf, interval.sup
    if low == -sp.oo:
        return (sp.S.Zero if high == sp.oo else high - 1) + sp.Rational(1, 7)
    return low + sp.Rational(1, 7) if high == sp.oo else (low + high) / 2


def _restricted(expression: Any, x: Any, interval: Any) -> Any:
    """The expression over a name that is positive (negative) where the interval is."""
    if interval.inf.is_nonnegative:
        return expression.subs(
            x, sp.Dummy("x", positive=True) if interval.left_open or interval.inf > 0 else sp.Dummy("x", nonnegative=True)
        )
    if interval.sup.is_nonpositive:
        return expression.subs(
            x, sp.Dummy("x", negative=True) if interval.right_open or interval.sup < 0 else sp.Dummy("x", nonpositive=True)
        )
    return expression


def _is_convex_term(term: Any, variables: Sequence[Any], interval: Any) -> bool:
    """A convex function of an affine form, or of one variable."""
    inside = [v for v in variables if term.has(v)]
    if term.is_polynomial(*inside) and sp.total_degree(term, *inside) <= 2:
        hessian = sp.hessian(term, inside)
        return not hessian.atoms(sp.Symbol) and bool(hessian.is_positive_semidefinite)
    front, core = term.as_independent(*variables, as_Add=False)
    if isinstance(core, (sp.Abs, sp.Max)) and front.is_nonnegative:
        return all(_is_affine(a, inside) for a in core.args)
    if len(inside) == 1 and not term.has(sp.Abs, sp.Max, sp.Min):
        second = sp.diff(term, inside[0], 2)
        return is_nonnegative_on(second, inside[0], interval if len(variables) == 1 else _domain(inside[0])) is True
    inner = _affine_argument(core, inside)
    if inner is None:
        return False
    t = sp.Dummy("t", positive=True) if inner.is_positive or core.has(sp.log) else sp.Dummy("t", real=True)
    second = sp.diff(front * core.subs(inner, t), t, 2)
    return not second.free_symbols & set(inside) and is_nonnegative_on(second, t, _domain(t)) is True


def _domain(variable: Any) -> Any:
    if variable.is_positive:
        return sp.Interval.open(0, sp.oo)
    if variable.is_nonnegative:
        return sp.Interval(0, sp.oo)
    return sp.S.Reals


def _affine_argument(core: Any, variables: Sequence[Any]) -> Any:
    """The affine form that a function of several variables depends on; None where there are several."""
    candidates = [a for node in sp.preorder_traversal(core) for a in node.args if set(a.free_symbols) >= set(variables)]
    for inner in sorted(candidates, key=size, reverse=True):
        if _is_affine(inner, variables):
            return inner
    return None
