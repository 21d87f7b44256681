"""Limits and Taylor polynomials of scalar functions of one variable.

In: a reading of `lim_{x→a} f` or `taylor f at x = a order k`. Out: a Solution. Limits that do not exist, or are infinite, are refused
with what the two sides do.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.deadline import deadline
from derive.derivation import Rewrite
from derive.errors import DoesNotExist, NotSupported, TimeLimit, TooLarge
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.rules.limits_and_integrals import CANCEL, HOPITAL, SUBSTITUTE, SYMPY_LIMIT, TAYLOR, TAYLOR_COEFFICIENT
from derive.solution import Solution
from derive.solving.journal import Journal
from derive.solving.simplification import shortened
from derive.solving.tasks import solution

__all__ = ["limit_value", "solve_limit", "solve_taylor"]

SECONDS = 6.0
MOST_ROUNDS = 4
MOST_ORDER = 12


def solve_limit(reading: Reading) -> Solution:
    """The value of the limit. Raises DoesNotExist where the sides differ, where it is infinite or oscillates."""
    term = reading.expanded
    body, x, place = (to_sympy(a, reading.types) for a in term.args[:3])
    direction = str(term.data) if term.data in ("+", "-") else "+-"
    value = limit_value(body, x, place, direction)
    journal = Journal(_held(body, x, place, direction))
    current = body
    for _ in range(MOST_ROUNDS):
        whole = _held(current, x, place, direction)
        if _continuous(current, x, place, value):
            journal.record(SUBSTITUTE, Rewrite(value, ("with ", sp.Eq(x, place, evaluate=False))), whole, value, (whole, value))
            return solution(journal, value)
        shorter = _cancelled(current, x)
        if shorter is not None:
            after = _held(shorter, x, place, direction)
            journal.record(CANCEL, Rewrite(after), whole, after, (whole, after))
            current = shorter
            continue
        quotient = _hopital(current, x, place, direction)
        if quotient is None:
            break
        after = _held(quotient, x, place, direction)
        journal.record(HOPITAL, Rewrite(after, ("numerator and denominator are differentiated",)), whole, after, (whole, after))
        current = quotient
    whole = _held(current, x, place, direction)
    journal.record(SYMPY_LIMIT, Rewrite(value), whole, value, (whole, value))
    return solution(journal, value)


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
    shown = [plain(from_sympy(v)) if not v.has(sp.AccumBounds) else "no single value" for v in values]
    if len(values) == 2 and sp.simplify(values[0] - values[1]) != 0 and not any(v.has(sp.Limit) for v in values):
        raise DoesNotExist(f"the limit does not exist: from the left it is {shown[1]}, from the right {shown[0]}")
    value = values[0]
    if value.has(sp.AccumBounds, sp.nan):
        raise DoesNotExist("the limit does not exist: the function oscillates")
    if value.is_infinite or value.has(sp.zoo, sp.oo):
        raise DoesNotExist(f"the limit does not exist as a number: the function tends to {shown[0]}")
    if value.has(sp.Limit):
        raise NotSupported("this limit")
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


def _hopital(body: Any, x: Any, place: Any, direction: str) -> Any | None:
    """f′/g′ of a quotient of the form 0/0 or ∞/∞, unless it is longer than the quotient was."""
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
    return found if found.count_ops() <= body.count_ops() + 6 else None


def solve_taylor(reading: Reading) -> Solution:
    """The Taylor polynomial, without its remainder. Raises TooLarge beyond the allowed order, DoesNotExist without derivatives."""
    f, x, place, order = (to_sympy(a, reading.types) for a in reading.expanded.args[:4])
    if not order.is_Integer or order < 0 or order > MOST_ORDER:
        raise TooLarge(f"a Taylor polynomial of an order other than 0 … {MOST_ORDER}")
    journal = Journal(f)
    total, current = sp.S.Zero, f
    for k in range(int(order) + 1):
        value = shortened(current.subs(x, place))
        if value.has(sp.nan, sp.zoo, sp.oo):
            raise DoesNotExist(f"the derivative of order {k} does not exist at {x} = {plain(from_sympy(place))}")
        held = sp.Subs(sp.Derivative(f, (x, k), evaluate=False) if k else f, x, place)
        shown = Rewrite(value, ("the derivative of order ", sp.Integer(k), " is ", current)) if k else Rewrite(value)
        journal.record(TAYLOR_COEFFICIENT, shown, held, value, (held, value))
        total += value / sp.factorial(k) * (x - place) ** k
        current = sp.diff(current, x)
    parts = [sp.Subs(sp.Derivative(total, (x, k), evaluate=False) if k else total, x, place) for k in range(int(order) + 1)]
    goals = [sp.Subs(sp.Derivative(f, (x, k), evaluate=False) if k else f, x, place) for k in range(int(order) + 1)]
    journal.record(TAYLOR, Rewrite(total), f, total, (sp.Tuple(*goals), sp.Tuple(*parts)))
    return solution(journal, total)
