"""A value put in for an index, with regard to the sums, products and softmaxes that bind an index of the same name.

In: an expression, an index, a value. Out: the expression at that value.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp

from derive.expressions.binding_terms import unevaluated_sum
from derive.expressions.nodes import SoftmaxAt

__all__ = ["fresh_index", "instance", "over"]

_LETTERS = ("k", "l", "m", "r", "s", "p", "q", "u", "v")


def over(cls: type, body: Any, limits: Iterable[Any]) -> Any:
    """Σ or Π (`cls`) of the body over all limits, innermost first; nothing is evaluated."""
    if body.is_zero and cls is sp.Sum:
        return sp.S.Zero
    for k, lower, upper in limits:
        body = unevaluated_sum(cls, body, k, lower, upper)
    return body


def fresh_index(*expressions: Any) -> Any:
    """An index whose letter occurs in none of the expressions, not even bound."""
    taken = {s.name for e in expressions for s in e.atoms(sp.Symbol)}
    letter = next((n for n in _LETTERS if n not in taken), None)
    return sp.Symbol(letter, integer=True) if letter else sp.Dummy("k", integer=True)


def instance(expression: Any, k: Any, value: Any) -> Any:
    """The expression with `value` for the free occurrences of the index `k`."""
    if expression == k:
        return value
    if not expression.args or k not in expression.free_symbols:
        return expression
    if isinstance(expression, (sp.Sum, sp.Product)):
        return _binder(expression, k, value)
    if isinstance(expression, SoftmaxAt):
        body, bound, lower, upper, i = expression.args
        if bound != k:
            if bound in value.free_symbols:
                other = fresh_index(expression, value)
                body, bound = instance(body, bound, other), other
            body = instance(body, k, value)
        return SoftmaxAt(body, bound, instance(lower, k, value), instance(upper, k, value), instance(i, k, value))
    arguments = [instance(a, k, value) for a in expression.args]
    if isinstance(expression, sp.Piecewise):
        return sp.Piecewise(*arguments, evaluate=False)
    return expression.func(*arguments)


def _binder(expression: Any, k: Any, value: Any) -> Any:
    body = expression.function
    limits = []
    shadowed = False
    for index, *ends in reversed(expression.limits):  # outermost first
        bound = index
        if not shadowed:
            ends[:] = [instance(end, k, value) for end in ends]
        if index == k:
            shadowed = True
        elif index in value.free_symbols and not shadowed:
            bound = fresh_index(expression, value, body)
            body = instance(body, index, bound)
        limits.append((bound, *ends))
    if not shadowed:
        body = instance(body, k, value)
    return over(type(expression), body, reversed(limits))
