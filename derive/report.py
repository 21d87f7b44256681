"""The report: what every door shows. A plain value; `presenting` folds it into text, LaTeX, Markdown, HTML and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from derive.derivation import Derivation, Prose, Step
from derive.errors import DeriveError
from derive.solution import CheckedRows, Code, Solution, Verification

if TYPE_CHECKING:
    from derive.meaning.scope import Reading

__all__ = ["Report"]

LONGEST_REPR = 120


@cache
def _statements() -> Mapping[str, str]:
    """Formula of a rule in Unicode → its statement in LaTeX."""
    from derive.rules import RULES

    return {rule.formula: rule.statement for rule in reversed(list(RULES.values()))}


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """One task line and everything that was found for it; see docs/report.md for the meaning of each field.

    `answer`, `parts`, `derivation`, `steps` and `assumptions` are shortcuts with the names of the JSON object; they give the
    expressions themselves (SymPy expressions, or a `Term` where SymPy has no form), not text.
    """

    status: str
    task: str
    text: str
    notation: str
    reading: Reading | None = None
    solution: Solution | None = None
    verification: Verification | None = None
    code: Code | None = None
    error: DeriveError | None = None
    notes: tuple[Prose, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    number: int = 0
    rows: CheckedRows | None = None

    @property
    def answer(self) -> Any:
        """The answer as a SymPy expression or a Term; None where there is none, where it is `parts`, or where a check failed."""
        return None if self.solution is None or self._is_withheld else self.solution.answer

    @property
    def parts(self) -> Mapping[str, Any]:
        """Name → SymPy expression or Term, in order, where the answer has several; else empty."""
        return {} if self.solution is None or self._is_withheld else self.solution.parts

    @property
    def derivation(self) -> Derivation | None:
        """The tree of steps, as it was made."""
        return None if self.solution is None else self.solution.derivation

    @property
    def steps(self) -> tuple[Step, ...]:
        """The main steps, numbered as they are shown: trivial ones are folded into their neighbours."""
        if self.derivation is None:
            return ()
        from derive.presenting.levels import fold

        return fold(self.derivation.steps)

    @property
    def assumptions(self) -> tuple[Prose, ...]:
        """What the answer and its steps assume, each once."""
        if self.solution is None:
            return ()
        inner = () if self.solution.derivation is None else self.solution.derivation.assumptions
        return tuple(dict.fromkeys((*self.solution.assumptions, *inner)))

    @property
    def _is_withheld(self) -> bool:
        return self.verification is not None and self.verification.status == "failed"

    def statement_of(self, step: Step) -> str | None:
        """The formula of a step's rule in LaTeX; empty where the rule is stated in words, None where no rule has this formula."""
        return _statements().get(step.formula)

    def to_dict(self) -> dict[str, Any]:
        """The report as the JSON object of docs/report.schema.json."""
        from derive.presenting.record import to_dict

        return to_dict(self)

    def __repr__(self) -> str:
        """One short line: status, task, and the answer or what went wrong."""
        from derive.presenting.text import answer_text

        said = answer_text(self) if self.error is None else self.error.message
        said = "; ".join(said.split("\n"))
        if len(said) > LONGEST_REPR:
            said = said[: LONGEST_REPR - 1] + "…"
        head = f"<Report {self.status} {self.task}".rstrip()
        return f"{head}: {said}>" if said else f"{head}>"

    def __str__(self) -> str:
        from derive.presenting.text import to_text

        return to_text(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        from derive.presenting.notebook import to_mimebundle

        return to_mimebundle(self)
