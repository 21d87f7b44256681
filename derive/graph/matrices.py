"""Terms of linear algebra: products by shape, transposes, inverses, norms, literals, identities sized by what stands beside them.

A transposed vector is a `row` node until a product takes it up. An identity or a vector of ones without a size has the size UNKNOWN
until a sum or product gives it one.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from derive.errors import NotSupported, TooLarge, Undetermined, WrongUse
from derive.expressions.term import Term
from derive.graph.graph import Nodes
from derive.graph.joining import JOINED, joined
from derive.graph.node import Axis, Node, Shape
from derive.graph.sizes import ONE, ZERO, Size, constant_size, named_size, size_of

if TYPE_CHECKING:
    from derive.graph.build import Builder

UNKNOWN = named_size("?")
LARGEST_POWER = 1024


# ---------------------------------------------------------------------------------------------- sizes by unification
def resolved(nodes: Nodes, node: Node, size: Size) -> Node:
    """The node with the unknown size known."""
    if UNKNOWN not in node.shape and not any(UNKNOWN in a.shape for a in node.args):
        return node
    if node.op in {"identity", "ones"}:
        return nodes.make(node.op, data=tuple(size if s == UNKNOWN else s for s in node.data))
    return nodes.remake(node, tuple(resolved(nodes, a, size) for a in node.args))


def same_shape(nodes: Nodes, parts: list[Node]) -> list[Node]:
    """The terms of a sum, unknown sizes taken from the others; a transposed vector loses its mark."""
    known: Shape = next((p.shape for p in parts if p.shape and UNKNOWN not in p.shape), ())
    parts = [p.args[0] if p.op == "row" else p for p in parts]
    if not known:
        return parts
    return [_resolved_beside(nodes, p, known) for p in parts]


def _resolved_beside(nodes: Nodes, part: Node, known: Shape) -> Node:
    """The part with the unknown size that the shape beside it says."""
    if UNKNOWN not in part.shape:
        return part
    return resolved(nodes, part, known[part.shape.index(UNKNOWN)] if len(part.shape) == len(known) else known[0])


def of_shape(nodes: Nodes, node: Node, shape: Shape) -> Node:
    """The value at which a variable of this shape is set: 0 is the array of zeros, 𝟏 and I get their sizes."""
    if node.op == "row":
        node = node.args[0]
    if UNKNOWN in node.shape and shape:
        node = resolved(nodes, node, shape[0])
    if node.op == "number" and node.data == 0 and shape:
        zeros = nodes.make("ones", data=shape[:1])
        for size in shape[1:]:
            zeros = nodes.make("outer", zeros, nodes.make("ones", data=(size,)))
        return nodes.mul(node, zeros)
    if node.shape != shape:
        raise Undetermined("the point has not the shape of the variable")
    return node


# ---------------------------------------------------------------------------------------------- products
def product(b: Builder, term: Term) -> Node:
    """The product of scalars, vectors and matrices, from left to right."""
    nodes = b.nodes
    if term.data == "np":
        return nodes.mul(*same_shape(nodes, [b.build(a) for a in term.args]))
    scalars: list[Node] = []
    result: Node | None = None
    for argument in term.args:
        factor = b.build(argument)
        if not factor.shape:
            scalars.append(factor)
        elif result is None:
            result = factor
        else:
            result = times(nodes, result, factor, numpy=term.head == "matmul")
            if not result.shape:
                scalars.append(result)
                result = None
    if result is None:
        return nodes.mul(*scalars)
    if not scalars:
        return result
    if result.op == "row":
        return nodes.make("row", nodes.mul(*scalars, result.args[0]))
    return nodes.mul(*scalars, result)


def times(nodes: Nodes, left: Node, right: Node, numpy: bool = False) -> Node:
    """The product of two values with a shape."""
    left_row, right_row = left.op == "row", right.op == "row"
    a, c = (left.args[0] if left_row else left), (right.args[0] if right_row else right)
    if UNKNOWN in a.shape and UNKNOWN not in c.shape:
        if a.op == "identity":
            return right
        a = resolved(nodes, a, c.shape[0])
    elif UNKNOWN in c.shape and UNKNOWN not in a.shape:
        if c.op == "identity":
            return left
        c = resolved(nodes, c, a.shape[-1])
    if right_row:
        if not left_row and len(a.shape) == 1:
            return nodes.make("outer", a, c)
        raise NotSupported("a product with a transposed vector on the right of a matrix or of another one")
    if len(a.shape) == 1 and not left_row and not (numpy or (len(c.shape) == 2 and c.shape[0] == ONE)):
        raise NotSupported("a product of column vectors; a transpose or an elementwise product may be meant")
    if a.op == c.op == "vec":
        return nodes.make("sum", nodes.mul(a.args[0], c.args[0]), data="all")
    result = nodes.make("matmul", a, c)
    return nodes.make("row", result) if left_row and len(c.shape) == 2 else result


def power(nodes: Nodes, base: Node, exponent: int | None) -> Node:
    """A whole power of a square matrix."""
    if exponent is None:
        raise NotSupported("code for a matrix to a power that is no whole number")
    if abs(exponent) > LARGEST_POWER:
        raise TooLarge("the power of the matrix is too large")
    if exponent < 0:
        base, exponent = nodes.make("inverse", base), -exponent
    if exponent == 0:
        return nodes.make("identity", data=base.shape)
    if exponent == 1:
        return base
    return nodes.make("matmul", base, base) if exponent == 2 else nodes.make("matrix_power", base, data=exponent)


def diagonal_of(nodes: Nodes, matrix: Node) -> Node | None:
    """The entries of a diagonal matrix on its diagonal; None where the matrix is not known to be one."""
    if matrix.op == "diag":
        return matrix.args[0]
    declared = matrix.op == "argument" and "diagonal" in matrix.data[0].properties
    return nodes.make("diagonal", matrix) if declared else None


def transpose(b: Builder, term: Term) -> Node:
    """Aᵀ; a vector becomes a row."""
    node = b.build(term.args[0])
    if node.op == "row":
        return node.args[0]
    return transposed(b.nodes, node)


def transposed(nodes: Nodes, node: Node) -> Node:
    """The transpose of a value; a vector becomes a row."""
    if len(node.shape) == 1:
        return nodes.make("row", node)
    if node.op == "transpose":
        return node.args[0]
    symmetric = node.op in {"identity", "diag", "leadingeigen", "trailingeigen"} or (
        node.op == "argument" and node.data[0].properties & SYMMETRIC
    )
    return node if not node.shape or symmetric else nodes.make("transpose", node)


SYMMETRIC = frozenset(("symmetric", "diagonal", "positive-definite", "positive-semidefinite"))


def inverse(b: Builder, term: Term) -> Node:
    """A^{-1}; the reciprocal of a scalar."""
    node = b.column(term.args[0])
    return b.nodes.make("inverse", node) if node.shape else b.nodes.div(b.nodes.number(1), node)


def pseudoinverse(b: Builder, term: Term) -> Node:
    """A⁺; WrongUse for what is no matrix."""
    node = b.column(term.args[0])
    if len(node.shape) < 2:
        raise WrongUse("the superscript + is the pseudo-inverse of a matrix", span=term.span, expected=("a matrix",))
    return b.nodes.make("pinv", node)


def inner(b: Builder, term: Term) -> Node:
    """⟨x, y⟩: of vectors the dot product, of matrices tr(XᵀY)."""
    left, right = b.each(term.args)
    if len(left.shape) == 1:
        return b.nodes.make("matmul", left, right)
    return b.nodes.make("sum", b.nodes.mul(left, right), data="all") if left.shape else b.nodes.mul(left, right)


def kronecker(b: Builder, term: Term) -> Node:
    """A ⊗ B ⊗ …"""
    parts = b.each(term.args)
    result = parts[0]
    for part in parts[1:]:
        if len(result.shape) != len(part.shape):
            raise NotSupported("a Kronecker product of values of different rank", span=term.span)
        result = b.nodes.make("kron", result, part)
    return result


# ---------------------------------------------------------------------------------------------- scalars of arrays
def absolute(b: Builder, term: Term) -> Node:
    """|x|, entry by entry; of a square matrix the determinant."""
    node = b.column(term.args[0])
    return b.nodes.make("det" if len(node.shape) == 2 else "abs", node)


def norm(b: Builder, term: Term) -> Node:
    """‖x‖ of a vector or matrix; of a scalar the absolute value."""
    node = b.column(term.args[0])
    if not node.shape:
        return b.nodes.make("abs", node)
    kind = term.data or ("F" if len(node.shape) == 2 else "2")
    if node.op == "vec" and kind == "2":
        node, kind = node.args[0], "F"
    if kind == "spectral":
        kind = "2"
    if len(node.shape) > 2 and kind in {"2", "F"}:  # of a tensor: the root of the sum of squares
        return b.nodes.pow(b.nodes.make("sum", b.nodes.pow(node, b.nodes.number(2)), data="all"), b.nodes.number(Fraction(1, 2)))
    if kind not in {"1", "2", "inf", "F", "*", "0", "p"} or (kind == "p" and len(term.args) < 2):
        raise NotSupported(f"code for the norm {kind}", span=term.span)
    if kind == "*" and len(node.shape) == 1:
        raise NotSupported("the nuclear norm of a vector", span=term.span)
    args = (node, b.column(term.args[1])) if kind == "p" else (node,)
    return b.nodes.make("norm", *args, data=kind)


def layernorm(nodes: Nodes, x: Node, more: list[Node]) -> Node:
    """(x − mean)/√variance over the last axis; with γ and β it is scaled and shifted (Ba et al. 2016, equation 4, without ε)."""
    size = nodes.size(x.shape[-1])

    def along(row: Node) -> Node:
        return nodes.make("outer", row, nodes.make("ones", data=x.shape[-1:])) if len(x.shape) == 2 else row

    def mean(of: Node) -> Node:
        total = nodes.make("sum", of, data="last" if len(x.shape) == 2 else "all")
        return nodes.div(total, size)

    if len(x.shape) > 2:
        raise NotSupported("layer normalisation of an array of three dimensions and more")
    centred = nodes.sub(x, along(mean(x)))
    deviation = nodes.make("sqrt", mean(nodes.pow(centred, nodes.number(2))))
    made = nodes.div(centred, along(deviation))
    for place, parameter in enumerate(more):
        whole = parameter
        if len(x.shape) == 2 and len(parameter.shape) == 1:
            whole = nodes.make("outer", nodes.make("ones", data=x.shape[:1]), parameter)
        made = nodes.mul(whole, made) if place == 0 else nodes.add(made, whole)
    return made


# ---------------------------------------------------------------------------------------------- literals
def literal(nodes: Nodes, entries: list[Node], shape: tuple[int, ...]) -> Node:
    """A vector or matrix written out."""
    return nodes.make("array", *entries, data=tuple(constant_size(s) for s in shape))


def vector(b: Builder, term: Term) -> Node:
    """`[1, 2]`, `(f, g)`."""
    return literal(b.nodes, b.each(term.args), (len(term.args),))


def matrix(b: Builder, term: Term) -> Node:
    """`[[1, 2], [3, 4]]`."""
    entries = b.each(term.args)
    if any(e.shape for e in entries):
        raise NotSupported("code for a block matrix", span=term.span)
    return literal(b.nodes, entries, term.data)


def identity(b: Builder, term: Term) -> Node:
    """I or I_n."""
    size = size_of(term.args[0]) if term.args else UNKNOWN
    if size is None:
        raise NotSupported("an identity of this size", span=term.span)
    return b.nodes.make("identity", data=(size, size))


def ones(b: Builder, term: Term) -> Node:
    """The vector of ones."""
    size = size_of(term.args[0]) if term.args else UNKNOWN
    if size is None:
        raise NotSupported("a vector of ones of this size", span=term.span)
    return b.nodes.make("ones", data=(size,))


def function(nodes: Nodes, name: str, args: list[Node]) -> Node:
    """A function of a matrix: det, tr, diag."""
    array = args[0]
    if name in {"det", "logdet"}:
        if not array.shape:
            return array if name == "det" else nodes.make("log", array)
        return nodes.make("det", array) if name == "det" else nodes.make("log", nodes.make("det", array))
    if name == "tr":
        return nodes.make("trace", array) if array.shape else array
    if name == "diag":
        if len(args) > 1 or not array.shape:
            return nodes.make("diag", literal(nodes, args, (len(args),)))
        return nodes.make("diag" if len(array.shape) == 1 else "diagonal", array)
    if name in {"polarfactor", "leadingpair"}:
        return nodes.make(name, array)
    if name in JOINED:
        return joined(nodes, name, args)
    if name in {"eigmax", "eigmin", "leadingeigen", "trailingeigen"}:
        return nodes.make(name, array) if array.shape else array
    if name == "onehot" and len(args) == 2 and len(array.shape) <= 1:
        return _onehot(nodes, array, args[1])
    raise NotSupported(f"code for the function {name}")


def _onehot(nodes: Nodes, labels: Node, count: Node) -> Node:
    """Unit vectors at labels that count from 1: one vector, or one row a label."""
    size = count.data if count.op == "size" else constant_size(int(count.data)) if count.op == "number" else None
    if size is None:
        raise NotSupported("unit vectors of this length")
    place = Axis("k'", ONE, size)
    here = nodes.sub(nodes.index(place), nodes.number(1))
    position = nodes.sub(labels, nodes.number(1))
    if not labels.shape:
        return nodes.make("stack", nodes.make("delta", here, position), data=(place,))
    row = Axis("i'", ONE, labels.shape[0])
    each = nodes.make("element", position, data=(("run", row, ZERO),))
    return nodes.make("stack", nodes.make("delta", here, each), data=(row, place))
