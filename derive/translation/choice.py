"""Choice in NumPy: np.where, a plain conditional for plain numbers, a product with the condition where that says the same.

In: `where`, `indicator`, `delta`, `not` nodes. Out: values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from derive.graph.graph import walk
from derive.graph.node import Node
from derive.graph.sizes import ONE
from derive.graph.substitution import substitute
from derive.translation import source as py
from derive.translation.source import Source
from derive.translation.values import BATCH, Value, ordered

if TYPE_CHECKING:
    from derive.translation.lower import Lowering

__all__ = ["METHODS", "decimal"]

FINITE = frozenset(
    (
        *("argument", "number", "size", "element", "ones", "identity", "add", "neg", "mul", "matmul", "outer", "transpose", "row", "sum"),
        *("mean", "softmax", "sigmoid", "sigmoid_slope", "tanh", "relu", "maximum", "minimum", "abs", "sin", "cos", "where", "indicator"),
        *("less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "index", "stack"),
    )
)


def _is_finite(node: Node) -> bool:
    """Whether nothing in it makes an infinity of finite numbers, save by overflow."""
    return all(
        n.op in FINITE
        or (n.op == "div" and n.args[1].bounds.low > 0)
        or (n.op == "pow" and n.args[1].op == "number" and n.args[1].data.denominator == 1 and n.args[1].data > 0)
        for n in walk((node,))
    )


def _masked(lowering: Lowering, node: Node) -> Value | None:
    """A matrix product where a condition holds, and 0 elsewhere: times the condition, in the dtype of the product."""
    condition, yes, no = node.args
    if no.op != "number" or no.data != 0 or yes.op not in {"matmul", "add", "mul"} or not any(n.op == "matmul" for n in walk((yes,))):
        return None
    mask, value = lowering.value(condition), lowering.value(yes)
    if not value.dims or set(mask.dims) != set(value.dims) or BATCH in value.dims or not _is_finite(yes):
        return None
    return Value(py.binary("*", value.source, ordered(mask, value.dims)), value.dims)


def _joined(lowering: Lowering, node: Node) -> Value | None:
    """f_i for i ≤ n and g_i behind: one array behind the other."""
    condition, *arms = node.args
    if condition.op != "less_equal" or condition.args[0].op != "index" or condition.args[1].op != "size" or lowering.standard:
        return None
    axis, cut = condition.args[0].data, condition.args[1].data
    rest = axis.upper - cut
    if (
        not all(c > 0 for size in (rest, cut - axis.lower + ONE) for _, c in size.terms)
        or not rest.terms
        or any(axis not in a.axes for a in arms)
    ):
        return None
    parts = (axis._replace(upper=cut), axis._replace(lower=cut + ONE))
    nodes = lowering.nodes
    values = [lowering.value(substitute(nodes, arm, axis, nodes.index(part))) for arm, part in zip(arms, parts, strict=True)]
    if any(part not in value.dims or BATCH in value.dims for value, part in zip(values, parts, strict=True)):
        return None
    first, second = (tuple(axis if d == part else d for d in v.dims) for v, part in zip(values, parts, strict=True))
    if set(first) != set(second):
        return None
    sources = [values[0].source, ordered(values[1]._replace(dims=second), first)]
    keywords = {"axis": py.number(first.index(axis))} if len(first) > 1 else {}
    return Value(py.apply("np.concatenate", py.list_(*sources), **keywords), first)


def _where(lowering: Lowering, node: Node) -> Value:
    joined = _joined(lowering, node)
    if joined is not None:
        return joined
    masked = _masked(lowering, node)
    if masked is not None:
        return masked
    (condition, yes, no), dims, _ = lowering.sources(node.args)
    host = [lowering.value(a).host for a in node.args]
    if all(host):
        return Value(Source("ifelse", "", (yes, condition, no)), (), True)
    if host[0] and _same_dims(lowering, node):  # only the arm that is taken is evaluated: an element may exist in no other
        return Value(Source("ifelse", "", (decimal(yes), condition, decimal(no))), dims)
    chosen = py.apply("np.where", condition, decimal(yes), decimal(no))
    return Value(_typed(lowering, chosen) if host[1] and host[2] else chosen, dims)


def _same_dims(lowering: Lowering, node: Node) -> bool:
    _, yes, no = (lowering.value(a) for a in node.args)
    return yes.dims == no.dims


def decimal(source: Source) -> Source:
    """0 and 1 as 0.0 and 1.0, so that a choice among numbers is no array of integers."""
    if source.kind == "unary" and source.text == "-":
        return py.unary("-", decimal(source.args[0]))
    return py.number(source.text + ".0") if source.kind == "number" and source.text.isdigit() else source


def _typed(lowering: Lowering, source: Source) -> Source:
    """A choice among plain numbers in the dtype of the data."""
    dtype = py.name(f"{lowering.dtype}.dtype") if lowering.dtype else None
    if dtype is None and lowering.scalars:
        dtype = py.apply("np.result_type", *map(py.name, lowering.scalars), py.number(1.0))
    return source if dtype is None else Source("method", "astype", (source, dtype))


def _indicator(lowering: Lowering, node: Node) -> Value:
    nodes = lowering.nodes
    if lowering.value(node.args[0]).host:
        return lowering.elementwise(node)
    return _where(lowering, nodes.make("where", node.args[0], nodes.number(1), nodes.number(0)))


def _delta(lowering: Lowering, node: Node) -> Value:
    if all(lowering.value(a).host for a in node.args):
        return lowering.elementwise(node)
    return _indicator(lowering, lowering.nodes.make("indicator", lowering.nodes.make("equal", *node.args)))


def _not(lowering: Lowering, node: Node) -> Value:
    value = lowering.value(node.args[0])
    return Value(py.unary("not", value.source) if value.host else py.apply("np.logical_not", value.source), value.dims, value.host)


METHODS: dict[str, Callable[[Lowering, Node], Value]] = {
    "where": _where,
    "indicator": _indicator,
    "delta": _delta,
    "not": _not,
}
