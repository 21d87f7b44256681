"""Forms that have a name: log det, log Σ exp, log(1 + eᶻ), 1/(1 + e⁻ᶻ), log σ, log softmax.

In: a graph as it was written. Out: the same value with the named operations, whose derivatives are short and stable.
"""

from __future__ import annotations

from derive.graph.calculus.algebra import Algebra
from derive.graph.calculus.factors import Factors, factors, is_number, product
from derive.graph.calculus.lifting import lifted
from derive.graph.graph import walk
from derive.graph.node import Axis, Node

__all__ = ["recognised"]


def recognised(a: Algebra, root: Node) -> Node:
    """The node rebuilt through the algebra with named forms in the place of what spells them out."""
    done: dict[Node, Node] = {}
    for node in walk((root,)):
        made = a.remade(node, tuple(done[x] for x in node.args))
        done[node] = _named(a, made)
    return done[root]


def _named(a: Algebra, node: Node) -> Node:
    if node.op == "log":
        return _log(a, node.args[0], node)
    if node.op in ("amax", "amin") and isinstance(node.data, Axis) and not node.args[0].shape:
        whole = lifted(a, node.args[0], node.data)
        if whole is not None and len(whole.shape) == 1:
            return a.nodes.make(node.op, whole, data="all")
    if node.op == "norm" and node.data == "F" and node.args[0].op == "kron":
        return a.mul(*(a.nodes.make("norm", f, data="F") for f in node.args[0].args))
    if node.op == "maximum" and node.shape and node.args[1] is a.neg(node.args[0]):
        return a.function("abs", node.args[0])
    if node.op in ("div", "mul") and node.shape:
        found = _softmax(a, node)
        if found is not None:
            return found
    if node.op == "div" and is_number(node.args[0], 1):
        inner = _one_plus_exp(node.args[1])
        if inner is not None:
            return a.function("sigmoid", a.neg(inner))
    return node


def _softmax(a: Algebra, node: Node) -> Node | None:
    """exp(z)/Σ exp(z) of a vector, exp(Z) over the sums of its rows or of its columns."""
    view = factors(node)
    for top in [b for b, p in view.powers.items() if p == 1 and b.op == "exp" and b.shape]:
        for bottom in [b for b, p in view.powers.items() if p == -1]:
            made = _normalised(a, top, bottom)
            if made is not None:
                rest = Factors(view.coefficient, {b: p for b, p in view.powers.items() if b is not top and b is not bottom})
                return product(a.nodes, rest.times(factors(made)))
    return None


def _normalised(a: Algebra, top: Node, bottom: Node) -> Node | None:
    """The softmax that top over bottom is."""
    z = top.args[0]
    if len(top.shape) == 1:
        return _softmax_of(a, z) if bottom.op == "sum" and bottom.data == "all" and bottom.args[0] is top else None
    if bottom.op != "outer" or len(top.shape) != 2:
        return None
    rows, columns = bottom.args
    if columns.op == "ones" and _is_row_sum(rows, top):
        return _softmax_of(a, z)
    turned = a.transpose(top)
    if rows.op == "ones" and (_is_row_sum(columns, turned) or _is_row_sum(columns, a.nodes.make("transpose", top))):
        return a.transpose(_softmax_of(a, a.transpose(z)))
    return None


def _is_row_sum(node: Node, matrix: Node) -> bool:
    summed = node.op == "sum" and node.data == "last" and node.args[0] is matrix
    return summed or (node.op == "matmul" and node.args[0] is matrix and node.args[1].op == "ones")


def _softmax_of(a: Algebra, z: Node) -> Node:
    """softmax(Z); what is the same along a row, as the largest entry that is subtracted for stability, changes nothing."""
    if z.op == "add":
        kept = [t for t in z.args if t.shape and not any(b.op == "outer" and b.args[1].op == "ones" for b in factors(t).powers)]
        if kept and len(kept) < len(z.args):
            z = a.add(*kept)
    return a.nodes.make("softmax", z, data="last")


def _one_plus_exp(node: Node) -> Node | None:
    """z where the node is 1 + e^z."""
    if node.op != "add" or len(node.args) != 2:
        return None
    for one, power in (node.args, node.args[::-1]):
        if is_number(one, 1) and power.op == "exp":
            return power.args[0]
    return None


def _log(a: Algebra, x: Node, node: Node) -> Node:
    if x.op == "det" and x.args[0].op == "kron" and all(f.shape[0] == f.shape[1] for f in x.args[0].args):
        left, right = x.args[0].args  # log det(A ⊗ B) = n log det A + m log det B
        terms = [(right, left), (left, right)]
        return a.add(*(a.mul(a.size(other.shape[0]), _named(a, a.function("log", a.nodes.make("det", f)))) for other, f in terms))
    if x.op == "det" or (x.op == "abs" and x.args[0].op == "det"):
        return a.nodes.make("logdet", x.args[0]) if x.op == "det" else a.nodes.make("logdet", x.args[0].args[0], data="abs")
    if x.op == "exp":
        return x.args[0]
    if x.op == "sum" and x.args[0].op == "exp":
        exponent = x.args[0].args[0]
        if isinstance(x.data, Axis) and not exponent.shape:
            whole = lifted(a, exponent, x.data)
            if whole is not None and len(whole.shape) == 1:
                return a.nodes.make("logsumexp", whole, data="all")
        return a.nodes.make("logsumexp", exponent, data=x.data)
    if x.op == "matmul" and x.args[0].op == "exp" and x.args[1].op == "ones" and len(x.args[0].shape) == 2:  # the sums of rows
        return a.nodes.make("logsumexp", x.args[0].args[0], data="last")
    inner = _one_plus_exp(x)
    if inner is not None:
        return a.function("softplus", inner)
    if x.op == "sigmoid":
        return a.function("log_sigmoid", x.args[0])
    if x.op == "softmax":
        return a.nodes.make("log_softmax", x.args[0], data=x.data)
    if x.op == "element" and x.args[0].op == "softmax" and len(x.args[0].shape) == 1:
        whole = a.nodes.make("log_softmax", x.args[0].args[0], data=x.args[0].data)
        return a.element(whole, x.data, *x.args[1:])
    if x.op == "element" and x.args[0].op == "softmax":
        whole = a.nodes.make("log_softmax", x.args[0].args[0], data=x.args[0].data)
        return a.element(whole, x.data, *x.args[1:])
    if x.op == "add" and len(x.args) == 2:
        for one, other in (x.args, x.args[::-1]):
            if is_number(one, 1) and other.op == "neg" and other.args[0].op == "sigmoid":
                return a.function("log_sigmoid", a.neg(other.args[0].args[0]))
    return _log_of_product(a, x, node)


def _log_of_product(a: Algebra, x: Node, node: Node) -> Node:
    """log(|A| / |B|) = log|A| − log|B|, log(c eᶻ) = log c + z: where a factor is a determinant or an exponential."""
    view = factors(x)
    if not any(b.op in ("det", "exp") for b in view.powers) or view.coefficient <= 0:
        return node
    dets = [b for b in view.powers if b.op == "det"]
    if any(not b.bounds.positive for b in dets) and len(view.powers) > 1:
        if any(b.op not in ("det", "exp", "number", "constant", "size") and not b.bounds.positive for b in view.powers):
            return node
    terms = [] if view.coefficient == 1 else [a.function("log", a.number(view.coefficient))]
    for base, power in view.powers.items():
        terms.append(a.mul(a.number(power), _named(a, a.function("log", base))))
    return a.add(*terms)
