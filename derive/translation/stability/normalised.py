"""Sums of exponentials over their own total: the weights e^{u_i}/Σ e^{u_k} are made before anything is summed with them.

Neither what stands above nor what stands below may overflow, or both vanish, where the quotient is an ordinary number.
"""

from __future__ import annotations

from fractions import Fraction

from derive.graph.graph import Nodes
from derive.graph.node import Axis, Node
from derive.graph.substitution import substitute
from derive.translation.stability.forms import Linear, Rule, affine, factors, from_linear, linear, product

__all__ = ["NORMALISED"]

ONE = Fraction(1)


def weights_inside(nodes: Nodes, node: Node) -> Node | None:
    """e^(v − logsumexp u) Σ_i e^(u_i) f_i → e^v Σ_i softmax(u)_i f_i; in each factor of an outer product or of a product likewise."""
    view = factors(node)
    form = affine(*((weight, linear(nodes, e)) for weight, e in view.exponent))
    for scale, weight in form.items():
        if scale.op != "logsumexp" or weight > -1 or weight.denominator != 1:
            continue
        powers, left = dict(view.powers), int(-weight)
        for base in view.powers:
            if left and powers.get(base) == 1:
                made, used = _absorbed(nodes, base, scale, left)
                if used:
                    del powers[base]
                    powers[made] = powers.get(made, Fraction(0)) + 1
                    left -= used
        if left < -weight:
            rest = {atom: value for atom, value in form.items() if atom is not scale}
            if left:
                rest[scale] = Fraction(-left)
            return product(nodes, view.coefficient, powers, nodes.make("exp", from_linear(nodes, rest)) if rest else None)
    return None


def _absorbed(nodes: Nodes, node: Node, scale: Node, most: int) -> tuple[Node, int]:
    """The node with softmax in the place of the exponentials that its sums are over, and in how many sums."""
    if node.op in {"outer", "matmul", "transpose"}:
        args, used = [], 0
        for argument in node.args:
            made, more = _absorbed(nodes, argument, scale, most - used) if used < most else (argument, 0)
            args.append(made)
            used += more
        if used:
            return nodes.remake(node, tuple(args)), used
        return _weighted(nodes, node, scale) if node.op == "matmul" else (node, 0)
    if node.op == "sum" and isinstance(node.data, Axis) and isinstance(scale.data, Axis):
        body = _normalised(nodes, node.args[0], _along(nodes, scale, node.data), node.data)
        return (node, 0) if body is None else (nodes.make("sum", body, data=node.data), 1)
    return node, 0


def _weighted(nodes: Nodes, node: Node, scale: Node) -> tuple[Node, int]:
    """A product with a vector of exponentials."""
    if isinstance(scale.data, Axis) or len(scale.args[0].shape) != 1:
        return node, 0
    for place, argument in enumerate(node.args):
        body = _normalised(nodes, argument, scale.args[0], "last") if len(argument.shape) == 1 else None
        if body is not None:
            return nodes.remake(node, tuple(body if k == place else a for k, a in enumerate(node.args))), 1
    return node, 0


def _along(nodes: Nodes, scale: Node, axis: Axis) -> Node | None:
    """What the exponentials are of, over the axis of a sum; None where the ranges differ."""
    own = scale.data
    if own == axis:
        return scale.args[0]
    if own.lower != axis.lower or own.upper != axis.upper or axis in scale.args[0].axes:
        return None
    return substitute(nodes, scale.args[0], own, nodes.index(axis))


def _normalised(nodes: Nodes, body: Node, u: Node | None, over: object) -> Node | None:
    """e^u f → softmax(u) f."""
    if u is None:
        return None
    view = factors(body)
    rest = affine(*((weight, linear(nodes, e)) for weight, e in view.exponent), (-ONE, linear(nodes, u)))
    if not view.exponent or rest:
        return None
    powers = dict(view.powers)
    weights = nodes.make("softmax", u, data=over)
    powers[weights] = powers.get(weights, Fraction(0)) + 1
    return product(nodes, view.coefficient, powers)


def shifted_weights(nodes: Nodes, node: Node) -> Node | None:
    """e^v/(Σ_k w_k e^(u_k))^b → e^(v − b m)/(Σ_k w_k e^(u_k − m))^b with m the largest u_k."""
    view = factors(node)
    if not view.exponent:
        return None
    for base, power in view.powers.items():
        if base.op != "sum" or power >= 0 or not isinstance(base.data, Axis) or base.data not in base.args[0].axes:
            continue
        inner = factors(base.args[0])
        form = affine(*((weight, linear(nodes, e)) for weight, e in inner.exponent))
        if not form or not inner.powers or any(atom.op == "amax" for atom in form):
            continue
        u = from_linear(nodes, form)
        if base.data not in u.axes or u.shape:
            continue
        largest = nodes.make("amax", u, data=base.data)
        shifted = nodes.make("exp", from_linear(nodes, affine((ONE, form), (-ONE, {largest: ONE}))))
        below = nodes.make("sum", product(nodes, inner.coefficient, inner.powers, shifted), data=base.data)
        powers = {b: p for b, p in view.powers.items() if b is not base}
        powers[below] = powers.get(below, Fraction(0)) + power
        whole: Linear = affine(*((weight, linear(nodes, e)) for weight, e in view.exponent), (power, {largest: ONE}))
        return product(nodes, view.coefficient, powers, nodes.make("exp", from_linear(nodes, whole)))
    return None


NORMALISED: tuple[Rule, ...] = (
    Rule("weights-inside", "Σ e^(u_i) f_i / Σ e^(u_k) = Σ softmax(u)_i f_i", ("mul", "div"), weights_inside),
    Rule("shifted-weights", "e^v/Σ w e^u = e^(v − m)/Σ w e^(u − m)", ("mul", "div"), shifted_weights),
)
