"""Exact linear algebra over the cells of a table: elimination over any field, and the simplex method over the rationals.

In: sparse rows (cell → coefficient) of homogeneous or affine equations. Out: what they determine, feasible points, ranges of functionals.
Elements may be Fractions or the elements of a SymPy fraction field; ranges need numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

__all__ = ["Elimination", "Row", "vertex"]

Row = Mapping[int, Any]
MOST_PIVOTS = 2000


class Elimination:
    """Equations Σ row[c] x_c = constant in reduced echelon form, one added after the other.

    `zero` and `one` are those of the field. `consistent` turns false with the first equation that contradicts the ones before;
    `conditions` are the values (rational functions of symbols) that have to vanish for the equations to agree.
    """

    __slots__ = ("conditions", "consistent", "one", "rows", "zero")

    def __init__(self, zero: Any = Fraction(0), one: Any = Fraction(1)) -> None:
        self.rows: dict[int, tuple[dict[int, Any], Any]] = {}  # pivot → the other coefficients, and the constant
        self.consistent = True
        self.conditions: list[Any] = []
        self.zero, self.one = zero, one

    def reduced(self, row: Row, constant: Any) -> tuple[dict[int, Any], Any]:
        """The row without pivots: Σ row[c] x_c − constant is the same function on all solutions."""
        left: dict[int, Any] = {}
        for cell, factor in row.items():
            known = self.rows.get(cell)
            if known is None:
                _accumulate(left, cell, factor)
                continue
            others, value = known
            if factor is self.one:
                constant = constant - value if value else constant
                for other, coefficient in others.items():
                    _accumulate(left, other, -coefficient)
                continue
            constant = constant - factor * value if value else constant
            for other, coefficient in others.items():
                _accumulate(left, other, -factor * coefficient)
        return left, constant

    def add(self, row: Row, constant: Any) -> bool:
        """Takes an equation in; true when it said something new."""
        left, value = self.reduced(row, constant)
        if not left:
            self._agree(value)
            return False
        pivot = min(left)
        first = left.pop(pivot)
        new = left
        if first != self.one:
            new = {cell: factor / first for cell, factor in left.items()}
            value = value / first if value else value
        for place, (others, held) in self.rows.items():
            factor = others.pop(pivot, None)
            if factor is not None:
                for cell, coefficient in new.items():
                    _accumulate(others, cell, -factor * coefficient)
                self.rows[place] = (others, held - factor * value if value else held)
        self.rows[pivot] = (new, value)
        return True

    def _agree(self, value: Any) -> None:
        """0 = value: nothing, a contradiction, or a condition on the symbols."""
        if not value:
            return
        numerator = getattr(value, "numer", None)
        if numerator is None or numerator.is_ground:
            self.consistent = False
        else:
            self.conditions.append(value)

    def value(self, row: Row) -> Any | None:
        """The value of a functional on all solutions, None where they differ."""
        left, constant = self.reduced(row, self.zero)
        return None if left else -constant

    def ratio(self, above: Row, below: Row) -> Any | None:
        """The quotient of two functionals where it is the same on all solutions; None where it is not, or where the divisor is zero."""
        top, top_constant = self.reduced(above, self.zero)
        bottom, bottom_constant = self.reduced(below, self.zero)
        if not bottom:
            return None if top or not bottom_constant else top_constant / bottom_constant
        cell = next(iter(bottom))
        quotient = top.get(cell, self.zero) / bottom[cell]
        if top_constant != quotient * bottom_constant or set(top) - set(bottom):
            return None
        return quotient if all(top.get(c, self.zero) == quotient * b for c, b in bottom.items()) else None


def _accumulate(row: dict[int, Any], cell: int, amount: Any) -> None:
    total = row.get(cell)
    total = amount if total is None else total + amount
    if total:
        row[cell] = total
    else:
        row.pop(cell, None)


def vertex(equations: Iterable[tuple[Row, Fraction]], cells: int, objective: Row) -> list[Fraction] | None:
    """A non-negative solution at which the objective is largest; None where there is none.

    Two-phase simplex with Bland's rule on exact fractions; the feasible sets of tables are bounded, so that an optimum is attained.
    """
    rows, right = _dense(equations, cells)
    count = len(rows)
    for place, value in enumerate(right):
        if value < 0:
            rows[place] = [-entry for entry in rows[place]]
            right[place] = -value
    basis = [cells + place for place in range(count)]
    cost = [-sum((row[c] for row in rows), Fraction(0)) for c in range(cells)]
    left = _pivoted(rows, right, basis, cost, -sum(right, Fraction(0)))
    if left != 0:
        return None
    _leave_artificial(rows, right, basis, cells)
    cost = [-Fraction(objective.get(c, 0)) for c in range(cells)]
    for row, held in zip(rows, basis, strict=True):
        factor = cost[held] if held < cells else 0
        if factor:
            cost = [entry - factor * other for entry, other in zip(cost, row, strict=True)]
    _pivoted(rows, right, basis, cost, Fraction(0))
    point = [Fraction(0)] * cells
    for held, value in zip(basis, right, strict=True):
        if held < cells:
            point[held] = value
    return point


def _dense(equations: Iterable[tuple[Row, Fraction]], cells: int) -> tuple[list[list[Fraction]], list[Fraction]]:
    rows, right = [], []
    for row, constant in equations:
        rows.append([Fraction(row.get(c, 0)) for c in range(cells)])
        right.append(Fraction(constant))
    return rows, right


def _pivoted(rows: list[list[Fraction]], right: list[Fraction], basis: list[int], cost: list[Fraction], value: Fraction) -> Fraction:
    """Pivots until no cost is negative; the tableau changes in place. Returns the value of the objective."""
    for _ in range(MOST_PIVOTS):
        entering = next((c for c, entry in enumerate(cost) if entry < 0), None)
        if entering is None:
            break
        leaving = _leaving(rows, right, basis, entering)
        if leaving is None:
            break
        _pivot(rows, right, leaving, entering)
        basis[leaving] = entering
        factor = cost[entering]
        value -= factor * right[leaving]
        cost[:] = [entry - factor * other for entry, other in zip(cost, rows[leaving], strict=True)]
    return value


def _leaving(rows: Sequence[Sequence[Fraction]], right: Sequence[Fraction], basis: Sequence[int], entering: int) -> int | None:
    best: tuple[Fraction, int] | None = None
    chosen = None
    for place, row in enumerate(rows):
        if row[entering] > 0:
            key = (right[place] / row[entering], basis[place])
            if best is None or key < best:
                best, chosen = key, place
    return chosen


def _pivot(rows: list[list[Fraction]], right: list[Fraction], leaving: int, entering: int) -> None:
    scale = 1 / rows[leaving][entering]
    pivot = rows[leaving] = [entry * scale if entry else entry for entry in rows[leaving]]
    right[leaving] *= scale
    for place, row in enumerate(rows):
        factor = row[entering]
        if place != leaving and factor:
            rows[place] = [entry - factor * other if other else entry for entry, other in zip(row, pivot, strict=True)]
            right[place] -= factor * right[leaving]


def _leave_artificial(rows: list[list[Fraction]], right: list[Fraction], basis: list[int], cells: int) -> None:
    """Takes the artificial variables out of the basis; equations that say nothing are dropped."""
    for place in reversed(range(len(rows))):
        if basis[place] < cells:
            continue
        entering = next((c for c, entry in enumerate(rows[place]) if entry), None)
        if entering is None:
            del rows[place], right[place], basis[place]
        else:
            _pivot(rows, right, place, entering)
            basis[place] = entering
