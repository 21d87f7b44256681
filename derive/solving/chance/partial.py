"""Partial expectations: E[x^k e^{q x}; a < x < b] under the continuous families, in closed form.

In: a smooth expression on an interval, and a law. Out: the value, or None. For a Normal the truncated moments of Tallis (1961); for
densities made of exponentials and powers the integral is elementary and SymPy finds it.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import S

from derive.expressions.elementary import exp, log
from derive.expressions.nodes import normal_cdf, normal_pdf
from derive.probability.family import Distribution
from derive.solving.chance.closed_moments import Closed, closed_moment
from derive.solving.chance.monomials import Monomial, monomial

__all__ = ["mass", "partial"]

MAX_ORDER = 8
_ELEMENTARY = ("Exponential", "Uniform", "Laplace", "Pareto", "Gamma")


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
        value = _elementary(taken, x, law, low, high)
    if value is None and term == 1:
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
    if z.as_coeff_Mul()[0].is_negative or (-z).is_nonnegative:
        z = -z  # φ is even
    return 1 / sp.sqrt(2 * sp.pi) if z == 0 else normal_pdf(z)


def _normal(taken: Monomial, low: Any, high: Any, m: Any, v: Any) -> Any:
    """M_k = m M_{k−1} + (k − 1) v M_{k−2} − s [h^{k−1} φ(β) − l^{k−1} φ(α)], after tilting by e^{q x}."""
    fields = (taken.square, taken.inverse, taken.rest, taken.logs, taken.rest_logs, taken.sign)
    if any(f != 0 for f in fields) or not (taken.power.is_Integer and 0 <= taken.power <= MAX_ORDER):
        return None
    at = m + taken.linear * v
    front = exp(m * taken.linear + v * taken.linear**2 / 2)
    s = sp.sqrt(v)
    moments = [_between(low, high, at, v)]
    for k in range(1, int(taken.power) + 1):
        upper = S.Zero if high.is_infinite else high ** (k - 1) * _density(high, at, v)
        lower = S.Zero if low.is_infinite else low ** (k - 1) * _density(low, at, v)
        before = moments[k - 2] if k > 1 else S.Zero
        moments.append(at * moments[k - 1] + (k - 1) * v * before - s * (upper - lower))
    return taken.coefficient * front * moments[-1]


def _antiderivative(x: Any, order: Any, rate: Any) -> Any:
    """∫ x^k e^{r x} dx for a natural k; ∫ x^p dx for any p."""
    if rate == 0:
        return log(x) if order == -1 else x ** (order + 1) / (order + 1)
    k = int(order)
    total = sp.Add(*((-1) ** j * sp.ff(k, j) * x ** (k - j) / rate ** (j + 1) for j in range(k + 1)))
    return exp(rate * x) * total


def _span(x: Any, order: Any, rate: Any, low: Any, high: Any) -> Any:
    """The integral between the ends; at infinity the antiderivative is zero, where it converges."""
    place = sp.Dummy("x", real=True)
    whole = _antiderivative(place, order, rate)
    upper = S.Zero if high.is_infinite else whole.subs(place, high)
    lower = S.Zero if low.is_infinite else whole.subs(place, low)
    return upper - lower


def _elementary(taken: Monomial, x: Any, law: Distribution, low: Any, high: Any) -> Any:
    """Densities made of an exponential and a power."""
    if any(f != 0 for f in (taken.square, taken.inverse, taken.rest, taken.logs, taken.rest_logs, taken.sign)):
        return None
    name, values, order, rate = law.name, law.values, taken.power, taken.linear
    natural = bool(order.is_Integer and 0 <= order <= MAX_ORDER)
    if name == "Pareto" and rate == 0:
        scale, shape = values
        return taken.coefficient * shape * scale**shape * _span(x, order - shape - 1, S.Zero, low, high)
    if not natural:
        return None
    if name == "Exponential":
        return taken.coefficient * values[0] * _span(x, order, rate - values[0], low, high)
    if name == "Uniform":
        return taken.coefficient / (values[1] - values[0]) * _span(x, order, rate, low, high)
    if name == "Gamma" and values[0].is_Integer:
        front = values[1] ** values[0] / sp.gamma(values[0])
        return taken.coefficient * front * _span(x, order + values[0] - 1, rate - values[1], low, high)
    if name == "Laplace":
        return _two_sided(taken, x, law, low, high)
    return None


def _two_sided(taken: Monomial, x: Any, law: Distribution, low: Any, high: Any) -> Any:
    """Both sides of the peak, where the ends are on known sides of it."""
    m, b = law.values
    total = S.Zero
    for sign, left, right in ((1, low, m), (-1, m, high)):
        start, end = left, right
        if sign == 1 and high.is_finite:
            if (high - m).is_nonpositive:
                end = high
            elif not (high - m).is_nonnegative:
                return None
        if sign == -1 and low.is_finite:
            if (low - m).is_nonnegative:
                start = low
            elif not (low - m).is_nonpositive:
                return None
        if (end - start).is_nonpositive:
            continue
        total += exp(-sign * m / b) / (2 * b) * _span(x, taken.power, taken.linear + sign / b, start, end)
    return taken.coefficient * sp.expand(total, power_base=False)
