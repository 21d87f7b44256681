"""Quantile functions of the t and the chi-squared law: reference values by inverting the distribution function, and how SciPy says them.

Source: NIST Digital Library of Mathematical Functions, §8.17 and §8.2 (incomplete beta and gamma functions).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derive.graph.node import FREE
from derive.graph.operations.record import Operation, Undefined, elementwise, within

__all__ = ["QUANTILES", "chisquared_quantile", "student_quantile"]

MOST_DOUBLINGS = 400


def student_quantile(c: Any, p: Any, nu: Any) -> Any:
    """The x with P(T ≤ x) = p for a t law with `nu` degrees of freedom; 0 < p < 1, nu > 0."""
    if not 0 < p < 1 or nu <= 0:
        raise Undefined
    if p == c.mpf(1) / 2:
        return c.zero
    tail = min(p, 1 - p)

    def beyond(x: Any) -> Any:
        return c.betainc(nu / 2, c.mpf(1) / 2, 0, nu / (nu + x * x), regularized=True) / 2 - tail

    x = _inverted(c, beyond)
    return x if p > tail else -x


def chisquared_quantile(c: Any, p: Any, k: Any) -> Any:
    """The x with P(X ≤ x) = p for a chi-squared law with k degrees of freedom; 0 < p < 1, k > 0."""
    if not 0 < p < 1 or k <= 0:
        raise Undefined
    return _inverted(c, lambda x: p - c.gammainc(c.mpf(k) / 2, 0, x / 2, regularized=True))


def _inverted(c: Any, falling: Callable[[Any], Any]) -> Any:
    """The positive root of a falling function, by doubling and then halving an interval."""
    low, high = c.zero, c.mpf(1)
    for _ in range(MOST_DOUBLINGS):
        if falling(high) < 0:
            break
        low, high = high, 2 * high
    else:
        raise Undefined
    return c.findroot(falling, (low, high), solver="anderson", tol=c.eps * 16, maxsteps=200, verify=False)


QUANTILES: tuple[Operation, ...] = (
    elementwise("student_quantile", student_quantile, "stdtrit(y, x)", "", lambda p, nu: FREE),
    elementwise("chisquared_quantile", chisquared_quantile, "chdtri(y, 1 - x)", "", within(0, float("inf"), True)),
)
