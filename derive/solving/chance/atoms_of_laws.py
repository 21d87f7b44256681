"""Functions of a continuous variable whose laws have no density: constant on an interval, or with separate values only.

In: the function over SymPy and the name of its value. Out: nothing; raises NotSupported, by name.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.errors import NotSupported

__all__ = ["refuse_atoms"]


def refuse_atoms(function: Any, label: str) -> None:
    """What is constant on an interval, or takes separate values only, has no density."""
    if function.has(sp.floor, sp.ceiling, sp.sign, sp.Heaviside) and not function.has(sp.Max, sp.Min):
        raise NotSupported(f"{label} takes separate values, each with a positive probability: it has no density")
    if function.has(sp.Max, sp.Min, sp.Piecewise):
        raise NotSupported(f"{label} has a positive probability at single values: its law is mixed and has no density")
