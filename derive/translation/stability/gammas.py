"""Quotients of gamma functions and densities: what overflows by itself is added up in logarithms, or has a function of its own."""

from __future__ import annotations

from fractions import Fraction

from derive.graph.graph import Nodes
from derive.graph.node import Node
from derive.translation.stability.forms import Rule, affine, factors, from_linear, linear, product, terms, total

__all__ = ["GAMMAS"]

ONE = Fraction(1)
LARGEST_STEP = 64
FUNCTIONS = frozenset(("gamma", "factorial"))


def _argument(nodes: Nodes, base: Node) -> dict[Node, Fraction]:
    form = linear(nodes, base.args[0])
    return affine((ONE, form), (ONE, {nodes.number(1): ONE})) if base.op == "factorial" else form


def _step(nodes: Nodes, form: dict[Node, Fraction]) -> Fraction | None:
    """The number that a difference of arguments is."""
    if set(form) - {nodes.number(1)} or not form:
        return None
    step = form[nodes.number(1)]
    return step if abs(step) <= LARGEST_STEP else None


def gamma_quotient(nodes: Nodes, node: Node) -> Node | None:
    """Γ(x + a)/Γ(x) → (x)_a, the rising factorial, for a number a."""
    view = factors(node)
    above = [b for b, p in view.powers.items() if b.op in FUNCTIONS and p == 1]
    below = [b for b, p in view.powers.items() if b.op in FUNCTIONS and p == -1]
    for top in above:
        for bottom in below:
            x = _argument(nodes, bottom)
            step = _step(nodes, affine((ONE, _argument(nodes, top)), (-ONE, x)))
            if step is None or step.denominator == 1 or top.axes != bottom.axes:
                continue
            made = nodes.make("rising", from_linear(nodes, x), nodes.number(step) if step > 0 else nodes.neg(nodes.number(-step)))
            powers = {b: p for b, p in view.powers.items() if b not in {top, bottom}}
            powers[made] = powers.get(made, Fraction(0)) + 1
            form = affine(*((weight, linear(nodes, u)) for weight, u in view.exponent))
            return product(nodes, view.coefficient, powers, nodes.make("exp", from_linear(nodes, form)) if form else None)
    return None


def log_gamma_difference(nodes: Nodes, node: Node) -> Node | None:
    """log Γ(x + a) − log Γ(x) → log (x)_a, for a number a and x > 0: no two large numbers cancel."""
    parts = terms(nodes, node)
    for k, (weight, first) in enumerate(parts):
        for j, (other, second) in enumerate(parts):
            if first.op != "loggamma" or second.op != "loggamma" or weight <= 0 or weight != -other:
                continue
            x = linear(nodes, second.args[0])
            step = _step(nodes, affine((ONE, linear(nodes, first.args[0])), (-ONE, x)))
            if step is None or step <= 0 or step.denominator == 1 or not second.args[0].bounds.nonnegative:
                continue
            made = nodes.make("log", nodes.make("rising", second.args[0], nodes.number(step)))
            rest = [t for place, t in enumerate(parts) if place not in {k, j}]
            rest.insert(min(k, j), (weight, made))
            return total(nodes, rest)
    return None


def _is_large(base: Node) -> bool:
    """A determinant, or a number to the power of a size: (2π)^n."""
    if base.op == "det":
        return base.bounds.nonnegative
    return base.op == "pow" and base.args[0].bounds.positive and base.args[1].op != "number" and not base.args[0].axes and _sized(base)


def _sized(base: Node) -> bool:
    exponent = base.args[1]
    number = base.args[0]
    symbolic = any(n.op == "argument" for n in (number, *number.args))
    return not symbolic and any(n.op == "size" for n in (exponent, *exponent.args))


def density(nodes: Nodes, node: Node) -> Node | None:
    """e^(−q/2)/√((2π)^n det Σ) → e^(−(q + n log 2π + log det Σ)/2)."""
    view = factors(node)
    large = {b: p for b, p in view.powers.items() if _is_large(b)}
    if not view.exponent or not large or node.shape:
        return None
    form = affine(*((weight, linear(nodes, u)) for weight, u in view.exponent))
    for base, power in large.items():
        if base.op == "det":
            log = {nodes.make("logdet", base.args[0]): power}
        else:
            log = {nodes.mul(base.args[1], nodes.make("log", base.args[0])): power}
        form = affine((ONE, form), (ONE, log))
    rest = {b: p for b, p in view.powers.items() if b not in large}
    return product(nodes, view.coefficient, rest, nodes.make("exp", from_linear(nodes, form)))


GAMMAS: tuple[Rule, ...] = (
    Rule("gamma-quotient", "Γ(x + a)/Γ(x) = (x)_a", ("mul", "div"), gamma_quotient),
    Rule("log-gamma-difference", "log Γ(x + a) − log Γ(x) = log (x)_a", ("add",), log_gamma_difference),
    Rule("density-in-logarithms", "e^(−q/2)/√((2π)^n det Σ) = e^(−(q + n log 2π + log det Σ)/2)", ("mul", "div"), density),
)
