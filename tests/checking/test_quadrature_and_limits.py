"""Numbers of integrals, limits and slow series by the interpreter of the checks: right, or not at all."""

import math

import pytest
import sympy as sp

from derive.checking.evaluate import evaluate

x, y = sp.symbols("x y", real=True)
n = sp.Symbol("n", integer=True)
oo = sp.oo

INTEGRALS = [
    (sp.Integral(sp.Abs(x), (x, -1, 2)), 2.5),
    (sp.Integral(sp.floor(3 * x), (x, 0, 1)), 1.0),
    (sp.Integral(1 / (2 + sp.cos(x)), (x, 0, 2 * sp.pi)), 2 * math.pi / math.sqrt(3)),
    (sp.Integral(sp.sin(x) / x, (x, 0, oo)), math.pi / 2),
    (sp.Integral(sp.exp(-(x**2)) * sp.cos(3 * x), (x, -oo, oo)), math.sqrt(math.pi) * math.exp(-9 / 4)),
    (sp.Integral(sp.exp(-x) * sp.log(sp.exp(-x)), (x, 0, oo)), -1.0),
    (sp.Integral(x * y, (x, 0, 1), (y, 0, 1)), 0.25),
    (sp.Integral(sp.exp(-(x**2) - y**2), (x, -oo, oo), (y, -oo, oo)), math.pi),
    (sp.Integral(1 / (x**2 + y**2) ** 2, (y, -oo, oo), (x, 1, oo)), math.pi / 4),
]


@pytest.mark.parametrize(("integral", "expected"), INTEGRALS, ids=[str(i) for i, _ in INTEGRALS])
def test_integral(integral, expected):
    assert evaluate(integral, {}) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("digits", [None, 30])
@pytest.mark.parametrize(
    "integral",
    [
        sp.Integral(1 / x, (x, 0, 1)),
        sp.Integral(1 / x, (x, -1, 1)),
        sp.Integral(1 / x, (x, 1, oo)),
        sp.Integral(sp.sin(x), (x, 0, oo)),
        sp.Integral(x / (1 + x**2), (x, -oo, oo)),
    ],
    ids=str,
)
def test_what_diverges_has_no_number(integral, digits):
    value = evaluate(integral, {}, digits)
    assert value != value


LIMITS = [
    (sp.Limit(x * sp.log(x), x, 0, "+"), 0.0),
    (sp.Limit((x + sp.sin(x)) / x, x, oo), 1.0),
    (sp.Limit(x * sp.sin(1 / x), x, 0, "+-"), 0.0),
    (sp.Limit(sp.sqrt(x**2 + x) - x, x, oo), 0.5),
    (sp.Limit((1 + 1 / x) ** x, x, oo), math.e),
]


@pytest.mark.parametrize(("limit", "expected"), LIMITS, ids=[str(v) for v, _ in LIMITS])
def test_limit(limit, expected):
    assert float(evaluate(limit, {}, 30)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    "expression",
    [
        sp.Limit(sp.sin(x), x, oo),
        sp.Limit(sp.sin(sp.pi * x), x, oo),
        sp.Limit(sp.sin(1 / x), x, 0, "+"),
        sp.Limit(sp.Abs(x) / x, x, 0, "+-"),
        sp.Sum((-1) ** n, (n, 1, oo)),
        sp.Sum(1 / n, (n, 1, oo)),
    ],
    ids=str,
)
def test_what_does_not_settle_has_no_number(expression):
    value = evaluate(expression, {}, 30)
    assert value != value


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (sp.Sum(1 / n**2, (n, 1, oo)), math.pi**2 / 6),
        (sp.Sum((-1) ** (n + 1) / n, (n, 1, oo)), math.log(2)),
        (sp.Sum((-1) ** n / (2 * n + 1), (n, 0, oo)), math.pi / 4),
    ],
    ids=["squares", "alternating", "leibniz"],
)
def test_slow_series(series, expected):
    assert float(evaluate(series, {}, 30)) == pytest.approx(expected, rel=1e-10)
