"""Families of largest values."""

from __future__ import annotations

import math
from typing import Any

import sympy as sp

from derive.expressions.elementary import exp, log
from derive.probability.family import Family, Parameter, Support
from derive.probability.gauss import trapezoid

__all__ = ["FAMILIES"]


def _cumulant(order: int, m: Any, b: Any) -> Any:
    """The coefficients of log Γ(1 − b t) + m t, times the factorial of the order."""
    return m + sp.EulerGamma * b if order == 1 else math.factorial(order - 1) * sp.zeta(order) * b**order


def _gumbel_moment(k: int, m: Any, b: Any) -> Any:
    """E[X^k] = Σ_j C(k − 1, j − 1) κ_j E[X^(k − j)]."""
    raw: list[Any] = [sp.S.One]
    for order in range(1, k + 1):
        raw.append(sp.Add(*(math.comb(order - 1, j - 1) * _cumulant(j, m, b) * raw[order - j] for j in range(1, order + 1))))
    return raw[k]


def _gumbel_quadrature(values: tuple[float, float], count: int) -> tuple[list[float], list[float]]:
    """The trapezoidal rule in s, x = location + scale sinh s."""
    location, scale = values
    at, step = trapezoid(-2.3, 4.4, 5 * max(count, 16))
    places = [math.sinh(s) for s in at]
    weights = [step * math.cosh(s) * math.exp(-x - math.exp(-x)) for s, x in zip(at, places, strict=True)]
    return [location + scale * x for x in places], weights


GUMBEL = Family(
    name="Gumbel",
    parameters=(Parameter("location", "real", ("loc", "mu")), Parameter("scale", "positive", ("beta",))),
    discrete=False,
    support=lambda m, b: Support("interval", -sp.oo, sp.oo),
    log_density=lambda x, m, b: -(x - m) / b - exp(-(x - m) / b) - log(b),
    density=lambda x, m, b: exp(-(x - m) / b - exp(-(x - m) / b)) / b,
    says="Gumbel(location, scale): P(X ≤ x) = e^(−e^(−(x − location)/scale)), of largest values",
    source="Johnson, Kotz & Balakrishnan 1995, Continuous Univariate Distributions 2, chapter 22",
    mean=lambda m, b: m + sp.EulerGamma * b,
    variance=lambda m, b: sp.pi**2 * b**2 / 6,
    moment=_gumbel_moment,
    moment_exists=lambda k, m, b: sp.true if k >= 0 else sp.false,
    mgf=lambda t, m, b: exp(m * t) * sp.gamma(1 - b * t),
    mgf_exists=lambda t, m, b: t < 1 / b,
    cdf=lambda x, m, b: exp(-exp(-(x - m) / b)),
    entropy=lambda m, b: log(b) + sp.EulerGamma + 1,
    mode=lambda m, b: m,
    median=lambda m, b: m - b * log(log(2)),
    quadrature=_gumbel_quadrature,
    draw=lambda values, random: values[0] - values[1] * math.log(random.expovariate(1.0)),
    quantile=lambda u, m, b: m - b * log(-log(u)),
)

FAMILIES = {family.name: family for family in (GUMBEL,)}
