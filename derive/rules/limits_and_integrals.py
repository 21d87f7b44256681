"""The rules of limits, of Taylor polynomials, of closed forms of sums, and of integrals by antiderivatives."""

from __future__ import annotations

import sympy as sp

from derive.derivation import Rule
from derive.rules.moves import move

__all__ = [
    "ANTIDERIVATIVE",
    "BETA_INTEGRAL",
    "BOUNDS_OF_REGION",
    "CANCEL",
    "CAUCHY_INTEGRAL",
    "CLOSED_FORM",
    "EXCHANGE_ORDER",
    "FUNDAMENTAL",
    "GAMMA_INTEGRAL",
    "GAUSSIAN_INTEGRAL",
    "GEOMETRIC",
    "HOPITAL",
    "IMPROPER",
    "INNER_INTEGRAL",
    "JACOBIAN_DETERMINANT",
    "JACOBIAN_TRACE",
    "LIMIT_BY_CASES",
    "PARTS",
    "POLAR",
    "POWER_INTEGRAL",
    "RULES",
    "SIMPLIFIED",
    "SPHERICAL",
    "SUBSTITUTE",
    "SUBSTITUTION",
    "SYMPY_INTEGRAL",
    "SYMPY_LIMIT",
    "TANGENT",
    "TAYLOR",
    "TAYLOR_COEFFICIENT",
    "WITHOUT_ABSOLUTE",
]

SUBSTITUTE = move("limit-substitution", "Substitute", "f continuous at a: lim f(x) = f(a)", r"\lim_{x \to a} f(x) = f(a)", sp.Limit)
CANCEL = move("limit-cancel", "Simplify", "the same function away from the place", r"f = g \text{ near } a", sp.Limit)
HOPITAL = move("hopital", "L’Hôpital’s rule", "0/0 or ∞/∞: lim f/g = lim f′/g′", r"\lim \frac{f}{g} = \lim \frac{f'}{g'}", sp.Limit)
SYMPY_LIMIT = move("sympy-limit", "SymPy's limit", "checked numerically", r"\lim f", sp.Limit)
LIMIT_BY_CASES = move(
    "limit-by-cases", "Sign by sign", "the limit for a > 0, a < 0 and a = 0", r"\lim f \text{ for } a > 0,\ a < 0,\ a = 0", sp.Limit
)
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
GAUSSIAN_INTEGRAL = move(
    "gaussian-integral", "Gaussian integral", "∫ e^(−α (x − m)²) dx = √(π/α)",
    r"\int_{-\infty}^{\infty} e^{-\alpha (x-m)^2}\,dx = \sqrt{\frac{\pi}{\alpha}}",
    sp.Integral,
)  # fmt: skip
GAMMA_INTEGRAL = move(
    "gamma-integral",
    "Gamma integral",
    "∫₀^∞ x^(s−1) e^(−b x) dx = Γ(s)/bˢ",
    r"\int_0^\infty x^{s-1} e^{-bx}\,dx = \frac{\Gamma(s)}{b^s}",
    sp.Integral,
)
BETA_INTEGRAL = move(
    "beta-integral", "Beta integral", "∫₀¹ x^(a−1) (1 − x)^(b−1) dx = Γ(a) Γ(b)/Γ(a + b)",
    r"\int_0^1 x^{a-1} (1-x)^{b-1}\,dx = \frac{\Gamma(a)\,\Gamma(b)}{\Gamma(a+b)}", sp.Integral,
)  # fmt: skip
CAUCHY_INTEGRAL = move(
    "cauchy-integral", "Integral of the reciprocal of a quadratic", "∫ dx/(A x² + B x + C) = 2π/√(4 A C − B²)",
    r"\int_{-\infty}^{\infty} \frac{dx}{Ax^2+Bx+C} = \frac{2\pi}{\sqrt{4AC-B^2}}", sp.Integral,
)  # fmt: skip
POWER_INTEGRAL = move("power-integral", "Integral of a power", "∫₀¹ xᵃ dx = 1/(a + 1)", r"\int_0^1 x^a\,dx = \frac{1}{a+1}", sp.Integral)
BOUNDS_OF_REGION = move(
    "bounds-of-region",
    "Bounds of the region",
    "∬_D f = ∫ (∫ f dy) dx",
    r"\iint_D f\,dx\,dy = \int_a^b \int_{g(x)}^{h(x)} f\,dy\,dx",
    sp.Integral,
)
POLAR = move(
    "polar-coordinates", "Polar coordinates", "x = r cos θ, y = r sin θ, dx dy = r dr dθ",
    r"\iint f\,dx\,dy = \iint f(r\cos\theta, r\sin\theta)\,r\,dr\,d\theta", sp.Integral,
)  # fmt: skip
SPHERICAL = move(
    "spherical-coordinates", "Spherical coordinates", "dx dy dz = r² sin θ dr dθ dφ",
    r"\iiint f\,dx\,dy\,dz = \iiint f\,r^2 \sin\theta\,dr\,d\theta\,d\varphi", sp.Integral,
)  # fmt: skip
EXCHANGE_ORDER = move(
    "exchange-order", "Order of integration exchanged (Fubini)", "∫ (∫ f dy) dx = ∫ (∫ f dx) dy",
    r"\int \Big(\int f\,dy\Big) dx = \int \Big(\int f\,dx\Big) dy", sp.Integral,
)  # fmt: skip
TANGENT = move(
    "tangent-substitution", "Substitution of the tangent",
    "t = tan(x/2): sin x = 2t/(1 + t²), cos x = (1 − t²)/(1 + t²), dx = 2 dt/(1 + t²)",
    r"t = \tan\tfrac{x}{2}:\ \sin x = \frac{2t}{1+t^2},\ \cos x = \frac{1-t^2}{1+t^2},\ dx = \frac{2\,dt}{1+t^2}", sp.Integral,
)  # fmt: skip
JACOBIAN_DETERMINANT = move(
    "determinant-of-jacobian", "Determinant of the Jacobian", "det A = Σ_π sign(π) ∏ aᵢ,π(i)",
    r"\det A = \sum_{\pi} \operatorname{sign}(\pi) \prod_i a_{i,\pi(i)}", sp.MatrixBase,
)  # fmt: skip
JACOBIAN_TRACE = move("trace-of-jacobian", "Trace", "tr A = Σ aᵢᵢ", r"\operatorname{tr} A = \sum_i a_{ii}", sp.MatrixBase)
SIMPLIFIED = move("integral-simplified", "Simplify", "the same value, shorter", r"A = B")
SYMPY_INTEGRAL = move("sympy-integral", "SymPy's integral", "checked by quadrature", r"\int f", sp.Integral)

RULES: tuple[Rule, ...] = (
    SUBSTITUTE, CANCEL, HOPITAL, SYMPY_LIMIT, LIMIT_BY_CASES, TAYLOR_COEFFICIENT, TAYLOR, GEOMETRIC, CLOSED_FORM, ANTIDERIVATIVE,
    SUBSTITUTION, PARTS, FUNDAMENTAL, IMPROPER, INNER_INTEGRAL, WITHOUT_ABSOLUTE, SYMPY_INTEGRAL, GAUSSIAN_INTEGRAL, GAMMA_INTEGRAL,
    BETA_INTEGRAL, CAUCHY_INTEGRAL, POWER_INTEGRAL, BOUNDS_OF_REGION, POLAR, SPHERICAL, EXCHANGE_ORDER, TANGENT, SIMPLIFIED,
    JACOBIAN_DETERMINANT, JACOBIAN_TRACE,
)  # fmt: skip
