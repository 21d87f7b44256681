"""Limits of scalar functions of one variable.

In: a reading with limits. Out: a Solution. Limits that do not exist, or are infinite, are refused
with what the two sides do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from derive.checking.evaluate import evaluate
from derive.checking.frame import Unevaluable, undefined
from derive.deadline import deadline
from derive.derivation import Prose, Rewrite, Rule
from derive.errors import DoesNotExist, NotSupported, TimeLimit
from derive.expressions.from_sympy import from_sympy
from derive.expressions.inline import inline
from derive.expressions.nodes import expand_definitions
from derive.expressions.term import Name
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading, Type
from derive.rules.limits_and_integrals import CANCEL, CLOSED_FORM, HOPITAL, LIMIT_BY_CASES, SIMPLIFIED, SUBSTITUTE, SYMPY_LIMIT
from derive.solution import Solution
from derive.solving.assumed import assuming, required, shifted
from derive.solving.journal import Journal
from derive.solving.places import with_replaced
from derive.solving.simplification import shortened
from derive.solving.tasks import solution

__all__ = ["limit_value", "solve_limit"]

SECONDS = 6.0
MOST_ROUNDS = 4
MOST_LIMITS = 6
MOST_ASSUMED = 3


def solve_limit(reading: Reading) -> Solution:
    """The expression with its limits worked out, under signs of undeclared parameters where it takes them.

    Raises DoesNotExist where sides differ, where one is infinite or oscillates.
    """
    try:
        return _solved(reading)
    except NotSupported:
        expression = to_sympy(reading.expanded, reading.types)
        further = assuming(reading, sorted(expression.free_symbols, key=str)[:MOST_ASSUMED])
        if further is None or not further[1]:
            raise
        return _solved(*further)


def _solved(reading: Reading, assumed: tuple[Prose, ...] = ()) -> Solution:
    whole = to_sympy(reading.expanded, reading.types)
    journal = Journal(whole)
    journal.assume(assumed)
    for _ in range(MOST_LIMITS):
        node = next((n for n in sp.preorder_traversal(whole) if isinstance(n, sp.Limit) and not n.args[0].has(sp.Limit)), None)
        if node is None:
            break
        whole = _worked_out(whole, node, journal, reading.types)
    value = shortened(whole)
    if value != whole:
        journal.record(SIMPLIFIED, Rewrite(value), whole, value, (whole, value))
    done = solution(journal, value)
    return replace(done, types=reading.types) if assumed else done


def _worked_out(whole: Any, node: Any, journal: Journal, types: Mapping[Name, Type]) -> Any:
    """The whole with the value of a limit in its place."""
    body, x, place, side = node.args
    direction = str(side)
    if body.has(sp.Sum):
        closed = _with_closed_sums(body, types)
        other = _held(closed, x, place, direction)
        after = with_replaced(whole, node, other, set())
        journal.record(CLOSED_FORM, Rewrite(after), whole, after, (body, closed))
        whole, node, body = after, other, closed
    direction = _real_side(body, x, place, direction, journal)
    try:
        known, back = shifted(body, types, fractions=True, but=x)
        value, cases = limit_value(known, x, place, direction).xreplace(back), False
    except NotSupported:
        value, cases = _by_sign(body, x, place, direction), True
        if value is None:
            raise
    current = body

    def record(rule: Rule, new: Any, because: Prose = ()) -> Any:
        old = _held(current, x, place, direction)
        before, after = with_replaced(whole, node, old, set()), with_replaced(whole, node, new, set())
        journal.record(rule, Rewrite(after, because), before, after, (old, new))
        return after

    if cases:
        return record(LIMIT_BY_CASES, value)
    for _ in range(MOST_ROUNDS):
        if _continuous(current, x, place, value):
            return record(SUBSTITUTE, value, ("with ", sp.Eq(x, place, evaluate=False)))
        shorter = _cancelled(current, x)
        if shorter is not None:
            record(CANCEL, _held(shorter, x, place, direction))
            current = shorter
            continue
        quotient = _hopital(current, x, place, direction, value)
        if quotient is None:
            break
        record(HOPITAL, _held(quotient, x, place, direction), ("numerator and denominator are differentiated",))
        current = quotient
    return record(SYMPY_LIMIT, value)


def _real_side(body: Any, x: Any, place: Any, direction: str, journal: Journal) -> str:
    """The side from which a function of x alone is real: of √x at 0 the right. DoesNotExist where it is not real on the side asked for."""
    if body.free_symbols != {x} or not place.is_number or place.is_infinite:
        return direction
    real = {side: _is_real_beside(body, x, place, side) for side in direction}
    if all(real.values()):
        return direction
    if not any(real.values()):
        raise DoesNotExist(f"the limit does not exist: {inline(from_sympy(body))} is no real number on this side of the place")
    (side,) = (s for s, is_real in real.items() if is_real)
    words = "left" if side == "+" else "right"
    journal.note(((f"the function is no real number to the {words} of the place: the limit is the one from the other side",),))
    return side


def _is_real_beside(body: Any, x: Any, place: Any, side: str) -> bool:
    """False only where the function has a value that is not real at all three places near by."""
    for distance in (sp.Rational(1, 97), sp.Rational(1, 10**4 + 7), sp.Rational(1, 10**6 + 3)):
        try:
            value = evaluate(body, {x: place + distance if side == "+" else place - distance}, 30)
            value = complex(value)
        except (Unevaluable, ArithmeticError, ValueError, TypeError):
            return True
        if undefined(value) or abs(value.imag) <= 1e-20 * (1 + abs(value)):
            return True
    return False


def _by_sign(body: Any, x: Any, place: Any, direction: str) -> Any | None:
    """The limit for either sign of the one parameter and for 0, as cases; None with more parameters or where a case has no limit."""
    parameters = [s for s in body.free_symbols - {x} if isinstance(s, sp.Symbol)]
    if len(parameters) != 1 or place.has(parameters[0]) or parameters[0].is_nonnegative or parameters[0].is_nonpositive:
        return None
    (s,) = parameters
    signed = [sp.Symbol(s.name, positive=True), sp.Symbol(s.name, negative=True), sp.S.Zero]
    try:
        found = (limit_value(body.xreplace({s: v}), x, place, direction) for v in signed)
        above, below, middle = (shortened(expand_definitions(v)) if not v.free_symbols else v for v in found)
    except (NotSupported, DoesNotExist):
        return None
    above, below = (v.xreplace({w: s}) for v, w in zip((above, below), signed, strict=False))
    if above == below == middle:
        return above
    return sp.Piecewise((above, s > 0), (below, s < 0), (middle, True))


def _with_closed_sums(body: Any, types: Mapping[Name, Type]) -> Any:
    """The body with its sums in closed form; NotSupported where one has none."""
    try:
        with deadline(SECONDS):
            closed = body.replace(lambda e: isinstance(e, sp.Sum), lambda e: e.doit())
    except (TimeLimit, NotImplementedError, ValueError, TypeError):
        raise NotSupported("this limit of a sum") from None
    for node in closed.atoms(sp.Piecewise):
        condition = node.args[0][1]
        apart = condition.lhs - condition.rhs if isinstance(condition, sp.Eq) and len(node.args) == 2 else sp.S.Zero
        if apart != 0 and not (required((apart,), types) and required((-apart,), types)):
            closed = closed.xreplace({node: node.args[1][0]})  # q = 1 is not in the declared interval
    if closed.has(sp.Sum, sp.Piecewise):
        raise NotSupported("this limit of a sum")
    return closed


def _held(body: Any, x: Any, place: Any, direction: str) -> Any:
    if place.is_infinite:
        return sp.Limit(body, x, place)
    return sp.Limit(body, x, place, dir=direction)


def limit_value(body: Any, x: Any, place: Any, direction: str) -> Any:
    """The limit as a finite number, or the reason why there is none."""
    try:
        with deadline(SECONDS):
            if place.is_infinite:
                values = [sp.limit(body, x, place)]
            else:
                values = [sp.limit(body, x, place, side) for side in (("+", "-") if direction == "+-" else (direction,))]
    except TimeLimit:
        raise NotSupported("this limit, within the time that it may take") from None
    except (NotImplementedError, ValueError, TypeError):
        raise NotSupported("this limit") from None
    if any(v.has(sp.Limit) for v in values):
        raise NotSupported("this limit")
    if all(v.has(sp.AccumBounds, sp.nan) for v in values):
        raise DoesNotExist("the limit does not exist: the function oscillates")
    shown = [inline(from_sympy(v)) if not v.has(sp.AccumBounds) else "no single value" for v in values]
    if len(values) == 2 and values[0] != values[1] and sp.simplify(values[0] - values[1]) != 0:
        raise DoesNotExist(f"the limit does not exist: from the left it is {shown[1]}, from the right {shown[0]}")
    value = values[0]
    if value.has(sp.AccumBounds, sp.nan):
        raise DoesNotExist("the limit does not exist: the function oscillates")
    if value.has(sp.oo) and value not in (sp.oo, -sp.oo) and value.free_symbols:
        raise NotSupported("this limit, which depends on the parameters")
    if value.is_infinite or value.has(sp.zoo, sp.oo):
        raise DoesNotExist(f"the limit does not exist as a number: the function tends to {shown[0]}")
    return shortened(value)


def _continuous(body: Any, x: Any, place: Any, value: Any) -> bool:
    if place.is_infinite:
        return not body.has(x)
    at = body.subs(x, place)
    return not at.has(sp.nan, sp.zoo, sp.oo) and sp.simplify(at - value) == 0


def _cancelled(body: Any, x: Any) -> Any | None:
    """The same function with a common factor cancelled."""
    if not body.is_rational_function(x):
        return None
    shorter = sp.factor_terms(sp.cancel(sp.expand(body)))
    return shorter if sp.denom(sp.together(shorter)) != sp.denom(sp.together(body)) and shorter != body else None


def _hopital(body: Any, x: Any, place: Any, direction: str, value: Any) -> Any | None:
    """f′/g′ of a quotient of the form 0/0 or ∞/∞ that has the limit, too, unless it is longer than the quotient was."""
    above, below = sp.fraction(sp.together(body))
    if not below.has(x):
        return None
    side = "+" if direction == "+-" else direction
    try:
        ends = [sp.limit(part, x, place, side) for part in (above, below)]
    except (NotImplementedError, ValueError, TypeError):
        return None
    if not (all(e == 0 for e in ends) or all(e.is_infinite for e in ends)):
        return None
    slope = sp.diff(below, x)
    if slope == 0:
        return None
    found = sp.cancel(sp.diff(above, x) / slope) if body.is_rational_function(x) else sp.diff(above, x) / slope
    if found.count_ops() > body.count_ops() + 6:
        return None
    try:
        with deadline(SECONDS):
            same = sp.simplify(sp.limit(found, x, place, side) - value) == 0
    except (TimeLimit, NotImplementedError, ValueError, TypeError):
        return None
    return found if same else None
