"""Derivatives over arrays against slopes of the function itself: gradient, Jacobian, Hessian, derivative, along random directions.

In: the operator with its function, the node of what it is said to be. Out: a comparison of two values at a point.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derive.checking.array_points import Exact, Point
from derive.checking.nested import combined, mapped
from derive.errors import NotSupported
from derive.expressions.term import Name, Term, integer
from derive.graph.continuation import InDoubt
from derive.graph.node import Node

__all__ = ["comparison"]

TAYLOR_BITS = 60

Sides = tuple[Any, Any]
Compare = Callable[[Point], Sides]


def comparison(before: Term, after: Node, node_of: Callable[[Term], Node]) -> Compare:
    """What compares the operator's value with the node at a point."""
    if before.head == "mul":
        return _product(before, node_of, after)
    function = node_of(before.args[0])
    if before.head == "task":
        return _taylor(function, before, node_of, after)
    if before.head == "directional":
        return _directional(function, before.args[1].data, node_of(before.args[2]), after)
    elements = _elements(before)
    if elements:
        return _by_elements(function, elements, [node_of(e) for e in elements], after)
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


def _elements(before: Term) -> list[Term]:
    """The elements of arrays that a derivative is taken by, each as often as it is differentiated by."""
    if before.head == "derivative":
        found = [v for v, order in zip(before.args[1::2], before.args[2::2], strict=True) for _ in range(integer(order) or 0)]
    else:
        found = list(before.args[1:])
    return found if found and all(t.head == "index" and t.args[0].head == "name" for t in found) else []


def _by_elements(function: Node, elements: list[Term], nodes: list[Node], after: Node) -> Compare:
    """∂f/∂x_k against the slope along the entry that x_k is, for a row along a direction of it; ∂²f/∂x_k∂x_l against the bend."""
    if len(elements) > 2:
        raise NotSupported("the check of a derivative of this order")
    names = [e.args[0].data for e in elements]

    def along(point: Point, name: Name, node: Node, weights: list[Any]) -> Any:
        """The direction of the whole array along which only the element moves, by these weights."""
        entries = len(_column(point.draw.values[name.key]))
        units = [point.like(name, [int(k == place) for k in range(entries)]) for place in range(entries)]
        return point.like(name, [_times(_column(point.slope(node, {name.key: unit})), weights) for unit in units])

    def compare(point: Point) -> Sides:
        pairs = list(zip(names, nodes, strict=True))
        weights = [_column(point.direction(n.key, point.dims(node.shape), 1)) if node.shape else [1] for n, node in pairs]
        steps = [{n.key: along(point, n, node, w)} for (n, node), w in zip(pairs, weights, strict=True)]
        found = point.slope(function, steps[0]) if len(steps) == 1 else point.bend(function, *steps)
        made = _column(point.value(after))
        if len(steps) == 1 and nodes[0].shape:
            return found, _times(made, weights[0])
        return _column(found), made

    return compare


def _order(before: Term) -> int:
    order = integer(before.args[2]) if len(before.args) > 2 else 1
    if order is None or len(before.args) > 3:
        raise NotSupported("the check of a derivative of this order")
    return order


def _column(value: Any) -> list[Any]:
    return [x for part in value for x in _column(part)] if isinstance(value, list) else [value]


def _times(entries: list[Any], along: list[Any]) -> Any:
    """⟨g, D⟩; a scalar stands for equal entries."""
    if len(entries) == 1:
        entries = entries * len(along)
    return sum(g * d for g, d in zip(entries, along, strict=True))


def _gradient(point: Point, function: Node, name: Name, after: Node) -> Sides:
    """⟨g, D⟩ against the slope along D."""
    if name.key not in point.draw.values:
        return 0, point.value(after)
    number = point.numbered(name)
    return point.difference(function, {name: number}), _times(_column(point.value(after)), _column(point.along(name, number)))


def _jacobian(point: Point, function: Node, name: Name, after: Node) -> Sides:
    """J D against the slope of the vector along D."""
    number = point.numbered(name)
    along = _column(point.along(name, number))
    entries, width = _column(point.value(after)), len(along)
    made = [sum(j * d for j, d in zip(entries[k : k + width], along, strict=True)) for k in range(0, len(entries), width)]
    return _column(point.difference(function, {name: number})), made


def _directional(function: Node, name: Name, along: Node, after: Node) -> Compare:
    """D_v f against the slope along v."""

    def compare(point: Point) -> Sides:
        return _column(point.slope(function, {name.key: point.like(name, point.value(along))})), _column(point.value(after))

    return compare


def _product(before: Term, node_of: Callable[[Term], Node], after: Node) -> Compare:
    """H v, J v and vᵀJ against slopes of the function along v and along a direction."""
    place = next(k for k, part in enumerate(before.args) if part.head in ("hessian", "jacobian"))
    operator = before.args[place]
    function, names = node_of(operator.args[0]), _names(operator)
    if len(before.args) != 2 or len(names) != 1:
        raise NotSupported("the check of such a product")
    name, other = names[0], before.args[1 - place]
    if place == 0 and operator.head == "jacobian":
        return _directional(function, name, node_of(other), after)
    along = node_of(other.args[0] if place == 1 and other.head == "transpose" else other)

    def compare(point: Point) -> Sides:
        weights, direction = point.value(along), point.along(name, 1)
        made = sum(x * y for x, y in zip(_column(point.value(after)), _column(direction), strict=True))
        if operator.head == "jacobian":
            slope = _column(point.slope(function, {name.key: direction}))
            return sum(w * x for w, x in zip(_column(weights), slope, strict=True)), made
        return point.bend(function, {name.key: direction}, {name.key: point.like(name, weights)}), made

    return compare


def _taylor(function: Node, before: Term, node_of: Callable[[Term], Node], after: Node) -> Compare:
    """What a Taylor polynomial leaves of the function, over h^k at a distance h from the point: nothing but O(h)."""
    _, variable, place, *rest = before.args
    order = integer(rest[0]) if rest else None
    if order not in (1, 2):
        raise NotSupported("the check of a Taylor polynomial of this order")
    at = node_of(Term("at", (variable, variable, place)))
    name = variable.data

    def compare(point: Point) -> Sides:
        if not isinstance(point, Exact):
            raise InDoubt
        if name.key not in point.draw.values:
            raise ValueError
        h = point.numbers.mpf(2) ** -TAYLOR_BITS
        steps = mapped(lambda d: h * d, point.along(name, 1))
        moved = point.evaluation({name.key: combined(point.value(at), steps, lambda x, d: x + d)})
        return (moved.array(function, {}) - moved.array(after, {})) / h**order, point.numbers.zero

    return compare


def _block(point: Point, function: Node, names: list[Name], after: Node) -> Sides:
    """D₁ᵀ H D₂ of a block of the Hessian, against the mixed second derivative along directions of two variables."""
    first, second = point.along(names[0], 1), point.along(names[1], 2)
    pairs = [x * y for x in _column(first) for y in _column(second)]
    return point.bend(function, {names[0].key: first}, {names[1].key: second}), _times(_column(point.value(after)), pairs)


def _hessian(point: Point, function: Node, name: Name, after: Node) -> Sides:
    """D₁ᵀ H D₂ against the mixed second derivative of the function along two directions."""
    first, second = point.along(name, 1), point.along(name, 2)
    pairs = [x * y for x in _column(first) for y in _column(second)]
    made = sum(h * xy for h, xy in zip(_column(point.value(after)), pairs, strict=True))
    return point.bend(function, {name.key: first}, {name.key: second}), made


def _derivative(function: Node, names: list[Name], after: Node, order: int) -> Compare:
    """d/dt of a scalar or an array with respect to a scalar, of first or second order."""
    if len(names) != 1 or order not in (1, 2):
        raise NotSupported("the check of a derivative of this order")
    step = {names[0].key: 1}

    def compare(point: Point) -> Sides:
        if names[0].key not in point.draw.values:
            raise KeyError(names[0].key)
        found = point.slope(function, step) if order == 1 else point.bend(function, step, step)
        return _column(found), _column(point.value(after))

    return compare
