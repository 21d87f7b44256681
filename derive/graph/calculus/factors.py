"""A node as a product: a rational coefficient, scalar factors and entrywise array factors with rational powers.

In: any node. Out: `Factors`, and the node that a `Factors` stands for. Equal factors meet, opposite powers cancel.
"""

from __future__ import annotations

from fractions import Fraction

from derive.graph.graph import Nodes
from derive.graph.node import Node

__all__ = ["NOTHING", "ONE", "TAKEN_APART", "Factors", "factors", "is_number", "product"]

ONE, MINUS_ONE = Fraction(1), Fraction(-1)
TAKEN_APART = frozenset(("neg", "mul", "div", "pow", "number", "sqrt"))


class Factors:
    """coefficient · Π base^power; bases keep the order in which they came."""

    __slots__ = ("coefficient", "powers")

    def __init__(self, coefficient: Fraction, powers: dict[Node, Fraction]) -> None:
        self.coefficient = coefficient
        self.powers = powers

    def times(self, other: Factors) -> Factors:
        """The product of two products."""
        if not other.powers and other.coefficient is ONE:
            return self
        if not self.powers and self.coefficient is ONE:
            return other
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
        return Factors(self.coefficient, kept) if scalar else Factors(ONE, kept) if kept else NOTHING


NOTHING = Factors(ONE, {})


def _times(a: Fraction, b: Fraction) -> Fraction:
    """a b, at once where one is 1: fractions are slow."""
    return b if a is ONE else a if b is ONE else a * b


def _negative(a: Fraction) -> Fraction:
    """−a."""
    return MINUS_ONE if a is ONE else ONE if a is MINUS_ONE else -a


def is_number(node: Node, value: int | Fraction) -> bool:
    """Whether the node is this number."""
    if node.op == "neg" and node.args[0].op == "number":
        return bool(-node.args[0].data == value)
    return node.op == "number" and bool(node.data == value)


def factors(node: Node) -> Factors:
    """The node as a product; signs, products, quotients, whole powers and square roots are taken apart. Not to be changed."""
    if node.op not in TAKEN_APART:
        return Factors(ONE, {node: ONE})
    found: Factors | None = node.factors
    if found is None:
        found = _taken_apart(node)
        if node not in found.powers:  # what holds itself would outlive its graph
            node.factors = found
    return found


def _taken_apart(node: Node) -> Factors:
    coefficient = ONE
    powers: dict[Node, Fraction] = {}
    stack = [(node, ONE)]
    while stack:
        part, power = stack.pop()
        op = part.op
        whole = power is ONE or power is MINUS_ONE or power.denominator == 1
        if op == "neg" and whole:
            coefficient = _negative(coefficient) if power.numerator % 2 else coefficient
            stack.append((part.args[0], power))
        elif op == "mul" and whole:
            stack.extend([(a, power) for a in reversed(part.args)])
        elif op == "div" and whole:
            stack.append((part.args[1], _negative(power)))
            stack.append((part.args[0], power))
        elif op == "pow" and part.args[1].op == "number" and part.args[1].data.denominator == 1 and whole:
            stack.append((part.args[0], _times(power, part.args[1].data)))
        elif op == "number" and whole and (part.data or power > 0):
            coefficient = _times(coefficient, part.data if power is ONE else part.data**power)
        elif op == "sqrt" and whole and power is not ONE and power is not MINUS_ONE and power.numerator % 2 == 0:
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
    if view.coefficient is ONE and len(view.powers) == 1:
        ((only, power),) = view.powers.items()
        if power is ONE:
            return only if only.op not in TAKEN_APART else nodes.mul(only)
    elif not view.coefficient:
        return nodes.number(0)
    above: list[Node] = []
    below: list[Node] = []
    if any(power is not ONE and power is not MINUS_ONE and abs(power) > 1 and _is_sign(base) for base, power in view.powers.items()):
        odd = {b: p % 2 if p.denominator == 1 and _is_sign(b) else p for b, p in view.powers.items()}
        view = Factors(view.coefficient, {b: p for b, p in odd.items() if p})
    ordered = [item for item in view.powers.items() if not item[0].shape]  # scalars before arrays
    arrays = [item for item in view.powers.items() if item[0].shape]
    if len(arrays) > 1 and not all(_is_ones(base) for base, _ in arrays):
        arrays = [item for item in arrays if not _is_ones(item[0])]
    for base, power in (*ordered, *arrays):
        if power is ONE:
            above.append(base)
        elif power is MINUS_ONE:
            below.append(_power(nodes, base, ONE))
        else:
            (above if power > 0 else below).append(_power(nodes, base, abs(power)))
    numerator, denominator = abs(view.coefficient.numerator), view.coefficient.denominator
    if numerator != 1:
        above.insert(0, nodes.number(numerator))
    if denominator != 1:
        below.insert(0, nodes.number(denominator))
    alone = len(above) == 1 and above[0].op not in TAKEN_APART
    top = above[0] if alone else nodes.mul(*above) if above else nodes.number(1)
    if not below:
        return nodes.neg(top) if view.coefficient.numerator < 0 else top
    under = [b for b in below if b.shape]
    scalars = [b for b in below if not b.shape]
    if under and scalars and not top.shape:
        under, scalars = [*scalars, *under], []
    result = nodes.make("div", top, nodes.mul(*under)) if under else top
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
