"""Sums of exponentials under a mask: what is masked out is e^(−∞), so that a causal softmax is a softmax and is shifted as one."""

from __future__ import annotations

from fractions import Fraction

from derive.graph.graph import Nodes
from derive.graph.node import Axis, Node
from derive.translation.stability.forms import Rule, factors, from_linear, linear, product
from derive.translation.stability.sums import same_softmax

__all__ = ["MASKED"]

ONE = Fraction(1)
_MIRRORED = {"greater_equal": "less_equal", "less_equal": "greater_equal"}


def masked_exponentials(nodes: Nodes, node: Node) -> Node | None:
    """Σ_{j ≤ i} e^(u_j) f_j → Σ_j e^(u_j where j ≤ i, else −∞) f_j: no row is without a term, and f is finite."""
    body, axis = node.args[0], node.data
    if not isinstance(axis, Axis) or body.op != "where" or body.args[2] is not nodes.number(0) or not _reaches(body.args[0], axis):
        return None
    mask, value, _ = body.args
    view = factors(value)
    if len(view.exponent) != 1 or view.exponent[0][0] != Fraction(1):
        return None
    exponent = view.exponent[0][1]
    if exponent.op == "where" or axis not in exponent.axes or not all(_is_finite(b, p) for b, p in view.powers.items()):
        return None
    weights = _normalised(nodes, mask, exponent) or nodes.make("exp", _hidden(nodes, mask, exponent))
    powers = dict(view.powers)
    powers[weights] = powers.get(weights, Fraction(0)) + 1
    return nodes.make(node.op, product(nodes, view.coefficient, powers), data=axis)


def factor_outside(nodes: Nodes, node: Node) -> Node | None:
    """Σ_{j < i} c_i f_j → c_i Σ_{j < i} f_j, for a finite c_i."""
    body, axis = node.args[0], node.data
    if not isinstance(axis, Axis) or body.op != "where" or body.args[2] is not nodes.number(0) or body.shape:
        return None
    mask, value, zero = body.args
    view = factors(value)
    outside = {b: p for b, p in view.powers.items() if axis not in b.axes and b.axes and p > 0 and _is_finite(b, p)}
    inside = {b: p for b, p in view.powers.items() if b not in outside}
    if not outside or view.exponent or not any(axis in b.axes for b in inside) or any(set(b.axes) - {axis} for b in inside):
        return None
    rest = nodes.make("sum", nodes.make("where", mask, product(nodes, ONE, inside), zero), data=axis)
    return nodes.mul(product(nodes, view.coefficient, outside), rest)


def _hidden(nodes: Nodes, mask: Node, exponent: Node) -> Node:
    return nodes.make("where", mask, exponent, nodes.neg(nodes.constant("inf")))


def _normalised(nodes: Nodes, mask: Node, exponent: Node) -> Node | None:
    """e^(u − logsumexp w) where w is u under its mask: softmax w."""
    form = dict(linear(nodes, exponent))
    for part, weight in tuple(form.items()):
        if part.op != "logsumexp" or weight != -1 or part.args[0].op != "where":
            continue
        del form[part]
        return same_softmax(nodes, _hidden(nodes, mask, from_linear(nodes, form)), part.args[0], part.data) if form else None
    return None


def _reaches(mask: Node, axis: Axis) -> bool:
    """Whether some j holds the mask for every i: j ≤ i or j ≥ i where both begin, or end, at the same place; j ≠ i among several."""
    if mask.op == "not_equal":
        return axis.size.constant not in (0, 1) and sum(axis in a.axes for a in mask.args) == 1
    if mask.op not in _MIRRORED or any(a.op != "index" for a in mask.args):
        return False
    left, right = (a.data for a in mask.args)
    if axis not in (left, right) or left == right:
        return False
    other = right if left == axis else left
    below = (mask.op if left == axis else _MIRRORED[mask.op]) == "less_equal"
    return bool(other.lower == axis.lower if below else other.upper == axis.upper)


def _is_finite(base: Node, power: Fraction) -> bool:
    """Arguments and numbers to a positive power; below the bar a sum of exponentials."""
    if power > 0:
        inner = base.args[0] if base.op == "element" else base
        return inner.op in ("argument", "number", "size", "index")
    if base.op != "sum":
        return False
    inside = base.args[0].args[1] if base.args[0].op == "where" else base.args[0]
    below = factors(inside)
    return bool(below.exponent) and not below.powers and below.coefficient > 0


MASKED: tuple[Rule, ...] = (
    Rule("factor-outside-mask", "Σ_{j < i} c_i f_j = c_i Σ_{j < i} f_j", ("sum",), factor_outside),
    Rule("masked-exponentials", "Σ_{j ≤ i} e^(u_j) f_j = Σ_j e^(u_j where j ≤ i, else −∞) f_j", ("sum",), masked_exponentials),
)
