"""Values of a graph, a whole array at a time, in double precision or more: for small arrays that are evaluated hundreds of times.

In: a node, arguments as nested lists of numbers. Out: nested lists of numbers. Operations that have no short way here are evaluated by
the reference evaluation, in the same numbers; `Undefined`, `OverflowError`, `ValueError` or `ZeroDivisionError` where there is no value.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from derive.graph.evaluate import Doubles, Evaluation
from derive.graph.graph import walk
from derive.graph.node import Node
from derive.graph.operations import OPERATIONS

__all__ = ["Floats"]


class _Doubles(Doubles):
    """Floats, with the functions that `math` lacks from mpmath."""

    def __getattr__(self, name: str) -> Any:
        from mpmath import fp

        return getattr(fp, name)


class _FloatEvaluation(Evaluation):
    """The reference evaluation with the numbers of a context."""

    def __init__(self, arguments: Mapping[str, Any], sizes: Mapping[str, int], numbers: Any) -> None:
        self.context = numbers
        self.sizes = sizes
        self.arguments = arguments  # type: ignore[assignment]
        self._entries = {}
        self._once = {}


Instruction = tuple[Callable[[Any, list[Any]], Any], Any, tuple[int, ...]]  # what to do, with which node or key, on which earlier values


class Floats:
    """Evaluates nodes at sizes; what is to be done for a node is found once and kept. `numbers` is a context of mpmath, floats if none."""

    def __init__(self, sizes: Mapping[str, int], numbers: Any = None) -> None:
        self.sizes = sizes
        self.numbers = _Doubles() if numbers is None else numbers
        self._programs: dict[Node, list[Instruction]] = {}
        self._arguments: Mapping[str, Any] = {}

    def value(self, node: Node, arguments: Mapping[str, Any]) -> Any:
        """The value of a node for these arguments by key."""
        program = self._programs.get(node)
        if program is None:
            program = self._programs[node] = self._program(node)
        self._arguments = arguments
        values: list[Any] = []
        for method, data, places in program:
            values.append(method(data, [values[k] for k in places]))
        return values[-1]

    def _program(self, root: Node) -> list[Instruction]:
        order = list(walk((root,)))
        places = {node: k for k, node in enumerate(order)}
        return [(*self._method(node), tuple(places[a] for a in node.args)) for node in order]

    def _method(self, node: Node) -> tuple[Callable[[Any, list[Any]], Any], Any]:
        if node.op == "argument":
            return self._argument, node.data[0].key
        if node.axes:
            return _nothing, node  # evaluated entry by entry, from the node above that binds the index
        if any(a.axes for a in node.args):
            return self._slowly, node
        if node.op == "number":
            return _constant, self.numbers.mpf(node.data.numerator) / node.data.denominator
        if node.op in METHODS:
            return METHODS[node.op], node
        if OPERATIONS[node.op].elementwise:
            return _mapped, partial(OPERATIONS[node.op].evaluate, self.numbers)
        return self._slowly, node

    def _argument(self, key: str, args: list[Any]) -> Any:
        return self._arguments[key]

    def _slowly(self, node: Node, args: list[Any]) -> Any:
        return _FloatEvaluation(self._arguments, self.sizes, self.numbers).array(node, {})


def _nothing(node: Node, args: list[Any]) -> Any:
    return None


def _constant(value: float, args: list[Any]) -> float:
    return value


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
