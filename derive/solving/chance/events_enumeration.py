"""Probabilities by listing outcomes: dice, coins, sums and maxima of independent variables with few values.

In: the model and P(event | given) about its variables. Out: a Solution; None where the variables have no short lists of values.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy as sp

from derive.derivation import Claim, Derivation, Prose, Step
from derive.errors import DoesNotExist
from derive.expressions.inline import inline
from derive.expressions.term import Term, number
from derive.probability.finite import cells_of
from derive.probability.model import Model
from derive.probability.outcomes_listed import Enumerated, enumerated
from derive.rules import chance_events as rules
from derive.solution import Solution
from derive.solving.chance.events_writing import as_sympy, as_term, shortest

__all__ = ["by_enumeration"]

MOST_SHOWN = 12
MOST_TERMS = 8


def by_enumeration(model: Model, event: Term, given: Term | None) -> Solution | None:
    """The solution of P(event | given)."""
    problem = enumerated(model, (event,) if given is None else (event, given))
    if problem is None:
        return None
    space = problem.space
    condition = space.all if given is None else space.event(given)
    inside = space.event(event) & condition
    target = Term("probability", (event if given is None else Term("given", (event, given)),), "P")
    steps: list[Step] = []
    if given is None:
        value = _weighed(problem, inside, target, steps)
    else:
        both = Term("probability", (*_parts(event), *_parts(given)), "P")
        below = Term("probability", (given,), "P")
        steps.append(_step(rules.CONDITIONAL, target, Term("div", (both, below))))
        top = _weighed(problem, inside, both, steps)
        bottom = _weighed(problem, condition, below, steps)
        if bottom == 0:
            raise DoesNotExist(f"{inline(below)} = 0: nothing can be conditioned on what has probability 0")
        value = shortest(_divided(top, bottom))
        steps.append(
            _step(rules.INSERT, Term("div", (as_term(top), as_term(bottom))), as_term(value), claim=Claim("equal", target, as_term(value)))
        )
    answer = as_sympy(value)
    said = tuple(dict.fromkeys(a for s in steps for a in s.assumptions))
    return Solution(Derivation(target, answer, tuple(steps), said, problem), answer)


def _parts(term: Term) -> tuple[Term, ...]:
    return term.args if term.head in ("list", "and") else (term,)


def _divided(top: Any, bottom: Any) -> Any:
    if isinstance(top, Fraction) and isinstance(bottom, Fraction):
        return top / bottom
    return as_sympy(top) / as_sympy(bottom)


def _weighed(problem: Enumerated, event: int, target: Term, steps: list[Step]) -> Any:
    """P(event) as favourable cases of all, or as a sum of the probabilities of its outcomes."""
    cells = list(cells_of(event))
    assumptions: tuple[Prose, ...] = ()
    if len(problem.weights) > 1:
        names = tuple(Term("name", (), _name(o.name)) for o in problem.space.outcomes)
        assumptions = ((Term("list", names), " are independent (declared)"),)
    if not cells:
        steps.append(_step(rules.ENUMERATE, target, number(0), ("no outcome is in it",)))
        return Fraction(0)
    chances = [problem.chance(c) for c in cells]
    total = shortest(_added(chances))
    because = _named(problem, cells)
    even = all(c == chances[0] for c in chances) and isinstance(chances[0], Fraction) and chances[0].numerator == 1
    if even and _is_even(problem):
        counted = Term("div", (number(len(cells)), number(problem.space.cells)))
        after = counted if as_term(total) == counted else Term("chain", (counted, as_term(total)), ("=",))
        formula = "P(A) = outcomes in A / all outcomes, all equally likely"
        steps.append(
            Step(rules.ENUMERATE.id, "Equally likely outcomes", target, after, because=because, formula=formula, assumptions=assumptions)
        )
        return total
    groups: dict[Any, int] = {}
    for chance in chances:
        groups[chance] = groups.get(chance, 0) + 1
    if len(groups) <= MOST_TERMS:
        parts = [as_term(c) if n == 1 else Term("mul", (number(n), as_term(c)), "*") for c, n in groups.items()]
        formula_term = parts[0] if len(parts) == 1 else Term("add", tuple(parts))
        shown = as_term(total)
        after = formula_term if formula_term == shown else Term("chain", (formula_term, shown), ("=",))
        steps.append(_step(rules.ENUMERATE, target, after, because, assumptions))
    else:
        steps.append(_step(rules.ENUMERATE, target, as_term(total), because, assumptions))
    return total


def _is_even(problem: Enumerated) -> bool:
    return all(len(set(row)) == 1 for row in problem.weights)


def _added(chances: Sequence[Any]) -> Any:
    if all(isinstance(c, Fraction) for c in chances):
        return sum(chances, Fraction(0))
    total = sp.Add(*(as_sympy(c) for c in chances))
    return Fraction(int(total.p), int(total.q)) if total.is_Rational else total


def _named(problem: Enumerated, cells: list[int]) -> Prose:
    """The outcomes by name, where they are few."""
    if len(cells) > MOST_SHOWN:
        return (f"{len(cells)} of {problem.space.cells} outcomes",)
    shown = []
    for cell in cells:
        values = tuple(o.values[v] for o, v in zip(problem.space.outcomes, problem.place(cell), strict=True))
        shown.append(inline(values[0] if len(values) == 1 else Term("tuple", values)))
    return (", ".join(shown),)


def _name(key: str) -> Any:
    from derive.expressions.term import Name

    return Name.from_key(key)


def _step(
    rule: Any, before: Term, after: Term, because: Prose = (), assumptions: tuple[Prose, ...] = (), claim: Claim | None = None
) -> Step:
    formula = rule.formula if rule is not rules.INSERT else ""
    return Step(rule.id, rule.title, before, after, because=because, formula=formula, assumptions=assumptions, claim=claim)
