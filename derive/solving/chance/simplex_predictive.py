"""Prediction with a Dirichlet prior: x | p ~ Categorical(p), p ~ Dirichlet(α) gives P(x = k) = E[p_k] = α_k/α_0, with counts of data added.

In: a reading of `predictive of x [given …]`, P(x = k | …), where the probabilities of x are random. Out: a Solution with a categorical law,
or None where the model is another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sympy as sp

from derive.derivation import Claim, Step
from derive.errors import NotSupported
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Name, Term, number
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution
from derive.probability.laws import entries
from derive.probability.model import Model, Sample, Variable
from derive.rules.chance_expectation import LAW_MEAN
from derive.rules.chance_inference import POSTERIOR_THEN_PREDICT, RECOGNISE_PREDICTIVE
from derive.solution import Solution
from derive.solving.chance.events import query_of
from derive.solving.chance.observations import question
from derive.solving.chance.posterior import finish
from derive.solving.chance.simplex import is_simplex, simplex_posterior
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.writing import conditional, follows
from derive.solving.journal import Journal
from derive.solving.simplification import shortened

__all__ = ["solve_category_chance", "solve_category_prediction"]


def solve_category_prediction(reading: Reading) -> Solution | None:
    """`predictive of x [given data]`: a categorical law."""
    asked = question(reading.expanded)
    model = build(reading)
    found = _asked(model, asked.unknowns[0] if asked.unknowns else None)
    if found is None:
        return None
    subject, unknown = found
    journal = Journal(reading.term)
    shares, given = _shares(model, unknown, asked.given, subject, journal)
    law = Distribution(FAMILIES["Categorical"], {"p": Term("vector", tuple(from_sympy(s) for s in shares))})
    statement = follows(conditional((subject,), given), law)
    total = Claim("equal", sp.Add(*shares), sp.S.One)
    journal.add(step(RECOGNISE_PREDICTIVE, Term("list", tuple(_chances(subject, given, shares))), statement, "⇒", claim=total))
    return finish(journal, law, subject, given, model)


def solve_category_chance(reading: Reading) -> Solution | None:
    """`P(x = k)`, `P(x_{n+1} = 2 | x_1, …, x_n)` with a numbered category."""
    query = query_of(reading.expanded)
    if query is None or query[0].head != "rel" or query[0].data != "=" or query[0].args[1].head != "number":
        return None
    model = build(reading)
    (subject, value), given = query[0].args, query[1]
    found = _asked(model, subject)
    if found is None:
        return None
    conditions = () if given is None else given.args if given.head in ("list", "and") else (given,)
    journal = Journal(reading.term)
    shares, _ = _shares(model, found[1], conditions, subject, journal)
    place = to_sympy(value, model.types)
    if not (place.is_Integer and 1 <= place <= len(shares)):
        return None
    answer = shares[int(place) - 1]
    own = Claim("equal", answer, 1 - sp.Add(*(s for k, s in enumerate(shares) if k != place - 1)))
    journal.add(step(RECOGNISE_PREDICTIVE, reading.term, answer, claim=own))
    return Solution(derivation(journal, answer, model), answer, {}, journal.notes, journal.assumptions, types=model.types)


def _asked(model: Model, subject: Term | None) -> tuple[Term, Term] | None:
    """The variable that is predicted, and the vector of its probabilities, which has a Dirichlet law."""
    sources: list[Variable | Sample] = [s for s in model.sources if s.law is not None and s.law.name == "Categorical" and s.given]
    if subject is None:
        if len(sources) != 1:
            return None
        name = sources[0].name if isinstance(sources[0], Variable) else sources[0].base
        subject = Term("name", (), name)
    if subject.head != "name":
        return None
    source = model.variables.get(subject.data) or model.samples.get(subject.data) or model.sample_of(subject.data)
    if source is None or source not in sources or source.law is None:
        return None
    unknown = source.law.parameters["p"]
    return (subject, unknown) if isinstance(unknown, Term) and is_simplex(model, unknown) else None


def _shares(model: Model, unknown: Term, given: Sequence[Term], subject: Term, journal: Journal) -> tuple[list[Any], tuple[Term, ...]]:
    """E[p_k] under the prior, or the posterior where data are given."""
    law = model.variables[unknown.data].law
    assert law is not None
    shown: tuple[Term, ...] = ()
    inner: tuple[Step, ...] = ()
    data = [g for g in given if g != subject]
    if data:
        posterior = Journal(unknown)
        law, shown = simplex_posterior(_of_the_data(model, subject), unknown, data, posterior)
        inner = tuple(posterior.steps)
    value = law.parameters["alpha"]
    alphas = list(value) if isinstance(value, sp.Tuple) else [to_sympy(e, model.types) for e in entries(value) or ()]
    if not alphas:
        raise NotSupported("a prediction with a vector of parameters: write the parameters out, as in Dirichlet(a_1, a_2, a_3)")
    total = sp.Add(*alphas)
    shares = [shortened(a / total) for a in alphas]
    k = Term("name", (), Name("k"))
    mean = Term("probability", (Term("index", (unknown, k)),), "E")
    chance = _chance(Term("rel", (subject, k), "="), shown)
    because = ("with ", follows(conditional((unknown,), shown), law))
    u, a, b = sp.Symbol("u", positive=True), sp.Symbol("a", positive=True), sp.Symbol("b", positive=True)
    claim = Claim("equal", sp.Integral(u**a * (1 - u) ** (b - 1) / sp.beta(a, b), (u, 0, 1)), a / (a + b))
    conditioned = mean if not shown else Term("probability", (Term("given", (mean.args[0], _listed(shown))),), "E")
    journal.add(step(POSTERIOR_THEN_PREDICT, chance, conditioned, because=because, claim=claim, steps=inner))
    entry, whole = sp.Symbol("alpha_k", positive=True), sp.Symbol("alpha_0", positive=True)
    said = ("one entry is Beta(a, b) with a its parameter and b the sum of the others: its mean is a/(a + b)",)
    journal.add(step(LAW_MEAN, conditioned, entry / whole, because=said, claim=claim))
    return shares, shown


def _of_the_data(model: Model, subject: Term) -> Model:
    """The model without the value that is predicted, where that is a variable of its own."""
    if subject.data not in model.variables:
        return model
    return replace(model, variables={n: v for n, v in model.variables.items() if n != subject.data})


def _listed(terms: Sequence[Term]) -> Term:
    return terms[0] if len(terms) == 1 else Term("list", tuple(terms))


def _chance(event: Term, given: Sequence[Term]) -> Term:
    return Term("probability", (Term("given", (event, _listed(given))) if given else event,), "P")


def _chances(subject: Term, given: Sequence[Term], shares: Sequence[Any]) -> list[Term]:
    events = [Term("rel", (subject, number(k)), "=") for k in range(1, len(shares) + 1)]
    return [Term("rel", (_chance(e, given), from_sympy(s)), "=") for e, s in zip(events, shares, strict=True)]
