"""Rational functions of sin x and cos x over a period: with t = tan(x/2), or t = tan x where half of it repeats itself.

In: an integrand, its variable and the ends. Out: a rational integrand over the real line and its variable; None for other integrals.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

__all__ = ["over_the_line"]


def over_the_line(f: Any, x: Any, low: Any, high: Any) -> tuple[Any, Any] | None:
    """(integrand in t, t): its integral over ℝ is that of f from `low` to `high`."""
    length = sp.expand(high - low)
    turns = length / sp.pi
    if not (turns.is_Integer and turns > 0):
        return None
    waves = f.atoms(sp.sin, sp.cos, sp.tan, sp.sec, sp.csc, sp.cot)
    if not waves or any(w.args[0] != x for w in waves) or f.has(sp.tan, sp.sec, sp.csc, sp.cot):
        return None
    s, c = sp.Dummy("s"), sp.Dummy("c")
    rational = f.xreplace({sp.sin(x): s, sp.cos(x): c})
    if rational.has(x) or not rational.is_rational_function(s, c) or rational.is_polynomial(s, c):
        return None
    taken = {v.name for v in f.free_symbols}
    t = sp.Symbol("t" if "t" not in taken else "t_1", real=True)
    repeats = sp.simplify(rational.xreplace({s: -s, c: -c}) - rational) == 0
    if repeats:  # period π: sin² = t²/(1 + t²), cos² = 1/(1 + t²), sin cos = t/(1 + t²)
        once = sp.cancel(sp.together(rational.subs(s, t * c)))
        squared = sp.Dummy("q", positive=True)
        once = sp.cancel(once.subs(c, sp.sqrt(squared)).subs(squared, 1 / (1 + t**2)))
        if not once.is_rational_function(t):
            return None
        return sp.factor(sp.cancel(turns * once / (1 + t**2))), t
    if turns % 2:  # over [0, π] half of what it is over [0, 2π], where only cos x decides
        if not (low / sp.pi).is_Integer or sp.simplify(rational.xreplace({s: -s}) - rational) != 0:
            return None
    half = rational.subs({s: 2 * t / (1 + t**2), c: (1 - t**2) / (1 + t**2)}, simultaneous=True)
    return sp.factor(sp.cancel(sp.together(turns / 2 * half * 2 / (1 + t**2)))), t
