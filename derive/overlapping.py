"""Work that can be done while a process elsewhere is busy: done when there is a moment, at the latest when it is asked for.

In: a function. Out: what it gave, or what it raised, at the place where it is asked for; and the seconds that it took.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from derive.errors import DeriveError

__all__ = ["Overlapping"]

T = TypeVar("T")


class Overlapping(Generic[T]):
    """One piece of work; `start` does it, `result` gives it."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._found: list[T] = []
        self._problem: DeriveError | None = None
        self.seconds = 0.0

    def start(self) -> None:
        """Do the work unless it is done. What it raises is kept for `result`."""
        if self._found or self._problem is not None:
            return
        begun = time.perf_counter()
        try:
            self._found.append(self._work())
        except DeriveError as problem:
            self._problem = problem
        finally:
            self.seconds = time.perf_counter() - begun

    def result(self) -> T:
        """What the work gave; raises what it raised."""
        self.start()
        if self._problem is not None:
            raise self._problem
        return self._found[0]
