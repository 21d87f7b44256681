"""The solution of one task on scalar expressions, from what the journal holds.

In: a journal and the answer. Out: a Solution.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from derive.solution import Solution
from derive.solving.journal import Journal

__all__ = ["solution"]


def solution(journal: Journal, answer: Any, parts: Mapping[str, Any] | None = None) -> Solution:
    """The solution with everything that was written down; without steps there is no derivation to show."""
    derivation = journal.derivation(answer) if journal.steps else None
    return Solution(derivation, answer, dict(parts or {}), journal.notes, journal.assumptions)
