"""Which file takes a question about a matrix that is written out.

In: the reading of a task. Out: its Solution; matrices that are not written out, or too large, are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from derive.errors import TooLarge, WrongUse
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.solution import Solution
from derive.solving.written_out import elimination, orthogonality, powers, spectra, systems
from derive.solving.written_out.expressions import concerns_literals, solve_written_expression
from derive.solving.written_out.matrices import is_literal, is_numeric, matrix_term, neat, read_array, read_matrix, square
from derive.solving.written_out.work import Work, finished

__all__ = ["TASKS", "is_written_out", "question_of", "solve_written_out", "takes"]

LARGEST = 6
LARGEST_WITH_SYMBOLS = 4
MOST_ROWS = 40


def _adjugate(work: Work, a: Any) -> Mapping[str, Any]:
    from derive.rules.linear_algebra import ADJUGATE

    square(a, "the adjugate")
    found = a.adjugate().applyfunc(neat)
    determinant = neat(a.det(method="berkowitz"))
    work.step(ADJUGATE, sp.Symbol("adj A"), found, (), ((a * found).applyfunc(neat), determinant * sp.eye(a.shape[0])))
    return {"adjugate": matrix_term(found)}


def _cofactors(work: Work, a: Any) -> Mapping[str, Any]:
    _adjugate(work, a)
    return {"cofactors": matrix_term(a.adjugate().applyfunc(neat).T)}


_ONE: Mapping[str, Callable[[Work, Any], Mapping[str, Any]]] = {
    "rank": elimination.rank, "rref": elimination.echelon, "nullspace": elimination.null_space, "columnspace": elimination.column_space,
    "rowspace": elimination.row_space, "inverse": elimination.inverse, "lu": elimination.lu, "qr": orthogonality.qr,
    "cholesky": orthogonality.cholesky, "gram-schmidt": orthogonality.gram_schmidt, "projection-matrix": orthogonality.projection_matrix,
    "pinv": orthogonality.pseudo_inverse, "eig": spectra.eigen, "eigenvalues": spectra.eigenvalues, "diagonalise": spectra.diagonalise,
    "characteristic-polynomial": spectra.characteristic_polynomial, "minimal-polynomial": spectra.minimal_polynomial, "svd": spectra.svd,
    "singular-values": spectra.singular_values, "condition-number": spectra.condition_number, "nullity": elimination.nullity,
    "largest-eigenvalue": spectra.largest, "smallest-eigenvalue": spectra.smallest, "covariance-matrix": spectra.covariance_matrix,
    "spectral-radius": spectra.spectral_radius,
    "pca": spectra.principal_components, "matrix-exponential": powers.exponential, "matrix-square-root": powers.square_root,
    "inverse-square-root": powers.inverse_square_root,
    "stationary-distribution": systems.stationary, "adjugate": _adjugate, "cofactor-matrix": _cofactors,
}  # fmt: skip
_TWO: Mapping[str, Callable[[Work, Any, Any], Mapping[str, Any]]] = {
    "least-squares": orthogonality.least_squares, "project": orthogonality.project,
}  # fmt: skip
_AS_TASKS = {
    "rank": "rank",
    "cond": "condition-number",
    "matrix_exp": "matrix-exponential",
    "eigenvalues": "eigenvalues",
    "eigmax": "largest-eigenvalue",
    "eigmin": "smallest-eigenvalue",
}
_LETTERS = {("kappa", ""): "condition-number", ("kappa", "2"): "condition-number", ("rho", ""): "spectral-radius"}
_HALF = Term("div", (Term("number", (), "1"), Term("number", (), "2")))
_HALVES = {_HALF: "matrix-square-root", Term("neg", (_HALF,)): "inverse-square-root"}
_NAMED = ("eigenvalues",)  # answers with one part that keeps its name
TASKS = (*_ONE, *_TWO, "solve")


def is_written_out(term: Term) -> bool:
    """Whether it is a matrix or a vector of entries, or made of such by operations."""
    if is_literal(term):
        return True
    heads = {n.head for n in term.walk()}
    return bool(heads & {"matrix", "vector"}) and not heads & {
        "index",
        "call",
        "sum",
        "prod",
        "gradient",
        "hessian",
        "jacobian",
        "derivative",
    }


def question_of(term: Term) -> tuple[str, tuple[Term, ...]] | None:
    """What an expression asks for that is a task in other words: cond(A), e^{tA}, Aⁿ with a letter n."""
    if term.head == "apply" and term.data in _AS_TASKS and len(term.args) == 1 and is_written_out(term.args[0]):
        return _AS_TASKS[str(term.data)], term.args
    if term.head == "call" and len(term.args) == 2 and term.args[0].head == "name" and is_written_out(term.args[1]):
        name = term.args[0].data
        found = _LETTERS.get((name.base, name.sub)) if not name.sup and not name.accents else None
        return None if found is None else (found, term.args[1:])
    if term.head != "pow":
        return None
    base, exponent = term.args
    if base == Term("constant", (), "e") and any(n.head == "matrix" for n in exponent.walk()) and is_written_out(exponent):
        return "matrix-exponential", (exponent,)
    if is_written_out(base) and any(n.head == "matrix" for n in base.walk()):
        if exponent.head == "name":
            return "power", (base, exponent)
        if exponent in _HALVES:
            return _HALVES[exponent], (base,)
    return None


def takes(term: Term) -> bool:
    """Whether the term is a question for this package."""
    if question_of(term) is not None:
        return True
    if term.head == "task":
        if systems.is_matrix_equation(term) or systems.is_system(term):
            return True
        operands = _operands(term)
        return term.data in TASKS and bool(operands) and all(is_written_out(a) for a in operands)
    return concerns_literals(term)


def _operands(term: Term) -> list[Term]:
    found: list[Term] = []
    for arg in term.args:
        found += arg.args if arg.head == "keyword" else (arg,)
    return found


def solve_written_out(reading: Reading) -> Solution:
    """The parts of the task. Raises NotSupported for what is not written out, TooLarge, WrongUse for shapes that do not fit."""
    term = reading.expanded
    if systems.is_matrix_equation(term):
        return systems.solve_matrix_equation(reading)
    if systems.is_system(term):
        return systems.solve_system(reading)
    question = question_of(term)
    if question is None and term.head != "task":
        return solve_written_expression(reading)
    name, operands = question if question is not None else (str(term.data), tuple(_operands(term)))
    if name == "power":
        base = read_matrix(operands[0], reading.types)
        work = Work(base)
        return finished(work, powers.power(work, base, to_sympy(operands[1], reading.types)))
    if name == "gram-schmidt" and (len(operands) > 1 or operands[0].head == "tuple"):
        vectors = operands if len(operands) > 1 else operands[0].args
        matrices = [sp.Matrix.hstack(*(_column(v, reading) for v in vectors))]
    else:
        matrices = [read_matrix(a, reading.types) for a in operands]
    _refuse_large(name, matrices, term)
    work = Work(matrices[0])
    if name in _TWO:
        if name == "project" and len(matrices) > 2:
            matrices = [matrices[0], sp.Matrix.hstack(*matrices[1:])]
        if len(matrices) != 2:
            raise WrongUse(f"{name.replace('-', ' ')} takes a matrix and a vector", span=term.span, expected=("A, b",))
        return finished(work, _TWO[name](work, *matrices))
    if len(matrices) != 1:
        raise WrongUse(f"{name.replace('-', ' ')} takes one matrix", span=term.span)
    return finished(work, _ONE[name](work, matrices[0]), alone=name not in _NAMED)


def _column(term: Term, reading: Reading) -> Any:
    array = read_array(term, reading.types)
    if 1 not in array.entries.shape:
        raise WrongUse("vectors are expected", span=term.span)
    return array.entries.reshape(len(array.entries), 1)


def _refuse_large(name: str, matrices: list[Any], term: Term) -> None:
    for m in matrices:
        least, most = min(m.shape), max(m.shape)
        if most > MOST_ROWS or least > LARGEST:
            raise TooLarge(f"exact linear algebra is for matrices with a side of at most {LARGEST}", span=term.span)
        if not is_numeric(m) and least > LARGEST_WITH_SYMBOLS:
            raise TooLarge(f"matrices with symbols have sides of at most {LARGEST_WITH_SYMBOLS}", span=term.span)
