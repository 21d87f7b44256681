"""What binds a name, from SymPy to terms: sums and products, integrals, limits, derivatives and values at a point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy import S
from sympy.core.function import AppliedUndef

from derive.expressions.nodes import DefinedFunction
from derive.expressions.term import Name, Term

__all__ = ["big", "derivative", "integral", "limit", "subs"]

Convert = Callable[[Any], Term]


def _name(key: str) -> Term:
    return Term("name", (), Name.from_key(key))


def big(head: str, neutral: Any) -> Callable[[Any, Convert], Term]:
    """The writer of a sum (neutral 0) or a product (neutral 1); one whose other terms are neutral names its condition."""

    def write(expression: Any, convert: Convert) -> Term:
        function = expression.function
        limits = list(expression.limits)
        condition = _selected(function, limits[0][0], neutral)
        if condition is not None:
            k = limits.pop(0)[0]
            left, right = condition.args if condition.args[0] == k else condition.args[::-1]
            said = Term("rel", (convert(left), convert(right)), "!=")
            term = Term(head, (convert(function.args[0][0]), convert(k), said), "cond")
        else:
            term = convert(function)
        for limit in limits:
            term = Term(head, (term, *map(convert, limit)), "range" if len(limit) == 3 else "bare")
        return term

    return write


def _selected(function: Any, k: Any, neutral: Any) -> Any:
    """The condition k ≠ i of a sum whose other terms are written as zeros."""
    if not isinstance(function, sp.Piecewise) or len(function.args) != 2 or function.args[1] != (neutral, S.true):
        return None
    condition = function.args[0][1]
    return condition if isinstance(condition, sp.Ne) and k in condition.args else None


def integral(expression: Any, convert: Convert) -> Term:
    term = convert(expression.function)
    for limit in expression.limits:
        x, *bounds = limit
        if len(bounds) == 1:
            term = Term("integral", (term, convert(x), Term("blank"), convert(bounds[0])), "definite")
        else:
            term = Term("integral", (term, convert(x), *map(convert, bounds)), "definite" if bounds else "indefinite")
    return term


def limit(expression: Any, convert: Convert) -> Term:
    body, x, point, side = expression.args
    mark = "" if str(side) == "+-" or point.is_infinite else str(side)
    return Term("limit", (convert(body), convert(x), convert(point)), mark)


def derivative(expression: Any, convert: Convert) -> Term:
    body = expression.args[0]
    pairs = expression.args[1:]
    if body.is_Symbol and len(pairs) == 1 and pairs[0][1] == 1 and pairs[0][0].is_Symbol and body != pairs[0][0]:
        return Term("total_derivative", (convert(body), convert(pairs[0][0])))  # y depends on x by an equation
    alone = len(body.free_symbols) <= 1 or (isinstance(body, AppliedUndef) and len(body.args) == 1)
    total = alone and len(pairs) == 1 and pairs[0][0].is_Symbol
    arguments = [convert(body)]
    for x, order in pairs:
        arguments += [convert(x), convert(order)]
    return Term("derivative", tuple(arguments), "d" if total else "partial")


def subs(expression: Any, convert: Convert) -> Term:
    body, names, values = expression.args
    if isinstance(body, sp.Derivative) and len(names) == len(body.args) - 1 == 1:
        function, (x, order) = body.args[0], body.args[1]
        if len(function.args) == 1 and function.args[0] == x == names[0] and order.is_Integer and order <= 3:
            if isinstance(function, AppliedUndef):
                return Term("prime", (_name(function.func.__name__), convert(values[0])), int(order))
            if isinstance(function, DefinedFunction):
                return Term("prime", (_name(type(function).__name__), convert(values[0])), int(order))
    arguments = [convert(body)]
    for x, value in zip(names, values, strict=True):
        arguments += [convert(x), convert(value)]
    return Term("at", tuple(arguments))
