"""Exact linear algebra over cells: what equations determine, feasible points, optima."""

from __future__ import annotations

from fractions import Fraction as F

import pytest

from derive.probability.elimination import Elimination, vertex


def eliminated(*equations: tuple[dict[int, F], F]) -> Elimination:
    found = Elimination()
    for row, constant in equations:
        found.add(row, constant)
    return found


def test_what_is_determined_has_a_value() -> None:
    solved = eliminated(({0: F(1), 1: F(1), 2: F(1)}, F(1)), ({0: F(1), 1: F(1)}, F(1, 3)))
    assert solved.value({2: F(1)}) == F(2, 3)
    assert solved.value({0: F(1)}) is None
    assert solved.value({0: F(2), 1: F(2)}) == F(2, 3)


def test_a_quotient_may_be_determined_where_its_parts_are_not() -> None:
    solved = eliminated(({0: F(1), 1: F(-3)}, F(0)))
    assert solved.value({0: F(1)}) is None
    assert solved.ratio({0: F(1)}, {0: F(1), 1: F(1)}) == F(3, 4)
    assert solved.ratio({0: F(1)}, {1: F(1), 2: F(1)}) is None


def test_a_contradiction_shows() -> None:
    assert not eliminated(({0: F(1)}, F(1)), ({0: F(2)}, F(1))).consistent
    assert eliminated(({0: F(1)}, F(1)), ({0: F(2)}, F(2))).consistent


@pytest.mark.parametrize(
    ("equations", "objective", "best"),
    [
        ([({0: F(1), 1: F(1), 2: F(1)}, F(1))], {0: F(1), 1: F(2)}, F(2)),
        ([({0: F(1), 1: F(1), 2: F(1)}, F(1)), ({0: F(1), 2: F(-1)}, F(0))], {0: F(1)}, F(1, 2)),
        ([({0: F(1), 1: F(1)}, F(1)), ({0: F(2), 1: F(2)}, F(2))], {1: F(-1)}, F(0)),  # an equation twice
    ],
)
def test_the_largest_value(equations: list[tuple[dict[int, F], F]], objective: dict[int, F], best: F) -> None:
    point = vertex(equations, 3, objective)
    assert point is not None
    assert all(x >= 0 for x in point)
    assert all(sum(f * point[c] for c, f in row.items()) == constant for row, constant in equations)
    assert sum(f * point[c] for c, f in objective.items()) == best


def test_nothing_satisfies_contradictions() -> None:
    assert vertex([({0: F(1), 1: F(1)}, F(1)), ({0: F(1)}, F(2))], 2, {}) is None
