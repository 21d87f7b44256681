"""Code over arrays as somebody writes it who knows NumPy: symmetric products, one inverse, forward values used again, numbers first."""

from __future__ import annotations

import pytest

from derive.derivation import Check
from derive.meaning import read
from derive.meaning.scope import Scope
from derive.translation.translate import translate

DATA = "X in R^{n x d} ;; w in R^d ;; y in R^n ;; "
NORMAL = "x_i in R^d ;; mu in R^d ;; Sigma in S^d_{++} ;; "
CASES = [
    (DATA + "X^T diag(sigma(X w) \\odot (1 - sigma(X w))) X", ["np.sqrt(e) / (1.0 + e)", "B.T @ B"], ["np.sqrt(e) / (1.0 + e) ** 2"]),
    (DATA + "X^T diag(y) X", ["(X * y[:, None]).T @ X"], ["sqrt", "B.T"]),
    (DATA + "X^T diag(exp(y)) X", ["np.sqrt(np.exp(y))", "B.T @ B"], []),
    (DATA + "(2/n) X^T (X w - y)", ["2 / X.shape[0] * (X.T @ (X @ w - y))"], []),
    ("A in R^{n x n} ;; A^T + A", ["A.T + A"], [").T"]),
    (
        NORMAL + "Sigma^{-1} (sum_{i=1}^n (x_i - mu)(x_i - mu)^T) Sigma^{-1}",
        ["P = np.linalg.inv(Sigma)", "difference.T @ difference"],
        ["solve"],
    ),
    (NORMAL + "Sigma^{-1} (sum_{i=1}^n (x_i - mu))", ["np.linalg.solve(Sigma, "], ["inv"]),
    ("A in R^{m x n} ;; x in R^n ;; v in R^m ;; A^T (v \\odot (1 - tanh(A x)^2)) + A^T tanh(A x)", ["np.tanh(A @ x)", "1 - "], ["np.exp"]),
    ("A in R^{m x n} ;; x in R^n ;; v in R^m ;; v \\odot (1 - tanh(A x)^2)", ["np.exp(-np.abs("], ["np.tanh"]),
]


@pytest.mark.parametrize(("lines", "there", "absent"), CASES)
def test_code(lines: str, there: list[str], absent: list[str]) -> None:
    scope = Scope()
    for number, line in enumerate(lines.split(" ;; "), 1):
        reading, scope = read(line, scope, line=number)
    code = translate(reading.expanded, reading.types, function="f", summary="A function")
    assert isinstance(code.check, Check)
    assert code.check.status == "verified"
    assert not code.notes
    for part in there:
        assert part in code.source
    for part in absent:
        assert part not in code.source
