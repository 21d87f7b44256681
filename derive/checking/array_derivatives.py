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
TAYLOR_BITS = 60


def comparison(builder: Builder, before: Term, after: Node, node_of: Callable[[Term], Node]) -> Callable[[Any], tuple[Any, Any]]:
    """What compares the operator's value with the node at a point."""
    if before.head == "mul":
        return _product(before, node_of, after)
    function = node_of(before.args[0])
    if before.head == "task":
        return _taylor(function, before, node_of, after)
    if before.head == "directional":
        return _directional(function, before.args[1].data, node_of(before.args[2]), after)
    names = _names(before)
    if before.head == "derivative":
        if len(names) == 2 and all(order == Term("number", (), "1") for order in before.args[2::2]):
            return lambda point: _block(point, function, names, after)
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
        ahead, behind = _flat(sides[0]), _flat(sides[1])
        return [(x - y) / (2 * h) for x, y in zip(ahead, behind, strict=True)], _flat(point.value(after))

    return compare


def _product(before: Term, node_of: Callable[[Term], Node], after: Node) -> Callable[[Any], tuple[Any, Any]]:
    """H v, J v and vᵀJ against differences of the function along v and along a direction."""
    place = next(k for k, part in enumerate(before.args) if part.head in ("hessian", "jacobian"))
    operator = before.args[place]
    function, names = node_of(operator.args[0]), _names(operator)
    if len(before.args) != 2 or len(names) != 1:
        raise NotSupported("the check of such a product")
    name, other = names[0], before.args[1 - place]
    if place == 0 and operator.head == "jacobian":
        return _directional(function, name, node_of(other), after)
    along = node_of(other.args[0] if place == 1 and other.head == "transpose" else other)

    def compare(point: Any) -> tuple[Any, Any]:
        c = context(200)
        h = c.mpf(2) ** -SECOND_BITS
        weights, d = _flat(point.value(along)), _direction(point, name, 1)
        value, origin = c.zero, point.draw.values[name.key]
        made = sum(x * y for x, y in zip(_flat(point.value(after)), d, strict=True))
        if operator.head == "jacobian":
            for s in (1, -1):
                moved = point.evaluation({name.key: _shifted(origin, iter([s * h * x for x in d]), c)}).array(function, {})
                value += s * sum(w * x for w, x in zip(weights, _flat(moved), strict=True))
            return value / (2 * h), made
        for s in (1, -1):
            for t in (1, -1):
                moved = _shifted(origin, iter([h * (s * x + t * y) for x, y in zip(d, weights, strict=True)]), c)
                value += s * t * point.evaluation({name.key: moved}).array(function, {})
        return value / (4 * h * h), made

    return compare


def _taylor(function: Node, before: Term, node_of: Callable[[Term], Node], after: Node) -> Callable[[Any], tuple[Any, Any]]:
    """What a Taylor polynomial leaves of the function, over h^k at a distance h from the point: nothing but O(h)."""
    _, variable, place, *rest = before.args
    order = integer(rest[0]) if rest else None
    if order not in (1, 2):
        raise NotSupported("the check of a Taylor polynomial of this order")
    at = node_of(Term("at", (variable, variable, place)))
    name = variable.data

    def compare(point: Any) -> tuple[Any, Any]:
        c = context(200)
        h = c.mpf(2) ** -TAYLOR_BITS
        dims_known = point.draw.values.get(name.key)
        if dims_known is None:
            raise ValueError
        steps = [h * x for x in _direction(point, name, 1)]
        moved = point.evaluation({name.key: _shifted(point.value(at), iter(steps), c)})
        return (moved.array(function, {}) - moved.array(after, {})) / h**order, c.zero

    return compare


def _block(point: Any, function: Node, names: list[Name], after: Node) -> tuple[Any, Any]:
    """D₁ᵀ H D₂ of a block of the Hessian, against the mixed second difference along directions of two variables."""
    c = context(200)
    h = c.mpf(2) ** -SECOND_BITS
    first, second = _direction(point, names[0], 1), _direction(point, names[1], 2)
    value = c.zero
    for s in (1, -1):
        for t in (1, -1):
            moved: dict[str, Any] = {}
            for name, steps, sign in ((names[0], first, s), (names[1], second, t)):
                origin = moved.get(name.key, point.draw.values[name.key])
                moved[name.key] = _shifted(origin, iter([sign * h * x for x in steps]), c)
            value += s * t * point.evaluation(moved).array(function, {})
    entries = _flat(point.value(after))
    pairs = [x * y for x in first for y in second]
    if len(entries) == 1:
        entries = entries * len(pairs)
    return value / (4 * h * h), sum(m * p for m, p in zip(entries, pairs, strict=True))


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
