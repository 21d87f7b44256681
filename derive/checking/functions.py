"""Undefined functions as numbers: a fixed analytic function for every name, the same at every point.

In: the name and the number of arguments. Out: a function ℝⁿ → ℝ of both signs, more often positive, entire in every argument, so that
f'(x) is consistent with f(x).
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

__all__ = ["smooth"]


def smooth(name: str, arity: int, sin: Callable[[Any], Any], exp: Callable[[Any], Any]) -> Callable[..., Any]:
    """x ↦ 0.6 + a sin(w·x + b) + c e^{sin(v·x + d)}: two waves of different lengths."""
    random = Random(f"{name}/{arity}")
    first = [random.uniform(0.6, 1.4) * random.choice((-1, 1)) for _ in range(arity)]
    second = [random.uniform(0.3, 0.9) * random.choice((-1, 1)) for _ in range(arity)]
    a, b, c, d = random.uniform(1.2, 1.7), random.uniform(0, 6), random.uniform(0.1, 0.25), random.uniform(0, 6)

    def value(*x: Any) -> Any:
        one = sum((w * v for w, v in zip(first, x, strict=True)), b)
        two = sum((w * v for w, v in zip(second, x, strict=True)), d)
        return 0.6 + a * sin(one) + c * exp(sin(two))

    return value
