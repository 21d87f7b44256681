"""Classes with Gaussian vectors: linear and quadratic discriminants, P(y = 1 | x) = σ(wᵀx + w₀).

In: a reading `P(y = 1 | x)` whose model has y with two values and x a vector with a Normal law for each. Out: a Solution, or None.
"""

from __future__ import annotations

from typing import Any

from derive.derivation import Claim
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.family import Distribution
from derive.probability.model import Model, Variable
from derive.rules.chance_inference import LOG_ODDS, RESPONSIBILITY
from derive.rules.chance_several import LINEAR_DISCRIMINANT
from derive.solution import Solution
from derive.solving.chance.latent import class_masses
from derive.solving.chance.matrix_terms import difference, half, inverse, logdet, negative, product, total, transpose
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.writing import density
from derive.solving.journal import Journal

__all__ = ["solve_discriminant"]


def solve_discriminant(reading: Reading) -> Solution | None:
    """`P(y = 1 | x)` for x | y = k ~ Normal(μₖ, Σₖ) in R^d."""
    term = reading.expanded
    if term.head != "probability" or len(term.args) != 1 or term.args[0].head != "given":
        return None
    event, x = term.args[0].args
    if event.head != "rel" or event.data != "=" or event.args[0].head != "name" or x.head != "name":
        return None
    model = build(reading)
    observed, latent = model.variables.get(x.data), model.variables.get(event.args[0].data)
    if observed is None or latent is None or latent.law is None or not observed.shape or not observed.cases:
        return None
    masses = class_masses(latent, model)
    laws = _laws(observed, latent, model)
    wanted = to_sympy(event.args[1], model.types)
    if set(laws) != set(masses) or len(masses) != 2 or wanted not in masses:
        return None
    other = next(k for k in masses if k != wanted)
    return _solved(reading, model, (event.args[0], x), (wanted, other), masses, laws)


def _laws(observed: Variable, latent: Variable, model: Model) -> dict[Any, Distribution]:
    found: dict[Any, Distribution] = {}
    for condition, law in observed.cases:
        if condition.head != "rel" or condition.data != "=" or condition.args[0] != Term("name", (), latent.name):
            return {}
        if law.name != "Normal" or not all(isinstance(law.parameters.get(n), Term) for n in ("mean", "covariance")):
            return {}
        found[to_sympy(condition.args[1], model.types)] = law
    return found


def _weighed(left: Term, covariance: Term, right: Term) -> Term:
    """leftᵀ Σ⁻¹ right; leftᵀ right / s² where Σ = s² I."""
    if covariance.head == "mul" and covariance.args[-1].head == "identity":
        scale = covariance.args[:-1]
        return Term("div", (product(transpose(left), right), scale[0] if len(scale) == 1 else Term("mul", scale)))
    return product(transpose(left), inverse(covariance), right)


def _distance(x: Term, law: Distribution) -> Term:
    """(x − μ)ᵀ Σ⁻¹ (x − μ)."""
    gap = difference(x, law.parameters["mean"])
    return _weighed(gap, law.parameters["covariance"], gap)


def _joint(x: Term, mass: Any, law: Distribution) -> Term:
    """P(y = k) p(x | y = k) without the power of 2π."""
    exponent = total(negative(half(_distance(x, law))), negative(half(logdet(law.parameters["covariance"]))))
    return Term("mul", (from_sympy(mass), Term("apply", (exponent,), "exp")))


def _solved(
    reading: Reading, model: Model, names: tuple[Term, Term], classes: tuple[Any, Any], masses: dict[Any, Any],
    laws: dict[Any, Distribution],
) -> Solution:  # fmt: skip
    z, x = names
    wanted, other = classes
    events = {k: Term("rel", (z, from_sympy(k)), "=") for k in classes}

    def both(k: Any) -> Term:
        return Term("mul", (density((x,), (events[k],)), Term("probability", (events[k],), "P")))

    journal = Journal(reading.term)
    ratio = Term("div", (both(wanted), Term("add", (both(wanted), both(other)))))
    joint = {k: _joint(x, masses[k], laws[k]) for k in classes}
    everything = Term("add", tuple(joint.values()))
    shares = Term("add", tuple(Term("div", (joint[k], everything)) for k in classes))
    journal.add(step(RESPONSIBILITY, reading.term, ratio, claim=Claim("equal", shares, Term("number", (), "1"))))
    odds = difference(_log(from_sympy(masses[wanted])), _log(from_sympy(masses[other])))
    own, rest = laws[wanted], laws[other]
    shared = own.parameters["covariance"] == rest.parameters["covariance"]
    quadratic = difference(half(_distance(x, rest)), half(_distance(x, own)))
    if not shared:
        volumes = difference(half(logdet(rest.parameters["covariance"])), half(logdet(own.parameters["covariance"])))
        quadratic = total(quadratic, volumes)
    argument = total(quadratic, odds)
    answer = Term("apply", (argument,), "sigmoid")
    claim = Claim("equal", answer, Term("div", (joint[wanted], everything)))
    journal.add(step(LOG_ODDS, ratio, answer, because=("dividing by the numerator",), claim=claim))
    if shared:
        spread = own.parameters["covariance"]
        first, second = own.parameters["mean"], rest.parameters["mean"]
        slope = _weighed(difference(first, second), spread, x)
        constant = difference(half(_weighed(second, spread, second)), half(_weighed(first, spread, first)))
        linear = total(slope, constant, odds)
        final = Term("apply", (linear,), "sigmoid")
        because = ("the quadratic terms of x cancel",)
        journal.add(step(LINEAR_DISCRIMINANT, answer, final, because=because, claim=Claim("equal", argument, linear)))
        answer = final
    journal.note(((own.family.says,),))
    return Solution(derivation(journal, answer, model), answer, {}, journal.notes, journal.assumptions, types=model.types)


def _log(term: Term) -> Term:
    return Term("apply", (term,), "log")
