"""The matrix of a linear form: a node that is linear in a vector v is M v; here is M.

In: a tidy node linear in an argument v of one dimension. Out: for a vector its matrix (rows × length of v), for a scalar c with
cᵀv the vector c. Raises NotSupported where there is no matrix form.
"""

from __future__ import annotations

from derive.errors import NotSupported
from derive.graph.calculus.algebra import Algebra
from derive.graph.calculus.factors import Factors, factors, product
from derive.graph.calculus.reverse import dependents
from derive.graph.node import Axis, Node

__all__ = ["coefficient"]


def coefficient(a: Algebra, node: Node, v: Node) -> Node:
    """M with node = M v (for a scalar node, c with node = cᵀ v)."""
    return _Form(a, v, dependents((node,), (v,))).of(node)


class _Form:
    def __init__(self, a: Algebra, v: Node, holds: set[Node]) -> None:
        self.a = a
        self.v = v
        self.holds = holds
        self.known: dict[Node, Node] = {}

    def of(self, node: Node) -> Node:
        if node not in self.known:
            self.known[node] = self._of(node)
        return self.known[node]

    def _of(self, node: Node) -> Node:
        a, op = self.a, node.op
        if node is self.v:
            return a.identity(node.shape[0])
        if op == "add":
            parts = [self._beside(x, node) for x in node.args]
            return a.add(*parts)
        if op in ("mul", "neg", "div"):
            return self._product(node)
        if op == "matmul":
            return self._matmul(node)
        if op == "sum":
            return self._sum(node)
        if op == "element":
            return self._element(node)
        if op == "stack" and len(node.data) == 1 and not node.args[0].shape:
            return a.stack(self.of(node.args[0]), node.data)
        if op == "diagonal":
            return self._diagonal(node)
        if op == "slice" and len(node.shape) == 1:
            return a.slice(a.full(self.of(node.args[0]), (node.args[0].shape[0], self.v.shape[0])), node.data)
        if op == "concat" and len(node.shape) == 1:
            return a.nodes.make("concat", *(self._rows(x) for x in node.args), data=0)
        raise NotSupported(f"a matrix form through the operation {op}")

    def _rows(self, part: Node) -> Node:
        """The rows of one of the vectors that follow each other."""
        found = self.of(part) if part in self.holds else self.a.number(0)
        return self.a.full(found, (part.shape[0], self.v.shape[0]))

    def _beside(self, part: Node, whole: Node) -> Node:
        if part not in self.holds:
            raise NotSupported("a matrix form of what is not linear")
        found = self.of(part)
        if whole.shape and not part.shape:
            return self.a.outer(self.a.ones(whole.shape), found)
        return found

    def _product(self, node: Node) -> Node:
        """c (uᵀv), d ⊙ (M v), (cᵀv) u."""
        a = self.a
        view = factors(node)
        linear = [b for b, p in view.powers.items() if b in self.holds and p == 1]
        if len(linear) != 1 or any(b in self.holds and p != 1 for b, p in view.powers.items()):
            raise NotSupported("a matrix form of what is not linear")
        inner = linear[0]
        rest = Factors(view.coefficient, {b: p for b, p in view.powers.items() if b is not inner})
        if inner.op == "add" and rest.parted(False).powers and any(not x.shape for x in inner.args):
            parts = [product(a.nodes, rest.times(factors(x))) for x in inner.args]
            self.holds |= dependents(parts, (self.v,))
            return a.add(*(self.of(x) for x in parts))
        scalar, array = rest.parted(True), rest.parted(False)
        matrix = self.of(inner)
        if array.powers:
            shaped = product(a.nodes, array)
            matrix = a.matmul(a.diag(shaped), matrix) if inner.shape else a.outer(shaped, matrix)
        return a.mul(product(a.nodes, scalar), matrix)

    def _matmul(self, node: Node) -> Node:
        a = self.a
        left, right = node.args
        if left in self.holds and right in self.holds:
            raise NotSupported("a matrix form of what is not linear")
        if right in self.holds and len(right.shape) == 1:
            matrix = self.of(right)
            return a.matmul(left, matrix) if len(left.shape) == 2 else a.matmul(a.transpose(matrix), left)
        if left in self.holds and len(left.shape) == 1 and len(right.shape) == 1:
            return a.matmul(a.transpose(self.of(left)), right)
        if left in self.holds and len(left.shape) == 2 and len(right.shape) == 1:
            return self.of(self._applied(left, right))
        if right in self.holds and len(right.shape) == 2 and len(left.shape) == 1:
            return self.of(self._applied(a.transpose(right), left))
        raise NotSupported("a matrix form of an array of order above two")

    def _applied(self, matrix: Node, vector: Node) -> Node:
        """(a bᵀ) x and its kin, taken apart so that no matrix depends on v."""
        a = self.a
        if matrix.op == "add":
            parts = [self._applied(x, vector) if x in self.holds else a.matmul(x, vector) for x in matrix.args]
            made = a.nodes.add(*parts)
        elif matrix.op == "transpose":
            made = self._applied_to_transpose(matrix.args[0], vector)
        elif matrix.op in ("mul", "neg", "div"):
            view = factors(matrix)
            arrays = [b for b, p in view.powers.items() if b.shape]
            if len(arrays) != 1 or view.powers[arrays[0]] != 1:
                raise NotSupported("a matrix form of an array of order above two")
            scale = product(a.nodes, view.parted(True))
            inner = arrays[0]
            made = a.mul(scale, self._applied(inner, vector) if inner in self.holds else a.matmul(inner, vector))
        elif matrix.op == "outer":
            made = a.mul(a.matmul(matrix.args[1], vector), matrix.args[0])
        elif matrix.op == "diag":
            made = a.mul(matrix.args[0], vector)
        elif matrix.op == "matmul":
            inner = a.matmul(matrix.args[1], vector) if matrix.args[1] not in self.holds else self._applied(matrix.args[1], vector)
            made = a.matmul(matrix.args[0], inner) if matrix.args[0] not in self.holds else self._applied(matrix.args[0], inner)
        elif matrix.op == "sum" and isinstance(matrix.data, Axis):
            made = a.sum(self._applied(matrix.args[0], vector), matrix.data)
        else:
            raise NotSupported("a matrix form of an array of order above two")
        self.holds |= dependents((made,), (self.v,))
        return made

    def _applied_to_transpose(self, matrix: Node, vector: Node) -> Node:
        if matrix.op == "outer":
            return self.a.mul(self.a.matmul(matrix.args[0], vector), matrix.args[1])
        raise NotSupported("a matrix form of an array of order above two")

    def _sum(self, node: Node) -> Node:
        a, body = self.a, node.args[0]
        if isinstance(node.data, Axis):
            return a.sum(self.of(body), node.data)
        if len(body.shape) == 1:
            return a.sum(a.transpose(self.of(body)), "last")
        if len(body.shape) == 2 and node.data == "last":
            return self.of(self._applied(body, a.ones(body.shape[1:])))
        raise NotSupported("a matrix form of a sum over a matrix")

    def _element(self, node: Node) -> Node:
        array = node.args[0]
        if len(array.shape) != 1 or any(x in self.holds for x in node.args[1:]):
            raise NotSupported("a matrix form of elements of a matrix")
        matrix = self.of(array)
        return self.a.element(matrix, (*node.data, ("all",)), *node.args[1:])

    def _diagonal(self, node: Node) -> Node:
        """diag(u vᵀ) = u ⊙ v."""
        inner = node.args[0]
        if inner.op == "outer":
            made = self.a.mul(*inner.args)
            self.holds |= dependents((made,), (self.v,))
            return self.of(made)
        raise NotSupported("a matrix form through the diagonal of a matrix")
