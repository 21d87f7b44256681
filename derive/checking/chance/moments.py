"""Made-up laws of variables of which only moments are known: few values, skewed, dependent wherever independence is not declared.

In: facts E[X] = mu, Var(X) = v, Cov(X, Y) = c, E[X | Y] = …, and declared independence. Out: sources in every world; a symbol that a fact
gives gets the value that the law has, so that the facts hold exactly.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.checking.chance.conditional_moments import ConditionalSource
from derive.checking.chance.sources import Key, TableSource
from derive.checking.chance.standard_laws import Rows, standard, two_values
from derive.checking.chance.targets import Targets
from derive.checking.frame import Unevaluable
from derive.expressions.term import Name, Term
from derive.probability.families.vectors import cholesky
from derive.probability.model import MomentFact

if TYPE_CHECKING:
    from derive.checking.chance.structure import Structure
    from derive.checking.chance.world import World

__all__ = ["Moments"]


class Moments:
    """The variables without a law that are on no table, and the facts about them."""

    def __init__(self, structure: Structure, on_tables: set[str]) -> None:
        self.structure = structure
        model = structure.model
        lawless = [v for v in model.variables.values() if v.law is None and not v.cases and v.name.key not in on_tables]
        joint = {name for j in model.joints for name in j.members}
        self.names = [v.name.key for v in lawless if not v.shape and v.name not in joint]
        self.vectors = [v.name.key for v in lawless if v.shape]
        self.samples = [s.base.key for s in model.samples.values() if s.law is None]
        self.facts = [f for f in model.moments if f.operator != "equation"]
        self.conditional: set[str] = set()
        self.conditional = {n for n in self.names if any(f.given and self._subject(f) == n for f in self.facts)}
        self.with_mgf = {self._subject(f) for f in self.facts if f.operator == "MGF"}

    def _subject(self, fact: MomentFact) -> str:
        first = fact.arguments[0]
        return first.data.key if first.head == "name" else ""

    def furnish(self, world: World) -> None:
        """A source for every variable."""
        free = [n for n in self.names if n not in self.conditional and n not in self.with_mgf]
        targets = Targets(self, world)
        for group in self._components(free):
            self._group(group, targets, world)
        for label in self.samples:
            self._sample(label, targets, world)
        for name in self.conditional:
            self._conditional(name, world)

    def settle(self, world: World) -> None:
        """Facts of other forms: a bare symbol on their right gets the value that the law has; other values must be what the law has."""
        for fact in self.facts:
            if fact.operator == "MGF" or fact.given or not self._is_late(fact):
                continue
            node = self.structure.expression(Term("probability", fact.arguments, fact.operator))
            value = self.structure.expression(fact.value)
            world.fresh(1)
            found = world.frame().values(node)[0]
            if isinstance(value, sp.Symbol) and value.name not in world.points.given and value.name not in world.points.used:
                world.points.given[value.name] = found
            elif not abs(world.frame().values(value)[0] - found) <= 1e-9 * (1 + abs(found)):
                raise Unevaluable("facts for which no law is made up")

    def _is_late(self, fact: MomentFact) -> bool:
        """Whether a fact is not one about the first two moments of variables without a law."""
        return Targets.form(self, fact) is None

    def lawless(self, term: Term) -> str | None:
        """The variable that a term is, or the sample that it is a member of, where it has no law."""
        if term.head == "index" and term.args[0].head == "name" and term.args[0].data.key in self.samples:
            return str(term.args[0].data.key)
        if term.head != "name":
            return None
        name: Name = term.data
        if name.key in self.names and name.key not in self.conditional:
            return name.key
        base = name._replace(sub="").key
        return base if base in self.samples and (name.sub or name.key == base) else None

    # ── who depends on whom ──────────────────────────────────────────────────────────────────────────────────────────

    def independent(self, first: str, second: str) -> bool:
        """Whether two variables are declared independent."""
        for independence in self.structure.model.independences:
            if independence.given or independence.kind not in ("independent", "iid"):
                continue
            groups = [{t.data.key for t in group if t.head == "name"} for group in independence.groups]
            places = [[k for k, g in enumerate(groups) if n in g] for n in (first, second)]
            if places[0] and places[1] and places[0] != places[1]:
                return True
        return False

    def _components(self, names: Sequence[str]) -> list[list[str]]:
        groups: list[list[str]] = []
        for name in names:
            near = [g for g in groups if any(not self.independent(name, other) for other in g)]
            groups = [g for g in groups if g not in near]
            groups.append([*itertools.chain(*near), name])
        return groups

    # ── laws ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _group(self, names: list[str], targets: Targets, world: World) -> None:
        if any(self.independent(a, b) for a, b in itertools.combinations(names, 2)):
            rows = self._partly_independent(names, targets, world)
        elif len(names) == 1:
            rows = [((x,), w) for x, w in self._single(names[0], targets, world)]
        else:
            rows = self._together(names, targets, world)
        source = TableSource(tuple(names), tuple(r for r, _ in rows), tuple(w for _, w in rows))
        for name in names:
            world.sources[name] = source
        shown = ", ".join(names)
        pairs = tuple((f"P({shown} = {', '.join(f'{x:.4g}' for x in row)})", weight) for row, weight in rows[:6])
        world.described += pairs

    def _single(self, name: str, targets: Targets, world: World) -> list[tuple[float, float]]:
        """Three values, or two where the variable has a bound."""
        mean, variance = targets.mean(name), targets.variance(name)
        low, high = targets.bounds(name)
        random = world.random
        if low is None and high is None:
            return [(mean + math.sqrt(variance) * z, w) for (z,), w in standard(1, random)]
        if low is not None and high is not None:
            if targets.has_variance(name):
                return two_values(mean, variance, low, high, random)
            share = (mean - low) / (high - low)
            if not 0 < share < 1:
                raise ValueError("a mean outside the bounds")
            return [(low, (1 - share) * 0.7), (high, share * 0.7), (mean, 0.3)]
        return two_values(mean, variance, low, high, random)

    def _together(self, names: list[str], targets: Targets, world: World) -> Rows:
        count = len(names)
        limit = min(0.45, 0.9 / (count - 1))
        spread = [math.sqrt(targets.variance(n)) for n in names]
        matrix = [[1.0 if j == k else 0.0 for k in range(count)] for j in range(count)]
        for j, k in itertools.combinations(range(count), 2):
            covariance = targets.covariance(names[j], names[k], limit)
            matrix[j][k] = matrix[k][j] = covariance / (spread[j] * spread[k])
        factor = cholesky(matrix)
        means = [targets.mean(n) for n in names]
        rows: Rows = []
        for z, weight in standard(count, world.random):
            place = [math.fsum(a * b for a, b in zip(row, z, strict=True)) for row in factor]
            rows.append((tuple(m + s * x for m, s, x in zip(means, spread, place, strict=True)), weight))
        return rows

    def _partly_independent(self, names: list[str], targets: Targets, world: World) -> Rows:
        """First variables that are independent of each other, then those that depend on them, through sums and products."""
        roots: list[str] = []
        for name in names:
            if all(self.independent(name, other) for other in roots):
                roots.append(name)
        rest = [n for n in names if n not in roots]
        if any(self.independent(a, b) for a, b in itertools.combinations(rest, 2)) or targets.fixed_covariance(names, rest):
            raise Unevaluable("dependence of a form for which no law is made up")
        tables = [standard(1, world.random) for _ in roots]
        rows: Rows = []
        for group in itertools.product(*tables):
            rows.append((tuple(z for (z,), _ in group), math.prod(w for _, w in group)))
        for name in rest:
            near = [k for k, root in enumerate(roots) if not self.independent(name, root)]
            factors = [world.random.uniform(0.4, 1.2) * world.random.choice((-1, 1)) for _ in near]
            noise = standard(1, world.random)
            made: Rows = []
            for row, weight in rows:
                centre = math.fsum(f * row[k] for f, k in zip(factors, near, strict=True)) + 0.6 * math.prod(row[k] for k in near)
                made += [((*row, centre + 0.7 * e), weight * w) for (e,), w in noise]
            mean = math.fsum(w * r[-1] for r, w in made)
            deviation = math.sqrt(math.fsum(w * (r[-1] - mean) ** 2 for r, w in made))
            rows = [((*r[:-1], (r[-1] - mean) / deviation), w) for r, w in made]
        order = [*roots, *rest]
        scaled: Rows = []
        for row, weight in rows:
            values = {n: targets.mean(n) + math.sqrt(targets.variance(n)) * z for n, z in zip(order, row, strict=True)}
            scaled.append((tuple(values[n] for n in names), weight))
        return scaled

    def _sample(self, label: str, targets: Targets, world: World) -> None:
        sample = next(s for s in self.structure.model.samples.values() if s.base.key == label)
        kind = self.structure.types.get(sample.base)
        if kind is not None and len(kind.shape) > 1:
            return
        same = self._single(label, targets, world) if not targets.varies(label) else []
        for k in range(1, world.lengths[label] + 1):
            if targets.varies(label):
                targets.member = k
                rows = self._single(label, targets, world)
                targets.member = None
                world.sources[label, k] = TableSource(((label, k),), tuple((x,) for x, _ in rows), tuple(w for _, w in rows))
                continue
            rows = same if sample.iid or k == 1 else self._single(label, targets, world)
            world.sources[label, k] = TableSource(((label, k),), tuple((x,) for x, _ in rows), tuple(w for _, w in rows))
        world.described += tuple((f"P({label}_i = {x:.4g})", w) for x, w in same)

    def _conditional(self, name: str, world: World) -> None:
        """E[X | Y] = …, Var(X | Y) = …: the mean and the variance of X where Y has its value."""
        cases: list[tuple[Any, Any, Any]] = []
        parents: set[Key] = set()
        for fact in self.facts:
            if self._subject(fact) != name or not fact.given:
                continue
            if fact.operator not in ("E", "Var", "SD") or fact.arguments[0].head != "name":
                raise Unevaluable("a conditional fact of another form")
            conditions = [self.structure.expression(g) for g in fact.given]
            parents |= world.keys_of(conditions) | {s.name for c in conditions for s in c.free_symbols if s.name in self.names}
            condition = sp.And(*(c for c in conditions if isinstance(c, sp.logic.boolalg.Boolean) and not isinstance(c, sp.Symbol)))
            value = self.structure.expression(fact.value)
            value = value**2 if fact.operator == "SD" else value
            known = next((k for k, case in enumerate(cases) if case[0] == condition), None)
            mean, variance = (value, None) if fact.operator == "E" else (None, value)
            if known is None:
                cases.append((condition, mean, variance))
            else:
                old = cases[known]
                cases[known] = (condition, mean if mean is not None else old[1], variance if variance is not None else old[2])
        rows = standard(1, world.random)
        filled = [(c, sp.Float(0.6) if m is None else m, sp.Float(0.8) if v is None else v) for c, m, v in cases]
        world.sources[name] = ConditionalSource(name, tuple(filled), tuple((z, w) for (z,), w in rows), frozenset(parents))
