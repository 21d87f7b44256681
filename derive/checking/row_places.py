"""Rows of a check block at special places: 0, ±1 and ±2, where what holds at points that are drawn may fail.

In: the sides of a row that holds at the points drawn, without sums, integrals, limits or derivatives. Out: a failed `Check` with the place,
or None. A place where something in either side is undefined, or not real, says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from derive.checking.evaluate import evaluate
from derive.checking.frame import Unevaluable
from derive.derivation import Check
from derive.errors import DeriveError
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Type

__all__ = ["fails_at_a_place"]

PLACES = (0, 1, -1, 2, -2)
MOST_SYMBOLS = 3
DIGITS = 30
NEGLIGIBLE = 1e-20
RELATIONS = {
    "=": lambda gap: abs(gap) <= NEGLIGIBLE,
    "<": lambda gap: gap < -NEGLIGIBLE,
    ">": lambda gap: gap > NEGLIGIBLE,
    "≤": lambda gap: gap <= NEGLIGIBLE,
    "≥": lambda gap: gap >= -NEGLIGIBLE,
}
ELEMENTARY = (
    sp.Add, sp.Mul, sp.Pow, sp.exp, sp.log, sp.Abs, sp.Max, sp.Min, sp.sin, sp.cos, sp.tanh, sp.sinh, sp.cosh, sp.Piecewise, sp.sign,
    sp.floor, sp.ceiling, sp.Number, sp.NumberSymbol, sp.Symbol, sp.Rel, sp.And, sp.Or, sp.Not,
    sp.functions.elementary.piecewise.ExprCondPair,
)  # fmt: skip
TROUBLE = (Unevaluable, ArithmeticError, ValueError, TypeError)


def fails_at_a_place(left: Any, right: Any, relation: str, types: Mapping[Name, Type]) -> Check | None:
    """The first special place where the relation does not hold between two scalars; None where none is found."""
    holds = RELATIONS.get(relation)
    if holds is None:
        return None
    try:
        sides = [to_sympy(side, types) if isinstance(side, Term) else sp.sympify(side, strict=True) for side in (left, right)]
    except DeriveError:
        return None
    if not all(isinstance(side, sp.Expr) and _is_elementary(side) for side in sides):
        return None
    symbols = sorted(sides[0].free_symbols | sides[1].free_symbols, key=lambda s: s.name)
    declared = {name.key: kind for name, kind in types.items()}
    if not 1 <= len(symbols) <= MOST_SYMBOLS or any(s.is_integer or _is_bound(declared.get(s.name)) for s in symbols):
        return None
    for point in _points(symbols):
        values = [_value(side, point) for side in sides]
        if values[0] is None or values[1] is None or holds(values[0] - values[1]) or not all(_is_real(side, point) for side in sides):
            continue
        shown = ((s.name, float(v)) for s, v in point.items())
        found = (*shown, ("left", float(values[0])), ("right", float(values[1])))
        return Check("failed", "evaluation at special places", counterexample=found)
    return None


def _is_elementary(side: Any) -> bool:
    """Nothing but arithmetic and well-known functions, that have one value everywhere where they are defined."""
    nodes = sp.preorder_traversal(side)
    return all(isinstance(n, (*ELEMENTARY, sp.logic.boolalg.BooleanAtom)) and not isinstance(n, AppliedUndef) for n in nodes)


def _is_bound(kind: Type | None) -> bool:
    """Whether anything is declared but a real number."""
    return kind is not None and bool(kind.values or kind.lower or kind.upper or kind.properties or kind.shape or kind.domain != "real")


def _points(symbols: list[Any]) -> Iterator[dict[Any, Any]]:
    for values in product(PLACES if len(symbols) < MOST_SYMBOLS else PLACES[:3], repeat=len(symbols)):
        point = dict(zip(symbols, map(sp.Integer, values), strict=True))
        if all(
            (v > 0 or not s.is_positive) and (v >= 0 or not s.is_nonnegative) and (v != 0 or not s.is_nonzero) for s, v in point.items()
        ):
            yield point


def _is_real(side: Any, point: Mapping[Any, Any]) -> bool:
    """Whether all that the side is made of is a finite real number."""
    nodes = (n for n in sp.preorder_traversal(side) if isinstance(n, sp.Expr) and not n.is_Atom)
    return all(_value(n, point) is not None for n in nodes)


def _value(node: Any, point: Mapping[Any, Any]) -> Any:
    try:
        value = evaluate(node, point, DIGITS)
    except TROUBLE:
        return None
    if getattr(value, "imag", 0):
        return None
    value = getattr(value, "real", value)
    return value if math.isfinite(value) else None
