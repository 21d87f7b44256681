"""Derivatives of integrals: the fundamental theorem and Leibniz's rule.

In: an unresolved derivative of an integral. Out: the integrand at the moving limits, and the derivative under the integral.
Source: Apostol 1974, Mathematical Analysis, theorems 7.32 and 7.40.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.derivation import Prose, Rewrite, Rule
from derive.rules.dependence import depends, derivative, split, times

__all__ = ["RULES"]


def _leibniz(node: Any) -> Rewrite | None:
    f, x = split(node)
    limit = f.limits[-1]
    if len(limit) == 1:
        return Rewrite(f.function, ("the integral is an antiderivative",)) if len(f.limits) == 1 and limit[0] == x else None
    if len(limit) != 3:
        return None
    t, lower, upper = limit
    inner = f.function if len(f.limits) == 1 else sp.Integral(f.function, *f.limits[:-1])
    if t == x:  # the bound variable has the name of the outer one
        fresh = sp.Dummy("t", real=True)
        inner, t = inner.xreplace({t: fresh}), fresh
    terms = []
    for sign, end in ((1, upper), (-1, lower)):
        if depends(end, x):
            terms.append(times(sign, inner.xreplace({t: end}), derivative(end, x)))
    assumptions: tuple[Prose, ...] = ()
    under = derivative(inner, x)
    if under != 0:
        terms.append(sp.Integral(under, (t, lower, upper)))
        assumptions = (("differentiation and integration may be exchanged",),)
    because: Prose = ("with the integrand ", inner)
    return Rewrite(sp.Add(*terms), because, assumptions)


RULES: tuple[Rule, ...] = (
    Rule(
        "leibniz-rule",
        "Derivative of an integral (Leibniz)",
        "(∫ₐᵇ f dt)′ = f(b) b′ − f(a) a′ + ∫ₐᵇ ∂f/∂x dt",
        r"\frac{d}{dx}\int_{a}^{b} f\,dt = f(x, b)\,b' - f(x, a)\,a' + \int_a^b \frac{\partial f}{\partial x}\,dt",
        (sp.Integral,),
        _leibniz,
        ((r"\frac{d}{dx} \int_0^{x^2} e^{-t^2} dt", r"e^{-x^4} \frac{d}{dx} x^2"),),
    ),
)
