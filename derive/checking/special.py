"""Gamma, polygamma and error functions of doubles and complex doubles, where Python's own are real only or missing.

In: a float or a complex number. Out: the same kind, to about full precision; ValueError outside the domain.
Sources: Abramowitz & Stegun 1964, 6.1.40 (log Γ), 6.3.18 and 6.4.11 (polygamma), 7.1.6 and 7.1.14 (erf).
"""

from __future__ import annotations

import cmath
import math
from typing import Any

__all__ = ["erf_complex", "erfc_complex", "gamma_complex", "loggamma_complex", "loggamma_real", "polygamma"]

Number = Any  # float or complex
MAX_SHIFT = 1000  # steps of a recurrence

_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330)  # B_2, B_4, …


def polygamma(order: Number, x: Number) -> Number:
    """ψ^(m)(x) by recurrence to Re x ≥ 12 and the asymptotic series; real or complex, not at 0, −1, ….

    Each term of the shift is that of ψ^(m)(x) = (−1)^(m+1) m! Σ 1/(x + k)^(m+1) (ψ itself: −Σ 1/(x + k)).
    """
    m = int(order)
    if not 0 <= m <= 50 or m != order:
        raise ValueError("polygamma of this order")
    if x.real < -MAX_SHIFT:
        raise ValueError("polygamma so far to the left")
    total: Number = 0.0
    while x.real < 14 + m:
        total += 1 / x ** (m + 1)
        x = x + 1
    square = x * x
    if m == 0:
        series = sum(b / (2 * k * square**k) for k, b in enumerate(_BERNOULLI, 1))
        return (cmath.log(x) if isinstance(x, complex) else math.log(x)) - 0.5 / x - series - total
    tail = sum(b * math.factorial(2 * k + m - 1) / math.factorial(2 * k) / x ** (2 * k + m) for k, b in enumerate(_BERNOULLI, 1))
    asymptotic = math.factorial(m - 1) / x**m + math.factorial(m) / (2 * x ** (m + 1)) + tail
    return (-1) ** (m + 1) * (asymptotic + math.factorial(m) * total)


def loggamma_complex(z: complex) -> complex:
    """log Γ by recurrence to Re z ≥ 12 and Stirling's series; Re z > 0."""
    if z.real <= 0:
        raise ValueError("log Γ left of the origin")
    shift = 0j
    while z.real < 12:
        shift += cmath.log(z)
        z += 1
    series = sum(b / (2 * k * (2 * k - 1) * z ** (2 * k - 1)) for k, b in enumerate(_BERNOULLI, 1))
    return (z - 0.5) * cmath.log(z) - z + 0.5 * math.log(2 * math.pi) + series - shift


def loggamma_real(x: float) -> float:
    if x <= 0:
        raise ValueError("log Γ left of the origin")
    return math.lgamma(x)


def gamma_complex(z: complex) -> complex:
    factor = 1 + 0j
    if z.real < -MAX_SHIFT:
        raise ValueError("Γ so far to the left")
    while z.real <= 0:
        factor *= z
        z += 1
    return cmath.exp(loggamma_complex(z)) / factor


def erf_complex(z: complex) -> complex:
    """erf by its series without cancellation, or the continued fraction of erfc far out."""
    if z.real < 0:
        return -erf_complex(-z)
    if z.real > 4:
        return 1 - _erfc_far(z)
    term = total = z + 0j
    n, square = 1, 2 * z * z
    while abs(term) > 1e-17 * abs(total) and n < 400:
        term = term * square / (2 * n + 1)
        total += term
        n += 1
    return 2 / math.sqrt(math.pi) * cmath.exp(-z * z) * total


def _erfc_far(z: complex) -> complex:
    fraction = z
    for k in range(60, 0, -1):
        fraction = z + k / 2 / fraction
    return cmath.exp(-z * z) / math.sqrt(math.pi) / fraction


def erfc_complex(z: complex) -> complex:
    return _erfc_far(z) if z.real > 4 else 1 - erf_complex(z)
