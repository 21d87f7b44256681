"""A definition or equation on the last line whose right side holds a derivative: the right side is worked out.

In: the reading. Out: the Solution of its right side.
"""

from __future__ import annotations

from dataclasses import replace

from derive.meaning.scope import Reading
from derive.solution import Solution
from derive.solving.expressions import solve_derivative
from derive.solving.integrals import solve_integral
from derive.solving.limits import solve_limit

__all__ = ["solve_right_side"]

DERIVATIVES = ("derivative", "gradient", "hessian", "jacobian", "total_derivative", "prime", "at")


def solve_right_side(reading: Reading) -> Solution:
    """The value of the right side, with its steps."""
    right = reading.expanded.args[1]
    if not right.has(*DERIVATIVES):
        if right.has("integral"):
            return solve_integral(replace(reading, expanded=right))
        if right.has("limit"):
            return solve_limit(replace(reading, expanded=right))
    return solve_derivative(replace(reading, expanded=right))
