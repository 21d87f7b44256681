"""Probabilities of variables with declared laws: P(X > c), P(a < X ≤ b), P(X = k), and what is conditional on such events.

In: a Reading and its model. Out: a Solution by the distribution function or by summing masses; None where the event is about something else
(or where a parameter is random, which is inference).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from derive.derivation import Derivation, Prose, Rule, Step
from derive.errors import DoesNotExist
from derive.expressions.from_sympy import from_sympy
from derive.expressions.inline import inline
from derive.expressions.term import Name, Term, number
from derive.expressions.to_sympy import symbol as symbol_of_name
from derive.meaning.scope import Bound, Reading, Type
from derive.probability.build import build
from derive.probability.family import Distribution
from derive.probability.model import Model
from derive.probability.outcomes_listed import law_of, refuse_unrelated
from derive.rules import chance_events as rules
from derive.solution import Solution
from derive.solving.chance.events import query_of
from derive.solving.chance.events_domains import bounded
from derive.solving.chance.events_enumeration import by_enumeration
from derive.solving.chance.events_masses import Masses, tidied
from derive.solving.chance.events_pairs import by_pair
from derive.solving.chance.events_regions import Regions

__all__ = ["solve_law_event"]


def solve_law_event(reading: Reading) -> Solution | None:
    """P(…) about variables with laws; None where nothing here applies."""
    query = query_of(reading.expanded)
    if query is None:
        return None
    model = build(reading)
    event, given = _rounded(query[0]), query[1]
    if event is not query[0] and not _from_zero_on(model, _random_names(model, (event,))):
        event = query[0]
    terms = (event,) if given is None else (event, given)
    names = _random_names(model, terms)
    if not names or any(_has_random_parameters(model, n) for n in names):
        return None
    if all(law_of(model, n) is not None for n in names) and (len(names) > 1 or _is_listed(model, names[0])):
        listed = by_enumeration(model, event, given)
        if listed is not None:
            return listed
    types = _with_whole_numbers(model, names, terms)
    if event is not query[0] and query[0].args[1].head == "name":
        rounded = query[0].args[1].data
        types = {**types, rounded: replace(types.get(rounded, Type()), domain="whole", lower=Bound(number(0), False))}
    parameters = _parameters(model, names)
    said: dict[Prose, None] = {}
    while True:  # what one pass assumes of the ends of intervals is a domain in the next
        writing = LawEvents(replace(model, types=types), types)
        value = writing.conditional(event, given) if given is not None else writing.chance(event, None)
        if value is None:
            return None
        fresh = [a for a in writing.assumed if a not in said]
        alone = [a for a in fresh if len(a[0].free_symbols) == 1] or fresh
        said.update(dict.fromkeys(alone))
        if not alone:
            break
        types = bounded(types, alone, parameters)
    target = Term("probability", (event if given is None else Term("given", (event, given)),), "P")
    whole = tuple(_whole(n) for n, kind in types.items() if kind.domain == "whole" and model.types.get(n, Type()).domain == "real")
    assumptions = tuple(dict.fromkeys((*whole, *said, *(a for s in writing.steps for a in s.assumptions))))
    derivation = Derivation(target, value, tuple(writing.steps), assumptions, replace(model, types=types))
    return Solution(derivation, value, notes=tuple(writing.notes), types=types)


def _random_names(model: Model, terms: tuple[Term, ...]) -> list[Name]:
    found: dict[Name, None] = {}
    for term in terms:
        for node in term.walk():
            if node.head == "name" and (node.data in model.variables or model.sample_of(node.data) is not None):
                variable = model.variables.get(node.data)
                if variable is None or variable.law is not None or variable.cases:
                    found[node.data] = None
    return list(found)


def _has_random_parameters(model: Model, name: Name) -> bool:
    """Whether the law of a variable has another variable in it: then its probabilities are evidence."""
    variable = model.variables.get(name)
    sample = model.sample_of(name)
    laws = [law for law in (variable.law if variable is not None else None, sample.law if sample is not None else None) if law is not None]
    laws += [law for _, law in (variable.cases if variable is not None else ())]
    symbols = {s for law in laws for v in law.values if isinstance(v, sp.Basic) for s in v.free_symbols}
    return any(v.law is not None and v.symbol.free_symbols & symbols for v in model.variables.values())


def _is_listed(model: Model, name: Name) -> bool:
    """Whether the law is a list of values, rather than a formula for them."""
    law = law_of(model, name)
    return law is not None and law.name in ("DiscreteUniform", "Bernoulli", "Categorical")


def _parameters(model: Model, names: list[Name]) -> set[Any]:
    """The symbols in the laws of the variables: they have the same values wherever the laws are drawn from."""
    laws = [law for n in names for law in [law_of(model, n)] if law is not None]
    laws += [law for n in names if n in model.variables for _, law in model.variables[n].cases]
    return {s for law in laws for v in law.values if isinstance(v, sp.Basic) for s in v.free_symbols}


def _whole(name: Name) -> Prose:
    return (Term("name", (), name), " is a whole number from 0 on")


def _with_whole_numbers(model: Model, names: list[Name], terms: tuple[Term, ...]) -> Mapping[Name, Type]:
    """The types, in which what counts are compared with is a whole number."""
    types = dict(model.types)
    laws = [law_of(model, n) for n in names]
    if all(law is not None and law.family.discrete for law in laws):
        for term in terms:
            for node in term.walk():
                if node.head == "name" and node.data not in names:
                    known = types.get(node.data, Type())
                    if known.domain == "real" and not known.shape:
                        types[node.data] = replace(known, domain="whole", lower=known.lower or Bound(number(0), False))
    return types


class LawEvents:
    """One question under way: its steps, assumptions and notes."""

    def __init__(self, model: Model, types: Mapping[Name, Type]) -> None:
        self.model = model
        self.types = types
        self.steps: list[Step] = []
        self.assumed: dict[Prose, None] = {}
        self.notes: dict[Prose, None] = {}

    def add(self, rule: Rule, before: Any, after: Any, because: Prose = (), assumptions: tuple[Prose, ...] = ()) -> None:
        """Writes a step down."""
        self.steps.append(
            Step(
                rule.id,
                rule.title,
                before,
                after,
                because=because,
                formula="" if rule in (rules.INSERT, rules.SIMPLIFY) else rule.formula,
                assumptions=assumptions,
            )
        )

    # ── questions ────────────────────────────────────────────────────────────────────────────────────────────────────

    def conditional(self, event: Term, given: Term) -> Any | None:
        """P(A | B) = P(A, B)/P(B)."""
        names = _random_names(self.model, (event, given))
        if any(law_of(self.model, n) is None for n in names):
            return None
        target = Term("probability", (Term("given", (event, given)),), "P")
        first, second = _random_names(self.model, (event,)), _random_names(self.model, (given,))
        if not set(first) & set(second):
            refuse_unrelated(self.model, (*first, *second))
            said = Term("list", tuple(Term("name", (), n) for n in names))
            self.add(rules.IRRELEVANT, target, _chance(event), (), ((said, " are independent (declared)"),))
            return self.chance(event, None)
        both = Term("list", (*_parts(event), *_parts(given)))
        top, bottom = _chance(both), _chance(given)
        self.add(rules.CONDITIONAL, target, Term("div", (top, bottom)))
        above = self.chance(both, None)
        below = self.chance(given, None)
        if above is None or below is None:
            return None
        if below == 0:
            raise DoesNotExist(f"{inline(bottom)} = 0: nothing can be conditioned on what has probability 0")
        value = tidied(above / below)
        quotient = Term("div", (from_sympy(above), from_sympy(below)))
        self.add(rules.INSERT, target, quotient)
        shown = from_sympy(value)
        if shown != quotient:
            memoryless = {law.name for n in names for law in [law_of(self.model, n)] if law is not None} <= {"Exponential", "Geometric"}
            note: Prose = ("the law has no memory",) if memoryless and len(names) == 1 and _is_gap(value, given, self.types) else ()
            self.add(rules.SIMPLIFY, quotient, shown, note)
        return value

    def chance(self, event: Term, law: Distribution | None) -> Any | None:
        """P(event), with its steps; None for what is not about known laws."""
        names = _random_names(self.model, (event,))
        if len(names) == 1:
            return self._of_one(event, names[0], law)
        found = by_pair(self.model, self.types, event, names)
        if found is not None:
            steps, value, assumed = found
            self.steps += steps
            self.assumed.update(dict.fromkeys(assumed))
            return value
        parts = _parts(_opened(event))
        if len(parts) > 1 and all(len(_random_names(self.model, (p,))) == 1 for p in parts):
            return self._product(event, parts, names)
        return None

    def _product(self, event: Term, parts: tuple[Term, ...], names: list[Name]) -> Any | None:
        refuse_unrelated(self.model, names)
        grouped = {n: tuple(p for p in parts if _random_names(self.model, (p,)) == [n]) for n in names}
        events = [ps[0] if len(ps) == 1 else Term("list", ps) for ps in grouped.values()]
        factors = tuple(_chance(e) for e in events)
        said = Term("list", tuple(Term("name", (), n) for n in names))
        opened = Term("list", parts)
        if opened != event and event.head == "rel":
            self.add(rules.EXTREMES, _chance(event), _chance(opened))
        self.add(rules.FACTORS, _chance(opened), Term("mul", factors), (), ((said, " are independent (declared)"),))
        values = [self.chance(e, None) for e in events]
        if any(v is None for v in values):
            return None
        value = tidied(sp.Mul(*values))
        self.add(rules.INSERT, Term("mul", factors), from_sympy(value))
        return value

    def _of_one(self, event: Term, name: Name, law: Distribution | None) -> Any | None:
        variable = self.model.variables.get(name)
        if law is None and variable is not None and variable.cases:
            return self._mixed(event, name)
        law = law or law_of(self.model, name)
        if law is None:
            return None
        symbol = variable.symbol if variable is not None else symbol_of_name(name, self.types.get(name))
        regions = Regions(symbol, self.types, whole_numbers=law.family.discrete)
        masses = Masses(law, Term("name", (), name), regions)
        value = masses.of(event, _chance(event))
        self.steps += masses.steps
        self.assumed.update(regions.assumed)
        self.notes[(law.family.says,)] = None
        return value

    def _mixed(self, event: Term, name: Name) -> Any | None:
        """P(X ∈ A) = Σ P(X ∈ A | Z = k) P(Z = k) for a law in cases."""
        variable = self.model.variables[name]
        terms, total = [], sp.S.Zero
        inner: list[Step] = []
        for condition, law in variable.cases:
            weight = self._weight(condition)
            if weight is None:
                return None
            before, self.steps = self.steps, []
            value = self._of_one(event, name, law)
            shown = _chance(Term("given", (event, condition)))
            inner += [replace(s, before=shown, after=s.after) if k == 0 else s for k, s in enumerate(self.steps[-1:])]
            self.steps = before
            if value is None:
                return None
            terms.append(Term("mul", (shown, _chance(condition))))
            total += value * weight
        self.add(rules.MIXTURE, _chance(event), Term("add", tuple(terms)))
        self.steps += inner
        self.add(rules.INSERT, _chance(event), from_sympy(total))
        return total

    def _weight(self, condition: Term) -> Any | None:
        if condition.head != "rel" or condition.data != "=" or condition.args[0].head != "name":
            return None
        law = law_of(self.model, condition.args[0].data)
        if law is None or not law.family.discrete or law.family.density is None:
            return None
        from derive.expressions.to_sympy import to_sympy

        return sp.sympify(law.family.density(to_sympy(condition.args[1], self.types), *law.values))


def _chance(event: Term) -> Term:
    return Term("probability", event.args if event.head == "list" else (event,), "P")


def _parts(term: Term) -> tuple[Term, ...]:
    return tuple(p for a in term.args for p in _parts(a)) if term.head in ("list", "and") else (term,)


def _from_zero_on(model: Model, names: list[Name]) -> bool:
    """Whether the variables take no negative values."""
    laws = [law_of(model, n) for n in names]
    return all(law is not None and sp.sympify(law.family.support(*law.values).lower).is_nonnegative for law in laws)


def _rounded(event: Term) -> Term:
    """⌊X⌋ = k as k ≤ X < k + 1."""
    if event.head != "rel" or event.data != "=" or event.args[0].head != "apply" or event.args[0].data != "floor":
        return event
    inner, k = event.args[0].args[0], event.args[1]
    if not (k.head == "name" or (k.head == "number" and k.value.denominator == 1)):
        return event
    return Term("chain", (k, inner, Term("add", (k, number(1)))), ("<=", "<"), event.span)


def _opened(event: Term) -> Term:
    """min(X, Y) > t as X > t and Y > t; max(X, Y) ≤ t as X ≤ t and Y ≤ t."""
    if event.head != "rel" or event.args[0].head != "apply":
        return event
    function, sign = event.args[0].data, event.data
    members = event.args[0].args
    members = members[0].args if len(members) == 1 and members[0].head in ("tuple", "list") else members
    if (function == "min" and sign in (">", ">=")) or (function == "max" and sign in ("<", "<=")):
        return Term("list", tuple(Term("rel", (m, event.args[1]), sign) for m in members))
    return event


def _is_gap(value: Any, given: Term, types: Mapping[Name, Type]) -> bool:
    """Whether what is given does not show in the value any more."""
    from derive.expressions.to_sympy import to_sympy

    names = {n.data for n in given.walk() if n.head == "name"}
    symbols = {s for n in names for s in to_sympy(Term("name", (), n), types).free_symbols}
    return not (value.free_symbols & symbols)
