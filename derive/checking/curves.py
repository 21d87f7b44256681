"""Points on a curve F(x, y) = 0, and y as a function of x along it: the numbers behind implicit derivatives.

In: an equation, its dependent and its independent variable, and a frame in which everything but the dependent variable has values.
Out: the column of the dependent variable. Newton's method with a difference for ∂F/∂y; real, complex and multiple precision alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.checking.frame import undefined

if TYPE_CHECKING:
    from derive.checking.frame import Frame

__all__ = ["Curve", "follow", "start_on_curve"]


class Curve:
    """`residual` = 0 makes `dependent` a function of `independent`; `function` is its name where it is written y(x).

    While a curve is in force, a derivative with respect to `independent` is total: `dependent` moves along.
    """

    __slots__ = ("dependent", "function", "independent", "residual")

    def __init__(self, residual: Any, dependent: sp.Symbol, independent: sp.Symbol | None = None, function: Any = None) -> None:
        self.residual = residual
        self.dependent = dependent
        self.independent = independent
        self.function = function


def follow(curve: Curve, frame: Frame, start: Sequence[Any]) -> list[Any]:
    """The dependent variable on the curve near `start`, in every lane of the frame; nan where the iteration leaves it."""
    arithmetic = frame.arithmetic
    doubles = arithmetic.digits <= 15
    nan = arithmetic.nan
    column = list(start)
    step = 1e-7 if doubles else arithmetic.one * 10 ** (-(arithmetic.digits // 3))
    lanes = range(frame.lanes)
    for iteration in range(12):
        here = frame.child(lanes, {curve.dependent: column}).values(curve.residual)
        there = frame.child(lanes, {curve.dependent: [c + step for c in column]}).values(curve.residual)
        moves = [f * step / (g - f) if g != f else (nan if f != 0 else 0 * f) for f, g in zip(here, there, strict=True)]
        column = [c - m for c, m in zip(column, moves, strict=True)]
        if iteration >= 4 and all(not abs(m) > abs(c) * 10.0 ** (1 - arithmetic.digits) for m, c in zip(moves, column, strict=True)):
            break
    return column


def start_on_curve(curve: Curve, frame: Frame) -> list[Any]:
    """The dependent variable at every point (lane): a root near one of several starting values; nan where none was found."""
    random = Random(f"{curve.dependent.name}:curve")
    found: list[Any] = [float("nan")] * frame.lanes
    for _ in range(8):
        missing = [p for p in range(frame.lanes) if undefined(found[p])]
        if not missing:
            break
        start = [random.uniform(-3, 3) for _ in missing]
        inner = frame.child(missing)
        roots = follow(curve, inner, start)
        rest = inner.child(range(len(missing)), {curve.dependent: roots}).values(curve.residual)
        for p, root, left in zip(missing, roots, rest, strict=True):
            if isinstance(root, float) and abs(left) <= 1e-10 * (1 + abs(root)) and abs(root) < 1e4 and _allowed(curve.dependent, root):
                found[p] = root
    return found


def _allowed(symbol: sp.Symbol, value: float) -> bool:
    """Whether the value is in the domain that the symbol's assumptions state."""
    if symbol.is_positive and value <= 0:
        return False
    if symbol.is_negative and value >= 0:
        return False
    return not symbol.is_integer or abs(value - round(value)) < 1e-9
