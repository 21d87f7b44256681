"""The interpreter agrees with known values, in doubles and in multiple precision, and refuses what it has no number for."""

from __future__ import annotations

import math

import mpmath
import pytest
import sympy as sp

from derive.checking.evaluate import Unevaluable, evaluate
from derive.expressions import nodes
from derive.expressions.binding_terms import unevaluated_derivative
from derive.expressions.nodes import SoftmaxAt

x, y, a = sp.symbols("x y a", real=True)
n = sp.Symbol("n", integer=True, positive=True)
i, j, k = sp.symbols("i j k", integer=True)
z = sp.IndexedBase(sp.Symbol("z", real=True))
A = sp.IndexedBase(sp.Symbol("A", real=True))
f = sp.Function("f", real=True)
POINT = {"x": 0.7, "y": 1.3, "a": 2.5, "n": 3, "i": 2, "j": 3, "z": [0.2, -1.1, 0.8], "A": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]}


def d(body: sp.Expr, *orders: tuple[sp.Expr, int]) -> sp.Expr:
    return unevaluated_derivative(body, *orders)


def softmax(values: list[float], position: int) -> float:
    return math.exp(values[position - 1]) / sum(map(math.exp, values))


VALUES = [
    (x**3 - 2 * x + sp.Rational(1, 3), 0.7**3 - 1.4 + 1 / 3),
    (sp.sqrt(x) / sp.pi + sp.E, math.sqrt(0.7) / math.pi + math.e),
    (x**a, 0.7**2.5),
    (sp.Max(x, y, 1), 1.3),
    (sp.Piecewise((x, x > y), (y**2, True)), 1.69),
    (sp.Abs(-x) * sp.sign(-x), -0.7),
    (sp.floor(a) + sp.ceiling(a), 5),
    (sp.Mod(a, 1), 0.5),
    (sp.atan2(x, -y), math.atan2(0.7, -1.3)),
    (sp.Sum(z[k] ** 2, (k, 1, n)), 0.04 + 1.21 + 0.64),
    (sp.Sum(sp.Sum(A[i, k] * z[k], (k, 1, n)), (i, 1, 2)), (0.2 - 2.2 + 2.4) + (0.8 - 5.5 + 4.8)),
    (sp.Sum(k * j, (j, 1, k), (k, 1, n)), 1 + 2 * 3 + 3 * 6),
    (sp.Sum(k, (k, 1, 0)), 0),
    (sp.Product(z[k], (k, 1, n)), 0.2 * -1.1 * 0.8),
    (sp.Sum(sp.Rational(1, 2) ** k, (k, 0, sp.oo)), 2),
    (sp.KroneckerDelta(i, j) + sp.KroneckerDelta(i, 2), 1),
    (SoftmaxAt(z[k], k, 1, n, i), softmax([0.2, -1.1, 0.8], 2)),
    (sp.Subs(sp.sin(x), x, y**2), math.sin(1.69)),
    (sp.Integral(sp.exp(-(y**2)), (y, 0, x)), math.sqrt(math.pi) / 2 * math.erf(0.7)),
    (sp.Integral(sp.exp(-(y**2)), (y, -sp.oo, sp.oo)), math.sqrt(math.pi)),
    (sp.Integral(1 / sp.sqrt(y), (y, 0, 1)), 2),
    (sp.factorial(n), 6),
    (sp.binomial(a, 2), 2.5 * 1.5 / 2),
    (sp.gamma(a), math.gamma(2.5)),
    (sp.loggamma(a), math.lgamma(2.5)),
    (sp.polygamma(0, a), 0.7031566406452432),
    (sp.polygamma(1, a), 0.4903577561002348),
    (sp.erf(x) + sp.erfc(x), 1),
    (nodes.sigmoid(x), 1 / (1 + math.exp(-0.7))),
    (nodes.softplus(x), math.log1p(math.exp(0.7))),
    (nodes.gelu(x), 0.7 * (1 + math.erf(0.7 / math.sqrt(2))) / 2),
    (d(sp.sin(x * y), (x, 1)), 1.3 * math.cos(0.91)),
    (d(sp.sin(x * y), (x, 2)), -1.69 * math.sin(0.91)),
    (d(sp.sin(x * y), (x, 3)), -(1.3**3) * math.cos(0.91)),
    (d(sp.sin(x * y), (x, 1), (y, 1)), math.cos(0.91) - 0.91 * math.sin(0.91)),
    (d(d(sp.exp(x**2), (x, 1)) * x, (x, 1)), (4 * 0.7 + 4 * 0.7**3) * math.exp(0.49)),
    (d(sp.Abs(x - 1) ** 3, (x, 1)), -3 * 0.09),
    (d(sp.gamma(x), (x, 1)), float(mpmath.gamma(0.7) * mpmath.psi(0, 0.7))),
    (d(sp.erf(x), (x, 1)), 2 / math.sqrt(math.pi) * math.exp(-0.49)),
    (d(sp.Integral(sp.sin(y * x), (y, 0, x**2)), (x, 1)), 0.5873814617325313),
    (d(sp.Sum(z[k] ** 3, (k, 1, n)), (z[i], 1)), 3 * 1.21),
    (d(A[1, j] * A[2, j] * z[i], (A[2, j], 1)), 3.0 * -1.1),
    (d(SoftmaxAt(z[k], k, 1, n, i), (z[j], 1)), -softmax([0.2, -1.1, 0.8], 2) * softmax([0.2, -1.1, 0.8], 3)),
]


@pytest.mark.parametrize(("expression", "expected"), VALUES, ids=lambda value: str(value)[:50])
def test_doubles(expression: sp.Expr, expected: float) -> None:
    assert evaluate(expression, POINT) == pytest.approx(expected, rel=1e-9, abs=1e-14)


@pytest.mark.parametrize(("expression", "expected"), VALUES, ids=lambda value: str(value)[:50])
def test_multiple_precision(expression: sp.Expr, expected: float) -> None:
    assert float(evaluate(expression, POINT, digits=25)) == pytest.approx(expected, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("name", sorted(nodes.NODES))
def test_own_functions_are_what_their_definition_says(name: str) -> None:
    function = nodes.NODES[name]
    arity = {"hypot": 2, "clip": 3}.get(name, 1)
    for value in (-2.3, -0.4, 0.3, 0.8, 4.1, 7.0):
        point = {x: value, y: -1.5, a: 1.5}
        arguments = [x, y, a][:arity]
        if name in ("logit",) and not 0 < value < 1:
            continue
        if name in ("log1p", "trigamma") and value < -1:
            continue
        expected = function(*arguments).definition().subs(point).evalf(20)
        assert float(evaluate(function(*arguments), point)) == pytest.approx(float(expected), rel=1e-12, abs=1e-15)
        assert float(evaluate(function(*arguments), point, digits=25)) == pytest.approx(float(expected), rel=1e-14, abs=1e-16)


def test_many_digits_are_right() -> None:
    value = evaluate(d(sp.exp(x), (x, 2)), {"x": 2}, digits=30)
    assert abs(value - mpmath.mp.mpf(0) - value.context.exp(2)) < value.context.mpf(10) ** -30


def test_a_derivative_of_an_undefined_function_is_consistent() -> None:
    h = 1e-5
    here = {"x": 0.7}
    slope = (evaluate(f(x), {"x": 0.7 + h}) - evaluate(f(x), {"x": 0.7 - h})) / (2 * h)
    assert evaluate(d(f(x), (x, 1)), here) == pytest.approx(slope, rel=1e-8)
    inner = evaluate(sp.Subs(d(f(y), (y, 1)), y, x**2) * 2 * x, here)
    assert evaluate(d(f(x**2), (x, 1)), here) == pytest.approx(inner, rel=1e-12)


def test_outside_the_domain_there_is_no_number() -> None:
    assert math.isnan(evaluate(sp.log(x), {"x": -1.0}))
    assert math.isnan(evaluate(d(sp.log(x), (x, 1)), {"x": -1.0}))
    assert math.isnan(evaluate(1 / x, {"x": 0}))
    assert math.isnan(evaluate(sp.sqrt(x) ** 3, {"x": -2.0}))
    assert evaluate(sp.exp(x), {"x": 1e9}) == math.inf


def test_a_circle_that_meets_a_kink_is_refused() -> None:
    assert math.isnan(evaluate(d(sp.Abs(x) ** 3, (x, 2)), {"x": 1e-4}))
    assert float(evaluate(d(sp.Abs(x) ** 3, (x, 2)), {"x": 1e-4}, digits=20)) == pytest.approx(6e-4)


def test_collections_are_evaluated_entry_by_entry() -> None:
    assert evaluate(sp.Tuple(x, x**2), {"x": 3}) == [3, 9]
    assert evaluate(sp.ImmutableDenseMatrix([[x, 1], [0, x]]), {"x": 2}) == [[2, 1], [0, 2]]


def test_complex_values() -> None:
    c = sp.Symbol("c", complex=True)
    assert complex(evaluate(sp.I * c, {"c": 1 + 2j})) == -2 + 1j
    assert float(evaluate(sp.Abs(c), {"c": 3 + 4j})) == 5


@pytest.mark.parametrize(
    "expression",
    [
        sp.Sum(k, (k, 1, 10**12)),
        sp.Sum(z[k], (k, 1, a)),
        sp.Sum(1, (i, 1, 200), (j, 1, 200), (k, 1, 200)),
        sp.Limit(x, x, 0),
        sp.Integral(x, x),
        z[a],
        sp.Symbol("missing"),
        z[n + 1],
        d(x, (x**2, 1)),
    ],
    ids=str,
)
def test_what_has_no_number_is_said(expression: sp.Expr) -> None:
    with pytest.raises(Unevaluable):
        evaluate(expression, POINT)


def tower(height: int) -> sp.Expr:
    value: sp.Expr = x
    for _ in range(height):
        value = x**value
    return value


@pytest.mark.parametrize(
    "expression",
    [
        tower(20),
        d(tower(20), (x, 1)),
        sp.exp(sp.exp(sp.exp(sp.exp(sp.exp(x))))),
        sp.sin(sp.exp(sp.exp(sp.exp(x)))),
        sp.gamma(sp.exp(sp.exp(sp.exp(x)))),
        sp.polygamma(0, -sp.exp(20 * x)),
        sp.Mod(sp.exp(sp.exp(sp.exp(x))), 3),
        sp.floor(sp.exp(sp.exp(sp.exp(x)))),
        sp.factorial(sp.exp(sp.exp(x))),
    ],
    ids=lambda value: str(value)[:40],
)
@pytest.mark.parametrize("digits", [None, 30])
def test_huge_values_end_quickly(expression: sp.Expr, digits: int | None) -> None:
    value = evaluate(expression, {"x": 3.5}, digits)
    assert not abs(value) < 1e5
