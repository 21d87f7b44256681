"""Where in an expression something stands: the next unresolved derivative, and the expression with a part replaced.

In: a whole expression. Out: a part with the binder it lies in, or a new whole. Structure is kept: a number stays in front of a sum
of terms, cases stay cases, and the sums around the part are built anew without evaluating anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp
from sympy import S
from sympy.core.function import AppliedUndef

from derive.expressions.binding_terms import unevaluated_derivative
from derive.rules.dependence import depends, times
from derive.rules.indices import over

__all__ = ["Closed", "is_stuck", "next_derivative", "rebuilt", "rewritten", "unresolved", "with_all_replaced", "with_replaced"]

Closed = set[Any]  # expressions known to hold no derivative that can be resolved

_BINDERS = (sp.Sum, sp.Product, sp.Integral)


def is_stuck(node: Any) -> bool:
    """Whether the derivative is f′(x) of an unknown function, which is its own answer."""
    function = node.args[0]
    if not isinstance(function, AppliedUndef):
        return False
    return all(v in function.args and sum(depends(a, v) for a in function.args) == 1 for v, _ in node.args[1:])


def next_derivative(whole: Any, closed: Closed) -> tuple[Any, Any] | None:
    """The outermost, leftmost derivative that can be resolved, with the outermost binder around it (or None)."""
    return _search(whole, None, closed)


def _search(node: Any, binder: Any, closed: Closed) -> tuple[Any, Any] | None:
    if node in closed or not node.args:
        return None
    if isinstance(node, sp.Derivative):
        inner = _search(node.args[0], None, closed)
        if inner is not None:
            return inner
        if not is_stuck(node):
            return node, binder
        closed.add(node)
        return None
    if binder is None and isinstance(node, _BINDERS):
        binder = node
    for argument in node.args:
        found = _search(argument, binder, closed)
        if found is not None:
            return found
    closed.add(node)
    return None


def unresolved(expression: Any, closed: Closed) -> list[Any]:
    """The derivatives in an expression that can be resolved, each once, without those inside derivatives."""
    found: dict[Any, None] = {}
    _collect(expression, closed, found)
    return list(found)


def _collect(node: Any, closed: Closed, found: dict[Any, None]) -> bool:
    if not node.args or node in closed:
        return False
    if isinstance(node, sp.Derivative):
        if is_stuck(node):
            return False
        found[node] = None
        return True
    holds = False
    for argument in node.args:
        holds = _collect(argument, closed, found) or holds
    if not holds:
        closed.add(node)
    return holds


def with_replaced(whole: Any, old: Any, new: Any, closed: Closed) -> Any:
    """The whole with every occurrence of `old` replaced by `new`."""
    return with_all_replaced(whole, {old: new}, closed)


def with_all_replaced(whole: Any, table: Mapping[Any, Any], closed: Closed) -> Any:
    """The whole with every occurrence of a key of the table replaced by its value."""
    if whole in table:
        return table[whole]
    if not whole.args or whole in closed:
        return whole
    arguments = []
    changed = False
    for argument in whole.args:  # a loop, not a comprehension: one frame a level
        new = with_all_replaced(argument, table, closed)
        changed = changed or new is not argument
        arguments.append(new)
    return rebuilt(whole, tuple(arguments)) if changed else whole


def rebuilt(node: Any, arguments: tuple[Any, ...]) -> Any:
    """The node with other arguments."""
    if isinstance(node, sp.Derivative):
        return unevaluated_derivative(arguments[0], *((pair[0], pair[1]) for pair in arguments[1:]))
    if isinstance(node, (sp.Sum, sp.Product)):
        body = arguments[0]
        number = S.One
        if isinstance(node, sp.Sum) and body.is_Mul:
            number, body = body.as_coeff_Mul()
        return times(number, over(type(node), body, arguments[1:]))
    if node.is_Mul:
        return times(*arguments)
    if isinstance(node, sp.Piecewise):
        return sp.Piecewise(*arguments, evaluate=False)
    return node.func(*arguments)


def rewritten(whole: Any, function: Callable[[Any], Any], closed: Closed, outermost_first: bool = False) -> Any:
    """The whole with `function` applied to every node; conditions and derivatives are left alone.

    `function` gives the new node, or the node itself. Nodes in `closed` are passed over, and those that did not change join it.
    """
    if not whole.args or whole in closed or isinstance(whole, (sp.Derivative, sp.Indexed, sp.Tuple, sp.logic.boolalg.Boolean)):
        return whole
    new = whole
    if outermost_first and isinstance(whole, sp.Expr):
        new = function(whole)
        if not new.args:
            return new
    arguments = list(new.args)
    inner = arguments[:1] if isinstance(new, _BINDERS) else arguments
    changed = False
    for place, argument in enumerate(inner):
        arguments[place] = rewritten(argument, function, closed, outermost_first)
        changed = changed or arguments[place] is not argument
    if changed:
        new = rebuilt(new, tuple(arguments))
    if not outermost_first and isinstance(new, sp.Expr):
        new = function(new)
    if new is whole or new == whole:
        closed.add(whole)
        return whole
    return new
