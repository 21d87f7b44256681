"""Sums and products with running indices: their derivatives, the Kronecker delta, softmax by component.

In: an unresolved derivative of a sum, product or softmax component, or a sum that holds a Kronecker delta. Out: the same with the
derivative under the sum, or with the delta resolved. Index ranges are 1-based, as on paper.
Source: Bishop 2006, Pattern Recognition and Machine Learning, 4.3.4 (softmax).
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import S

from derive.derivation import Prose, Rewrite, Rule
from derive.expressions.nodes import SoftmaxAt
from derive.rules.conditions import nonzero
from derive.rules.dependence import by_dependence, depends, derivative, split, times
from derive.rules.indices import fresh_index, instance, over

__all__ = ["DELTA", "FINISHING", "RULES"]


def _apart(expression: Any, variable: Any) -> Any:
    """The sum or product with its running indices renamed where the variable itself uses one of them."""
    names: dict[Any, Any] = {}
    for limit in expression.limits:
        if limit[0] in variable.free_symbols:
            names[limit[0]] = fresh_index(expression, variable, *names.values())
    if not names:
        return expression
    limits = tuple(sp.Tuple(*(part.xreplace(names) for part in limit)) for limit in expression.limits)
    return over(type(expression), expression.function.xreplace(names), limits)


def _limits_depend(expression: Any, variable: Any) -> bool:
    return any(depends(bound, variable) for limit in expression.limits for bound in limit[1:])


def _exchange(expression: Any) -> tuple[Prose, ...]:
    if any(bound.is_infinite for limit in expression.limits for bound in limit[1:]):
        return (("the series may be differentiated term by term",),)
    return ()


def _sum(node: Any) -> Rewrite | None:
    f, x = split(node)
    if _limits_depend(f, x):
        return None
    f = _apart(f, x)
    return Rewrite(over(sp.Sum, derivative(f.function, x), f.limits), ("term by term",), _exchange(f))


def _product(node: Any) -> Rewrite | None:
    f, x = split(node)
    if _limits_depend(f, x):
        return None
    f = _apart(f, x)
    body = f.function
    if isinstance(x, sp.Indexed) and not body.is_nonzero and len(f.limits) == 1 and f.limits[0][1] == 1 and f.limits[0][2].is_Symbol:
        return _product_of_others(f, x)
    inner = over(sp.Sum, times(derivative(body, x), sp.Pow(body, -1)), f.limits)
    return Rewrite(sp.Mul(f, inner), ("with the factors ", body), nonzero(body))


def _product_of_others(f: Any, x: Any) -> Rewrite:
    """Σₘ uₘ′ ∏_{k≠m} uₖ, which holds where factors vanish as well."""
    k, lower, upper = f.limits[0]
    m = fresh_index(f, x)
    others = sp.Piecewise((f.function, sp.Ne(k, m, evaluate=False)), (S.One, S.true), evaluate=False)
    rest = over(sp.Product, others, f.limits)
    terms = times(derivative(instance(f.function, k, m), x), rest)
    return Rewrite(over(sp.Sum, terms, (sp.Tuple(m, lower, upper),)), ("with the factors ", f.function))


def _softmax(node: Any) -> Rewrite | None:
    f, x = split(node)
    body, k, lower, upper, i = f.args
    if depends(lower, x) or depends(upper, x):
        return None
    j = fresh_index(f, x)
    p_j = SoftmaxAt(body, k, lower, upper, j)
    own = derivative(instance(body, k, i), x)
    mean = over(sp.Sum, times(p_j, derivative(instance(body, k, j), x)), (sp.Tuple(j, lower, upper),))
    return Rewrite(sp.Mul(f, sp.Add(own, -mean)), ("with p = softmax(u) and u = ", body))


def _delta(total: Any) -> Rewrite | None:
    """Σₖ aₖ δₖⱼ = aⱼ for j in the range of k."""
    for place, limit in enumerate(total.limits):
        k, lower, upper = limit
        terms = sp.Add.make_args(total.function)
        hits = [_delta_factor(term, k) for term in terms]
        if not any(hits):
            opened = _opened(total.function, k)
            if opened is None:
                continue
            terms = sp.Add.make_args(opened)
            hits = [_delta_factor(term, k) for term in terms]
            if not any(hits):
                continue
        rest = [term for term, hit in zip(terms, hits, strict=True) if hit is None]
        others = total.limits[:place] + total.limits[place + 1 :]
        results = [over(sp.Sum, sp.Add(*rest), total.limits)] if rest else []
        instances: list[Any] = []
        for term, hit in zip(terms, hits, strict=True):
            if hit is None:
                continue
            delta, index = hit
            left = instance(_without(term, delta), k, index)
            picked, said = _in_range(left, index, lower, upper)
            limits = tuple(sp.Tuple(*(instance(part, k, index) for part in other)) for other in others)
            results.append(over(sp.Sum, picked, limits) if limits else picked)
            instances = instances or ["only ", sp.Eq(k, index, evaluate=False), " is left", *said]
        return Rewrite(sp.Add(*results), tuple(instances))
    return None


def _opened(body: Any, k: Any) -> Any:
    """The body with the sum of terms that holds a delta in k multiplied out; None where there is none."""
    factors = list(sp.Mul.make_args(body))
    for place, factor in enumerate(factors):
        if factor.is_Add and any(_delta_factor(term, k) for term in factor.args):
            rest = sp.Mul(*factors[:place], *factors[place + 1 :])
            return sp.Add(*(sp.Mul(term, rest) for term in factor.args))
    return None


def _delta_factor(term: Any, k: Any) -> tuple[Any, Any] | None:
    """The Kronecker delta in the product that fixes k, and the value it fixes k to."""
    for factor in sp.Mul.make_args(term):
        if isinstance(factor, sp.KroneckerDelta) and k in factor.free_symbols:
            difference = factor.args[0] - factor.args[1]
            slope = difference.coeff(k)
            if slope in (S.One, S.NegativeOne):
                value = sp.expand(k - slope * difference)
                if k not in value.free_symbols:
                    return factor, value
    return None


def _without(term: Any, factor: Any) -> Any:
    """The product without one of its factors."""
    remaining = list(sp.Mul.make_args(term))
    remaining.remove(factor)
    return sp.Mul(*remaining)


def _in_range(value: Any, index: Any, lower: Any, upper: Any) -> tuple[Any, Prose]:
    """The value where the index is in the range, else 0; the value itself where the array's own range says so."""
    conditions: list[Any] = []
    shift, name = index.as_coeff_Add()
    own = index.is_Symbol and not index.is_positive  # a free index: it runs over its array, from 1
    if not (own and lower.is_Integer and lower <= 1):
        conditions.append(sp.Ge(name, lower - shift))
    if not (own and upper.is_Symbol and upper.is_positive):
        conditions.append(sp.Le(name, upper - shift))
    conditions = [c for c in conditions if c is not S.true]
    if any(c is S.false for c in conditions):
        return S.Zero, (", which is outside the range",)
    if not conditions:
        return value, ()
    condition = conditions[0] if len(conditions) == 1 else sp.And(*conditions)
    return sp.Piecewise((value, condition), (S.Zero, S.true), evaluate=False), (", where it is in the range",)


def _constant_out(total: Any) -> Rewrite | None:
    indices = [limit[0] for limit in total.limits]
    inside: list[Any] = []
    outside: list[Any] = []
    for factor in sp.Mul.make_args(total.function):
        (inside if any(i in factor.free_symbols for i in indices) else outside).append(factor)
    factor = sp.Mul(*outside)
    if factor is S.One:
        return None
    if inside:
        return Rewrite(times(factor, over(sp.Sum, sp.Mul(*inside), total.limits)), ("the factor ", factor, " does not depend on the index"))
    if len(total.limits) == 1:
        _, lower, upper = total.limits[0]
        count = upper - lower + 1
        if count.is_nonnegative:
            return Rewrite(times(count, factor), (count, " equal terms"))
    return None


def _same_sums(total: Any) -> Rewrite | None:
    """Σᵢ aᵢ + Σₖ aₖ = 2 Σᵢ aᵢ: sums that differ only in the letter of their index."""
    found: dict[Any, Any] = {}
    letters: dict[Any, Any] = {}
    plain: list[Any] = []
    merged = False
    for term in total.args:
        number, core = term.as_coeff_Mul()
        factors = list(sp.Mul.make_args(core))
        sums = [f for f in factors if isinstance(f, sp.Sum)]
        if len(sums) != 1 or len(sums[0].limits) != 1:
            plain.append(term)
            continue
        k, lower, upper = sums[0].limits[0]
        rest = sp.Mul(*(f for f in factors if f is not sums[0]))
        dummy = letters.setdefault((lower, upper), sp.Dummy("i", integer=True))
        key = (rest, sp.expand(instance(sums[0].function, k, dummy)), lower, upper)
        negated = (rest, sp.expand(-key[1]), lower, upper)
        if key in found or negated in found:
            merged = True
            place, sign = (key, 1) if key in found else (negated, -1)
            found[place] = (found[place][0] + sign * number, found[place][1])
        else:
            found[key] = (number, core)
    if not merged:
        return None
    return Rewrite(sp.Add(*plain, *(times(number, core) for number, core in found.values())), ("the letter of the index does not matter",))


def _split_sum(total: Any) -> Rewrite | None:
    """Σ (a + b) = Σ a + Σ b, where a does not depend on the index."""
    if not total.function.is_Add or len(total.limits) != 1:
        return None
    k = total.limits[0][0]
    free, bound = by_dependence(total.function.args, k)
    count = total.limits[0][2] - total.limits[0][1] + 1
    if not free or not count.is_nonnegative:
        return None
    return Rewrite(times(count, sp.Add(*free)) + over(sp.Sum, sp.Add(*bound), total.limits), ("the sum of the terms, one by one",))


def _total_probability(total: Any) -> Rewrite | None:
    """Σᵢ softmax(u)ᵢ = 1, alone or as a factor of terms that do not depend on i."""
    if len(total.limits) != 1 or not isinstance(total.function, SoftmaxAt):
        return None
    i, lower, upper = total.limits[0]
    body, _, first, last, component = total.function.args
    if component != i or (first, last) != (lower, upper) or i in body.free_symbols:
        return None
    return Rewrite(S.One, ("the components of softmax sum to one",))


RULES: tuple[Rule, ...] = (
    Rule(
        "derivative-of-a-sum",
        "Derivative under the sum",
        "(Σᵢ uᵢ)′ = Σᵢ uᵢ′",
        r"\Big(\sum_i u_i\Big)' = \sum_i u_i'",
        (sp.Sum,),
        _sum,
        ((r"\frac{\partial}{\partial w} \sum_{i=1}^{n} (w x_i)^2", r"\sum_{i=1}^{n} \frac{\partial}{\partial w} (w x_i)^2"),),
        trivial=True,
    ),
    Rule(
        "derivative-of-a-product",
        "Derivative of a product with a running index",
        "(∏ᵢ uᵢ)′ = Σᵢ uᵢ′ ∏ₖ≠ᵢ uₖ = ∏ᵢ uᵢ · Σᵢ uᵢ′/uᵢ",
        r"\Big(\prod_i u_i\Big)' = \sum_i u_i' \prod_{k \ne i} u_k = \prod_i u_i\,\sum_i \frac{u_i'}{u_i}",
        (sp.Product,),
        _product,
    ),
    Rule(
        "softmax-derivative",
        "Derivative of softmax",
        "pᵢ′ = pᵢ (uᵢ′ − Σₖ pₖ uₖ′)",
        r"p_i' = p_i\Big(u_i' - \sum_k p_k u_k'\Big)",
        (SoftmaxAt,),
        _softmax,
        source="Bishop 2006, Pattern Recognition and Machine Learning, eq. 4.106",
    ),
)

DELTA = Rule(
    "kronecker-delta",
    "Kronecker delta",
    "Σₖ aₖ δₖⱼ = aⱼ",
    r"\sum_k a_k\,\delta_{kj} = a_j",
    (sp.Sum,),
    _delta,
)
FINISHING: tuple[Rule, ...] = (
    DELTA,
    Rule(
        "constant-out-of-sum",
        "Constant factor out of the sum",
        "Σᵢ c aᵢ = c Σᵢ aᵢ",
        r"\sum_i c\,a_i = c\sum_i a_i",
        (sp.Sum,),
        _constant_out,
        ((r"\sum_{i=1}^{n} w x_i", r"w \sum_{i=1}^{n} x_i"),),
        trivial=True,
    ),
    Rule(
        "softmax-sums-to-one",
        "Components of softmax",
        "Σᵢ softmax(u)ᵢ = 1",
        r"\sum_i \operatorname{softmax}(u)_i = 1",
        (sp.Sum,),
        _total_probability,
    ),
    Rule(
        "same-sums",
        "Sums that differ in the letter of the index",
        "Σᵢ aᵢ + Σₖ aₖ = 2 Σᵢ aᵢ",
        r"\sum_i a_i + \sum_k a_k = 2\sum_i a_i",
        (sp.Add,),
        _same_sums,
        ((r"\sum_{i=1}^{n} x_i + \sum_{k=1}^{n} x_k", r"2 \sum_{i=1}^{n} x_i"),),
    ),
    Rule(
        "sum-of-constant-terms",
        "Terms that do not depend on the index",
        "Σᵢ (c + aᵢ) = n c + Σᵢ aᵢ",
        r"\sum_{i=1}^n (c + a_i) = n c + \sum_i a_i",
        (sp.Sum,),
        _split_sum,
    ),
)
