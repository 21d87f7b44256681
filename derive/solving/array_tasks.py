"""Other tasks over arrays: derivatives with respect to a scalar, along a direction, at a point.

In: the reading of the task. Out: its Solution, or a refusal that names what is missing.
"""

from __future__ import annotations

from derive.errors import NotSupported
from derive.meaning.scope import Reading
from derive.solution import Solution

__all__ = ["solve_array_at", "solve_array_derivative", "solve_array_directional"]


def solve_array_derivative(reading: Reading) -> Solution:
    """∂f/∂x: of a scalar function the gradient, of a vector the Jacobian; ∂²f/∂x∂xᵀ the Hessian."""
    raise NotSupported("derivatives of this kind over arrays are read, but no solver for them exists yet", span=reading.expanded.span)


def solve_array_directional(reading: Reading) -> Solution:
    """⟨∇f(a), v⟩."""
    raise NotSupported("directional derivatives over arrays are read, but no solver for them exists yet", span=reading.expanded.span)


def solve_array_at(reading: Reading) -> Solution:
    """The derivative at a point."""
    raise NotSupported("derivatives over arrays at a point are read, but no solver for them exists yet", span=reading.expanded.span)
