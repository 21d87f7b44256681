"""Every error that a person can meet, as one tree.

    DeriveError
    ├── InputError                the input cannot be read or is inconsistent      (report status "error", exit 2)
    │   ├── SyntaxProblem         a place where the text stops being mathematics
    │   ├── UnknownName           an unknown command, macro or function
    │   ├── InconsistentInput     shapes or declarations that contradict each other
    │   └── WrongUse              a task that does not fit what it is given
    ├── InternalError             derive itself failed; nothing was answered         (report status "error", exit 2)
    └── Refusal                   read, but there is no answer to give             (report status "refused", exit 1)
        ├── AmbiguousInput        two readings of different value remain
        ├── NotSupported          read and understood; no solver for it exists yet
        ├── Undetermined          the problem does not determine an answer
        ├── DoesNotExist          the answer does not exist (a divergent integral, a missing limit)
        ├── TooLarge              a bound on size was met before building
        ├── TimeLimit             the time limit of the task was met
        └── FailedCheck           a step failed its numeric check; the answer is withheld

Each carries the place in the input (offsets into the text of its line), what was expected, and a suggestion.
"""

from __future__ import annotations

__all__ = [
    "AmbiguousInput",
    "DeriveError",
    "DoesNotExist",
    "FailedCheck",
    "InconsistentInput",
    "InputError",
    "InternalError",
    "NotSupported",
    "Refusal",
    "SyntaxProblem",
    "TimeLimit",
    "TooLarge",
    "Undetermined",
    "UnknownName",
    "WrongUse",
]


class DeriveError(Exception):
    """The root of all errors. `kind` is stable kebab-case; `span` is (start, end) in the text of the line."""

    kind = "error"
    status = "error"

    def __init__(
        self,
        message: str,
        *,
        span: tuple[int, int] | None = None,
        expected: tuple[str, ...] = (),
        suggestion: str | None = None,
        source: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.expected = expected
        self.suggestion = suggestion
        self.source = source  # the text that `span` points into, where it is not the whole line

    def at(self, span: tuple[int, int] | None) -> DeriveError:
        """The same error, placed at `span` unless it already has a place."""
        if self.span is None:
            self.span = span
        return self


class InputError(DeriveError):
    """The input cannot be read, or contradicts itself."""

    kind = "input"


class SyntaxProblem(InputError):
    """The text stops being mathematics at `span`."""

    kind = "syntax"


class UnknownName(InputError):
    """An unknown command, macro, environment or function."""

    kind = "unknown-name"


class InconsistentInput(InputError):
    """Declarations or shapes that contradict each other."""

    kind = "inconsistent"


class WrongUse(InputError):
    """A task that does not fit what it is applied to."""

    kind = "wrong-use"


class InternalError(DeriveError):
    """A defect of derive: the work on this line broke off. The message names the exception; the cause is chained."""

    kind = "internal"


class Refusal(DeriveError):
    """The input was read; there is no answer to give, and the message says why."""

    kind = "refused"
    status = "refused"


class AmbiguousInput(Refusal):
    """Two readings of different value remain; `readings` holds them as text, `expected` the declarations that settle it."""

    kind = "ambiguous"

    def __init__(
        self,
        message: str,
        *,
        readings: tuple[str, ...] = (),
        span: tuple[int, int] | None = None,
        expected: tuple[str, ...] = (),
        suggestion: str | None = None,
    ) -> None:
        super().__init__(message, span=span, expected=expected, suggestion=suggestion)
        self.readings = readings


class NotSupported(Refusal):
    """Read and understood, but no solver for it exists yet; the message names what is missing."""

    kind = "not-supported"


class Undetermined(Refusal):
    """The problem does not determine an answer; the message names what is needed."""

    kind = "undetermined"


class DoesNotExist(Refusal):
    """The answer does not exist: a divergent integral, a limit with different sides, an optimum that is not attained."""

    kind = "does-not-exist"


class TooLarge(Refusal):
    """A bound on size was met before anything was built."""

    kind = "too-large"


class TimeLimit(Refusal):
    """The time limit of the task was met."""

    kind = "time-limit"


class FailedCheck(Refusal):
    """A step failed its check; `counterexample` maps names to the values at which it fails."""

    kind = "failed-check"

    def __init__(self, message: str, *, counterexample: dict[str, object] | None = None) -> None:
        super().__init__(message)
        self.counterexample = counterexample or {}
