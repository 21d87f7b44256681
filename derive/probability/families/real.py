"""Families on the whole real line."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import sympy as sp

from derive.expressions import nodes
from derive.expressions.distribution_functions import student_cdf
from derive.expressions.elementary import exp, log
from derive.probability.families.orders import about_centre, double_factorial
from derive.probability.family import ExponentialForm, Family, Parameter, Support
from derive.probability.gauss import hermite, laguerre, trapezoid

__all__ = ["FAMILIES"]

HALF = sp.Rational(1, 2)


def _line(*parameters: Any) -> Support:
    return Support("interval", -sp.oo, sp.oo)


def _whole_order(k: int, *parameters: Any) -> Any:
    """The density is positive at 0: moments of negative order do not exist."""
    return sp.true if k >= 0 else sp.false


def _first(location: Any, *rest: Any) -> Any:
    return location


# ── Normal ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _normal_quadrature(values: tuple[float, float], count: int) -> tuple[list[float], list[float]]:
    mean, deviation = values[0], math.sqrt(values[1])
    at, weights = hermite(count)
    return [mean + deviation * z for z in at], list(weights)


NORMAL = Family(
    name="Normal",
    parameters=(Parameter("mean", "real", ("mu", "loc")), Parameter("variance", "positive", ("var",))),
    discrete=False,
    support=_line,
    log_density=lambda x, m, v: -log(2 * sp.pi * v) / 2 - (x - m) ** 2 / (2 * v),
    density=lambda x, m, v: exp(-((x - m) ** 2) / (2 * v)) / sp.sqrt(2 * sp.pi * v),
    says="Normal(mean, variance): the second parameter is the variance",
    source="Bishop 2006, Pattern Recognition and Machine Learning, (1.46)",
    mean=_first,
    variance=lambda m, v: v,
    moment=lambda k, m, v: about_centre(k, m, lambda j: double_factorial(j - 1) * v ** (j // 2)),
    moment_exists=_whole_order,
    mgf=lambda t, m, v: exp(m * t + v * t**2 / 2),
    mgf_exists=lambda t, m, v: sp.true,
    cdf=lambda x, m, v: nodes.normal_cdf((x - m) / sp.sqrt(v)),
    entropy=lambda m, v: log(2 * sp.pi * sp.E * v) / 2,
    mode=_first,
    median=_first,
    exponential=ExponentialForm(
        lambda x: (x**2, x),
        lambda m, v: (-1 / (2 * v), m / v),
        lambda square, linear: (-linear / (2 * square), -1 / (2 * square)),
    ),
    quadrature=_normal_quadrature,
    draw=lambda values, random: random.gauss(values[0], math.sqrt(values[1])),
    quantile=lambda u, m, v: m + sp.sqrt(2 * v) * sp.erfinv(2 * u - 1),
)

# ── Laplace ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _laplace_quadrature(values: tuple[float, float], count: int) -> tuple[list[float], list[float]]:
    mean, scale = values
    at, weights = laguerre(1.0, max(2, count // 2))
    right = [mean + scale * x for x in at]
    left = [mean - scale * x for x in reversed(at)]
    halves = [w / 2 for w in weights]
    return left + right, halves[::-1] + halves


def _laplace_draw(values: tuple[float, float], random: Random) -> float:
    return values[0] + values[1] * random.expovariate(1.0) * random.choice((-1, 1))


LAPLACE = Family(
    name="Laplace",
    parameters=(Parameter("mean", "real", ("mu", "loc", "location")), Parameter("scale", "positive", ("b",))),
    discrete=False,
    support=_line,
    log_density=lambda x, m, b: -log(2 * b) - sp.Abs(x - m) / b,
    density=lambda x, m, b: exp(-sp.Abs(x - m) / b) / (2 * b),
    says="Laplace(mean, scale): the density is e^(−|x − mean|/scale)/(2 scale), the variance 2 scale²",
    source="Murphy 2022, Probabilistic Machine Learning, section 2.7.3",
    mean=_first,
    variance=lambda m, b: 2 * b**2,
    moment=lambda k, m, b: about_centre(k, m, lambda j: math.factorial(j) * b**j),
    moment_exists=_whole_order,
    mgf=lambda t, m, b: exp(m * t) / (1 - b**2 * t**2),
    mgf_exists=lambda t, m, b: sp.Abs(t) < 1 / b,
    cdf=lambda x, m, b: sp.Piecewise((exp((x - m) / b) / 2, x < m), (1 - exp(-(x - m) / b) / 2, True)),
    entropy=lambda m, b: 1 + log(2 * b),
    mode=_first,
    median=_first,
    quadrature=_laplace_quadrature,
    draw=_laplace_draw,
    quantile=lambda u, m, b: m - b * sp.sign(u - HALF) * log(1 - 2 * sp.Abs(u - HALF)),
)

# ── Logistic ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _logistic_central(j: int, s: Any) -> Any:
    """E[(X − mean)^j] = (2^j − 2) π^j |B_j| s^j for even j > 0."""
    return sp.Integer(1) if j == 0 else (2**j - 2) * sp.Abs(sp.bernoulli(j)) * sp.pi**j * s**j


def _logistic_quadrature(values: tuple[float, float], count: int) -> tuple[list[float], list[float]]:
    """The trapezoidal rule, whose error falls as e^(−2π²/step): the nearest poles of the density are at ±iπ."""
    mean, scale = values
    at, step = trapezoid(-40.0, 40.0, max(161, count))
    weights = [step / (2 * math.cosh(t / 2)) ** 2 for t in at]
    return [mean + scale * t for t in at], weights


def _logistic_draw(values: tuple[float, float], random: Random) -> float:
    u = random.uniform(1e-16, 1 - 1e-16)
    return values[0] + values[1] * math.log(u / (1 - u))


LOGISTIC = Family(
    name="Logistic",
    parameters=(Parameter("mean", "real", ("mu", "loc", "location")), Parameter("scale", "positive", ("s",))),
    discrete=False,
    support=_line,
    log_density=lambda x, m, s: -(x - m) / s - log(s) - 2 * log(1 + exp(-(x - m) / s)),
    density=lambda x, m, s: exp(-(x - m) / s) / (s * (1 + exp(-(x - m) / s)) ** 2),
    says="Logistic(mean, scale): the variance is π² scale²/3",
    source="Johnson, Kotz & Balakrishnan 1995, Continuous Univariate Distributions 2, chapter 23",
    mean=_first,
    variance=lambda m, s: sp.pi**2 * s**2 / 3,
    moment=lambda k, m, s: about_centre(k, m, lambda j: _logistic_central(j, s)),
    moment_exists=_whole_order,
    mgf=lambda t, m, s: exp(m * t) * sp.pi * s * t / sp.sin(sp.pi * s * t),
    mgf_exists=lambda t, m, s: sp.Abs(t) < 1 / s,
    cdf=lambda x, m, s: nodes.sigmoid((x - m) / s),
    entropy=lambda m, s: log(s) + 2,
    mode=_first,
    median=_first,
    quadrature=_logistic_quadrature,
    draw=_logistic_draw,
    quantile=lambda u, m, s: m + s * log(u / (1 - u)),
)

# ── Student's t ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _student_central(j: int, nu: Any, s: Any) -> Any:
    """E[(X − mean)^j] = (scale² ν)^(j/2) Π_{i=1}^{j/2} (2i − 1)/(ν − 2i) for even j < ν."""
    return s**j * nu ** (j // 2) * sp.Mul(*(sp.Integer(2 * i - 1) / (nu - 2 * i) for i in range(1, j // 2 + 1)))


def _student_log_density(x: Any, nu: Any, m: Any = sp.S.Zero, s: Any = sp.S.One) -> Any:
    constant = sp.loggamma((nu + 1) / 2) - sp.loggamma(nu / 2) - log(sp.pi * nu) / 2 - log(s)
    return constant - (nu + 1) / 2 * log(1 + (x - m) ** 2 / (nu * s**2))


def _student_density(x: Any, nu: Any, m: Any = sp.S.Zero, s: Any = sp.S.One) -> Any:
    constant = sp.gamma((nu + 1) / 2) / (sp.sqrt(sp.pi * nu) * sp.gamma(nu / 2) * s)
    return constant * (1 + (x - m) ** 2 / (nu * s**2)) ** (-(nu + 1) / 2)


def _student_quadrature(values: tuple[float, ...], count: int) -> tuple[list[float], list[float]]:
    """The trapezoidal rule after x = mean + scale sinh((π/2) sinh t)."""
    nu, mean, scale = (*values, *(0.0, 1.0)[len(values) - 1 :])
    constant = math.exp(math.lgamma((nu + 1) / 2) - math.lgamma(nu / 2)) / math.sqrt(math.pi * nu)
    at, step = trapezoid(-4.5, 4.5, max(145, count))
    places, weights = [], []
    for t in at:
        u = math.pi / 2 * math.sinh(t)
        x = math.sinh(u)
        slope = math.cosh(u) * math.pi / 2 * math.cosh(t) * step
        places.append(mean + scale * x)
        weights.append(slope * constant * math.exp(-(nu + 1) / 2 * math.log1p(x * x / nu)))
    return places, weights


def _student_draw(values: tuple[float, ...], random: Random) -> float:
    nu, mean, scale = (*values, *(0.0, 1.0)[len(values) - 1 :])
    return mean + scale * random.gauss(0, 1) / math.sqrt(random.gammavariate(nu / 2, 2) / nu)


STUDENT_T = Family(
    name="StudentT",
    parameters=(
        Parameter("nu", "positive", ("df",)),
        Parameter("mean", "real", ("mu", "loc", "location")),
        Parameter("scale", "positive", ("sigma",)),
    ),
    discrete=False,
    support=_line,
    log_density=_student_log_density,
    density=_student_density,
    says="StudentT(nu, mean, scale): the scale is not the standard deviation",
    source="Bishop 2006, (2.159); Gelman et al. 2013, Bayesian Data Analysis, appendix A",
    mean=lambda nu, m=sp.S.Zero, s=sp.S.One: m,
    variance=lambda nu, m=sp.S.Zero, s=sp.S.One: s**2 * nu / (nu - 2),
    moment=lambda k, nu, m=sp.S.Zero, s=sp.S.One: about_centre(k, m, lambda j: _student_central(j, nu, s)),
    moment_exists=lambda k, nu, m=sp.S.Zero, s=sp.S.One: sp.And(_whole_order(k), sp.true if k <= 0 else nu > k),
    mgf_exists=lambda t, nu, m=sp.S.Zero, s=sp.S.One: sp.Eq(t, 0),
    entropy=lambda nu, m=sp.S.Zero, s=sp.S.One: (
        (nu + 1) / 2 * (sp.polygamma(0, (nu + 1) / 2) - sp.polygamma(0, nu / 2))
        + log(sp.sqrt(nu) * sp.gamma(nu / 2) * sp.sqrt(sp.pi) / sp.gamma((nu + 1) / 2))
        + log(s)
    ),
    mode=lambda nu, m=sp.S.Zero, s=sp.S.One: m,
    median=lambda nu, m=sp.S.Zero, s=sp.S.One: m,
    cdf=lambda x, nu, m=sp.S.Zero, s=sp.S.One: student_cdf(nu, (x - m) / s),
    quadrature=_student_quadrature,
    draw=_student_draw,
)

# ── Cauchy ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _cauchy_quadrature(values: tuple[float, float], count: int) -> tuple[list[float], list[float]]:
    """The midpoint rule in the angle: x = location + scale tan θ."""
    location, scale = values
    count = 8 * max(count, 24)
    angles = [math.pi * ((k + 0.5) / count - 0.5) for k in range(count)]
    return [location + scale * math.tan(a) for a in angles], [1 / count] * count


CAUCHY = Family(
    name="Cauchy",
    parameters=(Parameter("location", "real", ("loc", "mean", "mu", "x_0")), Parameter("scale", "positive", ("gamma",))),
    discrete=False,
    support=_line,
    log_density=lambda x, m, s: -log(sp.pi * s) - log(1 + (x - m) ** 2 / s**2),
    density=lambda x, m, s: 1 / (sp.pi * s * (1 + (x - m) ** 2 / s**2)),
    says="Cauchy(location, scale): neither mean nor variance exist",
    source="Johnson, Kotz & Balakrishnan 1994, Continuous Univariate Distributions 1, chapter 16",
    moment_exists=lambda k, m, s: sp.true if k == 0 else sp.false,
    mgf_exists=lambda t, m, s: sp.Eq(t, 0),
    cdf=lambda x, m, s: sp.atan((x - m) / s) / sp.pi + HALF,
    entropy=lambda m, s: log(4 * sp.pi * s),
    mode=_first,
    median=_first,
    quadrature=_cauchy_quadrature,
    draw=lambda values, random: values[0] + values[1] * math.tan(math.pi * (random.random() - 0.5)),
    quantile=lambda u, m, s: m + s * sp.tan(sp.pi * (u - HALF)),
)

FAMILIES = {family.name: family for family in (NORMAL, LAPLACE, LOGISTIC, STUDENT_T, CAUCHY)}
