"""The exponential and the logarithm of formulas over symbols, made without questions.

SymPy asks of every argument whether it may be 0, and of every term of an exponent whether it holds a logarithm; over symbols that
costs more than everything else and changes nothing. Numbers, and what holds more than symbols and arithmetic, go to SymPy.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

__all__ = ["exp", "log"]

MOST = 200  # nodes that are looked at
_CONSTANTS = (sp.S.Pi, sp.S.Exp1)
_COUNTING = (sp.factorial, sp.gamma, sp.binomial)


def exp(argument: Any) -> Any:
    """e to the power of the argument; equal to `sympy.exp(argument)`."""
    if _is_arithmetic(argument):
        return sp.exp(argument, evaluate=False)
    made = _of_sum(argument) if isinstance(argument, sp.Add) else None
    return sp.exp(argument) if made is None else made


def _of_sum(argument: Any) -> Any | None:
    """e to the power of a sum: what has a logarithm with a number in front is a power; None for what SymPy has to look at."""
    powers, rest = [], []
    for term in argument.args:
        factors = sp.Mul.make_args(term)
        logarithms = [f for f in factors if isinstance(f, sp.log)]
        others = [f for f in factors if not isinstance(f, (sp.log, sp.loggamma))]
        if not all(_is_arithmetic(f.args[0]) for f in factors if isinstance(f, (sp.log, sp.loggamma))) or len(logarithms) > 1:
            return None
        if not all(f.is_Rational or _is_arithmetic(f) for f in others):
            return None
        if logarithms and len(others) == len(factors) - 1 and all(f.is_Rational for f in others):
            powers.append(logarithms[0].args[0] ** sp.Mul(*others))
        else:
            rest.append(term)
    return sp.Mul(*powers, *([sp.exp(sp.Add(*rest), evaluate=False)] if rest else []))


def log(argument: Any) -> Any:
    """The natural logarithm of the argument; equal to `sympy.log(argument)`."""
    return sp.log(argument, evaluate=False) if _is_arithmetic(argument) else sp.log(argument)


def _is_arithmetic(argument: Any) -> bool:
    """Whether the argument is made of real symbols and rational numbers by sums, products, powers and factorials."""
    if not isinstance(argument, sp.Expr):
        return False
    stack, symbols, seen = [argument], False, 0
    while stack:
        node = stack.pop()
        seen += 1
        if node.is_Symbol:
            if not node.is_extended_real:
                return False
            symbols = True
        elif node.is_Add or node.is_Mul or (node.is_Pow and node.base is not sp.S.Exp1) or isinstance(node, _COUNTING):
            stack.extend(node.args)
        elif not (node.is_Rational or node in _CONSTANTS):
            return False
        if seen > MOST:
            return False
    return symbols
