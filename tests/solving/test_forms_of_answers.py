"""The forms in which answers are written, and the steps that lead to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sympy as sp
from sympy import LambertW, log, tanh

from derive.checking.verify import check_derivation, summarise
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Term, number
from derive.meaning import read
from derive.meaning.scope import Reading, Scope
from derive.solution import Solution
from derive.solving import differentiate, solve

x, y, r = sp.symbols("x y r", real=True)


def reading_of(*lines: str) -> Reading:
    scope = Scope()
    for place, line in enumerate(lines, 1):
        reading, scope = read(line, scope, line=place)
    return reading


def checked(reading: Reading) -> tuple[Solution, str]:
    solution = solve(reading)
    assert solution.derivation is not None
    constraints = tuple(reading.options.get("constraints", ()))
    return solution, summarise(check_derivation(solution.derivation, reading.types, constraints=constraints)).status


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        (r"\frac{\partial}{\partial x_i} \prod_{k=1}^n x_k", "prod_{k != i} x_k"),
        ("d/dx (ln x/(x^2+1))", "((x^2 + 1) / x - 2 x log(x)) / (x^2 + 1)^2"),
        ("d/dx log|x|", "1 / x"),
        ("d/dx log|(1+x)/(1-x)|", "2 / (1 - x^2)"),
        (r"\frac{\partial}{\partial x_j} \sum_{i=1}^n \sum_{k=1}^n (x_i - x_k)^2", "4 sum_{i=1}^n (x_j - x_i)"),
        ("d/dx max(0, 1 - x y)", "-y * 1[1 - x y > 0]"),
        (r"\frac{d}{d\theta} \theta^k", "k theta^(k - 1)"),
        ("d/dx a^(b x)", "b a^(b x) log(a)"),
        ("simplify sigma(x) + sigma(-x)", "1"),
        ("simplify 2 sigma(2x) - 1", "tanh(x)"),
    ],
)
def test_an_answer_is_written_as_a_textbook_does_and_verified(line: str, printed: str) -> None:
    solution, status = checked(reading_of(line))
    shown = plain(from_sympy(solution.answer))
    assert to_compare(shown) == to_compare(printed)
    assert status == "verified"


def to_compare(text: str) -> str:
    for old, new in (("*", " "), ("(", " "), (")", " ")):
        text = text.replace(old, new)
    return "".join(text.split())


def test_a_product_of_a_count_and_a_greek_letter() -> None:
    n, k, theta = sp.symbols("n k theta", real=True)
    assert plain(from_sympy(k - theta * n)) == "k - n theta"


def test_a_logarithm_of_an_absolute_value_needs_no_sign() -> None:
    assert differentiate(log(sp.Abs(x)), x).answer == 1 / x


def test_cancelling_terms_are_shown_before_they_cancel() -> None:
    derivation = differentiate(x * log(x) - x, x)
    assert derivation.answer == log(x)
    first, second = derivation.steps
    assert len(first.after.args) == 3
    assert second.rule == "cancel-terms"


@pytest.mark.parametrize("function", [x ** sp.Symbol("n", real=True), sp.Symbol("a", real=True) ** x], ids=str)
def test_an_instance_that_explains_nothing_is_left_out(function: sp.Expr) -> None:
    (step,) = differentiate(function, x).steps
    assert step.because == ()


@pytest.mark.parametrize(
    ("equation", "order", "answer"),
    [
        ("x^2 + y^2 = 25", 2, -25 / y**3),
        ("x^2 + y^2 = r^2", 2, -(r**2) / y**3),
        ("x^3 + y^3 = 6 x y", 2, 16 * x * y / (2 * x - y**2) ** 3),
        ("x^2 + y^2 = 25", 3, -75 * x / y**5),
    ],
)
@pytest.mark.parametrize("form", ["flat", "nested"])
def test_implicit_derivatives_of_higher_order(equation: str, order: int, answer: Any, form: str) -> None:
    reading = reading_of(equation, "dy/dx")
    task = reading.expanded
    if form == "flat":
        term = Term("derivative", (*task.args[:2], number(order)), "d")
    else:
        term = Term("derivative", (task, task.args[1], number(order - 1)), "d")
    solution, status = checked(replace(reading, expanded=term))
    assert sp.simplify(solution.answer - answer) == 0
    assert status == "verified"


@pytest.mark.parametrize("lines", [["x^2 + y^2 + z^2 = 1", "dz/dx"], ["y = x^y", "dy/dx"]], ids=lambda lines: lines[0])
def test_implicit_derivatives_are_verified_on_the_curve(lines: list[str]) -> None:
    _, status = checked(reading_of(*lines))
    assert status == "verified"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("grad x^2 + 3 y^2 wrt x, y at (x, y) = (1, 2)", sp.Tuple(2, 12)),
        ("hessian of x^2 + x y + y^3 wrt x, y at (x, y) = (1, 2)", sp.ImmutableDenseMatrix([[2, 1], [1, 12]])),
        ("jacobian (x^2 + y, x y) wrt x, y at (x, y) = (1, 2)", sp.ImmutableDenseMatrix([[2, 1], [2, 1]])),
    ],
)
def test_several_derivatives_at_a_point(line: str, answer: Any) -> None:
    solution, status = checked(reading_of(line))
    assert solution.answer == answer
    assert status == "verified"


def test_the_step_of_a_hessian_names_the_hessian() -> None:
    solution, _ = checked(reading_of("hessian of x^2 y + y^3 wrt x, y"))
    assert solution.derivation is not None
    assert solution.derivation.steps[-1].rule == "hessian"


@pytest.mark.parametrize(
    ("line", "rules", "solutions"),
    [
        ("solve x^2 - 5 x + 6 = 0 for x", ["quadratic-formula"], [2, 3]),
        ("solve x^3 - 6 x^2 + 11 x - 6 = 0 for x", ["factorisation", "zero-product", "move-terms"], [1, 2, 3]),
        ("solve x e^x = 1 for x", ["lambert-function"], [LambertW(1)]),
        ("solve 2 x e^(3 x) = 1 for x", ["lambert-function", "divide-both-sides"], [LambertW(sp.Rational(3, 2)) / 3]),
        ("solve x e^x = -1/5 for x", ["lambert-function"], [LambertW(-sp.Rational(1, 5), -1), LambertW(-sp.Rational(1, 5))]),
    ],
)
def test_equations_take_the_steps_of_a_teacher(line: str, rules: list[str], solutions: list[Any]) -> None:
    solution, status = checked(reading_of(line))
    assert solution.derivation is not None
    assert [step.rule for step in solution.derivation.steps] == rules
    assert (list(solution.parts.values()) or [solution.answer]) == solutions
    assert status == "verified"


@pytest.mark.parametrize("line", ["d^10/dx^10 sin 2x", "d^9/dx^9 (x e^x)", "d^n/dx^n e^(a x)"])
def test_high_orders_are_verified(line: str) -> None:
    _, status = checked(reading_of(line))
    assert status == "verified"


def test_a_point_at_which_a_side_is_not_real_fails_no_check() -> None:
    solution, status = checked(reading_of("d^4/dx^4 x^x sin(x)^x"))
    assert solution.assumptions
    assert status != "failed"


def test_nested_cases_are_one_indicator() -> None:
    solution, status = checked(reading_of(r"\frac{d}{dr} \min(r A, \operatorname{clip}(r, 1-\epsilon, 1+\epsilon) A)"))
    assert len(solution.answer.atoms(sp.Piecewise)) == 1
    assert tanh not in {type(node) for node in sp.preorder_traversal(solution.answer)}
    assert status == "verified"
