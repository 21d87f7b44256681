"""The checks of optima can fail: a wrong optimum, a point that is not feasible, a list of stationary points with one missing."""

from __future__ import annotations

from random import Random

import pytest
import sympy as sp

from derive.checking.feasible import Programme, solved, tried
from derive.checking.verify import check_derivation
from derive.derivation import Claim, Derivation, Step
from derive.expressions.term import Name, Term
from derive.meaning.reader import read
from derive.meaning.scope import Scope

x, y = sp.symbols("x y", real=True)


def _status(claim: Claim) -> str:
    step = Step("global-optimum", "Global optimum", x, x, "⇒", claim=claim)
    (checked,) = check_derivation(Derivation(x, x, (step,)), {}).steps
    assert checked.check is not None
    return checked.check.status


CLAIMS = [
    (Claim("optimum", (x - 1) ** 2, (sp.S(1),), (x,)), "verified"),
    (Claim("optimum", (x - 1) ** 2, (sp.Rational(101, 100),), (x,)), "failed"),
    (Claim("optimum", x**3 - 3 * x, (sp.S(1),), (x,)), "failed"),
    (Claim("optimum", x**2 + y**2, (sp.S(1) / 2, sp.S(1) / 2), (x, y), (sp.Eq(x + y, 1),)), "verified"),
    (Claim("optimum", x**2 + y**2, (sp.S(1), sp.S(0)), (x, y), (sp.Eq(x + y, 1),)), "failed"),
    (Claim("optimum", x**2 + y**2, (sp.S(0), sp.S(0)), (x, y), (sp.Eq(x + y, 1),)), "failed"),
    (Claim("optimum", (x - 2) ** 2, (sp.S(1),), (x,), (sp.Le(x, 1),)), "verified"),
    (Claim("optimum", (x - 2) ** 2, (sp.S(2),), (x,), (sp.Le(x, 1),)), "failed"),
    (Claim("stationary", x**3 - 3 * x, ((sp.S(-1),), (sp.S(1),)), (x,)), "verified"),
    (Claim("stationary", x**3 - 3 * x, ((sp.S(1),),), (x,)), "failed"),
    (Claim("stationary", x**3 - 3 * x, ((sp.S(-1),), (sp.S(1),), (sp.S(0),)), (x,)), "failed"),
    (Claim("stationary", x**3 + y**3 - 3 * x * y, ((sp.S(0), sp.S(0)),), (x, y)), "failed"),
]


@pytest.mark.parametrize(("claim", "status"), CLAIMS)
def test_claims_over_scalars(claim: Claim, status: str) -> None:
    assert _status(claim) == status


@pytest.mark.parametrize(
    ("answer", "status"), [("x_0 - (a^T x_0 - b) a / (a^T a)", "verified"), ("x_0 - (a^T x_0 - b) a", "failed"), ("x_0", "failed")]
)
def test_claims_over_arrays(answer: str, status: str) -> None:
    scope = Scope()
    for line in ("a, x_0, x in R^n", "b in R"):
        _, scope = read(line, scope)
    reading, _ = read("minimize ||x - x_0||^2 over x subject to a^T x = b", scope)
    value, _ = read(answer, scope)
    body, over, constraint = reading.expanded.args
    claim = Claim("optimum", body, (value.expanded,), over.args, (constraint,))
    step = Step("global-optimum", "Global optimum", body, value.expanded, "⇒", claim=claim)
    derivation = Derivation(reading.expanded, value.expanded, (step,))
    (checked,) = check_derivation(derivation, {**value.types, **reading.types}).steps
    assert checked.check is not None and checked.check.status == status
    assert Term("name", (), Name("x")) in over.args


def test_points_are_brought_back_onto_a_circle() -> None:
    circle = Programme(lambda p: p[0] + p[1], lambda p: [p[0] ** 2 + p[1] ** 2 - 1], lambda p: [])
    best = [-(0.5**0.5), -(0.5**0.5)]
    assert tried(circle, best, 0).better is None
    assert tried(circle, [-1.0, 0.0], 0).better is not None


def test_elimination_solves_what_is_regular() -> None:
    random = Random(1)
    rows = [[random.uniform(-1, 1) for _ in range(4)] for _ in range(4)]
    wanted = [1.0, -2.0, 0.5, 3.0]
    right = [sum(a * b for a, b in zip(row, wanted, strict=True)) for row in rows]
    assert solved(rows, right) == pytest.approx(wanted)
    assert solved([[1.0, 2.0], [2.0, 4.0]], [1.0, 2.0]) is None
