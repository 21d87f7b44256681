"""Sums, products, and the operations of linear algebra.

Sources: Petersen & Pedersen, The Matrix Cookbook (2012), sections 2.1 to 2.5; Giles, Collected matrix derivative results (2008).
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.errors import NotSupported
from derive.graph.calculus.adjoints.types import Adjoint
from derive.graph.calculus.algebra import Algebra
from derive.graph.calculus.chains import chain
from derive.graph.node import Axis, Node
from derive.graph.sizes import ONE, ZERO

__all__ = ["ARRAYS"]

Parts = Sequence[Node | None]
LARGEST_POWER = 12


def _add(a: Algebra, node: Node, g: Node) -> Parts:
    return [g for _ in node.args]


def _mul(a: Algebra, node: Node, g: Node) -> Parts:
    """d(x y z) = (y z) dx + …"""
    made: list[Node | None] = []
    for place, argument in enumerate(node.args):
        if argument not in a.wanted:
            made.append(None)
            continue
        others = [x for k, x in enumerate(node.args) if k != place]
        made.append(a.mul(g, *others))
    return made


def _matmul(a: Algebra, node: Node, g: Node) -> Parts:
    """d(A B) = dA B + A dB: G Bᵀ and Aᵀ G."""
    left, right = node.args
    g = a.full(g, node.shape)
    if left is right and len(left.shape) == 1:
        return a.mul(a.number(2), g, left), None
    if len(left.shape) == 1 and len(right.shape) == 1:
        return a.mul(g, right), a.mul(g, left)
    if len(right.shape) == 1:
        return a.outer(g, right), a.matmul(a.transpose(left), g)
    if len(left.shape) == 1:
        return a.matmul(right, g), a.outer(left, g)
    return a.matmul(g, a.transpose(right)), a.matmul(a.transpose(left), g)


def _outer(a: Algebra, node: Node, g: Node) -> Parts:
    u, v = node.args
    g = a.full(g, node.shape)
    return a.matmul(g, v), a.matmul(a.transpose(g), u)


def _transpose(a: Algebra, node: Node, g: Node) -> Parts:
    return (a.transpose(g) if g.shape else g,)


def _inverse(a: Algebra, node: Node, g: Node) -> Parts:
    """d(A⁻¹) = −A⁻¹ dA A⁻¹."""
    turned = a.transpose(node)
    return (a.neg(a.matmul(turned, a.matmul(a.full(g, node.shape), turned))),)


def _pinv(a: Algebra, node: Node, g: Node) -> Parts:
    """d(A⁺) = −A⁺ dA A⁺ + A⁺A⁺ᵀ dAᵀ (I − A A⁺) + (I − A⁺A) dAᵀ A⁺ᵀA⁺ at constant rank (Golub & Pereyra 1973, equation 4.12)."""
    matrix, turned = node.args[0], a.transpose(node)
    g = a.full(g, node.shape)
    across = a.transpose(g)
    outside = a.sub(a.identity(matrix.shape[0]), a.matmul(matrix, node))
    inside = a.sub(a.identity(matrix.shape[1]), a.matmul(node, matrix))
    first = a.neg(a.matmul(turned, a.matmul(g, turned)))
    second = a.matmul(outside, a.matmul(across, a.matmul(node, turned)))
    third = a.matmul(turned, a.matmul(node, a.matmul(across, inside)))
    return (a.add(first, second, third),)


def _kron(a: Algebra, node: Node, g: Node) -> Parts:
    """(A ⊗ B)_{(i−1)p+k, (j−1)q+l} = A_ij B_kl: what stands at the place of the product, summed over the other factor."""
    left, right = node.args
    if len(left.shape) != 2:
        raise NotSupported("gradients of a Kronecker product of vectors")
    g = a.full(g, node.shape)
    outer = [Axis(letter, ONE, size) for letter, size in zip(("i'", "j'"), left.shape, strict=True)]
    inner = [Axis(letter, ONE, size) for letter, size in zip(("k'", "l'"), right.shape, strict=True)]
    places = [
        a.nodes.add(
            a.nodes.mul(a.nodes.size(within.size), a.nodes.sub(a.nodes.index(block), a.number(1))),
            a.nodes.sub(a.nodes.index(within), a.nodes.number(1)),
        )
        for block, within in zip(outer, inner, strict=True)
    ]
    here = a.element(g, (("at", 1), ("at", 2)), *places)
    made: list[Node | None] = []
    for argument, other, kept, gone in ((left, right, outer, inner), (right, left, inner, outer)):
        if argument not in a.wanted:
            made.append(None)
            continue
        body = a.mul(here, a.element(other, tuple(("run", axis, ZERO) for axis in gone)))
        for axis in reversed(gone):
            body = a.nodes.make("sum", body, data=axis)
        made.append(a.nodes.make("stack", body, data=tuple(kept)))
    return made


def _det(a: Algebra, node: Node, g: Node) -> Parts:
    """d det A = det(A) tr(A⁻¹ dA)."""
    return (a.mul(g, node, a.transpose(a.inverse(node.args[0]))),)


def _logdet(a: Algebra, node: Node, g: Node) -> Parts:
    """d log det A = tr(A⁻¹ dA); of a product of square matrices the product of their inverses."""
    parts = chain(node.args[0])
    if len(parts) > 1 and all(p.shape == node.args[0].shape for p in parts):
        turned = [a.transpose(a.inverse(p)) for p in parts]
        whole = turned[0]
        for part in turned[1:]:
            whole = a.matmul(whole, part)
        return (a.mul(g, whole),)
    return (a.mul(g, a.transpose(a.inverse(node.args[0]))),)


def _trace(a: Algebra, node: Node, g: Node) -> Parts:
    inner = node.args[0]
    if inner.op == "matrix_power":
        raise NotSupported("a trace of a power in this form")
    return (a.mul(g, a.identity(inner.shape[0])),)


def _norm(a: Algebra, node: Node, g: Node) -> Parts:
    x, kind = node.args[0], node.data
    if kind == "F" or (kind == "2" and len(x.shape) == 1):
        return (a.mul(g, a.div(x, node)),)
    if kind in ("*", "2") and len(x.shape) == 2:  # Watson 1992, section 2: where singular values are positive, or the largest is simple
        made = a.nodes.make("polarfactor" if kind == "*" else "leadingpair", x)
        a.used[made.op, ""] = None
        return (a.mul(g, made),)
    if kind == "1" and len(x.shape) == 1:
        return (a.mul(g, a.function("sign", x)),)
    if kind == "inf" and len(x.shape) == 1:
        largest = a.function("indicator", a.function("equal", a.function("abs", x), node))
        return (a.mul(g, a.function("sign", x), largest),)
    if kind == "p":
        p = node.args[1]
        if p.op == "argument" or p.op == "number":
            size = a.nodes.make("pow", a.function("abs", x), a.sub(p, a.number(1)))
            slope = a.div(a.mul(a.function("sign", x), size), a.nodes.make("pow", node, a.sub(p, a.number(1))))
            return a.mul(g, slope), None
    names = {"1": "1-norm", "inf": "∞-norm", "0": "0-norm", "p": "p-norm"}
    of = "" if len(x.shape) == 1 else " of a matrix"
    suggestion = "sum(abs(A)) for the sum of the sizes of all entries" if kind == "1" and of else None
    raise NotSupported(f"gradients of the {names.get(kind, kind)}{of}", suggestion=suggestion)


def _extreme_eigenvalue(a: Algebra, node: Node, g: Node) -> Parts:
    """dλ = vᵀ dA v for a simple eigenvalue of a symmetric matrix with the unit eigenvector v (Magnus 1985, theorem 1)."""
    made = a.nodes.make("leadingeigen" if node.op == "eigmax" else "trailingeigen", node.args[0])
    a.used[made.op, ""] = None
    return (a.mul(g, made),)


def _concat(a: Algebra, node: Node, g: Node) -> Parts:
    """Every part has the stretch of the adjoint at its place."""
    whole, start, made = a.full(g, node.shape), ZERO, []
    for argument in node.args:
        length = argument.shape[node.data]
        made.append(a.slice(whole, (node.data, start, length)) if argument in a.wanted else None)
        start = start + length
    return made


def _vec(a: Algebra, node: Node, g: Node) -> Parts:
    """⟨g, vec dA⟩ = ⟨unvec g, dA⟩."""
    return (a.reshaped("unvec", a.full(g, node.shape), node.args[0].shape),)


def _unvec(a: Algebra, node: Node, g: Node) -> Parts:
    return (a.reshaped("vec", a.full(g, node.shape), None),)


def _slice(a: Algebra, node: Node, g: Node) -> Parts:
    """The adjoint at its place, zeros around it."""
    dimension, first, length = node.data
    shape = node.args[0].shape
    rest = shape[dimension] - first - length
    around = [
        a.nodes.mul(a.number(0), a.ones((*shape[:dimension], size, *shape[dimension + 1 :]))) if size != ZERO else None
        for size in (first, rest)
    ]
    parts = [part for part in (around[0], a.full(g, node.shape), around[1]) if part is not None]
    return (parts[0] if len(parts) == 1 else a.nodes.make("concat", *parts, data=dimension),)


def _diag(a: Algebra, node: Node, g: Node) -> Parts:
    return (a.diagonal(g) if g.shape else g,)


def _diagonal(a: Algebra, node: Node, g: Node) -> Parts:
    return (a.diag(a.full(g, node.shape)),)


def _matrix_power(a: Algebra, node: Node, g: Node) -> Parts:
    """d(A^k) = Σ A^i dA A^{k−1−i}."""
    if node.data > LARGEST_POWER:
        raise NotSupported(f"gradients of a matrix to a power above {LARGEST_POWER}")
    base = a.transpose(node.args[0])
    g = a.full(g, node.shape)
    terms = []
    for k in range(node.data):
        left, right = _powered(a, base, k), _powered(a, base, node.data - 1 - k)
        term = g
        term = term if right is None else a.matmul(term, right)
        term = term if left is None else a.matmul(left, term)
        terms.append(term)
    return (a.add(*terms),)


def _powered(a: Algebra, base: Node, k: int) -> Node | None:
    if k == 0:
        return None
    return base if k == 1 else a.matmul(base, base) if k == 2 else a.nodes.make("matrix_power", base, data=k)


def _array(a: Algebra, node: Node, g: Node) -> Parts:
    """A literal: every entry has the adjoint of its place."""
    if any(x.shape for x in node.args):
        raise NotSupported("gradients of a literal of vectors")
    if not g.shape:
        return [g for _ in node.args]
    sizes = [s.constant or 0 for s in node.data]
    made = []
    for flat in range(len(node.args)):
        place = [flat] if len(sizes) == 1 else [flat // sizes[1], flat % sizes[1]]
        specs = tuple(("at", k + 1) for k in range(len(place)))
        made.append(a.element(g, specs, *(a.number(p) for p in place)))
    return made


ARRAYS: dict[str, Adjoint] = {
    "add": _add,
    "mul": _mul,
    "matmul": _matmul,
    "outer": _outer,
    "transpose": _transpose,
    "row": lambda a, node, g: (g,),
    "inverse": _inverse,
    "pinv": _pinv,
    "kron": _kron,
    "det": _det,
    "logdet": _logdet,
    "trace": _trace,
    "norm": _norm,
    "concat": _concat,
    "slice": _slice,
    "vec": _vec,
    "unvec": _unvec,
    "eigmax": _extreme_eigenvalue,
    "eigmin": _extreme_eigenvalue,
    "diag": _diag,
    "diagonal": _diagonal,
    "matrix_power": _matrix_power,
    "array": _array,
}
