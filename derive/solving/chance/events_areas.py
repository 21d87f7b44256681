"""Events about two independent continuous variables as areas: P(X + Y < 1/2), P(|X − Y| < 1/4), P(X < Y | X < 1/2).

In: a reading P(…) about two variables with laws. Out: a Solution by ∫ P(… | X = x) p(x) dx, piece by piece; None where the event is not
an interval of Y for every x, or where the pieces have no numeric ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from derive.deadline import deadline
from derive.errors import DeriveError, DoesNotExist, TimeLimit
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.family import Distribution
from derive.probability.model import Model
from derive.probability.outcomes_listed import law_of, refuse_unrelated
from derive.rules.chance_events import CONDITIONAL, INSERT
from derive.rules.chance_several import AREA, INTEGRATE_PIECES
from derive.solution import Solution
from derive.solving.chance.events import query_of
from derive.solving.chance.jointly_gaussian import symbol_in
from derive.solving.chance.steps import derivation, step
from derive.solving.journal import Journal

__all__ = ["solve_area"]

SECONDS = 4.0
MOST_ENDS = 12


def solve_area(reading: Reading) -> Solution | None:
    """P(region) of two independent continuous variables. Raises Undetermined where independence is not declared."""
    query = query_of(reading.expanded)
    if query is None:
        return None
    model = build(reading)
    event, given = _listed(query[0]), _listed(query[1])
    written = [n.data for t in (*event, *given) for n in t.walk() if n.head == "name"]
    names = [n for n in dict.fromkeys(written) if law_of(model, n) is not None]
    if len(names) != 2:
        return None
    if not any(sum(n.head == "name" and n.data in names for n in _distinct(t)) > 1 for t in (*event, *given)):
        return None
    laws = [law_of(model, n) for n in names]
    if any(w is None or w.family.discrete or w.family.cdf is None for w in laws):
        return None
    if all(w is not None and w.name == "Exponential" for w in laws) and not given:
        return None  # a race, which has a rule of its own
    first, second = (w for w in laws if w is not None)
    symbols = [symbol_in(model, n) for n in names]
    if not _plain(model, names, symbols, (first, second)):
        return None
    refuse_unrelated(model, names)
    said = ((Term("list", tuple(Term("name", (), n) for n in names)), " are independent (declared)"),)
    journal = Journal(reading.term)
    top, bottom = (Term("probability", parts, "P") for parts in ((*event, *given), given))
    pair = (symbols[0], first), (symbols[1], second)
    above = _area((*event, *given), pair, model)
    if above is None:
        return None
    if not given:
        _show(journal, reading.term, above, said)
        return _finished(reading, model, above[1], journal)
    below = _area(given, pair, model)
    if below is None:
        return None
    if below[1] == 0:
        raise DoesNotExist("what is given has probability 0: nothing can be conditioned on it")
    ratio = Term("div", (top, bottom))
    value = sp.simplify(above[1] / below[1])
    journal.add(step(CONDITIONAL, reading.term, ratio))
    _show(journal, top, above, said)
    _show(journal, bottom, below, said)
    journal.add(step(INSERT, ratio, value))
    return _finished(reading, model, value, journal)


def _finished(reading: Reading, model: Model, value: Any, journal: Journal) -> Solution:
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)


def _show(journal: Journal, shown: Any, found: tuple[Any, Any], said: Any) -> None:
    whole, value = found
    if whole == value:
        journal.add(step(AREA, shown, value, assumptions=said))
        return
    journal.add(step(AREA, shown, whole, assumptions=said))
    journal.add(step(INTEGRATE_PIECES, whole, value))


def _listed(term: Term | None) -> tuple[Term, ...]:
    if term is None:
        return ()
    return tuple(t for a in term.args for t in _listed(a)) if term.head in ("list", "and") else (term,)


def _distinct(term: Term) -> list[Term]:
    return list(dict.fromkeys(n for n in term.walk() if n.head == "name"))


def _plain(model: Model, names: Sequence[Any], symbols: Sequence[Any], laws: Sequence[Distribution]) -> bool:
    """Whether the laws speak of numbers only."""
    random = {v.symbol for v in model.variables.values()}
    return not any(isinstance(v, Term) or getattr(v, "free_symbols", set()) & random for w in laws for v in w.values)


# ── the region ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _area(parts: Sequence[Term], pair: Any, model: Model) -> tuple[Any, Any] | None:
    """The integrals, and their value."""
    for (x, own), (y, other) in (pair, tuple(reversed(pair))):
        found = _integrals(parts, (x, own), (y, other), model)
        if found is None:
            continue
        try:
            with deadline(SECONDS):
                value = sp.simplify(sp.Add(*(_value(i) for i in found)))
        except TimeLimit:
            continue
        if not value.has(sp.Integral, sp.Piecewise, sp.nan, sp.zoo, sp.I):
            return sp.Add(*found), value
    return None


def _value(integral: Any) -> Any:
    return integral.doit() if isinstance(integral, sp.Integral) else integral


def _integrals(parts: Sequence[Term], outer: Any, inner: Any, model: Model) -> list[Any] | None:
    (x, own), (y, other) = outer, inner
    relations = _relations(parts, model)
    if relations is None:
        return None
    support, range_of_y = own.family.support(*own.values), other.family.support(*other.values)
    lows, highs, cuts = [range_of_y.lower], [range_of_y.upper], []
    for gap in relations:  # gap < 0
        found = _bound(gap, x, y, support)
        if found is None:
            return None
        kind, value = found
        if kind == "x":
            cuts.append(value)
        elif kind == "between":
            lows.append(-sp.sqrt(value))
            highs.append(sp.sqrt(value))
            cuts.append(-value)
        else:
            (highs if kind == "below" else lows).append(value)
    ends = _ends([*lows, *highs], cuts, x, support)
    if ends is None:
        return None
    position = sp.Symbol(str(x).lower() if str(x).lower() != str(x) else "t", real=True)
    found_pieces = []
    for low, high in zip(ends, ends[1:], strict=False):
        middle = _between(low, high)
        if any(not bool(c.subs(x, middle) < 0) for c in cuts):
            continue
        bottom = max(lows, key=lambda e: _at(e, x, middle))
        top = min(highs, key=lambda e: _at(e, x, middle))
        if _at(bottom, x, middle) >= _at(top, x, middle):
            continue
        share = _cdf(other, top, range_of_y) - _cdf(other, bottom, range_of_y)
        density = own.family.density(x, *own.values) if own.family.density is not None else sp.exp(own.family.log_density(x, *own.values))
        body = sp.expand(sp.piecewise_fold(share * density).subs(x, position))
        if body.has(sp.Piecewise):
            return None
        found_pieces.append(sp.Integral(body, (position, low, high)))
    return found_pieces or [sp.S.Zero]


def _relations(parts: Sequence[Term], model: Model) -> list[Any] | None:
    """Every condition as an expression that is negative."""
    found = []
    for part in parts:
        if part.head not in ("rel", "chain"):
            return None
        signs = part.data if part.head == "chain" else (part.data,)
        try:
            sides = [to_sympy(a, model.types) for a in part.args]
        except DeriveError:
            return None
        for sign, left, right in zip(signs, sides, sides[1:], strict=False):
            if sign not in ("<", "<=", ">", ">="):
                return None
            gap = sp.expand(left - right) if sign in ("<", "<=") else sp.expand(right - left)
            absolute = list(gap.atoms(sp.Abs))
            if not absolute:
                found.append(gap)
            elif len(absolute) == 1 and gap.coeff(absolute[0]) == 1 and not (gap - absolute[0]).has(absolute[0]):
                found += [(gap - absolute[0] + sign_of * absolute[0].args[0]) for sign_of in (1, -1)]
            else:
                return None
    return found


def _bound(gap: Any, x: Any, y: Any, support: Any) -> tuple[str, Any] | None:
    """What gap < 0 says of y for a given x."""
    if not gap.has(y):
        return ("x", gap) if gap.has(x) and gap.free_symbols <= {x} else None
    if not gap.is_polynomial(y):
        return None
    coefficients = sp.Poly(gap, y).all_coeffs()
    if len(coefficients) == 2:
        slope, rest = coefficients
        sign = _sign(slope, x, support)
        if sign is None:
            return None
        return ("below" if sign > 0 else "above"), sp.cancel(-rest / slope)
    if len(coefficients) == 3 and coefficients[1] == 0 and coefficients[0].is_positive:
        return "between", sp.expand(-coefficients[2] / coefficients[0])
    return None


def _sign(slope: Any, x: Any, support: Any) -> int | None:
    positive = sp.Dummy("x", positive=True) if support.lower.is_nonnegative else sp.Dummy("x", real=True)
    held = slope.subs(x, positive)
    return 1 if held.is_positive else -1 if held.is_negative else None


def _ends(bounds: Sequence[Any], cuts: Sequence[Any], x: Any, support: Any) -> list[Any] | None:
    """The numbers between which the region keeps its form, in order."""
    found = {support.lower, support.upper}
    pairs = [a - b for k, a in enumerate(bounds) for b in bounds[k + 1 :] if a.is_finite is not False and b.is_finite is not False]
    for gap in (*pairs, *cuts):
        if not gap.has(x):
            continue
        roots = sp.solve(gap, x)
        for root in roots:
            if not root.is_number:
                return None
            if root.is_real and support.lower < root < support.upper:
                found.add(sp.nsimplify(root) if root.is_Float else root)
    if any(not e.is_number for e in found) or len(found) > MOST_ENDS:
        return None
    return sorted(found, key=lambda e: float(e) if e.is_finite else (float("inf") if e > 0 else float("-inf")))


def _between(low: Any, high: Any) -> Any:
    if low.is_finite and high.is_finite:
        return (low + high) / 2
    if low.is_finite:
        return low + 1
    return high - 1 if high.is_finite else sp.S.Zero


def _at(expression: Any, x: Any, place: Any) -> float:
    value = expression.subs(x, place)
    return float(value) if value.is_number and value.is_extended_real is not False else float("nan")


def _cdf(law: Distribution, place: Any, support: Any) -> Any:
    """F at a place inside the support; 0 and 1 at its ends."""
    if place == support.lower:
        return sp.S.Zero
    if place == support.upper:
        return sp.S.One
    assert law.family.cdf is not None
    return sp.sympify(law.family.cdf(place, *law.values))
