"""What every graph must be: known operations, types that the table gives, no free axis at an output.

Tests run it before and after each pass.
"""

from __future__ import annotations

from derive.graph.graph import Graph, walk
from derive.graph.operations import OPERATIONS

__all__ = ["InvalidGraph", "validate"]

ARITY = {"neg": 1, "div": 2, "pow": 2, "where": 3, "matmul": 2, "solve": 2, "outer": 2, "pick": 2, "delta": 2, "transpose": 1, "row": 1}


class InvalidGraph(AssertionError):
    """The graph breaks one of its own rules."""


def validate(graph: Graph) -> None:
    """Raise InvalidGraph with the node that breaks a rule."""
    for node in walk(graph.roots):
        operation = OPERATIONS.get(node.op)
        if operation is None:
            raise InvalidGraph(f"unknown operation: {node!r}")
        if node.op in ARITY and len(node.args) != ARITY[node.op]:
            raise InvalidGraph(f"wrong number of arguments: {node!r}")
        if operation.shape(node.args, node.data) != (node.shape, node.axes):
            raise InvalidGraph(f"wrong type: {node!r}")
        if any(a.number >= node.number for a in node.args):
            raise InvalidGraph(f"an argument is younger than its user: {node!r}")
        if node.op in {"add", "mul"} and (len(node.args) < 2 or any(a.op == node.op for a in node.args)):
            raise InvalidGraph(f"not flat: {node!r}")
        if node.bounds.low > node.bounds.high:
            raise InvalidGraph(f"empty bounds: {node!r}")
        if graph.nodes.make(node.op, *node.args, data=node.data) is not node:
            raise InvalidGraph(f"not shared: {node!r}")
    for label, node in graph.outputs:
        if node.axes:
            names = ", ".join(axis.name for axis in node.axes)
            raise InvalidGraph(f"output {label!r} varies along {names}")
