"""The evidence lower bound of a declared model and variational family: expected log-likelihood less the divergence from the prior.

In: `ELBO` where a latent variable has a law, data have laws given it, and q(z) = … names the family. Out: a Solution with the bound.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.derivation import Claim
from derive.errors import Undetermined
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Name, Term
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.family import Distribution
from derive.probability.model import Model, Variable
from derive.rules.chance_information import ELBO, INSERT_LOG_DENSITIES, INSERT_MOMENTS
from derive.solution import Solution
from derive.solving.chance.information import grouped, mean_of, refuse_infinite, tidy
from derive.solving.chance.maxima import gentle
from derive.solving.chance.observations import observations
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.writing import density, follows
from derive.solving.journal import Journal

__all__ = ["solve_elbo"]


def solve_elbo(reading: Reading) -> Solution:
    """E_q[log p(x | z)] − KL(q ‖ p(z)). Raises Undetermined without a latent variable, data or a variational family."""
    model = build(reading)
    family = _family(model)
    latent = _latent(model)
    prior = latent.law
    assert prior is not None
    z = latent.symbol
    seen = observations(model, (z,))
    journal = Journal(reading.term)
    refuse_infinite(family, prior, journal)
    likelihood = sp.Add(*(o.log_density for o in seen))
    ratio = prior.family.log_density(z, *prior.values) - family.family.log_density(z, *family.values)
    first, second = _expected(likelihood, z, family), _expected(ratio, z, family)
    name = Term("name", (), latent.name)
    shown = tuple(t for o in seen for t in o.shown)
    under = Term("expect_under", (name, Term("name", (), Name("q"))))
    fit = Term("probability", (Term("apply", (density(shown, (name,)),), "log"), under), "E")
    distance = Term("probability", (Term("divergence_bar", (_called("q", name), _called("p", name))),), "KL")
    formula = Term("add", (fit, Term("neg", (distance,))))
    value = tidy(first + second)
    support = family.family.support(*family.values)
    weight = sp.exp(family.family.log_density(z, *family.values))

    def whole(of: Any) -> Any:
        if family.family.discrete:
            return sp.Sum(of * weight, (z, support.lower, support.upper))
        return sp.Integral(of * weight, (z, support.lower, support.upper))

    journal.add(step(ELBO, reading.term, formula, claim=Claim("equal", whole(likelihood) + whole(ratio), value)))
    because = ("with ", follows(_called("q", name), family))
    journal.add(step(INSERT_LOG_DENSITIES, fit, first, "=", because, claim=Claim("equal", whole(likelihood), first)))
    journal.add(step(INSERT_LOG_DENSITIES, distance, -second, "=", because, claim=Claim("equal", -whole(ratio), -second)))
    inserted = Term("add", (from_sympy(first), from_sympy(second)))
    journal.add(step(INSERT_MOMENTS, formula, inserted, claim=Claim("equal", first + second, whole(likelihood) + whole(ratio))))
    if from_sympy(value) != inserted:
        journal.add(step(INSERT_MOMENTS, inserted, value, claim=Claim("equal", first + second, value)))
    journal.note((("the bound is log p(x) less KL(q(z) ‖ p(z | x))",),))
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)


def _called(letter: str, name: Term) -> Term:
    return Term("call", (Term("name", (), Name(letter)), name))


def _family(model: Model) -> Distribution:
    for name, law in model.named.items():
        if name.base == "q":
            return law
    if len(model.named) == 1:
        return next(iter(model.named.values()))
    raise Undetermined("the variational family is needed", expected=("q(z) = Normal(m, v)",))


def _latent(model: Model) -> Variable:
    used: set[Any] = set()
    for source in model.sources:
        if source.law is not None:
            for value in source.law.values:
                used |= getattr(value, "free_symbols", set())
    found = [v for v in model.variables.values() if v.law is not None and v.symbol in used]
    if len(found) != 1:
        raise Undetermined("one latent variable with a prior is needed", expected=("z ~ Normal(0, 1)", "x | z ~ Normal(z, s^2)"))
    return found[0]


def _expected(logarithm: Any, z: Any, law: Distribution) -> Any:
    """E_q of a log-density, statistic by statistic."""
    return tidy(sp.Add(*(c * (mean_of(inside, z, law) if inside != 1 else 1) for inside, c in grouped(gentle(logarithm), z))))
