"""Sums and products over numbers: short ones are written out; closed forms belong to another solver.

In: the reading of a sum or product without arrays. Out: its exact value where both limits are numbers and few terms lie between.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.derivation import Rewrite
from derive.errors import NotSupported
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.rules.indices import instance
from derive.rules.moves import WRITE_OUT
from derive.solution import Solution
from derive.solving.journal import Journal
from derive.solving.running_sums import solve_infinite_sum
from derive.solving.tasks import solution
from derive.solving.values import tidied

__all__ = ["solve_running"]

MAX_TERMS = 400
MOST_SUMS = 3


def solve_running(reading: Reading) -> Solution:
    """The exact value of a short sum or product of numbers."""
    expression: Any = to_sympy(reading.expanded, reading.types)
    kind = "sums" if isinstance(expression, sp.Sum) else "products"
    if isinstance(expression, (sp.Sum, sp.Product)) and len(expression.limits) <= MOST_SUMS and not expression.has(sp.Indexed):
        if len(expression.limits) > 1 or expression.free_symbols or not all(e.is_Integer for e in expression.limits[0][1:]):
            return solve_infinite_sum(expression, reading)
    if not isinstance(expression, (sp.Sum, sp.Product)) or len(expression.limits) != 1 or expression.free_symbols:
        raise NotSupported(f"closed forms of {kind} are read, but no solver for them exists yet")
    k, lower, upper = expression.limits[0]
    if not (lower.is_Integer and upper.is_Integer) or upper - lower >= MAX_TERMS:
        raise NotSupported(f"closed forms of {kind} are read, but no solver for them exists yet")
    terms = [instance(expression.function, k, sp.Integer(i)) for i in range(int(lower), int(upper) + 1)]
    journal = Journal(expression)
    combine = sp.Add if isinstance(expression, sp.Sum) else sp.Mul
    value = tidied(combine(*terms))
    journal.record(WRITE_OUT, Rewrite(value, (f"{len(terms)} terms",)), expression, value, (expression, value))
    return solution(journal, value)
