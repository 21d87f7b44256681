"""The arguments of the code: which there are, what they are called, how every size is said from the shape of one of them.

In: the stabilised graph and the order in which names stand on paper. Out: `Arguments`. A scalar may come as an array where all of the
code is elementwise in it; beside arrays of other shapes it is one number.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from derive.expressions.naming import assign_code_names, code_name
from derive.expressions.term import Name
from derive.graph.graph import Graph, walk
from derive.graph.node import ArgumentType, Axis, Node, Shape
from derive.graph.operations import OPERATIONS
from derive.graph.sizes import ZERO, Size, named_size
from derive.translation import source as py
from derive.translation.lower import Lowering
from derive.translation.source import Source

__all__ = ["Arguments", "Drawn", "drawn_for", "shape_text"]


class Drawn(NamedTuple):
    """What points are drawn for: arguments, names of sizes, sizes that are arguments; how far indices run, which is no negative number."""

    kinds: dict[str, tuple[ArgumentType, Shape]]
    size_names: list[str]
    whole: list[str]
    lengths: tuple[Size, ...] = ()


class _Needed:
    """The arguments of a graph in order, the sizes that some shape gives, those that none gives."""

    def __init__(self, nodes: list[Node], order: list[Name]) -> None:
        kinds: dict[str, tuple[ArgumentType, Shape]] = {}
        needed: dict[str, None] = {}
        lengths: dict[Size, None] = {}
        for node in nodes:
            if node.op == "argument":
                kind, shape = node.data
                kinds[kind.key] = (kind, shape)
            for axis in node.axes:
                if len(axis.size.names) > 1:
                    lengths[axis.size] = None
            for size in _sizes_of(node):
                needed.update(dict.fromkeys(sorted(size.names)))
        self.lengths = tuple(lengths)
        self.rank = {name.key: k for k, name in enumerate(dict.fromkeys(order))}
        last = len(self.rank)
        self.kinds = dict(sorted(kinds.items(), key=lambda pair: self.rank.get(pair[0], last)))
        self.solved: dict[str, tuple[str, int, Size]] = {}  # size → array, dimension, what is to be taken away
        for key, (_, shape) in self.kinds.items():
            for place, size in enumerate(shape):
                if size.symbol is not None:
                    self.solved.setdefault(size.symbol, (key, place, ZERO))
                    continue
                for name in size.names - self.solved.keys():
                    rest = size - named_size(name)
                    if rest.names <= self.solved.keys() and dict(size.terms).get((name,)) == 1 and name not in rest.names:
                        self.solved[name] = (key, place, rest)
        free = {key for key, (kind, _) in self.kinds.items() if kind.kind == "index"}
        shaped = {name for _, shape in self.kinds.values() for size in shape for name in size.names}
        self.whole = [name for name in needed if name not in self.solved and name not in free]
        counted = {name for kind, _ in self.kinds.values() if kind.size is not None for name in kind.size.names}  # of labels
        self.size_names = sorted(shaped | counted | set(needed))

    @property
    def drawn(self) -> Drawn:
        """What points are drawn for."""
        return Drawn(self.kinds, self.size_names, self.whole, self.lengths)


def drawn_for(graph: Graph, order: list[Name]) -> Drawn:
    """What points are drawn for where a graph is evaluated."""
    return _Needed(walk(graph.roots), order).drawn


class Arguments(_Needed):
    """The arguments of the code: arrays and scalars by key, sizes that some shape gives, sizes that none gives."""

    def __init__(self, graph: Graph, order: list[Name]) -> None:
        nodes = walk(graph.roots)
        super().__init__(nodes, order)
        last = len(self.rank)
        keys = [*self.kinds, *self.whole]
        assigned = assign_code_names([Name.from_key(key) for key in keys])
        self.names = {key: assigned[Name.from_key(key)] for key in sorted(keys, key=lambda key: self.rank.get(key, last))}
        self.batched = _is_batched(nodes)
        self.spread = _spread(nodes, self.batched)
        self.leading = _leading(graph, nodes)
        arrays = [key for key, (kind, shape) in self.kinds.items() if shape and kind.kind == "real" and not kind.values]
        self.scalars = [self.names[key] for key, (kind, shape) in self.kinds.items() if not shape and kind.kind != "index"]
        self.dtype = self.names[arrays[0]] if arrays else None

    @property
    def batch(self) -> frozenset[str]:
        """The scalars whose dimensions stand in front of those of running indices and of vectors and matrices."""
        return self.spread if self.batched else frozenset()

    def sizes(self, graph: Graph) -> dict[str, Source]:
        """How each size is said: from the shape of an array, or as an argument."""
        said: dict[str, Source] = {}
        lowering = Lowering(Graph(graph.nodes, ()), self.names, said, None)
        for name, (key, dimension, rest) in self.solved.items():
            place = dimension - len(self.kinds[key][1]) if key in self.leading else dimension
            here = py.item(py.attribute(py.name(self.names[key]), "shape"), py.number(place))
            label = code_name(Name.from_key(name)) if "." not in name else "n"
            said[name] = (here if rest.constant == 0 else py.binary("-", here, lowering.size(rest))).named(label)
        said.update({name: py.name(self.names[name]) for name in self.whole})
        for key, (kind, _) in self.kinds.items():
            if kind.kind == "index":
                here = py.name(self.names[key])
                said.setdefault(key, here if kind.size == ZERO else py.binary("+", here, py.number(1)))
        return said


# ---------------------------------------------------------------------------------------------- scalars that may be arrays
BATCHABLE = frozenset(
    (
        *("argument", "number", "constant", "size", "index", "where", "array", "delta", "indicator"),
        *("sum", "prod", "mean", "variance", "amax", "amin", "median", "logsumexp", "softmax", "log_softmax"),
    )
)


def _is_batched(nodes: list[Node]) -> bool:
    """Whether all arguments are numbers while something in between is none, and every operation leaves dimensions in front alone."""
    if all(node.is_scalar for node in nodes) or any(node.op == "argument" and node.shape for node in nodes):
        return False
    flat = all(not a.shape for node in nodes if node.op == "array" for a in node.args)
    return flat and all(node.op in BATCHABLE or OPERATIONS[node.op].elementwise for node in nodes)


def _spread(nodes: list[Node], batched: bool) -> frozenset[str]:
    """The keys of the scalars that may come as arrays: whatever is computed from them is a number for each of their entries."""
    scalars = {
        node: node.data[0].key for node in nodes if node.op == "argument" and not node.shape and node.data[0].kind not in {"index", "label"}
    }
    if batched or not scalars:
        return frozenset(scalars.values())
    fixed: set[Node] = set()  # scalars that meet arrays
    above: dict[Node, set[Node]] = {}
    for node in nodes:
        below = {node} if node in scalars else set().union(*[above[a] for a in node.args])
        above[node] = below
        if below and (not node.is_scalar or (not OPERATIONS[node.op].elementwise and any(not a.is_scalar for a in node.args))):
            fixed |= below
    return frozenset(key for node, key in scalars.items() if node not in fixed)


ALONG_THE_LAST = frozenset(("softmax", "log_softmax", "logsumexp", "sum", "mean", "variance", "amax", "amin"))


def _leading(graph: Graph, nodes: list[Node]) -> frozenset[str]:
    """The keys of the vectors that may have dimensions in front: where a vector is made of vectors entry by entry and by reductions."""
    if any(len(root.shape) != 1 for root in graph.roots) or any(node.axes for node in nodes):
        return frozenset()
    kinds = [node.data for node in nodes if node.op == "argument"]
    if any(kind.kind in {"index", "label"} for kind, _ in kinds) or len({shape for _, shape in kinds if shape}) != 1:
        return frozenset()
    reductions = [node for node in nodes if node.op in ALONG_THE_LAST or (node.op == "norm" and node.data == "2")]
    rest = [node for node in nodes if node not in reductions]
    if not reductions or any(len(node.args[0].shape) != 1 for node in reductions):
        return frozenset()
    plain = all(node.op in {"argument", "number", "constant", "size", "where"} or OPERATIONS[node.op].elementwise for node in rest)
    return frozenset(kind.key for kind, shape in kinds if shape) if plain else frozenset()


def _sizes_of(node: Node) -> Iterator[Size]:
    if node.op == "size":
        yield node.data
    elif node.op == "index":
        yield from node.data[1:]
    elif node.op in {"identity", "ones"}:
        yield from node.data
    elif node.op == "element":
        for spec in node.data:
            if spec[0] == "run":
                yield from (spec[1].lower, spec[1].upper, spec[2])
    reduced = node.data if node.op == "stack" else (node.data,) if isinstance(node.data, Axis) else ()
    for axis in (*node.axes, *reduced):
        yield axis.lower
        yield axis.upper


def shape_text(shape: Shape) -> tuple[str, ...]:
    """The sizes of a shape in plain text."""
    return tuple(size.text() for size in shape)
