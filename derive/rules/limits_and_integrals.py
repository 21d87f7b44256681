"""The rules of limits, of Taylor polynomials, of closed forms of sums, and of integrals by antiderivatives."""

from __future__ import annotations

import sympy as sp

from derive.derivation import Rule
from derive.rules.moves import move

__all__ = [
    "ANTIDERIVATIVE",
    "CANCEL",
    "CLOSED_FORM",
    "FUNDAMENTAL",
    "GEOMETRIC",
    "HOPITAL",
    "IMPROPER",
    "INNER_INTEGRAL",
    "PARTS",
    "RULES",
    "SUBSTITUTE",
    "SUBSTITUTION",
    "SYMPY_INTEGRAL",
    "SYMPY_LIMIT",
    "TAYLOR",
    "TAYLOR_COEFFICIENT",
    "WITHOUT_ABSOLUTE",
]

SUBSTITUTE = move("limit-substitution", "Substitute", "f continuous at a: lim f(x) = f(a)", r"\lim_{x \to a} f(x) = f(a)", sp.Limit)
CANCEL = move("limit-cancel", "Simplify", "the same function away from the place", r"f = g \text{ near } a", sp.Limit)
HOPITAL = move("hopital", "L’Hôpital’s rule", "0/0 or ∞/∞: lim f/g = lim f′/g′", r"\lim \frac{f}{g} = \lim \frac{f'}{g'}", sp.Limit)
SYMPY_LIMIT = move("sympy-limit", "SymPy's limit", "checked numerically", r"\lim f", sp.Limit)
TAYLOR_COEFFICIENT = move("taylor-coefficient", "Derivative at the point", "f⁽ᵏ⁾(a)", r"f^{(k)}(a)")
TAYLOR = move("taylor-polynomial", "Taylor polynomial", "Σ f⁽ᵏ⁾(a)/k! (x − a)ᵏ", r"\sum_{k} \frac{f^{(k)}(a)}{k!} (x - a)^k")
GEOMETRIC = move("geometric-series", "Geometric series", "Σ qᵏ = 1/(1 − q) for |q| < 1", r"\sum_{k=0}^\infty q^k = \frac{1}{1-q}", sp.Sum)
CLOSED_FORM = move("closed-form", "Closed form", "the sum of all terms, checked by adding them up", r"\sum_k a_k", sp.Sum)
ANTIDERIVATIVE = move("antiderivative", "Antiderivative", "F′ = f", r"F' = f", sp.Integral)
SUBSTITUTION = move(
    "integral-substitution", "Substitution", "∫ f(u(x)) u′(x) dx = ∫ f(u) du", r"\int f(u(x))\,u'(x)\,dx = \int f(u)\,du", sp.Integral
)
PARTS = move("integration-by-parts", "Integration by parts", "∫ u v′ = u v − ∫ u′ v", r"\int u\,v' = u\,v - \int u'\,v", sp.Integral)
FUNDAMENTAL = move("fundamental-theorem", "Fundamental theorem", "∫ₐᵇ f = F(b) − F(a)", r"\int_a^b f(x)\,dx = F(b) - F(a)", sp.Integral)
IMPROPER = move(
    "improper-integral", "Improper integral", "F(b) is a limit", r"\int_a^\infty f = \lim_{b \to \infty} F(b) - F(a)", sp.Integral
)
INNER_INTEGRAL = move("iterated-integral", "Inner integral first", "∫ (∫ f dy) dx", r"\int \Big(\int f\,dy\Big) dx", sp.Integral)
WITHOUT_ABSOLUTE = move("split-at-kinks", "Case by case", "|u|, max and min by cases", r"|u| = u \text{ or } -u", sp.Integral)
SYMPY_INTEGRAL = move("sympy-integral", "SymPy's integral", "checked by quadrature", r"\int f", sp.Integral)

RULES: tuple[Rule, ...] = (
    SUBSTITUTE, CANCEL, HOPITAL, SYMPY_LIMIT, TAYLOR_COEFFICIENT, TAYLOR, GEOMETRIC, CLOSED_FORM, ANTIDERIVATIVE, SUBSTITUTION, PARTS,
    FUNDAMENTAL, IMPROPER, INNER_INTEGRAL, WITHOUT_ABSOLUTE, SYMPY_INTEGRAL,
)  # fmt: skip
