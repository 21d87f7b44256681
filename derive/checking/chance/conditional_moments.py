"""A variable of which conditional moments are known: E[X | Y] = …, Var(X | Y) = …."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from derive.checking.chance.sources import Drawn, Key, Resolution, Source
from derive.checking.frame import Column, Frame, Unevaluable, undefined

__all__ = ["ConditionalSource"]


@dataclass(slots=True, eq=False)
class ConditionalSource(Source):
    """X with a mean and a variance in each case of other variables, and a fixed skewed form."""

    key: Key
    cases: tuple[tuple[Any, Any, Any], ...]
    rows: tuple[tuple[float, float], ...]
    parents: frozenset[Key] = frozenset()
    continuous: bool = False

    @property
    def keys(self) -> tuple[Key, ...]:  # type: ignore[override]
        """The one variable."""
        return (self.key,)

    def _moments(self, frame: Frame) -> list[tuple[float, float]]:
        found: list[tuple[float, float]] = [(math.nan, math.nan)] * frame.lanes
        for condition, mean, variance in self.cases:
            truths = frame.values(condition)
            for lane, values in enumerate(zip(truths, frame.values(mean), frame.values(variance), strict=True)):
                if values[0]:
                    found[lane] = values[1:]
        if any(undefined(m) or undefined(v) or v < 0 for m, v in found):
            raise Unevaluable(f"the moments of {self.key} are declared for some cases only")
        return found

    def expand(self, frame: Frame, how: Resolution, cuts: Sequence[Any], known: Mapping[Key, Any]) -> Drawn:
        moments = self._moments(frame)
        lanes = [lane for lane in range(frame.lanes) for _ in self.rows]
        column = [mean + math.sqrt(variance) * z for mean, variance in moments for z, _ in self.rows]
        return Drawn(lanes, {self.key: column}, [w for _ in moments for _, w in self.rows])

    def log_density(self, frame: Frame) -> Column:
        found = []
        for x, (mean, variance) in zip(frame.symbols[self.key], self._moments(frame), strict=True):
            deviation = math.sqrt(variance)
            weight = math.fsum(w for z, w in self.rows if abs(mean + deviation * z - x) <= 1e-9 * (1 + abs(x)))
            found.append(math.log(weight) if weight else -math.inf)
        return found

    def draw(self, frame: Frame, random: Random) -> dict[Key, Column]:
        zs = random.choices([z for z, _ in self.rows], [w for _, w in self.rows], k=frame.lanes)
        return {self.key: [m + math.sqrt(v) * z for (m, v), z in zip(self._moments(frame), zs, strict=True)]}
