"""What is printed as the answer: the expression itself, or, for an equation that was solved, a sentence of equations.

In: a Report whose expressions are terms. Out: one term, or None where the answer consists of parts. JSON has the values themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.expressions.term import Term

if TYPE_CHECKING:
    from derive.report import Report

__all__ = ["shown_answer"]

_SAID = frozenset(("rel", "chain", "and", "or", "not", "list", "set", "word", "interval", "cases"))


def shown_answer(report: Report) -> Term | None:
    """The answer to print: `x = 2 or x = 3` where an equation was solved for x, else what was found."""
    solution = report.solution
    if solution is None or solution.answer is None:
        return None
    answer: Term = solution.answer
    unknown = _unknown(report)
    if unknown is None or answer.head in _SAID:
        return answer
    values: tuple[Term, ...] = tuple(solution.parts.values()) or (answer,)
    if any(value.head in _SAID or value.head == "tuple" for value in values):
        return answer
    found = tuple(Term("rel", (unknown, value), "=") for value in values)
    return found[0] if len(found) == 1 else Term("or", found)


def _unknown(report: Report) -> Term | None:
    """The one name that an equation was solved for."""
    if report.reading is None or report.task != "solve":
        return None
    term = report.reading.term
    if term.head != "task" or term.data != "solve" or len(term.args) != 2 or term.args[1].head not in ("name", "index"):
        return None
    return term.args[1]
