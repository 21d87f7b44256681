"""Statements and collections: relations, conditions, cases, membership; tuples, vectors and matrices of scalars.

In: the term and the conversion in progress. Out: unevaluated SymPy relations and logic (a condition that is always true for the
declared domain stays visible), Piecewise, Tuple and ImmutableDenseMatrix.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy import S
from sympy.logic.boolalg import Boolean

from derive.errors import InconsistentInput, NotSupported
from derive.expressions.array_entries import Conversion, is_array
from derive.expressions.term import Term

__all__ = ["METHODS"]

_RELATIONS: dict[str, Any] = {"=": sp.Eq, "!=": sp.Ne, "<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge}


# ── collections, relations, logic ────────────────────────────────────────────────────────────────────────────────


def _tuple(conversion: Conversion, term: Term) -> Any:
    return sp.Tuple(*conversion.each(term.args))


def _vector(conversion: Conversion, term: Term) -> Any:
    return sp.ImmutableDenseMatrix(len(term.args), 1, conversion.scalars(term))


def _matrix(conversion: Conversion, term: Term) -> Any:
    return sp.ImmutableDenseMatrix(*term.data, conversion.scalars(term))


def _abs(conversion: Conversion, term: Term) -> Any:
    if is_array(term.args[0], conversion):
        raise NotSupported("a determinant or the absolute value of an array", span=term.span)
    return sp.Abs(*conversion.scalars(term))


def _relation(conversion: Conversion, term: Term) -> Any:
    if term.data in ("in", "notin"):
        inside = _membership(conversion, conversion.expression(term.args[0]), term.args[1])
        return sp.Not(inside) if term.data == "notin" else inside
    return _compare(term, term.data, *conversion.each(term.args))


def _compare(term: Term, operator: str, left: Any, right: Any) -> Any:
    if operator not in _RELATIONS:
        raise NotSupported(f"the relation {operator}", span=term.span)
    if isinstance(left, (sp.Tuple, sp.MatrixBase)) and operator == "=":
        if not isinstance(right, type(left)) or len(left) != len(right):
            raise InconsistentInput("both sides of an equation have as many components", span=term.span)
        return sp.And(*(sp.Eq(a, b, evaluate=False) for a, b in zip(left, right, strict=True)), evaluate=False)
    if any(not isinstance(side, sp.Expr) or isinstance(side, sp.MatrixBase) for side in (left, right)):
        raise NotSupported("a relation between statements or collections", span=term.span)
    return _RELATIONS[operator](left, right, evaluate=False)


def _membership(conversion: Conversion, value: Any, where: Term) -> Any:
    if where.head == "set":
        return sp.Or(*(sp.Eq(value, v, evaluate=False) for v in conversion.each(where.args)), evaluate=False)
    if where.head == "interval":
        low, high = conversion.each(where.args)
        lower = (sp.Ge if where.data[0] == "[" else sp.Gt)(value, low, evaluate=False)
        upper = (sp.Le if where.data[1] == "]" else sp.Lt)(value, high, evaluate=False)
        return sp.And(*([] if low is S.NegativeInfinity else [lower]), *([] if high is S.Infinity else [upper]), evaluate=False)
    raise NotSupported("membership in this set", span=where.span)


def _chain(conversion: Conversion, term: Term) -> Any:
    values = conversion.each(term.args)
    pairs = zip(term.data, values, values[1:], strict=False)
    return sp.And(*(_compare(term, op, a, b) for op, a, b in pairs), evaluate=False)


def _logic(conversion: Conversion, term: Term) -> Any:
    return {"and": sp.And, "or": sp.Or, "not": sp.Not}[term.head](*(_condition(conversion, a) for a in term.args), evaluate=False)


def _condition(conversion: Conversion, term: Term) -> Any:
    value = conversion.expression(term)
    if not isinstance(value, Boolean) or isinstance(value, sp.Symbol):
        raise NotSupported("a condition that is not a relation", span=term.span)
    return value


def _otherwise(conversion: Conversion, term: Term) -> Any:
    return S.true


def _cases(conversion: Conversion, term: Term) -> Any:
    pairs = zip(term.args[::2], term.args[1::2], strict=True)
    return sp.Piecewise(*((conversion.expression(v), _condition(conversion, c)) for v, c in pairs), evaluate=False)


def _indicator(conversion: Conversion, term: Term) -> Any:
    return sp.Piecewise((S.One, _condition(conversion, term.args[0])), (S.Zero, S.true), evaluate=False)


def _delta(conversion: Conversion, term: Term) -> Any:
    return sp.KroneckerDelta(*conversion.scalars(term))


METHODS: dict[str, Callable[[Conversion, Term], Any]] = {
    "tuple": _tuple,
    "list": _tuple,
    "vector": _vector,
    "matrix": _matrix,
    "abs": _abs,
    "rel": _relation,
    "chain": _chain,
    "and": _logic,
    "or": _logic,
    "not": _logic,
    "otherwise": _otherwise,
    "cases": _cases,
    "indicator": _indicator,
    "delta": _delta,
}
