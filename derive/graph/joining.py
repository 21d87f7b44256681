"""Terms of arrays one after the other: `concat(h, x)`, `hcat(A, B)`; of stretches: `slice(v, 1, m)`, `hslice(A, 1, m)`; of columns one
below the other: `vec(A)`, and back: `unvec(v, m, n)`.

In: the nodes of the arguments. Out: a node. Places count from 1 and both ends belong to a stretch.
"""

from __future__ import annotations

from derive.errors import NotSupported
from derive.graph.graph import Nodes
from derive.graph.node import Node
from derive.graph.sizes import ONE, Size, constant_size, named_size

__all__ = ["JOINED", "joined"]

JOINED = {"concat": 0, "hcat": 1, "slice": 0, "hslice": 1, "vec": 0, "unvec": 0}


def joined(nodes: Nodes, name: str, args: list[Node]) -> Node:
    """The node of one of these functions. Raises NotSupported for scalars and for ends that are no sizes."""
    dimension = JOINED[name]
    if name in {"concat", "hcat"}:
        vectors = any(len(a.shape) == 1 for a in args)
        args = [nodes.make("array", a, data=(ONE,)) if vectors and not a.shape else a for a in args]  # [x; 1]
        return args[0] if len(args) == 1 else nodes.make("concat", *args, data=dimension)
    if name == "vec":
        return nodes.make("vec", args[0]) if len(args[0].shape) == 2 else args[0]
    first, last = (_size(a) for a in args[1:])
    if name == "unvec" and first is not None and last is not None:
        return nodes.make("unvec", args[0], data=(first, last))
    if first is None or last is None:
        raise NotSupported("a stretch whose ends are no sizes")
    return nodes.make("slice", args[0], data=(dimension, first - ONE, last - first + ONE))


def _size(node: Node) -> Size | None:
    """The size that a node is."""
    if node.op == "number" and node.data.denominator == 1:
        return constant_size(int(node.data))
    if node.op == "size":
        return node.data if isinstance(node.data, Size) else named_size(str(node.data))
    if node.op in {"add", "mul"}:
        parts = [_size(a) for a in node.args]
        total = parts[0]
        for part in parts[1:]:
            if total is None or part is None:
                return None
            total = total + part if node.op == "add" else total * part
        return total
    if node.op == "neg":
        inner = _size(node.args[0])
        return None if inner is None else -inner
    return None
