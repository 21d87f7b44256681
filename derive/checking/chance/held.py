"""Densities, entropies, divergences, generating functions, expectations under a distribution: what is no SymPy node, as numbers in a world.

In: terms. Out: `Held` nodes, whose number in the structure's list leads to an object with `keys(world, frame)` (the free random variables)
and `values(world, frame)`. Entropies and divergences go back to sums and integrals over the law.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.checking.chance.clouds import cloud, density, mean
from derive.checking.chance.information import CrossEntropy, Divergence, Information, Under, law_of
from derive.checking.chance.sources import Key
from derive.checking.chance.subjects import Subject, listed, subjects_of
from derive.checking.frame import Column, Frame, Unevaluable
from derive.errors import DeriveError
from derive.expressions.chance import Expectation, Variance
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.probability.laws import distribution

if TYPE_CHECKING:
    from derive.checking.chance.structure import Structure
    from derive.checking.chance.terms import Reader
    from derive.checking.chance.world import World

__all__ = ["Held", "hold"]

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
        return _entered(structure, Divergence(kind, *(law_of(a, structure) for a in term.args[0].args)))
    return None


# ── densities ────────────────────────────────────────────────────────────────────────────────────────────────────────


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
    model = structure.model
    if head.head != "name" or head.data.base not in ("p", "f", "q", "P", "pi") or not (model.variables or model.samples):
        return None
    arguments = listed(term.args[1:])
    if head.data in structure.model.named and len(arguments) == 1:
        law = structure.model.named[head.data]
        return sp.exp(law.family.log_density(structure.expression(arguments[0]), *law.values))
    given: list[Term] = []
    subjects: list[Term] = []
    for argument in term.args[1:]:
        if argument.head == "given":
            subjects += listed(argument.args[:1])
            given += listed(argument.args[1:])
        else:
            subjects += listed([argument])
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
    return _entered(structure, Density(structure, subjects_of(subjects, structure), subjects_of(given, structure)))


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
        return Density(structure, subjects_of(inner.args[:1], structure), subjects_of(inner.args[1:], structure))
    return Density(structure, subjects_of([inner], structure), [])


def _entropy(term: Term, structure: Structure) -> Any:
    """H(X), H(X, Y), H(X | Y), H(p, q) of distributions."""
    arguments = listed(term.args)
    if all(_islaw_of(a, structure) for a in arguments) and not structure_has(arguments, structure):
        laws = [law_of(a, structure) for a in arguments]
        return CrossEntropy(laws[0], laws[-1])
    first = term.args[0]
    if len(term.args) == 1 and first.head == "given":
        given = subjects_of(first.args[1:], structure)
        return Information(structure, [(-1, [*subjects_of(first.args[:1], structure), *given]), (1, given)])
    return Information(structure, [(-1, subjects_of(arguments, structure))])


def structure_has(terms: Sequence[Term], structure: Structure) -> bool:
    """Whether all terms are random variables of the model."""
    return all(t.head == "name" and structure.model.is_random(t.data) for t in terms)


def _islaw_of(term: Term, structure: Structure) -> bool:
    try:
        law_of(term, structure)
    except (Unevaluable, DeriveError):
        return False
    return True


def _mutual(term: Term, structure: Structure) -> Information:
    """I(X; Y) and I(X; Y | Z)."""
    first, second = term.args
    given: list[Subject] = []
    if second.head == "given":
        given = subjects_of(second.args[1:], structure)
        second = second.args[0]
    a, b = subjects_of([first], structure), subjects_of([second], structure)
    parts = [(1, [*a, *b, *given]), (-1, [*a, *given]), (-1, [*b, *given])]
    return Information(structure, [*parts, (1, given)] if given else parts)


# ── generating functions, expectations under a distribution ──────────────────────────────────────────────────────────


def _generating(term: Term, structure: Structure) -> Any:
    """M_X(t) = E[e^{tX}]."""
    arguments = listed(term.args)
    t = structure.expression(arguments[1]) if len(arguments) > 1 else sp.Symbol("t", real=True)
    return Expectation.of(sp.exp(t * structure.expression(arguments[0])))


def _under(term: Term, structure: Structure, reader: Reader) -> Any:
    under = next(a for a in term.args if a.head == "expect_under")
    body = reader.read(term.args[0])
    if len(under.args) == 2 and under.args[0].head == "name":
        return _entered(structure, Under(structure, law_of(under.args[1], structure), under.args[0].data.key, body, term.data == "Var"))
    inner = under.args[0]
    if inner.head == "call" and inner.args[0].head == "name" and len(inner.args) == 2 and inner.args[1].head == "name":
        return _entered(structure, Under(structure, law_of(inner.args[0], structure), inner.args[1].data.key, body, term.data == "Var"))
    if inner.head == "name" and inner.data in structure.model.named:
        free = [n for n in body.free_symbols if structure.model.is_random(Name.from_key(n.name)) or n.name in ("z", "x")]
        if len(free) == 1:
            return _entered(structure, Under(structure, structure.model.named[inner.data], free[0].name, body, term.data == "Var"))
    if inner.head == "name" and structure.model.is_random(inner.data):
        kind = Variance if term.data == "Var" else Expectation
        return kind.of(body)
    raise Unevaluable("an expectation under a distribution of which nothing is known")
