"""Formulas of one form: equal but for the names of their arguments. What is found of one of them holds of all, renamed.

In: nodes of a graph. Out: their form as a key, with the arguments in its slots, in order; nodes and terms with other arguments.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from derive.expressions.term import Name, Term
from derive.graph.graph import Nodes, walk
from derive.graph.node import Node

__all__ = ["form_of", "moved", "renamed"]


def form_of(roots: tuple[Node, ...], active: Collection[Node]) -> tuple[tuple[Any, ...], list[Node]]:
    """The key of these nodes together and their arguments; what is active differs from what is not."""
    places: dict[Node, int] = {}
    slots: list[Node] = []
    key: list[Any] = []
    for node in walk(roots):
        places[node] = len(places)
        if node.op == "argument":
            slots.append(node)
            kind, shape = node.data
            key.append((kind._replace(key=""), shape, node in active))
        else:
            key.append((node.op, node.data, *(places[a] for a in node.args)))
    key += [places[root] for root in roots]
    return tuple(key), slots


def moved(nodes: Nodes, root: Node, there: Mapping[Node, Node]) -> Node:
    """The node with other arguments, of the same form."""
    done: dict[Node, Node] = dict(there)
    for node in walk((root,)):
        if node not in done:
            done[node] = nodes.make(node.op, *(done[a] for a in node.args), data=node.data) if node.args else node
    return done[root]


def renamed(term: Term, names: Mapping[Name, Term]) -> Term:
    """The term with these names replaced, wherever they stand."""
    if term.head == "name":
        return names.get(term.data, term)
    return term.with_args(tuple(renamed(a, names) for a in term.args))
