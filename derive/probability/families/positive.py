"""Families on a half-line."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp

from derive.expressions import nodes
from derive.expressions.elementary import exp, log
from derive.probability.families.orders import rising
from derive.probability.family import ExponentialForm, Family, Parameter, Support
from derive.probability.gauss import hermite, laguerre, trapezoid

__all__ = ["FAMILIES"]


def _positive(*parameters: Any) -> Support:
    return Support("interval", sp.S.Zero, sp.oo)


def _always(*arguments: Any) -> Any:
    return sp.true


def _left_of_zero(t: Any, *parameters: Any) -> Any:
    """The tail is heavier than every exponential."""
    return t <= 0


def gamma_moment(k: int, shape: Any, rate: Any) -> Any:
    """E[X^k] = shape (shape + 1) ⋯ (shape + k − 1)/rate^k; for k < 0, rate^(−k)/((shape − 1) ⋯ (shape + k))."""
    return rising(shape, k) / rate**k if k >= 0 else rate ** (-k) / rising(shape + k, -k)


def on_logarithms(log_mass: Callable[[float], float], low: float, high: float, count: int) -> tuple[list[float], list[float]]:
    """The trapezoidal rule in t = log x, where `log_mass(t)` is the log-density plus t: exponentially accurate for analytic densities."""
    at, step = trapezoid(low, high, count)
    return [math.exp(t) for t in at], [step * math.exp(max(log_mass(t), -745.0)) for t in at]


# ── Exponential, Gamma, ChiSquared ───────────────────────────────────────────────────────────────────────────────────


def _gamma_quadrature(values: Sequence[float], count: int) -> tuple[list[float], list[float]]:
    shape, rate = values
    at, weights = laguerre(shape, count)
    return [x / rate for x in at], list(weights)


EXPONENTIAL = Family(
    name="Exponential",
    parameters=(Parameter("rate", "positive", ("lambda", "lam")),),
    discrete=False,
    support=_positive,
    log_density=lambda x, rate: log(rate) - rate * x,
    density=lambda x, rate: rate * exp(-rate * x),
    says="Exponential(rate): the mean is 1/rate",
    source="Wasserman 2004, section 2.4, with β = 1/rate",
    mean=lambda rate: 1 / rate,
    variance=lambda rate: 1 / rate**2,
    moment=lambda k, rate: gamma_moment(k, sp.S.One, rate),
    moment_exists=lambda k, rate: sp.true if k >= 0 else sp.false,
    mgf=lambda t, rate: rate / (rate - t),
    mgf_exists=lambda t, rate: t < rate,
    cdf=lambda x, rate: 1 - exp(-rate * x),
    entropy=lambda rate: 1 - log(rate),
    mode=lambda rate: sp.S.Zero,
    median=lambda rate: log(2) / rate,
    exponential=ExponentialForm(lambda x: (x,), lambda rate: (-rate,), lambda c: (-c,)),
    quadrature=lambda values, count: _gamma_quadrature((1.0, values[0]), count),
    draw=lambda values, random: random.expovariate(values[0]),
    quantile=lambda u, rate: -log(1 - u) / rate,
)

GAMMA = Family(
    name="Gamma",
    parameters=(Parameter("shape", "positive", ("alpha", "a", "k")), Parameter("rate", "positive", ("beta", "b"))),
    discrete=False,
    support=_positive,
    log_density=lambda x, a, b: a * log(b) - sp.loggamma(a) + (a - 1) * log(x) - b * x,
    density=lambda x, a, b: b**a * x ** (a - 1) * exp(-b * x) / sp.gamma(a),
    says="Gamma(shape, rate): the mean is shape/rate",
    source="Bishop 2006, (2.146)",
    mean=lambda a, b: a / b,
    variance=lambda a, b: a / b**2,
    moment=gamma_moment,
    moment_exists=lambda k, a, b: sp.true if k >= 0 else a > -k,
    mgf=lambda t, a, b: (1 - t / b) ** (-a),
    mgf_exists=lambda t, a, b: t < b,
    cdf=lambda x, a, b: sp.lowergamma(a, b * x) / sp.gamma(a),
    entropy=lambda a, b: a - log(b) + sp.loggamma(a) + (1 - a) * sp.polygamma(0, a),
    mode=lambda a, b: (a - 1) / b,
    mode_condition=lambda a, b: a >= 1,
    exponential=ExponentialForm(lambda x: (log(x), x), lambda a, b: (a - 1, -b), lambda logarithmic, linear: (logarithmic + 1, -linear)),
    quadrature=_gamma_quadrature,
    draw=lambda values, random: random.gammavariate(values[0], 1 / values[1]),
)

CHI_SQUARED = Family(
    name="ChiSquared",
    parameters=(Parameter("k", "positive", ("df", "nu")),),
    discrete=False,
    support=_positive,
    log_density=lambda x, k: (k / 2 - 1) * log(x) - x / 2 - k * log(2) / 2 - sp.loggamma(k / 2),
    density=lambda x, k: x ** (k / 2 - 1) * exp(-x / 2) / (2 ** (k / 2) * sp.gamma(k / 2)),
    says="ChiSquared(k): the sum of k squared standard normal variables",
    source="Wasserman 2004, section 2.4",
    mean=lambda k: k,
    variance=lambda k: 2 * k,
    moment=lambda order, k: gamma_moment(order, k / 2, sp.Rational(1, 2)),
    moment_exists=lambda order, k: sp.true if order >= 0 else k > -2 * order,
    mgf=lambda t, k: (1 - 2 * t) ** (-k / 2),
    mgf_exists=lambda t, k: t < sp.Rational(1, 2),
    cdf=lambda x, k: sp.lowergamma(k / 2, x / 2) / sp.gamma(k / 2),
    entropy=lambda k: k / 2 + log(2) + sp.loggamma(k / 2) + (1 - k / 2) * sp.polygamma(0, k / 2),
    mode=lambda k: k - 2,
    mode_condition=lambda k: k >= 2,
    exponential=ExponentialForm(lambda x: (log(x),), lambda k: (k / 2 - 1,), lambda c: (2 * (c + 1),)),
    quadrature=lambda values, count: _gamma_quadrature((values[0] / 2, 0.5), count),
    draw=lambda values, random: random.gammavariate(values[0] / 2, 2),
)

# ── InverseGamma ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _inverse_gamma_quadrature(values: Sequence[float], count: int) -> tuple[list[float], list[float]]:
    shape, scale = values
    constant, middle = -math.lgamma(shape), math.log(scale)
    low, high = middle - 4.2, middle + min(600.0, 80 / shape)
    nodes_needed = max(count, min(600, int((high - low) / 0.15)))
    return on_logarithms(lambda t: constant - shape * (t - middle) - math.exp(middle - t), low, high, nodes_needed)


INVERSE_GAMMA = Family(
    name="InverseGamma",
    parameters=(Parameter("shape", "positive", ("alpha", "a")), Parameter("scale", "positive", ("beta", "b"))),
    discrete=False,
    support=_positive,
    log_density=lambda x, a, b: a * log(b) - sp.loggamma(a) - (a + 1) * log(x) - b / x,
    density=lambda x, a, b: b**a * x ** (-a - 1) * exp(-b / x) / sp.gamma(a),
    says="InverseGamma(shape, scale): 1/X is Gamma(shape, rate = scale)",
    source="Gelman et al. 2013, appendix A",
    mean=lambda a, b: b / (a - 1),
    variance=lambda a, b: b**2 / ((a - 1) ** 2 * (a - 2)),
    moment=lambda k, a, b: gamma_moment(-k, a, b),
    moment_exists=lambda k, a, b: sp.true if k <= 0 else a > k,
    mgf_exists=_left_of_zero,
    cdf=lambda x, a, b: sp.uppergamma(a, b / x) / sp.gamma(a),
    entropy=lambda a, b: a + log(b) + sp.loggamma(a) - (1 + a) * sp.polygamma(0, a),
    mode=lambda a, b: b / (a + 1),
    exponential=ExponentialForm(
        lambda x: (log(x), 1 / x), lambda a, b: (-a - 1, -b), lambda logarithmic, inverse: (-logarithmic - 1, -inverse)
    ),
    quadrature=_inverse_gamma_quadrature,
    draw=lambda values, random: 1 / max(random.gammavariate(values[0], 1 / values[1]), 1e-300),
)

# ── Weibull, Rayleigh, HalfNormal ────────────────────────────────────────────────────────────────────────────────────


def _weibull_quadrature(values: Sequence[float], count: int) -> tuple[list[float], list[float]]:
    """In t = log(x/scale): the mass is shape e^(shape t − e^(shape t)) dt."""
    shape, scale = values
    middle = math.log(scale)
    low, high = -45.0, 4.2
    nodes_needed = max(count, 330)
    at, step = trapezoid(low, high, nodes_needed)
    return [math.exp(middle + s / shape) for s in at], [step * math.exp(s - math.exp(s)) for s in at]


WEIBULL = Family(
    name="Weibull",
    parameters=(Parameter("shape", "positive", ("k",)), Parameter("scale", "positive", ("lambda", "lam"))),
    discrete=False,
    support=_positive,
    log_density=lambda x, k, s: log(k) - k * log(s) + (k - 1) * log(x) - (x / s) ** k,
    density=lambda x, k, s: k / s * (x / s) ** (k - 1) * exp(-((x / s) ** k)),
    says="Weibull(shape, scale): P(X > x) = e^(−(x/scale)^shape)",
    source="Johnson, Kotz & Balakrishnan 1994, chapter 21",
    mean=lambda k, s: s * sp.gamma(1 + 1 / k),
    variance=lambda k, s: s**2 * (sp.gamma(1 + 2 / k) - sp.gamma(1 + 1 / k) ** 2),
    moment=lambda order, k, s: s**order * sp.gamma(1 + order / k),
    moment_exists=lambda order, k, s: sp.true if order >= 0 else k > -order,
    mgf_exists=lambda t, k, s: sp.Or(t <= 0, k > 1, sp.And(sp.Eq(k, 1), t < 1 / s)),
    cdf=lambda x, k, s: 1 - exp(-((x / s) ** k)),
    entropy=lambda k, s: sp.EulerGamma * (1 - 1 / k) + log(s / k) + 1,
    mode=lambda k, s: s * ((k - 1) / k) ** (1 / k),
    mode_condition=lambda k, s: k > 1,
    median=lambda k, s: s * log(2) ** (1 / k),
    quadrature=_weibull_quadrature,
    draw=lambda values, random: random.weibullvariate(values[1], values[0]),
    quantile=lambda u, k, s: s * (-log(1 - u)) ** (1 / k),
)

RAYLEIGH = Family(
    name="Rayleigh",
    parameters=(Parameter("sigma", "positive", ("scale",)),),
    discrete=False,
    support=_positive,
    log_density=lambda x, s: log(x) - 2 * log(s) - x**2 / (2 * s**2),
    density=lambda x, s: x / s**2 * exp(-(x**2) / (2 * s**2)),
    says="Rayleigh(sigma): the length of a vector of two independent Normal(0, sigma²)",
    source="Johnson, Kotz & Balakrishnan 1994, chapter 18",
    mean=lambda s: s * sp.sqrt(sp.pi / 2),
    variance=lambda s: (4 - sp.pi) / 2 * s**2,
    moment=lambda k, s: s**k * 2 ** sp.Rational(k, 2) * sp.gamma(1 + sp.Rational(k, 2)),
    moment_exists=lambda k, s: sp.true if k > -2 else sp.false,
    mgf=lambda t, s: 1 + s * t * exp(s**2 * t**2 / 2) * sp.sqrt(sp.pi / 2) * (1 + sp.erf(s * t / sp.sqrt(2))),
    mgf_exists=_always,
    cdf=lambda x, s: 1 - exp(-(x**2) / (2 * s**2)),
    entropy=lambda s: 1 + log(s / sp.sqrt(2)) + sp.EulerGamma / 2,
    mode=lambda s: s,
    median=lambda s: s * sp.sqrt(2 * log(2)),
    exponential=ExponentialForm(lambda x: (x**2,), lambda s: (-1 / (2 * s**2),), lambda c: (1 / sp.sqrt(-2 * c),)),
    quadrature=lambda values, count: _weibull_quadrature((2.0, values[0] * math.sqrt(2)), count),
    draw=lambda values, random: random.weibullvariate(values[0] * math.sqrt(2), 2),
    quantile=lambda u, s: s * sp.sqrt(-2 * log(1 - u)),
)


def _half_normal_quadrature(values: Sequence[float], count: int) -> tuple[list[float], list[float]]:
    (sigma,) = values
    constant, middle = 0.5 * math.log(2 / math.pi), math.log(sigma)
    return on_logarithms(lambda t: constant + (t - middle) - math.exp(2 * (t - middle)) / 2, middle - 42, middle + 2.3, max(count, 350))


HALF_NORMAL = Family(
    name="HalfNormal",
    parameters=(Parameter("sigma", "positive", ("scale",)),),
    discrete=False,
    support=_positive,
    log_density=lambda x, s: log(2) / 2 - log(sp.pi) / 2 - log(s) - x**2 / (2 * s**2),
    density=lambda x, s: sp.sqrt(2 / sp.pi) / s * exp(-(x**2) / (2 * s**2)),
    says="HalfNormal(sigma): the absolute value of Normal(0, sigma²)",
    source="Johnson, Kotz & Balakrishnan 1994, section 13.10",
    mean=lambda s: s * sp.sqrt(2 / sp.pi),
    variance=lambda s: s**2 * (1 - 2 / sp.pi),
    moment=lambda k, s: s**k * 2 ** sp.Rational(k, 2) * sp.gamma(sp.Rational(k + 1, 2)) / sp.sqrt(sp.pi),
    moment_exists=lambda k, s: sp.true if k >= 0 else sp.false,
    mgf=lambda t, s: exp(s**2 * t**2 / 2) * (1 + sp.erf(s * t / sp.sqrt(2))),
    mgf_exists=_always,
    cdf=lambda x, s: sp.erf(x / (s * sp.sqrt(2))),
    entropy=lambda s: log(sp.pi * s**2 / 2) / 2 + sp.Rational(1, 2),
    mode=lambda s: sp.S.Zero,
    exponential=ExponentialForm(lambda x: (x**2,), lambda s: (-1 / (2 * s**2),), lambda c: (1 / sp.sqrt(-2 * c),)),
    quadrature=_half_normal_quadrature,
    draw=lambda values, random: abs(random.gauss(0, values[0])),
)

# ── Lognormal ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _lognormal_quadrature(values: Sequence[float], count: int) -> tuple[list[float], list[float]]:
    mean, deviation = values[0], math.sqrt(values[1])
    at, weights = hermite(count)
    return [math.exp(mean + deviation * z) for z in at], list(weights)


LOGNORMAL = Family(
    name="Lognormal",
    parameters=(Parameter("mean", "real", ("mu",)), Parameter("variance", "positive", ("var",))),
    discrete=False,
    support=_positive,
    log_density=lambda x, m, v: -log(x) - log(2 * sp.pi * v) / 2 - (log(x) - m) ** 2 / (2 * v),
    density=lambda x, m, v: exp(-((log(x) - m) ** 2) / (2 * v)) / (x * sp.sqrt(2 * sp.pi * v)),
    says="Lognormal(mean, variance): mean and variance of log X",
    source="Johnson, Kotz & Balakrishnan 1994, chapter 14",
    mean=lambda m, v: exp(m + v / 2),
    variance=lambda m, v: (exp(v) - 1) * exp(2 * m + v),
    moment=lambda k, m, v: exp(k * m + sp.Integer(k) ** 2 * v / 2),
    moment_exists=_always,
    mgf_exists=_left_of_zero,
    cdf=lambda x, m, v: nodes.normal_cdf((log(x) - m) / sp.sqrt(v)),
    entropy=lambda m, v: m + log(2 * sp.pi * sp.E * v) / 2,
    mode=lambda m, v: exp(m - v),
    median=lambda m, v: exp(m),
    exponential=ExponentialForm(
        lambda x: (log(x) ** 2, log(x)),
        lambda m, v: (-1 / (2 * v), m / v),
        lambda square, linear: (-linear / (2 * square), -1 / (2 * square)),
    ),
    quadrature=_lognormal_quadrature,
    draw=lambda values, random: math.exp(random.gauss(values[0], math.sqrt(values[1]))),
    quantile=lambda u, m, v: exp(m + sp.sqrt(2 * v) * sp.erfinv(2 * u - 1)),
)

# ── Pareto ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _pareto_quadrature(values: Sequence[float], count: int) -> tuple[list[float], list[float]]:
    """x = scale e^y with y exponential of the shape as its rate, then y = e^(t − e^(−t)), a double exponential rule on the half-line."""
    scale, shape = values
    at, step = trapezoid(-4.2, 6.6, max(count, 220))
    places, weights = [], []
    for t in at:
        y = math.exp(t - math.exp(-t)) / shape
        if y > 600:
            break
        places.append(scale * math.exp(y))
        weights.append(step * shape * y * (1 + math.exp(-t)) * math.exp(-shape * y))
    return places, weights


PARETO = Family(
    name="Pareto",
    parameters=(Parameter("scale", "positive", ("x_m", "minimum")), Parameter("shape", "positive", ("alpha", "a"))),
    discrete=False,
    support=lambda scale, shape: Support("interval", scale, sp.oo),
    log_density=lambda x, s, a: log(a) + a * log(s) - (a + 1) * log(x),
    density=lambda x, s, a: a * s**a / x ** (a + 1),
    says="Pareto(scale, shape) on [scale, ∞): P(X > x) = (scale/x)^shape",
    source="Johnson, Kotz & Balakrishnan 1994, chapter 20",
    mean=lambda s, a: a * s / (a - 1),
    variance=lambda s, a: a * s**2 / ((a - 1) ** 2 * (a - 2)),
    moment=lambda k, s, a: a * s**k / (a - k),
    moment_exists=lambda k, s, a: sp.true if k <= 0 else a > k,
    mgf_exists=_left_of_zero,
    cdf=lambda x, s, a: 1 - (s / x) ** a,
    entropy=lambda s, a: log(s / a) + 1 / a + 1,
    mode=lambda s, a: s,
    median=lambda s, a: s * 2 ** (1 / a),
    quadrature=_pareto_quadrature,
    draw=lambda values, random: values[0] * random.paretovariate(values[1]),
    quantile=lambda u, s, a: s * (1 - u) ** (-1 / a),
)

FAMILIES = {
    family.name: family for family in (EXPONENTIAL, GAMMA, CHI_SQUARED, INVERSE_GAMMA, WEIBULL, RAYLEIGH, HALF_NORMAL, LOGNORMAL, PARETO)
}
