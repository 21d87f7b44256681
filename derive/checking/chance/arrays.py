"""Steps about random vectors: E[xᵀ A x], Cov(A x), Gaussian laws of vectors, at random arrays and with a concrete law of the vectors.

In: sides as terms with arrays and probability heads, and the structure of the model. Out: a `Check`. A vector of which mean and covariance
are known gets a made-up law of few points with exactly these moments, skewed and, where independence is not declared, dependent on the
others; a Gaussian one a product of Gauss–Hermite rules. Operators are sums over the points of that law; everything else is the reference
evaluation of the graph.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

from derive.checking.chance.point_laws import (
    COUNTS,
    MOST_POINTS,
    Points,
    TooMany,
    divergence_or_entropy,
    gaussian_points,
    made_up_points,
    own_moments,
    positive_definite,
)
from derive.checking.draws import draw
from derive.checking.frame import Unevaluable
from derive.checking.nested import combined, floats, relative_distance
from derive.derivation import Check
from derive.errors import DeriveError
from derive.expressions.term import Name, Term
from derive.graph.build import Builder
from derive.graph.evaluate import DOUBLE, Evaluation, TooCostly, context
from derive.graph.node import Node
from derive.graph.operations import Undefined
from derive.meaning.inference import shape_of
from derive.meaning.scope import Type
from derive.probability.families.vectors import cholesky
from derive.probability.model import Model, Variable

if TYPE_CHECKING:
    from derive.checking.chance.structure import Structure

__all__ = ["VectorLaboratory"]

OPERATORS = frozenset(("E", "Var", "Cov"))
INFORMATION = frozenset(("KL", "H"))
DRAWS = 2
TRIES = 5
TOLERANCE = 1e-8
COVARIANCE = frozenset(("symmetric", "positive-definite", "invertible"))
BITS = 100
TROUBLE = (Undefined, ValueError, ZeroDivisionError, KeyError, OverflowError, AttributeError, TypeError, IndexError)


class VectorLaboratory:
    """The experiments with vectors of one derivation."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        model = structure.model
        self.vectors = [v for v in model.variables.values() if v.shape]
        facts = [f for f in model.moments if f.operator in ("Cov", "Var") and len(set(f.arguments)) == 1 and f.value.head == "name"]
        covariances = {f.value.data for f in facts}
        for vector in self.vectors:
            if vector.law is not None and "covariance" in vector.law.parameters:
                value = vector.law.parameters["covariance"]
                value = value.args[0] if isinstance(value, Term) and value.head == "inverse" else value
                if isinstance(value, Term) and value.head == "name":
                    covariances.add(value.data)
        self.types: dict[Name, Type] = dict(structure.types)
        for name in covariances:
            kind = self.types.get(name)
            if kind is not None and len(kind.shape) == 2:
                self.types[name] = replace(kind, properties=kind.properties | COVARIANCE)
        self.numbers = [v for v in model.variables.values() if not v.shape and (v.law is not None or _has_moments(v.name, model))]
        self.random = {v.name for v in (*self.vectors, *self.numbers)}

    def compare(self, left: Term, right: Term) -> Check:
        """Whether both sides are equal in every experiment."""
        try:
            sides = _Sides(self, left, right)
        except (DeriveError, Unevaluable) as problem:
            return Check("unverified", reason=f"no numbers for it: {problem}")
        errors: list[float] = []
        reason = "no random arrays at which both sides have a value"
        for number in range(TRIES):
            try:
                first, second, shown = sides.at(number)
            except TooMany as problem:  # other draws are smaller
                reason = f"no numbers for it: {problem}"
                continue
            except (DeriveError, TooCostly, Unevaluable) as problem:
                return Check("unverified", reason=f"no numbers for it: {problem}")
            except TROUBLE:
                continue
            error = relative_distance(first, second)
            if not math.isfinite(error):
                continue
            if error > 1e-6:
                return Check("failed", "enumeration at random arrays", len(errors) + 1, error, counterexample=shown)
            if error > TOLERANCE:
                reason = "numbers that are not exact enough"
                continue
            errors.append(error)
            if len(errors) == DRAWS:
                return Check("verified", "enumeration at random arrays", len(errors), max(errors))
        return Check("unverified", reason=reason)


class _Sides:
    """Two terms, their operators taken out."""

    def __init__(self, laboratory: VectorLaboratory, left: Term, right: Term) -> None:
        self.laboratory = laboratory
        self.types = dict(laboratory.types)
        self.operators: list[tuple[Name, str, tuple[Term, ...]]] = []  # inner ones first
        self.same: list[set[str]] = []  # names of sizes that are one
        self.gaussian = any(v.law is not None for v in laboratory.vectors)
        terms = [self._without(side) for side in (left, right)]
        written = {n.data for t in (*terms, *(b for _, _, bodies in self.operators for b in bodies)) for n in t.walk() if n.head == "name"}
        self.vectors = [v for v in laboratory.vectors if not v.given or v.name in written]
        self.numbers = [v for v in laboratory.numbers if v.name in written]
        if any(v.given or v.cases for v in self.numbers):
            raise Unevaluable("a number beside vectors whose law is conditional")
        facts = self._facts()
        everything = [*terms, *(b for _, _, bodies in self.operators for b in bodies), *facts.values()]
        if any(n.head == "probability" for t in everything for n in t.walk()):
            raise Unevaluable("an operator of another form")
        self.builder = Builder(everything, self.types)
        self.sides = [self.builder.column(t) for t in terms]
        self.bodies = [[self.builder.column(b) for b in bodies] for _, _, bodies in self.operators]
        self.facts = {key: self.builder.column(t) for key, t in facts.items()}
        for vector in (*self.vectors, *self.numbers):
            self.builder.column(Term("name", (), vector.name))

    def _without(self, term: Term) -> Term:
        """The term with a fresh name for every operator."""
        laws = self._laws(term) if term.head == "probability" and term.data in INFORMATION else []
        if laws:
            return self._between(term, laws)
        inner = term.with_args(tuple(self._without(a) for a in term.args))
        if inner.head != "probability" or inner.data not in OPERATORS:
            return inner
        bodies = tuple(inner.args)
        if any(b.head in ("given", "expect_under") for b in bodies):
            raise Unevaluable("a conditional expectation of vectors")
        known = next((n for n, kind, b in self.operators if (kind, b) == (inner.data, bodies)), None)
        if known is None:
            shape = tuple(shape_of(bodies[0], self.types))
            if inner.data in ("Cov", "Var") and shape:
                shape = (shape[0], shape_of(bodies[-1], self.types)[0])
            known = Name("E", sub=str(len(self.operators)), sup="(operator)")
            self.types[known] = Type("real", shape)
            self.operators.append((known, str(inner.data), bodies))
        return Term("name", (), known, term.span)

    def _laws(self, term: Term) -> list[Term]:
        """The distributions that are compared, or the one that a vector has."""
        if len(term.args) == 1 and term.args[0].head == "name":
            law = next((v.law for v in self.laboratory.vectors if v.name == term.args[0].data), None)
            if law is not None and "covariance" in law.parameters:
                return [Term("dist", tuple(law.values), "Normal")]
        return [n for n in term.walk() if n.head == "dist"]

    def _between(self, term: Term, laws: Sequence[Term]) -> Term:
        """KL(N ‖ N′) and H(N) of Gaussian laws of vectors."""
        if any(law.data != "Normal" or len(law.args) != 2 or any(a.head == "keyword" for a in law.args) for law in laws):
            raise Unevaluable("a divergence between laws of another form")
        if len(laws) != (2 if term.data == "KL" else 1):
            raise Unevaluable("a divergence between laws of another form")
        for law in laws:
            mean, spread = law.args
            kind = self.types.get(spread.data, Type()) if spread.head == "name" else None
            length = tuple(shape_of(mean, self.types))
            if kind is not None and length:  # the covariance of a vector is a matrix of its size
                kind = replace(kind, shape=length * 2)
            if kind is not None and len(kind.shape) == 2:
                self.types[spread.data] = replace(kind, lower=None, properties=kind.properties | COVARIANCE)
        bodies = tuple(a for law in (laws[0], laws[-1]) for a in law.args)
        lengths = [s for b in bodies for s in (*shape_of(b, self.types), *(n for i in b.walk() if i.head == "identity" for n in i.args))]
        self.same.append({s.data.key for s in lengths if s.head == "name"})
        name = Name("E", sub=str(len(self.operators)), sup="(operator)")
        self.types[name] = Type("real", ())
        self.operators.append((name, str(term.data), bodies))
        return Term("name", (), name, term.span)

    def _facts(self) -> dict[tuple[str, str], Term]:
        """Mean and covariance of every random vector, where they are known."""
        found: dict[tuple[str, str], Term] = {}
        for vector in self.vectors:
            if vector.law is not None and "covariance" in vector.law.parameters:
                for kind, value in zip(("E", "Cov"), vector.law.values, strict=True):
                    if not isinstance(value, Term):
                        raise Unevaluable("a law whose parameters are no arrays")
                    found[kind, vector.name.key] = _sized(value, vector.shape[0])
        for number in self.numbers:
            for kind, moment in zip(("E", "Cov"), own_moments(number), strict=True):
                if moment is not None:
                    found[kind, number.name.key] = moment
        for fact in self.laboratory.structure.model.moments:
            names = {a.data for a in fact.arguments if a.head == "name"}
            if fact.given or fact.operator == "MGF":
                continue
            if len(names) == 1 and names <= self.laboratory.random:
                kind = "Cov" if fact.operator == "Var" else fact.operator
                shape = self.types[next(iter(names))].shape if next(iter(names)) in self.types else ()
                found[kind, next(iter(names)).key] = _sized(fact.value, shape[0]) if shape else fact.value
            elif names & self.laboratory.random:
                raise Unevaluable("a fact about vectors for which no law is made up")
        return found

    # ── one experiment ───────────────────────────────────────────────────────────────────────────────────────────────

    def at(self, number: int) -> tuple[Any, Any, tuple[tuple[str, Any], ...]]:
        """The values of both sides at one draw, and the draw."""
        hidden = {n.key for n in self.laboratory.random} | {n.key for n, _, _ in self.operators}
        made = {n.data[0].key: n.data for n in self.builder.nodes.arguments()}
        kinds = {k: d for k, d in made.items() if k not in hidden}
        names = {name for _, shape in made.values() for size in shape for name in size.names}
        drawn = draw(kinds, sorted(names), number, context(DOUBLE))
        for group in self.same:
            known = sorted(group & set(drawn.sizes))
            drawn.sizes.update(dict.fromkeys(group - set(drawn.sizes), drawn.sizes[known[0]]) if known else {})
        random = Random(f"vectors {number}")
        state = random.getstate()
        found: list[Any] = []
        for count in self._counts(made, drawn.sizes):
            random.setstate(state)
            points = self._law(drawn.values, drawn.sizes, made, random, count)
            values = dict(drawn.values)
            for (name, kind, _), bodies in zip(self.operators, self.bodies, strict=True):
                values[name.key] = self._operator(kind, bodies, values, drawn.sizes, points)
            for vector in (*self.vectors, *self.numbers):  # a vector by itself has a value too
                values.setdefault(vector.name.key, points[0][0][vector.name.key])
            found.append([self._value(side, values, drawn.sizes) for side in self.sides])
        if any(relative_distance(a, b) > 1e-9 for a, b in zip(found[0], found[-1], strict=True)):
            raise Unevaluable("the sums over the law do not converge")
        return found[-1][0], found[-1][1], tuple(drawn.values.items())

    def _counts(self, made: Mapping[str, Any], sizes: Mapping[str, int]) -> tuple[int, ...]:
        """The rules that are compared: as fine as the number of directions allows."""
        if not self.gaussian:
            return COUNTS[0][:1]
        directions = sum(made[v.name.key][1][0].value(sizes) for v in self.vectors if v.law is not None)
        return next((pair for pair in COUNTS if pair[-1] ** directions <= MOST_POINTS), COUNTS[-1])

    def _value(self, node: Node, values: Mapping[str, Any], sizes: Mapping[str, int]) -> Any:
        try:
            return Evaluation(values, sizes, DOUBLE).array(node, {})
        except AttributeError:  # what doubles have not
            return floats(Evaluation(values, sizes, BITS).array(node, {}))

    def _operator(self, kind: str, bodies: Sequence[Node], values: dict[str, Any], sizes: Mapping[str, int], points: Points) -> Any:
        if kind in INFORMATION:
            return divergence_or_entropy(kind, [self._value(body, values, sizes) for body in bodies])
        columns = [[self._value(body, {**values, **point}, sizes) for point, _ in points] for body in bodies]
        weights = [w for _, w in points]
        means = [_average(column, weights) for column in columns]
        if kind == "E":
            return means[0]
        first, second = columns[0], columns[-1]
        outer = [_outer(_minus(a, means[0]), _minus(b, means[-1])) for a, b in zip(first, second, strict=True)]
        return _average(outer, weights)

    def _law(self, values: Mapping[str, Any], sizes: Mapping[str, int], made: Mapping[str, Any], random: Random, count: int) -> Points:
        """Points and weights of all random vectors together."""
        groups = self._groups()
        parts: list[Points] = []
        for group in groups:
            blocks = []
            for name in group:
                length = made[name][1][0].value(sizes)
                mean = self._fact("E", name, length, values, sizes) or [random.uniform(-1, 1) for _ in range(length)]
                spread = self._fact("Cov", name, length, values, sizes) or positive_definite(length, random)
                blocks.append((name, mean, cholesky(spread)))
            gaussian = [v for v in self.vectors if v.name.key in group and v.law is not None]
            if gaussian and len(group) == 1:
                parts.append(gaussian_points(blocks[0], count))
            elif gaussian:
                raise Unevaluable("Gaussian vectors whose joint law is not declared")
            else:
                parts.append(made_up_points(blocks, random))
        parts += [self._number(v, values, sizes, random, count) for v in self.numbers]
        points: Points = []
        for combination in itertools.product(*parts):
            together: dict[str, Any] = {}
            for point, _ in combination:
                together.update(point)
            points.append((together, math.prod(w for _, w in combination)))
            if len(points) > MOST_POINTS:
                raise TooMany("more values of the random vectors than can be enumerated")
        for vector in (v for v in self.vectors if v.given):
            points = self._below(vector.name.key, points, values, sizes, made, count)
        return points

    def _number(self, variable: Variable, values: Mapping[str, Any], sizes: Mapping[str, int], random: Random, count: int) -> Points:
        """A number of which mean and variance are known: a Gauss–Hermite rule, or a skewed law of few points."""
        key = variable.name.key
        if ("E", key) not in self.facts or ("Cov", key) not in self.facts:
            raise Unevaluable("a number beside vectors whose mean or variance is not known")
        mean, spread = (float(self._value(self.facts[kind, key], values, sizes)) for kind in ("E", "Cov"))
        block = (key, [mean], [[math.sqrt(spread)]])
        gaussian = variable.law is not None and variable.law.name == "Normal"
        drawn = gaussian_points(block, count) if gaussian else made_up_points([block], random)
        return [({key: place[key][0]}, weight) for place, weight in drawn]

    def _below(
        self, name: str, points: Points, values: Mapping[str, Any], sizes: Mapping[str, int], made: Mapping[str, Any], count: int
    ) -> Points:
        """A vector whose law is conditional: at every point of the others, the rule of its law there."""
        length = made[name][1][0].value(sizes)
        found: Points = []
        for point, weight in points:
            together = {**values, **point}
            mean, spread = (self._fact(kind, name, length, together, sizes) for kind in ("E", "Cov"))
            if mean is None or spread is None:
                raise Unevaluable("a conditional law without its mean and covariance")
            found += [({**point, **own}, weight * share) for own, share in gaussian_points((name, mean, cholesky(spread)), count)]
            if len(found) > MOST_POINTS:
                raise TooMany("more values of the random vectors than can be enumerated")
        return found

    def _fact(self, kind: str, name: str, length: int, values: Mapping[str, Any], sizes: Mapping[str, int]) -> Any:
        node = self.facts.get((kind, name))
        if node is None:
            return None
        value = self._value(node, values, sizes)
        if not isinstance(value, list):  # E[x] = 0
            if kind != "E":
                raise Unevaluable("a covariance that is no matrix")
            return [float(value)] * length
        return value

    def _groups(self) -> list[list[str]]:
        independent = self.laboratory.structure.facts.moments.independent
        groups: list[list[str]] = []
        for vector in (v for v in self.vectors if not v.given):
            name = vector.name.key
            near = [g for g in groups if any(not independent(name, other) for other in g)]
            groups = [g for g in groups if g not in near]
            groups.append([*itertools.chain(*near), name])
        return groups


def _has_moments(name: Name, model: Model) -> bool:
    return any(a == Term("name", (), name) for f in model.moments for a in f.arguments)


def _sized(term: Term, size: Term) -> Term:
    """An identity or a vector of ones without a size gets that of the vector."""
    return term.transform(lambda node: node.with_args((size,)) if node.head in ("identity", "ones") and not node.args else node)


def _average(column: Sequence[Any], weights: Sequence[float]) -> Any:
    total: Any = None
    for value, weight in zip(column, weights, strict=True):
        part = _scaled(value, weight)
        total = part if total is None else combined(total, part, operator.add)
    return total


def _scaled(value: Any, weight: float) -> Any:
    return [_scaled(v, weight) for v in value] if isinstance(value, list) else weight * value


def _minus(a: Any, b: Any) -> Any:
    return combined(a, b, operator.sub)


def _outer(a: Any, b: Any) -> Any:
    if not isinstance(a, list):
        return a * b
    if any(isinstance(x, list) for x in (*a, *b)):
        raise Unevaluable("the covariance of a matrix")
    return [[x * y for y in b] for x in a]
