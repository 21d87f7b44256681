"""The moments that a made-up law is to have: those of the facts, others made up; a bare symbol of a fact gets its value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.checking.frame import undefined
from derive.errors import DeriveError
from derive.expressions.term import Name
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
        self._means: dict[str, float] = {}
        self._variances: dict[str, float] = {}
        self._facts: dict[tuple[str, tuple[str, ...]], Any] = {}
        for fact in moments.facts:
            if fact.given or fact.operator == "MGF":
                continue
            form = Targets.form(moments, fact)
            if form is not None:
                self._facts[form] = self.structure.expression(fact.value)

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
        if name not in self._means:
            value = self._facts.get(("E", (name,)))
            low, high = self.bounds(name)
            if value is not None:
                positive = low is not None and low >= 0
                self._means[name] = self._number(value, positive=positive)
            elif low is not None and high is not None:
                self._means[name] = low + 0.45 * (high - low)
            elif low is not None or high is not None:
                self._means[name] = low + 1.3 if low is not None else (high or 0.0) - 1.3
            elif ("E2", (name,)) in self._facts:
                self._means[name] = 0.5 * math.sqrt(self._number(self._facts["E2", (name,)], positive=True))
            else:
                self._means[name] = self.world.random.uniform(0.3, 1.8) * self.world.random.choice((-1, 1, 1))
        return self._means[name]

    def has_variance(self, name: str) -> bool:
        """Whether a fact gives the variance."""
        return any((kind, (name,)) in self._facts for kind in ("Var", "SD", "E2"))

    def variance(self, name: str) -> float:
        """Var of the variable."""
        if name not in self._variances:
            for kind in ("Var", "SD", "E2"):
                value = self._facts.get((kind, (name,)))
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
            self._variances[name] = found
        return self._variances[name]

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
