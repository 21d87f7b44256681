"""Derivatives and optima of the evidence lower bound: ELBO worked out first, then the calculus.

In: a reading such as `d/dm ELBO` or `maximize ELBO over m, v` where a model and q are declared. Out: a Solution, or None.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from derive.derivation import Derivation, Step
from derive.errors import NotSupported
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Term
from derive.meaning.scope import Reading
from derive.rules import chance_expectation as rules
from derive.solution import Solution
from derive.solving.chance.elbo import solve_elbo
from derive.solving.chance.elbo_names import ELBO, names_elbo

__all__ = ["solve_elbo_expression"]


def solve_elbo_expression(reading: Reading) -> Solution | None:
    """The bound in the place of its name, and what is asked of it."""
    if not names_elbo(reading) or reading.expanded == ELBO:
        return None
    term = reading.expanded
    inner = Term("task", (), "elbo")
    found = solve_elbo(replace(reading, term=inner, expanded=inner, task="elbo"))
    if found.answer is None or found.derivation is None:
        raise NotSupported("the bound in closed form", span=term.span)
    value = found.answer if isinstance(found.answer, Term) else from_sympy(sp.expand_log(found.answer), found.types)
    after = term.transform(lambda n: value if n.head == "name" and n.data == ELBO.data else n)
    types = {**reading.types, **found.types}
    rule = rules.VALUE_OF
    first = Step(rule.id, rule.title, term, after, part=(value, value), formula=rule.formula, steps=found.derivation.steps)
    rest = _rest(replace(reading, term=after, expanded=after, types=types))
    steps = (first, *(rest.derivation.steps if rest.derivation is not None else ()))
    answer = rest.answer if rest.answer is not None else next(iter(reversed(list(rest.parts.values()))), None)
    assumptions = tuple(dict.fromkeys((*found.assumptions, *rest.assumptions)))
    derivation = Derivation(term, answer, steps, assumptions, model=found.derivation.model)
    return replace(rest, derivation=derivation, notes=(*found.notes, *rest.notes), assumptions=assumptions, types={**types, **rest.types})


def _rest(reading: Reading) -> Solution:
    if reading.expanded.head == "optimum":
        from derive.solving.chance.minima import minimised

        return minimised(reading.expanded, reading.types)
    from derive.solving.dispatch import solve_calculus

    return solve_calculus(reading)
