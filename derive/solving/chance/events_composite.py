"""Expressions over probabilities of events: P(D|+)/P(¬D|+), 1 − P(A), P(A) + P(B); every probability by its own proof, on one joint table.

In: a Reading whose expression holds P(…) of events only. Out: a Solution; None for anything else.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from derive.derivation import Claim, Derivation
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.finite_facts import problem_of
from derive.rules import chance_events as rules
from derive.solution import Solution
from derive.solving.chance.events import FULLY_SOLVED, is_elsewhere, proved, query_of
from derive.solving.chance.events_search import Goal
from derive.solving.chance.events_trouble import missing, refuse_contradictions
from derive.solving.chance.events_writing import Writer, as_sympy, as_term, shortest

__all__ = ["solve_event_expression"]

_ARITHMETIC = ("add", "neg", "mul", "div", "pow", "number", "name", "constant")


def solve_event_expression(reading: Reading) -> Solution | None:
    """The value of an expression in probabilities of events."""
    term = reading.expanded
    while term.head == "task" and term.data in ("given", "conditional"):
        term = term.args[0]
    found = _probabilities(term)
    if not found:
        return None
    queries = [query_of(node) for node in found]
    known = [q for q in queries if q is not None]
    model = build(reading)
    events = tuple(t for q in known for t in q if t is not None)
    if len(known) < len(queries) or not model.events or is_elsewhere(model, events):
        return None
    if any(i.kind == "markov" for i in model.independences):
        return None
    problem = problem_of(model, events)
    space = problem.space
    goals: dict[Term, Goal] = {}
    said: dict[Goal, Term] = {}
    for node, (event, given) in zip(found, known, strict=True):
        condition = space.all if given is None else space.event(given)
        goals[node] = (space.event(event) & condition, condition)
        inside = event if given is None else Term("given", (event, given))
        said[goals[node]] = Term("probability", (inside,), "P")
    writer = Writer(problem, said)
    system = problem.system if space.cells <= FULLY_SOLVED else None
    if system is not None:
        refuse_contradictions(problem, system, writer)
    values: dict[Term, Any] = {}
    for node, goal in goals.items():
        again = any(goals[n] == goal for n in values)
        value = proved(problem, goal, Writer(problem, said) if again else writer, system)
        if value is None:
            raise missing(problem, system or problem.system, goal, writer)
        values[node] = value
    shown = term.transform(lambda n: said[goals[n]] if n in goals else n)
    inserted = term.transform(lambda n: as_term(values[n]) if n in values else n)
    answer = shortest(_exact(sp.sympify(to_sympy(inserted, model.types))))
    result = as_term(answer)
    if inserted != result:
        writer.add(rules.INSERT, shown, inserted)
        writer.add(rules.ARITHMETIC, inserted, result, claim=Claim("equal", shown, result))
    else:
        writer.add(rules.INSERT, shown, result)
    assumptions = tuple(dict.fromkeys(a for s in writer.steps for a in s.assumptions))
    derivation = Derivation(shown, as_sympy(answer), tuple(writer.steps), assumptions, problem)
    return Solution(derivation, as_sympy(answer), notes=problem.notes, assumptions=problem.assumed)


def _probabilities(term: Term) -> list[Term]:
    """The P(…) of an arithmetic expression, each once; none where something else is in it."""
    found: dict[Term, None] = {}

    def walk(node: Term) -> bool:
        if node.head == "probability":
            found[node] = None
            return bool(node.data == "P")
        return node.head in _ARITHMETIC and all(walk(a) for a in node.args)

    return list(found) if walk(term) and term.head != "probability" else []


def _exact(value: Any) -> Any:
    return Fraction(int(value.p), int(value.q)) if value.is_Rational else value
