"""Quotients of gamma functions as beta functions: Γ(a + k) Γ(b + n − k) Γ(a + b) / (Γ(a) Γ(b) Γ(a + b + n)) is B(a + k, b + n − k)/B(a, b).

Where u + v is a number, Γ(u) Γ(v) is Γ(u + v) B(u, v).

In: a product of gamma functions whose arguments are positive. Out: an equal expression; code takes the logarithm of beta functions.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

__all__ = ["in_beta_functions"]

MOST = 8


def in_beta_functions(value: Any) -> Any:
    """The product with its triples Γ(u) Γ(v)/Γ(u + v) as B(u, v), upright and inverted."""
    gammas, rest = [], []
    for factor in sp.Mul.make_args(value):
        base, power = factor.as_base_exp()
        if isinstance(base, sp.gamma) and power in (1, -1):
            gammas.append((base.args[0], int(power)))
        else:
            rest.append(factor)
    if len(gammas) == 2 and gammas[0][1] == gammas[1][1]:
        (u, power), (v, _) = gammas
        total = sp.expand(u + v)
        return sp.Mul(*rest, sp.gamma(total) ** power, sp.beta(u, v) ** power) if total.is_Integer and 0 < total <= 200 else value
    if not 3 <= len(gammas) <= MOST:
        return value
    made: list[Any] = []
    while (triple := _triple(gammas)) is not None:
        u, v, w, power = triple
        made.append(sp.beta(u, v) ** power)
        for argument, sign in ((u, power), (v, power), (w, -power)):
            gammas.remove((argument, sign))
    return value if gammas else sp.Mul(*rest, *made)


def _triple(gammas: list[tuple[Any, int]]) -> tuple[Any, Any, Any, int] | None:
    """u, v, u + v where the first two stand with one exponent and the third with the other."""
    for k, (u, power) in enumerate(gammas):
        for v, other in gammas[k + 1 :]:
            if other != power:
                continue
            for w, third in gammas:
                if third == -power and sp.expand(u + v - w) == 0:
                    return u, v, w, power
    return None
