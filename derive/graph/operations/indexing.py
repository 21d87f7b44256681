"""Leaves, elements of arrays, and reductions over a named axis or over positions."""

from __future__ import annotations

import math
from typing import Any

from derive.graph.node import FREE, Axis, Bounds, Node, Shape
from derive.graph.operations.arithmetic import product
from derive.graph.operations.functions import exponential
from derive.graph.operations.record import Operation, Undefined, union_axes, within

__all__ = ["INDEXING"]


def _leaf(args: tuple[Node, ...], data: Any) -> tuple[Shape, tuple[Axis, ...]]:
    return (), ()


def _argument_shape(args: tuple[Node, ...], data: Any) -> tuple[Shape, tuple[Axis, ...]]:
    return data[1], ()


def _argument(evaluation: Any, node: Node, place: Any, position: tuple[int, ...]) -> Any:
    value = evaluation.arguments[node.data[0].key]
    for index in position:
        value = value[index]
    return value


def _constant(evaluation: Any, node: Node, place: Any, position: Any) -> Any:
    c = evaluation.context
    if node.data == "nan":
        raise Undefined
    return {"e": c.e, "pi": c.pi, "eulergamma": c.euler, "inf": c.inf}[node.data] * 1


def _number(evaluation: Any, node: Node, place: Any, position: Any) -> Any:
    return evaluation.context.mpf(node.data.numerator) / node.data.denominator


def _size(evaluation: Any, node: Node, place: Any, position: Any) -> Any:
    return evaluation.context.mpf(node.data.value(evaluation.sizes))


# ---------------------------------------------------------------------------------------------- elements
# The data of `element` says for each dimension of the array: ("all",) keeps it, ("run", axis, start) runs along the named axis from
# the 0-based position `start`, ("at", k) takes the 0-based position that argument k gives.
def _element_shape(args: tuple[Node, ...], data: Any) -> tuple[Shape, tuple[Axis, ...]]:
    shape = tuple(size for size, spec in zip(args[0].shape, data, strict=True) if spec[0] == "all")
    axes: dict[Axis, None] = dict.fromkeys(args[0].axes)
    for spec in data:
        if spec[0] == "run":
            axes[spec[1]] = None
        elif spec[0] == "at":
            axes.update(dict.fromkeys(args[spec[1]].axes))
    return shape, tuple(axes)


def _element(evaluation: Any, node: Node, place: Any, position: tuple[int, ...]) -> Any:
    whole: list[int] = []
    rest = list(position)
    for spec, size in zip(node.data, node.args[0].shape, strict=True):
        if spec[0] == "all":
            whole.append(rest.pop(0))
            continue
        if spec[0] == "run":
            index = place[spec[1]] - spec[1].lower.value(evaluation.sizes) + spec[2].value(evaluation.sizes)
        else:
            index = int(evaluation.entry(node.args[spec[1]], place, ()))
        if not 0 <= index < size.value(evaluation.sizes):
            raise Undefined
        whole.append(index)
    return evaluation.entry(node.args[0], place, tuple(whole))


def _pick_shape(args: tuple[Node, ...], data: Axis) -> tuple[Shape, tuple[Axis, ...]]:
    axes = dict.fromkeys(a for a in args[0].axes if a != data)
    axes.update(dict.fromkeys(args[1].axes))
    return args[0].shape, tuple(axes)


def _pick(evaluation: Any, node: Node, place: Any, position: tuple[int, ...]) -> Any:
    index = int(evaluation.entry(node.args[1], place, ()))
    low, high = node.data.lower.value(evaluation.sizes), node.data.upper.value(evaluation.sizes)
    if not low <= index <= high:
        raise Undefined
    return evaluation.entry(node.args[0], {**place, node.data: index}, position)


def _stack_shape(args: tuple[Node, ...], data: tuple[Axis, ...]) -> tuple[Shape, tuple[Axis, ...]]:
    return (*(axis.size for axis in data), *args[0].shape), tuple(a for a in args[0].axes if a not in data)


def _stack(evaluation: Any, node: Node, place: Any, position: tuple[int, ...]) -> Any:
    lead = len(node.data)
    inner = {axis: axis.lower.value(evaluation.sizes) + k for axis, k in zip(node.data, position[:lead], strict=True)}
    return evaluation.entry(node.args[0], {**place, **inner}, position[lead:])


# ---------------------------------------------------------------------------------------------- reductions
# The data of a reduction is the named axis it reduces, "last" (the last position) or "all" (every position).
def _reduced(args: tuple[Node, ...], data: Any) -> tuple[Shape, tuple[Axis, ...]]:
    body = args[0]
    if data == "all":
        return (), body.axes
    if data == "last":
        return body.shape[:-1], body.axes
    return body.shape, tuple(a for a in body.axes if a != data)


def _kept(args: tuple[Node, ...], data: Any) -> tuple[Shape, tuple[Axis, ...]]:
    body = args[0]
    return body.shape, body.axes if data == "last" or data in body.axes else (*body.axes, data)


def _entries(evaluation: Any, node: Node, place: Any, position: tuple[int, ...]) -> list[Any]:
    body = node.args[0]
    if node.data == "all":
        return [evaluation.entry(body, place, p) for p in evaluation.positions(body.shape)]
    if node.data == "last":
        return [evaluation.entry(body, place, (*position, k)) for k in range(body.shape[-1].value(evaluation.sizes))]
    return [evaluation.entry(body, {**place, node.data: k}, position) for k in evaluation.run(node.data)]


def _sum(evaluation: Any, node: Node, place: Any, position: Any) -> Any:
    return sum(_entries(evaluation, node, place, position), evaluation.context.zero)


def _prod(evaluation: Any, node: Node, place: Any, position: Any) -> Any:
    total = evaluation.context.one
    for entry in _entries(evaluation, node, place, position):
        total *= entry
    return total


def _some(entries: list[Any]) -> list[Any]:
    if not entries:
        raise Undefined
    return entries


def _amax(evaluation: Any, node: Node, place: Any, position: Any) -> Any:
    return max(_some(_entries(evaluation, node, place, position)))


def _argmax(evaluation: Any, node: Node, place: Any, position: Any) -> Any:
    entries = _some(_entries(evaluation, node, place, position))
    return evaluation.context.mpf(entries.index(max(entries)))


def _argmin(evaluation: Any, node: Node, place: Any, position: Any) -> Any:
    entries = _some(_entries(evaluation, node, place, position))
    return evaluation.context.mpf(entries.index(min(entries)))


def _amin(evaluation: Any, node: Node, place: Any, position: Any) -> Any:
    return min(_some(_entries(evaluation, node, place, position)))


def _mean(evaluation: Any, node: Node, place: Any, position: Any) -> Any:
    entries = _some(_entries(evaluation, node, place, position))
    return sum(entries, evaluation.context.zero) / len(entries)


def _variance(evaluation: Any, node: Node, place: Any, position: Any) -> Any:
    entries = _some(_entries(evaluation, node, place, position))
    mean = sum(entries, evaluation.context.zero) / len(entries)
    return sum(((e - mean) ** 2 for e in entries), evaluation.context.zero) / len(entries)


def _logsumexp(evaluation: Any, node: Node, place: Any, position: Any) -> Any:
    c = evaluation.context
    entries = _some(_entries(evaluation, node, place, position))
    top = max(entries)
    return top + c.log(sum(exponential(c, e - top) for e in entries))


def _row(evaluation: Any, node: Node, place: Any, beside: tuple[int, ...]) -> Any:
    """Of the entries along the axis of a softmax: the largest, and the sum of the exponentials without it."""
    c = evaluation.context
    entries = _some(_entries(evaluation, node, place, beside))
    top = max(entries)
    return top, sum((exponential(c, e - top) for e in entries), c.zero)


def _log_of_row(evaluation: Any, node: Node, place: Any, beside: tuple[int, ...]) -> Any:
    top, total = evaluation.once(_row, node, place, beside)
    return top, evaluation.context.log(total)


def _beside(node: Node, place: Any, position: Any) -> tuple[Any, Any]:
    """The place and position that all entries along the axis of a softmax share."""
    if node.data == "last":
        return place, position[:-1]
    return {k: v for k, v in place.items() if k != node.data}, position


def _log_softmax(evaluation: Any, node: Node, place: Any, position: Any) -> Any:
    top, rest = evaluation.once(_log_of_row, node, *_beside(node, place, position))
    return evaluation.entry(node.args[0], place, position) - top - rest


def _softmax(evaluation: Any, node: Node, place: Any, position: Any) -> Any:
    top, total = evaluation.once(_row, node, *_beside(node, place, position))
    return exponential(evaluation.context, evaluation.entry(node.args[0], place, position) - top) / total


def _cumsum(evaluation: Any, node: Node, place: Any, position: Any) -> Any:
    return sum((evaluation.entry(node.args[0], place, (*position[:-1], k)) for k in range(position[-1] + 1)), evaluation.context.zero)


def _median(evaluation: Any, node: Node, place: Any, position: Any) -> Any:
    entries = sorted(_some(_entries(evaluation, node, place, position)))
    half = len(entries) // 2
    return entries[half] if len(entries) % 2 else (entries[half - 1] + entries[half]) / 2


def _sort(evaluation: Any, node: Node, place: Any, position: Any) -> Any:
    return sorted(_entries(evaluation, node, place, position[:-1]))[position[-1]]


def _sum_bounds(body: Bounds) -> Bounds:
    return product(body, Bounds(1.0, math.inf))


def _prod_bounds(body: Bounds) -> Bounds:
    if body.nonnegative:
        return Bounds(0.0, 1.0 if body.high <= 1 else math.inf, body.positive)
    return FREE


def _same(body: Bounds) -> Bounds:
    return body


def reduction(name: str, evaluate: Any, bounds: Any, numpy: str) -> Operation:
    """A reduction; AXIS in the source stands for the axis keyword."""
    return Operation(name, _reduced, evaluate, bounds, numpy)


INDEXING: tuple[Operation, ...] = (
    Operation("argument", _argument_shape, _argument),
    Operation("constant", _leaf, _constant),
    Operation("number", _leaf, _number),
    Operation("size", _leaf, _size),
    Operation("index", lambda args, data: ((), (data,)), lambda e, node, place, position: e.context.mpf(place[node.data])),
    Operation("element", _element_shape, _element, lambda array, *_: array),
    Operation("pick", _pick_shape, _pick, lambda body, *_: body),
    Operation("stack", _stack_shape, _stack, _same),
    Operation(
        "delta",
        lambda args, data: ((), union_axes(args)),
        lambda c, i, j: c.one if i == j else c.zero,
        within(0, 1),
        "np.where(x == y, 1.0, 0.0)",
        "float(x == y)",
        elementwise=True,
    ),
    reduction("sum", _sum, _sum_bounds, "np.sum(x, AXIS)"),
    reduction("prod", _prod, _prod_bounds, "np.prod(x, AXIS)"),
    reduction("mean", _mean, _same, "np.mean(x, AXIS)"),
    reduction("variance", _variance, within(0, math.inf), "np.var(x, AXIS)"),
    reduction("amax", _amax, _same, "np.max(x, AXIS)"),
    reduction("amin", _amin, _same, "np.min(x, AXIS)"),
    reduction("argmax", _argmax, lambda body: Bounds(0.0, math.inf), "np.argmax(x, AXIS)"),
    reduction("argmin", _argmin, lambda body: Bounds(0.0, math.inf), "np.argmin(x, AXIS)"),
    reduction("median", _median, _same, "np.median(x, AXIS)"),
    reduction("logsumexp", _logsumexp, None, ""),
    Operation("softmax", _kept, _softmax, within(0, 1, True)),
    Operation("log_softmax", _kept, _log_softmax, within(-math.inf, 0)),
    Operation("cumsum", _kept, _cumsum, None, "np.cumsum(x, axis=-1)"),
    Operation("sort", _kept, _sort, _same, "np.sort(x, axis=-1)"),
)
