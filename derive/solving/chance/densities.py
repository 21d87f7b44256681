"""Log-densities as sums over statistics: spread out, matched, put together again as kernels.

In: SymPy expressions, sums over a sample included. Out: coefficients of the statistics of a family, and what is without the variable.
Every logarithm here is of something positive, for a density is only written down where it is positive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sympy as sp

from derive.errors import TooLarge
from derive.expressions.elementary import exp
from derive.solving.chance.rational_forms import quotient_of

__all__ = ["Match", "kernel", "match", "matched", "quotient", "signed", "spread"]

MOST_TERMS = 400


class Match(NamedTuple):
    """An expression as Σ_k coefficients_k T_k + rest, the rest without the variable."""

    coefficients: tuple[Any, ...]
    rest: Any


def spread(expression: Any, variable: Any = None) -> Any:
    """The expression as a sum of products: logarithms of products taken apart, sums over an index linear.

    Squares of sums that do not hold the variable stay as they are when a variable is given. Raises TooLarge where the result would have
    more than a few hundred terms.
    """
    whole: dict[Any, Any] = {}
    held = sp.sympify(expression, strict=True)
    if variable is not None:
        held = held.replace(
            lambda e: isinstance(e, sp.Pow) and isinstance(e.base, sp.Add) and not e.has(variable), lambda e: _held(e, whole)
        )
    back = {dummy: node for node, dummy in whole.items()}
    result = _spread(held, back)
    if len(sp.Add.make_args(result)) > MOST_TERMS:
        raise TooLarge(f"the log-density has more than {MOST_TERMS} terms")
    return result.xreplace(back)


def _held(node: Any, whole: dict[Any, Any]) -> Any:
    return whole.setdefault(node, sp.Dummy("whole", real=True))


def _spread(expression: Any, back: Mapping[Any, Any]) -> Any:
    opened = sp.expand_log(expression, force=True)
    opened = opened.replace(lambda e: isinstance(e, sp.Sum), lambda e: _spread_sum(e, back))
    return sp.expand_log(sp.expand(opened, log=False, power_base=False), force=True)


def _spread_sum(total: Any, back: Mapping[Any, Any]) -> Any:
    """Σ_i (c a_i + d) as c Σ_i a_i + (number of terms) d."""
    if len(total.limits) != 1 or len(total.limits[0]) != 3:
        return total
    index, first, last = total.limits[0]
    running = [index, *(dummy for dummy, node in back.items() if node.has(index))]
    parts = []
    for term in sp.Add.make_args(_spread(total.function, back)):
        outside, inside = term.as_independent(*running, as_Add=False)
        parts.append(outside * ((last - first + 1) if inside == 1 else sp.Sum(inside, (index, first, last))))
    return sp.Add(*parts)


def match(expression: Any, variable: Any, statistics: Sequence[Any]) -> Match | None:
    """The coefficients of the statistics in an expression that is linear in them; None when something else depends on the variable."""
    return matched(spread(expression, variable), variable, statistics)


def matched(opened: Any, variable: Any, statistics: Sequence[Any]) -> Match | None:
    """As `match`, of what `spread` gave."""
    coefficients = [sp.S.Zero] * len(statistics)
    rest = []
    for term in sp.Add.make_args(opened):
        if not term.has(variable):
            rest.append(term)
            continue
        outside, inside = term.as_independent(variable, as_Add=False)
        place = next((k for k, statistic in enumerate(statistics) if _same(inside, statistic)), None)
        if place is None:
            return None
        coefficients[place] += outside
    return Match(tuple(coefficients), sp.Add(*rest))


def _same(inside: Any, statistic: Any) -> bool:
    if inside == statistic:
        return True
    return (inside.has(sp.Add, sp.Sum) or statistic.has(sp.Add, sp.Sum)) and bool(sp.expand(inside - statistic) == 0)


def kernel(coefficients: Sequence[Any], statistics: Sequence[Any]) -> Any:
    """exp(Σ c_k T_k) as it is written: powers for logarithms, one exponential for the others."""
    both = list(zip(coefficients, statistics, strict=True))
    powers = [t.args[0] ** c for c, t in both if isinstance(t, sp.log)]
    others = [signed(c) * t for c, t in both if not isinstance(t, sp.log)]
    return sp.Mul(*powers) * exp(sp.Add(*others))


def signed(value: Any) -> Any:
    """The same value with a minus sign in front rather than in every term: −(a + b) for −a − b."""
    if isinstance(value, sp.Add) and all(term.could_extract_minus_sign() for term in value.args):
        return sp.Mul(-1, -value, evaluate=False)
    return value


def quotient(value: Any) -> Any:
    """A rational expression over one denominator, without common factors, and without needless minus signs; sums count as letters."""
    masked = {s: sp.Dummy(f"S{k}", real=True) for k, s in enumerate(sorted(value.atoms(sp.Sum), key=sp.default_sort_key))}
    held = value.xreplace(masked)
    if not held.is_rational_function():
        return value
    polynomials = quotient_of(held)
    above, below = sp.fraction(sp.cancel(sp.together(held)) if polynomials is None else polynomials.cancelled())
    if below.could_extract_minus_sign() or (isinstance(below, sp.Add) and all(t.could_extract_minus_sign() for t in below.args)):
        above, below = -above, -below
    parts = [sp.factor_terms(part).xreplace({d: s for s, d in masked.items()}) for part in (above, below)]
    return _forwards(parts[0] / parts[1])


def _forwards(value: Any) -> Any:
    """1/(p (1 − p)) for −1/(p (p − 1))."""
    if not value.could_extract_minus_sign():
        return value
    for factor in sp.Mul.make_args(value):
        base, exponent = factor.as_base_exp()
        constant = base.as_coeff_Add()[0]
        if isinstance(base, sp.Add) and constant.is_negative and exponent in (1, -1):
            return sp.Mul(-1, value / factor, sp.Add(*(-t for t in base.args)) ** exponent)
    return value
