"""Iterated integrals: what is known of the variables inside, and the order of integration.

In: an expression with iterated integrals. Out: the same with the sign of its variables known, their ranges as types, or another order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from derive.derivation import Rewrite
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Name
from derive.meaning.scope import Bound, Type
from derive.rules.limits_and_integrals import EXCHANGE_ORDER
from derive.solving.half_planes import slices
from derive.solving.journal import Journal
from derive.solving.places import with_replaced

__all__ = ["bound_types", "exchanged", "inside"]


def inside(whole: Any) -> Any:
    """The expression in which variables of integration that run through positive (negative) numbers only are symbols that say so."""
    for found in list(whole.atoms(sp.Integral)):
        node = found
        for limit in reversed(node.limits):  # the outermost first: the inner bounds may be positive because of it
            if len(limit) != 3 or limit[0].is_positive or limit[0].is_negative:
                continue
            x, low, high = limit
            above, below = low.is_nonnegative and high.is_nonnegative, low.is_nonpositive and high.is_nonpositive
            sign = "positive" if above else "negative"
            if above or below:
                fresh = sp.Symbol(x.name, **{sign: True})
                new = _renamed(node, x, fresh)
                whole, node = with_replaced(whole, node, new, set()), new
    return whole


def _renamed(node: Any, x: Any, fresh: Any) -> Any:
    limits = [tuple(part.xreplace({x: fresh}) for part in limit) for limit in node.limits]
    return sp.Integral(node.function.xreplace({x: fresh}), *limits)


def bound_types(whole: Any, types: Mapping[Name, Type]) -> dict[Name, Type]:
    """The ranges of the variables of outer integrals as types: an inner integral is checked for such values of them."""
    free = {s.name for s in whole.free_symbols if isinstance(s, sp.Symbol)}
    found: dict[Name, Type] = {}
    for node in whole.atoms(sp.Integral):
        for limit in node.limits[1:]:
            name = Name.from_key(limit[0].name)
            if len(limit) != 3 or limit[0].name in free or name in found:
                continue
            low, high = (None if e.is_infinite else Bound(from_sympy(e)) for e in limit[1:])
            if limit[1].is_number and limit[2].is_number and not limit[1] < limit[2]:
                continue
            found[name] = Type("real", lower=low, upper=high)
    return found


def exchanged(whole: Any, node: Any, journal: Journal) -> Any | None:
    """The whole with the two innermost integrations of `node` in the other order; None where that is not possible, or was done before."""
    if len(node.limits) < 2 or any(len(limit) != 3 for limit in node.limits[:2]):
        return None
    if any(step.rule == EXCHANGE_ORDER.id for step in journal.steps):
        return None
    (x, g, h), (y, a, b) = node.limits[:2]
    if a.has(x) or b.has(x):
        return None
    conditions = [y - a, b - y, x - g, h - x]
    bounds = slices([part for c in conditions if not c.has(sp.oo) for part in _squared(c)], y, x)
    if bounds is None:
        return None
    other = sp.Integral(node.function, *bounds, *node.limits[2:])
    after = with_replaced(whole, node, other, set())
    part = (sp.Integral(node.function, *node.limits[:2]), sp.Integral(node.function, *bounds))
    journal.record(EXCHANGE_ORDER, Rewrite(after), whole, after, part)
    return after


def _squared(condition: Any) -> list[Any]:
    """A − √B ≥ 0 as A ≥ 0 and A² − B ≥ 0; √B − A ≥ 0 for A ≥ 0 as B − A² ≥ 0."""
    for term in sp.Add.make_args(condition):
        number, root = term.as_coeff_Mul()
        if not (root.is_Pow and root.exp == sp.S.Half):
            continue
        rest = condition - term
        if number.is_negative:
            return [rest, sp.expand(rest**2 - number**2 * root.base)]
        if (-rest).is_nonnegative:
            return [sp.expand(number**2 * root.base - rest**2)]
    return [condition]
