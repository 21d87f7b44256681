"""σ(a − b) and σ(b − a) share one exponential: arguments that are each other's opposites are written as u and −u.

In: the stabilised graph. Out: the same values, where a logistic function of an opposite is one of a negation.
"""

from __future__ import annotations

from fractions import Fraction

from derive.graph.graph import Graph, walk
from derive.graph.node import Node
from derive.translation.stability.forms import Linear, affine, linear

__all__ = ["oriented"]

LOGISTIC = frozenset(("sigmoid", "sigmoid_slope"))


def oriented(graph: Graph) -> Graph:
    """The graph with one orientation for every difference that stands in logistic functions."""
    nodes = graph.nodes
    seen: list[tuple[Node, Linear]] = []
    changed: dict[Node, Node] = {}
    for node in walk(graph.roots):
        core = _core(node) if node.op in LOGISTIC else node
        if core.op != "add" or node.op not in LOGISTIC or core in changed:
            continue
        form = linear(nodes, core)
        opposite = affine((Fraction(-1), form))
        first = next((u for u, other in seen if other == opposite), None)
        if first is None:
            seen.append((core, form))
        else:
            changed[core] = first
    if not changed:
        return graph

    def turned(node: Node) -> Node:
        if node.op not in LOGISTIC or _core(node) not in changed:
            return node
        first = changed[_core(node)]
        return nodes.make(node.op, first if node.op == "sigmoid_slope" or node.args[0].op == "neg" else nodes.neg(first))

    return graph.rebuild(turned)


def _core(node: Node) -> Node:
    """The argument without its sign."""
    return node.args[0].args[0] if node.args[0].op == "neg" else node.args[0]
