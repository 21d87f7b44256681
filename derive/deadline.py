"""A limit on the time a task may take, in any thread.

On the main thread an interval timer interrupts pure Python at once; in another thread the exception is raised at the next bytecode.
What runs inside C (a huge integer) answers to neither, which is why sizes are bounded before anything is built. An interruption that is
taken for the failure of one attempt is followed by others, so that what comes after it is short.
"""

from __future__ import annotations

import ctypes
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FrameType

from derive.errors import TimeLimit

__all__ = ["deadline"]

_AGAIN = 0.5  # seconds until the next interruption of a task that goes on


def deadline(seconds: float) -> AbstractContextManager[None]:
    """Raise TimeLimit in this thread when the block takes longer; `seconds` ≤ 0 means no limit."""
    if seconds <= 0:
        return nullcontext()
    message = f"the time limit of {seconds:g} s was met"
    if threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer"):
        return _Timer(seconds, message)
    return _with_watchdog(seconds, message)


class _Timer:
    """The interval timer of the process; one that runs already goes on when the block is left."""

    __slots__ = ("_message", "_outer", "_previous", "_seconds", "_started")

    def __init__(self, seconds: float, message: str) -> None:
        self._seconds = seconds
        self._message = message

    def _expired(self, number: int, frame: FrameType | None) -> None:
        raise TimeLimit(self._message)

    def __enter__(self) -> None:
        self._previous = signal.signal(signal.SIGALRM, self._expired)
        self._outer, _ = signal.getitimer(signal.ITIMER_REAL)
        self._started = time.monotonic()
        seconds = min(self._seconds, self._outer) if self._outer else self._seconds
        signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)

    def __exit__(self, *problem: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._previous)
        if self._outer:
            signal.setitimer(signal.ITIMER_REAL, max(self._outer - (time.monotonic() - self._started), 0.001), _AGAIN)


class _Expired(TimeLimit):
    """The watchdog's own exception: it can be raised without arguments."""

    def __init__(self) -> None:
        super().__init__("the time limit was met")


@contextmanager
def _with_watchdog(seconds: float, message: str) -> Iterator[None]:
    target = ctypes.c_ulong(threading.get_ident())
    finished = threading.Event()

    def watch() -> None:
        wait = seconds
        while not finished.wait(wait):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(target, ctypes.py_object(_Expired))
            wait = _AGAIN

    watchdog = threading.Thread(target=watch, name="derive-deadline", daemon=True)
    watchdog.start()
    try:
        yield
    except _Expired:
        raise TimeLimit(message) from None
    finally:
        finished.set()
        watchdog.join()
