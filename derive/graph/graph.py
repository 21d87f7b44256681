"""The hash-consed graph: `Nodes` makes nodes and shares equal ones; `Graph` is what the builder hands over.

The constructors for arithmetic keep a light normal form: nested sums and products are flat, numbers are folded and stand first in a
product, a sign is a `neg` outside, a square is a power. Nothing else is simplified.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, NamedTuple

from derive.errors import TooLarge
from derive.graph.node import FREE, ArgumentType, Axis, Bounds, Node, Shape, is_whole_number
from derive.graph.operations import OPERATIONS
from derive.graph.sizes import Size

__all__ = ["Graph", "Nodes", "walk"]

MOST_NODES = 20_000
LARGEST_POWER = 300  # digits of a number raised to a number
BOUNDED_BY_DATA = frozenset(("number", "argument", "constant", "size", "index", "det"))
CONSTANTS = {"e": math.e, "pi": math.pi, "eulergamma": 0.5772156649015329, "inf": math.inf, "nan": math.nan}


def _near(value: Fraction) -> float:
    try:
        return value.numerator / value.denominator
    except OverflowError:
        return math.inf if value > 0 else -math.inf


class Nodes:
    """Makes nodes; equal ones are one object."""

    __slots__ = ("_known", "_numbers")

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Node] = {}
        self._numbers: dict[tuple[int, int], Node] = {}  # fractions are slow to hash

    def make(self, op: str, *args: Node, data: Any = None) -> Node:
        """The node of an operation of the table; shapes that do not fit are NotSupported."""
        count = len(args)
        if count == 1:
            key: tuple[Any, ...] = (op, data, args[0].number)
        elif count == 2:
            key = (op, data, args[0].number, args[1].number)
        else:
            key = (op, data, *[a.number for a in args])
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MOST_NODES:
                raise TooLarge("the expression has too many operations to translate")
            operation = OPERATIONS[op]
            shape, axes = operation.shape(args, data)
            known = Node(op, args, data, shape, axes, self._bounds(op, args, data), len(self._known))
            self._known[key] = known
        return known

    def all(self) -> Iterable[Node]:
        """Every node made so far."""
        return self._known.values()

    def arguments(self) -> list[Node]:
        """Every argument made so far."""
        return [node for node in self._known.values() if node.op == "argument"]

    def remake(self, node: Node, args: tuple[Node, ...]) -> Node:
        """The same operation on other arguments, in normal form."""
        if args == node.args:
            return node
        if node.op in {"add", "mul", "neg", "div", "pow"}:
            constructor: Callable[..., Node] = getattr(self, node.op)
            return constructor(*args)
        return self.make(node.op, *args, data=node.data)

    @staticmethod
    def _bounds(op: str, args: tuple[Node, ...], data: Any) -> Bounds:
        if op not in BOUNDED_BY_DATA:
            rule = OPERATIONS[op].bounds
            return rule(*[a.bounds for a in args]) if rule else FREE
        if op == "number":
            return Bounds(_near(data), _near(data))
        if op == "argument":
            bounds: Bounds = data[0].bounds
            return bounds
        if op == "constant" and data == "nan":
            return FREE
        if op == "constant":
            return Bounds(CONSTANTS[data], CONSTANTS[data])
        if op == "size":
            return Bounds(1.0) if all(c > 0 for _, c in data.terms) else FREE
        if op == "index":
            low, high = data.lower.constant, data.upper.constant
            return Bounds(-math.inf if low is None else float(low), math.inf if high is None else float(high))
        if args[0].op == "argument" and "positive-definite" in args[0].data[0].properties:
            return Bounds(0.0, math.inf, True)
        rule = OPERATIONS[op].bounds
        return rule(*(a.bounds for a in args)) if rule else FREE

    # ------------------------------------------------------------------------------------------ leaves
    def number(self, value: Fraction | int) -> Node:
        """A rational number."""
        key = (value.numerator, value.denominator)
        known = self._numbers.get(key)
        if known is None:
            known = self._numbers[key] = self.make("number", data=Fraction(value))
        return known

    def constant(self, name: str) -> Node:
        """e, pi, eulergamma, inf."""
        return self.make("constant", data=name)

    def argument(self, kind: ArgumentType, shape: Shape = ()) -> Node:
        """An argument of the code."""
        return self.make("argument", data=(kind, shape))

    def size(self, size: Size) -> Node:
        """A size as a number."""
        return self.number(size.constant) if size.constant is not None else self.make("size", data=size)

    def index(self, axis: Axis) -> Node:
        """A running index as a number, as on paper."""
        return self.make("index", data=axis)

    # ------------------------------------------------------------------------------------------ arithmetic
    def add(self, *args: Node) -> Node:
        """The sum; flat, numbers folded into one."""
        flat: list[Node] = []
        for argument in args:
            flat.extend(argument.args if argument.op == "add" else (argument,))
        total: Fraction | int = 0
        place, parts = -1, []
        for part in flat:
            value = _rational(part)
            if value is None:
                parts.append(part)
            else:
                total, place = total + value, len(parts) if place < 0 else place
        if total and parts:
            parts.insert(place, self.number(total) if total > 0 else self.neg(self.number(-total)))
        if not parts:
            return self.number(total) if total >= 0 else self.neg(self.number(-total))
        return parts[0] if len(parts) == 1 else self.make("add", *parts)

    def mul(self, *args: Node) -> Node:
        """The elementwise product; flat, one number in front, the sign outside, equal factors as powers."""
        numerator, denominator, factors = 1, 1, []
        stack = list(reversed(args))
        while stack:
            part = stack.pop()
            if part.op == "neg":
                numerator = -numerator
                stack.append(part.args[0])
            elif part.op == "mul":
                stack.extend(reversed(part.args))
            elif part.op == "number":
                numerator, denominator = numerator * part.data.numerator, denominator * part.data.denominator
            else:
                factors.append(part)
        if numerator == 0 and all(f.is_scalar for f in factors):
            return self.number(0)
        powers: dict[Node, int] = {}
        for factor in factors:
            base, exponent = (
                (factor.args[0], int(factor.args[1].data)) if factor.op == "pow" and is_whole_number(factor.args[1]) else (factor, 1)
            )
            powers[base] = powers.get(base, 0) + exponent
        body = [base if exponent == 1 else self.pow(base, self.number(exponent)) for base, exponent in powers.items()]
        if abs(numerator) != denominator or not body:
            body.insert(0, self.number(abs(numerator) if denominator == 1 else Fraction(abs(numerator), denominator)))
        product = body[0] if len(body) == 1 else self.make("mul", *body)
        return self.neg(product) if numerator < 0 else product

    def neg(self, x: Node) -> Node:
        """−x."""
        if x.op == "neg":
            return x.args[0]
        if x.op == "number" and x.data == 0:
            return x
        return self.make("neg", x)

    def sub(self, a: Node, b: Node) -> Node:
        """a − b."""
        return self.add(a, self.neg(b))

    def div(self, a: Node, b: Node) -> Node:
        """a / b; a quotient of numbers is a number."""
        if a.op == "neg" or b.op == "neg":
            quotient = self.div(a.args[0] if a.op == "neg" else a, b.args[0] if b.op == "neg" else b)
            return quotient if a.op == b.op else self.neg(quotient)
        if b.op == "number" and b.data:
            if b.data == 1:
                return a
            if a.op == "number":
                return self.number(a.data / b.data)
            if a.op == "mul" and a.args[0].op == "number" and (a.args[0].data / b.data).denominator == 1:
                return self.mul(self.number(a.args[0].data / b.data), *a.args[1:])
        if a.op == "div":
            return self.div(a.args[0], self.mul(a.args[1], b))
        return self.make("div", a, b)

    def pow(self, base: Node, exponent: Node) -> Node:
        """base^exponent; halves are roots, negative numbers quotients."""
        value = _rational(exponent)
        if value is None:
            return self.make("pow", base, exponent)
        if value.numerator == value.denominator:
            return base
        if value == 0 and base.is_scalar:
            return self.number(1)
        if value < 0:
            return self.div(self.number(1), self.pow(base, self.number(-value)))
        if base.op == "number" and base.data and float(value) * abs(math.log10(abs(base.data))) > LARGEST_POWER:
            raise TooLarge("a power is too large to compute")
        if base.op == "number" and value.denominator == 1 and value <= 64:
            return self.number(base.data ** int(value))
        if value == Fraction(1, 2):
            return self.make("sqrt", base)
        if base.op == "neg" and value.denominator == 1:
            power = self.pow(base.args[0], exponent)
            return self.neg(power) if value % 2 else power
        if base.op == "pow" and value.denominator == 1 and is_whole_number(base.args[1]):
            return self.make("pow", base.args[0], self.number(base.args[1].data * value))
        if base.op == "sqrt" and value.denominator == 1 and value % 2 == 0 and base.args[0].bounds.nonnegative:
            return self.pow(base.args[0], self.number(value / 2))
        return self.make("pow", base, self.number(value))


def _rational(node: Node) -> Fraction | None:
    if node.op == "number":
        value: Fraction = node.data
        return value
    if node.op == "neg" and node.args[0].op == "number":
        return -_rational(node.args[0])  # type: ignore[operator]
    return None


class Graph(NamedTuple):
    """Named outputs over shared nodes. `label` is "" for a single output."""

    nodes: Nodes
    outputs: tuple[tuple[str, Node], ...]
    assumptions: tuple[tuple[str, str], ...] = ()  # keys of undeclared names and what they were taken to be

    @property
    def roots(self) -> tuple[Node, ...]:
        """The output nodes."""
        return tuple(node for _, node in self.outputs)

    def mapped(self, function: Callable[[Node], Node]) -> Graph:
        """The graph with every output replaced."""
        return self._replace(outputs=tuple((label, function(node)) for label, node in self.outputs))

    def rebuild(self, change: Callable[[Node], Node]) -> Graph:
        """Every node rebuilt over rebuilt arguments and then changed, each once, arguments first."""
        done: dict[Node, Node] = {}
        for node in walk(self.roots):
            done[node] = change(self.nodes.remake(node, tuple([done[a] for a in node.args])))
        return self.mapped(lambda root: done[root])


def walk(roots: Iterable[Node]) -> list[Node]:
    """Every node below the roots once, arguments before their users."""
    order: list[Node] = []
    seen: set[Node] = set()
    add, made = seen.add, order.append
    for root in roots:
        stack: list[Node | None] = [root]  # None: the arguments of the node below it are done
        pop = stack.pop
        while stack:
            node = pop()
            if node is None:
                made(pop())  # type: ignore[arg-type]
            elif node not in seen:
                add(node)
                if node.args:
                    stack += (node, None, *node.args[::-1])
                else:
                    made(node)
    return order
