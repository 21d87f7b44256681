"""Quotients of what vanishes together and of what overflows together: (sin(u)/u)², e^u/(e^u − 1)²."""

from __future__ import annotations

from fractions import Fraction

from derive.graph.graph import Nodes
from derive.graph.node import Node
from derive.translation.stability.forms import Rule, affine, factors, from_linear, linear, product

__all__ = ["VANISHING"]

ZERO, ONE, TWO = Fraction(0), Fraction(1), Fraction(2)
VANISH_AT_ZERO = frozenset(("sin", "tanh", "sinh", "expm1", "log1p"))


def square_of_quotient(nodes: Nodes, node: Node) -> Node | None:
    """sin(u)²/v² → (sin(u)/v)² where v is a factor of u, u²/sin(u)² → (u/sin(u))²: squares of small numbers are 0, and those of large
    ones overflow."""
    view = factors(node)
    for base, power in view.powers.items():
        if base.op not in VANISH_AT_ZERO or power not in {2, -2}:
            continue
        inner = _factors_of_size(base.args[0])
        if power == 2:
            inner = {b: ONE for b, p in inner.items() if p >= 1 and view.powers.get(b, ZERO) <= -2}
        if not inner or any(b.shape != base.shape or -view.powers.get(b, ZERO) / power / p < 1 for b, p in inner.items()):
            continue
        below = product(nodes, ONE, inner)
        powers = {b: p + power * inner.get(b, ZERO) for b, p in view.powers.items() if b is not base}
        powers[nodes.div(base, below) if power == 2 else nodes.div(below, base)] = TWO
        exponent = affine(*((weight, linear(nodes, u)) for weight, u in view.exponent))
        exponential = nodes.make("exp", from_linear(nodes, exponent)) if exponent else None
        return product(nodes, view.coefficient, {b: p for b, p in powers.items() if p}, exponential)
    return None


def _factors_of_size(node: Node) -> dict[Node, Fraction]:
    """The powers that a product is made of, but for its sign and its number."""
    view = factors(node)
    if len(view.powers) == 1 and not view.exponent:
        ((base, power),) = view.powers.items()
        if base.op == "abs" and power == 1:
            view = factors(base.args[0])
    return {} if view.exponent else view.powers


def bose(nodes: Nodes, node: Node) -> Node | None:
    """e^(k u)/(e^u − 1)^m → (−1)^m e^((k − m) u)/(e^(−u) − 1)^m, of −|u| for m = 2 k: no exponential overflows."""
    view = factors(node)
    exponent = affine(*((weight, linear(nodes, u)) for weight, u in view.exponent))
    for base, power in view.powers.items():
        if base.op != "expm1" or power.denominator != 1 or power > -1 or not exponent:
            continue
        u, times = base.args[0], -power
        if u.bounds.high <= 0 or (u.op == "neg" and u.args[0].bounds.nonnegative):
            continue
        form = linear(nodes, u)
        atom = next(iter(form), None)
        if atom is None or set(form) - set(exponent):
            continue
        share = exponent[atom] / form[atom]
        if affine((ONE, exponent), (-share, form)) or not 0 < share <= times:
            continue
        even = times == 2 * share
        if not even and share != times and not u.bounds.nonnegative:
            continue
        inner = nodes.neg(nodes.make("abs", u) if even and not u.bounds.nonnegative else u)
        left = linear(nodes, inner)
        rest = affine((times - share, left))
        powers = {b: p for b, p in view.powers.items() if b is not base}
        powers[nodes.make("expm1", inner)] = power
        exponential = nodes.make("exp", from_linear(nodes, rest)) if rest else None
        sign = ONE if even or times % 2 == 0 else -ONE
        return product(nodes, sign * view.coefficient, powers, exponential)
    return None


def length_below_choice(nodes: Nodes, node: Node) -> Node | None:
    """(v where c, else 0)/‖u‖ → v/‖u‖ where c, else 0: what is not chosen is 0 where ‖u‖ is 0, too."""
    top, bottom = node.args
    if top.op != "where" or top.args[2] is not nodes.number(0) or not any(b.op == "norm" for b in factors(bottom).powers):
        return None
    return nodes.make("where", top.args[0], nodes.div(top.args[1], bottom), top.args[2])


VANISHING: tuple[Rule, ...] = (
    Rule("square-of-quotient", "sin(u)²/u² = (sin(u)/u)²", ("mul", "div"), square_of_quotient),
    Rule("bose-quotient", "e^u/(e^u − 1)² = e^(−|u|)/(e^(−|u|) − 1)²", ("mul", "div"), bose),
    Rule("length-below-choice", "(v where c, else 0)/‖u‖ = v/‖u‖ where c, else 0", ("div",), length_below_choice),
)
