"""Inverses become solutions of linear systems, determinants in logarithms become log-determinants."""

from __future__ import annotations

from derive.graph.graph import Nodes
from derive.graph.node import Node
from derive.translation.stability.forms import Rule, factors, product

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
    if a.op == "matmul" and len(b.shape) == 1 and a.args[0].op == "transpose" and a.args[0].args[0].op == "solve":
        return solve_last(nodes, nodes.make("matmul", a.args[0], nodes.make("matmul", a.args[1], b)))
    if a.op == "matmul" and len(a.args[1].shape) == 2 and len(b.shape) == 1 and a.args[1].op in {"solve", "transpose", "inverse"}:
        inner = nodes.make("matmul", a.args[1], b)
        changed = solve_last(nodes, inner) or solve(nodes, inner)
        return nodes.make("matmul", a.args[0], changed) if changed is not None else None
    return None


def low_rank(nodes: Nodes, node: Node) -> Node | None:
    """(c I + u vᵀ) B → c B + u (vᵀ B): a matrix of rank one more or less is not built."""
    for place, (matrix, other) in enumerate((node.args, node.args[::-1])):
        if matrix.op != "add" or len(matrix.shape) != 2 or matrix.axes:
            continue
        parts: list[Node] = []
        for term in matrix.args:
            view = factors(term)
            cores = [b for b in view.powers if b.shape]
            if len(cores) != 1 or view.powers[cores[0]] != 1 or cores[0].op not in {"identity", "outer"} or view.exponent:
                break
            core = cores[0]
            if core.op == "identity":
                made = other
            else:
                made = nodes.make("matmul", *((core, other) if place == 0 else (other, core)))
            parts.append(nodes.mul(product(nodes, view.coefficient, {b: p for b, p in view.powers.items() if b is not core}), made))
        else:
            return nodes.add(*parts)
    return None


def least_squares(nodes: Nodes, node: Node) -> Node | None:
    """(XᵀX)⁻¹ Xᵀ y → lstsq(X, y), which does not square the condition of X."""
    gram, right = node.args
    if gram.op != "matmul" or gram.args[0].op != "transpose" or gram.args[0].args[0] is not gram.args[1]:
        return None
    if right.op == "matmul" and right.args[0] is gram.args[0]:
        return nodes.make("lstsq", gram.args[1], right.args[1])
    return None


def ridge(nodes: Nodes, node: Node) -> Node | None:
    """(XᵀX + λ I)⁻¹ Xᵀ y → least squares of X on top of √λ I, which does not square the condition of X either."""
    matrix, right = node.args
    if matrix.op != "add" or len(matrix.args) != 2 or right.op != "matmul" or right.args[0].op != "transpose" or node.axes:
        return None
    x = right.args[0].args[0]
    gram = [a for a in matrix.args if a.op == "matmul" and a.args[0] is right.args[0] and a.args[1] is x]
    rest = [a for a in matrix.args if a not in gram]
    if len(gram) != 1 or x.op not in {"argument", "element"}:
        return None
    weight = _multiple_of_identity(nodes, rest[0])
    if weight is None or not weight.bounds.nonnegative:
        return None
    return nodes.make("ridge", x, right.args[1], nodes.make("sqrt", weight))


def _multiple_of_identity(nodes: Nodes, node: Node) -> Node | None:
    """λ where the node is λ I."""
    if node.op == "identity":
        return nodes.number(1)
    if node.op == "mul" and sum(a.op == "identity" for a in node.args) == 1:
        others = [a for a in node.args if a.op != "identity"]
        return nodes.mul(*others) if all(a.is_scalar for a in others) else None
    if node.op == "div" and node.args[1].is_scalar:
        weight = _multiple_of_identity(nodes, node.args[0])
        return None if weight is None else nodes.div(weight, node.args[1])
    return None


def ones_product(nodes: Nodes, node: Node) -> Node | None:
    """1ᵀ v → Σ v."""
    a, b = node.args
    if len(a.shape) != 1 or len(b.shape) != 1 or not {a.op, b.op} & {"ones", "row"}:
        return None
    for ones, v in ((a, b), (b, a)):
        inner = ones.args[0] if ones.op == "row" else ones
        if inner.op == "ones" and v.op not in {"ones", "row"}:
            return nodes.make("sum", v, data="all")
    return None


def entropy_product(nodes: Nodes, node: Node) -> Node | None:
    """pᵀ log q → Σ p log q, where 0 log 0 may occur and is 0."""
    a, b = (n.args[0] if n.op == "row" else n for n in node.args)
    if len(a.shape) != 1 or len(b.shape) != 1:
        return None
    for x, log in ((a, b), (b, a)):
        if log.op in {"log", "log1p"} and not x.bounds.nonzero and not log.args[0].bounds.positive and x.op != "log":
            return nodes.make("sum", nodes.make("xlogy" if log.op == "log" else "xlog1py", x, log.args[0]), data="all")
    return None


def log_determinant_of_inverse(nodes: Nodes, node: Node) -> Node | None:
    """log det A⁻¹ → −log det A, log det Aᵀ → log det A."""
    inner = node.args[0]
    if inner.op == "inverse":
        return nodes.neg(nodes.make("logdet", inner.args[0]))
    return nodes.make("logdet", inner.args[0]) if inner.op == "transpose" else None


def log_absolute_determinant(nodes: Nodes, node: Node) -> Node | None:
    """log |det A| → the log-determinant, which neither overflows nor underflows."""
    inner = node.args[0]
    return nodes.make("logdet", inner.args[0].args[0]) if inner.op == "abs" and inner.args[0].op == "det" else None


def double_inverse(nodes: Nodes, node: Node) -> Node | None:
    """(A⁻¹)⁻¹ → A."""
    return node.args[0].args[0] if node.args[0].op == "inverse" else None


MATRICES: tuple[Rule, ...] = (
    Rule("double-inverse", "(A⁻¹)⁻¹ = A", ("inverse",), double_inverse),
    Rule("transpose-of-symmetric", "Aᵀ = A for a symmetric A", ("transpose",), transpose_of_symmetric),
    Rule("solve", "A⁻¹ b = solve(A, b)", ("matmul",), solve),
    Rule("solve-last", "(A⁻¹ B) v = A⁻¹ (B v)", ("matmul",), solve_last),
    Rule("low-rank", "(c I + u vᵀ) B = c B + u (vᵀ B)", ("matmul",), low_rank),
    Rule("ones-product", "1ᵀ v = Σ v", ("matmul",), ones_product),
    Rule("entropy-product", "pᵀ log q = Σ xlogy(p, q)", ("matmul",), entropy_product),
    Rule("log-absolute-determinant", "log |det A| = logdet A", ("log",), log_absolute_determinant),
    Rule("log-determinant-of-inverse", "log det A⁻¹ = −log det A", ("logdet",), log_determinant_of_inverse),
    Rule("ridge", "(XᵀX + λI)⁻¹ Xᵀ y = lstsq([X; √λ I], [y; 0])", ("solve",), ridge),
    Rule("least-squares", "(XᵀX)⁻¹ Xᵀ y = lstsq(X, y)", ("solve",), least_squares),
)
