"""Deep chains and wide sums: the work is bounded, the answer is right or refused by name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sympy as sp
from derivative_oracle import close, slope, value
from sympy import cos, exp, log, sin, tanh

from derive.errors import NotSupported, TooLarge
from derive.expressions.nodes import sigmoid
from derive.solving import differentiate

x, a = sp.symbols("x a", real=True)


def nested(function: Callable[[sp.Expr], sp.Expr], depth: int) -> sp.Expr:
    expression = x
    for _ in range(depth):
        expression = function(expression)
    return expression


@pytest.mark.parametrize(
    ("function", "depth"), [(sin, 200), (tanh, 150), (sigmoid, 100), (lambda u: x + a * u, 100), (lambda u: 1 / (1 + exp(-u)), 40)]
)
def test_deep_chains(function: Callable[[sp.Expr], sp.Expr], depth: int) -> None:
    expression = nested(function, depth)
    derivation = differentiate(expression, x)
    assert len(derivation.steps) < 80
    point = {x: 0.3, a: 0.9}
    assert close(slope(expression, x, point), value(derivation.answer, point), 1e-12)


def test_wide_sums() -> None:
    derivation = differentiate(sp.Add(*(sin(k * x) for k in range(1, 301))), x)
    assert derivation.answer == sp.Add(*(k * cos(k * x) for k in range(1, 301)))
    polynomial = sp.Add(*(k * x**k for k in range(1, 301)))
    assert differentiate(polynomial, x).answer == polynomial.diff(x)


def test_products_of_many_factors() -> None:
    product = sp.Mul(*(x + k for k in range(1, 41)))
    answer = differentiate(product, x).answer
    assert close(slope(product, x, {x: 0.3}), value(answer, {x: 0.3}), 1e-12)


def test_log_sum_exp_of_many_terms() -> None:
    symbols = sp.symbols("z1:300", real=True)
    total = sp.Add(*map(exp, symbols), exp(x))
    assert differentiate(log(total), x).answer == exp(x) / total


def test_what_has_no_bound_is_refused() -> None:
    with pytest.raises(TooLarge):
        differentiate(exp(x * sin(x)), x, 500)
    with pytest.raises(NotSupported):
        differentiate(sp.zeta(x), x)
    k = sp.Symbol("k", integer=True)
    with pytest.raises(NotSupported):
        differentiate(sp.Sum(x * k, (k, 1, x)), x)
