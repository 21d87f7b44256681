"""The report: what every door shows. A plain value; `presenting` folds it into text, LaTeX, Markdown, HTML and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from derive.derivation import Prose
from derive.errors import DeriveError
from derive.solution import Code, Solution, Verification

if TYPE_CHECKING:
    from derive.meaning.scope import Reading

__all__ = ["Report"]


@dataclass(frozen=True, slots=True)
class Report:
    """One task line and everything that was found for it; see REPORT in docs/ for the meaning of each field."""

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

    def to_dict(self) -> dict[str, Any]:
        """The report as the JSON object of docs/report.schema.json."""
        from derive.presenting.record import to_dict

        return to_dict(self)

    def __str__(self) -> str:
        from derive.presenting.text import to_text

        return to_text(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        from derive.presenting.notebook import to_mimebundle

        return to_mimebundle(self)
