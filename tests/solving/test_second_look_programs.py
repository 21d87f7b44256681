"""Gradients of programs and of families of rows, as people type them: names of several letters, biases, widths, smoothing constants.

The oracle is central differences of the function written by hand; every argument's rank is asked for by hand as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from questions import report_of

Function = Callable[..., Any]


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def attention(X: Any, Wq: Any, Wk: Any, Wv: Any, Y: Any, d: float) -> Any:
    return np.sum((softmax((X @ Wq) @ (X @ Wk).T / np.sqrt(d)) @ (X @ Wv) - Y) ** 2)


def normalised(X: Any, G: Any, eps: float) -> Any:
    return np.sum(G * (X - X.mean(axis=0)) / np.sqrt(X.var(axis=0) + eps))


def regression(W: Any, x: Any, y: Any) -> Any:
    return -np.sum(y * np.log(softmax(x @ W.T))) / len(x)


def differences(function: Function, values: dict[str, Any], name: str, step: float = 1e-5) -> np.ndarray:
    """The slopes of the function along every entry of one argument."""
    start = np.asarray(values[name], dtype=float)
    slopes = np.zeros_like(start)
    for place in np.ndindex(start.shape):
        ends = []
        for sign in (1, -1):
            moved = start.copy()
            moved[place] += sign * step
            ends.append(function(**{**values, name: moved}))
        slopes[place] = (ends[0] - ends[1]) / (2 * step)
    return slopes


ATTENTION = "grad np.sum((softmax((X @ Wq) @ (X @ Wk).T / np.sqrt(d)) @ (X @ Wv) - Y)**2) wrt "
WIDE = {"X": (4, 3), "Wq": (3, 2), "Wk": (3, 2), "Wv": (3, 5), "Y": (4, 5), "d": ()}
LOSS = "def loss(X, Wq, G): return np.sum(softmax(X @ Wq) * G)"
ROWS = r"L = -\frac{1}{N}\sum_{i=1}^N \sum_{k=1}^K y_{ik} \log \frac{e^{w_k^\top x_i}}{\sum_{j=1}^K e^{w_j^\top x_i}}"

GRADIENTS: list[tuple[tuple[str, ...], dict[str, tuple[int, ...]], Function, tuple[str, ...]]] = [
    ((ATTENTION + "Wk",), WIDE, attention, ("Wk",)),
    ((ATTENTION + "Wq, X",), WIDE, attention, ("Wq", "X")),
    (
        ("grad np.sum(np.tanh(X @ Wq + bq) ** 2) wrt bq, Wq",),
        {"X": (4, 3), "Wq": (3, 2), "bq": (2,)},
        lambda X, Wq, bq: np.sum(np.tanh(X @ Wq + bq) ** 2),
        ("bq", "Wq"),
    ),
    (
        ("X in R^{n x d}", LOSS, "grad loss(X, Wq, G) wrt Wq"),
        {"X": (4, 3), "Wq": (3, 2), "G": (4, 2)},
        lambda X, Wq, G: np.sum(softmax(X @ Wq) * G),
        ("Wq",),
    ),
    (
        ("X in R^{n x d}", "grad np.sum(G * (X - X.mean(axis=0)) / np.sqrt(X.var(axis=0) + eps)) wrt X"),
        {"X": (4, 3), "G": (4, 3), "eps": ()},
        normalised,
        ("X",),
    ),
    (
        ("grad np.sum((np.tanh(X @ W1 / tau + b1) @ W2 - Y)**2) wrt W1",),
        {"X": (4, 3), "W1": (3, 2), "b1": (2,), "W2": (2, 5), "Y": (4, 5), "tau": ()},
        lambda X, W1, b1, W2, Y, tau: np.sum((np.tanh(X @ W1 / tau + b1) @ W2 - Y) ** 2),
        ("W1",),
    ),
    ((ROWS, r"\nabla_W L"), {"W": (3, 2), "x": (4, 2), "y": (4, 3)}, regression, ("W",)),
    ((r"L = \sum_i \|x_i - m\|^2", r"\nabla_X L"), {"X": (4, 3), "m": (3,)}, lambda X, m: np.sum((X - m) ** 2), ("X",)),
    ((r"\nabla \log \sum_{i=1}^n e^{x_i}",), {"x": (4,)}, lambda x: np.log(np.sum(np.exp(x))), ("x",)),
]


@pytest.mark.parametrize(("lines", "ranks", "function", "variables"), GRADIENTS, ids=[" ; ".join(lines)[-70:] for lines, *_ in GRADIENTS])
def test_a_gradient_agrees_with_differences(
    lines: tuple[str, ...], ranks: dict[str, tuple[int, ...]], function: Function, variables: tuple[str, ...]
) -> None:
    report = report_of(lines)
    assert report.status == "solved" and report.verification.status == "verified", report.error
    assert {a.name: len(a.shape) for a in report.code.arguments} == {name: len(shape) for name, shape in ranks.items()}
    generator = np.random.default_rng(7)
    values = {name: generator.uniform(0.2, 1.5, shape) if shape else float(generator.uniform(0.5, 1.5)) for name, shape in ranks.items()}
    namespace: dict[str, Any] = {}
    exec(report.code.source, namespace)  # the code that derive has emitted
    result = namespace[report.code.function](**values)
    for name in variables:
        found = result if len(variables) == 1 else getattr(result, name)
        np.testing.assert_allclose(found, differences(function, values, name), rtol=1e-6, atol=1e-7)


BARS = [
    (r"\nabla_x \log(1 + e^{w^\top x}) |_{x=0}", "w/2"),
    (r"\nabla^2_x \log(1 + e^{w^\top x}) \Big|_{x=0}", "w w^T / 4"),
    (r"\nabla_x \|A x - b\|^2 |_{x=0}", "-2 A^T b"),
    (r"\nabla_x x^\top A x |_{x=a}", "(A^T + A) a"),
    (r"\nabla_x \sum_{i=1}^n x_i^2 |_{x=a}", "2 a"),
    (r"\nabla_{x,y} (x^2 y) |_{x=1,y=2}", "(4, 1)"),
    (r"\nabla_w (w^T x) |_{x=a}", "a"),
    (r"\frac{d}{dx} \sum_{i=1}^n x^i |_{x=1}", "sum_{i=1}^n i"),
]


@pytest.mark.parametrize(("line", "answer"), BARS, ids=[line for line, _ in BARS])
def test_a_bar_is_around_the_gradient(line: str, answer: str) -> None:
    report = report_of((line,))
    assert report.verification.status == "verified"
    assert report.to_dict()["answer"]["plain"] == answer


TAYLOR = [
    ("taylor log(1 + exp(w^T x)) wrt x at x = 0 order 2", "log(2) + w^T x / 2 + (w^T x)^2/8"),
    ("taylor ||A x - b||^2 at x = x_0 order 1", "||A x_0 - b||_2^2 + 2 (x - x_0)^T A^T (A x_0 - b)"),
    ("taylor log(1 + exp(w^T x)) wrt x at 0 order 1", "log(2) + w^T x / 2"),
    ("taylor exp(a x) at x = 0 order 2", "a^2 x^2 / 2 + a x + 1"),
]


@pytest.mark.parametrize(("line", "answer"), TAYLOR, ids=[line for line, _ in TAYLOR])
def test_a_taylor_polynomial_needs_no_declaration(line: str, answer: str) -> None:
    assert report_of((line,)).to_dict()["answer"]["plain"] == answer


def test_powers_of_e_are_gathered() -> None:
    answer = report_of(("jacobian softmax(x) wrt x at x = [1, 2]",)).to_dict()["answer"]["plain"]
    assert "e^1" not in answer and "e^4/" in answer


SAID = [
    (("x in R^d", "grad np.sum(gamma * np.tanh(x) + beta) wrt gamma"), "gamma is taken as a number"),
    (("grad np.sum((np.tanh(X @ W1 / tau) @ W2 - Y)**2) wrt W1",), "tau is taken as a number"),
    ((r"L = \sum_i \|x_i - m\|^2", r"\nabla_X L"), "x_i is a row of X"),
]


@pytest.mark.parametrize(("lines", "note"), SAID, ids=[note for _, note in SAID])
def test_what_a_name_is_taken_for_is_said(lines: tuple[str, ...], note: str) -> None:
    assert note in report_of(lines).to_dict()["reading"]["notes"]


MISTAKES = [
    (("grad ||A x - b|^2 wrt x",), "is closed by |"),
    (("grad sum_{i=1}^n n^2",), "there is no variable to differentiate with respect to"),
]


@pytest.mark.parametrize(("lines", "message"), MISTAKES, ids=[lines[-1] for lines, _ in MISTAKES])
def test_a_mistake_is_named(lines: tuple[str, ...], message: str) -> None:
    report = report_of(lines)
    assert report.status == "error" and message in report.error.message


def test_ones_times_their_transpose_is_never_built() -> None:
    source = report_of(("X in R^{n x d}", "grad np.sum((X - X.mean(axis=0))**4) wrt X")).code.source
    assert "np.outer" not in source and "np.ones" not in source


def test_a_running_index_is_not_called_as_a_size() -> None:
    lines = (
        r"y_{ij} = \sum_{a=1}^k \sum_{b=1}^k w_{ab} x_{i+a-1, j+b-1}",
        r"\frac{\partial}{\partial w_{ab}} \sum_{i=1}^{n} \sum_{j=1}^{m} (y_{ij} - t_{ij})^2",
    )
    answer = report_of(lines).to_dict()["answer"]["plain"]
    assert "sum_{j=1}^m" in answer and "sum_{m=" not in answer
