"""Median and mode of a variable with a law.

In: a reading `median of X`, `mode of X`. Out: a Solution from the family's record, or None where nothing has a law.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.derivation import Claim, Rule
from derive.errors import NotSupported
from derive.expressions.term import Term
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.family import Distribution
from derive.probability.outcomes_listed import law_of
from derive.rules.chance_several import MEDIAN, MODE
from derive.solution import Solution
from derive.solving.chance.lotus import said, settle
from derive.solving.chance.steps import derivation, step
from derive.solving.journal import Journal

__all__ = ["solve_median", "solve_mode"]


def solve_median(reading: Reading) -> Solution | None:
    """`median of X`: where the distribution function is one half."""
    found = _variable(reading)
    if found is None:
        return None
    term, law = found
    value = law.family.median(*law.values) if law.family.median is not None else None
    if value is None and law.family.quantile is not None:
        value = law.family.quantile(sp.Rational(1, 2), *law.values)
    if value is None or law.family.discrete:
        raise NotSupported(f"the median of a {law.name} law has no closed form that is known here")
    value = sp.simplify(value)
    x = sp.Dummy("x", real=True)
    density = sp.exp(law.family.log_density(x, *law.values))
    claim = Claim("equal", sp.Integral(density, (x, law.family.support(*law.values).lower, value)), sp.Rational(1, 2))
    return _solution(reading, (term, law), MEDIAN, value, claim)


def solve_mode(reading: Reading) -> Solution | None:
    """`mode of X`: where the density is largest."""
    found = _variable(reading)
    if found is None:
        return None
    term, law = found
    if law.family.mode is None:
        raise NotSupported(f"the mode of a {law.name} law has no closed form that is known here")
    value = law.family.mode(*law.values)
    condition = law.family.mode_condition(*law.values) if law.family.mode_condition is not None else None
    x = sp.Dummy("x", real=True, integer=True) if law.family.discrete else sp.Dummy("x", real=True)
    claim = Claim("maximum", law.family.log_density(x, *law.values), (value,), (x,))
    return _solution(reading, (term, law), MODE, value, claim, condition)


def _variable(reading: Reading) -> tuple[Term, Distribution] | None:
    term = reading.expanded.args[0] if reading.expanded.args else reading.expanded
    law = law_of(build(reading), term.data) if term.head == "name" else None
    if law is None or any(isinstance(v, Term) for v in law.values):
        return None
    return term, law


def _solution(reading: Reading, found: tuple[Term, Distribution], rule: Rule, value: Any, claim: Claim, condition: Any = None) -> Solution:
    term, law = found
    model = build(reading)
    assumed = settle(condition, sp.Symbol(term.data.key, real=True), term, law) if condition is not None else ()
    kept = tuple((a[0],) for a in assumed)
    journal = Journal(reading.term)
    journal.add(step(rule, reading.term, value, because=said(term, law), assumptions=kept, claim=claim))
    journal.note(((law.family.says,),))
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)
