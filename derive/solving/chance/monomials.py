"""A function of one variable taken apart: c · x^p · base^x · e^{q x + s x² + r/x} · (log x)^j · (1 − x)^k (log(1 − x))^l.

In: an expression and its variable. Out: a `Monomial`, or None where it is something else.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sympy as sp
from sympy import S

from derive.expressions.elementary import exp, log

__all__ = ["Monomial", "monomial"]


class Monomial(NamedTuple):
    """The exponents; `linear`, `square` and `inverse` are those of x, x² and 1/x under the exponential function."""

    coefficient: Any = S.One
    power: Any = S.Zero
    linear: Any = S.Zero
    square: Any = S.Zero
    inverse: Any = S.Zero
    logs: int = 0
    rest: Any = S.Zero  # of 1 − x
    rest_logs: int = 0
    sign: bool = False  # a factor (−1)^x

    @property
    def is_power(self) -> bool:
        """Whether it is c x^p with p a natural number."""
        return (self.linear, self.square, self.inverse, self.rest) == (0, 0, 0, 0) and not (self.logs or self.rest_logs or self.sign)


def monomial(body: Any, x: Any) -> Monomial | None:
    """The product taken apart; None where a factor has another form."""
    found = Monomial()
    for factor in sp.Mul.make_args(body):
        taken = _factor(found, factor, x)
        if taken is None:
            return None
        found = taken
    return found


def _factor(found: Monomial, factor: Any, x: Any) -> Monomial | None:
    if not factor.has(x):
        return found._replace(coefficient=found.coefficient * factor)
    if factor == x:
        return found._replace(power=found.power + 1)
    if isinstance(factor, sp.exp):
        return _exponent(found, factor.args[0], x)
    if isinstance(factor, sp.log):
        return _logarithm(found, factor.args[0], x, 1)
    if factor.is_Pow:
        base, exponent = factor.as_base_exp()
        return _power(found, base, exponent, x)
    return _linear_rest(found, factor, x, S.One)


def _power(found: Monomial, base: Any, exponent: Any, x: Any) -> Monomial | None:
    if not base.has(x):
        if base == -1:
            shifted = sp.expand(exponent - x)
            if shifted.has(x):
                return None
            return found._replace(sign=not found.sign, coefficient=found.coefficient * (-1) ** shifted)
        return _exponent(found, exponent * log(base), x) if base.is_positive else None
    if exponent.has(x):
        return None
    if base == x:
        return found._replace(power=found.power + exponent)
    if isinstance(base, sp.log) and exponent.is_Integer and 0 < exponent <= 4:
        return _logarithm(found, base.args[0], x, int(exponent))
    if isinstance(base, sp.exp) and base.args[0].is_real:
        return _exponent(found, base.args[0] * exponent, x)
    if base.is_Mul and base.is_nonnegative:
        for part in base.args:
            taken = _power(found, part, exponent, x) if part.has(x) else found._replace(coefficient=found.coefficient * part**exponent)
            if taken is None:
                return None
            found = taken
        return found
    return _linear_rest(found, base, x, exponent)


def _linear_rest(found: Monomial, base: Any, x: Any, exponent: Any) -> Monomial | None:
    """(1 − x)^k, up to a sign and a factor."""
    if base.is_polynomial(x) and sp.degree(base, x) == 1:
        poly = sp.Poly(base, x)
        slope, offset = poly.all_coeffs()
        if sp.expand(slope + offset) == 0 and (offset.is_positive or (exponent.is_Integer)):
            return found._replace(rest=found.rest + exponent, coefficient=found.coefficient * offset**exponent)
    return None


def _exponent(found: Monomial, exponent: Any, x: Any) -> Monomial | None:
    expanded = sp.expand(exponent)
    for term in sp.Add.make_args(expanded):
        front, rest = term.as_independent(x, as_Add=False)
        if rest == 1:
            found = found._replace(coefficient=found.coefficient * exp(front))
        elif rest == x:
            found = found._replace(linear=found.linear + front)
        elif rest == x**2:
            found = found._replace(square=found.square + front)
        elif rest == 1 / x:
            found = found._replace(inverse=found.inverse + front)
        elif rest == log(x):
            found = found._replace(power=found.power + front)
        else:
            return None
    return found


def _logarithm(found: Monomial, inside: Any, x: Any, count: int) -> Monomial | None:
    if inside == x:
        return found._replace(logs=found.logs + count)
    if sp.expand(inside + x - 1) == 0:
        return found._replace(rest_logs=found.rest_logs + count)
    return None
