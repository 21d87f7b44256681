"""A note of what is being done, shown while a computation takes longer than a moment and erased when it is done.

What is being done is seen from outside: the room of the house that the computing thread is in. The computation itself knows
nothing of it and pays nothing for it.
"""

from __future__ import annotations

import os
import sys
import threading
from types import FrameType, TracebackType
from typing import TextIO

__all__ = ["Busy"]

_WORDS = {
    "reading": "reading",
    "meaning": "reading",
    "solving": "deriving",
    "rules": "deriving",
    "checking": "checking",
    "translation": "writing code",
    "graph": "writing code",
}


def _doing(frame: FrameType | None) -> str:
    """The word for the innermost frame that stands in a room of the house."""
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith("derive."):
            word = _WORDS.get(module.split(".")[1])
            if word:
                return word
        frame = frame.f_back
    return "working"


class Busy:
    """`with Busy(stream):` shows the note on the stream after `delay` seconds, and erases it at the end. One line."""

    def __init__(self, stream: TextIO, *, delay: float = 0.3, every: float = 0.2, ascii: bool = False) -> None:
        self._stream = stream
        self._delay = delay
        self._every = every
        self._dots = "..." if ascii else "…"
        self._done = threading.Event()
        self._shown = ""
        self._watched = threading.get_ident()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Busy:
        if self._stream.isatty() and os.environ.get("TERM") != "dumb":
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._done.set()
        if self._thread is not None:
            self._thread.join()
        if self._shown:
            self._write("\r\x1b[K")

    def _watch(self) -> None:
        wait = self._delay
        while not self._done.wait(wait):
            note = _doing(sys._current_frames().get(self._watched)) + self._dots
            if note != self._shown:
                self._write(f"\r\x1b[K  {note}")
                self._shown = note
            wait = self._every

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
