"""Moments of variables that are known by a table: E[g(X, Y)] = Σ g(x, y) P(X = x, Y = y), the probabilities by the rules of events.

In: a node of chance whose variables have no law and stand in facts such as P(X = 0, Y = 1) = 1/4. Out: `Found`, or None.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import sympy as sp
from sympy import S
from sympy.logic.boolalg import Boolean

from derive.errors import Refusal, Undetermined
from derive.expressions.chance import Expectation, Probability
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.probability.outcomes import tidy
from derive.rules import chance_expectation as rules
from derive.solving.chance.known import Known
from derive.solving.chance.moments import free
from derive.solving.chance.rewriting import Found

__all__ = ["of_table", "probability_of_event"]

MAX_CELLS = 40


def _values(atom: Any, known: Known) -> tuple[Any, ...] | None:
    """The values of a variable, declared or compared with in the facts; None where it is no variable of a table."""
    if not isinstance(atom, sp.Symbol) or known.law(atom) is not None or known.cases(atom) or not known.is_tabulated(atom):
        return None
    variable = known.model.variables.get(Name.from_key(atom.name))
    written: dict[Term, None] = dict.fromkeys(variable.values if variable is not None else ())
    if not written:
        for fact in known.model.events:
            for part in (fact.event, fact.given, fact.equation):
                for node in part.walk() if part is not None else ():
                    if node.head == "rel" and node.data == "=" and node.args[0] == Term("name", (), Name.from_key(atom.name)):
                        written[node.args[1]] = None
    try:
        found = tuple(to_sympy(t, known.types) for t in written)
    except Refusal:
        return None
    if not found or not all(v.is_number for v in found):
        return None
    if variable is None or not variable.values:
        _refuse_incomplete(atom, found, known)
    return found


def _refuse_incomplete(atom: Any, values: tuple[Any, ...], known: Known) -> None:
    """Raises where the values that are mentioned do not carry the whole probability."""
    found = [probability_of_event(Probability(sp.Eq(atom, v, evaluate=False)), known) for v in values]
    total = sp.simplify(sp.Add(*(f.result for f in found if f is not None)))
    if total != 1:
        listed = ", ".join(str(v) for v in values)
        raise Undetermined(
            f"the other values of {atom} are needed: those given, {listed}, have probability {total} together",
            expected=(f"{atom} in {{{listed}}}", f"P({atom} = …) = …"),
        )


def of_table(node: Any, known: Known) -> Found | None:
    """The sum over the cells."""
    if not isinstance(node, Expectation) or any(not isinstance(c, Boolean) or c.is_Symbol for c in node.conditions):
        return None
    body = node.operands[0]
    atoms = sorted(free(body, node, known), key=str)
    ranges = [_values(a, known) for a in atoms]
    if not atoms or any(r is None for r in ranges):
        return None
    cells = list(product(*(r for r in ranges if r is not None)))
    if len(cells) > MAX_CELLS:
        return None
    result = S.Zero
    for cell in cells:
        value = body.subs(dict(zip(atoms, cell, strict=True)), simultaneous=True)
        events = [sp.Eq(a, v, evaluate=False) for a, v in zip(atoms, cell, strict=True)]
        event = events[0] if len(events) == 1 else sp.And(*events, evaluate=False)
        if value != 0:
            result += value * Probability.of(event, given=node.conditions)
    return Found(rules.TABLE_SUM, result)


def probability_of_event(node: Any, known: Known) -> Found | None:
    """P(X = x | Y = y) from the facts, with its own derivation inside."""
    if not isinstance(node, Probability):
        return None
    from derive.solving.chance.events import event_probability

    event = tidy(from_sympy(node.operands[0], known.types))
    conditions = [tidy(from_sympy(c, known.types)) for c in node.conditions]
    given = None if not conditions else conditions[0] if len(conditions) == 1 else Term("list", tuple(conditions))
    solution = event_probability(known.model, event, given, from_sympy(node, known.types))
    if solution.answer is None:
        return None
    value = to_sympy(solution.answer, known.types) if isinstance(solution.answer, Term) else solution.answer
    return Found(rules.EVENT_PROBABILITY, value, (node, " = ", value), solution.assumptions)
