"""Where an integrand changes its form: the zeros of what stands in |u|, max, min, sign and in the conditions of cases.

In: an expression and its variable; a frame for numbers. Out: places inside an interval, in order, each to rounding. Zeros are found by
signs on a grid, and a pair of them between two nodes of the grid is missed: what uses the places must notice a kink by itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import sympy as sp

from derive.checking.frame import TROUBLE, Frame, Unevaluable
from derive.expressions import nodes

__all__ = ["kinks", "switches"]

GRID = 48
BISECTIONS = 60
MOST = 24
_OF_ONE = (sp.Abs, sp.sign, sp.Heaviside, nodes.relu, nodes.leaky_relu, nodes.elu, nodes.selu, nodes.celu, nodes.step)


def switches(expression: Any, x: Any, bound: Sequence[Any] = ()) -> list[Any]:
    """The expressions whose sign decides, as far as they depend on x and on no variable of an inner integral."""
    found: dict[Any, None] = {}
    for node in sp.preorder_traversal(expression):
        if isinstance(node, _OF_ONE):
            found[node.args[0]] = None
        elif isinstance(node, (sp.Max, sp.Min)):
            first, *others = node.args
            found.update(dict.fromkeys(first - other for other in others))
        elif isinstance(node, sp.core.relational.Relational):
            found[node.lhs - node.rhs] = None
    return [g for g in found if x in g.free_symbols and not g.free_symbols & set(bound)]


def kinks(frame: Frame, lane: int, x: Any, low: Any, high: Any, found: Sequence[Any]) -> list[Any]:
    """The places strictly between two ends at which one of the expressions changes its sign, from `low` to `high`."""
    one = frame.arithmetic.one
    if not (_ordered(low) and _ordered(high)):
        return []
    grid = [_place(low, high, one * (2 * k + 1) / (2 * GRID)) for k in range(GRID)]
    places: list[Any] = []
    for expression in found:
        try:
            values = [float(v.real) for v in frame.child([lane] * GRID, {x: grid}).values(expression)]
        except (Unevaluable, *TROUBLE):
            continue
        places += [p for p, v in zip(grid, values, strict=True) if v == 0]
        brackets = [(p, q, u) for p, q, u, v in zip(grid, grid[1:], values, values[1:], strict=False) if u * v < 0]
        places += _zeros(frame, lane, x, expression, brackets)
    ordered = sorted(set(places), reverse=bool(low > high))
    return ordered if len(ordered) <= MOST else []


def _ordered(value: Any) -> bool:
    return not isinstance(value, complex) and not getattr(value, "imag", 0)


def _place(low: Any, high: Any, t: Any) -> Any:
    """The place of an interval that belongs to t in (0, 1)."""
    below, above = abs(low) == math.inf, abs(high) == math.inf
    if below and above:
        return (2 * t - 1) / (t * (1 - t)) * (1 if high > 0 else -1)
    if above:
        return low + t / (1 - t) * (4 if high > 0 else -4)
    if below:
        return high + (1 - t) / t * (4 if low > 0 else -4)
    return low + (high - low) * t


def _zeros(frame: Frame, lane: int, x: Any, expression: Any, brackets: list[tuple[Any, Any, float]]) -> list[Any]:
    """The zeros in brackets with a change of sign, by bisection of all at once."""
    if not brackets:
        return []
    ends = [(a, b) for a, b, _ in brackets]
    steps = BISECTIONS if frame.arithmetic.digits <= 15 else int(3.4 * frame.arithmetic.digits)
    for _ in range(steps):
        middles = [(a + b) / 2 for a, b in ends]
        values = frame.child([lane] * len(middles), {x: middles}).values(expression)
        ends = [(m, b) if v.real * sign > 0 else (a, m) for (a, b), m, v, (_, _, sign) in zip(ends, middles, values, brackets, strict=True)]
    return [(a + b) / 2 for a, b in ends]
