"""Somebody's own derivation, row by row: right ones stand, each planted error is found at its row."""

import pytest

import derive


def _checked(*lines: str) -> dict:
    return derive.solve(list(lines)).to_dict()["check"]


BLOCKS = [
    (("check", "d/dx sin(3 x^2)", "= cos(3 x^2) * d/dx (3 x^2)", "= 6 x cos(3 x^2)"), None),
    ((r"check \begin{aligned} \frac{d}{dx} x^3 e^{2x} &= 3x^2 e^{2x} + x^3 e^{2x} \\ &= x^2 e^{2x}(3 + x) \end{aligned}",), 1),
    (("x > 0", "check", "log(x^2)", "= 2 log x", "= log x + log 2"), 3),
    (("check", r"\lim_{x \to 0} \frac{\sin x}{x}", r"= \lim_{x \to 0} \cos x", "= 0"), 3),
    (("check", r"\lim_{x \to \infty} (1 + 1/x)^x", "= e"), None),
    (("check", "integrate x^2 wrt x from 0 to 1", "= 1/3"), None),
    (("check", "integrate x^2 wrt x from 0 to 1", "= 1/2"), 2),
    (("check", "sum_{i=1}^n i", "= n (n + 1)/2", "= n^2/2 + n"), 3),
    (("check", "2 x + 4 = 10", "2 x = 6", "x = 3"), None),
    (("check", "x^2 - 5 x + 6 = 0", "(x - 2)(x - 3) = 0", "x = 2 or x = 3"), None),
    (("check", "x^2 - 5 x + 6 = 0", "(x - 2)(x - 3) = 0", "x = 2"), 3),
    (("check", "x^2 = x", "x = 1"), 2),
    (("check", "x^2 = a^2", "x = a"), 2),
    (("a > 0", "x > 0", "check", "x^2 = a^2", "x = a"), None),
    (("A, B in R^{n x n}", "check", "(A + B)^2", "= A^2 + 2 A B + B^2"), 2),
    (("A, B in R^{n x n}", "A, B invertible", "check", "(A B)^{-1}", "= B^{-1} A^{-1}"), None),
    (("A, B in R^{n x n}", "A, B invertible", "check", "(A B)^{-1}", "= A^{-1} B^{-1}"), 2),
    (("X in R^{n x d}", "y in R^n", "w in R^d", "check", "X^T (X w - y) = 0", "X^T X w = X^T y", "w = (X^T X)^{-1} X^T y"), None),
    (("X in R^{n x d}", "y in R^n", "w in R^d", "check", "X^T (X w - y) = 0", "X^T X w = X^T y", "w = X^T y"), 3),
    (("check", "[[1, 2], [3, 4]] [[0, 1], [1, 0]]", "= [[2, 1], [4, 3]]"), None),
    (("check", "[[1, 2], [3, 4]] [[0, 1], [1, 0]]", "= [[2, 1], [4, 5]]"), 2),
    (("X ~ Normal(mu, s^2)", "check", "E[X^2]", "= Var(X) + E[X]^2", "= s^2 + mu^2"), None),
    (("X ~ Normal(mu, s^2)", "check", "E[X^2]", "= E[X]^2", "= mu^2"), 2),
    (("P(+|D) = 0.9", "P(+|not D) = 0.1", "P(D) = 0.5", "check", "P(D|+)", "= P(+|D) P(D)/P(+)", "= 0.45/0.5", "= 0.9"), None),
    (("P(+|D) = 0.9", "P(+|not D) = 0.1", "P(D) = 0.5", "check", "P(D|+)", "= P(+|D)/P(+)"), 2),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "first_wrong"), BLOCKS, ids=[" ; ".join(b[0]) for b in BLOCKS])
def test_first_wrong_row(lines, first_wrong):
    found = _checked(*lines)
    assert found["first_wrong"] == first_wrong, found
    assert not [row for row in found["lines"] if row["status"] == "undecided"]


def test_what_fails_shows_a_point_and_a_hint():
    found = _checked("check", "d/dx (x^2 + 1)", "= -2 x")
    wrong = found["lines"][1]
    assert wrong["status"] == "does not follow"
    assert wrong["counterexample"]["left"] == pytest.approx(-wrong["counterexample"]["right"])
    assert wrong["hint"] == "the sign is wrong"


@pytest.mark.parametrize(
    ("right", "hint"),
    [("= x", "a factor 2 is missing"), ("= 6 x", "there is a factor 3 too much"), ("= 2 x + 5", "differ by the constant -5")],
)
def test_hints(right, hint):
    assert hint in _checked("check", "d/dx x^2", right)["lines"][1]["hint"]


def test_a_row_that_cannot_be_decided_says_so():
    found = _checked("check", "f(x) + 1", "= f(x) + 2 g(x)")
    assert found["lines"][1]["status"] in ("undecided", "does not follow")


def test_exit_status(capsys):
    from derive.cli import main

    assert main(["check", "x + x", "= 2 x"]) == 0
    assert main(["check", "x + x", "= 3 x"]) == 1
    assert "✗" in capsys.readouterr().out
