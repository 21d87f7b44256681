"""Rows over arrays that hold derivatives on both sides, or inside products and sums: every derivative is a difference of its function.

In: two terms, the types of the names. Out: a `Check`. A derivative is replaced by an array of its own, whose entries are central
differences in high precision at every point; nothing here knows a rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from derive.checking.draws import draw
from derive.checking.nested import flat
from derive.derivation import Check
from derive.errors import DeriveError, NotSupported
from derive.expressions.term import Name, Term, number
from derive.graph.build import Builder
from derive.graph.evaluate import Evaluation, TooCostly, context
from derive.graph.node import Node
from derive.graph.operations import Undefined
from derive.meaning.scope import Type

__all__ = ["check_with_derivatives", "holds_derivatives"]

BITS = 200
STEP_BITS = 50
TRIES = 8
NEEDED = 3
TOLERANCE = 1e-12
MOST_DERIVATIVES = 8
_OPERATORS = ("gradient", "derivative")
_TROUBLE = (Undefined, ArithmeticError, ValueError, KeyError, TypeError, IndexError)


def holds_derivatives(left: Term, right: Term) -> bool:
    """Whether both sides hold gradients, or one holds them inside an expression."""
    return (left.has(*_OPERATORS) and right.has(*_OPERATORS)) or any(t.has(*_OPERATORS) and t.head not in _OPERATORS for t in (left, right))


def check_with_derivatives(left: Term, right: Term, types: Mapping[Name, Type]) -> Check:
    """Whether both sides are equal at random arrays."""
    try:
        return _Sides(left, right, types).check()
    except (DeriveError, TooCostly) as problem:
        return Check("unverified", reason=f"no numbers for it: {problem}")


class _Slope(NamedTuple):
    """A derivative: the key of the array that stands for it, the node of its function, the key of its variable."""

    key: str
    function: Node
    variable: str


class _Sides:
    """Two sides at random arrays."""

    def __init__(self, left: Term, right: Term, types: Mapping[Name, Type]) -> None:
        self.found: dict[Term, Name] = {}
        self.types = dict(types)
        self.order: list[tuple[Name, Term, Name]] = []
        sides = [self._without(t) for t in (left, right)]
        variables = {variable for _, _, variable in self.order}
        free = {n: replace(t, properties=frozenset()) if n in variables and t.properties else t for n, t in self.types.items()}
        self.builder = Builder([*sides, *(function for _, function, _ in self.order)], free)
        self.slopes: list[_Slope] = []
        for name, function, variable in self.order:
            node = self.builder.column(function)
            if node.shape:
                raise NotSupported("a derivative of an array inside a row")
            self.slopes.append(_Slope(name.key, node, variable.key))
        self.sides = [self.builder.column(s) for s in sides]
        if self.sides[0].shape != self.sides[1].shape and all(s.shape for s in self.sides):
            raise NotSupported("sides of different shapes")

    def _without(self, term: Term) -> Term:
        """The term with a name in the place of every derivative, the innermost first."""
        inner = term.with_args(tuple(self._without(a) for a in term.args)) if term.args else term
        if inner.head not in _OPERATORS:
            return inner
        if inner not in self.found:
            variables = inner.args[1:] if inner.head == "gradient" else inner.args[1::2]
            if len(variables) != 1 or variables[0].head != "name" or len(self.found) == MOST_DERIVATIVES:
                raise NotSupported("derivatives of this form inside a row")
            if inner.head == "derivative" and len(inner.args) > 2 and inner.args[2] != number(1):
                raise NotSupported("derivatives of higher order inside a row")
            variable = variables[0].data
            name = Name("d", sub=str(len(self.found)), sup="(row)")
            self.found[inner] = name
            self.types[name] = Type("real", self.types[variable].shape if variable in self.types else ())
            self.order.append((name, inner.args[0], variable))
        return Term("name", (), self.found[inner])

    def check(self) -> Check:
        """Random arrays until three agree or two sides differ."""
        arguments = {n.data[0].key: n.data for n in self.builder.nodes.arguments()}
        arguments = {key: (self._kind(key, kind), shape) for key, (kind, shape) in arguments.items()}
        sizes = sorted(
            {name for _, shape in arguments.values() for size in shape for name in size.names}
            | {n for node in self.builder.nodes.all() if node.op == "size" for n in node.data.names}
            | {n for node in self.builder.nodes.all() if node.op in ("identity", "ones") for size in node.data for n in size.names}
        )
        good, worst = 0, 0.0
        for attempt in range(TRIES):
            drawn = draw(arguments, sizes, attempt, context(BITS))
            values = dict(drawn.values)
            try:
                for slope in self.slopes:
                    values[slope.key] = self._slope(slope, values, drawn.sizes)
                left, right = (flat(Evaluation(values, drawn.sizes, BITS).array(s, {})) for s in self.sides)
            except _TROUBLE:
                continue
            if len(left) != len(right):
                left, right = (left * len(right) if len(left) == 1 else left), (right * len(left) if len(right) == 1 else right)
            error = float(max(abs(a - b) for a, b in zip(left, right, strict=True)) / (1 + max(map(abs, [*left, *right]))))
            if not error <= TOLERANCE:
                own = {s.key for s in self.slopes}
                shown = tuple((k, _floats(v)) for k, v in drawn.values.items() if k not in own)
                return Check("failed", "differences at random arrays", good + 1, min(error, 1e300), counterexample=shown)
            good, worst = good + 1, max(worst, error)
            if good == NEEDED:
                return Check("verified", "differences at random arrays", good, worst)
        return Check("unverified", reason="no random arrays at which both sides have a value")

    def _kind(self, key: str, kind: Any) -> Any:
        declared = self.types.get(Name.from_key(key))
        return kind._replace(properties=declared.properties) if declared is not None else kind

    def _slope(self, slope: _Slope, values: Mapping[str, Any], sizes: Mapping[str, int]) -> Any:
        """The differences of the function along every entry of the variable, nested as its value is."""
        h = context(BITS).mpf(2) ** -STEP_BITS
        value = values[slope.variable]

        def entry(place: int) -> Any:
            ahead, behind = (
                Evaluation({**values, slope.variable: _moved(value, place, step)}, sizes, BITS).array(slope.function, {})
                for step in (h, -h)
            )
            return (ahead - behind) / (2 * h)

        return _nested(value, iter([entry(k) for k in range(len(flat(value)))]))


def _moved(value: Any, place: int, step: Any) -> Any:
    entries = flat(value)
    return _nested(value, iter([e + step if k == place else e for k, e in enumerate(entries)]))


def _nested(like: Any, source: Any) -> Any:
    return [_nested(v, source) for v in like] if isinstance(like, (list, tuple)) else next(source)


def _floats(value: Any) -> Any:
    return [_floats(v) for v in value] if isinstance(value, list) else float(value)
