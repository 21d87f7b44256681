"""The numbers that E, Var, SD, Cov, Corr, P are in a world, and derivatives of expressions that hold them.

In: a world, a frame, a node. Out: its column.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import mul
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.checking.chance.clouds import Cloud, cloud, mean
from derive.checking.frame import Column, Frame, Unevaluable
from derive.expressions import chance as nodes

if TYPE_CHECKING:
    from derive.checking.chance.world import World

__all__ = ["difference", "evaluate"]

STEP = 4e-3
MAX_ORDER = 2


def evaluate(world: World, frame: Frame, e: Any) -> Column:
    """The value of an operator in every lane."""
    find = _OPERATORS.get(type(e))
    if find is None:
        raise Unevaluable(f"{type(e).__name__} has no value here")
    lawless = {f.arguments[0].data.key for f in world.structure.model.moments if f.operator == "MGF" and f.arguments[0].head == "name"}
    if any(s.name in lawless for operand in e.operands for s in operand.free_symbols):
        raise Unevaluable("a variable of which only the moment generating function is known")
    if isinstance(e, nodes.Probability):
        event = e.operands[0] if len(e.operands) == 1 else sp.And(*e.operands, evaluate=False)
        return _probability(world, frame, event, e.conditions)
    made = cloud(world, frame, e.operands, e.conditions)
    return find(world, made, _operands(world, made, e.operands))


def _operands(world: World, made: Cloud, operands: tuple[Any, ...]) -> list[Column]:
    """The values of the operands; what sums inside them come to counts as much as the lanes that they stand in."""
    outer = world.lane_weights
    totals = made.totals
    world.lane_weights = [abs(w) / totals[p] if totals[p] else 0.0 for w, p in zip(made.weights, made.parents, strict=True)]
    try:
        return [made.frame.values(operand) for operand in operands]
    finally:
        world.lane_weights = outer


def _expectation(world: World, made: Cloud, columns: list[Column]) -> Column:
    return mean(world, made, columns[0])


def _variance(world: World, made: Cloud, columns: list[Column]) -> Column:
    return _covariance(world, made, [columns[0], columns[0]])


def _covariance(world: World, made: Cloud, columns: list[Column]) -> Column:
    first, second = (_centred(made, column, mean(world, made, column)) for column in columns)
    return mean(world, made, list(map(mul, first, second)))


def _centred(made: Cloud, column: Column, centre: Column) -> Column:
    return [value - centre[parent] for value, parent in zip(column, made.parents, strict=True)]


def _deviation(world: World, made: Cloud, columns: list[Column]) -> Column:
    return [math.sqrt(v) if v >= 0 else math.nan for v in _variance(world, made, columns)]


def _correlation(world: World, made: Cloud, columns: list[Column]) -> Column:
    together = _covariance(world, made, columns)
    first, second = (_variance(world, made, [column]) for column in columns)
    return [c / math.sqrt(a * b) if a * b > 0 else math.nan for c, a, b in zip(together, first, second, strict=True)]


def _probability(world: World, frame: Frame, event: Any, conditions: tuple[Any, ...]) -> Column:
    """The mass where the event holds; the event's thresholds are cuts of the rules."""
    made = cloud(world, frame, [event], conditions)
    truths = made.frame.values(event)
    if any(t is None for t in truths):
        raise Unevaluable("an event without a truth value")
    return mean(world, made, [1.0 if t else 0.0 for t in truths])


_OPERATORS: dict[Any, Callable[[World, Cloud, list[Column]], Column]] = {
    nodes.Expectation: _expectation,
    nodes.Variance: _variance,
    nodes.StandardDeviation: _deviation,
    nodes.Covariance: _covariance,
    nodes.Correlation: _correlation,
    nodes.Probability: _expectation,
}


def difference(world: World, frame: Frame, e: Any) -> Column:
    """A derivative with respect to a parameter: central differences with two steps, extrapolated."""
    body, *limits = e.args
    column: Column | None = None
    for variable, order in limits:
        if not isinstance(variable, (sp.Symbol, sp.Indexed)) or not isinstance(order, sp.Integer) or not 1 <= order <= MAX_ORDER:
            raise Unevaluable("a derivative of this kind")
        if len(limits) > 1 or isinstance(variable, sp.Indexed):
            raise Unevaluable("a mixed derivative of an expectation")
        column = _along(frame, body, variable, int(order))
    if column is None:
        raise Unevaluable("a derivative of order zero")
    world.is_exact = False
    return column


def _along(frame: Frame, body: Any, variable: Any, order: int) -> Column:
    at = frame.values(variable)
    if any(isinstance(v, int) for v in at) and variable.is_integer:
        raise Unevaluable("a derivative with respect to an integer")
    steps = [STEP * (1 + abs(v)) if order == 1 else 4 * STEP * (1 + abs(v)) for v in at]

    def moved(k: float) -> Column:
        column = [v + k * h for v, h in zip(at, steps, strict=True)]
        return frame.child(range(frame.lanes), {variable: column, variable.name: column}).values(body)

    middle = frame.values(body) if order == 2 else [0.0] * frame.lanes
    places = {k: moved(k) for k in (-3, -2, -1, 1, 2, 3)}
    found: Column = []
    for lane, h in enumerate(steps):
        f = {k: places[k][lane] for k in places}
        if order == 1:
            found.append((45 * (f[1] - f[-1]) - 9 * (f[2] - f[-2]) + (f[3] - f[-3])) / (60 * h))
        else:
            total = 270 * (f[1] + f[-1]) - 27 * (f[2] + f[-2]) + 2 * (f[3] + f[-3]) - 490 * middle[lane]
            found.append(total / (180 * h * h))
    return found
