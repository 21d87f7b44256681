"""How long an expression looks on paper: the number by which two forms of one answer are compared.

In: a SymPy expression. Out: a number; smaller is better. A name counts 1, an operation 1, a function a little more; the named
functions of machine learning are cheaper than what they abbreviate.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import S

from derive.expressions.nodes import SoftmaxAt

__all__ = ["cost", "size"]


def cost(expression: Any) -> float:
    """The length of the expression as a tree."""
    total = 0.0
    stack = [expression]
    while stack:
        node = stack.pop()
        if node.is_Atom:
            total += _atom(node)
        elif node.is_Add:
            total += len(node.args) - 1
            stack.extend(node.args)
        elif node.is_Mul:
            total += _product(node, stack)
        elif node.is_Pow:
            total += _power(node, stack)
        elif isinstance(node, SoftmaxAt):
            total += 2.5
        elif isinstance(node, sp.Indexed):
            total += 1 + 0.25 * len(node.indices)
        elif isinstance(node, sp.Tuple):
            stack.extend(node.args)
        else:
            total += 1.5
            stack.extend(node.args)
    return total


def _atom(node: Any) -> float:
    if node.is_Rational and not node.is_Integer:
        return 1.6
    return 1.2 if node.is_Number and node.is_negative else 1.0


def _product(node: Any, stack: list[Any]) -> float:
    total = 0.0
    above = 0
    for factor in node.args:
        if factor is S.NegativeOne:
            total += 0.5
            continue
        if factor.is_Pow and factor.exp.is_Rational and factor.exp.is_negative:
            total += _power(factor, stack, True)
            continue
        if factor.is_Rational and not factor.is_Integer:
            total += 1.0 if factor.p in (1, -1) else 2.0
            total += 1.0 + (0.2 if factor.is_negative else 0.0)
            above += factor.p not in (1, -1)
            continue
        above += 1
        stack.append(factor)
    return total + max(above - 1, 0) + (0.0 if above else 1.0)


def _power(node: Any, stack: list[Any], divided: bool = False) -> float:
    base, exponent = node.base, node.exp
    stack.append(base)
    if exponent.is_Rational:
        magnitude = abs(exponent)
        total = 1.0 if divided else (1.5 if exponent.is_negative else 0.0)
        if magnitude is S.One:
            return total
        if magnitude is S.Half:
            return total + 1.0
        return total + (1.5 if exponent.is_Integer else 2.5)
    stack.append(exponent)
    return 1.0


def size(expression: Any, limit: int = 1_000_000) -> int:
    """The number of nodes of the tree, counted up to `limit`."""
    count = 0
    stack = [expression]
    while stack and count < limit:
        node = stack.pop()
        count += 1
        stack.extend(node.args)
    return count
