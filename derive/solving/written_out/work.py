"""What the solvers of this package share: a journal with assumptions that pivots are not zero, and steps that say what they claim.

In: matrices and the words of a step. Out: steps in the journal. A step shows `before` and `after` and claims that `part` holds: two sides
that are computed by other means than the rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from derive.derivation import Prose, Rewrite, Rule
from derive.solution import Solution
from derive.solving.journal import Journal

__all__ = ["Work", "finished"]


class Work(Journal):
    """A journal of linear algebra."""

    def step(
        self, rule: Rule, before: Any, after: Any, because: Prose = (), part: tuple[Any, Any] | None = None, relation: str = "="
    ) -> None:
        """Writes a step down; `part` is what is checked, the two sides themselves where it is not given."""
        self.record(rule, Rewrite(after, because), before, after, part or (before, after))
        self.steps[-1] = replace(self.steps[-1], relation=relation)

    def not_zero(self, value: Any) -> None:
        """Assumes that an expression with symbols is not zero, unless that is known."""
        if value.is_number or value.is_nonzero:
            return
        condition = sp.Ne(sp.factor(value), 0)
        self.assume(((condition,),))
        if self.steps:
            self.steps[-1] = replace(self.steps[-1], assumptions=(*self.steps[-1].assumptions, (condition,)))

    def reassume(self, value: Any) -> None:
        """One condition in the place of those that the pivots brought in."""
        self._assumed = {}
        self.steps = [replace(s, assumptions=()) for s in self.steps]
        self.not_zero(value)


def finished(work: Work, parts: Mapping[str, Any], alone: bool = True) -> Solution:
    """The solution; a single part is the answer itself unless it is wanted by its name."""
    if len(parts) == 1 and alone:
        answer = next(iter(parts.values()))
        return Solution(work.derivation(answer), answer, {}, work.notes, work.assumptions)
    return Solution(work.derivation(tuple(parts.values())), None, parts, work.notes, work.assumptions)
