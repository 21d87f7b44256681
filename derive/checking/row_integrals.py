"""Rows with indefinite integrals: equal up to a constant, that is, equal after both are taken between the same two places.

In: two sides over SymPy. Out: the sides with every indefinite integral as one from a place x₀ to x, less their values at x₀.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

__all__ = ["between_places", "variable_of"]


def variable_of(*sides: Any) -> Any:
    """The variable of the first indefinite integral; None where there is none."""
    for side in sides:
        for integral in side.atoms(sp.Integral) if isinstance(side, sp.Basic) else ():
            if any(len(limits) == 1 for limits in integral.limits):
                return next(limits[0] for limits in integral.limits if len(limits) == 1)
    return None


def between_places(side: Any, x: Any) -> Any:
    """The side at x less the side at x₀; its integrals run from x₀ to x."""
    start = sp.Symbol(f"{x.name}_0", **x.assumptions0)
    integrals = [i for i in side.atoms(sp.Integral) if any(len(limits) == 1 for limits in i.limits)]
    table: dict[Any, Any] = {}
    for integral in integrals:
        running = sp.Dummy(x.name, **x.assumptions0)
        table[integral] = sp.Integral(integral.function.xreplace({x: running}), (running, start, x))
    whole = side.xreplace(table)
    beginning = side.xreplace(dict.fromkeys(integrals, sp.S.Zero)).xreplace({x: start})
    return whole - beginning
