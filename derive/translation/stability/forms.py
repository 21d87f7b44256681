"""Views that rules match on: a node as a product of powers, as a sum of terms, as a linear form; and a rule itself.

The same mathematics is written in many ways (`e^{-x}/(1+e^{-x})²`, `1/(1+e^x) · e^x/(1+e^x)`); in these views they look alike.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from derive.graph.graph import Nodes
from derive.graph.node import Node
from derive.graph.substitution import substitute

__all__ = [
    "Factors",
    "Linear",
    "Rule",
    "affine",
    "factors",
    "from_linear",
    "is_long_decimal",
    "linear",
    "product",
    "substitute",
    "terms",
    "total",
]


LONGEST_QUOTIENT = 1000
ONE, MINUS_ONE = Fraction(1), Fraction(-1)
TAKEN_APART = frozenset(("neg", "mul", "div", "pow", "sqrt", "number", "exp"))


class Rule(NamedTuple):
    """A rewrite: `statement` in one line, `ops` the operations that it fires on, `apply` gives the better node or None."""

    name: str
    statement: str
    ops: tuple[str, ...]
    apply: Callable[[Nodes, Node], Node | None]


# ---------------------------------------------------------------------------------------------- products
class Factors(NamedTuple):
    """coefficient · Π base^power · e^exponent; `exponent` is a list of (number, node) whose weighted sum stands in the exponential."""

    coefficient: Fraction
    powers: dict[Node, Fraction]
    exponent: list[tuple[Fraction, Node]]


def factors(node: Node) -> Factors:
    """The node as a product; nested products, quotients, numeric powers, roots, signs and exponentials are taken apart."""
    if node.op not in TAKEN_APART:
        return Factors(ONE, {node: ONE}, [])
    found: Factors | None = node.powers
    if found is None:
        found = _factors(node)
        if node in found.powers:  # what holds itself would outlive its graph
            return found
        node.powers = found
    return Factors(found[0], dict(found[1]), list(found[2]))  # rules change what they are given


def _factors(node: Node) -> Factors:
    coefficient = ONE
    powers: dict[Node, Fraction] = {}
    exponent: list[tuple[Fraction, Node]] = []
    stack = [(node, ONE)]
    while stack:
        part, power = stack.pop()
        op = part.op
        whole = power is ONE or power.denominator == 1
        if op == "neg" and whole:
            coefficient = -coefficient if power.numerator % 2 else coefficient
            stack.append((part.args[0], power))
        elif op == "mul" and (whole or all(a.bounds.nonnegative for a in part.args)):
            stack.extend([(a, power) for a in reversed(part.args)])
        elif op == "div" and (whole or all(a.bounds.nonnegative for a in part.args)):
            stack.append((part.args[1], MINUS_ONE if power is ONE else -power))
            stack.append((part.args[0], power))
        elif op == "pow" and part.args[1].op == "number" and (whole or part.args[0].bounds.nonnegative):
            stack.append((part.args[0], part.args[1].data if power is ONE else power * part.args[1].data))
        elif op == "sqrt" and (whole and (power.numerator % 2 or part.args[0].bounds.nonnegative)):
            stack.append((part.args[0], power / 2))
        elif op == "number" and whole and part.data:
            raised = part.data if power is ONE else part.data**power
            coefficient = raised if coefficient is ONE else coefficient * raised
        elif op == "exp":
            exponent.append((power, part.args[0]))
        else:
            powers[part] = powers[part] + power if part in powers else power
    return Factors(coefficient, {b: p for b, p in powers.items() if p}, exponent)


def product(nodes: Nodes, coefficient: Fraction, powers: dict[Node, Fraction], exponential: Node | None = None) -> Node:
    """The node of a product of powers: what has a negative power stands below one bar."""
    above = [nodes.number(Fraction(abs(coefficient).numerator))] if coefficient.numerator not in {1, -1} else []
    below = [nodes.number(Fraction(coefficient.denominator))] if coefficient.denominator != 1 else []
    if coefficient.denominator != 1 and _decimal(coefficient):
        above, below = [nodes.number(abs(coefficient))], []
    for base, power in powers.items():
        (above if power > 0 else below).append(nodes.pow(base, nodes.number(abs(power))))
    if exponential is not None:
        above.append(exponential)
    top = nodes.mul(*above) if above else nodes.number(1)
    result = nodes.div(top, nodes.mul(*below)) if below else top
    return nodes.neg(result) if coefficient < 0 else result


def _decimal(value: Fraction) -> bool:
    """Whether a number is written with a point: a short decimal, or one that has so many digits that it was never a quotient."""
    shown = repr(float(value))
    if "inf" in shown or Fraction(shown) != value:
        return False
    return len(shown) <= 6 or is_long_decimal(value)


def is_long_decimal(value: Fraction) -> bool:
    """Whether the quotient of integers is a decimal of many digits: 1.0507009873554805, not 1/1024."""
    below = value.denominator
    for prime in (2, 5):
        while below % prime == 0:
            below //= prime
    return below == 1 and value.denominator > LONGEST_QUOTIENT and abs(value.numerator) > LONGEST_QUOTIENT


# ---------------------------------------------------------------------------------------------- sums
def terms(nodes: Nodes, node: Node) -> list[tuple[Fraction, Node]]:
    """The node as a sum of (number, node); a plain number is (number, the node 1)."""
    return [_weighted(nodes, part) for part in (node.args if node.op == "add" else (node,))]


def _weighted(nodes: Nodes, part: Node) -> tuple[Fraction, Node]:
    if part.op == "neg":
        coefficient, inner = _weighted(nodes, part.args[0])
        return (MINUS_ONE if coefficient is ONE else -coefficient), inner
    if part.op == "number":
        return part.data, nodes.number(1)
    if part.op == "mul" and part.args[0].op == "number" and part.args[0].data:
        return part.args[0].data, nodes.mul(*part.args[1:])
    if part.op == "div" and part.args[1].op == "number" and part.args[1].data:
        coefficient, inner = _weighted(nodes, part.args[0])
        return coefficient / part.args[1].data, inner
    return ONE, part


def total(nodes: Nodes, parts: list[tuple[Fraction, Node]]) -> Node:
    """The node of a sum of (number, node)."""
    return nodes.add(*(scaled(nodes, c, part) for c, part in parts)) if parts else nodes.number(0)


def scaled(nodes: Nodes, coefficient: Fraction, part: Node) -> Node:
    """coefficient · part."""
    if coefficient.denominator != 1 and not _decimal(coefficient):
        return nodes.div(nodes.mul(nodes.number(coefficient.numerator), part), nodes.number(coefficient.denominator))
    return nodes.mul(nodes.number(coefficient), part)


# ---------------------------------------------------------------------------------------------- linear forms
Linear = dict[Node, Fraction]


def linear(nodes: Nodes, node: Node, weight: Fraction = ONE) -> Linear:
    """The node as a linear form over what is not a sum or a multiple; the constant is the coefficient of the node 1."""
    form: Linear = {}
    for coefficient, part in terms(nodes, node):
        scaled = coefficient if weight is ONE else weight if coefficient is ONE else coefficient * weight
        inner = linear(nodes, part, scaled) if part.op == "add" else {part: scaled}
        for atom, value in inner.items():
            form[atom] = form[atom] + value if atom in form else value
    return {atom: value for atom, value in form.items() if value}


def affine(*weighted: tuple[Fraction, Linear]) -> Linear:
    """A weighted sum of linear forms."""
    form: Linear = {}
    for weight, part in weighted:
        for atom, value in part.items():
            form[atom] = form.get(atom, Fraction(0)) + weight * value
    return {atom: value for atom, value in form.items() if value}


def from_linear(nodes: Nodes, form: Linear) -> Node:
    """The node of a linear form."""
    return total(nodes, [(value, atom) for atom, value in form.items()])
