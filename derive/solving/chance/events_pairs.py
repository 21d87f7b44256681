"""Events that compare several variables: sums of Gaussians, of counts, races of exponentials.

In: a model and an event such as X > Y or X + Y ≤ c. Out: steps, the value and what it assumes; None where no closed law is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp

from derive.derivation import Prose, Rule, Step
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import symbol as symbol_of_name
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Type
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution
from derive.probability.model import Model
from derive.probability.outcomes_listed import law_of, refuse_unrelated
from derive.rules import chance_events as rules
from derive.solving.chance.events_masses import Masses
from derive.solving.chance.events_regions import Regions

__all__ = ["by_pair"]

Found = tuple[list[Step], Any, tuple[Prose, ...]]


def by_pair(model: Model, types: Mapping[Name, Type], event: Term, names: Sequence[Name]) -> Found | None:
    """P(event) for a relation between linear combinations of independent variables."""
    if event.head != "rel" or event.data not in ("<", "<=", ">", ">=", "="):
        return None
    laws = {n: law_of(model, n) for n in names}
    if any(law is None for law in laws.values()) or any(n.head == "apply" for n in event.walk()):
        return None
    symbols = {n: model.variables[n].symbol if n in model.variables else symbol_of_name(n, types.get(n)) for n in names}
    left, right = (to_sympy(a, types) for a in event.args)
    difference = sp.expand(left - right)
    weights = {n: difference.coeff(s, 1) for n, s in symbols.items()}
    rest = sp.expand(difference - sp.Add(*(weights[n] * symbols[n] for n in names)))
    if any(rest.has(s) for s in symbols.values()) or any(not w or w.has(*symbols.values()) for w in weights.values()):
        return None
    refuse_unrelated(model, names)
    known = {n: law for n, law in laws.items() if law is not None}
    said: Prose = (Term("list", tuple(Term("name", (), n) for n in names)), " are independent (declared)")
    kinds = {law.name for law in known.values()}
    if kinds == {"Exponential"} and len(names) == 2 and rest == 0:
        return _race(event, known, weights, said)
    law = _sum_law(known, weights)
    if law is None:
        return None
    return _of_sum(event, law, symbols, weights, rest, said, types)


def _race(event: Term, laws: Mapping[Name, Distribution], weights: Mapping[Name, Any], said: Prose) -> Found | None:
    """P(c X < d Y) = a/(a + b) for the rates a and b of c X and d Y, where c and d have one sign."""
    (first, second) = laws
    up, down = weights[first], weights[second]
    if not (up.is_positive and down.is_negative) and not (up.is_negative and down.is_positive):
        return None
    less = (event.data in ("<", "<=")) == bool(up.is_positive)
    a, b = laws[first].values[0] / sp.Abs(up), laws[second].values[0] / sp.Abs(down)  # c X has the rate a/c
    if event.data == "=":
        value: Any = sp.S.Zero
    else:
        value = sp.cancel((a if less else b) / (a + b))
    shown = Term("probability", (event,), "P")
    steps = [Step(rules.RACE.id, rules.RACE.title, shown, from_sympy(value), formula=rules.RACE.formula, assumptions=(said,))]
    return steps, value, ()


def _sum_law(laws: Mapping[Name, Distribution], weights: Mapping[Name, Any]) -> Distribution | None:
    """The law of Σ w X."""
    kinds = {law.name for law in laws.values()}
    ones = all(w == 1 for w in weights.values()) or all(w == -1 for w in weights.values())
    values = [law.values for law in laws.values()]
    if kinds == {"Normal"}:
        mean = sp.Add(*(weights[n] * law.values[0] for n, law in laws.items()))
        variance = sp.Add(*(weights[n] ** 2 * law.values[1] for n, law in laws.items()))
        return Distribution(FAMILIES["Normal"], {"mean": mean, "variance": variance})
    if not ones:
        return None
    if kinds == {"Poisson"}:
        return Distribution(FAMILIES["Poisson"], {"rate": sp.Add(*(v[0] for v in values))})
    if kinds == {"Binomial"} and len({v[1] for v in values}) == 1:
        return Distribution(FAMILIES["Binomial"], {"n": sp.Add(*(v[0] for v in values)), "p": values[0][1]})
    if kinds == {"Bernoulli"} and len({v[0] for v in values}) == 1:
        return Distribution(FAMILIES["Binomial"], {"n": sp.Integer(len(values)), "p": values[0][0]})
    if kinds <= {"Gamma", "Exponential"}:
        pairs = [(law.values[0], law.values[1]) if law.name == "Gamma" else (sp.S.One, law.values[0]) for law in laws.values()]
        if len({rate for _, rate in pairs}) == 1:
            return Distribution(FAMILIES["Gamma"], {"shape": sp.Add(*(s for s, _ in pairs)), "rate": pairs[0][1]})
    return None


def _of_sum(
    event: Term,
    law: Distribution,
    symbols: Mapping[Name, Any],
    weights: Mapping[Name, Any],
    rest: Any,
    said: Prose,
    types: Mapping[Name, Type],
) -> Found:
    sign = str(event.data)
    flipped = all(w == -1 for w in weights.values())
    factor = -1 if flipped else 1
    if flipped and law.name == "Normal":
        law = Distribution(law.family, {"mean": -law.values[0], "variance": law.values[1]})
    turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}
    combined = from_sympy(sp.Add(*(factor * weights[n] * symbols[n] for n in weights)))
    bound = from_sympy(-rest * factor)
    single = sp.Dummy("S", real=True)
    regions = Regions(single, types, whole_numbers=law.family.discrete)
    masses = _Combined(law, combined, regions, single, sign if factor == 1 else turned[sign], -rest * factor)
    shown = Term("probability", (event,), "P")
    moved = Term("probability", (Term("rel", (combined, bound), sign if factor == 1 else turned[sign]),), "P")
    steps = []
    law_of_sum = Term("rel", (combined, Term("dist", tuple(from_sympy(v) for v in law.values), law.name)), "~")
    steps.append(_step(rules.SUM_LAW, shown, moved, (law_of_sum,), (said,)))
    value = masses.value(moved)
    return steps + masses.steps, value, tuple(regions.assumed)


class _Combined(Masses):
    """A sum in the place of the variable."""

    def __init__(self, law: Distribution, combined: Term, regions: Regions, single: Any, sign: str, bound: Any) -> None:
        super().__init__(law, combined, regions)
        self._region = regions._solved(single, sign, bound)

    def value(self, shown: Term) -> Any:
        """P(sum in the region)."""
        pieces = [p for piece in self._region for p in [self._within(piece)] if p is not None]
        if not pieces:
            self._add(rules.IMPOSSIBLE, shown, from_sympy(sp.S.Zero))
            return sp.S.Zero
        return self._discrete(pieces, shown) if self.discrete else self._continuous(pieces, shown)


def _step(rule: Rule, before: Term, after: Term, because: Prose, assumptions: tuple[Prose, ...]) -> Step:
    return Step(rule.id, rule.title, before, after, because=because, formula=rule.formula, assumptions=assumptions)
