"""Moments of the states of a Markov chain: E[g(X_3)] = Σ g(s) P(X_3 = s), the probabilities by the steps of the chain.

In: a reading of E[…], Var(…) or Cov(…) over states of a declared chain. Out: a Solution, or None where it is about something else.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from derive.derivation import Step
from derive.errors import NotSupported
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Name, Term, number
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.chain import Chain, chain_of, time_of
from derive.probability.model import Model
from derive.rules import chance_expectation as rules
from derive.solution import Solution

__all__ = ["solve_chain_moment"]

MOST_PATHS = 64


def solve_chain_moment(reading: Reading) -> Solution | None:
    """E, Var and Cov of functions of the states. Raises NotSupported where the states are no numbers."""
    term = reading.expanded
    if term.head != "probability" or term.data not in ("E", "Var", "Cov"):
        return None
    model = build(reading)
    if not any(i.kind == "markov" for i in model.independences):
        return None
    chain = chain_of(model)
    if chain is None or not _states_in(term, chain):
        return None
    first, condition = (term.args[0].args[0], term.args[0].args[1]) if term.args[0].head == "given" else (term.args[0], None)
    if any(a.head in ("given", "expect_under") for a in term.args[1:]):
        return None
    bodies = (first, *term.args[1:])
    if term.data == "E":
        whole = _mean(bodies[0], condition, chain)
    else:
        left, right = bodies[0], bodies[-1]
        product_of_means = Term("mul", (_mean(left, condition, chain), _mean(right, condition, chain)))
        whole = Term("add", (_mean(Term("mul", (left, right)), condition, chain), Term("neg", (product_of_means,))))
    return _followed(reading, term, whole, model)


def _states_in(term: Term, chain: Chain) -> list[Name]:
    """The states X_t at fixed times that stand in the term."""
    names = [n.data for n in term.walk() if n.head == "name"]
    return [n for n in dict.fromkeys(names) if isinstance(time_of(n, chain.base), int)]


def _mean(body: Term, condition: Term | None, chain: Chain) -> Term:
    """Σ g(s) P(X_t = s | condition)."""
    names = _states_in(body, chain)
    if not names:
        return body
    if any(s.head not in ("number", "neg") for s in chain.states):
        raise NotSupported("an expectation over states that are no numbers", span=body.span)
    if len(chain.states) ** len(names) > MOST_PATHS:
        raise NotSupported("an expectation over so many states", span=body.span)
    parts = []
    for states in product(chain.states, repeat=len(names)):
        at = dict(zip(names, states, strict=True))
        value = body.transform(lambda n, at=at: at.get(n.data, n) if n.head == "name" else n)  # type: ignore[misc]
        events = tuple(Term("rel", (Term("name", (), n), s), "=") for n, s in at.items())
        event = events[0] if len(events) == 1 else Term("list", events)
        inside = event if condition is None else Term("given", (event, condition))
        parts.append((from_sympy(to_sympy(value, {})), Term("probability", (inside,), "P")))
    kept = tuple(p if v == number(1) else Term("mul", (v, p)) for v, p in parts if v != number(0))
    return Term("add", kept) if len(kept) > 1 else kept[0] if kept else number(0)


def _followed(reading: Reading, asked: Term, whole: Term, model: Model) -> Solution | None:
    """The sum worked out, behind the step that writes it down."""
    from derive.solving.chance.compositions import solve_composition

    inner = replace(reading, term=whole, expanded=whole, task="expression", options={**reading.options, "model": model})
    found = solve_composition(inner)
    if found is None or found.derivation is None:
        return None
    rule = rules.TABLE_SUM
    first = Step(rule.id, rule.title, asked, whole, formula=rule.formula)
    derivation = replace(found.derivation, start=asked, steps=(first, *found.derivation.steps))
    return replace(found, derivation=derivation)
