"""The parts of expectation algebra by themselves: independence, closed moments, pieces, and numbers that catch a wrong integral."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from derive.errors import DoesNotExist
from derive.expressions.chance import Covariance, Expectation, Variance
from derive.meaning.reader import read
from derive.meaning.scope import Scope
from derive.probability.build import build
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution
from derive.solving.chance import lotus
from derive.solving.chance.closed_moments import closed_moment
from derive.solving.chance.known import Known
from derive.solving.chance.monomials import monomial
from derive.solving.chance.pieces import Order, pieces
from derive.solving.chance.presentable import presentable
from derive.solving.chance.stated import _agrees

X = sp.Symbol("X", real=True)
A, B = sp.symbols("a b", positive=True)


def law(name: str, *values: Any) -> Distribution:
    """A member of a family."""
    family = FAMILIES[name]
    return Distribution(family, dict(zip((p.name for p in family.parameters), map(sp.sympify, values), strict=True)))


def known(text: str) -> Known:
    """What is known on the last line."""
    scope = Scope()
    for line in text.split("; "):
        reading, scope = read(line, scope)
    return Known(build(reading))


def symbols(*names: str) -> list[sp.Symbol]:
    return [sp.Symbol(n, real=True) for n in names]


def test_independence_is_what_was_declared() -> None:
    x, y, z = symbols("X", "Y", "Z")
    pairs = known("E[X] = 0; E[Y] = 0; E[Z] = 0; X indep Y; Y indep Z; X indep Z; E[X]")
    assert pairs.independent({x}, {y})
    assert not pairs.independent({x, y}, {z})
    assert not pairs.independent({x}, {x})
    mutual = known("E[X] = 0; E[Y] = 0; E[Z] = 0; X, Y, Z independent; E[X]")
    assert mutual.independent({x, y}, {z})
    given = known("E[X] = 0; E[Y] = 0; E[Z] = 0; X indep Y | Z; E[X]")
    assert not given.independent({x}, {y})
    assert given.independent({x}, {y}, {z})
    joint = known("(X, Y) ~ Normal([0, 0], [[1, 0], [0, 1]]); E[X]")
    assert joint.independent({x}, {y})


def test_members_of_a_sample() -> None:
    found = known("x_1, ..., x_n iid ~ Normal(0, 1); E[x_1]")
    base = sp.IndexedBase(sp.Symbol("x", real=True))
    i, j = sp.symbols("i j", integer=True)
    assert found.independent({base[1]}, {base[2]})
    assert not found.independent({base[i]}, {base[j]})
    conditional = known("theta ~ Beta(1, 1); x_1, …, x_n | theta iid ~ Bernoulli(theta); E[x_1]")
    assert not conditional.independent({base[1]}, {base[2]})


MOMENTS = [
    (law("Normal", 0, 1), X**4, 3),
    (law("Exponential", 2), X**2, sp.Rational(1, 2)),
    (law("Gamma", 3, 2), 1 / X, 1),
    (law("Beta", 2, 3), X, sp.Rational(2, 5)),
    (law("Poisson", 2), X**2, 6),
    (law("Uniform", 0, 2), X**3, 2),
    (law("Pareto", 1, 3), X, sp.Rational(3, 2)),
    (law("Lognormal", 0, 1), X**2, sp.exp(2)),
]


@pytest.mark.parametrize(("distribution", "body", "expected"), MOMENTS)
def test_closed_moments(distribution: Distribution, body: Any, expected: Any) -> None:
    taken = monomial(body, X)
    assert taken is not None
    found = closed_moment(taken, distribution)
    assert found is not None
    assert sp.simplify(found.value - expected) == 0


@pytest.mark.parametrize(
    ("distribution", "body"),
    [
        (law("Cauchy", 0, 1), X),
        (law("Normal", 0, 1), 1 / X),
        (law("Exponential", 1), sp.exp(X)),
        (law("Pareto", 1, 1), X),
        (law("StudentT", 2, 0, 1), X**2),
        (law("Lognormal", 0, 1), sp.exp(X)),
        (law("Cauchy", 0, 1), sp.Abs(X)),
    ],
)
def test_what_does_not_exist(distribution: Distribution, body: Any) -> None:
    with pytest.raises(DoesNotExist):
        lotus.expectation(body, X, distribution)


def test_pieces_say_what_they_assume() -> None:
    c = sp.Symbol("c", real=True)
    order = Order()
    found = pieces(sp.Max(X - c, 0), X, sp.S.Zero, sp.oo, order)
    assert found is not None
    assert [(p.low, p.high) for p in found] == [(c, sp.oo)]
    assert order.conditions == [sp.Lt(0, c, evaluate=False)]
    settled = Order()
    assert pieces(sp.Abs(X), X, -sp.oo, sp.oo, settled) is not None
    assert not settled.conditions


def test_numbers_catch_a_wrong_integral() -> None:
    beta = law("Beta", A, B)
    right = A / (A + B)
    assert _agrees(right, X, X, beta)
    assert not _agrees(right * (1 + sp.Rational(1, 100)), X, X, beta)
    assert not _agrees(right + A / 50, X, X, beta)


def test_nodes_are_symmetric_and_differentiate_inside() -> None:
    x, y, c = symbols("X", "Y", "c")
    assert Covariance(y, x) == Covariance(x, y)
    assert Expectation((x - c) ** 2).diff(c) == Expectation(2 * c - 2 * x)
    assert Variance(x).diff(c) == 0


@pytest.mark.parametrize(
    ("value", "expected"),
    [(A - A**2, "a*(1 - a)"), (sp.exp(A * B - A), "exp(a*(b - 1))"), ((B - A) ** 2 / 12 + 0, "(-a + b)**2/12")],
)
def test_presentable_forms(value: Any, expected: str) -> None:
    assert str(presentable(value)) == expected
