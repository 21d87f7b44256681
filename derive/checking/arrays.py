"""The checks of a derivation over arrays: both sides of every step at random arrays, derivatives by differences of the function itself.

In: steps whose expressions are terms, the types of the names. Out: the same derivation with a `Check` in every step. Nothing here knows
a rule: the terms are evaluated by the reference evaluation of the graph in high precision; `dZ` is the central difference of Z along a
random direction of the variables, a gradient is compared with the difference of the function along a direction of its variable.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from derive.checking.draws import Draw, direction, draw
from derive.derivation import Check, Derivation, Step
from derive.errors import DeriveError
from derive.expressions.term import Name, Term
from derive.graph.build import Builder
from derive.graph.evaluate import Evaluation, TooCostly, context
from derive.graph.graph import walk
from derive.graph.matrices import of_shape
from derive.graph.node import ArgumentType, Node, Shape
from derive.graph.operations import Undefined

if TYPE_CHECKING:
    from derive.meaning.scope import Type

__all__ = ["check_arrays", "concerns_arrays"]

BITS = 200
STEP_BITS = 50  # the step of a difference is 2^-50
TOLERANCE = 1e-12
DRAWS = 3
TRIES = 12
OPERATORS = frozenset(("gradient", "hessian", "jacobian", "derivative", "directional"))
NAMING = frozenset(("name-intermediates",))


def concerns_arrays(derivation: Derivation) -> bool:
    """Whether the derivation is one over arrays: its expressions are terms."""
    return isinstance(derivation.start, Term)


def check_arrays(derivation: Derivation, types: Mapping[Name, Type], deadline: float | None = None) -> Derivation:
    """The derivation with a check in every step."""
    laboratory = _Laboratory(derivation, types, deadline)
    return replace(derivation, steps=tuple(_checked(step, laboratory) for step in derivation.steps))


def _checked(step: Step, laboratory: _Laboratory) -> Step:
    return replace(step, check=laboratory.check(step), steps=tuple(_checked(s, laboratory) for s in step.steps))


class _Names(Builder):
    """A builder to whom named parts are what they were defined as, and differentials arguments."""

    def __init__(self, terms: list[Term], types: Mapping[Name, Type]) -> None:
        super().__init__(terms, types)
        self.parts: dict[Name, Node] = {}

    def value_of(self, name: Name) -> Node:
        if name in self.parts and name not in self.axes:
            return self.parts[name]
        return super().value_of(name)


class _Laboratory:
    """Everything that the steps of one derivation are evaluated with; values are shared by all steps."""

    def __init__(self, derivation: Derivation, types: Mapping[Name, Type], deadline: float | None) -> None:
        self.deadline = deadline
        self.types = types
        self.start = derivation.start
        definitions = list(_definitions(derivation))
        terms = [t for step in derivation.walk() for side in (step.before, step.after) for t in _plain(side)]
        variables = {v.data for v in _variables(derivation.start)}
        free = {n: replace(t, properties=frozenset()) if n in variables else t for n, t in types.items()}
        self.builder = _Names([*definitions, *terms], free)
        self.variables = variables
        self.differentials: dict[Name, tuple[Node, Name | None]] = {}  # the fresh name of dZ → Z, and the variable that Z is
        self._fresh: dict[Term, Name] = {}
        self.trouble = ""
        try:
            for definition in definitions:
                self._define(definition)
        except DeriveError as problem:
            self.trouble = problem.message
        self._draws: list[_Point] | None = None

    def _define(self, definition: Term) -> None:
        left, right = definition.args
        if left.head == "index":
            indices = [i.data for i in left.args[1:]]
            axes = {n: self.builder.subscripts.whole(n, definition) for n in indices}
            node = self.builder.nodes.make("stack", self.builder.bound(axes, right), data=tuple(axes.values()))
            self.builder.parts[left.args[0].data] = node
        else:
            self.builder.parts[left.data] = self.builder.column(right)

    # ------------------------------------------------------------------------------------------ terms to nodes
    def _node(self, term: Term) -> Node:
        return self.builder.column(self._without_differentials(term))

    def _without_differentials(self, term: Term) -> Term:
        """Every dZ a name of its own."""
        if term.head == "differential":
            inner = term.args[0]
            if inner.head == "index" and inner.args[0].head == "name":
                return Term("index", (self._differential(inner.args[0]), *inner.args[1:]))
            return self._differential(inner)
        return term.with_args(tuple(self._without_differentials(a) for a in term.args))

    def _differential(self, term: Term) -> Term:
        if term not in self._fresh:
            name = Name("d", sub=str(len(self._fresh)), sup="(differential)")
            node = self.builder.column(term)
            variable = term.data if term.head == "name" and term.data in self.variables else None
            self._fresh[term] = name
            self.differentials[name] = (node, variable)
            self.builder.parts[name] = self.builder.nodes.argument(ArgumentType(name.key), node.shape)
        return Term("name", (), self._fresh[term])

    # ------------------------------------------------------------------------------------------ checks
    def check(self, step: Step) -> Check:
        """The check of one step: its two sides are equal wherever they can be evaluated."""
        if self.trouble:
            return Check("unverified", reason=f"no numbers for it: {self.trouble}")
        if self.deadline is not None and time.monotonic() > self.deadline:
            return Check("unverified", reason="the time limit was met")
        if step.relation != "=" or not (isinstance(step.before, Term) and isinstance(step.after, Term)):
            return Check("unverified", reason=f"the relation {step.relation} of such a step is not checked")
        try:
            compare, method = self._comparison(step)
        except DeriveError as problem:
            return Check("unverified", reason=f"no numbers for it: {problem.message}")
        except RecursionError:
            return Check("unverified", reason="an expression nested too deeply to be evaluated")
        errors: list[float] = []
        for number in range(TRIES):
            try:
                point = self._point(number)
                left, right = compare(point)
            except (Undefined, ValueError, ZeroDivisionError, KeyError):
                continue
            except (DeriveError, TooCostly) as problem:
                return Check("unverified", reason=f"no numbers for it: {problem}")
            if not all(map(_is_finite, (left, right))):
                continue
            error = _distance(left, right)
            if not error <= TOLERANCE:
                shown = tuple((key, _floats(value)) for key, value in point.draw.values.items())
                return Check("failed", method, len(errors) + 1, min(error, 1e300), counterexample=shown)
            errors.append(error)
            if len(errors) == DRAWS:
                break
        if len(errors) < 2:
            return Check("unverified", reason="no random arrays at which both sides have a value")
        return Check("verified", method, len(errors), max(errors))

    def _comparison(self, step: Step) -> tuple[Any, str]:
        before, after = step.before, step.after
        if before.head == "at" and before.args[0].head in OPERATORS and not after.has(*OPERATORS):
            return self._at_a_point(before, after)
        taylor = before.head == "task" and before.data == "taylor"
        product = before.head == "mul" and any(part.head in ("hessian", "jacobian") for part in before.args)
        if (before.head in OPERATORS or taylor or product) and not after.has(*OPERATORS):
            return self._derivative(before, after)
        left, right = self._node(before), self._node(after)
        method = "finite differences at random arrays" if before.has("differential") else "random arrays"
        return (lambda point: (point.value(left), point.value(right))), method

    def _derivative(self, before: Term, after: Term) -> tuple[Any, str]:
        """A gradient, Jacobian, Hessian against differences of the function itself."""
        from derive.checking.array_derivatives import comparison

        return comparison(self.builder, before, self._node(after), self._node), "finite differences of the function"

    def _at_a_point(self, before: Term, after: Term) -> tuple[Any, str]:
        """A derivative where its variables have given values, against differences of the function there."""
        body, *pairs = before.args
        values = []
        for variable, value in zip(pairs[::2], pairs[1::2], strict=True):
            shape = self.builder.column(variable).shape
            values.append((variable.data.key, of_shape(self.builder.nodes, self.builder.column(value), shape)))
        compare, method = self._derivative(body, after)
        return (lambda point: compare(point.placed(values))), f"{method} at the point"

    # ------------------------------------------------------------------------------------------ points
    def _point(self, number: int) -> _Point:
        if self._draws is None:
            self._draws = []
        while len(self._draws) <= number:
            self._draws.append(_Point(self, len(self._draws)))
        return self._draws[number].ready()


class _Point:
    """One draw: the values of the arguments, and evaluations at it and a little to both sides."""

    def __init__(self, laboratory: _Laboratory, number: int) -> None:
        self.laboratory = laboratory
        self.number = number
        self.draw = Draw({}, {})
        self._here: Evaluation | None = None
        self._sides: dict[Any, Evaluation] = {}
        self._values: dict[Node, Any] = {}

    def ready(self) -> _Point:
        """The point with a value for every argument that is known by now."""
        made = self.laboratory.builder.nodes.arguments()
        arguments = {n.data[0].key: n.data for n in made if "(differential)" not in n.data[0].key}
        if len(arguments) != len(self.draw.values):
            kinds = {key: (self._kind(kind), shape) for key, (kind, shape) in arguments.items()}
            names = {name for _, shape in kinds.values() for size in shape for name in size.names}
            names |= {n for node in self.laboratory.builder.nodes.all() for size in _sizes(node) for n in size.names}
            self.draw = draw(kinds, sorted(names), self.number, context(BITS))
            self._here = None
            self._sides.clear()
            self._values.clear()
        return self

    def _kind(self, kind: ArgumentType) -> ArgumentType:
        declared = self.laboratory.types.get(Name.from_key(kind.key))
        return kind._replace(properties=declared.properties) if declared is not None else kind

    def placed(self, values: Sequence[tuple[str, Node]]) -> _Point:
        """The same draw with some arguments at given values."""
        made = _Point(self.laboratory, self.number)
        moved = {key: self.value(node) for key, node in values}
        made.draw = self.draw._replace(values={**self.draw.values, **moved})
        return made

    def evaluation(self, moved: Mapping[str, Any]) -> Evaluation:
        """The evaluation with some arguments moved."""
        return Evaluation({**self.draw.values, **moved}, self.draw.sizes, BITS)

    def dims(self, shape: Shape) -> tuple[int, ...]:
        """The sizes of a shape at this point."""
        return tuple(size.value(self.draw.sizes) for size in shape)

    def value(self, node: Node) -> Any:
        """The value of a node at the point; a differential is the difference along the direction."""
        if self._here is None:
            self._here = self.evaluation({})
        for below in walk((node,)):
            if below.op == "argument" and "(differential)" in below.data[0].key and below.data[0].key not in self._here.arguments:
                z, variable = self.laboratory.differentials[Name.from_key(below.data[0].key)]
                self._here.arguments[below.data[0].key] = self.change(z, variable)
        return self._here.array(node, {})

    def change(self, z: Node, variable: Name | None) -> Any:
        """dZ along the directions of all variables."""
        if variable is not None:
            return _mapped(context(BITS).mpf, direction(self.dims(z.shape), self.number, variable.key))
        return self.difference(z, dict.fromkeys(self.laboratory.variables, 0))

    def difference(self, z: Node, along: Mapping[Name, int]) -> Any:
        """The central difference of a node along directions of variables (numbered, so that several are at hand)."""
        c = context(BITS)
        h = c.mpf(2) ** -STEP_BITS
        ahead, behind = self.side(along, h).array(z, {}), self.side(along, -h).array(z, {})
        return _combined(lambda x, y: (x - y) / (2 * h), ahead, behind)

    def side(self, along: Mapping[Name, int], h: Any) -> Evaluation:
        """The evaluation with the variables moved by h along their directions."""
        key = (tuple(sorted((n.key, k) for n, k in along.items())), h)
        if key not in self._sides:
            self._sides[key] = self.evaluation(self.moved(along, h))
        return self._sides[key]

    def moved(self, along: Mapping[Name, int], h: Any) -> dict[str, Any]:
        """The values of the variables, moved."""
        c = context(BITS)
        made = {}
        for name, number in along.items():
            value = self.draw.values.get(name.key)
            if value is None:
                continue
            dims = _dims(value)
            step = direction(dims, self.number + 100 * number, name.key)
            made[name.key] = _combined(lambda x, d: c.mpf(x) + h * c.mpf(d), value, step)
        return made


# ---------------------------------------------------------------------------------------------- nested lists
def _combined(function: Any, a: Any, b: Any) -> Any:
    return [_combined(function, x, y) for x, y in zip(a, b, strict=True)] if isinstance(a, list) else function(a, b)


def _mapped(function: Any, a: Any) -> Any:
    return [_mapped(function, x) for x in a] if isinstance(a, list) else function(a)


def _dims(value: Any) -> tuple[int, ...]:
    found: list[int] = []
    while isinstance(value, list):
        found.append(len(value))
        value = value[0]
    return tuple(found)


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for part in value:
            yield from _flat(part)
    else:
        yield value


def _distance(left: Any, right: Any) -> float:
    """The largest difference of two arrays, against the size of their entries; a scalar stands for equal entries."""
    a, b = list(_flat(left)), list(_flat(right))
    if len(a) != len(b):
        if not isinstance(right, list):
            b = b * len(a)
        elif not isinstance(left, list):
            a = a * len(b)
        else:
            return float("inf")
    scale = 1 + max((abs(x) for x in (*a, *b)), default=0)
    return float(max((abs(x - y) for x, y in zip(a, b, strict=True)), default=0) / scale)


def _is_finite(value: Any) -> bool:
    return all(abs(x) < 1e200 for x in _flat(value))


def _floats(value: Any) -> Any:
    return [_floats(v) for v in value] if isinstance(value, list) else float(value)


# ---------------------------------------------------------------------------------------------- what a derivation holds
def _definitions(derivation: Derivation) -> Iterator[Term]:
    for step in derivation.walk():
        if step.rule in NAMING:
            for piece in step.because:
                if isinstance(piece, Term) and piece.head == "rel" and piece.data == "=":
                    yield piece


def _variables(term: Term) -> Iterator[Term]:
    """The names that a task differentiates with respect to."""
    for node in term.walk():
        if node.head in ("gradient", "hessian", "jacobian"):
            for v in node.args[1:]:
                for inner in v.args if v.head in ("tuple", "vector", "list") else (v,):
                    if inner.head == "name":
                        yield inner
        elif node.head == "derivative":
            for v in node.args[1::2]:
                if v.head == "name":
                    yield v
        elif node.head == "directional" and len(node.args) == 3:
            yield node.args[1]
        elif node.head == "task" and node.data in ("taylor", "differential"):
            yield from (v for v in (node.args[1:2] if node.data == "taylor" else node.args[1:]) if v.head == "name")


def _plain(term: Any) -> Iterator[Term]:
    """The expressions in a side of a step, without operators of calculus."""
    if not isinstance(term, Term):
        return
    if term.head in OPERATORS or term.head == "differential":
        yield term.args[0]
    elif term.has("differential", *OPERATORS):
        for argument in term.args:
            yield from _plain(argument)
    else:
        yield term


def _sizes(node: Node) -> Iterator[Any]:
    if node.op == "size":
        yield node.data
    elif node.op in ("identity", "ones"):
        yield from node.data
    for axis in node.axes:
        yield axis.lower
        yield axis.upper
