"""Probabilities under a posterior and under a predictive law: P(θ > 1/2 | k = 7), P(x₂ = 1 | x₁ = 1), P(x > t) of a mixture over θ.

In: a reading P(… | data) whose model has a prior. Out: a Solution by the named law and its distribution function, or None.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp

from derive.derivation import Claim, Step
from derive.errors import NotSupported, Undetermined
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.family import Distribution
from derive.probability.model import Model, Variable
from derive.rules.chance_several import POSTERIOR_PROBABILITY
from derive.solution import Solution
from derive.solving.chance.events import query_of
from derive.solving.chance.events_laws import LawEvents
from derive.solving.chance.posterior import posterior_of
from derive.solving.chance.predictive import solve_predictive
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.writing import follows
from derive.solving.journal import Journal

__all__ = ["solve_posterior_event", "solve_predictive_event"]

_RELATIONS = ("<", "<=", ">", ">=", "=")


def solve_posterior_event(reading: Reading) -> Solution | None:
    """`P(theta > 1/2 | k = 7)`: the posterior, then its distribution function."""
    query = query_of(reading.expanded)
    if query is None:
        return None
    event, given = query
    if given is None or event.head not in ("rel", "chain"):
        return None
    model = build(reading)
    names = [n for n in _names(event) if n in model.variables]
    if len(names) != 1:
        return None
    unknown = model.variables[names[0]]
    if unknown.law is None or unknown.given or not _bears_on(model, unknown):
        return None
    conditions = given.args if given.head in ("list", "and") else (given,)
    if any(c.head not in ("rel", "name", "dots", "index") or (c.head == "rel" and c.data != "=") for c in conditions):
        return None
    term = Term("name", (), unknown.name)
    inner = Journal(term)
    found = posterior_of(model, term, conditions, inner)
    if found.variable != unknown.symbol:
        return None
    return _under(reading, model, unknown, found.law, (event, given), tuple(inner.steps))


def solve_predictive_event(reading: Reading) -> Solution | None:
    """`P(x_{n+1} = 1 | x_1, …, x_n)`, `P(x > t)`: the predictive law, where it has a name."""
    query = query_of(reading.expanded)
    if query is None or query[0].head != "rel" or query[0].data not in _RELATIONS:
        return None
    model = build(reading)
    event, given = query
    subject, value = event.args
    if subject.head not in ("name", "index") or any(n in model.variables for n in _names(value)):
        return None
    base = subject.args[0].data if subject.head == "index" else subject.data
    owner = model.samples.get(base) or model.sample_of(base) or model.variables.get(base)
    if owner is None or owner.law is None or not owner.given:
        return None
    asked = Term("given", (subject, given)) if given is not None else Term("list", (subject,))
    try:
        found = solve_predictive(replace(reading, expanded=asked, term=asked))
    except (NotSupported, Undetermined):
        return None
    if found is None or found.distribution is None or found.derivation is None:
        return None
    shown = Variable(Name("new"), sp.Symbol("new", real=True), found.distribution)
    written = from_sympy(to_sympy(subject, model.types)) if subject.head == "index" else subject
    law = found.distribution
    if event.data == "=":
        if not law.family.discrete:
            return None
        return _mass(reading, found.derivation.model, law, (event, given), tuple(found.derivation.steps))
    own = Term("rel", (Term("name", (), shown.name), value), str(event.data))
    inner = found.derivation.model
    changed = replace(inner, variables={**inner.variables, shown.name: shown})
    solution = _under(reading, changed, shown, law, (own, given), tuple(found.derivation.steps), subject=written)
    return None if solution is None else replace(solution, types=model.types)


def _names(term: Term) -> list[Name]:
    return list(dict.fromkeys(n.data for n in term.walk() if n.head == "name"))


def _bears_on(model: Model, unknown: Variable) -> bool:
    """Whether the law of something else has the variable as a parameter."""
    return any(s.law is not None and any(unknown.symbol in getattr(v, "free_symbols", ()) for v in s.law.values) for s in model.sources)


def _mass(reading: Reading, model: Model, law: Distribution, query: tuple[Term, Term | None], inner: tuple[Step, ...]) -> Solution | None:
    event, given = query
    k = to_sympy(event.args[1], model.types)
    if law.name == "Bernoulli" and k in (0, 1):
        p = law.values[0]
        value = p if k == 1 else sp.factor(1 - p)
    elif law.family.density is not None:
        value = law.family.density(k, *law.values)
    else:
        return None
    subject = event.args[0]
    because = (follows(subject if given is None else Term("given", (subject, given)), law),)
    journal = Journal(reading.term)
    claim = Claim("equal", value, sp.exp(law.family.log_density(k, *law.values)))
    journal.add(step(POSTERIOR_PROBABILITY, reading.term, value, because=because, claim=claim, steps=inner))
    journal.note(((law.family.says,),))
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)


def _under(
    reading: Reading, model: Model, unknown: Variable, law: Distribution, query: tuple[Term, Term | None], inner: tuple[Step, ...],
    subject: Term | None = None,
) -> Solution | None:  # fmt: skip
    """P(event) under the law, with the derivation of the law as sub-steps."""
    event, given = query
    under = replace(model, variables={**model.variables, unknown.name: replace(unknown, law=law)})
    writing = LawEvents(under, model.types)
    value = writing.chance(event, law)
    if value is None:
        return None
    name = subject or Term("name", (), unknown.name)
    because = (follows(name if given is None else Term("given", (name, given)), law),)
    journal = Journal(reading.term)
    claim = Claim("equal", value, _integral(law, event, unknown, model))
    journal.add(
        step(POSTERIOR_PROBABILITY, reading.term, value, because=because, claim=claim, steps=inner, assumptions=tuple(writing.assumed))
    )
    journal.note(((law.family.says,),))
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)


def _integral(law: Distribution, event: Term, unknown: Variable, model: Model) -> Any:
    """P(event) as an integral or a sum of the law over where the event holds."""
    x = sp.Dummy("x", real=True, integer=True if law.family.discrete else None)
    low, high = law.family.support(*law.values)[1:3]
    sides = [to_sympy(a, model.types).subs(unknown.symbol, x) for a in event.args]
    signs = event.data if event.head == "chain" else (event.data,)
    relations = {"<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge, "=": sp.Eq}
    holds = sp.And(*(relations[s](a, b) for s, a, b in zip(signs, sides, sides[1:], strict=False)))
    weighted = sp.Piecewise((sp.exp(law.family.log_density(x, *law.values)), holds), (0, True))
    return sp.Sum(weighted, (x, low, high)) if law.family.discrete else sp.Integral(weighted, (x, low, high))
