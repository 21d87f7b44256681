"""What a law asks of a name that stands in a parameter: 1/2 + θ a probability says −1/2 < θ < 1/2.

In: a SymPy expression and the domain that its value has to lie in. Out: the name and its ends, where the expression is affine in one name.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sympy as sp

__all__ = ["Ends", "affine_ends"]

_DOMAINS = {"positive": (0, sp.oo), "nonnegative": (0, sp.oo), "probability": (0, 1), "natural": (0, sp.oo), "whole": (0, sp.oo)}


class Ends(NamedTuple):
    """A name, and the ends that it lies between; ∓oo where there is none."""

    symbol: Any
    lower: Any
    upper: Any


def affine_ends(value: Any, domain: str) -> Ends | None:
    """The ends of s where c s + d lies in the domain; None where the value is no such thing, or the domain has no ends."""
    if domain not in _DOMAINS or not isinstance(value, sp.Expr) or len(value.free_symbols) != 1:
        return None
    (symbol,) = value.free_symbols
    slope = value.diff(symbol)
    if not slope.is_Rational or slope == 0:
        return None
    offset = value - slope * symbol
    offset = sp.expand(offset)
    if not offset.is_number:
        return None
    low, high = ((sp.sympify(end) - offset) / slope for end in _DOMAINS[domain])
    return Ends(symbol, *((low, high) if slope > 0 else (high, low)))
