"""`are X and Y independent`: decided from what is known, by P(A ∧ B) = P(A) P(B) for events and by I(X; Y) = 0 for variables.

In: a question about two events or two random variables. Out: a Solution that says yes or no with the numbers. Raises Undetermined where
the facts leave it open.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp

from derive.derivation import Claim
from derive.errors import NotSupported, Undetermined
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Term, number
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.outcomes_listed import are_independent
from derive.rules.chance_several import INDEPENDENT_EVENTS_TEST, INDEPENDENT_VARIABLES_TEST
from derive.solution import Solution
from derive.solving.chance.steps import derivation, step
from derive.solving.journal import Journal

__all__ = ["solve_independence_question"]


def solve_independence_question(reading: Reading, subjects: tuple[Term, ...]) -> Solution:
    """Yes or no. Raises Undetermined where what is known does not decide it."""
    from derive.solving.chance.dispatch import solve

    if len(subjects) != 2 or any(s.head not in ("name", "not", "word") for s in subjects):
        raise NotSupported("independence of two events or two variables is decided", span=reading.expanded.span)
    model = build(reading)
    names = [s.data for s in subjects if s.head == "name"]
    shown = f"{plain(subjects[0])} and {plain(subjects[1])}"
    if len(names) == 2 and are_independent(model, names):
        journal = Journal(reading.term)
        journal.note(((f"{shown} are declared independent",),))
        answer = Term("word", (), "yes")
        return Solution(derivation(journal, answer, model), answer, {}, journal.notes, types=model.types)
    variables = all(n in model.variables for n in names) and len(names) == 2
    if variables:
        asked = Term("probability", subjects, "I")
    else:
        both = Term("probability", (Term("and", subjects),), "P")
        each = tuple(Term("probability", (s,), "P") for s in subjects)
        asked = Term("add", (both, Term("neg", (Term("mul", each),))))
    task = "mutual-information" if variables else "expression"
    found = solve(replace(reading, term=asked, expanded=asked, task=task))
    value = found.answer
    if value is None or found.derivation is None:
        raise NotSupported(f"whether {shown} are independent", span=reading.expanded.span)
    exact = to_sympy(value, model.types) if isinstance(value, Term) else value
    held = _is_zero(exact)
    if held is None:
        raise Undetermined(
            f"whether {shown} are independent depends: {plain(from_sympy(exact))} would have to be 0", span=reading.expanded.span
        )
    rule = INDEPENDENT_VARIABLES_TEST if variables else INDEPENDENT_EVENTS_TEST
    journal = Journal(reading.term)
    for one in found.derivation.steps:
        journal.add(one)
    sign = "=" if held else "!="
    answer = Term("word", (), "yes" if held else "no")
    held_or_not = Term("rel", (asked, number(0)), sign)
    because = (from_sympy(exact), " is 0" if held else " is not 0")
    journal.add(step(rule, reading.term, held_or_not, "⇔", because=because, claim=Claim("equal", asked, exact)))
    journal.note(found.notes)
    journal.assume(found.assumptions)
    whole = derivation(journal, answer, found.derivation.model or model)
    return Solution(whole, answer, {}, journal.notes, journal.assumptions, types=found.types)


def _is_zero(value: Any) -> bool | None:
    """Whether a value is 0; None where that hangs on symbols."""
    if value.is_zero:
        return True
    simpler = sp.simplify(sp.logcombine(value, force=True)) if value.is_number else sp.simplify(value)
    if simpler == 0:
        return True
    if simpler.is_number:
        return bool(abs(sp.N(simpler, 40)) < sp.Float("1e-30"))
    return False if simpler.is_zero is False else None
