"""The last form of a moment: of a few cheap ones the shortest.

In: a SymPy expression. Out: an equal one; work is bounded by its size.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from derive.expressions.nodes import DefinedFunction, normal_cdf, normal_pdf
from derive.solving.chance.rational_forms import Quotient, quotient_of
from derive.solving.cost import cost, size

__all__ = ["presentable"]

MAX_SIZE = 600


def presentable(value: Any) -> Any:
    """The shortest of the forms that expanding, cancelling and factoring give."""
    if not isinstance(value, sp.Expr) or size(value) > MAX_SIZE:
        return value
    if _is_short(value) or _is_plain_number(value):
        return value
    if isinstance(value, sp.exp) and (exponent := quotient_of(value.args[0])) is not None and exponent.below.is_ground:
        return _with_short_exponents(value)
    value = _evaluated(value)
    forms = [(value, 0.0)]
    for made, penalty in _forms(value):
        if made is not None and cost(made) != cost(value):
            forms.append((_combined(made) if made.has(sp.exp) else made, penalty))
    best = min(forms, key=lambda f: cost(f[0]) + (f[1] if f[0] != value else 0.0))[0]
    grouped = _grouped(best)
    return grouped if cost(grouped) < cost(best) else best


def _forms(value: Any) -> Iterator[tuple[Any, float]]:
    """Other forms, with what they have to be better by."""
    quotient = quotient_of(value)
    yield _combined(value), 0.0
    spread = _is_sum_of_monomials(value)
    if not spread:
        yield _expanded(value), 1.6
    yield _factored(value) if quotient is None else _positive(quotient.factored()), -0.6
    if quotient is None:
        yield _cancelled(value), 0.4
    elif not quotient.below.is_ground:
        yield quotient.cancelled(), 0.4
    if not spread or quotient is None or not _is_primitive(quotient):
        yield _together(value), 0.4
    yield _by_powers(value), 0.0


def _is_primitive(quotient: Quotient) -> bool:
    """Whether it is a polynomial whose terms have no factor in common."""
    above = quotient.above
    return bool(quotient.below == 1 and above.content() == 1 and not any(map(min, zip(*above.monoms(), strict=True))))


def _is_sum_of_monomials(value: Any) -> bool:
    factors = (f for term in sp.Add.make_args(value) for f in sp.Mul.make_args(term))
    return all(f.is_Symbol or f.is_Rational or _is_natural_power(f) for f in factors)


def _is_short(value: Any) -> bool:
    """Whether no form can be shorter, seen at a glance: a product of symbols and at most one sum that has no factors and shares no symbol.

    A sum is without factors where a symbol stands in one of its terms alone, to the first power; nothing is grouped in it where no symbol
    stands in two terms.
    """
    sums: set[Any] = set()
    for factor in sp.Mul.make_args(value):
        base, exponent = factor.as_base_exp()
        if base.is_Add and exponent.is_Integer:
            sums.add((base, exponent))
        elif not (base.is_Symbol and exponent.is_Integer) and not (factor.is_Rational and factor.is_positive):
            return False
    if len(sums) > 1:
        return False
    for total, exponent in sums:
        monomials = [term.as_coeff_Mul() for term in total.args]
        symbols = [s for _, rest in monomials for s in rest.free_symbols]
        whole = all(c.is_Integer and all(f.is_Symbol or _is_natural_power(f) for f in sp.Mul.make_args(r) if r != 1) for c, r in monomials)
        alone = any(rest.is_Symbol for _, rest in monomials)
        if not whole or not alone or len(set(symbols)) != len(symbols) or sp.igcd(*(c for c, _ in monomials)) != 1:
            return False
        outside = (value / total**exponent).free_symbols
        if outside & set(symbols):
            return False
    return True


def _is_plain_number(value: Any) -> bool:
    """A rational number times at most one root of a prime and one power of π: nothing is shorter."""
    roots = [f for f in sp.Mul.make_args(value) if not f.is_Rational]
    if len(roots) > 2 or not value.is_number:
        return False
    bases = [f.args[0] if f.is_Pow and f.exp.is_Rational else f for f in roots]
    return all(b is sp.pi or (b.is_Integer and b.is_prime and f.exp == sp.S.Half) for b, f in zip(bases, roots, strict=True))


def _is_natural_power(factor: Any) -> bool:
    return bool(factor.is_Pow and factor.base.is_Symbol and factor.exp.is_Integer and factor.exp > 0)


def _evaluated(value: Any) -> Any:
    """Φ and φ at 0 as numbers."""
    table = {n: sp.S.Half for n in value.atoms(normal_cdf) if n.args[0] == 0}
    table |= {n: 1 / sp.sqrt(2 * sp.pi) for n in value.atoms(normal_pdf) if n.args[0] == 0}
    return value.xreplace(table) if table else value


def _together(value: Any) -> Any:
    return sp.together(value) if value.is_Add and not value.has(sp.Sum, sp.Product, sp.Piecewise) else None


def _combined(value: Any) -> Any:
    return _with_short_exponents(sp.powsimp(value) if _has_powers_to_combine(value) else value)


def _with_short_exponents(made: Any) -> Any:
    table = {}
    for node in made.atoms(sp.exp):
        inner = node.args[0]
        short = sp.factor_terms(inner) if inner.is_Add else inner
        grouped = sp.factor(inner) if inner.is_Add and _plain(inner) and size(inner) < 60 else short
        best = min((inner, short, grouped), key=cost)
        if best != inner and cost(best) < cost(inner):
            table[node] = sp.exp(best, evaluate=False)
    return made.xreplace(table) if table else made


def _has_powers_to_combine(value: Any) -> bool:
    """Whether powers may be combined: not those of symbols with whole exponents, beside one sum at most that has no number in front."""
    stack = [value]
    while stack:
        node = stack.pop()
        if node.is_Add:
            stack.extend(node.args)
            continue
        sums = 0
        for factor in sp.Mul.make_args(node):
            base, exponent = factor.args if factor.is_Pow else (factor, sp.S.One)
            if not exponent.is_Integer or isinstance(base, sp.exp):
                return True
            if base.is_Add:
                sums += 1
                if sums > 1 or (exponent == 1 and node.as_coeff_Mul()[0] != 1):
                    return True
                stack += [base] if exponent == 1 else []
            elif not (base.is_Symbol or base.is_Rational or base.is_Function):
                return True
    return False


def _expanded(value: Any) -> Any:
    return sp.expand(value, power_exp=False, power_base=False, log=False, func=False, trig=False)


def _plain(value: Any) -> bool:
    """Whether polynomial algebra is quick and safe: no big operators, no cases."""
    return not value.has(sp.Sum, sp.Product, sp.Piecewise, sp.Integral) and len(value.free_symbols) <= 12


def _factored(value: Any) -> Any:
    simple = _plain(value) and not value.atoms(sp.Function, DefinedFunction) - value.atoms(sp.exp)
    return _positive(sp.factor(value) if simple else sp.factor_terms(value))


def _positive(value: Any) -> Any:
    """−p (p − 1) as p (1 − p)."""
    if not value.is_Mul or not value.as_coeff_Mul()[0].is_negative:
        return value
    for factor in value.args:
        if factor.is_Add and cost(-factor) < cost(factor) + 0.5:
            return sp.Mul(-1, *(-f if f is factor else f for f in value.args))
    return value


def _cancelled(value: Any) -> Any:
    if not _plain(value) or value.is_polynomial(*value.free_symbols):
        return None
    return sp.cancel(value) if not value.atoms(sp.Function) else None


def _by_powers(value: Any) -> Any:
    if not value.atoms(sp.gamma, sp.factorial, sp.binomial):
        return None
    return sp.gammasimp(value)


def _grouped(value: Any) -> Any:
    """Common factors of some of the terms in front: a b + a c + d as a (b + c) + d."""
    if not value.is_Add or not _plain(value):
        return value
    best = value
    for symbol in sorted(value.free_symbols, key=str)[:6]:
        if _stands_again(value, symbol) and value.is_polynomial(symbol):
            made = sp.collect(value, symbol)
            if cost(made) < cost(best):
                best = made
    return best


def _stands_again(value: Any, symbol: Any) -> bool:
    """Whether some power of the symbol stands in two terms, as far as can be seen at a glance."""
    seen: set[Any] = set()
    for term in value.args:
        powers = [factor for factor in sp.Mul.make_args(term) if factor.has(symbol)]
        if not powers:
            continue
        if len(powers) > 1 or powers[0].as_base_exp()[0] != symbol or powers[0] in seen:
            return True
        seen.add(powers[0])
    return False
