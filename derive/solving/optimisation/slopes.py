"""Derivatives at a point, unevaluated: what a check takes by differences.

In: a function, its variables, a point. Out: SymPy nodes. SymPy takes Subs over two variables with equal values for one another, so the
variables are shifted until the values are 0, 1, 2, ….
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

__all__ = ["slope_at"]


def slope_at(function: Any, variables: Sequence[Any], point: Sequence[Any], *by: Any) -> Any:
    """The derivative by the variables in `by`, one after the other, at the point."""
    names = [sp.Symbol(f"{v.name}_at", real=True) for v in variables]
    shifted = function.subs({v: x + (n - k) for k, (v, x, n) in enumerate(zip(variables, point, names, strict=True))}, simultaneous=True)
    renamed = dict(zip(variables, names, strict=True))
    inner = sp.Derivative(shifted, *(renamed[v] for v in by), evaluate=False)
    return sp.Subs(inner, sp.Tuple(*names), sp.Tuple(*(sp.Integer(k) for k in range(len(names)))))
