"""E[g(X)] for a variable with a declared law: closed forms of the family, pieces on intervals, Gaussian integrals; SymPy last.

In: a function of one variable, the variable, its law, perhaps an event about the variable. Out: a `Value` with the rule that gave it and
what it assumes. Existence comes first: DoesNotExist where the expectation does not exist, an assumption where that hangs on a parameter.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sympy as sp
from sympy import S

from derive.derivation import Prose, Rule
from derive.errors import DoesNotExist
from derive.expressions import nodes
from derive.expressions.chance import Expectation
from derive.expressions.elementary import exp
from derive.expressions.nodes import normal_cdf, normal_pdf
from derive.expressions.plain import plain
from derive.probability.family import Distribution
from derive.rules import chance_expectation as rules
from derive.solving.chance.closed_moments import closed_moment
from derive.solving.chance.monomials import monomial
from derive.solving.chance.partial import partial
from derive.solving.chance.pieces import Order, Piece, is_smooth, pieces

__all__ = [
    "Value", "expectation", "expectation_of_sum", "refuse", "said", "settle", "settle_tails", "shown", "support_of", "variance",
]  # fmt: skip

MAX_FINITE = 24


class Value(NamedTuple):
    """A value with the rule that gave it."""

    result: Any
    rule: Rule
    because: Prose = ()
    assumptions: tuple[Prose, ...] = ()


def shown(law: Distribution) -> str:
    """The law in words: Normal(mu, sigma^2)."""
    from derive.expressions.from_sympy import from_sympy
    from derive.expressions.term import Term

    values = [v if isinstance(v, Term) else from_sympy(v) for v in law.values]
    return f"{law.name}({', '.join(plain(v) for v in values)})"


def said(x: Any, law: Distribution) -> Prose:
    """X ~ Normal(mu, sigma^2)."""
    return (x, f" ~ {shown(law)}")


def refuse(body: Any, x: Any, law: Distribution, why: str = "") -> DoesNotExist:
    """The refusal of an expectation that does not exist."""
    from derive.expressions.from_sympy import from_sympy

    node = plain(from_sympy(Expectation(body)))
    reason = why or "the integral of its absolute value diverges"
    return DoesNotExist(f"{node} does not exist for {x} ~ {shown(law)}: {reason}")


def settle(condition: Any, body: Any, x: Any, law: Distribution) -> tuple[Prose, ...]:
    """Nothing where the condition holds, an assumption where it hangs on parameters; raises where it fails."""
    if condition in (True, S.true):
        return ()
    if condition in (False, S.false):
        raise refuse(body, x, law)
    parts = condition.args if isinstance(condition, sp.And) else (condition,)
    found: list[Prose] = []
    for part in parts:
        decided = _decide(part)
        if decided is False:
            raise refuse(body, x, law, f"{_text(part)} is needed")
        if decided is None and isinstance(part, sp.Ne):  # a removable gap of the formula, not of the expectation
            found.append((part, ": where they are equal, the value is the limit of this formula"))
        elif decided is None:
            found.append((_arranged(part), ": otherwise ", Expectation(body), " does not exist"))
    return tuple(found)


def _arranged(condition: Any) -> Any:
    """r > 0 with r = a − b as a > b."""
    if isinstance(condition, (sp.Gt, sp.Lt)) and condition.rhs == 0 and condition.lhs.is_Add:
        positive = [t for t in condition.lhs.args if not t.could_extract_minus_sign()]
        negative = [-t for t in condition.lhs.args if t.could_extract_minus_sign()]
        if positive and negative:
            return condition.func(sp.Add(*positive), sp.Add(*negative), evaluate=False)
    return condition


def _text(condition: Any) -> str:
    from derive.expressions.from_sympy import from_sympy

    return plain(from_sympy(_arranged(condition)))


def _decide(condition: Any) -> bool | None:
    if condition in (True, S.true):
        return True
    if condition in (False, S.false):
        return False
    if isinstance(condition, (sp.Gt, sp.Ge)):
        gap = sp.expand(condition.lhs - condition.rhs)
    elif isinstance(condition, (sp.Lt, sp.Le)):
        gap = sp.expand(condition.rhs - condition.lhs)
    else:
        return None
    if gap.is_positive:
        return True
    return False if gap.is_nonpositive else None


# ── expectation ──────────────────────────────────────────────────────────────────────────────────────────────────────


def expectation(body: Any, x: Any, law: Distribution) -> Value | None:
    """E[body] under the law; None where nothing here applies."""
    spelled = _spelled(body)
    if spelled != body:
        total = expectation_of_sum(sp.expand(spelled), x, law)
        if total is not None:
            return Value(total, rules.LOTUS, said(x, law))
    for method in (_finite, _shifted_reciprocal, _symmetric, _moment, _closed, _pieced, _normal_functions, _by_mgf):
        found = method(body, x, law)
        if found is not None:
            return found
    return None


def _finite(body: Any, x: Any, law: Distribution) -> Value | None:
    """A sum over a small support that is written out."""
    weights = support_of(law, not body.is_polynomial(x))
    if weights is None:
        return None
    terms = []
    for value, weight in weights.items():
        at = body.subs(x, value)
        if at.has(S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity):
            raise refuse(body, x, law, f"it is not defined at {value}")
        terms.append(weight * at)
    return Value(sp.Add(*terms), rules.LOTUS, (*said(x, law), ": the sum over its values"))


def _spelled(body: Any) -> Any:
    """GELU and the error function in terms of Φ."""
    if not body.has(nodes.gelu, sp.erf, sp.erfc):
        return body
    written = body.replace(nodes.gelu, lambda z: z * normal_cdf(z))
    written = written.replace(sp.erf, lambda z: 2 * normal_cdf(sp.sqrt(2) * z) - 1)
    return written.replace(sp.erfc, lambda z: 2 * normal_cdf(-sp.sqrt(2) * z))


def _symmetric(body: Any, x: Any, law: Distribution) -> Value | None:
    """A bounded function that is odd about the centre of a symmetric law, up to a constant: E[sigmoid(X)] = 1/2."""
    bounded = (nodes.sigmoid, sp.tanh, sp.atan, sp.sin, nodes.normal_cdf)
    if law.name not in ("Normal", "Laplace", "Logistic", "StudentT", "Cauchy") or not isinstance(body, bounded):
        return None
    location = law.values[1] if law.name == "StudentT" else law.values[0]
    inner = body.args[0]
    if not inner.is_polynomial(x) or sp.degree(inner, x) != 1 or sp.expand(inner.subs(x, location)) != 0:
        return None
    centre = S.Half if isinstance(body, (nodes.sigmoid, nodes.normal_cdf)) else S.Zero
    return Value(centre, rules.SYMMETRY, (*said(x, law), " is symmetric about ", location))


def _tail_index(law: Distribution) -> Any:
    """The orders of moments below this one exist at infinity; None where all do."""
    if law.name == "Cauchy":
        return S.One
    place = {"StudentT": 0, "Pareto": 1, "InverseGamma": 0}.get(law.name)
    return None if place is None else law.values[place]


def settle_tails(body: Any, found: list[Piece], x: Any, law: Distribution) -> tuple[Prose, ...]:
    """Whether a function with cases grows slower at infinity than the tails of the law allow."""
    index = _tail_index(law)
    if index is None:
        return ()
    assumed: list[Prose] = []
    for piece in found:
        if piece.low.is_finite and piece.high.is_finite:
            continue
        for term in sp.Add.make_args(sp.expand(piece.body)):
            taken = monomial(term, x)
            if taken is not None and taken.linear == 0 and not taken.logs:
                assumed += settle(sp.Lt(taken.power, index), body, x, law)
    return tuple(dict.fromkeys(assumed))


def _shifted_reciprocal(body: Any, x: Any, law: Distribution) -> Value | None:
    """E[1/(X + 1)] of a Poisson or a binomial count: the sum is that of the next factorial."""
    front, rest = body.as_independent(x, as_Add=False)
    if rest != 1 / (x + 1):
        return None
    if law.name == "Poisson":
        (rate,) = law.values
        return Value(front * (1 - exp(-rate)) / rate, rules.LOTUS, said(x, law))
    if law.name == "Binomial":
        n, p = law.values
        return Value(front * (1 - (1 - p) ** (n + 1)) / ((n + 1) * p), rules.LOTUS, said(x, law))
    return None


def support_of(law: Distribution, all_sizes: bool) -> dict[Any, Any] | None:
    if law.name == "Bernoulli":
        (p,) = law.values
        return {S.Zero: 1 - p, S.One: p}
    if law.name == "Categorical":
        from derive.expressions.to_sympy import to_sympy
        from derive.probability.laws import entries

        listed = entries(law.values[0])
        return None if listed is None else {sp.Integer(k): to_sympy(e, {}) for k, e in enumerate(listed, 1)}
    if not all_sizes or law.name not in ("DiscreteUniform", "Binomial"):
        return None
    support = law.family.support(*law.values)
    if not (support.lower.is_Integer and support.upper.is_Integer and support.upper - support.lower < MAX_FINITE):
        return None
    points = [sp.Integer(k) for k in range(int(support.lower), int(support.upper) + 1)]
    return {k: law.family.density(k, *law.values) if law.family.density is not None else S.NaN for k in points}


def _moment(body: Any, x: Any, law: Distribution) -> Value | None:
    """Raw moments as the record has them."""
    family = law.family
    taken = monomial(body, x)
    if taken is None or not taken.is_power or not taken.power.is_Integer:
        return None
    order = int(taken.power)
    if family.moment_exists is not None:
        condition = family.moment_exists(order, *law.values)
        assumed = settle(condition, body, x, law) if condition not in (False, S.false) else None
        if assumed is None:
            raise refuse(body, x, law, _why(order, law))
    else:
        assumed = ()
    if family.moment is None or order > MAX_FINITE or order < -4:
        return None
    if order == 1 and family.mean is not None:
        return Value(taken.coefficient * family.mean(*law.values), rules.LAW_MEAN, said(x, law), assumed)
    value = family.moment(order, *law.values)
    return None if value is None else Value(taken.coefficient * value, rules.RAW_MOMENT, said(x, law), assumed)


def _why(order: int, law: Distribution) -> str:
    if order < 0:
        return "its density is positive at 0, and the integral diverges there"
    if law.name == "Cauchy":
        return "the tails are too heavy; the integral of |x|" + (f"^{order}" if order > 1 else "") + " diverges"
    return f"the integral of |x|^{order} diverges"


def _closed(body: Any, x: Any, law: Distribution) -> Value | None:
    taken = monomial(body, x)
    if taken is None:
        return None
    found = closed_moment(taken._replace(coefficient=S.One), law)
    if found is None:
        return None
    assumed = settle(found.condition, body, x, law)
    rule = rules.LAW_MGF if taken.linear != 0 and taken.power == 0 and not taken.logs else rules.LOTUS
    return Value(taken.coefficient * found.value, rule, said(x, law), assumed)


def _pieced(body: Any, x: Any, law: Distribution) -> Value | None:
    """Case distinctions: a sum over the intervals."""
    if law.family.discrete or is_smooth(body, x):
        return None
    support = law.family.support(*law.values)
    order = Order()
    found = pieces(body, x, support.lower, support.upper, order)
    if found is None:
        return None
    total, assumed = S.Zero, [*((c,) for c in order.conditions), *settle_tails(body, found, x, law)]
    for piece in found:
        part = partial(piece.body, x, law, piece.low, piece.high)
        if part is None:
            return None
        total += part.value
        assumed += settle(part.condition, body, x, law)
    return Value(total, rules.SPLIT_AT_KINKS, said(x, law), tuple(assumed))


def _linear_inside(node: Any, x: Any) -> tuple[Any, Any] | None:
    inner = node.args[0]
    if not inner.is_polynomial(x) or sp.degree(inner, x) != 1:
        return None
    slope, offset = sp.Poly(inner, x).all_coeffs()
    return slope, offset


def _normal_functions(body: Any, x: Any, law: Distribution) -> Value | None:
    """Φ, φ, sine and cosine of a Gaussian; a polynomial factor by Stein's lemma."""
    if law.name != "Normal":
        return None
    m, v = law.values
    front, rest = body.as_independent(x, as_Add=False)
    powers, inner = S.Zero, S.One
    for factor in sp.Mul.make_args(rest):
        base, exponent = factor.as_base_exp()
        if base == x and exponent.is_Integer and exponent > 0:
            powers += exponent
        else:
            inner *= factor
    if powers and powers <= 4 and isinstance(inner, (normal_cdf, normal_pdf, sp.cos, sp.sin)):
        rest_of = x ** (powers - 1) * inner
        first = expectation(rest_of, x, law)
        second = expectation_of_sum(sp.expand(_derivative(rest_of, x)), x, law)
        if first is None or second is None:
            return None
        return Value(front * (m * first.result + v * second), rules.STEIN, said(x, law))
    lines = _linear_inside(inner, x) if isinstance(inner, (normal_cdf, normal_pdf, sp.cos, sp.sin)) else None
    if powers or lines is None:
        return None
    a, b = lines
    at = a * m + b
    if isinstance(inner, normal_cdf):
        return Value(front * normal_cdf(at / sp.sqrt(1 + a**2 * v)), rules.PROBIT_INTEGRAL, said(x, law))
    if isinstance(inner, normal_pdf):
        root = sp.sqrt(1 + a**2 * v)
        return Value(front * normal_pdf(at / root) / root, rules.PROBIT_INTEGRAL, said(x, law))
    return Value(front * exp(-(a**2) * v / 2) * inner.func(at), rules.LOTUS, said(x, law))


def _derivative(body: Any, x: Any) -> Any:
    total = S.Zero
    factors = sp.Mul.make_args(body)
    for k, factor in enumerate(factors):
        others = sp.Mul(*factors[:k], *factors[k + 1 :])
        if isinstance(factor, normal_cdf):
            slope = normal_pdf(factor.args[0]) * factor.args[0].diff(x)
        elif isinstance(factor, normal_pdf):
            slope = -factor.args[0] * factor * factor.args[0].diff(x)
        else:
            slope = factor.diff(x)
        total += others * slope
    return total


def expectation_of_sum(body: Any, x: Any, law: Distribution) -> Any:
    """The expectation of every term; None where one has none here."""
    total = S.Zero
    for term in sp.Add.make_args(body):
        found = Value(term, rules.LOTUS) if not term.has(x) else expectation(term, x, law)
        if found is None:
            return None
        total += found.result
    return total


def _by_mgf(body: Any, x: Any, law: Distribution) -> Value | None:
    """x^k e^{q x} from derivatives of the moment generating function."""
    taken = monomial(body, x)
    family = law.family
    if (
        taken is None
        or taken.linear == 0
        or taken != taken._replace(square=S.Zero, inverse=S.Zero, logs=0, rest=S.Zero, rest_logs=0, sign=False)
    ):
        return None
    order = taken.power
    if not (order.is_Integer and 0 <= order <= 6):
        return None
    if family.mgf is None:
        if law.name in ("StudentT", "Cauchy", "Pareto", "Lognormal", "InverseGamma"):
            raise refuse(body, x, law, "the tails are heavier than any exponential, so it has no moment generating function")
        return None
    t = sp.Dummy("t", real=True)
    condition = family.mgf_exists(taken.linear, *law.values) if family.mgf_exists is not None else sp.true
    assumed = settle(condition, body, x, law)
    value = family.mgf(t, *law.values).diff(t, int(order)).subs(t, taken.linear)
    return Value(taken.coefficient * value, rules.LAW_MGF, said(x, law), assumed)


def variance(law: Distribution, x: Any) -> Value | None:
    """The variance of the law, where it exists."""
    family = law.family
    if family.moment_exists is not None:
        condition = family.moment_exists(2, *law.values)
        if condition in (False, S.false):
            raise DoesNotExist(f"Var({x}) does not exist for {x} ~ {shown(law)}: the integral of x^2 diverges")
        assumed = settle(condition, x**2, x, law)
    else:
        assumed = ()
    weights = support_of(law, False)
    if weights is not None and law.name == "Categorical":
        first, second = (sp.Add(*(w * k**order for k, w in weights.items())) for order in (1, 2))
        return Value(second - first**2, rules.LAW_VARIANCE, said(x, law), assumed)
    if family.variance is None:
        return None
    return Value(family.variance(*law.values), rules.LAW_VARIANCE, said(x, law), assumed)
