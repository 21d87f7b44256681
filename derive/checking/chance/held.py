"""Densities, entropies, divergences, generating functions, expectations under a distribution: what is no SymPy node, as numbers in a world.

In: terms. Out: `Held` nodes, whose number in the structure's list leads to an object with `keys(world, frame)` (the free random variables)
and `values(world, frame)`. Entropies and divergences go back to sums and integrals over the law.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.checking.chance.clouds import cloud, density, mean
from derive.checking.chance.sources import Key, LawSource, Resolution, Source, VectorSource
from derive.checking.frame import Column, Frame, Unevaluable
from derive.errors import DeriveError
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.probability.family import Distribution
from derive.probability.laws import distribution

if TYPE_CHECKING:
    from derive.checking.chance.structure import Structure
    from derive.checking.chance.terms import Reader
    from derive.checking.chance.world import World

__all__ = ["Held", "hold", "law_expectation", "source_of", "subject_keys"]

_LISTED = ("list", "and", "tuple")
STEP = 2e-3


class Held(sp.Function):  # type: ignore[misc]
    """An expression that only a world can evaluate; its one argument is its number in the structure's list."""

    is_real = True

    @classmethod
    def eval(cls, number: Any) -> None:
        """Nothing is known before a world is."""
        return


def _entered(structure: Structure, value: Any) -> Any:
    structure.held.append(value)
    return Held(sp.Integer(len(structure.held) - 1))


def hold(term: Term, structure: Structure, reader: Reader) -> Any:
    """The node of a term; None for a term that has a form in SymPy by itself. Raises Unevaluable for what has no number at all."""
    if term.head == "call":
        return _call(term, structure, reader)
    kind = str(term.data)
    if kind == "p":
        return _density_at(term, structure)
    if kind == "MGF":
        return _generating(term, structure)
    if kind in ("E", "Var") and any(a.head == "expect_under" for a in term.args):
        return _under(term, structure, reader)
    if kind == "H":
        return _entered(structure, _entropy(term, structure))
    if kind == "I":
        return _entered(structure, _mutual(term, structure))
    if kind in ("KL", "JS"):
        return _entered(structure, Divergence(kind, *(_law(a, structure) for a in term.args[0].args)))
    return None


def _listed(terms: Iterable[Term]) -> list[Term]:
    found: list[Term] = []
    for term in terms:
        found += _listed(term.args) if term.head in _LISTED else [term]
    return found


# ── densities ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True, eq=False)
class Subject:
    """One thing that has a value: a random variable, perhaps at a value (an expression), or all members of a sample."""

    name: str
    value: Any = None

    def keys(self, structure: Structure, world: World) -> tuple[Key, ...]:
        """The variables."""
        if self.name in world.lengths:
            return tuple((self.name, k) for k in range(1, world.lengths[self.name] + 1))
        key = structure.key_of(self.name, world)
        if key is None:
            raise Unevaluable(f"nothing is known of the law of {self.name}")
        return (key,)


def subject_of(term: Term, structure: Structure) -> Subject:
    """A variable, x_1 … x_n, θ = 1/2, or y for a variable Y."""
    model = structure.model
    if term.head == "rel" and term.data == "=" and len(term.args) == 2:
        return Subject(subject_of(term.args[0], structure).name, structure.expression(term.args[1]))
    if term.head == "index" and term.args[0].head == "name":
        raise Unevaluable("the density of one entry")
    if term.head == "pow" and term.args[0].head == "name":
        name = term.args[0].data._replace(sup=str(term.args[1].data))
        if name in model.variables and isinstance(model.variables[name].symbol, sp.Pow):
            return Subject(term.args[0].data.key)
    if term.head != "name":
        raise Unevaluable("the density of an expression")
    name = term.data
    if model.is_random(name):
        return Subject(name.key)
    upper = name._replace(base=name.base.upper()) if len(name.base) == 1 else name
    if model.is_random(upper):
        return Subject(upper.key, to_sympy(term, structure.types))
    raise Unevaluable(f"{name.key} is not random here")


def _subjects(terms: Sequence[Term], structure: Structure) -> list[Subject]:
    """Lists with dots are whole samples."""
    found: list[Subject] = []
    flat = _listed(terms)
    for place, term in enumerate(flat):
        if term.head == "dots":
            continue
        near = flat[max(0, place - 1) : place + 2]
        if any(t.head == "dots" for t in near) and term.head == "name" and term.data.sub:
            label = term.data._replace(sub="").key
            if all(s.name != label for s in found):
                found.append(Subject(label))
            continue
        found.append(subject_of(term, structure))
    return found


def subject_keys(terms: Sequence[Term], structure: Structure, world: World) -> tuple[Key, ...]:
    """The variables that terms name."""
    return tuple(k for s in _subjects(terms, structure) for k in s.keys(structure, world))


@dataclass(slots=True, eq=False)
class Density:
    """p(subjects | given): of density or mass."""

    structure: Structure
    subjects: list[Subject]
    given: list[Subject]

    def keys(self, world: World, frame: Frame | None) -> set[Key]:
        """Variables without a value of their own, and what the values hold."""
        found: set[Key] = set()
        for subject in (*self.subjects, *self.given):
            if subject.value is None:
                found |= set(subject.keys(self.structure, world))
            else:
                found |= world.keys_of([subject.value], frame)
        return found

    def _columns(self, world: World, frame: Frame, subjects: Iterable[Subject]) -> dict[Key, Column]:
        found: dict[Key, Column] = {}
        for subject in subjects:
            for key in subject.keys(self.structure, world):
                found[key] = world.value_of(frame, key) if subject.value is None else frame.values(subject.value)
        return found

    def values(self, world: World, frame: Frame) -> Column:
        """The density, lane by lane."""
        above = self._columns(world, frame, self.subjects)
        below = self._columns(world, frame, self.given)
        inner = frame.child(range(frame.lanes), {**above, **below})
        return density(world, inner, list(above), [_Clamped(k) for k in below])


class _Clamped:
    """A condition that a key has its value."""

    def __init__(self, key: Key) -> None:
        self.key = key


@dataclass(slots=True, eq=False)
class DefinedDensity:
    """The density of Y = g(X): the derivative of P(Y ≤ y), by differences."""

    structure: Structure
    body: Any
    value: Any

    def keys(self, world: World, frame: Frame | None) -> set[Key]:
        """What the value holds."""
        return world.keys_of([self.value], frame)

    def values(self, world: World, frame: Frame) -> Column:
        """The density, lane by lane."""
        at = frame.values(self.value)
        steps = [STEP * (0.1 + abs(v)) for v in at]
        y = sp.Symbol("y(density)", real=True)
        found = []
        for k in (-3, -2, -1, 1, 2, 3):
            inner = frame.child(range(frame.lanes), {y: [v + k * h for v, h in zip(at, steps, strict=True)]})
            made = cloud(world, inner, [self.body <= y], ())
            found.append(mean(world, made, [1.0 if t else 0.0 for t in made.frame.values(self.body <= y)]))
        world.is_exact = False
        low3, low2, low1, up1, up2, up3 = found
        columns = zip(low3, low2, low1, up1, up2, up3, steps, strict=True)
        return [(45 * (d - c) - 9 * (e - b) + (f - a)) / (60 * h) for a, b, c, d, e, f, h in columns]


def _call(term: Term, structure: Structure, reader: Reader) -> Any:
    """p(θ | x), p_Y(y), q(z): calls of a density; None for other calls."""
    head = term.args[0]
    if head.head != "name" or head.data.base not in ("p", "f", "q", "P", "pi") or not (structure.model.variables or structure.model.samples):
        return None
    arguments = _listed(term.args[1:])
    if head.data in structure.model.named and len(arguments) == 1:
        law = structure.model.named[head.data]
        return sp.exp(law.family.log_density(structure.expression(arguments[0]), *law.values))
    given: list[Term] = []
    subjects: list[Term] = []
    for argument in term.args[1:]:
        if argument.head == "given":
            subjects += _listed(argument.args[:1])
            given += _listed(argument.args[1:])
        else:
            subjects += _listed([argument])
    if head.data.sub and len(subjects) == 1:
        name = Name.from_key(head.data.sub)
        if name.key in structure.defined:
            body = structure.expression(Term("name", (), name))
            return _entered(structure, DefinedDensity(structure, body, structure.expression(subjects[0])))
        if structure.model.is_random(name):
            return _entered(structure, Density(structure, [Subject(name.key, structure.expression(subjects[0]))], []))
    if len(subjects) == 1 and subjects[0].head == "name" and not given:
        upper = subjects[0].data._replace(base=subjects[0].data.base.upper())
        if upper.key in structure.defined and not structure.model.is_random(subjects[0].data):
            body = structure.expression(Term("name", (), upper))
            return _entered(structure, DefinedDensity(structure, body, to_sympy(subjects[0], structure.types)))
    return _entered(structure, Density(structure, _subjects(subjects, structure), _subjects(given, structure)))


def _density_at(term: Term, structure: Structure) -> Any:
    """𝒩(x; m, v), and p(…) with distributions."""
    value, law = term.args[0], term.args[-1]
    if law.head != "dist":
        return _entered(structure, _plain_density(term, structure))
    found = distribution(law, structure.types)
    assert found.family.density is not None
    return structure.inserted(found.family.density(structure.expression(value), *found.values))


def _plain_density(term: Term, structure: Structure) -> Density:
    inner = term.args[0] if len(term.args) == 1 else Term("list", term.args)
    if inner.head == "given":
        return Density(structure, _subjects(inner.args[:1], structure), _subjects(inner.args[1:], structure))
    return Density(structure, _subjects([inner], structure), [])


# ── laws by themselves ───────────────────────────────────────────────────────────────────────────────────────────────


def _law(term: Term, structure: Structure) -> Distribution:
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
        halves = [
            law_expectation(world, frame, law, lambda inner, law=law: _against_mean(law, p, q, inner)) for law in (p, q)
        ]
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
        return [-v for v in law_expectation(world, frame, p, lambda inner: q.log_density(inner))]


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


def _shares(made: Any, keys: Sequence[Key]) -> Column:
    """Masses of discrete variables, from the cloud itself."""
    totals: dict[Any, float] = {}
    marks = [(p, *(made.frame.symbols[k][lane] for k in keys)) for lane, p in enumerate(made.parents)]
    for mark, weight in zip(marks, made.weights, strict=True):
        totals[mark] = totals.get(mark, 0.0) + weight
    return [totals[mark] for mark in marks]


def _entropy(term: Term, structure: Structure) -> Any:
    """H(X), H(X, Y), H(X | Y), H(p, q) of distributions."""
    arguments = _listed(term.args)
    if all(_is_law(a, structure) for a in arguments) and not structure_has(arguments, structure):
        laws = [_law(a, structure) for a in arguments]
        return CrossEntropy(laws[0], laws[-1])
    first = term.args[0]
    if len(term.args) == 1 and first.head == "given":
        given = _subjects(first.args[1:], structure)
        return Information(structure, [(-1, [*_subjects(first.args[:1], structure), *given]), (1, given)])
    return Information(structure, [(-1, _subjects(arguments, structure))])


def structure_has(terms: Sequence[Term], structure: Structure) -> bool:
    """Whether all terms are random variables of the model."""
    return all(t.head == "name" and structure.model.is_random(t.data) for t in terms)


def _is_law(term: Term, structure: Structure) -> bool:
    try:
        _law(term, structure)
    except (Unevaluable, DeriveError):
        return False
    return True


def _mutual(term: Term, structure: Structure) -> Information:
    """I(X; Y) and I(X; Y | Z)."""
    first, second = term.args
    given: list[Subject] = []
    if second.head == "given":
        given = _subjects(second.args[1:], structure)
        second = second.args[0]
    a, b = _subjects([first], structure), _subjects([second], structure)
    parts = [(1, [*a, *b, *given]), (-1, [*a, *given]), (-1, [*b, *given])]
    return Information(structure, [*parts, (1, given)] if given else parts)


# ── generating functions, expectations under a distribution ──────────────────────────────────────────────────────────


def _generating(term: Term, structure: Structure) -> Any:
    """M_X(t) = E[e^{tX}]."""
    from derive.expressions.chance import Expectation

    arguments = _listed(term.args)
    t = structure.expression(arguments[1]) if len(arguments) > 1 else sp.Symbol("t", real=True)
    return Expectation.of(sp.exp(t * structure.expression(arguments[0])))


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


def _under(term: Term, structure: Structure, reader: Reader) -> Any:
    under = next(a for a in term.args if a.head == "expect_under")
    body = reader.read(term.args[0])
    if len(under.args) == 2 and under.args[0].head == "name":
        return _entered(structure, Under(structure, _law(under.args[1], structure), under.args[0].data.key, body, term.data == "Var"))
    inner = under.args[0]
    if inner.head == "call" and inner.args[0].head == "name" and len(inner.args) == 2 and inner.args[1].head == "name":
        return _entered(structure, Under(structure, _law(inner.args[0], structure), inner.args[1].data.key, body, term.data == "Var"))
    if inner.head == "name" and inner.data in structure.model.named:
        free = [n for n in body.free_symbols if structure.model.is_random(Name.from_key(n.name)) or n.name in ("z", "x")]
        if len(free) == 1:
            return _entered(structure, Under(structure, structure.model.named[inner.data], free[0].name, body, term.data == "Var"))
    if inner.head == "name" and structure.model.is_random(inner.data):
        from derive.expressions.chance import Expectation, Variance

        kind = Variance if term.data == "Var" else Expectation
        return kind.of(body)
    raise Unevaluable("an expectation under a distribution of which nothing is known")
