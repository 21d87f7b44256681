"""What the checks found, in words: shared by every format that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derive.derivation import Check
from derive.presenting.levels import shown_steps

if TYPE_CHECKING:
    from derive.report import Report
    from derive.solution import Code

__all__ = ["check_words", "code_words", "counterexample_words", "plural", "verification_words"]


def plural(count: int, noun: str) -> str:
    """`1 step`, `3 steps`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _magnitude(error: float | None) -> str:
    return "" if not error else f" (max error {error:.0e})".replace("e-0", "e-").replace("e+00", "")


def _value(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def counterexample_words(check: Check) -> str:
    """`x = 2, left = 8, right = 12`."""
    return ", ".join(f"{name} = {_value(value)}" for name, value in check.counterexample)


def check_words(check: Check | None) -> str:
    """What is said at a step: nothing where it is verified; why it is unverified; the point where it fails."""
    if check is None or check.status in ("verified", "exact"):
        return ""
    if check.status == "failed":
        return "✗ this step fails its check" + (f" at {counterexample_words(check)}" if check.counterexample else "")
    return "not verified" + (f": {check.reason}" if check.reason else "")


def verification_words(report: Report) -> str:
    """The sum of the checks in one line: `3 steps, each verified (max error 4e-16)`; empty where nothing was derived."""
    found, solution = report.verification, report.solution
    if found is None or solution is None or solution.derivation is None or not found.steps:
        return ""
    shown = len(shown_steps(solution.derivation, "normal"))
    if found.status == "verified":
        exact = all(step.check is None or step.check.status == "exact" for step in solution.derivation.walk())
        each = "verified" if shown == 1 else "each verified"
        return f"{plural(shown, 'step')}, {each}" + (" exactly" if exact else _magnitude(found.max_error))
    if found.status == "partly":
        return f"{found.verified} of {plural(found.steps, 'check')} passed, none failed; the others could not be made"
    if found.status == "failed":
        return "a step fails its check: the answer is withheld"
    return f"{plural(shown, 'step')}, not verified"


def code_words(code: Code) -> str:
    """What running the code showed: `verified at 12 points (max error 2e-16)`."""
    check = code.check
    if check is None:
        return "not run"
    if check.status in ("verified", "exact"):
        where = f" at {plural(check.points, 'point')}" if check.points else ""
        return f"verified{where}" + (f", {check.reason}" if check.reason else "") + _magnitude(check.max_error)
    if check.status == "failed":
        return "✗ disagrees with the answer" + (f" at {counterexample_words(check)}" if check.counterexample else "")
    return "not verified" + (f": {check.reason}" if check.reason else "")
