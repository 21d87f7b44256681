"""Tasks as they are read: what is answered, in which parts, with which notes, and what is refused by name."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from sympy import Rational, cos, exp, log, sin, sqrt

from derive.errors import DeriveError, DoesNotExist, NotSupported, TooLarge, Undetermined, WrongUse
from derive.expressions.nodes import logit, sigmoid
from derive.meaning import read
from derive.meaning.scope import Scope
from derive.rules import RULES
from derive.solution import Solution
from derive.solving import solve

x, y, t, a, b, w, p, m = sp.symbols("x y t a b w p m", real=True)


def solved(*lines: str) -> Solution:
    scope = Scope()
    for number, line in enumerate(lines, 1):
        reading, scope = read(line, scope, line=number)
    return solve(reading)


def words(prose: tuple[Any, ...]) -> str:
    return "".join(map(str, prose))


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (["d/dx x^2 + 3"], 2 * x + 3),
        ([r"\frac{\partial^2}{\partial x\,\partial y} \log(x^2+y^2)"], -4 * x * y / (x**2 + y**2) ** 2),
        (["diff x^2 sin x wrt x twice"], -(x**2) * sin(x) + 4 * x * cos(x) + 2 * sin(x)),
        (["f(x) := sqrt(1 + x^3)", "f'(2)"], sp.Integer(2)),
        ([r"f(x) := \log(1 + e^{-2x})", "f'(0)"], sp.Integer(-1)),
        ([r"\left.\frac{d}{dx}\frac{\sin x}{x}\right|_{x=\pi}"], -1 / sp.pi),
        (["d/dx |x| at x = 0"], sp.Integer(0)),
        (["d/dx relu(x) at x = 0"], sp.Integer(0)),
        (["x^3 + y^3 = 6xy", "dy/dx"], (2 * y - x**2) / (y**2 - 2 * x)),
        (["x^2 + y^2 = 25", r"\left.\frac{dy}{dx}\right|_{x=3,y=4}"], Rational(-3, 4)),
        (["sin(x y) = x + y", "dy/dx"], (1 - y * cos(x * y)) / (x * cos(x * y) - 1)),
        (["y = x^2", "x = sin(t)", "dy/dt"], 2 * sin(t) * cos(t)),
        (["directional derivative of x^2 y at (1, 2) along (3, 4)"], sp.Integer(16)),
        (["jacobian (x^2 + y, x y) wrt x, y"], sp.ImmutableDenseMatrix([[2 * x, 1], [y, x]])),
        (["hessian of x^2 + x y + y^3 wrt x, y"], sp.ImmutableDenseMatrix([[2, 1], [1, 6 * y]])),
        (["grad x^2 + 3 y^2 wrt x, y at (x, y) = (1, 2)"], sp.Tuple(2, 12)),
        (["sin(x)^2 + cos(x)^2"], sp.Integer(1)),
        (["2/3 + 1/6"], Rational(5, 6)),
        (["sum i^2 for i from 1 to 10"], sp.Integer(385)),
        (["simplify (x^2 - 1)/(x - 1)"], x + 1),
        (["expand (x + 1)^3"], x**3 + 3 * x**2 + 3 * x + 1),
        (["factor x^3 - x"], x * (x - 1) * (x + 1)),
        (["g = d/dx x^3"], 3 * x**2),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_answers(lines: list[str], answer: Any) -> None:
    assert solved(*lines).answer == answer


@pytest.mark.parametrize(
    ("line", "solutions"),
    [
        ("solve 2 x + 3 = 11 for x", [4]),
        ("solve a x + b = 0 for x", [-b / a]),
        ("solve x^2 - 5 x + 6 = 0 for x", [2, 3]),
        ("solve x^2 = 2 for x", [-sqrt(2), sqrt(2)]),
        ("solve x^2 - 2 x - 1 = 0 for x", [1 - sqrt(2), 1 + sqrt(2)]),
        ("solve x^3 - 6 x^2 + 11 x - 6 = 0 for x", [1, 2, 3]),
        ("solve |x - 1| = 3 for x", [-2, 4]),
        ("solve e^(2 x) = 5 for x", [log(5) / 2]),
        ("solve log(x) + 1 = 0 for x", [exp(-1)]),
        ("solve 1/(1 + e^(-x)) = p for x", [logit(p)]),
        ("solve sigma(w x + b) = 1/2 for x", [-b / w]),
        ("solve sqrt(x + 1) = x - 1 for x", [3]),
        ("solve 2^x = 8 for x", [3]),
        ("solve x e^x = 0 for x", [0]),
        ("solve e^(2 x) - 3 e^x + 2 = 0 for x", [0, log(2)]),
        ("solve x^2 = 4 for x where x > 0", [2]),
    ],
)
def test_equations(line: str, solutions: list[Any]) -> None:
    solution = solved(line)
    found = list(solution.parts.values()) or [solution.answer]
    assert found == [sp.sympify(s) for s in solutions]
    assert solution.derivation is not None
    assert all(step.relation == "⇔" for step in solution.derivation.steps)


def test_a_solution_outside_the_declared_domain_is_dropped_with_a_note() -> None:
    (note,) = solved("solve x^2 = 4 for x where x > 0").notes
    assert "dropped" in words(note)


def test_a_gradient_has_a_part_for_every_variable() -> None:
    solution = solved("grad (1 - x)^2 + 100 (y - x^2)^2 wrt x, y")
    assert list(solution.parts) == ["x", "y"]
    assert sp.expand(solution.parts["x"] - (-2 * (1 - x) - 400 * x * (y - x**2))) == 0
    assert solution.parts["y"] == sp.Mul(200, y - x**2, evaluate=False)
    assert solution.derivation is not None
    assert len(solution.derivation.steps) == 2


def test_kinks_and_smooth_joints_are_noted() -> None:
    huber = solved(
        r"\delta > 0",
        r"\frac{d}{dr} \begin{cases} \frac12 r^2 & |r| \le \delta \\ \delta (|r| - \frac12\delta) & \text{otherwise} \end{cases}",
    )
    assert any("meet smoothly" in words(n) for n in huber.notes)
    elu = solved(r"\alpha > 0", r"\frac{d}{dx} \begin{cases} x & x > 0 \\ \alpha (e^{x} - 1) & x \le 0 \end{cases}")
    assert any("kink" in words(n) and "unless" in words(n) for n in elu.notes)
    assert any("kink" in words(n) for n in solved("d/dx relu(x)").notes)


def test_labels_that_sum_to_one_simplify_the_cross_entropy() -> None:
    solution = solved("y in R^K", "z in R^K", "y onehot", r"\frac{\partial}{\partial z_j} \left(-\sum_{i=1}^K y_i \log softmax(z)_i\right)")
    assert not solution.answer.has(sp.Sum)
    assert solution.derivation is not None
    assert "sums-to-one" in [s.rule for s in solution.derivation.steps]


def test_an_implicit_derivative_is_three_named_steps() -> None:
    solution = solved("x^2 + x y = 7", "dy/dx")
    assert solution.derivation is not None
    assert [s.rule for s in solution.derivation.steps][:3] == ["differentiate-both-sides", "collect-derivative", "divide-both-sides"]
    assert [s.relation for s in solution.derivation.steps][:3] == ["⇒", "⇔", "⇔"]
    assert solution.assumptions == ((sp.Ne(x, 0, evaluate=False),),)


def test_an_expression_with_nothing_to_do_stays_as_it_is_written() -> None:
    solution = solved("x^2 + 1")
    assert solution.derivation is None
    reading, _ = read("x^2 + 1")
    assert solution.answer == reading.expanded


def test_a_definition_by_the_logistic_quotient_is_named() -> None:
    assert solved(r"\frac{1}{1+e^{-x}}").answer == sigmoid(x)


@pytest.mark.parametrize(
    ("lines", "error", "mentions"),
    [
        (["solve sin x = 1/2 for x"], NotSupported, "no solver"),
        (["d/dx 1/x at x = 0"], DoesNotExist, "not defined"),
        ([r"\left.\frac{d}{dx}\begin{cases} x & x > 1 \\ 2x & x \le 1 \end{cases}\right|_{x=1}"], DoesNotExist, "jumps"),
        ([r"\left.\frac{d}{dx}\begin{cases} x & x > 0 \\ 2x & x \le 0 \end{cases}\right|_{x=0}"], DoesNotExist, "kink"),
        (["solve x^2 + 1 = 0 for x"], DoesNotExist, "no real solution"),
        (["solve a x = b"], Undetermined, "for which name"),
        (["solve a = b for x"], WrongUse, "does not occur"),
        ([r"\frac{\partial L}{\partial p}"], Undetermined, "L is not defined"),
        (["d^60/dx^60 e^(x^2)"], TooLarge, "order"),
        (["expand (x + y + 1)^150"], TooLarge, "long"),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_refusals(lines: list[str], error: type[DeriveError], mentions: str) -> None:
    with pytest.raises(error, match=mentions):
        solved(*lines)


@pytest.mark.parametrize(
    "lines",
    [
        ["d/dx x^2 e^(3 x) at x = 1"],
        ["grad x^2 y wrt x, y"],
        ["hessian of x^2 y wrt x, y"],
        ["x^2 + y^2 = 25", "dy/dx"],
        ["solve x^2 - 5 x + 6 = 0 for x"],
        ["simplify e^x e^y"],
        ["factor x^2 - 1"],
        ["sum i for i from 1 to 4"],
        [r"\frac{d^3}{dx^3} x^2 e^x"],
    ],
    ids=lambda value: value[-1],
)
def test_every_rule_that_a_step_names_can_be_looked_up(lines: list[str]) -> None:
    derivation = solved(*lines).derivation
    assert derivation is not None
    for step in derivation.walk():
        assert step.rule in RULES


def test_logarithmic_differentiation_on_request() -> None:
    solution = solved("d/dx x^(sin x) using logs")
    assert solution.derivation is not None
    assert solution.derivation.steps[0].rule == "logarithmic-differentiation"
    assert solution.answer == x ** sin(x) * (cos(x) * log(x) + sin(x) / x)
    assert solution.assumptions
