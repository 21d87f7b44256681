"""Small laws with given first and second moments, skewed, with few values.

In: how many dimensions, or mean, variance and bounds. Out: rows of values with weights.
"""

from __future__ import annotations

import math
from random import Random

from derive.probability.families.vectors import cholesky

__all__ = ["Rows", "standard", "two_values"]

Rows = list[tuple[tuple[float, ...], float]]


def two_values(mean: float, variance: float, low: float | None, high: float | None, random: Random) -> list[tuple[float, float]]:
    """Two values with these moments, inside the bounds."""
    deviation = math.sqrt(variance)
    for _ in range(40):
        p = random.uniform(0.03, 0.97)
        first, second = mean - deviation * math.sqrt((1 - p) / p), mean + deviation * math.sqrt(p / (1 - p))
        if (low is None or first >= low) and (high is None or second <= high):
            return [(first, p), (second, 1 - p)]
    if low is not None and high is None and mean > low:
        p = min(0.999, variance / (variance + (mean - low) ** 2) * 1.01)
        return [(mean - deviation * math.sqrt((1 - p) / p), p), (mean + deviation * math.sqrt(p / (1 - p)), 1 - p)]
    raise ValueError("no values with these moments inside the bounds")


def standard(count: int, random: Random) -> Rows:
    """Rows of a random law in `count` dimensions with mean 0 and covariance 1, whose entries are uncorrelated and dependent."""
    for _ in range(20):
        size = count + 3 if count > 1 else 3
        weights = [random.uniform(0.4, 1.6) for _ in range(size)]
        total = math.fsum(weights)
        weights = [w / total for w in weights]
        points = [[random.gauss(0, 1) for _ in range(count)] for _ in range(size)]
        means = [math.fsum(w * p[k] for w, p in zip(weights, points, strict=True)) for k in range(count)]
        points = [[x - m for x, m in zip(p, means, strict=True)] for p in points]
        rows_of = list(zip(weights, points, strict=True))
        covariance = [[math.fsum(w * p[j] * p[k] for w, p in rows_of) for k in range(count)] for j in range(count)]
        try:
            factor = cholesky(covariance)
        except (ValueError, ZeroDivisionError):
            continue
        if min(factor[k][k] for k in range(count)) < 0.25:
            continue
        rows: Rows = []
        for point, weight in zip(points, weights, strict=True):
            solved: list[float] = []
            for row, x in zip(factor, point, strict=True):
                solved.append((x - math.fsum(a * b for a, b in zip(row, solved, strict=False))) / row[len(solved)])
            rows.append((tuple(solved), weight))
        return rows
    raise ValueError("no law was found")
