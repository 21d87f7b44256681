"""What an adjoint is: a function of the algebra, the node and the adjoint of its value."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from derive.graph.calculus.algebra import Algebra
from derive.graph.node import Node

__all__ = ["Adjoint", "Slope"]

Adjoint = Callable[[Algebra, Node, Node], Sequence[Node | None]]
Slope = Callable[[Algebra, Node], Node | None]  # ∂f/∂argument, entry by entry, from the node f(…)
