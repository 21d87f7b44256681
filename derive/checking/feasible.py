"""Whether a claimed optimum is undercut: feasible points near it and far from it, found without any rule of optimisation.

In: a function to be made small, the values of its constraints, the claimed point, all over lists of floats. Out: how many feasible points
were compared, and one that is better where there is one. Points leave the claimed one in random directions and are brought back onto the
constraints by Gauss–Newton steps with differences of the constraints themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

__all__ = ["Programme", "Trial", "solved", "tried"]

SIZES = (1e-3, 1e-2, 0.1, 0.4, 1.0, 3.0, 12.0)
DIRECTIONS = 10  # of each size
ROUNDS = 40
FEASIBLE = 1e-11
BETTER = 1e-9
STEP = 1e-6
FEWEST = 8

Point = list[float]
Function = Callable[[Point], float]
Functions = Callable[[Point], list[float]]


class Programme(NamedTuple):
    """Make `value` small where `equal` is 0 and `below` is at most 0; a value that does not exist is not finite.

    `turned` makes what every point has to be of any point (a symmetric matrix), `start` a point that is far from the claimed one.
    """

    value: Function
    equal: Functions
    below: Functions
    turned: Callable[[Point], Point] = list
    start: Callable[[Random], Point] | None = None


class Trial(NamedTuple):
    """What was found: how many feasible points were compared, and one that is better, with its value; why nothing was, in words."""

    points: int
    better: Point | None = None
    reached: float = math.nan
    trouble: str = ""


def tried(programme: Programme, claimed: Sequence[float], number: int) -> Trial:
    """Compares the claimed point with feasible points; `number` distinguishes further trials."""
    best = list(claimed)
    scale = 1 + max(map(abs, best), default=0.0)
    if not all(map(math.isfinite, best)):
        return Trial(0, trouble="the claimed point has no value")
    value = programme.value(best)
    if not math.isfinite(value):
        return Trial(0, trouble="the function has no value at the claimed point")
    if _violation(programme, best) > 1e-9 * scale:
        return Trial(0, best, value, "the claimed point is not feasible")
    random = Random(4099 * number + len(best))
    slack = BETTER * (1 + abs(value))
    points = 0
    for start in _starts(programme, best, scale, random):
        found = _feasible(programme, start)
        if found is None or found == best:
            continue
        reached = programme.value(found)
        if not math.isfinite(reached):
            continue
        if reached < value - slack:
            return Trial(points, found, reached)
        points += 1
    return Trial(points, trouble="" if points >= FEWEST else "too few feasible points were found")


def _starts(programme: Programme, best: Point, scale: float, random: Random) -> list[Point]:
    made: list[Point] = []
    for size in SIZES:
        for _ in range(DIRECTIONS):
            along = [random.gauss(0.0, 1.0) for _ in best]
            length = math.sqrt(sum(d * d for d in along)) or 1.0
            made.append([b + size * scale * d / length for b, d in zip(best, along, strict=True)])
    for place in range(len(best)):
        for move in (0.05, -0.05, 2.0, -2.0):
            made.append([b + (move * scale if k == place else 0.0) for k, b in enumerate(best)])
    if programme.start is not None:
        made += [programme.start(random) for _ in range(3 * DIRECTIONS)]
    return [programme.turned(point) for point in made]


def _violation(programme: Programme, point: Point) -> float:
    gaps = [abs(v) for v in programme.equal(point)] + [max(v, 0.0) for v in programme.below(point)]
    return max((g if math.isfinite(g) else math.inf for g in gaps), default=0.0)


def _feasible(programme: Programme, point: Point) -> Point | None:
    """A feasible point near this one; None where none is found."""

    def residual(at: Point) -> list[float]:
        return [*programme.equal(at), *(max(v, 0.0) for v in programme.below(at))]

    now = point
    for _ in range(ROUNDS):
        gaps = residual(now)
        if not all(map(math.isfinite, gaps)):
            return None
        size = max(map(abs, gaps), default=0.0)
        if size <= FEASIBLE * (1 + max(map(abs, now))):
            return now
        step = _least_step(residual, now, gaps)
        if step is None:
            return None
        now = programme.turned([x - s for x, s in zip(now, step, strict=True)])
    return None


def _least_step(residual: Functions, point: Point, gaps: list[float]) -> Point | None:
    """The shortest step that removes the gaps to first order: Jᵀ (J Jᵀ)⁻¹ gaps, over the gaps that are not 0."""
    rows = [k for k, g in enumerate(gaps) if g]
    columns: list[list[float]] = []
    for place, x in enumerate(point):
        h = STEP * (1 + abs(x))
        ahead, behind = (residual([v + s * h if k == place else v for k, v in enumerate(point)]) for s in (1, -1))
        columns.append([(ahead[k] - behind[k]) / (2 * h) for k in rows])
    if not all(math.isfinite(v) for c in columns for v in c):
        return None
    square = [[sum(c[i] * c[j] for c in columns) for j in range(len(rows))] for i in range(len(rows))]
    most = max((square[i][i] for i in range(len(rows))), default=0.0)
    if most == 0.0:
        return None
    for i in range(len(rows)):
        square[i][i] += 1e-13 * most
    weights = solved(square, [gaps[k] for k in rows])
    if weights is None:
        return None
    return [sum(w * v for w, v in zip(weights, c, strict=True)) for c in columns]


def solved(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float] | None:
    """The solution of a square system by elimination with the largest pivot; None where it is singular."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for k in range(size):
        pivot = max(range(k, size), key=lambda i: abs(rows[i][k]))
        if not abs(rows[pivot][k]) > 0.0:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        for i in range(k + 1, size):
            factor = rows[i][k] / rows[k][k]
            if factor:
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    found = [0.0] * size
    for k in reversed(range(size)):
        found[k] = (rows[k][size] - sum(rows[k][j] * found[j] for j in range(k + 1, size))) / rows[k][k]
    return found if all(map(math.isfinite, found)) else None
