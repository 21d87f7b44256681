"""Forms of papers over arrays: scores of Normals, norms of singular values, powers of diagonal matrices, penalties on gradients, pairs."""

from __future__ import annotations

from typing import Any

import pytest

from derive.checking.arrays import check_arrays
from derive.derivation import Derivation, Step
from derive.expressions.plain import plain
from derive.meaning import read, read_expression
from derive.meaning.scope import Scope
from derive.session import Session

Lines = tuple[str, ...]

NORMAL = ("x, mu in R^d", "Sigma in S^d_{++}")
A = "A in R^{m x n}"
SQUARE = "A in R^{n x n}"
CRITIC = ("x in R^d", "w in R^m", "f(x) = w^T tanh(W x)")
FLOW = ("z, u, w in R^d", "f = z + u tanh(w^T z + b)")
ATTENTION = ("q in R^d", "k_i in R^d", "v_i in R^p")
PENALTY = "grad (||grad f(x) wrt x|| - 1)^2 wrt"


def report_of(lines: Lines) -> Any:
    session, report = Session(), None
    for number, line in enumerate(lines, 1):
        report, session = session.run(line, number=number, final=number == len(lines))
    return report


ANSWERS: list[tuple[Lines, str]] = [
    ((*NORMAL, "grad log Normal(x; mu, Sigma) wrt x"), "Sigma^(-1) (mu - x)"),
    ((*NORMAL, r"\nabla_\mu \log \mathcal{N}(x; \mu, \Sigma)"), "Sigma^(-1) (x - mu)"),
    ((A, "grad ||A||_* wrt A"), "polarfactor(A)"),
    ((A, "grad ||A||_2 wrt A"), "leadingpair(A)"),
    ((SQUARE, "grad ||A X||_2 wrt X"), "A^T leadingpair(A X)"),
    (("x in R^n", "grad ||1 1^T x||^2 wrt x"), "2 (1^T x) (1^T * 1) * 1"),
    (("X in R^{n x d}", "grad np.sum(np.log(np.sum(np.exp(X), axis=1))) wrt X"), "softmax(X)"),
    ((*FLOW, "log|det(jacobian f wrt z)|"), ""),
    ((*CRITIC, f"{PENALTY} w"), ""),
    ((*CRITIC, f"{PENALTY} W"), ""),
    (("b in R^k", "x in R^d", "L = np.sum(np.tanh(W @ x + b)**2)", "grad L wrt W, b"), ""),
    (("X in R^{n x d}", "y in R^n", "grad sum(huber(y - X w)) wrt w"), ""),
    ((SQUARE, "D = diag(A 1)", "D^{-1/2} A D^{-1/2}"), ""),
    ((SQUARE, "D diagonal", "grad tr(D^{-1/2} A D^{-1/2} B) wrt A"), ""),
    (
        ("X in R^{n x d}", SQUARE, "D = diag(A 1)", "H = relu(D^{-1/2} A D^{-1/2} X W)", "grad ||H - Y||_F^2 wrt W"),
        "",
    ),
    (("x in R^N", "w in R^K", r"y_i = \sum_{k=1}^K w_k x_{i+k-1}", r"L = \frac12 \sum_{i=1}^{N-K+1} (y_i - t_i)^2", "grad L wrt w, x"), ""),
    (("x in R^n", r"\nabla_x \sum_{i<j} (x_i - x_j)^2"), ""),
    ((*ATTENTION, r"o = \sum_{i=1}^n \frac{\exp(q^\top k_i)}{\sum_{j=1}^n \exp(q^\top k_j)} v_i", "jacobian o wrt q"), ""),
]


@pytest.mark.parametrize(("lines", "answer"), ANSWERS)
def test_answers_are_verified_and_have_code(lines: Lines, answer: str) -> None:
    report = report_of(lines)
    assert report.error is None, report.error
    assert report.verification is None or report.verification.status == "verified"
    assert report.code is not None
    assert report.code.check.status == "verified"
    if answer:
        assert plain(report.solution.answer) == answer


CODE: list[tuple[Lines, tuple[str, ...], tuple[str, ...]]] = [
    (("X in R^{n x d}", "grad tr(X^T Z Z^T X) wrt X"), ("Z @ (Z.T @ X)",), ()),
    (("X in R^{n x d}", "H = I - 1 1^T / n", "H X"), ("X - np.sum(X, axis=0)",), ("np.eye", "np.outer")),
    (("X in R^{n x d}", "y in R^n", "grad ||y - X (X^T X)^{-1} X^T y||^2 wrt y"), ("lstsq",), ("np.linalg.solve",)),
    (("v, x in R^n", "(I - 2 v v^T) x"), (), ("np.eye", "np.outer")),
    (
        (*ATTENTION, r"o = \sum_{i=1}^n \frac{\exp(q^\top k_i)}{\sum_{j=1}^n \exp(q^\top k_j)} v_i", "jacobian o wrt q"),
        ("np.max",),
        ("np.log(",),
    ),
    ((*FLOW, "log|det(jacobian f wrt z)|"), ("slogdet",), ()),
]


@pytest.mark.parametrize(("lines", "held", "missing"), CODE)
def test_code_is_cheap_and_stable(lines: Lines, held: tuple[str, ...], missing: tuple[str, ...]) -> None:
    body = report_of(lines).code.source.split('"""')[-1]
    assert all(text in body for text in held)
    assert not any(text in body for text in missing)


@pytest.mark.parametrize("lines", [case for case in CODE if "np.max" in case[1]])
def test_nothing_is_lost_far_away(lines: tuple[Lines, tuple[str, ...], tuple[str, ...]]) -> None:
    assert not any("not accurate" in str(note) for note in report_of(lines[0]).code.notes)


def test_a_wrong_step_of_a_derivative_inside_is_seen() -> None:
    scope = Scope()
    for line in ("a in R^n", "A in R^{n x n}", "x in R^n"):
        scope = read(line, scope)[1]
    inner = read("grad x^T A x wrt x", scope)[0].expanded
    types = read("grad x^T A x wrt x", scope)[0].types
    for after, status in (("(A + A^T) x", "verified"), ("2 A x", "failed"), ("(A + 1.000001 A^T) x", "failed")):
        right = read_expression(after, scope)
        outer = Step("put-derivative-in", "Put the derivative in", inner, right, steps=(Step("read-off", "Read off", inner, right),))
        checked = check_arrays(Derivation(inner, right, (outer,)), types).steps[0]
        assert checked.check is not None
        assert checked.steps[0].check is not None
        assert (checked.check.status, checked.steps[0].check.status) == (status, status)
