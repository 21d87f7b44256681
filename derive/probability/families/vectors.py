"""Families of vectors and of categories.

A vector is given by its entries (a tuple, `sympy.Tuple` or a column `Matrix`) or, where its length is a symbol K, as
`sympy.IndexedBase(label, shape=(K,))`; sums and products over it are then `Sum` and `Product`. Means are tuples, covariances matrices.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

import sympy as sp

from derive.errors import NotSupported
from derive.expressions.elementary import exp, log
from derive.expressions.plain import plain
from derive.expressions.term import Term
from derive.probability.family import ExponentialForm, Family, Parameter, Support
from derive.probability.gauss import hermite, jacobi

__all__ = ["FAMILIES"]

MOST_NODES = 4000
_INDEX = sp.Symbol("k", integer=True)


def _entries(vector: Any) -> list[Any] | None:
    """The entries; None where the length is a symbol."""
    if isinstance(vector, sp.IndexedBase):
        return None
    if isinstance(vector, Term):
        raise NotSupported(f"a law whose parameter {plain(vector)} is not written out entry by entry")
    return list(vector)


def _over(function: Callable[..., Any], *vectors: Any, product: bool = False) -> Any:
    """Σ_k f(a_k, b_k, …), or the product."""
    listed = [_entries(v) for v in vectors]
    if any(entries is None for entries in listed):
        indexed = [v for v in vectors if isinstance(v, sp.IndexedBase)]
        body = function(*(v[_INDEX] if isinstance(v, sp.IndexedBase) else sp.IndexedBase("x")[_INDEX] for v in vectors))
        limits = (_INDEX, 1, indexed[0].shape[0])
        return sp.Product(body, limits) if product else sp.Sum(body, limits)
    terms = [function(*group) for group in zip(*(entries or [] for entries in listed), strict=True)]
    return sp.Mul(*terms) if product else sp.Add(*terms)


def _each(function: Callable[..., Any], vector: Any) -> Any:
    """The tuple (f(a_1), …, f(a_K))."""
    entries = _entries(vector)
    if entries is None:
        return function(vector[_INDEX])
    return sp.Tuple(*(function(e) for e in entries))


def _total(vector: Any) -> Any:
    return _over(lambda a: a, vector)


def _size(vector: Any) -> Any:
    if isinstance(vector, Term):  # as it was written: so many entries, or as many as a name has
        return sp.Integer(len(vector.args)) if vector.args else sp.oo
    entries = _entries(vector)
    return vector.shape[0] if entries is None else sp.Integer(len(entries))


def _covariance(vector: Any, entry: Callable[[Any, Any, bool], Any]) -> Any:
    """The matrix with entries f(a_i, a_j, i = j); None where the length is a symbol."""
    entries = _entries(vector)
    if entries is None:
        return None
    size = len(entries)
    return sp.Matrix(size, size, lambda i, j: entry(entries[i], entries[j], i == j))


_PROBABILITIES = Parameter("p", "simplex", ("prob", "pi", "theta"))

# ── Categorical ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _category(x: Any, p: Any) -> Any:
    entries = _entries(p)
    if entries is None:
        return p[x]
    if getattr(x, "is_Integer", False):
        return entries[int(x) - 1] if 1 <= int(x) <= len(entries) else sp.S.Zero
    return sp.Piecewise(*((e, sp.Eq(x, k)) for k, e in enumerate(entries, 1)), (0, True))


def _category_moment(k: int, p: Any) -> Any:
    entries = _entries(p)
    if entries is None:
        return sp.Sum(_INDEX**k * p[_INDEX], (_INDEX, 1, p.shape[0]))
    return sp.Add(*(sp.Integer(j) ** k * e for j, e in enumerate(entries, 1)))


def _category_draw(values: Sequence[Any], random: Random) -> int:
    return random.choices(range(1, len(values[0]) + 1), values[0])[0]


CATEGORICAL = Family(
    name="Categorical",
    parameters=(_PROBABILITIES,),
    discrete=True,
    support=lambda p: Support("categories", sp.S.One, _size(p)),
    log_density=lambda x, p: log(_category(x, p)),
    density=_category,
    says="Categorical(p) on {1, …, K}",
    source="Murphy 2022, section 2.5",
    mean=lambda p: _category_moment(1, p),
    variance=lambda p: _category_moment(2, p) - _category_moment(1, p) ** 2,
    moment=_category_moment,
    moment_exists=lambda k, p: sp.true,
    mgf=lambda t, p: sp.Add(*(e * exp(j * t) for j, e in enumerate(_entries(p) or (), 1))),
    mgf_exists=lambda t, p: sp.true,
    entropy=lambda p: -_over(lambda a: a * log(a), p),
    quadrature=lambda values, count: (list(range(1, len(values[0]) + 1)), list(values[0])),
    draw=_category_draw,
)

# ── Multinomial ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _compositions(n: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All ways to write n as an ordered sum of so many counts."""
    if parts == 1:
        yield (n,)
        return
    for first in range(n + 1):
        for rest in _compositions(n - first, parts - 1):
            yield (first, *rest)


def _multinomial_density(x: Any, n: Any, p: Any) -> Any:
    return sp.factorial(n) / _over(sp.factorial, x, product=True) * _over(lambda c, q: q**c, x, p, product=True)


def _multinomial_quadrature(values: Sequence[Any], count: int) -> tuple[list[tuple[int, ...]], list[float]]:
    n, p = round(values[0]), list(values[1])
    if math.comb(n + len(p) - 1, len(p) - 1) > MOST_NODES:
        raise ValueError("too many counts to enumerate")
    places = list(_compositions(n, len(p)))
    coefficients = [math.factorial(n) // math.prod(map(math.factorial, c)) for c in places]
    return places, [m * math.prod(q**c for q, c in zip(p, x, strict=True)) for m, x in zip(coefficients, places, strict=True)]


def _multinomial_draw(values: Sequence[Any], random: Random) -> tuple[int, ...]:
    found = random.choices(range(len(values[1])), values[1], k=round(values[0]))
    return tuple(found.count(k) for k in range(len(values[1])))


MULTINOMIAL = Family(
    name="Multinomial",
    parameters=(Parameter("n", "natural", ("trials",)), _PROBABILITIES),
    discrete=True,
    support=lambda n, p: Support("counts", sp.S.Zero, n),
    log_density=lambda x, n, p: log(sp.factorial(n)) - _over(lambda c: log(sp.factorial(c)), x) + _over(lambda c, q: c * log(q), x, p),
    density=_multinomial_density,
    says="Multinomial(n, p): counts of K categories in n trials",
    source="Bishop 2006, (2.34)",
    mean=lambda n, p: _each(lambda q: n * q, p),
    variance=lambda n, p: _covariance(p, lambda a, b, same: n * a * (1 - a) if same else -n * a * b),
    moment_exists=lambda k, n, p: sp.true if k >= 0 else sp.false,
    mgf_exists=lambda t, n, p: sp.true,
    quadrature=_multinomial_quadrature,
    draw=_multinomial_draw,
)

# ── Dirichlet ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _log_normaliser(alpha: Any) -> Any:
    return _over(sp.loggamma, alpha) - sp.loggamma(_total(alpha))


def _dirichlet_density(x: Any, alpha: Any) -> Any:
    constant = sp.gamma(_total(alpha)) / _over(sp.gamma, alpha, product=True)
    return constant * _over(lambda t, a: t ** (a - 1), x, alpha, product=True)


def _dirichlet_covariance(alpha: Any) -> Any:
    total = _total(alpha)
    below = total**2 * (total + 1)
    return _covariance(alpha, lambda a, b, same: a * (total - a) / below if same else -a * b / below)


def _dirichlet_entropy(alpha: Any) -> Any:
    psi, total = sp.polygamma, _total(alpha)
    return _log_normaliser(alpha) + (total - _size(alpha)) * psi(0, total) - _over(lambda a: (a - 1) * psi(0, a), alpha)


def _dirichlet_quadrature(values: Sequence[Any], count: int) -> tuple[list[tuple[float, ...]], list[float]]:
    """Stick breaking: x_1 = u_1, x_2 = (1 − u_1) u_2, … with u_k ~ Beta(alpha_k, alpha_{k+1} + ⋯)."""
    (alpha,) = values
    sticks = len(alpha) - 1
    each = max(4, min(count, int(MOST_NODES ** (1 / max(sticks, 1)))))
    rules = [jacobi(alpha[k], sum(alpha[k + 1 :]), each) for k in range(sticks)]
    places, weights = [], []
    for group in itertools.product(*(list(zip(*rule, strict=True)) for rule in rules)):
        left, weight, x = 1.0, 1.0, []
        for u, w in group:
            x.append(left * u)
            left *= 1 - u
            weight *= w
        places.append((*x, left))
        weights.append(weight)
    return places, weights


def _dirichlet_draw(values: Sequence[Any], random: Random) -> tuple[float, ...]:
    gammas = [random.gammavariate(a, 1) for a in values[0]]
    return tuple(g / sum(gammas) for g in gammas)


DIRICHLET = Family(
    name="Dirichlet",
    parameters=(Parameter("alpha", "positive-vector", ("a", "concentration")),),
    discrete=False,
    support=lambda alpha: Support("simplex"),
    log_density=lambda x, alpha: -_log_normaliser(alpha) + _over(lambda t, a: (a - 1) * log(t), x, alpha),
    density=_dirichlet_density,
    says="Dirichlet(alpha): the density is proportional to Π_k x_k^(alpha_k − 1)",
    source="Bishop 2006, (2.38)",
    mean=lambda alpha: _each(lambda a: a / _total(alpha), alpha),
    variance=_dirichlet_covariance,
    moment_exists=lambda k, alpha: sp.true if k >= 0 else sp.And(*(a > -k for a in _entries(alpha) or ())),
    mgf_exists=lambda t, alpha: sp.true,
    entropy=_dirichlet_entropy,
    mode=lambda alpha: _each(lambda a: (a - 1) / (_total(alpha) - _size(alpha)), alpha),
    mode_condition=lambda alpha: sp.And(*(a > 1 for a in _entries(alpha) or ())),
    exponential=ExponentialForm(
        lambda x: tuple(log(t) for t in _entries(x) or ()),
        lambda alpha: tuple(a - 1 for a in _entries(alpha) or ()),
        lambda *coefficients: (sp.Tuple(*(c + 1 for c in coefficients)),),
    ),
    quadrature=_dirichlet_quadrature,
    draw=_dirichlet_draw,
)

# ── Multivariate Normal ──────────────────────────────────────────────────────────────────────────────────────────────


def _quadratic(x: Any, mean: Any, covariance: Any) -> Any:
    difference = sp.Matrix(list(x)) - sp.Matrix(list(mean))
    return (difference.T * sp.Matrix(covariance).inv() * difference)[0]


def cholesky(rows: Sequence[Sequence[float]]) -> list[list[float]]:
    """The lower triangular factor of a positive definite matrix of floats; ValueError for another."""
    n = len(rows)
    factor = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            rest = rows[i][j] - sum(factor[i][k] * factor[j][k] for k in range(j))
            factor[i][j] = math.sqrt(rest) if i == j else rest / factor[j][j]
    return factor


def _placed(mean: Sequence[float], factor: list[list[float]], z: Sequence[float]) -> tuple[float, ...]:
    return tuple(m + sum(a * b for a, b in zip(row, z, strict=True)) for m, row in zip(mean, factor, strict=True))


def _vector_quadrature(values: Sequence[Any], count: int) -> tuple[list[tuple[float, ...]], list[float]]:
    """The product of Hermite rules, with fewer nodes a direction where there are many."""
    mean, covariance = values
    factor = cholesky(covariance)
    each = max(3, min(count, int(MOST_NODES ** (1 / len(mean)))))
    rule = list(zip(*hermite(each), strict=True))
    places, weights = [], []
    for group in itertools.product(rule, repeat=len(mean)):
        places.append(_placed(mean, factor, [z for z, _ in group]))
        weights.append(math.prod(w for _, w in group))
    return places, weights


def _vector_draw(values: Sequence[Any], random: Random) -> tuple[float, ...]:
    return _placed(values[0], cholesky(values[1]), [random.gauss(0, 1) for _ in values[0]])


def _first(mean: Any, covariance: Any) -> Any:
    return mean


MULTIVARIATE_NORMAL = Family(
    name="Normal",
    parameters=(Parameter("mean", "vector", ("mu", "loc")), Parameter("covariance", "covariance", ("cov", "Sigma"))),
    discrete=False,
    support=lambda m, s: Support("vectors", -sp.oo, sp.oo),
    log_density=lambda x, m, s: -sp.Rational(len(list(m)), 2) * log(2 * sp.pi) - log(sp.Matrix(s).det()) / 2 - _quadratic(x, m, s) / 2,
    density=lambda x, m, s: exp(-_quadratic(x, m, s) / 2) / sp.sqrt((2 * sp.pi) ** len(list(m)) * sp.Matrix(s).det()),
    says="Normal(mean, covariance) of a vector",
    source="Bishop 2006, (2.43)",
    mean=_first,
    variance=lambda m, s: s,
    moment_exists=lambda k, m, s: sp.true if k >= 0 else sp.false,
    mgf=lambda t, m, s: exp((sp.Matrix(list(t)).T * (sp.Matrix(list(m)) + sp.Matrix(s) * sp.Matrix(list(t)) / 2))[0]),
    mgf_exists=lambda t, m, s: sp.true,
    entropy=lambda m, s: log((2 * sp.pi * sp.E) ** len(list(m)) * sp.Matrix(s).det()) / 2,
    mode=_first,
    median=_first,
    quadrature=_vector_quadrature,
    draw=_vector_draw,
)

FAMILIES = {"MultivariateNormal": MULTIVARIATE_NORMAL, **{f.name: f for f in (CATEGORICAL, MULTINOMIAL, DIRICHLET)}}
