"""Inverses become solutions of linear systems, determinants in logarithms become log-determinants."""

from __future__ import annotations

from derive.graph.graph import Nodes
from derive.graph.node import Node
from derive.translation.stability.forms import Rule

__all__ = ["MATRICES"]


def _transposed(nodes: Nodes, node: Node) -> Node:
    if len(node.shape) < 2:
        return node
    if node.op == "transpose":
        return node.args[0]
    symmetric = node.op == "argument" and node.data[0].properties & {"symmetric", "positive-definite", "positive-semidefinite", "diagonal"}
    return node if symmetric or _is_gram(node) else nodes.make("transpose", node)


def _is_gram(node: Node) -> bool:
    """XᵀX or X Xᵀ."""
    if node.op != "matmul":
        return False
    a, b = node.args
    return (a.op == "transpose" and a.args[0] is b) or (b.op == "transpose" and b.args[0] is a)


def solve(nodes: Nodes, node: Node) -> Node | None:
    """A⁻¹ b → solve(A, b), b A⁻¹ → (solve(Aᵀ, bᵀ))ᵀ."""
    a, b = node.args
    if a.op == "inverse" and not node.axes:
        return nodes.make("solve", a.args[0], b)
    if b.op == "inverse" and not node.axes:
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
    Rule("solve", "A⁻¹ b = solve(A, b)", ("matmul",), solve),
    Rule("solve-last", "(A⁻¹ B) v = A⁻¹ (B v)", ("matmul",), solve_last),
    Rule("least-squares", "(XᵀX)⁻¹ Xᵀ y = lstsq(X, y)", ("solve",), least_squares),
)
