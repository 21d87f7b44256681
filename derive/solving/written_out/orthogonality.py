"""Right angles: Gram–Schmidt, QR, Cholesky, projections, least squares, the pseudo-inverse.

In: SymPy matrices with numbers or symbols. Out: parts by name, steps in the journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from derive.errors import DoesNotExist, Undetermined, WrongUse
from derive.expressions.plain import plain
from derive.rules import linear_algebra as rules
from derive.solving.written_out.elimination import reduced
from derive.solving.written_out.matrices import column_term, inverse_of, is_numeric, matrix_term, neat, square, term_of
from derive.solving.written_out.work import Work

__all__ = ["cholesky", "gram_schmidt", "least_squares", "project", "projection_matrix", "pseudo_inverse", "qr"]


def orthonormal(work: Work, a: Any) -> list[Any]:
    """Orthonormal vectors that span what the columns do, one for each column. Raises DoesNotExist for dependent columns."""
    columns: list[Any] = []
    for k in range(a.shape[1]):
        vector = a[:, k]
        for q in columns:
            vector = vector - (q.T * a[:, k])[0] * q
        vector = vector.applyfunc(neat)
        square_length = neat(sum(e**2 for e in vector))
        if square_length == 0:
            raise DoesNotExist(f"the columns are linearly dependent: Gram–Schmidt meets a zero vector at column {k + 1}")
        length = neat(sp.sqrt(square_length))
        q = (vector / length).applyfunc(neat)
        columns.append(q)
        orthogonal = sp.Tuple(*(neat((p.T * q)[0]) for p in columns))
        expected = sp.Tuple(*(sp.Integer(int(p is q)) for p in columns))
        work.step(rules.GRAM_SCHMIDT, sp.Symbol(f"q_{k + 1}"), q, (f"column {k + 1}, with ‖v‖ = ", length), (orthogonal, expected))
        work.not_zero(square_length)
    return columns


def qr(work: Work, a: Any) -> Mapping[str, Any]:
    """The thin factorisation A = Q R with a positive diagonal of R."""
    q = sp.Matrix.hstack(*orthonormal(work, a))
    r = (q.T * a).applyfunc(neat)
    work.step(rules.QR, a, sp.MatMul(q, r), (), (a, (q * r).applyfunc(neat)))
    return {"Q": matrix_term(q), "R": matrix_term(r)}


def gram_schmidt(work: Work, a: Any) -> Mapping[str, Any]:
    """The orthonormal vectors, by number."""
    vectors = orthonormal(work, a)
    spans = sp.Integer(sp.Matrix.hstack(*vectors, a).rank(simplify=True))
    work.step(rules.SPAN, sp.Symbol("B"), sp.Tuple(*(sp.ImmutableMatrix(v) for v in vectors)), (), (spans, sp.Integer(len(vectors))))
    return {f"q{k}": column_term(v) for k, v in enumerate(vectors, 1)}


def cholesky(work: Work, a: Any) -> Mapping[str, Any]:
    """The lower L with a positive diagonal and A = L Lᵀ, column by column."""
    square(a, "the Cholesky factorisation")
    if (a - a.T).applyfunc(sp.simplify) != sp.zeros(*a.shape):
        raise WrongUse("the Cholesky factorisation needs a symmetric matrix")
    size = a.shape[0]
    lower = sp.zeros(size, size)
    for k in range(size):
        under = neat(a[k, k] - sum(lower[k, j] ** 2 for j in range(k)))
        if under.is_nonpositive or (under.is_number and not under > 0):
            minor = plain(term_of(neat(a[: k + 1, : k + 1].det())))
            raise DoesNotExist(f"the matrix is not positive definite: its leading minor of size {k + 1} is {minor}")
        lower[k, k] = neat(sp.sqrt(under))
        for r in range(k + 1, size):
            lower[r, k] = neat((a[r, k] - sum(lower[r, j] * lower[k, j] for j in range(k))) / lower[k, k])
        column = sp.Tuple(*lower[k:, k])
        product = (lower[:, : k + 1] * lower[:, : k + 1].T)[k:, k].applyfunc(neat)
        work.step(rules.CHOLESKY, sp.Symbol(f"l_{k + 1}"), column, (f"column {k + 1}",), (sp.Tuple(*a[k:, k]), sp.Tuple(*product)))
        if not under.is_number and not under.is_positive:
            work.assume((((sp.Gt(under, 0)),),))
    work.step(rules.CHOLESKY, a, sp.MatMul(lower, lower.T), (), (a, (lower * lower.T).applyfunc(neat)))
    return {"L": matrix_term(lower)}


def _basis_of_columns(work: Work, a: Any) -> Any:
    """The columns of A, those with a pivot only where they are dependent."""
    if a.rank(simplify=True) == a.shape[1]:
        return a
    _, pivots = reduced(work, a)
    if not pivots:
        raise DoesNotExist("the column space of a zero matrix is {0}: there is nothing to project onto")
    work.note((("the columns are linearly dependent; those with a pivot span the same space",),))
    return a[:, pivots]


def projection_matrix(work: Work, a: Any) -> Mapping[str, Any]:
    """P = A (AᵀA)⁻¹Aᵀ onto the column space."""
    basis = _basis_of_columns(work, a)
    p = (basis * inverse_of(basis.T * basis) * basis.T).applyfunc(neat)
    square_p, kept = (p * p).applyfunc(neat), (p * a).applyfunc(neat)
    work.step(rules.PROJECTION, sp.Symbol("P"), p, ("P² = P = Pᵀ and P A = A",), (sp.Tuple(*square_p, *p.T, *kept), sp.Tuple(*p, *p, *a)))
    return {"P": matrix_term(p)}


def project(work: Work, b: Any, a: Any) -> Mapping[str, Any]:
    """The projection of b onto the column space of A (onto a vector, too), the coefficients and what is left over."""
    if a.shape[0] != b.shape[0]:
        raise WrongUse(f"vectors of length {a.shape[0]} and {b.shape[0]}")
    basis = _basis_of_columns(work, a)
    gram, right = (basis.T * basis).applyfunc(neat), (basis.T * b).applyfunc(neat)
    _normal_equations(work, basis, b, gram, right)
    x = (inverse_of(gram) * right).applyfunc(neat)
    shadow = (basis * x).applyfunc(neat)
    rest = (b - shadow).applyfunc(neat)
    zeros = sp.zeros(basis.shape[1], 1)
    work.step(rules.SOLVE_NORMAL, sp.Symbol("x"), x, (), ((basis.T * rest).applyfunc(neat), zeros))
    work.step(
        rules.PROJECTION,
        sp.Symbol("p"),
        shadow,
        ("the rest is orthogonal to the columns",),
        ((basis.T * (b - shadow)).applyfunc(neat), zeros),
    )
    work.not_zero(neat(gram.det()))
    work.note((("the coefficients are ", sp.Tuple(*x), ", what is left over is ", sp.Tuple(*rest)),))
    return {"projection": column_term(shadow)}


def _normal_equations(work: Work, a: Any, b: Any, gram: Any, right: Any) -> None:
    before = sp.Tuple(sp.MatMul(a.T, a), sp.MatMul(a.T, b))
    work.step(rules.NORMAL_EQUATIONS, before, sp.Tuple(gram, right), (), (sp.Tuple(*(a.T * a), *(a.T * b)), sp.Tuple(*gram, *right)))


def least_squares(work: Work, a: Any, b: Any) -> Mapping[str, Any]:
    """argmin ‖A x − b‖² by the normal equations; the residual b − A x. Dependent columns leave it undetermined."""
    if a.shape[0] != b.shape[0]:
        raise WrongUse(f"A has {a.shape[0]} rows and b has {b.shape[0]} entries")
    gram, right = (a.T * a).applyfunc(neat), (a.T * b).applyfunc(neat)
    if neat(gram.det()) == 0:
        least = (pseudo_inverse_of(a) * b).applyfunc(neat) if is_numeric(a) else None
        shown = "" if least is None else f"; the solution of least norm is {plain(column_term(least))}"
        raise Undetermined(f"the columns are linearly dependent: the least-squares solution is not unique{shown}")
    _normal_equations(work, a, b, gram, right)
    x = (inverse_of(gram) * right).applyfunc(neat)
    residual = (b - a * x).applyfunc(neat)
    work.step(rules.SOLVE_NORMAL, sp.Symbol("x"), x, (), ((a.T * residual).applyfunc(neat), sp.zeros(a.shape[1], 1)))
    work.not_zero(neat(gram.det()))
    if all(e == 0 for e in residual):
        work.note((("the fit is perfect: A x = b",),))
    return {"x": column_term(x), "residual": column_term(residual)}


def pseudo_inverse_of(a: Any) -> Any:
    """A⁺ from a full-rank factorisation A = B C: Cᵀ(C Cᵀ)⁻¹(BᵀB)⁻¹Bᵀ."""
    form, pivots = a.rref(simplify=True)
    if not pivots:
        return sp.zeros(a.shape[1], a.shape[0])
    b, c = a[:, list(pivots)], form[: len(pivots), :]
    return (c.T * inverse_of(c * c.T) * inverse_of(b.T * b) * b.T).applyfunc(neat)


def pseudo_inverse(work: Work, a: Any) -> Mapping[str, Any]:
    """The Moore–Penrose inverse; its four equations are the check."""
    found = pseudo_inverse_of(a)
    left, right = (a * found).applyfunc(neat), (found * a).applyfunc(neat)
    sides = (left * a, right * found, left.T, right.T)
    claim = (sp.Tuple(*(neat(e) for m in sides for e in m)), sp.Tuple(*a, *found, *left, *right))
    work.step(rules.PSEUDO_INVERSE, sp.Symbol("A^+"), found, (f"of rank {len(a.rref(simplify=True)[1])}",), claim)
    for base in dict.fromkeys(sp.denom(sp.together(e)) for e in found):
        work.not_zero(base)
    return {"pinv": matrix_term(found)}
