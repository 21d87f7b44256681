"""The exponential and the logarithm made without questions are those of SymPy, on what they take themselves and on what they hand over."""

import pytest
import sympy as sp

from derive.expressions import elementary

A, B = sp.symbols("a b", positive=True)
X, Y = sp.symbols("x y", real=True)
N = sp.Symbol("n", integer=True, nonnegative=True)
Z = sp.Symbol("z")

ARGUMENTS = [
    X,
    Z,
    X + A**2 / 2,
    -((X - Y) ** 2) / (2 * A),
    (1 - X) / (1 - Y),
    sp.pi * A,
    sp.E * A,
    2 * sp.log(A),
    sp.log(A) - A * X,
    A * sp.log(B) - sp.loggamma(A) + (A - 1) * sp.log(X) - B * X,
    -sp.log(2 * sp.pi * A) / 2 - X**2 / (2 * A),
    sp.log(sp.factorial(N)) + N * sp.log(A),
    sp.log(A) * sp.log(B),
    X * sp.log(2),
    sp.exp(X),
    2 * sp.exp(X),
    sp.I * sp.pi * N,
    sp.I * X,
    sp.oo,
    sp.S.Zero,
    sp.S.One,
    sp.Integer(3),
    sp.Rational(1, 3),
    sp.S.Exp1,
]


@pytest.mark.parametrize("argument", ARGUMENTS, ids=str)
def test_as_sympy_writes_them(argument):
    assert elementary.exp(argument) == sp.exp(argument)
    assert elementary.log(argument) == sp.log(argument)
