"""E[min(X, Y)], E[max(X, Y)] and E[|X − Y|] of two independent variables, from their tails.

In: an `Expectation` node and what is known. Out: `Found`, or None.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import S

from derive.deadline import deadline
from derive.errors import TimeLimit
from derive.expressions.chance import Expectation
from derive.probability.family import Distribution
from derive.rules import chance_expectation as rules
from derive.solving.chance import lotus
from derive.solving.chance.known import Known
from derive.solving.chance.moments import free, frozen, independence, law_in
from derive.solving.chance.rewriting import Found

__all__ = ["by_minimum", "smaller_of_two"]

SECONDS = 2.0
_FAMILIES = ("Exponential", "Uniform", "Pareto", "Rayleigh")


def by_minimum(node: Any, known: Known) -> Found | None:
    """max(X, Y) = X + Y − min(X, Y), and |X − Y| = X + Y − 2 min(X, Y)."""
    if not isinstance(node, Expectation):
        return None
    body = node.operands[0]
    count = 1
    if isinstance(body, sp.Max) and len(body.args) == 2:
        a, b = body.args
    elif isinstance(body, sp.Abs) and body.args[0].is_Add and len(body.args[0].args) == 2:
        a, b = body.args[0].args
        a, b = (b, -a) if a.could_extract_minus_sign() else (a, -b)
        count = 2
    else:
        return None
    if not (known.is_random(a) and known.is_random(b)) or _laws(a, b, node, known) is None:
        return None
    given = node.conditions
    result = Expectation.of(a, given=given) + Expectation.of(b, given=given) - count * Expectation.of(sp.Min(a, b), given=given)
    return Found(rules.BY_MINIMUM, result)


def _laws(a: Any, b: Any, node: Any, known: Known) -> tuple[Distribution, Distribution] | None:
    first, second = law_in(a, node, known), law_in(b, node, known)
    if first is None or second is None or first.name not in _FAMILIES or second.name not in _FAMILIES:
        return None
    if not known.independent({a}, {b}, frozen(node, known)):
        return None
    supports = [law.family.support(*law.values) for law in (first, second)]
    return (first, second) if supports[0].lower == supports[1].lower and supports[0].upper == supports[1].upper else None


def smaller_of_two(node: Any, known: Known) -> Found | None:
    """E[min(X, Y)] = l + ∫ P(X > x) P(Y > x) dx from the lower end l of the supports."""
    if not isinstance(node, Expectation):
        return None
    body = node.operands[0]
    if not isinstance(body, sp.Min) or len(body.args) != 2 or len(free(body, node, known)) != 2:
        return None
    a, b = body.args
    if not (known.is_random(a) and known.is_random(b)):
        return None
    laws = _laws(a, b, node, known)
    if laws is None or laws[0].family.cdf is None or laws[1].family.cdf is None:
        return None
    support = laws[0].family.support(*laws[0].values)
    x = sp.Dummy("x", positive=True) if support.lower.is_nonnegative else sp.Dummy("x", real=True)
    tails = S.One
    for law in laws:
        assert law.family.cdf is not None
        tail = 1 - law.family.cdf(x, *law.values)
        tails *= tail.args[0][0] if isinstance(tail, sp.Piecewise) else tail
    if tails.has(sp.Piecewise):
        return None
    try:
        with deadline(SECONDS):
            value = support.lower + sp.integrate(sp.expand(sp.simplify(tails)), (x, support.lower, support.upper), conds="none")
    except (TimeLimit, NotImplementedError, ValueError):
        return None
    if value.has(sp.Integral, S.NaN) or value.is_infinite:
        return None
    said = (*lotus.said(a, laws[0]), ", ", *lotus.said(b, laws[1]))
    return Found(rules.TAIL_INTEGRAL, sp.simplify(value), said, (independence(({a}, {b})),))
