"""An oracle that knows no rule of differentiation: values by mpmath at 40 digits, derivatives by differences of values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mpmath
import sympy as sp

from derive.expressions.nodes import expand_definitions

DIGITS = 40


def value(expression: Any, point: Mapping[Any, Any]) -> Any:
    """The value of an expression at a point, or None where it is not a finite real number."""
    expression = expand_definitions(expression)
    symbols = sorted(point, key=str)
    function = sp.lambdify(symbols, expression, modules=["mpmath", {"sign": mpmath.sign, "Abs": abs}])
    with mpmath.workdps(DIGITS):
        try:
            result = mpmath.mpc(function(*(mpmath.mpf(point[s]) for s in symbols)))
        except (ValueError, ZeroDivisionError, OverflowError, TypeError, AttributeError):  # atan2 and comparisons take no complex numbers
            return None
        if not mpmath.isfinite(result) or abs(result.imag) > mpmath.mpf(10) ** -20:
            return None
        return result.real


def slope(expression: Any, variable: Any, point: Mapping[Any, Any], order: int = 1) -> Any:
    """The derivative of order 1 or 2 by central differences of fourth order; None where a value is missing."""
    with mpmath.workdps(DIGITS):
        h = mpmath.mpf(10) ** -7
        here = mpmath.mpf(point[variable])
        values = [value(expression, {**point, variable: here + k * h}) for k in (-2, -1, 0, 1, 2)]
        if any(v is None for v in values):
            return None
        a, b, c, d, e = values
        if order == 1:
            return (a - 8 * b + 8 * d - e) / (12 * h)
        return (-a + 16 * b - 30 * c + 16 * d - e) / (12 * h * h)


def close(left: Any, right: Any, tolerance: float = 1e-15) -> bool:
    """Whether two numbers agree relative to their size."""
    return bool(abs(left - right) <= tolerance * (1 + abs(left) + abs(right)))
