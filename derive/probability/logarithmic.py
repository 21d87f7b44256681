"""Expectations of logarithms under the families: E[log X], E[log(1 − X)], where they have a closed form.

Source: N. L. Johnson, S. Kotz, N. Balakrishnan, Continuous Univariate Distributions, 2nd ed., for every family named here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from derive.probability.family import Distribution

__all__ = ["mean_logarithm", "mean_logarithm_of_complement"]

_LOG: Mapping[str, Callable[..., Any]] = {
    "Gamma": lambda shape, rate: sp.digamma(shape) - sp.log(rate),
    "Exponential": lambda rate: -sp.EulerGamma - sp.log(rate),
    "ChiSquared": lambda k: sp.digamma(k / 2) + sp.log(2),
    "InverseGamma": lambda shape, scale: sp.log(scale) - sp.digamma(shape),
    "Beta": lambda alpha, beta: sp.digamma(alpha) - sp.digamma(alpha + beta),
    "Lognormal": lambda mean, variance: mean,
    "Weibull": lambda shape, scale: sp.log(scale) - sp.EulerGamma / shape,
    "Rayleigh": lambda sigma: sp.log(sigma) + (sp.log(2) - sp.EulerGamma) / 2,
    "Pareto": lambda scale, shape: sp.log(scale) + 1 / shape,
}


def mean_logarithm(law: Distribution) -> Any | None:
    """E[log X], or None where no closed form is known or X may be negative."""
    if law.name == "Uniform":
        a, b = law.values
        if a == 0:
            return sp.log(b) - 1
        return None
    return _LOG[law.name](*law.values) if law.name in _LOG else None


def mean_logarithm_of_complement(law: Distribution) -> Any | None:
    """E[log(1 − X)] of a law on (0, 1), or None."""
    if law.name == "Beta":
        alpha, beta = law.values
        return sp.digamma(beta) - sp.digamma(alpha + beta)
    if law.name == "Uniform" and law.values == (0, 1):
        return sp.S.NegativeOne
    return None
