"""Products of sums multiplied out on one level.

In: a sum or a product. Out: the sum of all products, or None where there is nothing to do or it grows too much.
"""

from __future__ import annotations

from math import prod
from typing import Any

import sympy as sp

__all__ = ["expanded"]

MAX_TERMS = 80
MAX_POWER = 6


def expanded(expression: Any) -> Any:
    """The sum with products of sums multiplied out on its own level; None where there is nothing to do or it grows too much."""
    terms = []
    changed = False
    for term in sp.Add.make_args(expression):
        sums, rest = _sums(term)
        if not sums:
            terms.append(term)
            continue
        if prod(len(arguments) for arguments in sums) > MAX_TERMS:
            return None
        changed = True
        products = [sp.Mul(*rest)]
        for arguments in sums:
            products = [sp.Mul(p, a) for p in products for a in arguments]
        terms.append(sp.Add(*products))
    return sp.Add(*terms) if changed else None


def _sums(term: Any) -> tuple[list[tuple[Any, ...]], list[Any]]:
    """The factors of a product that are sums (a small power of a sum counts as often as its exponent says), and the others."""
    sums: list[tuple[Any, ...]] = []
    rest: list[Any] = []
    for factor in sp.Mul.make_args(term):
        if factor.is_Add:
            sums.append(factor.args)
        elif factor.is_Pow and factor.base.is_Add and factor.exp.is_Integer and 0 < factor.exp <= MAX_POWER:
            sums.extend([factor.base.args] * int(factor.exp))
        else:
            rest.append(factor)
    return sums if len(sums) > 1 or rest else [], rest
