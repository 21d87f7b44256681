"""E[x^p e^{q x} (log x)^j …] under the families, in closed form, with the condition under which it exists.

In: a `Monomial` and the values of a family's parameters. Out: `Closed(value, condition)`; None where there is no closed form here.
The value is without the monomial's coefficient. Sources: Johnson, Kotz & Balakrishnan 1994/1995, Continuous Univariate Distributions;
Johnson, Kemp & Kotz 2005, Univariate Discrete Distributions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import sympy as sp
from sympy import S

from derive.expressions.elementary import exp, log
from derive.probability.family import Distribution
from derive.solving.chance.monomials import Monomial

__all__ = ["Closed", "closed_moment"]

MAX_ORDER = 24


class Closed(NamedTuple):
    """The value, the condition under which it exists, and what fails without it."""

    value: Any
    condition: Any = sp.true


def closed_moment(m: Monomial, law: Distribution) -> Closed | None:
    """The expectation of the monomial with coefficient one."""
    formula = _FORMULAS.get(law.name)
    return formula(m, *law.values) if formula is not None else None


def _order(power: Any) -> int | None:
    return int(power) if power.is_Integer and 0 <= power <= MAX_ORDER else None


def _only(m: Monomial, *fields: str) -> bool:
    """Whether everything but these exponents is absent."""
    return all(getattr(m, f) == 0 for f in ("power", "linear", "square", "inverse", "logs", "rest", "rest_logs", "sign") if f not in fields)


def _normal_moment(k: int, m: Any, v: Any) -> Any:
    return sp.Add(*(sp.binomial(k, j) * m ** (k - j) * sp.factorial2(j - 1) * v ** (j // 2) for j in range(0, k + 1, 2)))


def _normal(m: Monomial, mean: Any, v: Any) -> Closed | None:
    """Tilting: e^{q x + s x²} times the density is a Normal density again."""
    if not _only(m, "power", "linear", "square"):
        return None
    k = _order(m.power)
    if k is None:
        return Closed(S.NaN, sp.false) if m.power.is_negative and m.power <= -1 else None
    shrink = 1 - 2 * m.square * v
    at, spread = (mean + m.linear * v) / shrink, v / shrink
    if m.square == 0:
        front = exp(mean * m.linear + v * m.linear**2 / 2)
        return Closed(front * _normal_moment(k, at, spread))
    front = exp((m.square * mean**2 + mean * m.linear + v * m.linear**2 / 2) / shrink) / sp.sqrt(shrink)
    return Closed(front * _normal_moment(k, at, spread), shrink > 0)


def _logs(count: int, first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """E of a power of the logarithm, over the moment, from the derivatives of the logarithm of the moment."""
    if count == 0:
        return S.One
    if count == 1:
        return first()
    return first() ** 2 + second() if count == 2 else None


def _gamma(m: Monomial, shape: Any, rate: Any) -> Closed | None:
    if not _only(m, "power", "linear", "logs"):
        return None
    a, b = shape + m.power, rate - m.linear
    logs = _logs(m.logs, lambda: sp.polygamma(0, a) - log(b), lambda: sp.polygamma(1, a))
    if logs is None:
        return None
    order = _order(m.power)
    ratio = sp.rf(shape, order).expand(func=True) if order is not None else sp.gamma(a) / sp.gamma(shape)
    if m.power == -1:
        ratio = 1 / (shape - 1)
    elif m.power == -2:
        ratio = 1 / ((shape - 1) * (shape - 2))
    front = (rate / b) ** shape if m.linear != 0 else S.One
    return Closed(ratio * front * b ** (-m.power) * logs, sp.And(a > 0, b > 0))


def _inverse_gamma(m: Monomial, shape: Any, scale: Any) -> Closed | None:
    """1/x is Gamma(shape, rate = scale)."""
    if m.linear != 0:
        return Closed(S.NaN, sp.false) if m.linear.is_positive else None
    if not _only(m, "power", "inverse", "logs"):
        return None
    found = _gamma(Monomial(power=-m.power, linear=m.inverse, logs=m.logs), shape, scale)
    return None if found is None else Closed(found.value * (-1) ** m.logs, found.condition)


def _beta(m: Monomial, a: Any, b: Any) -> Closed | None:
    if not _only(m, "power", "rest", "logs", "rest_logs") or (m.logs and m.rest_logs):
        return None
    left, right = a + m.power, b + m.rest
    first, second = _order(m.power), _order(m.rest)
    if first is not None and second is not None:
        value = sp.rf(a, first).expand(func=True) * sp.rf(b, second).expand(func=True) / sp.rf(a + b, first + second).expand(func=True)
    else:
        value = sp.gamma(left) * sp.gamma(right) * sp.gamma(a + b) / (sp.gamma(a) * sp.gamma(b) * sp.gamma(left + right))
        value = sp.gammasimp(value)
    side = left if m.logs else right
    logs = _logs(
        m.logs or m.rest_logs,
        lambda: sp.polygamma(0, side) - sp.polygamma(0, left + right),
        lambda: sp.polygamma(1, side) - sp.polygamma(1, left + right),
    )
    return None if logs is None else Closed(value * logs, sp.And(left > 0, right > 0))


def _lognormal(m: Monomial, mean: Any, v: Any) -> Closed | None:
    """x = e^z with z Normal."""
    if m.linear != 0 and _only(m, "linear", "power"):
        return Closed(S.NaN, sp.false) if m.linear.is_positive else None
    if not _only(m, "power", "logs"):
        return None
    return _normal(Monomial(power=sp.Integer(m.logs), linear=m.power), mean, v)


def _pareto(m: Monomial, scale: Any, shape: Any) -> Closed | None:
    if m.linear != 0 and _only(m, "linear", "power"):
        return Closed(S.NaN, sp.false) if m.linear.is_positive else None
    if not _only(m, "power", "logs"):
        return None
    rate = shape - m.power  # log(x/scale) is Exponential(shape), tilted
    logs = _logs(m.logs, lambda: log(scale) + 1 / rate, lambda: 1 / rate**2)
    return None if logs is None else Closed(shape * scale**m.power / rate * logs, rate > 0)


def _powers(of: Callable[..., tuple[Any, Any, Any]]) -> Callable[..., Closed | None]:
    """A family of which E[x^p] = value(p), with the two derivatives of its logarithm, is all that is needed."""

    def formula(m: Monomial, *values: Any) -> Closed | None:
        if not _only(m, "power", "logs") or m.logs > 1:
            return None
        value, slope, lowest = of(m.power, *values)
        return Closed(value * (slope if m.logs else 1), m.power > lowest)

    return formula


def _weibull_power(p: Any, shape: Any, scale: Any) -> tuple[Any, Any, Any]:
    return scale**p * sp.gamma(1 + p / shape), log(scale) + sp.polygamma(0, 1 + p / shape) / shape, -shape


def _rayleigh_power(p: Any, sigma: Any) -> tuple[Any, Any, Any]:
    slope = log(sigma) + log(2) / 2 + sp.polygamma(0, 1 + p / 2) / 2
    return sigma**p * 2 ** (p / 2) * sp.gamma(1 + p / 2), slope, S(-2)


def _half_normal_power(p: Any, sigma: Any) -> tuple[Any, Any, Any]:
    slope = log(sigma) + log(2) / 2 + sp.polygamma(0, (p + 1) / 2) / 2
    return sigma**p * 2 ** (p / 2) * sp.gamma((p + 1) / 2) / sp.sqrt(sp.pi), slope, S(-1)


def _uniform(m: Monomial, a: Any, b: Any) -> Closed | None:
    if _only(m, "linear"):
        return Closed((exp(m.linear * b) - exp(m.linear * a)) / (m.linear * (b - a)), sp.Ne(m.linear, 0))
    if not _only(m, "power", "logs") or m.logs > 1:
        return None
    if m.power == -1 and not m.logs:
        if a.is_nonpositive and b.is_nonnegative:
            return Closed(S.NaN, sp.false)
        return Closed(log(b / a) / (b - a), a > 0) if not (a.is_negative and b.is_negative) else Closed(log(a / b) / (a - b) * -1)
    k = m.power + 1
    if m.power.is_Integer and m.power >= 0 and not m.logs:
        return Closed(sp.cancel((b**k - a**k) / (k * (b - a))))
    if not a.is_nonnegative:
        crossing = a.is_negative and b.is_positive and m.power <= -1
        return Closed(S.NaN, sp.false) if crossing else None
    if m.logs:
        value = sum(sign * (e**k * log(e) / k - e**k / k**2) for sign, e in ((1, b), (-1, a)) if e != 0)
        return Closed(value / (b - a), k > 0 if a == 0 else sp.true)
    low = S.Zero if a == 0 else a**k
    return Closed((b**k - low) / (k * (b - a)), k > 0 if a == 0 else sp.true)


# ── counts: tilting by base^x ────────────────────────────────────────────────────────────────────────────────────────


def _tilted_poisson(base: Any, rate: Any) -> tuple[Any, Any, tuple[Any, ...]]:
    return exp(rate * (base - 1)), sp.true, (rate * base,)


def _tilted_binomial(base: Any, n: Any, p: Any) -> tuple[Any, Any, tuple[Any, ...]]:
    whole = 1 - p + p * base
    return whole**n, sp.true, (n, p * base / whole)


def _tilted_geometric(base: Any, p: Any) -> tuple[Any, Any, tuple[Any, ...]]:
    rest = 1 - (1 - p) * base
    return p * base / rest, (1 - p) * sp.Abs(base) < 1, (rest,)


def _tilted_negative(base: Any, r: Any, p: Any) -> tuple[Any, Any, tuple[Any, ...]]:
    rest = 1 - (1 - p) * base
    return (p / rest) ** r, (1 - p) * sp.Abs(base) < 1, (r, rest)


_TILTS: dict[str, Callable[..., tuple[Any, Any, tuple[Any, ...]]]] = {
    "Poisson": _tilted_poisson, "Binomial": _tilted_binomial, "Geometric": _tilted_geometric, "NegativeBinomial": _tilted_negative,
}  # fmt: skip


def _counts(name: str) -> Callable[..., Closed | None]:
    """E[x^k base^x] is E[base^x] times the moment of the tilted law, a member of the same family."""

    def formula(m: Monomial, *values: Any) -> Closed | None:
        from derive.probability.catalogue import FAMILIES

        k = _order(m.power)
        moment = FAMILIES[name].moment
        if k is None or moment is None or not _only(m, "power", "linear", "sign"):
            return None
        if m.linear == 0 and not m.sign:
            return Closed(moment(k, *values))
        base = exp(m.linear) * (-1 if m.sign else 1)
        front, condition, tilted = _TILTS[name](base, *values)
        return Closed(front * (moment(k, *tilted) if k else 1), condition)

    return formula


_FORMULAS: dict[str, Callable[..., Closed | None]] = {
    "Normal": _normal,
    "Gamma": _gamma,
    "Exponential": lambda m, rate: _gamma(m, S.One, rate),
    "ChiSquared": lambda m, k: _gamma(m, k / 2, S.Half),
    "InverseGamma": _inverse_gamma,
    "Beta": _beta,
    "Lognormal": _lognormal,
    "Pareto": _pareto,
    "Weibull": _powers(_weibull_power),
    "Rayleigh": _powers(_rayleigh_power),
    "HalfNormal": _powers(_half_normal_power),
    "Uniform": _uniform,
    **{name: _counts(name) for name in _TILTS},
}
