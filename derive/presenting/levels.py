"""Levels of detail: views of one tree of steps.

In: a Derivation. Out: the steps that are shown, with their numbers. A number means the same step at every level
(`_3.2` is the result of step 2 of task 3), because trivial steps are folded before anything is numbered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from derive.derivation import Check, Derivation, Prose, Step

if TYPE_CHECKING:
    from derive.report import Report

__all__ = ["DETAILS", "Shown", "fold", "remarks", "settles", "shown_steps"]

DETAILS = ("brief", "normal", "full")


class Shown(NamedTuple):
    """A step as it is shown: its number ("2", "2.1"), its depth (0 for a main step), and whether `before` must be said first."""

    number: str
    step: Step
    depth: int
    says_before: bool


def settles(check: Check | None) -> bool:
    """Whether the check leaves no doubt (a step without a check of its own is judged by its sub-steps)."""
    return check is None or check.status in ("verified", "exact")


def fold(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The main steps with trivial ones folded into a neighbour: into the step before, or, at the beginning, the step after.

    A folded step keeps the steps that it is made of as its sub-steps. A trivial step stays on its own where its check
    did not succeed, where it is not an equality, or where there is nothing else.
    """
    groups: list[list[Step]] = []
    leads: list[Step | None] = []
    for step in steps:
        quiet = step.trivial and step.relation == "=" and settles(step.check)
        if quiet and groups:
            groups[-1].append(step)
        elif quiet:
            groups.append([step])
            leads.append(None)
        elif groups and leads[-1] is None:
            groups[-1].append(step)
            leads[-1] = step
        else:
            groups.append([step])
            leads.append(step)
    return tuple(_joined(group, lead) for group, lead in zip(groups, leads, strict=True))


def _joined(group: list[Step], lead: Step | None) -> Step:
    if len(group) == 1:
        return group[0]
    chief = lead or group[0]
    assumptions: list[Prose] = []
    for step in group:
        assumptions += [a for a in step.assumptions if a not in assumptions]
    return replace(
        chief,
        before=group[0].before,
        after=group[-1].after,
        part=None,
        assumptions=tuple(assumptions),
        steps=tuple(group),
        check=_weakest(step.check for step in group),
        trivial=False,
    )


def _weakest(checks: Iterable[Check | None]) -> Check | None:
    present = [check for check in checks if check is not None]
    if not present:
        return None
    order = ("failed", "unverified", "verified", "exact")
    worst = min(present, key=lambda check: order.index(check.status))
    errors = [check.max_error for check in present if check.max_error is not None]
    return replace(worst, max_error=max(errors)) if errors else worst


def shown_steps(derivation: Derivation | None, detail: str) -> tuple[Shown, ...]:
    """The steps of a derivation at a level of detail: main steps for brief and normal, all sub-steps for full."""
    if derivation is None:
        return ()
    return tuple(_walk(fold(derivation.steps), "", 0, derivation.start, detail == "full"))


def remarks(report: Report, detail: str) -> tuple[Prose, ...]:
    """The remarks on an answer, each once: all of them, or, for brief, those of the mathematics (kinks, conventions)."""
    found = () if report.solution is None else report.solution.notes
    return tuple(dict.fromkeys(found if detail == "brief" else (*report.notes, *found)))


def _walk(steps: Iterable[Step], prefix: str, depth: int, current: Any, deep: bool) -> Iterator[Shown]:
    for position, step in enumerate(steps, 1):
        number = f"{prefix}{position}"
        yield Shown(number, step, depth, not _same(step.before, current))
        if deep:
            yield from _walk(step.steps, f"{number}.", depth + 1, None, deep)
        current = step.after


def _same(left: Any, right: Any) -> bool:
    """Whether two expressions are structurally the same; a Term beside a SymPy expression counts as the same."""
    if left is right:
        return True
    if left is None or right is None:
        return False
    if type(left).__module__.startswith("sympy") != type(right).__module__.startswith("sympy"):
        return True
    return bool(left == right)
