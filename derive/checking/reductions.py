"""Sums, products and softmax: expressions that are evaluated at many values of a running index.

In: a frame and the expression. Out: its column. Bounds are evaluated in every lane; the number of terms is bounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import add, mul
from typing import Any

import sympy as sp

from derive.checking.frame import MAX_LANES, TROUBLE, Column, Frame, Unevaluable, whole
from derive.checking.slow_series import slow_series
from derive.expressions.nodes import SampleMax, SampleMedian, SampleMin

__all__ = ["product", "softmax_at", "statistic", "sum_"]


_INFINITE_TERMS = 400


def _running(frame: Frame, k: Any, lower: Any, upper: Any) -> tuple[Frame, list[int]]:
    """The frame in which k runs from lower to upper in every lane, and the outer lane of each of its lanes."""
    key = (k, lower, upper)
    known: tuple[Frame, list[int]] | None = frame.children.get(key)
    if known is not None:
        return known
    lanes: list[int] = []
    running: list[int] = []
    for lane, (a, b) in enumerate(zip(frame.values(lower), frame.values(upper), strict=True)):
        try:
            first = whole(a)
            last = first + _INFINITE_TERMS - 1 if b == math.inf else whole(b)
        except TROUBLE:
            raise Unevaluable("a bound of a sum that is not an integer") from None
        count = max(0, last - first + 1)
        if len(lanes) + count > MAX_LANES:
            raise Unevaluable("a sum of too many terms")
        lanes += [lane] * count
        running += range(first, last + 1)
    made = frame.children[key] = (frame.child(lanes, {k: running}), lanes)
    return made


def sum_(frame: Frame, e: Any) -> Column:
    return _reduce(frame, e, list(e.limits), add, 0)


def product(frame: Frame, e: Any) -> Column:
    return _reduce(frame, e, list(e.limits), mul, 1)


def _reduce(frame: Frame, e: Any, limits: list[Any], operation: Callable[[Any, Any], Any], start: int) -> Column:
    if not limits:
        return frame.values(e.function)
    limit = limits.pop()  # the last is the outermost
    if len(limit) != 3:
        raise Unevaluable("a sum without bounds")
    inner, lanes = _running(frame, *limit)
    column: Column = [start] * frame.lanes
    terms = _reduce(inner, e, limits, operation, start)
    for value, lane in zip(terms, lanes, strict=True):
        column[lane] = operation(column[lane], value)
    if limit[2] is sp.oo:
        last: Column = [start] * frame.lanes
        for value, lane in zip(terms, lanes, strict=True):
            last[lane] = value
        tolerance = 10.0 ** (-frame.arithmetic.digits - 2)
        ok = [abs(operation(start, t) - start) <= tolerance * (1 + abs(c)) for t, c in zip(last, column, strict=True)]
        if operation is add and frame.arithmetic.digits > 15 and not all(ok):
            rows: list[list[Any]] = [[] for _ in range(frame.lanes)]
            for value, lane in zip(terms, lanes, strict=True):
                rows[lane].append(value)
            return [c if good else slow_series(row, frame.arithmetic.nan) for c, good, row in zip(column, ok, rows, strict=True)]
        column = [c if good else frame.arithmetic.nan for c, good in zip(column, ok, strict=True)]
    return column


def softmax_at(frame: Frame, e: Any) -> Column:
    body, k, lower, upper, i = e.args
    exp = frame.arithmetic.functions[sp.exp]
    inner, lanes = _running(frame, k, lower, upper)
    chosen = frame.with_symbol(k, frame.values(i)).values(body)
    totals: Column = [0] * frame.lanes
    for value, lane in zip(inner.values(body), lanes, strict=True):
        totals[lane] = totals[lane] + exp(value - chosen[lane])
    one = frame.arithmetic.one
    return frame.map(lambda total: one / total, totals)


def _median(entries: list[Any]) -> Any:
    ordered, half = sorted(entries), len(entries) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


_STATISTICS: dict[type, Callable[[list[Any]], Any]] = {SampleMax: max, SampleMin: min, SampleMedian: _median}


def statistic(frame: Frame, e: Any) -> Column:
    """The largest, the least or the median of entries, in every lane."""
    body, k, lower, upper = e.args
    inner, lanes = _running(frame, k, lower, upper)
    entries: list[list[Any]] = [[] for _ in range(frame.lanes)]
    for value, lane in zip(inner.values(body), lanes, strict=True):
        entries[lane].append(value)
    return [_STATISTICS[type(e)](found) if found else frame.arithmetic.nan for found in entries]
