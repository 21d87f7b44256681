"""Inverses become solutions of linear systems, determinants in logarithms become log-determinants."""

from __future__ import annotations

from derive.graph.graph import Nodes
from derive.graph.node import Node
from derive.translation.stability.forms import Rule

__all__ = ["MATRICES"]


SYMMETRIC = frozenset(("symmetric", "positive-definite", "positive-semidefinite", "diagonal"))


def _transposed(nodes: Nodes, node: Node) -> Node:
    if len(node.shape) < 2:
        return node
    if node.op == "transpose":
        return node.args[0]
    return node if is_symmetric(node) else nodes.make("transpose", node)


def is_symmetric(node: Node) -> bool:
    """Whether a matrix is its own transpose by how it is made."""
    op, args = node.op, node.args
    if len(node.shape) != 2:
        return not node.shape
    if op == "argument":
        return bool(node.data[0].properties & SYMMETRIC)
    if op in {"identity", "diag"}:
        return True
    if op in {"inverse", "pinv", "neg", "mul", "div", "sum", "mean", "transpose", "matrix_power"}:
        return node.data not in {"last", "all"} and all(is_symmetric(a) for a in args)
    if op == "add":
        rest = [a for a in args if not is_symmetric(a)]
        return all(rest.count(a) == sum(_opposite(a, b) for b in rest) for a in rest)
    if op == "outer":
        return args[0] is args[1]
    if op == "matmul":
        chain = _chain(node)
        return all(_opposite(a, b) for a, b in zip(chain, reversed(chain), strict=True))
    return False


def _chain(node: Node) -> list[Node]:
    """The factors of a product of matrices."""
    return [f for a in node.args for f in _chain(a)] if node.op == "matmul" and len(node.shape) == 2 else [node]


def _opposite(a: Node, b: Node) -> bool:
    """Whether one is the transpose of the other."""
    if a is b:
        return a.op != "matmul" and is_symmetric(a)
    if {a.op, b.op} == {"neg"}:
        return _opposite(a.args[0], b.args[0])
    return (a.op == "transpose" and a.args[0] is b) or (b.op == "transpose" and b.args[0] is a)


def transpose_of_symmetric(nodes: Nodes, node: Node) -> Node | None:
    """Aᵀ → A for a symmetric A."""
    return node.args[0] if is_symmetric(node.args[0]) else None


def solve(nodes: Nodes, node: Node) -> Node | None:
    """A⁻¹ b → solve(A, b), b A⁻¹ → (solve(Aᵀ, bᵀ))ᵀ."""
    a, b = node.args
    if a.op == "inverse" and not a.data and not node.axes:
        return nodes.make("solve", a.args[0], b)
    if b.op == "inverse" and not b.data and not node.axes:
        made = nodes.make("solve", _transposed(nodes, b.args[0]), _transposed(nodes, a))
        return made if len(made.shape) == 1 else nodes.make("transpose", made)
    return None


def solve_last(nodes: Nodes, node: Node) -> Node | None:
    """(A⁻¹ B) v → A⁻¹ (B v), v (Bᵀ A⁻¹) likewise: the vector first."""
    a, b = node.args
    if a.op == "solve" and len(b.shape) == 1 and len(a.args[1].shape) == 2:
        return nodes.make("solve", a.args[0], nodes.make("matmul", a.args[1], b))
    if a.op == "transpose" and a.args[0].op == "solve" and len(b.shape) == 1:
        inner = a.args[0]
        return nodes.make("matmul", _transposed(nodes, inner.args[1]), nodes.make("solve", _transposed(nodes, inner.args[0]), b))
    if a.op == "matmul" and len(a.args[1].shape) == 2 and len(b.shape) == 1 and a.args[1].op in {"solve", "transpose", "inverse"}:
        inner = nodes.make("matmul", a.args[1], b)
        changed = solve_last(nodes, inner) or solve(nodes, inner)
        return nodes.make("matmul", a.args[0], changed) if changed is not None else None
    return None


def least_squares(nodes: Nodes, node: Node) -> Node | None:
    """(XᵀX)⁻¹ Xᵀ y → lstsq(X, y), which does not square the condition of X."""
    gram, right = node.args
    if gram.op != "matmul" or gram.args[0].op != "transpose" or gram.args[0].args[0] is not gram.args[1]:
        return None
    if right.op == "matmul" and right.args[0] is gram.args[0]:
        return nodes.make("lstsq", gram.args[1], right.args[1])
    return None


def double_inverse(nodes: Nodes, node: Node) -> Node | None:
    """(A⁻¹)⁻¹ → A."""
    return node.args[0].args[0] if node.args[0].op == "inverse" else None


MATRICES: tuple[Rule, ...] = (
    Rule("double-inverse", "(A⁻¹)⁻¹ = A", ("inverse",), double_inverse),
    Rule("transpose-of-symmetric", "Aᵀ = A for a symmetric A", ("transpose",), transpose_of_symmetric),
    Rule("solve", "A⁻¹ b = solve(A, b)", ("matmul",), solve),
    Rule("solve-last", "(A⁻¹ B) v = A⁻¹ (B v)", ("matmul",), solve_last),
    Rule("least-squares", "(XᵀX)⁻¹ Xᵀ y = lstsq(X, y)", ("solve",), least_squares),
)
