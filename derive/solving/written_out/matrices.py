"""Arrays that are written out, as SymPy matrices: reading them from terms, and putting results into terms with their shape.

In: terms of literals, of sums, products, transposes, inverses and powers of them. Out: `Array`. What holds a name of unknown shape, or an
operation of another kind, is NotSupported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.errors import DoesNotExist, InconsistentInput, NotSupported, TooLarge, WrongUse
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Type

__all__ = [
    "Array",
    "array_term",
    "column_term",
    "inverse_of",
    "is_literal",
    "is_numeric",
    "matrix_term",
    "neat",
    "read_array",
    "read_matrix",
    "square",
    "term_of",
]

LARGEST_POWER = 1000
MOST_OPERATIONS = 4000
DECIMALS = 17
SCALAR, COLUMN, ROW, MATRIX, IDENTITY = "scalar", "column", "row", "matrix", "identity"


@dataclass(frozen=True, slots=True)
class Array:
    """A value. `kind` is scalar, column (a vector), row (its transpose), matrix, or identity: a multiple of I of a size yet to be found.

    `entries` is a SymPy matrix, 1 × 1 for scalars and for multiples of I.
    """

    entries: Any
    kind: str

    @property
    def scalar(self) -> Any:
        """The value of a scalar, the factor of a multiple of I."""
        return self.entries[0, 0]


def is_literal(term: Term) -> bool:
    """Whether it is a matrix or a vector of entries."""
    return term.head in ("matrix", "vector", "tuple")


def is_numeric(matrix: Any) -> bool:
    """Whether no entry holds a symbol."""
    return all(e.is_number for e in matrix)


def read_matrix(term: Term, types: Mapping[Name, Type]) -> Any:
    """The SymPy matrix that the term is, vectors as columns. Raises NotSupported where it is not written out."""
    array = read_array(term, types)
    if array.kind in (IDENTITY, SCALAR):
        raise NotSupported("a matrix that is not written out", span=term.span)
    return array.entries


def read_array(term: Term, types: Mapping[Name, Type]) -> Array:
    """The value of a term over literals."""
    head = term.head
    if is_literal(term):
        entries = [to_sympy(a, types) for a in term.args]
        if head == "matrix":
            rows, columns = term.data
            return Array(sp.Matrix(rows, columns, entries), MATRIX)
        return Array(sp.Matrix(len(entries), 1, entries), COLUMN)
    if head == "identity":
        return Array(sp.Matrix([[1]]), IDENTITY)
    if head in _READERS:
        return _bounded(_READERS[head](term, [read_array(a, types) for a in term.args]), term)
    if head == "pow":
        return _bounded(_power(term, read_array(term.args[0], types), to_sympy(term.args[1], types)), term)
    if head == "apply" and term.data in _FUNCTIONS and len(term.args) == 1:
        return _bounded(_FUNCTIONS[str(term.data)](term, read_array(term.args[0], types)), term)
    if any(is_literal(n) or n.head == "identity" for n in term.walk()):
        raise NotSupported(f"“{head}” of arrays that are written out", span=term.span)
    return Array(sp.Matrix([[to_sympy(term, types)]]), SCALAR)


def _bounded(array: Array, term: Term) -> Array:
    if sum(e.count_ops() for e in array.entries) > MOST_OPERATIONS:
        raise TooLarge("the entries grow too long to be written out", span=term.span)
    return array


def _add(term: Term, parts: Sequence[Array]) -> Array:
    total = parts[0]
    for part in parts[1:]:
        total = _sum(term, total, part)
    return total


def _sum(term: Term, a: Array, b: Array) -> Array:
    if b.kind == IDENTITY and a.kind != IDENTITY:
        a, b = b, a
    if a.kind == IDENTITY and b.kind == MATRIX:
        square(b.entries, "a sum with I")
        return Array(a.scalar * sp.eye(b.entries.shape[0]) + b.entries, MATRIX)
    if a.kind != b.kind or a.entries.shape != b.entries.shape:
        if SCALAR in (a.kind, b.kind) and IDENTITY not in (a.kind, b.kind):
            scalar, other = (a, b) if a.kind == SCALAR else (b, a)
            return Array(other.entries.applyfunc(lambda e: e + scalar.scalar), other.kind)
        raise NotSupported("a sum of arrays of different shapes", span=term.span)
    return Array(a.entries + b.entries, a.kind)


def _mul(term: Term, parts: Sequence[Array]) -> Array:
    result = parts[0]
    for part in parts[1:]:
        result = _product(term, result, part)
    return result


def _product(term: Term, a: Array, b: Array) -> Array:
    for one, other in ((a, b), (b, a)):
        if one.kind in (SCALAR, IDENTITY):
            kind = IDENTITY if {a.kind, b.kind} <= {SCALAR, IDENTITY} and IDENTITY in (a.kind, b.kind) else other.kind
            return Array(one.scalar * other.entries, kind)
    if a.entries.shape[1] != b.entries.shape[0]:
        raise InconsistentInput(
            f"the product of {a.entries.shape[0]} × {a.entries.shape[1]} and {b.entries.shape[0]} × {b.entries.shape[1]}", span=term.span
        )
    product = (a.entries * b.entries).applyfunc(sp.expand)
    if a.kind == ROW:
        return Array(product, SCALAR if b.kind == COLUMN else ROW)
    if b.kind == COLUMN:
        return Array(product, COLUMN)
    return Array(product, MATRIX)


def _neg(term: Term, parts: Sequence[Array]) -> Array:
    return Array(-parts[0].entries, parts[0].kind)


def _div(term: Term, parts: Sequence[Array]) -> Array:
    above, below = parts
    if below.kind != SCALAR:
        raise NotSupported("a division by an array", span=term.span)
    return Array(above.entries / below.scalar, above.kind)


def _transpose(term: Term, parts: Sequence[Array]) -> Array:
    turned = {COLUMN: ROW, ROW: COLUMN}
    kind = parts[0].kind
    return parts[0] if kind in (SCALAR, IDENTITY) else Array(parts[0].entries.T, turned.get(kind, kind))


def inverse_of(matrix: Any) -> Any:
    """The inverse, its entries in lowest terms. Raises DoesNotExist where it is singular."""
    square(matrix, "the inverse")
    determinant = neat(matrix.det())
    if determinant == 0:
        raise DoesNotExist("the matrix is singular: its determinant is 0")
    return (matrix.adjugate() / determinant).applyfunc(neat)


def _inverse(term: Term, parts: Sequence[Array]) -> Array:
    array = parts[0]
    if array.kind in (SCALAR, IDENTITY):
        return Array(array.entries.applyfunc(lambda e: 1 / e), array.kind)
    return Array(inverse_of(array.entries), MATRIX)


def _hadamard(term: Term, parts: Sequence[Array]) -> Array:
    result = parts[0]
    for part in parts[1:]:
        if part.kind != result.kind or part.entries.shape != result.entries.shape:
            raise NotSupported("an elementwise product of arrays of different shapes", span=term.span)
        result = Array(result.entries.multiply_elementwise(part.entries), result.kind)
    return result


def _inner(term: Term, parts: Sequence[Array]) -> Array:
    a, b = parts
    if a.entries.shape != b.entries.shape:
        raise NotSupported("an inner product of arrays of different shapes", span=term.span)
    return Array(sp.Matrix([[sum(x * y for x, y in zip(a.entries, b.entries, strict=True))]]), SCALAR)


def _outer(term: Term, parts: Sequence[Array]) -> Array:
    return Array(parts[0].entries.reshape(len(parts[0].entries), 1) * parts[1].entries.reshape(1, len(parts[1].entries)), MATRIX)


def _kron(term: Term, parts: Sequence[Array]) -> Array:
    return Array(sp.kronecker_product(*(sp.ImmutableMatrix(p.entries) for p in parts)).as_mutable(), MATRIX)


def _power(term: Term, base: Array, exponent: Any) -> Array:
    if exponent.is_Matrix:
        raise WrongUse("the exponent is a matrix", span=term.span, expected=("a number",))
    if base.kind == SCALAR:
        return Array(sp.Matrix([[base.scalar**exponent]]), SCALAR)
    if exponent.is_Integer is not True:
        raise NotSupported("a power of a matrix whose exponent is no integer", span=term.span)
    if abs(exponent) > LARGEST_POWER:
        raise TooLarge(f"powers of a matrix go up to {LARGEST_POWER}", span=term.span)
    if base.kind == IDENTITY:
        return Array(sp.Matrix([[base.scalar**exponent]]), IDENTITY)
    if base.kind in (COLUMN, ROW):
        raise NotSupported("a power of a vector", span=term.span)
    square(base.entries, "a power")
    matrix = base.entries if exponent >= 0 else inverse_of(base.entries)
    return Array((matrix ** abs(exponent)).applyfunc(sp.expand), MATRIX)


def _determinant(term: Term, array: Array) -> Array:
    if array.kind == MATRIX:
        square(array.entries, "the determinant")
    return Array(sp.Matrix([[neat(array.entries.det())]]), SCALAR)


def _trace(term: Term, array: Array) -> Array:
    square(array.entries, "the trace")
    return Array(sp.Matrix([[sp.expand(array.entries.trace())]]), SCALAR)


def _diagonal(term: Term, array: Array) -> Array:
    if array.kind == COLUMN:
        return Array(sp.diag(*array.entries), MATRIX)
    return Array(sp.Matrix([array.entries[k, k] for k in range(min(array.entries.shape))]), COLUMN)


_READERS = {
    "add": _add, "mul": _mul, "neg": _neg, "div": _div, "transpose": _transpose, "inverse": _inverse, "hadamard": _hadamard,
    "inner": _inner, "outer": _outer, "kron": _kron,
}  # fmt: skip
_FUNCTIONS = {"det": _determinant, "tr": _trace, "diag": _diagonal}


def square(matrix: Any, what: str) -> None:
    """Raises WrongUse where the matrix is not square."""
    if matrix.shape[0] != matrix.shape[1]:
        raise WrongUse(f"{what} needs a square matrix, not one of {matrix.shape[0]} × {matrix.shape[1]}")


def neat(value: Any) -> Any:
    """The value simplified: in lowest terms, as a polynomial where that is no longer."""
    value = sp.sympify(value)
    if value.is_Rational or value.is_Symbol:
        return value
    if value.is_number:
        return value if value.atoms(sp.Float) else _neat_number(value)
    found = [sp.factor(sp.cancel(value)), sp.expand(sp.cancel(value))]
    if value.atoms(sp.Pow, sp.Function) - value.atoms(sp.Symbol):
        found.append(sp.simplify(value))
    return min(found, key=lambda e: (e.count_ops(), len(str(e))))


def _neat_number(value: Any) -> Any:
    """A number with roots, its denominators rational."""
    expanded = sp.radsimp(sp.sqrtdenest(sp.expand(value)))
    return expanded if expanded.is_Rational else sp.radsimp(sp.sqrtdenest(sp.simplify(expanded)))


def term_of(value: Any) -> Term:
    """The term of a scalar."""
    if isinstance(value, Term):
        return value
    floats = value.atoms(sp.Float) if isinstance(value, sp.Basic) else ()
    return from_sympy(value.xreplace({f: sp.Float(f, DECIMALS) for f in floats}) if floats else value)


def matrix_term(matrix: Any) -> Term:
    """A matrix as a term, with its shape also where it has one row or one column."""
    rows, columns = matrix.shape
    return Term("matrix", tuple(term_of(e) for e in matrix), (int(rows), int(columns)))


def column_term(values: Any) -> Term:
    """A vector as a term."""
    return Term("vector", tuple(term_of(e) for e in values))


def array_term(array: Array) -> Term:
    """The value as a term of its kind."""
    if array.kind == SCALAR:
        return term_of(array.scalar)
    return column_term(array.entries) if array.kind == COLUMN else matrix_term(array.entries)
