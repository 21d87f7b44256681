"""What one part computes, another uses: one inverse for several products, differences that exist already, tanh for its own slope.

In: a graph as a whole, since no single node tells what stands elsewhere. Out: the same values with fewer and cheaper operations.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from derive.graph.graph import Graph, Nodes, walk
from derive.graph.node import Axis, Node
from derive.translation.stability.forms import affine, from_linear, linear

__all__ = ["reused", "with_kept_inverses"]

KEPT = "kept"  # the data of an inverse that is computed: its products are not turned into solutions of systems


# ---------------------------------------------------------------------------------------------- before the rules
def with_kept_inverses(graph: Graph) -> Graph:
    """Inverses that are needed as such, or that stand on both sides of a matrix, are computed once; others become solutions of systems."""
    used: set[Node] = set()
    inverses: set[Node] = set()
    sides: dict[Node, set[str]] = {}
    known = walk(graph.roots)
    if not any(node.op == "inverse" for node in known):
        return graph
    for node in known:
        if node.op == "inverse":
            inverses.add(node)
        for place, argument in enumerate(node.args):
            if argument.op != "inverse":
                continue
            if node.op == "matmul":
                sides.setdefault(argument, set()).add("left" if place == 0 else "right")
            else:
                used.add(argument)
    used |= inverses & set(graph.roots)
    chosen = {i for i in inverses if len(i.args[0].shape) == 2 and not i.axes and (i in used or len(sides.get(i, ())) == 2)}
    chosen = {i for i in chosen if any(_on_both_sides(n, i) for n in known) or (i in used and i in sides)}
    if not chosen:
        return graph
    nodes = graph.nodes
    return graph.rebuild(lambda n: nodes.make("inverse", *n.args, data=KEPT) if _original(n, chosen) else n)


def _original(node: Node, chosen: set[Node]) -> bool:
    return node.op == "inverse" and any(node.args == i.args for i in chosen)


def _on_both_sides(node: Node, inverse: Node) -> bool:
    """A⁻¹ B A⁻¹ with a matrix B."""
    if node.op != "matmul" or len(node.shape) != 2:
        return False
    a, b = node.args
    return (b is inverse and a.op == "matmul" and a.args[0] is inverse) or (a is inverse and b.op == "matmul" and b.args[1] is inverse)


# ---------------------------------------------------------------------------------------------- after the rules
def reused(graph: Graph) -> Graph:
    """The stabilised graph with what exists already in place of what would be computed again."""
    known = walk(graph.roots)
    operations = {node.op for node in known}
    changes: list[Callable[[Node], Node]] = []
    nodes = graph.nodes
    if {"tanh", "sigmoid_slope"} <= operations:
        slopes = {nodes.make("sigmoid_slope", _doubled(nodes, n.args[0])): n for n in known if n.op == "tanh" and (n.shape or n.axes)}
        changes.append(lambda node: _slope_of_tanh(nodes, node, slopes))
    if "sum" in operations:
        summed = {n for n in known if n.op == "add" and n.axes}
        changes.append(lambda node: _sum_of_differences(nodes, node, summed))
    if {"where", "greater"} <= operations:
        changes.append(_rectified_once)
    for change in changes:
        graph = graph.rebuild(change)
    return graph


def _doubled(nodes: Nodes, u: Node) -> Node:
    return from_linear(nodes, affine((Fraction(2), linear(nodes, u))))


def _slope_of_tanh(nodes: Nodes, node: Node, slopes: dict[Node, Node]) -> Node:
    """4 σ′(2u) → 1 − tanh² u where tanh u is there."""
    if node.op == "mul" and node.args[0].op == "number":
        found = next((a for a in node.args if a in slopes), None)
        if found is not None:
            square = nodes.pow(slopes[found], nodes.number(2))
            rest = [nodes.sub(nodes.number(1), square) if a is found else a for a in node.args[1:]]
            return nodes.mul(nodes.number(node.args[0].data / 4), *rest)
    return node


def _sum_of_differences(nodes: Nodes, node: Node, differences: set[Node]) -> Node:
    """Σ x_i − n c → Σ (x_i − c) where the differences are there."""
    if node.op != "add" or len(node.args) != 2:
        return node
    for one, other in (node.args, node.args[::-1]):
        if one.op != "sum" or not isinstance(one.data, Axis):
            continue
        negative, inner = (True, other.args[0]) if other.op == "neg" else (False, other)
        size = nodes.size(one.data.size)
        if inner.op != "mul" or size not in inner.args:
            continue
        rest = nodes.mul(*(a for a in inner.args if a is not size))
        shift = nodes.neg(rest) if negative else rest
        for difference in (nodes.add(one.args[0], shift), nodes.add(shift, one.args[0])):
            if difference in differences:
                return nodes.make("sum", difference, data=one.data)
    return node


def _rectified_once(node: Node) -> Node:
    """max(u, 0) where u > 0 and 0 elsewhere → max(u, 0)."""
    if node.op != "where" or node.args[0].op != "greater":
        return node
    (u, limit), yes, no = node.args[0].args, node.args[1], node.args[2]
    zero = all(n.op == "number" and n.data == 0 for n in (limit, no))
    rectified = (yes.op == "relu" and yes.args[0] is u) or (yes.op == "maximum" and yes.args in {(u, limit), (limit, u)})
    return yes if zero and rectified else node
