"""Subscripts, labels, scales, capitals and ends of sums: the emitted code against NumPy that was written by hand. Each row was once read
another way, with nothing said; what can be two things is refused, with what would settle it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from derive.report import Report
from derive.session import Session

Lines = tuple[str, ...]
Inputs = dict[str, Any]

RNG = np.random.default_rng(7)
Z, Y = RNG.normal(size=(5, 3)), np.array([0, 2, 1, 1, 0])
P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
X, V = RNG.normal(size=(4, 2)), RNG.normal(size=4)
Q, K, W = RNG.normal(size=(4, 2)), RNG.normal(size=(4, 2)), RNG.normal(size=(4, 3))
A, B = RNG.normal(size=(3, 3)) + 4 * np.eye(3), RNG.normal(size=3)
S = A @ A.T
LABELS = r"y \in \{1..K\}^n"
CAUSAL = r"o_i = \sum_{j\le i}\frac{\exp(q_i^\top k_j)}{\sum_{l\le i}\exp(q_i^\top k_l)}v_j"
MATERN = r"\sigma^2\left(1+\frac{\sqrt3 r}{\ell}\right)\exp\left(-\frac{\sqrt3 r}{\ell}\right)"


def report_of(lines: Lines) -> Report:
    reports, _ = Session().run_all(lines)
    return reports[-1]


def causal(q: Any, k: Any, v: Any) -> Any:
    rows = []
    for i in range(len(q)):
        scores = k[: i + 1] @ q[i]
        weights = np.exp(scores - scores.max())
        rows.append(weights / weights.sum() @ v[: i + 1])
    return np.array(rows)


# what it is, the lines, the value by hand, the arguments
ROWS: list[tuple[str, Lines, Callable[..., Any], Inputs]] = [
    # labels as second indices, with a comma and without
    ("log loss", (LABELS, r"Z \in \mathbb{R}^{n \times K}", r"-\frac{1}{n}\sum_{i=1}^n \log Z_{i y_i}"), lambda Z, y: -np.mean(np.log(Z[range(5), y])), {"Z": P, "y": Y}),
    ("labels that nobody declared", (r"-\sum_{i=1}^N \log P_{i y_i}",), lambda P, y: -np.sum(np.log(P[range(5), y])), {"P": P, "y": Y}),
    ("with a comma", (r"-\frac1N\sum_{i=1}^N \log p_{i,y_i}",), lambda p, y: -np.mean(np.log(p[range(5), y])), {"p": P, "y": Y}),
    ("Markov chain", (r"\prod_{t=2}^T A_{y_{t-1} y_t}",), lambda A, y: np.prod([A[a, b] for a, b in zip(y, y[1:], strict=False)]), {"A": P[:3], "y": Y}),
    ("cross-entropy of logits", (r"\frac1N\sum_{i=1}^N(-z_{i,y_i} + \log\sum_j e^{z_{ij}})",), lambda z, y: -np.mean(np.log(P[range(5), y])), {"z": Z, "y": Y}),
    ("accuracy", (LABELS, r"\hat y_i = \arg\max_k z_{ik}", r"\frac1n\sum_{i=1}^n \mathbb{1}[\hat y_i = y_i]"), lambda z, y: np.mean(z.argmax(axis=1) == y), {"z": Z, "y": Y}),
    ("accuracy of given labels", (LABELS, r"\frac1n\sum_{i=1}^n \mathbb{1}[\hat y_i = y_i]"), lambda y_hat, y: np.mean(y_hat == y), {"y_hat": Y[::-1], "y": Y}),
    ("argmax inside", (LABELS, r"\frac1n\sum_{i=1}^n \mathbb{1}[\arg\max_k z_{ik} = y_i]"), lambda z, y: np.mean(z.argmax(axis=1) == y), {"z": Z, "y": Y}),
    ("argmax as a subscript", (r"i^* = \arg\max_i x_i", "y in R^n", "y_{i^*}"), lambda x, y: y[np.argmax(x)], {"x": V, "y": V[::-1]}),
    ("a class counted", (LABELS, r"N_k = \sum_{i=1}^n \mathbb{1}[y_i = k]"), lambda y, k: np.sum(y == k), {"y": Y, "k": 1}),
    ("Kronecker delta of labels", (r"\sum_{i=1}^n \delta_{y_i, c}",), lambda y, c: np.sum(y == c), {"y": Y, "c": 0}),
    # an index that runs is in no name
    ("column", (r"\sum_{i=1}^n w_{i1}",), lambda w: np.sum(w[:, 0]), {"w": W}),
    (
        "two columns", (r"\sum_{i=1}^n (y_i - x_{i1} w_1 - x_{i2} w_2)^2",),
        lambda y, x, w_1, w_2: np.sum((y - w_1 * x[:, 0] - w_2 * x[:, 1]) ** 2), {"y": V, "x": X, "w_1": 0.3, "w_2": -1.2},
    ),
    ("layers", (r"\sum_{l=1}^L \|W^{[l]}\|_F^2",), lambda W: np.sum(W**2), {"W": RNG.normal(size=(3, 2, 4))}),
    ("residuals", (r"\sum_{i=1}^n \|A x_i - b_i\|^2",), lambda A, x, b: np.sum((x @ A.T - b) ** 2), {"A": W, "x": A, "b": RNG.normal(size=(3, 4))}),
    # σ² before a bracket is a scale
    ("Matérn kernel", (MATERN,), lambda sigma, r, ell: sigma**2 * (1 + 3**0.5 * r / ell) * np.exp(-(3**0.5) * r / ell), {"sigma": 1.7, "r": 0.4, "ell": 0.9}),
    ("covariance of least squares", (r"\sigma^2(X^\top X)^{-1}",), lambda sigma, X: sigma**2 * np.linalg.inv(X.T @ X), {"sigma": 1.7, "X": X}),
    ("logistic function squared", (r"\sigma(x) - \sigma^2(x)",), lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2, {"x": 0.4}),
    # capitals that are matrices
    ("solve", ("A^{-1}b",), lambda A, b: np.linalg.solve(A, b), {"A": A, "b": B}),
    ("Gaussian process", (r"y^\top (K+\sigma^2 I)^{-1} y",), lambda y, K, sigma: y @ np.linalg.inv(K + sigma**2 * np.eye(3)) @ y, {"y": B, "K": S, "sigma": 0.7}),
    ("pseudo-inverse", ("X^+ y",), lambda X, y: np.linalg.pinv(X) @ y, {"X": X, "y": V}),
    ("outer product", (r"u v^\top",), lambda u, v: np.outer(u, v), {"u": B, "v": V}),
    (
        "two layers", (r"W_2\operatorname{ReLU}(W_1x+b_1)+b_2",),
        lambda W_2, W_1, x, b_1, b_2: W_2 @ np.maximum(W_1 @ x + b_1, 0) + b_2, {"W_2": X.T, "W_1": W, "x": B, "b_1": V, "b_2": X[0]},
    ),
    ("identity", ("I + A",), lambda A: np.eye(3) + A, {"A": A}),
    ("determinant", (r"\log|K|",), lambda K: np.log(np.linalg.det(K)), {"K": S}),
    # angle brackets hold vectors
    ("Gram matrix", (r"S_{ij} = \langle x_i, x_j\rangle",), lambda x: x @ x.T, {"x": X}),
    (
        "factorisation machine", (r"\sum_{i=1}^n\sum_{j=i+1}^n \langle v_i,v_j\rangle x_i x_j",),
        lambda v, x: sum(v[i] @ v[j] * x[i] * x[j] for i in range(4) for j in range(i + 1, 4)), {"v": X, "x": V},
    ),
    # a sum that goes up to an index has a value for each
    ("prefix sums", (r"s_i = \sum_{j=1}^i x_j",), lambda x: np.cumsum(x), {"x": V}),
    ("sums before", (r"s_i = \sum_{j=1}^{i-1} x_j",), lambda x: np.cumsum(x) - x, {"x": V}),
    ("prefix products", (r"\bar\alpha_t = \prod_{s=1}^t \alpha_s",), lambda alpha: np.cumprod(alpha), {"alpha": V}),
    ("running mean", (r"m_i = \frac{1}{i}\sum_{j=1}^i x_j",), lambda x: np.cumsum(x) / np.arange(1, 5), {"x": V}),
    ("up to a place", (r"\sum_{j=1}^i x_j",), lambda x, i: np.sum(x[:i]), {"x": V, "i": 3}),
    ("mean of n", (r"\bar x_n = \frac1n\sum_{i=1}^n x_i",), lambda x: np.mean(x), {"x": V}),
    ("causal attention", (CAUSAL,), causal, {"q": Q, "k": K, "v": W}),
    ("causal attention of large scores", (CAUSAL,), causal, {"q": 400 * Q, "k": K, "v": W}),
    ("causal attention of numbers", (CAUSAL,), causal, {"q": Q, "k": K, "v": V}),
    ("log of prefix sums", (r"s_i = \log \sum_{j=1}^i e^{x_j}",), lambda x: x[0] + np.log(np.cumsum(np.exp(x - x[0]))), {"x": 900 + V}),
    # bounds, labels that are left out, integers
    ("below K", (r"\sum_{k<K} x_k",), lambda x, K: np.sum(x[: K - 1]), {"x": V, "K": 3}),
    ("up to T", (r"\sum_{t\le T} r_t",), lambda r, T: np.sum(r[:T]), {"r": V, "T": 2}),
    ("multiclass hinge", (r"\sum_{j \ne y} \max(0, s_j - s_y + \Delta)",), lambda s, y, Delta: np.sum(np.maximum(0, s - s[y] + Delta)) - Delta, {"s": V, "y": 2, "Delta": 0.8}),
    ("pairs", (r"\sum_{i\ne j} x_i x_j",), lambda x: np.sum(x) ** 2 - np.sum(x**2), {"x": V}),
    ("geometric mean of integers", (r"\left(\prod_{i=1}^n x_i\right)^{1/n}",), lambda x: 100.0, {"x": np.full(30, 100)}),
    # words
    ("confusion matrix", (r"TP\cdot TN - FP\cdot FN",), lambda TP, TN, FP, FN: TP * TN - FP * FN, {"TP": 5, "TN": 7, "FP": 2, "FN": 3}),
    ("position", (r"\sin(pos/10000^{2i/d})",), lambda pos, i, d: np.sin(pos / 10000 ** (2 * i / d)), {"pos": 3.0, "i": 2.0, "d": 8.0}),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "by_hand", "inputs"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_code_is_what_was_meant(lines: Lines, by_hand: Callable[..., Any], inputs: Inputs) -> None:
    report = report_of(lines)
    assert report.status == "solved", report.error
    assert report.code is not None and report.code.check is not None and report.code.check.status == "verified"
    module: dict[str, Any] = {}
    exec(report.code.source, module)
    assert {argument.name for argument in report.code.arguments} == set(inputs)
    np.testing.assert_allclose(module[report.code.function](**inputs), by_hand(**inputs), rtol=1e-9, atol=1e-12)


def test_a_wrong_reading_is_seen() -> None:
    """The planted error: scores and labels one place apart are not what the accuracy is of."""
    report = report_of((LABELS, r"\frac1n\sum_{i=1}^n \mathbb{1}[\arg\max_k z_{ik} = y_i]"))
    assert report.code is not None
    module: dict[str, Any] = {}
    exec(report.code.source, module)
    best = Z.argmax(axis=1)
    assert module[report.code.function](z=Z, y=best) == 1.0
    assert module[report.code.function](z=Z, y=best + 1) == 0.0


REFUSED: list[tuple[Lines, str, str]] = [
    ((r"\sigma^2(x)",), "a power of the logistic function, or a factor", "sigma > 0"),
    ((r"\pi(1-\pi)",), "3.14159", "pi in (0, 1)"),
    ((r"\sum_{i=1}^n \rho_\tau(y_i - x_i^\top\beta)",), "rho_tau", "rho_tau"),
    ((LABELS, r"\ell(y, x) = \max(0, 1 - y x)"), "y is an array of labels", "another letter"),
    ((r"\sum_{t=1}^T x_{t|t-1}",), "t runs", "commas"),
    ((r"I - D^{-1/2} W D^{-1/2}",), "a matrix to a power that is no whole number", ""),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "reason", "settles"), REFUSED, ids=[lines[-1] for lines, *_ in REFUSED])
def test_what_can_be_two_things_is_refused(lines: Lines, reason: str, settles: str) -> None:
    report = report_of(lines)
    assert report.status in ("refused", "error") and report.code is None
    assert report.error is not None and reason in report.error.message
    said = " ".join((*report.error.expected, report.error.suggestion or "", report.error.message))
    assert settles in said


SCALARS = [(r"S + I + R",), (r"V = I R",), (r"Y = C + I + G",), (r"\frac{d}{dx} \sigma(W x + b)",)]


@pytest.mark.parametrize("lines", SCALARS, ids=[lines[-1] for lines in SCALARS])
def test_capitals_that_are_numbers_stay_numbers(lines: Lines) -> None:
    report = report_of(lines)
    assert report.code is not None
    module: dict[str, Any] = {}
    exec(report.code.source, module)
    assert np.ndim(module[report.code.function](**{a.name: 0.5 for a in report.code.arguments})) == 0
