"""Products of matrices as chains: flat, associated to the right, with what cancels cancelled; transposes and inverses pushed inside.

In: nodes that are already tidy. Out: a tidy node of the same value.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from derive.errors import NotSupported
from derive.graph.calculus.factors import NOTHING, TAKEN_APART, Factors, factors, product
from derive.graph.node import Node

if TYPE_CHECKING:
    from derive.graph.calculus.algebra import Algebra

__all__ = ["chain", "inverse", "matmul", "trace", "transpose"]

LONGEST = 64


def chain(node: Node) -> list[Node]:
    """The factors of a product of matrices (the last may be a vector), from left to right."""
    found: list[Node] = []
    while node.op == "matmul" and len(node.args[0].shape) == 2:
        found += chain(node.args[0])
        node = node.args[1]
    return [*found, node]


def matmul(a: Algebra, left: Node, right: Node) -> Node:
    """left · right for vectors and matrices; a vector on the left is a row, and the result of row · matrix a vector."""
    if a.zero(left) or a.zero(right):
        return a.number(0)
    if len(left.shape) not in (1, 2) or len(right.shape) not in (1, 2):
        raise NotSupported("products of arrays of three dimensions and more in matrix form")
    if len(left.shape) == 1 and len(right.shape) == 2:
        return matmul(a, transpose(a, right), left)
    left_scale, left_core = a.peeled(left)
    right_scale, right_core = a.peeled(right)
    scale = left_scale.times(right_scale)
    if len(left.shape) == 1:
        return _scaled(a, scale, _dot(a, left_core, right_core))
    parts = chain(left_core) + chain(right_core)
    return _scaled(a, scale, _folded(a, parts))


def _scaled(a: Algebra, scale: Factors, core: Node) -> Node:
    return core if scale is NOTHING and core.op not in TAKEN_APART else product(a.nodes, scale.times(factors(core)))


def _dot(a: Algebra, left: Node, right: Node) -> Node:
    """xᵀy of two vectors without scalar factors."""
    for x, y in ((left, right), (right, left)):
        if x.op == "ones":
            return a.sum(y, "all")
        if x.op == "element" and x.args[0].op == "identity" and x.data[0][0] == "run" and len(x.args) == 1:
            return a.element(y, (x.data[0],)) if len(y.shape) == 1 else a.nodes.make("matmul", left, right)
        if x.op == "matmul" and x.args[0].op == "outer":
            return a.matmul(y, x)
    if left.op == "matmul" and right.op != "matmul":
        return _dot_chain(a, right, left)
    return _dot_chain(a, left, right)


def _dot_chain(a: Algebra, left: Node, right: Node) -> Node:
    """xᵀ(M … v): the matrices stay with the right factor; Qᵀ meets Q."""
    if left.op == "matmul" and right.op == "matmul" and left is not right:
        mine, other = chain(left), chain(right)
        joined = _cancelled(a, [*(transpose(a, m) for m in reversed(mine[:-1])), *other])
        if len(joined) < len(mine) + len(other) - 1:
            return a.matmul(mine[-1], _folded(a, joined))
    if left is right and left.op == "matmul":
        mine = chain(left)
        joined = _cancelled(a, [*(transpose(a, m) for m in reversed(mine[:-1])), *mine])
        if len(joined) < 2 * len(mine) - 1:
            return a.matmul(mine[-1], _folded(a, joined))
    return a.nodes.make("matmul", left, right)


def _opened(a: Algebra, parts: list[Node]) -> list[Node]:
    """A (A B)⁻¹ = B⁻¹: the inverse of a product of square matrices opened where a neighbour undoes one of them."""
    for place, part in enumerate(parts):
        turned = part.op == "transpose" and part.args[0].op == "inverse"
        inner = part.args[0].args[0] if turned else part.args[0] if part.op == "inverse" else None
        factors_of = [] if inner is None else chain(inner)
        if len(factors_of) < 2 or any(f.shape != part.shape for f in factors_of):
            continue
        made = [inverse(a, f) for f in reversed(factors_of)]
        if turned:
            made = [transpose(a, f) for f in reversed(made)]
        left, right = parts[:place], parts[place + 1 :]
        if (left and _undo(a, left[-1], made[0])) or (right and _undo(a, made[-1], right[0])):
            return [*left, *made, *right]
    return parts


def _folded(a: Algebra, parts: list[Node]) -> Node:
    """The product of a chain, associated to the right."""
    parts = _cancelled(a, _opened(a, parts))
    if len(parts) > LONGEST:
        raise NotSupported("a product of so many matrices")
    result = parts[-1]
    for part in reversed(parts[:-1]):
        result = _one(a, part, result)
    return result


def _one(a: Algebra, left: Node, right: Node) -> Node:
    """Matrix times matrix or vector, where something is known of one of them."""
    if right.op in ("mul", "neg", "div") and not (right.op == "div" and right.args[1].shape):
        scale, core = a.peeled(right)
        if scale is not NOTHING and (scale.powers or scale.coefficient != 1):
            return _scaled(a, scale, _one(a, left, core))
    if left.op in ("mul", "neg", "div"):
        scale, core = a.peeled(left)
        if scale is not NOTHING and (scale.powers or scale.coefficient != 1):
            return _scaled(a, scale, _folded(a, [*chain(core), *chain(right)]))
    if left.op == "identity":
        return right
    if right.op == "identity":
        return left
    if left.op == "diag" and len(right.shape) == 1:
        return a.mul(left.args[0], right)
    if left.op == "diag" and right.op == "diag":
        return a.diag(a.mul(left.args[0], right.args[0]))
    if left.op == "outer":
        u, v = left.args
        if len(right.shape) == 1:
            return a.mul(a.matmul(v, right), u)
        return a.outer(u, a.matmul(transpose(a, right), v))
    if right.op == "outer":
        return a.outer(a.matmul(left, right.args[0]), right.args[1])
    if right.op == "ones":
        found = _row_totals(a, left, right)
        if found is not None:
            return found
    return a.nodes.make("matmul", left, right)


def _row_totals(a: Algebra, matrix: Node, ones: Node) -> Node | None:
    """(X − X 1 1ᵀ/n) 1 = 0: the sums of the rows term by term, where terms cancel."""
    from derive.graph.calculus.sums import collected

    if matrix.op == "transpose" and matrix.args[0].op == "add":
        terms = [a.transpose(t) for t in matrix.args[0].args]
    elif matrix.op == "add":
        terms = list(matrix.args)
    else:
        return None
    if not any(b.op == "outer" and "ones" in (b.args[0].op, b.args[1].op) for t in terms for b in factors(t).powers):
        return None
    made = collected(a, tuple(a.matmul(a.full(t, matrix.shape), ones) for t in terms))
    return a.add(*made) if len(made) < len(terms) else None


def _cancelled(a: Algebra, parts: list[Node]) -> list[Node]:
    """The chain without identities and without neighbours that undo each other."""
    kept: list[Node] = []
    for part in parts:
        if part.op == "identity" and len(parts) > 1 and (kept or part is not parts[-1]):
            continue
        if kept and _undo(a, kept[-1], part):
            last = kept.pop()
            if not kept and part is parts[-1]:
                kept.append(a.identity(last.shape[0]))
            continue
        kept.append(part)
    if not kept:
        kept.append(a.identity(parts[0].shape[0]))
    return kept


def _undo(a: Algebra, left: Node, right: Node) -> bool:
    if len(right.shape) != 2 or left.shape != right.shape[::-1] or left.shape[0] != left.shape[1]:
        return False
    if (left.op == "inverse" and left.args[0] is right) or (right.op == "inverse" and right.args[0] is left):
        return True
    if len(right.shape) == 2 and right.op == "transpose" and left.op == "inverse" and left.args[0] is right:
        return True
    if left.op == "transpose" and right.op == "transpose":
        return _undo(a, right.args[0], left.args[0])
    if left.op == "transpose" and left.args[0] is right:
        return a.declares(right, "orthogonal")
    return right.op == "transpose" and right.args[0] is left and a.declares(left, "orthogonal")


# ---------------------------------------------------------------------------------------------- transposes
def transpose(a: Algebra, node: Node) -> Node:
    """The transpose of a value, pushed inside; the same node where it is symmetric."""
    if len(node.shape) < 2:
        return node.args[0] if node.op == "row" else node
    if len(node.shape) > 2:
        raise NotSupported("transposes of arrays of three dimensions and more")
    op, args = node.op, node.args
    if op == "transpose":
        return args[0]
    if op in ("identity", "diag", "leadingeigen", "trailingeigen"):
        return node
    if op == "argument":
        symmetric = a.declares(node, "symmetric", "positive-definite", "positive-semidefinite", "diagonal")
        return node if symmetric else a.nodes.make("transpose", node)
    if op == "element" and node.data[1:] == (("all",), ("all",)) and len(args[0].shape) == 3:  # a member of a family of matrices
        symmetric = a.declares(args[0], "symmetric", "positive-definite", "positive-semidefinite", "diagonal")
        return node if symmetric else a.nodes.make("transpose", node)
    if op == "slice":
        return a.slice(transpose(a, args[0]), (1 - node.data[0], *node.data[1:]))
    if op == "concat":
        return a.nodes.make("concat", *(transpose(a, x) for x in args), data=1 - node.data)
    if op == "add":
        turned = [transpose(a, x) if x.shape else x for x in args]
        if set(turned) == set(args):
            return node
        return a.nodes.make("transpose", node) if _turns(turned) > _turns(args) else a.nodes.add(*turned)
    if op in ("neg", "mul", "div"):
        scale, core = a.peeled(node)
        if core is not node:
            return _scaled(a, scale, transpose(a, core))
        inner = tuple(transpose(a, x) if len(x.shape) == 2 else x for x in args)
        if set(inner) == set(args):
            return node
        return a.nodes.make("transpose", node) if _turns(inner) > _turns(args) else a.remade(node, inner)
    if op == "matmul":
        return _folded(a, [transpose(a, x) for x in reversed(chain(node))])
    if op == "outer":
        return a.nodes.make("outer", args[1], args[0])
    if op == "array" and not any(x.shape for x in args):
        m, n = (size.constant or 0 for size in node.data)
        return a.nodes.make("array", *(args[i * n + j] for j in range(n) for i in range(m)), data=node.data[::-1])
    if op == "inverse":
        turned_inner = transpose(a, args[0])
        if turned_inner is args[0]:
            return node
        return inverse(a, turned_inner) if turned_inner.op != "transpose" and args[0].op == "transpose" else a.nodes.make("transpose", node)
    if op == "matrix_power":
        base = transpose(a, args[0])
        return node if base is args[0] else a.nodes.make("matrix_power", base, data=node.data)
    if op == "kron":
        return a.nodes.make("kron", *(transpose(a, x) for x in args))
    if op == "stack" and len(node.data) == 2 and not args[0].shape:
        return a.nodes.make("stack", args[0], data=node.data[::-1])
    if op == "pow" and args[0].shape and not args[1].shape:
        return a.pow(transpose(a, args[0]), args[1])
    if op == "sum":
        summand = transpose(a, args[0]) if args[0].shape else args[0]
        return node if summand is args[0] else a.sum(summand, node.data)
    if len(args) == 1 and args[0].shape == node.shape and transposable(node) and transpose(a, args[0]) is args[0]:
        return node
    return a.nodes.make("transpose", node)


def _turns(parts: Iterable[Node]) -> int:
    """How many transposes stand in these terms."""
    return sum(1 for part in parts for base in factors(part).powers for x in chain(base) if x.op == "transpose")


def transposable(node: Node) -> bool:
    """Whether the operation acts entry by entry."""
    from derive.graph.operations import OPERATIONS

    return OPERATIONS[node.op].elementwise


def inverse(a: Algebra, node: Node) -> Node:
    """The inverse of a square matrix: scalars out, orthogonal and diagonal matrices known, inverses undone."""
    scale, core = a.peeled(node)
    if scale is not NOTHING and (scale.powers or scale.coefficient != 1):
        turned = Factors(1 / scale.coefficient, {base: -power for base, power in scale.powers.items()})
        return _scaled(a, turned, inverse(a, core))
    if node.op == "inverse":
        return node.args[0]
    if node.op == "identity":
        return node
    if node.op == "transpose":
        return transpose(a, inverse(a, node.args[0]))
    if node.op == "kron" and all(_is_square(x) for x in node.args):
        return a.nodes.make("kron", *(inverse(a, x) for x in node.args))
    if node.op == "diag":
        return a.diag(a.div(a.number(1), node.args[0]))
    if a.declares(node, "orthogonal"):
        return transpose(a, node)
    return a.nodes.make("inverse", node)


def _is_square(node: Node) -> bool:
    return len(node.shape) == 2 and node.shape[0] == node.shape[1]


def trace(a: Algebra, node: Node) -> Node:
    """tr A: scalars out; of a bᵀ the inner product, of a diagonal matrix the sum."""
    if not node.shape:
        return node
    scale, core = a.peeled(node)
    if core.op == "outer":
        return _scaled(a, scale, a.matmul(*core.args))
    if core.op == "identity":
        return _scaled(a, scale, a.size(core.shape[0]))
    if core.op == "diag":
        return _scaled(a, scale, a.sum(core.args[0], "all"))
    if core.op == "kron" and all(_is_square(x) for x in core.args):  # tr(A ⊗ B) = tr A tr B
        return _scaled(a, scale, a.mul(*(trace(a, x) for x in core.args)))
    if core.op == "transpose":
        core = core.args[0]
    return product(a.nodes, scale.times(factors(a.nodes.make("trace", core))))
