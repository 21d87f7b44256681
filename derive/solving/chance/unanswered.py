"""An answer that only repeats the question is none: it is refused, with what is known and what is missing.

In: the reading of a task, its solution and the model. Out: nothing; raises Undetermined where nothing is said of the variable, NotSupported
where something is said and no rule used it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from derive.errors import NotSupported, Undetermined
from derive.expressions.chance import Chance
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.model import Model
from derive.solution import Solution

__all__ = ["refuse_unanswered"]

_OPERATORS = frozenset(("E", "Var", "Cov", "Corr", "SD", "P", "H", "I", "KL", "MGF"))
_AVERAGES = frozenset(("E", "Var", "Cov", "Corr", "SD"))
_WORDS = {"expectation": "E", "mean": "E", "variance": "Var", "covariance": "Cov", "correlation": "Corr", "sd": "SD", "entropy": "H"}


def refuse_unanswered(reading: Reading, solution: Solution, model: Model) -> None:
    """Raises where the answer still holds the operator that was asked about, or one over members of which the facts speak."""
    answers = [solution.answer] if solution.answer is not None else list(solution.parts.values())
    asked = _asked(reading)
    if asked is not None and asked.data in _AVERAGES:
        _refuse_random(asked, answers, model)
    left = [node for answer in answers for node in _operators(answer, model)]
    if not left:
        return
    if asked is not None:
        wanted = _settled(asked, model)
        if any(wanted == node for node in left):
            _refuse(asked, model)
    elif len(answers) == 1 and _settled(reading.expanded, model) == _written(answers[0], model):
        _refuse(next(n for n in reading.expanded.walk() if n.head == "probability" and n.data in _OPERATORS), model)
    for node in left:
        member = _member_of_facts(node, model)
        if member is not None:
            raise Undetermined(
                f"{plain(node)} is left: of {plain(member)} single facts are known, and they do not determine it",
                span=reading.expanded.span,
                expected=(f"{member.data.base}_1, …, {member.data.base}_n iid", f"Cov({member.data.base}_i, {member.data.base}_j) = …"),
            )


def _refuse_random(asked: Term, answers: Sequence[Any], model: Model) -> None:
    """An average is a number, or a function of its conditions: a variable of its own in it says that a step was taken for fixed values."""
    given = [n for a in asked.args if a.head == "given" for n in a.args[1].walk() if n.head == "name"]
    allowed = {n.data.base for n in given}
    for answer in answers:
        written = _written(answer, model)
        for name in _names(written.transform(_without_operators)) if written is not None else ():
            variable = model.variables.get(name)
            if variable is not None and variable.law is not None and not variable.given and name.base not in allowed:
                shown = plain(Term("name", (), name))
                raise NotSupported(f"no rule gives {plain(asked)}: {shown} is random, and was left in what was found", span=asked.span)


def _without_operators(node: Term) -> Term:
    return Term("word", (), "average") if node.head == "probability" else node


def _asked(reading: Reading) -> Term | None:
    """The operator that the task is about; None for an expression around several."""
    term = reading.expanded
    if term.head == "probability" and term.data in _OPERATORS:
        return term
    if term.head == "task" and str(term.data) in _WORDS:
        operands = tuple(a for a in term.args if a.head != "keyword")
        return Term("probability", operands, _WORDS[str(term.data)], term.span)
    return None


def _written(value: Any, model: Model) -> Term | None:
    if isinstance(value, Term):
        return _settled(value, model)
    return from_sympy(value, model.types) if isinstance(value, sp.Basic) else None


def _settled(term: Term, model: Model) -> Term:
    """The term as SymPy orders it, where SymPy can hold it."""
    try:
        value = to_sympy(term, model.types)
    except NotSupported:
        return term
    return from_sympy(value, model.types) if isinstance(value, sp.Basic) else term


def _operators(value: Any, model: Model) -> list[Term]:
    if isinstance(value, sp.Basic) and not value.has(Chance):
        return []
    written = _written(value, model)
    return [n for n in written.walk() if n.head == "probability" and n.data in _OPERATORS] if written is not None else []


def _names(term: Term) -> list[Name]:
    return list(dict.fromkeys(n.data for n in term.walk() if n.head == "name"))


def _refuse(asked: Term, model: Model) -> None:
    names = _names(asked)
    spoken = [n for n in names if _is_spoken_of(n, model)]
    if spoken:
        raise NotSupported(f"no rule gives {plain(asked)} from what is known", span=asked.span)
    name = next((n for n in names if n in model.variables or n.base.isupper()), names[0] if names else None)
    if name is None:
        raise NotSupported(f"no rule gives {plain(asked)}", span=asked.span)
    shown = plain(Term("name", (), name))
    raise Undetermined(
        f"nothing that is known of {shown} determines {plain(asked)}",
        span=asked.span,
        expected=(f"{shown} ~ …", f"{plain(asked)} = …"),
    )


def _is_spoken_of(name: Name, model: Model) -> bool:
    """Whether a law or a fact says something of the name."""
    variable = model.variables.get(name)
    sample = model.samples.get(name) or model.sample_of(name)
    if (variable is not None and (variable.law is not None or variable.cases)) or (sample is not None and sample.law is not None):
        return True
    stated = [t for f in model.moments for t in (*f.arguments, *f.given)]
    stated += [t for f in model.events for t in (f.event, f.given, f.equation) if t is not None]
    return any(n.head == "name" and n.data == name for t in stated for n in t.walk())


def _member_of_facts(node: Term, model: Model) -> Term | None:
    """X_i of a fact, where the node is over X, of which nothing is known as of an array."""
    bases = {n.args[0].data for n in node.walk() if n.head == "index" and n.args[0].head == "name"}
    for name in model.variables:
        if name.sub and name._replace(sub="") in bases and _is_spoken_of(name, model):
            return Term("name", (), name)
    return None
