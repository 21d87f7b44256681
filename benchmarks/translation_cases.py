"""What `translation.py` measures: formulas as they are typed, the same by an expert's hand in NumPy, and for numexpr."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy import special

__all__ = ["ARRAYS", "ELEMENTWISE", "EXTREMES", "Case"]


class Case(NamedTuple):
    """A formula, its arguments for a number of entries, the expert's code, and the text for numexpr ("": it has no such function)."""

    name: str
    lines: list[str]
    given: Callable[[Any, int], dict[str, Any]]
    expert: Callable[..., Any]
    numexpr: str = ""


def _one(rng: Any, count: int) -> dict[str, Any]:
    return {"x": rng.normal(size=count) * 3}


def _unit(rng: Any, count: int) -> dict[str, Any]:
    return {"p": rng.uniform(0.01, 0.99, size=count)}


def _two(rng: Any, count: int) -> dict[str, Any]:
    return {"x": rng.normal(size=count), "y": rng.normal(size=count)}


def _sigmoid(x: Any) -> Any:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, e) / (1.0 + e)


def _slope(x: Any) -> Any:
    e = np.exp(-np.abs(x))
    return e / (1.0 + e) ** 2


def _tanh(x: Any) -> Any:
    return np.tanh(x)


def _hypot(x: Any, y: Any) -> Any:
    return np.hypot(x, y)


def _variance(x: Any) -> Any:
    return np.var(x)


def _normal(x: Any, mu: float, sigma: float) -> Any:
    z = (x - mu) / sigma
    return -0.5 * z * z - (math.log(sigma) + 0.5 * math.log(2.0 * math.pi))


def _elu(x: Any, alpha: float) -> Any:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0)))


ELEMENTWISE = [
    Case("sigmoid", ["1/(1 + exp(-x))"], _one, _sigmoid, "1/(1 + exp(-x))"),
    Case("logistic slope", ["d/dx 1/(1 + exp(-x))"], _one, _slope, "exp(-abs(x))/(1 + exp(-abs(x)))**2"),
    Case("softplus", ["log(1 + exp(x))"], _one, lambda x: np.logaddexp(0.0, x), "where(x > 0, x, 0) + log1p(exp(-abs(x)))"),
    Case("tanh in exponential form", ["(exp(x) - exp(-x))/(exp(x) + exp(-x))"], _one, _tanh, "tanh(x)"),
    Case("silu", ["x sigma(x)"], _one, lambda x: x * _sigmoid(x), "x/(1 + exp(-x))"),
    Case("gelu", ["gelu(x)"], _one, lambda x: x * special.ndtr(x)),
    Case("mish", ["x tanh(log(1 + exp(x)))"], _one, lambda x: x * np.tanh(np.logaddexp(0.0, x)),
         "x*tanh(where(x > 0, x, 0) + log1p(exp(-abs(x))))"),
    Case("logit", ["log(p/(1 - p))"], _unit, lambda p: np.log(p) - np.log1p(-p), "log(p) - log1p(-p)"),
    Case("binary entropy", ["-p log(p) - (1 - p) log(1 - p)"], _unit, lambda p: -special.xlogy(p, p) - special.xlog1py(1 - p, -p),
         "-p*log(p) - (1 - p)*log1p(-p)"),
    Case("log normal density", ["sigma > 0", "log(exp(-(x - mu)^2/(2 sigma^2))/(sigma sqrt(2 pi)))"],
         lambda rng, n: {**_one(rng, n), "mu": 0.5, "sigma": 2.0}, _normal, "-0.5*((x - mu)/sigma)**2 - log(sigma) - 0.9189385332046727"),
    Case("polynomial", ["3 x^5 - 2 x^3 + x^2 - 7"], _one, lambda x: ((3 * x * x - 2) * x + 1) * x * x - 7, "3*x**5 - 2*x**3 + x**2 - 7"),
    Case("elu", ["\\begin{cases} x & x > 0 \\\\ \\alpha (e^{x} - 1) & x \\le 0 \\end{cases}"],
         lambda rng, n: {**_one(rng, n), "alpha": 0.7}, _elu, "where(x > 0, x, alpha*expm1(where(x > 0, 0, x)))"),
    Case("hypot", ["sqrt(x^2 + y^2)"], _two, _hypot, "sqrt(x**2 + y**2)"),
    Case("Gaussian of a difference", ["exp(-(x - y)^2/2)"], _two, lambda x, y: np.exp(-0.5 * (x - y) ** 2), "exp(-0.5*(x - y)**2)"),
    Case("1 - cos", ["1 - cos(x)"], _one, lambda x: 2 * np.sin(0.5 * x) ** 2, "2*sin(0.5*x)**2"),
    Case("Cauchy log-density", ["log(1/(pi (1 + x^2)))"], _one, lambda x: -np.log1p(x * x) - math.log(math.pi),
         "-log1p(x*x) - 1.1447298858494002"),
]  # fmt: skip


# ---------------------------------------------------------------------------------------------- arrays
def _points(rng: Any, count: int) -> dict[str, Any]:
    return {"x": rng.normal(size=(700, 8)), "z": rng.normal(size=(500, 8))}


def _distances(x: Any, z: Any) -> Any:
    difference = x[:, None, :] - z
    return np.einsum("ijk,ijk->ij", difference, difference)


def _kernel(x: Any, z: Any, s: float) -> Any:
    difference = x[:, None, :] - z
    return np.exp(np.einsum("ijk,ijk->ij", difference, difference) / (-2.0 * s * s))


def _attention(Q: Any, K: Any, V: Any) -> Any:
    scores = Q @ K.T / math.sqrt(Q.shape[1])
    e = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    return (e / np.sum(e, axis=1, keepdims=True)) @ V


def _cross_entropy(z: Any, y: Any) -> Any:
    shifted = z - np.max(z, axis=1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    return -np.mean(log_p[np.arange(z.shape[0]), y])


def _softmax(z: Any) -> Any:
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def _log_sum_exp(z: Any) -> Any:
    top = np.max(z)
    return top + np.log(np.sum(np.exp(z - top)))


def _likelihood(x: Any, mu: float, sigma: float) -> Any:
    d = x - mu
    return -0.5 * (d @ d) / sigma**2 - x.shape[0] * (math.log(sigma) + 0.5 * math.log(2 * math.pi))


def _long(rng: Any, count: int) -> dict[str, Any]:
    return {"x": rng.normal(size=1_000_000)}


def _pair(rng: Any, count: int) -> dict[str, Any]:
    return {"x": rng.normal(size=1_000_000), "y": rng.normal(size=1_000_000)}


def _differences(x: Any) -> Any:
    d = x[1:] - x[:-1]
    return d @ d


def _ridge(X: Any, y: Any, lam: float) -> Any:
    d = X.shape[1]
    return np.linalg.lstsq(np.vstack([X, math.sqrt(lam) * np.eye(d)]), np.concatenate([y, np.zeros(d)]), rcond=None)[0]


X1 = "x in R^n"
ARRAYS = [
    Case("sum of squares", [X1, "sum_{i=1}^n x_i^2"], _long, lambda x: x @ x),
    Case("variance by moments", [X1, "(1/n) sum_{i=1}^n x_i^2 - ((1/n) sum_{i=1}^n x_i)^2"], _long, _variance),
    Case("differences of neighbours", [X1, "sum_{i=2}^n (x_i - x_{i-1})^2"], _long, _differences),
    Case("log-sum-exp", ["z in R^n", "log sum_{k=1}^n exp(z_k)"], lambda rng, n: {"z": rng.normal(size=1_000_000)}, _log_sum_exp),
    Case("log-likelihood", ["sigma > 0", X1, "\\log\\prod_{i=1}^n\\frac{1}{\\sqrt{2\\pi\\sigma^2}}e^{-\\frac{(x_i-\\mu)^2}{2\\sigma^2}}"],
         lambda rng, n: {**_long(rng, n), "mu": 0.5, "sigma": 1.5}, _likelihood),
    Case("cosine", [X1, "y in R^n", "x^T y/(||x|| ||y||)"], _pair, lambda x, y: x @ y / (np.linalg.norm(x) * np.linalg.norm(y))),
    Case("count", [X1, "sum_{i=1}^n 1[x_i > t]"], lambda rng, n: {**_long(rng, n), "t": 0.3}, lambda x, t: np.sum(x > t)),
    Case("softmax of rows", ["z in R^{n x K}", "softmax(z)"], lambda rng, n: {"z": rng.normal(size=(5000, 100))}, _softmax),
    Case("cross-entropy of labels",
         ["z in R^{n x K}", "y in {1..K}^n", "-\\frac1n\\sum_{i=1}^n\\log\\frac{e^{z_{i,y_i}}}{\\sum_{k}e^{z_{ik}}}"],
         lambda rng, n: {"z": rng.normal(size=(5000, 100)), "y": rng.integers(0, 100, size=5000)}, _cross_entropy),
    Case("squared distances", ["x_i in R^d", "z_j in R^d", "D_{ij} = ||x_i - z_j||^2"], _points, _distances),
    Case("Gaussian kernel", ["x_i in R^d", "z_j in R^d", "K_{ij} = exp(-||x_i - z_j||^2/(2 s^2))"],
         lambda rng, n: {**_points(rng, n), "s": 1.5}, _kernel),
    Case("outer differences", [X1, "y in R^m", "D_{ij} = |x_i - y_j|"],
         lambda rng, n: {"x": rng.normal(size=2000), "y": rng.normal(size=1000)}, lambda x, y: np.abs(x[:, None] - y)),
    Case("attention", ["Q in R^{n x d}", "K in R^{m x d}", "V in R^{m x p}", "softmax(Q K^T/sqrt(d)) V"],
         lambda rng, n: {k: rng.normal(size=(512, 64)) for k in "QKV"}, _attention),
    Case("ridge", ["X in R^{n x d}", "y in R^n", "lambda > 0", "(X^T X + lambda I)^{-1} X^T y"],
         lambda rng, n: {"X": rng.normal(size=(2000, 50)), "y": rng.normal(size=2000), "lam": 0.5}, _ridge),
]  # fmt: skip

FAR = (-1000.0, -745.2, -37.5, -1e-8, -1e-20, 0.0, 1e-300, 1e-20, 1e-8, 37.5, 709.8, 1000.0)
UNIT = (1e-300, 1e-17, 0.3, 0.5, 0.9999999999999999)
EXTREMES: list[tuple[str, Callable[..., Any], tuple[float, ...]]] = [
    ("1/(1 + exp(-x))", lambda c, x: 1 / (1 + c.exp(-x)), FAR),
    ("log(1 + exp(x))", lambda c, x: c.log1p(c.exp(x)) if x < 0 else x + c.log1p(c.exp(-x)), FAR),
    ("log(1/(1 + exp(-x)))", lambda c, x: -c.log1p(c.exp(-x)) if x > 0 else x - c.log1p(c.exp(x)), FAR),
    ("(exp(x) - exp(-x))/(exp(x) + exp(-x))", lambda c, x: c.tanh(x), FAR),
    ("d/dx 1/(1 + exp(-x))", lambda c, x: 1 / (2 + c.exp(x) + c.exp(-x)), FAR),
    ("1 - tanh(x)^2", lambda c, x: 1 / c.cosh(x) ** 2, FAR),
    ("log(cosh(x))", lambda c, x: c.log(c.cosh(x)), FAR),
    ("log(p/(1 - p))", lambda c, p: c.log(p / (1 - p)), UNIT),
    ("-p log(p) - (1 - p) log(1 - p)", lambda c, p: -p * c.log(p) - (1 - p) * c.log(1 - p), UNIT),
    ("exp(x) - 1", lambda c, x: c.expm1(x), FAR[:10]),
    ("1 - cos(x)", lambda c, x: 2 * c.sin(x / 2) ** 2, FAR),
    ("d/dx x Phi(x)", lambda c, x: c.erfc(-x / c.sqrt(2)) / 2 + x * c.exp(-x * x / 2) / c.sqrt(2 * c.pi), FAR[2:10]),
    ("x tanh(log(1 + exp(x)))", lambda c, x: x * c.tanh(c.log1p(c.exp(x)) if x < 0 else x + c.log1p(c.exp(-x))), FAR),
    ("(1 + erf(x/sqrt(2)))/2", lambda c, x: c.erfc(-x / c.sqrt(2)) / 2, FAR[2:]),
]  # fmt: skip
