"""The value of an emitted function without arguments whose body is arithmetic of numbers, without a process that runs it.

In: the emitted module and the name of its function. Out: an Outcome as the worker would give it, or None where the function is anything
else: then it is run. The syntax tree of the module's own text is evaluated, node by node on a white list, with Python's operators on the
same numbers; these are the operations, in the order, that a run would do.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from derive.translation.run import Outcome, Result

__all__ = ["outcome"]

MOST_NODES = 200
_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip


def outcome(source: str, function: str, examples: Sequence[str] = ()) -> Outcome | None:
    """What calling `function` gives, once; None where its body is more than `return` and an arithmetic of numbers, or an example is more
    than its value rounded to six places."""
    if any(example != f"round(float({function}()), 6)" for example in examples):
        return None
    returned = _returned(source, function)
    if returned is None or sum(1 for _ in ast.walk(returned)) > MOST_NODES:
        return None
    try:
        value = _value(returned)
        if value is None:
            return None
        return Outcome((Result(float(value), "", (), "float64"),), tuple(repr(round(float(value), 6)) for _ in examples))
    except ArithmeticError:
        return None


def _returned(source: str, function: str) -> ast.expr | None:
    """The expression that the function returns; None where the module or the function holds anything besides."""
    body = [part for part in ast.parse(source).body if not isinstance(part, ast.Import)]
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef) or body[0].name != function:
        return None
    definition = body[0]
    given = definition.args
    if definition.decorator_list or given.posonlyargs or given.args or given.kwonlyargs or given.vararg or given.kwarg:
        return None
    *before, last = definition.body
    if any(not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)) for part in before):
        return None
    return last.value if isinstance(last, ast.Return) else None


def _value(node: ast.expr) -> float | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, int | float) and not isinstance(node.value, bool) else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _value(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        left, right = _value(node.left), _value(node.right)
        return None if left is None or right is None else _BINARY[type(node.op)](left, right)
    return None
