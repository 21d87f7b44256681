"""Stretches of arrays that follow each other: the stretch of [h; x] at the place of h is h.

In: a tidy node, a stretch. Out: a tidy node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.graph.calculus.factors import product
from derive.graph.node import Node
from derive.graph.operations import OPERATIONS
from derive.graph.sizes import ZERO, Size

if TYPE_CHECKING:
    from derive.graph.calculus.algebra import Algebra

__all__ = ["sliced"]


def sliced(a: Algebra, array: Node, data: tuple[int, Size, Size]) -> Node:
    """The array from a first position (from 0) on, of a length, along a dimension."""
    if not array.shape:
        return array
    dimension, first, length = data
    if first == ZERO and array.shape[dimension] == length:
        return array
    if array.op == "concat" and array.data == dimension:
        start = ZERO
        for part in array.args:
            if start == first and part.shape[dimension] == length:
                return part
            start = start + part.shape[dimension]
    if array.op == "ones" and dimension == 0:
        return a.ones((length,))
    if array.op in ("mul", "neg", "div"):
        scale, core = a.peeled(array)
        if core is not array:
            return a.mul(product(a.nodes, scale), sliced(a, core, data))
    entrywise = OPERATIONS[array.op].elementwise or array.op in ("add", "mul", "div", "neg", "pow")
    if entrywise and array.shape:
        parts = tuple(sliced(a, x, data) for x in array.args)
        if not any(x.op == "slice" for x in parts):
            return a.remade(array, parts)
    if array.op == "matmul" and dimension == 0 and len(array.args[0].shape) == 2:
        rows = sliced(a, array.args[0], data)
        if rows.op != "slice":
            return a.matmul(rows, array.args[1])
    return a.nodes.make("slice", array, data=data)
