"""A law of several variables at once: Multinomial, Dirichlet, multivariate Normal.

In and out: as of every source (see `sources`); parameters are tuples and matrices of expressions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import sympy as sp

from derive.checking.chance.rules import gauss
from derive.checking.chance.sources import Drawn, Key, Resolution, Source
from derive.checking.frame import Column, Frame, Unevaluable
from derive.probability.families.vectors import cholesky
from derive.probability.family import Family

__all__ = ["VectorSource", "gaussian_log_density"]

FINEST = 1  # the level of the finest rule: levels above it would only repeat its sums


@dataclass(slots=True, eq=False)
class VectorSource(Source):
    """A law of several variables at once: Multinomial, Dirichlet, multivariate Normal. `parameters` give numbers in a frame."""

    keys: tuple[Key, ...]
    family: Family
    parameters: tuple[Any, ...]
    parents: frozenset[Key] = frozenset()

    @property
    def continuous(self) -> bool:  # type: ignore[override]
        """Whether it has a density."""
        return not self.family.discrete

    def values(self, frame: Frame) -> list[tuple[Any, ...]]:
        """Parameters as numbers and nested tuples, lane by lane."""
        return list(zip(*(_nested(frame, p) for p in self.parameters), strict=True))

    def expand(self, frame: Frame, how: Resolution, cuts: Sequence[Any], known: Mapping[Key, Any]) -> Drawn:
        if cuts and self.continuous:
            raise Unevaluable("a jump in a function of a random vector")
        if self.continuous and how.level > FINEST:
            raise Unevaluable("there is no finer rule for a random vector")
        fixed = [k for k, key in enumerate(self.keys) if key in known]
        if fixed and self.continuous:
            return self._expand_rest(frame, how, fixed, known)
        parents: list[int] = []
        rows: list[Any] = []
        weights: list[float] = []
        for lane, point in enumerate(self.values(frame)):
            for place, weight in zip(*gauss(self.family, point, how.level, max(how.dimensions, len(self.keys))), strict=True):
                if all(place[k] == known[self.keys[k]][lane] for k in fixed):
                    parents.append(lane)
                    rows.append(place)
                    weights.append(weight)
        columns = {key: [row[k] for row in rows] for k, key in enumerate(self.keys)}
        return Drawn(parents, columns, weights, None, not self.continuous)

    def _expand_rest(self, frame: Frame, how: Resolution, fixed: Sequence[int], known: Mapping[Key, Any]) -> Drawn:
        """The other entries by the rule of their own law, weighted with the joint density: no formula for a conditional law is used."""
        if self.family.name != "Normal":
            raise Unevaluable(f"the {self.family.name} law given some of its entries")
        rest = [k for k in range(len(self.keys)) if k not in fixed]
        made = Drawn([], {key: [] for key in self.keys}, [], None, False)
        for lane, (mean, covariance) in enumerate(self.values(frame)):
            own = (tuple(mean[k] for k in rest), tuple(tuple(covariance[j][k] for k in rest) for j in rest))
            for place, weight in zip(*gauss(self.family, own, how.level, max(how.dimensions, len(rest))), strict=True):
                row = [known[key][lane] if k in fixed else 0.0 for k, key in enumerate(self.keys)]
                for k, value in zip(rest, place, strict=True):
                    row[k] = value
                joint = _vector_log_density(self.family, row, (mean, covariance))
                made.parents.append(lane)
                made.weights.append(weight * math.exp(joint - _vector_log_density(self.family, place, own)))
                for key, value in zip(self.keys, row, strict=True):
                    made.columns[key].append(value)
        return made

    def log_marginal(self, frame: Frame, known: Sequence[Key]) -> Column | None:
        """log-density of some of the entries, where their law is one of the family: entries of a Gaussian vector."""
        if self.family.name != "Normal":
            return None
        kept = [k for k, key in enumerate(self.keys) if key in known]
        found = []
        places = list(zip(*(frame.symbols[self.keys[k]] for k in kept), strict=True))
        for place, (mean, covariance) in zip(places, self.values(frame), strict=True):
            own = (tuple(mean[k] for k in kept), tuple(tuple(covariance[j][k] for k in kept) for j in kept))
            found.append(_vector_log_density(self.family, place, own))
        return found

    def log_density(self, frame: Frame) -> Column:
        found = []
        places = list(zip(*(frame.symbols[key] for key in self.keys), strict=True))
        for place, point in zip(places, self.values(frame), strict=True):
            found.append(_vector_log_density(self.family, place, point))
        return found

    def draw(self, frame: Frame, random: Random) -> dict[Key, Column]:
        assert self.family.draw is not None
        rows = [self.family.draw(point, random) for point in self.values(frame)]
        return {key: [row[k] for row in rows] for k, key in enumerate(self.keys)}


def _nested(frame: Frame, parameter: Any) -> list[Any]:
    """A scalar, a tuple or a matrix of expressions, as numbers in every lane."""
    if isinstance(parameter, sp.MatrixBase):
        rows = [[frame.values(e) for e in row] for row in parameter.tolist()]
        made: list[Any] = []
        for lane in range(frame.lanes):
            entries = tuple(tuple(e[lane] for e in row) for row in rows)
            made.append(tuple(e[0] for e in entries) if parameter.shape[1] == 1 else entries)
        return made
    if isinstance(parameter, (sp.Tuple, tuple, list)):
        columns = [frame.values(e) for e in parameter]
        return list(zip(*columns, strict=True))
    return frame.values(parameter)


def _vector_log_density(family: Family, place: Sequence[Any], point: tuple[Any, ...]) -> float:
    """In floats: the record of a vector family at numbers."""
    if family.name == "Multinomial":
        n, p = point
        if round(sum(place)) != round(n) or any(c < 0 for c in place):
            return -math.inf
        terms = [c * math.log(q) if c else 0.0 for c, q in zip(place, p, strict=True)]
        return math.lgamma(n + 1) - math.fsum(math.lgamma(c + 1) for c in place) + math.fsum(terms)
    if family.name == "Dirichlet":
        (alpha,) = point
        if any(x <= 0 for x in place) or abs(sum(place) - 1) > 1e-9:
            return -math.inf
        constant = math.lgamma(sum(alpha)) - math.fsum(map(math.lgamma, alpha))
        return constant + math.fsum((a - 1) * math.log(x) for a, x in zip(alpha, place, strict=True))
    return gaussian_log_density(place, *point)


def gaussian_log_density(place: Sequence[float], mean: Sequence[float], covariance: Sequence[Sequence[float]]) -> float:
    """log 𝒩(place; mean, covariance). Raises ValueError for a covariance that is not positive definite."""
    factor = cholesky(covariance)
    solved: list[float] = []
    for row, x, m in zip(factor, place, mean, strict=True):
        solved.append((x - m - math.fsum(a * b for a, b in zip(row, solved, strict=False))) / row[len(solved)])
    halves = math.fsum(math.log(row[k]) for k, row in enumerate(factor))
    return -0.5 * math.fsum(z * z for z in solved) - halves - 0.5 * len(mean) * math.log(2 * math.pi)
