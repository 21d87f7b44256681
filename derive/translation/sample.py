"""Points at which emitted code is tried: random ones that obey the types, and extreme ones for scalars.

In: the arguments of a graph with their types and shapes. Out: `Point`s: sizes and values as nested lists of Python floats and integers.
Random values have few digits, so that they read well in examples and are exact.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from derive.graph.node import FREE, ArgumentType, Shape
from derive.graph.randomness import whole_number
from derive.graph.sizes import ZERO, Size

__all__ = ["EXTREMES", "Point", "extremes", "inside", "ordered", "samples", "small_sizes"]

EXTREMES = (0.0, 1e-20, -1e-20, 1e-8, 37.5, -37.5, 745.2, -745.2, 1000.0, -1000.0)
FEWER = (0.0, 1e-20, 37.5, -37.5, 745.2, -745.2, 1000.0, -1000.0)  # of several arguments, each in its turn
NEAR_ONE = (0.0, 1e-300, 1e-17, 0.9999999999999999, 1.0)
SMALL = (3, 4, 2, 5)
SMALLER = (3, 2, 4)


class Point(NamedTuple):
    """Values of all arguments by key, and of the names of sizes."""

    values: Mapping[str, Any]
    sizes: Mapping[str, int]


def small_sizes(names: list[str], shift: int = 0, among: tuple[int, ...] = SMALL) -> dict[str, int]:
    """Small sizes, distinct as far as they go."""
    return {name: among[(k + shift) % len(among)] for k, name in enumerate(names)}


POSITIVE, WIDE, UNIT = "positive", "wide", "unit"
REGIMES = (POSITIVE, WIDE, UNIT)


def _number(kind: ArgumentType, rng: random.Random, regime: str) -> float | int:
    bounds = kind.bounds
    low: float
    high: float
    if kind.values:
        return rng.choice(kind.values)
    if kind.kind == "integer":
        low = int(bounds.low) + bounds.low_open if math.isfinite(bounds.low) else 1
        high = int(bounds.high) - bounds.high_open if math.isfinite(bounds.high) else low + 6
        return whole_number(rng, int(low), int(max(high, low)))
    low, high = bounds.low, bounds.high
    if math.isfinite(low) and math.isfinite(high):
        return round(low + (high - low) * whole_number(rng, 5, 95) / 100, 4)
    size = whole_number(rng, 30, 250) / 100
    if math.isfinite(low):
        return round(low + size, 4)
    if math.isfinite(high):
        return round(high - size, 4)
    return whole_number(rng, -250, 250) / 100 if regime == WIDE else whole_number(rng, 5, 95) / 100 if regime == UNIT else size


def _drawing(kind: ArgumentType, rng: random.Random, regime: str) -> Callable[[], float | int]:
    """What draws one number after the other; for entries without bounds the same numbers without asking each time."""
    if kind.values or kind.kind == "integer" or kind.bounds != FREE:
        return lambda: _number(kind, rng, regime)

    def free() -> float:
        size = whole_number(rng, 30, 250)
        if regime == POSITIVE:
            return size / 100
        return (whole_number(rng, -250, 250) if regime == WIDE else whole_number(rng, 5, 95)) / 100

    return free


def _entries(shape: tuple[int, ...], make: Any) -> Any:
    if not shape:
        return make()
    if len(shape) == 1:
        return [make() for _ in range(shape[0])]
    return [_entries(shape[1:], make) for _ in range(shape[0])]


OF_MATRICES = frozenset(("symmetric", "positive-definite", "positive-semidefinite", "diagonal", "orthogonal", "invertible"))


def _square(n: int, properties: frozenset[str], rng: random.Random) -> list[list[float]]:
    """A well-conditioned square matrix with the declared properties."""
    rows = [[whole_number(rng, -9, 9) / 10 + (n if i == j else 0) * 0.5 for j in range(n)] for i in range(n)]
    if properties & {"positive-definite", "positive-semidefinite", "symmetric"}:
        rows = [[(rows[max(i, j)][min(i, j)]) * (0.5 if i != j else 1.0) for j in range(n)] for i in range(n)]
    if properties & {"positive-definite", "positive-semidefinite"}:
        rows = [[round(rows[i][j] / n, 2) + (2.0 if i == j else 0.0) for j in range(n)] for i in range(n)]
    if "diagonal" in properties:
        rows = [[rows[i][j] if i == j else 0.0 for j in range(n)] for i in range(n)]
    if "orthogonal" in properties:
        rows = [[1.0 if j == (i + 1) % n else 0.0 for j in range(n)] for i in range(n)]
    return rows


def _value(kind: ArgumentType, shape: tuple[int, ...], sizes: Mapping[str, int], rng: random.Random, regime: str, least: int) -> Any:
    if kind.kind == "index":
        return whole_number(rng, 0, max(least - 1, 0))
    if kind.kind == "label":
        count = kind.size.value(sizes) if kind.size is not None else least
        return _entries(shape, lambda: whole_number(rng, 0, max(count - 1, 0)))
    if len(shape) == 2 and shape[0] == shape[1] and not kind.values and not math.isfinite(kind.bounds.low):
        return _square(shape[0], kind.properties, rng)
    if len(shape) == 3 and shape[1] == shape[2] and kind.properties & OF_MATRICES:  # a family of matrices
        return [_square(shape[1], kind.properties, rng) for _ in range(shape[0])]
    if "onehot" in kind.properties and shape:
        return _entries(shape[:-1], lambda: [1.0 if k == hot else 0.0 for hot in [rng.randrange(shape[-1])] for k in range(shape[-1])])
    if "simplex" in kind.properties and len(shape) == 1:
        weights = [whole_number(rng, 1, 9) for _ in range(shape[0])]
        return [w / sum(weights) for w in weights]
    return _entries(shape, _drawing(kind, rng, regime))


def samples(
    kinds: Mapping[str, tuple[ArgumentType, Shape]],
    size_names: list[str],
    whole: list[str],
    lengths: Sequence[Size],
    count: int,
    seed: int = 0,
    regime: str = "",
) -> Iterator[Point]:
    """`count` random points. `whole` are sizes that are arguments themselves, `lengths` others that are positive. Where nothing is
    declared, the regimes take turns."""
    shapes = [shape for _, shape in kinds.values()]
    for k in range(count):
        rng = random.Random(1_000_003 * seed + k)
        sizes = small_sizes(size_names, k, SMALLER if regime else SMALL)
        for shift in range(1, 5):  # n − K + 1 is a size: K is not above n
            if all(size.value(sizes) > 0 for shape in (*shapes, lengths) for size in shape):
                break
            sizes = small_sizes(size_names, k + shift, SMALLER if regime else SMALL)
        least = min([size.value(sizes) for _, shape in kinds.values() for size in shape], default=3)
        values: dict[str, Any] = {}
        for key, (kind, shape) in kinds.items():
            dims = tuple(max(size.value(sizes), 0) for size in shape)
            values[key] = _value(kind, dims, sizes, rng, regime or REGIMES[k % len(REGIMES)], least)
            if kind.kind == "index" and key in sizes:  # the end of a range as well
                values[key] = max(sizes[key] - (kind.size != ZERO), 0)
        values.update({name: sizes[name] for name in whole})
        yield Point(ordered(kinds, values), sizes)


def ordered(kinds: Mapping[str, tuple[ArgumentType, Shape]], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with no number above the argument that bounds it: k of n trials."""
    found = dict(values)
    for key, (kind, shape) in (*kinds.items(), *kinds.items()):
        if kind.most in found and not shape and not isinstance(found[kind.most], list):
            found[key] = min(found[key], found[kind.most])
    return found


def inside(kind: ArgumentType, value: float) -> bool:
    """Whether the declared domain holds the value."""
    low, high, low_open, high_open = kind.bounds
    if kind.values and value not in kind.values:
        return False
    if kind.kind != "real" and not float(value).is_integer():
        return False
    return (low < value or (low == value and not low_open)) and (value < high or (value == high and not high_open))


def extremes(kinds: Mapping[str, tuple[ArgumentType, Shape]], base: Point) -> list[Point]:
    """One argument at an extreme, the others as at `base`; only for arguments that are all scalars."""
    points = []
    names = [key for key, (kind, _) in kinds.items() if kind.kind == "real"]
    for key in names:
        kind = kinds[key][0]
        unit = kind.bounds.low == 0 and kind.bounds.high == 1
        tried = NEAR_ONE if unit else EXTREMES if len(names) == 1 else FEWER
        points += [Point({**base.values, key: value}, base.sizes) for value in tried if inside(kind, value)]
    return points
