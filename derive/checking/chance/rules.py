"""Places and weights for one random variable whose law has numbers for its parameters.

In: a family, parameter values, how fine. Out: a `Rule` for smooth functions, or places in pieces between given cuts, whose weights are
without the density: what is integrated there is multiplied by it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from derive.probability.family import Family

__all__ = ["LEVELS", "Spread", "gauss", "in_pieces", "interval_rule", "spread_of"]

LEVELS = 4  # 0, 1: rules of the family; 2, 3: double exponential rules in pieces
_COUNTS = {1: (16, 24), 2: (12, 18), 3: (8, 12), 4: (5, 7), 5: (3, 4)}  # nodes by how many continuous variables there are
_STEPS = {1: (1 / 8, 1 / 11, 1 / 8, 1 / 11), 2: (1 / 4, 1 / 6, 1 / 7, 1 / 8)}  # by level
MOST_CONTINUOUS = 5
FAR = 2.0  # scales from the middle to the nearest cut
_REACH = {"finite": (-3.2, 3.2), "half": (-4.3, 4.3), "whole": (-4.3, 4.3), "thin half": (-4.0, 5.2), "thin whole": (-5.3, 5.3)}


class Spread(NamedTuple):
    """Where a law has its mass: the median, about half the distance between the quartiles, and the ends of the support."""

    middle: float
    scale: float
    lower: float
    upper: float


def gauss(family: Family, values: tuple[Any, ...], level: int, dimensions: int) -> tuple[list[Any], list[float]]:
    """The family's own rule. Raises ValueError where the values are outside the domains."""
    assert family.quadrature is not None
    count = 40 if family.discrete else _COUNTS[min(dimensions, MOST_CONTINUOUS)][min(level, 1)]
    _refuse_outside(family, values)
    try:
        places, weights = family.quadrature(values, count)
    except (OverflowError, ZeroDivisionError, TypeError) as problem:
        raise ValueError(str(problem)) from problem
    if not abs(math.fsum(weights) - 1) < 1e-6:
        raise ValueError("a rule whose weights do not sum to one")
    if level and dimensions > 1 and not family.discrete and isinstance(places[0], tuple):
        coarse = family.quadrature(values, _COUNTS[min(dimensions, MOST_CONTINUOUS)][0])
        if len(coarse[0]) == len(places):
            raise ValueError("a rule that does not get finer")
    return list(places), list(weights)


def _refuse_outside(family: Family, values: tuple[Any, ...]) -> None:
    for parameter, value in zip(family.parameters, values, strict=False):
        numbers = value if isinstance(value, (list, tuple)) else (value,)
        for number in numbers:
            if isinstance(number, (list, tuple)):
                continue
            if isinstance(number, complex) or not math.isfinite(number):
                raise ValueError("a parameter that is not a number")
            if parameter.domain in ("positive", "positive-vector") and number <= 0:
                raise ValueError(f"{parameter.name} is not positive")
            if parameter.domain in ("probability", "simplex") and not 0 <= number <= 1:
                raise ValueError(f"{parameter.name} is no probability")
            if parameter.domain in ("natural", "whole", "integer") and abs(number - round(number)) > 1e-9:
                raise ValueError(f"{parameter.name} is no integer")
        if parameter.domain == "natural" and value < 1:
            raise ValueError(f"{parameter.name} is not positive")
        if parameter.domain == "simplex" and abs(sum(value) - 1) > 1e-9:
            raise ValueError(f"{parameter.name} does not sum to one")
    if family.name in ("Uniform", "DiscreteUniform") and values[0] > values[1]:
        raise ValueError("an interval whose ends are exchanged")


@lru_cache(maxsize=256)
def spread_of(family: Family, values: tuple[Any, ...], lower: float, upper: float) -> Spread:
    """The middle of a law, by the family's rule."""
    places, weights = gauss(family, values, 1, 1)
    ordered = sorted(zip(places, weights, strict=True))
    found, total = [], 0.0
    targets = [0.25, 0.5, 0.75]
    for place, weight in ordered:
        total += weight
        while targets and total >= targets[0]:
            found.append(float(place))
            targets.pop(0)
    found += [float(ordered[-1][0])] * len(targets)
    low, middle, high = found
    scale = (high - low) / 2 or max(abs(middle), 1.0) / 2
    return Spread(middle, scale, lower, upper)


@lru_cache(maxsize=16)
def _double_exponential(kind: str, step: float) -> tuple[tuple[float, float], ...]:
    """On [0, 1] from both ends ("finite": signed distance), [0, ∞) ("half") or ℝ ("whole"), in units of the scale.

    The thin kinds are for densities that fall at least exponentially; the others reach far enough for powers.
    """
    low, high = _REACH[kind]
    nodes = []
    for n in range(math.ceil(low / step), math.floor(high / step) + 1):
        t = n * step
        if kind == "thin half":
            x = math.exp(t - math.exp(-t))
            nodes.append((x, x * (1 + math.exp(-t)) * step))
            continue
        if kind == "thin whole":
            nodes.append((math.sinh(t), math.cosh(t) * step))
            continue
        u, du = math.pi / 2 * math.sinh(t), math.pi / 2 * math.cosh(t) * step
        if kind == "finite":
            distance = 1 / (1 + math.exp(2 * abs(u)))
            nodes.append((math.copysign(distance, t), du / (2 * math.cosh(u) ** 2)))
        elif kind == "half":
            nodes.append((math.exp(u), math.exp(u) * du))
        else:
            nodes.append((math.sinh(u), math.cosh(u) * du))
    return tuple(nodes)


def in_pieces(
    spread: Spread, cuts: Sequence[float], level: int, dimensions: int, *, heavy: bool = False
) -> tuple[list[float], list[float], list[bool]]:
    """Places, weights without the density, and whether a place is one of the last before infinity."""
    half, whole = ("half", "whole") if heavy else ("thin half", "thin whole")
    step = _STEPS[1 if dimensions <= 1 else 2][min(level, LEVELS - 1)]
    inner = {c for c in cuts if spread.lower < c < spread.upper and math.isfinite(c)}
    if inner and (min(inner) > spread.middle + FAR * spread.scale or max(inner) < spread.middle - FAR * spread.scale):
        inner.add(spread.middle)  # a rule for a half-line does not see a narrow mass far from its end
    ends = [spread.lower, *sorted(inner), spread.upper]
    places: list[float] = []
    weights: list[float] = []
    last: list[bool] = []
    for a, b in zip(ends, ends[1:], strict=False):
        if math.isfinite(a) and math.isfinite(b):
            for distance, weight in _double_exponential("finite", step):
                places.append(b - (b - a) * distance if distance > 0 else a - (b - a) * distance)
                weights.append(weight * (b - a))
                last.append(False)
            continue
        if not math.isfinite(a) and not math.isfinite(b):
            rule = [(spread.middle + spread.scale * x, spread.scale * w) for x, w in _double_exponential(whole, step)]
        elif math.isfinite(a):
            scale = max(spread.scale, abs(a - spread.middle) if a < spread.middle else 0.0)
            rule = [(a + scale * x, scale * w) for x, w in _double_exponential(half, step)]
        else:
            scale = max(spread.scale, abs(b - spread.middle) if b > spread.middle else 0.0)
            rule = [(b - scale * x, scale * w) for x, w in reversed(_double_exponential(half, step))]
        places += [x for x, _ in rule]
        weights += [w for _, w in rule]
        tails = [False] * len(rule)
        if not math.isfinite(b):
            tails[-1] = True
        if not math.isfinite(a):
            tails[0] = True
        last += tails
    return places, weights, last


def interval_rule(
    low: float, high: float, spot: tuple[float, float] | None, step: float, *, heavy: bool = True
) -> Iterator[tuple[float, float, bool]]:
    """Places, weights and whether a place belongs to the rule of twice the step; centred at `spot` (middle, width) where that is known."""
    half, whole = ("half", "whole") if heavy else ("thin half", "thin whole")
    middle, width = spot if spot is not None else (_between(low, high), 1.0)
    if math.isfinite(low) and math.isfinite(high):
        cuts = [low, high]
        if spot is not None and width < 0.15 * (high - low) and low < middle < high:
            cuts = [low, *(c for c in (middle - 6 * width, middle, middle + 6 * width) if low < c < high), high]
        for a, b in zip(cuts, cuts[1:], strict=False):
            for k, (distance, weight) in enumerate(_double_exponential("finite", step)):
                yield (b - (b - a) * distance if distance > 0 else a - (b - a) * distance), weight * (b - a), k % 2 == 0
        return
    if math.isfinite(low) or math.isfinite(high):
        sign, start = (1.0, low) if math.isfinite(low) else (-1.0, high)
        scale = max(abs(middle - start), 1e-12) if spot is not None else 1.0
        if spot is not None and width < 0.15 * scale:  # a narrow mass far from the end
            edge = start + sign * max(scale - 6 * width, 0.0)
            a, b = min(start, edge), max(start, edge)
            for k, (distance, weight) in enumerate(_double_exponential("finite", step)):
                yield (b - (b - a) * distance if distance > 0 else a - (b - a) * distance), weight * (b - a), k % 2 == 0
            start, scale = edge, 6 * width
        for k, (x, weight) in enumerate(_double_exponential(half, step)):
            yield start + sign * scale * x, weight * scale, k % 2 == 0
        return
    for k, (x, weight) in enumerate(_double_exponential(whole, step)):
        yield middle + width * x, weight * width, k % 2 == 0


def _between(low: float, high: float) -> float:
    return (low + high) / 2 if math.isfinite(low + high) else 0.0
