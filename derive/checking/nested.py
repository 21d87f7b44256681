"""Arithmetic of nested lists of numbers: the values of arrays where NumPy is not at hand.

In and out: lists of lists of numbers, all of one shape, or single numbers.
"""

from __future__ import annotations

import math
import operator
from typing import Any

__all__ = ["close", "combined", "flat", "floats", "inner", "mapped", "moved", "relative_distance", "scaled"]

ROUNDING = 1e-3  # sums that cancel to 0 leave 1e-17: relative to less than this nothing is compared


def floats(value: Any) -> Any:
    """The entries as floats; whole numbers stay."""
    return [floats(v) for v in value] if isinstance(value, list) else value if isinstance(value, int) else float(value)


def combined(a: Any, b: Any, function: Any) -> Any:
    """Two lists of one shape, entry by entry."""
    return [combined(x, y, function) for x, y in zip(a, b, strict=True)] if isinstance(a, list) else function(a, b)


def mapped(function: Any, value: Any) -> Any:
    """A function of every entry."""
    return [mapped(function, v) for v in value] if isinstance(value, list) else function(value)


def moved(value: Any, along: Any, h: float) -> Any:
    """value + h · along."""
    return combined(value, along, lambda x, d: x + h * d)


def scaled(value: Any, factor: float, shift: float = 0.0) -> Any:
    """value · factor + shift."""
    return [scaled(v, factor, shift) for v in value] if isinstance(value, list) else value * factor + shift


def flat(value: Any) -> list[float]:
    """The entries in one list."""
    if not isinstance(value, list):
        return [value]
    return value if not isinstance(value[0], list) else [x for part in value for x in flat(part)]


def inner(a: Any, b: Any) -> float:
    """⟨a, b⟩."""
    total: float = sum(map(operator.mul, flat(a), flat(b)))
    return total


def close(a: Any, b: Any) -> bool:
    """Whether two values agree but for roundings."""
    if isinstance(a, list) != isinstance(b, list):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(close(x, y) for x, y in zip(a, b, strict=True))
    return bool(abs(a - b) <= 1e-10 * (1 + abs(a)))


def relative_distance(left: Any, right: Any) -> float:
    """The largest difference of two entries, relative to the largest entry; ∞ for other shapes."""
    a, b = list(flat(left)), list(flat(right))
    if len(a) != len(b):
        return math.inf
    scale = max((abs(x) for x in (*a, *b)), default=0.0)
    gap = max((abs(x - y) for x, y in zip(a, b, strict=True)), default=0.0)
    return float(gap / max(scale, ROUNDING))
