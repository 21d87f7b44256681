"""Forms of papers over arrays, with shapes that the line only shows: the answer, and the emitted code against differences of plain NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from derive import solve

Lines = tuple[str, ...]
Function = Callable[..., Any]


def sigmoid(z: Any) -> Any:
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(z)))


def drawn(shapes: dict[str, Any]) -> dict[str, Any]:
    """Arrays of these shapes (a whole number is the length of a vector); numbers with a point stand for themselves."""
    rng = np.random.default_rng(5)
    return {k: s(rng) if callable(s) else s if isinstance(s, float) else rng.normal(size=s) for k, s in shapes.items()}


def symmetric(n: int) -> Callable[[Any], Any]:
    def draw(rng: Any) -> Any:
        a = rng.normal(size=(n, n))
        return a + a.T

    return draw


def definite(n: int) -> Callable[[Any], Any]:
    def draw(rng: Any) -> Any:
        a = rng.normal(size=(n, n))
        return a @ a.T + np.eye(n)

    return draw


def labels(n: int, k: int) -> Callable[[Any], Any]:
    return lambda rng: rng.integers(k, size=n)


def slopes(function: Function, given: dict[str, Any], key: str, step: float = 1e-6) -> Any:
    """Central differences of a scalar function by the entries of an argument."""
    x = np.asarray(given[key], dtype=float)
    found = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        ends = []
        for sign in (1.0, -1.0):
            moved = x.copy()
            moved[place] += sign * step
            ends.append(function(**{**given, key: moved}))
        found[place] = (ends[0] - ends[1]) / (2 * step)
    return found


def cross_entropy(z: Any, y: Any) -> Any:
    top = np.max(z, axis=-1, keepdims=True)
    log_p = z - top - np.log(np.sum(np.exp(z - top), axis=-1, keepdims=True))
    return -log_p[np.arange(len(y)), y]


def lstm(h: Any, c: Any, x: Any, W_f: Any, W_i: Any, W_o: Any, W_c: Any, g: Any) -> Any:
    z = np.concatenate([h, x])
    c = sigmoid(W_f @ z) * c + sigmoid(W_i @ z) * np.tanh(W_c @ z)
    return g @ (sigmoid(W_o @ z) * np.tanh(c))


PAIRS = (r"x_i \in \mathbb{R}^d", r"w \in \mathbb{R}^{n \times n}")
CELL = (
    *("h, c, g in R^m", "x in R^d", "f_t = sigma(W_f [h, x])", "i_t = sigma(W_i [h, x])", "o_t = sigma(W_o [h, x])"),
    *("k_t = tanh(W_c [h, x])", "c_t = f_t .* c + i_t .* k_t", "s_t = o_t .* tanh(c_t)"),
)
GATES = dict.fromkeys(("W_f", "W_i", "W_o", "W_c"), (3, 7))

# lines, shapes of the arguments, the function, the variables
GRADIENTS: list[tuple[Lines, dict[str, Any], Function, tuple[str, ...]]] = [
    (("grad log(1 + exp(-y w^T x)) wrt w",), {"w": 3, "x": 3, "y": 1.0}, lambda w, x, y: np.log1p(np.exp(-y * w @ x)), ("w",)),
    ((r"\nabla_w \log\sigma(y\, \mathbf{w}^\top \mathbf{x})",), {"w": 3, "x": 3, "y": 1.0}, lambda w, x, y: np.log(sigmoid(y * w @ x)), ("w",)),
    ((r"s \in \mathbb{R}^d", r"\nabla_s \mathbf{1}^\top(1 + s - \exp(s))"), {"s": 4}, lambda s: np.sum(1 + s - np.exp(s)), ("s",)),
    (("x in R^n", r"\nabla_x \| x - \mathbf{1}(\mathbf{1}^\top x)/n \|^2"), {"x": 4, "n": lambda rng: 4}, lambda x, n: np.sum((x - x.mean()) ** 2), ("x",)),
    (("grad 1^T exp(A x) wrt x",), {"A": (4, 3), "x": 3}, lambda A, x: np.sum(np.exp(A @ x)), ("x",)),
    ((r"\nabla_x \log \mathbf{1}^\top \exp(A x + b)",), {"A": (4, 3), "x": 3, "b": 4}, lambda A, x, b: np.log(np.sum(np.exp(A @ x + b))), ("x",)),
    (("grad sum(log(1 + exp(-y .* (X w)))) wrt w",), {"X": (4, 3), "w": 3, "y": 4}, lambda X, w, y: np.sum(np.log1p(np.exp(-y * (X @ w)))), ("w",)),
    (("grad ||A (x - b)||^2 wrt x",), {"A": (4, 3), "x": 3, "b": 3}, lambda A, x, b: np.sum((A @ (x - b)) ** 2), ("x",)),
    ((r"\nabla_L \|L(x-y)\|^2",), {"L": (4, 3), "x": 3, "y": 3}, lambda L, x, y: np.sum((L @ (x - y)) ** 2), ("L",)),
    ((r"\nabla_A \|W \operatorname{ReLU}(A x + b) - y\|^2",), {"W": (2, 4), "A": (4, 3), "x": 3, "b": 4, "y": 2},
     lambda W, A, x, b, y: np.sum((W @ np.maximum(A @ x + b, 0) - y) ** 2), ("A",)),
    ((r"\nabla_X \langle A, X \rangle_F",), {"A": (4, 3), "X": (4, 3)}, lambda A, X: np.sum(A * X), ("X",)),
    (("A, B in R^{n x n}", "grad A : (X B) wrt X"), {"A": (3, 3), "B": (3, 3), "X": (3, 3)}, lambda A, B, X: np.sum(A * (X @ B)), ("X",)),
    ((r"\nabla_{W^Q} \|X W^Q - Y\|_F^2",), {"X": (4, 3), "W_Q": (3, 2), "Y": (4, 2)}, lambda X, W_Q, Y: np.sum((X @ W_Q - Y) ** 2), ("W_Q",)),
    ((*PAIRS, r"\nabla_x \frac12\sum_{i=1}^n\sum_{j=1}^n w_{ij}\|x_i-x_j\|^2"), {"x": (4, 2), "w": (4, 4)},
     lambda x, w: 0.5 * np.sum(w * np.sum((x[:, None] - x) ** 2, axis=2)), ("x",)),
    ((*PAIRS, r"\nabla_x \sum_{i=1}^n\sum_{j=1}^n (\|x_i-x_j\|^2 - w_{ij})^2"), {"x": (4, 2), "w": (4, 4)},
     lambda x, w: np.sum((np.sum((x[:, None] - x) ** 2, axis=2) - w) ** 2), ("x",)),
    ((r"z \in \mathbb{R}^{n\times K}", r"y \in \{1..K\}^n", r"\nabla_z -\sum_{i=1}^n\sum_{k=1}^K 1[y_i=k] \log \frac{e^{z_{ik}}}{\sum_{j=1}^K e^{z_{ij}}}"),
     {"z": (4, 3), "y": labels(4, 3)}, lambda z, y: np.sum(cross_entropy(z, y)), ("z",)),
    ((r"W \in \mathbb{R}^{K\times d}, x\in\mathbb{R}^d", r"y \in \{1..K\}", r"\nabla_W \sum_{k=1}^K \max(0, (W x)_k - (W x)_y + 1)"),
     {"W": (3, 2), "x": 2, "y": lambda rng: 1}, lambda W, x, y: np.sum(np.maximum(0, W @ x - (W @ x)[y] + 1)), ("W",)),
    (("X_i in R^{m x d}", "y_i in R^m", r"V_i \in \mathbb{S}^m_{++}", r"\nabla_\beta \frac12\sum_{i=1}^n (y_i - X_i\beta)^\top V_i^{-1} (y_i - X_i \beta)"),
     {"X": (4, 3, 2), "y": (4, 3), "V": lambda rng: np.stack([definite(3)(rng) for _ in range(4)]), "beta": 2},
     lambda X, y, V, beta: 0.5 * np.einsum("ij,ijk,ik->", y - X @ beta, np.linalg.inv(V), y - X @ beta), ("beta",)),
    (("A in R^{m x n}", "grad ||A||_2^3 wrt A"), {"A": (4, 3)}, lambda A: np.linalg.norm(A, 2) ** 3, ("A",)),
    (("A in R^{m x n}", r"\nabla_A \sigma_{\max}(A)^2"), {"A": (4, 3)}, lambda A: np.linalg.norm(A, 2) ** 2, ("A",)),
    (("A symmetric", "grad lambda_max(A)^2 + lambda_min(A) wrt A"), {"A": symmetric(4)},
     lambda A: np.linalg.eigvalsh((A + A.T) / 2)[-1] ** 2 + np.linalg.eigvalsh((A + A.T) / 2)[0], ("A",)),
    (("A in R^{m x n}", r"\nabla_A \lambda_{\max}(A^\top A)"), {"A": (4, 3)}, lambda A: np.linalg.eigvalsh(A.T @ A)[-1], ("A",)),
    ((*CELL, "backprop g^T s_t wrt W_f, W_c, h"), {**GATES, "h": 3, "c": 3, "g": 3, "x": 4}, lstm, ("W_f", "W_c", "h")),
    (("h in R^m", "x in R^d", r"\nabla_{W} \left\|\tanh\left(W \begin{bmatrix} h \\ x\end{bmatrix}\right)\right\|^2"), {"W": (3, 7), "h": 3, "x": 4},
     lambda W, h, x: np.sum(np.tanh(W @ np.concatenate([h, x])) ** 2), ("W",)),
    (("h in R^m", "x in R^d", "grad np.sum(np.tanh(W @ np.concatenate([h, x]))**2) wrt W, x"), {"W": (3, 7), "h": 3, "x": 4},
     lambda W, h, x: np.sum(np.tanh(W @ np.concatenate([h, x])) ** 2), ("W", "x")),
    (("A in R^{n x p}", "B in R^{n x q}", "grad ||[A, B] W - Y||_F^2 wrt W, B"), {"A": (4, 2), "B": (4, 3), "W": (5, 2), "Y": (4, 2)},
     lambda A, B, W, Y: np.sum((np.concatenate([A, B], axis=1) @ W - Y) ** 2), ("W", "B")),
    (("X in R^{m x n}", "B in R^{m n x m n}", "grad vec(X)^T B vec(X) wrt X"), {"X": (3, 2), "B": (6, 6)},
     lambda X, B: X.ravel(order="F") @ B @ X.ravel(order="F"), ("X",)),
    (("a, b, x in R", "grad (a x + b)^2 wrt x"), {"a": 0.7, "b": -0.4, "x": 1.3}, lambda a, b, x: (a * x + b) ** 2, ("x",)),
    (("x in R^d", "grad ||W [x; 1]||^2 wrt W, x"), {"W": (2, 4), "x": 3}, lambda W, x: np.sum((W @ np.append(x, 1)) ** 2), ("W", "x")),
    ((r"\nabla_{x,y} (x^2 y + \sin y)",), {"x": 0.7, "y": 1.4}, lambda x, y: x**2 * y + np.sin(y), ("x", "y")),
    (("X in R^{n x d}", "H = np.maximum(X @ W1 + b1, 0)", "L = np.mean((H @ W2 + b2 - Y)**2)", "grad L wrt W1, b1, b2"),
     {"X": (4, 3), "W1": (3, 5), "b1": 5, "W2": (5, 2), "b2": 2, "Y": (4, 2)},
     lambda X, W1, b1, W2, b2, Y: np.mean((np.maximum(X @ W1 + b1, 0) @ W2 + b2 - Y) ** 2), ("W1", "b1", "b2")),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "shapes", "function", "variables"), GRADIENTS, ids=[g[0][-1][:60] for g in GRADIENTS])
def test_gradients_agree_with_differences(lines: Lines, shapes: dict[str, Any], function: Function, variables: tuple[str, ...]) -> None:
    report = solve(list(lines))
    assert report.status == "solved", report.error
    assert report.verification is not None and report.verification.status == "verified"
    found = report.to_dict()["code"]
    assert found is not None and found["check"]["status"] == "verified"
    room: dict[str, Any] = {}
    exec(found["source"], room)
    given = drawn(shapes)
    result = room[found["function"]](**{a["name"]: given[a["name"]] for a in found["arguments"]})
    results = result if isinstance(result, tuple) else (result,)
    assert len(results) == len(variables)
    for key, value in zip(variables, results, strict=True):
        expected = slopes(function, given, key)
        assert np.shape(value) == expected.shape
        np.testing.assert_allclose(value, expected, rtol=2e-5, atol=2e-6)


ANSWERS: list[tuple[Lines, str]] = [
    ((r"z \in \mathbb{R}^{n\times K}", r"y \in \{1..K\}^n", r"\nabla_z -\sum_{i=1}^n\sum_{k=1}^K 1[y_i=k] \log \operatorname{softmax}(z_i)_k"),
     "softmax(z) - onehot(y, K)"),
    ((r"X_i \in \mathbb{R}^{m \times d}", r"V_i \in \mathbb{S}^m", r"y_i \in \mathbb{R}^m", r"\nabla_\beta \sum_{i=1}^n (X_i\beta)^\top V_i X_i\beta"),
     "2 sum_{i=1}^n X_i^T V_i X_i beta"),
    (("A symmetric", "grad lambda_max(A) wrt A"), "leadingeigen(A)"),
    (("x in R^d", "h in R^m", "hessian sum(exp([h; x])) wrt h"), "diag(exp(h))"),
    (("A in R^{m x n}", "X in R^{n x p}", "C in R^{m x p}", "grad ||vec(A X - C)||^2 wrt X"), "2 A^T (A X - C)"),
    ((r"w, v, x_i \in \mathbb{R}^d", r"\nabla^2_w \left(\sum_{i=1}^n (w^\top x_i)^2\right) v"), "2 sum_{i=1}^n (v^T x_i) x_i"),
    (("jacobian A x wrt x",), "A"),
    (("E in R^{V x d}", "t in {1..V}^n", "G in R^{n x d}", "grad np.sum(G * E[t]) wrt E"),
     "[(sum_{k=1}^n delta_{i,t_k} G_k)_j] for i = 1, …, V, j = 1, …, d"),
    (("<A, B>",), ""),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "answer"), ANSWERS)
def test_answers(lines: Lines, answer: str) -> None:
    report = solve(list(lines))
    assert report.status == "solved", report.error
    if answer:
        assert report.to_dict()["answer"]["plain"] == answer


REFUSED: list[tuple[Lines, str]] = [
    (("A in R^{n x n}", "grad lambda_max(A) wrt A"), "nothing says that A is symmetric"),
    (("W in R^{h x p}", "x in R^d", "h in R^m", "W [h, x]"), "p = m + d is needed"),
    (("A in R^{m x n}", "X in R^{n x p}", "jacobian vec(A X) wrt X"), "order above two through vec"),
    (("u in R^d", "e = a^T (u + )", "grad e wrt a"), "e is not defined"),
]


@pytest.mark.parametrize(("lines", "message"), REFUSED)
def test_what_is_missing_is_named(lines: Lines, message: str) -> None:
    report = solve(list(lines))
    assert report.status in ("refused", "error")
    assert report.error is not None and message in report.error.message
