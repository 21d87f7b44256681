"""Series whose terms die away slowly: the limit of their partial sums by Levin's transformation.

In: the first terms. Out: the sum, where two transformations of different length agree; nan otherwise. Terms that do not tend to 0
have no sum, whatever a transformation makes of them. Source: Levin 1973, Int. J. Computer Math. B 3 (the u-transformation).
"""

from __future__ import annotations

from math import comb
from typing import Any

from derive.checking.frame import TROUBLE, undefined

__all__ = ["slow_series"]

LENGTHS = (14, 20, 26)
AGREEMENT = 1e-11
_BIT = 40  # of the terms are needed to see whether they die away


def slow_series(terms: list[Any], nan: Any) -> Any:
    """The sum of the series with these first terms."""
    if len(terms) < 2 * _BIT or any(undefined(t) for t in terms):
        return nan
    sizes = [abs(t) for t in terms]
    if not max(sizes[-_BIT:]) < 0.75 * max(sizes[_BIT : 2 * _BIT]):
        return nan
    first = next((k for k, t in enumerate(terms) if t), None)
    if first is None:
        return 0 * terms[0]
    rest = [t for t in terms[first:] if t]  # terms that vanish (those of odd order, say) are left out
    if len(rest) < LENGTHS[-1] + 1:
        return nan
    try:
        found = [_levin(rest, length) for length in LENGTHS]
    except TROUBLE:
        return nan
    settled = all(abs(a - b) <= AGREEMENT * (1e-3 + abs(b)) for a, b in zip(found, found[1:], strict=False))
    return found[-1] if settled else nan


def _levin(terms: list[Any], length: int) -> Any:
    """The u-transformation of the partial sums 0 … length."""
    partial = above = below = 0 * terms[0]
    for k in range(length + 1):
        partial += terms[k]
        weight = (-1) ** k * comb(length, k) * (1 * partial.__class__(k + 1) / (length + 1)) ** (length - 1)
        scale = (k + 1) * terms[k]
        above += weight * partial / scale
        below += weight / scale
    return above / below
