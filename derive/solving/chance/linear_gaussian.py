"""Linear-Gaussian models over vectors: w ~ Normal(m, S), y | w ~ Normal(A w + b, R): posterior, marginal, estimates; samples of vectors.

In: readings whose laws are multivariate Normals with means linear in one vector. Out: a Solution over terms, or None where they are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from derive.derivation import Claim
from derive.expressions.term import Name, Term, number
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution
from derive.probability.model import Model, Sample, Variable
from derive.rules.chance_inference import BAYES_DENSITY, BLOCKS, GATHER_EXPONENTS, INSERT_DENSITIES, LOG_LIKELIHOOD, SCORE, SCORE_ZERO
from derive.rules.chance_transformations import GAUSSIAN_LINEAR
from derive.solution import Solution
from derive.solving.chance.matrix_terms import difference, half, inverse, is_zero, negative, product, total, transpose
from derive.solving.chance.observations import question
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.writing import conditional, density, follows
from derive.solving.journal import Journal

__all__ = ["solve_vector_estimate", "solve_vector_marginal", "solve_vector_posterior"]


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
    found = _linear(model, unknown.data if unknown is not None and unknown.head == "name" else None)
    if found is None:
        return None
    w, y = Term("name", (), found.latent.name), Term("name", (), found.data.name)
    gap = difference(y, found.offset)
    precision = total(_inverted(found.spread), _squeezed(found.matrix, found.noise))
    weight = total(_weighted(_inverted(found.spread), found.mean), _pulled(found.matrix, found.noise, gap))
    covariance = inverse(precision)
    law = _normal(product(covariance, weight), covariance)
    journal = Journal(reading.term)
    posterior = density((w,), (y,))
    both = Term("mul", (density((y,), (w,)), density((w,))))
    residual, centred = difference(gap, product(found.matrix, w)), difference(w, found.mean)
    exponent = total(negative(half(_quadratic(residual, found.noise))), negative(half(_quadratic(centred, found.spread))))
    bend = Claim("equal", Term("hessian", (exponent, w)), negative(precision))
    slope = Claim("equal", Term("gradient", (exponent, w)), difference(weight, product(precision, w)))
    journal.add(step(BAYES_DENSITY, posterior, both, "∝", ("the evidence ", density((y,)), " does not depend on ", w), claim=bend))
    journal.add(
        step(INSERT_DENSITIES, both, Term("apply", (exponent,), "exp"), "∝", ("without the factors that do not depend on ", w), claim=slope)
    )
    constant = total(
        half(_quadratic(gap, found.noise)), half(_quadratic(found.mean, found.spread)) if not is_zero(found.mean) else number(0)
    )
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
    found = _linear(model, None)
    if found is None or any(g.head == "name" for g in asked.given):
        return None
    if asked.unknowns and asked.unknowns[0] != Term("name", (), found.data.name):
        return None
    y = Term("name", (), found.data.name)
    mean = total(product(found.matrix, found.mean), found.offset)
    law = _normal(mean, total(product(found.matrix, found.spread, transpose(found.matrix)), found.noise))
    journal = Journal(reading.term)
    answer = follows(y, law, model.types)
    because = (
        "y is ",
        total(product(found.matrix, Term("name", (), found.latent.name)), found.offset),
        " plus independent noise: means and covariances add",
    )
    image = total(product(found.matrix, Term("name", (), found.latent.name)), found.offset)
    moved = product(found.matrix, found.spread, transpose(found.matrix))
    claim = Claim("equal", Term("probability", (image,), "Cov"), moved)
    journal.add(step(GAUSSIAN_LINEAR, reading.term, answer, "⇒", because, claim=claim))
    return _finish(journal, law, answer, model)


def _finish(journal: Journal, law: Distribution, answer: Term, model: Model) -> Solution:
    journal.note(((law.family.says,),))
    return Solution(
        derivation(journal, answer, model), answer, dict(law.parameters), journal.notes, journal.assumptions, law, types=model.types
    )


def _normal(mean: Term, covariance: Term) -> Distribution:
    return Distribution(FAMILIES["MultivariateNormal"], {"mean": mean, "covariance": covariance})


def _linear(model: Model, latent: Name | None) -> Linear | None:
    for data in model.variables.values():
        if data.law is None or "covariance" not in data.law.parameters:
            continue
        for source in model.variables.values():
            if source is data or source.law is None or "covariance" not in source.law.parameters or latent not in (None, source.name):
                continue
            parts = _coefficient(_term(data.law.parameters["mean"]), source.name)
            if parts is not None:
                noise, spread = _term(data.law.parameters["covariance"]), _term(source.law.parameters["covariance"])
                return Linear(source, data, parts[0], parts[1], noise, _term(source.law.parameters["mean"]), spread)
    return None


def _term(value: Any) -> Term:
    if isinstance(value, Term):
        return value
    from derive.expressions.from_sympy import from_sympy

    return from_sympy(value)


def _coefficient(mean: Term, name: Name) -> tuple[Term, Term] | None:
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


# ── scalar multiples of the identity ─────────────────────────────────────────────────────────────────────────────────


def _is_identity(term: Term) -> bool:
    return term.head == "identity" or (term.head == "name" and term.data.base == "I" and not term.data.sub)


def _scale(covariance: Term) -> Term | None:
    """c of c I; None for other matrices."""
    if _is_identity(covariance):
        return number(1)
    if covariance.head == "mul" and _is_identity(covariance.args[-1]):
        return product(*covariance.args[:-1])
    if covariance.head == "div" and _is_identity(covariance.args[0]):
        return Term("div", (number(1), covariance.args[1]))
    return None


def _reciprocal(scale: Term) -> Term:
    if scale.head == "pow" and scale.args[1] == Term("neg", (number(1),)):
        return scale.args[0]
    if scale.head == "div" and scale.args[0] == number(1):
        return scale.args[1]
    if scale == number(1):
        return scale
    return Term("div", (number(1), scale))


def _inverted(covariance: Term) -> Term:
    """S⁻¹; (1/c) I of c I."""
    scale = _scale(covariance)
    if scale is None:
        return inverse(covariance)
    eye = covariance if _is_identity(covariance) else covariance.args[-1] if covariance.head == "mul" else covariance.args[0]
    return Term("mul", (_reciprocal(scale), eye)) if scale != number(1) else eye


def _factor(covariance: Term) -> Term | None:
    scale = _scale(covariance)
    return None if scale is None else _reciprocal(scale)


def _squeezed(matrix: Term, noise: Term) -> Term:
    """Aᵀ R⁻¹ A."""
    factor = _factor(noise)
    if factor is None:
        return product(transpose(matrix), inverse(noise), matrix)
    return _scaled(factor, product(transpose(matrix), matrix))


def _pulled(matrix: Term, noise: Term, gap: Term) -> Term:
    """Aᵀ R⁻¹ (y − b)."""
    factor = _factor(noise)
    if factor is None:
        return product(transpose(matrix), inverse(noise), gap)
    return _scaled(factor, product(transpose(matrix), gap))


def _weighted(precision: Term, mean: Term) -> Term:
    if is_zero(mean):
        return mean
    scale = _scale(precision)
    return product(precision, mean) if scale is None else _scaled(scale, mean)


def _scaled(factor: Term, term: Term) -> Term:
    return term if factor == number(1) else Term("mul", (factor, *(term.args if term.head == "mul" else (term,))))


def _quadratic(vector: Term, covariance: Term) -> Term:
    """vᵀ S⁻¹ v."""
    factor = _factor(covariance)
    if factor is None:
        return product(transpose(vector), inverse(covariance), vector)
    return _scaled(factor, Term("pow", (Term("norm", (vector,), "2"), number(2))))


def _plus_constant(term: Term) -> Term:
    return Term("add", (*(term.args if term.head == "add" else (term,)), Term("name", (), Name("const"))))


# ── estimates ────────────────────────────────────────────────────────────────────────────────────────────────────────


def solve_vector_estimate(reading: Reading) -> Solution | None:
    """Least squares for `mle of w` of y ~ Normal(X w, s² I), ridge for `map of w`; mean and covariance of a sample of Normal vectors."""
    model = build(reading)
    asked = question(reading.expanded)
    sample = next((s for s in model.samples.values() if s.law is not None and "covariance" in s.law.parameters), None)
    if sample is not None and reading.task == "mle":
        return _sample_estimates(reading, sample, asked.unknowns, model)
    if len(asked.unknowns) != 1 or asked.unknowns[0].head != "name":
        return None
    name = asked.unknowns[0].data
    if reading.task == "map":
        found = _linear(model, name)
        return None if found is None else _ridge(reading, found, model)
    return _least_squares(reading, name, model)


def _least_squares(reading: Reading, name: Name, model: Model) -> Solution | None:
    for data in model.variables.values():
        if data.law is None or "covariance" not in data.law.parameters:
            continue
        parts = _coefficient(_term(data.law.parameters["mean"]), name)
        if parts is None:
            continue
        matrix, offset = parts
        noise = _term(data.law.parameters["covariance"])
        w, y = Term("name", (), name), Term("name", (), data.name)
        gap = difference(y, offset)
        factor = _factor(noise)
        inner = product(transpose(matrix), matrix) if factor is not None else product(transpose(matrix), inverse(noise), matrix)
        right = product(transpose(matrix), gap) if factor is not None else product(transpose(matrix), inverse(noise), gap)
        answer = product(inverse(inner), right)
        journal = Journal(reading.term)
        residual = difference(gap, product(matrix, w))
        objective = negative(half(_quadratic(residual, noise)))
        logarithm = Term("apply", (density((y,), (w,)),), "log")
        squeezed = Claim("equal", Term("hessian", (objective, w)), negative(_squeezed(matrix, noise)))
        journal.add(step(LOG_LIKELIHOOD, logarithm, _plus_constant(objective), claim=squeezed))
        slope = _pulled(matrix, noise, residual)
        gradient = Term("gradient", (objective, w))
        journal.add(step(SCORE, gradient, slope, claim=Claim("equal", gradient, slope)))
        result = Term("rel", (w, answer), "=")
        claim = Claim("equal", product(inner, answer), right)
        journal.add(step(SCORE_ZERO, Term("rel", (slope, number(0)), "="), result, "⇔", claim=claim))
        journal.assume((("the columns of ", matrix, " are linearly independent"),))
        journal.note((("the log-likelihood is concave: the solution is the maximum",),))
        return Solution(derivation(journal, answer, model), answer, {}, journal.notes, journal.assumptions, types=model.types)
    return None


def _ridge(reading: Reading, found: Linear, model: Model) -> Solution:
    w, y = Term("name", (), found.latent.name), Term("name", (), found.data.name)
    gap = difference(y, found.offset)
    precision = total(_squeezed(found.matrix, found.noise), _inverted(found.spread))
    right = total(_pulled(found.matrix, found.noise, gap), _weighted(_inverted(found.spread), found.mean))
    answer = product(inverse(precision), right)
    residual, centred = difference(gap, product(found.matrix, w)), difference(w, found.mean)
    objective = total(negative(half(_quadratic(residual, found.noise))), negative(half(_quadratic(centred, found.spread))))
    journal = Journal(reading.term)
    logarithm = Term("apply", (Term("mul", (density((y,), (w,)), density((w,)))),), "log")
    bend = Claim("equal", Term("hessian", (objective, w)), negative(precision))
    journal.add(step(LOG_LIKELIHOOD, logarithm, _plus_constant(objective), claim=bend))
    slope = difference(_pulled(found.matrix, found.noise, residual), _weighted(_inverted(found.spread), centred))
    gradient = Term("gradient", (objective, w))
    journal.add(step(SCORE, gradient, slope, claim=Claim("equal", gradient, slope)))
    result = Term("rel", (w, answer), "=")
    claim = Claim("equal", product(precision, answer), right)
    journal.add(step(SCORE_ZERO, Term("rel", (slope, number(0)), "="), result, "⇔", claim=claim))
    return Solution(derivation(journal, answer, model), answer, {}, journal.notes, journal.assumptions, types=model.types)


def _sample_estimates(reading: Reading, sample: Sample, wanted: Sequence[Term], model: Model) -> Solution | None:
    """μ̂ = (1/n) Σ x_i, Σ̂ = (1/n) Σ (x_i − μ̂)(x_i − μ̂)ᵀ."""
    law = sample.law
    if law is None or sample.size is None:
        return None
    i = Term("name", (), Name("i"))
    entry = Term("index", (Term("name", (), sample.base), i))
    share = Term("div", (number(1), sample.size))
    mean = Term("mul", (share, Term("sum", (entry, i, number(1), sample.size), "range")))
    mu, sigma = _term(law.parameters["mean"]), _term(law.parameters["covariance"])
    asks = list(wanted) or [mu, sigma]
    centre = mean if mu in asks else mu
    gap = difference(entry, centre)
    spread = Term("mul", (share, Term("sum", (product(gap, transpose(gap)), i, number(1), sample.size), "range")))
    parts: dict[str, Any] = {}
    journal = Journal(reading.term)
    from derive.expressions.plain import plain

    logarithm = Term("apply", (density((Term("name", (), sample.base),), tuple(asks)),), "log")
    shown = difference(entry, mu)
    body = Term("sum", (product(transpose(shown), inverse(sigma), shown), i, number(1), sample.size), "range")
    determinant = Term("apply", (Term("apply", (sigma,), "det"),), "log")
    objective = Term("add", (negative(half(Term("mul", (sample.size, determinant)))), negative(half(body))))
    pull = product(inverse(sigma), Term("sum", (shown, i, number(1), sample.size), "range"))
    claim = Claim("equal", Term("gradient", (objective, mu)), pull) if mu.head == "name" else None
    journal.add(step(LOG_LIKELIHOOD, logarithm, _plus_constant(objective), claim=claim))
    nothing = Term("mul", (number(0), mu))
    zeros = {mu: Claim("equal", Term("sum", (difference(entry, mean), i, number(1), sample.size), "range"), nothing)}
    scatter = Term("sum", (product(shown, transpose(shown)), i, number(1), sample.size), "range")
    if sigma.head == "name":
        pulled = difference(half(product(inverse(sigma), scatter, inverse(sigma))), half(Term("mul", (sample.size, inverse(sigma)))))
        zeros[sigma] = Claim("equal", Term("gradient", (objective, sigma)), pulled)
    for term, value in ((mu, mean), (sigma, spread)):
        if term not in asks:
            continue
        zero = Term("rel", (Term("gradient", (objective, term)), number(0)), "=")
        journal.add(step(SCORE_ZERO, zero, Term("rel", (term, value), "="), "⇔", claim=zeros.get(term)))
        parts[plain(term)] = value
    if not parts:
        return None
    journal.assume(((f"the members of {sample.base.key} are independent and identically distributed (declared)",),))
    answer = next(iter(parts.values())) if len(parts) == 1 else None
    ended = answer if answer is not None else Term("tuple", tuple(parts.values()))
    return Solution(derivation(journal, ended, model), answer, parts, journal.notes, journal.assumptions, types=model.types)
