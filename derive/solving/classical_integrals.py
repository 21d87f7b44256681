"""The integrals that everybody knows: Gauss's, Euler's two, powers; matched by their form, with the conditions under which they converge.

In: an integrand, its variable and the ends. Out: the value, the rule, its instance, and what must hold of the parameters; or None.
Sources: Abramowitz & Stegun 1972, 6.1.1, 6.2.1, 7.4.32, 23.2.7.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sympy as sp
from sympy import S

from derive.derivation import Prose, Rule
from derive.rules.limits_and_integrals import BETA_INTEGRAL, CAUCHY_INTEGRAL, GAMMA_INTEGRAL, GAUSSIAN_INTEGRAL, POWER_INTEGRAL

__all__ = ["Known", "known_integral"]

MOST_DEGREE = 12


class Known(NamedTuple):
    """A value, where it comes from, and the quantities that must be positive."""

    value: Any
    rule: Rule
    because: Prose
    positive: tuple[Any, ...]


def known_integral(f: Any, x: Any, low: Any, high: Any) -> Known | None:
    """The first form that fits."""
    if f.has(sp.Piecewise, sp.Integral, sp.Sum, sp.Derivative) or not f.has(x):
        return None
    for matcher in (_gaussian, _cauchy, _gamma, _bose, _beta, _power):
        found = matcher(f, x, low, high)
        if found is not None:
            return found
    return None


def _parts(f: Any, x: Any) -> tuple[Any, Any, Any]:
    """f as (factors without x) · (others) · exp(exponent)."""
    constant, rest = sp.powsimp(f, combine="exp").as_independent(x, as_Add=False)
    exponent, others = S.Zero, []
    for factor in sp.Mul.make_args(rest):
        if isinstance(factor, sp.exp):
            exponent += factor.args[0]
        elif factor.is_Pow and factor.base is S.Exp1:
            exponent += factor.exp
        else:
            others.append(factor)
    return constant, sp.Mul(*others), exponent


def _gaussian(f: Any, x: Any, low: Any, high: Any) -> Known | None:
    """∫ p(x) e^{−α x² + β x + γ} over ℝ: with x = m + s t, the moments of t."""
    if not (low is S.NegativeInfinity and high is S.Infinity):
        return None
    constant, rest, exponent = _parts(f, x)
    exponent = sp.expand(exponent)
    if not (exponent.is_polynomial(x) and sp.degree(exponent, x) == 2 and rest.is_polynomial(x)):
        return None
    coefficients = sp.Poly(exponent, x)
    alpha, beta, gamma = -coefficients.coeff_monomial(x**2), coefficients.coeff_monomial(x), coefficients.coeff_monomial(1)
    alpha = sp.factor(sp.together(alpha))
    mean = sp.cancel(sp.together(beta / (2 * alpha)))
    shifted = sp.Poly(sp.expand(rest.subs(x, x + mean)), x)
    if shifted.degree() > MOST_DEGREE:
        return None
    total = S.Zero
    for (power,), coefficient in shifted.terms():
        if power % 2 == 0:
            total += coefficient * sp.factorial2(power - 1) / (2 * alpha) ** (power // 2)
    left = sp.cancel(sp.together(gamma + beta**2 / (4 * alpha)))
    value = constant * sp.simplify(total) * sp.sqrt(sp.pi / alpha) * sp.exp(left)
    because: Prose = ("the square completed, with α = ", alpha, " and centre ", mean)
    return Known(value, GAUSSIAN_INTEGRAL, because, (alpha,))


def _cauchy(f: Any, x: Any, low: Any, high: Any) -> Known | None:
    """∫ dx/(A x² + B x + C) over ℝ = 2π/√(4 A C − B²), with parameters in A, B, C."""
    if not (low is S.NegativeInfinity and high is S.Infinity) or f.free_symbols == {x}:
        return None
    above, below = sp.fraction(sp.together(f))
    if above.has(x) or not below.is_polynomial(x) or sp.degree(below, x) != 2:
        return None
    a, b, c = sp.Poly(below, x).all_coeffs()
    discriminant = sp.factor(4 * a * c - b**2)
    return Known(
        above * 2 * sp.pi / sp.sqrt(discriminant), CAUCHY_INTEGRAL, ("with 4 A C − B² = ", discriminant), (sp.factor(a), discriminant)
    )


def _gamma(f: Any, x: Any, low: Any, high: Any) -> Known | None:
    """∫₀^∞ x^{s−1} e^{−b xᵖ} dx = Γ(s/p) / (p b^{s/p}), term by term for a sum of powers."""
    if low != 0 or high is not S.Infinity:
        return None
    constant, rest, exponent = _parts(f, x)
    b, power = (-exponent).as_independent(x, as_Add=False)
    p = _power_of(power, x)
    if p is None or p.has(x) or p.is_positive is not True or exponent == 0:
        return None
    terms = sp.Add.make_args(sp.expand(rest)) if rest.is_Add or rest.is_Mul or rest.is_Pow else (rest,)
    total, orders = S.Zero, []
    for term in terms:
        coefficient, body = term.as_independent(x, as_Add=False)
        s = _power_of(body, x)
        if s is None or s.has(x):
            return None
        s = s + 1
        orders.append(s)
        order = sp.cancel(s / p) if not s.is_Integer or p != 1 else s
        total += coefficient * (sp.gamma(order) / (p * b**order))
    because: Prose = ("with b = ", b) if len(orders) > 1 else ("with s = ", orders[0], " and b = ", b)
    return Known(constant * total, GAMMA_INTEGRAL, because, (b, *dict.fromkeys(orders)))


def _bose(f: Any, x: Any, low: Any, high: Any) -> Known | None:
    """∫₀^∞ x^{s−1}/(e^{b x} − 1) dx = Γ(s) ζ(s)/bˢ, and with + in place of − the (1 − 2^{1−s})-fold."""
    if low != 0 or high is not S.Infinity:
        return None
    constant, rest = f.as_independent(x, as_Add=False)
    above, below = sp.fraction(rest)
    s = _power_of(above, x)
    wave = below - below.as_independent(x, as_Add=True)[0]
    if s is None or s.has(x) or not isinstance(wave, sp.exp) or below - wave not in (S.One, S.NegativeOne):
        return None
    s, b = s + 1, wave.args[0] / x
    if b.has(x) or s == 1:
        return None
    fermi = below - wave == 1
    value = sp.gamma(s) * sp.zeta(s) / b**s * (1 - 2 ** (1 - s) if fermi else 1)
    return Known(constant * value, GAMMA_INTEGRAL, ("term by term of the geometric series, with s = ", s), (b, s - 1))


def _beta(f: Any, x: Any, low: Any, high: Any) -> Known | None:
    """∫₀¹ x^{a−1} (1 − x)^{b−1} dx = Γ(a) Γ(b) / Γ(a + b)."""
    if low != 0 or high != 1:
        return None
    constant, rest = f.as_independent(x, as_Add=False)
    a = b = S.One
    for factor in sp.Mul.make_args(rest):
        base, exponent = factor.as_base_exp()
        if exponent.has(x):
            return None
        if base == x:
            a += exponent
        elif base == 1 - x:
            b += exponent
        else:
            return None
    if a.is_number and b.is_number:
        return None
    value = 1 / a if b == 1 else 1 / b if a == 1 else sp.gamma(a) * sp.gamma(b) / sp.gamma(a + b)
    rule = POWER_INTEGRAL if S.One in (a, b) else BETA_INTEGRAL
    return Known(constant * value, rule, ("with a = ", a, " and b = ", b), (a, b))


def _power(f: Any, x: Any, low: Any, high: Any) -> Known | None:
    """∫_c^∞ x^{−s} dx = c^{1−s} / (s − 1) and ∫₀^c x^a dx = c^{a+1} / (a + 1), for c > 0 and an exponent that is no number."""
    constant, rest = f.as_independent(x, as_Add=False)
    exponent = _power_of(rest, x)
    if exponent is None or exponent.has(x) or exponent.is_number:
        return None
    if high is S.Infinity and low.is_positive:
        s = -exponent
        return Known(constant * low ** (1 - s) / (s - 1), POWER_INTEGRAL, ("with s = ", s), (s - 1,))
    if low == 0 and high.is_positive:
        return Known(constant * high ** (exponent + 1) / (exponent + 1), POWER_INTEGRAL, ("with a = ", exponent), (exponent + 1,))
    return None


def _power_of(body: Any, x: Any) -> Any:
    """The exponent of a product of powers of x; None for other bodies."""
    total = S.Zero
    for factor in sp.Mul.make_args(body):
        if factor is S.One:
            continue
        base, exponent = factor.as_base_exp()
        if base != x:
            return None
        total += exponent
    return total
