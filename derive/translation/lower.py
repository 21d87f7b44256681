"""Graph → NumPy source, node by node: named axes become dimensions, products of arrays become `@`, nothing is looped over.

In: a stabilised graph, the code name of each argument, how each size is said. Out: one source for every output.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Mapping
from fractions import Fraction

from derive.errors import NotSupported
from derive.graph.evaluate import evaluate
from derive.graph.graph import Graph, walk
from derive.graph.node import Axis, Node
from derive.graph.operations import OPERATIONS, Undefined
from derive.graph.sizes import Size
from derive.translation import arithmetic, arrays, choice, exponentials, leaves
from derive.translation import source as py
from derive.translation.contract import Contraction, best_order, collect, elementwise, pair
from derive.translation.prefixes import FUNCTIONS, is_running, running
from derive.translation.source import Source
from derive.translation.values import BATCH, Label, Value, aligned, merged, ordered

__all__ = ["Lowering"]

PRODUCTS = frozenset(("sum", "matmul", "outer", "trace"))
INFINITY = py.name("math.inf")
BUILTINS = frozenset(("abs", "float", "max", "min", "round"))
ACCUMULATED = frozenset(FUNCTIONS)
SHARED = frozenset(("sum", "matmul", "outer", "trace", "mul", "pow", "div"))


class Lowering:
    """The lowering of one graph. `names` maps keys of arguments to code names, `sizes` names of sizes to their source."""

    def __init__(self, graph: Graph, names: Mapping[str, str], sizes: Mapping[str, Source], dtype: str | None) -> None:
        self.graph = graph
        self.nodes = graph.nodes
        self.names = names
        self.sizes = sizes
        self.dtype = dtype  # an array argument whose dtype the result has
        self.scalars: list[str] = []  # code names of real arguments without a shape
        self.batch: frozenset[str] = frozenset()  # keys of scalars that come as arrays of any shape, in front of all other dimensions
        self.leading: frozenset[str] = frozenset()  # keys of vectors that may have dimensions in front
        self.standard = False  # whether the code is for the array API standard
        self._done: dict[Node, Value] = {}
        self.uses: Counter[Node] = Counter(graph.roots)
        self._cores: Counter[Node] | None = None
        self.order: list[Axis] = []  # the order in which axes are wanted
        known = walk(graph.roots)
        for node in known:
            self.uses.update(node.args)
            if node.op == "stack":
                self.order += [axis for axis in node.data if axis not in self.order]
        for node in reversed(known):  # outer sums first
            if node.args and isinstance(node.data, Axis) and node.data not in self.order:
                self.order.append(node.data)

    def is_shared(self, product: Node) -> bool:
        """Whether a product of arrays stands in the graph elsewhere, alone or times a number."""
        if self._cores is None:
            self._cores = Counter(self.uses.keys())
            self._cores.update(self.nodes.mul(*n.args[1:]) for n in self.uses if n.op == "mul" and n.args[0].op == "number")
        return bool(product.shape or product.axes) and self._cores[product] > 1

    # ------------------------------------------------------------------------------------------ outputs
    def output(self, node: Node) -> Source:
        """The source of an output, its positions in order."""
        value = self.value(node)
        dims: tuple[Label, ...] = tuple(range(len(node.shape)))
        if BATCH in value.dims:
            return aligned(value, (BATCH, *dims))
        if set(value.dims) != set(dims):
            return py.apply("np.broadcast_to", aligned(value, dims), py.tuple_(*(self.size(s) for s in node.shape)))
        return ordered(value, dims)

    def value(self, node: Node) -> Value:
        """The lowered value of a node, once."""
        known = self._done.get(node)
        if known is not None:
            return known
        for below in walk((node,)):  # arguments first: deep graphs do not recurse deeply
            if below not in self._done and (below is node or self._needed(below)):
                self._done[below] = self._lower(below)
        return self._done[node]

    @staticmethod
    def _needed(node: Node) -> bool:
        return node.op in {"add", "exp", "log"}

    def _lower(self, node: Node) -> Value:
        accumulated = running(self, node) if node.op in ACCUMULATED else None
        if accumulated is not None:
            return accumulated
        method = METHODS.get(node.op)
        if method is not None:
            return method(self, node)
        operation = OPERATIONS[node.op]
        if node.op in PRODUCTS:
            return self.product(node)
        if operation.elementwise:
            return self.elementwise(node)
        raise NotSupported(f"code for the operation {node.op}")

    # ------------------------------------------------------------------------------------------ leaves
    def size(self, size: Size) -> Source:
        """A size as source: `n`, `x.shape[0] - 1`."""
        total: Source | None = None
        for monomial, coefficient in sorted(size.terms, key=lambda t: (t[0] == (), t[1] < 0, t[0])):
            part: Source | None = None if monomial and abs(coefficient) == 1 else py.number(abs(coefficient))
            for name in monomial:
                known = self.sizes.get(name)
                if known is None:
                    raise NotSupported(f"the size {name} cannot be told from the arguments")
                part = known if part is None else py.binary("*", part, known)
            assert part is not None
            if total is None:
                total = py.unary("-", part) if coefficient < 0 else part
            else:
                total = py.binary("-" if coefficient < 0 else "+", total, part)
        return py.number(0) if total is None else arithmetic.folded(total)

    def arange(self, axis: Axis, start: Size, *, value: bool = False) -> Value:
        """The positions (or, as a value, the numbers) that a running index takes, from `start`."""
        stop = self.size(start + axis.size)
        bounds = (stop,) if start.constant == 0 else (self.size(start), stop)
        if value and self.dtype:
            return Value(py.apply("np.arange", *bounds, dtype=py.name(f"{self.dtype}.dtype")), (axis,))
        if value and self.scalars:
            dtype = py.apply("np.result_type", *map(py.name, self.scalars), py.number(1.0))
            return Value(py.apply("np.arange", *bounds, dtype=dtype), (axis,))
        return Value(py.apply("np.arange", *bounds), (axis,))

    # ------------------------------------------------------------------------------------------ elementwise
    def sources(self, args: tuple[Node, ...]) -> tuple[list[Source], tuple[Label, ...], bool]:
        """The sources of arguments that meet element by element, their common dimensions, whether all are plain numbers."""
        values = [self.value(a) for a in args]
        dims = merged(values, self.order)
        return [aligned(v, dims) for v in values], dims, all(v.host for v in values)

    def elementwise(self, node: Node) -> Value:
        """An operation of the table, said as the table says it."""
        operation = OPERATIONS[node.op]
        sources, dims, host = self.sources(node.args)
        if host and not self.has_size(node):
            return self.host_number(node, sources)
        if host and operation.host:
            return Value(self.said(operation.host, sources), (), True)
        source = self.said(operation.numpy, sources)
        return Value(py.apply("float", source), (), True) if host else Value(source, dims)

    def host_number(self, node: Node, sources: list[Source]) -> Value:
        """A function of plain numbers: as `math` says it, or its value."""
        try:
            value = float(evaluate(node, {}))
        except Undefined:
            value = math.nan
        except OverflowError:
            value = math.inf
        if not math.isfinite(value):
            return Value(py.name("math.nan") if math.isnan(value) else py.unary("-", INFINITY) if value < 0 else INFINITY, (), True)
        operation = OPERATIONS[node.op]
        return Value(self.said(operation.host, sources) if operation.host else py.number(value), (), True)

    @staticmethod
    def has_size(node: Node) -> bool:
        """Whether anything but numbers occurs below."""
        return any(n.op in {"size", "argument", "index"} for n in walk((node,)))

    def said(self, code: str, sources: list[Source]) -> Source:
        """The NumPy source of the table over these arguments; operations that it calls by name are written out."""
        return self.written_out(py.parse(code, dict(zip("xyz", sources, strict=False))))

    def written_out(self, source: Source) -> Source:
        """The source with calls of operations of the table replaced by what the table says."""
        if source.is_atom:
            return source
        args = tuple(self.written_out(a) for a in source.args)
        text = source.text
        if source.kind == "call" and "." not in text and text not in BUILTINS:
            operation = OPERATIONS.get(text)
            if operation is not None and not operation.numpy.startswith(f"{text}("):
                return self.said(operation.numpy, list(args))
            text = f"special.{text}"
        if args == source.args and text == source.text:
            return source
        return Source(source.kind, text, args, source.keywords, source.hint)

    # ------------------------------------------------------------------------------------------ products
    @staticmethod
    def contracts(node: Node) -> bool:
        """Whether a product is better planned as a whole: a scalar product of sums is not, a product with a diagonal matrix is."""
        return node.op == "matmul"

    def product(self, node: Node) -> Value:
        """A sum of products by pairs."""
        plan = Contraction(self.nodes, lambda n: n is not node and self._stays_whole(n))
        labels: dict[Label, str] = {axis: f"a{k}" for k, axis in enumerate(node.axes)}
        labels.update({k: f"p{k}" for k in range(len(node.shape))})
        for label, global_label in labels.items():
            plan.sizes[global_label] = label.size if isinstance(label, Axis) else node.shape[int(label)]
        collect(plan, node, labels)
        for label in dict.fromkeys(plan.find(label) for label in plan.ones):  # 𝟏ᵀ𝟏 runs over one index
            if label in plan.summed and not any(label in map(plan.find, f.labels.values()) for f in plan.factors):
                plan.scalars.append(self.nodes.size(plan.sizes[label]))
        back = {plan.find(g): local for local, g in labels.items()}
        kept = frozenset(back)
        if len(plan.factors) > 1:  # what is the same along a dimension is broadcast
            plan.factors = [f for f in plan.factors if f.node.op != "ones" or plan.find(f.labels[0]) not in kept] or plan.factors
        rank = {axis: k for k, axis in enumerate(self.order)}
        wanted = tuple(sorted(back, key=lambda d: rank.get(back[d], len(rank)) if isinstance(back[d], Axis) else len(rank)))  # type: ignore[arg-type]
        result = self._gram(plan, kept)
        if result is None:
            values = [self._factor(plan, f.node, f.labels) for f in plan.factors]
            result = self._combined(plan, values, kept, wanted)
        if result is not None:
            result = Value(result.source, tuple(back[str(d)] for d in result.dims), result.host)
        return self._scaled(plan, result)

    def _stays_whole(self, node: Node) -> bool:
        """Whether a part of a product is computed by itself: it is used elsewhere too, or it accumulates."""
        if node.op == "sum" and is_running(node):
            return True
        return node.op in SHARED and self.uses[node] > 1 and bool(node.shape or node.axes) and not _is_of_ones(node)

    def _factor(self, plan: Contraction, node: Node, labels: Mapping[Label, str]) -> Value:
        value = self.value(node)
        dims = tuple(plan.find(labels[d]) for d in value.dims)
        if len(set(dims)) < len(dims):
            if len(dims) != 2:
                raise NotSupported("code for a diagonal of an array of three dimensions and more")
            return Value(py.apply("np.diag", value.source), dims[:1])
        return Value(value.source, dims)

    def _gram(self, plan: Contraction, kept: frozenset[str]) -> Value | None:
        """Xᵀ D X with a diagonal D ≥ 0 as Bᵀ B with B = √D X: symmetric to the last bit, and half the work for NumPy."""
        squares = [f for f in plan.factors if len(f.node.shape) + len(f.node.axes) == 2]
        weights = [f for f in plan.factors if f not in squares]
        if len(squares) != 2 or squares[0].node is not squares[1].node or not weights:
            return None
        node = squares[0].node
        first, second = ({d: plan.find(f.labels[d]) for d in f.labels} for f in squares)
        inner = [d for d in first if first[d] == second[d]]
        outer = [d for d in first if first[d] != second[d]]
        if len(inner) != 1 or len(outer) != 1 or not {first[outer[0]], second[outer[0]]} <= kept:
            return None
        along = first[inner[0]]
        if along in kept or not all(w.node.bounds.nonnegative and {plan.find(v) for v in w.labels.values()} == {along} for w in weights):
            return None
        left = self._factor(plan, node, squares[0].labels)
        roots = [self._factor(plan, self.nodes.pow(w.node, self.nodes.number(Fraction(1, 2))), w.labels) for w in weights]
        for root in roots:
            left = elementwise(root, left)
        half = Value(left.source.named("B"), left.dims)
        right = Value(half.source, tuple(second[outer[0]] if d == first[outer[0]] else d for d in half.dims))
        return pair(half, right, {along}, (first[outer[0]], second[outer[0]]))

    @staticmethod
    def _combined(plan: Contraction, values: list[Value], kept: frozenset[str], wanted: tuple[Label, ...]) -> Value | None:
        if not values:
            return None
        values = [arrays.presummed(v, kept, [w for w in values if w is not v]) for v in values]
        values = _grams_first(plan, values, kept, wanted)
        for a, b in best_order(plan, [frozenset(map(str, v.dims)) for v in values], kept):
            others = [v for k, v in enumerate(values) if k not in {a, b}]
            needed = {*kept, *(d for v in others for d in v.dims)}
            left, right = values[a], values[b]
            gone = {d for d in (*left.dims, *right.dims) if d not in needed}
            values[a] = pair(left, right, gone, wanted)
            del values[b]
        return values[0]

    def _scaled(self, plan: Contraction, result: Value | None) -> Value:
        scalars, divisors = list(plan.scalars), list(plan.divisors)
        top = self.nodes.mul(*scalars) if scalars else self.nodes.number(1)
        negative = plan.negative
        if top.op == "neg":
            top, negative = top.args[0], not negative
        parts: list[Value] = [] if top.op == "number" and top.data == 1 and result is not None else [self.value(top)]
        parts += [result] if result is not None else []
        total = parts[0]
        for part in parts[1:]:
            total = elementwise(total, part)
        if divisors:
            bottom = self.value(self.nodes.mul(*divisors))
            if result is not None and len(parts) > 1 and result.dims and not parts[0].dims and not bottom.dims:
                factor = Value(py.binary("/", parts[0].source, bottom.source), (), parts[0].host and bottom.host)  # numbers meet first
                total = elementwise(factor, result)
                return Value(py.unary("-", total.source), total.dims) if negative else total
            total = Value(py.binary("/", total.source, bottom.source), total.dims, total.host and bottom.host)
        return Value(py.unary("-", total.source), total.dims, total.host) if negative else total


def _grams_first(plan: Contraction, values: list[Value], kept: frozenset[str], wanted: tuple[Label, ...]) -> list[Value]:
    """P XᵀX P: of factors that are as wide as X, the symmetric product is made first, at half the cost of another."""
    for a, b in itertools.combinations(range(len(values)), 2):
        left, right = values[a], values[b]
        others = [v for k, v in enumerate(values) if k not in {a, b}]
        inner = [d for d in left.dims if d in right.dims]
        if left.source != right.source or len(left.dims) != 2 or len(inner) != 1 or not others or left.dims == right.dims:
            continue
        if inner[0] in kept or any(inner[0] in v.dims for v in others):
            continue
        width = {plan.sizes[str(d)] for v in (left, right) for d in v.dims if d not in inner}
        if len(width) == 1 and all(len(v.dims) == 2 and {plan.sizes[str(d)] for d in v.dims} == width for v in others):
            made = pair(left, right, {inner[0]}, wanted)
            return [made if k == a else v for k, v in enumerate(values) if k != b]
    return values


def _outer(lowering: Lowering, node: Node) -> Value:
    """u vᵀ; beside ones a value that is constant along a dimension, which broadcasting supplies."""
    left, right = node.args
    if right.op == "ones" and left.op != "ones":
        return lowering.value(left)
    if left.op == "ones" and right.op != "ones":
        value = lowering.value(right)
        return Value(value.source, tuple(d + 1 if isinstance(d, int) else d for d in value.dims), value.host)
    return lowering.product(node)


def _is_of_ones(node: Node) -> bool:
    """𝟏 𝟏ᵀ, turned or not: what it multiplies is added up and broadcast, and the array itself is never built."""
    return node.op == "ones" or (node.op in {"outer", "matmul", "transpose"} and all(_is_of_ones(part) for part in node.args))


Method = Callable[[Lowering, Node], Value]
METHODS: dict[str, Method] = {
    **leaves.METHODS,
    "row": lambda lowering, node: lowering.value(node.args[0]),
    "outer": _outer,
    **arithmetic.METHODS,
    **arrays.METHODS,
    **exponentials.METHODS,
    **choice.METHODS,
}
