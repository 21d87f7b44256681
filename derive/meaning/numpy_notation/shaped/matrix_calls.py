"""Sums of products, factors, triangles, pairs, places: functions of NumPy on arrays whose shape is known.

In: a `numpy` term, whose data is the canonical name of the function. Out: the value; `MATRICES` has a line a function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from derive.errors import NotSupported, SyntaxProblem
from derive.expressions.term import Term, integer, number
from derive.meaning.numpy_notation.shaped import positions, products, reductions
from derive.meaning.numpy_notation.shaped.arithmetic import BUILDERS, related
from derive.meaning.numpy_notation.shaped.extents import ONE, added
from derive.meaning.numpy_notation.shaped.given import Given, axis_numbers
from derive.meaning.numpy_notation.shaped.values import Positions, Value

if TYPE_CHECKING:
    from derive.meaning.numpy_notation.shaped.evaluation import Evaluation

__all__ = ["MATRICES"]


def _einsum(e: Evaluation, term: Term) -> Value:
    first = term.args[0]
    if first.head != "word":
        raise NotSupported("np.einsum without its subscripts as text", span=term.span)
    if any(a.head == "keyword" for a in term.args):
        raise NotSupported("np.einsum with keyword arguments", span=term.span)
    return products.einsum(e, first.data, [e.value(a) for a in term.args[1:]], term.span)


def _least_squares(e: Evaluation, term: Term) -> Value:
    given = Given(term, "a", "b", "rcond")
    e.note("least squares: the columns are taken to be independent")
    return products.least_squares(e, e.number(given["a"]), e.number(given["b"]), term.span)


def _cholesky(e: Evaluation, term: Term) -> Value:
    matrix = e.value(Given(term, "a")["a"])
    if len(matrix.shape) != 2:
        raise SyntaxProblem("the Cholesky factor is that of a matrix", span=term.span)
    e.array.agree(matrix.shape[0], matrix.shape[1], [matrix.shape], term.span)
    _definite(e, matrix)
    whole = Term("task", (e.array.whole(matrix),), "cholesky", term.span)
    return e.array.of_whole(matrix.shape, whole)._replace(factor_of=matrix)


def _definite(e: Evaluation, matrix: Value) -> None:
    """A matrix with a Cholesky factor is symmetric and positive definite."""
    if matrix.whole is not None and matrix.whole.head == "name":
        e.definite.add(matrix.whole.data)


def _cho_factor(e: Evaluation, term: Term) -> Value:
    matrix = e.value(Given(term, "a", "lower")["a"])
    if len(matrix.shape) != 2:
        raise SyntaxProblem("the Cholesky factor is that of a matrix", span=term.span)
    _definite(e, matrix)
    return e.array.of_whole(matrix.shape, Term("task", (e.array.whole(matrix),), "cho_factor", term.span))._replace(factor_of=matrix)


def _cho_solve(e: Evaluation, term: Term) -> Value:
    given = Given(term, "c_and_lower", "b")
    first, right = given["c_and_lower"], e.value(given["b"])
    kind = "cho_factor"
    if first.head == "tuple" and len(first.args) == 2 and first.args[1].head == "word" and first.args[1].data in ("True", "low"):
        kind = "cholesky" if first.args[1].data == "True" else kind
        first = first.args[0]
    factor = e.value(first)
    if factor.factor_of is None or factor.whole is None or factor.whole.data != kind:
        raise NotSupported("cho_solve other than with cho_factor(A) or (L, True)", span=term.span)
    return products.solved(e, factor.factor_of, right, term.span)


def _solve_triangular(e: Evaluation, term: Term) -> Value:
    given = Given(term, "a", "b", "lower")
    factor = e.value(given["a"])
    if factor.factor_of is None or given.get("lower") != Term("word", (), "True"):
        raise NotSupported("solve_triangular other than with a lower Cholesky factor", span=term.span)
    return products.solved(e, factor, e.value(given["b"]), term.span)


def _triangle(lower: bool) -> Callable[[Evaluation, Term], Value]:
    """The entries on one side of the diagonal."""

    def read(e: Evaluation, term: Term) -> Value:
        given = Given(term, "m", "k")
        array, shift = e.number(given["m"]), given.get("k")
        if len(array.shape) != 2:
            raise NotSupported("a triangle of an array that is no matrix", span=term.span)
        offset = 0 if shift is None else integer(shift)
        if offset is None:
            raise NotSupported("a triangle from a diagonal that is no number", span=term.span)

        def entry(p: Positions) -> Term:
            condition = Term("rel", (p[1], added(p[0], offset)), "<=" if lower else ">=")
            return Term("cases", (e.array.at(array, p), condition, number(0), Term("otherwise")))

        return Value(array.shape, entry, None)

    return read


def _pairs(operation: str) -> Callable[[Evaluation, Term], Value]:
    """`np.subtract.outer(x, y)`: every entry of the one with every entry of the other."""

    def read(e: Evaluation, term: Term) -> Value:
        given = Given(term, "A", "B")
        left, right = e.number(given["A"]), e.number(given["B"])
        left = positions.inserted(left, [len(left.shape) + k for k in range(len(right.shape))])
        if operation == "sub":
            return e.array.entrywise(BUILDERS["add"], [left, e.array.entrywise(BUILDERS["neg"], [right], term.span)], term.span)
        if operation in BUILDERS:
            return e.array.entrywise(BUILDERS[operation], [left, right], term.span)
        return e.array.entrywise(related(operation), [left, right], term.span, is_condition=True)

    return read


def _average(e: Evaluation, term: Term) -> Value:
    given = Given(term, "a", "axis", "weights")
    array, weights = e.number(given["a"]), given.get("weights")
    places = reductions.axes_of(given.get("axis"), len(array.shape), term.span)
    if weights is None:
        return reductions.reduced(e, "mean", array, places, False, term.span)
    weight = e.number(weights)
    if len(weight.shape) != len(array.shape):
        raise NotSupported("np.average with weights of another shape", span=term.span)
    top = reductions.reduced(e, "sum", e.array.entrywise(BUILDERS["mul"], [weight, array], term.span), places, False, term.span)
    bottom = reductions.reduced(e, "sum", weight, places, False, term.span)
    return e.array.entrywise(BUILDERS["div"], [top, bottom], term.span)


def _take_along(e: Evaluation, term: Term) -> Value:
    given = Given(term, "arr", "indices", "axis")
    array, places = e.value(given["arr"]), e.value(given["indices"])
    rank = len(array.shape)
    axis = axis_numbers(given["axis"])[0] % rank
    e.count_labels(given["indices"], e.array.extents.find(array.shape[axis]))
    if len(places.shape) != rank:
        raise SyntaxProblem("np.take_along_axis takes arrays of as many axes", span=term.span)
    shape = tuple(
        places.shape[k] if k == axis else s
        for k, s in enumerate(e.array.broadcast([_without(array.shape, axis), _without(places.shape, axis)], term.span))
    )

    def entry(p: Positions) -> Term:
        here = added(e.array.at(places, p), 1)
        return e.array.at(array, tuple(here if k == axis else q for k, q in enumerate(p)))

    return Value(shape, entry, None)


def _without(shape: tuple[Term, ...], axis: int) -> tuple[Term, ...]:
    return tuple(ONE if k == axis else size for k, size in enumerate(shape))


def _difference(e: Evaluation, term: Term) -> Value:
    """`np.diff`: what stands behind, less what stands before."""
    given = Given(term, "a", "n", "axis")
    array = e.number(given["a"])
    if given.get("n") not in (None, ONE) or not array.shape:
        raise NotSupported("np.diff more than once", span=term.span)
    axis = given.get("axis")
    here = (axis_numbers(axis)[0] if axis is not None else -1) % len(array.shape)
    shape = e.array.resolved(array.shape)

    def entry(p: Positions) -> Term:
        later = e.array.at(array, tuple(added(q, 1) if k == here else q for k, q in enumerate(p)))
        return Term("add", (later, Term("neg", (e.array.at(array, p),))))

    return Value(tuple(added(s, -1) if k == here else s for k, s in enumerate(shape)), entry, None)


def _delete(e: Evaluation, term: Term) -> Value:
    given = Given(term, "arr", "obj")
    array, place = e.value(given["arr"]), e.value(given["obj"])
    if len(array.shape) != 1 or place.shape:
        raise NotSupported("np.delete other than of one entry of a vector", span=term.span)
    position = added(e.array.at(place, ()), 1)

    def entry(p: Positions) -> Term:
        before, after = e.array.at(array, p), e.array.at(array, (added(p[0], 1),))
        return Term("cases", (before, Term("rel", (p[0], position), "<"), after, Term("otherwise")))

    return Value((added(array.shape[0], -1),), entry, None, without=(array, position))


def _place(function: str) -> Callable[[Evaluation, Term], Value]:
    def read(e: Evaluation, term: Term) -> Value:
        given = Given(term, "a", "axis")
        return reductions.place(e, function, e.number(given["a"]), given.get("axis"), term.span)

    return read


def _sort(e: Evaluation, term: Term) -> Value:
    given = Given(term, "a", "axis")
    array = e.value(given["a"])
    if given.found.get("axis") == Term("word", (), "None") and len(array.shape) > 1:
        raise NotSupported("np.sort of all entries of several axes", span=term.span)
    return reductions.along(e, "sort", array, given.get("axis"), term.span)


def _stack(e: Evaluation, term: Term) -> Value:
    """Arrays of one shape along a new axis."""
    given = Given(term, "arrays", "axis")
    axis = given.get("axis")
    inside = given["arrays"]
    if inside.head not in ("tuple", "vector"):
        raise NotSupported("np.stack of what is no list", span=term.span)
    values = [e.number(a) for a in inside.args]
    shape = e.array.broadcast([v.shape for v in values], term.span)
    place = (axis_numbers(axis)[0] if axis is not None else 0) % (len(shape) + 1)

    def entry(p: Positions) -> Term:
        rest = (*p[:place], *p[place + 1 :])
        terms = tuple(e.array.at(v, rest[len(shape) - len(v.shape) :]) for v in values)
        chosen = integer(p[place])
        return terms[chosen - 1] if chosen is not None else Term("index", (Term("vector", terms), p[place]))

    new = (*shape[:place], number(len(values)), *shape[place:])
    return Value(new, entry, _literal(e, values, shape, place))


def _literal(e: Evaluation, values: list[Value], shape: tuple[Term, ...], place: int) -> Term | None:
    """Numbers as a vector, vectors that are written as a matrix."""
    if not shape:
        return Term("vector", tuple(e.array.whole(v) for v in values))
    rows = [v.whole for v in values]
    if len(shape) != 1 or any(row is None or row.head != "vector" for row in rows):
        return None
    entries = tuple(part for row in rows if row is not None for part in row.args)
    matrix = Term("matrix", entries, (len(rows), len(entries) // len(rows)))
    return matrix if place == 0 else Term("transpose", (matrix,))


Call = Callable[["Evaluation", Term], Value]
MATRICES: dict[str, Call] = {
    "np.einsum": _einsum,
    "np.delete": _delete,
    "np.stack": _stack,
    "np.argmax": _place("argmax"),
    "np.argmin": _place("argmin"),
    "np.sort": _sort,
    "linalg.lstsq": _least_squares,
    "linalg.cholesky": _cholesky,
    "linalg.solve_triangular": _solve_triangular,
    "np.tril": _triangle(True),
    "np.triu": _triangle(False),
    "np.subtract.outer": _pairs("sub"),
    "np.add.outer": _pairs("add"),
    "np.multiply.outer": _pairs("mul"),
    "np.equal.outer": _pairs("="),
    "np.less.outer": _pairs("<"),
    "np.greater.outer": _pairs(">"),
    "np.average": _average,
    "np.take_along_axis": _take_along,
    "np.diff": _difference,
    "linalg.cho_factor": _cho_factor,
    "linalg.cho_solve": _cho_solve,
}
"""Canonical name → how it is read where shapes are known."""
