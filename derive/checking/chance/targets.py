"""The moments that a made-up law is to have: those of the facts, others made up; a bare symbol of a fact gets its value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.checking.frame import undefined
from derive.errors import DeriveError
from derive.expressions.term import Name, Term
from derive.probability.model import MomentFact

if TYPE_CHECKING:
    from derive.checking.chance.moments import Moments
    from derive.checking.chance.world import World

__all__ = ["Targets"]


class Targets:
    """The first two moments of every variable in one world: from the facts, or made up; a bare symbol of a fact gets its value."""

    def __init__(self, moments: Moments, world: World) -> None:
        self.moments = moments
        self.world = world
        self.structure = moments.structure
        self.member: int | None = None  # of a sample, where a fact says something of every member: E[X_i] = mu_i
        self._means: dict[tuple[str, int | None], float] = {}
        self._variances: dict[tuple[str, int | None], float] = {}
        self._facts: dict[tuple[str, tuple[str, ...]], Any] = {}
        self._indices: dict[tuple[str, tuple[str, ...]], str] = {}
        for fact in moments.facts:
            if fact.given or fact.operator == "MGF":
                continue
            form = Targets.form(moments, fact)
            if form is not None:
                index = _index_of(moments, fact)
                value = fact.value if not index else fact.value.transform(lambda n, index=index: _entry(n, index))  # type: ignore[misc]
                self._facts[form] = self.structure.expression(value)
                if value != fact.value:
                    self._indices[form] = index

    @staticmethod
    def form(moments: Moments, fact: MomentFact) -> tuple[str, tuple[str, ...]] | None:
        """The operator and the variables of a fact about first or second moments; "E2" for E[X²], "EE" for E[X Y]; None for others."""
        names = [moments.lawless(a) for a in fact.arguments]
        operator, first = fact.operator, fact.arguments[0]
        if operator == "E" and names[0] is None:
            if first.head == "pow" and first.args[1].head == "number" and first.args[1].data == "2":
                operator, names = "E2", [moments.lawless(first.args[0])]
            elif first.head == "mul" and len(first.args) == 2:
                operator, names = "EE", [moments.lawless(a) for a in first.args]
        if operator == "Cov" and (len(names) == 1 or names[0] == names[-1]):
            operator, names = "Var", names[:1]
        if any(n is None for n in names) or (len(names) == 2 and names[0] == names[1]):
            return None
        return operator, tuple(sorted(n for n in names if n))

    def varies(self, name: str) -> bool:
        """Whether a fact gives every member of a sample moments of its own."""
        return any(names == (name,) for _, names in self._indices)

    def _fact(self, kind: str, name: str) -> Any:
        """The right side of a fact about one variable, for the member that is asked about."""
        form = (kind, (name,))
        value = self._facts.get(form)
        index = self._indices.get(form)
        if value is None or index is None or self.member is None:
            return value
        return value.xreplace({s: sp.Integer(self.member) for s in value.free_symbols if s.name == index})

    def _number(self, value: Any, *, positive: bool = False) -> float:
        """The value of a fact's right side; a bare symbol that is not positive is made so."""
        points = self.world.points
        found = self.world.frame().values(value)[0]
        if undefined(found) or isinstance(found, complex):
            raise ValueError("a moment without a value")
        if positive and found <= 0:
            if not isinstance(value, sp.Symbol) or value.name in points.given:
                raise ValueError("a variance that is not positive")
            found = abs(found) + 0.3
        if isinstance(value, sp.Symbol):
            points.given[value.name] = found
        return float(found)

    def mean(self, name: str) -> float:
        """E of the variable."""
        place = (name, self.member)
        if place not in self._means:
            value = self._fact("E", name)
            low, high = self.bounds(name)
            if value is not None:
                positive = low is not None and low >= 0
                self._means[place] = self._number(value, positive=positive)
            elif low is not None and high is not None:
                self._means[place] = low + 0.45 * (high - low)
            elif low is not None or high is not None:
                self._means[place] = low + 1.3 if low is not None else (high or 0.0) - 1.3
            elif ("E2", (name,)) in self._facts:
                self._means[place] = 0.5 * math.sqrt(self._number(self._facts["E2", (name,)], positive=True))
            else:
                self._means[place] = self.world.random.uniform(0.3, 1.8) * self.world.random.choice((-1, 1, 1))
        return self._means[place]

    def has_variance(self, name: str) -> bool:
        """Whether a fact gives the variance."""
        return any((kind, (name,)) in self._facts for kind in ("Var", "SD", "E2"))

    def variance(self, name: str) -> float:
        """Var of the variable."""
        place = (name, self.member)
        if place not in self._variances:
            for kind in ("Var", "SD", "E2"):
                value = self._fact(kind, name)
                if value is None:
                    continue
                if kind == "E2" and isinstance(value, sp.Symbol) and value.name not in self.world.points.given:
                    found = self.world.random.uniform(0.4, 1.6)
                    self.world.points.given[value.name] = found + self.mean(name) ** 2
                else:
                    number = self._number(value, positive=True)
                    found = number**2 if kind == "SD" else number - self.mean(name) ** 2 if kind == "E2" else number
                break
            else:
                found = self.world.random.uniform(0.4, 1.6)
            if found <= 0:
                raise ValueError("a variance that is not positive")
            self._variances[place] = found
        return self._variances[place]

    def covariance(self, first: str, second: str, limit: float) -> float:
        """Cov of two variables that may depend on each other."""
        pair = tuple(sorted((first, second)))
        scale = math.sqrt(self.variance(first) * self.variance(second))
        made = self.world.random.uniform(0.3, 1) * limit * self.world.random.choice((-1, 1)) * scale
        shift = {"Cov": 0.0, "Corr": 0.0, "EE": self.mean(first) * self.mean(second)}
        for kind, offset in shift.items():
            value = self._facts.get((kind, pair))
            if value is None:
                continue
            unit = scale if kind == "Corr" else 1.0
            if isinstance(value, sp.Symbol) and value.name not in self.world.points.given:
                self.world.points.given[value.name] = made / unit + offset
                return made
            found = (self._number(value) - offset) * unit
            if abs(found) >= scale:
                raise ValueError("a covariance beyond the variances")
            return found
        return made

    def fixed_covariance(self, names: Sequence[str], rest: Sequence[str]) -> bool:
        """Whether a fact gives a covariance of the later variables."""
        return any(kind in ("Cov", "Corr", "EE") and set(pair) & set(rest) for kind, pair in self._facts)

    def bounds(self, name: str) -> tuple[float | None, float | None]:
        """The declared ends of the values."""
        kind = self.structure.types.get(self.structure.keys.get(name, Name(name)))
        found: list[float | None] = []
        for bound in (None, None) if kind is None else (kind.lower, kind.upper):
            if bound is None:
                found.append(None)
                continue
            try:
                found.append(float(self.world.frame().values(self.structure.expression(bound.value))[0]))
            except (DeriveError, TypeError):
                found.append(None)
        return found[0], found[1]


def _index_of(moments: Moments, fact: MomentFact) -> str:
    """The index under which a fact speaks of a member of a sample: i of X_i."""
    for argument in fact.arguments:
        name = argument.data if argument.head == "name" else None
        if name is not None and name.sub and not name.sub.isdigit() and moments.lawless(argument) in moments.samples:
            return str(name.sub)
    return ""


def _entry(node: Term, index: str) -> Term:
    """mu_i beside X_i is an entry of an array."""
    if node.head != "name" or node.data.sub != index:
        return node
    return Term("index", (Term("name", (), node.data._replace(sub="")), Term("name", (), Name.from_key(index))), None, node.span)
