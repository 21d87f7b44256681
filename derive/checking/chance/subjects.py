"""What stands before and behind the bar of a density: variables, perhaps at values, and whole samples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.checking.chance.sources import Key
from derive.checking.frame import Unevaluable
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy

if TYPE_CHECKING:
    from derive.checking.chance.structure import Structure
    from derive.checking.chance.world import World

__all__ = ["Subject", "listed", "subjects_of"]

_LISTED = ("list", "and", "tuple")


def listed(terms: Iterable[Term]) -> list[Term]:
    """Lists in lists as one."""
    found: list[Term] = []
    for term in terms:
        found += listed(term.args) if term.head in _LISTED else [term]
    return found


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
            return Subject(name.key)
    if term.head != "name":
        raise Unevaluable("the density of an expression")
    name = term.data
    if model.is_random(name):
        return Subject(name.key)
    upper = name._replace(base=name.base.upper()) if len(name.base) == 1 else name
    if model.is_random(upper):
        return Subject(upper.key, to_sympy(term, structure.types))
    raise Unevaluable(f"{name.key} is not random here")


def subjects_of(terms: Sequence[Term], structure: Structure) -> list[Subject]:
    """The subjects that terms name; lists with dots are whole samples."""
    found: list[Subject] = []
    flat = listed(terms)
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
