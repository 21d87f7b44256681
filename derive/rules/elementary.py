"""Derivatives of the elementary and special functions: one line of mathematics a function, in terms of the output where that is natural.

In: the arguments of the function. Out: its partial derivatives. The chain rule is the only rule that reads the table.
Sources: Abramowitz & Stegun 1964 (4.3.105–4.6.42, 6.1.3, 6.3.1, 6.4.1, 7.1.19); Olver et al. 2010 (DLMF 5.12.1).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import sympy as sp
from sympy import S

from derive.expressions import nodes

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


def _psi(u: Any) -> Any:
    return sp.polygamma(0, u)


ELEMENTARY: dict[type, Outer] = {
    sp.exp: Outer("exp", "the exponential", (sp.exp,), "(eᵘ)′ = eᵘ u′", r"(e^u)' = e^u u'", example=("d/dx e^(3 x)", "e^(3 x) d/dx (3 x)")),
    sp.log: Outer("log", "the logarithm", (lambda u: 1 / u,), "(log u)′ = u′/u", r"(\log u)' = \frac{u'}{u}",
                  example=("d/dx log(1 + x^2)", "d/dx (1 + x^2) / (1 + x^2)")),
    sp.sin: Outer("sin", "the sine", (sp.cos,), "(sin u)′ = cos(u) u′", r"(\sin u)' = \cos(u)\,u'",
                  example=("d/dx sin(3 x^2)", "cos(3 x^2) d/dx (3 x^2)")),
    sp.cos: Outer("cos", "the cosine", (lambda u: -sp.sin(u),), "(cos u)′ = −sin(u) u′", r"(\cos u)' = -\sin(u)\,u'",
                  example=("d/dx cos(x^2)", "-sin(x^2) d/dx (x^2)")),
    sp.tan: Outer("tan", "the tangent", (lambda u: sp.sec(u) ** 2,), "(tan u)′ = sec²(u) u′", r"(\tan u)' = \sec^2(u)\,u'",
                  example=("d/dx tan(x^2)", "sec(x^2)^2 d/dx (x^2)")),
    sp.cot: Outer("cot", "the cotangent", (lambda u: -(sp.csc(u) ** 2),), "(cot u)′ = −csc²(u) u′", r"(\cot u)' = -\csc^2(u)\,u'",
                  example=("d/dx cot(x^2)", "-csc(x^2)^2 d/dx (x^2)")),
    sp.sec: Outer("sec", "the secant", (lambda u: sp.sec(u) * sp.tan(u),), "(sec u)′ = sec(u) tan(u) u′", r"(\sec u)' = \sec(u)\tan(u)\,u'",
                  example=("d/dx sec(x^2)", "sec(x^2) tan(x^2) d/dx (x^2)")),
    sp.csc: Outer("csc", "the cosecant", (lambda u: -sp.csc(u) * sp.cot(u),), "(csc u)′ = −csc(u) cot(u) u′", r"(\csc u)' = -\csc(u)\cot(u)\,u'",
                  example=("d/dx csc(x^2)", "-csc(x^2) cot(x^2) d/dx (x^2)")),
    sp.asin: Outer("asin", "the arc sine", (lambda u: 1 / sp.sqrt(1 - u**2),), "(arcsin u)′ = u′/√(1 − u²)", r"(\arcsin u)' = \frac{u'}{\sqrt{1-u^2}}",
                   example=("d/dx arcsin(2 x)", "d/dx (2 x) / sqrt(1 - (2 x)^2)")),
    sp.acos: Outer("acos", "the arc cosine", (lambda u: -1 / sp.sqrt(1 - u**2),), "(arccos u)′ = −u′/√(1 − u²)",
                   r"(\arccos u)' = -\frac{u'}{\sqrt{1-u^2}}", example=("d/dx arccos(x^2)", "-d/dx (x^2) / sqrt(1 - x^4)")),
    sp.atan: Outer("atan", "the arc tangent", (lambda u: 1 / (1 + u**2),), "(arctan u)′ = u′/(1 + u²)", r"(\arctan u)' = \frac{u'}{1+u^2}",
                   example=("d/dx arctan(x^2)", "d/dx (x^2) / (1 + x^4)")),
    sp.acot: Outer("acot", "the arc cotangent", (lambda u: -1 / (1 + u**2),), "(arccot u)′ = −u′/(1 + u²)",
                   r"(\operatorname{arccot} u)' = -\frac{u'}{1+u^2}", example=("d/dx arccot(x^2)", "-d/dx (x^2) / (1 + x^4)")),
    sp.atan2: Outer("atan2", "the angle of a point", (lambda y, x: x / (x**2 + y**2), lambda y, x: -y / (x**2 + y**2)),
                    "atan2(v, u)′ = (u v′ − v u′)/(u² + v²)", r"\operatorname{atan2}(v, u)' = \frac{u v' - v u'}{u^2+v^2}",
                    example=("d/dx atan2(x, c)", "c d/dx x / (x^2 + c^2)")),
    sp.sinh: Outer("sinh", "the hyperbolic sine", (sp.cosh,), "(sinh u)′ = cosh(u) u′", r"(\sinh u)' = \cosh(u)\,u'",
                   example=("d/dx sinh(x^2)", "cosh(x^2) d/dx (x^2)")),
    sp.cosh: Outer("cosh", "the hyperbolic cosine", (sp.sinh,), "(cosh u)′ = sinh(u) u′", r"(\cosh u)' = \sinh(u)\,u'",
                   example=("d/dx cosh(x^2)", "sinh(x^2) d/dx (x^2)")),
    sp.tanh: Outer("tanh", "the hyperbolic tangent", (lambda u: 1 - sp.tanh(u) ** 2,), "(tanh u)′ = (1 − tanh²(u)) u′",
                   r"(\tanh u)' = (1-\tanh^2 u)\,u'", example=("d/dx tanh(x^2)", "(1 - tanh(x^2)^2) d/dx (x^2)")),
    sp.coth: Outer("coth", "the hyperbolic cotangent", (lambda u: 1 - sp.coth(u) ** 2,), "(coth u)′ = (1 − coth²(u)) u′",
                   r"(\coth u)' = (1-\coth^2 u)\,u'", example=("d/dx coth(x^2)", "(1 - coth(x^2)^2) d/dx (x^2)")),
    sp.sech: Outer("sech", "the hyperbolic secant", (lambda u: -sp.sech(u) * sp.tanh(u),), "(sech u)′ = −sech(u) tanh(u) u′",
                   r"(\operatorname{sech} u)' = -\operatorname{sech}(u)\tanh(u)\,u'", example=("d/dx sech(x^2)", "-sech(x^2) tanh(x^2) d/dx (x^2)")),
    sp.csch: Outer("csch", "the hyperbolic cosecant", (lambda u: -sp.csch(u) * sp.coth(u),), "(csch u)′ = −csch(u) coth(u) u′",
                   r"(\operatorname{csch} u)' = -\operatorname{csch}(u)\coth(u)\,u'", example=("d/dx csch(x^2)", "-csch(x^2) coth(x^2) d/dx (x^2)")),
    sp.asinh: Outer("asinh", "the inverse hyperbolic sine", (lambda u: 1 / sp.sqrt(1 + u**2),), "(arsinh u)′ = u′/√(1 + u²)",
                    r"(\operatorname{arsinh} u)' = \frac{u'}{\sqrt{1+u^2}}", example=("d/dx arsinh(x^2)", "d/dx (x^2) / sqrt(1 + x^4)")),
    sp.acosh: Outer("acosh", "the inverse hyperbolic cosine", (lambda u: 1 / sp.sqrt(u**2 - 1),), "(arcosh u)′ = u′/√(u² − 1)",
                    r"(\operatorname{arcosh} u)' = \frac{u'}{\sqrt{u^2-1}}", example=("d/dx arcosh(x^2)", "d/dx (x^2) / sqrt(x^4 - 1)")),
    sp.atanh: Outer("atanh", "the inverse hyperbolic tangent", (lambda u: 1 / (1 - u**2),), "(artanh u)′ = u′/(1 − u²)",
                    r"(\operatorname{artanh} u)' = \frac{u'}{1-u^2}", example=("d/dx artanh(x^2)", "d/dx (x^2) / (1 - x^4)")),
    sp.Abs: Outer("abs", "the absolute value", (sp.sign,), "|u|′ = sign(u) u′", r"|u|' = \operatorname{sign}(u)\,u'", lambda u: (u,),
                  example=("d/dx |x^3 - 1|", "sign(x^3 - 1) d/dx (x^3 - 1)")),
    sp.sign: Outer("sign", "the sign", (_nowhere,), "sign(u)′ = 0 for u ≠ 0", r"\operatorname{sign}(u)' = 0 \quad (u \ne 0)", lambda u: (u,), True),
    sp.floor: Outer("floor", "the floor", (_nowhere,), "⌊u⌋′ = 0 where u is no integer", r"\lfloor u\rfloor' = 0 \quad (u \notin \mathbb{Z})",
                    lambda u: (sp.sin(sp.pi * u),), True),
    sp.ceiling: Outer("ceiling", "the ceiling", (_nowhere,), "⌈u⌉′ = 0 where u is no integer", r"\lceil u\rceil' = 0 \quad (u \notin \mathbb{Z})",
                      lambda u: (sp.sin(sp.pi * u),), True),
    sp.Mod: Outer("mod", "the remainder", (lambda u, v: S.One, lambda u, v: -sp.floor(u / v)), "(u mod v)′ = u′ − ⌊u/v⌋ v′",
                  r"(u \bmod v)' = u' - \lfloor u/v\rfloor v'", lambda u, v: (sp.sin(sp.pi * u / v),), True),
    sp.re: Outer("re", "the real part", (lambda u: S.One,), "(Re u)′ = Re u′", r"(\operatorname{Re} u)' = \operatorname{Re} u'"),
    sp.erf: Outer("erf", "the error function", (lambda u: 2 * sp.exp(-(u**2)) / sp.sqrt(sp.pi),), "erf(u)′ = 2 e^(−u²)/√π · u′",
                  r"\operatorname{erf}(u)' = \frac{2}{\sqrt\pi} e^{-u^2} u'", example=("d/dx erf(3 x)", "2 e^(-9 x^2) / sqrt(pi) d/dx (3 x)")),
    sp.erfc: Outer("erfc", "the complementary error function", (lambda u: -2 * sp.exp(-(u**2)) / sp.sqrt(sp.pi),), "erfc(u)′ = −2 e^(−u²)/√π · u′",
                   r"\operatorname{erfc}(u)' = -\frac{2}{\sqrt\pi} e^{-u^2} u'", example=("d/dx erfc(3 x)", "-2 e^(-9 x^2) / sqrt(pi) d/dx (3 x)")),
    sp.erfinv: Outer("erfinv", "the inverse error function", (lambda u: sp.sqrt(sp.pi) * sp.exp(sp.erfinv(u) ** 2) / 2,),
                     "erfinv(u)′ = √π/2 · e^(erfinv²(u)) u′", r"\operatorname{erfinv}(u)' = \tfrac{\sqrt\pi}{2} e^{\operatorname{erfinv}^2 u} u'"),
    sp.gamma: Outer("gamma", "the gamma function", (lambda u: sp.gamma(u) * _psi(u),), "Γ(u)′ = Γ(u) ψ(u) u′", r"\Gamma(u)' = \Gamma(u)\psi(u)\,u'",
                    example=("d/dx Gamma(x^2)", "Gamma(x^2) digamma(x^2) d/dx (x^2)")),
    sp.loggamma: Outer("loggamma", "the log gamma function", (_psi,), "(log Γ(u))′ = ψ(u) u′", r"(\log\Gamma(u))' = \psi(u)\,u'",
                       example=("d/dx loggamma(x^2)", "digamma(x^2) d/dx (x^2)")),
    sp.polygamma: Outer("polygamma", "the polygamma function", (None, lambda n, u: sp.polygamma(n + 1, u)), "ψₙ(u)′ = ψₙ₊₁(u) u′",
                        r"\psi_n(u)' = \psi_{n+1}(u)\,u'", example=("d/dx digamma(x^2)", "polygamma(1, x^2) d/dx (x^2)")),
    sp.factorial: Outer("factorial", "the factorial", (lambda u: sp.gamma(u + 1) * _psi(u + 1),), "(u!)′ = Γ(u + 1) ψ(u + 1) u′",
                        r"(u!)' = \Gamma(u+1)\psi(u+1)\,u'"),
    sp.beta: Outer("beta", "the beta function", (lambda a, b: sp.beta(a, b) * (_psi(a) - _psi(a + b)), lambda a, b: sp.beta(a, b) * (_psi(b) - _psi(a + b))),
                   "∂B(a, b)/∂a = B(a, b) (ψ(a) − ψ(a + b))", r"\frac{\partial}{\partial a}\mathrm{B}(a,b) = \mathrm{B}(a,b)\,(\psi(a)-\psi(a+b))",
                   example=("d/dx beta(x, c)", "beta(x, c) (digamma(x) - digamma(x + c)) d/dx x")),
    sp.LambertW: Outer("lambert", "the Lambert function", (lambda u: sp.LambertW(u) / (u * (1 + sp.LambertW(u))),), "W(u)′ = W(u)/(u (1 + W(u))) u′",
                       r"W(u)' = \frac{W(u)}{u(1+W(u))}u'"),
    nodes.normal_cdf: Outer("normal-cdf", "the normal distribution function", (nodes.normal_pdf,), "Φ(u)′ = φ(u) u′, φ the standard normal density",
                            r"\Phi(u)' = \varphi(u)\,u'", example=("d/dx Phi(x^2)", "normpdf(x^2) d/dx (x^2)")),
    nodes.normal_pdf: Outer("normal-pdf", "the normal density", (lambda u: -u * nodes.normal_pdf(u),), "φ(u)′ = −u φ(u) u′",
                            r"\varphi(u)' = -u\,\varphi(u)\,u'", example=("d/dx normpdf(x^2)", "-x^2 normpdf(x^2) d/dx (x^2)")),
    nodes.trigamma: Outer("trigamma", "the trigamma function", (lambda u: sp.polygamma(2, u),), "ψ₁(u)′ = ψ₂(u) u′", r"\psi_1(u)' = \psi_2(u)\,u'"),
    nodes.expm1: Outer("expm1", "exp(x) − 1", (sp.exp,), "expm1(u)′ = eᵘ u′", r"\operatorname{expm1}(u)' = e^u u'",
                       example=("d/dx expm1(x^2)", "e^(x^2) d/dx (x^2)")),
    nodes.log1p: Outer("log1p", "log(1 + x)", (lambda u: 1 / (1 + u),), "log1p(u)′ = u′/(1 + u)", r"\operatorname{log1p}(u)' = \frac{u'}{1+u}",
                       example=("d/dx log1p(x^2)", "d/dx (x^2) / (1 + x^2)")),
    nodes.square: Outer("square", "the square", (lambda u: 2 * u,), "(u²)′ = 2 u u′", r"(u^2)' = 2u\,u'"),
    nodes.hypot: Outer("hypot", "the hypotenuse", (lambda u, v: u / nodes.hypot(u, v), lambda u, v: v / nodes.hypot(u, v)),
                       "hypot(u, v)′ = (u u′ + v v′)/hypot(u, v)", r"\operatorname{hypot}(u,v)' = \frac{uu'+vv'}{\operatorname{hypot}(u,v)}"),
}  # fmt: skip
