"""A few hundred functions made at random: the answer is the slope, the steps are a chain, and the form is no longer than SymPy's."""

from __future__ import annotations

from random import Random

import pytest
import sympy as sp
from derivative_oracle import close, slope, value

from derive.expressions import nodes
from derive.solving import differentiate
from derive.solving.cost import cost

X, A = sp.symbols("x a", real=True)
B = sp.Symbol("b", positive=True)
SMOOTH = (
    sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.asin, sp.acos, sp.atan, sp.sinh, sp.cosh, sp.tanh, sp.asinh, sp.acosh, sp.atanh, sp.erf, sp.gamma,
    sp.loggamma, sp.sqrt, sp.sec, sp.sech, sp.coth, nodes.sigmoid, nodes.logit, nodes.log_sigmoid, nodes.softplus, nodes.normal_cdf, nodes.normal_pdf,
    nodes.gelu, nodes.gelu_tanh, nodes.silu, nodes.mish, nodes.softsign, nodes.expm1, nodes.log1p, nodes.tanhshrink, nodes.square,
)  # fmt: skip
BENT = (
    sp.Abs,
    sp.sign,
    nodes.relu,
    nodes.relu6,
    nodes.leaky_relu,
    nodes.elu,
    nodes.selu,
    nodes.hard_sigmoid,
    nodes.hard_swish,
    nodes.hard_tanh,
    nodes.step,
)


def function(random: Random, depth: int) -> sp.Expr:
    """An expression in x, a and b > 0."""
    if depth == 0 or random.random() < 0.15:
        return random.choice((X, X, X, X, A, B, sp.Integer(2), sp.Rational(1, 2), sp.Integer(3)))
    kind = random.random()
    if kind < 0.25:
        return function(random, depth - 1) + function(random, depth - 1)
    if kind < 0.45:
        return function(random, depth - 1) * function(random, depth - 1)
    if kind < 0.55:
        return function(random, depth - 1) / function(random, depth - 1)
    if kind < 0.65:
        return function(random, depth - 1) ** random.choice((2, 3, -1, -2, sp.Rational(1, 2), sp.Rational(-1, 2)))
    if kind < 0.68:
        return function(random, depth - 1) ** function(random, depth - 1)
    if kind < 0.72:
        return (
            sp.Max(function(random, depth - 1), sp.Integer(1), evaluate=False)
            if random.random() < 0.5
            else sp.Abs(function(random, depth - 1))
        )
    return random.choice(SMOOTH if random.random() < 0.8 else BENT)(function(random, depth - 1))


def generated(seed: int) -> sp.Expr | None:
    random = Random(seed)
    try:
        made = function(random, random.choice((2, 3, 3, 4)))
    except (ValueError, TypeError, ZeroDivisionError):  # Max of something that cannot be compared
        return None
    undefined = made.has(sp.nan, sp.zoo, sp.oo, sp.I)
    return None if undefined or X not in made.free_symbols else made


@pytest.mark.parametrize("batch", range(15))
def test_the_answer_is_the_slope(batch: int) -> None:
    compared = functions = 0
    for seed in range(batch * 30, batch * 30 + 30):
        expression = generated(seed)
        if expression is None:
            continue
        derivation = differentiate(expression, X)
        functions += 1
        random = Random(seed)
        for number in range(4):
            low, high = ((0.1, 3.0), (-2.5, 2.5))[number % 2]
            point = {X: random.uniform(low, high), A: random.uniform(-2, 2), B: random.uniform(0.2, 2)}
            expected, found = slope(expression, X, point), value(derivation.answer, point)
            if expected is None or found is None:
                continue
            assert close(expected, found, 1e-12), (seed, expression, derivation.answer, point)
            compared += 1
        for step, following in zip(derivation.steps, derivation.steps[1:], strict=False):
            assert step.after == following.before, (seed, expression)
    assert functions > 12
    assert compared > 2 * functions


def test_answers_are_about_as_short_as_those_of_sympy() -> None:
    longer = functions = 0
    for seed in range(2000, 2120):
        expression = generated(seed)
        if expression is None or expression.has(sp.Max, sp.sign, *BENT):
            continue
        functions += 1
        longer += cost(differentiate(expression, X).answer) > cost(expression.diff(X)) + 1
    assert functions > 40
    assert longer <= functions // 20


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_second_derivatives(seed: int) -> None:
    random = Random(seed)
    expression = random.choice(SMOOTH)(X * random.choice((1, A))) * random.choice((1, X, sp.exp(-X)))
    answer = differentiate(expression, X, 2).answer
    compared = 0
    for _ in range(8):
        point = {X: random.uniform(0.2, 0.9), A: random.uniform(0.3, 0.9)}
        expected, found = slope(expression, X, point, 2), value(answer, point)
        if expected is None or found is None:
            continue
        assert close(expected, found, 1e-9), (expression, answer, point)
        compared += 1
    if compared == 0:
        assert expression.has(sp.acosh)  # defined beyond 1 only
