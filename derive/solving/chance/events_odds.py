"""Bayes' rule in odds form, where likelihood ratios are what is known.

In: a problem with facts such as P(E|H)/P(E|¬H) = 20, and P(H | E, …). Out: the steps and the value; None where the form does not apply.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from derive.derivation import Claim, Prose
from derive.expressions.term import Term, number
from derive.probability.finite import Linear, Problem
from derive.rules import chance_events as rules
from derive.solving.chance.events_search import Goal, Search
from derive.solving.chance.events_writing import Writer, as_sympy, as_term, shortest

__all__ = ["by_odds"]


def by_odds(problem: Problem, goal: Goal, writer: Writer) -> Any | None:
    """P(H | E_1, …) from the prior and a likelihood ratio for every piece of evidence."""
    space = problem.space
    evidence, whole = space.fixed(goal[1]), space.fixed(goal[0])
    if not evidence or whole is None:
        return None
    literals = {p: v for p, v in whole.items() if evidence.get(p) != v}
    if len(literals) != 1:
        return None
    hypothesis = space.of_values(literals)
    other = space.all & ~hypothesis
    pieces = [space.of_values({p: v}) for p, v in evidence.items()]
    ratios = [_ratio(problem, piece, hypothesis, other, writer) for piece in pieces]
    prior = Search(problem).proof((hypothesis, space.all))
    if prior is None or any(r is None for r in ratios) or not any(r[2] for r in ratios if r is not None):
        return None
    said = _separate(problem, frozenset(evidence), next(iter(literals))) if len(pieces) > 1 else None
    if len(pieces) > 1 and said is None:
        return None
    known = [r for r in ratios if r is not None]
    return _written(goal, hypothesis, other, pieces, known, prior, said, writer)


def _ratio(problem: Problem, piece: int, hypothesis: int, other: int, writer: Writer) -> tuple[Term, Any, bool] | None:
    """P(E|H)/P(E|¬H) as a term, its value, and whether it was stated as a ratio."""
    top, bottom = (piece & hypothesis, hypothesis), (piece & other, other)
    shown = Term("div", (writer.chance(top), writer.chance(bottom)))
    for linear in problem.linear:
        found = _quotient(linear, top, bottom)
        if found is not None:
            return shown, found, True
    facts = {(f.event, f.given): f.value for f in problem.facts}
    if top in facts and bottom in facts and facts[bottom] != 0:
        return shown, as_sympy(facts[top]) / as_sympy(facts[bottom]), False
    return None


def _quotient(linear: Linear, top: Goal, bottom: Goal) -> Any | None:
    """The c of P(top) − c P(bottom) = 0."""
    parts = {(e, g): f for f, e, g in linear.parts}
    if linear.constant != 0 or set(parts) != {top, bottom} or parts[top] == 0:
        return None
    return -as_sympy(parts[bottom]) / as_sympy(parts[top])


def _separate(problem: Problem, evidence: frozenset[int], place: int) -> Term | None:
    """The statement by which the pieces of evidence are independent given the hypothesis and given its opposite."""
    for statement in problem.independent:
        groups = [group & evidence for group in statement.places if group & evidence]
        held = statement.given.get(place, ()) is None and len(statement.given) == 1
        if held and len(groups) == len(evidence) and frozenset().union(*groups) == evidence:
            return statement.term
    return None


def _written(
    goal: Goal,
    hypothesis: int,
    other: int,
    pieces: list[int],
    ratios: list[tuple[Term, Any, bool]],
    prior: Any,
    said: Term | None,
    writer: Writer,
) -> Any:
    space = writer.space
    chance, opposite = writer.value(prior), None
    chance = as_sympy(chance)
    against = (goal[1] & other, goal[1])
    left = Term("div", (writer.chance(goal), writer.chance(against)))
    before = Term("div", (writer.chance((hypothesis, space.all)), writer.chance((other, space.all))))
    assumptions: tuple[Prose, ...] = () if said is None else ((said, " (declared)"),)
    formula = Term("mul", (*(r[0] for r in ratios), before))
    if prior.children:
        writer._formula(prior, valued=True)
    writer.add(rules.ODDS, left, formula, assumptions=assumptions)
    opposite = shortest(1 - chance)
    odds = chance / opposite
    prior_term = as_term(_plain(odds))
    writer.add(
        rules.PRIOR_ODDS, before, Term("chain", (Term("div", (as_term(_plain(chance)), as_term(_plain(opposite)))), prior_term), ("=",))
    )
    total = odds
    for _, value, _ in ratios:
        total = total * value
    total = shortest(sp.sympify(total))
    inserted = Term("mul", (*(as_term(_plain(r[1])) for r in ratios), prior_term), "*")
    writer.add(rules.INSERT, inserted, as_term(_plain(total)), claim=Claim("equal", left, as_term(_plain(total))))
    value = shortest(sp.sympify(total / (1 + total)))
    target = writer.chance(goal)
    turned = Term("div", (as_term(_plain(total)), Term("add", (number(1), as_term(_plain(total))))))
    writer.add(rules.FROM_ODDS, target, Term("chain", (turned, as_term(_plain(value))), ("=",)))
    return _plain(value)


def _plain(value: Any) -> Any:
    value = sp.sympify(value)
    return Fraction(int(value.p), int(value.q)) if value.is_Rational else value
