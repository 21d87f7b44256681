"""Estimates in Gaussian models of vectors: least squares, ridge, and the mean and the covariance of a sample.

In: `mle` and `map` tasks whose laws are multivariate Normals, or scalar Normals linear in a vector. Out: a Solution over terms, or None.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derive.derivation import Claim
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term, number
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.model import Model, Sample
from derive.rules.chance_inference import LOG_LIKELIHOOD, SCORE, SCORE_ZERO
from derive.solution import Solution
from derive.solving.chance.linear_gaussian import Linear, as_term, coefficient, linear_model
from derive.solving.chance.matrix_terms import difference, half, inverse, negative, product, total, transpose
from derive.solving.chance.observations import question
from derive.solving.chance.scalar_observations import Observed, scalar_observations
from derive.solving.chance.scaled_identities import factor_of, inverted, is_one_number, pulled, quadratic, scale_of, squeezed, weighted
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.writing import density
from derive.solving.journal import Journal

__all__ = ["solve_vector_estimate"]


def solve_vector_estimate(reading: Reading) -> Solution | None:
    """Least squares for `mle of w` of y ~ Normal(X w, s² I), ridge for `map of w`; mean and covariance of a sample of Normal vectors."""
    model = build(reading)
    asked = question(reading.expanded)
    sample = next((s for s in model.samples.values() if s.law is not None and "covariance" in s.law.parameters), None)
    if sample is not None and reading.task == "mle":
        return _sample_estimates(reading, sample, asked.unknowns, model)
    if not 1 <= len(asked.unknowns) <= 2 or asked.unknowns[0].head != "name":
        return None
    if reading.task == "map":
        found = linear_model(model, asked.unknowns[0].data) if len(asked.unknowns) == 1 else None
        return None if found is None else _ridge(reading, found, model)
    return _least_squares(reading, asked.unknowns, model)


def _observed(model: Model, name: Name) -> Observed | None:
    """What is observed with a mean that is linear in the vector."""
    for data in model.variables.values():
        if data.law is None or "covariance" not in data.law.parameters:
            continue
        parts = coefficient(as_term(data.law.parameters["mean"]), name)
        if parts is not None:
            return Observed(data, parts[0], parts[1], as_term(data.law.parameters["covariance"]))
    return scalar_observations(model, name)


def _least_squares(reading: Reading, wanted: Sequence[Term], model: Model) -> Solution | None:
    """ŵ = (XᵀX)⁻¹Xᵀy, and s² as the mean squared residual where it is asked for too."""
    w = wanted[0]
    seen = _observed(model, w.data)
    if seen is None or is_one_number(seen.noise):
        return None
    data, matrix, offset, noise = seen
    variance = wanted[1] if len(wanted) > 1 else None
    if variance is not None and scale_of(noise) != variance:
        return None
    y = Term("name", (), data.name)
    gap = difference(y, offset)
    factor = factor_of(noise)
    inner = product(transpose(matrix), matrix) if factor is not None else product(transpose(matrix), inverse(noise), matrix)
    right = product(transpose(matrix), gap) if factor is not None else product(transpose(matrix), inverse(noise), gap)
    answer = product(inverse(inner), right)
    journal = Journal(reading.term)
    residual = difference(gap, product(matrix, w))
    size = data.shape[0]
    logs = half(Term("mul", (size, Term("apply", (variance,), "log")))) if variance is not None else number(0)
    objective = difference(negative(half(quadratic(residual, noise))), logs)
    logarithm = Term("apply", (density((y,), tuple(wanted)),), "log")
    bend = Claim("equal", Term("hessian", (objective, w)), negative(squeezed(matrix, noise)))
    journal.add(step(LOG_LIKELIHOOD, logarithm, _plus_constant(objective), claim=bend))
    slope = pulled(matrix, noise, residual)
    gradient = Term("gradient", (objective, w))
    journal.add(step(SCORE, gradient, slope, claim=Claim("equal", gradient, slope)))
    result = Term("rel", (w, answer), "=")
    claim = Claim("equal", product(inner, answer), right)
    journal.add(step(SCORE_ZERO, Term("rel", (slope, number(0)), "="), result, "⇔", claim=claim))
    journal.assume((("the columns of ", matrix, " are linearly independent"),))
    journal.note((("the log-likelihood is concave: the solution is the maximum",),))
    if variance is None:
        return Solution(derivation(journal, answer, model), answer, {}, journal.notes, journal.assumptions, types=model.types)
    parts = {plain(w): answer, plain(variance): _residual_variance(journal, (gap, matrix, answer), variance, size)}
    ended = Term("tuple", tuple(parts.values()))
    return Solution(derivation(journal, ended, model), None, parts, journal.notes, journal.assumptions, types=model.types)


def _residual_variance(journal: Journal, fit: tuple[Term, Term, Term], variance: Term, size: Term) -> Term:
    """ŝ² = ‖y − Xŵ‖²/n: the score in v = s² is (‖r‖²/v − n)/(2v)."""
    gap, matrix, answer = fit
    square = Term("pow", (Term("norm", (difference(gap, product(matrix, answer)),), "2"), number(2)))
    value = Term("div", (square, size))
    score = difference(Term("div", (square, Term("mul", (number(2), Term("pow", (variance, number(2))))))), _half_count(size, variance))
    claim = Claim("equal", _half_count(size, value), Term("div", (square, Term("mul", (number(2), Term("pow", (value, number(2))))))))
    equation = Term("rel", (score, number(0)), "=")
    journal.add(step(SCORE_ZERO, equation, Term("rel", (variance, value), "="), "⇔", claim=claim))
    return value


def _half_count(size: Term, variance: Term) -> Term:
    return Term("div", (size, Term("mul", (number(2), variance))))


def _ridge(reading: Reading, found: Linear, model: Model) -> Solution:
    w, y = Term("name", (), found.latent.name), Term("name", (), found.data.name)
    gap = difference(y, found.offset)
    precision = total(squeezed(found.matrix, found.noise), inverted(found.spread))
    right = total(pulled(found.matrix, found.noise, gap), weighted(inverted(found.spread), found.mean))
    answer = product(inverse(precision), right)
    residual, centred = difference(gap, product(found.matrix, w)), difference(w, found.mean)
    objective = total(negative(half(quadratic(residual, found.noise))), negative(half(quadratic(centred, found.spread))))
    journal = Journal(reading.term)
    logarithm = Term("apply", (Term("mul", (density((y,), (w,)), density((w,)))),), "log")
    bend = Claim("equal", Term("hessian", (objective, w)), negative(precision))
    journal.add(step(LOG_LIKELIHOOD, logarithm, _plus_constant(objective), claim=bend))
    slope = difference(pulled(found.matrix, found.noise, residual), weighted(inverted(found.spread), centred))
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
    mu, sigma = as_term(law.parameters["mean"]), as_term(law.parameters["covariance"])
    asks = list(wanted) or [mu, sigma]
    centre = mean if mu in asks else mu
    gap = difference(entry, centre)
    spread = Term("mul", (share, Term("sum", (product(gap, transpose(gap)), i, number(1), sample.size), "range")))
    parts: dict[str, Any] = {}
    journal = Journal(reading.term)
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


def _plus_constant(term: Term) -> Term:
    return Term("add", (*(term.args if term.head == "add" else (term,)), Term("name", (), Name("const"))))
