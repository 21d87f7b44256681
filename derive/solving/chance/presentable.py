"""The last form of a moment: of a few cheap ones the shortest.

In: a SymPy expression. Out: an equal one; work is bounded by its size.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.expressions.nodes import DefinedFunction, normal_cdf, normal_pdf
from derive.solving.cost import cost, size

__all__ = ["presentable"]

MAX_SIZE = 600


def presentable(value: Any) -> Any:
    """The shortest of the forms that expanding, cancelling and factoring give."""
    if not isinstance(value, sp.Expr) or size(value) > MAX_SIZE:
        return value
    if _is_short(value):
        return value
    value = _evaluated(value)
    forms = [(value, 0.0)]
    for change, penalty in ((_combined, 0.0), (_expanded, 1.6), (_factored, -0.6), (_cancelled, 0.4), (_together, 0.4), (_by_powers, 0.0)):
        made = change(value)
        if made is not None and cost(made) != cost(value):
            forms.append((_combined(made) if made.has(sp.exp) else made, penalty))
    best = min(forms, key=lambda f: cost(f[0]) + (f[1] if f[0] != value else 0.0))[0]
    grouped = _grouped(best)
    return grouped if cost(grouped) < cost(best) else best


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
    made = sp.powsimp(value)
    table = {}
    for node in made.atoms(sp.exp):
        inner = node.args[0]
        short = sp.factor_terms(inner) if inner.is_Add else inner
        grouped = sp.factor(inner) if inner.is_Add and _plain(inner) and size(inner) < 60 else short
        best = min((inner, short, grouped), key=cost)
        if best != inner and cost(best) < cost(inner):
            table[node] = sp.exp(best, evaluate=False)
    return made.xreplace(table) if table else made


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
        if value.is_polynomial(symbol):
            made = sp.collect(value, symbol)
            if cost(made) < cost(best):
                best = made
    return best
