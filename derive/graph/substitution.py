"""One index for another: the node of a term with a running index replaced.

In: a node, the axis of a running index, the index that takes its place. Out: the node; where the axis does not occur, the same one.
"""

from __future__ import annotations

from derive.graph.graph import Nodes
from derive.graph.node import Axis, Node

__all__ = ["substitute"]


def substitute(nodes: Nodes, node: Node, axis: Axis, by: Node) -> Node:
    """The node with the running index replaced by another index (a value as on paper, without a shape)."""
    if axis not in node.axes:
        return node
    if node.op == "index":
        return by
    if node.op == "element" and any(spec[0] == "run" and spec[1] == axis for spec in node.data):
        return _element(nodes, node, axis, by)
    return nodes.remake(node, tuple(substitute(nodes, a, axis, by) for a in node.args))


def _element(nodes: Nodes, node: Node, axis: Axis, by: Node) -> Node:
    args: list[Node] = list(node.args)
    data: list[tuple[object, ...]] = []
    for spec in node.data:
        if spec[0] == "run" and spec[1] == axis:
            if by.op == "index":
                data.append(("run", by.data, spec[2] - axis.lower + by.data.lower))
                continue
            args.append(nodes.add(by, nodes.size(spec[2] - axis.lower)))
            data.append(("at", len(args) - 1))
        else:
            data.append(spec)
    return nodes.make("element", *args, data=tuple(data))
