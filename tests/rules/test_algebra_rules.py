"""The rules that bring an answer into its form: what they make, and when they leave things alone."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import cos, exp, log, sin, sqrt, tan

from derive.expressions.nodes import sigmoid, softplus
from derive.rules import RULES
from derive.rules.distribution import expanded
from derive.rules.factors import joined, taken_apart

x, y, a, n = sp.symbols("x y a n", real=True)
p = sp.Symbol("p", positive=True)


@pytest.mark.parametrize(
    "product",
    [3 * x**2 * exp(-x) / y, x**n * y, x ** (n - 1) * exp(3 * x), sqrt(x) / (1 + x), sp.Integer(5), exp(x + y) * sin(x) ** -2],
)
def test_a_product_is_the_product_of_its_powers(product: sp.Expr) -> None:
    assert joined(*taken_apart(product)) == product


@pytest.mark.parametrize(
    ("identity", "before", "after"),
    [
        ("common-factor", 2 * x * exp(3 * x) + 3 * x**2 * exp(3 * x), x * exp(3 * x) * (2 + 3 * x)),
        ("common-factor", x**2 / sqrt(x**2 + 1) + sqrt(x**2 + 1), (2 * x**2 + 1) / sqrt(x**2 + 1)),
        ("common-factor", a * x ** (n - 1) + x**n, x ** (n - 1) * (a + x)),
        ("pythagorean-identity", sin(x) ** 2 * y + cos(x) ** 2 * y, y),
        ("pythagorean-identity", y - y * sin(x) ** 2, y * cos(x) ** 2),
        ("trigonometric-quotient", sin(x) / cos(x), tan(x)),
        ("cancel", (x**2 - 1) / (x - 1), x + 1),
        ("cancel", (6 * y - 3 * x**2) / (3 * y**2 - 6 * x), (2 * y - x**2) / (y**2 - 2 * x)),
        ("common-denominator", y / p - (1 - y) / (1 - p), (y - p) / (p * (1 - p))),
        ("nested-fraction", 1 / (p * (1 + x**2 / p**2)), p / (p**2 + x**2)),
        ("logistic-form", exp(-x) / (1 + exp(-x)) ** 2, sigmoid(x) * (1 - sigmoid(x))),
        ("logistic-form", exp(a * x) / (1 + exp(a * x)), sigmoid(a * x)),
        ("logistic-symmetry", 1 - sigmoid(-x), sigmoid(x)),
        ("logistic-odds", exp(-x) * sigmoid(x), 1 - sigmoid(x)),
        ("softplus-form", log(1 + exp(2 * x)), softplus(2 * x)),
        ("logarithm-of-a-power", log(p**3), 3 * log(p)),
        ("sign", -x * (y - a), x * (a - y)),
        ("combine-powers", x * x**n, x ** (n + 1)),
    ],
)
def test_a_rule_gives_the_form(identity: str, before: sp.Expr, after: sp.Expr) -> None:
    rewrite = RULES[identity].apply(before)
    assert rewrite is not None
    assert rewrite.result == after


@pytest.mark.parametrize(
    ("identity", "expression"),
    [
        ("common-factor", 6 * x**2 + 4 * x),
        ("common-factor", x + y),
        ("pythagorean-identity", sin(x) ** 2 + cos(y) ** 2),
        ("pythagorean-identity", 1 - sp.tanh(x) ** 2),
        ("cancel", (1 - x**2) / (1 + x**2) ** 2),
        ("logistic-form", exp(3 * x) / (1 + exp(x)) ** 2),
        ("logarithm-of-a-power", log(x**2)),
    ],
)
def test_a_rule_leaves_alone_what_it_does_not_speak_of(identity: str, expression: sp.Expr) -> None:
    assert RULES[identity].apply(expression) is None


def test_multiplying_out_is_bounded() -> None:
    symbols = sp.symbols("x0:30")
    assert expanded(sp.Add(*symbols) ** 2 * x) is None
    assert expanded(x * (x + 1) - x**2) == x
