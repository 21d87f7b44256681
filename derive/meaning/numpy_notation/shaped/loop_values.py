"""What a loop leaves, and what a comment says of a shape: values that Python has no function for.

In: a `numpy` term, whose data is the canonical name of the function. Out: the value; `LOOPS` has a line a function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from derive.errors import InconsistentInput, NotSupported
from derive.expressions.term import Term, integer, number
from derive.meaning.numpy_notation.shaped.extents import ONE
from derive.meaning.numpy_notation.shaped.values import Positions, Value, scalar

if TYPE_CHECKING:
    from derive.meaning.numpy_notation.shaped.evaluation import Evaluation

__all__ = ["LOOPS"]


def _shaped_as(e: Evaluation, term: Term) -> Value:
    """A value whose shape a comment says: `z = X @ w  # (n,)`."""
    value = e.value(term.args[0])
    said = term.args[1:]
    if len(said) != len(value.shape):
        raise InconsistentInput(f"the comment says {e.array.said(said)}, the value has {len(value.shape)} axes", span=term.span)
    for size, stated in zip(value.shape, said, strict=True):
        if e.array.extents.find(size) != ONE or integer(stated) != 1:
            e.sizes |= {part.data for part in stated.walk() if part.head == "name"}
            e.array.agree(size, stated, [value.shape, said], term.span)
    return value


def _same_size(e: Evaluation, term: Term) -> Value:
    """Arrays that a loop goes through side by side are as long as each other."""
    sizes = [e.size_value(part) for part in term.args]
    first = sizes[0]
    for size in sizes[1:]:
        if first is None or size is None or not e.array.extents.unify(first, size):
            raise InconsistentInput("a loop goes through arrays of different lengths", span=term.span)
    assert first is not None
    return scalar(e.array.extents.find(first))


def _set_by_loop(e: Evaluation, term: Term) -> Value:
    """An array whose entries a loop sets, or adds to."""
    base, body, order, *ranges = term.args
    array = e.value(base)
    spans = {index.data: (low, high) for index, low, high in zip(ranges[::3], ranges[1::3], ranges[2::3], strict=True)}
    names = [index.data for index in order.args]
    if len(names) != len(array.shape) or set(names) != set(spans):
        raise NotSupported("a loop that sets parts of an array", span=term.span)
    for name, size in zip(names, array.shape, strict=True):
        low, high = (e.size_value(end) for end in spans[name])
        if low != ONE or high is None or not e.array.extents.unify(high, size):
            raise NotSupported("a loop that sets only some entries of an array", span=term.span)
    with e.array.running(len(names)) as letters:
        if e.within(dict(zip(names, letters, strict=True)), body).shape:
            raise NotSupported("a loop that sets rows of an array", span=term.span)

    def entry(p: Positions) -> Term:
        value = e.within(dict(zip(names, p, strict=True)), body)
        made = e.array.at(value, ())
        start = e.array.at(array, p)
        return made if term.data == "fill" or start == number(0) else Term("add", (start, made))

    return Value(array.shape, entry, None)


def _whole_number(e: Evaluation, term: Term) -> Value:
    """`int(…)` of what is a whole number: a size, a position."""
    value = e.value(term.args[0])
    if value.shape or (e.size_value(term.args[0]) is None and not e.array.at(value, ()).has("optimum")):
        raise NotSupported("int() of what is no whole number", span=term.span)
    return value


Call = Callable[["Evaluation", Term], Value]
LOOPS: dict[str, Call] = {
    "int": _whole_number,
    "shaped_as": _shaped_as,
    "same_size": _same_size,
    "fill": _set_by_loop,
    "fill+": _set_by_loop,
}
"""Canonical name → how it is read where shapes are known."""
