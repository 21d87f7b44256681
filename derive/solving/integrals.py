"""Integrals of scalar functions: antiderivatives with the rule that finds them, the fundamental theorem, improper ends, iterated integrals.

In: a reading whose expression holds integrals. Out: a Solution; indefinite integrals show their constant. What diverges is refused with
the reason. Antiderivatives are SymPy's, differentiated again by the check; values are compared with quadrature.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.integrals.manualintegrate import integral_steps, manualintegrate

from derive.deadline import deadline
from derive.derivation import Prose, Rewrite, Rule
from derive.errors import DoesNotExist, NotSupported, TimeLimit
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.rules.limits_and_integrals import (
    ANTIDERIVATIVE,
    CLOSED_FORM,
    FUNDAMENTAL,
    GEOMETRIC,
    IMPROPER,
    PARTS,
    SUBSTITUTION,
    SYMPY_INTEGRAL,
    WITHOUT_ABSOLUTE,
)
from derive.solution import Solution
from derive.solving.chance.densities import quotient
from derive.solving.journal import Journal
from derive.solving.places import with_replaced
from derive.solving.simplification import shortened
from derive.solving.tasks import solution

__all__ = ["solve_infinite_sum", "solve_integral"]

SECONDS = 8.0
_DIVERGES = (sp.oo, -sp.oo, sp.zoo, sp.nan)


def solve_integral(reading: Reading) -> Solution:
    """The expression with every integral worked out, the inner ones first."""
    expression: Any = to_sympy(reading.expanded, reading.types)
    journal = Journal(expression)
    whole = expression
    while (node := _innermost(whole)) is not None:
        whole = _definite(whole, node, journal) if len(node.limits[0]) == 3 else _indefinite(whole, node, journal)
    value = shortened(whole)
    if value != whole and journal.steps:
        journal.record(SYMPY_INTEGRAL, Rewrite(value, ("simplified",)), whole, value, (whole, value))
    return solution(journal, value)


def _innermost(whole: Any) -> Any:
    return next((n for n in whole.atoms(sp.Integral) if not n.function.has(sp.Integral)), None)


def _indefinite(whole: Any, node: Any, journal: Journal) -> Any:
    f, x = node.function, node.limits[0][0]
    found, rule, because = _antiderivative(f, x)
    constant = sp.Symbol("C", real=True)
    result = found + constant
    after = with_replaced(whole, node, result, set())
    derivative = sp.Derivative(found, x, evaluate=False)
    journal.note((("C is any constant",),))
    journal.record(rule, Rewrite(after, because), whole, after, (derivative, f))
    return after


def _antiderivative(f: Any, x: Any) -> tuple[Any, Rule, Prose]:
    """An antiderivative, the rule that finds it, and its instance."""
    try:
        with deadline(SECONDS):
            found = manualintegrate(f, x)
            rule, because = _rule(f, x)
            if found.has(sp.Integral):
                found, rule, because = sp.integrate(f, x), SYMPY_INTEGRAL, ()
    except TimeLimit:
        raise NotSupported("this integral, within the time that it may take") from None
    except (NotImplementedError, ValueError, TypeError, AttributeError, RecursionError):
        raise NotSupported("an antiderivative of this function") from None
    if found.has(sp.Integral) or found.has(sp.I):
        raise NotSupported("an antiderivative of this function in closed form")
    return shortened(found), rule, because


def _rule(f: Any, x: Any) -> tuple[Rule, Prose]:
    steps = integral_steps(f, x)
    for _ in range(4):
        name = type(steps).__name__
        if name == "PartsRule":
            return PARTS, ("with u = ", steps.u, ", v′ = ", steps.dv)
        if name == "URule":
            return SUBSTITUTION, ("with u = ", steps.u_func)
        inner = getattr(steps, "substep", None) or (steps.alternatives[0] if name == "AlternativeRule" else None)
        if inner is None:
            break
        steps = inner
    return ANTIDERIVATIVE, ()


def _definite(whole: Any, node: Any, journal: Journal) -> Any:
    f, (x, low, high) = node.function, node.limits[0]
    cased = f.rewrite(sp.Piecewise) if f.has(sp.Max, sp.Min, sp.Abs) else f
    if cased != f:
        other = sp.Integral(cased, (x, low, high))
        after = with_replaced(whole, node, other, set())
        journal.record(WITHOUT_ABSOLUTE, Rewrite(after), whole, after, (node, other))
        whole, node, f = after, other, cased
    try:
        found, rule, because = _antiderivative(f, x)
    except NotSupported:
        return _directly(whole, node, journal)
    if found.has(sp.Piecewise):
        return _directly(whole, node, journal)
    _refuse_poles(f, found, x, low, high)
    ends = [_end(found, x, e, side) for e, side in ((low, "+"), (high, "-"))]
    if any(v.has(sp.AccumBounds) for v in ends):
        raise DoesNotExist("the integral does not converge: the antiderivative oscillates without a limit")
    if any(v in _DIVERGES or v.has(*_DIVERGES) for v in ends):
        value = _directly_valued(node)
        if value is None:
            raise DoesNotExist("the integral diverges: the antiderivative has no finite limit at an end of the interval")
        return _recorded(whole, node, value, SYMPY_INTEGRAL, (), journal)
    value = _complete_gamma(shortened(ends[1] - ends[0]), journal)
    if value.has(sp.I):
        raise NotSupported("an integral whose antiderivative is not real throughout")
    derivative = sp.Derivative(found, x, evaluate=False)
    shown = sp.Integral(f, x)
    journal.record(rule, Rewrite(found, because), shown, found, (derivative, f))
    improper = low.is_infinite or high.is_infinite
    prose: Prose = ("with F = ", found)
    return _recorded(whole, node, value, IMPROPER if improper else FUNDAMENTAL, prose, journal)


def _refuse_poles(f: Any, found: Any, x: Any, low: Any, high: Any) -> None:
    """Raises DoesNotExist where f has a pole inside the interval and the antiderivative no limit there, NotSupported where it jumps."""
    if not (low.is_extended_real and high.is_extended_real and low.is_number and high.is_number and f.free_symbols <= {x}):
        return
    plain_x = sp.Symbol("x", real=True)
    try:
        places = sp.singularities(f.xreplace({x: plain_x}), plain_x).intersect(sp.Interval.open(low, high))
    except NotImplementedError as problem:
        raise NotSupported("an integral of a function whose poles are not found") from problem
    if not isinstance(places, sp.FiniteSet):
        if places is sp.S.EmptySet:
            return
        raise NotSupported("an integral of a function whose poles are not found")
    for place in places:
        sides = [sp.limit(found.xreplace({x: plain_x}), plain_x, place, side) for side in "-+"]
        if any(v.has(*_DIVERGES) or v.has(sp.AccumBounds) for v in sides):
            raise DoesNotExist(f"the integral diverges at {x} = {place}, a pole inside the interval")
        if sp.simplify(sides[0] - sides[1]) != 0:
            raise NotSupported(f"an integral whose antiderivative jumps at {x} = {place}")


def _complete_gamma(value: Any, journal: Journal) -> Any:
    """Γ(a, 0) is Γ(a), for a > 0."""
    for node in value.atoms(sp.uppergamma):
        order, place = node.args
        if place == 0:
            if not order.is_positive:
                journal.assume(((sp.Gt(order, 0),),))
            value = value.xreplace({node: sp.gamma(order)})
    return value


def _end(found: Any, x: Any, place: Any, side: str) -> Any:
    if place.is_infinite is not True:
        at = found.subs(x, place)
        if not at.has(*_DIVERGES):
            return at
    try:
        return sp.limit(found, x, place, side)
    except (NotImplementedError, ValueError, TypeError):
        return sp.nan


def _directly(whole: Any, node: Any, journal: Journal) -> Any:
    value = _directly_valued(node)
    if value is None:
        raise NotSupported("this integral in closed form")
    return _recorded(whole, node, value, SYMPY_INTEGRAL, (), journal)


def _directly_valued(node: Any) -> Any | None:
    try:
        with deadline(SECONDS):
            value = sp.integrate(node.function, *node.limits)
    except TimeLimit:
        raise NotSupported("this integral, within the time that it may take") from None
    except (NotImplementedError, ValueError, TypeError):
        return None
    if value in _DIVERGES or value.is_infinite:
        raise DoesNotExist("the integral diverges")
    if value.has(sp.Piecewise, sp.Integral, sp.oo, sp.nan, sp.zoo):
        return None
    return shortened(value)


def _recorded(whole: Any, node: Any, value: Any, rule: Rule, because: Prose, journal: Journal) -> Any:
    after = with_replaced(whole, node, value, set())
    journal.record(rule, Rewrite(after, because), whole, after, (node, value))
    return after


# ── sums ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def solve_infinite_sum(total: Any, reading: Reading) -> Solution:
    """The closed form of a sum. Raises DoesNotExist where it diverges, NotSupported without a closed form."""
    journal = Journal(total)
    try:
        with deadline(SECONDS):
            value = total.doit()
    except TimeLimit:
        raise NotSupported("this sum in closed form, within the time that it may take") from None
    value = sp.piecewise_fold(value) if value.has(sp.Piecewise) else value
    if isinstance(value, sp.Piecewise):
        value = _branch(value, reading, journal)
    if value in _DIVERGES or value.is_infinite:
        raise DoesNotExist("the sum diverges")
    if value.has(sp.Sum, sp.Piecewise, sp.Product):
        raise NotSupported("this sum in closed form")
    value = shortened(sp.simplify(value))
    value = quotient(value) if value.is_rational_function() else value
    k, _, upper = total.limits[0]
    ratio = sp.simplify(total.function.subs(k, k + 1) / total.function)
    rule = GEOMETRIC if upper == sp.oo and not ratio.has(k) and isinstance(total, sp.Sum) else CLOSED_FORM
    because: Prose = ("with q = ", ratio) if rule is GEOMETRIC else ()
    journal.record(rule, Rewrite(value, because), total, value, (total, value))
    return solution(journal, value)


def _branch(value: Any, reading: Reading, journal: Journal) -> Any:
    """The general branch, where its condition follows from the declared bounds; else it is an assumption."""
    branch, condition = value.args[0]
    if isinstance(condition, sp.Eq) and len(value.args) == 2:
        journal.assume(((sp.Ne(*condition.args),),))
        return value.args[1][0]
    if not all(_below_one(s, reading) for s in condition.free_symbols):
        journal.assume(((condition,),))
    return branch


def _below_one(symbol: Any, reading: Reading) -> bool:
    for name, kind in reading.types.items():
        if name.key == symbol.name and kind.lower is not None and kind.upper is not None:
            low, high = (to_sympy(b.value, {}) for b in (kind.lower, kind.upper))
            above = low > -1 or (low == -1 and kind.lower.strict)
            return bool(above) and bool(high < 1 or (high == 1 and kind.upper.strict))
    return False
