"""The forms that machine learning writes its answers in: the logistic function, softmax, softplus.

In: a product or a power of exponentials. Out: the same value by its name, or None.
Source: Goodfellow, Bengio & Courville 2016, Deep Learning, 3.10 (σ, softplus) and 6.2.2.3 (softmax).
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import S

from derive.derivation import Rewrite, Rule
from derive.expressions.nodes import SoftmaxAt, sigmoid, softplus
from derive.rules.dependence import times
from derive.rules.factors import joined, taken_apart
from derive.rules.indices import fresh_index, instance, over

__all__ = ["LOG_POWER", "RULES", "SOFTPLUS", "index_that_gives"]


def _one_plus_exp(base: Any) -> Any:
    """u where the base is 1 + eᵘ, else None."""
    if base.is_Add and len(base.args) == 2 and base.args[0] is S.One and isinstance(base.args[1], sp.exp):
        return base.args[1].args[0]
    return None


def _logistic(product: Any) -> Rewrite | None:
    """e^(m u)/(1 + eᵘ)ⁿ = σ(u)ᵐ (1 − σ(u))ⁿ⁻ᵐ for 0 ≤ m ≤ n."""
    number, powers = taken_apart(product)
    for base, exponent in powers.items():
        if not (exponent.is_Integer and exponent.is_negative):
            continue
        u = _one_plus_exp(base)
        if u is None:
            continue
        n = -exponent
        m, key = _exponent_of(powers, u)
        if m is None:
            m, key = S.Zero, None
        if m.is_negative:
            return _reflected(number, powers, base, u, n, m, key)
        if not m.is_Integer or m > n:
            continue
        rest = {b: e for b, e in powers.items() if b not in (base, key)}
        return Rewrite(_written(joined(number, rest), u, m, n), _because(u))
    return None


def _reflected(number: Any, powers: Any, base: Any, u: Any, n: Any, m: Any, key: Any) -> Rewrite | None:
    """e^(−k u) (1 + eᵘ)⁻ⁿ: only the part without the exponential is a logistic function."""
    rest = {b: e for b, e in powers.items() if b != base}
    return Rewrite(_written(joined(number, rest), u, S.Zero, n), _because(u))


def _written(rest: Any, u: Any, m: Any, n: Any) -> Any:
    """rest · σ(u)ᵐ (1 − σ(u))ⁿ⁻ᵐ, in terms of the argument without a leading minus sign."""
    if u.could_extract_minus_sign():
        s = sigmoid(-u)
        return times(rest, sp.Pow(s, n - m), sp.Pow(1 - s, m))
    s = sigmoid(u)
    return times(rest, sp.Pow(s, m), sp.Pow(1 - s, n - m))


def _because(u: Any) -> tuple[Any, ...]:
    w = -u if u.could_extract_minus_sign() else u
    return ("with u = ", w)


def _exponent_of(powers: Any, u: Any) -> tuple[Any, Any]:
    """m and the base in which e^(m u) is a factor."""
    for base, exponent in powers.items():
        if isinstance(base, sp.exp):
            ratio = sp.Mul(base.args[0], exponent, sp.Pow(u, -1))
            if ratio.is_Rational:
                return ratio, base
    return None, None


def _complement(total: Any) -> Rewrite | None:
    """1 − σ(−u) = σ(u)."""
    for term in total.args:
        number, factor = term.as_coeff_Mul()
        if isinstance(factor, sigmoid) and factor.args[0].could_extract_minus_sign() and -number in total.args:
            return Rewrite(total - term + number - number * sigmoid(-factor.args[0]), ("with u = ", -factor.args[0]))
    return None


def _opposites(total: Any) -> Rewrite | None:
    """c σ(u) + c σ(−u) = c."""
    for term in total.args:
        for factor in sp.Mul.make_args(term):
            if isinstance(factor, sigmoid):
                u = factor.args[0]
                rest = sp.Mul(term, sp.Pow(factor, -1))
                other = sp.Mul(rest, sigmoid(-u))
                if other in total.args and not rest.has(sigmoid(u)):
                    return Rewrite(total - term - other + rest, ("with u = ", u))
    return None


def _tanh(total: Any) -> Rewrite | None:
    """2 σ(2u) − 1 = tanh(u)."""
    for term in total.args:
        number, factor = term.as_coeff_Mul()
        if isinstance(factor, sigmoid) and -number / 2 in total.args:
            u = factor.args[0] / 2
            return Rewrite(total - term + number / 2 + number / 2 * sp.tanh(u), ("with u = ", u))
    return None


def _sigmoid_quotient(product: Any) -> Rewrite | None:
    """eᵘ σ(−u) = σ(u)."""
    number, powers = taken_apart(product)
    for base, exponent in powers.items():
        if isinstance(base, sigmoid) and exponent.is_positive:
            u = base.args[0]
            m, key = _exponent_of(powers, u)
            if m is S.NegativeOne and key is not None and exponent is S.One:
                rest = {b: e for b, e in powers.items() if b not in (base, key)}
                return Rewrite(sp.Mul(joined(number, rest), 1 - sigmoid(u)), ("with u = ", u))
    return None


def index_that_gives(body: Any, k: Any, target: Any) -> Any:
    """The index i with body(i) = target, or None."""
    if body == k:
        return target
    if not body.args or type(body) is not type(target) or len(body.args) != len(target.args):
        return None
    for a, b in zip(body.args, target.args, strict=True):
        if k in a.free_symbols:
            found = index_that_gives(a, k, b)
            if found is not None and instance(body, k, found) == target:
                return found
    return None


def _softmax(product: Any) -> Rewrite | None:
    number, powers = taken_apart(product)
    for base, exponent in powers.items():
        if not (isinstance(base, sp.Sum) and exponent.is_Integer and exponent.is_negative and len(base.limits) == 1):
            continue
        if not isinstance(base.function, sp.exp):
            continue
        inside = base.function.args[0]
        for other, power in powers.items():
            found = _component(other, power, base, inside)
            if found is not None:
                new = {**powers, base: exponent + 1}
                del new[other]
                return Rewrite(sp.Mul(joined(number, new), found), ("with u = ", inside))
    return None


def _component(other: Any, power: Any, base: Any, inside: Any) -> Any:
    """The softmax component (or the mean under softmax) that `other` makes with Σ e^inside below the line."""
    k, lower, upper = base.limits[0]
    if isinstance(other, sp.exp):
        i = index_that_gives(inside, k, sp.expand_mul(other.args[0] * power))
        return None if i is None else SoftmaxAt(inside, k, lower, upper, i)
    if isinstance(other, sp.Sum) and power is S.One and len(other.limits) == 1 and tuple(other.limits[0][1:]) == (lower, upper):
        body = instance(other.function, other.limits[0][0], k)
        rest = sp.Mul(body, sp.exp(-inside))
        if base.function in sp.Mul.make_args(body):
            j = fresh_index(base, other)
            return over(sp.Sum, sp.Mul(instance(rest, k, j), SoftmaxAt(inside, k, lower, upper, j)), ((j, lower, upper),))
    return None


def _softplus(logarithm: Any) -> Rewrite | None:
    u = _one_plus_exp(logarithm.args[0])
    return None if u is None else Rewrite(softplus(u), ("with u = ", u))


def _log_power(logarithm: Any) -> Rewrite | None:
    u = logarithm.args[0]
    if u.is_Pow and u.base.is_positive and u.exp.is_real:
        return Rewrite(times(u.exp, sp.log(u.base)), ("with u = ", u.base))
    return None


LOG_POWER = Rule("logarithm-of-a-power", "Logarithm of a power", "log uⁿ = n log u for u > 0", r"\log u^n = n\log u", (sp.log,), _log_power)
SOFTPLUS = Rule(
    "softplus-form",
    "Softplus form",
    "log(1 + eᵘ) = softplus(u)",
    r"\log(1 + e^u) = \operatorname{softplus}(u)",
    (sp.log,),
    _softplus,
    (("log(1 + e^x)", "softplus(x)"),),
)
RULES: tuple[Rule, ...] = (
    Rule(
        "logistic-form",
        "Logistic form",
        "σ(u) = 1/(1 + e⁻ᵘ), 1 − σ(u) = e⁻ᵘ/(1 + e⁻ᵘ)",
        r"\sigma(u) = \frac{1}{1+e^{-u}},\quad 1-\sigma(u) = \frac{e^{-u}}{1+e^{-u}}",
        (sp.Mul, sp.Pow),
        _logistic,
        (("e^(-x) / (1 + e^(-x))^2", "sigmoid(x) (1 - sigmoid(x))"), ("1 / (1 + e^(-x))", "sigmoid(x)"), ("e^x / (1 + e^x)", "sigmoid(x)")),
    ),
    Rule(
        "logistic-symmetry",
        "Symmetry of the logistic function",
        "1 − σ(−u) = σ(u)",
        r"1 - \sigma(-u) = \sigma(u)",
        (sp.Add,),
        _complement,
        (("1 - sigmoid(-x)", "sigmoid(x)"),),
    ),
    Rule(
        "logistic-opposites",
        "Symmetry of the logistic function",
        "σ(u) + σ(−u) = 1",
        r"\sigma(u) + \sigma(-u) = 1",
        (sp.Add,),
        _opposites,
        (("sigmoid(x) + sigmoid(-x)", "1"),),
    ),
    Rule(
        "logistic-tanh",
        "Hyperbolic tangent as a logistic function",
        "2 σ(2u) − 1 = tanh u",
        r"2\sigma(2u) - 1 = \tanh u",
        (sp.Add,),
        _tanh,
        (("2 sigmoid(2 x) - 1", "tanh(x)"),),
    ),
    Rule(
        "logistic-odds",
        "Odds of the logistic function",
        "e⁻ᵘ σ(u) = 1 − σ(u)",
        r"e^{-u}\sigma(u) = 1-\sigma(u)",
        (sp.Mul,),
        _sigmoid_quotient,
        (("e^(-x) sigmoid(x)", "1 - sigmoid(x)"),),
    ),
    Rule(
        "softmax-form",
        "Softmax form",
        "softmax(u)ᵢ = e^(uᵢ)/Σₖ e^(uₖ)",
        r"\operatorname{softmax}(u)_i = \frac{e^{u_i}}{\sum_k e^{u_k}}",
        (sp.Mul,),
        _softmax,
        ((r"\frac{e^{z_j}}{\sum_{k=1}^{n} e^{z_k}}", r"\operatorname{softmax}(z)_j"),),
    ),
)
