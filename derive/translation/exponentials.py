"""Sums of exponentials and logistic functions in NumPy: the largest exponent is taken out, an exponential serves both signs.

In: `logsumexp`, `softmax`, `sigmoid` and their like. Out: values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from derive.graph.node import Node
from derive.translation import source as py
from derive.translation.arrays import all_but_one, call, reduced_places
from derive.translation.values import Value, aligned

if TYPE_CHECKING:
    from derive.translation.lower import Lowering

__all__ = ["METHODS"]


def _logsumexp(lowering: Lowering, node: Node) -> Value:
    value = all_but_one(lowering, node) or lowering.value(node.args[0])
    places, dims = reduced_places(node, value)
    if not places:
        return lowering.value(lowering.nodes.add(node.args[0], lowering.nodes.make("log", lowering.nodes.size(node.data.size))))
    keep = bool(lowering.leading)
    top = call("np.max", value.source, places, value, keep).named("top")
    shifted = py.binary("-", value.source, top if keep else aligned(Value(top, dims), value.dims))
    inner = py.apply("np.log", call("np.sum", py.apply("np.exp", shifted), places, value, keep))
    return Value(py.binary("+", top, inner), value.dims if keep else dims)


def _softmax(lowering: Lowering, node: Node) -> Value:
    value = lowering.value(node.args[0])
    places, _ = reduced_places(node, value)
    shifted = py.binary("-", value.source, call("np.max", value.source, places, value, keep=True))
    if node.op == "softmax":
        e = py.apply("np.exp", shifted).named("e")
        return Value(py.binary("/", e, call("np.sum", e, places, value, keep=True)), value.dims)
    shifted = shifted.named("shifted")
    inner = call("np.sum", py.apply("np.exp", shifted), places, value, keep=True)
    return Value(py.binary("-", shifted, py.apply("np.log", inner)).named("log_p"), value.dims)


def _sigmoid(lowering: Lowering, node: Node) -> Value:
    """σ(x), and σ(−x) from the same exponential."""
    argument = node.args[0]
    if argument.op != "neg" or lowering.value(argument).host:
        return lowering.elementwise(node)
    value = lowering.value(argument.args[0])
    return Value(lowering.said("e = np.exp(-np.abs(x)); np.maximum(e, x < 0) / (1.0 + e)", [value.source]), value.dims)


LOG_ONE_MINUS_EXP = (  # Mächler 2012, eq. 7
    "np.where(x < math.log(2.0), np.log(-np.expm1(-x)), np.log1p(-np.exp(-np.maximum(x, 0.5))))"
)


def _log1mexp(lowering: Lowering, node: Node) -> Value:
    """log(1 − e^(−x)) over x."""
    argument = node.args[0]
    if argument.op != "neg" or lowering.value(argument).host:
        return lowering.elementwise(node)
    value = lowering.value(argument.args[0])
    return Value(lowering.said(LOG_ONE_MINUS_EXP, [value.source]), value.dims)


def _sqrt(lowering: Lowering, node: Node) -> Value:
    """√σ′(x) from the exponential of σ′, anything else as the table says it."""
    inner = node.args[0]
    if inner.op != "sigmoid_slope":
        return lowering.elementwise(node)
    value = lowering.value(inner.args[0])
    return Value(lowering.said("e = np.exp(-np.abs(x)); np.sqrt(e) / (1.0 + e)", [value.source]), value.dims)


METHODS: dict[str, Callable[[Lowering, Node], Value]] = {
    "logsumexp": _logsumexp,
    "softmax": _softmax,
    "log_softmax": _softmax,
    "sigmoid": _sigmoid,
    "log1mexp": _log1mexp,
    "sqrt": _sqrt,
}
