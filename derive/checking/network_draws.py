"""Random values for the names of a network: entries that neither grow nor die over many layers.

In: dimensions, a kind, a source of chance. Out: nested lists of floats.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from derive.checking.draws import REGIMES as DECLARED
from derive.checking.draws import value_of
from derive.checking.nested import floats
from derive.graph.node import ArgumentType, Shape

__all__ = ["REGIMES", "declared", "entries"]

NEGATIVE = {"signed": 0.5, "positive": 0.0, "mixed": 0.25}  # how often an entry is negative
REGIMES = tuple(NEGATIVE)


def entries(dims: tuple[int, ...], rng: Random, regime: str) -> Any:
    """Entries that neither grow nor die over many layers: rows of a matrix have a sum about 1."""
    scale = 1.25 / dims[-1] if len(dims) > 1 else 1.0

    def make(rest: tuple[int, ...]) -> Any:
        if rest:
            return [make(rest[1:]) for _ in range(rest[0])]
        sign = -1 if rng.random() < NEGATIVE[regime] else 1
        return sign * scale * (0.5 + rng.random())

    return make(dims)


def declared(kind: ArgumentType, shape: Shape, sizes: Mapping[str, int], rng: Random, number: int) -> Any:
    """A value with declared properties at these sizes."""
    from mpmath import fp

    dims = tuple(size.value(sizes) for size in shape)
    return floats(value_of(kind, dims, sizes, rng, DECLARED[number % len(DECLARED)], fp))
