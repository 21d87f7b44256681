"""The reference values that emitted code is compared with: with many bits, as decimals, in double precision.

In: the reference graph and points. Out: entries of all outputs, or None where there are none. Each value is computed once.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext
from typing import Any, NamedTuple

from derive.graph.continuation import EXACT, NO_ANSWER, Continuation, Program
from derive.graph.evaluate import DOUBLE, Evaluation, TooCostly, in_doubles
from derive.graph.graph import Graph, walk
from derive.graph.operations import Undefined
from derive.translation.sample import Point

__all__ = ["ARITHMETIC", "ORDINARY_BITS", "Case", "References", "as_floats", "flat", "reference"]

ORDINARY_BITS = 170
DECIMAL_DIGITS = 52
DECIMALS = Context(prec=DECIMAL_DIGITS, traps=[InvalidOperation, DivisionByZero, Overflow])
EXTREME_BITS = 1300
MOST_BITS = 12_000
SLOW_BITS = 450
SLOW = frozenset(
    (
        "gamma",
        "loggamma",
        "factorial",
        "binomial",
        "beta",
        "digamma",
        "trigamma",
        "polygamma",
        "zeta",
        "erfinv",
        "normal_cdf",
        "gelu",
        "erfc",
        "erf",
    )
)  # functions that take mpmath long at many digits
MEANWHILE = 0.002  # seconds in which reference values are computed in advance
ARITHMETIC = (ZeroDivisionError, ValueError, OverflowError, TypeError, Undefined)


class Case(NamedTuple):
    """A point and what the code is given there: arrays are marked, scalars may be arrays of several points."""

    points: Sequence[Point]
    arguments: Mapping[str, Any]
    extreme: bool = False
    stacked: bool = False  # the scalars are arrays with one entry for each point


def flat(value: Any) -> list[Any]:
    """The entries of nested lists."""
    if not isinstance(value, list):
        return [value]
    if not value or not isinstance(value[0], list):
        return value
    if not value[0] or not isinstance(value[0][0], list):
        return [entry for part in value for entry in part]
    return [entry for part in value for entry in flat(part)]


def reference(graph: Graph, point: Point, bits: int) -> list[Any] | None:
    """The entries of all outputs, or None where the mathematics has no value."""
    evaluation = Evaluation(point.values, point.sizes, bits)
    try:
        return [evaluation.entry(root, {}, p) for root in graph.roots for p in evaluation.positions(root.shape)]
    except ARITHMETIC:
        return None


def as_floats(value: Any) -> Any:
    """The entries as floats."""
    if not isinstance(value, list):
        return float(value)
    return list(map(float, value)) if value and not isinstance(value[0], list) else [as_floats(v) for v in value]


def _as_decimals(value: Any) -> Any:
    return [_as_decimals(v) for v in value] if isinstance(value, list) else Decimal(value)


class References:
    """The reference values of a graph by point and bits, each computed once; samples occur alone and stacked."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        nodes = list(walk(graph.roots))
        self.has_arrays = any(node.shape for node in nodes)
        slow = any(node.op in SLOW for node in nodes)
        self.extreme_bits = SLOW_BITS if slow else EXTREME_BITS
        self.most_bits = SLOW_BITS if slow else MOST_BITS
        self._known: dict[tuple[int, int], list[Any] | None] = {}
        self._floats, self._decimals = Program(), Program(EXACT)

    def value(self, point: Point, bits: int) -> list[Any] | None:
        """The entries of all outputs at a point; None where there is no value, or none in doubles."""
        key = (id(point), bits)
        if key not in self._known:
            if bits == DOUBLE:
                self._known[key] = self._in_doubles(point)
            else:
                self._known[key] = reference(self.graph, point, bits)
        return self._known[key]

    def has_value(self, point: Point) -> bool:
        """Whether the mathematics has a value at an ordinary point."""
        return self._in_doubles(point) is not None or reference(self.graph, point, ORDINARY_BITS) is not None

    def _in_doubles(self, point: Point) -> list[float] | None:
        """The entries in double precision; None where floats do not do."""
        values = {key: as_floats(value) for key, value in point.values.items()}
        try:
            return self._whole(Continuation(self._floats, values, point.sizes))
        except Undefined:
            return None
        except NO_ANSWER:
            return in_doubles(self.graph.roots, point.values, point.sizes)

    def _whole(self, evaluation: Continuation) -> list[Any] | None:
        """The entries, array by array; None where something on the way is not finite."""
        entries = [entry for root in self.graph.roots for entry in flat(evaluation.value(root))]
        return entries if all(math.isfinite(sum(flat(value))) for value in evaluation.values.values()) else None

    def decimals(self, point: Point) -> list[float] | None:
        """The entries from decimals of more digits than `ORDINARY_BITS`, rounded to floats; None where there are none."""
        key = (id(point), DECIMAL_DIGITS)
        if key not in self._known:
            values = {key: _as_decimals(value) for key, value in point.values.items()}
            with localcontext(DECIMALS):
                try:
                    found = self._whole(Continuation(self._decimals, values, point.sizes))
                    self._known[key] = None if found is None else list(map(float, found))
                except NO_ANSWER:
                    self._known[key] = None
        return self._known[key]

    def prepare(self, cases: Sequence[Case], first_of_all: Callable[[], None] | None = None) -> None:
        """Compute what will be asked for, for a moment: while the code runs elsewhere there is nothing better to do."""
        if first_of_all is not None:
            first_of_all()
        deadline = time.monotonic() + MEANWHILE
        first = True
        with contextlib.suppress(TooCostly, RecursionError):  # judged when it is asked for
            for case in cases:
                for point in case.points:
                    if time.monotonic() > deadline:
                        return
                    if case.extreme:
                        self.value(point, self.extreme_bits)
                    elif not self.has_arrays or (first and self.decimals(point) is None):
                        self.value(point, ORDINARY_BITS)
                    elif not first:
                        self.value(point, DOUBLE)
                    first = False
