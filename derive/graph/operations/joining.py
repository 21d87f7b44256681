"""Arrays one after the other, and stretches of an array: [h; x], [A, B], rows and columns from one place to another; vec and back.

The data of `concat` is the dimension along which its arguments follow each other, those of `slice` are the dimension, the first position
(from 0) and the length, those of `unvec` the rows and columns.
"""

from __future__ import annotations

from typing import Any

from derive.errors import NotSupported
from derive.graph.node import Axis, Node, Shape
from derive.graph.operations.record import Operation, Undefined, union_axes
from derive.graph.sizes import ZERO

__all__ = ["JOINING"]


def _joined(args: tuple[Node, ...], data: Any) -> tuple[Shape, tuple[Axis, ...]]:
    first = args[0].shape
    if len(first) <= data:
        raise NotSupported("a scalar among arrays that follow each other")
    total = ZERO
    for argument in args:
        if len(argument.shape) != len(first) or any(
            s != t for k, (s, t) in enumerate(zip(argument.shape, first, strict=True)) if k != data
        ):
            raise NotSupported("arrays of different shapes one after the other")
        total = total + argument.shape[data]
    return (*first[:data], total, *first[data + 1 :]), union_axes(args)


def _entry_of_joined(e: Any, node: Node, place: Any, position: tuple[int, ...]) -> Any:
    along = position[node.data]
    for argument in node.args:
        length = argument.shape[node.data].value(e.sizes)
        if along < length:
            return e.entry(argument, place, (*position[: node.data], along, *position[node.data + 1 :]))
        along -= length
    raise Undefined


def _stretch(args: tuple[Node, ...], data: Any) -> tuple[Shape, tuple[Axis, ...]]:
    dimension, _, length = data
    shape = args[0].shape
    if len(shape) <= dimension:
        raise NotSupported("a stretch of what is no array")
    return (*shape[:dimension], length, *shape[dimension + 1 :]), args[0].axes


def _entry_of_stretch(e: Any, node: Node, place: Any, position: tuple[int, ...]) -> Any:
    dimension, first, _ = node.data
    moved = position[dimension] + first.value(e.sizes)
    return e.entry(node.args[0], place, (*position[:dimension], moved, *position[dimension + 1 :]))


def _column(args: tuple[Node, ...], data: Any) -> tuple[Shape, tuple[Axis, ...]]:
    shape = args[0].shape
    if len(shape) != 2:
        raise NotSupported("vec of what is no matrix")
    return (shape[0] * shape[1],), args[0].axes


def _entry_of_column(e: Any, node: Node, place: Any, position: tuple[int, ...]) -> Any:
    rows = node.args[0].shape[0].value(e.sizes)
    return e.entry(node.args[0], place, (position[0] % rows, position[0] // rows))


def _folded(args: tuple[Node, ...], data: Any) -> tuple[Shape, tuple[Axis, ...]]:
    if args[0].shape != (data[0] * data[1],):
        raise NotSupported("a vector as a matrix of another number of entries")
    return data, args[0].axes


def _entry_of_folded(e: Any, node: Node, place: Any, position: tuple[int, ...]) -> Any:
    return e.entry(node.args[0], place, (position[0] + position[1] * node.data[0].value(e.sizes),))


JOINING: tuple[Operation, ...] = (
    Operation("concat", _joined, _entry_of_joined),
    Operation("vec", _column, _entry_of_column, lambda x: x),
    Operation("unvec", _folded, _entry_of_folded, lambda x: x),
    Operation("slice", _stretch, _entry_of_stretch, lambda x: x),
)
