"""The constant of a density: c of p(x) = c x² on [0, 1], from ∫ p = 1.

In: a reading whose line is the name of a constant in a density that was given by a formula. Out: a Solution, or None for another line.
"""

from __future__ import annotations

import sympy as sp

from derive.derivation import Claim
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Term, number
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.formula_facts import formula_variables, is_formula
from derive.probability.model import Model
from derive.rules.chance_formulas import NORMALISER
from derive.solution import Solution
from derive.solving.chance.steps import derivation, step
from derive.solving.journal import Journal

__all__ = ["solve_normaliser"]


def solve_normaliser(reading: Reading) -> Solution | None:
    """The value that makes the density integrate to one."""
    facts = tuple(f for f in reading.options.get("facts", ()) if is_formula(f))
    if reading.expanded.head != "name" or not facts:
        return None
    wanted = to_sympy(reading.expanded, reading.types)
    for fact, found in zip(facts, [formula_variables((f,), reading.expanded, reading.types) for f in facts], strict=True):
        constant = found[0].constant if found else None
        if constant is None or constant[0] != wanted:
            continue
        _, letter, body, low, high, _ = fact.args
        value = constant[1]
        journal = Journal(reading.term)
        integral = Term("integral", (body, letter, low, high), "definite")
        x = sp.Symbol(letter.data.key, real=True)
        whole = sp.Integral(to_sympy(body, {}).subs(to_sympy(letter, {}), x), (x, to_sympy(low, {}), to_sympy(high, {})))
        condition = Term("rel", (integral, number(1)), "=")
        result = Term("rel", (reading.expanded, from_sympy(value)), "=")
        journal.add(step(NORMALISER, condition, result, "⇔", claim=Claim("equal", whole.subs(wanted, value), sp.S.One)))
        return Solution(derivation(journal, value, Model(types=reading.types)), value, {}, journal.notes, types=reading.types)
    return None
