"""Terms of points and directions: the value of an expression where variables have given values, dx as an argument of its own.

In: the builder and the term. Out: a node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.errors import NotSupported
from derive.expressions.term import Name, Term
from derive.graph import matrices
from derive.graph.graph import walk
from derive.graph.node import ArgumentType, Axis, Node
from derive.graph.sizes import size_of

if TYPE_CHECKING:
    from derive.graph.build import Builder

__all__ = ["at_point", "differential", "entries"]


def at_point(b: Builder, term: Term) -> Node:
    """The value where variables have given values."""
    body, *pairs = term.args
    done: dict[Node, Node] = {}
    for variable, value in zip(pairs[::2], pairs[1::2], strict=True):
        argument = b.column(variable)
        if argument.op != "argument":
            raise NotSupported("the value at such a point", span=term.span)
        done[argument] = matrices.of_shape(b.nodes, b.column(value), argument.shape)
    root = b.column(body)
    for node in walk((root,)):
        if node not in done:
            done[node] = b.nodes.remake(node, tuple(done[a] for a in node.args))
    return done[root]


def entries(b: Builder, term: Term) -> Node:
    """[formula of the entry] for i = 1, …, n; without ranges for all of the dimensions that the indices subscript."""
    if term.data == "array":
        body, *indices = term.args
        whole = {index.data: b.subscripts.whole(index.data, term) for index in indices}
        return b.nodes.make("stack", b.bound(whole, body), data=tuple(whole.values()))
    if term.data != "entries":
        raise NotSupported(f"code for {str(term.data).replace('-', ' ')} tasks", span=term.span)
    body, *rest = term.args
    axes: dict[Name, Axis] = {}
    for index, lower, upper in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        low, high = size_of(lower), size_of(upper)
        if low is None or high is None:
            raise NotSupported("a range whose ends are no sums of sizes", span=term.span)
        axes[index.data] = Axis(index.data.key, low, high)
    return b.nodes.make("stack", b.bound(axes, body), data=tuple(axes.values()))


def differential(b: Builder, term: Term) -> Node:
    """dx of a variable: a direction, an argument of the same shape."""
    inner = term.args[0]
    if inner.head != "name":
        raise NotSupported("code for the differential of an expression", span=term.span)
    return b.nodes.argument(ArgumentType(f"d{inner.data.key}"), b.column(inner).shape)
