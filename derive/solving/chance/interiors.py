"""Whether a maximum lies inside the domain of its unknown: where the prior is unbounded at an end, or may be, that is an assumption.

In: ℓ + log p(θ) as a SymPy expression, the unknown, the ends of the prior's support and the observed data. Out: the conditions under which
the function falls to −∞, or stays level, towards the ends. Near a finite end e the function is c log |θ − e| + (what stays bounded): it
falls for c > 0, is level for c = 0, and grows without bound for c < 0 – then no maximum exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from derive.derivation import Prose
from derive.errors import Undetermined
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Term
from derive.solving.chance.observations import Observation

__all__ = ["interior_conditions"]


def interior_conditions(objective: Any, unknown: Any, ends: Sequence[Any], seen: Sequence[Observation]) -> tuple[Prose, ...]:
    """Assumptions under which the stationary point is the maximum. Raises Undetermined where the function is certainly unbounded."""
    found: list[Prose] = []
    for end, side in zip(ends, (1, -1), strict=True):
        if end is None or not sp.sympify(end).is_finite:
            continue
        weight = _weight(objective, unknown, end, side)
        if weight is None or weight == 0:
            continue
        least = _extreme_value(weight, seen, least=True)
        if least is not None and sp.sympify(least).is_nonnegative:
            continue
        most = _extreme_value(weight, seen, least=False)
        if weight.is_negative or (most is not None and sp.sympify(most).is_negative):
            raise Undetermined(
                f"the posterior density grows without bound towards {plain(from_sympy(unknown))} = {plain(from_sympy(sp.sympify(end)))}: "
                "it has no maximum"
            )
        place = Term("rel", (from_sympy(unknown), from_sympy(sp.sympify(end))), "=")
        found.append((_positive(weight), ": otherwise the density grows without bound towards ", place))
    return tuple(found)


def _weight(objective: Any, unknown: Any, end: Any, side: int) -> Any:
    """c of c log |θ − e|; None where something else is unbounded at e, which then decides."""
    distance = sp.expand(side * (unknown - end))
    weight: Any = sp.S.Zero
    for term in sp.Add.make_args(sp.expand(sp.expand_log(objective, force=True))):
        if not term.has(unknown):
            continue
        factor, rest = term.as_independent(unknown, as_Add=False)
        if isinstance(rest, sp.log) and sp.expand(rest.args[0] - distance) == 0:
            weight += factor
            continue
        if isinstance(rest, sp.Sum):
            return None
        value = rest.subs(unknown, end)
        if not value.is_finite and (value.is_infinite or value.has(sp.zoo, sp.oo, -sp.oo, sp.nan)):
            return None
    return weight


def _positive(weight: Any) -> Any:
    """c > 0, with the number on the right: a + k > 1; in whole numbers k >= 1 for k − 1/2 > 0."""
    number, rest = weight.as_coeff_Add()
    if rest == 0:
        return sp.Gt(weight, 0)
    scale, inner = rest.as_coeff_Mul()
    if scale.is_positive and not isinstance(inner, sp.Add):
        number, rest = number / scale, inner
    if rest.is_integer and not number.is_integer:
        return sp.Ge(rest, sp.ceiling(-number), evaluate=False)
    return sp.Gt(rest, -number, evaluate=False)


def _extreme_value(weight: Any, seen: Sequence[Observation], *, least: bool) -> Any:
    """The least or largest value that c has for data in their supports; None where the data are not simple in it."""
    value = weight
    for observation in seen:
        support = observation.law.family.support(*observation.law.values)
        if isinstance(observation.data, tuple) or support.lower is None:
            continue
        for place in _places(value, observation):
            slope = sp.diff(value, place) if not isinstance(place, sp.Sum) else value.coeff(place)
            if slope.has(place) or not (slope.is_positive or slope.is_negative):
                return None
            bound = support.lower if bool(slope.is_positive) == least else support.upper
            value = sp.expand(value.subs(place, bound * observation.size if isinstance(place, sp.Sum) else bound))
    return value


def _places(value: Any, observation: Observation) -> list[Any]:
    """Where the datum, or the sum of the data, stands."""
    data = observation.data
    if observation.index is None:
        return [data] if isinstance(data, sp.Symbol) and value.has(data) else []
    return [s for s in value.atoms(sp.Sum) if s.function == data]
