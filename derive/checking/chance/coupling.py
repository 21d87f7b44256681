"""Dependence where independence is not declared: laws that keep their margins and are not independent.

In: the sources of a world whose variables have declared laws of their own. Out: the same sources, some with weights 1 + r g(x) h(y): the
margins stay as they are because g and h have mean zero (Sarmanov 1966). A step that uses independence which nobody declared is wrong there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random
from typing import TYPE_CHECKING, Any

from derive.checking.chance.sources import HEAVY, Drawn, Key, LawSource, Resolution, Source, TableSource
from derive.checking.frame import Column, Frame

if TYPE_CHECKING:
    from derive.checking.chance.world import World

__all__ = ["CoupledSource", "couple"]

MOST_DRAWS = 200


@dataclass(frozen=True, slots=True)
class Wave:
    """A bounded function of one variable with mean zero under its law; at most one in size."""

    key: Key
    middle: float
    scale: float
    centre: float
    heavy: bool

    def __call__(self, value: Any) -> float:
        return (_raw(float(value), self.middle, self.scale, self.heavy) - self.centre) / (1 + abs(self.centre))


def _raw(value: float, middle: float, scale: float, heavy: bool) -> float:
    z = (value - middle) / scale
    return 2 * z / (1 + z * z) if heavy else math.sin(0.5 * z + 0.3)


def couple(world: World, independent: Any) -> None:
    """Makes roots that are not declared independent depend on each other. `independent(a, b)` says what is declared."""
    behind = {key for source in world.sources.values() for key in source.parents}
    names = [
        key
        for key, source in world.sources.items()
        if isinstance(key, str) and not source.parents and key not in behind and isinstance(source, (LawSource, TableSource))
    ]
    names = [k for k in names if world.sources[k].keys[0] == k and _is_numeric(world.sources[k])]
    pairs = [(a, b) for a, b in combinations(names, 2) if world.sources[a] is not world.sources[b]]
    if all(_separate(world, a, b, independent) for a, b in pairs):
        return
    first: list[Key] = []
    for name in names:
        if all(_separate(world, name, other, independent) for other in first):
            first.append(name)
    placed = list(first)
    for name in names:
        if name in first:
            continue
        near = [p for p in placed if not _separate(world, name, p, independent)]
        far = [p for p in placed if p not in near]
        if any(not _separate(world, a, b, independent) for a in near for b in far):
            continue  # a chain of dependences would reach a variable that is declared independent
        waves = [_wave(world, k) for k in near]
        own = _wave(world, name)
        base = world.sources[name]
        strength = world.random.choice((-1, 1)) * world.random.uniform(0.5, 0.9)
        source = CoupledSource(base, own, tuple(waves), strength, frozenset(near))
        for key in base.keys:
            world.sources[key] = source
        placed.append(name)
        world.described += (("dependent", ", ".join((*map(world.name_of, near), world.name_of(name)))),)


def _separate(world: World, a: Key, b: Key, independent: Any) -> bool:
    """Whether all of one source is declared independent of all of the other."""
    return all(independent(x, y) for x in world.sources[a].keys for y in world.sources[b].keys)


def _is_numeric(source: Source) -> bool:
    if isinstance(source, TableSource):
        return not any(isinstance(row[0], bool) for row in source.rows)
    return True


def _wave(world: World, key: Key) -> Wave:
    """The function of one variable, centred by its own law."""
    source = world.sources[key]
    base = source.base if isinstance(source, CoupledSource) else source
    heavy = isinstance(base, LawSource) and base.family.name in HEAVY
    frame = world.frame()
    levels = (1,) if isinstance(base, TableSource) or not base.continuous else (3,)
    drawn = base.expand(frame, Resolution(levels[0], 1), (), {})
    total = math.fsum(drawn.weights)
    pairs = sorted((float(v), w / total) for v, w in zip(drawn.columns[key], drawn.weights, strict=True))
    middle = _quantile(pairs, 0.5)
    scale = max(_quantile(pairs, 0.8) - _quantile(pairs, 0.2), 1e-3 * (1 + abs(middle)))
    if scale < 1e-2 * (1 + abs(middle)):
        scale = max(abs(pairs[-1][0] - pairs[0][0]), 1.0)
    centre = math.fsum(w * _raw(v, middle, scale, heavy) for v, w in pairs)
    return Wave(key, middle, scale, centre, heavy)


def _quantile(pairs: Sequence[tuple[float, float]], share: float) -> float:
    total = 0.0
    for value, weight in pairs:
        total += weight
        if total >= share:
            return value
    return pairs[-1][0]


@dataclass(slots=True, eq=False)
class CoupledSource(Source):
    """A source whose weights are tilted by the values of others."""

    base: Source
    own: Wave
    waves: tuple[Wave, ...]
    strength: float
    parents: frozenset[Key]

    @property
    def keys(self) -> tuple[Key, ...]:  # type: ignore[override]
        """Those of the base."""
        return self.base.keys

    @property
    def continuous(self) -> bool:  # type: ignore[override]
        """As the base is."""
        return self.base.continuous

    def _factors(self, frame: Frame, parents: Sequence[int], column: Column) -> list[float]:
        columns = [frame.symbols[w.key] for w in self.waves]
        tilts = [math.fsum(w(v) for w, v in zip(self.waves, values, strict=True)) / len(columns) for values in zip(*columns, strict=True)]
        return [1 + self.strength * tilts[p] * self.own(v) for p, v in zip(parents, column, strict=True)]

    def expand(self, frame: Frame, how: Resolution, cuts: Sequence[Any], known: Mapping[Key, Any]) -> Drawn:
        drawn = self.base.expand(frame, how, cuts, known)
        factors = self._factors(frame, drawn.parents, drawn.columns[self.own.key])
        drawn.weights = [w * f for w, f in zip(drawn.weights, factors, strict=True)]
        return drawn

    def log_density(self, frame: Frame) -> Column:
        column = frame.symbols[self.own.key]
        factors = self._factors(frame, range(frame.lanes), column)
        return [d + math.log(f) if f > 0 else -math.inf for d, f in zip(self.base.log_density(frame), factors, strict=True)]

    def draw(self, frame: Frame, random: Random) -> dict[Key, Column]:
        drawn = self.base.draw(frame, random)
        for lane in range(frame.lanes):
            inside = frame.child([lane])
            for _ in range(MOST_DRAWS):
                factor = self._factors(inside, [0], [drawn[self.own.key][lane]])[0]
                if 2 * random.random() <= factor:
                    break
                again = self.base.draw(inside, random)
                for key, column in again.items():
                    drawn[key][lane] = column[0]
        return drawn
