"""What seems to be wrong with a row that does not follow: a sign, a factor, a constant, looked for in numbers.

In: two sides that differ, as terms of scalars. Out: one sentence, or nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from derive.checking.evaluate import evaluate
from derive.checking.frame import Unevaluable
from derive.errors import DeriveError
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Type

__all__ = ["hint_of"]

_PLACES = (0.7, 1.44, 0.375)
LARGEST = 60
TROUBLE = (Unevaluable, ArithmeticError, ValueError, TypeError)


def hint_of(left: Term, right: Term, types: Mapping[Name, Type]) -> str:
    """The sign, the factor or the constant by which the right side differs from the left."""
    try:
        a, b = to_sympy(left, types), to_sympy(right, types)
    except DeriveError:
        return ""
    if not (isinstance(a, sp.Expr) and isinstance(b, sp.Expr)):
        return ""
    pairs = [pair for shift in range(3) if (pair := _values(a, b, shift)) is not None]
    if len(pairs) < 2:
        return ""
    ratios = [x / y for x, y in pairs if y]
    if len(ratios) == len(pairs) and _constant(ratios):
        return _factor(ratios[0])
    gaps = [x - y for x, y in pairs]
    number = _simple(gaps[0]) if _constant(gaps) else None
    return f"the two sides differ by the constant {number}" if number is not None else ""


def _values(a: Any, b: Any, shift: int) -> tuple[float, float] | None:
    symbols = sorted((s for s in a.free_symbols | b.free_symbols if isinstance(s, sp.Symbol)), key=str)
    point = {s: 3 + k + shift if s.is_integer else _PLACES[(k + shift) % 3] + shift / 17 for k, s in enumerate(symbols)}
    try:
        x, y = (complex(evaluate(e, point)) for e in (a, b))
    except TROUBLE:
        return None
    if x.imag or y.imag or math.isnan(x.real) or math.isnan(y.real):
        return None
    return x.real, y.real


def _constant(values: list[float]) -> bool:
    return max(values) - min(values) <= 1e-9 * max(abs(v) for v in values)


def _simple(value: float) -> Fraction | None:
    near = Fraction(value).limit_denominator(LARGEST)
    return near if near and abs(float(near) - value) <= 1e-9 * abs(value) else None


def _factor(ratio: float) -> str:
    number = _simple(ratio)
    if number is None:
        return f"the left side is {ratio:.6g} times the right side"
    if number == 1:
        return ""
    if number == -1:
        return "the sign is wrong"
    return f"a factor {number} is missing" if abs(number) >= 1 else f"there is a factor {1 / number} too much"
