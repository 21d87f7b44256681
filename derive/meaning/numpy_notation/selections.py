"""Selections by a condition below a reduction: np.mean(x[x > 0]) is Σ of x where x > 0 over how many there are.

In: Python's syntax tree. Out: the same, with a choice in the place of the selection: what is not selected counts as what changes nothing.
A selection anywhere else has a length that only its values say, and stays one.
"""

from __future__ import annotations

import ast
import copy

__all__ = ["MADE", "with_choices"]

MADE = "made"  # the kind of a constant that nobody wrote
_INFINITY = float("inf")
_NEUTRAL = {"sum": 0, "prod": 1, "mean": 0, "max": -_INFINITY, "amax": -_INFINITY, "min": _INFINITY, "amin": _INFINITY}
_MODULES = frozenset(("np", "numpy"))
_OPERATORS = (ast.BitAnd, ast.BitOr)


def with_choices(tree: ast.Module) -> ast.Module:
    """The tree with `np.where` in reductions of selections; changed in place where there are any."""
    if any(isinstance(node, ast.Subscript) and _is_condition(node.slice) for node in ast.walk(tree)):
        tree = ast.fix_missing_locations(_Chooser().visit(tree))
    return tree


def _is_condition(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, _OPERATORS) and _is_condition(node.left) and _is_condition(node.right)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, (ast.Invert, ast.Not)) and _is_condition(node.operand)
    return isinstance(node, ast.Compare)


class _Chooser(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.AST:
        """A reduction without further arguments, as a function of a module or as a method."""
        function = node.func
        if not isinstance(function, ast.Attribute) or function.attr not in _NEUTRAL or node.keywords:
            return self.generic_visit(node)
        is_function = isinstance(function.value, ast.Name) and function.value.id in _MODULES
        if len(node.args) != (1 if is_function else 0):
            return self.generic_visit(node)
        body = node.args[0] if is_function else function.value
        conditions = {ast.dump(n.slice): n.slice for n in ast.walk(body) if isinstance(n, ast.Subscript) and _is_condition(n.slice)}
        if len(conditions) != 1 or any(isinstance(n, ast.Call) and _reduces(n) for n in ast.walk(body)):
            return self.generic_visit(node)
        (condition,) = conditions.values()
        whole = _Unselected().visit(copy.deepcopy(body))
        module = function.value.id if is_function and isinstance(function.value, ast.Name) else "np"
        chosen = _call(module, "where", [condition, whole, _number(_NEUTRAL[function.attr])])
        made: ast.expr = _call(module, "sum" if function.attr == "mean" else function.attr, [chosen])
        if function.attr == "mean":
            made = ast.BinOp(made, ast.Div(), _call(module, "sum", [copy.deepcopy(condition)]))
        return _at(made, node)


class _Unselected(ast.NodeTransformer):
    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """The array without its condition."""
        return self.visit(node.value) if _is_condition(node.slice) else self.generic_visit(node)


def _reduces(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr in _NEUTRAL


def _number(value: float) -> ast.expr:
    if abs(value) == _INFINITY:
        infinity: ast.expr = ast.Attribute(ast.Name("np", ast.Load()), "inf", ast.Load())
        return ast.UnaryOp(ast.USub(), infinity) if value < 0 else infinity
    return ast.Constant(int(value), MADE)


def _call(module: str, name: str, arguments: list[ast.expr]) -> ast.expr:
    return ast.Call(ast.Attribute(ast.Name(module, ast.Load()), name, ast.Load()), arguments, [])


def _at(made: ast.expr, node: ast.expr) -> ast.expr:
    """The new nodes at the place of the old one."""
    for part in ast.walk(made):
        if isinstance(part, ast.expr) and not hasattr(part, "lineno"):
            ast.copy_location(part, node)
    return made
