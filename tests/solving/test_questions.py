"""Questions with yes or no: convexity, definiteness, what matrices and vectors are; and a claim that is wrong is caught."""

from __future__ import annotations

import pytest
import sympy as sp
from questions import report_of, shown

from derive.checking.expressions import check_equal
from derive.solving.questions.definiteness import completed, witness
from derive.solving.questions.signs import sign_over

ANSWERS = [
    (("is x^2 + x y + y^2 convex in x, y",), "yes"),
    (("is x^2 - y^2 convex in x, y",), "no"),
    (("is x y convex in x, y",), "no"),
    (("is x^3 convex in x",), "no"),
    (("x > 0", "is x^3 convex in x"), "yes"),
    (("Is log x concave?",), "yes"),
    ((r"is -\log x strictly convex",), "yes"),
    (("is x log x convex",), "yes"),
    (("is max(0, 1 - x) convex",), "yes"),
    (("is |x| strictly convex",), "no"),
    (("is min(x, 1) concave",), "yes"),
    (("is min(x, 1) convex",), "no"),
    (("is log(1 + exp(x)) convex",), "yes"),
    (("is sigmoid(x) convex",), "no"),
    (("f(x) = x^2", "is f convex"), "yes"),
    (("is sqrt(x) concave",), "yes"),
    (("x > 0", "is 1/x convex"), "yes"),
    (("is (x - 2 y)^2 strictly convex in x, y",), "no"),
    (("is (x - 2 y)^2 convex in x, y",), "yes"),
    (("y > 0", "is x^2/y convex in x, y"), "yes"),
    (("is x^4 + y^4 convex in x, y",), "yes"),
    (("is log(e^x + e^y) convex in x, y",), "yes"),
    (("is a x^2 + b convex in x",), "a ≥ 0"),
    (("is 3 x + 2 strictly convex",), "no"),
    (("is [[2,1],[1,2]] positive definite",), "yes"),
    (("is [[1,2],[2,1]] positive semi-definite",), "no"),
    (("is [[1,1],[1,1]] positive definite",), "no"),
    (("is [[1,1],[1,1]] positive semidefinite",), "yes"),
    (("is [[-2,1],[1,-2]] negative definite",), "yes"),
    (("is [[2,-1,0],[-1,2,-1],[0,-1,2]] positive definite?",), "yes"),
    (("is [[1,2],[0,1]] positive definite",), "no"),
    (("is [[a,b],[b,c]] positive definite",), "a > 0 and a c − b² > 0"),
    (("is [[a,1],[1,a]] invertible",), "(a + 1)(a − 1) ≠ 0"),
    (("are [1,2],[2,4] linearly independent",), "no"),
    (("Are (1,2,3), (2,4,6) and (0,0,1) linearly dependent?",), "yes"),
    (("are [1,0,0],[1,1,0],[1,1,1] linearly independent",), "yes"),
    (("is [[0,1],[1,0]] orthogonal?",), "yes"),
    (("is [[1,1],[0,1]] diagonalisable",), "no"),
    (("is [[2,0],[0,2]] diagonalizable",), "yes"),
    (("A = [[2,1],[1,2]]", "is A invertible"), "yes"),
    ((r"is \begin{pmatrix} 1 & 2 \\ 2 & 4 \end{pmatrix} invertible",), "no"),
]
REFUSED = [
    (("is 1/x convex",), "several intervals"),
    (("A in R^{n x n}, x in R^n", "is x^T A x convex in x"), "sign of the Hessian"),
    (("is [[1,2,3],[4,5,6]] invertible",), "square"),
    (("are [1,2],[1,2,3] linearly independent",), "lengths"),
    (("is x^3 convex on x > 0",), "domain"),
]


@pytest.mark.parametrize(("lines", "answer"), ANSWERS)
def test_the_answer_and_every_step(lines: tuple[str, ...], answer: str) -> None:
    report = report_of(lines)
    assert report.status == "solved", report.error
    assert report.verification is not None and report.verification.status == "verified"
    assert shown(report) == answer


@pytest.mark.parametrize(("lines", "words"), REFUSED)
def test_what_stays_open_is_refused(lines: tuple[str, ...], words: str) -> None:
    report = report_of(lines)
    assert report.status in ("refused", "error")
    assert report.error is not None and words in report.error.message


@pytest.mark.parametrize("f", ["x**3", "Min(x, 1)", "-Abs(x)", "sin(x)"])
def test_a_wrong_claim_of_convexity_is_caught(f: str) -> None:
    x, a, b = sp.symbols("x x_a x_b", real=True)
    value = sp.sympify(f, locals={"x": x})
    middle, mean = value.subs(x, (a + b) / 2), (value.subs(x, a) + value.subs(x, b)) / 2
    assert check_equal(middle, mean, {}, "≤").status == "failed"


@pytest.mark.parametrize(
    ("f", "interval", "sign"),
    [
        ("x**2 - 2*x + 1", sp.Interval(-sp.oo, sp.oo), "nonnegative"),
        ("x**2 - 2*x + 2", sp.Interval(-sp.oo, sp.oo), "positive"),
        ("x**2 - 1", sp.Interval(-sp.oo, sp.oo), None),
        ("x**2 - 1", sp.Interval(1, sp.oo), "positive"),
        ("1 - x", sp.Interval(0, 1), "positive"),
        ("1 - x", sp.Interval(0, 2), None),
        ("exp(x) - 1", sp.Interval(-sp.oo, sp.oo), None),
        ("exp(2*x) - exp(x) + 1", sp.Interval(-sp.oo, sp.oo), "positive"),
    ],
)
def test_signs_are_exact_or_open(f: str, interval: sp.Interval, sign: str | None) -> None:
    x = sp.Symbol("x", real=True)
    assert sign_over(sp.sympify(f, locals={"x": x}), x, interval) == sign


@pytest.mark.parametrize("entries", [[[2, 1], [1, 2]], [[1, 2], [2, 1]], [[0, 1], [1, 0]], [[4, 2, 0], [2, 1, 0], [0, 0, 3]]])
def test_squares_and_witnesses_agree_with_eigenvalues(entries: list[list[int]]) -> None:
    matrix = sp.Matrix(entries)
    smallest = min(sp.N(e) for e in matrix.eigenvals(multiple=True))
    form = completed(matrix, sp.symbols(f"v_1:{matrix.rows + 1}", real=True))
    if form is not None:
        assert sp.expand(form.squares - form.written) == 0
        assert form.verdict().startswith("positive") == bool(smallest > -1e-12)
    assert (witness(matrix, 1) is not None) == bool(smallest < -1e-12)
