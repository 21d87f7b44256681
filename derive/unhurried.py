"""Fewer visits of the garbage collector while a task is worked on.

A task makes many small trees that live as long as it does and hold no cycles; the collector's usual pace looks through them, and through
all that is loaded, again and again. While a task runs it comes rarely; its pace is what it was before as soon as no task runs.
"""

from __future__ import annotations

import gc
import threading

__all__ = ["unhurried"]

YOUNG = 20_000  # objects after which the collector looks at the new ones


class _Pace:
    """The pace of the process's collector, and how many tasks it is slow for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tasks = 0
        self._before = gc.get_threshold()

    def __enter__(self) -> None:
        """One task more; a pace that is slow already, or none, is left alone."""
        with self._lock:
            self._tasks += 1
            if self._tasks == 1:
                self._before = gc.get_threshold()
                if 0 < self._before[0] < YOUNG:
                    gc.set_threshold(YOUNG, *self._before[1:])

    def __exit__(self, *problem: object) -> None:
        """One task less; with the last one the pace is what it was, unless somebody else has changed it."""
        with self._lock:
            self._tasks -= 1
            if self._tasks == 0 and gc.get_threshold()[0] == YOUNG:
                gc.set_threshold(*self._before)


_pace = _Pace()


def unhurried() -> _Pace:
    """The collector at a slow pace inside the block, whichever threads run one: `with unhurried(): …`."""
    return _pace
