"""The checks of a derivation over arrays: both sides of every step at random arrays, derivatives by differences of the function itself.

In: steps whose expressions are terms, the types of the names. Out: the same derivation with a `Check` in every step. Nothing here knows
a rule: the terms are evaluated as a graph; `dZ` is the slope of Z along a random direction of the variables, a gradient is compared with
the slope of the function along a direction of its variable. A slope is the imaginary part after an imaginary step, in double precision;
where the two sides do not agree so, to all but the last digits, the reference evaluation in high precision and central differences decide.
"""

from __future__ import annotations

import math
import operator
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from derive.checking.array_points import DIFFERENTIAL, Exact, Near, Point
from derive.derivation import Check, Claim, Derivation, Prose, Step
from derive.errors import DeriveError
from derive.expressions.term import Name, Term, number
from derive.graph.build import Builder
from derive.graph.continuation import NO_ANSWER, Program
from derive.graph.evaluate import TooCostly
from derive.graph.matrices import of_shape
from derive.graph.node import ArgumentType, Node
from derive.graph.operations import Undefined
from derive.meaning.scope import Bound

if TYPE_CHECKING:
    from derive.checking.array_derivatives import Compare
    from derive.meaning.scope import Type

__all__ = ["check_arrays", "concerns_arrays"]

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
    check = laboratory.check(step)
    if _is_inner(step):  # its steps move its own variables only, and name parts of their own
        inner = check_arrays(Derivation(step.before, step.after, step.steps), laboratory.types, laboratory.deadline)
        return replace(step, check=check, steps=inner.steps)
    return replace(step, check=check, steps=tuple(_checked(s, laboratory) for s in step.steps))


def _is_inner(step: Step) -> bool:
    """Whether the step is a derivative inside an expression, with steps of its own."""
    return bool(step.steps) and isinstance(step.before, Term) and step.before.head in OPERATORS


def _own(steps: tuple[Step, ...]) -> Iterator[Step]:
    """The steps but for those of derivatives inside."""
    for step in steps:
        yield step
        if not _is_inner(step):
            yield from _own(step.steps)


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
        self.assumptions = derivation.assumptions
        self.types = types = _with_signs(types, derivation.assumptions)
        self.start = derivation.start
        definitions = list(_definitions(derivation))
        terms = [t for step in _own(derivation.steps) for side in _sides(step) for t in _plain(side)]
        variables = {v.data for v in _variables(derivation.start)}
        free = {n: replace(t, properties=frozenset()) if n in variables and t.properties else t for n, t in types.items()}
        self.builder = _Names(list(dict.fromkeys((*definitions, *terms))), free)
        self.variables = variables
        self.differentials: dict[Name, tuple[Node, Name | None]] = {}  # the fresh name of dZ → Z, and the variable that Z is
        self._fresh: dict[Term, Name] = {}
        self.trouble = ""
        try:
            for definition in definitions:
                self._define(definition)
        except DeriveError as problem:
            self.trouble = problem.message
        self.program = Program()
        self._in_doubles: list[Near] = []
        self._draws: list[Exact] = []
        self._prepared = {id(step): self._compared(step) for step in _own(derivation.steps)}  # before the first draw

    def _define(self, definition: Term) -> None:
        left, right = definition.args
        if left.head == "index":
            indices = [i.data for i in left.args[1:]]
            axes = {n: self.builder.subscripts.running(left.args[0].data, k, n, definition) for k, n in enumerate(indices)}
            node = self.builder.nodes.make("stack", self.builder.bound(axes, right), data=tuple(axes.values()))
            self.builder.parts[left.args[0].data] = node
        else:
            self.builder.parts[left.data] = self.builder.column(right)

    # ------------------------------------------------------------------------------------------ terms to nodes
    def _node(self, term: Term) -> Node:
        return self.builder.column(self._without_differentials(term) if term.has("differential") else term)

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
            name = Name("d", sub=str(len(self._fresh)), sup=DIFFERENTIAL)
            node = self.builder.column(term)
            variable = term.data if term.head == "name" and term.data in self.variables else None
            self._fresh[term] = name
            self.differentials[name] = (node, variable)
            self.builder.parts[name] = self.builder.nodes.argument(ArgumentType(name.key), node.shape)
        return Term("name", (), self._fresh[term])

    # ------------------------------------------------------------------------------------------ checks
    def check(self, step: Step) -> Check:
        """The check of one step: its two sides are equal wherever they can be evaluated."""
        prepared = self._prepared.get(id(step)) or self._compared(step)
        if isinstance(prepared, Check):
            return prepared
        if self.deadline is not None and time.monotonic() > self.deadline:
            return Check("unverified", reason="the time limit was met")
        compare, method = prepared
        errors: list[float] = []
        for attempt in range(TRIES):
            error = self._in_doubles_error(compare, attempt)
            if error is None:
                continue
            if error <= TOLERANCE:
                errors.append(error)
                if len(errors) == DRAWS:
                    break
                continue
            try:
                point = self._point(attempt)
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

    def _compared(self, step: Step) -> tuple[Compare, str] | Check:
        """What compares the sides of a step, and what it does; the check that says why there is none."""
        if self.trouble:
            return Check("unverified", reason=f"no numbers for it: {self.trouble}")
        if step.claim is not None:
            return self._claimed(step.claim)
        if step.relation != "=" or not (isinstance(step.before, Term) and isinstance(step.after, Term)):
            return Check("unverified", reason=f"the relation {step.relation} of such a step is not checked")
        try:
            return self._comparison(step)
        except DeriveError as problem:
            return Check("unverified", reason=f"no numbers for it: {problem.message}")
        except RecursionError:
            return Check("unverified", reason="an expression nested too deeply to be evaluated")

    def _claimed(self, claim: Claim) -> tuple[Compare, str] | Check:
        from derive.checking.array_claims import claimed

        try:
            if claim.kind == "equal":
                return self._comparison(Step("", "", claim.left, claim.right))
            return claimed(claim, self._node, self, self.assumptions)
        except DeriveError as problem:
            return Check("unverified", reason=f"no numbers for it: {problem.message}")

    def _in_doubles_error(self, compare: Compare, number: int) -> float | None:
        """The error of a step in double precision, infinite where that says nothing; None where there clearly is no value."""
        try:
            left, right = compare(self._near(number))
            return _distance(left, right) if _is_finite(left) and _is_finite(right) else math.inf
        except Undefined:
            return None
        except (*NO_ANSWER, DeriveError, RecursionError):
            return math.inf

    def _comparison(self, step: Step) -> tuple[Compare, str]:
        before, after = step.before, step.after
        if before.head == "at" and before.args[0].head in OPERATORS and not after.has(*OPERATORS):
            return self._at_a_point(before, after)
        taylor = before.head == "task" and before.data == "taylor"
        product = before.head == "mul" and any(part.head in ("hessian", "jacobian") for part in before.args)
        if (before.head in OPERATORS or taylor or product) and not after.has(*OPERATORS):
            return self._derivative(before, after)
        left, right = self._node(before), self._node(after)
        method = "slopes at random arrays" if before.has("differential") else "random arrays"
        return (lambda point: (point.value(left), point.value(right))), method

    def _derivative(self, before: Term, after: Term) -> tuple[Compare, str]:
        """A gradient, Jacobian, Hessian against differences of the function itself."""
        from derive.checking.array_derivatives import comparison

        return comparison(before, self._node(after), self._node), "slopes of the function"

    def _at_a_point(self, before: Term, after: Term) -> tuple[Compare, str]:
        """A derivative where its variables have given values, against differences of the function there."""
        body, *pairs = before.args
        values = []
        for variable, value in zip(pairs[::2], pairs[1::2], strict=True):
            shape = self.builder.column(variable).shape
            values.append((variable.data.key, of_shape(self.builder.nodes, self.builder.column(value), shape)))
        compare, method = self._derivative(body, after)
        return (lambda point: compare(point.placed(values))), f"{method} at the point"

    # ------------------------------------------------------------------------------------------ points
    def _near(self, number: int) -> Point:
        """The draw of this number in double precision."""
        while len(self._in_doubles) <= number:
            self._in_doubles.append(Near(self, len(self._in_doubles)))
        return self._in_doubles[number].ready()

    def _point(self, number: int) -> Point:
        """The draw of this number in high precision."""
        while len(self._draws) <= number:
            self._draws.append(Exact(self, len(self._draws)))
        return self._draws[number].ready()


# ---------------------------------------------------------------------------------------------- nested lists
def _flat(value: Any) -> list[Any]:
    if type(value) is not list:
        return [value]
    return value if not value or type(value[0]) is not list else [x for part in value for x in _flat(part)]


def _distance(left: Any, right: Any) -> float:
    """The largest difference of two arrays, against the size of their entries; a scalar stands for equal entries."""
    a, b = _flat(left), _flat(right)
    if len(a) != len(b):
        if not isinstance(right, list):
            b = b * len(a)
        elif not isinstance(left, list):
            a = a * len(b)
        else:
            return float("inf")
    if not a:
        return 0.0
    return float(max(map(abs, map(operator.sub, a, b))) / (1 + max(*map(abs, a), *map(abs, b))))


def _is_finite(value: Any) -> bool:
    return bool(sum(map(abs, _flat(value))) < 1e200)  # false for what is not a number, too


def _floats(value: Any) -> Any:
    return [_floats(v) for v in value] if isinstance(value, list) else float(value)


# ---------------------------------------------------------------------------------------------- what a derivation holds
def _with_signs(types: Mapping[Name, Type], assumptions: Sequence[Prose]) -> Mapping[Name, Type]:
    """The types where a name that is assumed to be positive is."""
    found = dict(types)
    for prose in assumptions:
        if len(prose) == 2 and prose[1] == " > 0" and isinstance(prose[0], Term) and prose[0].head == "name":
            kind = types.get(prose[0].data)
            if kind is not None and kind.lower is None and kind.upper is None:
                found[prose[0].data] = replace(kind, lower=Bound(number(0)))
    return found if len(assumptions) else types


def _definitions(derivation: Derivation) -> Iterator[Term]:
    for step in _own(derivation.steps):
        if step.rule in NAMING:
            for piece in step.because:
                if isinstance(piece, Term) and piece.head == "rel" and piece.data == "=":
                    yield piece


def _variables(term: Term) -> Iterator[Term]:
    """The names that a task differentiates with respect to; a derivative inside its function has variables of its own."""
    if term.head in ("gradient", "hessian", "jacobian"):
        for v in term.args[1:]:
            for inner in v.args if v.head in ("tuple", "vector", "list") else (v,):
                if inner.head == "name":
                    yield inner
    elif term.head == "derivative":
        for v in term.args[1::2]:
            if v.head == "name":
                yield v
    elif term.head == "directional" and len(term.args) == 3:
        yield term.args[1]
    elif term.head == "optimum":
        yield from (v for v in term.args[1].args if v.head == "name")
    elif term.head == "task" and term.data in ("taylor", "differential"):
        yield from (v for v in (term.args[1:2] if term.data == "taylor" else term.args[1:]) if v.head == "name")
    else:
        for argument in term.args:
            yield from _variables(argument)


def _sides(step: Step) -> Iterator[Any]:
    """What a step is evaluated from: what it claims where it claims something, else what it shows."""
    if step.claim is None:
        yield from (step.before, step.after)
        return
    claim = step.claim
    yield from (claim.left, *(claim.right if isinstance(claim.right, tuple) else (claim.right,)), *claim.over)
    yield from (side for relation in claim.under if relation.head == "rel" and relation.data != "in" for side in relation.args)


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
