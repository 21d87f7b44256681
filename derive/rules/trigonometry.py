"""Identities between trigonometric and hyperbolic functions that make an answer shorter.

In: a sum or a product. Out: the same value, or None. Source: Abramowitz & Stegun 1964, 4.3.10–4.3.12 and 4.5.16.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import S

from derive.derivation import Rewrite, Rule
from derive.rules.factors import joined, taken_apart

__all__ = ["PYTHAGORAS", "TRIGONOMETRIC_QUOTIENT"]

# f² + s g² = 1
_IDENTITIES: tuple[tuple[Any, Any, int], ...] = (
    (sp.sin, sp.cos, 1),
    (sp.cosh, sp.sinh, -1),
    (sp.sec, sp.tan, -1),
    (sp.csc, sp.cot, -1),
    (sp.tanh, sp.sech, 1),
)
_SQUARES = frozenset(f for pair in _IDENTITIES for f in pair[:2])
# 1 − f² = g², never 1 − tanh², which the field keeps
_COMPLEMENTS: dict[type, tuple[int, type]] = {sp.sin: (-1, sp.cos), sp.cos: (-1, sp.sin), sp.sinh: (1, sp.cosh), sp.tan: (1, sp.sec)}
_LESS_ONE: dict[type, type] = {sp.sec: sp.tan, sp.csc: sp.cot, sp.cosh: sp.sinh}  # f² − 1 = g²
_QUOTIENTS: tuple[tuple[Any, Any, Any, Any], ...] = ((sp.sin, sp.cos, sp.tan, sp.cot), (sp.sinh, sp.cosh, sp.tanh, sp.coth))


def _pythagoras(total: Any) -> Rewrite | None:
    squares: dict[tuple[type, Any, Any], Any] = {}  # (function, argument, rest of the term) → coefficient
    plain: dict[Any, Any] = {}
    for term in total.args:
        number, powers = taken_apart(term)
        plain[joined(S.One, powers)] = number
        for base, exponent in powers.items():
            if type(base) in _SQUARES and exponent >= 2:
                rest = joined(S.One, {**powers, base: exponent - 2})
                squares[type(base), base.args[0], rest] = number
    for f, g, sign in _IDENTITIES:
        for (function, u, rest), number in squares.items():
            if function is f and squares.get((g, u, rest)) == sign * number:
                gone = sp.Add(number * rest * f(u) ** 2, sign * number * rest * g(u) ** 2)
                name, other = f.__name__, g.__name__
                return Rewrite(total - gone + number * rest, (f"{name}²u {'+' if sign > 0 else '−'} {other}²u = 1 with u = ", u))
    for (function, u, rest), number in squares.items():
        if function in _LESS_ONE and plain.get(rest) == -number:
            partner = _LESS_ONE[function]
            new = total - number * rest * function(u) ** 2 + number * rest + number * rest * partner(u) ** 2
            return Rewrite(new, (f"{function.__name__}²u − 1 = {partner.__name__}²u with u = ", u))
        if function in _COMPLEMENTS:
            sign, partner = _COMPLEMENTS[function]
            if plain.get(rest) == sign * number:
                new = total - number * rest * function(u) ** 2 - sign * number * rest + sign * number * rest * partner(u) ** 2
                return Rewrite(new, (f"1 {'+' if sign > 0 else '−'} {function.__name__}²u = {partner.__name__}²u with u = ", u))
    return None


def _quotient(product: Any) -> Rewrite | None:
    number, powers = taken_apart(product)
    for f, g, ratio, inverse in _QUOTIENTS:
        for base, exponent in powers.items():
            if not isinstance(base, f) or not exponent.is_Integer:
                continue
            u = base.args[0]
            other = powers.get(g(u))
            if other is None or not other.is_Integer or other.is_positive == exponent.is_positive:
                continue
            k = min(abs(exponent), abs(other))
            sign = 1 if exponent.is_positive else -1
            function = ratio if sign > 0 else inverse
            new = {**powers, base: exponent - sign * k, g(u): other + sign * k}
            new[function(u)] = new.get(function(u), S.Zero) + k
            return Rewrite(joined(number, new), ("with u = ", u))
    return None


PYTHAGORAS = Rule(
    "pythagorean-identity",
    "Pythagorean identity",
    "sin²u + cos²u = 1",
    r"\sin^2 u + \cos^2 u = 1",
    (sp.Add,),
    _pythagoras,
    (("sin(x)^2 + cos(x)^2", "1"), ("1 - sin(x)^2", "cos(x)^2")),
)
TRIGONOMETRIC_QUOTIENT = Rule(
    "trigonometric-quotient",
    "Quotient of sine and cosine",
    "sin u/cos u = tan u",
    r"\frac{\sin u}{\cos u} = \tan u",
    (sp.Mul,),
    _quotient,
    (("sin(x) / cos(x)", "tan(x)"),),
)
