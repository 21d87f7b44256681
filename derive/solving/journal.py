"""What a solver writes down while it works: the steps in order, the assumptions and the notes, each once.

In: rewrites as they happen. Out: a Derivation and what goes with it. One journal belongs to one computation.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from derive.derivation import Derivation, Prose, Rewrite, Rule, Step

__all__ = ["Journal"]


class Journal:
    """The steps of one derivation under way."""

    __slots__ = ("_assumed", "_noted", "start", "steps")

    def __init__(self, start: Any) -> None:
        self.start = start
        self.steps: list[Step] = []
        self._assumed: dict[Prose, None] = {}
        self._noted: dict[Prose, None] = {}

    @property
    def assumptions(self) -> tuple[Prose, ...]:
        """What the steps assumed, each once, in order."""
        return tuple(self._assumed)

    @property
    def notes(self) -> tuple[Prose, ...]:
        """What is to be remarked, each once, in order."""
        return tuple(self._noted)

    def assume(self, assumptions: Iterable[Prose]) -> None:
        """Gathers assumptions."""
        self._assumed.update(dict.fromkeys(assumptions))

    def renote(self, notes: Iterable[Prose]) -> None:
        """Puts other notes in the place of those gathered so far."""
        self._noted = dict.fromkeys(notes)

    def note(self, notes: Iterable[Prose]) -> None:
        """Gathers notes."""
        self._noted.update(dict.fromkeys(notes))

    def add(self, step: Step) -> None:
        """Writes a step down, with the assumptions of all its sub-steps."""
        self.steps.append(step)
        for inner in step.walk():
            self.assume(inner.assumptions)

    def record(
        self, rule: Rule, rewrite: Rewrite, before: Any, after: Any, part: tuple[Any, Any] | None = None, steps: tuple[Step, ...] = ()
    ) -> None:
        """Writes down one use of one rule."""
        self.note(rewrite.notes)
        self.add(
            Step(
                rule.id,
                rule.title,
                before,
                after,
                part=part,
                because=rewrite.because,
                formula=rule.formula,
                assumptions=rewrite.assumptions,
                steps=steps,
                trivial=rule.trivial,
            )
        )

    def derivation(self, answer: Any) -> Derivation:
        """The derivation that ends in `answer`."""
        return Derivation(self.start, answer, tuple(self.steps), self.assumptions)
