"""Expectations by a variable of known law: 1/(1 + Z²/ν) of a Student t is a Beta variable, σ(Z) of a logistic one is uniform, |X − m| of a
Laplace variable and (X/λ)^k of a Weibull one are exponential, log X of a lognormal one is Normal.

In: an expression of x and its law. Out: the expectation, or None where the expression is not of the form that the family asks for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution

__all__ = ["mean_by_standard_variable"]

MOST_DERIVATIVES = 6


def mean_by_standard_variable(expression: Any, x: Any, law: Distribution) -> Any | None:
    """E[expression]."""
    formula = _FORMULAS.get(law.name)
    return None if formula is None else formula(expression, x, *law.values)


# ── Student's t and Cauchy ───────────────────────────────────────────────────────────────────────────────────────────


def _student(expression: Any, x: Any, nu: Any, location: Any = sp.S.Zero, scale: Any = sp.S.One) -> Any | None:
    """E[Z^{2j}/(1 + Z²/ν)^k] = ν^j (½)_j (ν/2)_{k−j} / ((ν + 1)/2)_k."""
    z = sp.Dummy("z", real=True)
    above, below = sp.fraction(sp.cancel(sp.together(expression.subs(x, location + scale * z))))
    if not (above.is_polynomial(z) and below.is_polynomial(z)):
        return None
    power, rest, unit = 0, sp.Poly(below, z), sp.Poly(z**2 + nu, z)
    while rest.degree() >= 2:
        rest, remainder = sp.div(rest, unit)
        if sp.simplify(remainder.as_expr()) != 0:
            return None
        power += 1
    if rest.degree() != 0:
        return None
    total = sp.S.Zero
    for (degree,), coefficient in sp.Poly(above, z).terms():
        if degree % 2:
            if degree > 2 * power:
                return None
            continue
        j = degree // 2
        if j > power:
            return None
        ratio = sp.rf(sp.Rational(1, 2), j) * sp.rf(nu / 2, power - j) / sp.rf((nu + 1) / 2, power)
        total += coefficient * nu ** (j - power) * sp.expand_func(ratio)
    return sp.factor(sp.simplify(total / rest.as_expr()))


def _cauchy(expression: Any, x: Any, location: Any, scale: Any) -> Any | None:
    return _student(expression, x, sp.S.One, location, scale)


# ── logistic ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _logistic(expression: Any, x: Any, location: Any, scale: Any) -> Any | None:
    """U = σ(Z) is uniform: E[Z^c U^a (1 − U)^b] = d^c/dt^c B(1 + a + t, 1 + b − t) at t = 0."""
    z, u = sp.Dummy("z", real=True), sp.Dummy("u", positive=True)
    inserted = sp.powsimp(sp.expand_power_exp(sp.expand(expression.subs(x, location + scale * z), mul=False)))
    inserted = inserted.replace(sp.exp, lambda a: _odds(sp.expand(a), z, u))
    if inserted.has(sp.exp) or not inserted.is_polynomial(z):
        return None
    total = sp.S.Zero
    for (power,), coefficient in sp.Poly(inserted, z).terms():
        flat = sp.cancel(sp.together(coefficient))
        if not flat.is_polynomial(u) or power > MOST_DERIVATIVES:
            return None
        for (degree,), factor in sp.Poly(flat, u).terms():
            t = sp.Dummy("t", real=True)
            # B(1 + a + t, 1 − t) = Γ(1 + a + t) Γ(1 − t)/Γ(2 + a), and u^a has no factor 1 − u
            beta = sp.gamma(1 + degree + t) * sp.gamma(1 - t) / sp.gamma(2 + degree)
            total += factor * sp.diff(beta, t, int(power)).subs(t, 0)
    return sp.factor(sp.simplify(sp.expand_func(total)))


def _odds(argument: Any, z: Any, u: Any) -> Any:
    """e^{kz} as (u/(1 − u))^k."""
    slope = argument.coeff(z)
    if slope.is_Integer and sp.expand(argument - slope * z) == 0:
        return (u / (1 - u)) ** slope
    return sp.exp(argument)


# ── Laplace, Weibull, lognormal ──────────────────────────────────────────────────────────────────────────────────────


def _laplace(expression: Any, x: Any, location: Any, scale: Any) -> Any | None:
    """|Z| is Exponential(1), and the sign of Z is a fair coin."""
    z, w = sp.Dummy("z", real=True), sp.Dummy("w", positive=True)
    inserted = sp.expand(expression).subs(x, location + scale * z)
    inserted = sp.expand(inserted.replace(sp.Abs, lambda a: _size(a, z, w)))
    if inserted.has(sp.Abs) or not inserted.is_polynomial(z, w):
        return None
    total = sp.S.Zero
    for (odd, even), coefficient in sp.Poly(inserted, z, w).terms():
        if odd % 2 == 0:
            total += coefficient * sp.factorial(odd + even)
    return sp.simplify(total)


def _size(argument: Any, z: Any, w: Any) -> Any:
    """|cz| as |c| w."""
    slope = sp.cancel(argument / z)
    return sp.Abs(argument) if slope.has(z) else w * sp.Abs(slope)


def _weibull(expression: Any, x: Any, shape: Any, scale: Any) -> Any | None:
    """W = (X/λ)^k is Exponential(1): E[W^a (log W)^b] = Γ^{(b)}(1 + a)."""
    w, a = sp.Dummy("w", positive=True), sp.Dummy("a", positive=True)
    positive = {s: sp.Dummy(s.name, positive=True) for s in (shape, scale) if isinstance(s, sp.Symbol)}
    inserted = expression.xreplace({x: sp.Dummy("x", positive=True)}) if not x.is_positive else expression
    inside = next((s for s in inserted.free_symbols if isinstance(s, sp.Dummy) and s.name == "x"), x)
    value = (scale * w ** (1 / shape)).xreplace(positive)
    opened = sp.expand(sp.expand_log(sp.powdenest(inserted.xreplace(positive).subs(inside, value), force=True), force=True))
    total = sp.S.Zero
    for term in sp.Add.make_args(sp.expand(sp.expand_power_base(opened, force=True))):
        outside, rest = term.as_independent(w, as_Add=False)
        logs = sp.degree(rest.subs(sp.log(w), a), a) if rest.has(sp.log) else 0
        bare = sp.simplify(rest / sp.log(w) ** logs)
        power = sp.simplify(w * sp.diff(bare, w) / bare)
        if power.has(w):
            return None
        total += outside * sp.diff(sp.gamma(1 + a), a, int(logs)).subs(a, power)
    return sp.simplify(sp.expand_func(total)).xreplace({v: k for k, v in positive.items()})


def _lognormal(expression: Any, x: Any, mean: Any, variance: Any) -> Any | None:
    """log X is Normal."""
    y = sp.Dummy("y", real=True)
    inserted = sp.expand(expression.subs(sp.log(x), y))
    moment = FAMILIES["Normal"].moment
    if inserted.has(x) or not inserted.is_polynomial(y) or moment is None:
        return None
    terms = sp.Poly(inserted, y).terms()
    return sp.simplify(sp.Add(*(c * (moment(int(k), mean, variance) if k else 1) for (k,), c in terms)))


_FORMULAS: dict[str, Callable[..., Any | None]] = {
    "StudentT": _student,
    "Cauchy": _cauchy,
    "Logistic": _logistic,
    "Laplace": _laplace,
    "Weibull": _weibull,
    "Lognormal": _lognormal,
}
