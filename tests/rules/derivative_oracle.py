"""An oracle that knows no rule of differentiation: values by mpmath at 40 digits, derivatives by differences of values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mpmath
import sympy as sp

from derive.expressions.nodes import DefinedFunction, SoftmaxAt, expand_definitions

DIGITS = 40


_FUNCTIONS: dict[Any, Any] = {
    sp.exp: mpmath.exp, sp.log: mpmath.log, sp.sin: mpmath.sin, sp.cos: mpmath.cos, sp.tan: mpmath.tan, sp.cot: mpmath.cot, sp.sec: mpmath.sec,
    sp.csc: mpmath.csc, sp.asin: mpmath.asin, sp.acos: mpmath.acos, sp.atan: mpmath.atan, sp.acot: mpmath.acot, sp.atan2: mpmath.atan2,
    sp.sinh: mpmath.sinh, sp.cosh: mpmath.cosh, sp.tanh: mpmath.tanh, sp.coth: mpmath.coth, sp.sech: mpmath.sech, sp.csch: mpmath.csch,
    sp.asinh: mpmath.asinh, sp.acosh: mpmath.acosh, sp.atanh: mpmath.atanh, sp.Abs: abs, sp.sign: mpmath.sign, sp.floor: mpmath.floor,
    sp.ceiling: mpmath.ceil, sp.erf: mpmath.erf, sp.erfc: mpmath.erfc, sp.erfinv: mpmath.erfinv, sp.gamma: mpmath.gamma,
    sp.loggamma: mpmath.loggamma, sp.polygamma: mpmath.psi, sp.beta: mpmath.beta, sp.factorial: mpmath.factorial, sp.LambertW: mpmath.lambertw,
    sp.Max: max, sp.Min: min, sp.Mod: lambda a, b: a - b * mpmath.floor(a / b), sp.Add: lambda *a: mpmath.fsum(a), sp.Mul: lambda *a: mpmath.fprod(a),
    sp.Pow: lambda a, b: a**b,
}  # fmt: skip
_COMPARE: dict[Any, Any] = {
    sp.StrictGreaterThan: lambda a, b: a > b, sp.GreaterThan: lambda a, b: a >= b, sp.StrictLessThan: lambda a, b: a < b,
    sp.LessThan: lambda a, b: a <= b, sp.Eq: lambda a, b: a == b, sp.Ne: lambda a, b: a != b, sp.And: lambda *a: all(a), sp.Or: lambda *a: any(a),
    sp.Not: lambda a: not a,
}  # fmt: skip


def value(expression: Any, point: Mapping[Any, Any]) -> Any:
    """The value of an expression at a point, or None where it, or anything in it, is not a finite real number."""
    with mpmath.workdps(DIGITS):
        try:
            return _value(expression, point, {})
        except (ValueError, ZeroDivisionError, OverflowError):
            return None


def _value(node: Any, point: Mapping[Any, Any], known: dict[Any, Any]) -> Any:
    if node in known:
        return known[node]
    if node in point:
        result = mpmath.mpf(point[node])
    elif node in (sp.true, sp.false):
        result = node is sp.true
    elif not node.args:
        result = mpmath.mpf(node.p) / node.q if node.is_Rational else node.evalf(DIGITS)._to_mpmath(140)
    elif isinstance(node, (DefinedFunction, SoftmaxAt)):
        result = _value(node.definition(), point, known)
    elif isinstance(node, sp.Derivative):
        result = slope(node.args[0], node.args[1][0], point, int(node.args[1][1]))
        if result is None:
            raise ValueError("no derivative here")
    elif isinstance(node, sp.Integral):
        (t, lower, upper) = node.limits[0]
        ends = [_value(lower, point, known), _value(upper, point, known)]
        result = mpmath.quad(lambda u: _value(node.function, {**point, t: u}, {}), ends)
    elif isinstance(node, sp.Piecewise):
        result = next((_value(v, point, known) for v, c in node.args if _value(c, point, known)), mpmath.nan)
    elif type(node) in _COMPARE:
        result = _COMPARE[type(node)](*[_value(a, point, known) for a in node.args])
    else:
        result = _FUNCTIONS[type(node)](*[_value(a, point, known) for a in node.args])
    if not isinstance(result, bool):
        result = mpmath.mpmathify(result)
        if isinstance(result, mpmath.mpc) or not mpmath.isfinite(result):
            raise ValueError("not a finite real number")
    known[node] = result
    return result


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
    symbols = sorted(left.atoms(sp.Symbol) | right.atoms(sp.Symbol), key=str)
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
    """Sums written out for sizes of 3, entries as symbols."""
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
