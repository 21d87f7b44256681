"""The named functions of one or several scalars as SymPy functions.

In: the canonical name of a function and SymPy arguments. Out: the expression, not evaluated where SymPy would have to compute
for long or would write something else than was meant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp
from sympy import S

from derive.errors import DoesNotExist, NotSupported, TooLarge, WrongUse
from derive.expressions import bounds
from derive.expressions.distribution_functions import DISTRIBUTION_FUNCTIONS
from derive.expressions.elementary import exp, log
from derive.expressions.nodes import NODES, chisquared_quantile, student_quantile
from derive.expressions.term import Span

__all__ = ["SCALAR", "apply"]

MAX_LOOP = 200


def _log(x: Any, base: Any = None) -> Any:
    if x is S.Zero:
        raise DoesNotExist("the logarithm of zero")
    if base is None:
        return log(x)
    if base in (S.Zero, S.One):
        raise DoesNotExist(f"the logarithm to base {base}")
    if x.is_Rational and base.is_Integer and base > 1 and bounds.bits(x) < 2000:
        return sp.log(x, base)
    return log(x) / log(base)


def _exp(x: Any) -> Any:
    bounds.bound_exp(x)
    return exp(x)


def _guarded(function: Any, name: str) -> Callable[..., Any]:
    """A function that SymPy computes by a product or recurrence at integers and half-integers."""

    def build(*arguments: Any) -> Any:
        for argument in arguments:
            bounds.bound_factorial(argument, what=name)
        return function(*arguments)

    return build


def _unevaluated_at_numbers(function: Any) -> Callable[..., Any]:
    """SymPy writes ψ and log Γ of a number as long sums: kept as they are beyond small numbers."""

    def build(*arguments: Any) -> Any:
        last = arguments[-1]
        small = last.is_Integer and abs(last) <= MAX_LOOP and all(a.is_Symbol or abs(a) <= MAX_LOOP for a in arguments)
        return function(*arguments) if small else function(*arguments, evaluate=False)

    return build


def _gcd(a: Any, b: Any) -> Any:
    if a.is_Integer and b.is_Integer:
        return sp.Integer(sp.igcd(int(a), int(b)))
    raise NotSupported("the greatest common divisor of names")


def _zeta(x: Any) -> Any:
    return sp.zeta(x) if x.is_Integer and abs(x) <= MAX_LOOP else sp.zeta(x, evaluate=False)


SCALAR: dict[str, Callable[..., Any]] = {
    **NODES,
    **DISTRIBUTION_FUNCTIONS,
    "exp": _exp, "log": _log, "sin": sp.sin, "cos": sp.cos, "tan": sp.tan, "cot": sp.cot, "sec": sp.sec, "csc": sp.csc,
    "asin": sp.asin, "acos": sp.acos, "atan": sp.atan, "acot": sp.acot, "atan2": sp.atan2,
    "sinh": sp.sinh, "cosh": sp.cosh, "tanh": sp.tanh, "coth": sp.coth, "sech": sp.sech, "csch": sp.csch,
    "asinh": sp.asinh, "acosh": sp.acosh, "atanh": sp.atanh, "sign": sp.sign, "floor": sp.floor, "ceil": sp.ceiling,
    "max": sp.Max, "min": sp.Min, "gcd": _gcd, "mod": sp.Mod, "re": sp.re, "im": sp.im,
    "erf": sp.erf, "erfc": sp.erfc, "erfinv": sp.erfinv,
    "student_quantile": student_quantile, "chisquared_quantile": chisquared_quantile,
    "gamma": _guarded(sp.gamma, "Γ"), "beta": sp.beta, "zeta": _zeta,
    "loggamma": _unevaluated_at_numbers(sp.loggamma),
    "digamma": _unevaluated_at_numbers(lambda x, **how: sp.polygamma(S.Zero, x, **how)),
    "polygamma": _unevaluated_at_numbers(sp.polygamma),
}  # fmt: skip


def apply(function: str, arguments: Sequence[Any], span: Span | None = None) -> Any:
    """The function of the table at these arguments; errors get the place `span`."""
    if function not in SCALAR:
        raise NotSupported(f"{function} of a scalar", span=span)
    if any(a.has(S.ComplexInfinity, S.NaN) for a in arguments if a.is_number):
        raise DoesNotExist(f"{function} of something undefined", span=span)
    try:
        value = SCALAR[function](*arguments)
    except (NotSupported, DoesNotExist, TooLarge) as error:
        raise error.at(span) from None
    except TypeError:
        raise WrongUse(f"{function} does not take {len(arguments)} arguments", span=span) from None
    if value in (S.ComplexInfinity, S.NaN):
        raise DoesNotExist(f"{function} is not defined there", span=span)
    return value
