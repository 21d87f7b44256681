"""Derivatives of the elementary functions: one line of mathematics a function, in terms of the output where that is natural.

In: the arguments of the function. Out: its partial derivatives. The chain rule is the only rule that reads the table.
Source: Abramowitz & Stegun 1964 (4.1.46, 4.3.105–4.6.42).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import sympy as sp
from sympy import S

__all__ = ["ELEMENTARY", "Outer"]

Partial = Callable[..., Any]


class Outer(NamedTuple):
    """The outer derivative of a function: `id` for its rule, `partials` one a differentiable argument (None: not to be differentiated),
    `formula` in one line of Unicode, `statement` in LaTeX, `kinks` the expressions whose zeros are kinks or jumps (`jumps`).
    """

    id: str
    title: str
    partials: tuple[Partial | None, ...]
    formula: str
    statement: str
    kinks: Callable[..., tuple[Any, ...]] | None = None
    jumps: bool = False
    example: tuple[str, str] | None = None


def _nowhere(*_: Any) -> Any:
    return S.Zero


ELEMENTARY: dict[type, Outer] = {
    sp.exp: Outer("exp", "the exponential", (sp.exp,), "(eᵘ)′ = eᵘ u′", r"(e^u)' = e^u u'", example=("d/dx e^(3 x)", "e^(3 x) d/dx (3 x)")),
    sp.log: Outer(
        "log",
        "the logarithm",
        (lambda u: 1 / u,),
        "(log u)′ = u′/u",
        r"(\log u)' = \frac{u'}{u}",
        example=("d/dx log(1 + x^2)", "(d/dx (1 + x^2)) / (1 + x^2)"),
    ),
    sp.sin: Outer(
        "sin",
        "the sine",
        (sp.cos,),
        "(sin u)′ = cos(u) u′",
        r"(\sin u)' = \cos(u)\,u'",
        example=("d/dx sin(3 x^2)", "cos(3 x^2) d/dx (3 x^2)"),
    ),
    sp.cos: Outer(
        "cos",
        "the cosine",
        (lambda u: -sp.sin(u),),
        "(cos u)′ = −sin(u) u′",
        r"(\cos u)' = -\sin(u)\,u'",
        example=("d/dx cos(x^2)", "-sin(x^2) d/dx (x^2)"),
    ),
    sp.tan: Outer(
        "tan",
        "the tangent",
        (lambda u: sp.sec(u) ** 2,),
        "(tan u)′ = sec²(u) u′",
        r"(\tan u)' = \sec^2(u)\,u'",
        example=("d/dx tan(x^2)", "sec(x^2)^2 d/dx (x^2)"),
    ),
    sp.cot: Outer(
        "cot",
        "the cotangent",
        (lambda u: -(sp.csc(u) ** 2),),
        "(cot u)′ = −csc²(u) u′",
        r"(\cot u)' = -\csc^2(u)\,u'",
        example=("d/dx cot(x^2)", "-csc(x^2)^2 d/dx (x^2)"),
    ),
    sp.sec: Outer(
        "sec",
        "the secant",
        (lambda u: sp.sec(u) * sp.tan(u),),
        "(sec u)′ = sec(u) tan(u) u′",
        r"(\sec u)' = \sec(u)\tan(u)\,u'",
        example=("d/dx sec(x^2)", "sec(x^2) tan(x^2) d/dx (x^2)"),
    ),
    sp.csc: Outer(
        "csc",
        "the cosecant",
        (lambda u: -sp.csc(u) * sp.cot(u),),
        "(csc u)′ = −csc(u) cot(u) u′",
        r"(\csc u)' = -\csc(u)\cot(u)\,u'",
        example=("d/dx csc(x^2)", "-csc(x^2) cot(x^2) d/dx (x^2)"),
    ),
    sp.asin: Outer(
        "asin",
        "the arc sine",
        (lambda u: 1 / sp.sqrt(1 - u**2),),
        "(arcsin u)′ = u′/√(1 − u²)",
        r"(\arcsin u)' = \frac{u'}{\sqrt{1-u^2}}",
        example=("d/dx arcsin(2 x)", "(d/dx (2 x)) / sqrt(1 - (2 x)^2)"),
    ),
    sp.acos: Outer(
        "acos",
        "the arc cosine",
        (lambda u: -1 / sp.sqrt(1 - u**2),),
        "(arccos u)′ = −u′/√(1 − u²)",
        r"(\arccos u)' = -\frac{u'}{\sqrt{1-u^2}}",
        example=("d/dx arccos(x^2)", "-(d/dx (x^2)) / sqrt(1 - x^4)"),
    ),
    sp.atan: Outer(
        "atan",
        "the arc tangent",
        (lambda u: 1 / (1 + u**2),),
        "(arctan u)′ = u′/(1 + u²)",
        r"(\arctan u)' = \frac{u'}{1+u^2}",
        example=("d/dx arctan(x^2)", "(d/dx (x^2)) / (1 + x^4)"),
    ),
    sp.acot: Outer(
        "acot",
        "the arc cotangent",
        (lambda u: -1 / (1 + u**2),),
        "(arccot u)′ = −u′/(1 + u²)",
        r"(\operatorname{arccot} u)' = -\frac{u'}{1+u^2}",
        example=("d/dx arccot(x^2)", "-(d/dx (x^2)) / (1 + x^4)"),
    ),
    sp.atan2: Outer(
        "atan2",
        "the angle of a point",
        (lambda y, x: x / (x**2 + y**2), lambda y, x: -y / (x**2 + y**2)),
        "atan2(v, u)′ = (u v′ − v u′)/(u² + v²)",
        r"\operatorname{atan2}(v, u)' = \frac{u v' - v u'}{u^2+v^2}",
        example=("d/dx atan2(x, c)", "c (d/dx x) / (x^2 + c^2)"),
    ),
    sp.sinh: Outer(
        "sinh",
        "the hyperbolic sine",
        (sp.cosh,),
        "(sinh u)′ = cosh(u) u′",
        r"(\sinh u)' = \cosh(u)\,u'",
        example=("d/dx sinh(x^2)", "cosh(x^2) d/dx (x^2)"),
    ),
    sp.cosh: Outer(
        "cosh",
        "the hyperbolic cosine",
        (sp.sinh,),
        "(cosh u)′ = sinh(u) u′",
        r"(\cosh u)' = \sinh(u)\,u'",
        example=("d/dx cosh(x^2)", "sinh(x^2) d/dx (x^2)"),
    ),
    sp.tanh: Outer(
        "tanh",
        "the hyperbolic tangent",
        (lambda u: 1 - sp.tanh(u) ** 2,),
        "(tanh u)′ = (1 − tanh²(u)) u′",
        r"(\tanh u)' = (1-\tanh^2 u)\,u'",
        example=("d/dx tanh(x^2)", "(1 - tanh(x^2)^2) d/dx (x^2)"),
    ),
    sp.coth: Outer(
        "coth",
        "the hyperbolic cotangent",
        (lambda u: -(sp.csch(u) ** 2),),
        "(coth u)′ = −csch²(u) u′",
        r"(\coth u)' = -\operatorname{csch}^2(u)\,u'",
        example=("d/dx coth(x^2)", "-csch(x^2)^2 d/dx (x^2)"),
    ),
    sp.sech: Outer(
        "sech",
        "the hyperbolic secant",
        (lambda u: -sp.sech(u) * sp.tanh(u),),
        "(sech u)′ = −sech(u) tanh(u) u′",
        r"(\operatorname{sech} u)' = -\operatorname{sech}(u)\tanh(u)\,u'",
        example=("d/dx sech(x^2)", "-sech(x^2) tanh(x^2) d/dx (x^2)"),
    ),
    sp.csch: Outer(
        "csch",
        "the hyperbolic cosecant",
        (lambda u: -sp.csch(u) * sp.coth(u),),
        "(csch u)′ = −csch(u) coth(u) u′",
        r"(\operatorname{csch} u)' = -\operatorname{csch}(u)\coth(u)\,u'",
        example=("d/dx csch(x^2)", "-csch(x^2) coth(x^2) d/dx (x^2)"),
    ),
    sp.asinh: Outer(
        "asinh",
        "the inverse hyperbolic sine",
        (lambda u: 1 / sp.sqrt(1 + u**2),),
        "(arsinh u)′ = u′/√(1 + u²)",
        r"(\operatorname{arsinh} u)' = \frac{u'}{\sqrt{1+u^2}}",
        example=("d/dx arsinh(x^2)", "(d/dx (x^2)) / sqrt(1 + x^4)"),
    ),
    sp.acosh: Outer(
        "acosh",
        "the inverse hyperbolic cosine",
        (lambda u: 1 / sp.sqrt(u**2 - 1),),
        "(arcosh u)′ = u′/√(u² − 1)",
        r"(\operatorname{arcosh} u)' = \frac{u'}{\sqrt{u^2-1}}",
        example=("d/dx arcosh(x^2)", "(d/dx (x^2)) / sqrt(x^4 - 1)"),
    ),
    sp.atanh: Outer(
        "atanh",
        "the inverse hyperbolic tangent",
        (lambda u: 1 / (1 - u**2),),
        "(artanh u)′ = u′/(1 − u²)",
        r"(\operatorname{artanh} u)' = \frac{u'}{1-u^2}",
        example=("d/dx artanh(x^2)", "(d/dx (x^2)) / (1 - x^4)"),
    ),
    sp.Abs: Outer(
        "abs",
        "the absolute value",
        (sp.sign,),
        "|u|′ = sign(u) u′",
        r"|u|' = \operatorname{sign}(u)\,u'",
        lambda u: (u,),
        example=("d/dx |x^3 - 1|", "sign(x^3 - 1) d/dx (x^3 - 1)"),
    ),
    sp.sign: Outer(
        "sign", "the sign", (_nowhere,), "sign(u)′ = 0 for u ≠ 0", r"\operatorname{sign}(u)' = 0 \quad (u \ne 0)", lambda u: (u,), True
    ),
    sp.floor: Outer(
        "floor",
        "the floor",
        (_nowhere,),
        "⌊u⌋′ = 0 where u is no integer",
        r"\lfloor u\rfloor' = 0 \quad (u \notin \mathbb{Z})",
        lambda u: (sp.sin(sp.pi * u),),
        True,
    ),
    sp.ceiling: Outer(
        "ceiling",
        "the ceiling",
        (_nowhere,),
        "⌈u⌉′ = 0 where u is no integer",
        r"\lceil u\rceil' = 0 \quad (u \notin \mathbb{Z})",
        lambda u: (sp.sin(sp.pi * u),),
        True,
    ),
    sp.Mod: Outer(
        "mod",
        "the remainder",
        (lambda u, v: S.One, lambda u, v: -sp.floor(u / v)),
        "(u mod v)′ = u′ − ⌊u/v⌋ v′",
        r"(u \bmod v)' = u' - \lfloor u/v\rfloor v'",
        lambda u, v: (sp.sin(sp.pi * u / v),),
        True,
    ),
    sp.re: Outer("re", "the real part", (lambda u: S.One,), "(Re u)′ = Re u′", r"(\operatorname{Re} u)' = \operatorname{Re} u'"),
}
