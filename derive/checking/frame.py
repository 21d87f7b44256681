"""One value per lane for every subexpression: the state of an evaluation.

In: points, an arithmetic, and the handlers that say how each class of expression is evaluated. Out: columns of numbers, remembered
for every subexpression. A *lane* is a copy of a point with something changed: a running index, a step in a variable, a node.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import sympy as sp

from derive.checking.arithmetic import REAL, Arithmetic

__all__ = ["MAX_LANES", "TROUBLE", "Column", "Frame", "Given", "Points", "Unevaluable", "indices", "undefined", "whole"]

MAX_LANES = 20_000
TROUBLE = (ValueError, OverflowError, ZeroDivisionError, TypeError)
Column = list[Any]  # one number (or truth value) per lane


class Unevaluable(Exception):
    """A construct that has no number here; the message names it."""


class Points(Protocol):
    """Where an expression is evaluated: `count` points."""

    count: int
    curves: tuple[Any, ...]  # of derive.checking.curves.Curve

    def column(self, symbol: sp.Symbol) -> Sequence[Any]:
        """The value of a scalar symbol at every point."""

    def entry(self, label: sp.Symbol, indices: tuple[int, ...], point: int) -> Any:
        """The entry of an array at a point; indices are those on paper, from 1."""


class Given:
    """Points that were given: for each a mapping from symbol (or its name) to a number or, for arrays, a nested list."""

    curves: tuple[Any, ...] = ()

    def __init__(self, points: Sequence[Mapping[Any, Any]]) -> None:
        self.count = len(points)
        self._points = points

    def _value(self, symbol: sp.Symbol, point: int) -> Any:
        values = self._points[point]
        found = values.get(symbol, values.get(symbol.name))
        if found is None:
            raise Unevaluable(f"no value for {symbol.name}")
        return found

    def column(self, symbol: sp.Symbol) -> Sequence[Any]:
        """The value of a scalar symbol at every point."""
        return [self._value(symbol, point) for point in range(self.count)]

    def entry(self, label: sp.Symbol, indices: tuple[int, ...], point: int) -> Any:
        """The entry of an array; IndexError outside it."""
        found = self._value(label, point)
        for index in indices:
            if not 1 <= index <= len(found):
                raise Unevaluable(f"{label.name} has no entry {index}")
            found = found[index - 1]
        return found


class Frame:
    """Lanes over points: `roots[lane]` is the point of a lane, `symbols` and `bumps` what differs from the point.

    `symbols` maps a symbol to its column; a bump is (label, indices per lane, increment per lane) on one entry of an array.
    """

    __slots__ = ("arithmetic", "bumps", "children", "conditions", "handlers", "lanes", "memo", "noisy", "points", "roots", "symbols")

    def __init__(
        self,
        arithmetic: Arithmetic,
        points: Points,
        roots: Sequence[int],
        symbols: dict[Any, Column],
        bumps: tuple[tuple[Any, list[tuple[int, ...]], Column], ...],
        handlers: Callable[[type], Callable[[Frame, Any], Column]],
        noisy: dict[Any, bool],
    ) -> None:
        self.arithmetic = arithmetic
        self.points = points
        self.roots = roots
        self.lanes = len(roots)
        self.symbols = symbols
        self.bumps = bumps
        self.handlers = handlers
        self.noisy = noisy
        self.memo: dict[Any, Column] = {}
        self.children: dict[Any, Any] = {}
        self.conditions: list[Column] = []  # the truth of every comparison that was met
        if self.lanes > MAX_LANES:
            raise Unevaluable(f"more than {MAX_LANES} values at once")

    def values(self, expression: Any) -> Column:
        """The value of an expression in every lane. nan (or a complex number) where it is not defined."""
        found = self.memo.get(expression)
        if found is None:
            found = self.memo[expression] = self.handlers(type(expression))(self, expression)
        return found

    def child(
        self,
        parents: Sequence[int],
        symbols: Mapping[Any, Column] | None = None,
        bump: tuple[Any, list[tuple[int, ...]], Column] | None = None,
        arithmetic: Arithmetic | None = None,
    ) -> Frame:
        """A frame whose lane i copies lane parents[i] of this one, with further symbols replaced or one array entry moved."""
        kept = {s: [column[p] for p in parents] for s, column in self.symbols.items()}
        if symbols is not None:
            kept.update(symbols)
        bumps = tuple((label, [indices[p] for p in parents], [by[p] for p in parents]) for label, indices, by in self.bumps)
        if bump is not None:
            bumps = (*bumps, bump)
        roots = [self.roots[p] for p in parents]
        return Frame(arithmetic or self.arithmetic, self.points, roots, kept, bumps, self.handlers, self.noisy)

    def with_symbol(self, symbol: Any, column: Column) -> Frame:
        """The frame in which a symbol has other values."""
        return self.child(range(self.lanes), {symbol: column})

    def map(self, function: Callable[..., Any], *columns: Column) -> Column:
        """The function lane by lane; nan where it is not defined."""
        try:
            return list(map(function, *columns))
        except TROUBLE:
            return [self._guarded(function, arguments) for arguments in zip(*columns, strict=True)]

    def _guarded(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        try:
            return function(*arguments)
        except OverflowError:
            return math.inf if self.arithmetic is REAL else self.arithmetic.nan
        except TROUBLE:
            return self.arithmetic.nan


def undefined(value: Any) -> bool:
    """Whether a number of any kind is nan."""
    return bool(value != value)  # noqa: PLR0124


def whole(value: Any) -> int:
    """The integer that a number is, up to rounding; ValueError where it is none."""
    rounded: int = round(value.real)
    if abs(value - rounded) > 1e-9:
        raise ValueError("not an integer")
    return rounded


def indices(frame: Frame, written: Sequence[Any]) -> list[tuple[int, ...]]:
    """The indices of an entry in every lane."""
    found = []
    for index in zip(*map(frame.values, written), strict=True):
        try:
            found.append(tuple(i if type(i) is int else whole(i) for i in index))
        except TROUBLE:
            raise Unevaluable("an index that is not an integer") from None
    return found
