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


def agree_at_points(left: Any, right: Any, random: Any, points: int = 12) -> bool:
    """Whether two expressions with unresolved derivatives and sums agree at random points where both have a value."""
    left, right = _plain(left), _plain(right)
    symbols = sorted(left.free_symbols | right.free_symbols, key=str)
    compared = 0
    for number in range(points):
        low = 0.2 if number % 2 else 1.05
        point = {s: random.uniform(low, low + 0.75) for s in symbols}
        a, b = value(left, point), value(right, point)
        if a is None or b is None:
            continue
        if not close(a, b, 1e-12):
            return False
        compared += 1
    return compared > 0


def _plain(expression: Any) -> Any:
    """Derivatives by SymPy (the examples hold only elementary ones), sums written out for sizes of 3, entries as symbols."""
    expression = expand_definitions(expression).doit()
    return entries_as_symbols(sizes_put_in(expression, dict.fromkeys(_sizes(expression), 3), {}))


def _sizes(expression: Any) -> set[Any]:
    return {s for node in expression.atoms(sp.Sum, sp.Product) for limit in node.limits for s in limit[2].free_symbols}


def sizes_put_in(expression: Any, sizes: Mapping[Any, int], indices: Mapping[Any, int]) -> Any:
    """The expression with numbers for sizes and free indices, sums and products written out term by term."""
    return _written_out(expand_definitions(expression), {**sizes, **indices})


def _written_out(expression: Any, numbers: Mapping[Any, Any]) -> Any:
    if expression in numbers:
        return sp.Integer(numbers[expression])
    if isinstance(expression, (sp.Sum, sp.Product)):
        *inner, (k, lower, upper) = expression.limits
        body = expression.func(expression.function, *inner) if inner else expression.function
        first, last = int(_written_out(lower, numbers)), int(_written_out(upper, numbers))
        terms = [_written_out(body, {**numbers, k: number}) for number in range(first, last + 1)]
        return sp.Add(*terms) if isinstance(expression, sp.Sum) else sp.Mul(*terms)
    if not expression.args:
        return expression
    return expression.func(*(_written_out(a, numbers) for a in expression.args))


def entries_as_symbols(expression: Any) -> Any:
    """Every entry of an array as a symbol of its own."""
    table = {e: sp.Symbol(f"{e.base.label}_{'_'.join(map(str, e.indices))}", real=True) for e in expression.atoms(sp.Indexed)}
    return expression.xreplace(table)


def written_out_agree(function: Any, variable: Any, answer: Any, sizes: Mapping[Any, int], indices: Mapping[Any, int], random: Any) -> bool:
    """Whether the answer is the slope of the function once every sum is written out."""
    plain = entries_as_symbols(sizes_put_in(function, sizes, indices))
    found = entries_as_symbols(sizes_put_in(answer, sizes, indices))
    name = entries_as_symbols(variable.xreplace(dict(indices)))
    symbols = plain.free_symbols | found.free_symbols | {name}
    for _ in range(4):
        point = {s: random.uniform(0.2, 0.9) for s in symbols}
        expected, got = slope(plain, name, point), value(found, point)
        if expected is None or got is None or not close(expected, got, 1e-12):
            return False
    return True
