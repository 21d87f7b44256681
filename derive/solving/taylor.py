"""Taylor polynomials of scalar functions of one variable.

In: a reading of `taylor f at x = a order k`. Out: a Solution. A function with a kink, a jump or a pole at the point has none there.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.derivation import Rewrite, Step
from derive.errors import DoesNotExist, TooLarge
from derive.expressions.from_sympy import from_sympy
from derive.expressions.inline import inline
from derive.expressions.nodes import expand_definitions
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.rules.limits_and_integrals import TAYLOR, TAYLOR_COEFFICIENT
from derive.solution import Solution
from derive.solving.journal import Journal
from derive.solving.simplification import shortened
from derive.solving.tasks import solution

__all__ = ["solve_taylor"]

MOST_ORDER = 12
_JUMPS = (sp.DiracDelta, sp.nan, sp.zoo, sp.oo)
_KINKED = (sp.Abs, sp.Max, sp.Min, sp.sign, sp.Heaviside, sp.Piecewise, sp.floor, sp.ceiling)


def solve_taylor(reading: Reading) -> Solution:
    """The Taylor polynomial, without its remainder. Raises TooLarge beyond the allowed order, DoesNotExist without derivatives."""
    f, x, place, order = (to_sympy(a, reading.types) for a in reading.expanded.args[:4])
    if not order.is_Integer or order < 0 or order > MOST_ORDER:
        raise TooLarge(f"a Taylor polynomial of an order other than 0 … {MOST_ORDER}")
    journal = Journal(f)
    total, current = sp.S.Zero, f
    for k in range(int(order) + 1):
        value = shortened(current.subs(x, place))
        value = shortened(expand_definitions(value)) if not value.free_symbols else value
        _refuse_kink(current, value, x, place, k)
        held = sp.Subs(sp.Derivative(f, (x, k), evaluate=False) if k else f, x, place)
        shown = Rewrite(value, ("the derivative of order ", sp.Integer(k), " is ", current)) if k else Rewrite(value)
        journal.record(TAYLOR_COEFFICIENT, shown, held, value, (held, value))
        total += value / sp.factorial(k) * (x - place) ** k
        current = sp.diff(current, x)
    parts = [sp.Subs(sp.Derivative(total, (x, k), evaluate=False) if k else total, x, place) for k in range(int(order) + 1)]
    goals = [sp.Subs(sp.Derivative(f, (x, k), evaluate=False) if k else f, x, place) for k in range(int(order) + 1)]
    part = (sp.Tuple(*goals), sp.Tuple(*parts))
    journal.add(Step(TAYLOR.id, TAYLOR.title, f, total, relation="≈", part=part, formula=TAYLOR.formula))
    return solution(journal, total)


def _refuse_kink(current: Any, value: Any, x: Any, place: Any, order: int) -> None:
    """Raises DoesNotExist where the derivative of this order has no value at the place, or not the same from both sides."""
    what = f"the derivative of order {order}" if order else "the function"
    at = f"{x} = {inline(from_sympy(place))}"
    if value.has(*_JUMPS) and not value.has(sp.DiracDelta):
        raise DoesNotExist(f"{what} does not exist at {at}: there is no Taylor polynomial of this order there")
    if value.is_real is False or value.has(sp.I):
        raise DoesNotExist(f"{what} is no real number at {at}")
    plain = expand_definitions(current)
    if not plain.has(*_KINKED, sp.DiracDelta):
        return
    plain = plain.replace(lambda e: isinstance(e, sp.DiracDelta), lambda e: sp.S.Zero)
    near = sp.Dummy("h", positive=True)
    right, left = (sp.simplify(plain.subs(x, place + sign * near).subs(near, 0)) for sign in (1, -1))
    if any(v.has(*_JUMPS) for v in (left, right)):
        return
    if sp.simplify(left - right) != 0 or sp.simplify(left - value) != 0:
        if order and left == right and value.has(*_JUMPS):
            raise DoesNotExist(f"{what} does not exist at {at}, where the one before has a jump")
        said = f"from the left it is {inline(from_sympy(left))}, from the right {inline(from_sympy(right))}"
        raise DoesNotExist(f"{what} does not exist at {at}, where the function has a kink or a jump: {said}")
