"""The checks of backpropagation: every adjoint and every gradient against differences of what stands behind it, and all of them together
against differences of the function itself.

In: a derivation that begins with a forward pass. Out: the same derivation with a `Check` in every step. Nothing here knows a rule: an
adjoint δ of t is compared along a random direction u of t, ⟨δ, u⟩ with the slope of what the named layers next behind t make of t + h u,
weighed with their own adjoints, down to the function, whose adjoint is 1. By induction every adjoint is then what it is said to be; the
work is linear in the number of layers. At the end the gradients of all variables are taken together with a slope of the whole function
along one direction of all variables at once. A slope is the imaginary part after an imaginary step; where that is not to be had or does
not agree, a central difference decides.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from derive.checking.nested import close, flat, inner, mapped, moved, scaled
from derive.checking.network_draws import REGIMES, declared, entries
from derive.checking.network_steps import FORWARD, LOSS, claims_of, formulas_of, ordered
from derive.derivation import Check, Derivation
from derive.errors import DeriveError, InconsistentInput
from derive.expressions.term import Name
from derive.graph.continuation import NO_ANSWER, Continuation, InDoubt, Program, imaginary, stepped
from derive.graph.evaluate import context
from derive.graph.floats import Floats
from derive.graph.forms import Form, Forms
from derive.graph.node import FREE, ArgumentType, Shape
from derive.graph.operations import Undefined

if TYPE_CHECKING:
    from derive.meaning.scope import Type

__all__ = ["check_network", "is_network"]

SIDE = 2.0**-17  # the step of a difference
FINER = 2.0**-21
ROUNDING = 2.0**-52
FINE_BITS = 60  # of the step of a difference that floats do not see
IMAGINARY = 2.0**-100
CLOSE = 1e-10  # of slopes by an imaginary step
TOLERANCE = 1e-6
WHOLE_TOLERANCE = 1e-4
DRAWS = 3
DRAWS_OF_MANY = 2  # where there are more than MANY steps
MANY = 100
TRIES = 8
SIZES = (2, 3)
NO_VALUE = (Undefined, InDoubt, ValueError, ZeroDivisionError, OverflowError)


def is_network(derivation: Derivation) -> bool:
    """Whether the derivation is backpropagation through named layers."""
    return bool(derivation.steps) and derivation.steps[0].rule == FORWARD


def check_network(derivation: Derivation, types: Mapping[Name, Type], deadline: float | None = None) -> Derivation:
    """The derivation with a check in every step."""
    try:
        network = _Network(derivation, types)
        verdicts = network.verdicts(deadline)
    except DeriveError as problem:
        doubt = Check("unverified", reason=f"no numbers for it: {problem.message}")
        verdicts = [doubt] * len(derivation.steps)
    return replace(derivation, steps=tuple(replace(s, check=c) for s, c in zip(derivation.steps, verdicts, strict=True)))


Formula = tuple[Form, list[str]]  # a form and the keys of the names in its slots


class _Claim(NamedTuple):
    """What a step says: this formula is the adjoint of that name; `adjoint` is the name that it gets."""

    step: int
    of: Name
    formula: Formula
    adjoint: Name | None


class _Network:
    """The layers of one derivation as nodes over each other's names."""

    def __init__(self, derivation: Derivation, types: Mapping[Name, Type]) -> None:
        self.steps = derivation.steps
        self.types = types
        written, formulas = formulas_of(derivation)
        claims = list(claims_of(derivation))
        terms = [*written.values(), *formulas.values(), *(formula for _, _, formula, _ in claims)]
        self.forms = Forms(terms, types)
        self.order = ordered(formulas)
        self.users: dict[Name, list[Name]] = {}
        self.bodies: dict[Name, Formula] = {}
        for name in self.order:
            form, names = self.forms.define(name, formulas[name])
            self.bodies[name] = form, [n.key for n in names]
            for below in names:
                self.users.setdefault(below, []).append(name)
        self.written = {n: _keyed(self.forms.form(t)) for n, t in written.items() if formulas.get(n) != t}
        self.claims: list[_Claim] = []
        for place, of, formula, adjoint in claims:
            found = self.forms.form(formula) if adjoint is None else self.forms.define(adjoint, formula)
            self.claims.append(_Claim(place, of, _keyed(found), adjoint))
        self.variables = [c.of for c in self.claims if c.adjoint is None]
        self.named = {c.of: c for c in self.claims if c.adjoint is not None}
        self.place = {name: k for k, name in enumerate(self.order)}
        self.program = Program()

    def formulas(self) -> Iterator[Formula]:
        """All formulas."""
        yield from self.bodies.values()
        yield from (claim.formula for claim in self.claims)

    # ------------------------------------------------------------------------------------------ the verdicts
    def verdicts(self, deadline: float | None) -> list[Check]:
        """A check for every step, the forward pass first."""
        errors: list[list[float]] = [[] for _ in self.steps]
        failed: dict[int, Check] = {}
        vacuous: set[int] = set()
        drawn = 0
        for number in range(TRIES):
            if drawn == (DRAWS if len(self.steps) <= MANY else DRAWS_OF_MANY) or (deadline is not None and time.monotonic() > deadline):
                break
            try:
                point = _Point(self, number)
            except NO_VALUE:
                continue
            drawn += 1
            for place, error in point.errors():
                if error is None:
                    vacuous.add(place)
                elif error <= (WHOLE_TOLERANCE if place == 0 else TOLERANCE):
                    errors[place].append(error)
                elif place not in failed:
                    failed[place] = Check("failed", _method(place), drawn, min(error, 1e300), counterexample=point.shown(place))
        return [failed.get(place) or self._verdict(place, found, place in vacuous) for place, found in enumerate(errors)]

    def _verdict(self, place: int, errors: list[float], vacuous: bool) -> Check:
        if not errors:
            reason = "it is zero at all random arrays that were tried" if vacuous else "no random arrays at which it has a value"
            return Check("unverified", reason=reason)
        return Check("verified", _method(place), len(errors), max(errors))


def _keyed(found: tuple[Form, list[Name]]) -> Formula:
    return found[0], [name.key for name in found[1]]


def _method(place: int) -> str:
    return "a slope of the whole function" if place == 0 else "slopes of the layers behind it"


class _Point:
    """One draw: the values of all names, and differences around them."""

    def __init__(self, network: _Network, number: int) -> None:
        self.network = network
        self.number = number
        made = {*network.order, *(c.adjoint for c in network.claims)}
        for v in network.variables:
            network.forms.kind(v)
        kinds = {name.key: kind for name, kind in network.forms.kinds.items() if name not in made}
        shaped = {name for _, shape in kinds.values() for size in shape for name in size.names}
        names = sorted(shaped.union(*(form.sizes for form, _ in network.formulas())))
        sizes = {name: SIZES[(k + number) % len(SIZES)] for k, name in enumerate(names)}
        self.rng = Random(7919 * number + 13)
        self.floats = Floats(sizes)
        self.inputs = {key: self._drawn(kind, shape, sizes) for key, (kind, shape) in kinds.items()}
        self.values = dict(self.inputs)
        self._forward(self.values, self.floats)
        for name, body in network.written.items():
            if not close(self._of(body, self.values), self.values[name.key]):
                raise InconsistentInput(f"{name.key} is not what it was defined as")
        self.adjoints: dict[int, Any] = {}
        for claim in network.claims:
            self.adjoints[claim.step] = value = self._full(self._of(claim.formula, self.values), claim.of)
            if claim.adjoint is not None:
                self.values[claim.adjoint.key] = value

    def _drawn(self, kind: ArgumentType, shape: Shape, sizes: Mapping[str, int]) -> Any:
        if kind.kind != "real" or kind.bounds != FREE or kind.values or kind.properties:
            return declared(kind, shape, sizes, self.rng, self.number)
        dims = tuple(size.value(sizes) for size in shape)
        return entries(dims, self.rng, REGIMES[self.number % len(REGIMES)])

    def _forward(self, values: dict[str, Any], floats: Floats) -> None:
        for name in self.network.order:
            form, keys = self.network.bodies[name]
            values[name.key] = floats.value(form.node, dict(zip(form.keys, map(values.__getitem__, keys), strict=True)))

    def _of(self, formula: Formula, values: Mapping[str, Any]) -> Any:
        form, keys = formula
        arguments = dict(zip(form.keys, map(values.__getitem__, keys), strict=True))
        try:
            return Continuation(self.network.program, arguments, self.floats.sizes).value(form.node)
        except InDoubt:
            return self.floats.value(form.node, arguments)

    def _near(self, formula: Formula, values: Mapping[str, Any]) -> Any:
        """The value of a formula of which something has moved by an imaginary step; one of `NO_ANSWER` where there is none."""
        form, keys = formula
        arguments = dict(zip(form.keys, map(values.__getitem__, keys), strict=True))
        return Continuation(self.network.program, arguments, self.floats.sizes).value(form.node)

    def _direction(self, value: Any) -> Any:
        """A random array of the shape of a value."""
        if isinstance(value, list):
            return [self._direction(v) for v in value]
        found = self.rng.random() - 0.5
        return found + (0.25 if found > 0 else -0.25)

    def _full(self, value: Any, of: Name) -> Any:
        """A scalar beside an array stands for an array of equal entries."""
        like = self.values[of.key]
        return value if isinstance(value, list) or not isinstance(like, list) else scaled(like, 0.0, value)

    # ------------------------------------------------------------------------------------------ differences
    def errors(self) -> Iterator[tuple[int, float | None]]:
        """The error of every step, None where everything is zero."""
        yield 0, self._whole()
        for claim in self.network.claims:
            yield claim.step, self._local(claim)

    def _local(self, claim: _Claim) -> float | None:
        """⟨δ, u⟩ against the difference of the layers behind, weighed with their adjoints."""
        here = self.values[claim.of.key]
        along = self._direction(here)
        given = inner(self.adjoints[claim.step], along)
        best = self._locally_near(claim, along, given)
        if best <= CLOSE:
            return best
        for h in (SIDE, FINER):
            ahead, behind = self._frontier(claim.of, moved(here, along, h)), self._frontier(claim.of, moved(here, along, -h))
            total = scale = noise = 0.0
            for name, value in ahead.items():
                weight = self._weight(name)
                for g, x, y in zip(flat(weight), flat(behind[name]), flat(value), strict=True):
                    part = g * (y - x) / (2 * h)
                    total += part
                    scale += abs(part)
                    noise += abs(g * y)
            scale += sum(abs(g * d) for g, d in zip(flat(self.adjoints[claim.step]), flat(along), strict=True))
            floor = 64 * noise * ROUNDING / h
            if scale <= floor:
                return 0.0 if not ahead and scale == 0 else None
            best = min(best, _relative(abs(total - given), floor, scale))
            if best <= TOLERANCE:
                break
        return best

    def _locally_near(self, claim: _Claim, along: Any, given: float) -> float:
        """The error against an imaginary step; infinite where that says nothing."""
        total = scale = 0.0
        try:
            for name, value in self._frontier(claim.of, stepped(self.values[claim.of.key], along, IMAGINARY), self._near).items():
                weight = self._weight(name)
                for g, slope in zip(flat(weight), flat(imaginary(value, IMAGINARY)), strict=True):
                    total += g * slope
                    scale += abs(g * slope)
        except NO_ANSWER:
            return math.inf
        scale += sum(abs(g * d) for g, d in zip(flat(self.adjoints[claim.step]), flat(along), strict=True))
        return abs(total - given) / scale if 0 < scale < math.inf else math.inf

    def _frontier(self, start: Name, value: Any, evaluated: Any = None) -> dict[Name, Any]:
        """What the named layers next behind a name are when it has another value."""
        evaluated = evaluated or self._of
        network = self.network
        moved = {start.key: value}
        found: dict[Name, Any] = {}
        waiting = list(network.users.get(start, ()))
        while waiting:
            name = min(waiting, key=network.place.__getitem__)
            waiting = [n for n in waiting if n != name]
            new = evaluated(network.bodies[name], _Over(self.values, moved))
            if name == LOSS or name in network.named:
                found[name] = new
            else:
                moved[name.key] = new
                waiting += network.users.get(name, ())
        return found

    def _weight(self, name: Name) -> Any:
        return 1.0 if name == LOSS else self.adjoints[self.network.named[name].step]

    def _whole(self) -> float | None:
        """The difference of the function along one direction of all variables against all gradients together."""
        along = {v: scaled(self._direction(self.inputs[v.key]), 0.25) for v in self.network.variables}
        places = {c.of: c.step for c in self.network.claims if c.adjoint is None}
        given = sum(inner(self.adjoints[places[v]], d) for v, d in along.items())
        scale = sum(abs(g * x) for v, d in along.items() for g, x in zip(flat(self.adjoints[places[v]]), flat(d), strict=True))
        best = self._nearly(along, given, scale)
        if best <= CLOSE:
            return best
        for h in (SIDE, FINER):
            found, height = self._slope(self.floats, along, h)
            floor = 1024 * ROUNDING / h * height
            if max(scale, abs(found)) <= floor:  # the layers let so little through that floats do not see it
                if not scale:
                    return None
                lost = max(0.0, math.log2(max(height, 1.0)) - math.log2(scale))
                numbers = context(int(lost) + 3 * FINE_BITS)
                precise = Floats(self.floats.sizes, numbers)
                found, _ = self._slope(precise, along, numbers.mpf(2) ** -FINE_BITS)
                exact, scale = self._given(precise, along, places)
                if max(scale, abs(found)) <= floor * ROUNDING:
                    return None  # what floats left of it was rounding: it is zero
                return float(abs(found - exact) / max(scale, abs(found)))
            best = min(best, _relative(abs(found - given), floor, max(scale, abs(found))))
            if best <= TOLERANCE:
                break
        return best

    def _given(self, floats: Floats, along: Mapping[Name, Any], places: Mapping[Name, int]) -> tuple[Any, Any]:
        """What the gradients say along these directions, and how much they add up to it, at the precision of `floats`."""
        values = {k: v if isinstance(v, int) else mapped(floats.numbers.mpf, v) for k, v in self.inputs.items()}
        self._forward(values, floats)
        found: dict[int, Any] = {}
        for claim in self.network.claims:
            form, keys = claim.formula
            value = floats.value(form.node, dict(zip(form.keys, map(values.__getitem__, keys), strict=True)))
            found[claim.step] = value = self._full(value, claim.of)
            if claim.adjoint is not None:
                values[claim.adjoint.key] = value
        parts = [g * x for v, d in along.items() for g, x in zip(flat(found[places[v]]), flat(d), strict=True)]
        return sum(parts), sum(map(abs, parts))

    def _nearly(self, along: Mapping[Name, Any], given: float, scale: float) -> float:
        """The error of all gradients together against an imaginary step; infinite where that says nothing."""
        values = {**self.inputs, **{v.key: stepped(self.inputs[v.key], d, IMAGINARY) for v, d in along.items()}}
        try:
            for name in self.network.order:
                values[name.key] = self._near(self.network.bodies[name], values)
            found = imaginary(values[LOSS.key], IMAGINARY)
        except NO_ANSWER:
            return math.inf
        size = max(scale, abs(found))
        return abs(found - given) / size if 0 < size < math.inf else math.inf

    def _slope(self, floats: Floats, along: Mapping[Name, Any], h: Any) -> tuple[Any, float]:
        """The difference quotient of the function along directions of its variables, and the size of its value."""
        exact = floats.numbers.mpf
        sides = []
        for sign in (h, -h):
            values = {key: value if isinstance(value, int) else mapped(exact, value) for key, value in self.inputs.items()}
            values.update({v.key: moved(values[v.key], d, sign) for v, d in along.items()})
            self._forward(values, floats)
            sides.append(values[LOSS.key])
        return (sides[0] - sides[1]) / (2 * h), float(abs(sides[0]))

    def shown(self, place: int) -> tuple[tuple[str, Any], ...]:
        """The values that a step was tried at: of the names in it."""
        step = self.network.steps[place]
        names = dict.fromkeys(n.data.key for side in (step.before, step.after) for n in side.walk() if n.head == "name")
        return tuple((key, self.values[key]) for key in names if key in self.values)


class _Over(dict[str, Any]):
    """Values with some of them replaced, without a copy of all."""

    def __init__(self, below: Mapping[str, Any], above: Mapping[str, Any]) -> None:
        super().__init__(above)
        self.below = below

    def __missing__(self, key: str) -> Any:
        return self.below[key]


def _relative(difference: float, floor: float, scale: float) -> float:
    """The error against the size of what is compared; what roundings of the differences explain is none that counts."""
    error = difference / scale
    if not math.isfinite(error):
        return math.inf
    return error if difference > floor else min(error, TOLERANCE)
