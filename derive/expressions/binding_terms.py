"""Terms that bind a variable or stand for a derivative: sums, products, integrals, limits, derivatives, values at a point.

In: the term and the conversion in progress. Out: the unevaluated SymPy object, exactly as written: no derivative is recognised as
zero, no sum is split, no piecewise body is folded.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain as joined
from typing import Any

import sympy as sp
from sympy import S

from derive.errors import NotSupported, WrongUse
from derive.expressions import scalar_functions
from derive.expressions.array_entries import Conversion, whole_range
from derive.expressions.functions import canonical_function
from derive.expressions.term import Name, Term

__all__ = ["METHODS", "unevaluated_derivative", "unevaluated_sum"]


def unevaluated_derivative(body: Any, *orders: tuple[Any, Any]) -> sp.Derivative:
    """∂^n body / ∂x^n … for pairs (x, n), as written: SymPy's constructor would already say that a constant has derivative 0."""
    return sp.Expr.__new__(sp.Derivative, body, *(sp.Tuple(x, sp.sympify(order, strict=True)) for x, order in orders))


def unevaluated_sum(cls: Any, body: Any, k: Any, lower: Any, upper: Any) -> Any:
    """Σ or Π (`cls` is Sum or Product) of the body for k = lower … upper; sums of sums are joined as in SymPy, nothing is folded."""
    limits = (sp.Tuple(k, lower, upper),)
    if type(body) is cls:
        body, limits = body.function, body.limits + limits
    made = sp.Expr.__new__(cls, body, *limits)
    made.is_commutative = body.is_commutative
    return made


def _prime(conversion: Conversion, term: Term) -> Any:
    if len(term.args) != 2 or term.args[0].head not in ("name", "lambda"):
        raise NotSupported("a derivative of a function without its argument", span=term.span)
    function, order = term.args[0], sp.Integer(term.data or 1)
    (point,) = conversion.each(term.args[1:])
    place = point if isinstance(point, (sp.Symbol, sp.Indexed)) else sp.Symbol("xi", real=True)
    if function.head == "lambda":
        place = _bind(conversion, function.args[1].data, real=True)
        body = conversion.expression(function.args[0])
        del conversion.bound[function.args[1].data]
    else:
        known = canonical_function(function.data.key)
        type = conversion.type(function.data)
        known = None if type is not None and type.domain == "function" else known
        body = scalar_functions.apply(known, [place], term.span) if known else sp.Function(function.data.key, real=True)(place)
    derivative = unevaluated_derivative(body, (place, order))
    return derivative if place == point else sp.Subs(derivative, place, point)


def _bind(conversion: Conversion, name: Name, **assumptions: bool) -> sp.Symbol:
    """A bound variable; the caller takes it out of force again."""
    made = conversion.bound[name] = sp.Symbol(name.key, **assumptions)
    return made


def _sum(conversion: Conversion, term: Term) -> Any:
    cls = sp.Sum if term.head == "sum" else sp.Product
    if term.data == "none":
        raise NotSupported("a sum without an index", span=term.span)
    body, index = term.args[0], term.args[1] if len(term.args) > 1 else term
    if term.data == "cond" and index.head != "name":
        raise NotSupported("a sum over a condition whose running index is not named", span=term.span)
    if index.head != "name":
        raise NotSupported("a sum over several indices at once", span=term.span)
    if term.data == "range":
        lower, upper = conversion.each(term.args[2:])
    else:
        lower, upper = S.One, whole_range(body, index.data, conversion, term)
    outer = conversion.bound.get(index.data)
    k = _bind(conversion, index.data, integer=True)
    try:
        inner = conversion.expression(body)
        if term.data == "cond":
            condition = conversion.expression(term.args[-1])
            inner = sp.Piecewise((inner, condition), (S.Zero if cls is sp.Sum else S.One, S.true), evaluate=False)
    finally:
        del conversion.bound[index.data]
        if outer is not None:
            conversion.bound[index.data] = outer
    if not isinstance(inner, sp.Expr) or isinstance(inner, sp.MatrixBase):
        raise NotSupported("a sum of arrays", span=term.span)
    return unevaluated_sum(cls, inner, k, lower, upper)


def _integral(conversion: Conversion, term: Term) -> Any:
    if term.data == "region":
        raise NotSupported("an integral over a region", span=term.span)
    limits = conversion.each(term.args[2:])
    body, x = conversion.each(term.args[:2])
    if not isinstance(x, sp.Symbol):
        raise WrongUse("the variable of an integral is a name", span=term.args[1].span)
    return sp.Integral(body, (x, *limits))


def _limit(conversion: Conversion, term: Term) -> Any:
    body, x, point = conversion.each(term.args)
    return sp.Limit(body, x, point, term.data or "+-")


def _derivative(conversion: Conversion, term: Term) -> Any:
    body, *rest = conversion.each(term.args)
    pairs = list(zip(rest[::2], rest[1::2], strict=True))
    for variable, _ in pairs:
        _differentiable(variable, term)
    if isinstance(body, (sp.Tuple, sp.MatrixBase)):
        return _over(body, lambda b: unevaluated_derivative(b, *pairs))
    return unevaluated_derivative(_scalar(body, term), *pairs)


def _differentiable(variable: Any, term: Term) -> None:
    if not isinstance(variable, (sp.Symbol, sp.Indexed)):
        raise WrongUse("a derivative is taken with respect to a name or an entry of an array", span=term.span)


def _scalar(value: Any, term: Term) -> Any:
    if not isinstance(value, sp.Expr) or isinstance(value, sp.MatrixBase):
        raise NotSupported("a derivative of a statement", span=term.span)
    return value


def _over(value: Any, function: Callable[[Any], Any]) -> Any:
    return sp.Tuple(*map(function, value)) if isinstance(value, sp.Tuple) else value.applyfunc(function)


def _variables(conversion: Conversion, term: Term) -> list[Any]:
    found = conversion.each(term.args[1:])
    flat = list(joined.from_iterable(v if isinstance(v, (sp.Tuple, sp.MatrixBase)) else (v,) for v in found))
    for variable in flat:
        _differentiable(variable, term)
    if not flat:
        raise NotSupported("a gradient whose variables are not named", span=term.span)
    return flat


def _gradient(conversion: Conversion, term: Term) -> Any:
    body = _scalar(conversion.expression(term.args[0]), term)
    return sp.Tuple(*(unevaluated_derivative(body, (v, S.One)) for v in _variables(conversion, term)))


def _hessian(conversion: Conversion, term: Term) -> Any:
    body, names = _scalar(conversion.expression(term.args[0]), term), _variables(conversion, term)
    rows = [[unevaluated_derivative(body, *(((a, 2),) if a == b else ((a, 1), (b, 1)))) for b in names] for a in names]
    return sp.ImmutableDenseMatrix(rows)


def _jacobian(conversion: Conversion, term: Term) -> Any:
    body, names = conversion.expression(term.args[0]), _variables(conversion, term)
    values = list(body) if isinstance(body, (sp.Tuple, sp.MatrixBase)) else [_scalar(body, term)]
    return sp.ImmutableDenseMatrix([[unevaluated_derivative(b, (v, S.One)) for v in names] for b in values])


def _total_derivative(conversion: Conversion, term: Term) -> Any:
    y, x = conversion.each(term.args)
    _differentiable(x, term)
    return unevaluated_derivative(y, (x, S.One))


def _at(conversion: Conversion, term: Term) -> Any:
    body, *rest = conversion.each(term.args)
    names, values = rest[::2], rest[1::2]
    if isinstance(body, (sp.Tuple, sp.MatrixBase)):
        return _over(body, lambda b: sp.Subs(b, names, values))
    return sp.Subs(body, names, values)


METHODS: dict[str, Callable[[Conversion, Term], Any]] = {
    "prime": _prime,
    "sum": _sum,
    "prod": _sum,
    "integral": _integral,
    "limit": _limit,
    "derivative": _derivative,
    "gradient": _gradient,
    "hessian": _hessian,
    "jacobian": _jacobian,
    "total_derivative": _total_derivative,
    "at": _at,
}
