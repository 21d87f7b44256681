"""What a solver and the translator hand over: the answer with its derivation, the emitted code, the sum of the checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from derive.derivation import Check, Derivation, Prose
from derive.expressions.term import Name, Term

__all__ = ["Argument", "CheckedRows", "Code", "RowCheck", "Solution", "Verification"]


@dataclass(frozen=True, slots=True)
class Solution:
    """What a solver found. `answer` is an expression (SymPy or Term) or None when `parts` (label → expression) says it all.

    `bindings` are names that the answer uses and what they stand for (terms), each over the ones before: layers of a network and their
    adjoints. `types` are those of names that the answer has and the line has not (the data of a declared sample). `support` is a letter
    with the ends between which the answer, a density, is not zero (−∞ and ∞ where there is none): code gives 0 beyond them.
    """

    derivation: Derivation | None
    answer: Any = None
    parts: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Prose, ...] = ()
    assumptions: tuple[Prose, ...] = ()
    distribution: Any = None
    bindings: Mapping[Name, Term] = field(default_factory=dict)
    types: Mapping[Name, Any] = field(default_factory=dict)
    support: tuple[Any, Any, Any] | None = None


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of emitted code: Python name, the symbol on paper (plain text), its shape (() for a scalar that broadcasts)."""

    name: str
    symbol: str
    shape: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """Emitted code: a whole module, the function in it, its arguments and result, what running it showed, a test module where wanted."""

    source: str
    function: str
    arguments: tuple[Argument, ...] = ()
    returns: tuple[str, ...] = ()
    check: Check | None = None
    notes: tuple[Prose, ...] = ()
    tests: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """The sum of the checks: "verified", "partly", "unverified" or "failed"; how many steps, how many of them verified."""

    status: str
    steps: int = 0
    verified: int = 0
    max_error: float | None = None


@dataclass(frozen=True, slots=True)
class RowCheck:
    """One row of somebody's own derivation, from 1.

    status  "follows" · "does not follow" (with the counterexample in `check`) · "undecided" (with its reason) · "start" (an expression that
            asserts nothing) · "premise" (the equation that the others rest on)
    `hint` says what seems to be wrong.
    """

    line: int
    status: str
    check: Check | None = None
    hint: str = ""


@dataclass(frozen=True, slots=True)
class CheckedRows:
    """A whole block: its rows, as read and as judged."""

    terms: tuple[Term, ...]
    rows: tuple[RowCheck, ...]

    @property
    def first_wrong(self) -> int | None:
        """The first row that does not follow; None where every row that could be decided does."""
        return next((row.line for row in self.rows if row.status == "does not follow"), None)
