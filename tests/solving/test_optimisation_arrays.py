"""Optima over vectors and matrices: the emitted code against SciPy's minimisers or against arithmetic that knows the data only."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from derive import solve

Array = NDArray[np.float64]


def _report(*lines: str) -> dict:
    return solve(lines).to_dict()


def _run(report: dict, data: dict[str, Any]) -> Any:
    space: dict[str, Any] = {}
    exec(compile(report["code"]["source"], "emitted.py", "exec"), space)
    taken = {a["name"]: data[a["name"]] for a in report["code"]["arguments"]}
    return space[report["code"]["function"]](**taken)


def _data() -> dict[str, Any]:
    rng = np.random.default_rng(7)
    m = rng.normal(size=(4, 4))
    return {
        "X": rng.normal(size=(7, 4)), "y": rng.normal(size=7), "Y": rng.normal(size=(7, 3)), "lam": 0.3, "S": m @ m.T + np.eye(4),
        "a": rng.normal(size=4), "b": 0.8, "x_0": rng.normal(size=4), "A": rng.normal(size=(2, 4)), "c": rng.uniform(0.5, 2, size=4),
        "h": rng.normal(size=2), "G": rng.normal(size=(3, 4)), "r": 0.7, "K": 4, "n": 7, "d": 4, "tau": 0.6, "q": np.array([0.1, 0.2, 0.3, 0.4]),
        "l": np.full(4, -0.5), "u": np.full(4, 0.4), "eta": 0.1, "w_0": rng.normal(size=4), "m": 9.0,
    }  # fmt: skip


D = _data()
X, Y, S, A = D["X"], D["Y"], D["S"], D["A"]
y, a, x0, c = D["y"], D["a"], D["x_0"], D["c"]
I4 = np.eye(4)
DATA = "X in R^{n x d}, y in R^n"

PROBLEMS: list[tuple[tuple[str, ...], str, Array]] = [
    ((DATA, "minimize ||X w - y||^2 over w"), "w", np.linalg.lstsq(X, y, rcond=None)[0]),
    (
        (DATA, "lambda > 0", r"\arg\min_{w} \frac{1}{2n}\lVert X w - y \rVert_2^2 + \frac{\lambda}{2} \lVert w \rVert_2^2"), "w",
        np.linalg.solve(X.T @ X + 7 * 0.3 * I4, X.T @ y),
    ),
    ((DATA, "lambda > 0", r"\min_w \|Xw-y\|^2 + n\lambda\|w\|^2"), "w", np.linalg.solve(X.T @ X + 7 * 0.3 * I4, X.T @ y)),
    ((DATA, "G in R^{k x d}", r"\arg\min_w \|Xw-y\|_2^2 + \|G w\|_2^2"), "w", np.linalg.solve(X.T @ X + D["G"].T @ D["G"], X.T @ y)),
    (("X in R^{n x d}, Y in R^{n x k}, lambda > 0", r"\arg\min_W \|XW-Y\|_F^2 + \lambda\|W\|_F^2"), "W", np.linalg.solve(X.T @ X + 0.3 * I4, X.T @ Y)),
    (("S in S^d_{++}, a in R^d", "minimize 1/2 x^T S x - a^T x over x"), "x", np.linalg.solve(S, a)),
    (("a, x_0 in R^d", "b in R", r"\arg\min_x \|x - x_0\|_2^2 \text{ s.t. } a^\top x = b"), "x", x0 + (0.8 - a @ x0) / (a @ a) * a),
    (("a, x_0 in R^d", "b in R", r"\arg\min_x \|x - x_0\|_2^2 \text{ s.t. } a^\top x \le b"), "x", x0 + min(0.0, 0.8 - a @ x0) / (a @ a) * a),
    (("A in R^{k x d}, h in R^k", r"\arg\min_x \|x\|_2^2 \text{ s.t. } A x = h"), "x", np.linalg.pinv(A) @ D["h"]),
    (
        ("S in S^d_{++}", r"\min_w w^\top S w \quad \text{s.t.} \quad \mathbf{1}^\top w = 1"), "w",
        np.linalg.solve(S, np.ones(4)) / np.linalg.solve(S, np.ones(4)).sum(),
    ),
    (("p in Delta^K", "c in R^K", "c > 0", "maximize sum_{k=1}^K c_k log p_k over p"), "p", c / c.sum()),
    ((r"\max_{p \in \Delta^K} -\sum_{k=1}^K p_k \log p_k",), "p", np.full(4, 0.25)),
    (("c in R^K", "tau > 0", r"\max_{p \in \Delta^K} c^\top p - \tau \sum_{k=1}^K p_k \log p_k"), "p", np.exp(c / 0.6) / np.exp(c / 0.6).sum()),
    (
        ("q in Delta^K", "c in R^K", r"\min_{p \in \Delta^K} \sum_{k=1}^K p_k \log \frac{p_k}{q_k} + c^\top p"), "p",
        D["q"] * np.exp(-c) / (D["q"] * np.exp(-c)).sum(),
    ),
    (("a, x in R^d", "minimize a^T x over x subject to ||x||_2 <= 1"), "x", -a / np.linalg.norm(a)),
    (("a in R^d", "r > 0", r"\arg\min_x \|x - a\|_2^2 \text{ s.t. } \|x\|_2 \le r"), "x", a * min(1.0, 0.7 / np.linalg.norm(a))),
    (("a in R^d", r"\arg\min_x \|x - a\|_2^2 \text{ s.t. } x \ge 0"), "x", np.maximum(a, 0)),
    (("a, l, u in R^d", r"\arg\min_x \|x - a\|_2^2 \text{ s.t. } l \le x, x \le u"), "x", np.clip(a, -0.5, 0.4)),
    (("a in R^d", "lambda > 0", r"\arg\min_x \frac12\|x-a\|_2^2 + \lambda\|x\|_1"), "x", np.sign(a) * np.maximum(abs(a) - 0.3, 0)),
    (
        ("a in R^d", "lambda > 0", r"\arg\min_x \frac12\|x-a\|_2^2 + \lambda\|x\|_2"), "x", max(0.0, 1 - 0.3 / np.linalg.norm(a)) * a,
    ),
    (("S, Z in S^d_{++}", "minimize log det Z + tr(Z^{-1} S) over Z"), "Z", S),
    (("S, Z in S^d_{++}", "m > 0", "maximize m/2 log det Z - 1/2 tr(S Z) over Z"), "Z", 9 * np.linalg.inv(S)),
    (("a, c in R^d", "minimize ||a - t c||^2 over t"), "t", np.asarray(a @ c / (c @ c))),
    (("S in S^d_{++}, a, x_0, c in R^d", r"\min_t \frac12 (x_0 - t c)^\top S (x_0 - t c) - a^\top (x_0 - t c)"), "t", np.asarray((S @ x0 - a) @ c / (c @ S @ c))),
    (("S in S^d", r"\max_u u^\top S u \text{ s.t. } \|u\|_2 = 1"), "value", np.asarray(np.linalg.eigvalsh(S)[-1])),
    (("X in R^{n x d}", "maximize ||X u||^2 over u subject to u^T u = 1"), "value", np.asarray(np.linalg.eigvalsh(X.T @ X)[-1])),
    ((DATA, "gradient descent 1/2 ||X w - y||^2 from w_0 rate eta steps 1"), "w_1", D["w_0"] - 0.1 * X.T @ (X @ D["w_0"] - y)),
    ((DATA, "newton 1/2 ||X w - y||^2 from w_0"), "w_1", np.linalg.lstsq(X, y, rcond=None)[0]),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "name", "expected"), PROBLEMS, ids=[lines[-1] for lines, *_ in PROBLEMS])
def test_closed_forms(lines: tuple[str, ...], name: str, expected: Array) -> None:
    report = _report(*lines)
    assert report["status"] == "solved", report["error"]
    assert report["verification"]["status"] == "verified"
    found = np.asarray(getattr(_run(report, D), name))
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


REFUSED = [
    (("A in R^{d x d}, a in R^d", "minimize 1/2 x^T A x - a^T x over x"), "positive definite"),
    (("a in R^d", "minimize a^T x over x"), "unbounded below"),
    (("S in S^d_{++}", "maximize x^T S x over x"), "unbounded above"),
    ((DATA, "lambda > 0", r"\arg\min_w \frac12\|Xw-y\|_2^2 + \lambda\|w\|_1"), "no closed form"),
    (("S in S^d_{++}, a in R^d", r"\min_x x^\top S x - a^\top x \text{ s.t. } \|x\|_2 \le 1"), "secular equation"),
    (("a in R^K", r"\arg\min_{p \in \Delta^K} \|p - a\|_2^2"), "needs a sort"),
    (("p in Delta^K", "c in R^K", "minimize c^T p over p"), "vertex"),
]


@pytest.mark.parametrize(("lines", "reason"), REFUSED, ids=[lines[-1] for lines, _ in REFUSED])
def test_what_has_no_closed_form_or_no_optimum_is_refused(lines: tuple[str, ...], reason: str) -> None:
    report = _report(*lines)
    assert report["status"] == "refused" and reason in report["error"]["message"]
    assert report["code"] is None


CURVATURE = [
    (("A in R^{m x n}, b in R^m", "is ||A x - b||^2 convex in x"), "yes"),
    (("S in S^n_{++}, x in R^n", "is x^T S x strictly convex in x"), "yes"),
    (("x in R^n", "is -x^T x convex in x"), "no"),
    (("x in R^n", "is log sum_{i=1}^n e^{x_i} convex in x"), "yes"),
    (("X in R^{n x d}, y in R^n, lambda > 0", "is ||X w - y||^2 + lambda ||w||_1 convex in w"), "yes"),
    (("X in R^{n x d}", "is sum_{i=1}^n log(1 + exp(-x_i^T w)) convex in w"), "yes"),
]


@pytest.mark.parametrize(("lines", "answer"), CURVATURE, ids=[lines[-1] for lines, _ in CURVATURE])
def test_convexity_over_arrays(lines: tuple[str, ...], answer: str) -> None:
    report = _report(*lines)
    assert report["status"] == "solved" and report["answer"]["plain"] == answer
    assert report["verification"]["status"] == "verified"


def test_convexity_that_hangs_on_a_matrix_stays_open() -> None:
    report = _report("A in R^{n x n}, x in R^n", "is x^T A x convex in x")
    assert report["status"] == "refused" and "sign of the Hessian" in report["error"]["message"]
