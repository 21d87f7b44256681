"""Closed forms of sums: geometric and other series, finite sums with symbolic ends.

In: a sum and its reading. Out: a Solution. What diverges is refused; a form that holds under a condition states it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp

from derive.deadline import deadline
from derive.derivation import Prose, Rewrite
from derive.errors import DoesNotExist, NotSupported, TimeLimit
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Name
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Bound, Reading, Type
from derive.rules.limits_and_integrals import CLOSED_FORM, GEOMETRIC
from derive.solution import Solution
from derive.solving.chance.densities import quotient
from derive.solving.cost import cost
from derive.solving.journal import Journal
from derive.solving.simplification import shortened
from derive.solving.tasks import solution

__all__ = ["solve_infinite_sum"]

SECONDS = 8.0
MOST_TERMS = 3
_DIVERGES = (sp.oo, -sp.oo, sp.zoo, sp.nan)


def solve_infinite_sum(total: Any, reading: Reading) -> Solution:
    """The closed form of a sum. Raises DoesNotExist where it diverges, NotSupported without a closed form."""
    journal = Journal(total)
    kind = "sum" if isinstance(total, sp.Sum) else "product"
    try:
        with deadline(SECONDS):
            value = total.doit()
    except TimeLimit:
        raise NotSupported(f"this {kind} in closed form, within the time that it may take") from None
    if value.has(sp.Sum, sp.AccumBounds) or isinstance(value, sp.AccumBounds):
        _refuse_divergent(total)
    value = sp.piecewise_fold(value) if value.has(sp.Piecewise) else value
    if isinstance(value, sp.Piecewise):
        value = _branch(value, reading, journal)
    if value in _DIVERGES or value.is_infinite:
        raise DoesNotExist(f"the {kind} diverges")
    if value.has(sp.Sum, sp.Piecewise, sp.Product):
        raise NotSupported(f"this {kind} in closed form")
    value = shortened(sp.simplify(value))
    value = quotient(value) if value.is_rational_function() else value
    value = min(value, sp.factor(value), key=cost)
    k, _, upper = total.limits[0]
    ratio = sp.simplify(total.function.subs(k, k + 1) / total.function) if len(total.limits) == 1 else k
    rule = GEOMETRIC if upper == sp.oo and not ratio.has(k) and isinstance(total, sp.Sum) else CLOSED_FORM
    because: Prose = ("with q = ", ratio) if rule is GEOMETRIC else ()
    types = _nonempty(total, reading, journal)
    _assume_enough_terms(total, value, journal)
    journal.record(rule, Rewrite(value, because), total, value, (total, value))
    return replace(solution(journal, value), types=types)


def _assume_enough_terms(total: Any, value: Any, journal: Journal) -> None:
    """Says from how many terms on the closed form holds, where it does not hold for a single one: Σ (−1)ᵏ C(n, k) is 1 for n = 0."""
    k, lower, upper = total.limits[0]
    if len(total.limits) != 1 or not lower.is_Integer or not upper.is_Symbol:
        return
    first = 0
    for more in range(MOST_TERMS):
        terms = [total.function.subs({k: lower + j, upper: lower + more}, simultaneous=True) for j in range(more + 1)]
        whole = sp.Add(*terms) if isinstance(total, sp.Sum) else sp.Mul(*terms)
        try:
            with deadline(1.0):
                first = first if sp.simplify(whole - value.subs(upper, lower + more)) == 0 else more + 1
        except (TimeLimit, ValueError, TypeError, NotImplementedError):
            return
    if 0 < first < MOST_TERMS:
        journal.assume(((sp.Ge(upper, lower + first, evaluate=False),),))


def _nonempty(total: Any, reading: Reading, journal: Journal) -> dict[Name, Type]:
    """The types in which a sum between two names has terms: from m to n where n ≥ m, an assumption unless it is declared."""
    _, lower, upper = total.limits[0]
    count = sp.expand(upper - lower)
    if not upper.is_Symbol or not lower.free_symbols or count.is_nonnegative:
        return {}
    name = Name.from_key(upper.name)
    type = reading.types.get(name, Type("integer"))
    if type.lower is not None and type.lower.value.head != "number":
        return {}
    journal.assume(((sp.Ge(upper, lower, evaluate=False),),))
    return {name: replace(type, lower=Bound(from_sympy(lower), strict=False))}


def _refuse_divergent(total: Any) -> None:
    """Raises DoesNotExist where SymPy's tests show that a series of numbers diverges."""
    if not isinstance(total, sp.Sum) or total.free_symbols or len(total.limits) != 1 or total.limits[0][2] is not sp.oo:
        return
    k = total.limits[0][0]
    try:
        with deadline(SECONDS):
            converges = total.is_convergent()
            terms = sp.limit(total.function, k, sp.oo)
    except (TimeLimit, NotImplementedError, ValueError, TypeError, AttributeError):
        return
    if converges == sp.false:
        raise DoesNotExist("the series diverges" + ("" if terms == 0 else ": its terms do not tend to 0"))


def _branch(value: Any, reading: Reading, journal: Journal) -> Any:
    """The general branch, where its condition follows from the declared bounds; else it is an assumption."""
    branch, condition = value.args[0]
    if journal.start.limits[0][2].is_infinite is not True and condition.has(sp.Abs) and not condition.has(sp.Ne, sp.Eq):
        return branch  # a finite sum of powers: its closed form is one of polynomials, and convergence does not matter
    if isinstance(condition, sp.Eq) and len(value.args) == 2:
        journal.assume(((sp.Ne(*condition.args),),))
        return value.args[1][0]
    if not all(_below_one(s, reading) for s in condition.free_symbols):
        journal.assume(((condition,),))
    return branch


def _below_one(symbol: Any, reading: Reading) -> bool:
    for name, kind in reading.types.items():
        if name.key == symbol.name and kind.lower is not None and kind.upper is not None:
            low, high = (to_sympy(b.value, {}) for b in (kind.lower, kind.upper))
            above = low > -1 or (low == -1 and kind.lower.strict)
            return bool(above) and bool(high < 1 or (high == 1 and kind.upper.strict))
    return False
