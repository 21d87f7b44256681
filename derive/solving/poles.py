"""Poles whose places depend on parameters: what must hold for an integral over an interval to exist.

In: an integrand, its variable and the ends of the interval. Out: a statement for every pole that may lie inside,
`a (a - 1) > 0` for x = a in (0, 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy.polys.polyerrors import PolynomialError

from derive.derivation import Prose
from derive.expressions.term import Name
from derive.meaning.scope import Type
from derive.solving.assumed import required

__all__ = ["outside_the_interval"]


def outside_the_interval(f: Any, x: Any, low: Any, high: Any, types: Mapping[Name, Type]) -> list[Prose]:
    """That each pole with parameters, a zero of a linear factor of the denominator, lies outside; nothing where that is known."""
    if not f.free_symbols - {x} or not (low.is_finite and high.is_finite):
        return []
    try:
        factors = sp.factor_list(sp.denom(sp.together(f)))[1]
    except PolynomialError:
        return []
    found: list[Prose] = []
    for factor, _ in factors:
        if not factor.is_polynomial(x) or sp.degree(factor, x) != 1 or not factor.free_symbols - {x}:
            continue
        ends = sp.factor(factor.subs(x, low) * factor.subs(x, high))  # of one sign at both ends: no zero between
        if required([ends], types):
            found.append((sp.Gt(ends, 0, evaluate=False),))
    return found
