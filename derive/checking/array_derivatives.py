"""Derivatives over arrays against differences of the function itself: gradient, Jacobian, Hessian, derivative, along random directions.

In: the operator with its function, the node of what it is said to be. Out: a comparison of two values at a point.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derive.errors import NotSupported
from derive.expressions.term import Name, Term, integer
from derive.graph.build import Builder
from derive.graph.evaluate import context
from derive.graph.node import Node

__all__ = ["comparison"]

SECOND_BITS = 40


def comparison(builder: Builder, before: Term, after: Node, node_of: Callable[[Term], Node]) -> Callable[[Any], tuple[Any, Any]]:
    """What compares the operator's value with the node at a point."""
    function = node_of(before.args[0])
    if before.head == "directional":
        return _directional(function, before.args[1].data, node_of(before.args[2]), after)
    names = _names(before)
    if before.head == "derivative":
        return _derivative(function, names, after, _order(before))
    if len(names) != 1:
        raise NotSupported("the check of several gradients in one expression")
    name = names[0]
    if before.head == "gradient" or (before.head == "jacobian" and not function.shape):
        return lambda point: _gradient(point, function, name, after)
    if before.head == "jacobian":
        return lambda point: _jacobian(point, function, name, after)
    return lambda point: _hessian(point, function, name, after)


def _names(before: Term) -> list[Name]:
    terms = before.args[1::2] if before.head == "derivative" else before.args[1:]
    found = [inner for t in terms for inner in (t.args if t.head in ("tuple", "vector", "list") else (t,))]
    return [t.data for t in found if t.head == "name"]


def _order(before: Term) -> int:
    order = integer(before.args[2]) if len(before.args) > 2 else 1
    if order is None or len(before.args) > 3:
        raise NotSupported("the check of a derivative of this order")
    return order


def _flat(value: Any) -> list[Any]:
    return [x for part in value for x in _flat(part)] if isinstance(value, list) else [value]


def _direction(point: Any, name: Name, number: int) -> list[Any]:
    from derive.checking.arrays import _dims
    from derive.checking.draws import direction

    dims = _dims(point.draw.values[name.key])
    return [context(200).mpf(x) for x in _flat(direction(dims, point.number + 100 * number, name.key))]


def _gradient(point: Any, function: Node, name: Name, after: Node) -> tuple[Any, Any]:
    """⟨g, D⟩ against the difference along D."""
    if name.key not in point.draw.values:
        return 0, point.value(after)
    found = _flat(point.value(after))
    along = _direction(point, name, 1)
    if len(found) == 1:
        found = found * len(along)
    return point.difference(function, {name: 1}), sum(g * d for g, d in zip(found, along, strict=True))


def _directional(function: Node, name: Name, along: Node, after: Node) -> Callable[[Any], tuple[Any, Any]]:
    """D_v f against the difference along v."""

    def compare(point: Any) -> tuple[Any, Any]:
        c = context(200)
        h = c.mpf(2) ** -SECOND_BITS
        steps = _flat(point.value(along))
        origin = point.draw.values[name.key]
        sides = [point.evaluation({name.key: _shifted(origin, iter([s * h * x for x in steps]), c)}).array(function, {}) for s in (1, -1)]
        return (sides[0] - sides[1]) / (2 * h), point.value(after)

    return compare


def _jacobian(point: Any, function: Node, name: Name, after: Node) -> tuple[Any, Any]:
    """J D against the difference of the vector along D."""
    rows = point.value(after)
    along = _direction(point, name, 1)
    made = [sum(j * d for j, d in zip(_flat(row), along, strict=True)) for row in rows]
    return _flat(point.difference(function, {name: 1})), made


def _hessian(point: Any, function: Node, name: Name, after: Node) -> tuple[Any, Any]:
    """D₁ᵀ H D₂ against the mixed second difference of the function along two directions."""
    c = context(200)
    h = c.mpf(2) ** -SECOND_BITS
    first, second = _direction(point, name, 1), _direction(point, name, 2)
    value, origin = c.zero, point.draw.values[name.key]
    for s in (1, -1):
        for t in (1, -1):
            step = [h * (s * x + t * y) for x, y in zip(first, second, strict=True)]
            moved = _shifted(origin, iter(step), c)
            value += s * t * point.evaluation({name.key: moved}).array(function, {})
    rows = point.value(after)
    matrix = rows if isinstance(rows, list) else [[rows]]
    made = sum(x * sum(m * y for m, y in zip(row, second, strict=True)) for x, row in zip(first, matrix, strict=True))
    return value / (4 * h * h), made


def _shifted(value: Any, steps: Any, c: Any) -> Any:
    return [_shifted(v, steps, c) for v in value] if isinstance(value, list) else c.mpf(value) + next(steps)


def _derivative(function: Node, names: list[Name], after: Node, order: int) -> Callable[[Any], tuple[Any, Any]]:
    """d/dt of a scalar or an array with respect to a scalar, of first or second order."""
    if len(names) != 1 or order not in (1, 2):
        raise NotSupported("the check of a derivative of this order")

    def compare(point: Any) -> tuple[Any, Any]:
        c = context(200)
        h = c.mpf(2) ** -SECOND_BITS
        here = c.mpf(point.draw.values[names[0].key])
        ahead = _flat(point.evaluation({names[0].key: here + h}).array(function, {}))
        behind = _flat(point.evaluation({names[0].key: here - h}).array(function, {}))
        if order == 1:
            return [(x - y) / (2 * h) for x, y in zip(ahead, behind, strict=True)], _flat(point.value(after))
        middle = _flat(point.value(function))
        return [(x - 2 * m + y) / (h * h) for x, m, y in zip(ahead, middle, behind, strict=True)], _flat(point.value(after))

    return compare
