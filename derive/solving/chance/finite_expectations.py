"""E of a function of several variables with few values, max(X, Y) or |X − Y|, summed over their joint table.

In: a reading E[g(X, Y)] whose variables have short lists of values and are declared independent or given one another. Out: a Solution, or
None where the function is a polynomial, for which there are better rules, or where a variable has no such list.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.derivation import Claim
from derive.errors import DeriveError
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.rules.chance_expectation import LOTUS
from derive.solution import Solution
from derive.solving.chance.finite_tables import table_of
from derive.solving.chance.steps import derivation, step
from derive.solving.journal import Journal
from derive.solving.simplification import shortened

__all__ = ["solve_finite_expectation"]

MOST_SHOWN = 12


def solve_finite_expectation(reading: Reading) -> Solution | None:
    """The sum of value times probability over the values that the function takes."""
    term = reading.expanded
    if term.head != "probability" or term.data != "E" or len(term.args) != 1 or term.args[0].head == "given":
        return None
    body = term.args[0]
    if not any((n.head == "apply" and n.data in ("max", "min")) or n.head == "abs" for n in body.walk()):
        return None
    model = build(reading)
    names = {n.data for n in body.walk() if n.head == "name" and n.data in model.variables}
    if len(names) < 2:
        return None
    found = table_of(model, (body,))
    if found is None:
        return None
    table, assumptions = found
    try:
        rows = [(to_sympy(values[0], model.types), chance) for values, chance in table.items()]
    except DeriveError:
        return None
    rows.sort(key=lambda row: sp.default_sort_key(row[0]))
    value: Any = shortened(sp.Add(*(v * p for v, p in rows)))
    journal = Journal(reading.term)
    journal.assume(assumptions)
    shown: Any = value
    if len(rows) <= MOST_SHOWN:
        pieces = tuple(Term("mul", (from_sympy(v), from_sympy(p))) for v, p in rows if v != 0)
        shown = pieces[0] if len(pieces) == 1 else Term("add", pieces) if pieces else value
    because = ("over the values of ", body)
    journal.add(step(LOTUS, reading.term, shown, because=because, claim=Claim("equal", term, value), assumptions=assumptions))
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)
