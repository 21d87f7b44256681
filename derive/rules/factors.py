"""A product taken apart into powers of bases, so that common factors and denominators are found by comparing exponents.

In: a SymPy product. Out: its rational coefficient and base → exponent; e^(3x) counts as (e^x)³, xⁿ⁻¹ as xⁿ x⁻¹.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import S

__all__ = ["Powers", "joined", "taken_apart"]

Powers = dict[Any, Any]


def taken_apart(term: Any) -> tuple[Any, Powers]:
    """The rational coefficient of a product, and its bases with their rational exponents."""
    number = S.One
    powers: Powers = {}
    for factor in sp.Mul.make_args(term):
        if factor.is_Rational:
            number *= factor
        elif factor.is_Mul:
            inner, more = taken_apart(factor)
            number *= inner
            for base, exponent in more.items():
                powers[base] = powers.get(base, S.Zero) + exponent
        else:
            for base, exponent in _powers(factor):
                powers[base] = powers.get(base, S.Zero) + exponent
    return number, powers


def _powers(factor: Any) -> list[tuple[Any, Any]]:
    if isinstance(factor, sp.exp):
        number, rest = factor.args[0].as_coeff_Mul()
        if number.is_Rational and number is not S.One and rest is not S.One and not rest.is_Add:
            return [(sp.exp(rest), number)]
        return [(factor, S.One)]
    if factor.is_Pow:
        base, exponent = factor.base, factor.exp
        if exponent.is_Rational:
            return [(base, exponent)]
        number, rest = exponent.as_coeff_Add()
        if number.is_Rational and number is not S.Zero:
            return [(sp.Pow(base, rest), S.One), (base, number)]
    return [(factor, S.One)]


def joined(number: Any, powers: Powers) -> Any:
    """The product again; x^a and x^(-1) are x^(a - 1)."""
    symbolic = {b.base: b for b, e in powers.items() if b.is_Pow and e is S.One}
    factors = []
    for base, exponent in powers.items():
        if exponent is S.Zero or (base in symbolic):
            continue
        if base.is_Pow and exponent is S.One and powers.get(base.base):
            factors.append(sp.Pow(base.base, base.exp + powers[base.base]))
        else:
            factors.append(power(base, exponent))
    return sp.Mul(number, *factors)


def power(base: Any, exponent: Any) -> Any:
    """base^exponent, with the exponent of an exponential multiplied in."""
    if isinstance(base, sp.exp):
        return sp.exp(base.args[0] * exponent)
    return sp.Pow(base, exponent)
