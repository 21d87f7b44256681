"""Mixtures over a finite class: the density of x, the law and the mean of the class given x, the class given an event about x.

In: `density of x`, `marginal of x`, `p(x)`, `p(z | x)`, `E[z | x]`, `P(z = 1 | x > t)` where z has a law and x one for every value of z.
Out: a Solution, or None where the model is no such mixture.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp

from derive.derivation import Claim, Step
from derive.errors import DoesNotExist
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution
from derive.probability.model import Model, Variable
from derive.rules.chance_events import BAYES, INSERT
from derive.rules.chance_expectation import LOTUS
from derive.rules.chance_inference import RECOGNISE, RESPONSIBILITY
from derive.rules.chance_several import MIXTURE_DENSITY
from derive.rules.chance_transformations import INSERT_DENSITY
from derive.solution import Solution
from derive.solving.chance.events import query_of
from derive.solving.chance.latent import class_laws, class_masses, class_weights
from derive.solving.chance.observations import question
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.writing import density, follows
from derive.solving.journal import Journal

__all__ = ["solve_class_given_event", "solve_class_law", "solve_class_mean", "solve_mixture_density"]


def solve_mixture_density(reading: Reading) -> Solution | None:
    """`density of x`, `marginal of x`, `p(x)`: Σₖ P(z = k) p(x | z = k)."""
    model = build(reading)
    asked = question(reading.expanded)
    if len(asked.unknowns) != 1 or asked.given or asked.unknowns[0].head != "name":
        return None
    found = _mixture(model, asked.unknowns[0])
    if found is None:
        return None
    observed, latent, masses, laws = found
    x, z = Term("name", (), observed.name), Term("name", (), latent.name)
    support = {law.family.support(*law.values) for law in laws.values()}
    if len(support) != 1 or len({law.family.discrete for law in laws.values()}) != 1:
        return None
    parts = {k: masses[k] * _density(laws[k], observed.symbol) for k in masses}
    total = sp.Add(*parts.values())
    events = {k: Term("rel", (z, from_sympy(k)), "=") for k in masses}
    shown = Term(
        "add", tuple(Term("mul", (Term("probability", (events[k],), "P"), density((x,), (events[k],)))) for k in sorted(masses, key=str))
    )
    journal = Journal(reading.term)
    (only,) = support
    claim = Claim("normalised", total, only, (observed.symbol,))
    journal.add(step(MIXTURE_DENSITY, density((x,)), shown, claim=claim))
    whole = sp.Add(*(_weight(masses, laws, k, observed) for k in masses))
    journal.add(step(INSERT_DENSITY, shown, total, claim=Claim("equal", total, whole)))
    journal.note(tuple(dict.fromkeys((law.family.says,) for law in laws.values())))
    return Solution(derivation(journal, total, model), total, {}, journal.notes, journal.assumptions, types=model.types)


def solve_class_law(reading: Reading) -> Solution | None:
    """`p(z | x)` of a class with the values 0 and 1: Bernoulli(sigmoid(log-odds))."""
    model = build(reading)
    asked = question(reading.expanded)
    if len(asked.unknowns) != 1 or len(asked.given) != 1 or asked.unknowns[0].head != "name":
        return None
    found = _given(model, asked.unknowns[0], asked.given[0])
    if found is None or set(found[2]) != {sp.S.Zero, sp.S.One}:
        return None
    _, latent, masses, laws, value = found
    answer, steps = class_weights(masses, laws, sp.S.One, value)
    law = Distribution(FAMILIES["Bernoulli"], {"p": answer})
    subject = Term("given", (Term("name", (), latent.name), asked.given[0]))
    journal = Journal(reading.term)
    event = Term("rel", (Term("name", (), latent.name), from_sympy(sp.S.One)), "=")
    shown = Term("probability", (Term("given", (event, asked.given[0])),), "P")
    journal.add(step(RESPONSIBILITY, shown, answer, because=steps, claim=Claim("equal", _share(masses, laws, sp.S.One, value), answer)))
    statement = follows(subject, law)
    journal.add(step(RECOGNISE, answer, statement, "⇒", claim=Claim("equal", _share(masses, laws, sp.S.Zero, value), 1 - answer)))
    journal.note(((law.family.says,),))
    return Solution(
        derivation(journal, statement, model), statement, dict(law.parameters), journal.notes, journal.assumptions, law, types=model.types
    )


def solve_class_mean(reading: Reading) -> Solution | None:
    """`E[z | x]`: Σₖ k P(z = k | x)."""
    term = reading.expanded
    if term.head != "probability" or term.data != "E" or len(term.args) != 1 or term.args[0].head != "given" or len(term.args[0].args) != 2:
        return None
    model = build(reading)
    wanted, condition = term.args[0].args
    found = _given(model, wanted, condition) if wanted.head == "name" else None
    if found is None:
        return None
    _, latent, masses, laws, value = found
    z = Term("name", (), latent.name)
    events = {k: Term("rel", (z, from_sympy(k)), "=") for k in masses if k != 0}

    def chance(k: Any) -> Term:
        shown = Term("probability", (Term("given", (events[k], condition)),), "P")
        return shown if k == 1 else Term("mul", (from_sympy(k), shown))

    parts = [chance(k) for k in events]
    written = parts[0] if len(parts) == 1 else Term("add", tuple(parts))
    exact = sp.Add(*(k * _share(masses, laws, k, value) for k in masses))
    journal = Journal(reading.term)
    everything = sp.Add(*(_share(masses, laws, k, value) for k in masses))
    journal.add(step(LOTUS, reading.term, written, claim=Claim("equal", everything, sp.S.One)))
    if set(masses) == {sp.S.Zero, sp.S.One}:
        answer, because = class_weights(masses, laws, sp.S.One, value)
    else:
        answer, because = exact, ()
    journal.add(step(RESPONSIBILITY, written, answer, because=because, claim=Claim("equal", exact, answer)))
    return Solution(derivation(journal, answer, model), answer, {}, journal.notes, journal.assumptions, types=model.types)


def solve_class_given_event(reading: Reading) -> Solution | None:
    """`P(z = 1 | x > t)`: Bayes' rule with P(x > t | z = k) from the laws."""
    query = query_of(reading.expanded)
    if query is None:
        return None
    event, given = query
    if given is None or event.head != "rel" or event.data != "=" or event.args[0].head != "name":
        return None
    if given.head not in ("rel", "chain") or given.data == "=":
        return None
    model = build(reading)
    names = [n.data for n in given.walk() if n.head == "name" and n.data in model.variables]
    if len(set(names)) != 1:
        return None
    found = _mixture(model, Term("name", (), names[0]))
    if found is None or found[1].name != event.args[0].data:
        return None
    observed, _, masses, laws = found
    wanted = to_sympy(event.args[1], model.types)
    if wanted not in masses:
        return None
    from derive.solving.chance.events_laws import LawEvents

    z = event.args[0]
    journal = Journal(reading.term)
    events = {k: Term("rel", (z, from_sympy(k)), "=") for k in masses}

    def weighed(k: Any) -> Term:
        inner = Term("probability", (Term("given", (given, events[k])),), "P")
        return Term("mul", (inner, Term("probability", (events[k],), "P")))

    order = [wanted, *(k for k in masses if k != wanted)]
    ratio = Term("div", (weighed(wanted), Term("add", tuple(weighed(k) for k in order))))
    shares: dict[Any, Any] = {}
    inner_steps: list[Step] = []
    plainly = replace(observed, cases=(), given=())
    for k in order:
        inner_model = replace(model, variables={**model.variables, observed.name: replace(plainly, law=laws[k])})
        writing = LawEvents(inner_model, model.types)
        value = writing.chance(given, laws[k])
        if value is None or writing.assumed:
            return None
        shares[k] = value * masses[k]
        shown = Term("probability", (Term("given", (given, events[k])),), "P")
        inner_steps.append(replace(writing.steps[-1], before=shown))
    total = sp.Add(*shares.values())
    if total == 0:
        raise DoesNotExist("what is given has probability 0: nothing can be conditioned on it")
    value = shares[wanted] / total
    journal.add(step(BAYES, reading.term, ratio))
    for one in inner_steps:
        journal.add(one)
    journal.add(step(INSERT, ratio, value))
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)


# ── the model ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _mixture(model: Model, term: Term) -> tuple[Variable, Variable, dict[Any, Any], dict[Any, Distribution]] | None:
    """x, z, P(z = k) and the laws of x given z = k."""
    observed = model.variables.get(term.data) if term.head == "name" else None
    if observed is None or not observed.cases or observed.shape:
        return None
    names = {n.data for c, _ in observed.cases for n in c.walk() if n.head == "name"} & set(model.variables)
    if len(names) != 1:
        return None
    latent = model.variables[names.pop()]
    if latent.law is None or latent.given or latent.cases:
        return None
    masses = class_masses(latent, model)
    if not masses:
        return None
    return observed, latent, masses, class_laws(observed, latent, tuple(masses), model)


def _given(model: Model, wanted: Term, condition: Term) -> tuple[Variable, Variable, dict[Any, Any], dict[Any, Distribution], Any] | None:
    """The mixture whose class is asked for, and the value of x."""
    name = condition.args[0] if condition.head == "rel" and condition.data == "=" else condition
    found = _mixture(model, name)
    if found is None or found[1].name != wanted.data:
        return None
    if len({law.family.support(*law.values) for law in found[3].values()}) != 1 or len({w.family.discrete for w in found[3].values()}) != 1:
        return None
    value = to_sympy(condition.args[1], model.types) if condition.head == "rel" else found[0].symbol
    return (*found, value)


def _density(law: Distribution, x: Any) -> Any:
    return law.family.density(x, *law.values) if law.family.density is not None else sp.exp(law.family.log_density(x, *law.values))


def _weight(masses: dict[Any, Any], laws: dict[Any, Distribution], k: Any, observed: Variable) -> Any:
    return sp.exp(sp.log(masses[k]) + laws[k].family.log_density(observed.symbol, *laws[k].values))


def _share(masses: dict[Any, Any], laws: dict[Any, Distribution], wanted: Any, value: Any) -> Any:
    joint = {k: masses[k] * sp.exp(laws[k].family.log_density(value, *laws[k].values)) for k in masses}
    return joint[wanted] / sp.Add(*joint.values())
