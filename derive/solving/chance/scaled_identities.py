"""Covariances that are a number times the identity: their inverses, quadratic forms and images, without the identity in between.

In: covariances, matrices and vectors as terms. Out: terms: β XᵀX for Xᵀ (β⁻¹ I)⁻¹ X; full covariances keep their inverse.
"""

from __future__ import annotations

from derive.expressions.term import Term, number
from derive.solving.chance.matrix_terms import inverse, is_zero, product, transpose

__all__ = [
    "factor_of", "inverted", "is_identity", "is_one_number", "moved", "moved_to_number", "pulled", "quadratic", "reciprocal", "scale_of",
    "scaled", "squeezed", "weighted",
]  # fmt: skip


def is_identity(term: Term) -> bool:
    return term.head == "identity" or (term.head == "name" and term.data.base == "I" and not term.data.sub)


def is_one_number(covariance: Term) -> bool:
    """Whether it is the variance of a single observation."""
    return any(n == Term("identity", (number(1),)) for n in covariance.walk())


def scale_of(covariance: Term) -> Term | None:
    """c of c I; None for other matrices."""
    if is_identity(covariance):
        return number(1)
    if covariance.head == "mul" and is_identity(covariance.args[-1]):
        return product(*covariance.args[:-1])
    if covariance.head == "div" and is_identity(covariance.args[0]):
        return Term("div", (number(1), covariance.args[1]))
    return None


def reciprocal(scale: Term) -> Term:
    if scale.head == "pow" and scale.args[1] == Term("neg", (number(1),)):
        return scale.args[0]
    if scale.head == "div" and scale.args[0] == number(1):
        return scale.args[1]
    if scale == number(1):
        return scale
    return Term("div", (number(1), scale))


def inverted(covariance: Term) -> Term:
    """S⁻¹; (1/c) I of c I."""
    scale = scale_of(covariance)
    if scale is None:
        return inverse(covariance)
    eye = covariance if is_identity(covariance) else covariance.args[-1] if covariance.head == "mul" else covariance.args[0]
    return Term("mul", (reciprocal(scale), eye)) if scale != number(1) else eye


def factor_of(covariance: Term) -> Term | None:
    scale = scale_of(covariance)
    return None if scale is None else reciprocal(scale)


def squeezed(matrix: Term, noise: Term) -> Term:
    """Aᵀ R⁻¹ A."""
    factor = factor_of(noise)
    if factor is None:
        return product(transpose(matrix), inverse(noise), matrix)
    return scaled(factor, product(transpose(matrix), matrix))


def pulled(matrix: Term, noise: Term, gap: Term) -> Term:
    """Aᵀ R⁻¹ (y − b)."""
    factor = factor_of(noise)
    if factor is None:
        return product(transpose(matrix), inverse(noise), gap)
    return scaled(factor, product(transpose(matrix), gap))


def weighted(precision: Term, mean: Term) -> Term:
    if is_zero(mean):
        return mean
    scale = scale_of(precision)
    return product(precision, mean) if scale is None else scaled(scale, mean)


def scaled(factor: Term, term: Term) -> Term:
    return term if factor == number(1) else Term("mul", (factor, *(term.args if term.head == "mul" else (term,))))


def quadratic(vector: Term, covariance: Term) -> Term:
    """vᵀ S⁻¹ v."""
    factor = factor_of(covariance)
    if factor is None:
        return product(transpose(vector), inverse(covariance), vector)
    if is_one_number(covariance):
        return scaled(factor, Term("pow", (vector, number(2))))  # one number
    return scaled(factor, Term("pow", (Term("norm", (vector,), "2"), number(2))))


def moved(matrix: Term, spread: Term) -> Term:
    """A S Aᵀ; c A Aᵀ of S = c I."""
    scale = scale_of(spread)
    if scale is None:
        return product(matrix, spread, transpose(matrix))
    return spread if is_identity(matrix) else scaled(scale, product(matrix, transpose(matrix)))


def moved_to_number(row: Term, spread: Term) -> Term:
    """xᵀ S x; c ‖x‖² of S = c I."""
    scale, vector = scale_of(spread), transpose(row)
    if scale is None:
        return product(row, spread, vector)
    return scaled(scale, Term("pow", (Term("norm", (vector,), "2"), number(2))))
