"""Events about data whose parameter is random: P(A) = E[P(A | θ)], and P(x₁ = 1, x₂ = 1 | x₃ = 0) as a ratio of evidences.

In: a reading P(…) whose model has one random parameter. Out: a Solution, or None where the expectation has no closed form here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp

from derive.derivation import Claim
from derive.errors import DeriveError
from derive.expressions.chance import Expectation
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.family import Distribution
from derive.probability.model import Model, Sample, Variable
from derive.rules.chance_events import CONDITIONAL, INSERT
from derive.rules.chance_expectation import LOTUS
from derive.rules.chance_several import OVER_PARAMETER
from derive.solution import Solution
from derive.solving.chance import lotus
from derive.solving.chance.events import query_of
from derive.solving.chance.events_laws import LawEvents
from derive.solving.chance.predictive import marginal
from derive.solving.chance.steps import derivation, step
from derive.solving.journal import Journal

__all__ = ["solve_data_masses", "solve_link", "solve_over_parameter"]


def solve_over_parameter(reading: Reading) -> Solution | None:
    """`P(x > t)` with x | θ ~ … and θ ~ …: the expectation of the conditional probability."""
    query = query_of(reading.expanded)
    if query is None or query[1] is not None or query[0].head not in ("rel", "chain"):
        return None
    model = build(reading)
    event = query[0]
    names = [n.data for n in event.walk() if n.head == "name" and n.data in model.variables]
    if len(set(names)) != 1:
        return None
    observed = model.variables[names[0]]
    if observed.law is None or observed.cases or observed.shape:
        return None
    parameter = _parameter(model, observed)
    if parameter is None or parameter.law is None or parameter.shape:
        return None
    support = observed.law.family.support(*observed.law.values)
    if any(e.has(parameter.symbol) for e in (support.lower, support.upper) if isinstance(e, sp.Basic)):
        return None
    theta = _within(parameter)
    law = Distribution(
        observed.law.family,
        {n: v.subs(parameter.symbol, theta) if isinstance(v, sp.Basic) else v for n, v in observed.law.parameters.items()},
    )
    plain = replace(observed, law=law, given=())
    inner = replace(model, variables={**model.variables, observed.name: plain})
    writing = LawEvents(inner, model.types)
    conditional = writing.chance(event, law)
    if conditional is None:
        return None
    found = lotus.expectation(conditional, theta, parameter.law)
    value = found.result if found is not None else lotus.expectation_of_sum(sp.expand(conditional), theta, parameter.law)
    if value is None:
        return None
    value = min((value, sp.factor(value)), key=sp.count_ops)
    assumed = (*writing.assumed, *(found.assumptions if found is not None else ()))
    back = conditional.subs(theta, parameter.symbol)
    z = Term("name", (), parameter.name)
    journal = Journal(reading.term)
    shown = Term("probability", (Term("given", (event, z)),), "P")
    expected = Expectation(back)
    because = ("with ", Term("rel", (shown, from_sympy(back)), "="))
    journal.add(step(OVER_PARAMETER, reading.term, expected, because=because, assumptions=tuple(writing.assumed)))
    claim = Claim("equal", value, _average(conditional, theta, parameter.law))
    journal.add(step(LOTUS, expected, value, because=lotus.said(z, parameter.law), assumptions=assumed, claim=claim))
    journal.note(((observed.law.family.says,),))
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)


def solve_link(reading: Reading) -> Solution | None:
    """`P(y = 1)` with y | θ ~ Bernoulli(Φ(θ)): the probability is a function of the parameter, not the parameter itself."""
    query = query_of(reading.expanded)
    if query is None or query[1] is not None or query[0].head != "rel" or query[0].data != "=" or query[0].args[0].head != "name":
        return None
    observed = build(reading).variables.get(query[0].args[0].data)
    if observed is None or observed.law is None or observed.law.name != "Bernoulli" or observed.law.values[0].is_Symbol:
        return None
    return solve_over_parameter(reading)


def _within(parameter: Variable) -> Any:
    """The parameter as a number in its support, so that probabilities given it need no cases."""
    law = parameter.law
    assert law is not None
    lower = law.family.support(*law.values).lower
    positive = bool(isinstance(lower, sp.Basic) and lower.is_nonnegative)
    return sp.Dummy(parameter.name.key, positive=True) if positive else sp.Dummy(parameter.name.key, real=True)


def _average(expression: Any, theta: Any, law: Distribution) -> Any:
    support = law.family.support(*law.values)
    weighted = expression * sp.exp(law.family.log_density(theta, *law.values))
    limits = (theta, support.lower, support.upper)
    return sp.Sum(weighted, limits) if law.family.discrete else sp.Integral(weighted, limits)


def _parameter(model: Model, source: Variable | Sample) -> Variable | None:
    """The one variable with a law of its own that the law of the source depends on."""
    assert source.law is not None
    used = {s for v in source.law.values if isinstance(v, sp.Basic) for s in v.free_symbols}
    found = [v for v in model.variables.values() if v.symbol in used]
    return found[0] if len(found) == 1 and not found[0].given and not found[0].cases and found[0].law is not None else None


# ── masses of data ───────────────────────────────────────────────────────────────────────────────────────────────────


def solve_data_masses(reading: Reading) -> Solution | None:
    """`P(x_1 = 1, x_2 = 1)`, `P(x_2 = 1 | x_1 = 1)` of discrete data with one random parameter."""
    query = query_of(reading.expanded)
    if query is None:
        return None
    model = build(reading)
    event, given = _listed(query[0]), _listed(query[1])
    sources = [_source(model, t) for t in (*event, *given)]
    if len(sources) < 2 or any(s is None for s in sources):
        return None
    parameters = {p.name: p for s in sources if s is not None for p in [_parameter(model, s)] if p is not None}
    discrete = all(s is not None and s.law is not None and s.law.family.discrete and s.given for s in sources)
    if len(parameters) != 1 or not discrete:
        return None
    ((name, _),) = parameters.items()
    unknown = Term("name", (), name)
    journal = Journal(reading.term)
    top, bottom = (_chance(t) for t in ((*event, *given), given))
    try:
        above, inner = _evidence(model, unknown, (*event, *given))
        if not given:
            for one in inner:
                journal.add(one)
            return _finished(reading, model, above, journal)
        below, under = _evidence(model, unknown, given)
    except DeriveError:
        return None
    journal.add(step(CONDITIONAL, reading.term, Term("div", (top, bottom))))
    for one in (*inner, *under):
        journal.add(one)
    value = _short(above / below)
    journal.add(step(INSERT, Term("div", (top, bottom)), value, claim=Claim("equal", above / below, value)))
    return _finished(reading, model, value, journal)


def _finished(reading: Reading, model: Model, value: Any, journal: Journal) -> Solution:
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)


def _evidence(model: Model, unknown: Term, given: tuple[Term, ...]) -> tuple[Any, tuple[Any, ...]]:
    journal = Journal(unknown)
    _, value = marginal(model, unknown, given, journal)
    return _short(value), tuple(journal.steps)


def _short(value: Any) -> Any:
    found = sp.gammasimp(value.rewrite(sp.gamma)) if value.has(sp.gamma, sp.beta) else sp.simplify(value)
    return min((value, found, sp.factor(found)), key=sp.count_ops)


def _listed(term: Term | None) -> tuple[Term, ...]:
    if term is None:
        return ()
    return tuple(t for a in term.args for t in _listed(a)) if term.head in ("list", "and") else (term,)


def _chance(parts: tuple[Term, ...]) -> Term:
    return Term("probability", parts, "P")


def _source(model: Model, term: Term) -> Variable | Sample | None:
    """What x_1 = 1 is about."""
    if term.head != "rel" or term.data != "=" or term.args[0].head != "name":
        return None
    name = term.args[0].data
    found = model.variables.get(name) or model.sample_of(name)
    try:
        value = to_sympy(term.args[1], model.types)
    except DeriveError:
        return None
    return found if found is not None and found.law is not None and not value.has(sp.nan) else None
