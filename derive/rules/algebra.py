"""Rules of elementary algebra on one node: common factors, common denominators, cancelling, expanding, Pythagorean identities.

In: a sum, a product or a power. Out: the same value written otherwise, or None. Whether it is better is for the strategy to say.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import S
from sympy.polys.polyerrors import PolynomialError

from derive.derivation import Rewrite, Rule
from derive.rules.conditions import nonzero
from derive.rules.distribution import expanded
from derive.rules.factors import Powers, joined, power, taken_apart
from derive.rules.indices import over
from derive.rules.trigonometry import PYTHAGORAS, TRIGONOMETRIC_QUOTIENT

__all__ = ["EXPAND", "FACTOR", "RULES"]

MAX_GENERATORS = 4


def _is_plain_polynomial(terms: list[tuple[Any, Powers]]) -> bool:
    """Whether it is a polynomial in one name, which is left as it is."""
    names = {base for _, powers in terms for base in powers}
    return len(names) == 1 and next(iter(names)).is_Symbol and all(e.is_Integer and e > 0 for _, powers in terms for e in powers.values())


def _common_factor(total: Any) -> Rewrite | None:
    terms = [taken_apart(term) for term in total.args]
    if _is_plain_polynomial(terms):
        return None
    common: Powers = dict(terms[0][1])
    for _, powers in terms[1:]:
        for base in list(common):
            if base not in powers:
                del common[base]
            elif powers[base] < common[base]:
                common[base] = powers[base]
    for base in [b.base for b in common if b.is_Pow]:  # xⁿ⁻¹ and xⁿ share xⁿ⁻¹
        lowest = min((powers.get(base, S.Zero) for _, powers in terms), default=S.Zero)
        if lowest.is_negative:
            common[base] = lowest
    content = terms[0][0]
    for number, _ in terms[1:]:
        content = sp.Rational(sp.igcd(content.p, number.p), sp.ilcm(content.q, number.q))
    content = abs(content)
    if all(number.is_negative for number, _ in terms):
        content = -content
    common = {base: exponent for base, exponent in common.items() if exponent is not S.Zero}
    if not common:
        return None
    rest = []
    for number, powers in terms:
        left = {base: powers.get(base, S.Zero) - common.get(base, S.Zero) for base in {**powers, **common}}
        rest.append(joined(number / content, left))
    inside = sp.Add(*rest)
    factor = joined(content, common)
    return Rewrite(sp.Mul(factor, inside), ("the common factor ", factor))


def _denominator_of(powers: Powers) -> Powers:
    return {base: -e for base, e in powers.items() if e.is_negative and not isinstance(base, sp.exp)}


def _common_denominator(total: Any) -> Rewrite | None:
    terms = [taken_apart(term) for term in total.args]
    below: Powers = {}
    for _, powers in terms:
        for base, exponent in _denominator_of(powers).items():
            if exponent > below.get(base, S.Zero):
                below[base] = exponent
    numeric = sp.ilcm(1, *(number.q for number, _ in terms))
    if not below:
        return None
    above = []
    for number, powers in terms:
        raised = dict(powers)
        for base, exponent in below.items():
            raised[base] = raised.get(base, S.Zero) + exponent
        above.append(joined(number * numeric, raised))
    top = sp.Add(*above)
    opened = expanded(top)
    if opened is not None and opened.count_ops() < top.count_ops():
        top = opened
    bottom = [power(base, -exponent) for base, exponent in below.items()]
    return Rewrite(sp.Mul(sp.Rational(1, numeric), top, *bottom), ("the common denominator ", sp.Mul(numeric, *(1 / b for b in bottom))))


def _cancel(product: Any) -> Rewrite | None:
    """Common factors of sums above and below the line."""
    number, powers = taken_apart(product)
    above = [b for b, e in powers.items() if b.is_Add and e.is_positive and e.is_Integer]
    below = [b for b, e in powers.items() if b.is_Add and e.is_negative and e.is_Integer]
    if not below:
        return None
    contents = {b: b.primitive() for b in (*above, *below)}
    if any(contents[b][0] is not S.One for b in below):
        new = {b: e for b, e in powers.items() if b not in contents}
        for base, (content, primitive) in contents.items():
            new[primitive] = new.get(primitive, S.Zero) + powers[base]
            number = number * content ** powers[base]
        return Rewrite(joined(number, new), ("numbers above and below the line",))
    for top in above:
        for bottom in below:
            found = _common_divisor(top, bottom)
            if found is None:
                continue
            divisor, top_left, bottom_left = found
            new = {**powers}
            new[top] -= 1
            new[bottom] += 1
            for base, exponent in ((top_left, 1), (bottom_left, -1)):
                new[base] = new.get(base, S.Zero) + exponent
            result = joined(number, {b: e for b, e in new.items() if b is not S.One})
            needs = () if new[bottom].is_negative else nonzero(divisor)  # what stays below the line says so itself
            return Rewrite(result, ("the factor ", divisor, " above and below the line"), needs)
    return None


def _common_divisor(top: Any, bottom: Any) -> tuple[Any, Any, Any] | None:
    """(gcd, top/gcd, bottom/gcd) of two sums as polynomials in few generators; None where they share nothing."""
    if not top.free_symbols & bottom.free_symbols or top.count_ops() + bottom.count_ops() > 60:
        return None
    if top == -bottom:
        return bottom, S.NegativeOne, S.One
    try:
        first, second = sp.parallel_poly_from_expr((top, bottom))[0]
        if len(first.gens) > MAX_GENERATORS or max(first.total_degree(), second.total_degree()) > 12:
            return None
        if first.gens != second.gens:
            return None
        divisor, left, right = (part.as_expr() for part in first.cofactors(second))
    except PolynomialError:
        return None
    return None if divisor.is_number else (divisor, left, right)


def _expand(expression: Any) -> Rewrite | None:
    opened = expanded(expression)
    if opened is not None and _has_fraction(opened) and any(_is_quotient_of_sum(term) for term in expression.args):
        return None  # (x² + 1)/x is not taken apart into x + 1/x
    return None if opened is None or opened == expression else Rewrite(opened, ("multiplied out, like terms gathered",))


def _expand_numerator(product: Any) -> Rewrite | None:
    """(sum of products)/(…): the sum above the line multiplied out."""
    factors = []
    changed = False
    for factor in product.args:
        opened = expanded(factor) if factor.is_Add else None
        if opened is not None and _has_fraction(opened):
            opened = None  # a fraction inside the numerator would be new
        changed = changed or opened is not None
        factors.append(factor if opened is None else opened)
    return Rewrite(sp.Mul(*factors), ("multiplied out, like terms gathered",)) if changed else None


def _has_fraction(total: Any) -> bool:
    """Whether a term of the sum stands over a denominator that is no number, and another does not."""
    below = [any(f.is_Pow and f.exp.is_Rational and f.exp.is_negative for f in sp.Mul.make_args(t)) for t in sp.Add.make_args(total)]
    return any(below) and not all(below)


def _is_quotient_of_sum(term: Any) -> bool:
    factors = sp.Mul.make_args(term)
    return any(f.is_Add for f in factors) and any(f.is_Pow and f.exp.is_Rational and f.exp.is_negative for f in factors)


def _conjugates(product: Any) -> Rewrite | None:
    """1/((a − b)(a + b)) = 1/(a² − b²)."""
    number, powers = taken_apart(product)
    below = [b for b, e in powers.items() if b.is_Add and e is S.NegativeOne and len(b.args) == 2]
    for place, first in enumerate(below):
        for second in below[place + 1 :]:
            square = sp.expand(first * second)
            if len(square.args) == 2 and square.is_Add and not first.free_symbols ^ second.free_symbols:
                rest = {b: e for b, e in powers.items() if b not in (first, second)}
                if number.is_negative:
                    number, square = -number, -square
                return Rewrite(sp.Mul(joined(number, rest), 1 / square), ("(a − b)(a + b) = a² − b²",))
    return None


def _divide_through(product: Any) -> Rewrite | None:
    """(a b + c)/b = a + c/b, where b is long."""
    factors = list(product.args)
    for place, bottom in enumerate(factors):
        if not (bottom.is_Pow and bottom.exp.is_Rational and bottom.exp.is_negative):
            continue
        for other, top in enumerate(factors):
            if not top.is_Add:
                continue
            divided = [bottom.base in _bases(term) for term in top.args]
            if not (all(divided) or (any(divided) and isinstance(bottom.base, sp.Sum))):
                continue
            power_left = bottom.exp + 1 if bottom.exp <= -1 else S.Zero
            divisor = sp.Pow(bottom.base, bottom.exp - power_left)
            inside = sp.Add(*(sp.Mul(term, divisor) for term in top.args))
            rest = [f for k, f in enumerate(factors) if k not in (place, other)]
            return Rewrite(sp.Mul(inside, sp.Pow(bottom.base, power_left), *rest), ("divided by ", sp.Pow(divisor, -1)))
    return None


def _combine_powers(product: Any) -> Rewrite | None:
    """u uⁿ = uⁿ⁺¹ for a symbolic n."""
    combined = joined(*taken_apart(product))
    return None if combined == product else Rewrite(combined)


def _sign(product: Any) -> Rewrite | None:
    """−a (b − c) = a (c − b), −Σ (b − c) = Σ (c − b), (−a − b) c = −(a + b) c."""
    arguments = product.args
    for factor in arguments:
        if factor.is_Add and len(arguments) > 1 and all(map(_negative, factor.args)):
            return Rewrite(sp.Mul(-1, -factor, *(f for f in arguments if f is not factor)))
    if arguments[0] is not S.NegativeOne:
        return None
    for factor in arguments[1:]:
        if _is_difference(factor) and len(arguments) > 2:
            return Rewrite(sp.Mul(-factor, *(f for f in arguments[1:] if f is not factor)))
        if isinstance(factor, sp.Sum) and _is_difference(factor.function):
            flipped = over(sp.Sum, -factor.function, factor.limits)
            return Rewrite(sp.Mul(flipped, *(f for f in arguments[1:] if f is not factor)))
    return None


def _is_difference(total: Any) -> bool:
    """Whether it is b − c of two terms that are no numbers."""
    if not total.is_Add or len(total.args) != 2:
        return False
    first, second = total.args
    return not first.is_Number and _negative(first) != _negative(second)


def _nested_fraction(product: Any) -> Rewrite | None:
    """(a + b/c)/(d + e/f): every sum with denominators of its own is brought to one fraction."""
    factors = []
    changed = False
    for factor in product.args if product.is_Mul else (product,):
        base, exponent = (factor.base, factor.exp) if factor.is_Pow and factor.exp.is_Integer else (factor, S.One)
        whole = _common_denominator(base) if base.is_Add else None
        if whole is None:
            factors.append(factor)
        else:
            changed = True
            factors.append(sp.Pow(whole.result, exponent))
    return Rewrite(sp.Mul(*factors), ("with one fraction for every sum",)) if changed else None


def _negative(term: Any) -> bool:
    return bool(term.as_coeff_Mul()[0].is_negative)


def _bases(term: Any) -> set[Any]:
    return {f.base if f.is_Pow else f for f in sp.Mul.make_args(term)}


def _absolute(product: Any) -> Rewrite | None:
    """|u| sign(u) = u and u sign(u) = |u|; the same below the line."""
    for factor in product.args:
        if isinstance(factor, sp.sign):
            u = factor.args[0]
            for other, result in ((sp.Abs(u), u), (u, sp.Abs(u)), (1 / sp.Abs(u), 1 / u), (1 / u, 1 / sp.Abs(u))):
                if other in product.args:
                    rest = list(product.args)
                    rest.remove(factor)
                    rest.remove(other)
                    return Rewrite(sp.Mul(result, *rest), ("with u = ", u))
    return None


FACTOR = Rule(
    "common-factor",
    "Collect the common factor",
    "a b + a c = a (b + c)",
    "ab + ac = a(b + c)",
    (sp.Add,),
    _common_factor,
    (("2 x e^(3 x) + 3 x^2 e^(3 x)", "x e^(3 x) (2 + 3 x)"),),
)
EXPAND = Rule("expand", "Multiply out", "a (b + c) = a b + a c", "a(b + c) = ab + ac", (sp.Add,), _expand, (("x (x + 1) - x^2", "x"),))
RULES: tuple[Rule, ...] = (
    Rule(
        "sign-and-absolute-value",
        "Sign and absolute value",
        "|u| sign(u) = u, u sign(u) = |u|",
        r"|u|\operatorname{sign}(u) = u,\ u\operatorname{sign}(u) = |u|",
        (sp.Mul,),
        _absolute,
        (("x sign(x)", "|x|"),),
    ),
    PYTHAGORAS,
    TRIGONOMETRIC_QUOTIENT,
    FACTOR,
    EXPAND,
    Rule(
        "expand-numerator",
        "Multiply out",
        "a (b + c) = a b + a c",
        "a(b + c) = ab + ac",
        (sp.Mul,),
        _expand_numerator,
        (("(x (x + 1) - x^2) / (x + 1)", "x / (x + 1)"),),
    ),
    Rule("combine-powers", "Combine powers", "uᵃ uᵇ = uᵃ⁺ᵇ", r"u^a u^b = u^{a+b}", (sp.Mul,), _combine_powers, trivial=True),
    Rule("sign", "Sign", "−a (b − c) = a (c − b)", "-a(b - c) = a(c - b)", (sp.Mul,), _sign, (("-x (y - z)", "x (z - y)"),), trivial=True),
    Rule("divide-through", "Divide term by term", "(a b + c)/b = a + c/b", r"\frac{ab + c}{b} = a + \frac cb", (sp.Mul,), _divide_through),
    Rule("cancel", "Cancel", "a c/(b c) = a/b", r"\frac{ac}{bc} = \frac ab", (sp.Mul,), _cancel, (("(x^2 - 1) / (x - 1)", "x + 1"),)),
    Rule(
        "conjugates",
        "Product of conjugates",
        "(a − b)(a + b) = a² − b²",
        "(a - b)(a + b) = a^2 - b^2",
        (sp.Mul,),
        _conjugates,
        (("1 / ((x - 1) (x + 1))", "1 / (x^2 - 1)"),),
    ),
    Rule(
        "nested-fraction",
        "Fractions inside a fraction",
        "(a + b/c)/d = (a c + b)/(c d)",
        r"\frac{a + \frac bc}{d} = \frac{ac + b}{cd}",
        (sp.Mul, sp.Pow),
        _nested_fraction,
        (("1 / (a (1 + x^2 / a^2))", "a / (a^2 + x^2)"),),
    ),
    Rule(
        "common-denominator",
        "Common denominator",
        "a/b + c/d = (a d + b c)/(b d)",
        r"\frac ab + \frac cd = \frac{ad + bc}{bd}",
        (sp.Add,),
        _common_denominator,
        (("y / p - (1 - y) / (1 - p)", "(y - p) / (p (1 - p))"),),
    ),
)
