"""Reductions over an axis, as NumPy has them: `np.sum(T, axis=1)`, `np.max(X, axis=0, keepdims=True)`.

In: an application with `keyword` arguments. Out: its node. An axis in the middle of an array is reduced by a running index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.errors import NotSupported, Undetermined
from derive.expressions.term import Term, integer
from derive.graph.node import Axis, Node
from derive.graph.sizes import ONE, ZERO

if TYPE_CHECKING:
    from derive.graph.build import Builder

__all__ = ["reduced"]

REDUCTIONS = {"sum": "sum", "mean": "sum", "prod": "prod", "max": "amax", "min": "amin", "median": "median", "logsumexp": "logsumexp"}
ALONG = frozenset(("softmax", "log_softmax", "cumsum"))
LETTERS = "ijklpqrs"


def reduced(b: Builder, function: str, term: Term) -> Node:
    """The node of a reduction, or of a softmax along an axis."""
    options = {a.data: a.args[0] for a in term.args if a.head == "keyword"}
    array = b.column(term.args[0])
    if not array.shape:
        raise Undetermined("the shape of the argument is needed: a vector or a matrix", span=term.args[0].span)
    places = _places(options, len(array.shape), term)
    if function in ALONG:
        return _along(b, function, array, places, term)
    if function not in REDUCTIONS:
        raise NotSupported(f"code for the function {function} along an axis", span=term.span)
    made = _over(b, REDUCTIONS[function], array, places)
    if function == "mean":
        count = b.nodes.mul(*(b.nodes.size(array.shape[k]) for k in places))
        made = b.nodes.div(made, count)
    return _with_axes(b, made, places, len(array.shape), term) if "keepdims" in options else made


def _places(options: dict[str, Term], rank: int, term: Term) -> tuple[int, ...]:
    axis = options.get("axis")
    if axis is None or axis.head == "word":
        return tuple(range(rank))
    found = []
    for part in axis.args if axis.head == "tuple" else (axis,):
        place = integer(part)
        if place is None or not -rank <= place < rank:
            raise NotSupported(f"the axis {part.data} of an array of {rank} dimensions", span=term.span)
        found.append(place % rank)
    return tuple(sorted(set(found)))


def _over(b: Builder, op: str, array: Node, places: tuple[int, ...]) -> Node:
    nodes, rank = b.nodes, len(array.shape)
    if len(places) == rank:
        return nodes.make(op, array, data="all")
    if places == (rank - 1,):
        return nodes.make(op, array, data="last")
    if rank == 2:
        turned = array.args[0] if array.op == "transpose" else nodes.make("transpose", array)
        return nodes.make(op, turned, data="last")
    axes = [Axis(f"{LETTERS[k]}'", ONE, size) for k, size in enumerate(array.shape)]
    made = nodes.make("element", array, data=tuple(("run", axis, ZERO) for axis in axes))
    for place in reversed(places):
        made = nodes.make(op, made, data=axes[place])
    return nodes.make("stack", made, data=tuple(axis for k, axis in enumerate(axes) if k not in places))


def _along(b: Builder, function: str, array: Node, places: tuple[int, ...], term: Term) -> Node:
    rank = len(array.shape)
    if places == (rank - 1,):
        return b.nodes.make(function, array, data="last")
    if rank == 2 and len(places) == 1:
        turned = b.nodes.make("transpose", array)
        return b.nodes.make("transpose", b.nodes.make(function, turned, data="last"))
    raise NotSupported(f"code for the function {function} along this axis", span=term.span)


def _with_axes(b: Builder, made: Node, places: tuple[int, ...], rank: int, term: Term) -> Node:
    """The reduced axes kept as axes of length 1."""
    if rank == 1 or len(places) == rank:
        return made  # it is repeated wherever it stands
    if rank != 2:
        raise NotSupported("an axis of length 1 in an array of three dimensions and more", span=term.span)
    ones = b.nodes.make("ones", data=(ONE,))
    return b.nodes.make("outer", made, ones) if places == (1,) else b.nodes.make("outer", ones, made)
