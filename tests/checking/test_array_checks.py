"""Steps over arrays: right ones are verified in doubles alone, wrong ones fail however small the error is."""

from __future__ import annotations

import pytest

from derive.checking import arrays
from derive.checking.arrays import check_arrays
from derive.derivation import Check, Derivation, Step
from derive.meaning import read, read_expression
from derive.meaning.scope import Scope

LEAST = ("A in R^{m x n}", "x in R^n", "b in R^m")
SQUARE = ("A in R^{n x n}", "x in R^n")
LOGISTIC = ("X in R^{n x d}", "w in R^d", "y in R^n")
MATRIX = ("X in R^{n x n}", "A in R^{n x n}")

# declarations, task, right, wrong: sign, transposition, a factor of 1 + 1e-6, a factor in one entry, a term that is missing
STEPS = (
    (LEAST, "grad ||A x - b||^2 wrt x", "2 A^T (A x - b)", ("-2 A^T (A x - b)", "2.000002 A^T (A x - b)", "2 A^T A x", "A^T (A x - b)")),
    (SQUARE, "grad x^T A x wrt x", "(A + A^T) x", ("2 A x", "2 A^T x", "(A - A^T) x", "(A + 1.000001 A^T) x")),
    (SQUARE, "hessian x^T A x wrt x", "A + A^T", ("2 A", "A - A^T", "A + 1.000001 A^T", "A + A^T + 0.000001 diag(x)")),
    (
        LOGISTIC,
        "grad sum(log(1 + exp(X w))) - y^T X w wrt w",
        "X^T (sigma(X w) - y)",
        ("X^T (y - sigma(X w))", "X^T (1.000001 sigma(X w) - y)", "X^T (sigma(X w) + y)", "X^T sigma(X w)"),
    ),
    (MATRIX, "grad tr(X^{-1} A) wrt X", "-(X^{-1} A X^{-1})^T", ("(X^{-1} A X^{-1})^T", "-X^{-1} A X^{-1}", "-1.000001 (X^{-1} A X^{-1})^T")),
    (MATRIX, "grad log det(X) wrt X", "(X^{-1})^T", ("X^{-1}", "-(X^{-1})^T", "1.000001 (X^{-1})^T", "(X^{-1})^T + 0.000001 diag(diag(X))")),
    (("x in R^n",), "grad x^T log(x) wrt x", "log(x) + 1", ("log(x) - 1", "log(x)", "1.000001 log(x) + 1", "log(x) + 1.000001")),
    (("z in R^k",), "jacobian softmax(z) wrt z", "diag(softmax(z)) - softmax(z) softmax(z)^T",
     ("diag(softmax(z)) + softmax(z) softmax(z)^T", "diag(softmax(z)) - 1.000001 softmax(z) softmax(z)^T", "diag(softmax(z))")),
    (("x in R^n",), "grad ||x||_1 wrt x", "sign(x)", ("-sign(x)", "x / ||x||", "1.000001 sign(x)")),
    (("A in R^{2 x 2}", "x in R^2"), "grad x^T A x wrt x", "(A + A^T) x", ("(A + A^T) x + [0, 0.000001]", "[[1, 1], [1, 1.000001]] (A + A^T) x")),
    (LEAST, "grad ||A x - b||_1 wrt x", "A^T sign(A x - b)", ("A^T sign(b - A x)", "A^T sign(A x)", "1.000001 A^T sign(A x - b)")),
)  # fmt: skip
RIGHT = [(lines, task, right) for lines, task, right, _ in STEPS]
WRONG = [(lines, task, wrong) for lines, task, _, several in STEPS for wrong in several]


def checked(lines: tuple[str, ...], task: str, after: str) -> Check:
    """The check of the one step from a task to what is said to be its answer."""
    scope = Scope()
    for line in lines:
        scope = read(line, scope)[1]
    reading, _ = read(task, scope)
    step = Step("test", "A step", reading.expanded, read_expression(after, scope))
    check = check_arrays(Derivation(reading.expanded, step.after, (step,)), reading.types).steps[0].check
    assert check is not None
    return check


class _NotAsked:
    def __init__(self, *_: object) -> None:
        raise AssertionError("high precision is not needed here")


@pytest.mark.parametrize(("lines", "task", "right"), RIGHT)
def test_right_steps_are_verified_in_doubles(lines: tuple[str, ...], task: str, right: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "Exact", _NotAsked)
    check = checked(lines, task, right)
    assert check.status == "verified", check
    assert check.points == arrays.DRAWS


@pytest.mark.parametrize(("lines", "task", "right"), RIGHT)
def test_right_steps_are_verified_in_high_precision(lines: tuple[str, ...], task: str, right: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "Near", _in_doubt)
    check = checked(lines, task, right)
    assert check.status == "verified", check


def _in_doubt(*_: object) -> object:
    raise arrays.InDoubt


@pytest.mark.parametrize(("lines", "task", "wrong"), WRONG)
def test_wrong_steps_fail_and_show_the_point(lines: tuple[str, ...], task: str, wrong: str) -> None:
    check = checked(lines, task, wrong)
    assert check.status == "failed", check
    assert check.counterexample
