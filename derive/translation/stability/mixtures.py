"""Logarithms of weighted sums of exponentials: mixtures, partition sums, evidence. The largest exponent is taken out of every sum.

A weight that may be 0 stays a weight, and its term is left out of the maximum: its logarithm would be −∞, and would warn.
"""

from __future__ import annotations

from fractions import Fraction

from derive.graph.graph import Nodes
from derive.graph.node import Axis, Node
from derive.translation.stability.forms import Linear, Rule, affine, factors, from_linear, linear, product, scaled, terms

__all__ = ["MIXTURES", "log_number", "log_of_mixture"]

ONE = Fraction(1)


def log_number(nodes: Nodes, c: Fraction) -> Node:
    """log c, of a fraction below 1 as −log 1/c."""
    return nodes.neg(nodes.make("log", nodes.number(1 / c))) if c < 1 else nodes.make("log", nodes.number(c))


def log_of_mixture(nodes: Nodes, base: Node) -> Node | None:
    """log Σ w e^u → logsumexp(u + log w); with weights that may be 0, m + log Σ w e^(u − m) with m the largest u whose weight is not 0."""
    if base.op in {"matmul", "outer"} and base.args[1].op == "ones":
        return _of_rows(nodes, base)
    if base.op not in {"sum", "mean"}:
        return None
    body = base.args[0]
    if isinstance(base.data, Axis) and base.data not in body.axes:
        return None
    view = factors(body)
    inside = {b: log for b in view.powers if (log := log_of_mixture(nodes, b)) is not None}  # Σ_i Σ_j e^u
    if not (view.exponent or inside) or view.coefficient <= 0 or not all(b.bounds.nonnegative for b in view.powers if b not in inside):
        return None
    view = view._replace(powers={b: p for b, p in view.powers.items() if b not in inside}, exponent=[
        *view.exponent, *((view.powers[b], log) for b, log in inside.items())
    ])  # fmt: skip
    form = affine(*((weight, linear(nodes, u)) for weight, u in view.exponent))
    if any(atom.op == "amax" for atom in form):
        return None  # shifted already
    positive = {b: p for b, p in view.powers.items() if b.bounds.positive or p < 0}
    weights = {b: p for b, p in view.powers.items() if b not in positive}
    inner = nodes.add(from_linear(nodes, form), *_logarithms(nodes, positive))
    if weights and not _has_place(base, inner):
        return None
    if weights:
        made = _weighted(nodes, base, inner, weights)
    else:
        made = nodes.make("logsumexp", inner, data=base.data)
    if view.coefficient != 1:
        made = nodes.add(made, log_number(nodes, view.coefficient))
    if base.op == "mean":
        count = nodes.size(base.data.size) if isinstance(base.data, Axis) else nodes.mul(*(nodes.size(s) for s in body.shape))
        made = nodes.sub(made, nodes.make("log", count))
    return made


def _of_rows(nodes: Nodes, base: Node) -> Node | None:
    """log of e^U 1 → logsumexp of every row of U, and of the same in every column."""
    inner = base.args[0]
    if base.op == "outer":
        made = log_of_mixture(nodes, inner)
        return nodes.make("outer", made, base.args[1]) if made is not None else None
    view = factors(inner)
    if len(inner.shape) != 2 or not view.exponent or view.powers or view.coefficient != 1:
        return None
    form = affine(*((weight, linear(nodes, u)) for weight, u in view.exponent))
    return nodes.make("logsumexp", from_linear(nodes, form), data="last")


def _has_place(base: Node, exponent: Node) -> bool:
    return base.data in exponent.axes if isinstance(base.data, Axis) else exponent.shape == base.args[0].shape


def _weighted(nodes: Nodes, base: Node, exponent: Node, weights: dict[Node, Fraction]) -> Node:
    zero = nodes.number(0)
    weight = product(nodes, ONE, weights)
    chosen = nodes.make("where", nodes.make("greater", weight, zero), exponent, nodes.neg(nodes.constant("inf")))
    largest = nodes.make("amax", chosen, data=base.data)
    shifted = nodes.make("exp", nodes.sub(chosen, largest))
    return nodes.add(largest, nodes.make("log", nodes.make("sum", nodes.mul(weight, shifted), data=base.data)))


def _logarithms(nodes: Nodes, powers: dict[Node, Fraction]) -> list[Node]:
    """The logarithms of powers; of constants with one power in common as one."""
    constants: dict[Fraction, list[Node]] = {}
    found = []
    for base, power in powers.items():
        if base.op in {"constant", "number"}:
            constants.setdefault(power, []).append(base)
        else:
            found.append(scaled(nodes, power, nodes.make("log", base)))
    return [*found, *(scaled(nodes, power, nodes.make("log", nodes.mul(*parts))) for power, parts in constants.items())]


def log_of_sums(nodes: Nodes, node: Node) -> Node | None:
    """log(1 + Σ e^u) → softplus(logsumexp u), log(c e^a + Σ e^u) → logaddexp(a + log c, logsumexp u)."""
    inner = node.args[0]
    parts = terms(nodes, inner) if inner.op == "add" else [(ONE, inner)]
    if node.op == "log1p":
        parts.insert(0, (ONE, nodes.number(1)))
    logs: list[Node | None] = []
    has_sum = False
    for c, part in parts:
        if c <= 0:
            return None
        log, is_sum = _log_of_term(nodes, part)
        if log is None:
            return None
        has_sum |= is_sum
        logs.append(log if c == 1 else nodes.add(log, log_number(nodes, c)))
    if not has_sum or len(logs) < 2:
        return None
    zero = nodes.number(0)
    first, *rest = sorted((log for log in logs if log is not None), key=lambda log: log is not zero)
    made = rest[0]
    for log in rest[1:]:
        made = nodes.make("logaddexp", made, log)
    return nodes.make("softplus", made) if first is zero else nodes.make("logaddexp", first, made)


def _log_of_term(nodes: Nodes, part: Node) -> tuple[Node | None, bool]:
    """The logarithm of a term that is an exponential, a number or a sum of exponentials times such; whether it has a sum in it."""
    view = factors(part)
    sums = {b: made for b in view.powers if (made := log_of_mixture(nodes, b)) is not None}
    rest = [b for b in view.powers if b not in sums]
    if view.coefficient <= 0 or not all(b.bounds.positive for b in rest) or (rest and not (sums or view.exponent)):
        return None, False
    form: Linear = affine(*((weight, linear(nodes, u)) for weight, u in view.exponent))
    pieces = [scaled(nodes, view.powers[b], made) for b, made in sums.items()]
    pieces += _logarithms(nodes, {b: view.powers[b] for b in rest})
    if view.coefficient != 1:
        pieces.append(log_number(nodes, view.coefficient))
    if form:
        pieces.append(from_linear(nodes, form))
    return nodes.add(*pieces) if pieces else nodes.number(0), bool(sums)


MIXTURES: tuple[Rule, ...] = (Rule("log-of-sums", "log(1 + Σ e^u) = softplus(log Σ e^u)", ("log", "log1p"), log_of_sums),)
