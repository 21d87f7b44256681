"""Jobs become code: in this process, or in several. The order of the results is that of the jobs, whoever finishes first.

In: `Job`s with the names of their functions. Out: `Done`s: the module of each function, proved as everywhere, or why there is none.
"""

from __future__ import annotations

import multiprocessing
import re
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, NamedTuple

from derive.answering import Settings, answer
from derive.deadline import deadline
from derive.documents.claims import difference
from derive.documents.kinds import NEEDS, REFUSED, TRANSLATED, WITHHELD, Job
from derive.errors import AmbiguousInput, DeriveError, Undetermined
from derive.solution import Code

__all__ = ["Done", "done", "worked"]

AHEAD = 16  # jobs that wait for each process
DEEPEST_STACK = 5000


class Done(NamedTuple):
    """What became of a job: its status, the module with its function, what is to be said of it."""

    status: str
    source: str = ""
    function: str = ""
    reason: str = ""
    expected: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    check: str = ""
    tests: str = ""


def done(job: Job, settings: Settings) -> Done:
    """The code of one job. Nothing is raised."""
    if sys.getrecursionlimit() < DEEPEST_STACK:
        sys.setrecursionlimit(DEEPEST_STACK)
    try:
        with deadline(settings.time_limit):
            return _direct(job, settings) if job.target is not None else _solved(job, settings)
    except DeriveError as problem:
        needs = isinstance(problem, Undetermined | AmbiguousInput)
        return Done(NEEDS if needs else REFUSED, reason=problem.message, expected=problem.expected if needs else ())
    except RecursionError:
        return Done(REFUSED, reason="the formula is nested too deeply")
    except MemoryError:
        return Done(REFUSED, reason="the formula needs more memory than is allowed")
    except Exception as defect:  # one formula never stops the others
        return Done(REFUSED, reason=f"derive failed inside ({type(defect).__name__}: {defect})")


def _direct(job: Job, settings: Settings) -> Done:
    from derive.translation.target import Target
    from derive.translation.translate import translate

    assert job.target is not None
    wanted = Target(settings.target, settings.inplace, settings.with_tests)
    code = translate(job.target, job.types, function=job.function, summary=job.summary, formula=job.formula, first=job.first, wanted=wanted)
    made = _judged(code, job.function)
    if made.status != TRANSLATED or not job.claims:
        return made
    found = (difference(job.target, job.types, claim, settings) for claim in job.claims)
    return made._replace(notes=(*made.notes, *(said for said in found if said is not None)))


def _solved(job: Job, settings: Settings) -> Done:
    """A task is derived, and every step is checked, before its answer is translated."""
    assert job.reading is not None
    report = answer(job.reading, job.reading.text, settings, {}, 1)
    if report.error is not None:
        return Done(REFUSED, reason=report.error.message)
    if report.code is None:
        return Done(REFUSED, reason="; ".join(_text(n) for n in report.notes) or "there is no code for this task")
    return _judged(report.code, job.function)


def _judged(code: Code, function: str) -> Done:
    """Code that failed its run is withheld; what could not be run is not called proved."""
    notes = tuple(_text(n) for n in code.notes)
    check = code.check
    if check is not None and check.status == "failed":
        point = ", ".join(f"{k} = {v}" for k, v in check.counterexample)
        reason = f": {check.reason}" if check.reason else ""
        return Done(WITHHELD, reason=f"the code failed its run{' at ' + point if point else ''}{reason}", notes=notes)
    source = _renamed(code.source, code.function, function)
    said = () if check is None or check.status == "verified" else (f"the code was not proved: {check.reason}",)
    tests = _renamed(code.tests, code.function, function) if code.tests else ""
    return Done(TRANSLATED, source, function, notes=(*notes, *said), check=check.status if check is not None else "", tests=tests)


def _text(prose: Any) -> str:
    return "".join(part if isinstance(part, str) else str(part) for part in prose)


def _renamed(source: str, old: str, new: str) -> str:
    """The module with its function, and the tuple of its parts, under another name."""
    if old == new:
        return source

    def parts(name: str) -> str:
        return re.sub(r"(?:^|_)([a-z0-9])", lambda m: m.group(1).upper(), name) + "Parts"

    source = re.sub(rf"\b{re.escape(old)}\(", f"{new}(", source).replace(f"from {old} import {old}", f"from {new} import {new}")
    return re.sub(rf"\b{re.escape(parts(old))}\b", parts(new), source).replace(f"The parts of {old}.", f"The parts of {new}.")


# ---------------------------------------------------------------------------------------------- several processes
def worked(jobs: Iterable[Job], settings: Settings, processes: int) -> Iterator[Done]:
    """The results in the order of the jobs; no more jobs are taken than the processes have use for."""
    if processes <= 1:
        for job in jobs:
            yield done(job, settings)
        return
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    waiting: deque[tuple[Job, Future[Done]]] = deque()
    source = iter(jobs)
    pool = ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context(method), initializer=_begin)
    try:
        while True:
            while len(waiting) < AHEAD * processes and (following := next(source, None)) is not None:
                waiting.append((following, pool.submit(done, following, settings)))
            if not waiting:
                return
            _, future = waiting.popleft()
            try:
                yield future.result()
            except BrokenProcessPool:
                yield Done(REFUSED, reason="the process that translated this formula ended")
                pool.shutdown(wait=False, cancel_futures=True)
                pool = ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context(method), initializer=_begin)
                waiting = deque((j, pool.submit(done, j, settings)) for j, _ in waiting)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    """A process of the pool: the prompt's Ctrl-C is for the parent, the worker that runs code starts at once."""
    import signal

    from derive.translation.run import start

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    start()
