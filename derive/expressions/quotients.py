"""What stands above and what below the bar when a product is written as a quotient.

In: a SymPy product or power. Out: sign, rational coefficient, the factors above and below, in the order of print.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sympy as sp
from sympy import S

from derive.expressions.arrangement import as_written, order_factors

__all__ = ["Quotient", "quotient_of", "reciprocal"]


class Quotient(NamedTuple):
    """± coefficient · above / below."""

    negative: bool
    coefficient: Any
    above: list[Any]
    below: list[Any]


def quotient_of(expression: Any) -> Quotient:
    """The parts of a product; factors that somebody left in an order of his own stay in it."""
    arguments = expression.args
    written = as_written(expression)
    sign = False
    above: list[Any] = []
    below: list[Any] = []
    coefficient: Any = S.One
    for factor in arguments:
        if factor.is_Rational and not written:
            coefficient = factor
        elif written and factor.is_Number and factor.is_negative and factor is arguments[0]:
            sign = not sign
            if factor is not S.NegativeOne:
                above.append(-factor)
        else:
            turned = reciprocal(factor)
            (above if turned is None else below).append(factor if turned is None else turned)
    if coefficient.is_negative:
        sign, coefficient = True, -coefficient
    if not written:
        above, below = order_factors(above), order_factors(below)
        coefficient, above, below = _gather_roots(coefficient, above, below)
    return Quotient(sign, coefficient, above, below)


def reciprocal(factor: Any) -> Any:
    """What stands below the bar: b for 1/b, b² for b⁻²; None for what stands above it."""
    if factor.is_Pow and not isinstance(factor, sp.exp) and factor.exp.is_Rational and factor.exp.is_negative:
        return factor.base if factor.exp is S.NegativeOne else sp.Pow(factor.base, -factor.exp, evaluate=False)
    if factor.is_Rational and factor.q != 1 and factor.p == 1:
        return sp.Integer(factor.q)
    return None


def _is_root(factor: Any) -> bool:
    """A square root of a number or a constant."""
    return bool(factor.is_Pow and factor.exp is S.Half and (factor.base.is_Integer or factor.base.is_NumberSymbol))


def _gather_roots(coefficient: Any, above: list[Any], below: list[Any]) -> tuple[Any, list[Any], list[Any]]:
    """√2/(2 √π) is written 1/√(2 π), and √2 √π is √(2 π)."""
    roots = [f for f in below if _is_root(f)]
    if roots:
        for factor in [f for f in above if _is_root(f) and f.base.is_Integer and coefficient.q % f.base.p == 0]:
            above = [f for f in above if f is not factor]
            coefficient = coefficient * factor.base
            roots.append(factor)
        if len(roots) > 1:
            below = [f for f in below if not _is_root(f)]
            below = order_factors([*below, _joint_root(roots)])
    roots = [f for f in above if _is_root(f)]
    if len(roots) > 1:
        above = order_factors([*(f for f in above if not _is_root(f)), _joint_root(roots)])
    return coefficient, above, below


def _joint_root(roots: list[Any]) -> Any:
    bases = sorted((r.base for r in roots), key=lambda b: not b.is_Integer)
    return sp.Pow(sp.Mul(*bases, evaluate=False), S.Half, evaluate=False)
