"""Laws of random vectors as points with weights: Gauss–Hermite rules, and made-up laws with a given mean and covariance.

In: blocks (name, mean, Cholesky factor of the covariance) in floats. Out: `Points`; TooMany where there are more than can be enumerated.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from random import Random
from typing import Any

import sympy as sp

from derive.checking.chance.standard_laws import standard
from derive.checking.chance.vector_sources import gaussian_log_density
from derive.checking.frame import Unevaluable
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Term
from derive.probability.families.vectors import cholesky
from derive.probability.gauss import hermite
from derive.probability.model import Variable

__all__ = [
    "COUNTS", "MOST_POINTS", "Points", "TooMany", "divergence_or_entropy", "gaussian_points", "made_up_points", "own_moments",
    "positive_definite",
]  # fmt: skip

MOST_POINTS = 3000
COUNTS = ((3, 4), (2, 3))  # Gauss–Hermite nodes a direction, exact to degrees 5 and 7, or 3 and 5 in many directions: both must agree

Points = list[tuple[dict[str, Any], float]]  # values of the random names, weight


class TooMany(Unevaluable):
    """The law has more points than can be enumerated at these sizes."""


def gaussian_points(block: tuple[str, list[float], list[list[float]]], count: int) -> Points:
    """𝒩(mean, factor factorᵀ) by `count` Gauss–Hermite nodes a direction."""
    name, mean, factor = block
    rule = list(zip(*hermite(count), strict=True))
    points: Points = []
    for group in itertools.product(rule, repeat=len(mean)):
        place = [m + math.fsum(a * z for a, (z, _) in zip(row, group, strict=True)) for m, row in zip(mean, factor, strict=True)]
        points.append(({name: place}, math.prod(w for _, w in group)))
        if len(points) > MOST_POINTS:
            raise TooMany("more values of the random vectors than can be enumerated")
    return points


def made_up_points(blocks: Sequence[tuple[str, list[float], list[list[float]]]], random: Random) -> Points:
    """A law of few points: whitened within each block, the blocks correlated with each other where there are several."""
    total = sum(len(mean) for _, mean, _ in blocks)
    rows = standard(total, random)
    points: Points = []
    for z, weight in rows:
        place, values = 0, {}
        first = z[: len(blocks[0][1])]
        for k, (name, mean, factor) in enumerate(blocks):
            own = list(z[place : place + len(mean)])
            if k:
                own = [0.8 * v + 0.6 * first[j] if j < len(first) else v for j, v in enumerate(own)]
            place += len(mean)
            values[name] = [m + math.fsum(a * b for a, b in zip(row, own, strict=False)) for m, row in zip(mean, factor, strict=True)]
        points.append((values, weight))
    return points


def positive_definite(length: int, random: Random) -> list[list[float]]:
    """A random covariance."""
    rows = [[random.uniform(-1, 1) for _ in range(length)] for _ in range(length)]
    return [[math.fsum(a * b for a, b in zip(p, q, strict=True)) + (0.5 if p is q else 0.0) for q in rows] for p in rows]


def divergence_or_entropy(kind: str, parameters: Sequence[Any]) -> float:
    """E_P[log p − log q], or −E_P[log p], by a Gauss–Hermite rule under P: the integrand is a polynomial of degree two."""
    (first, second), (third, fourth) = parameters[:2], parameters[2:]
    if not all(isinstance(spread, list) and isinstance(spread[0], list) for spread in (second, fourth)):
        raise Unevaluable("a covariance that is no matrix")
    laws = [(mean if isinstance(mean, list) else [float(mean)] * len(s), s) for mean, s in ((first, second), (third, fourth))]
    total = 0.0
    for point, weight in gaussian_points(("x", laws[0][0], cholesky(laws[0][1])), COUNTS[0][0]):
        logarithm = gaussian_log_density(point["x"], *laws[0])
        total += weight * (-logarithm if kind == "H" else logarithm - gaussian_log_density(point["x"], *laws[1]))
    return total


def own_moments(variable: Variable) -> tuple[Term | None, Term | None]:
    """Mean and variance of a number by its law, where the record has them."""
    law = variable.law
    if law is None or not all(isinstance(v, sp.Expr) for v in law.values):
        return None, None
    found = [None if f is None else f(*law.values) for f in (law.family.mean, law.family.variance)]
    first, second = (from_sympy(m) if isinstance(m, sp.Expr) and m.is_finite is not False else None for m in found)
    return first, second
