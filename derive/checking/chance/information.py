"""Entropies, divergences and expectations under a distribution, as sums and integrals over the law.

In: distributions of the families, groups of random variables. Out: objects with `keys(world, frame)`, the free random variables, and
`values(world, frame)`, a number a lane.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.checking.chance.clouds import Cloud, cloud, density, mean
from derive.checking.chance.sources import Key, LawSource, Resolution, Source
from derive.checking.chance.vector_sources import VectorSource
from derive.checking.frame import Column, Frame, Unevaluable
from derive.expressions.term import Term
from derive.probability.family import Distribution
from derive.probability.laws import distribution

if TYPE_CHECKING:
    from derive.checking.chance.structure import Structure
    from derive.checking.chance.subjects import Subject
    from derive.checking.chance.world import World

__all__ = ["CrossEntropy", "Divergence", "Information", "Under", "law_expectation", "law_of", "source_of"]


def law_of(term: Term, structure: Structure) -> Distribution:
    """A distribution, a name of one, or a variable with a law."""
    if term.head == "dist":
        return distribution(term, structure.types)
    if term.head == "name":
        named = structure.model.named.get(term.data)
        if named is not None:
            return named
        variable = structure.model.variables.get(term.data)
        if variable is not None and variable.law is not None:
            return variable.law
    raise Unevaluable("a distribution of which nothing is known")


def source_of(law: Distribution, structure: Structure, world: World) -> LawSource | VectorSource:
    """The source of a law by itself; its keys are `(law)`."""
    if any(p.domain in ("vector", "covariance", "positive-vector") for p in law.family.parameters) or law.name == "Multinomial":
        parameters = structure.parameters_of(law, world)
        length = len(parameters[0]) if law.name != "Multinomial" else len(parameters[1])
        return VectorSource(tuple(("(law)", k) for k in range(length)), law.family, parameters)
    return structure.law("(law)", law, world, {v.key for v in (*structure.model.variables, *structure.model.samples)})


def law_expectation(world: World, frame: Frame, law: Source, function: Any, cuts: Sequence[Any] = ()) -> Column:
    """E of a function (frame with the law's keys → column) under a source, for every lane."""
    how = Resolution(world.level, len(law.keys) if law.continuous else 0)
    drawn = law.expand(frame, how, cuts, {})
    if not drawn.is_exact:
        world.is_exact = False
    inner = frame.child(drawn.parents, drawn.columns)
    found: Column = [0.0] * frame.lanes
    sizes = [0.0] * frame.lanes
    for parent, weight, value in zip(drawn.parents, drawn.weights, function(inner), strict=True):
        if weight:
            found[parent] += weight * value
            sizes[parent] += abs(weight * value)
    world.sizes.append(max(sizes, default=0.0))
    return found


@dataclass(slots=True, eq=False)
class Divergence:
    """KL(P ‖ Q) = E_P[log p − log q]; JS as the mean of two such."""

    kind: str
    first: Distribution
    second: Distribution

    def keys(self, world: World, frame: Frame | None) -> set[Key]:
        """None: parameters only."""
        return world.keys_of([v for law in (self.first, self.second) for v in law.values if isinstance(v, sp.Basic)], frame)

    def values(self, world: World, frame: Frame) -> Column:
        """The divergence, lane by lane."""
        structure = world.structure
        p, q = source_of(self.first, structure, world), source_of(self.second, structure, world)
        if self.kind == "KL":
            return law_expectation(world, frame, p, lambda inner: _difference(p.log_density(inner), q.log_density(inner)))
        halves = [law_expectation(world, frame, law, lambda inner, law=law: _against_mean(law, p, q, inner)) for law in (p, q)]
        return [(a + b) / 2 for a, b in zip(*halves, strict=True)]


def _difference(a: Column, b: Column) -> Column:
    return [x - y if y > -math.inf else math.inf for x, y in zip(a, b, strict=True)]


def _against_mean(law: Source, p: Source, q: Source, inner: Frame) -> Column:
    means = [math.log((math.exp(a) + math.exp(b)) / 2) for a, b in zip(p.log_density(inner), q.log_density(inner), strict=True)]
    return _difference(law.log_density(inner), means)


@dataclass(slots=True, eq=False)
class CrossEntropy:
    """−E_P[log q]; the entropy where both are the same."""

    first: Distribution
    second: Distribution

    def keys(self, world: World, frame: Frame | None) -> set[Key]:
        """None: parameters only."""
        return world.keys_of([v for law in (self.first, self.second) for v in law.values if isinstance(v, sp.Basic)], frame)

    def values(self, world: World, frame: Frame) -> Column:
        """The cross-entropy, lane by lane."""
        p, q = (source_of(law, world.structure, world) for law in (self.first, self.second))
        return [-v for v in law_expectation(world, frame, p, q.log_density)]


@dataclass(slots=True, eq=False)
class Information:
    """Σ of signs · E[log p(group)]: H(X) = −E log p, H(X | Y) = −E log p(x, y) + E log p(y), I(X; Y) = E log p(x, y)/(p(x) p(y))."""

    structure: Structure
    terms: list[tuple[int, list[Subject]]]

    def keys(self, world: World, frame: Frame | None) -> set[Key]:
        """None: everything is summed over."""
        return set()

    def values(self, world: World, frame: Frame) -> Column:
        """The sum, lane by lane."""
        groups = [(sign, [k for s in subjects for k in s.keys(self.structure, world)]) for sign, subjects in self.terms]
        everything = {k for _, keys in groups for k in keys}
        made = cloud(world, frame, [_symbol_of(k) for k in sorted(everything, key=str)], ())
        column = [0.0] * len(made.weights)
        for sign, keys in groups:
            masses = _masses(world, made.frame, keys) if world.has_density(keys) else _shares(made, keys)
            column = [c + sign * (math.log(m) if m > 0 else 0.0) for c, m in zip(column, masses, strict=True)]
        return mean(world, made, column)


def _symbol_of(key: Key) -> Any:
    if isinstance(key, str):
        return sp.Symbol(key, real=True)
    return sp.Indexed(sp.IndexedBase(sp.Symbol(key[0], real=True)), *key[1:])


def _masses(world: World, frame: Frame, keys: Sequence[Key]) -> Column:
    return density(world, frame, keys, ())


def _shares(made: Cloud, keys: Sequence[Key]) -> Column:
    """Masses of discrete variables, from the cloud itself."""
    totals: dict[Any, float] = {}
    marks = [(p, *(made.frame.symbols[k][lane] for k in keys)) for lane, p in enumerate(made.parents)]
    for mark, weight in zip(marks, made.weights, strict=True):
        totals[mark] = totals.get(mark, 0.0) + weight
    return [totals[mark] for mark in marks]


@dataclass(slots=True, eq=False)
class Under:
    """E_{z ~ law}[body]: the symbols named are summed over the law."""

    structure: Structure
    law: Distribution
    symbol: str
    body: Any
    is_variance: bool = False

    def keys(self, world: World, frame: Frame | None) -> set[Key]:
        """What is free in the body beside the variable."""
        return world.keys_of([self.body], frame) - {self.symbol}

    def values(self, world: World, frame: Frame) -> Column:
        """The expectation, lane by lane."""
        source = source_of(self.law, self.structure, world)

        def at(inner: Frame) -> Column:
            column = inner.symbols["(law)"]
            made: Mapping[Any, Column] = {self.symbol: column}
            return inner.child(range(inner.lanes), made).values(self.body)

        if not isinstance(source, LawSource):
            raise Unevaluable("an expectation under the law of a vector")
        first = law_expectation(world, frame, source, at)
        if not self.is_variance:
            return first
        second = law_expectation(world, frame, source, lambda inner: [v * v for v in at(inner)])
        return [b - a * a for a, b in zip(first, second, strict=True)]
