"""Unknowns that are confined to less than what the laws of the data ask for: the maximum may be at an end of the domain.

In: the unknowns of an estimation, the declarations and the prior. Out: their ends; maxima moved to the end beyond which they would lie; and
maxima of functions that only rise or only fall.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sympy as sp

from derive.derivation import Claim, Prose
from derive.errors import Undetermined
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Declaration
from derive.probability.affine import affine_ends
from derive.probability.model import Model
from derive.rules.chance_inference import BOUNDARY
from derive.solving.chance.observations import Observation
from derive.solving.chance.steps import step
from derive.solving.journal import Journal
from derive.solving.simplification import shortened

__all__ = ["Range", "Said", "confinement", "keep_inside", "natural_range", "rises_or_falls", "slope_sign"]

_NATURAL = {"positive": (0, sp.oo), "nonnegative": (0, sp.oo), "probability": (0, 1), "natural": (0, sp.oo), "whole": (0, sp.oo)}


class Range(NamedTuple):
    """The ends of a domain; None where the laws of the data set that end, or nothing does."""

    lower: Any = None
    upper: Any = None

    @property
    def is_open(self) -> bool:
        """Whether there is no end."""
        return self.lower is None and self.upper is None


class Said(NamedTuple):
    """What earlier lines say of names: declarations, and inequalities such as sigma^2 > 1."""

    declared: Mapping[Name, Declaration]
    inequalities: Sequence[Term] = ()


def natural_range(symbol: Any, seen: Sequence[Observation]) -> tuple[Any, Any]:
    """Where the laws of the data allow the unknown to be."""
    low, high = -sp.oo, sp.oo
    for observation in seen:
        law = observation.law
        asked = [(p.domain, law.parameters[p.name]) for p in law.family.parameters]
        if law.name == "Uniform":
            asked.append(("positive", sp.expand(law.parameters["b"] - law.parameters["a"])))
        for domain, value in asked:
            if domain not in _NATURAL or not isinstance(value, sp.Basic) or not value.has(symbol):
                continue
            ends = affine_ends(value, domain)
            found = (ends.lower, ends.upper) if ends is not None and ends.symbol == symbol else (0, sp.oo)
            low, high = sp.Max(low, found[0]), sp.Min(high, found[1])
    return low, high


def confinement(term: Term, symbol: Any, model: Model, seen: Sequence[Observation], said_of: Said, others: Sequence[Any]) -> Range:
    """The ends that are declared, or that the prior has, and that are narrower than what the laws of the data ask for."""
    natural = natural_range(symbol, seen)
    lows, highs = [], []
    base, power = (term, sp.S.One) if term.head != "pow" else (term.args[0], to_sympy(term.args[1], model.types))
    said = said_of.declared.get(base.data) if base.head == "name" else None
    if said is not None:  # σ > 1 says σ² > 1
        lows += [to_sympy(said.type.lower.value, model.types)] if said.type.lower is not None else []
        highs += [to_sympy(said.type.upper.value, model.types)] if said.type.upper is not None else []
        lows, highs = ([b**power for b in ends if power == 1 or b.is_nonnegative] for ends in (lows, highs))
    for relation in said_of.inequalities:
        sides = relation.args if relation.args[0] == term else relation.args[::-1] if relation.args[1] == term else None
        if sides is not None:
            below = (relation.data in (">", ">=")) == (sides is relation.args)
            (lows if below else highs).append(to_sympy(sides[1], model.types))
    law = next((v.law for v in model.variables.values() if v.symbol == symbol), None)
    if law is not None:
        support = law.family.support(*law.values)
        lows.append(support.lower)
        highs.append(support.upper)
    lows = [b for b in lows if b not in (natural[0], -sp.oo) and sp.Le(b, natural[0]) != sp.true and not b.has(*others)]
    highs = [b for b in highs if b not in (natural[1], sp.oo) and sp.Ge(b, natural[1]) != sp.true and not b.has(*others)]
    return Range(sp.Max(*lows) if lows else None, sp.Min(*highs) if highs else None)


def keep_inside(symbol: Any, value: Any, ends: Range, objective: Any, journal: Journal) -> Any:
    """The value, or the end that it lies beyond: of a function with one maximum the end is the best there."""
    kept = value if ends.lower is None else sp.Max(ends.lower, value)
    kept = kept if ends.upper is None else sp.Min(ends.upper, kept)
    if kept == value:
        return value
    because: Prose = ("the function has one maximum: beyond the end of the domain, the end is the best",)
    before, after = (sp.Eq(symbol, v, evaluate=False) for v in (value, kept))
    journal.add(step(BOUNDARY, before, after, "⇒", because, claim=Claim("maximum", objective, (kept,), (symbol,))))
    return kept


def rises_or_falls(objective: Any, symbol: Any, domain: tuple[Any, Any], closed: bool, journal: Journal) -> Any:
    """The end at which a function that only rises, or only falls, is largest; None where it does neither.

    `closed` says whether the ends belong to the domain. Raises Undetermined where the end does not, or where there is none.
    """
    if objective.has(sp.Sum):
        return None
    slope = shortened(sp.diff(objective, symbol))
    sign = _sign(slope, symbol, domain)
    if not sign:
        return None
    end = domain[1] if sign > 0 else domain[0]
    name = plain(from_sympy(symbol))
    word = "rises" if sign > 0 else "falls"
    if not sp.sympify(end).is_finite:
        raise Undetermined(f"the function {word} in {name} without end: it has no maximum")
    if not closed:
        shown = plain(from_sympy(sp.sympify(end)))
        raise Undetermined(
            f"the function {word} in {name}: it is largest towards {name} = {shown}, which is no value of {name} (not attained)"
        )
    because: Prose = (f"the function {word} on the whole domain: its slope is ", slope)
    result = sp.Eq(symbol, end, evaluate=False)
    journal.add(step(BOUNDARY, objective, result, "⇒", because, claim=Claim("at-most", -slope if sign > 0 else slope, sp.S.Zero)))
    journal.note((("the maximum is at the end of the domain: the score is not zero there",),))
    return sp.sympify(end)


def slope_sign(objective: Any, symbol: Any, domain: tuple[Any, Any]) -> int:
    """1 or −1 where the function certainly rises or falls on the domain; 0 for any other."""
    return _sign(shortened(sp.diff(objective, symbol)), symbol, domain)


def _sign(slope: Any, symbol: Any, domain: tuple[Any, Any]) -> int:
    """1 or −1 where the slope has that sign on the whole domain; 0 where it is not certain."""
    u = sp.Dummy("u", positive=True)
    low, high = map(sp.sympify, domain)
    if low.is_finite and high.is_finite:
        place = low + (high - low) * u / (1 + u)
    elif low.is_finite:
        place = low + u
    elif high.is_finite:
        place = high - u
    else:
        place = sp.Dummy("u", real=True)
    value = sp.factor(sp.together(slope.subs(symbol, place)))
    return 1 if value.is_positive else -1 if value.is_negative else 0
