"""Random arrays to check at: small distinct sizes, entries by domain, declared properties obeyed.

In: the types of the names, the names of the sizes. Out: `Draw`s with values as nested lists, made up deterministically. Where nothing is
declared, the regimes take turns: entries of both signs, positive ones, ones in (0, 1).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, NamedTuple
from zlib import crc32

from derive.graph.node import FREE, ArgumentType, Shape
from derive.graph.randomness import whole_number

__all__ = ["REGIMES", "Draw", "direction", "draw", "value_of"]

SIZES = ((3, 4, 2, 5), (4, 2, 3, 5), (2, 3, 4, 3), (5, 3, 4, 2))
REGIMES = ("signed", "positive", "unit", "positive")


class Draw(NamedTuple):
    """Values of the arguments by key, and of the sizes by name."""

    values: dict[str, Any]
    sizes: dict[str, int]


def draw(arguments: Mapping[str, tuple[ArgumentType, Shape]], sizes: Sequence[str], number: int, context: Any) -> Draw:
    """The draw of this number; `context` is the mpmath context that its numbers belong to."""
    rng = Random(7919 * number + 13)
    chosen = {name: SIZES[number % len(SIZES)][k % 4] for k, name in enumerate(sorted(sizes))}
    regime = REGIMES[number % len(REGIMES)]
    values: dict[str, Any] = {}
    for key, (kind, shape) in arguments.items():
        dims = tuple(size.value(chosen) for size in shape)
        if any(d <= 0 for d in dims):
            raise ValueError("a size that is not positive")
        values[key] = value_of(kind, dims, chosen, rng, regime, context)
    free = [key for key, (kind, _) in arguments.items() if kind.kind == "real" and kind.bounds == FREE and not kind.properties]
    if number >= len(REGIMES) and free:  # one argument small beside the others: the inside of A x < b
        key = sorted(free)[number % len(free)]
        values[key] = _scaled(values[key], 1 / 32)
    return Draw(values, chosen)


def _scaled(value: Any, factor: float) -> Any:
    return [_scaled(v, factor) for v in value] if isinstance(value, list) else value * factor


def direction(dims: tuple[int, ...], number: int, key: str) -> Any:
    """A random array without structure."""
    draw = Random(crc32(f"{key}:{number}".encode())).getrandbits

    def entry() -> float:
        drawn = draw(7) - 64  # in 1/32, without 0
        return (drawn + (drawn >= 0)) / 32

    return _entries(dims, entry)


def _entries(dims: tuple[int, ...], make: Any) -> Any:
    if len(dims) == 1:
        return [make() for _ in range(dims[0])]
    return [_entries(dims[1:], make) for _ in range(dims[0])] if dims else make()


def _number(kind: ArgumentType, rng: Random, regime: str) -> float | int:
    low, high = kind.bounds.low, kind.bounds.high
    if kind.values:
        return rng.choice(kind.values)
    if kind.kind == "integer":
        least = math.floor(low) + kind.bounds.low_open if math.isfinite(low) else 1
        return whole_number(rng, int(least), int(high) if math.isfinite(high) else int(least) + 4)
    step = whole_number(rng, 8, 120) / 64
    if math.isfinite(low) and math.isfinite(high):
        return low + (high - low) * whole_number(rng, 4, 60) / 64
    if math.isfinite(low):
        return low + step
    if math.isfinite(high):
        return high - step
    return _free(rng, regime, step)


def _free(rng: Random, regime: str, step: float) -> float:
    """A number without bounds, of the regime."""
    if regime == "signed":
        return step if whole_number(rng, 0, 1) == 0 else -step
    return step if regime == "positive" else whole_number(rng, 4, 60) / 64


OF_MATRICES = frozenset(("symmetric", "positive-definite", "positive-semidefinite", "diagonal", "orthogonal", "invertible"))


def value_of(kind: ArgumentType, dims: tuple[int, ...], sizes: Mapping[str, int], rng: Random, regime: str, c: Any) -> Any:
    """A random value of this kind, with the declared properties."""
    if kind.kind == "index":
        return whole_number(rng, 0, 1)
    if kind.kind == "label":
        count = kind.size.value(sizes) if kind.size is not None else 2
        return _entries(dims, lambda: whole_number(rng, 0, max(count - 1, 0)))
    properties = kind.properties
    if "onehot" in properties and dims:
        return _entries(dims[:-1], lambda: _unit(dims[-1], rng))
    if "simplex" in properties and dims:
        return _entries(dims[:-1], lambda: _weights(dims[-1], rng, c))
    if len(dims) == 2 and dims[0] == dims[1] and not kind.values:
        return _square(dims[0], kind, rng, c, regime)
    if len(dims) == 3 and dims[1] == dims[2] and properties & OF_MATRICES:  # a family of matrices
        return [_square(dims[1], kind, rng, c, regime) for _ in range(dims[0])]
    if "orthogonal" in properties and len(dims) == 2:
        n = max(dims)
        full = _orthogonal(n, rng, c)
        return [row[: dims[1]] for row in full[: dims[0]]]
    if kind.values or kind.kind == "integer" or kind.bounds != FREE:
        return _entries(dims, lambda: _number(kind, rng, regime))
    return _entries(dims, lambda: _free(rng, regime, whole_number(rng, 8, 120) / 64))


def _unit(n: int, rng: Random) -> list[float]:
    hot = rng.randrange(n)
    return [1.0 if k == hot else 0.0 for k in range(n)]


def _weights(n: int, rng: Random, c: Any) -> list[Any]:
    weights = [whole_number(rng, 1, 9) for _ in range(n)]
    return [c.mpf(w) / sum(weights) for w in weights]


def _square(n: int, kind: ArgumentType, rng: Random, c: Any, regime: str) -> list[list[Any]]:
    properties = kind.properties
    if "orthogonal" in properties:
        return _orthogonal(n, rng, c)
    rows = [[_number(kind, rng, regime) for _ in range(n)] for _ in range(n)]
    if properties & {"positive-definite", "positive-semidefinite"}:
        gram = [[sum(rows[i][k] * rows[j][k] for k in range(n)) / n for j in range(n)] for i in range(n)]
        rows = [[gram[i][j] + (1.0 if i == j else 0.0) for j in range(n)] for i in range(n)]
    elif "symmetric" in properties:
        rows = [[rows[max(i, j)][min(i, j)] for j in range(n)] for i in range(n)]
    elif not math.isfinite(kind.bounds.low) and not math.isfinite(kind.bounds.high):
        rows = [[rows[i][j] + (n if i == j else 0.0) for j in range(n)] for i in range(n)]
    if "diagonal" in properties:
        rows = [[rows[i][j] if i == j else 0.0 for j in range(n)] for i in range(n)]
    return rows


def _orthogonal(n: int, rng: Random, c: Any) -> list[list[Any]]:
    """The product of two reflections."""
    made = [[c.mpf(i == j) for j in range(n)] for i in range(n)]
    for _ in range(2):
        v = [rng.choice((-2, -1, 1, 2, 3)) for _ in range(n)]
        length = sum(x * x for x in v)
        reflection = [[c.mpf(i == j) - c.mpf(2 * v[i] * v[j]) / length for j in range(n)] for i in range(n)]
        made = [[sum(made[i][k] * reflection[k][j] for k in range(n)) for j in range(n)] for i in range(n)]
    return made
