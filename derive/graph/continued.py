"""The functions of numbers of the table, in other numbers than the reference evaluation's: near the real axis, and as decimals.

In: floats or complex numbers that an imaginary step has moved a little off the axis; decimals. Out: the same. Every function of complex
numbers is analytic beside the axis or chosen by the real part. `Undefined` where there clearly is no value, `InDoubt` at kinks and at
the ends of domains.
"""

from __future__ import annotations

import cmath
import math
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from derive.graph.operations import Undefined

__all__ = ["DECIMALS", "NEAR_REAL", "Functions", "InDoubt", "absolute", "largest", "multiplied", "smallest"]

CLEARLY = 1e-9  # outside a domain
TIE = 1e-20  # an imaginary step that is squared moves a real part by less

Function = Callable[[Any], Any]


class InDoubt(ArithmeticError):
    """Nothing can be said of this value here."""


class Functions(NamedTuple):
    """The functions of one kind of numbers: those that others are made of, all by the name of their operation, and a fraction."""

    exponential: Function
    logarithm: Function
    root: Function
    elementwise: Mapping[str, Callable[..., Any]]
    fraction: Callable[[int, int], Any]


# ---------------------------------------------------------------------------------------------- chosen by the real part
def _above_zero(x: Any) -> bool:
    """The sign by the real part; at 0 nothing moves, or there is a kink."""
    if -TIE < x.real < TIE and x != 0:
        raise InDoubt
    return bool(x.real > 0)


def absolute(x: Any) -> Any:
    """|x|."""
    return x if _above_zero(x) else -x


def _sign(x: Any) -> int:
    return 1 if _above_zero(x) else -1 if x != 0 else 0


def largest(*values: Any) -> Any:
    """The value with the largest real part."""
    best = values[0]
    for value in values[1:]:
        if abs(value.real - best.real) < TIE and value != best:
            raise InDoubt
        if value.real > best.real:
            best = value
    return best


def smallest(*values: Any) -> Any:
    """The value with the smallest real part."""
    return -largest(*(-v for v in values))


def _compared(holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def function(x: Any, y: Any) -> bool:
        if abs(x.real - y.real) < TIE and x != y:
            raise InDoubt
        return holds(x.real, y.real)

    return function


_equal = _compared(operator.eq)


# ---------------------------------------------------------------------------------------------- arithmetic
def _added(*values: Any) -> Any:
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total


def multiplied(*values: Any) -> Any:
    """The product."""
    total = values[0]
    for value in values[1:]:
        total = total * value
    return total


def _power(exponential: Function, logarithm: Function) -> Callable[[Any, Any], Any]:
    def power(base: Any, exponent: Any) -> Any:
        if type(exponent) is complex:
            if base.real <= 0:
                raise InDoubt
            return exponential(exponent * logarithm(base))
        if exponent == int(exponent):
            return base ** int(exponent)
        if base.real <= 0:
            raise (Undefined if base.real < -CLEARLY else InDoubt)
        return exponential(exponent * logarithm(base)) if type(base) is Decimal else base**exponent

    return power


# ---------------------------------------------------------------------------------------------- the tables
def _table(exponential: Function, logarithm: Function, root: Function, **others: Function) -> dict[str, Callable[..., Any]]:
    """All functions that are made of these."""

    def sigmoid(x: Any) -> Any:
        if x.real < 0:
            e = exponential(x)
            return e / (1 + e)
        return 1 / (1 + exponential(-x))

    def softplus(x: Any) -> Any:
        return x + logarithm(1 + exponential(-x)) if x.real > 0 else logarithm(1 + exponential(x))

    def tanh(x: Any) -> Any:
        e = exponential(-2 * absolute(x))
        return _sign(x) * (1 - e) / (1 + e)

    return {
        "add": _added,
        "mul": multiplied,
        "neg": operator.neg,
        "div": operator.truediv,
        "pow": _power(exponential, logarithm),
        "sqrt": root,
        "square": lambda x: x * x,
        "abs": absolute,
        "sign": _sign,
        "step": lambda x: 1 if _above_zero(x) else 0,
        "maximum": largest,
        "minimum": smallest,
        "less": _compared(operator.lt),
        "less_equal": _compared(operator.le),
        "greater": _compared(operator.gt),
        "greater_equal": _compared(operator.ge),
        "equal": _equal,
        "not_equal": _compared(operator.ne),
        "delta": lambda x, y: int(_equal(x, y)),
        "and": lambda x, y: x and y,
        "or": lambda x, y: x or y,
        "not": operator.not_,
        "indicator": int,
        "exp": exponential,
        "expm1": lambda x: exponential(x) - 1,
        "log": logarithm,
        "log1p": lambda x: logarithm(1 + x),
        "tanh": tanh,
        "sigmoid": sigmoid,
        "sigmoid_slope": lambda x: sigmoid(x) * sigmoid(-x),
        "log_sigmoid": lambda x: -softplus(-x),
        "softplus": softplus,
        "relu": lambda x: x if _above_zero(x) else 0,
        "leaky_relu": lambda x, a: x if _above_zero(x) else a * x,
        "silu": lambda x: x * sigmoid(x),
        "swish": lambda x, b: x * sigmoid(b * x),
        **others,
    }


def _of(real: Callable[[float], float], continued: Callable[[complex], complex]) -> Function:
    """The function of a float, or of a complex number."""
    return lambda x: continued(x) if type(x) is complex else real(x)


def _inside(low: float, high: float, function: Function) -> Function:
    """The function on an open interval, undefined outside it and in doubt at its ends."""

    def within(x: Any) -> Any:
        if low < x.real < high:
            return function(x)
        raise (Undefined if x.real < low - CLEARLY or x.real > high + CLEARLY else InDoubt)

    return within


def _root(function: Function) -> Function:
    positive = _inside(0.0, math.inf, function)
    return lambda x: 0 if x == 0 and type(x) is not complex else positive(x)


_exp, _log, _sqrt = _of(math.exp, cmath.exp), _inside(0.0, math.inf, _of(math.log, cmath.log)), _root(_of(math.sqrt, cmath.sqrt))
_cosh = _of(math.cosh, cmath.cosh)

NEAR_REAL = Functions(
    _exp,
    _log,
    _sqrt,
    _table(
        _exp,
        _log,
        _sqrt,
        sin=_of(math.sin, cmath.sin),
        cos=_of(math.cos, cmath.cos),
        tan=_of(math.tan, cmath.tan),
        asin=_inside(-1.0, 1.0, _of(math.asin, cmath.asin)),
        acos=_inside(-1.0, 1.0, _of(math.acos, cmath.acos)),
        atan=_of(math.atan, cmath.atan),
        sinh=_of(math.sinh, cmath.sinh),
        cosh=_cosh,
        tanh=_of(math.tanh, cmath.tanh),
        sech=lambda x: 1 / _cosh(x),
    ),
    operator.truediv,
)

_raised, _ln, _decimal_root = Decimal.exp, _inside(0.0, math.inf, Decimal.ln), _root(Decimal.sqrt)

DECIMALS = Functions(
    lambda x: _raised(Decimal(x)),
    lambda x: _ln(Decimal(x)),
    lambda x: _decimal_root(Decimal(x)),
    _table(lambda x: _raised(Decimal(x)), lambda x: _ln(Decimal(x)), lambda x: _decimal_root(Decimal(x))),
    lambda numerator, denominator: Decimal(numerator) / denominator,
)
