"""Linear algebra of matrices written out in numbers: elimination, factorisations, eigenvalues, least squares, principal components.

In: a reading of `rank A`, `qr A`, `svd A`, … whose matrix holds numbers. Out: a Solution with exact parts; every step is decided by exact
arithmetic where it can be. Matrices that are not written out, or too large, are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from derive.derivation import Prose, Rewrite, Rule
from derive.errors import DoesNotExist, NotSupported, TooLarge, WrongUse
from derive.expressions.plain import plain
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.rules import linear_algebra as rules
from derive.solution import Solution
from derive.solving.journal import Journal
from derive.solving.tasks import solution

__all__ = ["TASKS", "is_written_out", "solve_linear_algebra"]

LARGEST = 6
MOST_ROWS = 40
TASKS = ("rank", "rref", "nullspace", "lu", "qr", "cholesky", "eig", "svd", "least-squares", "pca", "inverse", "diagonalise")


def is_written_out(term: Term) -> bool:
    """Whether it is a matrix or a vector of entries."""
    return term.head in ("matrix", "vector", "tuple")


def solve_linear_algebra(reading: Reading) -> Solution:
    """The parts of the task. Raises NotSupported for matrices that are not written out, TooLarge, WrongUse for shapes that do not fit."""
    term = reading.expanded
    name = str(term.data)
    if not term.args or not all(is_written_out(a) for a in term.args):
        raise NotSupported(f"{name.replace('-', ' ')} of a matrix that is not written out", span=term.span)
    matrices = [_matrix(a, reading) for a in term.args]
    if max(matrices[0].shape) > MOST_ROWS or min(matrices[0].shape) > LARGEST:
        raise TooLarge(f"exact linear algebra is for matrices with a side of at most {LARGEST}")
    if any(not e.is_number for m in matrices for e in m):
        raise NotSupported(f"{name.replace('-', ' ')} of a matrix with symbols", span=term.span)
    if any(e.is_Rational is not True for m in matrices for e in m):
        raise NotSupported(f"{name.replace('-', ' ')} of a matrix whose entries are not rational numbers", span=term.span)
    journal = Journal(matrices[0])
    solvers: Mapping[str, Callable[..., Mapping[str, Any]]] = {
        "rank": _rank, "rref": _rref, "nullspace": _nullspace, "lu": _lu, "qr": _qr, "cholesky": _cholesky, "eig": _eig, "svd": _svd,
        "least-squares": _least_squares, "pca": _pca, "inverse": _inverse, "diagonalise": _diagonalise,
    }  # fmt: skip
    parts = solvers[name](journal, *matrices)
    if len(parts) == 1:
        return solution(journal, next(iter(parts.values())))
    return Solution(journal.derivation(tuple(parts.values())), None, parts, journal.notes, journal.assumptions)


def _matrix(term: Term, reading: Reading) -> Any:
    entries = [to_sympy(a, reading.types) for a in term.args]
    if term.head == "matrix":
        rows, columns = term.data
        return sp.Matrix(rows, columns, entries)
    return sp.Matrix(entries)


def _record(
    journal: Journal, rule: Rule, before: Any, after: Any, because: Prose = (), part: tuple[Any, Any] | None = None, relation: str = "="
) -> None:
    journal.record(rule, Rewrite(after, because), before, after, part or (before, after))
    journal.steps[-1] = replace(journal.steps[-1], relation=relation)


def _named(letter: str) -> Any:
    return sp.Symbol(letter)


# ── elimination ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _eliminated(journal: Journal, a: Any) -> tuple[Any, list[int]]:
    """The reduced row echelon form and its pivot columns; a step for each column, checked by what the row operations do."""
    current, row, pivots = a.copy(), 0, []
    for column in range(a.shape[1]):
        place = next((r for r in range(row, a.shape[0]) if current[r, column] != 0), None)
        if place is None:
            continue
        operations = sp.eye(a.shape[0])
        words: list[str] = []
        if place != row:
            operations = _swap(a.shape[0], row, place) * operations
            words.append(f"R{row + 1} ↔ R{place + 1}")
        changed = operations * current
        pivot = changed[row, column]
        if pivot != 1:
            scaling = sp.eye(a.shape[0])
            scaling[row, row] = 1 / pivot
            operations, changed = scaling * operations, scaling * changed
            words.append(f"R{row + 1} ← {_factor(1 / pivot)}R{row + 1}")
        clearing = sp.eye(a.shape[0])
        for other in range(a.shape[0]):
            if other != row and changed[other, column] != 0:
                clearing[other, row] = -changed[other, column]
                sign = "−" if changed[other, column] > 0 else "+"
                words.append(f"R{other + 1} ← R{other + 1} {sign} {_factor(abs(changed[other, column]))}R{row + 1}")
        after = clearing * changed
        if words:
            _record(journal, rules.ROW_OPERATION, current, after, (", ".join(words),), relation="⇔")
        current = after
        pivots.append(column)
        row += 1
        if row == a.shape[0]:
            break
    return current, pivots


def _factor(value: Any) -> str:
    """A number before the name of a row; nothing for 1. Expects a real number."""
    if value == 1:
        return ""
    return f"({plain(_term(value))}) " if value.is_Integer is not True or value < 0 else f"{value} "


def _swap(size: int, i: int, j: int) -> Any:
    matrix = sp.eye(size)
    matrix[i, i] = matrix[j, j] = 0
    matrix[i, j] = matrix[j, i] = 1
    return matrix


def _rank(journal: Journal, a: Any) -> Mapping[str, Any]:
    _, pivots = _eliminated(journal, a)
    rank = sp.Integer(len(pivots))
    columns = ", ".join(str(p + 1) for p in pivots) or "none"
    journal.record(
        rules.PIVOTS, Rewrite(rank, (f"the pivots stand in the columns {columns}",)), _named("r"), rank, (sp.Integer(a.rank()), rank)
    )
    return {"rank": rank}


def _rref(journal: Journal, a: Any) -> Mapping[str, Any]:
    return {"rref": _eliminated(journal, a)[0]}


def _nullspace(journal: Journal, a: Any) -> Mapping[str, Any]:
    reduced, pivots = _eliminated(journal, a)
    free = [c for c in range(a.shape[1]) if c not in pivots]
    if not free:
        zero = sp.zeros(a.shape[1], 1)
        _record(
            journal,
            rules.NULL_VECTORS,
            _named("v"),
            zero,
            ("every column has a pivot: only the zero vector",),
            (a * zero, sp.zeros(a.shape[0], 1)),
        )
        return {"basis": zero}
    basis = []
    for column in free:
        vector = sp.zeros(a.shape[1], 1)
        vector[column] = 1
        for row, pivot in enumerate(pivots):
            vector[pivot] = -reduced[row, column]
        basis.append(vector)
        _record(
            journal,
            rules.NULL_VECTORS,
            _named(f"v_{len(basis)}"),
            vector,
            (f"with x{column + 1} = 1",),
            (a * vector, sp.zeros(a.shape[0], 1)),
        )
    return {f"v{k}": v for k, v in enumerate(basis, 1)} if len(basis) > 1 else {"basis": basis[0]}


def _inverse(journal: Journal, a: Any) -> Mapping[str, Any]:
    _square(a, "the inverse")
    if a.det() == 0:
        raise DoesNotExist("the matrix is singular: its determinant is 0")
    reduced, _ = _eliminated(journal, a.row_join(sp.eye(a.shape[0])))
    found = reduced[:, a.shape[0] :]
    _record(journal, rules.RIGHT_HALF, _named("A") ** -1, found, ("the right half of (I | A⁻¹)",), (a * found, sp.eye(a.shape[0])))
    return {"inverse": found}


def _square(a: Any, what: str) -> None:
    if a.shape[0] != a.shape[1]:
        raise WrongUse(f"{what} needs a square matrix, not one of {a.shape[0]} × {a.shape[1]}")


def _lu(journal: Journal, a: Any) -> Mapping[str, Any]:
    lower, upper, swaps = a.LUdecomposition()
    permutation = sp.eye(a.shape[0]).permute_rows(swaps) if swaps else sp.eye(a.shape[0])
    _record(journal, rules.LU, permutation * a, sp.MatMul(lower, upper), (), (permutation * a, lower * upper))
    return {"P": permutation, "L": lower, "U": upper}


# ── orthogonalisation ────────────────────────────────────────────────────────────────────────────────────────────────


def _qr(journal: Journal, a: Any) -> Mapping[str, Any]:
    if a.rank() < a.shape[1]:
        raise DoesNotExist("the columns are linearly dependent: Gram–Schmidt meets a zero vector")
    columns: list[Any] = []
    for k in range(a.shape[1]):
        vector = a[:, k]
        for q in columns:
            vector = vector - (q.T * a[:, k])[0] * q
        vector = vector.applyfunc(sp.nsimplify).applyfunc(sp.simplify)
        length = sp.sqrt(sum(e**2 for e in vector))
        q = (vector / length).applyfunc(sp.radsimp)
        columns.append(q)
        orthogonal = sp.Tuple(*((p.T * q)[0] for p in columns))
        expected = sp.Tuple(*(sp.Integer(int(p is q)) for p in columns))
        _record(
            journal,
            rules.GRAM_SCHMIDT,
            _named(f"q_{k + 1}"),
            q,
            (f"column {k + 1}, with ‖v‖ = ", sp.simplify(length)),
            (orthogonal, expected),
        )
    q_matrix = sp.Matrix.hstack(*columns)
    r_matrix = (q_matrix.T * a).applyfunc(sp.simplify)
    _record(journal, rules.QR, a, sp.MatMul(q_matrix, r_matrix), (), (a, (q_matrix * r_matrix).applyfunc(sp.simplify)))
    return {"Q": q_matrix, "R": r_matrix}


def _cholesky(journal: Journal, a: Any) -> Mapping[str, Any]:
    _square(a, "the Cholesky factorisation")
    if a != a.T:
        raise WrongUse("the Cholesky factorisation needs a symmetric matrix")
    if not all(a[:k, :k].det() > 0 for k in range(1, a.shape[0] + 1)):
        raise DoesNotExist("the matrix is not positive definite: a leading minor is not positive")
    lower = a.cholesky()
    _record(journal, rules.CHOLESKY, a, sp.MatMul(lower, lower.T), (), (a, (lower * lower.T).applyfunc(sp.simplify)))
    return {"L": lower}


# ── eigenvalues ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _eigen(journal: Journal, a: Any) -> list[tuple[Any, Any]]:
    """Eigenvalues, ascending, with an eigenvector of length one each; orthogonal ones for symmetric matrices."""
    _square(a, "eigenvalues")
    lam = sp.Symbol("lambda", real=True)
    polynomial = sp.factor((a - lam * sp.eye(a.shape[0])).det())
    found = a.eigenvects()
    if any(v.is_real is not True for v, _, _ in found):
        raise NotSupported("eigenvalues that are not real, or have no closed form")
    values = sp.Tuple(*(v for v, _, _ in found))
    places = range(a.shape[0] + 1)  # as many as decide a polynomial of this degree
    product = sp.Tuple(*(sp.simplify(sp.Mul(*((v - k) ** m for v, m, _ in found))) for k in places))
    determinants = sp.Tuple(*((a - k * sp.eye(a.shape[0])).det() for k in places))
    _record(journal, rules.CHARACTERISTIC_POLYNOMIAL, lam, values, ("det(A − λI) = ", polynomial), (determinants, product))
    pairs: list[tuple[Any, Any]] = []
    for value, multiplicity, vectors in sorted(found, key=lambda f: sp.N(f[0])):
        if len(vectors) < multiplicity:
            raise DoesNotExist(f"the eigenvalue {plain(_term(value))} has too few eigenvectors: the matrix is defective")
        kept = sp.GramSchmidt(list(vectors)) if a == a.T else list(vectors)
        for vector in kept:
            unit = (vector / sp.sqrt(sum(e**2 for e in vector))).applyfunc(sp.simplify)
            pairs.append((value, unit))
            left = (a * unit - value * unit).applyfunc(sp.simplify)
            _record(journal, rules.EIGENVECTOR, _named(f"v_{len(pairs)}"), unit, ("for λ = ", value), (left, sp.zeros(*left.shape)))
    return pairs


def _term(value: Any) -> Term:
    from derive.expressions.from_sympy import from_sympy

    return from_sympy(value)


def _eig(journal: Journal, a: Any) -> Mapping[str, Any]:
    pairs = _eigen(journal, a)
    return {"eigenvalues": sp.Matrix([v for v, _ in pairs]), "eigenvectors": sp.Matrix.hstack(*(u for _, u in pairs))}


def _diagonalise(journal: Journal, a: Any) -> Mapping[str, Any]:
    pairs = _eigen(journal, a)
    return {"P": sp.Matrix.hstack(*(u for _, u in pairs)), "D": sp.diag(*(v for v, _ in pairs))}


def _svd(journal: Journal, a: Any) -> Mapping[str, Any]:
    if a.is_zero_matrix:
        raise DoesNotExist("all singular values of a zero matrix are 0; the thin factorisation has no factors")
    gram = a.T * a
    pairs = [(v, u) for v, u in reversed(_eigen(journal, gram)) if v != 0]
    singular = [sp.sqrt(v) for v, _ in pairs]
    squares = sp.Tuple(*(v for v, _ in pairs))
    values = sp.Tuple(*singular)
    _record(journal, rules.SINGULAR_VALUES, _named("S"), values, (), (squares, sp.Tuple(*(s**2 for s in singular))))
    right = sp.Matrix.hstack(*(u for _, u in pairs))
    left = sp.Matrix.hstack(*((a * u / s).applyfunc(sp.simplify) for s, (_, u) in zip(singular, pairs, strict=True)))
    product = (left * sp.diag(*singular) * right.T).applyfunc(sp.simplify)
    identity = sp.eye(len(singular))
    grams = [(q.T * q).applyfunc(sp.simplify) for q in (left, right)]
    claim = (sp.Tuple(*a, *grams[0], *grams[1]), sp.Tuple(*product, *identity, *identity))
    _record(journal, rules.SVD, a, sp.MatMul(left, sp.diag(*singular), right.T), ("UᵀU = VᵀV = I",), claim)
    journal.note((("the columns of U and V are determined up to a common sign",),))
    return {"U": left, "S": sp.Matrix(singular), "V": right}


# ── least squares and principal components ───────────────────────────────────────────────────────────────────────────


def _least_squares(journal: Journal, a: Any, b: Any) -> Mapping[str, Any]:
    if a.shape[0] != b.shape[0]:
        raise WrongUse(f"A has {a.shape[0]} rows and b has {b.shape[0]} entries")
    gram, right = a.T * a, a.T * b
    if gram.det() == 0:
        raise DoesNotExist("the columns are linearly dependent: the least-squares solution is not unique")
    x = gram.LUsolve(right).applyfunc(sp.simplify)
    residual = (b - a * x).applyfunc(sp.simplify)
    _record(
        journal,
        rules.NORMAL_EQUATIONS,
        sp.Tuple(sp.MatMul(a.T, a), sp.MatMul(a.T, b)),
        sp.Tuple(gram, right),
        (),
        (sp.Tuple(*(a.T * a), *(a.T * b)), sp.Tuple(*gram, *right)),
    )
    _record(journal, rules.SOLVE_NORMAL, _named("x"), x, (), ((a.T * residual).applyfunc(sp.simplify), sp.zeros(a.shape[1], 1)))
    return {"x": x, "residual": residual}


def _pca(journal: Journal, data: Any) -> Mapping[str, Any]:
    n, d = data.shape
    if n < 2:
        raise WrongUse("principal components need at least two rows")
    mean = sp.Matrix([sum(data[:, k]) / n for k in range(d)])
    centred = data - sp.ones(n, 1) * mean.T
    _record(journal, rules.CENTRE, _named("X_c"), centred, ("with the mean ", mean), (sp.ones(1, n) * centred, sp.zeros(1, d)))
    covariance = centred.T * centred / (n - 1)
    _record(journal, rules.COVARIANCE, _named("C"), covariance, (f"with n − 1 = {n - 1}",), (centred.T * centred, covariance * (n - 1)))
    pairs = list(reversed(_eigen(journal, covariance)))
    total = sum(v for v, _ in pairs)
    variances = sp.Matrix([v for v, _ in pairs])
    _record(journal, rules.PRINCIPAL, _named("lambda"), variances, (), (sp.Tuple(covariance.trace()), sp.Tuple(sp.simplify(total))))
    journal.note((("explained variances divide by n − 1; a component is determined up to its sign",),))
    components = sp.Matrix.vstack(*(u.T for _, u in pairs))
    ratios = sp.Matrix([sp.simplify(v / total) if total != 0 else sp.S.Zero for v in variances])
    return {"mean": mean, "components": components, "explained_variance": variances, "explained_variance_ratio": ratios}
