"""Reductions and functions along an axis of arrays whose shape is known.

In: an array, a function of the language, axes as NumPy counts them. Out: the value, as a sum over running indices or as paper writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from derive.errors import NotSupported, SyntaxProblem
from derive.expressions.term import Span, Term, integer, number
from derive.meaning.numpy_notation.shaped.arithmetic import BUILDERS, applied
from derive.meaning.numpy_notation.shaped.extents import ONE, added, linear
from derive.meaning.numpy_notation.shaped.products import quadratic
from derive.meaning.numpy_notation.shaped.values import Positions, Value, scalar

if TYPE_CHECKING:
    from derive.meaning.numpy_notation.shaped.evaluation import Evaluation

__all__ = ["ALONG", "REDUCING", "along", "axes_of", "place", "reduced", "total"]

Body = Callable[[Positions], Term]

REDUCING = frozenset(("sum", "mean", "prod", "max", "min", "median", "logsumexp"))
ALONG = frozenset(("softmax", "log_softmax", "cumsum", "sort"))


def axes_of(term: Term | None, rank: int, span: Span | None) -> tuple[int, ...]:
    """The places of the axes that are reduced: all of them where none is named."""
    if term is None or term.head == "word":
        return tuple(range(rank))
    found = []
    for part in term.args if term.head == "tuple" else (term,):
        axis = integer(part)
        if axis is None or not -rank <= axis < rank:
            raise SyntaxProblem(f"an array of {rank} axes has no such axis", span=span)
        found.append(axis % rank)
    return tuple(sorted(set(found)))


def reduced(e: Evaluation, function: str, array: Value, axes: Sequence[int], keepdims: bool, span: Span | None) -> Value:
    """A sum, mean, product, maximum, minimum, median or log-sum-exp over these axes."""
    if not array.shape:
        return array
    array = e.array.number_of(array)
    shape = e.array.resolved(array.shape)
    kept = tuple(k for k in range(len(shape)) if k not in axes)
    gone = [k for k in axes if shape[k] != ONE]
    new = tuple(ONE if k in axes else shape[k] for k in range(len(shape)))

    def old(positions: Positions, running: Positions) -> Positions:
        inner = dict(zip(gone, running, strict=True))
        return tuple(inner.get(k, positions[k]) for k in range(len(shape)))

    def entry(positions: Positions) -> Term:
        if not gone:
            return e.array.at(array, positions)
        return _entry(e, function, lambda running: e.array.at(array, old(positions, running)), [shape[k] for k in gone]).at(span)

    whole = array.whole if not gone else _whole(e, function, array, shape, gone, span)
    if whole is None and not any(size != ONE for size in new):
        whole = entry((ONE,) * len(shape))
    value = Value(new, entry, whole)
    if keepdims:
        return value
    return Value(
        tuple(shape[k] for k in kept), lambda p: entry(tuple(dict(zip(kept, p, strict=True)).get(k, ONE) for k in range(len(shape)))), whole
    )


def _entry(e: Evaluation, function: str, body: Body, sizes: list[Term]) -> Term:
    if function in ("sum", "prod"):
        return e.array.summed(function, body, sizes)
    if function == "mean":
        return Term("div", (e.array.summed("sum", body, sizes), _count(sizes)))
    with e.array.running(len(sizes)) as indices:
        term = body(indices)
    ranges = [part for index, size in zip(indices, sizes, strict=True) for part in (index, ONE, size)]
    return Term("apply", (Term("task", (term, *ranges), "entries"),), function)


def _count(sizes: list[Term]) -> Term:
    return sizes[0] if len(sizes) == 1 else linear(Term("mul", tuple(sizes)))


def _whole(e: Evaluation, function: str, array: Value, shape: tuple[Term, ...], gone: list[int], span: Span | None) -> Term | None:
    """The reduction as paper writes it."""
    whole = array.whole
    if whole is None:
        return None
    left = [k for k in array.axes if k not in gone]
    if not left:
        found = _matrices(whole) if function == "sum" else None
        if found is not None:
            return found
        if function == "logsumexp" and len(gone) > 1:
            total = Term("apply", (Term("apply", (whole,), "exp"),), "sum")
            return Term("apply", (total,), "log", span)
        return Term("apply", (whole,), function, span)
    if len(array.axes) != 2:
        return None
    rows = whole if gone[0] == array.axes[1] else whole.args[0] if whole.head == "transpose" else Term("transpose", (whole,))
    size = shape[gone[0]]
    if function in ("sum", "mean"):
        made = Term("mul", (*(rows.args if rows.head == "mul" else (rows,)), Term("ones", (size,))), None, span)
        return made if function == "sum" else Term("div", (made, size), None, span)
    if function == "logsumexp":
        return Term("apply", (rows,), "logsumexp", span)
    axis = number(1) if rows is whole else number(0)
    return Term("apply", (whole, Term("keyword", (axis,), "axis")), function, span)


def _matrices(whole: Term) -> Term | None:
    """Σ log L_ii of the Cholesky factor is ½ log det; Σ zᵢ² with z = L⁻¹ b is bᵀ Σ⁻¹ b."""
    if whole.head == "hadamard_pow" and whole.args[1] == number(2):
        return quadratic(whole.args[0], whole.args[0], None)
    if whole.head != "apply" or whole.data != "log" or whole.args[0].head != "apply" or whole.args[0].data != "diag":
        return None
    factor = whole.args[0].args[0]
    if factor.head != "task" or factor.data != "cholesky":
        return None
    determinant = Term("apply", (Term("apply", (factor.args[0],), "det"),), "log")
    return Term("div", (determinant, number(2)))


def total(e: Evaluation, array: Value, span: Span | None) -> Value:
    """The sum of all entries."""
    return reduced(e, "sum", array, range(len(array.shape)), False, span)


def along(e: Evaluation, function: str, array: Value, axis: Term | None, span: Span | None) -> Value:
    """A softmax, a running sum, a sorted array along an axis."""
    rank = len(array.shape)
    if not rank:
        raise SyntaxProblem("an array is needed here", span=span)
    array = e.array.number_of(array)
    if axis is not None and axis.head == "word" and rank > 1:
        if function not in ("softmax", "log_softmax"):
            raise NotSupported("a running sum or a sorted array of all entries", span=span)
        shift = e.array.entrywise(applied("exp"), [array], span)
        if function == "softmax":
            return e.array.entrywise(BUILDERS["div"], [shift, total(e, shift, span)], span)
        bottom = e.array.entrywise(applied("log"), [total(e, shift, span)], span)
        return e.array.entrywise(BUILDERS["add"], [array, e.array.entrywise(BUILDERS["neg"], [bottom], span)], span)
    places = axes_of(axis if axis is not None and axis.head != "word" else number(-1), rank, span)
    if len(places) != 1:
        raise NotSupported("this function along several axes", span=span)
    here = places[0]
    size = e.array.extents.find(array.shape[here])

    def entry(positions: Positions) -> Term:
        with e.array.running(1) as (index,):
            body = e.array.at(array, tuple(index if k == here else p for k, p in enumerate(positions)))
        vector = _plain_vector(body, index) or Term("task", (body, index, ONE, size), "entries")
        return Term("index", (Term("apply", (vector,), function, span), positions[here]))

    whole: Term | None = None
    if array.whole is not None and size != ONE and len(array.axes) <= 2:
        if here == array.axes[-1]:
            whole = Term("apply", (array.whole,), function, span)
        else:
            whole = Term("transpose", (Term("apply", (Term("transpose", (array.whole,)),), function, span),))
    return Value(array.shape, entry, whole)


def _plain_vector(body: Term, index: Term) -> Term | None:
    """x where the body is x_k, the row A_i where it is A_ik."""
    if body.head != "index" or body.args[-1] != index or any(index in a.walk() for a in body.args[:-1]):
        return None
    return body.args[0] if len(body.args) == 2 else body.with_args(body.args[:-1])


def place(e: Evaluation, function: str, array: Value, axis: Term | None, span: Span | None) -> Value:
    """The place of the largest or smallest entry: paper counts it from 1, NumPy from 0."""
    places = axes_of(axis, len(array.shape), span)
    if len(places) != 1:
        raise NotSupported("the place of the largest entry among all of several axes", span=span)
    here = places[0]

    def entry(positions: Positions) -> Term:
        with e.array.running(1) as (index,):
            body = e.array.at(array, (*positions[:here], index, *positions[here:]))
        return added(Term("optimum", (body, Term("tuple", (index,))), function, span), -1)

    shape = tuple(size for k, size in enumerate(array.shape) if k != here)
    return Value(shape, entry, None) if shape else scalar(entry(()))
