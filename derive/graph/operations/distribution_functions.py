"""Distribution functions of the Gamma, Beta and t laws: reference values, and how SciPy says them.

Source: NIST Digital Library of Mathematical Functions, §8.2 and §8.17 (incomplete gamma and beta functions).
"""

from __future__ import annotations

from typing import Any

from derive.graph.operations.record import Operation, Undefined, elementwise, within

__all__ = ["DISTRIBUTION_FUNCTIONS", "beta_cdf", "gamma_cdf", "gamma_tail", "student_cdf"]


def gamma_cdf(c: Any, a: Any, x: Any) -> Any:
    """P(X ≤ x) of Gamma(a, 1); a > 0, x ≥ 0."""
    if a <= 0 or x < 0:
        raise Undefined
    return c.gammainc(a, 0, x, regularized=True) if x else c.zero


def gamma_tail(c: Any, a: Any, x: Any) -> Any:
    """P(X > x) of Gamma(a, 1); a > 0, x ≥ 0."""
    if a <= 0 or x < 0:
        raise Undefined
    return c.gammainc(a, x, c.inf, regularized=True) if x else c.one


def beta_cdf(c: Any, a: Any, b: Any, x: Any) -> Any:
    """P(X ≤ x) of Beta(a, b); a, b > 0, 0 ≤ x ≤ 1."""
    if a <= 0 or b <= 0 or not 0 <= x <= 1:
        raise Undefined
    return c.betainc(a, b, 0, x, regularized=True)


def student_cdf(c: Any, nu: Any, x: Any) -> Any:
    """P(X ≤ x) of Student's t law with nu degrees of freedom; nu > 0."""
    if nu <= 0:
        raise Undefined
    tail = c.betainc(c.mpf(nu) / 2, c.mpf(1) / 2, 0, nu / (nu + x * x), regularized=True) / 2
    return 1 - tail if x > 0 else tail


DISTRIBUTION_FUNCTIONS: tuple[Operation, ...] = (
    elementwise("gamma_cdf", gamma_cdf, "gammainc(x, y)", "", within(0, 1, True)),
    elementwise("gamma_tail", gamma_tail, "gammaincc(x, y)", "", within(0, 1, True)),
    elementwise("beta_cdf", beta_cdf, "betainc(x, y, z)", "", within(0, 1, True)),
    elementwise("student_cdf", student_cdf, "stdtr(x, y)", "", within(0, 1, True)),
)
