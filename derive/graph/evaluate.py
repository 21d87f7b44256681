"""The reference value of a graph: pure Python and mpmath, entry by entry, as slow and obvious as the mathematics.

In: a node, arguments as nested lists of numbers, sizes, a number of bits. Out: nested lists of mpmath numbers, or `Undefined`.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from derive.graph.node import Axis, Node, Shape
from derive.graph.operations import OPERATIONS, Undefined

__all__ = ["Evaluation", "TooCostly", "context", "evaluate"]

MOST_ENTRIES = 100_000


class TooCostly(Exception):
    """The reference value would take too long: slow and obvious has its limits."""


_contexts = threading.local()


def context(bits: int) -> Any:
    """This thread's mpmath context, at a precision of so many bits."""
    if not hasattr(_contexts, "value"):
        from mpmath.ctx_mp import MPContext

        _contexts.value = MPContext()
    _contexts.value.prec = bits
    return _contexts.value


class Evaluation:
    """One evaluation: entries are remembered by node, place and position."""

    def __init__(self, arguments: Mapping[str, Any], sizes: Mapping[str, int], bits: int) -> None:
        self.context = context(bits)
        self.sizes = sizes
        self.arguments = {key: self._exact(value) for key, value in arguments.items()}
        self._entries: dict[Any, Any] = {}
        self._once: dict[Any, Any] = {}

    def _exact(self, value: Any) -> Any:
        return [self._exact(v) for v in value] if isinstance(value, list | tuple) else self.context.mpf(value)

    def run(self, axis: Axis) -> range:
        """The values of a running index."""
        return range(axis.lower.value(self.sizes), axis.upper.value(self.sizes) + 1)

    def positions(self, shape: Shape) -> Iterator[tuple[int, ...]]:
        """Every position of a shape, row by row."""
        return itertools.product(*(range(size.value(self.sizes)) for size in shape))

    def entry(self, node: Node, place: Mapping[Axis, int], position: tuple[int, ...]) -> Any:
        """One entry of the node's value; a scalar has the same entry everywhere."""
        if not node.shape:
            position = ()
        key = (node.number, position, *(place[axis] for axis in node.axes))
        if key not in self._entries:
            if len(self._entries) >= MOST_ENTRIES:
                raise TooCostly
            operation = OPERATIONS[node.op]
            if operation.elementwise:
                values = [self.entry(a, place, position) for a in node.args]
                self._entries[key] = operation.evaluate(self.context, *values)
            else:
                self._entries[key] = operation.evaluate(self, node, place, position)
        return self._entries[key]

    def array(self, node: Node, place: Mapping[Axis, int]) -> Any:
        """The whole value as nested lists."""

        def level(position: tuple[int, ...]) -> Any:
            if len(position) == len(node.shape):
                return self.entry(node, place, position)
            return [level((*position, k)) for k in range(node.shape[len(position)].value(self.sizes))]

        return level(())

    def once(self, compute: Callable[..., Any], node: Node, place: Mapping[Axis, int]) -> Any:
        """A value that every entry of the node needs, computed once."""
        key = (node.number, *(place[axis] for axis in node.axes))
        if key not in self._once:
            self._once[key] = compute(self, node, place)
        return self._once[key]


def evaluate(node: Node, arguments: Mapping[str, Any], sizes: Mapping[str, int] | None = None, bits: int = 170) -> Any:
    """The value of a node without free axes; raises `Undefined` where it has none."""
    try:
        return Evaluation(arguments, sizes or {}, bits).array(node, {})
    except (ZeroDivisionError, ValueError, OverflowError, TypeError) as error:
        raise Undefined(str(error)) from error
