"""Whether row operations lead from one matrix to another: both have the same row space.

In: two matrices. Out: a Check: exact for numbers, at points of small rational numbers for symbols.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.derivation import Check

__all__ = ["check_row_spaces"]

POINTS = 4


def check_row_spaces(left: Any, right: Any) -> Check:
    """Whether A x = 0 and B x = 0 have the same solutions: neither matrix adds to the rank of the other."""
    if left.shape[1] != right.shape[1]:
        return Check("unverified", reason="row equivalence is decided for matrices with as many columns")
    symbols = sorted(left.free_symbols | right.free_symbols, key=str)
    if not symbols:
        if not all(e.is_number and e.is_algebraic for m in (left, right) for e in m):
            return Check("unverified", reason="row equivalence is decided for matrices of algebraic numbers")
        return _verdict(left, right, ()) or Check("exact", "same row space")
    tried = 0
    for point in range(3 * POINTS):
        values = {s: sp.Rational((7 * k + 5 * point + 3) % 17 + 1, (3 * k + 2 * point) % 5 + 2) for k, s in enumerate(symbols)}
        a, b = left.subs(values), right.subs(values)
        if any(e.has(sp.zoo, sp.nan) for m in (a, b) for e in m):
            continue
        failed = _verdict(a, b, tuple((str(s), float(v)) for s, v in values.items()))
        if failed is not None:
            return failed
        tried += 1
        if tried == POINTS:
            return Check("verified", "same row space", points=POINTS)
    return Check("unverified", reason="no points at which both matrices have values")


def _verdict(a: Any, b: Any, point: tuple[tuple[str, Any], ...]) -> Check | None:
    ranks = {m.rank(simplify=True) for m in (a, b, a.col_join(b))}
    return None if len(ranks) == 1 else Check("failed", reason="the rows span different spaces", counterexample=point)
