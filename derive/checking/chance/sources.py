"""What random variables come from: a law with its parameters, laws by case, a table of values.

In: a frame in which the parents have values. Out: the lanes in which the source's own variables have theirs, with weights; or the
logarithm of the density (of the mass) at values that the variables already have.

A random variable is known by its key: the name of a scalar, (label, index) for a member of a sample or an entry of a vector.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import Any

import sympy as sp

from derive.checking.chance.rules import Spread, gauss, in_pieces, spread_of
from derive.checking.frame import Column, Frame, Unevaluable, undefined
from derive.probability.family import Family

__all__ = ["HEAVY", "CaseSource", "Drawn", "Key", "LawSource", "Resolution", "Source", "TableSource", "support_of"]

Key = Any  # str, or (str, int)
MOST_BISECTIONS = 52
_X = sp.Symbol("x(law)", real=True)


@dataclass(slots=True)
class Drawn:
    """Lanes with values: lane i copies lane parents[i]; `tails` are lanes at the last places before infinity."""

    parents: list[int]
    columns: dict[Key, Column]
    weights: list[float]
    tails: list[bool] | None = None
    is_exact: bool = True


@dataclass(slots=True)
class Resolution:
    """How fine: the level, and how many continuous variables there are in all."""

    level: int
    dimensions: int


class Source:
    """One source. `keys` are the variables that it makes, `parents` those that its parameters hold."""

    keys: tuple[Key, ...]
    parents: frozenset[Key]
    continuous: bool

    def expand(self, frame: Frame, how: Resolution, cuts: Sequence[Any], known: Mapping[Key, Any]) -> Drawn:
        """All values with their weights. `cuts` are expressions whose zeros are jumps or kinks; `known` keys have their value."""
        raise NotImplementedError

    def log_density(self, frame: Frame) -> Column:
        """log of density or mass where the keys have values in the frame."""
        raise NotImplementedError

    def draw(self, frame: Frame, random: Random) -> dict[Key, Column]:
        """One variate per lane."""
        raise NotImplementedError


@dataclass(slots=True, eq=False)
class LawSource(Source):
    """X ~ family(parameters), the parameters being expressions. `index` binds symbols such as the i of y_i ~ Normal(w x_i, …)."""

    key: Key
    family: Family
    parameters: tuple[Any, ...]
    parents: frozenset[Key] = frozenset()
    index: Mapping[Any, int] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[Key, ...]:  # type: ignore[override]
        """The one variable."""
        return (self.key,)

    @property
    def continuous(self) -> bool:  # type: ignore[override]
        """Whether it has a density."""
        return not self.family.discrete

    def _inside(self, frame: Frame) -> Frame:
        return frame.child(range(frame.lanes), {s: [k] * frame.lanes for s, k in self.index.items()}) if self.index else frame

    def values(self, frame: Frame) -> list[tuple[Any, ...]]:
        """The parameters, lane by lane."""
        inside = self._inside(frame)
        columns = [inside.values(p) if isinstance(p, sp.Basic) else p(inside) for p in self.parameters]
        if any(undefined(v) for column in columns for v in column if not isinstance(v, (list, tuple))):
            raise ValueError("a parameter without a value")
        return list(zip(*columns, strict=True)) if columns else [()] * frame.lanes

    def support(self, frame: Frame, lane_values: Sequence[tuple[Any, ...]]) -> list[tuple[float, float]]:
        """The ends of the support, lane by lane."""
        return [support_of(self.family, values) for values in lane_values]

    def expand(self, frame: Frame, how: Resolution, cuts: Sequence[Any], known: Mapping[Key, Any]) -> Drawn:
        values = self.values(frame)
        if self.continuous and (how.level >= 2 or cuts or self.family.name in _UNSHOWN):
            return self._pieces(frame, values, how, cuts)
        parents: list[int] = []
        column: Column = []
        weights: list[float] = []
        tails: list[bool] = []
        for lane, point in enumerate(values):
            places, found = gauss(self.family, point, how.level, how.dimensions)
            parents += [lane] * len(places)
            column += places
            weights += found
            unending = not self.continuous and support_of(self.family, point)[1] == math.inf  # what grows fast may not end here
            tails += [*[False] * (len(places) - 1), unending]
        return Drawn(parents, {self.key: column}, weights, tails, not self.continuous)

    def _pieces(self, frame: Frame, values: list[tuple[Any, ...]], how: Resolution, cuts: Sequence[Any]) -> Drawn:
        spreads = [spread_of(self.family, point, *support_of(self.family, point)) for point in values]
        found = self._cuts(frame, spreads, cuts)
        parents: list[int] = []
        column: Column = []
        weights: list[float] = []
        tails: list[bool] = []
        dimensions = how.dimensions if how.level >= 2 or cuts else 1  # the others have few places then
        for lane, spread in enumerate(spreads):
            places, weight, last = in_pieces(spread, found[lane], how.level, dimensions, heavy=self.family.name in HEAVY)
            parents += [lane] * len(places)
            column += places
            weights += weight
            tails += last
        densities = _log_densities(self.family, column, [values[p] for p in parents])
        weights = [w * math.exp(d) if d > -745 else 0.0 for w, d in zip(weights, densities, strict=True)]
        return Drawn(parents, {self.key: column}, weights, tails, False)

    # ── where to cut ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _cuts(self, frame: Frame, spreads: list[Spread], cuts: Sequence[Any]) -> list[list[float]]:
        """The zeros of the cut expressions in every lane."""
        found: list[list[float]] = [[] for _ in spreads]
        for cut in cuts:
            for lane, zeros in enumerate(self._zeros(frame, spreads, cut)):
                found[lane] += zeros
        return found

    def _at(self, frame: Frame, cut: Any, parents: Sequence[int], places: Column) -> Column:
        column = frame.child(list(parents), {self.key: list(places)}).values(cut)
        return [math.nan if undefined(v) or isinstance(v, complex) else v for v in column]

    def _zeros(self, frame: Frame, spreads: list[Spread], cut: Any) -> list[list[float]]:
        lanes = range(len(spreads))
        probes = [[_within(s, s.middle + k * s.scale) for s in spreads] for k in (0.0, 0.7, -0.9)]
        first, second, third = (self._at(frame, cut, lanes, probe) for probe in probes)
        zeros: list[list[float]] = []
        straight = True
        for lane in lanes:
            x, y, z = (probe[lane] for probe in probes)
            slope = (second[lane] - first[lane]) / (y - x) if y != x else math.nan
            expected = first[lane] + slope * (z - x)
            if not abs(expected - third[lane]) <= 1e-12 * (abs(expected) + abs(third[lane]) + abs(slope * spreads[lane].scale)):
                straight = False
                break
            zeros.append([x - first[lane] / slope] if slope else [])
        return zeros if straight else self._searched(frame, spreads, cut)

    def _searched(self, frame: Frame, spreads: list[Spread], cut: Any) -> list[list[float]]:
        """Changes of sign on a grid that is dense where the mass is, narrowed by bisection."""
        grid = [math.sinh(0.09 * k + 0.013) for k in range(-60, 61)]
        parents: list[int] = []
        places: list[float] = []
        for lane, spread in enumerate(spreads):
            inside = sorted({_within(spread, spread.middle + spread.scale * g) for g in grid})
            parents += [lane] * len(inside)
            places += inside
        values = self._at(frame, cut, parents, places)
        brackets = [
            (parents[k], places[k], places[k + 1], values[k])
            for k in range(len(values) - 1)
            if parents[k] == parents[k + 1] and values[k] * values[k + 1] < 0
        ]
        zeros: list[list[float]] = [[] for _ in spreads]
        for k, value in enumerate(values):
            if value == 0:
                zeros[parents[k]].append(places[k])
        if not brackets:
            return zeros
        owners = [b[0] for b in brackets]
        lows, highs, signs = [b[1] for b in brackets], [b[2] for b in brackets], [b[3] for b in brackets]
        for _ in range(MOST_BISECTIONS):
            middles = [(a + b) / 2 for a, b in zip(lows, highs, strict=True)]
            for k, value in enumerate(self._at(frame, cut, owners, middles)):
                if value * signs[k] > 0:
                    lows[k] = middles[k]
                else:
                    highs[k] = middles[k]
        for owner, low, high in zip(owners, lows, highs, strict=True):
            zeros[owner].append((low + high) / 2)
        return zeros

    # ── density, draws ───────────────────────────────────────────────────────────────────────────────────────────────

    def log_density(self, frame: Frame) -> Column:
        column = frame.symbols[self.key]
        return _log_densities(self.family, column, self.values(frame))

    def draw(self, frame: Frame, random: Random) -> dict[Key, Column]:
        assert self.family.draw is not None
        column = []
        for point in self.values(frame):
            gauss(self.family, point, 0, 1)  # refuses what is outside the domains
            column.append(self.family.draw(point, random))
        return {self.key: column}


def _within(spread: Spread, place: float) -> float:
    """The place, moved into the support."""
    if math.isfinite(spread.lower) and place <= spread.lower:
        inside = spread.middle - spread.lower
        return spread.lower + inside * math.exp(-(spread.middle - place) / inside) if inside > 0 else spread.middle
    if math.isfinite(spread.upper) and place >= spread.upper:
        inside = spread.upper - spread.middle
        return spread.upper - inside * math.exp(-(place - spread.middle) / inside) if inside > 0 else spread.middle
    return place


def support_of(family: Family, values: tuple[Any, ...]) -> tuple[float, float]:
    """The ends of the support for numeric parameters."""
    ends = _ENDS.get(family.name)
    if ends is not None:
        return ends if isinstance(ends, tuple) else ends(values)
    found = family.support(*(sp.Float(v) if not isinstance(v, int) else sp.Integer(v) for v in values))
    return float(found.lower), float(found.upper)


HEAVY = frozenset(("Cauchy", "StudentT", "Pareto", "InverseGamma", "Lognormal", "Weibull"))  # whose tails may be heavier than exponential
_UNSHOWN = frozenset(("Cauchy", "StudentT", "Pareto", "InverseGamma"))  # whose rules do not show where a moment does not exist
_ENDS: dict[str, tuple[float, float] | Callable[[tuple[Any, ...]], tuple[float, float]]] = {
    **dict.fromkeys(("Normal", "Laplace", "Logistic", "StudentT", "Cauchy"), (-math.inf, math.inf)),
    **dict.fromkeys(
        ("Exponential", "Gamma", "InverseGamma", "ChiSquared", "Weibull", "Rayleigh", "HalfNormal", "Lognormal"), (0.0, math.inf)
    ),
    **dict.fromkeys(("Poisson", "NegativeBinomial"), (0.0, math.inf)),
    "Beta": (0.0, 1.0),
    "Bernoulli": (0.0, 1.0),
    "Geometric": (1.0, math.inf),
    "Binomial": lambda values: (0.0, float(values[0])),
    "Uniform": lambda values: (float(values[0]), float(values[1])),
    "DiscreteUniform": lambda values: (float(values[0]), float(values[1])),
    "Pareto": lambda values: (float(values[0]), math.inf),
}


@lru_cache(maxsize=64)
def _log_density_of(family: Family) -> tuple[tuple[Any, ...], Any]:
    """Symbols for the parameters, and the record's expression over them."""
    symbols = tuple(sp.Symbol(f"p{k}(law)", real=True) for k in range(len(family.parameters)))
    return symbols, family.log_density(_X, *symbols)


def _log_densities(family: Family, column: Column, values: Sequence[tuple[Any, ...]]) -> list[float]:
    """log-density lane by lane: the record's expression, evaluated; −∞ outside the support and at singular ends."""
    from derive.checking.evaluate import root_frame
    from derive.checking.frame import Given

    symbols, expression = _log_density_of(family)
    lanes = len(column)
    frame = root_frame(Given([{}])).child([0] * lanes, {_X: column, **{s: [v[k] for v in values] for k, s in enumerate(symbols)}})
    found = frame.values(expression)
    ends = {point: support_of(family, point) for point in set(values)}
    result = []
    for x, density, point in zip(column, found, values, strict=True):
        low, high = ends[point]
        outside = not low <= x <= high or (family.discrete and abs(x - round(x)) > 1e-9)
        result.append(-math.inf if outside or undefined(density) or isinstance(density, complex) or density == math.inf else float(density))
    return result


@dataclass(slots=True, eq=False)
class CaseSource(Source):
    """X | Z = 1 ~ …, X | Z = 2 ~ …: the law of the first case whose condition holds."""

    key: Key
    cases: tuple[tuple[Any, LawSource], ...]
    parents: frozenset[Key] = frozenset()

    @property
    def keys(self) -> tuple[Key, ...]:  # type: ignore[override]
        """The one variable."""
        return (self.key,)

    @property
    def continuous(self) -> bool:  # type: ignore[override]
        """Whether a case has a density."""
        return any(law.continuous for _, law in self.cases)

    def _chosen(self, frame: Frame) -> list[list[int]]:
        """The lanes of each case."""
        lanes: list[list[int]] = [[] for _ in self.cases]
        columns = [frame.values(condition) for condition, _ in self.cases]
        for lane, truths in enumerate(zip(*columns, strict=True)):
            if True not in truths:
                raise Unevaluable(f"the law of {self.key} is declared for some cases only")
            lanes[truths.index(True)].append(lane)
        return lanes

    def expand(self, frame: Frame, how: Resolution, cuts: Sequence[Any], known: Mapping[Key, Any]) -> Drawn:
        made = Drawn([], {self.key: []}, [], [])
        for lanes, (_, law) in zip(self._chosen(frame), self.cases, strict=True):
            if lanes:
                found = law.expand(frame.child(lanes), how, cuts, known)
                made.parents += [lanes[p] for p in found.parents]
                made.columns[self.key] += found.columns[self.key]
                made.weights += found.weights
                assert made.tails is not None
                made.tails += found.tails or [False] * len(found.weights)
                made.is_exact = made.is_exact and found.is_exact
        return made

    def log_density(self, frame: Frame) -> Column:
        column: Column = [0.0] * frame.lanes
        for lanes, (_, law) in zip(self._chosen(frame), self.cases, strict=True):
            if lanes:
                for lane, value in zip(lanes, law.log_density(frame.child(lanes)), strict=True):
                    column[lane] = value
        return column

    def draw(self, frame: Frame, random: Random) -> dict[Key, Column]:
        column: Column = [0.0] * frame.lanes
        for lanes, (_, law) in zip(self._chosen(frame), self.cases, strict=True):
            if lanes:
                for lane, value in zip(lanes, law.draw(frame.child(lanes), random)[self.key], strict=True):
                    column[lane] = value
        return {self.key: column}


@dataclass(slots=True, eq=False)
class TableSource(Source):
    """A finite joint law: rows of values of the keys, with probabilities."""

    keys: tuple[Key, ...]
    rows: tuple[tuple[Any, ...], ...]
    weights: tuple[float, ...]
    parents: frozenset[Key] = frozenset()
    continuous: bool = False

    def expand(self, frame: Frame, how: Resolution, cuts: Sequence[Any], known: Mapping[Key, Any]) -> Drawn:
        fixed = [k for k, key in enumerate(self.keys) if key in known]
        parents: list[int] = []
        chosen: list[int] = []
        for lane in range(frame.lanes):
            for place, row in enumerate(self.rows):
                if all(row[k] == known[self.keys[k]][lane] for k in fixed):
                    parents.append(lane)
                    chosen.append(place)
        columns = {key: [self.rows[r][k] for r in chosen] for k, key in enumerate(self.keys)}
        return Drawn(parents, columns, [self.weights[r] for r in chosen])

    def log_density(self, frame: Frame) -> Column:
        masses: dict[tuple[Any, ...], float] = {}
        for row, weight in zip(self.rows, self.weights, strict=True):
            masses[row] = masses.get(row, 0.0) + weight
        columns = [frame.symbols[key] for key in self.keys]
        found = [masses.get(values, 0.0) for values in zip(*columns, strict=True)]
        return [math.log(m) if m > 0 else -math.inf for m in found]

    def draw(self, frame: Frame, random: Random) -> dict[Key, Column]:
        rows = random.choices(self.rows, self.weights, k=frame.lanes)
        return {key: [row[k] for row in rows] for k, key in enumerate(self.keys)}
