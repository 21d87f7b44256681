"""Derivatives in the form that the field writes them, and the steps that lead there."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
import sympy as sp
from sympy import Abs, Integral, atan, cos, exp, gamma, log, polygamma, sin, sqrt, tanh

from derive.derivation import Derivation, Step
from derive.expressions.nodes import SoftmaxAt, gelu, normal_cdf, normal_pdf, sigmoid, silu, softplus
from derive.solving import differentiate

x, y, a, b, t, f, A, B = sp.symbols("x y a b t f A B", real=True)
p = 1 / (1 + exp(A * f + B))

ANSWERS = [
    (1 / (1 + exp(-x)), x, sigmoid(x) * (1 - sigmoid(x))),
    (sin(3 * x**2), x, 6 * x * cos(3 * x**2)),
    (x**2 * exp(3 * x), x, x * exp(3 * x) * (2 + 3 * x)),
    (sqrt(1 + sqrt(x)), x, 1 / (4 * sqrt(x) * sqrt(1 + sqrt(x)))),
    (x * tanh(log(1 + exp(x))), x, tanh(softplus(x)) + x * sigmoid(x) * (1 - tanh(softplus(x)) ** 2)),
    (log((x + 1) ** 2 / sqrt(x**2 + 1)), x, 2 / (x + 1) - x / (x**2 + 1)),
    (x**x, x, x**x * (1 + log(x))),
    (log(1 + exp(x)), x, sigmoid(x)),
    (log(gamma(a) * gamma(b) / gamma(a + b)), a, polygamma(0, a) - polygamma(0, a + b)),
    (-t * log(p) - (1 - t) * log(1 - p), A, f * (t + sigmoid(A * f + B) - 1)),
    (-y * log(sigmoid(a * x + b)) - (1 - y) * log(1 - sigmoid(a * x + b)), a, x * (sigmoid(a * x + b) - y)),
    (y * log(a) + (1 - y) * log(1 - a), a, (y - a) / (a * (1 - a))),
    (tanh(x), x, 1 - tanh(x) ** 2),
    (silu(x), x, sigmoid(x) * (1 + x * (1 - sigmoid(x)))),
    (gelu(x), x, normal_cdf(x) + x * normal_pdf(x)),
    (x / (1 + x**2), x, (1 - x**2) / (1 + x**2) ** 2),
    (log(x) / x**2, x, (1 - 2 * log(x)) / x**3),
    (x / (1 + Abs(x)), x, (1 + Abs(x)) ** -2),
    (atan(x / a), x, a / (a**2 + x**2)),
    (log(x + sqrt(x**2 + 1)), x, 1 / sqrt(x**2 + 1)),
    ((x**2 + 1) / (x**2 - 1), x, -4 * x / (x**2 - 1) ** 2),
    (Integral(exp(-(t**2)), (t, 0, x**2)), x, 2 * x * exp(-(x**4))),
    (Integral(exp(t * x), (t, 0, 1)), x, Integral(t * exp(t * x), (t, 0, 1))),
    (3 * x**2 + 2 * x + 1, x, 6 * x + 2),
    (sp.Integer(5), x, sp.Integer(0)),
    (a**x, x, a**x * log(a)),
]


@pytest.mark.parametrize(("function", "variable", "answer"), ANSWERS, ids=[str(f)[:40] for f, _, _ in ANSWERS])
def test_the_answer_has_the_form_of_the_field(function: sp.Expr, variable: sp.Symbol, answer: sp.Expr) -> None:
    assert differentiate(function, variable).answer == answer


@pytest.mark.parametrize(
    ("function", "rules"),
    [
        (1 / (1 + exp(-x)), ["reciprocal-rule", "chain-rule", "logistic-form"]),
        (sin(3 * x**2), ["chain-rule"]),
        (x**2 * exp(3 * x), ["product-rule", "chain-rule", "common-factor"]),
        (3 * x**2, ["power-rule"]),
        (x**2 + 3 * x, ["sum-rule"]),
        (sin(x), ["derivative-of-sin"]),
        (log(sp.cos(x)), ["chain-rule", "trigonometric-quotient"]),
    ],
)
def test_one_named_rule_a_step_and_nothing_that_needs_no_word(function: sp.Expr, rules: list[str]) -> None:
    assert [step.rule for step in differentiate(function, x).steps] == rules


def test_a_step_tells_its_instance() -> None:
    first, second, _ = differentiate(1 / (1 + exp(-x)), x).steps
    assert first.because == ("with u = ", 1 + exp(-x))
    assert second.because == ("with u = ", -x, "; constants vanish")
    assert second.formula == "(eᵘ)′ = eᵘ u′"


def test_simple_derivatives_are_sub_steps() -> None:
    (step,) = differentiate(sin(3 * x**2), x).steps
    assert [s.rule for s in step.steps] == ["derivative-of-sin", "power-rule"]
    assert step.steps[0].before == step.part[0]
    assert step.steps[-1].after == step.part[1]


def test_the_second_derivative_shows_the_steps_of_the_first_and_then_its_own() -> None:
    derivation = differentiate(x**3 * log(x), x, 2)
    assert derivation.answer == x * (6 * log(x) + 5)
    assert [step.rule for step in derivation.steps].count("product-rule") == 2
    assert derivation.steps[0].before == derivation.start
    assert all(first.after == second.before for first, second in pairwise(derivation.steps))


def test_higher_orders_without_a_sequence_go_one_order_at_a_time() -> None:
    derivation = differentiate(x**3 * log(x), x, 4)
    assert derivation.answer == 6 / x
    assert derivation.steps[0].rule == "one-order"
    assert derivation.steps[0].steps


def test_only_what_a_step_needs_is_assumed() -> None:
    positive = sp.Symbol("q", positive=True)
    assert differentiate(x**x, x).assumptions == ((sp.Gt(x, 0, evaluate=False),),)
    assert differentiate(positive**positive, positive).assumptions == ()
    assert differentiate(log(x), x).assumptions == ()
    assert differentiate(1 / x, x).assumptions == ()


def chained(derivation: Derivation) -> Iterator[tuple[object, object]]:
    places = [derivation.start, *(s.before for s in derivation.steps[1:]), derivation.answer]
    for step, start, end in zip(derivation.steps, places[:-1], places[1:], strict=True):
        yield step.before, start
        yield step.after, end


@pytest.mark.parametrize(("function", "variable"), [(f, v) for f, v, _ in ANSWERS], ids=[str(f)[:40] for f, _, _ in ANSWERS])
def test_steps_are_a_chain_from_the_task_to_the_answer(function: sp.Expr, variable: sp.Symbol) -> None:
    derivation = differentiate(function, variable)
    for left, right in chained(derivation):
        assert left == right
    for step in derivation.walk():
        assert_sub_steps_chain(step)


def assert_sub_steps_chain(step: Step) -> None:
    for first, second in zip(step.steps, step.steps[1:], strict=False):
        assert first.after == second.before


def test_an_unknown_function_keeps_its_derivative() -> None:
    g = sp.Function("g", real=True)
    assert differentiate(g(x), x).answer == sp.Derivative(g(x), x)
    answer = differentiate(g(x**2), x).answer
    assert answer.subs(g, sp.sin).doit() == 2 * x * cos(x**2)


def test_a_softmax_of_any_argument() -> None:
    i, k = sp.symbols("i k", integer=True)
    n = sp.Symbol("n", integer=True, positive=True)
    z = sp.IndexedBase(sp.Symbol("z", real=True))
    answer = differentiate(SoftmaxAt(b * z[k], k, 1, n, i), b).answer
    assert not answer.has(sp.Derivative)
    assert answer.has(sp.Sum)
