"""Families on a bounded interval."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import sympy as sp

from derive.expressions.distribution_functions import beta_cdf
from derive.expressions.elementary import exp, log
from derive.probability.families.orders import rising
from derive.probability.family import ExponentialForm, Family, Parameter, Support
from derive.probability.gauss import jacobi, legendre

__all__ = ["FAMILIES"]

# ── Uniform ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _uniform_moment(k: int, a: Any, b: Any) -> Any:
    if k == -1:
        return log(b / a) / (b - a)
    if k < -1:
        return (b ** (k + 1) - a ** (k + 1)) / ((k + 1) * (b - a))
    return sp.Add(*(a**i * b ** (k - i) for i in range(k + 1))) / (k + 1)


def _uniform_quadrature(values: tuple[float, float], count: int) -> tuple[list[float], list[float]]:
    a, b = values
    at, weights = legendre(count)
    return [a + (b - a) * u for u in at], list(weights)


UNIFORM = Family(
    name="Uniform",
    parameters=(Parameter("a", "real", ("lower", "low")), Parameter("b", "real", ("upper", "high"))),
    discrete=False,
    support=lambda a, b: Support("interval", a, b),
    log_density=lambda x, a, b: -log(b - a),
    density=lambda x, a, b: 1 / (b - a),
    says="Uniform(a, b) on [a, b]",
    source="Wasserman 2004, All of Statistics, section 2.4",
    mean=lambda a, b: (a + b) / 2,
    variance=lambda a, b: (b - a) ** 2 / 12,
    moment=_uniform_moment,
    moment_exists=lambda k, a, b: sp.true if k >= 0 else sp.Or(a > 0, b < 0),
    mgf=lambda t, a, b: (exp(t * b) - exp(t * a)) / (t * (b - a)),
    mgf_exists=lambda t, a, b: sp.true,
    cdf=lambda x, a, b: (x - a) / (b - a),
    entropy=lambda a, b: log(b - a),
    median=lambda a, b: (a + b) / 2,
    quadrature=_uniform_quadrature,
    draw=lambda values, random: random.uniform(*values),
    quantile=lambda u, a, b: a + (b - a) * u,
)

# ── Beta ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _beta_moment(k: int, a: Any, b: Any) -> Any:
    if k >= 0:
        return rising(a, k) / rising(a + b, k)
    return rising(a + b + k, -k) / rising(a + k, -k)


def _beta_entropy(a: Any, b: Any) -> Any:
    psi = sp.polygamma
    log_beta = sp.loggamma(a) + sp.loggamma(b) - sp.loggamma(a + b)
    return log_beta - (a - 1) * psi(0, a) - (b - 1) * psi(0, b) + (a + b - 2) * psi(0, a + b)


def _beta_quadrature(values: tuple[float, float], count: int) -> tuple[list[float], list[float]]:
    at, weights = jacobi(values[0], values[1], count)
    return list(at), list(weights)


def _beta_draw(values: tuple[float, float], random: Random) -> float:
    return min(max(random.betavariate(*values), 1e-300), math.nextafter(1.0, 0.0))


def _beta_cdf(x: Any, a: Any, b: Any) -> Any:
    """The regularized incomplete beta function; powers where a parameter is 1, as of a maximum and a minimum."""
    if b == 1:
        return x**a
    return 1 - (1 - x) ** b if a == 1 else beta_cdf(a, b, x)


BETA = Family(
    name="Beta",
    parameters=(Parameter("alpha", "positive", ("a",)), Parameter("beta", "positive", ("b",))),
    discrete=False,
    support=lambda a, b: Support("interval", sp.S.Zero, sp.S.One),
    log_density=lambda x, a, b: (a - 1) * log(x) + (b - 1) * log(1 - x) + sp.loggamma(a + b) - sp.loggamma(a) - sp.loggamma(b),
    density=lambda x, a, b: x ** (a - 1) * (1 - x) ** (b - 1) * sp.gamma(a + b) / (sp.gamma(a) * sp.gamma(b)),
    says="Beta(alpha, beta): the density is proportional to x^(alpha − 1) (1 − x)^(beta − 1)",
    source="Bishop 2006, (2.13)",
    mean=lambda a, b: a / (a + b),
    variance=lambda a, b: a * b / ((a + b) ** 2 * (a + b + 1)),
    moment=_beta_moment,
    moment_exists=lambda k, a, b: sp.true if k >= 0 else a > -k,
    mgf_exists=lambda t, a, b: sp.true,
    cdf=_beta_cdf,
    entropy=_beta_entropy,
    mode=lambda a, b: (a - 1) / (a + b - 2),
    mode_condition=lambda a, b: sp.And(a > 1, b > 1),
    exponential=ExponentialForm(
        lambda x: (log(x), log(1 - x)),
        lambda a, b: (a - 1, b - 1),
        lambda first, second: (first + 1, second + 1),
    ),
    quadrature=_beta_quadrature,
    draw=_beta_draw,
)

FAMILIES = {family.name: family for family in (UNIFORM, BETA)}
