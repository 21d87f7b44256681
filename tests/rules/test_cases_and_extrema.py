"""Functions in pieces: branch by branch, and what happens where the pieces meet."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import Abs, Max, Min, Piecewise, exp, sign

from derive.rules.piecewise import boundaries, meetings
from derive.solving.derivatives import differentiate

x, y = sp.symbols("x y", real=True)
alpha, delta = sp.symbols("alpha delta", positive=True)


@pytest.mark.parametrize(
    ("condition", "points"),
    [
        (x > 0, [0]),
        (2 * x - 1 <= 5, [3]),
        (Abs(x) <= delta, [-delta, delta]),
        (sp.And(x > -1, x < 1), [-1, 1]),
        (x**2 > 1, []),
        (y > 0, []),
    ],
)
def test_boundaries_are_located(condition: sp.Basic, points: list[object]) -> None:
    assert sorted(boundaries(condition, x), key=str) == sorted(map(sp.sympify, points), key=str)


@pytest.mark.parametrize(
    ("cases", "gap", "bend"),
    [
        (Piecewise((x**2 / 2, Abs(x) <= delta), (delta * (Abs(x) - delta / 2), True)), 0, 0),  # Huber
        (Piecewise((x, x > 0), (alpha * (exp(x) - 1), True)), 0, 1 - alpha),  # ELU
        (Piecewise((x, x > 0), (0, True)), 0, 1),
        (Piecewise((1, x > 0), (0, True)), 1, None),
    ],
)
def test_jumps_and_kinks_are_told_apart(cases: sp.Expr, gap: object, bend: object) -> None:
    found = meetings(cases, x)
    assert found
    for meeting in found:
        assert meeting.gap == gap
        assert meeting.bend == bend


@pytest.mark.parametrize(
    ("function", "answer"),
    [
        (Max(0, 1 - x * y), -y * Piecewise((1, 1 - x * y > 0), (0, True), evaluate=False)),
        (Min(x, 1), Piecewise((1, x < 1), (0, True), evaluate=False)),
        (Abs(x), sign(x)),
        (x * Abs(x), 2 * Abs(x)),
        (Piecewise((x, x > 0), (alpha * (exp(x) - 1), True)), Piecewise((1, x > 0), (alpha * exp(x), True))),
        (Piecewise((2 * x + 1, x > 0), (2 * x, True)), sp.Integer(2)),
    ],
)
def test_derivatives_of_pieces(function: sp.Expr, answer: sp.Expr) -> None:
    assert differentiate(function, x).answer == answer
