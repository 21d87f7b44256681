"""A limit that grows beyond all bounds in a row: it does not follow from one that has a value.

In: two terms, the types of the names. Out: a failed `Check` with the values that grow, or None where that is not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from derive.derivation import Check
from derive.errors import DeriveError
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Type

__all__ = ["grows_beyond"]

STEPS = (4, 8, 12)
GROWTH = 100


def grows_beyond(left: Term, right: Term, types: Mapping[Name, Type]) -> Check | None:
    """The failed check of `left = lim …` where the limit on the right grows and what stands on the left stays bounded."""
    try:
        far, near = (_values(to_sympy(t, types)) for t in (right, left))
    except (DeriveError, TypeError, ValueError):
        return None
    if far is None or near is None or not _grows(far) or _grows(near):
        return None
    return Check(
        "failed", "values near the place", counterexample=tuple((f"at distance 1e-{k}", v) for k, v in zip(STEPS, far, strict=True))
    )


def _grows(values: list[float]) -> bool:
    return all(abs(b) > GROWTH * abs(a) > 0 for a, b in zip(values, values[1:], strict=False))


def _values(expression: Any) -> list[float] | None:
    """Values of the body of a limit closer and closer to its place; a number stays what it is."""
    if not isinstance(expression, sp.Limit):
        return [float(expression)] * len(STEPS) if expression.is_number and expression.is_finite else None
    body, x, place, _ = expression.args
    if body.free_symbols - {x} or not place.is_number:
        return None
    found = []
    for k in STEPS:
        near = sp.Integer(10) ** k * sp.sign(place) if place.is_infinite else place + sp.Rational(1, 10**k)
        value = sp.N(body.subs(x, near), 15, maxn=200)
        if not value.is_real:
            return None
        found.append(float(value))
    return found
