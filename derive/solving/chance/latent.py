"""Class probabilities: a finite latent variable given data whose law depends on its value; responsibilities of a mixture.

In: a reading `P(z = 1 | x)` whose model has a law of z and laws of x for the values of z. Out: a Solution, or None where it is not that.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.derivation import Claim, Prose
from derive.errors import Undetermined
from derive.expressions.from_sympy import from_sympy
from derive.expressions.nodes import sigmoid
from derive.expressions.plain import plain
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.family import Distribution
from derive.probability.model import Model, Variable
from derive.rules.chance_inference import LOG_ODDS, RESPONSIBILITY
from derive.rules.chance_transformations import INSERT_DENSITY
from derive.solution import Solution
from derive.solving.chance.class_supports import possible_classes
from derive.solving.chance.mixture_classes import law_of_class, running_law
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.writing import density
from derive.solving.journal import Journal
from derive.solving.simplification import shortened

__all__ = ["class_laws", "class_masses", "class_weights", "solve_class_probability"]


def solve_class_probability(reading: Reading) -> Solution | None:
    """`P(z = 1 | x)`, `P(z = k | x = 2)`. Raises Undetermined when the law of x for a value of z is not declared."""
    term = reading.expanded
    given = next((a for a in term.args if a.head == "given"), None)
    if term.head not in ("probability", "call") or given is None:
        return None
    model = build(reading)
    event, condition = given.args
    if event.head != "rel" or event.data != "=" or event.args[0].head != "name":
        return None
    latent = model.variables.get(event.args[0].data)
    observed, value = _observed(condition, model)
    if latent is None or observed is None or latent.law is None or not _depends(observed, latent):
        return None
    masses = class_masses(latent, model)
    laws = class_laws(observed, latent, tuple(masses), model)
    wanted = to_sympy(event.args[1], model.types)
    if wanted not in masses:
        return None
    return _solved(reading, model, (latent, observed), masses, laws, wanted, value, condition)


def _observed(condition: Term, model: Model) -> tuple[Variable | None, Any]:
    if condition.head == "rel" and condition.data == "=" and condition.args[0].head == "name":
        found = model.variables.get(condition.args[0].data)
        return found, to_sympy(condition.args[1], model.types)
    if condition.head == "name":
        found = model.variables.get(condition.data)
        return found, found.symbol if found is not None else None
    return None, None


def _depends(observed: Variable, latent: Variable) -> bool:
    conditions = {n.data for c, _ in observed.cases for n in c.walk() if n.head == "name"}
    free: set[Any] = set()
    if observed.law is not None:
        for value in observed.law.values:
            free |= getattr(value, "free_symbols", set())
    return latent.name in conditions or latent.symbol in free


def class_masses(latent: Variable, model: Model) -> dict[Any, Any]:
    """The values of the latent variable and their probabilities."""
    law = latent.law
    assert law is not None
    if law.name == "Bernoulli":
        return {sp.S.One: law.values[0], sp.S.Zero: 1 - law.values[0]}
    if law.name == "Categorical":
        from derive.probability.laws import entries

        written = entries(law.parameters["p"])
        if written is not None:
            return {sp.Integer(k): to_sympy(p, model.types) for k, p in enumerate(written, 1)}
    return {}


def class_laws(observed: Variable, latent: Variable, values: tuple[Any, ...], model: Model) -> dict[Any, Distribution]:
    """The law of the observed variable for every value of the latent one. Raises Undetermined where one is missing."""
    found: dict[Any, Distribution] = {}
    for condition, law in observed.cases:
        if condition.head == "rel" and condition.data == "=" and condition.args[0] == Term("name", (), latent.name):
            found[to_sympy(condition.args[1], model.types)] = law
    if observed.law is not None and not observed.cases:
        for value in values:
            law = observed.law
            changed = {n: v.subs(latent.symbol, value) if isinstance(v, sp.Basic) else v for n, v in law.parameters.items()}
            found[value] = Distribution(law.family, changed)
    running = running_law(observed, latent)
    for value in values if running is not None else ():
        found.setdefault(value, law_of_class(running[1], running[0], value) if running is not None else found[value])
    for value in values:
        if value not in found:
            x, z = observed.name.key, latent.name.key
            raise Undetermined(f"the law of {x} given {z} = {value} is needed", expected=(f"{x} | {z} = {value} ~ …",))
    return found


def _without_common_factor(joint: dict[Any, Any], wanted: Any) -> Any:
    """The share of one class, with the constants that all of them have divided out."""
    split = {k: sp.powsimp(v).as_independent(sp.exp, as_Add=False) for k, v in joint.items()}
    front = split[wanted][0]
    if front == 0:
        return joint[wanted] / sp.Add(*joint.values())
    return split[wanted][1] / sp.Add(*(sp.simplify(constant / front) * rest for constant, rest in split.values()))


def class_weights(masses: dict[Any, Any], laws: dict[Any, Distribution], wanted: Any, value: Any) -> tuple[Any, Prose]:
    """P(z = wanted | x = value) of two classes as the sigmoid of the log-odds, and the words for it."""
    other = next(k for k in masses if k != wanted)
    odds = sp.expand_log(sp.log(masses[wanted]) - sp.log(masses[other]), force=True)
    logarithms = [laws[k].family.log_density(value, *laws[k].values) for k in (wanted, other)]
    argument = shortened(sp.expand_log(logarithms[0] - logarithms[1], force=True)) + odds
    return sigmoid(argument), ("dividing by the numerator, with the log-odds ", argument)


def _solved(
    reading: Reading, model: Model, pair: tuple[Variable, Variable], masses: dict[Any, Any], laws: dict[Any, Distribution], wanted: Any,
    value: Any, condition: Term,
) -> Solution:  # fmt: skip
    latent, observed = pair
    z, x = Term("name", (), latent.name), Term("name", (), observed.name)
    kept = possible_classes(laws, observed.symbol, value)
    listed, masses = masses, {k: m if k in kept else sp.S.Zero for k, m in masses.items()}
    joint = {k: masses[k] * sp.exp(laws[k].family.log_density(value, *laws[k].values)) if k in kept else sp.S.Zero for k in masses}
    exact = joint[wanted] / sp.Add(*joint.values())
    journal = Journal(reading.term)
    events = {k: Term("rel", (z, from_sympy(k)), "=") for k in masses}

    def both(k: Any) -> Term:
        return Term("mul", (density((condition if condition.head == "rel" else x,), (events[k],)), Term("probability", (events[k],), "P")))

    order = [wanted, *(k for k in masses if k != wanted)]
    ratio = Term("div", (both(wanted), Term("add", tuple(both(k) for k in order))))
    journal.add(
        step(
            RESPONSIBILITY,
            reading.term,
            ratio,
            claim=Claim("equal", sp.Add(*(joint[k] / sp.Add(*joint.values()) for k in masses)), sp.S.One),
        )
    )
    if kept == [wanted] or wanted not in kept:
        answer = sp.S.One if wanted in kept else sp.S.Zero
        because = ("the other classes cannot have this value" if wanted in kept else "this class cannot have the value",)
        journal.add(step(INSERT_DENSITY, ratio, answer, because=because, claim=Claim("equal", exact, answer)))
    elif len(masses) == 2:
        answer, because = class_weights(masses, laws, wanted, value)
        journal.add(step(LOG_ODDS, ratio, answer, because=because, claim=Claim("equal", exact, answer)))
    else:
        answer = _without_common_factor(joint, wanted)
        journal.add(step(INSERT_DENSITY, ratio, answer, claim=Claim("equal", exact, answer)))
    journal.note(tuple((law.family.says,) for law in laws.values()))
    if answer.is_number:
        answer = sp.simplify(answer)
    journal.note(((f"the values of {plain(z)} are exhaustive: {', '.join(map(str, listed))}",),))
    return Solution(derivation(journal, answer, model), answer, {}, journal.notes, journal.assumptions, types=model.types)
