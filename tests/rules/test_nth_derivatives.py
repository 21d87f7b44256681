"""n-th derivatives at once: the same as differentiating n times, and refused where no sequence is known."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import cos, cosh, exp, log, sin, tan

from derive.expressions.binding_terms import unevaluated_derivative
from derive.rules.higher import nth_derivative

x, a, m = sp.symbols("x a m", real=True)
n = sp.Symbol("n", integer=True, nonnegative=True)
FUNCTIONS = [
    sin(2 * x), cos(a * x + 1), exp(-3 * x), log(1 + 2 * x), 1 / x, x**7, (2 * x + 1) ** m, 2**x, cosh(3 * x), 3 * x**6 - 2 * sin(x) + 1,
]  # fmt: skip


def value(function: sp.Expr, order: sp.Expr) -> sp.Expr:
    found = nth_derivative(unevaluated_derivative(function, (x, order)))
    assert found is not None
    return found[1].result


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
@pytest.mark.parametrize("order", [4, 5, 9])
def test_a_known_sequence_is_repeated_differentiation(function: sp.Expr, order: int) -> None:
    assert sp.simplify(value(function, sp.Integer(order)) - function.diff(x, order)) == 0


@pytest.mark.parametrize("function", [exp(a * x), sin(2 * x + 1), cos(x), log(x), 1 / x, 2**x, x ** sp.Symbol("m", positive=True)], ids=str)
def test_a_symbolic_order_holds_for_numbers(function: sp.Expr) -> None:
    general = value(function, n)
    for order in (1, 3):
        assert sp.simplify(sp.gammasimp(general.subs(n, order).rewrite(sp.gamma)) - function.diff(x, order)) == 0


@pytest.mark.parametrize("function", [tan(x), x * exp(x), sin(x**2), sp.Function("f", real=True)(x)], ids=str)
def test_no_sequence_is_made_up(function: sp.Expr) -> None:
    assert nth_derivative(unevaluated_derivative(function, (x, sp.Integer(5)))) is None
