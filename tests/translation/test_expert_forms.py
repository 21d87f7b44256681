"""What an expert writes: running sums by accumulation, whole arrays in the order of their indices, no cuts, no stray transposes."""

from __future__ import annotations

import types
from typing import Any

import numpy as np
import pytest

from derive.session import solve

RNG = np.random.default_rng(3)
X, Y, M, W = RNG.normal(size=5), RNG.normal(size=4), RNG.normal(size=(5, 3)), RNG.normal(size=(4, 3))
S = RNG.normal(size=(5, 5))
LOGITS = S / 0.5
COSINES = (M / np.linalg.norm(M, axis=1)[:, None]) @ (M / np.linalg.norm(M, axis=1)[:, None]).T
LOG_P = LOGITS - np.log(np.sum(np.exp(LOGITS), axis=1, keepdims=True))

FORMS: list[tuple[str, str, dict[str, Any], Any]] = [
    ("s_i = \\sum_{j=1}^i x_j", "np.cumsum(x)", {"x": X}, np.cumsum(X)),
    ("\\bar\\alpha_t = \\prod_{s=1}^t \\alpha_s", "np.cumprod(", {"alpha": X}, np.cumprod(X)),
    ("w_i = \\alpha_i\\prod_{j=1}^{i-1}(1-\\alpha_j)", "np.insert(np.cumprod(", {"alpha": X},
     X * np.array([np.prod(1 - X[:k]) for k in range(5)])),
    ("\\sum_i\\sum_{j<i}x_ix_j", "x @ np.insert(np.cumsum(x[:-1]), 0, 0.0)", {"x": X}, (np.sum(X) ** 2 - np.sum(X * X)) / 2),
    ("\\sum_{i=1}^n\\sum_{j=i+1}^n x_i x_j", "np.cumsum(x[1:][::-1])", {"x": X}, (np.sum(X) ** 2 - np.sum(X * X)) / 2),
    ("\\sum_{i=1}^n (\\eta_i - \\log\\sum_{j=i}^n e^{\\eta_j})", "np.logaddexp.accumulate(eta[::-1])[::-1]", {"eta": X},
     sum(X[k] - np.log(np.sum(np.exp(X[k:]))) for k in range(5))),
    ("-\\frac1N\\sum_{i=1}^N\\log\\frac{e^{s_{ii}/\\tau}}{\\sum_j e^{s_{ij}/\\tau}}", "np.diag(", {"s": S, "tau": 0.5},
     -np.mean(np.diag(LOG_P))),
    (
        "\\log\\sum_{k\\ne y}e^{z_k} - z_y",
        "np.delete(z, y)",
        {"z": np.array([1000.0, 999.0, -5.0]), "y": 1},
        1.0,
    ),
    ("-\\sum_i(s_{ii}-\\log\\sum_j e^{s_{ij}})", "np.diag(", {"s": LOGITS}, -np.sum(np.diag(LOG_P))),
    ("z_{ik} = w_k^\\top x_i + b_k", "x @ w.T + b", {"x": M, "w": W, "b": Y}, M @ W.T + Y),
    ("A_{ij} = u_i v_j w_{ij} + c_j", "u[:, None] * v * w + c", {"u": X, "v": Y, "w": M @ W.T, "c": Y}, np.outer(X, Y) * (M @ W.T) + Y),
    ("\\frac{1}{nm}\\sum_{i=1}^n\\sum_{j=1}^m k_{ij}", "np.mean(k)", {"k": M}, np.mean(M)),
    ("\\frac{1}{mn}\\sum_{i=1}^m\\sum_{j=1}^n 1[s_i > t_j]", "np.mean(s[:, None] > t)", {"s": X, "t": Y}, np.mean(X[:, None] > Y)),
    ("\\sum_{i=1}^n\\sum_{k=1}^K r_{ik}\\|x_i-\\mu_k\\|^2", "np.einsum(", {"r": np.abs(M @ W.T), "x": M, "mu": W},
     np.sum(np.abs(M @ W.T) * np.sum((M[:, None] - W) ** 2, axis=2))),
    ("\\sum_{t=1}^{T-k}x_tx_{t+k}", "x[:x.shape[0] - k] @ x[k:]", {"x": X, "k": 2}, X[:3] @ X[2:]),
    ("\\sum_{l=0}^{T-t-1}(\\gamma\\lambda)^l\\delta_{t+l}", "gamma * lam", {"gamma": 0.9, "lam": 0.8, "delta": X, "t": 1, "T": 5},
     sum(0.72**k * X[1 + k] for k in range(3))),
    ("\\max_{1\\le i\\le n}x_i", "np.max(x)", {"x": X}, np.max(X)),
    ("S_i = \\prod_{j\\le i}\\left(1-\\frac{d_j}{n_j}\\right)", "np.cumprod(1 - d / n)", {"d": X, "n": X + 9}, np.cumprod(1 - X / (X + 9))),
    ("\\sum_{i=1}^N\\frac{2^{r_i}-1}{\\log_2(i+1)}", "np.log2(np.arange(2, r.shape[0] + 2", {"r": X}, np.sum((2.0**X - 1) / np.log2(np.arange(2, 7)))),
    ("\\max_{i<j}|x_i - x_j|", "np.max(", {"x": X}, np.max(X) - np.min(X)),
    ("\\max_{1\\le i<j\\le n}|x_i - x_j|", "np.max(", {"x": X, "n": 5}, np.max(X) - np.min(X)),
    ("\\min_{i\\ne j}\\|x_i-x_j\\|", "np.min(", {"x": M}, min(np.linalg.norm(M[i] - M[j]) for i in range(5) for j in range(i))),
    ("\\max_{k\\ne y}z_k - z_y", "np.max(", {"z": X, "y": 1}, np.max(np.delete(X, 1)) - X[1]),
    ("x \\in \\mathbb{R}^d ;; \\mu=\\frac1d\\sum_i x_i ;; \\frac{x-\\mu}{\\sqrt{\\frac1d\\sum_{i=1}^d(x_i-\\mu)^2+\\epsilon}}",
     "np.var(x)", {"x": X, "epsilon": 0.1}, (X - X.mean()) / np.sqrt(X.var() + 0.1)),
    ("z\\in\\mathbb{R}^K ;; \\frac{e^z}{\\mathbf 1^\\top e^z}", "e / np.sum(e", {"z": X}, np.exp(X) / np.sum(np.exp(X))),
    ("x \\in \\mathbb{R}^n ;; y \\in \\mathbb{R}^n ;; x @ y[::-1]", "y[::-1]", {"x": X, "y": X[::-1].copy()}, X @ X),
    ("\\sum_{i=1}^n\\sum_{j\\ne i}\\frac{q_iq_j}{|r_i-r_j|}", "q[:, None] * q / np.where(t1, np.abs(r[:, None] - r), 1.0)", {"q": X, "r": X**3},
     sum(X[i] * X[j] / abs(X[i] ** 3 - X[j] ** 3) for i in range(5) for j in range(5) if i != j)),
    ("\\sum_{i=1}^n\\sum_{j=1}^m a_ib_j|x_i-y_j|", "a @ np.abs(x[:, None] - y) @ b", {"a": X, "b": Y, "x": X, "y": Y},
     X @ np.abs(X[:, None] - Y) @ Y),
    ("-\\frac1n\\sum_{i=1}^n\\log\\frac{\\exp(z_i^\\top z_i/(\\|z_i\\|\\|z_i\\|\\tau))}{\\sum_{j=1}^n\\exp(z_i^\\top z_j/(\\|z_i\\|\\|z_j\\|\\tau))}",
     "length[:, None] * length * tau", {"z": M, "tau": 1.0}, float(np.mean(np.log(np.sum(np.exp(COSINES), axis=1))) - 1)),
    ("\\max_{j\\ne y}(0, 1+s_j-s_y)", "np.maximum(0, 1 + s - s[y])", {"s": X, "y": 1}, max(0.0, 1 + np.max(np.delete(X, 1)) - X[1])),
    ("\\min_k (x_k, 3)", "np.min(np.minimum(x, 3))", {"x": X}, min(3.0, np.min(X))),
    ("\\binom{N}{k}\\frac{B(k+a, N-k+b)}{B(a,b)}", "betaln", {"N": 4, "k": 0, "a": 1.0, "b": 1.0}, 0.2),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "part", "given", "wanted"), FORMS, ids=[f[0] for f in FORMS])
def test_form(lines: str, part: str, given: dict[str, Any], wanted: Any) -> None:
    report = solve(lines.split(" ;; "))
    assert report.code is not None, report
    assert report.code.check is not None
    assert report.code.check.status == "verified"
    assert part in report.code.source
    module = types.ModuleType("emitted")
    exec(report.code.source, module.__dict__)
    names = [a.name for a in report.code.arguments]
    assert set(names) == set(given)
    np.testing.assert_allclose(getattr(module, report.code.function)(**given), wanted, rtol=1e-12)


CUTS = [
    "z_{ik} = w_k^\\top x_i + b_k",
    "\\hat x_{ij} = \\frac{x_{ij} - \\mu_j}{\\sqrt{\\sigma_j^2+\\epsilon}}",
    "S_{ij} = \\frac{x_i^\\top x_j}{\\ell_i \\ell_j}",
]


@pytest.mark.parametrize("lines", CUTS)
def test_no_array_is_cut_to_fit(lines: str) -> None:
    report = solve([lines])
    assert report.code is not None
    body = report.code.source.rpartition('"""')[2]
    assert ".shape[0]]" not in body
    assert ".shape[1]]" not in body


def test_a_gradient_that_is_switched_off_is_zero_at_a_length_of_zero() -> None:
    report = solve(["a in R^n", "p in R^n", "q in R^n", "grad max(0, ||a - p|| - ||a - q|| + m) wrt a, p, q"])
    assert report.code is not None
    assert report.code.check is not None
    assert report.code.check.status == "verified"
    module = types.ModuleType("emitted")
    exec(report.code.source, module.__dict__)
    with np.errstate(all="raise"):
        parts = module.__dict__[report.code.function](a=np.ones(3), p=np.ones(3), q=np.full(3, 9.0), m=1.0)
    assert all(np.array_equal(part, np.zeros(3)) for part in parts)
