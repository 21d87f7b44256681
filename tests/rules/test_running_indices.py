"""Sums, products and softmax with running indices: the delta is shown, resolved, and right at small sizes."""

from __future__ import annotations

from random import Random

import pytest
import sympy as sp
from derivative_oracle import written_out_agree
from sympy import Product, Sum, exp, log, sqrt

from derive.expressions.nodes import SoftmaxAt, sigmoid
from derive.rules.indices import instance
from derive.rules.sums import DELTA
from derive.solving.derivatives import differentiate

i, j, k = sp.symbols("i j k", integer=True)
n, m = sp.symbols("n m", integer=True, positive=True)
b, mu = sp.symbols("b mu", real=True)
x, y, w, z = (sp.IndexedBase(sp.Symbol(s, real=True)) for s in "xywz")
A = sp.IndexedBase(sp.Symbol("A", real=True))
softmax_i = SoftmaxAt(z[k], k, 1, n, i)
softmax_j = SoftmaxAt(z[k], k, 1, n, j)


@pytest.mark.parametrize(
    ("function", "variable", "answer"),
    [
        (
            Sum((y[i] - Sum(w[k] * A[i, k], (k, 1, m))) ** 2, (i, 1, n)) / 2,
            w[j],
            -Sum(A[i, j] * (y[i] - Sum(w[k] * A[i, k], (k, 1, m))), (i, 1, n)),
        ),
        (log(Sum(exp(z[k]), (k, 1, n))), z[j], softmax_j),
        (softmax_i, z[j], softmax_i * (sp.KroneckerDelta(i, j) - softmax_j)),
        (exp(z[i]) / Sum(exp(z[k]), (k, 1, n)), z[j], softmax_i * (sp.KroneckerDelta(i, j) - softmax_j)),
        (log(softmax_i), z[j], sp.KroneckerDelta(i, j) - softmax_j),
        (-Sum(y[i] * log(softmax_i), (i, 1, n)), z[j], softmax_j * Sum(y[i], (i, 1, n)) - y[j]),
        (Sum(x[i] ** 2, (i, 1, n)), x[j], 2 * x[j]),
        (Sum(x[i] ** 2, (i, 1, n)), x[i], 2 * x[i]),
        (sqrt(Sum(x[i] ** 2, (i, 1, n))), x[j], x[j] / sqrt(Sum(x[i] ** 2, (i, 1, n)))),
        (
            Product(x[i], (i, 1, n)),
            x[j],
            Product(sp.Piecewise((x[i], sp.Ne(i, j, evaluate=False)), (1, True), evaluate=False), (i, 1, n)),
        ),
        (Sum(x[i], (i, 1, n)) / n, x[j], 1 / n),
        (Sum((x[i] - mu) ** 2, (i, 1, n)), mu, 2 * Sum(mu - x[i], (i, 1, n))),
        (Sum(log(sigmoid(b * x[i])), (i, 1, n)), b, Sum(x[i] * (1 - sigmoid(b * x[i])), (i, 1, n))),
    ],
)
def test_answers_take_the_form_of_the_field(function: sp.Expr, variable: sp.Expr, answer: sp.Expr) -> None:
    assert differentiate(function, variable).answer == answer


@pytest.mark.parametrize(
    ("function", "variable"),
    [
        (Sum((y[i] - Sum(w[k] * A[i, k], (k, 1, m))) ** 2, (i, 1, n)), w[j]),
        (Sum(Sum(A[i, k] * x[i] * x[k], (k, 1, n)), (i, 1, n)), x[j]),
        (Sum((x[i + 1] - x[i]) ** 2, (i, 1, n - 1)), x[j]),
        (Sum(exp(z[i]) * x[i], (i, 1, n)) / Sum(exp(z[k]), (k, 1, n)), z[j]),
        (softmax_i**2, z[j]),
        (SoftmaxAt(b * z[k], k, 1, n, i), b),
        (log(Sum(exp(b * x[i]), (i, 1, n))) / b, b),
        (Sum(x[i] * log(b) + (1 - x[i]) * log(1 - b), (i, 1, n)), b),
        (log(Product(b ** x[i] * (1 - b) ** (1 - x[i]), (i, 1, n))), b),
        (Product(1 + x[i] ** 2, (i, 1, n)), x[j]),
        (Sum(sp.Piecewise((x[i] * x[k], sp.Ne(i, k)), (0, True)), (i, 1, n)), x[j]),
        (Sum(log(1 + exp(-y[i] * Sum(w[k] * A[i, k], (k, 1, m)))), (i, 1, n)), w[j]),
        (Sum(Sum((x[i] - x[k]) ** 2, (k, 1, i)), (i, 1, n)), x[j]),
    ],
)
def test_answers_agree_with_differences_at_small_sizes(function: sp.Expr, variable: sp.Expr) -> None:
    derivation = differentiate(function, variable)
    assert not derivation.answer.has(sp.Derivative)
    assert written_out_agree(function, variable, derivation.answer, {n: 4, m: 3}, {i: 2, j: 3, k: 4}, Random(0))


def test_the_delta_is_shown_before_it_is_resolved() -> None:
    steps = differentiate(Sum(x[i] ** 2, (i, 1, n)), x[j]).steps
    assert [s.rule for s in steps] == ["power-rule", "kronecker-delta"]
    assert steps[0].after.has(sp.KroneckerDelta)
    assert not steps[1].after.has(sp.KroneckerDelta)


def test_a_delta_outside_the_range_is_zero_and_a_moving_range_is_a_condition() -> None:
    assert DELTA.apply(Sum(x[i] * sp.KroneckerDelta(i, 7), (i, 1, 5))).result == 0
    assert DELTA.apply(Sum(x[i] * sp.KroneckerDelta(i, 3), (i, 1, 5))).result == x[3]
    assert DELTA.apply(Sum(x[i] * sp.KroneckerDelta(i, j), (i, 1, n - 1))).result == sp.Piecewise(
        (x[j], j <= n - 1), (0, True), evaluate=False
    )


def test_an_index_is_not_captured() -> None:
    inner = Sum(x[j] * y[k], (j, 1, n))
    renamed = instance(inner, k, j)
    (limit,) = renamed.limits
    assert limit[0] not in (j, k)
    assert j in renamed.free_symbols
    assert instance(SoftmaxAt(z[k], k, 1, n, k), k, i) == softmax_i
