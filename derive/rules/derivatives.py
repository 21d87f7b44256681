"""The structural rules of differentiation: what holds for every function.

In: an unresolved derivative of first order. Out: the same derivative in terms of derivatives of smaller expressions.
Source: Spivak 2008, Calculus, chapters 10 and 12.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import S

from derive.derivation import Rewrite, Rule
from derive.rules.conditions import nonzero, positive
from derive.rules.dependence import by_dependence, depends, derivative, split, times
from derive.rules.instances import instances

__all__ = ["BY_LOGARITHMS", "RULES"]


def _constant(node: Any) -> Rewrite | None:
    f, x = split(node)
    return None if depends(f, x) else Rewrite(S.Zero, (f, " does not depend on ", x))


def _identity(node: Any) -> Rewrite | None:
    f, x = split(node)
    return Rewrite(S.One) if f == x else None


def _entry(node: Any) -> Rewrite | None:
    f, x = split(node)
    if not isinstance(x, sp.Indexed) or f.base != x.base or len(f.indices) != len(x.indices):
        return None
    if any(depends(i, x) for i in f.indices):
        return None
    result = sp.Mul(*(sp.KroneckerDelta(a, b) for a, b in zip(f.indices, x.indices, strict=True)))
    return Rewrite(result, (f, " is the variable exactly where the indices agree"))


def _sum(node: Any) -> Rewrite | None:
    f, x = split(node)
    free, bound = by_dependence(f.args, x)
    because = ("constants vanish",) if free else ()
    return Rewrite(sp.Add(*(derivative(term, x) for term in bound)), because)


def _constant_multiple(node: Any) -> Rewrite | None:
    f, x = split(node)
    free, bound = by_dependence(f.args, x)
    if not free:
        return None
    constant = sp.Mul(*free)
    return Rewrite(times(constant, derivative(sp.Mul(*bound), x)), ("with the constant ", constant))


def _denominator(factors: list[Any]) -> tuple[list[Any], list[Any]]:
    """Factors above and below the line; those below as they stand there."""
    above: list[Any] = []
    below: list[Any] = []
    for factor in factors:
        if factor.is_Pow and factor.exp.is_Rational and factor.exp.is_negative:
            below.append(sp.Pow(factor.base, -factor.exp))
        else:
            above.append(factor)
    return above, below


def _quotient(node: Any) -> Rewrite | None:
    f, x = split(node)
    above, below = _denominator(list(f.args))
    if not above or not below or not all(depends(a, x) for a in f.args):
        return None
    u, v = sp.Mul(*above), sp.Mul(*below)
    top = sp.Add(times(derivative(u, x), v), times(S.NegativeOne, u, derivative(v, x)))
    return Rewrite(sp.Mul(top, sp.Pow(v, -2)), instances(("u", u), ("v", v)))


MAX_FACTORS = 12


def _product(node: Any) -> Rewrite | None:
    f, x = split(node)
    factors = f.args
    if len(factors) > MAX_FACTORS or not all(depends(a, x) for a in factors):
        return None
    terms = [times(derivative(factor, x), *factors[:k], *factors[k + 1 :]) for k, factor in enumerate(factors)]
    because: tuple[Any, ...] = ()
    if len(factors) == 2:
        because = instances(("u", factors[0]), ("v", factors[1]))
    return Rewrite(sp.Add(*terms), because)


def _logarithmic_product(node: Any) -> Rewrite | None:
    f, x = split(node)
    if not all(depends(a, x) for a in f.args):
        return None
    terms = [times(derivative(a, x), sp.Pow(a, -1)) for a in f.args]
    zero = nonzero(f)
    return Rewrite(sp.Mul(f, sp.Add(*terms)), (f"a product of {len(terms)} factors",), zero)


def _reciprocal(node: Any) -> Rewrite | None:
    f, x = split(node)
    if f.exp is not S.NegativeOne:
        return None
    u = f.base
    return Rewrite(times(S.NegativeOne, derivative(u, x), sp.Pow(u, -2)), () if u == x else instances(("u", u)))


def _square_root(node: Any) -> Rewrite | None:
    f, x = split(node)
    if f.exp is not S.Half:
        return None
    u = f.base
    return Rewrite(times(S.Half, derivative(u, x), sp.Pow(u, -S.Half)), () if u == x else instances(("u", u)))


def _power(node: Any) -> Rewrite | None:
    f, x = split(node)
    u, n = f.base, f.exp
    if depends(n, x):
        return None
    because = instances(("n", n)) if u == x else instances(("u", u), ("n", n))
    return Rewrite(times(n, sp.Pow(u, n - 1), derivative(u, x)), because)


def _exponential(node: Any) -> Rewrite | None:
    f, x = split(node)
    a, u = f.base, f.exp
    if depends(a, x):
        return None
    because = instances(("a", a)) if u == x else instances(("a", a), ("u", u))
    return Rewrite(times(f, sp.log(a), derivative(u, x)), because, positive(a))


def _general_power(node: Any) -> Rewrite | None:
    f, x = split(node)
    u, v = f.base, f.exp
    inner = sp.Add(times(derivative(v, x), sp.log(u)), times(v, derivative(u, x), sp.Pow(u, -1)))
    because = instances(("u", u), ("v", v))
    return Rewrite(sp.Mul(f, inner), because, positive(u))


def _logarithm(node: Any) -> Rewrite | None:
    """(log ∏ uᵢ^nᵢ)′ = Σ nᵢ uᵢ′/uᵢ: right wherever the product is positive, whatever the signs of its factors."""
    f, x = split(node)
    inner = f.args[0]
    if isinstance(inner, sp.Abs):
        inner = inner.args[0]
        terms = [_logarithm_of(factor, x) for factor in sp.Mul.make_args(inner) if depends(factor, x)]
        return Rewrite(sp.Add(*terms), ("with u = ", inner) if inner != x else ())
    if inner.is_Mul:
        factors = [a for a in inner.args if depends(a, x)]
        if len(factors) == 1 and len(factors) < len(inner.args) and not factors[0].is_Pow and not isinstance(factors[0], sp.exp):
            u = factors[0]
            return Rewrite(times(derivative(u, x), sp.Pow(u, -1)), ("the constant factor ", sp.Mul(inner, sp.Pow(u, -1)), " vanishes"))
    elif inner.is_Pow or isinstance(inner, sp.Product):
        factors = [inner]
    else:
        return None
    terms = [_logarithm_of(factor, x) for factor in factors]
    return Rewrite(sp.Add(*terms), ("with the product ", inner))


def _logarithm_of(factor: Any, x: Any) -> Any:
    """The derivative of log |factor|."""
    if isinstance(factor, sp.exp):
        return derivative(factor.args[0], x)
    if factor.is_Pow:
        base, exponent = factor.base, factor.exp
        if depends(exponent, x):
            return derivative(times(exponent, sp.log(base)), x)
        return times(exponent, derivative(base, x), sp.Pow(base, -1))
    if isinstance(factor, sp.Product):
        body, limits = factor.function, factor.limits
        return derivative(sp.Sum(sp.log(body), *limits), x)
    return times(derivative(factor, x), sp.Pow(factor, -1))


def _by_logarithms(node: Any) -> Rewrite | None:
    f, x = split(node)
    return Rewrite(sp.Mul(f, derivative(sp.log(f), x)), ("with u = ", f), positive(f))


def _undefined(node: Any) -> Rewrite | None:
    f, x = split(node)
    if sum(depends(a, x) for a in f.args) == 1 and x in f.args:
        return None  # f′(x) itself: there is nothing to resolve
    terms = []
    for place, argument in enumerate(f.args):
        if depends(argument, x):
            xi = sp.Dummy("xi", real=True)
            outer = derivative(f.func(*f.args[:place], xi, *f.args[place + 1 :]), xi)
            terms.append(times(sp.Subs(outer, xi, argument), derivative(argument, x)))
    return Rewrite(sp.Add(*terms), ("with u = ", f.args[0]) if len(f.args) == 1 else ())


BY_LOGARITHMS = Rule(
    "logarithmic-differentiation",
    "Logarithmic differentiation",
    "u′ = u (log u)′",
    r"u' = u\,(\log u)'",
    (sp.Derivative,),
    _by_logarithms,
    (("d/dx (x^2 sin(x))", "x^2 sin(x) (d/dx log(x^2 sin(x)))"),),
)
RULES: tuple[Rule, ...] = (
    Rule("constant-rule", "Constant rule", "c′ = 0", r"\frac{d}{dx} c = 0", (sp.Expr,), _constant, (("d/dx c^2", "0"),), trivial=True),
    Rule("identity-rule", "Identity", "x′ = 1", r"\frac{d}{dx} x = 1", (sp.Symbol,), _identity, (("d/dx x", "1"),), trivial=True),
    Rule(
        "entry-rule",
        "Derivative of an entry",
        "∂xᵢ/∂xⱼ = δᵢⱼ",
        r"\frac{\partial x_i}{\partial x_j} = \delta_{ij}",
        (sp.Indexed,),
        _entry,
        trivial=True,
    ),
    Rule(
        "sum-rule",
        "Sum rule",
        "(u + v)′ = u′ + v′",
        r"(u + v)' = u' + v'",
        (sp.Add,),
        _sum,
        (("d/dx (x^2 + sin x + c)", "d/dx (x^2) + d/dx (sin x)"),),
        trivial=True,
    ),
    Rule(
        "constant-multiple-rule",
        "Constant multiple",
        "(c u)′ = c u′",
        r"(c\,u)' = c\,u'",
        (sp.Mul,),
        _constant_multiple,
        (("d/dx (3 sin(x))", "3 d/dx (sin x)"),),
        trivial=True,
    ),
    Rule(
        "quotient-rule",
        "Quotient rule",
        "(u/v)′ = (u′ v − u v′)/v²",
        r"\left(\frac uv\right)' = \frac{u'v - uv'}{v^2}",
        (sp.Mul,),
        _quotient,
        (("d/dx (sin(x) / (x + 1))", "((x + 1) d/dx (sin x) - sin(x) d/dx (x + 1)) / (x + 1)^2"),),
    ),
    Rule(
        "product-rule",
        "Product rule",
        "(u v)′ = u′ v + u v′",
        r"(u\,v)' = u'v + uv'",
        (sp.Mul,),
        _product,
        (("d/dx (sin(x) e^x)", "e^x d/dx (sin x) + sin(x) d/dx (e^x)"),),
    ),
    Rule(
        "logarithmic-product-rule",
        "Product rule for many factors",
        "(∏ uᵢ)′ = ∏ uᵢ · Σ uᵢ′/uᵢ",
        r"\Big(\prod_i u_i\Big)' = \prod_i u_i \sum_i \frac{u_i'}{u_i}",
        (sp.Mul,),
        _logarithmic_product,
    ),
    Rule(
        "reciprocal-rule",
        "Reciprocal rule",
        "(1/u)′ = −u′/u²",
        r"\left(\frac1u\right)' = -\frac{u'}{u^2}",
        (sp.Pow,),
        _reciprocal,
        (("d/dx (1 / (1 + e^(-x)))", "-(d/dx (1 + e^(-x))) / (1 + e^(-x))^2"),),
    ),
    Rule(
        "square-root-rule",
        "Derivative of a square root",
        "(√u)′ = u′/(2 √u)",
        r"(\sqrt u)' = \frac{u'}{2\sqrt u}",
        (sp.Pow,),
        _square_root,
        (("d/dx sqrt(1 + x^2)", "(d/dx (1 + x^2)) / (2 sqrt(1 + x^2))"),),
    ),
    Rule(
        "power-rule",
        "Power rule",
        "(uⁿ)′ = n uⁿ⁻¹ u′",
        r"(u^n)' = n\,u^{n-1}\,u'",
        (sp.Pow,),
        _power,
        (("d/dx (sin(x)^3)", "3 sin(x)^2 d/dx (sin x)"),),
    ),
    Rule(
        "exponential-rule",
        "Exponential to a constant base",
        "(aᵘ)′ = aᵘ log(a) u′",
        r"(a^u)' = a^u \log(a)\, u'",
        (sp.Pow,),
        _exponential,
        (("d/dx 2^(x^2)", "2^(x^2) log(2) d/dx (x^2)"),),
    ),
    Rule(
        "general-power-rule",
        "Power with variable base and exponent",
        "(uᵛ)′ = uᵛ (v′ log u + v u′/u)",
        r"(u^v)' = u^v\left(v'\log u + v\,\frac{u'}{u}\right)",
        (sp.Pow,),
        _general_power,
        (("d/dx (sin(x)^(x^2))", "sin(x)^(x^2) (log(sin(x)) d/dx (x^2) + x^2 (d/dx (sin x)) / sin(x))"),),
    ),
    Rule(
        "logarithmic-derivative",
        "Logarithm of a product",
        "(log ∏ uᵢⁿⁱ)′ = (log |∏ uᵢⁿⁱ|)′ = Σ nᵢ uᵢ′/uᵢ",
        r"\Big(\log\prod_i u_i^{n_i}\Big)' = \Big(\log\Big|\prod_i u_i^{n_i}\Big|\Big)' = \sum_i n_i \frac{u_i'}{u_i}",
        (sp.log,),
        _logarithm,
        (("d/dx log(x^2 sin(x))", "2 (d/dx x) / x + (d/dx (sin x)) / sin(x)"),),
    ),
    Rule(
        "undefined-function",
        "Chain rule",
        "(f(u))′ = f′(u) u′",
        r"(f(u))' = f'(u)\,u'",
        (sp.core.function.AppliedUndef,),
        _undefined,
    ),
)
