"""A node as a product: a rational coefficient, scalar factors and entrywise array factors with rational powers.

In: any node. Out: `Factors`, and the node that a `Factors` stands for. Equal factors meet, opposite powers cancel.
"""

from __future__ import annotations

from fractions import Fraction

from derive.graph.graph import Nodes
from derive.graph.node import Node

__all__ = ["Factors", "factors", "is_number", "product"]

ONE = Fraction(1)
TAKEN_APART = frozenset(("neg", "mul", "div", "pow", "number", "sqrt"))


class Factors:
    """coefficient · Π base^power; bases keep the order in which they came."""

    __slots__ = ("coefficient", "powers")

    def __init__(self, coefficient: Fraction, powers: dict[Node, Fraction]) -> None:
        self.coefficient = coefficient
        self.powers = powers

    def times(self, other: Factors) -> Factors:
        """The product of two products."""
        powers = dict(self.powers)
        for base, power in other.powers.items():
            total = powers[base] + power if base in powers else power
            if total:
                powers[base] = total
            else:
                powers.pop(base, None)
        return Factors(_times(self.coefficient, other.coefficient), powers)

    def parted(self, scalar: bool) -> Factors:
        """Only the scalar factors with the coefficient, or only the arrays without it."""
        kept = {b: p for b, p in self.powers.items() if (not b.shape) == scalar}
        return Factors(self.coefficient if scalar else ONE, kept)


def _times(a: Fraction, b: Fraction) -> Fraction:
    """a b, at once where one is 1: fractions are slow."""
    return b if a is ONE else a if b is ONE else a * b


def is_number(node: Node, value: int | Fraction) -> bool:
    """Whether the node is this number."""
    if node.op == "neg" and node.args[0].op == "number":
        return bool(-node.args[0].data == value)
    return node.op == "number" and bool(node.data == value)


def factors(node: Node) -> Factors:
    """The node as a product; signs, products, quotients, whole powers and square roots are taken apart."""
    if node.op not in TAKEN_APART:
        return Factors(ONE, {node: ONE})
    coefficient = ONE
    powers: dict[Node, Fraction] = {}
    stack = [(node, ONE)]
    while stack:
        part, power = stack.pop()
        op, whole = part.op, power.denominator == 1
        if op == "neg" and whole:
            coefficient = -coefficient if power.numerator % 2 else coefficient
            stack.append((part.args[0], power))
        elif op == "mul" and whole:
            stack.extend((a, power) for a in reversed(part.args))
        elif op == "div" and whole:
            stack.append((part.args[1], -power))
            stack.append((part.args[0], power))
        elif op == "pow" and part.args[1].op == "number" and part.args[1].data.denominator == 1 and whole:
            stack.append((part.args[0], power * part.args[1].data))
        elif op == "number" and whole and (part.data or power > 0):
            coefficient = _times(coefficient, part.data if power is ONE else part.data**power)
        elif op == "sqrt" and whole and power % 2 == 0:
            stack.append((part.args[0], power / 2))
        else:
            total = powers[part] + power if part in powers else power
            if total:
                powers[part] = total
            else:
                del powers[part]
    return Factors(coefficient, powers)


def product(nodes: Nodes, view: Factors) -> Node:
    """The node of a product: scalars before arrays, what has a negative power below one bar, the sign outside."""
    if not view.coefficient:
        return nodes.number(0)
    above: list[Node] = []
    below: list[Node] = []
    if any(power is not ONE and abs(power) > 1 and _is_sign(base) for base, power in view.powers.items()):
        odd = {b: p % 2 if p.denominator == 1 and _is_sign(b) else p for b, p in view.powers.items()}
        view = Factors(view.coefficient, {b: p for b, p in odd.items() if p})
    ordered = sorted(view.powers.items(), key=lambda item: len(item[0].shape) > 0)
    if any(base.shape and not _is_ones(base) for base in view.powers):
        ordered = [item for item in ordered if not _is_ones(item[0])]
    for base, power in ordered:
        if power is ONE:
            above.append(base)
        else:
            (above if power > 0 else below).append(_power(nodes, base, abs(power)))
    numerator, denominator = abs(view.coefficient.numerator), view.coefficient.denominator
    if numerator != 1:
        above.insert(0, nodes.number(numerator))
    if denominator != 1:
        below.insert(0, nodes.number(denominator))
    alone = len(above) == 1 and above[0].op not in TAKEN_APART
    top = above[0] if alone else nodes.mul(*above) if above else nodes.number(1)
    arrays = [b for b in below if b.shape]
    scalars = [b for b in below if not b.shape]
    if arrays and scalars and not top.shape:
        arrays, scalars = [*scalars, *arrays], []
    result = nodes.make("div", top, nodes.mul(*arrays)) if arrays else top
    if scalars:
        result = nodes.make("div", result, nodes.mul(*scalars)) if result.op != "div" else _under(nodes, result, scalars)
    return nodes.neg(result) if view.coefficient.numerator < 0 else result


def _is_sign(node: Node) -> bool:
    """Whether it is an element of an array of labels −1 and 1: its square is 1."""
    owner = node.args[0] if node.op == "element" and not node.shape else node
    return owner.op == "argument" and not node.shape and set(owner.data[0].values) == {-1.0, 1.0}


def _is_ones(node: Node) -> bool:
    return node.op == "ones" or (node.op == "outer" and node.args[0].op == "ones" and node.args[1].op == "ones")


def _raised(nodes: Nodes, base: Node, power: Fraction) -> Node:
    """A power of a vector; the square of a root is what stands under it."""
    view = factors(base)
    return product(nodes, Factors(view.coefficient, {b: p * power for b, p in view.powers.items()})) if power != 1 else base


def _under(nodes: Nodes, quotient: Node, scalars: list[Node]) -> Node:
    """A quotient of arrays divided by scalars too: everything below one bar."""
    return nodes.make("div", quotient.args[0], nodes.mul(*scalars, quotient.args[1]))


def _power(nodes: Nodes, base: Node, power: Fraction) -> Node:
    if base.op == "outer" and "ones" in (base.args[0].op, base.args[1].op):  # (s 1ᵀ)² is s² 1ᵀ, entry by entry
        return nodes.make("outer", *(x if x.op == "ones" else _raised(nodes, x, power) for x in base.args))
    if power.denominator == 2:
        root = nodes.make("sqrt", base)
        return root if power == Fraction(1, 2) else nodes.mul(nodes.pow(base, nodes.number(power - Fraction(1, 2))), root)
    return nodes.pow(base, nodes.number(power))
