"""Probabilities of events from facts: Bayes' rule and everything around it.

In: a Reading whose query is P(…) and the model of its facts. Out: a Solution with the proof written as steps; Undetermined,
InconsistentInput or DoesNotExist where there is no answer. What is about a variable with a law of its own goes to `events_laws`, chains
to `events_chains`.
"""

from __future__ import annotations

from typing import Any

from derive.derivation import Derivation
from derive.errors import DoesNotExist
from derive.expressions.inline import inline
from derive.expressions.term import Name, Term
from derive.meaning.scope import Reading, Type
from derive.probability.build import build
from derive.probability.finite import Problem, System
from derive.probability.finite_facts import problem_of
from derive.probability.model import Model
from derive.probability.outcomes import tidy
from derive.solution import Solution
from derive.solving.chance.events_search import Goal, Search
from derive.solving.chance.events_trouble import missing, refuse_contradictions
from derive.solving.chance.events_writing import Writer, as_sympy

__all__ = ["event_probability", "is_elsewhere", "proved", "query_of", "solve_event"]

FULLY_SOLVED = 64  # cells up to which the table is solved before a proof is looked for


def solve_event(reading: Reading) -> Solution | None:
    """P(…) of events and finite variables; None where it is about something else."""
    query = query_of(reading.expanded)
    if query is None:
        return None
    model = build(reading)
    event, given = query
    if any(i.kind == "markov" for i in model.independences):
        from derive.solving.chance.events_chains import chain_probability

        found = chain_probability(reading, event, given)
        if found is not None:
            return found
    if is_elsewhere(model, (event, *(() if given is None else (given,)))):
        return None
    return event_probability(model, event, given, reading.expanded)


def query_of(term: Term) -> tuple[Term, Term | None] | None:
    """The event and the condition of P(…), without the words around it; None for any other term."""
    while term.head == "task" and term.data in ("given", "conditional"):
        term = term.args[0]
    if term.head != "probability" or term.data != "P":
        return None
    inside = term.args[0] if len(term.args) == 1 else Term("list", term.args)
    event, given = inside.args if inside.head == "given" else (inside, None)
    return tidy(event), None if given is None else tidy(given)


def is_elsewhere(model: Model, terms: tuple[Term, ...]) -> bool:
    """Whether the events are about variables whose laws are no finite tables."""
    for term in terms:
        for node in term.walk():
            if node.head != "name":
                continue
            variable = model.variables.get(node.data)
            if model.sample_of(node.data) is not None or node.data in model.samples or node.data in model.defined:
                return True
            if variable is not None and (variable.cases or (variable.law is not None and variable.law.name != "Bernoulli")):
                return True
            if variable is not None and variable.law is not None and variable.given:
                return True
    return False


def event_probability(model: Model, event: Term, given: Term | None, query: Term) -> Solution:
    """The solution of P(event | given) under a model of facts."""
    problem = problem_of(model, (event,) if given is None else (event, given))
    space = problem.space
    condition = space.all if given is None else space.event(given)
    goal: Goal = (space.event(event) & condition, condition)
    said = _said(problem, goal, event, given)
    writer = Writer(problem, said)
    system = problem.system if space.cells <= FULLY_SOLVED else None
    if system is not None:
        refuse_contradictions(problem, system, writer)
        weight = system.share(condition, space.all)
        if weight is not None and not weight:
            raise DoesNotExist(f"{inline(writer.chance((condition, space.all)))} = 0: nothing can be conditioned on what has probability 0")
    value = proved(problem, goal, writer, system)
    if value is None:
        raise missing(problem, system or problem.system, goal, writer)
    answer = as_sympy(value)
    assumptions = tuple(dict.fromkeys(a for step in writer.steps for a in step.assumptions))
    derivation = Derivation(said[goal], answer, tuple(writer.steps), assumptions, problem)
    conditions = () if system is None else tuple((c,) for c in system.conditions)
    types = {Name.from_key(s.name): Type() for s in problem.symbols if Name.from_key(s.name) not in model.types}
    return Solution(derivation, answer, notes=problem.notes, assumptions=(*problem.assumed, *conditions), types=types)


def proved(problem: Problem, goal: Goal, writer: Writer, system: System | None) -> Any | None:
    """The value with its steps in the writer: by odds, by a proof, or by the table; None where the facts leave it open."""
    from derive.solving.chance.events_odds import by_odds
    from derive.solving.chance.events_table import by_table

    known = None if system is None else system.value(*goal)
    if problem.linear:
        found = by_odds(problem, goal, writer)
        if found is not None:
            return found
    if system is not None and known is None:
        return by_table(problem, system, goal, writer)
    proof = Search(problem).proof(goal)
    if proof is not None:
        try:
            return writer.write(proof)
        except DoesNotExist:
            if known is None:
                raise
            writer.steps.clear()
    return by_table(problem, system or problem.system, goal, writer)


def _said(problem: Problem, goal: Goal, event: Term, given: Term | None) -> dict[Goal, Term]:
    """Probabilities as the person wrote them: the facts, and what is asked for."""
    said: dict[Goal, Term] = {}
    for fact in problem.facts:
        term = fact.term.args[0]
        said.setdefault((fact.event, fact.given), term.transform(lambda n: Term(n.head, n.args, n.data)))
    inside = event if given is None else Term("given", (event, given))
    said[goal] = Term("probability", (inside,), "P")
    return said
