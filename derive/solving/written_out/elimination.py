"""Elimination: row echelon forms, ranks, null spaces, column and row spaces, inverses, LU.

In: a SymPy matrix with numbers or symbols. Out: parts by name, steps in the journal. Pivots with symbols are assumed not to be zero,
and the assumption is named; a rank with one symbol is told apart by cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import sympy as sp

from derive.errors import DoesNotExist, NotSupported, WrongUse
from derive.expressions.plain import plain
from derive.rules import linear_algebra as rules
from derive.solving.written_out.matrices import column_term, inverse_of, is_numeric, matrix_term, neat, square, term_of
from derive.solving.written_out.work import Work

__all__ = ["column_space", "echelon", "inverse", "lu", "null_space", "nullity", "rank", "reduced", "row_space"]

MOST_MINORS = 400


def reduced(work: Work, a: Any, columns: int | None = None) -> tuple[Any, list[int]]:
    """The reduced row echelon form and its pivot columns; a step for each column, checked by what the row operations leave in place.

    Pivots are sought in the first `columns` columns.
    """
    current, row, pivots = a.copy(), 0, []
    for column in range(a.shape[1] if columns is None else columns):
        place = _pivot(current, row, column)
        if place is None:
            continue
        words: list[str] = []
        changed = current.copy()
        if place != row:
            changed.row_swap(row, place)
            words.append(f"R{row + 1} ↔ R{place + 1}")
        pivot = changed[row, column]
        if pivot != 1:
            changed[row, :] = (changed[row, :] / pivot).applyfunc(neat)
            words.append(f"R{row + 1} ← {_factor(neat(1 / pivot))}R{row + 1}")
        for other in range(a.shape[0]):
            entry = changed[other, column]
            if other != row and entry != 0:
                changed[other, :] = (changed[other, :] - entry * changed[row, :]).applyfunc(neat)
                negative = entry.could_extract_minus_sign()
                words.append(f"R{other + 1} ← R{other + 1} {'+' if negative else '−'} {_factor(-entry if negative else entry)}R{row + 1}")
        if words:
            work.step(rules.ROW_OPERATION, current, changed, (", ".join(words),), relation="⇔")
            work.not_zero(pivot)
        current = changed
        pivots.append(column)
        row += 1
        if row == a.shape[0]:
            break
    return current, pivots


def _pivot(matrix: Any, row: int, column: int) -> int | None:
    """A row at or below `row` whose entry is not zero: a number where there is one."""
    places = [r for r in range(row, matrix.shape[0]) if matrix[r, column] != 0]
    return next((r for r in places if matrix[r, column].is_number), places[0] if places else None)


def _factor(value: Any) -> str:
    """What stands before the name of a row; nothing for 1."""
    if value == 1:
        return ""
    simple = (value.is_Integer and value > 0) or value.is_Symbol
    return f"{plain(term_of(value))} " if simple else f"({plain(term_of(value))}) "


def rank(work: Work, a: Any) -> Mapping[str, Any]:
    """The number of pivots; with one symbol, a case for each value at which it is smaller."""
    if not is_numeric(a):
        return {"rank": _rank_by_cases(work, a)}
    _, pivots = reduced(work, a)
    found = sp.Integer(len(pivots))
    columns = ", ".join(str(p + 1) for p in pivots) or "none"
    work.step(rules.PIVOTS, sp.Symbol("r"), found, (f"the pivots stand in the columns {columns}",), (sp.Integer(a.rank()), found))
    return {"rank": found}


def nullity(work: Work, a: Any) -> Mapping[str, Any]:
    """The dimension of the null space: columns without a pivot."""
    if not is_numeric(a):
        raise NotSupported("the nullity of a matrix with symbols")
    found = sp.Integer(a.shape[1]) - rank(work, a)["rank"]
    work.step(rules.PIVOTS, sp.Symbol("nullity"), found, ("columns less rank",), (sp.Integer(len(a.nullspace(simplify=True))), found))
    return {"nullity": found}


def _minors(a: Any, size: int) -> list[Any]:
    rows, columns = (list(combinations(range(n), size)) for n in a.shape)
    if len(rows) * len(columns) > MOST_MINORS:
        raise NotSupported("the rank of a matrix with symbols of this size")
    return [neat(a.extract(list(r), list(c)).det()) for r in rows for c in columns]


def _rank_by_cases(work: Work, a: Any) -> Any:
    symbols = sorted(a.free_symbols, key=str)
    for size in range(min(a.shape), 0, -1):
        minors = [m for m in _minors(a, size) if m != 0]
        if minors:
            break
    else:
        return sp.Integer(0)
    common = sp.factor(sp.gcd_list(minors)) if all(m.is_polynomial(*symbols) for m in minors) else minors[0]
    somewhere = {s: sp.Rational(7 * k + 3, 2 * k + 5) for k, s in enumerate(symbols)}
    pivots = sp.Integer(len(a.subs(somewhere).rref()[1]))
    because = (f"minors of size {size}: ", sp.Tuple(*minors[:3]))
    work.step(rules.MINORS, sp.Symbol("r"), sp.Integer(size), because, (pivots, sp.Integer(size)))
    if any(m.is_number for m in minors) or (common.is_number and len(symbols) == 1):
        return sp.Integer(size)
    if len(symbols) != 1 or not all(m.is_polynomial(*symbols) for m in minors):
        work.not_zero(common if not common.is_number else minors[0])
        return sp.Integer(size)
    (t,) = symbols
    roots = [r for r in sp.roots(sp.Poly(common, t)) if r.is_real]
    if len(sp.roots(sp.Poly(common, t))) == 0:
        raise NotSupported("the values at which the rank is smaller have no closed form")
    pieces: dict[Any, list[Any]] = {}
    for root in roots:
        pieces.setdefault(sp.Integer(a.subs(t, root).applyfunc(neat).rank()), []).append(sp.Eq(t, root))
    if not pieces:
        return sp.Integer(size)
    cases = sp.Piecewise(*((r, sp.Or(*conditions)) for r, conditions in sorted(pieces.items())), (sp.Integer(size), True))
    probes = [*roots, *(max(roots) + k for k in (1, sp.Rational(7, 3)))]
    by_elimination = sp.Tuple(*(sp.Integer(a.subs(t, p).applyfunc(neat).rank()) for p in probes))
    work.step(
        rules.RANK_CASES,
        sp.Integer(size),
        cases,
        ("all of them vanish where ", sp.Eq(common, 0)),
        (by_elimination, sp.Tuple(*(cases.subs(t, p) for p in probes))),
    )
    return cases


def echelon(work: Work, a: Any) -> Mapping[str, Any]:
    """The reduced row echelon form."""
    return {"rref": matrix_term(reduced(work, a)[0])}


def null_space(work: Work, a: Any) -> Mapping[str, Any]:
    """A basis of the solutions of A x = 0, one vector for each free column; the zero vector where there is none."""
    form, pivots = reduced(work, a)
    free = [c for c in range(a.shape[1]) if c not in pivots]
    zeros = sp.zeros(a.shape[0], 1)
    if not free:
        zero = sp.zeros(a.shape[1], 1)
        because = ("every column has a pivot: only the zero vector",)
        work.step(rules.NULL_VECTORS, sp.Symbol("v"), zero, because, ((a * zero), zeros))
        work.note((because,))
        return {"basis": column_term(zero)}
    basis = []
    for column in free:
        vector = sp.zeros(a.shape[1], 1)
        vector[column] = 1
        for row, pivot in enumerate(pivots):
            vector[pivot] = -form[row, column]
        basis.append(vector)
        product = (a * vector).applyfunc(neat)
        work.step(rules.NULL_VECTORS, sp.Symbol(f"v_{len(basis)}"), vector, (f"with x{column + 1} = 1",), (product, zeros))
    return {f"v{k}": column_term(v) for k, v in enumerate(basis, 1)} if len(basis) > 1 else {"basis": column_term(basis[0])}


def column_space(work: Work, a: Any) -> Mapping[str, Any]:
    """A basis of the column space: the columns of A that have a pivot."""
    _, pivots = reduced(work, a)
    return _spanning(work, [a[:, p] for p in pivots], a, f"the pivots stand in the columns {', '.join(str(p + 1) for p in pivots)}")


def row_space(work: Work, a: Any) -> Mapping[str, Any]:
    """A basis of the row space: the rows of the echelon form that are not zero."""
    form, pivots = reduced(work, a)
    return _spanning(work, [form[k, :].T for k in range(len(pivots))], a.T, "the rows that are not zero")


def _spanning(work: Work, basis: list[Any], a: Any, because: str) -> Mapping[str, Any]:
    if not basis:
        raise DoesNotExist("the matrix is zero: its space holds the zero vector only and has no basis vectors")
    whole = sp.Matrix.hstack(*basis)
    ranks = sp.Tuple(*(sp.Integer(m.rank(simplify=True)) for m in (whole, whole.row_join(a))))
    work.step(
        rules.SPAN,
        sp.Symbol("B"),
        sp.Tuple(*(sp.ImmutableMatrix(b) for b in basis)),
        (because,),
        (ranks, sp.Tuple(*[sp.Integer(len(basis))] * 2)),
    )
    return {f"v{k}": column_term(v) for k, v in enumerate(basis, 1)} if len(basis) > 1 else {"basis": column_term(basis[0])}


def inverse(work: Work, a: Any) -> Mapping[str, Any]:
    """The inverse: by elimination for numbers, by the adjugate for symbols."""
    square(a, "the inverse")
    size = a.shape[0]
    determinant = neat(a.det())
    if determinant == 0:
        raise DoesNotExist("the matrix is singular: its determinant is 0")
    if is_numeric(a):
        form, _ = reduced(work, a.row_join(sp.eye(size)), size)
        found = form[:, size:]
        work.step(
            rules.RIGHT_HALF, sp.Symbol("A") ** -1, found, ("the right half of (I | A⁻¹)",), ((a * found).applyfunc(neat), sp.eye(size))
        )
        return {"inverse": matrix_term(found)}
    adjugate = a.adjugate().applyfunc(neat)
    work.step(
        rules.ADJUGATE,
        sp.Symbol("adj A"),
        adjugate,
        ("det A = ", determinant),
        ((a * adjugate).applyfunc(neat), determinant * sp.eye(size)),
    )
    found = inverse_of(a)
    work.step(rules.BY_ADJUGATE, sp.Symbol("A") ** -1, found, (), ((a * found).applyfunc(neat), sp.eye(size)))
    work.not_zero(determinant)
    return {"inverse": matrix_term(found)}


def lu(work: Work, a: Any) -> Mapping[str, Any]:
    """P A = L U, rows swapped only where a pivot is zero; L has ones on its diagonal."""
    rows, columns = a.shape
    if columns < 1:
        raise WrongUse("a factorisation of an empty matrix")
    upper, lower, order = a.copy(), sp.eye(rows), list(range(rows))
    for k in range(min(rows, columns)):
        place = next((r for r in range(k, rows) if upper[r, k] != 0), None)
        if place is None:
            continue
        if place != k:
            upper.row_swap(k, place)
            order[k], order[place] = order[place], order[k]
            for c in range(k):
                lower[k, c], lower[place, c] = lower[place, c], lower[k, c]
        before, words = upper.copy(), []
        for r in range(k + 1, rows):
            factor = neat(upper[r, k] / upper[k, k])
            lower[r, k] = factor
            if factor != 0:
                upper[r, :] = (upper[r, :] - factor * upper[k, :]).applyfunc(neat)
                words.append(f"R{r + 1} ← R{r + 1} − {_factor(factor)}R{k + 1}")
        if words:
            work.step(rules.ROW_OPERATION, before, upper.copy(), (", ".join(words),), relation="⇔")
            work.not_zero(before[k, k])
    permutation = sp.Matrix([[1 if order[r] == c else 0 for c in range(rows)] for r in range(rows)])
    product = (lower * upper).applyfunc(neat)
    work.step(rules.LU, permutation * a, sp.MatMul(lower, upper), (), ((permutation * a).applyfunc(neat), product))
    return {"P": matrix_term(permutation), "L": matrix_term(lower), "U": matrix_term(upper)}
