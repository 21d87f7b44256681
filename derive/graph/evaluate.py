"""The reference value of a graph: pure Python and mpmath, entry by entry, as slow and obvious as the mathematics.

In: a node, arguments as nested lists of numbers, sizes, a number of bits. Out: nested lists of mpmath numbers, or `Undefined`.
With `DOUBLE` bits the same interpreter works on Python's floats, which is fast and no proof: it knows no special functions, and what
it says is believed only where something independent says the same.
"""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from derive.errors import TooLarge
from derive.graph.node import Axis, Node, Shape
from derive.graph.operations import OPERATIONS, Undefined

__all__ = ["DOUBLE", "Doubles", "Evaluation", "TooCostly", "context", "evaluate", "in_doubles"]

MOST_ENTRIES = 100_000
DOUBLE = 53


class TooCostly(TooLarge):
    """The reference value would take too long: slow and obvious has its limits."""

    def __init__(self) -> None:
        super().__init__("its value would take too long to compute for the check")


class Doubles:
    """The part of mpmath's context that floats have; what is missing raises AttributeError, and the value is computed with more bits."""

    one, zero, inf = 1.0, 0.0, math.inf
    e, pi, ln2, ln10 = math.e, math.pi, math.log(2), math.log(10)
    mpf = float
    exp, expm1, log, sqrt = math.exp, math.expm1, math.log, math.sqrt
    sin, cos, tan, asin, acos, atan, atan2 = math.sin, math.cos, math.tan, math.asin, math.acos, math.atan, math.atan2
    sinh, cosh, tanh, asinh, acosh, atanh = math.sinh, math.cosh, math.tanh, math.asinh, math.acosh, math.atanh
    isnan, isinf, floor, ceil, nint = math.isnan, math.isinf, math.floor, math.ceil, round

    @staticmethod
    def mag(x: float) -> int:
        """A bound on the binary exponent."""
        return math.frexp(x)[1]

    @staticmethod
    def sign(x: float) -> float:
        """The sign, 0 for 0."""
        return (x > 0) - (x < 0) + 0.0


_contexts = threading.local()
_doubles = Doubles()


def context(bits: int) -> Any:
    """This thread's mpmath context, at a precision of so many bits."""
    if bits == DOUBLE:
        return _doubles
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
        key = (node.number, position, *[place[axis] for axis in node.axes]) if node.axes else (node.number, position)
        value = self._entries.get(key)
        if value is None:
            if len(self._entries) >= MOST_ENTRIES:
                raise TooCostly
            operation = OPERATIONS[node.op]
            if operation.elementwise:
                value = operation.evaluate(self.context, *[self.entry(a, place, position) for a in node.args])
            else:
                value = operation.evaluate(self, node, place, position)
            self._entries[key] = value
        return value

    def array(self, node: Node, place: Mapping[Axis, int]) -> Any:
        """The whole value as nested lists."""

        def level(position: tuple[int, ...]) -> Any:
            if len(position) == len(node.shape):
                return self.entry(node, place, position)
            return [level((*position, k)) for k in range(node.shape[len(position)].value(self.sizes))]

        return level(())

    def once(self, compute: Callable[..., Any], node: Node, place: Mapping[Axis, int], *rest: Any) -> Any:
        """A value that several entries of the node need, computed once; `rest` says which ones, and `compute` is told."""
        key = (node.number, compute, rest, *[place[axis] for axis in node.axes if axis in place])
        if key not in self._once:
            self._once[key] = compute(self, node, place, *rest)
        return self._once[key]

    @property
    def is_finite(self) -> bool:
        """Whether nothing on the way was infinite or not a number."""
        return all(map(math.isfinite, self._entries.values()))


def evaluate(node: Node, arguments: Mapping[str, Any], sizes: Mapping[str, int] | None = None, bits: int = 170) -> Any:
    """The value of a node without free axes; raises `Undefined` where it has none."""
    try:
        return Evaluation(arguments, sizes or {}, bits).array(node, {})
    except (ZeroDivisionError, ValueError, OverflowError, TypeError) as error:
        raise Undefined(str(error)) from error


def in_doubles(roots: Iterable[Node], arguments: Mapping[str, Any], sizes: Mapping[str, int]) -> list[float] | None:
    """The entries of all roots in double precision; None where floats do not do."""
    evaluation = Evaluation(arguments, sizes, DOUBLE)
    try:
        entries = [evaluation.entry(root, {}, p) for root in roots for p in evaluation.positions(root.shape)]
        return entries if evaluation.is_finite else None
    except (ArithmeticError, AttributeError, ValueError, TypeError):
        return None
