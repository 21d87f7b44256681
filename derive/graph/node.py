"""The values of the graph: axes, bounds, nodes. A node is an operation on nodes, with its shape and its named axes.

A value's type is its positional shape (m, n) and the set of named axes that it varies along: `x_i` with x ∈ ℝⁿ has the axis i and
the shape (); with one row per i it has the axis i and the shape (d,). A sum reduces a name, a product of names broadcasts.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from derive.graph.sizes import Size

__all__ = ["FREE", "ArgumentType", "Axis", "Bounds", "Node", "Shape", "is_whole_number"]

Shape = tuple[Size, ...]


class Axis(NamedTuple):
    """A running index and its range on paper, both ends included."""

    name: str
    lower: Size
    upper: Size

    @property
    def size(self) -> Size:
        """How many values the index takes."""
        return self.upper - self.lower + ONE_SIZE


ONE_SIZE = Size({(): 1})


class Bounds(NamedTuple):
    """An interval that holds every entry; an open end is not attained."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    @property
    def positive(self) -> bool:
        """Every entry is > 0."""
        return self.low > 0 or (self.low == 0 and self.low_open)

    @property
    def nonnegative(self) -> bool:
        """Every entry is ≥ 0."""
        return self.low >= 0

    @property
    def negative(self) -> bool:
        """Every entry is < 0."""
        return self.high < 0 or (self.high == 0 and self.high_open)

    @property
    def nonzero(self) -> bool:
        """No entry is 0."""
        return self.positive or self.negative


FREE = Bounds()


class ArgumentType(NamedTuple):
    """What is known of an argument: `kind` is "real", "integer", "index" (0-based in code) or "label" (1..K on paper, 0-based in code).

    `values` is a finite set of entries, `properties` those of `meaning.scope.Type`; `size` is the number of labels where known, and 0 for
    an index that paper counts from 0; `most` is the key of the argument that this one does not exceed.
    """

    key: str
    kind: str = "real"
    bounds: Bounds = FREE
    values: tuple[float, ...] = ()
    properties: frozenset[str] = frozenset()
    size: Size | None = None
    most: str = ""


class Node:
    """One operation on nodes. Made only by `derive.graph.graph.Nodes`, which shares equal nodes, so identity is equality.

    `data` is what the operation needs beside its arguments (an axis, a number, an `ArgumentType`); `bounds` hold its entries.
    `powers` and `factors` are for the two views of a node as a product: found once, a node never changes.
    """

    __slots__ = ("args", "axes", "bounds", "data", "factors", "number", "op", "powers", "shape")

    def __init__(
        self, op: str, args: tuple[Node, ...], data: Any, shape: Shape, axes: tuple[Axis, ...], bounds: Bounds, number: int
    ) -> None:
        self.op = op
        self.args = args
        self.data = data
        self.shape = shape
        self.axes = axes
        self.bounds = bounds
        self.number = number  # nodes are numbered as they are made: arguments before their users
        self.factors: Any = None  # of `derive.graph.calculus.factors`
        self.powers: Any = None  # of `derive.translation.stability.forms`

    def __repr__(self) -> str:
        inside = [repr(self.data)] if self.data is not None else []
        return f"{self.op}({', '.join(inside + [repr(a) for a in self.args])})"

    @property
    def is_scalar(self) -> bool:
        """No positional shape and no named axis."""
        return not self.shape and not self.axes


def is_whole_number(node: Node) -> bool:
    """Whether the node is a number without a fraction."""
    return node.op == "number" and node.data.denominator == 1
