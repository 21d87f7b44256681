"""Derivatives of the special functions: error functions, the normal distribution, gamma and its relatives.

In: the arguments of the function. Out: its partial derivatives.
Sources: Abramowitz & Stegun 1964 (6.1.3, 6.3.1, 6.4.1, 7.1.19, 26.2); Olver et al. 2010 (DLMF 4.13.4, 5.12.1).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.expressions import nodes
from derive.rules.elementary import Outer

__all__ = ["SPECIAL"]


def _psi(u: Any) -> Any:
    return sp.polygamma(0, u)


SPECIAL: dict[type, Outer] = {
    sp.erf: Outer(
        "erf",
        "the error function",
        (lambda u: 2 * sp.exp(-(u**2)) / sp.sqrt(sp.pi),),
        "erf(u)′ = 2 e^(−u²)/√π · u′",
        r"\operatorname{erf}(u)' = \frac{2}{\sqrt\pi} e^{-u^2} u'",
        example=("d/dx erf(3 x)", "2 e^(-9 x^2) / sqrt(pi) d/dx (3 x)"),
    ),
    sp.erfc: Outer(
        "erfc",
        "the complementary error function",
        (lambda u: -2 * sp.exp(-(u**2)) / sp.sqrt(sp.pi),),
        "erfc(u)′ = −2 e^(−u²)/√π · u′",
        r"\operatorname{erfc}(u)' = -\frac{2}{\sqrt\pi} e^{-u^2} u'",
        example=("d/dx erfc(3 x)", "-2 e^(-9 x^2) / sqrt(pi) d/dx (3 x)"),
    ),
    sp.erfinv: Outer(
        "erfinv",
        "the inverse error function",
        (lambda u: sp.sqrt(sp.pi) * sp.exp(sp.erfinv(u) ** 2) / 2,),
        "erfinv(u)′ = √π/2 · e^(erfinv²(u)) u′",
        r"\operatorname{erfinv}(u)' = \tfrac{\sqrt\pi}{2} e^{\operatorname{erfinv}^2 u} u'",
    ),
    sp.gamma: Outer(
        "gamma",
        "the gamma function",
        (lambda u: sp.gamma(u) * _psi(u),),
        "Γ(u)′ = Γ(u) ψ(u) u′",
        r"\Gamma(u)' = \Gamma(u)\psi(u)\,u'",
        example=("d/dx Gamma(x^2)", "Gamma(x^2) digamma(x^2) d/dx (x^2)"),
    ),
    sp.loggamma: Outer(
        "loggamma",
        "the log gamma function",
        (_psi,),
        "(log Γ(u))′ = ψ(u) u′",
        r"(\log\Gamma(u))' = \psi(u)\,u'",
        example=("d/dx loggamma(x^2)", "digamma(x^2) d/dx (x^2)"),
    ),
    sp.polygamma: Outer(
        "polygamma",
        "the polygamma function",
        (None, lambda n, u: sp.polygamma(n + 1, u)),
        "ψₙ(u)′ = ψₙ₊₁(u) u′",
        r"\psi_n(u)' = \psi_{n+1}(u)\,u'",
        example=("diff digamma(x^2) wrt x", "polygamma(1, x^2) d/dx (x^2)"),
    ),
    sp.factorial: Outer(
        "factorial",
        "the factorial",
        (lambda u: sp.gamma(u + 1) * _psi(u + 1),),
        "(u!)′ = Γ(u + 1) ψ(u + 1) u′",
        r"(u!)' = \Gamma(u+1)\psi(u+1)\,u'",
    ),
    sp.beta: Outer(
        "beta",
        "the beta function",
        (lambda a, b: sp.beta(a, b) * (_psi(a) - _psi(a + b)), lambda a, b: sp.beta(a, b) * (_psi(b) - _psi(a + b))),
        "∂B(a, b)/∂a = B(a, b) (ψ(a) − ψ(a + b))",
        r"\frac{\partial}{\partial a}\mathrm{B}(a,b) = \mathrm{B}(a,b)\,(\psi(a)-\psi(a+b))",
    ),
    sp.LambertW: Outer(
        "lambert",
        "the Lambert function",
        (lambda u: sp.LambertW(u) / (u * (1 + sp.LambertW(u))),),
        "W(u)′ = W(u)/(u (1 + W(u))) u′",
        r"W(u)' = \frac{W(u)}{u(1+W(u))}u'",
    ),
    nodes.normal_cdf: Outer(
        "normal-cdf",
        "the normal distribution function",
        (nodes.normal_pdf,),
        "Φ(u)′ = φ(u) u′, φ the standard normal density",
        r"\Phi(u)' = \varphi(u)\,u'",
        example=("d/dx Phi(x^2)", "normpdf(x^2) d/dx (x^2)"),
    ),
    nodes.normal_pdf: Outer(
        "normal-pdf",
        "the normal density",
        (lambda u: -u * nodes.normal_pdf(u),),
        "φ(u)′ = −u φ(u) u′",
        r"\varphi(u)' = -u\,\varphi(u)\,u'",
        example=("d/dx normpdf(x^2)", "-x^2 normpdf(x^2) d/dx (x^2)"),
    ),
    nodes.trigamma: Outer(
        "trigamma", "the trigamma function", (lambda u: sp.polygamma(2, u),), "ψ₁(u)′ = ψ₂(u) u′", r"\psi_1(u)' = \psi_2(u)\,u'"
    ),
    nodes.expm1: Outer(
        "expm1",
        "exp(x) − 1",
        (sp.exp,),
        "expm1(u)′ = eᵘ u′",
        r"\operatorname{expm1}(u)' = e^u u'",
        example=("d/dx expm1(x^2)", "e^(x^2) d/dx (x^2)"),
    ),
    nodes.log1p: Outer(
        "log1p",
        "log(1 + x)",
        (lambda u: 1 / (1 + u),),
        "log1p(u)′ = u′/(1 + u)",
        r"\operatorname{log1p}(u)' = \frac{u'}{1+u}",
        example=("d/dx log1p(x^2)", "(d/dx (x^2)) / (1 + x^2)"),
    ),
    nodes.square: Outer("square", "the square", (lambda u: 2 * u,), "(u²)′ = 2 u u′", r"(u^2)' = 2u\,u'"),
    nodes.hypot: Outer(
        "hypot",
        "the hypotenuse",
        (lambda u, v: u / nodes.hypot(u, v), lambda u, v: v / nodes.hypot(u, v)),
        "hypot(u, v)′ = (u u′ + v v′)/hypot(u, v)",
        r"\operatorname{hypot}(u,v)' = \frac{uu'+vv'}{\operatorname{hypot}(u,v)}",
    ),
}
