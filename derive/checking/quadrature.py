"""Nodes and weights of the double exponential rules, in any arithmetic.

In: the ends of an interval, finite or not. Out: (node, weight, whether it is also a node of the rule of twice the step).
Source: Takahasi & Mori 1974, Double exponential formulas for numerical integration.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from derive.checking.arithmetic import Arithmetic, multiple_precision

__all__ = ["quadrature_nodes"]


@lru_cache(maxsize=16)
def _rule(kind: str, digits: int, doublings: int = 0) -> tuple[tuple[Any, Any, bool], ...]:
    """Nodes on [-1, 1] ("finite": signed distances from the end of that sign), [0, ∞) ("half") or ℝ ("whole"), with their weights."""
    if digits <= 15:
        sinh, cosh, exp, half_pi, step, reach = math.sinh, math.cosh, math.exp, math.pi / 2, 1 / 16, 3.9
    else:
        mp = multiple_precision(digits).one.context
        sinh, cosh, exp, half_pi, step, reach = mp.sinh, mp.cosh, mp.exp, mp.pi / 2, mp.mpf(1) / 32, 5.0
    if kind != "finite":
        reach += 0.6
    step *= 2**doublings
    count = int(reach / float(step))
    nodes = []
    for n in range(-count, count + 1):
        t = n * step
        u, du = half_pi * sinh(t), half_pi * cosh(t) * step
        if kind == "finite":  # the distance from the nearer end, which 1 - tanh would lose
            node, weight = 2 / (1 + exp(2 * abs(u))), du / cosh(u) ** 2
            node = -node if t < 0 else node
        elif kind == "half":
            node = exp(u)
            weight = node * du
        else:
            node, weight = sinh(u), cosh(u) * du
        nodes.append((node, weight, n % 2 == 0))
    return tuple(nodes)


def quadrature_nodes(a: Any, b: Any, arithmetic: Arithmetic, digits: int = 0, doublings: int = 0) -> Iterator[tuple[Any, Any, bool]]:
    """The rule on the interval from a to b (b < a gives the negative); complex ends are joined by a straight line.

    `digits` are those of the rule where they are not those of the arithmetic; its step is doubled `doublings` times.
    """
    digits = digits or arithmetic.digits
    low, high = abs(a) == math.inf, abs(b) == math.inf
    if low and high:
        sign = 1 if b.real > 0 else -1
        yield from ((x, sign * w, c) for x, w, c in _rule("whole", digits, doublings))
    elif high:
        sign = 1 if b.real > 0 else -1
        yield from ((a + sign * x, sign * w, c) for x, w, c in _rule("half", digits, doublings))
    elif low:
        sign = 1 if a.real > 0 else -1
        yield from ((b + sign * x, -sign * w, c) for x, w, c in _rule("half", digits, doublings))
    else:
        half = (b - a) * arithmetic.one / 2
        for distance, weight, on_coarse in _rule("finite", digits, doublings):
            yield (a - half * distance if distance < 0 else b - half * distance), half * weight, on_coarse
