"""Linear-Gaussian models over vectors: w ~ Normal(m, S), y | w ~ Normal(A w + b, R): posterior and marginal.

In: readings whose laws are multivariate Normals with means linear in one vector. Out: a Solution over terms, or None where they are not.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from derive.derivation import Claim
from derive.expressions.term import Name, Term, number
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution
from derive.probability.model import Model, Variable
from derive.rules.chance_inference import BAYES_DENSITY, BLOCKS, GATHER_EXPONENTS, INSERT_DENSITIES
from derive.rules.chance_transformations import GAUSSIAN_LINEAR
from derive.solution import Solution
from derive.solving.chance.matrix_terms import difference, half, inverse, is_zero, negative, product, total, transpose
from derive.solving.chance.observations import question
from derive.solving.chance.scalar_observations import scalar_observations
from derive.solving.chance.scaled_identities import (
    inverted,
    is_one_number,
    moved,
    moved_to_number,
    pulled,
    quadratic,
    scale_of,
    squeezed,
    weighted,
)
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.writing import conditional, density, follows
from derive.solving.journal import Journal

__all__ = ["Linear", "as_term", "coefficient", "linear_model", "solve_vector_marginal", "solve_vector_posterior"]


class Linear(NamedTuple):
    """y | w ~ Normal(A w + b, R) beside w ~ Normal(m, S); every part a term."""

    latent: Variable
    data: Variable
    matrix: Term
    offset: Term
    noise: Term
    mean: Term
    spread: Term


def solve_vector_posterior(reading: Reading) -> Solution | None:
    """`posterior of w`, `p(w | y)` where w is a vector with a Normal prior and y is linear in it."""
    model = build(reading)
    asked = question(reading.expanded)
    unknown = asked.unknowns[0] if len(asked.unknowns) == 1 else None
    found = linear_model(model, unknown.data if unknown is not None and unknown.head == "name" else None)
    if found is None:
        return None
    w, y = Term("name", (), found.latent.name), Term("name", (), found.data.name)
    gap = difference(y, found.offset)
    precision = total(inverted(found.spread), squeezed(found.matrix, found.noise))
    weight = total(weighted(inverted(found.spread), found.mean), pulled(found.matrix, found.noise, gap))
    covariance = inverse(precision)
    law = _normal(product(covariance, weight), covariance)
    journal = Journal(reading.term)
    posterior = density((w,), (y,))
    both = Term("mul", (density((y,), (w,)), density((w,))))
    residual, centred = difference(gap, product(found.matrix, w)), difference(w, found.mean)
    exponent = total(negative(half(quadratic(residual, found.noise))), negative(half(quadratic(centred, found.spread))))
    bend = Claim("equal", Term("hessian", (exponent, w)), negative(precision))
    slope = Claim("equal", Term("gradient", (exponent, w)), difference(weight, product(precision, w)))
    journal.add(step(BAYES_DENSITY, posterior, both, "∝", ("the evidence ", density((y,)), " does not depend on ", w), claim=bend))
    journal.add(
        step(INSERT_DENSITIES, both, Term("apply", (exponent,), "exp"), "∝", ("without the factors that do not depend on ", w), claim=slope)
    )
    constant = total(half(quadratic(gap, found.noise)), half(quadratic(found.mean, found.spread)) if not is_zero(found.mean) else number(0))
    gathered = total(negative(half(product(transpose(w), precision, w))), product(transpose(w), weight))
    claim = Claim("equal", total(exponent, constant), gathered)
    journal.add(step(GATHER_EXPONENTS, Term("apply", (exponent,), "exp"), Term("apply", (gathered,), "exp"), "∝", claim=claim))
    answer = follows(conditional((w,), (y,)), law, model.types)
    because = ("with Λ = ", precision)
    stationary = Claim("equal", product(precision, law.parameters["mean"]), weight)
    journal.add(step(BLOCKS, Term("apply", (gathered,), "exp"), answer, "⇒", because, claim=stationary))
    journal.assume((("the covariances are invertible",),))
    return _finish(journal, law, answer, model)


def solve_vector_marginal(reading: Reading) -> Solution | None:
    """`marginal of y`, `evidence`, `predictive of y`: y ~ Normal(A m + b, A S Aᵀ + R)."""
    model = build(reading)
    asked = question(reading.expanded)
    found = linear_model(model, None)
    if found is None or any(g.head == "name" for g in asked.given):
        return None
    if asked.unknowns and asked.unknowns[0] != Term("name", (), found.data.name):
        return None
    y = Term("name", (), found.data.name)
    mean = total(product(found.matrix, found.mean), found.offset)
    single = is_one_number(found.noise)
    image_spread = (moved_to_number if single else moved)(found.matrix, found.spread)
    law = _scalar_normal(mean, image_spread, found.noise) if single else _normal(mean, total(image_spread, found.noise))
    journal = Journal(reading.term)
    answer = follows(y, law, model.types)
    because = (
        "y is ",
        total(product(found.matrix, Term("name", (), found.latent.name)), found.offset),
        " plus independent noise: means and covariances add",
    )
    image = total(product(found.matrix, Term("name", (), found.latent.name)), found.offset)
    claim = Claim("equal", Term("probability", (image,), "Cov"), image_spread)
    journal.add(step(GAUSSIAN_LINEAR, reading.term, answer, "⇒", because, claim=claim))
    return _finish(journal, law, answer, model)


def _finish(journal: Journal, law: Distribution, answer: Term, model: Model) -> Solution:
    journal.note(((law.family.says,),))
    return Solution(
        derivation(journal, answer, model), answer, dict(law.parameters), journal.notes, journal.assumptions, law, types=model.types
    )


def _normal(mean: Term, covariance: Term) -> Distribution:
    return Distribution(FAMILIES["MultivariateNormal"], {"mean": mean, "covariance": covariance})


def _scalar_normal(mean: Term, spread: Term, noise: Term) -> Distribution:
    """The law of one number: the variance of the noise without its identity."""
    variance = total(spread, scale_of(noise) or number(1))
    return Distribution(FAMILIES["Normal"], {"mean": mean, "variance": variance})


def linear_model(model: Model, latent: Name | None) -> Linear | None:
    for data in model.variables.values():
        if data.law is None or "covariance" not in data.law.parameters:
            continue
        for source in model.variables.values():
            if source is data or source.law is None or "covariance" not in source.law.parameters or latent not in (None, source.name):
                continue
            parts = coefficient(as_term(data.law.parameters["mean"]), source.name)
            if parts is not None:
                noise, spread = as_term(data.law.parameters["covariance"]), as_term(source.law.parameters["covariance"])
                return Linear(source, data, parts[0], parts[1], noise, as_term(source.law.parameters["mean"]), spread)
    for source in model.variables.values():
        if source.law is None or "covariance" not in source.law.parameters or latent not in (None, source.name):
            continue
        seen = scalar_observations(model, source.name)
        if seen is not None:
            mean, spread = as_term(source.law.parameters["mean"]), as_term(source.law.parameters["covariance"])
            return Linear(source, *seen, mean, spread)
    return None


def as_term(value: Any) -> Term:
    if isinstance(value, Term):
        return value
    from derive.expressions.from_sympy import from_sympy

    return from_sympy(value)


def coefficient(mean: Term, name: Name) -> tuple[Term, Term] | None:
    """A and b of A w + b; None when it is not that."""
    matrix: Term | None = None
    rest: list[Term] = []
    for part in mean.args if mean.head == "add" else (mean,):
        if not any(n.head == "name" and n.data == name for n in part.walk()):
            rest.append(part)
            continue
        if matrix is not None:
            return None
        if part.head == "name":
            matrix = Term("identity")
        elif part.head == "mul" and part.args[-1].head == "name" and part.args[-1].data == name:
            matrix = product(*part.args[:-1])
        else:
            return None
    return (matrix, total(*rest) if rest else number(0)) if matrix is not None else None
