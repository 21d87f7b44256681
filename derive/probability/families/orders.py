"""Combinatorial coefficients that raw moments are made of."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import comb, prod
from typing import Any

import sympy as sp

__all__ = ["about_centre", "double_factorial", "falling_sum", "rising", "stirling"]


@lru_cache(maxsize=64)
def stirling(k: int) -> tuple[int, ...]:
    """Stirling numbers of the second kind S(k, 0), …, S(k, k)."""
    row = [1]
    for n in range(k):
        row = [(j * row[j] if j <= n else 0) + (row[j - 1] if j else 0) for j in range(n + 2)]
    return tuple(row)


def falling_sum(k: int, factorial_moment: Callable[[int], Any]) -> Any:
    """E[X^k] = Σ_j S(k, j) E[X (X − 1) ⋯ (X − j + 1)]."""
    return sp.Add(*(s * factorial_moment(j) for j, s in enumerate(stirling(k)) if s))


def about_centre(k: int, centre: Any, central: Callable[[int], Any]) -> Any:
    """E[X^k] = Σ_j C(k, j) centre^(k − j) E[(X − centre)^j], of a law that is symmetric about its centre."""
    return sp.Add(*(comb(k, j) * centre ** (k - j) * central(j) for j in range(0, k + 1, 2)))


def double_factorial(n: int) -> int:
    """n (n − 2) (n − 4) ⋯; 1 for n ≤ 0."""
    return prod(range(n, 0, -2))


def rising(a: Any, k: int) -> Any:
    """a (a + 1) ⋯ (a + k − 1)."""
    return sp.Mul(*(a + i for i in range(k)))
