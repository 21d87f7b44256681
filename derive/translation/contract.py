"""Products summed over shared indices, planned pair by pair so that matrices meet vectors first.

In: a node whose value is a sum of products (sums over named axes, matrix products, traces, outer products, in any nesting).
Out: NumPy source made of `@`, elementwise products and `np.sum`: `A.T @ (A @ x - b)`, never a three-operand einsum.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import NamedTuple

from derive.graph.graph import Nodes
from derive.graph.node import Axis, Node
from derive.graph.sizes import Size
from derive.translation import source as py
from derive.translation.source import Source
from derive.translation.values import Label, Value, aligned, merged, ordered

__all__ = ["Contraction", "collect"]

TYPICAL = 64  # the size that a symbolic dimension is taken to have when orders are compared
MANY = 4 * TYPICAL  # what n and N are taken to be: data have one sample a row
SAMPLES = frozenset(("n", "N"))
EXHAUSTIVE = 6
SWAP = 0.5  # leaving the order of the factors, against one transposition
TURNED_MATRIX = 0.4  # A.T @ v reads well and costs nothing

Environment = dict[Label, str]


class Factor(NamedTuple):
    """A node and the global index of each of its dimensions."""

    node: Node
    labels: Environment


class Contraction:
    """The factors of a sum of products, with what is summed, scalars in front and scalars below."""

    def __init__(self, nodes: Nodes, atomic: Callable[[Node], bool]) -> None:
        self.nodes = nodes
        self.atomic = atomic
        self.factors: list[Factor] = []
        self.scalars: list[Node] = []
        self.divisors: list[Node] = []
        self.summed: set[str] = set()
        self.sizes: dict[str, Size] = {}
        self.same: dict[str, str] = {}
        self.negative = False
        self.ones: list[str] = []  # summed indices along which a vector of ones stands
        self._count = itertools.count()

    def fresh(self, size: Size) -> str:
        """A new summed index."""
        label = f"s{next(self._count)}"
        self.summed.add(label)
        self.sizes[label] = size
        return label

    def find(self, label: str) -> str:
        """The index that this one was found to be."""
        while label in self.same:
            label = self.same[label]
        return label

    def join(self, a: str, b: str) -> bool:
        """Make two indices one; not possible for two that both remain."""
        a, b = self.find(a), self.find(b)
        if a == b:
            return True
        if a in self.summed:
            self.same[a] = b
            self.summed.discard(a)
        elif b in self.summed:
            self.same[b] = a
            self.summed.discard(b)
        else:
            return False
        return True


def collect(plan: Contraction, node: Node, labels: Environment) -> None:
    """Take the node apart into factors."""
    op, args = node.op, node.args
    if not node.shape and not node.axes and op not in {"sum", "matmul", "trace", "mul", "neg", "div"}:
        plan.scalars.append(node)
    elif plan.atomic(node):
        plan.factors.append(Factor(node, labels))
    elif op == "neg":
        plan.negative = not plan.negative
        collect(plan, args[0], labels)
    elif op == "mul":
        for argument in args:
            collect(plan, argument, _for(argument, labels))
    elif op == "div" and not args[1].shape and not args[1].axes:
        plan.divisors.append(args[1])
        collect(plan, args[0], labels)
    elif op == "pow" and args[1].op == "number" and args[1].data == 2:
        for _ in range(2):
            collect(plan, args[0], labels)
    elif op == "sum":
        _collect_sum(plan, node, labels)
    elif op == "matmul":
        a, b = args
        inner = plan.fresh(a.shape[-1])
        split = len(a.shape) - 1
        collect(plan, a, {**_axes(a, labels), **{k: labels[k] for k in range(split)}, split: inner})
        collect(plan, b, {**_axes(b, labels), 0: inner, **{k + 1: labels[split + k] for k in range(len(b.shape) - 1)}})
    elif op == "outer":
        split = len(args[0].shape)
        collect(plan, args[0], {**_axes(args[0], labels), **{k: labels[k] for k in range(split)}})
        collect(plan, args[1], {**_axes(args[1], labels), **{k: labels[split + k] for k in range(len(args[1].shape))}})
    elif op == "transpose":
        collect(plan, args[0], {**_axes(node, labels), 0: labels[1], 1: labels[0]})
    elif op == "row":
        collect(plan, args[0], labels)
    elif op == "ones" and labels[0] in plan.summed:
        plan.ones.append(labels[0])
    elif op == "trace":
        inner = plan.fresh(args[0].shape[0])
        collect(plan, args[0], {**_axes(node, labels), 0: inner, 1: inner})
    elif op == "diag" and plan.join(labels[0], labels[1]):
        collect(plan, args[0], {**_axes(node, labels), 0: labels[0]})
    else:
        plan.factors.append(Factor(node, labels))


def _axes(node: Node, labels: Environment) -> Environment:
    return {axis: labels[axis] for axis in node.axes}


def _for(node: Node, labels: Environment) -> Environment:
    """The labels of a factor of an elementwise product: a scalar has no positions."""
    return {**_axes(node, labels), **{k: labels[k] for k in range(len(node.shape))}}


def _collect_sum(plan: Contraction, node: Node, labels: Environment) -> None:
    body, over = node.args[0], node.data
    inner = dict(labels)
    if isinstance(over, Axis):
        if over not in body.axes:
            plan.scalars.append(plan.nodes.size(over.size))
        else:
            inner[over] = plan.fresh(over.size)
    elif over == "all":
        inner.update({k: plan.fresh(size) for k, size in enumerate(body.shape)})
    else:
        inner[len(body.shape) - 1] = plan.fresh(body.shape[-1])
    collect(plan, body, _for(body, inner))


# ---------------------------------------------------------------------------------------------- the order
def _size(plan: Contraction, label: str) -> int:
    size = plan.sizes.get(label)
    if size is None or size.constant is None:
        return MANY if size is not None and size.names & SAMPLES else TYPICAL
    return max(size.constant, 1)


def _cost(plan: Contraction, labels: set[str]) -> int:
    total = 1
    for label in labels:
        total *= _size(plan, label)
    return total


def best_order(plan: Contraction, sets: list[frozenset[str]], kept: frozenset[str]) -> list[tuple[int, int]]:
    """Pairs to be combined, one after the other; the pair's result takes the place of its first member."""
    if len(sets) <= 1:
        return []
    if len(sets) > EXHAUSTIVE:
        a, b = min(itertools.combinations(range(len(sets)), 2), key=lambda p: (_cost(plan, set(sets[p[0]] | sets[p[1]])), p[1] - p[0]))
        return [(a, b), *best_order(plan, _combined(sets, a, b, kept), kept)]
    known: dict[tuple[frozenset[str], ...], tuple[int, list[tuple[int, int]]]] = {}

    def search(current: tuple[frozenset[str], ...]) -> tuple[int, list[tuple[int, int]]]:
        if len(current) <= 1:
            return 0, []
        if current not in known:
            best: tuple[int, list[tuple[int, int]]] | None = None
            pairs = sorted(itertools.combinations(range(len(current)), 2), key=lambda p: p[1] - p[0])
            for a, b in pairs:
                rest, steps = search(tuple(_combined(list(current), a, b, kept)))
                cost = rest + _cost(plan, set(current[a] | current[b]))
                if best is None or cost < best[0]:
                    best = cost, [(a, b), *steps]
            assert best is not None
            known[current] = best
        return known[current]

    return search(tuple(sets))[1]


def _combined(sets: list[frozenset[str]], a: int, b: int, kept: frozenset[str]) -> list[frozenset[str]]:
    others = [s for k, s in enumerate(sets) if k not in {a, b}]
    needed = kept.union(*others)
    result = list(sets)
    result[a] = (sets[a] | sets[b]) & needed
    del result[b]
    return result


# ---------------------------------------------------------------------------------------------- one pair
def total(value: Value, labels: set[Label]) -> Value:
    """np.sum over these dimensions."""
    gone = [k for k, label in enumerate(value.dims) if label in labels]
    if not gone:
        return value
    dims = tuple(label for label in value.dims if label not in labels)
    if not dims:
        return Value(py.apply("np.sum", value.source), ())
    axis = py.number(gone[0]) if len(gone) == 1 else py.tuple_(*map(py.number, gone))
    return Value(py.apply("np.sum", value.source, axis=axis), dims)


def pair(a: Value, b: Value, gone: set[Label], wanted: tuple[Label, ...]) -> Value:
    """The product of two values, summed over `gone` (dimensions that nothing else needs)."""
    a, b = total(a, {d for d in gone if d not in b.dims}), total(b, {d for d in gone if d not in a.dims})
    shared = [d for d in a.dims if d in b.dims]
    inner = [d for d in shared if d in gone]
    if not inner:
        return elementwise(a, b)
    if len(inner) == 1 and len(shared) == 1 and len(a.dims) <= 2 and len(b.dims) <= 2:
        return matrix_product(a, b, inner[0], wanted)
    for large, small in ((a, b), (b, a)):
        if len(large.dims) > 2 and len(small.dims) == 2 and shared == inner and [large.dims[-1]] == inner and inner[0] in small.dims:
            columns = next(d for d in small.dims if d != inner[0])
            return Value(py.binary("@", large.source, ordered(small, (inner[0], columns))), (*large.dims[:-1], columns))
    free_a, free_b = [d for d in a.dims if d not in shared], [d for d in b.dims if d not in shared]
    if (not free_a or not free_b) and not (a.source == b.source and a.dims == b.dims and len(a.dims) > 2):
        found = _over_all_shared(a, b, inner) if len(inner) == len(shared) else None
        return found if found is not None else total(elementwise(a, b), set(inner))
    return einsum(a, b, inner)


def _over_all_shared(a: Value, b: Value, inner: list[Label]) -> Value | None:
    """An array of three dimensions and more times a vector or a matrix along everything that they share: no array of that size is built."""
    large, small = (a, b) if len(a.dims) >= len(b.dims) else (b, a)
    if len(large.dims) < 3 or len(small.dims) != len(inner) or len(large.dims) == len(inner):
        return None
    dims = tuple(d for d in large.dims if d not in inner)
    if len(inner) == 1 and large.dims[-1] == inner[0]:
        return Value(py.binary("@", large.source, small.source), dims)
    places = [py.tuple_(*(py.number(v.dims.index(d)) for d in inner)) for v in (small, large)]
    return Value(py.apply("np.tensordot", small.source, large.source, axes=py.tuple_(*places)), dims)


def elementwise(a: Value, b: Value) -> Value:
    """a · b by broadcasting; of two vectors along different dimensions the outer product."""
    if len(a.dims) == len(b.dims) == 1 and a.dims != b.dims:
        return Value(py.apply("np.outer", a.source, b.source), (*a.dims, *b.dims))
    dims = merged([a, b])
    return Value(py.binary("*", aligned(a, dims), aligned(b, dims)), dims)


def matrix_product(a: Value, b: Value, inner: Label, wanted: tuple[Label, ...]) -> Value:
    """a @ b or b @ a, with as few transpositions as possible."""
    if len(a.dims) == len(b.dims) == 1 and b.source.is_atom and a.source.kind == "call":
        a, b = b, a
    options = []
    for left, right, penalty in ((a, b, 0.0), (b, a, SWAP)):
        rows = tuple(d for d in left.dims if d != inner)
        columns = tuple(d for d in right.dims if d != inner)
        dims = rows + columns
        left_source, right_source = ordered(left, (*rows, inner)), ordered(right, (inner, *columns))
        before_vector = len(right.dims) == 1 and len(left.dims) == 2
        turned = (left_source is not left.source) * (TURNED_MATRIX if before_vector else 1.0) + (right_source is not right.source)
        if len(dims) == 2 and dims != tuple(d for d in wanted if d in dims):
            turned += 1
        ranges = len(left.dims) == len(right.dims) == 1 and "np.arange" in {left_source.text, right_source.text}
        made = py.apply("np.dot", left_source, right_source) if ranges else py.binary("@", left_source, right_source)
        options.append((turned + penalty, made, dims))
    _, source, dims = min(options, key=lambda option: option[0])
    return Value(source, dims)


def einsum(a: Value, b: Value, inner: list[Label]) -> Value:
    """The general product of two arrays."""
    letters = {d: letter for d, letter in zip(dict.fromkeys((*a.dims, *b.dims)), "ijklmnopqrstuvw", strict=False)}
    dims = tuple(d for d in letters if d not in inner)
    spelled = [("".join(letters[d] for d in part)) for part in (a.dims, b.dims, dims)]
    form = Source("number", f'"{spelled[0]},{spelled[1]}->{spelled[2]}"')
    return Value(py.apply("np.einsum", form, a.source, b.source), dims)
