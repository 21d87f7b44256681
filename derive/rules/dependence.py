"""What every rule asks about an expression: does it depend on the variable; and how a derivative or a product is written down.

In: SymPy expressions and a variable (a symbol, or an entry `w_j` of an array). Out: booleans, or expressions with unresolved
`Derivative` nodes. A rational number in front of a sum of terms stays in front, as it does in the conversion of terms.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import S

from derive.expressions.binding_terms import unevaluated_derivative

__all__ = ["by_dependence", "compare", "depends", "derivative", "has_derivative", "indicator", "split", "times"]


def depends(expression: Any, variable: Any) -> bool:
    """Whether the derivative of `expression` with respect to `variable` could be other than 0.

    With respect to an entry w_j everything that holds an entry of w depends: the Kronecker delta decides later.
    """
    if expression is variable:
        return True
    if not expression.args and not isinstance(expression, sp.Indexed):
        return bool(expression == variable)
    if isinstance(variable, sp.Indexed):
        return variable.base.label in expression.free_symbols or variable.base in expression.free_symbols
    return variable in expression.free_symbols


def derivative(expression: Any, variable: Any) -> Any:
    """The unresolved derivative; 0 where the expression does not depend on the variable."""
    return unevaluated_derivative(expression, (variable, S.One)) if depends(expression, variable) else S.Zero


def split(node: Any) -> tuple[Any, Any]:
    """Function and variable of a derivative of first order."""
    return node.args[0], node.args[1][0]


def has_derivative(expression: Any) -> bool:
    """Whether an unresolved derivative occurs."""
    return bool(expression.has(sp.Derivative))


def by_dependence(parts: tuple[Any, ...], variable: Any) -> tuple[list[Any], list[Any]]:
    """The parts that do not depend on the variable, and those that do."""
    free: list[Any] = []
    bound: list[Any] = []
    for part in parts:
        (bound if depends(part, variable) else free).append(part)
    return free, bound


def times(*factors: Any) -> Any:
    """The product; a number other than ±1 stays in front of a sum of terms (2 (x + 1), not 2 x + 2)."""
    product = sp.Mul(*factors)
    if product.is_Add:
        number = S.One
        rest: list[Any] = []
        for factor in factors:
            coefficient, left = factor.as_coeff_Mul()
            number *= coefficient
            rest.append(left)
        plain = sp.Mul(*rest)
        if number not in (S.One, S.NegativeOne, S.Zero) and plain.is_Add:
            return sp.Mul(number, plain, evaluate=False)
    return product


def compare(relation: type, left: Any, right: Any) -> Any:
    """left relation right; with cases inside, the alternatives one by one (SymPy would make conditionals of conditions)."""
    made = relation(left, right, evaluate=False)
    if not made.has(sp.Piecewise):
        return relation(left, right)
    folded = sp.piecewise_fold(made)
    if not isinstance(folded, sp.Piecewise):
        return folded
    alternatives: list[Any] = []
    before: Any = S.true
    for holds, condition in folded.args:
        alternatives.append(sp.And(before, condition, holds))
        before = sp.And(before, sp.Not(condition))
    return sp.Or(*alternatives)


def indicator(*conditions: Any) -> Any:
    """1[conditions]: 1 where all hold, 0 elsewhere."""
    condition = conditions[0] if len(conditions) == 1 else sp.And(*conditions)
    if condition in (S.true, S.false):
        return S.One if condition is S.true else S.Zero
    return sp.Piecewise((S.One, condition), (S.Zero, S.true), evaluate=False)
