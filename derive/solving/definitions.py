"""A definition or equation on the last line whose right side holds a derivative: the right side is worked out.

In: the reading. Out: the Solution of its right side.
"""

from __future__ import annotations

from dataclasses import replace

from derive.meaning.scope import Reading
from derive.solution import Solution
from derive.solving.expressions import solve_derivative

__all__ = ["solve_right_side"]


def solve_right_side(reading: Reading) -> Solution:
    """The value of the right side, with its steps."""
    return solve_derivative(replace(reading, expanded=reading.expanded.args[1]))
