"""Linear algebra of matrices that are written out, in numbers and symbols: words, values against NumPy and closed forms, refusals, checks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp

import derive
from derive.checking.expressions import check_step


def _report(lines: list[str]) -> dict[str, Any]:
    return derive.solve(lines).to_dict()


def _value(report: dict[str, Any], **inputs: Any) -> Any:
    """What the emitted code gives."""
    module: dict[str, Any] = {"__name__": "emitted"}
    exec(compile(report["code"]["source"], "emitted.py", "exec"), module)
    found = module[report["code"]["function"]](**inputs)
    return found._asdict() if hasattr(found, "_asdict") else found


SCALARS = {
    "det [[2, 1, 0], [1, 3, 1], [0, 1, 4]]": "18",
    "determinant of [[1, 2], [3, 4]]": "-2",
    "\\det\\begin{pmatrix} a & b & c \\\\ c & a & b \\\\ b & c & a \\end{pmatrix}": "a**3+b**3+c**3-3*a*b*c",
    "\\det(\\lambda I - \\begin{pmatrix} 2 & 1 \\\\ 1 & 2 \\end{pmatrix})": "(lam-1)*(lam-3)",
    "rank [[1, 2, 3], [2, 4, 6], [1, 0, 1]]": "2",
    "rank [[1, k], [k, 4]]": "Piecewise((1, Eq(k, 2) | Eq(k, -2)), (2, True))",
    "nullity of [[1, 2], [2, 4]]": "1",
    "trace of [[1, 2], [3, 4]]": "5",
    "condition number of [[2, 0], [0, 1]]": "2",
    "spectral radius of [[1, 2], [3, 4]]": "5/2+sqrt(33)/2",
    "characteristic polynomial of [[1, 2], [3, 4]]": "lam**2-5*lam-2",
    "minimal polynomial of [[2, 0, 0], [0, 2, 0], [0, 0, 3]]": "lam**2-5*lam+6",
    "\\lVert \\begin{pmatrix} 1 & 2 \\\\ 2 & 1 \\end{pmatrix} \\rVert_2": "3",
    "\\lVert \\begin{pmatrix} 1 & -2 \\\\ 3 & 4 \\end{pmatrix} \\rVert_1": "6",
    "\\begin{pmatrix}1\\\\2\\\\3\\end{pmatrix}\\cdot\\begin{pmatrix}4\\\\5\\\\6\\end{pmatrix}": "32",
    "\\kappa(\\begin{pmatrix} 4 & 1 \\\\ 1 & 4 \\end{pmatrix})": "5/3",
}


@pytest.mark.parametrize("line", SCALARS)
def test_scalars(line: str) -> None:
    lines = ["M = " + line[line.index("\\begin") : -1], "\\kappa(M)"] if line.startswith("\\kappa") else [line]
    report = _report(lines)
    names = {s: sp.Symbol(s) for s in ("a", "b", "c", "k", "lam")}
    found, wanted = (sp.sympify(t, locals=names) for t in (report["answer"]["sympy"], SCALARS[line]))
    for point in (2, sp.Rational(7, 3)):
        at = {s: point + k for k, s in enumerate(names.values())}
        assert sp.simplify(found.subs(at) - wanted.subs(at)) == 0
    assert report["verification"]["status"] == "verified"


ARRAYS: dict[str, Any] = {
    "rref [[1, 2, 3], [4, 5, 6], [7, 8, 9]]": [[1, 0, -1], [0, 1, 2], [0, 0, 0]],
    "null space of [[1, 2], [2, 4]]": [-2, 1],
    "basis of the column space of [[1, 2], [2, 4]]": [1, 2],
    "row space of [[1, 2], [2, 4]]": [1, 2],
    "cholesky [[25, 15, -5], [15, 18, 0], [-5, 0, 11]]": [[5, 0, 0], [3, 3, 0], [-1, 1, 3]],
    "inverse [[2, 0, 1], [1, 1, 0], [0, 3, 1]]": np.linalg.inv([[2, 0, 1], [1, 1, 0], [0, 3, 1]]),
    "pinv([[1, 2], [2, 4]])": np.linalg.pinv([[1, 2], [2, 4]]),
    "singular values of [[1, 1], [0, 1]]": [(1 + 5**0.5) / 2, (5**0.5 - 1) / 2],
    "project [1, 2, 3] onto [1, 1, 1]": [2, 2, 2],
    "project [1, 2, 3] onto the span of [1, 0, 0], [0, 1, 0]": [1, 2, 0],
    "projection matrix onto [[1], [1]]": [[0.5, 0.5], [0.5, 0.5]],
    "solve [[1, 2], [3, 4]] x = [5, 6] for x": [-4, 4.5],
    "adjugate of [[1, 2], [3, 4]]": [[4, -2], [-3, 1]],
    "matrix exponential of [[0, 1], [0, 0]]": [[1, 1], [0, 1]],
    "e^{\\begin{pmatrix} 0 & 1 \\\\ 0 & 0 \\end{pmatrix}}": [[1, 1], [0, 1]],
    "[[4, 0], [0, 9]]^{1/2}": [[2, 0], [0, 3]],
    "stationary distribution of [[0.9, 0.1], [0.5, 0.5]]": [5 / 6, 1 / 6],
    "covariance matrix of [[1, 2], [3, 4], [5, 9]]": np.cov(np.array([[1, 2], [3, 4], [5, 9]]).T),
    "I - 2 [1, 2] [1, 2]^T": [[-1, -4], [-4, -7]],
    "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}^{-1}": np.linalg.inv([[1, 2], [3, 4]]),
}


@pytest.mark.parametrize("line", ARRAYS)
def test_arrays(line: str) -> None:
    report = _report([line])
    assert report["status"] == "solved", report["error"]
    np.testing.assert_allclose(np.asarray(_value(report), float), np.asarray(ARRAYS[line], float), atol=1e-12)
    assert report["verification"]["status"] == "verified"


PARTS: dict[str, dict[str, Any]] = {
    "solve x + y = 3, x - y = 1 for x, y": {"x": 2, "y": 1},
    "solve \\begin{cases} 2x + y = 5 \\\\ x - y = 1 \\end{cases} for x, y": {"x": 2, "y": 1},
    "eig [[2, 1], [0, 2]]": {"eigenvalues": [2, 2]},
    "eig [[2, -1, 0], [-1, 2, -1], [0, -1, 2]]": {"eigenvalues": [2 - 2**0.5, 2, 2 + 2**0.5]},
    "eigenvalues of [[1, 2, 3], [4, 5, 6], [7, 8, 10]]": {
        "eigenvalues": np.sort(np.linalg.eigvals([[1, 2, 3], [4, 5, 6], [7, 8, 10]]).real)
    },
    "svd [[1, 2], [2, 4]]": {"S": [5, 0]},
}


@pytest.mark.parametrize("line", PARTS)
def test_parts(line: str) -> None:
    report = _report([line])
    found = _value(report)
    for name, wanted in PARTS[line].items():
        np.testing.assert_allclose(np.asarray(found[name], float), np.asarray(wanted, float), rtol=1e-12, atol=1e-12)
    assert report["verification"]["status"] == "verified"


@pytest.mark.parametrize("seed", range(4))
def test_symbols_against_numbers(seed: int) -> None:
    a, b, c, d = np.random.default_rng(seed).normal(size=4) + 3.0 * np.eye(2).ravel()
    report = _report(["inverse [[a, b], [c, d]]"])
    np.testing.assert_allclose(_value(report, a=a, b=b, c=c, d=d), np.linalg.inv([[a, b], [c, d]]))
    assert "!=" in str(report["assumptions"]) or "≠" in str(report["assumptions"]) or "ne" in str(report["assumptions"])
    report = _report(["M = [[a, b], [c, d]]", "solve M x = [p, q]"])
    np.testing.assert_allclose(_value(report, a=a, b=b, c=c, d=d, p=1.0, q=2.0), np.linalg.solve([[a, b], [c, d]], [1.0, 2.0]))


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["inverse [[1, 2], [2, 4]]"], "singular"),
        (["inverse [[1, 2, 3], [4, 5, 6]]"], "square"),
        (["solve [[1, 2], [2, 4]] x = [1, 3] for x"], "inconsistent"),
        (["solve x + y = 3, 2x + 2y = 7 for x, y"], "no solution"),
        (["diagonalise [[1, 1], [0, 1]]"], "not diagonalisable"),
        (["cholesky [[1, 2], [2, 1]]"], "minor of size 2 is -3"),
        (["least squares [[1, 1], [2, 2], [3, 3]], [1, 2, 3]"], "least norm is [1/2, 1/2]"),
        (["qr [[1, 2], [2, 4]]"], "dependent"),
        (["stationary distribution of [[1, 0], [0, 1]]"], "not unique"),
        (["stationary distribution of [[0.5, 0.6], [0.5, 0.5]]"], "sums to 1"),
    ],
)
def test_refusals_say_why(lines: list[str], reason: str) -> None:
    report = _report(lines)
    assert report["status"] in ("refused", "error")
    assert reason in report["error"]["message"]


def test_a_bracket_behind_a_task_word_is_never_a_product_of_letters() -> None:
    for word in ("eig", "svd", "lu", "qr", "pca", "rref", "cholesky", "nullspace"):
        assert _report([f"{word} [[2, 1], [1, 2]]"])["task"] != "expression"


def test_free_unknowns_are_named() -> None:
    report = _report(["solve [[1, 2, 3], [0, 1, 1]] x = [6, 2] for x"])
    assert "t is free" in str(report["notes"])
    x = np.asarray(_value(report, t=0.7), float)
    np.testing.assert_allclose(np.array([[1, 2, 3], [0, 1, 1]]) @ x, [6, 2])


def test_a_planted_mistake_is_caught() -> None:
    derivation = derive.solve(["inverse [[2, 1], [1, 3]]"]).solution.derivation
    last = derivation.steps[-1]
    wrong = replace(last, part=(sp.Matrix([[1, 0], [0, 2]]), sp.eye(2)))
    assert check_step(wrong, {}).status == "failed"
    swapped = replace(derivation.steps[0], after=sp.Matrix([[1, 1, 1, 0], [0, 1, 0, 1]]), part=None)
    assert check_step(swapped, {}).status == "failed"


def test_row_operations_with_symbols_are_checked() -> None:
    step = derive.solve(["inverse [[2, 1], [1, 3]]"]).solution.derivation.steps[0]
    a = sp.Symbol("a")
    right = replace(step, before=sp.Matrix([[1, a], [2, 1]]), after=sp.Matrix([[1, a], [0, 1 - 2 * a]]), part=None)
    wrong = replace(step, before=sp.Matrix([[1, a], [2, 2 * a]]), after=sp.Matrix([[1, a], [0, 1]]), part=None)
    assert check_step(right, {}).status == "verified"
    assert check_step(wrong, {}).status == "failed"


IDENTITIES = {
    "\\operatorname{tr}(A^\\top B) - \\operatorname{tr}(B^\\top A)": "0",
    "\\det(AB) - \\det(A)\\det(B)": "0",
    "\\det(A^{-1})\\det(A)": "1",
    "\\lVert A\\rVert_F^2 - \\operatorname{tr}(A^\\top A)": "0",
    "\\operatorname{tr}(A + B) - \\operatorname{tr}(A) - \\operatorname{tr}(B)": "0",
    "\\operatorname{tr}(I_n)": "n",
    "\\operatorname{tr}(X (X^\\top X)^{-1} X^\\top)": "d",
    "\\det(I + u v^\\top) - v^\\top u": "1",
    "\\lVert Q u\\rVert^2 - \\lVert u\\rVert^2": "0",
}


@pytest.mark.parametrize("line", IDENTITIES)
def test_identities_of_any_size(line: str) -> None:
    declared = ["A, B in R^{n x n}", "A invertible", "X in R^{n x d}", "u, v in R^n", "Q orthogonal"]
    report = _report([*declared, line])
    assert report["answer"]["plain"] == IDENTITIES[line]
    assert report["verification"]["status"] == "verified"


@pytest.mark.parametrize("line", ["tr(A B) - tr(A) tr(B)", "det(A + B) - det(A) - det(B)", "tr(A B A) - tr(A B B)"])
def test_what_is_no_identity_stays(line: str) -> None:
    assert _report(["A, B in R^{n x n}", line])["answer"]["plain"] != "0"
