"""Functions of NumPy that are read only where the shapes of their arguments are known: shapes, axes, arrays of one number.

In: a `numpy` term, whose data is the canonical name of the function. Out: the value; `CALLS` has a line a function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from derive.errors import NotSupported, SyntaxProblem
from derive.expressions.term import Term, integer, number
from derive.meaning.numpy_notation.shaped import positions, products
from derive.meaning.numpy_notation.shaped.arithmetic import cased
from derive.meaning.numpy_notation.shaped.extents import ONE, added
from derive.meaning.numpy_notation.shaped.given import Given, axis_numbers
from derive.meaning.numpy_notation.shaped.loop_values import LOOPS
from derive.meaning.numpy_notation.shaped.matrix_calls import MATRICES
from derive.meaning.numpy_notation.shaped.values import Positions, Value, scalar

if TYPE_CHECKING:
    from derive.meaning.numpy_notation.shaped.evaluation import Evaluation

__all__ = ["CALLS"]


def _expand_dims(e: Evaluation, term: Term) -> Value:
    given = Given(term, "a", "axis")
    return positions.inserted(e.value(given["a"]), axis_numbers(given["axis"]))


def _squeeze(e: Evaluation, term: Term) -> Value:
    given = Given(term, "a", "axis")
    array = e.value(given["a"])
    shape = e.array.resolved(array.shape)
    axis = given.get("axis")
    rank = len(shape)
    gone = {k % rank for k in axis_numbers(axis)} if axis is not None else {k for k in range(rank) if shape[k] == ONE}
    if any(shape[k] != ONE for k in gone) or (axis is None and any(s.head != "number" for s in shape)):
        raise NotSupported("np.squeeze of an axis whose length is not known to be 1", span=term.span)
    kept = [k for k in range(rank) if k not in gone]

    def entry(p: Positions) -> Term:
        places = dict(zip(kept, p, strict=True))
        return array.entry(tuple(places.get(k, ONE) for k in range(rank)))

    return Value(tuple(shape[k] for k in kept), entry, array.whole, array.is_condition)


def _transpose(e: Evaluation, term: Term) -> Value:
    given = Given(term, "a", "axes")
    array, axes = e.value(given["a"]), given.get("axes")
    if axes is None:
        return products.transposed(array)
    order = [k % len(array.shape) for k in axis_numbers(axes)]
    if sorted(order) != list(range(len(array.shape))):
        raise SyntaxProblem("the axes of a transpose are those of the array in another order", span=term.span)
    return products.transposed(array, order)


def _swapaxes(e: Evaluation, term: Term) -> Value:
    given = Given(term, "a", "axis1", "axis2")
    array = e.value(given["a"])
    rank = len(array.shape)
    first, second = (axis_numbers(given[name])[0] % rank for name in ("axis1", "axis2"))
    order = list(range(rank))
    order[first], order[second] = order[second], order[first]
    return products.transposed(array, order)


def _moved(e: Evaluation, term: Term) -> Value:
    """`.mT`: the last two axes."""
    array = e.value(term.args[0])
    rank = len(array.shape)
    return products.transposed(array, [*range(rank - 2), rank - 1, rank - 2]) if rank > 1 else array


def _reshape(e: Evaluation, term: Term) -> Value:
    """Only axes of length 1 come and go."""
    given = [a for a in term.args if a.head != "keyword"]
    array = e.value(given[0])
    wanted = given[1].args if len(given) == 2 and given[1].head == "tuple" else given[1:]
    wanted = tuple(part for w in wanted for part in (e.array.resolved(e.value(w.args[0]).shape) if w.head == "shape" else (w,)))
    if array.whole is not None and array.whole.head == "vector" and len(wanted) == 2:
        counts = [integer(part) or 0 for part in wanted]
        if counts[0] * counts[1] == len(array.whole.args) and min(counts) > 1:
            return e.array.of_whole(wanted, Term("matrix", array.whole.args, (counts[0], counts[1])))
    shape = e.array.resolved(array.shape)
    real = [size for size in shape if size != ONE]
    sizes: list[Term] = []
    for part in wanted:
        if integer(part) == -1:
            if len(real) != 1:
                raise NotSupported("reshape of an array of several axes", span=term.span)
            sizes.append(real[0])
        else:
            size = e.size_value(part)
            if size is None:
                raise NotSupported("reshape to what is no size", span=term.span)
            sizes.append(size)
    if [s for s in sizes if s != ONE] != real:
        raise NotSupported("reshape other than by axes of length 1", span=term.span)
    axes = [k for k, size in enumerate(sizes) if size != ONE]
    old = [k for k, size in enumerate(shape) if size != ONE]

    def entry(p: Positions) -> Term:
        places = {k: p[axis] for k, axis in zip(old, axes, strict=True)}
        return array.entry(tuple(places.get(k, ONE) for k in range(len(shape))))

    return Value(tuple(sizes), entry, array.whole, array.is_condition)


def _ravel(e: Evaluation, term: Term) -> Value:
    array = e.value(term.args[0])
    return _reshape(e, Term("numpy", (term.args[0], number(-1)), "np.reshape", term.span)) if len(array.axes) <= 1 else _flat(term)


def _flat(term: Term) -> Value:
    raise NotSupported("a matrix as one long vector", span=term.span)


def _filled(value: int | None) -> Callable[[Evaluation, Term], Value]:
    def read(e: Evaluation, term: Term) -> Value:
        given = Given(term, "shape") if value is not None else Given(term, "shape", "fill_value")
        wanted = given["shape"]
        parts = wanted.args if wanted.head == "tuple" else (wanted,)
        sizes = [e.size_value(part) for part in parts] if wanted.head != "shape" else list(e.value(wanted.args[0]).shape)
        if any(size is None for size in sizes):
            raise NotSupported("an array whose sizes are no sizes", span=term.span)
        return _constant(
            e, [s for s in sizes if s is not None], scalar(number(value)) if value is not None else e.value(given["fill_value"])
        )

    return read


def _like(value: int | None) -> Callable[[Evaluation, Term], Value]:
    def read(e: Evaluation, term: Term) -> Value:
        given = Given(term, "a") if value is not None else Given(term, "a", "fill_value")
        shape = list(e.value(given["a"]).shape)
        return _constant(e, shape, scalar(number(value)) if value is not None else e.value(given["fill_value"]))

    return read


def _constant(e: Evaluation, shape: list[Term], value: Value) -> Value:
    """An array of one number."""
    if value.shape:
        raise NotSupported("an array filled with an array")
    term = e.array.at(value, ())
    whole: Term | None = None
    sizes = [size for size in shape if size != ONE]
    if not sizes:
        whole = term
    elif len(sizes) == 1 and term != number(0):
        whole = Term("ones", (sizes[0],)) if term == ONE else Term("mul", (term, Term("ones", (sizes[0],))))
    elif len(sizes) == 2 and term != number(0):
        both = (Term("ones", (sizes[0],)), Term("transpose", (Term("ones", (sizes[1],)),)))
        whole = Term("mul", both if term == ONE else (term, *both))
    return Value(tuple(shape), lambda _: term, whole)


def _blocks(e: Evaluation, term: Term) -> Value:
    """Arrays one behind the other along an axis, the first where none is said."""
    given = Given(term, "arrays", "axis")
    axis = given.get("axis")
    if given["arrays"].head not in ("tuple", "vector"):
        raise NotSupported("np.concatenate of what is no list", span=term.span)
    return _joined(e, term, 0 if axis is None else axis_numbers(axis)[0])


def _joined(e: Evaluation, term: Term, axis: int) -> Value:
    values = [e.number(a) for a in Given(term, "arrays", "axis")["arrays"].args]
    ranks = {len(v.shape) for v in values}
    if len(ranks) != 1 or not values[0].shape:
        raise SyntaxProblem("the arrays do not have the same number of axes", span=term.span)
    along = axis % len(values[0].shape)
    for value in values[1:]:
        for k, (a, b) in enumerate(zip(values[0].shape, value.shape, strict=True)):
            if k != along:
                e.array.agree(a, b, [v.shape for v in values], term.span)
    starts = [number(0)]
    for value in values:
        starts.append(added(starts[-1], e.array.extents.find(value.shape[along])))

    def entry(p: Positions) -> Term:
        terms: list[Term] = []
        for value, start, end in zip(values, starts, starts[1:], strict=False):
            terms.append(e.array.at(value, (*p[:along], added(p[along], Term("neg", (start,))), *p[along + 1 :])))
            terms.append(Term("rel", (p[along], end), "<="))
        return cased(len(values) - 1)(terms[:-1], [0] * len(terms))

    new = (*values[0].shape[:along], starts[-1], *values[0].shape[along + 1 :])
    parts = [value.whole for value in values]
    whole = Term("apply", tuple(p for p in parts if p is not None), "hcat" if along else "concat") if all(parts) and along < 2 else None
    return Value(new, entry, whole, blocks=tuple(values) if along == 0 else ())


def _stacked(rows: int, columns: int) -> Callable[[Evaluation, Term], Value]:
    """Vectors along a new axis, or one behind the other (−1); matrices one behind the other along an axis."""

    def read(e: Evaluation, term: Term) -> Value:
        given = Given(term, "arrays")["arrays"]
        if given.head not in ("tuple", "vector"):
            raise NotSupported("arrays side by side that are no list", span=term.span)
        flat = len(e.number(given.args[0]).shape) == 1
        if not flat:
            return _joined(e, term, columns)
        if rows < 0:
            return _joined(e, term, 0)
        return MATRICES["np.stack"](e, Term("numpy", (given, Term("keyword", (number(rows),), "axis")), "np.stack", term.span))

    return read


Call = Callable[["Evaluation", Term], Value]
CALLS: dict[str, Call] = {
    "np.arange": positions.arange,
    **MATRICES,
    **LOOPS,
    "np.expand_dims": _expand_dims,
    "np.squeeze": _squeeze,
    "np.transpose": _transpose,
    "np.permute_dims": _transpose,
    "np.swapaxes": _swapaxes,
    "linalg.matrix_transpose": _moved,
    "np.reshape": _reshape,
    "np.ravel": _ravel,
    "np.zeros": _filled(0),
    "np.ones": _filled(1),
    "np.full": _filled(None),
    "np.zeros_like": _like(0),
    "np.ones_like": _like(1),
    "np.full_like": _like(None),
    "np.concatenate": _blocks,
    "np.vstack": _stacked(0, 0),
    "np.hstack": _stacked(-1, 1),
    "np.column_stack": _stacked(1, 1),
}
"""Canonical name → how it is read where shapes are known."""
