"""Values of a graph in double precision, a whole array at a time: what is evaluated hundreds of times with all its parts small.

In: a node, arguments as nested lists of floats. Out: nested lists of floats. Operations that have no short way here are evaluated by the
reference evaluation, in floats; `Undefined`, `OverflowError`, `ValueError` or `ZeroDivisionError` where there is no value.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from derive.graph.evaluate import Evaluation
from derive.graph.graph import walk
from derive.graph.node import Node
from derive.graph.operations import OPERATIONS

__all__ = ["Floats"]


class _FloatEvaluation(Evaluation):
    """The reference evaluation with floats for numbers."""

    def __init__(self, arguments: Mapping[str, Any], sizes: Mapping[str, int], numbers: Any) -> None:
        self.context = numbers
        self.sizes = sizes
        self.arguments = arguments  # type: ignore[assignment]
        self._entries = {}
        self._once = {}


class Floats:
    """Evaluates nodes at sizes; what a node needs is found once and kept."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        from mpmath import fp

        self.sizes = sizes
        self.numbers = fp
        self._orders: dict[Node, list[Node]] = {}

    def value(self, node: Node, arguments: Mapping[str, Any]) -> Any:
        """The value of a node for these arguments by key."""
        order = self._orders.get(node)
        if order is None:
            order = self._orders[node] = list(walk((node,)))
        done: dict[Node, Any] = {}
        for below in order:
            done[below] = self._one(below, [done[a] for a in below.args], arguments)
        return done[node]

    def _one(self, node: Node, args: list[Any], arguments: Mapping[str, Any]) -> Any:
        op = node.op
        if op == "argument":
            return arguments[node.data[0].key]
        if node.axes or any(a.axes for a in node.args):
            return None if node.axes else self._slowly(node, arguments)
        if op == "number":
            return float(node.data)
        method = METHODS.get(op)
        if method is not None:
            return method(node, args)
        if OPERATIONS[op].elementwise:
            evaluate, numbers = OPERATIONS[op].evaluate, self.numbers
            return _mapped(partial(evaluate, numbers), args)
        return self._slowly(node, arguments)

    def _slowly(self, node: Node, arguments: Mapping[str, Any]) -> Any:
        return _FloatEvaluation(arguments, self.sizes, self.numbers).array(node, {})


def _mapped(function: Callable[..., Any], values: list[Any]) -> Any:
    """The function entry by entry; a scalar stands for equal entries."""
    lead = next((v for v in values if isinstance(v, list)), None)
    if lead is None:
        return function(*values)
    if not isinstance(lead[0], list):
        if len(values) == 1:
            return [function(x) for x in lead]
        return list(map(function, *(v if isinstance(v, list) else [v] * len(lead) for v in values)))
    return [_mapped(function, [v[k] if isinstance(v, list) else v for v in values]) for k in range(len(lead))]


def _added(node: Node, args: list[Any]) -> Any:
    total = args[0]
    for part in args[1:]:
        total = _mapped(operator.add, [total, part])
    return total


def _multiplied(node: Node, args: list[Any]) -> Any:
    total = args[0]
    for factor in args[1:]:
        total = _mapped(operator.mul, [total, factor])
    return total


def _product(node: Node, args: list[Any]) -> Any:
    a, b = args
    if len(node.args[0].shape) == 1:
        if len(node.args[1].shape) == 1:
            return sum(map(operator.mul, a, b))
        return [sum(x * row[k] for x, row in zip(a, b, strict=True)) for k in range(len(b[0]))]
    if len(node.args[1].shape) == 1:
        return [sum(map(operator.mul, row, b)) for row in a]
    columns = list(zip(*b, strict=True))
    return [[sum(map(operator.mul, row, column)) for column in columns] for row in a]


METHODS: dict[str, Callable[[Node, list[Any]], Any]] = {
    "add": _added,
    "mul": _multiplied,
    "neg": lambda node, args: _mapped(operator.neg, args),
    "matmul": _product,
    "outer": lambda node, args: [[x * y for y in args[1]] for x in args[0]],
    "transpose": lambda node, args: [list(row) for row in zip(*args[0], strict=True)],
    "row": lambda node, args: args[0],
}
