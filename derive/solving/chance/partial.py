"""Partial expectations: E[x^k e^{q x}; a < x < b] under the continuous families, in closed form.

In: a smooth expression on an interval, and a law. Out: the value, or None. For a Normal the truncated moments of Tallis (1961); for
densities made of exponentials and powers the integral is elementary and SymPy finds it.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import S

from derive.expressions.nodes import normal_cdf, normal_pdf
from derive.probability.family import Distribution
from derive.solving.chance.closed_moments import Closed, closed_moment
from derive.solving.chance.monomials import Monomial, monomial

__all__ = ["mass", "partial"]

MAX_ORDER = 8
_ELEMENTARY = ("Exponential", "Uniform", "Laplace", "Pareto", "Rayleigh", "Gamma", "ChiSquared")


def partial(body: Any, x: Any, law: Distribution, low: Any, high: Any) -> Closed | None:
    """E[body · 1{low < x < high}] and the condition under which it exists; None where there is no closed form."""
    total, conditions = S.Zero, []
    for term in sp.Add.make_args(sp.expand(body, power_exp=False, power_base=False)):
        part = _term(term, x, law, low, high)
        if part is None:
            return None
        total += part.value
        conditions.append(part.condition)
    return Closed(total, sp.And(*conditions))


def _term(term: Any, x: Any, law: Distribution, low: Any, high: Any) -> Closed | None:
    taken = monomial(term, x)
    if taken is None:
        return None
    support = law.family.support(*law.values)
    if low == support.lower and high == support.upper:
        whole = closed_moment(taken._replace(coefficient=S.One), law)
        if whole is not None:
            return Closed(taken.coefficient * whole.value, whole.condition)
    value = None
    if law.name == "Normal":
        value = _normal(taken, low, high, *law.values)
    elif law.name in _ELEMENTARY and (low != support.lower or taken.power.is_nonnegative):
        value = _integrated(term, x, law, low, high)
    elif term == 1:
        value = mass(law, low, high)
    return None if value is None else Closed(value, _tail(taken, law, high))


def _tail(taken: Monomial, law: Distribution, high: Any) -> Any:
    """The condition under which the integral to infinity converges."""
    if high is not S.Infinity:
        return sp.true if law.name != "Laplace" or taken.linear == 0 else sp.Abs(taken.linear) < 1 / law.values[1]
    if law.name in ("Exponential", "Gamma", "ChiSquared"):
        rate = {"Exponential": lambda v: v[0], "Gamma": lambda v: v[1], "ChiSquared": lambda v: S.Half}[law.name](law.values)
        return rate - taken.linear > 0
    if law.name == "Pareto":
        return taken.linear < 0 if taken.linear != 0 else law.values[1] - taken.power > 0
    if law.name == "Laplace" and taken.linear != 0:
        return sp.Abs(taken.linear) < 1 / law.values[1]
    return sp.true


def mass(law: Distribution, low: Any, high: Any) -> Any:
    """P(low < x < high); None without a distribution function."""
    if law.name == "Normal":
        return _between(low, high, *law.values)
    cdf = law.family.cdf
    support = law.family.support(*law.values)
    if cdf is None:
        return None
    upper = S.One if high == support.upper else cdf(high, *law.values)
    lower = S.Zero if low == support.lower else cdf(low, *law.values)
    return upper - lower


def _between(low: Any, high: Any, m: Any, v: Any) -> Any:
    """Φ of the ends, the upper tail as Φ of the negative."""
    s = sp.sqrt(v)
    if high is S.Infinity:
        return S.One if low is S.NegativeInfinity else _phi(-(low - m) / s)
    if low is S.NegativeInfinity:
        return _phi((high - m) / s)
    return _phi((high - m) / s) - _phi((low - m) / s)


def _phi(z: Any) -> Any:
    z = sp.expand(z) if z.is_number else z
    return S.Half if z == 0 else normal_cdf(z)


def _density(end: Any, m: Any, v: Any) -> Any:
    """φ at a standardised end; 0 at ±∞."""
    if end.is_infinite:
        return S.Zero
    z = (end - m) / sp.sqrt(v)
    if z.could_extract_minus_sign() or (-z).is_nonnegative:
        z = -z  # φ is even
    return 1 / sp.sqrt(2 * sp.pi) if z == 0 else normal_pdf(z)


def _normal(taken: Monomial, low: Any, high: Any, m: Any, v: Any) -> Any:
    """M_k = m M_{k−1} + (k − 1) v M_{k−2} − s [h^{k−1} φ(β) − l^{k−1} φ(α)], after tilting by e^{q x}."""
    fields = (taken.square, taken.inverse, taken.rest, taken.logs, taken.rest_logs, taken.sign)
    if any(f != 0 for f in fields) or not (taken.power.is_Integer and 0 <= taken.power <= MAX_ORDER):
        return None
    at = m + taken.linear * v
    front = sp.exp(m * taken.linear + v * taken.linear**2 / 2)
    s = sp.sqrt(v)
    moments = [_between(low, high, at, v)]
    for k in range(1, int(taken.power) + 1):
        upper = S.Zero if high.is_infinite else high ** (k - 1) * _density(high, at, v)
        lower = S.Zero if low.is_infinite else low ** (k - 1) * _density(low, at, v)
        before = moments[k - 2] if k > 1 else S.Zero
        moments.append(at * moments[k - 1] + (k - 1) * v * before - s * (upper - lower))
    return taken.coefficient * front * moments[-1]


def _integrated(term: Any, x: Any, law: Distribution, low: Any, high: Any) -> Any:
    density = law.family.density(x, *law.values) if law.family.density is not None else sp.exp(law.family.log_density(x, *law.values))
    if law.name == "Laplace":
        return _two_sided(term, x, law, low, high)
    found = sp.integrate(sp.expand(term * density, power_exp=True), (x, low, high), conds="none")
    return None if found.has(sp.Integral, sp.Piecewise, S.NaN, S.ComplexInfinity) or found.is_infinite else found


def _two_sided(term: Any, x: Any, law: Distribution, low: Any, high: Any) -> Any:
    m, b = law.values
    total = S.Zero
    for sign, left, right in ((1, low, m), (-1, m, high)):
        start, end = left, right
        if sign == 1 and high.is_finite:
            order = (high - m).is_nonpositive
            if order is None and not (high - m).is_nonnegative:
                return None
            end = high if order else m
        if sign == -1 and low.is_finite:
            order = (low - m).is_nonnegative
            if order is None and not (low - m).is_nonpositive:
                return None
            start = low if order else m
        if (end - start).is_nonpositive:
            continue
        density = sp.exp(sign * (x - m) / b) / (2 * b)
        found = sp.integrate(sp.expand(term * density), (x, start, end), conds="none")
        if found.has(sp.Integral, sp.Piecewise, S.NaN) or found.is_infinite:
            return None
        total += found
    return total
