"""The mean of a Gaussian sample of vectors as the unknown: μ ~ Normal(m, S), x_1, …, x_n | μ iid ~ Normal(μ, Σ).

In: `posterior of mu`, `map of mu`, and moments of (1/n) Σ x_i. Out: a Solution over terms, or None where the model is another one.
"""

from __future__ import annotations

from typing import NamedTuple

from derive.derivation import Claim
from derive.expressions.term import Name, Term, number
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution
from derive.probability.model import Model, Sample
from derive.rules.chance_inference import BAYES_DENSITY, BLOCKS, GATHER_EXPONENTS, INSERT_DENSITIES
from derive.solution import Solution
from derive.solving.chance.linear_gaussian import as_term
from derive.solving.chance.matrix_terms import difference, half, inverse, is_zero, negative, product, total, transpose
from derive.solving.chance.normal_spreads import sized
from derive.solving.chance.observations import question
from derive.solving.chance.scaled_identities import inverted, quadratic, scale_of, scaled, weighted
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.writing import conditional, density, follows
from derive.solving.journal import Journal

__all__ = ["solve_sample_posterior"]


class _Model(NamedTuple):
    """The unknown mean with its prior, and the sample; every part a term."""

    mean: Term
    prior: tuple[Term, Term]
    sample: Sample
    size: Term
    noise: Term


def solve_sample_posterior(reading: Reading) -> Solution | None:
    """The posterior of the mean of a sample of vectors; for `map` its mode, which is its mean."""
    model = build(reading)
    asked = question(reading.expanded)
    if len(asked.unknowns) != 1 or asked.unknowns[0].head != "name" or any(g.head == "rel" for g in asked.given):
        return None
    found = _found(model, asked.unknowns[0].data)
    if found is None:
        return None
    mu, (start, spread), sample, size, noise = found
    i = Term("name", (), next(n for n in (Name("i"), Name("j"), Name("k")) if Term("name", (), n) not in (mu, size)))
    entry = Term("index", (Term("name", (), sample.base), i))

    def over(body: Term) -> Term:
        return Term("sum", (body, i, number(1), size), "range")

    data = over(entry)
    one = inverted(noise)
    weight = total(weighted(inverted(spread), start), weighted(one, data))
    scales = scale_of(spread), scale_of(noise)
    if scales[0] is not None and scales[1] is not None:  # one number for all directions
        number_of_it = total(_over(number(1), scales[0]), _over(size, scales[1]))
        eye = Term("identity", model.types[mu.data].shape)
        precision, covariance = Term("mul", (number_of_it, eye)), Term("div", (eye, number_of_it))
        mean = Term("div", (weight, number_of_it))
        factor = number_of_it
    else:
        precision = factor = total(inverted(spread), scaled(size, one))
        covariance = inverse(precision)
        mean = product(covariance, weight)
    law = Distribution(FAMILIES["MultivariateNormal"], {"mean": mean, "covariance": covariance})
    journal = Journal(reading.term)
    shown = (Term("index", (Term("name", (), sample.base), number(1))), Term("dots"), Term("index", (Term("name", (), sample.base), size)))
    both = Term("mul", (density(shown, (mu,)), density((mu,))))
    gap = difference(mu, start)
    exponent = total(negative(half(over(quadratic(difference(entry, mu), noise)))), negative(half(quadratic(gap, spread))))
    slope = Claim("equal", Term("gradient", (exponent, mu)), difference(weight, product(precision, mu)))
    bend = Claim("equal", Term("hessian", (exponent, mu)), negative(precision))
    journal.add(step(BAYES_DENSITY, density((mu,), shown), both, "∝", ("the evidence does not depend on ", mu), claim=bend))
    without = ("without the factors that do not depend on ", mu)
    journal.add(step(INSERT_DENSITIES, both, Term("apply", (exponent,), "exp"), "∝", without, claim=slope))
    gathered = total(negative(half(product(transpose(mu), precision, mu))), product(transpose(mu), weight))
    constant = total(half(over(quadratic(entry, noise))), number(0) if is_zero(start) else half(quadratic(start, spread)))
    again = Claim("equal", total(exponent, constant), gathered)
    journal.add(step(GATHER_EXPONENTS, Term("apply", (exponent,), "exp"), Term("apply", (gathered,), "exp"), "∝", claim=again))
    answer = follows(conditional((mu,), shown), law, model.types)
    stationary = Claim("equal", product(factor, mean), weight)
    journal.add(step(BLOCKS, Term("apply", (gathered,), "exp"), answer, "⇒", ("with Λ = ", precision), claim=stationary))
    journal.assume((("the covariances are invertible",),))
    journal.note(((law.family.says,),))
    if reading.task == "map":
        return Solution(derivation(journal, mean, model), mean, {}, journal.notes, journal.assumptions, types=model.types)
    parts = dict(law.parameters)
    return Solution(derivation(journal, answer, model), answer, parts, journal.notes, journal.assumptions, law, types=model.types)


def _found(model: Model, unknown: Name) -> _Model | None:
    variable = model.variables.get(unknown)
    if variable is None or variable.law is None or "covariance" not in variable.law.parameters or variable.given:
        return None
    mu = Term("name", (), unknown)
    for sample in model.samples.values():
        law = sample.law
        if law is None or "covariance" not in law.parameters or sample.size is None or not sample.iid:
            continue
        if as_term(law.parameters["mean"]) != mu or mu in set(as_term(law.parameters["covariance"]).walk()):
            continue
        length = model.types[unknown].shape[0]
        spreads = [sized(as_term(found.parameters["covariance"]), length) for found in (variable.law, law)]
        return _Model(mu, (as_term(variable.law.parameters["mean"]), spreads[0]), sample, sample.size, spreads[1])
    return None


def _over(above: Term, below: Term) -> Term:
    return above if below == number(1) else Term("div", (above, below))
