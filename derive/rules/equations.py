"""Rules for equations: how one side is undone so that the unknown stands alone.

In: an equation f(x) = c and the unknown x, where c does not hold x. Out: an equation (or alternatives) with a smaller left side.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy import S

from derive.derivation import Prose, Rewrite, Rule
from derive.expressions import nodes
from derive.rules.conditions import nonzero, positive
from derive.rules.dependence import by_dependence, depends
from derive.rules.instances import instances

__all__ = ["DIVIDE", "FACTORS", "GATHER", "INVERSES", "ISOLATING", "LAMBERT", "QUADRATIC", "RULES", "equal"]


def equal(left: Any, right: Any) -> Any:
    """left = right, as it is written."""
    return sp.Eq(left, right, evaluate=False)


def _move_terms(equation: Any, x: Any) -> Rewrite | None:
    left, right = equation.args
    if not left.is_Add:
        return None
    free, bound = by_dependence(left.args, x)
    if not free:
        return None
    moved = sp.Add(*free)
    return Rewrite(equal(sp.Add(*bound), right - moved), (moved, " is taken to the other side"))


def _divide(equation: Any, x: Any) -> Rewrite | None:
    left, right = equation.args
    if not left.is_Mul:
        return None
    free, bound = by_dependence(left.args, x)
    if not free or not bound:
        return None
    factor = sp.Mul(*free)
    return Rewrite(equal(sp.Mul(*bound), right / factor), ("both sides divided by ", factor), nonzero(factor))


# f ↦ its inverse, and what c = f(u) must satisfy
INVERSES: dict[type, tuple[Callable[[Any], Any], Callable[[Any], tuple[Prose, ...]]]] = {
    sp.exp: (sp.log, positive),
    sp.log: (sp.exp, lambda c: ()),
    sp.tanh: (sp.atanh, lambda c: ((sp.Lt(sp.Abs(c), 1, evaluate=False),),) if not c.is_number else ()),
    sp.sinh: (sp.asinh, lambda c: ()),
    sp.asinh: (sp.sinh, lambda c: ()),
    sp.atanh: (sp.tanh, lambda c: ()),
    sp.atan: (sp.tan, lambda c: ((sp.Lt(sp.Abs(c), sp.pi / 2, evaluate=False),),) if not c.is_number else ()),
    nodes.sigmoid: (nodes.logit, lambda c: () if c.is_number else ((sp.And(sp.Gt(c, 0), sp.Lt(c, 1)),),)),
    nodes.logit: (nodes.sigmoid, lambda c: ()),
    nodes.expm1: (nodes.log1p, lambda c: ((sp.Gt(c, -1, evaluate=False),),) if not c.is_number else ()),
    nodes.log1p: (nodes.expm1, lambda c: ()),
}


def _inverse(equation: Any, x: Any) -> Rewrite | None:
    left, right = equation.args
    found = INVERSES.get(type(left))
    if found is None or len(left.args) != 1:
        return None
    inverse, needs = found
    if right.is_number and isinstance(left, sp.exp) and right.is_nonpositive:
        return Rewrite(S.false, ("an exponential is positive",))
    return Rewrite(equal(left.args[0], inverse(right)), ("the inverse function on both sides",), needs(right))


def _undo_power(equation: Any, x: Any) -> Rewrite | None:
    left, right = equation.args
    if not left.is_Pow:
        return None
    u, n = left.base, left.exp
    if depends(n, x):
        if depends(u, x):
            return None
        return Rewrite(equal(n, sp.log(right) / sp.log(u)), ("logarithms on both sides",), (*positive(right), *positive(u)))
    if n is S.NegativeOne:
        return (
            Rewrite(S.false, ("a reciprocal is not 0",))
            if right.is_zero
            else Rewrite(equal(u, 1 / right), ("reciprocals of both sides",), nonzero(right))
        )
    if not n.is_Rational:
        return Rewrite(equal(u, right ** (1 / n)), ("the root of both sides",), (*positive(right), *nonzero(n)))
    if n.is_Integer and n.is_even:
        if right.is_negative:
            return Rewrite(S.false, ("an even power is not negative",))
        root = right ** (1 / n)
        needs: tuple[Prose, ...] = () if right.is_nonnegative else ((sp.Ge(right, 0, evaluate=False),),)
        if right.is_zero:
            return Rewrite(equal(u, 0), ("a power is 0 where its base is",))
        return Rewrite(sp.Or(equal(u, root), equal(u, -root), evaluate=False), ("the root has two signs",), needs)
    if n.is_Integer:
        return Rewrite(
            equal(u, sp.real_root(right, n) if right.is_number else sp.sign(right) * sp.Abs(right) ** (1 / n)), ("the root of both sides",)
        )
    if n.q % 2 == 0 and right.is_negative:
        return Rewrite(S.false, ("a root is not negative",))
    needs = () if n.q % 2 or right.is_nonnegative else ((sp.Ge(right, 0, evaluate=False),),)
    return Rewrite(equal(u, right ** (1 / n)), ("both sides to the power ", 1 / n), needs)


def _absolute(equation: Any, x: Any) -> Rewrite | None:
    left, right = equation.args
    if not isinstance(left, sp.Abs):
        return None
    if right.is_negative:
        return Rewrite(S.false, ("an absolute value is not negative",))
    needs: tuple[Prose, ...] = () if right.is_nonnegative else ((sp.Ge(right, 0, evaluate=False),),)
    return Rewrite(sp.Or(equal(left.args[0], right), equal(left.args[0], -right), evaluate=False), ("either sign",), needs)


def _zero_product(equation: Any, x: Any) -> Rewrite | None:
    left, right = equation.args
    if not left.is_Mul or not right.is_zero:
        return None
    factors = [f.base if f.is_Pow and f.exp.is_positive else f for f in left.args if depends(f, x)]
    factors = [f for f in factors if not isinstance(f, sp.exp)]
    if not factors:
        return Rewrite(S.false, ("an exponential is not 0",))
    parts = [equal(f, 0) for f in dict.fromkeys(factors)]
    free = [f for f in left.args if not depends(f, x) and not f.is_Number]
    needs = tuple(p for f in free for p in nonzero(f))
    return Rewrite(parts[0] if len(parts) == 1 else sp.Or(*parts, evaluate=False), ("one of the factors is 0",), needs)


def _quadratic(equation: Any, x: Any) -> Rewrite | None:
    left, right = equation.args
    polynomial = sp.Poly(left - right, x)
    if polynomial.degree() != 2:
        return None
    a, b, c = polynomial.all_coeffs()
    discriminant = sp.expand(b**2 - 4 * a * c)
    because = instances(("a", a), ("b", b), ("c", c))
    if discriminant.is_negative:
        return Rewrite(S.false, (*because, ": " if because else "", "the discriminant ", discriminant, " is negative"))
    if discriminant.is_zero:
        return Rewrite(equal(x, -b / (2 * a)), (*because, ": " if because else "", "the discriminant is 0"), nonzero(a))
    root = sp.sqrt(discriminant)
    needs = nonzero(a) if discriminant.is_nonnegative else (*nonzero(a), (sp.Ge(discriminant, 0, evaluate=False),))
    first, second = (
        (sp.expand((-b - root) / (2 * a)), sp.expand((-b + root) / (2 * a)))
        if root.is_Rational
        else ((-b - root) / (2 * a), (-b + root) / (2 * a))
    )
    return Rewrite(sp.Or(equal(x, first), equal(x, second), evaluate=False), because, needs)


def _lambert(equation: Any, x: Any) -> Rewrite | None:
    """u eᵘ = c ⇔ u = W(c); two branches for −1/e < c < 0."""
    left, right = equation.args
    free, bound = by_dependence(sp.Mul.make_args(left), x)
    if len(bound) != 2:
        return None
    exponentials = [f for f in bound if isinstance(f, sp.exp)]
    if len(exponentials) != 1:
        return None
    u = exponentials[0].args[0]
    factor = sp.cancel(sp.Mul(*(f for f in bound if f is not exponentials[0])) / u)
    if depends(factor, x):
        return None
    c = right / (factor * sp.Mul(*free))
    because: Prose = ("W is the inverse of u e^u, with u = ", u) if u != x else ("W is the inverse of u e^u",)
    if c.is_nonnegative:
        return Rewrite(equal(u, sp.LambertW(c)), because)
    if c.is_number and c.is_real:
        if (c + sp.exp(-1)).is_negative:
            return Rewrite(S.false, ("u e^u is at least −1/e",))
        if (c + sp.exp(-1)).is_zero:
            return Rewrite(equal(u, -1), because)
        return Rewrite(sp.Or(equal(u, sp.LambertW(c)), equal(u, sp.LambertW(c, -1)), evaluate=False), because)
    return Rewrite(equal(u, sp.LambertW(c)), because, ((sp.Ge(c, 0, evaluate=False),),))


def _gather(equation: Any, x: Any) -> Rewrite | None:
    """a x + b = c x + d ⇔ (a − c) x = d − b."""
    left, right = equation.args
    difference = sp.expand(left - right)
    slope = difference.coeff(x, 1)
    rest = sp.expand(difference - slope * x)
    if depends(rest, x) or slope.is_zero:
        return None
    if slope.could_extract_minus_sign():
        slope, rest = -slope, -rest
    return Rewrite(equal(slope * x, -rest), ("the terms in ", x, " on the left, the others on the right"))


GATHER = Rule(
    "gather-terms",
    "Gather the terms",
    "a x + b = c x + d ⇔ (a − c) x = d − b",
    r"ax + b = cx + d \iff (a-c)x = d-b",
    (sp.Eq,),
    _gather,
    (("3 x + 1 = x + 5", "2 x = 4"),),
)
DIVIDE = Rule(
    "divide-both-sides",
    "Divide both sides",
    "c u = d ⇔ u = d/c, c ≠ 0",
    r"c\,u = d \iff u = \frac dc,\ c \ne 0",
    (sp.Eq,),
    _divide,
    (("2 x = 4", "x = 2"),),
)
QUADRATIC = Rule(
    "quadratic-formula",
    "Quadratic formula",
    "a x² + b x + c = 0 ⇔ x = (−b ± √(b² − 4 a c))/(2 a)",
    r"ax^2+bx+c = 0 \iff x = \frac{-b \pm \sqrt{b^2-4ac}}{2a}",
    (sp.Eq,),
    _quadratic,
)
LAMBERT = Rule(
    "lambert-function",
    "Lambert function",
    "u eᵘ = c ⇔ u = W(c), c ≥ 0",
    r"u\,e^u = c \iff u = W(c),\ c \ge 0",
    (sp.Eq,),
    _lambert,
    source="Corless et al. 1996, On the Lambert W function",
)
FACTORS = Rule("zero-product", "Zero product", "u v = 0 ⇔ u = 0 or v = 0", r"uv = 0 \iff u = 0 \lor v = 0", (sp.Eq,), _zero_product)
ISOLATING: tuple[Rule, ...] = (
    FACTORS,
    Rule(
        "move-terms", "Move terms", "u + c = d ⇔ u = d − c", r"u + c = d \iff u = d - c", (sp.Eq,), _move_terms, (("x + 3 = 5", "x = 2"),)
    ),
    DIVIDE,
    Rule(
        "inverse-function",
        "Inverse function",
        "f(u) = c ⇔ u = f⁻¹(c)",
        r"f(u) = c \iff u = f^{-1}(c)",
        (sp.Eq,),
        _inverse,
        (("e^x = 5", "x = log(5)"),),
    ),
    Rule(
        "undo-power",
        "Undo the power",
        "uⁿ = c ⇔ u = ⁿ√c (± for even n)",
        r"u^n = c \iff u = \sqrt[n]{c}",
        (sp.Eq,),
        _undo_power,
        (("sqrt(x) = 5", "x = 25"),),
    ),
    Rule("undo-absolute-value", "Undo the absolute value", "|u| = c ⇔ u = c or u = −c", r"|u| = c \iff u = \pm c", (sp.Eq,), _absolute),
)
RULES: tuple[Rule, ...] = (GATHER, QUADRATIC, LAMBERT, *ISOLATING)
