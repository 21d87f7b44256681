"""A limit on the time a task may take, in any thread.

On the main thread an interval timer interrupts pure Python at once; in another thread the exception is raised at the next bytecode.
What runs inside C (a huge integer) answers to neither, which is why sizes are bounded before anything is built.
"""

from __future__ import annotations

import ctypes
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from derive.errors import TimeLimit

__all__ = ["deadline"]


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise TimeLimit in this thread when the block takes longer; `seconds` ≤ 0 means no limit."""
    if seconds <= 0:
        yield
        return
    message = f"the time limit of {seconds:g} s was met"
    if threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer"):
        yield from _with_timer(seconds, message)
    else:
        yield from _with_watchdog(seconds, message)


def _with_timer(seconds: float, message: str) -> Iterator[None]:
    def expired(number: int, frame: FrameType | None) -> None:
        raise TimeLimit(message)

    previous = signal.signal(signal.SIGALRM, expired)
    outer, _ = signal.getitimer(signal.ITIMER_REAL)
    started = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, seconds if not outer else min(seconds, outer))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        if outer:
            signal.setitimer(signal.ITIMER_REAL, max(outer - (time.monotonic() - started), 0.001))


class _Expired(TimeLimit):
    """The watchdog's own exception: it can be raised without arguments."""

    def __init__(self) -> None:
        super().__init__("the time limit was met")


def _with_watchdog(seconds: float, message: str) -> Iterator[None]:
    target = ctypes.c_ulong(threading.get_ident())
    finished = threading.Event()

    def watch() -> None:
        if not finished.wait(seconds):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(target, ctypes.py_object(_Expired))

    watchdog = threading.Thread(target=watch, name="derive-deadline", daemon=True)
    watchdog.start()
    try:
        yield
    except _Expired:
        raise TimeLimit(message) from None
    finally:
        finished.set()
        watchdog.join()
