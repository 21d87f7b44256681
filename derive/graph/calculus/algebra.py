"""Constructors that do what a good author does: scalars in front, transposes inside, like terms together, properties used.

`Algebra` wraps the nodes of one graph. Every constructor gives a node of the same value as the plain operation; `used` gathers the
declared properties that a simplification rested on. A scalar beside an array stands for an array of equal entries.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from derive.errors import NotSupported
from derive.graph.calculus import chains, sums
from derive.graph.calculus.factors import NOTHING, TAKEN_APART, Factors, factors, is_number, product
from derive.graph.graph import Nodes
from derive.graph.node import Axis, Node, Shape
from derive.graph.operations import OPERATIONS
from derive.graph.sizes import ONE, Size

__all__ = ["Algebra"]

SYMMETRIC = frozenset(("symmetric", "diagonal", "positive-definite", "positive-semidefinite"))


class Algebra:
    """The constructors; see the module."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.used: dict[tuple[str, str], None] = {}  # (property, key of the argument)
        self.wanted: frozenset[Node] | set[Node] = frozenset()  # the nodes that adjoints are wanted of
        self.free: frozenset[Axis] = frozenset()  # indices of the adjoints that a sweep starts from: they stay
        self._rebuilt: dict[Node, Node] = {}

    # ------------------------------------------------------------------------------------------ scalars and arithmetic
    def number(self, value: int | Fraction) -> Node:
        """A rational number."""
        return self.nodes.number(value) if value >= 0 else self.nodes.neg(self.nodes.number(-value))

    def mul(self, *args: Node) -> Node:
        """The entrywise product."""
        view = NOTHING
        for argument in args:
            view = view.times(factors(argument))
        return product(self.nodes, view)

    def div(self, a: Node, b: Node) -> Node:
        """a / b, entry by entry."""
        below = factors(b)
        if below.coefficient == 0:
            return self.nodes.make("div", a, b)
        turned = Factors(1 / below.coefficient, {base: -power for base, power in below.powers.items()})
        return product(self.nodes, factors(a).times(turned))

    def neg(self, x: Node) -> Node:
        """−x."""
        view = factors(x)
        return product(self.nodes, Factors(-view.coefficient, view.powers))

    def pow(self, base: Node, exponent: Node) -> Node:
        """base^exponent; a whole power of a product is a product of powers."""
        if exponent.op == "number" and exponent.data.denominator == 1:
            view = factors(base)
            n = int(exponent.data)
            if n and (view.coefficient or n > 0) and abs(n) <= 64:
                return product(self.nodes, Factors(view.coefficient**n, {b: p * n for b, p in view.powers.items()}))
        return self.nodes.pow(base, exponent)

    def sqrt(self, x: Node) -> Node:
        """The square root."""
        return self.nodes.pow(x, self.nodes.number(Fraction(1, 2)))

    def add(self, *args: Node) -> Node:
        """The sum, like terms together, common factors out."""
        return sums.total(self, args)

    def sub(self, a: Node, b: Node) -> Node:
        """a − b."""
        return self.add(a, self.neg(b))

    def function(self, op: str, *args: Node) -> Node:
        """An operation of the table without a constructor of its own."""
        return self.nodes.make(op, *args)

    # ------------------------------------------------------------------------------------------ matrices
    def matmul(self, a: Node, b: Node) -> Node:
        """The product of vectors and matrices; a vector on the left is taken as a row."""
        return chains.matmul(self, a, b)

    def outer(self, a: Node, b: Node) -> Node:
        """a bᵀ."""
        if self.zero(a) or self.zero(b):
            return self.number(0)
        left, right = self.peeled(a), self.peeled(b)
        return self.mul(product(self.nodes, left[0].times(right[0])), self.nodes.make("outer", left[1], right[1]))

    def peeled(self, node: Node) -> tuple[Factors, Node]:
        """The scalar factors of an array, and the array without them."""
        if node.op not in TAKEN_APART and node.shape:
            return NOTHING, node
        view = factors(node)
        core = view.parted(False)
        if not core.powers:
            raise NotSupported("a scalar where an array is needed")
        return view.parted(True), product(self.nodes, core)

    def transpose(self, node: Node) -> Node:
        """The transpose, pushed inside; a vector is its own."""
        return chains.transpose(self, node)

    def is_symmetric(self, node: Node) -> bool:
        """Whether the transpose is seen to be the same matrix."""
        return len(node.shape) == 2 and node.shape[0] == node.shape[1] and self.transpose(node) is node

    def inverse(self, node: Node) -> Node:
        """A⁻¹."""
        return chains.inverse(self, node)

    def trace(self, node: Node) -> Node:
        """tr A."""
        return chains.trace(self, node)

    def diag(self, vector: Node) -> Node:
        """The diagonal matrix of a vector."""
        scale, core = self.peeled(vector)
        if core.op == "ones":
            return self.mul(product(self.nodes, scale), self.identity(core.shape[0]))
        return self.mul(product(self.nodes, scale), self.nodes.make("diag", core))

    def diagonal(self, matrix: Node) -> Node:
        """The vector of the diagonal of a matrix."""
        if matrix.op == "diag":
            return matrix.args[0]
        if matrix.op == "transpose":
            return self.diagonal(matrix.args[0])
        if matrix.op == "outer":
            return self.mul(*matrix.args)
        return self.nodes.make("diagonal", matrix)

    def identity(self, size: Size) -> Node:
        """I."""
        return self.nodes.make("identity", data=(size, size))

    def ones(self, shape: Shape) -> Node:
        """The array of ones."""
        if not shape:
            return self.number(1)
        if len(shape) == 1:
            return self.nodes.make("ones", data=shape)
        if len(shape) == 2:
            return self.nodes.make("outer", self.ones(shape[:1]), self.ones(shape[1:]))
        axes = tuple(Axis(f"{letter}'", ONE, size) for letter, size in zip("ijklpqrs", shape, strict=False))
        return self.nodes.make("stack", self.number(1), data=axes)

    def full(self, node: Node, shape: Shape) -> Node:
        """The array that a scalar beside an array of this shape stands for."""
        if node.shape == shape:
            return node
        if self.zero(node):
            return self.nodes.mul(node, self.ones(shape))
        return self.mul(node, self.ones(shape))

    # ------------------------------------------------------------------------------------------ reductions and elements
    def sum(self, body: Node, over: Any) -> Node:
        """The sum over a named axis, over "last" or over "all" positions."""
        return sums.summed(self, body, over)

    def size(self, size: Size) -> Node:
        """A size as a number."""
        return self.nodes.size(size)

    def count(self, shape: Shape) -> Node:
        """The number of entries of a shape."""
        return self.mul(*(self.size(s) for s in shape)) if shape else self.number(1)

    def dot(self, a: Node, b: Node) -> Node:
        """⟨a, b⟩ of two arrays of one shape: a b, aᵀb or tr(aᵀ b)."""
        if not a.shape and not b.shape:
            return self.mul(a, b)
        shape = a.shape or b.shape
        if len(shape) == 1 and a.shape and b.shape:
            return self.matmul(a, b)
        if len(shape) == 2 and a.shape and b.shape:
            return self.trace(self.matmul(self.transpose(a), b))
        return self.sum(self.mul(a, b), "all")

    def stack(self, body: Node, axes: tuple[Axis, ...]) -> Node:
        """The array whose leading dimensions run over named axes; in matrix form where there is one."""
        from derive.graph.calculus.lifting import stacked

        return stacked(self, body, axes)

    def reshaped(self, op: str, array: Node, data: Any) -> Node:
        """vec A, or back: one takes away the other, numbers go in front."""
        if array.op in ("vec", "unvec") and array.op != op and (op == "vec" or array.args[0].shape == data):
            return array.args[0]
        if array.op in ("mul", "neg", "div"):
            scale, core = self.peeled(array)
            if core is not array:
                return self.mul(product(self.nodes, scale), self.reshaped(op, core, data))
        return self.nodes.make(op, array, data=data)

    def slice(self, array: Node, data: tuple[int, Size, Size]) -> Node:
        """A stretch of an array: a dimension, the first position from 0, the length."""
        from derive.graph.calculus.joining import sliced

        return sliced(self, array, data)

    def element(self, array: Node, data: tuple[tuple[Any, ...], ...], *indices: Node) -> Node:
        """Elements of an array."""
        if all(spec == ("all",) for spec in data):
            return array
        if array.op == "ones":
            return self.number(1)
        if array.op == "stack" and not indices and len(data) == len(array.shape):
            from derive.graph.calculus.lifting import element_of_stack

            found = element_of_stack(self, array, data)
            if found is not None:
                return found
        if array.op == "identity" and all(spec[0] == "run" and spec[1].lower == ONE for spec in data):
            return self.nodes.make("delta", *(self.nodes.add(self.nodes.index(spec[1]), self.size(spec[2])) for spec in data))
        if array.op == "element":
            return self._nested_element(array, data, indices)
        if array.op in ("mul", "neg", "div"):
            scale, core = self.peeled(array)
            if core is not array and core.shape == array.shape:
                return self.mul(product(self.nodes, scale), self.element(core, data, *indices))
        return self.nodes.make("element", array, *indices, data=data)

    def _nested_element(self, array: Node, data: tuple[tuple[Any, ...], ...], indices: tuple[Node, ...]) -> Node:
        """(X_i)_j is X_ij."""
        shift = len(array.args) - 1
        outer = iter(data)
        specs: list[tuple[Any, ...]] = []
        for spec in array.data:
            found = next(outer) if spec == ("all",) else spec
            specs.append(("at", found[1] + shift) if spec == ("all",) and found[0] == "at" else found)
        return self.element(array.args[0], tuple(specs), *array.args[1:], *indices)

    def declares(self, node: Node, *properties: str) -> bool:
        """Whether the node is an argument with one of these properties; its use is remembered."""
        if node.op != "argument":
            return False
        for name in properties:
            if name in node.data[0].properties:
                self.used[name, node.data[0].key] = None
                return True
        return False

    # ------------------------------------------------------------------------------------------ whole graphs
    def rebuilt(self, node: Node, replaced: dict[Node, Node] | None = None) -> Node:
        """The node rebuilt through these constructors, with some nodes replaced."""
        from derive.graph.graph import walk

        done: dict[Node, Node] = dict(replaced) if replaced else self._rebuilt
        stop = frozenset(done)
        for below in _walk_until(node, stop) if replaced else walk((node,)):
            if below not in done:
                done[below] = self.remade(below, tuple(done[a] for a in below.args))
        return done[node]

    def remade(self, node: Node, args: tuple[Node, ...]) -> Node:
        """The same operation on other arguments, through its constructor."""
        op = node.op
        if op in ("add", "mul", "div", "neg", "pow", "matmul", "outer", "transpose", "inverse", "trace", "diag", "diagonal"):
            made: Node = getattr(self, op)(*args)
            return made
        if op == "row":
            return args[0]
        if op == "sum":
            return self.sum(args[0], node.data)
        if op == "stack":
            return self.stack(args[0], node.data)
        if op == "element":
            return self.element(args[0], node.data, *args[1:])
        if op == "concat":
            args = tuple(self.full(new, old.shape) for new, old in zip(args, node.args, strict=True))
        if op in ("vec", "unvec"):
            return self.reshaped(op, self.full(args[0], node.args[0].shape), node.data)
        if op == "slice":
            return self.slice(args[0], node.data)
        if not args:
            return node
        if OPERATIONS[op].elementwise and op == "sqrt":
            return self.sqrt(args[0])
        return self.nodes.make(op, *args, data=node.data)

    def zero(self, node: Node) -> bool:
        """Whether the node is the number 0."""
        return is_number(node, 0)


def _walk_until(root: Node, stop: frozenset[Node]) -> list[Node]:
    """Every node below the root that is not below a node of `stop`, arguments first."""
    order: list[Node] = []
    seen: set[Node] = set(stop)
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((a, False) for a in reversed(node.args) if a not in seen)
    return order
