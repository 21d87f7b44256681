"""E[g(X) | A] for an event A about X itself: the truncated law.

In: a function of one variable, the variable, its law, the event. Out: a `Value`, or None where there is no closed form here. An event of
probability zero, and a mean that does not exist, are a DoesNotExist.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import S

from derive.derivation import Prose
from derive.errors import DoesNotExist
from derive.probability.family import Distribution
from derive.rules import chance_expectation as rules
from derive.solving.chance.lotus import Value, expectation_of_sum, said, settle, settle_tails, shown, support_of
from derive.solving.chance.partial import mass, partial
from derive.solving.chance.pieces import Order, intervals, pieces

__all__ = ["given_event"]

MAX_FINITE = 24


def given_event(body: Any, x: Any, law: Distribution, event: Any) -> Value | None:
    """E[body | event], the event being one about x: the truncated law."""
    if law.family.discrete:
        return _given_discrete(body, x, law, event)
    support = law.family.support(*law.values)
    order = Order()
    found = intervals(event, x, support.lower, support.upper, order)
    if found is None:
        return None
    assumed: list[Prose] = [(c,) for c in order.conditions]
    if not found:
        raise DoesNotExist(f"the condition has probability 0 under {shown(law)}")
    if law.name == "Exponential" and len(found) == 1 and found[0][1] is S.Infinity and body == x:
        return Value(found[0][0] + 1 / law.values[0], rules.MEMORYLESS, said(x, law), tuple(assumed))
    above, below = S.Zero, S.Zero
    for low, high in found:
        weight = mass(law, low, high)
        inner = pieces(body, x, low, high, order)
        if inner is not None:
            assumed += settle_tails(body, inner, x, law)
        if weight is None or inner is None:
            return None
        below += weight
        for piece in inner:
            part = partial(piece.body, x, law, piece.low, piece.high)
            if part is None:
                return None
            above += part.value
            assumed += settle(part.condition, body, x, law)
    if below == 0:
        raise DoesNotExist(f"the condition has probability 0 under {shown(law)}")
    if law.name == "Normal":
        quotient = sp.Add(*(_cancelled(t, below) for t in sp.Add.make_args(sp.expand(above, deep=False))))
    else:
        quotient = sp.simplify(above / below)
    return Value(quotient, rules.TRUNCATED, said(x, law), tuple(assumed))


def _cancelled(term: Any, below: Any) -> Any:
    return sp.cancel(term / below) if term.has(below) and not term.is_Add else term / below


def _given_discrete(body: Any, x: Any, law: Distribution, event: Any) -> Value | None:
    weights = support_of(law, True)
    if weights is not None:
        chosen = {k: w for k, w in weights.items() if event.subs(x, k) == S.true}
        below = sp.Add(*chosen.values())
        if below == 0:
            raise DoesNotExist(f"the condition has probability 0 under {shown(law)}")
        return Value(sp.simplify(sp.Add(*(w * body.subs(x, k) for k, w in chosen.items())) / below), rules.TRUNCATED, said(x, law))
    if (
        law.name == "Geometric"
        and isinstance(event, sp.Gt)
        and event.lhs == x
        and event.rhs.is_integer
        and event.rhs.is_nonnegative
        and body == x
    ):
        return Value(event.rhs + 1 / law.values[0], rules.MEMORYLESS, said(x, law))
    support = law.family.support(*law.values)
    if not isinstance(event, (sp.Gt, sp.Ge)) or event.lhs != x or not event.rhs.is_Integer or not support.lower.is_Integer:
        return None
    first = event.rhs + 1 if isinstance(event, sp.Gt) else event.rhs
    if first - support.lower > MAX_FINITE or law.family.density is None:
        return None
    points = [sp.Integer(k) for k in range(int(support.lower), int(first))]
    whole = expectation_of_sum(sp.expand(body), x, law)
    if whole is None:
        return None
    lost = sp.Add(*(law.family.density(k, *law.values) * body.subs(x, k) for k in points))
    below = 1 - sp.Add(*(law.family.density(k, *law.values) for k in points))
    return Value((whole - lost) / below, rules.TRUNCATED, said(x, law))
