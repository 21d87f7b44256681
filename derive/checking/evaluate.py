"""Numbers of SymPy expressions, computed by an interpreter of our own that knows no rule of the calculus.

In: an expression and points (values of symbols, arrays by the symbol of their label). Out: numbers.
All points are evaluated at once (see `frame`); sums are in `reductions`, integrals in `integrals`, derivatives in `differences`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import add, mul
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import ITE, And, BooleanFalse, BooleanTrue, Not, Or

from derive.checking.arithmetic import REAL, Arithmetic, multiple_precision
from derive.checking.curves import follow
from derive.checking.differences import derivative, spare_digits
from derive.checking.frame import Column, Frame, Given, Points, Unevaluable, indices, undefined
from derive.checking.functions import smooth
from derive.checking.integrals import integral
from derive.checking.limits import limit
from derive.checking.reductions import product, softmax_at, statistic, sum_
from derive.expressions import nodes
from derive.expressions.nodes import DefinedFunction, SoftmaxAt

__all__ = ["Unevaluable", "evaluate", "root_frame"]


def root_frame(points: Points, arithmetic: Arithmetic = REAL, roots: Sequence[int] | None = None) -> Frame:
    """The frame of the points themselves (of those in `roots` where given)."""
    return Frame(arithmetic, points, list(range(points.count)) if roots is None else roots, {}, (), _handler, {})


def evaluate(expression: Any, point: Mapping[Any, Any], digits: int | None = None) -> Any:
    """The number that a scalar expression is at a point; a nested list for tuples and matrices.

    `point` maps symbols (or their names) to numbers, the symbols of array labels to nested lists. In doubles, or with `digits`
    in multiple precision. Complex where it is; nan where it is not defined. Raises Unevaluable.
    """
    arithmetic = REAL if digits is None else multiple_precision(digits + 5 + spare_digits(expression))
    if digits is None and (expression.has(sp.I) or any(isinstance(v, complex) for v in point.values())):
        arithmetic = multiple_precision(20, complex_values=True)
    return _entries(root_frame(Given([point]), arithmetic), expression)


def _entries(frame: Frame, expression: Any) -> Any:
    if isinstance(expression, sp.MatrixBase):
        return [[frame.values(entry)[0] for entry in row] for row in expression.tolist()]
    if isinstance(expression, (sp.Tuple, tuple, list)):
        return [_entries(frame, part) for part in expression]
    return frame.values(expression)[0]


# ── arithmetic ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _add(frame: Frame, e: Any) -> Column:
    first, second, *rest = map(frame.values, e.args)
    total = list(map(add, first, second))
    for column in rest:
        total = list(map(add, total, column))
    return total


def _mul(frame: Frame, e: Any) -> Column:
    first, second, *rest = map(frame.values, e.args)
    total = frame.map(mul, first, second)
    for column in rest:
        total = frame.map(mul, total, column)
    return total


def _pow(frame: Frame, e: Any) -> Column:
    base, exponent = e.args
    column = frame.values(base)
    one = frame.arithmetic.one
    if exponent is sp.S.NegativeOne:
        return frame.map(lambda v: one / v, column)
    if exponent is sp.S.Half:
        return frame.map(frame.arithmetic.functions["sqrt"], column)
    if exponent is _TWO:
        return frame.map(mul, column, column)
    if exponent is _MINUS_HALF:
        root = frame.arithmetic.functions["sqrt"]
        return frame.map(lambda v: one / root(v), column)
    return frame.map(frame.arithmetic.power, column, frame.values(exponent))


_TWO, _MINUS_HALF = sp.Integer(2), -sp.S.Half


def _integer(frame: Frame, e: Any) -> Column:
    return [int(e.p) if abs(e.p) < 1 << 53 else e.p * frame.arithmetic.one] * frame.lanes


def _rational(frame: Frame, e: Any) -> Column:
    return [frame.arithmetic.one * int(e.p) / int(e.q)] * frame.lanes


def _float(frame: Frame, e: Any) -> Column:
    one = frame.arithmetic.one
    return [float(e) if isinstance(one, float) else one.context.mpf(e._mpf_)] * frame.lanes


def _constant(frame: Frame, e: Any) -> Column:
    return [frame.arithmetic.constants[type(e)]] * frame.lanes


def _imaginary(frame: Frame, e: Any) -> Column:
    if frame.arithmetic is REAL or frame.arithmetic.continued:
        raise Unevaluable("the imaginary unit in a real function")
    return [frame.arithmetic.imaginary] * frame.lanes


def _undefined(frame: Frame, e: Any) -> Column:
    return [frame.arithmetic.nan] * frame.lanes


def _number(value: Any, arithmetic: Arithmetic) -> Any:
    """A value of a point in the arithmetic: integers stay, doubles are taken at their exact value."""
    if isinstance(value, int) or isinstance(arithmetic.one, float):
        return value
    return arithmetic.one.context.mpmathify(value)


def _symbol(frame: Frame, e: Any) -> Column:
    replaced = frame.symbols.get(e)
    if replaced is not None:
        return replaced
    points = frame.points.column(e)
    column = [_number(points[root], frame.arithmetic) for root in frame.roots]
    if frame.arithmetic.digits > 15:
        for curve in frame.points.curves:
            if curve.dependent == e:
                return follow(curve, frame, column)
    return column


def _indexed(frame: Frame, e: Any) -> Column:
    label = e.args[0].args[0]
    places = indices(frame, e.args[1:])
    entry, arithmetic = frame.points.entry, frame.arithmetic
    column = [_number(entry(label, place, root), arithmetic) for place, root in zip(places, frame.roots, strict=True)]
    for moved, at, by in frame.bumps:
        if moved == label:
            column = [v + d if place == p else v for v, place, p, d in zip(column, places, at, by, strict=True)]
    return column


def _kronecker(frame: Frame, e: Any) -> Column:
    return [int(a == b) for a, b in zip(frame.values(e.args[0]), frame.values(e.args[1]), strict=True)]


# ── functions ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _function(frame: Frame, e: Any) -> Column:
    function = frame.arithmetic.functions.get(type(e))
    if function is None:
        raise Unevaluable(f"{type(e).__name__} in this arithmetic")
    return frame.map(function, *map(frame.values, e.args))


def _extremum(frame: Frame, e: Any) -> Column:
    choose, nan = frame.arithmetic.functions[type(e)], frame.arithmetic.nan
    columns = list(map(frame.values, e.args))
    found = frame.map(choose, *columns) if len(columns) > 1 else columns[0]
    found = [nan if any(map(undefined, xs)) else v for v, *xs in zip(found, *columns, strict=True)]
    frame.conditions.append([None if undefined(v) else v is x for v, x in zip(found, columns[0], strict=True)])
    return found


def _kinked(frame: Frame, e: Any) -> Column:
    """Functions that change their form where the argument changes its sign."""
    frame.conditions.append([None if undefined(v) else v.real > 0 for v in frame.values(e.args[0])])
    return _function(frame, e)


def _other(frame: Frame, e: Any) -> Column:
    """Classes that are not in the table by themselves: undefined functions, definitions, families of constants."""
    if isinstance(e, AppliedUndef):
        for curve in frame.points.curves:
            if curve.function == e.func and len(e.args) == 1:
                inner = frame.with_symbol(curve.independent, frame.values(e.args[0]))
                return follow(curve, inner, inner.values(curve.dependent))
        columns = list(map(frame.values, e.args))
        functions = frame.arithmetic.functions
        return frame.map(smooth(e.func.__name__, len(columns), functions[sp.sin], functions[sp.exp]), *columns)
    if type(e) in frame.arithmetic.functions:
        return _function(frame, e)
    if isinstance(e, DefinedFunction):
        return frame.values(e.definition())
    if isinstance(e, sp.Integer):
        return _integer(frame, e)
    if isinstance(e, sp.Rational):
        return _rational(frame, e)
    if isinstance(e, sp.Symbol):
        return _symbol(frame, e)
    raise Unevaluable(f"{type(e).__name__} has no numeric value here")


# ── conditions ───────────────────────────────────────────────────────────────────────────────────────────────────────

_COMPARISONS: dict[Any, Callable[[Any, Any], bool]] = {
    sp.Gt: lambda a, b: a > b,
    sp.Ge: lambda a, b: a >= b,
    sp.Lt: lambda a, b: a < b,
    sp.Le: lambda a, b: a <= b,
    sp.Eq: lambda a, b: a == b,
    sp.Ne: lambda a, b: a != b,
}


def _relation(frame: Frame, e: Any) -> Column:
    """True, False, or None where a side is undefined or not real."""
    compare, real = _COMPARISONS[type(e)], frame.arithmetic.real
    column: Column = []
    for a, b in zip(frame.values(e.args[0]), frame.values(e.args[1]), strict=True):
        try:
            left, right = real(a), real(b)
            column.append(None if undefined(left) or undefined(right) else compare(left, right))
        except ValueError:
            column.append(None)
    if type(e) not in (sp.Eq, sp.Ne):
        frame.conditions.append(column)
    return column


def _truth(frame: Frame, e: Any) -> Column:
    return [bool(e)] * frame.lanes


def _logic(frame: Frame, e: Any) -> Column:
    columns = list(map(frame.values, e.args))
    if isinstance(e, Not):
        return [None if v is None else not v for v in columns[0]]
    settles = not isinstance(e, And)  # one True settles an alternative, one False a conjunction
    return [settles if settles in vs else None if None in vs else not settles for vs in zip(*columns, strict=True)]


def _if_then_else(frame: Frame, e: Any) -> Column:
    chosen = zip(*map(frame.values, e.args), strict=True)
    return [None if c is None else a if c else b for c, a, b in chosen]


def _piecewise(frame: Frame, e: Any) -> Column:
    nan = frame.arithmetic.nan
    column: Column = [nan] * frame.lanes
    for arm in reversed(e.args):
        value, condition = arm.args
        holds = frame.values(condition)
        if True in holds:
            values = frame.values(value)
            column = [v if c else nan if c is None else old for v, c, old in zip(values, holds, column, strict=True)]
        elif None in holds:
            column = [nan if c is None else old for c, old in zip(holds, column, strict=True)]
    return column


def _substitution(frame: Frame, e: Any) -> Column:
    columns = {symbol: frame.values(value) for symbol, value in zip(e.variables, e.point, strict=True)}
    if not all(isinstance(symbol, sp.Symbol) for symbol in columns):
        raise Unevaluable("a value at a point of something that is not a name")
    return frame.child(range(frame.lanes), columns).values(e.expr)


_HANDLERS: dict[Any, Callable[[Frame, Any], Column]] = {
    sp.Add: _add,
    sp.Mul: _mul,
    sp.Pow: _pow,
    sp.Integer: _integer,
    type(sp.S.One): _integer,
    type(sp.S.NegativeOne): _integer,
    type(sp.S.Zero): _integer,
    sp.Rational: _rational,
    type(sp.S.Half): _rational,
    sp.Float: _float,
    **dict.fromkeys(REAL.constants, _constant),
    type(sp.I): _imaginary,
    type(sp.nan): _undefined,
    type(sp.zoo): _undefined,
    sp.Symbol: _symbol,
    sp.Dummy: _symbol,
    sp.Indexed: _indexed,
    sp.KroneckerDelta: _kronecker,
    sp.Max: _extremum,
    sp.Min: _extremum,
    **{kind: _function for kind in REAL.functions if kind not in ("sqrt", sp.Max, sp.Min)},
    **dict.fromkeys((sp.Abs, sp.sign, nodes.relu, nodes.leaky_relu, nodes.elu, nodes.selu, nodes.celu, nodes.step), _kinked),
    SoftmaxAt: softmax_at,
    **dict.fromkeys((nodes.SampleMax, nodes.SampleMin, nodes.SampleMedian), statistic),
    **dict.fromkeys(_COMPARISONS, _relation),
    BooleanTrue: _truth,
    BooleanFalse: _truth,
    And: _logic,
    Or: _logic,
    Not: _logic,
    ITE: _if_then_else,
    sp.Piecewise: _piecewise,
    sp.Sum: sum_,
    sp.Product: product,
    sp.Subs: _substitution,
    sp.Derivative: derivative,
    sp.Integral: integral,
    sp.Limit: limit,
}


def _handler(kind: type) -> Callable[[Frame, Any], Column]:
    return _HANDLERS.get(kind, _other)
