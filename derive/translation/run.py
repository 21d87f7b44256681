"""Runs emitted code in a worker process: NumPy is never imported here, and nothing that hangs or crashes there is felt here.

    start()                       begins the worker without waiting for it
    run(source, function, cases)  → Outcome with a Result for each case
    stop()                        ends it (also done at interpreter shutdown)

One worker serves all threads, one request at a time; it is killed at a timeout and started again by the next request.
"""

from __future__ import annotations

import atexit
import contextlib
import marshal
import os
import selectors
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

__all__ = ["Outcome", "Result", "Worker", "run", "start", "stop"]

TIME_LIMIT = 10.0


class Result(NamedTuple):
    """What one case gave: nested lists (or fields of them), an error, the RuntimeWarnings, the dtype and shape."""

    value: Any
    error: str
    warnings: tuple[str, ...]
    dtype: str = ""
    shape: tuple[int, ...] = ()


class Outcome(NamedTuple):
    """The results in order, the text of the examples, or the reason why there are none."""

    results: tuple[Result, ...] = ()
    examples: tuple[str, ...] = ()
    reason: str = ""


def _nested(flat: list[float], shape: tuple[int, ...]) -> Any:
    if not shape:
        return flat[0]
    if len(shape) == 1:
        return flat
    step = len(flat) // shape[0] if shape[0] else 0
    return [_nested(flat[k * step : (k + 1) * step], shape[1:]) for k in range(shape[0])]


def _result(answer: tuple[Any, str, list[str]]) -> Result:
    value, error, warnings = answer
    if value is None:
        return Result(None, error, tuple(warnings))
    if value[0] == "fields":
        fields = {key: _nested(list(part[3]), tuple(part[2])) for key, part in value[1]}
        return Result(fields, error, tuple(warnings), ",".join(part[1] for _, part in value[1]))
    return Result(_nested(list(value[3]), tuple(value[2])), error, tuple(warnings), value[1], tuple(value[2]))


class Worker:
    """One worker process and the lock around it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._pid = 0

    def start(self) -> None:
        """Begin the process unless it runs; does not wait for its imports."""
        with self._lock:
            self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None and self._pid == os.getpid():
            return self._process
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        command = [sys.executable, "-P", str(Path(__file__).with_name("worker.py"))]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, env=environment, start_new_session=True
        )
        self._pid = os.getpid()
        return self._process

    def run(self, request: dict[str, Any], time_limit: float = TIME_LIMIT, meanwhile: Callable[[], None] | None = None) -> Outcome:
        """Send a request, do something else for a moment, and wait for the answer."""
        with self._lock:
            finished = False
            try:
                process = self._started()
                body = marshal.dumps(request)
                assert process.stdin is not None
                process.stdin.write(len(body).to_bytes(4, "little") + body)
                process.stdin.flush()
                if meanwhile is not None:
                    meanwhile()
                answer = self._answer(process, time.monotonic() + time_limit)
                if answer is None:
                    late = not self._has_ended(process)
                    return Outcome(reason=f"no result within {time_limit:g} s" if late else f"the process ended: {self._complaint()}")
                finished = True
            except OSError as error:
                return Outcome(reason=f"the code could not be run: {self._complaint() or error}")
            finally:
                if not finished:  # also when interrupted: a late answer must not meet the next request
                    self._end()
        if "failed" in answer:
            return Outcome(reason=f"the code does not load: {answer['failed']}")
        return Outcome(tuple(_result(r) for r in answer["results"]), tuple(answer["examples"]))

    @staticmethod
    def _answer(process: subprocess.Popen[bytes], deadline: float) -> dict[str, Any] | None:
        assert process.stdout is not None
        pipe, received, wanted = process.stdout.fileno(), bytearray(), 4
        with getattr(selectors, "PollSelector", selectors.DefaultSelector)() as selector:  # of one pipe the cheapest to make
            selector.register(pipe, selectors.EVENT_READ)
            while len(received) < wanted:
                if not selector.select(max(deadline - time.monotonic(), 0)):
                    return None
                chunk = os.read(pipe, 1 << 16)
                if not chunk:
                    return None
                received += chunk
                if len(received) >= 4:
                    wanted = 4 + int.from_bytes(received[:4], "little")
        answer: dict[str, Any] = marshal.loads(bytes(received[4:]))
        return answer

    @staticmethod
    def _has_ended(process: subprocess.Popen[bytes]) -> bool:
        """Whether the process is gone; one that closed its output is about to be."""
        try:
            process.wait(0.2)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _complaint(self) -> str:
        if self._errors is None:
            return ""
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or self._pid != os.getpid():
            return
        with contextlib.suppress(OSError):
            process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, self._errors):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._errors = None

    def stop(self) -> None:
        """End the process."""
        with self._lock:
            self._end()


_worker = Worker()
atexit.register(_worker.stop)


def start() -> None:
    """Begin the worker so that its import of NumPy overlaps what happens here; a failure shows at the first run."""
    with contextlib.suppress(OSError):
        _worker.start()


def stop() -> None:
    """End the worker."""
    _worker.stop()


def run(
    source: str,
    function: str,
    cases: Iterable[Mapping[str, Any]],
    examples: Iterable[str] = (),
    time_limit: float = TIME_LIMIT,
    meanwhile: Callable[[], None] | None = None,
    namespace: str = "numpy",
) -> Outcome:
    """Run a function of an emitted module on each case (arguments by name); `meanwhile` is called once they are sent.

    The arrays are those of `namespace`, a module of the array API."""
    request = {"source": source, "function": function, "cases": [dict(c) for c in cases], "examples": list(examples)}
    request["namespace"] = namespace
    return _worker.run(request, time_limit, meanwhile)
