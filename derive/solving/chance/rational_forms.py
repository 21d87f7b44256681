"""Quotients of polynomials with whole coefficients: factored and cancelled in one ring, as `sympy.factor` and `sympy.cancel` write them.

In: a SymPy expression. Out: its forms, or None where it is no such quotient or expanding it would be long. SymPy's own functions convert
the expression anew for every form and every factor; here it is converted once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import sympy as sp
from sympy.core.mul import _keep_coeff
from sympy.polys.polyutils import _sort_gens
from sympy.polys.rings import PolyRing

__all__ = ["Quotient", "quotient_of"]

MOST_SYMBOLS = 8
MOST_TERMS = 150
LARGEST_EXPONENT = 12
LARGEST_NUMBER = 10**12


class _TooLong(Exception):
    """Not a quotient of short polynomials."""


class Quotient(NamedTuple):
    """above/below, elements of one ring over the integers; its generators stand for the symbols, in order."""

    above: Any
    below: Any
    symbols: tuple[Any, ...] = ()

    def factored(self) -> Any:
        """As a product of powers of irreducible polynomials."""
        first, numerator = self.above.factor_list()
        second, denominator = self.below.factor_list()
        powers = dict(numerator)
        for factor, exponent in denominator:
            powers[factor] = powers.get(factor, 0) - exponent
        product = sp.Mul(*(factor.as_expr(*self.symbols) ** exponent for factor, exponent in powers.items() if exponent))
        return _keep_coeff(sp.Rational(int(first), int(second)), product)

    def cancelled(self) -> Any:
        """As one fraction in lowest terms, both polynomials expanded."""
        above, below = self.above.cancel(self.below)
        return above.as_expr(*self.symbols) / below.as_expr(*self.symbols)


def quotient_of(value: Any) -> Quotient | None:
    """The expression as a quotient of polynomials; None for 0, for a number and for anything else."""
    symbols = value.free_symbols
    if not 0 < len(symbols) <= MOST_SYMBOLS:
        return None
    ordered = tuple(_sort_gens(symbols))
    ring = _ring(len(ordered))
    try:
        found = _converted(value, dict(zip(ordered, ring.gens, strict=True)), ring.one)
    except _TooLong:
        return None
    return found._replace(symbols=ordered) if found.above else None


@lru_cache(MOST_SYMBOLS)
def _ring(count: int) -> Any:
    """The polynomials in so many generators; making a ring takes longer than working in it."""
    return PolyRing([f"g{k}" for k in range(count)], sp.ZZ, sp.polys.orderings.lex)


def _converted(node: Any, generators: dict[Any, Any], one: Any) -> Quotient:
    if node.is_Symbol:
        return Quotient(generators[node], one)
    if node.is_Rational:
        if abs(node.p) > LARGEST_NUMBER or node.q > LARGEST_NUMBER:
            raise _TooLong
        return Quotient(one * int(node.p), one * int(node.q))
    if node.is_Mul:
        above, below = one, one
        for argument in node.args:
            part = _converted(argument, generators, one)
            above, below = _short(above * part.above), _short(below * part.below)
        return Quotient(above, below)
    if node.is_Add:
        total = Quotient(one * 0, one)
        for argument in node.args:
            total = _sum(total, _converted(argument, generators, one))
        return total
    if node.is_Pow and node.exp.is_Integer and abs(int(node.exp)) <= LARGEST_EXPONENT:
        return _power(_converted(node.base, generators, one), int(node.exp))
    raise _TooLong


def _sum(left: Quotient, right: Quotient) -> Quotient:
    if left.below == right.below:
        return Quotient(_short(left.above + right.above), left.below)
    common = left.below.gcd(right.below)
    first, second = right.below.quo(common), left.below.quo(common)
    return Quotient(_short(left.above * first + right.above * second), _short(left.below * first))


def _power(base: Quotient, exponent: int) -> Quotient:
    above, below = (base.above, base.below) if exponent > 0 else (base.below, base.above)
    if max(len(above), len(below)) > 1 and abs(exponent) > LARGEST_EXPONENT // 2:
        raise _TooLong
    return Quotient(_short(above ** abs(exponent)), _short(below ** abs(exponent)))


def _short(polynomial: Any) -> Any:
    if len(polynomial) > MOST_TERMS:
        raise _TooLong
    return polynomial
