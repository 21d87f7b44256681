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
from derive.expressions.binding_terms import unevaluated_sum
from derive.expressions.nodes import SoftmaxAt
from derive.rules.dependence import by_dependence, depends, derivative, split, times

__all__ = ["FINISHING", "RULES", "over"]

_LETTERS = ("k", "l", "m", "r", "s", "p", "q")


def over(cls: type, body: Any, limits: tuple[Any, ...]) -> Any:
    """Σ or Π (`cls`) of the body over all limits, innermost first; nothing is evaluated."""
    if body is S.Zero and cls is sp.Sum:
        return S.Zero
    for k, lower, upper in limits:
        body = unevaluated_sum(cls, body, k, lower, upper)
    return body


def _apart(expression: Any, variable: Any) -> Any:
    """The sum or product with its running indices renamed where the variable itself uses one of them."""
    taken = {s.name for s in variable.free_symbols} | {s.name for s in expression.free_symbols}
    names: dict[Any, Any] = {}
    for limit in expression.limits:
        if limit[0] in variable.free_symbols:
            letter = next(n for n in _LETTERS if n not in taken)
            taken.add(letter)
            names[limit[0]] = sp.Symbol(letter, integer=True)
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
    inner = over(sp.Sum, times(derivative(body, x), sp.Pow(body, -1)), f.limits)
    zero: tuple[Prose, ...] = () if body.is_nonzero else ((sp.Ne(body, 0, evaluate=False),),)
    return Rewrite(sp.Mul(f, inner), ("with the factors ", body), zero)


def _softmax(node: Any) -> Rewrite | None:
    f, x = split(node)
    body, k, lower, upper, i = f.args
    if depends(lower, x) or depends(upper, x):
        return None
    if k in x.free_symbols:
        fresh = sp.Symbol(next(n for n in _LETTERS if n not in {s.name for s in (f.free_symbols | x.free_symbols)}), integer=True)
        body, k = body.xreplace({k: fresh}), fresh
    p_k = SoftmaxAt(body, k, lower, upper, k)
    own = derivative(body.xreplace({k: i}), x)
    mean = over(sp.Sum, times(p_k, derivative(body, x)), (sp.Tuple(k, lower, upper),))
    return Rewrite(sp.Mul(f, sp.Add(own, -mean)), ("with p = softmax(u) and u = ", body))


def _delta(total: Any) -> Rewrite | None:
    """Σₖ aₖ δₖⱼ = aⱼ for j in the range of k."""
    for place, limit in enumerate(total.limits):
        k, lower, upper = limit
        terms = sp.Add.make_args(total.function)
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
            left = _without(term, delta).xreplace({k: index})
            inside, said = _in_range(index, lower, upper)
            picked = times(left, inside)
            limits = tuple(sp.Tuple(*(part.xreplace({k: index}) for part in other)) for other in others)
            results.append(over(sp.Sum, picked, limits) if limits else picked)
            instance = ("only ", sp.Eq(k, index, evaluate=False), " is left", *said)
            instances += [part for part in instance] if not instances else []
        return Rewrite(sp.Add(*results), tuple(instances))
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


def _in_range(index: Any, lower: Any, upper: Any) -> tuple[Any, Prose]:
    """The indicator that the index is in the range; 1 where the array's own range says so."""
    conditions: list[Any] = []
    own = index.is_Symbol and not index.is_positive  # a free index: it runs over its array, from 1
    if not (own and lower.is_Integer and lower <= 1):
        conditions.append(sp.Ge(index, lower))
    if not (own and upper.is_Symbol and upper.is_positive):
        conditions.append(sp.Le(index, upper))
    conditions = [c for c in conditions if c is not S.true]
    if any(c is S.false for c in conditions):
        return S.Zero, (", which is outside the range",)
    if not conditions:
        return S.One, ()
    condition = conditions[0] if len(conditions) == 1 else sp.And(*conditions)
    return sp.Piecewise((S.One, condition), (S.Zero, S.true), evaluate=False), (", where it is in the range",)


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


RULES: tuple[Rule, ...] = (
    Rule(
        "derivative-of-a-sum", "Derivative under the sum", "(Σᵢ uᵢ)′ = Σᵢ uᵢ′", r"\Big(\sum_i u_i\Big)' = \sum_i u_i'", (sp.Sum,), _sum,
        ((r"\frac{\partial}{\partial w} \sum_{i=1}^{n} (w x_i)^2", r"\sum_{i=1}^{n} \frac{\partial}{\partial w} (w x_i)^2"),), trivial=True,
    ),
    Rule(
        "derivative-of-a-product", "Derivative of a product with a running index", "(∏ᵢ uᵢ)′ = ∏ᵢ uᵢ · Σᵢ uᵢ′/uᵢ",
        r"\Big(\prod_i u_i\Big)' = \prod_i u_i\,\sum_i \frac{u_i'}{u_i}", (sp.Product,), _product,
    ),
    Rule(
        "softmax-derivative", "Derivative of softmax", "pᵢ′ = pᵢ (uᵢ′ − Σₖ pₖ uₖ′)", r"p_i' = p_i\Big(u_i' - \sum_k p_k u_k'\Big)", (SoftmaxAt,), _softmax,
        source="Bishop 2006, Pattern Recognition and Machine Learning, eq. 4.106",
    ),
)  # fmt: skip

DELTA = Rule(
    "kronecker-delta", "Kronecker delta", "Σₖ aₖ δₖⱼ = aⱼ", r"\sum_k a_k\,\delta_{kj} = a_j", (sp.Sum,), _delta,
    ((r"\sum_{k=1}^{n} x_k \delta_{kj}", "x_j"),),
)  # fmt: skip
FINISHING: tuple[Rule, ...] = (
    DELTA,
    Rule(
        "constant-out-of-sum", "Constant factor out of the sum", "Σᵢ c aᵢ = c Σᵢ aᵢ", r"\sum_i c\,a_i = c\sum_i a_i", (sp.Sum,), _constant_out,
        ((r"\sum_{i=1}^{n} w x_i", r"w \sum_{i=1}^{n} x_i"),), trivial=True,
    ),
    Rule(
        "sum-of-constant-terms", "Terms that do not depend on the index", "Σᵢ (c + aᵢ) = n c + Σᵢ aᵢ", r"\sum_{i=1}^n (c + a_i) = n c + \sum_i a_i",
        (sp.Sum,), _split_sum,
    ),
)  # fmt: skip
