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
    """A square root of a number, a constant or a letter."""
    return bool(factor.is_Pow and factor.exp is S.Half and (factor.base.is_Integer or factor.base.is_NumberSymbol or factor.base.is_Symbol))


def _is_number_root(factor: Any) -> bool:
    return _is_root(factor) and bool(factor.base.is_Integer)


def _gather_roots(coefficient: Any, above: list[Any], below: list[Any]) -> tuple[Any, list[Any], list[Any]]:
    """√2/(2 √π) is written 1/√(2 π), √2 x/2 is x/√2, and √2 √π is √(2 π)."""
    roots = [f for f in below if _is_root(f)]
    for factor in [f for f in above if _is_number_root(f)]:
        number = factor.base.p
        if coefficient.q % number == 0 and (roots or (coefficient.q == number and len(above) + len(below) > 1)):
            above = [f for f in above if f is not factor]
            below = [*below, factor]
            coefficient = coefficient * number
    return coefficient, _joined_roots(above), _joined_roots(below)


def _joined_roots(factors: list[Any]) -> list[Any]:
    """The factors with √2 √x as √(2 x); roots of letters alone stay apart."""
    roots = [f for f in factors if _is_root(f)]
    if len(roots) > 1 and any(not f.base.is_Symbol for f in roots):
        joint = sp.Pow(sp.Mul(*order_factors([r.base for r in roots]), evaluate=False), S.Half, evaluate=False)
        return order_factors([*(f for f in factors if not _is_root(f)), joint])
    return order_factors(factors)
