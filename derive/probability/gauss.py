"""Gauss rules for the classical weights, as distributions: the weights of every rule sum to one. Plain floats, no NumPy.

In: the parameters of the weight and the number of nodes. Out: nodes in ascending order and weights; polynomials of degree below twice
the number of nodes are integrated exactly. Source: Golub & Welsch 1969, Calculation of Gauss quadrature rules; the recurrences are those
of Gautschi 2004, Orthogonal Polynomials, table 1.1.
"""

from __future__ import annotations

import math
from functools import lru_cache

__all__ = ["hermite", "jacobi", "laguerre", "legendre", "trapezoid"]

Rule = tuple[tuple[float, ...], tuple[float, ...]]
SWEEPS = 60


def golub_welsch(diagonal: list[float], squares: list[float]) -> Rule:
    """The rule of a Jacobi matrix: `diagonal` α_0 … α_{n-1}, `squares` β_1 … β_{n-1}. By implicit QL on the first row of eigenvectors."""
    n = len(diagonal)
    d, e = list(diagonal), [math.sqrt(b) for b in squares] + [0.0]
    first = [1.0] + [0.0] * (n - 1)
    for lowest in range(n):
        for _ in range(SWEEPS):
            m = lowest
            while m < n - 1 and abs(e[m]) > 1e-17 * (abs(d[m]) + abs(d[m + 1])):
                m += 1
            if m == lowest:
                break
            g = (d[lowest + 1] - d[lowest]) / (2 * e[lowest])
            g = d[m] - d[lowest] + e[lowest] / (g + math.copysign(math.hypot(g, 1.0), g))
            sine = cosine = 1.0
            shift = 0.0
            for i in range(m - 1, lowest - 1, -1):
                f, b = sine * e[i], cosine * e[i]
                radius = math.hypot(f, g)
                e[i + 1] = radius
                if not radius:
                    d[i + 1] -= shift
                    e[m] = 0.0
                    break
                sine, cosine = f / radius, g / radius
                g = d[i + 1] - shift
                r = (d[i] - g) * sine + 2 * cosine * b
                shift = sine * r
                d[i + 1] = g + shift
                g = cosine * r - b
                f = first[i + 1]
                first[i + 1] = sine * first[i] + cosine * f
                first[i] = cosine * first[i] - sine * f
            else:
                d[lowest] -= shift
                e[lowest], e[m] = g, 0.0
    rule = sorted(zip(d, (v * v for v in first), strict=True))
    return tuple(x for x, _ in rule), tuple(w for _, w in rule)


@lru_cache(maxsize=32)
def hermite(count: int) -> Rule:
    """For the standard normal density."""
    return golub_welsch([0.0] * count, [float(k) for k in range(1, count)])


@lru_cache(maxsize=256)
def laguerre(shape: float, count: int) -> Rule:
    """For the Gamma density of this shape and rate 1."""
    return golub_welsch([2 * k + shape for k in range(count)], [k * (k + shape - 1) for k in range(1, count)])


@lru_cache(maxsize=256)
def jacobi(alpha: float, beta: float, count: int) -> Rule:
    """For the Beta(alpha, beta) density on (0, 1)."""
    a, b = beta - 1, alpha - 1  # (1 − t)^a (1 + t)^b on (−1, 1), t = 2x − 1
    diagonal = [(b - a) / (a + b + 2)]
    squares = []
    for k in range(1, count):
        s = 2 * k + a + b
        diagonal.append((b * b - a * a) / (s * (s + 2)))
        if k == 1:
            squares.append(4 * (1 + a) * (1 + b) / ((2 + a + b) ** 2 * (3 + a + b)))
        else:
            squares.append(4 * k * (k + a) * (k + b) * (k + a + b) / (s * s * (s + 1) * (s - 1)))
    nodes, weights = golub_welsch(diagonal, squares)
    return tuple((1 + t) / 2 for t in nodes), weights


def legendre(count: int) -> Rule:
    """For the uniform density on (0, 1)."""
    return jacobi(1.0, 1.0, count)


def trapezoid(low: float, high: float, count: int) -> tuple[list[float], float]:
    """Equidistant nodes from low to high, both included, and the step."""
    step = (high - low) / (count - 1)
    return [low + k * step for k in range(count)], step
