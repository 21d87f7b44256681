"""Loads what a task needs behind the painted prompt: SymPy, the solvers, the process that runs code."""

from __future__ import annotations

import gc
import threading

__all__ = ["Loading"]


class Loading:
    """Begins when `begin` is first called; `wait` returns when everything is there, and raises what went wrong."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None
        self.reader_ready = False
        self.ready = False

    def begin(self) -> None:
        """Starts loading, once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._load, name="derive-loading", daemon=True)
            self._thread.start()

    def _load(self) -> None:
        gc.disable()
        try:
            from derive.reading import is_complete

            is_complete("x")
            self.reader_ready = True
            from derive.translation.run import start

            start()
            import derive.session  # noqa: F401

            self.ready = True
        except ImportError as failure:
            self._failure = failure
        finally:
            gc.freeze()
            gc.enable()

    def wait(self) -> None:
        """Waits until everything is loaded. Can be interrupted by Ctrl-C."""
        self.begin()
        assert self._thread is not None
        while self._thread.is_alive():
            self._thread.join(0.1)
        if self._failure is not None:
            raise self._failure
