"""Which solver a question with yes or no goes to.

In: a reading of `is … convex in x`, `is A positive definite`, `are u, v linearly independent`. Out: a Solution.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.errors import NotSupported, WrongUse
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.solution import Solution
from derive.solving.chance.independence_question import solve_independence_question
from derive.solving.questions.convexity import solve_convexity
from derive.solving.questions.matrices import PROPERTIES, solve_independence, solve_property

__all__ = ["solve_question"]

_CURVATURE = ("convex", "concave", "strictly convex", "strictly concave")


def solve_question(reading: Reading) -> Solution:
    """Yes or no. Raises NotSupported for properties that no solver decides, Undetermined where the question stays open."""
    term = reading.expanded
    middle = next(k for k, a in enumerate(term.args) if a.head == "word")
    subjects, asked, variables = term.args[:middle], str(term.args[middle].data), term.args[middle + 1 :]
    if asked == "independent":
        return solve_independence_question(reading, subjects)
    if asked in _CURVATURE:
        if len(subjects) != 1:
            raise WrongUse("one function at a time", span=term.span)
        return solve_convexity(reading, subjects[0], asked, variables)
    if asked in ("linearly independent", "linearly dependent"):
        return solve_independence(_vectors(subjects, reading), asked.endswith(" independent"))
    if asked in PROPERTIES:
        if len(subjects) != 1:
            raise NotSupported(f"whether several matrices are {asked}, asked at once", span=term.span)
        return solve_property(_matrix(subjects[0], reading), asked)
    raise NotSupported(f"whether something is {asked} is read, but no solver decides it yet", span=term.span)


def _vectors(subjects: tuple[Term, ...], reading: Reading) -> list[Any]:
    if len(subjects) == 1 and subjects[0].head == "matrix":
        whole = _matrix(subjects[0], reading)
        return [whole[:, k] for k in range(whole.cols)]
    return [_matrix(s, reading) for s in subjects]


def _matrix(term: Term, reading: Reading) -> Any:
    if term.head == "transpose":
        return _matrix(term.args[0], reading).T
    if term.head not in ("matrix", "vector", "tuple"):
        raise NotSupported("questions about matrices and vectors that are not written out", span=term.span)
    entries = [sp.nsimplify(e) if (e := to_sympy(a, reading.types)).is_Float else e for a in term.args]
    return sp.Matrix(*term.data, entries) if term.head == "matrix" else sp.Matrix(entries)
