"""Expressions that hold expectations, probabilities or divergences: those first, each by its own steps, then the rest.

In: a reading whose term is an expression, a derivative, a gradient, an optimum or an evaluation around nodes of chance. Out: a Solution
in which the work inside stands as sub-steps of one step, and the steps of the existing solver follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from derive.derivation import Derivation, Prose, Step
from derive.errors import NotSupported
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.finite import Problem
from derive.probability.model import Model
from derive.rules import chance_expectation as rules
from derive.solution import Solution
from derive.solving.chance.atoms import symbols_of
from derive.solving.chance.expectation import value_of
from derive.solving.chance.minima import minimised
from derive.solving.chance.prepared import concerns_vectors, prepared, under
from derive.solving.chance.presentable import presentable
from derive.solving.chance.unknown_functions import score_gradient

__all__ = ["solve_composition"]

_MOMENTS = frozenset(("E", "Var", "Cov", "Corr", "SD"))
_TASKS = {
    "P": "probability", "E": "expectation", "Var": "variance", "Cov": "covariance", "Corr": "correlation", "SD": "sd", "H": "entropy",
    "I": "mutual-information", "KL": "kl-divergence", "JS": "jensen-shannon", "MGF": "mgf",
}  # fmt: skip
_CALCULUS = (
    "derivative",
    "gradient",
    "hessian",
    "jacobian",
    "optimum",
    "limit",
    "integral",
    "directional",
    "at",
    "task",
    "total_derivative",
)


def solve_composition(reading: Reading) -> Solution | None:
    """The solution of the whole; None where no node of chance is inside."""
    model = build(reading)
    term, model = under(reading.expanded, model)
    term = prepared(term, reading, model)
    nodes = _outermost(term)
    if not nodes:
        return None
    if not term.has(*_CALCULUS) and all(n.data in _MOMENTS for n in nodes) and not concerns_vectors(term, model):
        value, derivation, notes, assumptions = value_of(term, model)
        return Solution(replace(derivation, model=model), value, notes=notes, assumptions=assumptions, types=model.types)
    by_score = score_gradient(term, reading, model)
    if by_score is not None:
        return by_score
    inner = _Inner(replace(reading, term=term, expanded=term, options={**reading.options, "model": model}), model)
    resolved = inner.resolve(term, nodes)
    return _finished(term, resolved, inner, reading)


def _outermost(term: Term) -> list[Term]:
    """The nodes of chance that stand in no other, each once."""
    if term.head == "probability":
        return [term]
    return list(dict.fromkeys(n for a in term.args for n in _outermost(a)))


class _Inner:
    """The nodes worked out: one step with their own steps inside."""

    def __init__(self, reading: Reading, model: Model) -> None:
        self.reading = reading
        self.model = model
        self.problem: Any = None  # the finite problem that the probabilities of events belong to, where they do
        self.steps: list[Step] = []
        self.notes: list[Prose] = []
        self.assumptions: list[Prose] = []

    def _takes(self, found: Any) -> None:
        """What the checks draw from: a model, or the larger of two finite problems."""
        if isinstance(found, Model):
            self.model = found
        elif isinstance(found, Problem) and (self.problem is None or found.space.cells > self.problem.space.cells):
            self.problem = found

    def resolve(self, whole: Term, nodes: list[Term]) -> Term:
        """The term with values in the place of the nodes."""
        from derive.solving.chance.dispatch import solve

        for node in nodes:
            task = _TASKS.get(str(node.data))
            if task is None:
                raise NotSupported(f"{node.data} inside an expression", span=node.span)
            found = solve(replace(self.reading, term=node, expanded=node, task=task))
            if found.answer is None:
                raise NotSupported(f"a {task} with several values inside an expression", span=node.span)
            value = found.answer if isinstance(found.answer, Term) else from_sympy(found.answer, self.model.types)
            after = whole.transform(lambda n, node=node, value=value: value if n == node else n)  # type: ignore[misc]
            derivation = found.derivation
            if derivation is not None and derivation.steps:
                self.steps.append(
                    Step(
                        rules.VALUE_OF.id, rules.VALUE_OF.title, whole, after, part=_part(node, value, found, derivation.start),
                        formula=rules.VALUE_OF.formula, steps=derivation.steps, assumptions=derivation.assumptions,
                    )
                )  # fmt: skip
                self._takes(derivation.model)
            self.notes += found.notes
            self.assumptions += found.assumptions
            whole = after
        return whole


def _part(node: Term, value: Term, found: Solution, start: Any) -> tuple[Any, Any]:
    if isinstance(start, sp.Basic) and isinstance(found.answer, sp.Basic):
        return start, found.answer
    return node, value


def _finished(start: Term, resolved: Term, inner: _Inner, reading: Reading) -> Solution:
    types = inner.model.types
    notes, assumptions = tuple(dict.fromkeys(inner.notes)), tuple(dict.fromkeys(inner.assumptions))
    if resolved.head == "optimum":
        rest = minimised(resolved, types)
    elif resolved.has(*_CALCULUS):
        _refuse_hidden(resolved, inner)
        from derive.solving.dispatch import solve_calculus

        rest = solve_calculus(replace(reading, term=resolved, expanded=resolved, types=types))
    else:
        rest = _expression(resolved, types)
    steps = (*inner.steps, *(rest.derivation.steps if rest.derivation is not None else ()))
    answer = rest.answer if rest.answer is not None else next(iter(reversed(list(rest.parts.values()))), None)
    gathered = (*assumptions, *rest.assumptions)
    derivation = Derivation(start, answer, steps, tuple(dict.fromkeys(gathered)), model=inner.problem or inner.model)
    return Solution(
        derivation, rest.answer, rest.parts, (*notes, *rest.notes), tuple(dict.fromkeys(gathered)), types={**types, **rest.types}
    )


def _refuse_hidden(resolved: Term, inner: _Inner) -> None:
    """A node that is left may depend on a variable of the task through a law: its derivative is not that of what is written."""
    variables = {n.data for t in resolved.walk() if t.head in _CALCULUS for a in t.args[1:] for n in a.walk() if n.head == "name"}
    for node in _outermost(resolved):
        names = {n.data for n in node.walk() if n.head == "name"}
        variables_with = [v.law for n, v in inner.model.variables.items() if n in names]
        for law in (*variables_with, *(s.law for n, s in inner.model.samples.items() if n in names)):
            if law is not None and any(str(s) in {v.key for v in variables} for s in symbols_of(law)):
                raise NotSupported(
                    "a derivative with respect to a parameter of a law, of an expectation without a closed form", span=node.span
                )


def _expression(resolved: Term, types: Mapping[Any, Any]) -> Solution:
    """An expression without nodes of chance: put together."""
    try:
        value = to_sympy(resolved, types)
    except NotSupported:
        return Solution(Derivation(resolved, resolved), resolved)
    best = presentable(value)
    steps: tuple[Step, ...] = ()
    if from_sympy(best) != resolved:
        steps = (Step(rules.TIDY.id, rules.TIDY.title, value, best, part=(value, best), formula=rules.TIDY.formula),)
    return Solution(Derivation(value, best, steps), best)
