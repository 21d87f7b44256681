"""The order in which a textbook writes the terms of a sum and the factors of a product.

In: SymPy expressions, whose own order is that of a canonical form. Out: the same parts, arranged:

    sums      descending degree (x² − 2 x + 1), constants before functions where nothing else is there (1 − σ(x), 1 + e⁻ˣ), a positive
              term first where there is one, ∑ last
    products  numbers, constants, integers, Greek and Latin letters, elements of arrays, roots, brackets without functions,
              exponentials, functions, brackets with functions, ∑ last
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Add, Basic, Derivative, Indexed, Integral, Limit, Mul, Piecewise, Pow, Product, Rational, S, Sum, binomial, exp

from derive.expressions.typography import GREEK

__all__ = ["BIG_OPERATORS", "as_written", "factor_rank", "is_negative", "order_factors", "order_terms"]

BIG_OPERATORS = (Sum, Product, Integral, Derivative, Limit)

Key = tuple[Any, ...]


def as_written(expression: Any) -> bool:
    """Whether the arguments stand in an order that SymPy would not have given them: somebody's own order, to be kept."""
    arguments = expression.args
    numbers = 0
    before = None
    for argument in arguments:
        if argument.is_Number:
            numbers += 1
            if numbers > 1 or before is not None:
                return True
            continue
        if before is not None and Basic.compare(before, argument) > 0:
            return True
        before = argument
    return False


def is_negative(expression: Any) -> bool:
    """Whether the expression is written with a minus in front."""
    if expression.is_Number:
        return bool(expression.is_negative)
    if expression.is_Mul:
        return any(a.is_Number and a.is_negative for a in expression.args) and expression.args[0].is_Number
    return False


_COUNTS = frozenset("kmnN")  # letters that count, also where nothing says that they are integers


def _letters(name: str) -> Key:
    base = name.rstrip("'").split("_")[0].split("^")[0]
    if base.endswith(")") and "(" in base:
        base = base[:-1].split("(")[-1]
    return (base not in GREEK, base.lower(), name)


def factor_rank(factor: Any) -> Key:
    """Where a factor stands in a product."""
    base, exponent = (factor.base, factor.exp) if factor.is_Pow else (factor, None)
    if base.is_Number:
        return (0, exponent is not None)
    if base.is_NumberSymbol or base is S.ImaginaryUnit:
        return (1, exponent is not None and not exponent.is_Integer, str(base))
    if isinstance(exponent, Rational) and exponent.q != 1 and not isinstance(factor, exp):
        return (4, 1, *_name_key(base))
    if exponent is not None and not exponent.is_Rational and (base.is_Symbol or base.is_number):
        return (4, 2, *_name_key(base))  # an exponential: after the letters
    if base.is_Symbol:
        return (2, not (base.is_integer or base.name in _COUNTS), *_letters(base.name))
    if isinstance(base, Indexed):
        return (3, *_name_key(base))
    if isinstance(base, BIG_OPERATORS):
        return (9,)
    if isinstance(base, Piecewise):
        return (8,)
    if isinstance(base, binomial):
        return (1, "~")
    if base.is_Add:
        return (7 if _degree(base)[1] else 5, 0, len(base.args))
    if isinstance(base, exp):
        return (5, 1)
    return (6, str(base.func))


def _name_key(base: Any) -> Key:
    if base.is_Symbol:
        return _letters(base.name)
    if isinstance(base, Indexed):
        return (*_letters(str(base.base)), *(str(i) for i in base.indices))
    return (2, "")


def order_factors(factors: Sequence[Any]) -> list[Any]:
    """The factors of a commutative product in the order of print."""
    return sorted(factors, key=factor_rank)


def _degree(expression: Any) -> tuple[Any, bool]:
    """The degree of a term in everything that is a letter, and whether a function occurs in it."""
    if expression.is_Symbol or isinstance(expression, Indexed):
        return 1, False
    if expression.is_Number or expression.is_NumberSymbol:
        return 0, False
    if expression.is_Mul:
        total, function = 0, False
        for factor in expression.args:
            degree, inside = _degree(factor)
            total, function = total + degree, function or inside
        return total, function
    if expression.is_Pow and not isinstance(expression, exp):
        degree, function = _degree(expression.base)
        if expression.exp.is_Rational and not expression.exp.is_Integer:
            return 0, True
        return (degree * expression.exp if expression.exp.is_Integer else degree), function
    if expression.is_Add:
        return max((_degree(a)[0] for a in expression.args), default=0), any(_degree(a)[1] for a in expression.args)
    return 0, True


def _monomial(expression: Any) -> Key:
    """The letters of a term with their powers, for the order of terms of one degree: x², x y, y²."""
    found = []
    for factor in Mul.make_args(expression):
        base, exponent = (factor.base, factor.exp) if isinstance(factor, Pow) else (factor, S.One)
        if base.is_Symbol or isinstance(base, Indexed):
            found.append((str(_name_key(base)), -float(exponent) if exponent.is_Rational else 0.0))
    return tuple(sorted(found))


def order_terms(expression: Any) -> list[Any]:
    """The terms of a sum in the order of print."""
    terms = list(Add.make_args(expression))
    if as_written(expression):
        return terms
    described = [(_degree(t), t) for t in terms]
    highest = max((d for (d, function), _ in described if not function), default=0)

    def key(item: tuple[tuple[Any, bool], Any]) -> Key:
        (degree, function), term = item
        big = any(isinstance(f, BIG_OPERATORS) for f in Mul.make_args(term))
        constant = not function and degree == 0
        bracket = any((f.base if f.is_Pow else f).is_Add for f in Mul.make_args(term))
        first = constant and highest <= 0
        return (big, not first, -degree, constant, bracket, _monomial(term), _rank_of_term(term))

    ordered = [term for _, term in sorted(described, key=key)]
    if is_negative(ordered[0]):
        positive = [t for t in ordered if not is_negative(t)]
        if positive:
            plain = all(not f for (_, f), _ in described) and len(expression.free_symbols) == 1
            if plain and positive[-1] is ordered[-1] and len(ordered) > 1:
                return ordered[::-1]
            return [positive[0], *(t for t in ordered if t is not positive[0])]
    return ordered


def _rank_of_term(term: Any) -> str:
    return str([factor_rank(f) for f in Mul.make_args(term) if not f.is_Number])
