"""No loop over data: ranges, shifts, double sums, products, choices, pairwise forms against plain loops; axes in front; float32 kept."""

from __future__ import annotations

import ast
import math
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from derive.session import solve
from derive.solution import Code

X = np.array([1.5, -0.3, 2.2, 0.7])
Y = np.array([0.4, 1.1, -2.0])
P = np.array([[1.0, 2.0], [0.5, -1.0], [3.0, 0.2], [-0.4, 0.9]])
Q = np.array([[0.1, 0.2], [1.5, -0.7], [2.0, 2.2]])
A = np.array([[2.0, 0.3, 1.0], [-0.4, 1.5, 0.2], [0.9, 0.1, 3.0]])
T = np.arange(24.0).reshape(2, 3, 4) / 7


def code_of(lines: list[str]) -> Code:
    report = solve(lines)
    assert report.code is not None, report
    assert report.code.check is not None
    assert report.code.check.status == "verified"
    return report.code


def loaded(code: Code) -> Callable[..., Any]:
    module = types.ModuleType("emitted")
    exec(compile(code.source, "emitted.py", "exec"), module.__dict__)
    found: Callable[..., Any] = getattr(module, code.function)
    return found


def loop(count: int, term: Callable[[int], float]) -> float:
    return math.fsum(term(k) for k in range(count))


R, RR = "x in R^n", "y in R^m"
FORMS: list[tuple[list[str], dict[str, Any], Any]] = [
    ([R, "\\sum_{i=2}^n (x_i - x_{i-1})^2"], {"x": X}, loop(3, lambda i: (X[i + 1] - X[i]) ** 2)),
    ([R, "sum_{i=1}^{n-2} x_i x_{i+2}"], {"x": X}, loop(2, lambda i: X[i] * X[i + 2])),
    ([R, "sum_{i=2}^{n-1} (x_{i+1} - 2 x_i + x_{i-1})^2"], {"x": X}, loop(2, lambda i: (X[i + 2] - 2 * X[i + 1] + X[i]) ** 2)),
    ([R, "sum_{i=1}^n i x_i"], {"x": X}, loop(4, lambda i: (i + 1) * X[i])),
    ([R, "sum_{i=1}^n x_i^2 cos(i)"], {"x": X}, loop(4, lambda i: X[i] ** 2 * math.cos(i + 1))),
    ([R, "sum_{i=1}^n sum_{j=1}^n (x_i - x_j)^2"], {"x": X}, sum((a - b) ** 2 for a in X for b in X)),
    ([R, RR, "sum_{i=1}^n sum_{j=1}^m |x_i - y_j|"], {"x": X, "y": Y}, sum(abs(a - b) for a in X for b in Y)),
    ([R, "sum_{i=1}^n sum_{j=1}^{i} x_i x_j"], {"x": X}, sum(X[i] * X[j] for i in range(4) for j in range(i + 1))),
    (["A in R^{m x n}", "sum_{i=1}^m sum_{j=1}^n A_{ij}^2"], {"A": A}, float(np.sum(A**2))),
    (["A in R^{n x n}", "sum_{i=1}^n A_{ii}"], {"A": A}, float(np.trace(A))),
    (["A in R^{m x n}", "B in R^{n x p}", "C_{ij} = sum_{k=1}^n A_{ik} B_{kj}"], {"A": A, "B": A.T}, A @ A.T),
    ([R, "prod_{i=1}^n (1 + x_i^2)"], {"x": X}, math.prod(1 + v * v for v in X)),
    ([R, "sum_{i=1}^n 1[x_i > t]"], {"x": X, "t": 0.5}, 3.0),
    ([R, "sum_{i=1}^n x_i 1[x_i > 0]"], {"x": X}, float(X[X > 0].sum())),
    ([R, "max_i x_i - min_i x_i"], {"x": X}, 2.5),
    ([R, "argmax_i x_i"], {"x": X}, 2),
    ([R, "argmin_i |x_i|"], {"x": X}, 1),
    (["X in R^{n x k}", "y_i = argmax_k X_{ik}"], {"X": P}, P.argmax(axis=1)),
    ([R, RR, "D_{ij} = |x_i - y_j|"], {"x": X, "y": Y}, np.abs(X[:, None] - Y)),
    ([R, RR, "D_{ji} = x_i - y_j"], {"x": X, "y": Y}, X - Y[:, None]),
    ([R, RR, "K_{ij} = x_i y_j"], {"x": X, "y": Y}, np.outer(X, Y)),
    (["x_i in R^d", "D_{ij} = ||x_i - x_j||^2"], {"x": P}, np.array([[np.sum((a - b) ** 2) for b in P] for a in P])),
    (["x_i in R^d", "D_{ij} = ||x_i - x_j||^2", "D"], {"x": P}, np.array([[np.sum((a - b) ** 2) for b in P] for a in P])),
    (["x_i in R^d", "z_j in R^d", "K_{ij} = exp(-||x_i - z_j||^2/(2 s^2))"], {"x": P, "z": Q, "s": 1.5},
     np.array([[math.exp(-np.sum((a - b) ** 2) / 4.5) for b in Q] for a in P])),
    (["x_i in R^d", "z_j in R^d", "K_{ij} = (x_i^T z_j + 1)^3"], {"x": P, "z": Q}, (P @ Q.T + 1) ** 3),
    (["x_i in R^d", "w in R^d", "sum_{i=1}^n sigma(x_i^T w)"], {"x": P, "w": Q[0]}, float(np.sum(1 / (1 + np.exp(-P @ Q[0]))))),
    ([R, "sum_{i=1}^n \\begin{cases} \\sqrt{x_i} & x_i > 0 \\\\ x_i^2 & \\text{otherwise} \\end{cases}"], {"x": X},
     sum(math.sqrt(v) if v > 0 else v * v for v in X)),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "given", "wanted"), FORMS, ids=[lines[-1] for lines, _, _ in FORMS])
def test_form(lines: list[str], given: dict[str, Any], wanted: Any) -> None:
    code = code_of(lines)
    got = loaded(code)(**given)
    np.testing.assert_allclose(got, wanted, rtol=1e-13)
    assert np.shape(got) == np.shape(wanted)
    loops = (ast.For, ast.While, ast.ListComp, ast.GeneratorExp)
    assert not any(isinstance(node, loops) for node in ast.walk(ast.parse(code.source)))
    narrow = {key: value.astype(np.float32) if isinstance(value, np.ndarray) else value for key, value in given.items()}
    result = np.asarray(loaded(code)(**narrow))
    assert result.dtype == np.float32 or result.dtype.kind == "i"


def rows(function: Callable[[Any], Any], array: Any) -> Any:
    """The function of every row along the last axis."""
    return np.apply_along_axis(function, -1, array)


def softmax(z: Any) -> Any:
    return np.exp(z) / np.sum(np.exp(z))


LAST_AXIS: list[tuple[list[str], str, Callable[[Any], Any]]] = [
    (["z in R^n", "softmax(z)"], "z", softmax),
    (["z in R^n", "log softmax(z)"], "z", lambda z: np.log(softmax(z))),
    (["z in R^n", "exp(z)/sum(exp(z))"], "z", softmax),
    (["z in R^n", "z - logsumexp(z)"], "z", lambda z: np.log(softmax(z))),
    (["x in R^n", "x/||x||"], "x", lambda x: x / np.linalg.norm(x)),
    (["x in R^n", "x - mean(x)"], "x", lambda x: x - np.mean(x)),
    (["x in R^n", "x/max(x)"], "x", lambda x: x / np.max(x)),
    (["x in R^n", "x .* sigma(x)"], "x", lambda x: x / (1 + np.exp(-x))),
    (["x in R^n", "relu(x - 1)"], "x", lambda x: np.maximum(x - 1, 0)),
]


@pytest.mark.parametrize(("lines", "name", "wanted"), LAST_AXIS, ids=[lines[-1] for lines, _, _ in LAST_AXIS])
def test_axes_in_front(lines: list[str], name: str, wanted: Callable[[Any], Any]) -> None:
    code = code_of(lines)
    for array in (T[0, 0] + 0.5, T[0] + 0.5, T + 0.5):
        got = loaded(code)(**{name: array})
        np.testing.assert_allclose(got, rows(wanted, array), rtol=1e-13)
    assert code.arguments[0].shape == ("n",)


SCALARS = [
    "sum_{i=1}^4 sin(i x)",
    "sum_{i=1}^n x^i/i",
    "prod_{k=1}^3 (x + k)",
    "sum_{k=0}^5 x^k/k!",
    "3 x^5 - 2 x^3 + x - 1",
    "x^{3/2} + 1/x",
    "1[x > 1]",
]


@pytest.mark.parametrize("line", SCALARS)
def test_a_number_keeps_its_dtype(line: str) -> None:
    function = loaded(code_of([line]))
    extra = {"n": 3} if "^n" in line else {}
    double = function(x=np.array([0.5, 1.5, 2.0]), **extra)
    single = function(x=np.array([0.5, 1.5, 2.0], dtype=np.float32), **extra)
    assert double.dtype == np.float64
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, double, rtol=1e-5)
    whole = function(x=np.array([1, 2, 3]), **extra)
    np.testing.assert_allclose(whole, function(x=np.array([1.0, 2.0, 3.0]), **extra), rtol=1e-13)
    assert float(function(x=2, **extra)) == pytest.approx(float(function(x=2.0, **extra)), rel=1e-13)
