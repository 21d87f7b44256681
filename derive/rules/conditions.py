"""What a rule needs to be true, said the way a textbook says it: x ≠ 1 rather than x − 1 ≠ 0, each factor by itself.

In: an expression that must not vanish or must be positive. Out: the statements that are not already known.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import S

from derive.derivation import Prose

__all__ = ["nonzero", "positive"]


def nonzero(value: Any) -> tuple[Prose, ...]:
    """`value ≠ 0`, factor by factor; nothing for factors that are known not to vanish."""
    if value.is_Mul:
        found: dict[Prose, None] = {}
        for factor in value.args:
            found.update(dict.fromkeys(nonzero(factor)))
        return tuple(found)
    if value.is_nonzero or value.is_positive or value.is_negative or isinstance(value, sp.exp):
        return ()
    if value.is_Add and all(isinstance(t, sp.Expr) and t.is_polynomial() for t in value.args):
        value = value.primitive()[1]
    if value.is_Pow and value.exp.is_Rational:
        return nonzero(value.base) if value.exp.is_positive else ()
    return ((_unequal(value),),)


def _unequal(value: Any) -> Any:
    """x ≠ root for a linear sum in one symbol, else value ≠ 0."""
    if value.is_Add and len(value.args) == 2 and len(value.free_symbols) == 1:
        (x,) = value.free_symbols
        slope = value.coeff(x, 1)
        rest = value - slope * x
        if slope.is_number and slope is not S.Zero and rest.is_number:
            return sp.Ne(x, -rest / slope, evaluate=False)
    return sp.Ne(value, 0, evaluate=False)


def positive(value: Any) -> tuple[Prose, ...]:
    """`value > 0`, unless it is known."""
    return () if value.is_positive else ((sp.Gt(value, 0, evaluate=False),),)
