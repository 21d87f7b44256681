"""Questions about matrices and vectors that are written out: definite, invertible, symmetric, orthogonal, diagonalisable, independent.

In: the matrices of `is A positive definite` or `are v, w linearly independent`. Out: a Solution whose answer is yes or no, or for a
determinant with symbols the condition under which it is yes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp
from sympy.combinatorics import Permutation

from derive.derivation import Prose, Rewrite, Rule
from derive.errors import NotSupported, Undetermined, WrongUse
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Term
from derive.rules import linear_algebra as algebra
from derive.rules import questions as rules
from derive.solution import Solution
from derive.solving.journal import Journal
from derive.solving.questions.definiteness import completed, witness

__all__ = ["PROPERTIES", "solve_independence", "solve_property"]

_LARGEST = 6


class _Matter:
    """One question about one matrix under way."""

    def __init__(self, matrix: Any) -> None:
        self.matrix = sp.ImmutableDenseMatrix(matrix)
        self.journal = Journal(self.matrix)

    def record(self, rule: Rule, before: Any, after: Any, because: Prose = (), relation: str = "=") -> None:
        self.journal.record(rule, Rewrite(after, because), before, after, (before, after))
        self.journal.steps[-1] = replace(self.journal.steps[-1], relation=relation)

    def answer(self, held: bool | sp.Basic) -> Solution:
        under = isinstance(held, sp.Basic) and held not in (sp.true, sp.false)
        value = from_sympy(held) if under else Term("word", (), "yes" if held else "no")
        return Solution(self.journal.derivation(value), value, {}, self.journal.notes, self.journal.assumptions)

    def square(self) -> None:
        if self.matrix.rows != self.matrix.cols:
            raise WrongUse(f"this asks for a square matrix, and it is {self.matrix.rows}×{self.matrix.cols}")

    def numbers(self) -> None:
        if self.matrix.free_symbols:
            raise NotSupported("this property of a matrix with symbols")


def solve_property(matrix: Any, asked: str) -> Solution:
    """Yes or no for one matrix. Raises WrongUse for a shape that the question does not fit, NotSupported for symbols."""
    if max(matrix.shape) > _LARGEST:
        raise NotSupported(f"questions about matrices with a side above {_LARGEST}")
    return PROPERTIES[asked](_Matter(matrix))


def _definite(verdicts: tuple[str, ...], sign: int) -> Callable[[_Matter], Solution]:
    def decide(matter: _Matter) -> Solution:
        matter.square()
        matrix = matter.matrix
        if matrix != matrix.T:
            if matter.matrix.free_symbols:
                raise NotSupported("definiteness of a matrix that is not symmetric")
            matter.record(rules.TRANSPOSE, sp.Transpose(matrix).doit(), matrix.T, ("definite matrices are symmetric, and this is not",))
            return matter.answer(False)
        variables = [sp.Symbol(f"v_{k}", real=True) for k in range(1, matrix.rows + 1)]
        if matrix.free_symbols:
            return _minors(matter, sign, strict="positive semidefinite" not in verdicts and "negative semidefinite" not in verdicts)
        form = completed(matrix, variables)
        verdict = form.verdict() if form is not None else "indefinite"
        held = verdict in verdicts
        if form is not None:
            matter.record(rules.SQUARES, form.written, form.squares, _signs(form.coefficients))
        if not held or verdict == "indefinite":
            for opposite in (sign,) if verdict != "indefinite" else (1, -1):
                found = witness(matrix, opposite) or _flat(matrix, verdicts)
                if found is not None:
                    value = sp.simplify((found.T * matrix * found)[0, 0])
                    places = [(i, j) for i in range(matrix.rows) for j in range(matrix.rows)]
                    product = sp.Add(*(sp.Mul(matrix[i, j], found[i], found[j], evaluate=False) for i, j in places))
                    matter.record(rules.WITNESS, product, value, ("at ", sp.ImmutableDenseMatrix(found)))
        if not matter.journal.steps:
            raise Undetermined("the sign of the quadratic form was not decided")
        matter.journal.note(((f"the matrix is {verdict}",),))
        return matter.answer(held)

    return decide


def _signs(coefficients: Sequence[Any]) -> Prose:
    found: list[Any] = ["the coefficients of the squares are "]
    for place, c in enumerate(coefficients):
        found += [", " if place else "", c]
    return tuple(found)


def _flat(matrix: Any, verdicts: tuple[str, ...]) -> Any | None:
    """A vector v ≠ 0 with vᵀA v = 0, which speaks against strict definiteness."""
    if any("semi" in v for v in verdicts):
        return None
    null = matrix.nullspace()
    return null[0] if null else None


def _minors(matter: _Matter, sign: int, strict: bool) -> Solution:
    """With symbols: the condition on the leading minors."""
    if not strict:
        raise NotSupported("semidefiniteness of a matrix with symbols")
    matrix = matter.matrix
    minors = [sp.factor(matrix[:k, :k].det()) for k in range(1, matrix.rows + 1)]
    matter.record(rules.MINORS, sp.Tuple(*(_leibniz(matrix[:k, :k]) for k in range(1, matrix.rows + 1))), sp.Tuple(*minors))
    condition = sp.And(*(sp.Gt(sign ** (k + 1) * m, 0) for k, m in enumerate(minors)))
    return matter.answer(condition)


def _leibniz(matrix: Any) -> Any:
    """The determinant as the sum over permutations."""
    from itertools import permutations

    size = matrix.rows
    return sp.Add(*(Permutation(list(p)).signature() * sp.Mul(*(matrix[i, p[i]] for i in range(size))) for p in permutations(range(size))))


def _invertible(wanted: bool) -> Callable[[_Matter], Solution]:
    def decide(matter: _Matter) -> Solution:
        matter.square()
        determinant = sp.factor(matter.matrix.det())
        matter.record(rules.DETERMINANT, _leibniz(matter.matrix), determinant)
        if determinant.free_symbols:
            return matter.answer(sp.Ne(determinant, 0) if wanted else sp.Eq(determinant, 0))
        return matter.answer((determinant != 0) == wanted)

    return decide


def _symmetric(matter: _Matter) -> Solution:
    matter.square()
    held = matter.matrix == matter.matrix.T
    matter.record(rules.TRANSPOSE, sp.Transpose(matter.matrix).doit(), matter.matrix.T)
    if not held:
        size, entry = matter.matrix.rows, matter.matrix
        i, j = next((i, j) for i in range(size) for j in range(size) if entry[i, j] != entry[j, i])
        matter.journal.note(((f"entry ({i + 1}, {j + 1}) is not entry ({j + 1}, {i + 1})",),))
    return matter.answer(held)


def _orthogonal(matter: _Matter) -> Solution:
    matter.square()
    matter.numbers()
    matrix = matter.matrix
    gram = (matrix.T * matrix).applyfunc(sp.simplify)
    size = matrix.rows
    entries = [sp.Add(*(sp.Mul(matrix[k, i], matrix[k, j], evaluate=False) for k in range(size))) for i in range(size) for j in range(size)]
    matter.record(rules.ORTHOGONALITY, sp.ImmutableDenseMatrix(size, size, entries), sp.ImmutableDenseMatrix(gram), ("AᵀA",))
    return matter.answer(gram == sp.eye(matrix.rows))


def _diagonalisable(matter: _Matter) -> Solution:
    matter.square()
    matter.numbers()
    matrix = matter.matrix
    lam = sp.Symbol("lambda")
    polynomial = sp.factor(sp.expand((matrix - lam * sp.eye(matrix.rows)).det()))
    matter.record(algebra.CHARACTERISTIC_POLYNOMIAL, sp.expand(_leibniz(matrix - lam * sp.eye(matrix.rows))), polynomial)
    held = True
    for value, multiplicity in matrix.eigenvals().items():
        rank = (matrix - value * sp.eye(matrix.rows)).applyfunc(sp.nsimplify).rank(simplify=True)
        room = matrix.rows - rank
        if multiplicity > 1:
            matter.journal.note((("the eigenvalue ", value, f" has multiplicity {multiplicity} and an eigenspace of dimension {room}"),))
        held = held and room == multiplicity
        if value.is_real is False:
            matter.journal.note((("the eigenvalue ", value, " is not real: diagonalisable over ℂ is meant"),))
    return matter.answer(held)


def solve_independence(vectors: Sequence[Any], wanted: bool) -> Solution:
    """Whether the vectors are linearly independent (dependent with `wanted` false)."""
    sizes = {v.rows * v.cols for v in vectors}
    if len(sizes) != 1:
        raise WrongUse("the vectors have different lengths")
    matrix = sp.Matrix.hstack(*(sp.Matrix(list(v)) for v in vectors))
    if matrix.free_symbols:
        if matrix.rows != matrix.cols:
            raise NotSupported("linear independence of vectors with symbols, unless they are as many as their length")
        return _invertible(wanted)(_Matter(matrix))
    matter = _Matter(matrix)
    reduced, pivots = matrix.rref()
    matter.record(algebra.ROW_OPERATION, matter.matrix, sp.ImmutableDenseMatrix(reduced), ("the vectors are the columns",), "⇔")
    independent = len(pivots) == matrix.cols
    if not independent:
        null = matrix.nullspace()[0]
        null = null * sp.ilcm(*(sp.Rational(c).q for c in null)) if all(c.is_Rational for c in null) else null
        combination = [sp.Add(*(sp.Mul(null[k], matrix[i, k], evaluate=False) for k in range(matrix.cols))) for i in range(matrix.rows)]
        because: Prose = ("with the coefficients ", sp.ImmutableDenseMatrix(null))
        matter.record(rules.COMBINATION, sp.ImmutableDenseMatrix(combination), sp.ImmutableDenseMatrix(sp.zeros(matrix.rows, 1)), because)
    return matter.answer(independent == wanted)


PROPERTIES: Mapping[str, Callable[[_Matter], Solution]] = {
    "positive definite": _definite(("positive definite",), 1),
    "positive semidefinite": _definite(("positive definite", "positive semidefinite", "zero"), 1),
    "negative definite": _definite(("negative definite",), -1),
    "negative semidefinite": _definite(("negative definite", "negative semidefinite", "zero"), -1),
    "indefinite": _definite(("indefinite",), 1),
    "invertible": _invertible(True),
    "nonsingular": _invertible(True),
    "singular": _invertible(False),
    "symmetric": _symmetric,
    "orthogonal": _orthogonal,
    "diagonalisable": _diagonalisable,
}
