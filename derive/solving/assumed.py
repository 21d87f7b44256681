"""Assumptions on parameters of which nothing is declared: what an answer needs, as bounds that checks respect and readers see.

In: a reading and quantities that must be positive. Out: the reading with bounds on its names, and what was assumed; None where what is
needed is no bound on an undeclared name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import sympy as sp
from sympy.polys.polyerrors import PolynomialError

from derive.checking.evaluate import evaluate
from derive.checking.frame import Unevaluable, undefined
from derive.derivation import Prose
from derive.errors import DoesNotExist
from derive.expressions.from_sympy import from_sympy
from derive.expressions.inline import inline
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Bound, Reading, Type

__all__ = ["Needed", "assuming", "required", "shifted", "signs_of_convergence", "within_assumed", "without_bars"]

MOST_SIGNED = 3
SIZES = (0.7, 1.3)


class Needed(Exception):
    """Raised where a solver needs quantities to be positive of which nothing is known."""

    def __init__(self, *quantities: Any) -> None:
        super().__init__(" and ".join(f"{inline(from_sympy(q))} > 0" for q in quantities))
        self.quantities = quantities


def required(quantities: Iterable[Any], types: Mapping[Name, Type]) -> tuple[Any, ...]:
    """The quantities that are not known to be positive, by the bounds of their names."""
    return tuple(q for q in quantities if q.is_positive is not True and not _positive_within(q, types))


def _positive_within(quantity: Any, types: Mapping[Name, Type]) -> bool:
    """Whether the bounds of the names make it positive, as a whole or factor by factor."""
    if _by_bounds(quantity, types):
        return True
    try:
        number, factors = sp.factor_list(quantity)
    except PolynomialError:
        return False
    sign = 1 if number > 0 else -1
    for base, power in factors:
        if not _by_bounds(base, types):
            if not _by_bounds(-base, types):
                return False
            sign *= (-1) ** power
    return sign > 0


def without_bars(value: Any, types: Mapping[Name, Type]) -> Any:
    """u or −u for |u|, where the bounds of the names say which."""
    table = {}
    for node in value.atoms(sp.Abs):
        if _positive_within(node.args[0], types):
            table[node] = node.args[0]
        elif _positive_within(-node.args[0], types):
            table[node] = -node.args[0]
    return value.xreplace(table)


def _by_bounds(quantity: Any, types: Mapping[Name, Type]) -> bool:
    """Whether the lower bounds of the names (with a name without one, the upper) make it positive, or the upper bounds do."""
    for preferred in ("lower", "upper"):
        within = quantity
        for related in (True, False):  # n > k − 1 before k > 0
            table = {}
            for symbol in within.free_symbols:
                found = _distance(symbol, types, preferred)
                if found is not None and bool(found[0].free_symbols) is related:
                    table[symbol] = found[0] + found[1]
            within = sp.expand(within.xreplace(table))
        if within.is_positive or sp.factor(within).is_positive:
            return True
    return False


def _distance(symbol: Any, types: Mapping[Name, Type], preferred: str) -> tuple[Any, Any] | None:
    """A bound of a name and its distance from it, of known sign."""
    type = types.get(Name.from_key(symbol.name)) if isinstance(symbol, sp.Symbol) else None
    if type is None or (type.lower is None and type.upper is None):
        return None
    lower = type.lower is not None and (preferred == "lower" or type.upper is None)
    bound = type.lower if lower else type.upper
    assert bound is not None
    distance = sp.Dummy(symbol.name, positive=True) if bound.strict else sp.Dummy(symbol.name, nonnegative=True)
    return to_sympy(bound.value, types), distance if lower else -distance


def shifted(expression: Any, types: Mapping[Name, Type], *, fractions: bool = False, but: Any = None) -> tuple[Any, dict[Any, Any]]:
    """The expression in the distances of names from numbers that bound them, and what the distances are: a > 1 is 1 + b with b > 0.

    With `fractions`, a name between 0 and 1 is e⁻ᵇ with b > 0. The symbol `but` stays.
    """
    there, back = {}, {}
    for symbol in expression.free_symbols - {but}:
        ends = [_distance(symbol, types, side) for side in ("lower", "upper")]
        if fractions and [None if end is None else end[0] for end in ends] == [0, 1] and ends[0] != ends[1]:
            exponent = sp.Dummy(symbol.name, positive=True)
            there[symbol], back[exponent] = sp.exp(-exponent), -sp.log(symbol)
            continue
        found = _distance(symbol, types, "lower")
        if found is None or not found[0].is_number or found[0] == 0:
            continue
        distance = abs(found[1])
        there[symbol] = found[0] + found[1]
        back[distance] = symbol - found[0] if found[1] == distance else found[0] - symbol
    return expression.xreplace(there), back


def assuming(reading: Reading, quantities: Iterable[Any]) -> tuple[Reading, tuple[Prose, ...]] | None:
    """The reading in which all the quantities are positive, and the assumptions that it takes."""
    said: list[Prose] = []
    for quantity in quantities:
        if not required((quantity,), reading.types):
            continue  # what was assumed for the ones before is enough
        found = _bounded(reading, quantity) or _all_positive(reading, quantity)
        if found is None:
            return None
        reading, more = found
        said += [p for p in more if p not in said]
    return reading, tuple(said)


def _free(reading: Reading, symbol: Any, side: str = "") -> tuple[Name, Type] | None:
    """The name of a real scalar without bounds (without the one at the side where it is given)."""
    if not isinstance(symbol, sp.Symbol):
        return None
    name = Name.from_key(symbol.name)
    type = reading.types.get(name, Type())
    if type.domain in ("integer", "natural", "whole") and side == "lower" and (type.lower is None or type.lower.value.head == "number"):
        return name, replace(type, lower=None)  # n ≥ 1, and now n > k − 1
    if type.domain != "real" or symbol.is_integer or type.shape or type.values or (type.lower is not None and side != "upper"):
        return None
    if type.upper is not None and side != "lower":
        return None
    return name, type


def within_assumed(types: Mapping[Name, Type], assumptions: Iterable[Prose]) -> dict[Name, Type]:
    """The types with a bound for every scalar name that is assumed to be positive and has no bound below."""
    found = dict(types)
    for said in assumptions:
        name = _assumed_positive(said)
        name = next((n for n in found if name is not None and n.key == name.key), name)
        if name is not None and not (kind := found.get(name, Type())).shape and kind.lower is None:
            found[name] = replace(kind, lower=Bound(from_sympy(sp.S.Zero)))
    return found


def _assumed_positive(said: Prose) -> Name | None:
    """λ in `λ > 0`, as a term and words or as a relation; None for anything else."""
    first = said[0] if said else None
    if isinstance(first, Term) and len(said) == 2 and said[1] == " > 0":
        return first.data if first.head == "name" and isinstance(first.data, Name) else None
    if isinstance(first, sp.Gt) and first.rhs == 0 and isinstance(first.lhs, sp.Symbol):
        return Name(first.lhs.name)
    return None


def _with(reading: Reading, name: Name, type: Type) -> Reading:
    return replace(reading, types={**reading.types, name: type})


def _bounded(reading: Reading, quantity: Any) -> tuple[Reading, tuple[Prose, ...]] | None:
    """a + 1 > 0 as the bound a > −1; b − a > 0 as b > a."""
    numerator = quantity
    for symbol in sorted(quantity.free_symbols, key=lambda s: s.name, reverse=True):
        if not numerator.is_polynomial(symbol) or sp.degree(numerator, symbol) != 1:
            continue
        slope = sp.expand(numerator).coeff(symbol)
        free = _free(reading, symbol, "lower" if slope.is_positive else "upper")
        if free is None:
            continue
        limit = sp.expand(symbol - numerator / slope)
        if limit.has(symbol) or limit.has(sp.zoo, sp.nan):
            continue
        name, type = free
        if _contradicts(limit, type, reading, above=bool(slope.is_positive)):
            raise DoesNotExist(
                f"it converges only where {inline(from_sympy(quantity))} > 0, which contradicts what is declared of {name.key}"
            )
        if slope.is_positive:
            return _with(reading, name, replace(type, lower=Bound(from_sympy(limit)))), ((sp.Gt(symbol, limit, evaluate=False),),)
        if slope.is_negative:
            return _with(reading, name, replace(type, upper=Bound(from_sympy(limit)))), ((sp.Lt(symbol, limit, evaluate=False),),)
    return None


def _contradicts(limit: Any, type: Type, reading: Reading, *, above: bool) -> bool:
    """Whether no number lies on the given side of the limit and within the bound on the other side."""
    bound = type.upper if above else type.lower
    if bound is None:
        return False
    other = to_sympy(bound.value, reading.types)
    return bool((other - limit if above else limit - other).is_nonpositive)


def _all_positive(reading: Reading, quantity: Any) -> tuple[Reading, tuple[Prose, ...]] | None:
    """1/(2σ²) > 0 where σ > 0."""
    ordered = sorted(quantity.free_symbols, key=lambda s: s.name)
    symbols = [s for s in ordered if _free(reading, s) is not None and s.is_positive is not True]
    if not symbols or len(symbols) > MOST_SIGNED:
        return None
    positive = quantity.xreplace({s: sp.Symbol(s.name, positive=True) for s in symbols})
    if positive.is_positive is not True and sp.factor(positive).is_positive is not True:
        return None
    zero = from_sympy(sp.S.Zero)
    for symbol in symbols:
        name, type = _free(reading, symbol) or (Name(symbol.name), Type())
        reading = _with(reading, name, replace(type, lower=Bound(zero)))
    return reading, tuple((sp.Gt(s, 0, evaluate=False),) for s in symbols)


def signs_of_convergence(reading: Reading, whole: Any) -> Mapping[Any, int] | None:
    """The sign that each undeclared parameter must have for the integrals to converge, found by evaluating them; None where none do.

    Parameters whose sign does not matter are left out.
    """
    symbols = [s for s in sorted(whole.free_symbols, key=lambda s: s.name) if _free(reading, s) is not None]
    others = {s: _declared_value(s, k) for k, s in enumerate(sorted(whole.free_symbols - set(symbols), key=lambda s: s.name))}
    if not symbols or len(symbols) > MOST_SIGNED:
        return None
    found = {signs: _converges(whole, symbols, signs, others) for signs in product((1, -1), repeat=len(symbols))}
    good = [signs for signs, converges in found.items() if converges]
    if not good:
        return None
    first = good[0]
    needed = {}
    for place, symbol in enumerate(symbols):
        flipped = tuple(-s if k == place else s for k, s in enumerate(first))
        if not found[flipped]:
            needed[symbol] = first[place]
    return needed


def _declared_value(symbol: Any, place: int) -> Any:
    if symbol.is_integer:
        return 2 + place
    return 0.6 + 0.13 * place


def _converges(whole: Any, symbols: list[Any], signs: tuple[int, ...], others: Mapping[Any, Any]) -> bool:
    for size in SIZES:
        point = {**others, **{s: sign * (size + 0.11 * k) for k, (s, sign) in enumerate(zip(symbols, signs, strict=True))}}
        try:
            value = evaluate(whole, point)
        except (Unevaluable, ArithmeticError, ValueError, TypeError):
            return False
        if undefined(value) or abs(value) == float("inf") or getattr(value, "imag", 0):
            return False
    return True
