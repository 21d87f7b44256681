"""Entries of arrays over unit vectors, in index notation: (A e_i)_k = A_ki, (e_i)_k = δ_ik.

In: a tidy node over unit vectors, and running indices for its dimensions. Out: the scalar node of the entry. Products of matrices stay
products: (A B e_i)_k is (A B)_ki. Raises NotSupported where an entry has no formula.
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.errors import NotSupported
from derive.graph.calculus.algebra import Algebra
from derive.graph.calculus.chains import chain
from derive.graph.calculus.factors import Factors, factors, product
from derive.graph.graph import walk
from derive.graph.node import Axis, Node
from derive.graph.operations import OPERATIONS
from derive.graph.sizes import ONE, ZERO, Size

__all__ = ["spelled", "unit"]

Axes = tuple[Axis, ...]


def unit(a: Algebra, axes: Axes) -> Node:
    """e_i, e_i e_jᵀ: the array that is 1 at the running indices."""
    vectors = [a.nodes.make("element", a.identity(axis.size), data=(("all",), ("run", axis, ZERO))) for axis in axes]
    if len(vectors) > 2:
        raise NotSupported("derivatives of arrays of three dimensions and more by entries")
    return vectors[0] if len(vectors) == 1 else a.outer(*vectors)


def spelled(a: Algebra, node: Node, axes: Axes, letters: Sequence[str]) -> Node:
    """The entry of the node at these indices; `letters` are for the indices of sums."""
    return _deltas_last(a, _Spelling(a, letters).entry(node, axes))


def _deltas_last(a: Algebra, node: Node) -> Node:
    """A_ik δ_jl: what is not 0 or 1 stands in front."""
    if node.op == "add":
        return a.nodes.add(*(_deltas_last(a, x) for x in node.args))
    view = factors(node)
    if not any(b.op == "delta" for b in view.powers):
        return node
    return product(a.nodes, Factors(view.coefficient, dict(sorted(view.powers.items(), key=lambda item: item[0].op == "delta"))))


class _Spelling:
    def __init__(self, a: Algebra, letters: Sequence[str]) -> None:
        self.a = a
        self.letters = list(letters)

    def entry(self, node: Node, axes: Axes) -> Node:
        a, op, args = self.a, node.op, node.args
        if not node.shape:
            return self.scalar(node)
        if not _holds_unit(node):
            return self.plain(node, axes)
        axis = _unit_axis(node)
        if axis is not None:
            return a.nodes.make("delta", *sorted((a.nodes.index(axis), a.nodes.index(axes[0])), key=lambda n: str(n.data.name)))
        if op == "transpose":
            return self.entry(args[0], axes[::-1])
        if op == "outer":
            return a.mul(self.entry(args[0], axes[:1]), self.entry(args[1], axes[1:]))
        if op == "diag":
            return a.mul(a.nodes.make("delta", *(a.nodes.index(x) for x in axes)), self.entry(args[0], axes[:1]))
        if op == "diagonal":
            return self.entry(args[0], (axes[0], axes[0]))
        if op == "matmul":
            return self.product(node, axes)
        if op == "sum":
            return self.total(node, axes)
        if op in ("add", "mul", "div", "neg") or OPERATIONS[op].elementwise:
            return a.remade(node, tuple(self.entry(x, axes) for x in args))
        raise NotSupported(f"the entries of {op}")

    def plain(self, node: Node, axes: Axes) -> Node:
        """An entry of what holds no unit vector: entrywise functions act on entries, products of matrices stay whole."""
        a, op, args = self.a, node.op, node.args
        if op == "ones":
            return a.number(1)
        if op == "identity":
            return a.nodes.make("delta", *(a.nodes.index(x) for x in axes))
        if op == "transpose":
            return self.plain(args[0], axes[::-1]) if args[0].shape else node
        if op == "outer":
            return a.mul(self.plain(args[0], axes[:1]), self.plain(args[1], axes[1:]))
        if op == "diag":
            return a.mul(a.nodes.make("delta", *(a.nodes.index(x) for x in axes)), self.plain(args[0], axes[:1]))
        if op in ("add", "mul", "div", "neg") or OPERATIONS[op].elementwise:
            return a.remade(node, tuple(self.plain(x, axes) if x.shape else x for x in args))
        if op == "element":
            rest = list(axes)
            specs = tuple(("run", rest.pop(0), ZERO) if spec == ("all",) else spec for spec in node.data)
            return a.element(args[0], specs, *args[1:])
        if len(axes) == 2 and a.is_symmetric(node):
            axes = tuple(sorted(axes, key=lambda axis: axis.name))
        return a.element(node, tuple(("run", axis, ZERO) for axis in axes))

    def product(self, node: Node, axes: Axes) -> Node:
        """(M₁ … M_r e_i)_k = (M₁ … M_r)_ki; else a sum over the index between."""
        parts = chain(node)
        axis = _unit_axis(parts[-1])
        if axis is not None and not any(_holds_unit(p) for p in parts[:-1]):
            result = parts[-2]
            for part in reversed(parts[:-2]):
                result = self.a.matmul(part, result)
            return self.plain(result, (axes[0], axis))
        left, right = node.args
        if right.op == "add" and _holds_unit(right):
            return self.a.add(*(self.entry(self.a.matmul(left, x), axes) for x in right.args))
        if left.op == "add" and _holds_unit(left):
            return self.a.add(*(self.entry(self.a.matmul(x, right), axes) for x in left.args))
        inner = self.fresh(left.shape[-1])
        split = len(left.shape) - 1
        first = self.entry(left, (*axes[:split], inner))
        return self.a.sum(self.a.mul(first, self.entry(right, (inner, *axes[split:]))), inner)

    def total(self, node: Node, axes: Axes) -> Node:
        body = node.args[0]
        if isinstance(node.data, Axis):
            return self.a.sum(self.entry(body, axes), node.data)
        inner = self.fresh(body.shape[-1])
        return self.a.sum(self.entry(body, (*axes, inner)), inner)

    def scalar(self, node: Node) -> Node:
        """A scalar with the elements in it spelled out."""
        a, op, args = self.a, node.op, node.args
        if not _holds_unit(node):
            return node
        if op == "element" and all(spec[0] == "run" and spec[2] == ZERO for spec in node.data):
            return self.entry(args[0], tuple(spec[1] for spec in node.data))
        if op == "trace" and args[0].op == "add":
            return a.add(*(self.scalar(a.trace(x)) for x in args[0].args))
        if op == "trace":
            inner = self.fresh(args[0].shape[0])
            return a.sum(self.entry(args[0], (inner, inner)), inner)
        if op == "matmul":
            for x, y in (args, args[::-1]):
                axis = _unit_axis(x)
                if axis is not None:
                    return self.entry(y, (axis,))
            inner = self.fresh(args[0].shape[0])
            return a.sum(a.mul(self.entry(args[0], (inner,)), self.entry(args[1], (inner,))), inner)
        if op == "sum" and node.data in ("all", "last"):
            made = tuple(self.fresh(size) for size in args[0].shape)
            body = self.entry(args[0], made)
            for axis in reversed(made):
                body = a.sum(body, axis)
            return body
        if all(not x.shape for x in args):
            return a.remade(node, tuple(self.scalar(x) for x in args))
        raise NotSupported(f"a formula for the operation {op} by indices")

    def fresh(self, size: Size) -> Axis:
        """An index that nobody uses."""
        if not self.letters:
            raise NotSupported("an entry with so many sums")
        return Axis(self.letters.pop(0), ONE, size)


def _unit_axis(node: Node) -> Axis | None:
    """i where the node is e_i."""
    if node.op != "element" or node.args[0].op != "identity" or len(node.shape) != 1 or len(node.args) != 1:
        return None
    spec = next((s for s in node.data if s[0] == "run"), None)
    return spec[1] if spec is not None and spec[2] == ZERO else None


def _holds_unit(node: Node) -> bool:
    return any(_unit_axis(below) is not None for below in walk((node,)))
