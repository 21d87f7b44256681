"""Answers that hold at the points that are drawn and fail elsewhere: ties of optima, poles with parameters, special places of rows."""

from __future__ import annotations

import pytest
from questions import report_of

from derive import solve
from derive.expressions.from_sympy import from_sympy
from derive.expressions.inline import inline


def _report(*lines: str) -> dict:
    return solve(list(lines)).to_dict()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("minimize |x - 1| + |x - 3| over x", "every x from 1 to 3"),
        ("minimize max(x, -x, 1) over x", "every x from -1 to 1"),
        ("minimize max(x, 2) over x subject to x >= 0, x <= 1", "every x from 0 to 1"),
        ("maximize x + y over x, y subject to x + y <= 1, x >= 0, y >= 0", "infinitely many points"),
        ("maximize x + y over x, y subject to x + y <= 1, x >= 0", "infinitely many points"),
        ("minimize x^2 over x, y subject to x + y >= 1", "infinitely many points"),
        ("stationary points of |x|", "kinks"),
        ("minimize ||A x||^2 over x where A in R^{m x n}, x in R^n", "it is at 0"),
        ("maximize a^T x over x subject to ||x||_2 <= 1, x >= 0 where x in R^n, a in R^n", "under these constraints"),
        ("integrate 1/(x^2 - a^2) wrt x from 0 to 1", "pole inside the interval"),
        ("eig [[cos t, -sin t], [sin t, cos t]]", "eigenvectors"),
    ],
)
def test_what_is_not_unique_or_not_known_is_refused(line: str, words: str) -> None:
    report = _report(line)
    assert report["status"] == "refused"
    assert words in report["error"]["message"]


@pytest.mark.parametrize(
    ("line", "answer", "assumed"),
    [
        ("minimize ||A x - b||^2 + lambda ||x||^2 over x where A in R^{m x n}, b in R^m, x in R^n", None, ["lambda > 0"]),
        ("minimize 1/2 (x - v)^2 + lambda |x| over x", None, ["lambda > 0"]),
        ("integrate 1/(x - a)^2 wrt x from 0 to 1", "-1/(a (1 - a))", ["a (a - 1) > 0"]),
        ("integrate 1/(x + a) wrt x from 0 to 1", "log((a + 1)/a)", ["a (a + 1) > 0"]),
        ("integrate 1/(x + a) wrt x from 0 to 1 where a > 0", "log((a + 1)/a)", []),
        (r"\iint_{x \ge 0, y \ge 0, x + y \le a} x y \,dx\,dy", "a^4/24", ["a > 0"]),
        ("sum binom(n, k) (-1)^k for k from 0 to n", "0", ["n >= 1"]),
        ("sum k binom(n, k) (-1)^k for k from 0 to n", "0", ["n >= 2"]),
        ("sum k^2 for k from 1 to n", "n (n + 1) (2 n + 1) / 6", []),
        ("sum (k + 1) k for k from 1 to n", "n (n + 1) (n + 2) / 3", []),
        ("prod (1 - 1/k^2) for k from 2 to n", "(n + 1)/(2 n)", []),
        ("diagonalise [[1, 1], [0, a]]", None, ["a - 1 != 0"]),
        ("project [1, 2] onto [[a], [b]]", None, ["a^2 + b^2 != 0"]),
        ("stationary points of x^4 - 4 a x^2", None, ["a >= 0"]),
        ("is a x^2 convex", "a >= 0", []),
        ("maximize log(x) - a x over x", None, ["a != 0", "a > 0"]),
        ("integrate 1/(a^2 + x^2) wrt x", "C + atan(x/a)/a", ["a > 0"]),
        ("minimize max(0, x - 1) over x subject to x >= 2", "x = 2, value = 1", []),
        ("maximize |x| - (x + 5)^2/10 over x subject to x <= -1", "x = -10, value = 15/2", []),
    ],
)
def test_answers_say_what_they_rest_on(line: str, answer: str | None, assumed: list[str]) -> None:
    report = _report(line)
    assert report["status"] == "solved"
    assert report["verification"]["status"] == "verified"
    assert report["assumptions"] == assumed
    assert answer is None or report["answer"]["plain"] == answer


def test_convex_with_a_parameter_that_may_be_zero_is_not_said_to_be_strictly_so() -> None:
    assert "f is strictly convex" not in _report("is exp(a x) convex")["notes"]
    assert "f is strictly convex" in _report("is exp(2 x) convex")["notes"]


@pytest.mark.parametrize(
    ("row", "follows"),
    [
        ("x^2 & > 2x - 1", False),
        ("e^x & > 1 + x", False),
        (r"e^x & \ge 1 + x", True),
        (r"\log x & < x - 1", False),
        (r"\log x & \le x - 1", True),
        ("|x + y| & < |x| + |y|", False),
        (r"|x + y| & \le |x| + |y|", True),
        (r"\mathbb{1}[x > 0] & = 1 - \mathbb{1}[x < 0]", False),
        (r"\mathbb{1}[x > 0] & = 1 - \mathbb{1}[x \le 0]", True),
        (r"x^2 \mathbb{1}[x \ne 1] & = x^2", False),
        ("10^{10} x + 1 & = 10^{10} x", False),
        (r"\frac{x^2 - 1}{x - 1} & = x + 1", True),
        (r"\sqrt{x}\sqrt{y} & = \sqrt{xy}", True),
        (r"\max(0, x) & = x \mathbb{1}[x \ge 0]", True),
    ],
)
def test_rows_at_special_places(row: str, follows: bool) -> None:
    check = _report(rf"check \begin{{aligned}} {row} \end{{aligned}}")["check"]
    assert (check["first_wrong"] is None) == follows


def test_equations_that_are_not_linear_beside_a_check_block() -> None:
    rows = r"\operatorname{Cov}(X+Y,\,X-Y) &= \operatorname{Var}(X)-\operatorname{Var}(Y) \\ &= s^2 - t^2"
    report = _report(r"\operatorname{Var}(X) = s^2", r"\operatorname{}(Y) = t^2", rf"check \begin{{aligned}} {rows} \end{{aligned}}")
    assert report["error"] is None or "inside" not in report["error"]["message"]


@pytest.mark.parametrize(
    ("lines", "condition"),
    [
        ((r"\int_2^3 \frac{x}{x^2 - a} dx",), "(9 − a)/(4 − a) > 0"),
        ((r"\int_0^1 \log(x - a) dx",), "−a > 0"),
        (("pinv([[a, 0], [0, 0]])",), "a ≠ 0"),
    ],
)
def test_what_an_answer_with_parameters_rests_on_is_said(lines: tuple[str, ...], condition: str) -> None:
    report = report_of(lines)
    assert report.status == "solved" and report.solution is not None
    said = ["".join(p if isinstance(p, str) else inline(from_sympy(p)) for p in prose) for prose in report.solution.assumptions]
    assert condition in said


def test_names_that_bound_each_other_have_points() -> None:
    report = report_of(("a > 0", "b > a", r"\int_a^b \frac{1}{x} dx"))
    assert report.verification is not None and report.verification.status == "verified"
