"""Products of arrays whose shape is known: `@`, `np.einsum`, `np.outer`, solving, and the factor of Cholesky.

In: arrays. Out: the product of vectors and matrices as paper writes it, or sums over running indices.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from derive.errors import InconsistentInput, NotSupported, SyntaxProblem
from derive.expressions.term import Span, Term, number
from derive.meaning.numpy_notation.shaped.arithmetic import BUILDERS
from derive.meaning.numpy_notation.shaped.extents import ONE
from derive.meaning.numpy_notation.shaped.values import Positions, Value

if TYPE_CHECKING:
    from derive.meaning.numpy_notation.shaped.evaluation import Evaluation

__all__ = ["contracted", "einsum", "inverse", "least_squares", "outer", "product", "quadratic", "solved", "transposed"]


def transposed(value: Value, order: Sequence[int] | None = None) -> Value:
    """The axes in another order, reversed where none is given."""
    rank = len(value.shape)
    axes = list(order) if order is not None else list(range(rank))[::-1]
    if axes == list(range(rank)):
        return value
    back = {old: new for new, old in enumerate(axes)}
    shape = tuple(value.shape[k] for k in axes)
    whole = value.whole
    if whole is not None and len(value.axes) > 1:
        kept = [k for k in axes if k in value.axes]
        if kept != list(value.axes):
            whole = _turned(whole) if len(kept) == 2 else None
    return Value(shape, lambda p: value.entry(tuple(p[back[k]] for k in range(rank))), whole, value.is_condition)


def _turned(matrix: Term) -> Term:
    return matrix.args[0] if matrix.head == "transpose" else Term("transpose", (matrix,))


def product(e: Evaluation, left: Value, right: Value, span: Span | None) -> Value:
    """`left @ right`."""
    left, right = e.array.number_of(left), e.array.number_of(right)
    if not left.shape or not right.shape:
        raise SyntaxProblem("`@` takes arrays, not numbers", span=span)
    a, b = e.array.resolved(left.shape), e.array.resolved(right.shape)
    inner = len(b) - 2 if len(b) > 1 else 0
    e.array.agree(a[-1], b[inner], [a, b], span)
    before = e.array.broadcast([a[:-2], b[:-2]], span)
    rows, columns = a[-2:-1], b[-1:] if len(b) > 1 else ()
    shape = (*before, *rows, *columns)
    size = e.array.extents.find(a[-1])

    def entry(positions: Positions) -> Term:
        batch = positions[: len(before)]
        row = positions[len(before) : len(before) + len(rows)]
        column = positions[len(before) + len(rows) :]

        def body(k: Term) -> Term:
            first = e.array.at(left, (*batch[len(before) - len(a[:-2]) :], *row, k))
            second = e.array.at(right, (*batch[len(before) - len(b[:-2]) :], *((k, *column) if len(b) > 1 else (k,))))
            return Term("pow", (first, number(2))) if first == second else BUILDERS["mul"]([first, second], [0, 0])

        if size == ONE:
            return body(ONE)
        return e.array.summed("sum", lambda indices: body(indices[0]), [size]).at(span)

    whole = _whole_product(left, right, span) if ONE not in (*a, *b) and len(a) <= 2 and len(b) <= 2 else None
    if whole is None and not any(s != ONE for s in shape):
        whole = entry((ONE,) * len(shape))
    return Value(shape, entry, whole)


def _whole_product(left: Value, right: Value, span: Span | None) -> Term | None:
    """xᵀ y, A x, Aᵀ x for `x @ A`, A B."""
    if left.whole is None or right.whole is None:
        return None
    if left.factor_of is not None and right.whole == _turned(left.whole):
        return left.factor_of.whole
    if len(left.shape) == 2:
        first = left.whole
    elif len(right.shape) == 1:
        known = quadratic(left.whole, right.whole, span)
        if known is not None:
            return known
        first = Term("transpose", (left.whole,))
        if left.whole.head == "mul" and len(left.whole.args) == 2 and left.whole.args[0].head == "transpose":
            matrix, vector = left.whole.args  # (Aᵀ x)ᵀ y is xᵀ A y
            return Term("mul", (Term("transpose", (vector,)), matrix.args[0], *_factors(right.whole)), None, span)
    else:
        return Term("mul", (*_factors(_turned(right.whole)), *_factors(left.whole)), None, span)
    return Term("mul", (*_factors(first), *_factors(right.whole)), None, span)


def _factors(term: Term) -> tuple[Term, ...]:
    """The factors of a product of matrices; a number in front stays inside brackets."""
    if term.head == "mul" and term.data is None and all(a.head in ("name", "transpose", "inverse", "identity", "ones") for a in term.args):
        return term.args
    return (term,)


def quadratic(left: Term, right: Term, span: Span | None) -> Term | None:
    """zᵀ z with z = L⁻¹ b is bᵀ Σ⁻¹ b, for Σ = L Lᵀ."""
    if left != right or left.head != "mul" or left.args[0].head != "inverse":
        return None
    factor = left.args[0].args[0]
    if factor.head != "task" or factor.data != "cholesky":
        return None
    rest = left.args[1] if len(left.args) == 2 else Term("mul", left.args[1:])
    return Term("mul", (Term("transpose", (rest,)), Term("inverse", (factor.args[0],)), rest), None, span)


def contracted(e: Evaluation, left: Value, right: Value, span: Span | None) -> Value:
    """`np.dot`: a product with a number, the `@` of vectors and matrices."""
    if not left.shape or not right.shape:
        return e.array.entrywise(BUILDERS["mul"], [left, right], span)
    if len(left.shape) > 2 or len(right.shape) > 2:
        raise NotSupported("np.dot of arrays of more than two axes", span=span)
    return product(e, left, right, span)


def outer(e: Evaluation, left: Value, right: Value, span: Span | None) -> Value:
    """`np.outer`: x yᵀ."""
    if len(left.shape) != 1 or len(right.shape) != 1:
        raise NotSupported("np.outer of arrays that are no vectors", span=span)
    left, right = e.array.number_of(left), e.array.number_of(right)
    whole = None
    if left.whole is not None and right.whole is not None and len(left.axes) == len(right.axes) == 1:
        whole = Term("mul", (left.whole, Term("transpose", (right.whole,))), None, span)

    def entry(positions: Positions) -> Term:
        return BUILDERS["mul"]([e.array.at(left, positions[:1]), e.array.at(right, positions[1:])], [0, 0])

    return Value((left.shape[0], right.shape[0]), entry, whole)


def einsum(e: Evaluation, subscripts: str, values: Sequence[Value], span: Span | None) -> Value:
    """Σ over the letters that the result does not have of the product of the entries."""
    text = subscripts.replace(" ", "")
    given, arrow, wanted = text.partition("->")
    inputs = given.split(",")
    letters = [c for part in inputs for c in part]
    if not all(c.isascii() and c.isalpha() for c in (*letters, *wanted)):
        raise NotSupported("np.einsum with an ellipsis", span=span)
    if not arrow:
        wanted = "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    if len(inputs) != len(values) or len(set(wanted)) != len(wanted) or not set(wanted) <= set(letters):
        raise SyntaxProblem(f"the subscripts {subscripts!r} do not go with these arrays", span=span)
    values = [e.array.number_of(v) for v in values]
    sizes: dict[str, Term] = {}
    for part, value in zip(inputs, values, strict=True):
        if len(part) != len(value.shape):
            raise SyntaxProblem(f"{part!r} names {len(part)} axes, and the array has {len(value.shape)}", span=span)
        for letter, size in zip(part, value.shape, strict=True):
            here = e.array.extents.find(size)
            if letter in sizes:
                e.array.agree(sizes[letter], here, [v.shape for v in values], span)
            sizes[letter] = e.array.extents.find(here)
    gone = [c for c in dict.fromkeys(letters) if c not in wanted and sizes[c] != ONE]

    def entry(positions: Positions) -> Term:
        def body(running: Positions) -> Term:
            places = {**dict.fromkeys(sizes, ONE), **dict(zip(wanted, positions, strict=True)), **dict(zip(gone, running, strict=True))}
            factors = [e.array.at(v, tuple(places[c] for c in part)) for part, v in zip(inputs, values, strict=True)]
            if len(factors) == 2 and factors[0] == factors[1]:
                return Term("pow", (factors[0], number(2)))
            return BUILDERS["mul"](factors, [0] * len(factors)) if len(factors) > 1 else factors[0]

        return e.array.summed("sum", body, [sizes[c] for c in gone]).at(span)

    shape = tuple(sizes[c] for c in wanted)
    return Value(shape, entry, entry(()) if not shape else None)


# ---------------------------------------------------------------------------------------------- inverses
def inverse(e: Evaluation, value: Value, span: Span | None, head: str = "inverse") -> Value:
    """A⁻¹, A⁺."""
    if len(value.shape) != 2:
        raise SyntaxProblem("a matrix is needed here", span=span)
    if head == "inverse":
        e.array.agree(value.shape[0], value.shape[1], [value.shape], span)
    return e.array.of_whole(value.shape[::-1], Term(head, (e.array.whole(value),), None, span))


def solved(e: Evaluation, matrix: Value, right: Value, span: Span | None) -> Value:
    """`np.linalg.solve`: A⁻¹ b."""
    return product(e, inverse(e, matrix, span), right, span)


def least_squares(e: Evaluation, matrix: Value, right: Value, span: Span | None) -> Value:
    """`np.linalg.lstsq(A, b)[0]`: (Aᵀ A)⁻¹ Aᵀ b, the sum over the blocks where A and b are made of some, one below the other."""
    tops, rights = matrix.blocks or (matrix,), right.blocks or (right,)
    if len(tops) != len(rights):
        raise InconsistentInput("the blocks of the two sides do not go together", span=span)
    for top, side in zip(tops, rights, strict=True):
        e.array.agree(top.shape[0], side.shape[0], [top.shape, side.shape], span)
    squares = [product(e, transposed(top), top, span) for top in tops]
    sides = [product(e, transposed(top), side, span) for top, side in zip(tops, rights, strict=True) if not _is_zero(side)]
    gram = squares[0] if len(squares) == 1 else e.array.entrywise(BUILDERS["add"], squares, span)
    if not sides:
        raise NotSupported("least squares with the right side 0", span=span)
    side = sides[0] if len(sides) == 1 else e.array.entrywise(BUILDERS["add"], sides, span)
    return solved(e, gram, side, span)


def _is_zero(value: Value) -> bool:
    return value.entry(tuple(number(1) for _ in value.shape)) == number(0)
