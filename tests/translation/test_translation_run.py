"""The worker process: results, errors, warnings, limits, several threads, and life after a crash."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from derive.translation.run import Outcome, Worker

MODULE = """
import math
import os
import sys
import time
from typing import NamedTuple

import numpy as np


class Parts(NamedTuple):
    a: float
    b: float


def double(x):
    return 2 * x


def warn(x):
    return np.exp(x)


def parts(x):
    return Parts(a=x, b=x * x)


def broken(x):
    raise ValueError("no")


def sleep(x):
    time.sleep(60)


def die(x):
    print("last words", file=sys.stderr)
    os._exit(3)


def chatter(x):
    print("noise on standard output")
    return x


def complain(x):
    return complex(x)
"""


@pytest.fixture(scope="module")
def worker() -> Worker:
    made = Worker()
    made.start()
    yield made  # type: ignore[misc]
    made.stop()


def ask(worker: Worker, function: str, *values: object, time_limit: float = 20.0, examples: list[str] | None = None) -> Outcome:
    request = {"source": MODULE, "function": function, "cases": [{"x": v} for v in values], "examples": examples or []}
    return worker.run(request, time_limit)


def test_values(worker: Worker) -> None:
    outcome = ask(worker, "double", 2.0, ("array", "float32", (2, 2), [1.0, 2.0, 3.0, 4.0]), examples=["double(x=3)"])
    assert [r.value for r in outcome.results] == [4.0, [[2.0, 4.0], [6.0, 8.0]]]
    assert outcome.results[1].dtype == "float32"
    assert outcome.results[1].shape == (2, 2)
    assert outcome.examples == ("6",)


def test_fields(worker: Worker) -> None:
    assert ask(worker, "parts", 3.0).results[0].value == {"a": 3.0, "b": 9.0}


def test_warnings_and_errors(worker: Worker) -> None:
    assert ask(worker, "warn", 1000.0).results[0].warnings == ("overflow encountered in exp",)
    assert ask(worker, "broken", 1.0).results[0].error == "ValueError: no"
    assert "complex" in ask(worker, "complain", 1.0).results[0].error
    assert ask(worker, "chatter", 1.0).results[0].value == 1.0
    assert "does not load" in worker.run({"source": "def f(:", "function": "f", "cases": []}).reason


def test_a_hanging_function_is_ended(worker: Worker) -> None:
    ask(worker, "double", 1.0)
    assert "no result within" in ask(worker, "sleep", 1.0, time_limit=0.5).reason
    assert ask(worker, "double", 1.0).results[0].value == 2.0


def test_a_dying_process_leaves_its_last_words(worker: Worker) -> None:
    assert "last words" in ask(worker, "die", 1.0).reason
    assert ask(worker, "double", 1.0).results[0].value == 2.0


def test_an_interrupted_request_leaves_nothing_behind(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(worker, "_answer", interrupted)
        with pytest.raises(KeyboardInterrupt):
            ask(worker, "double", 1.0)
    assert ask(worker, "double", 5.0).results[0].value == 10.0


def test_several_threads(worker: Worker) -> None:
    found: dict[int, float] = {}

    def work(k: int) -> None:
        found[k] = ask(worker, "double", float(k)).results[0].value

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {k: 2.0 * k for k in range(8)}


def test_no_numpy_in_the_main_process_and_a_clean_end() -> None:
    script = (
        "import sys\n"
        "from derive.translation import run\n"
        "run.start()\n"
        "from derive.expressions.term import call_name, name\n"
        "from derive.translation.translate import translate\n"
        "code = translate(call_name('sin', name('x')), {}, function='f', summary='Sine')\n"
        "assert code.check.status == 'verified', code.check\n"
        "assert 'numpy' not in sys.modules and 'sympy' not in sys.modules\n"
    )
    ended = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
