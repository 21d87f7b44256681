"""Leaves of the graph in NumPy: arguments, numbers, sizes, running indices, and entries of arrays at a place.

In: nodes without arithmetic of their own. Out: values; positions count from 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from derive.graph.graph import walk
from derive.graph.node import Axis, Node
from derive.graph.sizes import ZERO, Size, constant_size
from derive.translation import arithmetic
from derive.translation import source as py
from derive.translation.elements import taken
from derive.translation.values import BATCH, Label, Value

if TYPE_CHECKING:
    from derive.translation.lower import Lowering

__all__ = ["METHODS"]


def _argument(lowering: Lowering, node: Node) -> Value:
    kind, shape = node.data
    dims: tuple[Label, ...] = (BATCH,) if kind.key in lowering.batch else tuple(range(len(shape)))
    dims = (BATCH, *dims) if kind.key in lowering.leading else dims
    return Value(py.name(lowering.names[kind.key]), dims, kind.kind == "index")


def _number(lowering: Lowering, node: Node) -> Value:
    return Value(arithmetic.literal(node.data), (), True)


CONSTANTS = {"e": "math.e", "pi": "math.pi", "inf": "math.inf", "nan": "math.nan", "eulergamma": "np.euler_gamma"}


def _constant(lowering: Lowering, node: Node) -> Value:
    return Value(py.name(CONSTANTS[node.data]), (), True)


def _size(lowering: Lowering, node: Node) -> Value:
    return Value(lowering.size(node.data), (), True)


def _index(lowering: Lowering, node: Node) -> Value:
    return lowering.arange(node.data, node.data.lower, value=True)


def _element(lowering: Lowering, node: Node) -> Value:
    array = node.args[0]
    selections: dict[Label, tuple[object, ...]] = {}
    kept = 0
    for place, spec in enumerate(node.data):
        if spec[0] == "all":
            selections[place] = ("all", kept)
            kept += 1
        elif spec[0] == "run":
            selections[place] = (*spec, array.shape[place])
        elif (turned := _turned(node.args[spec[1]], array.shape[place])) is not None:
            selections[place] = ("turned", turned, lowering.arange(turned, ZERO))
        else:
            selections[place] = ("at", _position(lowering, node.args[spec[1]]))
    return taken(lowering.value(array), selections, lowering.size, lowering.arange)


def _turned(position: Node, size: Size) -> Axis | None:
    """The index i where the position is n − i: from the end to the beginning."""
    if position.op != "add":
        return None
    turned = [a for a in position.args if a.op == "neg" and a.args[0].op == "index"]
    if len(turned) != 1:
        return None
    axis: Axis = turned[0].args[0].data
    total = ZERO
    for part in position.args:
        inner, sign = (part.args[0], -1) if part.op == "neg" else (part, 1)
        if part is turned[0]:
            continue
        if inner.op == "number" and inner.data.denominator == 1:
            total = total + constant_size(sign * int(inner.data))
        elif inner.op == "size":
            total = total + inner.data if sign > 0 else total - inner.data
        else:
            return None
    return axis if total - axis.upper == ZERO and axis.size == size else None


def _position(lowering: Lowering, node: Node) -> Value:
    """An index as a whole number: running indices without the dtype of the data."""
    return type(lowering)(lowering.graph, lowering.names, lowering.sizes, None).value(node)


def _comparison(lowering: Lowering, node: Node) -> Value:
    """A comparison; of indices among themselves without the dtype of the data."""
    if lowering.dtype and not any(n.op == "argument" and n.data[0].kind == "real" for n in walk((node,))):
        return type(lowering)(lowering.graph, lowering.names, lowering.sizes, None).elementwise(node)
    return lowering.elementwise(node)


def _pick(lowering: Lowering, node: Node) -> Value:
    body, index = node.args
    axis = node.data
    position = lowering.nodes.sub(index, lowering.nodes.size(axis.lower))
    value = lowering.value(body)
    at = _position(lowering, position)
    if index.op == "index" and index.data in value.dims and index.data.lower == axis.lower and index.data.upper == axis.upper:
        whole = ("run", index.data, ZERO, axis.size)  # s_ii: the diagonal
        return taken(value, {axis: whole, index.data: whole}, lowering.size, lowering.arange)
    selections: dict[Label, tuple[object, ...]] = {axis: ("at", at)}
    for label in value.dims:
        if isinstance(label, Axis) and label != axis and at.dims:
            selections[label] = ("run", label, label.lower - label.lower, label.size)
    return taken(value, selections, lowering.size, lowering.arange)


def _stack(lowering: Lowering, node: Node) -> Value:
    value = lowering.value(node.args[0])
    lead = len(node.data)
    renamed: dict[Label, Label] = {axis: k for k, axis in enumerate(node.data)}
    renamed |= {k: k + lead for k in range(len(node.args[0].shape))}
    return Value(value.source, tuple(renamed.get(d, d) for d in value.dims), value.host)


METHODS: dict[str, Callable[[Lowering, Node], Value]] = {
    "argument": _argument,
    "number": _number,
    "constant": _constant,
    "size": _size,
    "index": _index,
    "element": _element,
    "pick": _pick,
    "stack": _stack,
    **dict.fromkeys(("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"), _comparison),
}
