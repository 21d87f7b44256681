"""Gaussian models of vectors as papers write them, and the code of chance on real data: numbers of the emitted code against formulas."""

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

import derive

RNG = np.random.default_rng(7)
D, N = 3, 4
X = RNG.normal(size=(N, D))
Y = RNG.normal(size=N)
W, M, S_VECTOR = RNG.normal(size=(3, D))
SIGMA, SPREAD = (b @ b.T + np.eye(D) for b in RNG.normal(size=(2, D, D)))


def _report(lines: tuple[str, ...]) -> dict[str, Any]:
    return derive.solve(list(lines)).to_dict()


def _function(report: dict[str, Any]) -> Callable[..., Any]:
    names: dict[str, Any] = {}
    exec(report["code"]["source"], names)
    return names[report["code"]["function"]]


def _called(report: dict[str, Any], values: dict[str, Any]) -> Any:
    taken = [a["name"] for a in report["code"]["arguments"]]
    return _function(report)(**{name: values[name] for name in taken})


def _ridge(alpha: float, beta: float, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    covariance = np.linalg.inv(alpha * np.eye(x.shape[1]) + beta * x.T @ x)
    return beta * covariance @ x.T @ y, covariance


BISHOP = (
    r"\mathbf{w} \in \mathbb{R}^d",
    r"\mathbf{X} \in \mathbb{R}^{n \times d}",
    r"\mathbf{y}\in\mathbb{R}^n",
    r"\mathbf{w} \sim \mathcal{N}(\mathbf{0}, \alpha^{-1}\mathbf{I})",
    r"\mathbf{y} \mid \mathbf{w} \sim \mathcal{N}(\mathbf{X}\mathbf{w}, \beta^{-1}\mathbf{I})",
)
ROWS = ("x_i, w in R^d", "w ~ Normal(0, 1/alpha I)", "y_i | w ~ Normal(w^T x_i, 1/beta) for i = 1, ..., n")
VAE = 0.5 * np.sum(S_VECTOR**2 + M**2 - 1 - np.log(S_VECTOR**2))
POSTERIOR_OF_MEAN = np.linalg.inv(np.linalg.inv(SPREAD) + N * np.linalg.inv(SIGMA))

NUMBERS = [
    ((*BISHOP, r"p(\mathbf{w} \mid \mathbf{y})"), {"alpha": 2.0, "beta": 3.0, "X": X, "y": Y}, _ridge(2.0, 3.0, X, Y)),
    ((*ROWS, "posterior of w"), {"alpha": 2.0, "beta": 3.0, "x": X, "y": Y}, _ridge(2.0, 3.0, X, Y)),
    ((*ROWS, "map of w"), {"alpha": 2.0, "beta": 3.0, "x": X, "y": Y}, _ridge(2.0, 3.0, X, Y)[0]),
    ((*ROWS, "evidence"), {"alpha": 2.0, "beta": 3.0, "x": X}, (0.0, X @ X.T / 2 + np.eye(N) / 3)),
    (
        ("w, x in R^d", "w ~ Normal(0, I/alpha)", "y | w ~ Normal(w^T x, 1/beta)", "posterior of w given y"),
        {"alpha": 2.0, "beta": 3.0, "x": W, "y": 0.7},
        _ridge(2.0, 3.0, W[None, :], np.array([0.7])),
    ),
    (
        ("x, w in R^d", "w ~ Normal(0, 1/alpha I)", "y | w ~ Normal(w^T x, 1/beta)", "predictive of y"),
        {"alpha": 2.0, "beta": 3.0, "x": W},
        (0.0, W @ W / 2 + 1 / 3),
    ),
    (("x_i, w in R^d", "y_i ~ Normal(w^T x_i, s^2) for i = 1, ..., n", "mle of w"), {"x": X, "y": Y}, np.linalg.lstsq(X, Y, rcond=None)[0]),
    (
        ("w in R^d", "X in R^{n x d}", "y in R^n", "y ~ Normal(X w, s^2 I)", "mle of w, s^2"),
        {"X": X, "y": Y},
        (np.linalg.lstsq(X, Y, rcond=None)[0], np.mean((Y - X @ np.linalg.lstsq(X, Y, rcond=None)[0]) ** 2)),
    ),
    (
        ("mu in R^d", "x_i in R^d", "mu ~ Normal(m, S)", "x_1, ..., x_n | mu iid ~ Normal(mu, Sigma)", "posterior of mu"),
        {"m": M, "S": SPREAD, "Sigma": SIGMA, "x": X},
        (POSTERIOR_OF_MEAN @ (np.linalg.solve(SPREAD, M) + np.linalg.solve(SIGMA, X.sum(0))), POSTERIOR_OF_MEAN),
    ),
    (("x_i, mu in R^d", "mu ~ Normal(0, t^2 I)", "x_1, ..., x_n | mu iid ~ Normal(mu, s^2 I)", "map of mu"),
     {"t": 2.0, "s": 0.5, "x": X}, X.sum(0) / 0.25 / (1 / 4 + N / 0.25)),
    (("x_i, mu in R^d", "x_1, ..., x_n iid ~ Normal(mu, Sigma)", "mle of mu"), {"x": X}, X.mean(0)),
    (("mu, s in R^d", "KL(Normal(mu, diag(s .* s)) || Normal(0, I))"), {"mu": M, "s": S_VECTOR}, VAE),
    (
        (
            r"\boldsymbol{\mu}, \boldsymbol{\sigma} \in \mathbb{R}^d",
            r"D_{KL}(\mathcal{N}(\boldsymbol\mu, \operatorname{diag}(\boldsymbol\sigma^2)) \| \mathcal{N}(\mathbf 0, \mathbf I))",
        ),
        {"mu": M, "sigma": S_VECTOR},
        VAE,
    ),
    (("mu in R^d", "KL(Normal(mu, s^2 I) || Normal(0, I))"), {"mu": M, "s": 0.7}, 0.5 * (D * 0.49 + M @ M - D - D * math.log(0.49))),
    (("m, n in R^d", "KL(Normal(m, I) || Normal(n, I))"), {"m": M, "n": W}, np.sum((M - W) ** 2) / 2),
    (
        ("m, a, n, b in R^d", "KL(Normal(m, diag(a)) || Normal(n, diag(b)))"),
        {"m": M, "a": np.full(D, 0.5), "n": W, "b": np.full(D, 2.0)},
        0.5 * np.sum(0.25 + (M - W) ** 2 / 2 - 1 + math.log(4)),
    ),
    (("x, y in R^n", "x ~ Normal(0, I)", "y ~ Normal(0, I)", "x indep y", "Var(x^T y)"), {"n": 5}, 5.0),
    (("x, y in R^n", "x, y iid ~ Normal(0, I)", "E[(x^T y)^2 / n]"), {}, 1.0),
    (("q, k in R^d", "q ~ Normal(0, I)", "k ~ Normal(0, I)", "q indep k", "Var(q^T k / sqrt(d))"), {}, 1.0),
    (
        ("x, y in R^n", "A in R^{n x n}", "x ~ Normal(m, S)", "y ~ Normal(a, T)", "x indep y", "Var(x^T A y)"),
        {"m": M, "S": SIGMA, "a": W, "T": SPREAD, "A": X[:D]},
        np.trace(X[:D] @ SPREAD @ X[:D].T @ SIGMA) + M @ X[:D] @ SPREAD @ X[:D].T @ M + W @ X[:D].T @ SIGMA @ X[:D] @ W,
    ),
    (
        ("x, mu, a in R^n", "x ~ Normal(mu, Sigma)", "P(a^T x > c)"),
        {"mu": M, "a": W, "Sigma": SIGMA, "c": 0.3},
        stats.norm.sf(0.3, W @ M, math.sqrt(W @ SIGMA @ W)),
    ),
    (("x, mu in R^n", "x ~ Normal(mu, prec=Lambda)", "E[x^T x]"), {"mu": M, "Lambda": SIGMA}, np.trace(np.linalg.inv(SIGMA)) + M @ M),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "values", "expected"), NUMBERS, ids=[" ; ".join(v[0][-2:]) for v in NUMBERS])
def test_the_code_has_the_numbers_of_the_formula(lines: tuple[str, ...], values: dict[str, Any], expected: Any) -> None:
    report = _report(lines)
    assert report["status"] == "solved", report
    assert report["verification"]["status"] in ("verified", "partly")
    found = _called(report, values)
    wanted = expected if isinstance(expected, tuple) else (expected,)
    for one, other in zip(found if isinstance(expected, tuple) else (found,), wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


REFUSED = [
    (("x, y in R^n", "x ~ Normal(m, S)", "y ~ Normal(a, T)", "Var(x^T y)"), "x indep y"),
    (("m in R^3", "n in R^4", "KL(Normal(m, I) || Normal(n, I))"), ""),
]


@pytest.mark.parametrize(("lines", "asked"), REFUSED, ids=[v[0][-1] for v in REFUSED])
def test_what_is_not_determined_is_refused(lines: tuple[str, ...], asked: str) -> None:
    report = _report(lines)
    assert report["status"] in ("refused", "error")
    assert asked in str(report["error"])


def test_the_mean_of_a_sample_of_vectors_is_never_constant() -> None:
    report = _report(("x_i in R^d", "x_1, ..., x_n iid", "E[x_i] = mu", "Cov(x_i) = Sigma", "Cov(1/n sum_{i=1}^n x_i)"))
    assert report["status"] != "solved" or report["answer"]["plain"] != "0"


# ── code on data ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_line_through_data_far_from_zero_keeps_its_digits() -> None:
    report = _report(("y_i ~ Normal(a + b x_i, s^2) for i = 1, ..., n", "mle of a, b, s^2"))
    x = 1e4 + RNG.random(200)
    y = 2 + 3 * x + 0.1 * RNG.normal(size=200)
    found = _function(report)(x=x, y=y)
    centred = x - x.mean()
    slope = centred @ (y - y.mean()) / (centred @ centred)
    np.testing.assert_allclose(found.b, slope, rtol=1e-9)
    np.testing.assert_allclose(found.s_squared, np.mean((y - y.mean() - slope * centred) ** 2), rtol=1e-7)


ENDS = [
    (("X ~ Bernoulli(p)", "H(X)"), {"p": 0.0}, 0.0),
    (("X ~ Bernoulli(p)", "H(X)"), {"p": 1.0}, 0.0),
    (("KL(Bernoulli(p) || Bernoulli(q))",), {"p": 1.0, "q": 0.3}, -math.log(0.3)),
    (("KL(Bernoulli(p) || Bernoulli(q))",), {"p": 0.0, "q": 0.3}, -math.log(0.7)),
    (
        ("theta ~ Beta(a,b)", "k | theta ~ Binomial(n, theta)", "evidence"),
        {"a": 2.0, "b": 3.0, "n": 1000, "k": 400},
        stats.betabinom.pmf(400, 1000, 2, 3),
    ),
    (
        ("theta ~ Beta(a,b)", "x_1, ..., x_n | theta iid ~ Bernoulli(theta)", "evidence"),
        {"a": 2.0, "b": 3.0, "x": np.repeat([1.0, 0.0], [200, 300])},
        np.exp(special.betaln(202, 303) - special.betaln(2, 3)),
    ),
    (("X ~ Exponential(a)", "Y ~ Exponential(b)", "X indep Y", "density of Z where Z = min(X,Y)"), {"a": 1.0, "b": 2.0, "z": -5.0}, 0.0),
    (("X ~ Exponential(a)", "Y ~ Exponential(b)", "X indep Y", "density of Z where Z = X + Y"), {"a": 1.0, "b": 2.0, "z": 800.0}, 0.0),
    (("X ~ Uniform(0,1)", "density of Y where Y = 2 X + 1"), {"y": 7.0}, 0.0),
    (("X ~ Uniform(0,1)", "density of Y where Y = 2 X + 1"), {"y": 2.0}, 0.5),
    (("X ~ Normal(0,1)", "density of Y where Y = exp(X)"), {"y": np.array([-1.0, 0.0, 2.0])}, [0.0, 0.0, stats.lognorm.pdf(2.0, 1)]),
    (("X ~ Uniform(a,b)", "density of Y where Y = -X"), {"a": 1.0, "b": 3.0, "y": np.array([-2.0, 2.0])}, [0.5, 0.0]),
    (("X ~ Normal(mu, s^2)", "E[X | X > a]"), {"mu": 0.0, "s": 1.0, "a": 40.0}, 40.024968847207),
]


@pytest.mark.parametrize(("lines", "values", "expected"), ENDS, ids=[f"{' ; '.join(v[0])} {v[1]}"[:90] for v in ENDS])
def test_the_code_has_values_at_the_ends_of_its_domain(lines: tuple[str, ...], values: dict[str, Any], expected: Any) -> None:
    report = _report(lines)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = _called(report, values)
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-300)


def test_examples_are_data_that_the_law_can_give() -> None:
    report = _report(("theta ~ Beta(a,b)", "x_1, ..., x_n | theta iid ~ Bernoulli(theta)", "evidence"))
    shown = report["code"]["source"].split("x=np.array([")[1].split("]")[0]
    assert {float(v) for v in shown.split(",")} <= {0.0, 1.0}
