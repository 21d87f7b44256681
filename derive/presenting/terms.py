"""A report with every expression as a Term: SymPy expressions are converted once, knowing what is declared.

In: a Report as the session makes it. Out: the same report, its expressions as trees that print. Doing it twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from derive.derivation import Prose, Step
from derive.expressions.term import Name, Term
from derive.presenting.mathematics import term_of

if TYPE_CHECKING:
    from derive.meaning.scope import Type
    from derive.report import Report
    from derive.solution import Solution

__all__ = ["in_terms"]

Types = Mapping[Name, "Type"]


def in_terms(report: Report) -> Report:
    """The report with SymPy expressions turned into terms."""
    solution, code = report.solution, report.code
    types = {} if report.reading is None else report.reading.types
    if code is not None:
        code = replace(code, notes=_all_prose(code.notes, types))
    if solution is not None:
        solution = _solution(solution, types)
    return replace(report, solution=solution, code=code, notes=_all_prose(report.notes, types))


def _solution(solution: Solution, types: Types) -> Solution:
    derivation = solution.derivation
    if derivation is not None:
        derivation = replace(
            derivation,
            start=term_of(derivation.start, types),
            answer=term_of(derivation.answer, types),
            steps=tuple(_step(step, types) for step in derivation.steps),
            assumptions=_all_prose(derivation.assumptions, types),
        )
    return replace(
        solution,
        derivation=derivation,
        answer=None if solution.answer is None else term_of(solution.answer, types),
        parts={label: term_of(value, types) for label, value in solution.parts.items()},
        notes=_all_prose(solution.notes, types),
        assumptions=_all_prose(solution.assumptions, types),
    )


def _step(step: Step, types: Types) -> Step:
    return replace(
        step,
        before=term_of(step.before, types),
        after=term_of(step.after, types),
        part=None,
        because=_prose(step.because, types),
        assumptions=_all_prose(step.assumptions, types),
        steps=tuple(_step(inner, types) for inner in step.steps),
    )


def _prose(prose: Any, types: Types) -> Prose:
    pieces = prose if isinstance(prose, tuple) else (prose,)
    return tuple(piece if isinstance(piece, str | Term) else term_of(piece, types) for piece in pieces)


def _all_prose(items: tuple[Any, ...], types: Types) -> tuple[Prose, ...]:
    return tuple(_prose(item, types) for item in items)
