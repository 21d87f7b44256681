"""Families on the integers."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Any

import sympy as sp

from derive.expressions import nodes
from derive.expressions.elementary import exp, log
from derive.probability.families.orders import falling_sum, rising
from derive.probability.family import ExponentialForm, Family, Parameter, Support

__all__ = ["FAMILIES"]

TAIL = 1e-18
MOST_POINTS = 4000

_PROBABILITY = Parameter("p", "probability", ("prob",))


def _from_zero(k: int, *parameters: Any) -> Any:
    """There is mass at 0: moments of negative order do not exist."""
    return sp.true if k >= 0 else sp.false


def _summed(density: Callable[..., Any], first: int) -> Callable[..., Any]:
    """The distribution function as a sum of masses."""

    def cdf(x: Any, *parameters: Any) -> Any:
        j = sp.Symbol("j", integer=True)
        taken = {s.name for p in (x, *parameters) for s in p.free_symbols}
        while j.name in taken:
            j = sp.Symbol(j.name + "'", integer=True)
        return sp.Sum(density(j, *parameters), (j, first, x))

    return cdf


def enumerate_tail(first: int, log_mass: Callable[[int], float], mode: float) -> tuple[list[int], list[float]]:
    """All integers from `first` on until the mass beyond the mode is negligible."""
    places, weights = [], []
    for x in range(first, first + MOST_POINTS):
        logarithm = log_mass(x)
        if x > mode + 1 and logarithm < math.log(TAIL) - 2 * math.log(2 + x):
            break
        places.append(x)
        weights.append(math.exp(logarithm))
    return places, weights


# ── Bernoulli ────────────────────────────────────────────────────────────────────────────────────────────────────────

BERNOULLI = Family(
    name="Bernoulli",
    parameters=(_PROBABILITY,),
    discrete=True,
    support=lambda p: Support("integers", sp.S.Zero, sp.S.One),
    log_density=lambda x, p: x * log(p) + (1 - x) * log(1 - p),
    density=lambda x, p: p**x * (1 - p) ** (1 - x),
    says="Bernoulli(p) on {0, 1}, p is the probability of 1",
    source="Bishop 2006, (2.2)",
    mean=lambda p: p,
    variance=lambda p: p * (1 - p),
    moment=lambda k, p: sp.S.One if k == 0 else p,
    moment_exists=_from_zero,
    mgf=lambda t, p: 1 - p + p * exp(t),
    mgf_exists=lambda t, p: sp.true,
    cdf=lambda x, p: sp.Piecewise((0, x < 0), (1 - p, x < 1), (1, True)),
    entropy=lambda p: -p * log(p) - (1 - p) * log(1 - p),
    mode=lambda p: sp.Piecewise((1, p > sp.Rational(1, 2)), (0, True)),
    exponential=ExponentialForm(lambda x: (x,), lambda p: (log(p / (1 - p)),), lambda c: (nodes.sigmoid(c),)),
    quadrature=lambda values, count: ([0, 1], [1 - values[0], values[0]]),
    draw=lambda values, random: int(random.random() < values[0]),
)

# ── Binomial ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _binomial_density(x: Any, n: Any, p: Any) -> Any:
    return sp.binomial(n, x) * p**x * (1 - p) ** (n - x)


def _binomial_moment(k: int, n: Any, p: Any) -> Any:
    return falling_sum(k, lambda j: sp.Mul(*(n - i for i in range(j))) * p**j)


def _binomial_quadrature(values: tuple[float, float], count: int) -> tuple[list[int], list[float]]:
    n, p = round(values[0]), values[1]
    return list(range(n + 1)), [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]


BINOMIAL = Family(
    name="Binomial",
    parameters=(Parameter("n", "natural", ("trials",)), _PROBABILITY),
    discrete=True,
    support=lambda n, p: Support("integers", sp.S.Zero, n),
    log_density=lambda x, n, p: log(sp.binomial(n, x)) + x * log(p) + (n - x) * log(1 - p),
    density=_binomial_density,
    says="Binomial(n, p): successes in n trials",
    source="Bishop 2006, (2.9)",
    mean=lambda n, p: n * p,
    variance=lambda n, p: n * p * (1 - p),
    moment=_binomial_moment,
    moment_exists=_from_zero,
    mgf=lambda t, n, p: (1 - p + p * exp(t)) ** n,
    mgf_exists=lambda t, n, p: sp.true,
    cdf=_summed(_binomial_density, 0),
    mode=lambda n, p: sp.floor((n + 1) * p),
    quadrature=_binomial_quadrature,
    draw=lambda values, random: sum(random.random() < values[1] for _ in range(round(values[0]))),
)

# ── Geometric ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _geometric_moment(k: int, p: Any) -> Any:
    if k == -1:
        return -p * log(p) / (1 - p)
    if k < 0:
        return None
    return falling_sum(k, lambda j: math.factorial(j) * (1 - p) ** (j - 1) / p**j if j else sp.S.One)


def _geometric_quadrature(values: tuple[float], count: int) -> tuple[list[int], list[float]]:
    (p,) = values
    if p >= 1:
        return [1], [1.0]
    return enumerate_tail(1, lambda x: math.log(p) + (x - 1) * math.log1p(-p), 1)


def _geometric_draw(values: tuple[float], random: Random) -> int:
    if values[0] >= 1:
        return 1
    return 1 + int(math.log(1 - random.random()) / math.log1p(-values[0]))


GEOMETRIC = Family(
    name="Geometric",
    parameters=(_PROBABILITY,),
    discrete=True,
    support=lambda p: Support("integers", sp.S.One, sp.oo),
    log_density=lambda x, p: log(p) + (x - 1) * log(1 - p),
    density=lambda x, p: p * (1 - p) ** (x - 1),
    says="Geometric(p) counts trials up to the first success, on {1, 2, …}",
    source="Wasserman 2004, section 2.3",
    mean=lambda p: 1 / p,
    variance=lambda p: (1 - p) / p**2,
    moment=_geometric_moment,
    moment_exists=lambda k, p: sp.true,
    mgf=lambda t, p: p * exp(t) / (1 - (1 - p) * exp(t)),
    mgf_exists=lambda t, p: t < -log(1 - p),
    cdf=lambda x, p: 1 - (1 - p) ** x,
    entropy=lambda p: -((1 - p) * log(1 - p) + p * log(p)) / p,
    mode=lambda p: sp.S.One,
    exponential=ExponentialForm(lambda x: (x,), lambda p: (log(1 - p),), lambda c: (1 - exp(c),)),
    quadrature=_geometric_quadrature,
    draw=_geometric_draw,
)

# ── Negative binomial ────────────────────────────────────────────────────────────────────────────────────────────────


def _negative_binomial_density(x: Any, r: Any, p: Any) -> Any:
    return sp.binomial(x + r - 1, x) * p**r * (1 - p) ** x


def _negative_binomial_quadrature(values: tuple[float, float], count: int) -> tuple[list[int], list[float]]:
    r, p = values
    if p >= 1:
        return [0], [1.0]
    start = r * math.log(p) - math.lgamma(r)
    slope = math.log1p(-p)
    return enumerate_tail(0, lambda x: start + math.lgamma(x + r) - math.lgamma(x + 1) + x * slope, (r + 1) * (1 - p) / p)


def _poisson_draw(rate: float, random: Random) -> int:
    limit, product, count = math.exp(-rate), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count


NEGATIVE_BINOMIAL = Family(
    name="NegativeBinomial",
    parameters=(Parameter("r", "positive", ("size",)), _PROBABILITY),
    discrete=True,
    support=lambda r, p: Support("integers", sp.S.Zero, sp.oo),
    log_density=lambda x, r, p: log(sp.binomial(x + r - 1, x)) + r * log(p) + x * log(1 - p),
    density=_negative_binomial_density,
    says="NegativeBinomial(r, p) counts the failures before the r-th success, on {0, 1, …}",
    source="Gelman et al. 2013, appendix A, with p = β/(β + 1)",
    mean=lambda r, p: r * (1 - p) / p,
    variance=lambda r, p: r * (1 - p) / p**2,
    moment=lambda k, r, p: falling_sum(k, lambda j: rising(r, j) * ((1 - p) / p) ** j),
    moment_exists=_from_zero,
    mgf=lambda t, r, p: (p / (1 - (1 - p) * exp(t))) ** r,
    mgf_exists=lambda t, r, p: t < -log(1 - p),
    cdf=_summed(_negative_binomial_density, 0),
    mode=lambda r, p: sp.floor((r - 1) * (1 - p) / p),
    mode_condition=lambda r, p: r > 1,
    quadrature=_negative_binomial_quadrature,
    draw=lambda values, random: _poisson_draw(random.gammavariate(values[0], (1 - values[1]) / values[1]), random),
)

# ── Poisson ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _poisson_density(x: Any, rate: Any) -> Any:
    return rate**x * exp(-rate) / sp.factorial(x)


def _poisson_quadrature(values: tuple[float], count: int) -> tuple[list[int], list[float]]:
    (rate,) = values
    return enumerate_tail(0, lambda x: x * math.log(rate) - rate - math.lgamma(x + 1), rate)


POISSON = Family(
    name="Poisson",
    parameters=(Parameter("rate", "positive", ("lambda", "lam", "mu", "mean")),),
    discrete=True,
    support=lambda rate: Support("integers", sp.S.Zero, sp.oo),
    log_density=lambda x, rate: x * log(rate) - rate - log(sp.factorial(x)),
    density=_poisson_density,
    says="Poisson(rate): the mean is the rate",
    source="Wasserman 2004, section 2.3",
    mean=lambda rate: rate,
    variance=lambda rate: rate,
    moment=lambda k, rate: falling_sum(k, lambda j: rate**j),
    moment_exists=_from_zero,
    mgf=lambda t, rate: exp(rate * (exp(t) - 1)),
    mgf_exists=lambda t, rate: sp.true,
    cdf=_summed(_poisson_density, 0),
    mode=sp.floor,
    exponential=ExponentialForm(lambda x: (x,), lambda rate: (log(rate),), lambda c: (exp(c),)),
    quadrature=_poisson_quadrature,
    draw=lambda values, random: _poisson_draw(values[0], random),
)

# ── Discrete uniform ─────────────────────────────────────────────────────────────────────────────────────────────────


def _even_moment(k: int, a: Any, b: Any) -> Any:
    """Σ_{x=a}^{b} x^k/(b − a + 1), by Bernoulli polynomials (Faulhaber)."""
    x = sp.Dummy("x")
    polynomial = sp.bernoulli(k + 1, x)
    return sp.factor((polynomial.subs(x, b + 1) - polynomial.subs(x, a)) / (k + 1)) / (b - a + 1)


def _even_quadrature(values: tuple[float, float], count: int) -> tuple[list[int], list[float]]:
    a, b = round(values[0]), round(values[1])
    return list(range(a, b + 1)), [1 / (b - a + 1)] * (b - a + 1)


DISCRETE_UNIFORM = Family(
    name="DiscreteUniform",
    parameters=(Parameter("a", "integer", ("lower", "low")), Parameter("b", "integer", ("upper", "high"))),
    discrete=True,
    support=lambda a, b: Support("integers", a, b),
    log_density=lambda x, a, b: -log(b - a + 1),
    density=lambda x, a, b: 1 / (b - a + 1),
    says="DiscreteUniform(a, b) on {a, …, b}, both ends included",
    source="Wasserman 2004, section 2.3",
    mean=lambda a, b: (a + b) / 2,
    variance=lambda a, b: ((b - a + 1) ** 2 - 1) / 12,
    moment=lambda k, a, b: _even_moment(k, a, b) if k >= 0 else None,
    moment_exists=lambda k, a, b: sp.true if k >= 0 else sp.Or(a > 0, b < 0),
    mgf=lambda t, a, b: (exp(a * t) - exp((b + 1) * t)) / ((b - a + 1) * (1 - exp(t))),
    mgf_exists=lambda t, a, b: sp.true,
    cdf=lambda x, a, b: (x - a + 1) / (b - a + 1),
    entropy=lambda a, b: log(b - a + 1),
    median=lambda a, b: (a + b) / 2,
    quadrature=_even_quadrature,
    draw=lambda values, random: random.randint(round(values[0]), round(values[1])),
)

FAMILIES = {f.name: f for f in (BERNOULLI, BINOMIAL, GEOMETRIC, NEGATIVE_BINOMIAL, POISSON, DISCRETE_UNIFORM)}
