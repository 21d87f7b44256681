"""The steps are checked while the code runs: what the checks find counts as if they came first."""

from __future__ import annotations

import gc
import threading
from dataclasses import replace
from typing import Any

import pytest

import derive
from derive import answering
from derive.errors import TimeLimit
from derive.overlapping import Overlapping
from derive.unhurried import YOUNG, unhurried

LINES = ["A in R^{n x n}", "x in R^n", "grad x^T A x wrt x"]


def test_work_is_done_once_and_its_result_kept() -> None:
    done: list[int] = []

    def work() -> int:
        done.append(1)
        return 7

    overlapping = Overlapping(work)
    overlapping.start()
    overlapping.start()
    assert (overlapping.result(), overlapping.result(), len(done)) == (7, 7, 1)


def test_what_the_work_raises_is_raised_where_its_result_is_asked_for() -> None:
    def work() -> int:
        raise TimeLimit("the time limit was met")

    overlapping = Overlapping(work)
    overlapping.start()
    with pytest.raises(TimeLimit):
        overlapping.result()


@pytest.mark.parametrize("code", [True, False])
def test_an_answer_with_a_wrong_step_is_withheld_with_its_code(monkeypatch: pytest.MonkeyPatch, code: bool) -> None:
    solved = answering._solve

    def wrong(reading: Any) -> Any:
        solution, refusal = solved(reading)
        first, *rest = solution.derivation.steps
        twice = replace(first, after=derive.read("3 x^T A x", None).term)
        return replace(solution, derivation=replace(solution.derivation, steps=(twice, *rest))), refusal

    monkeypatch.setattr(answering, "_solve", wrong)
    report = derive.solve(LINES, code=code)
    assert report.status == "refused"
    assert report.verification is not None and report.verification.status == "failed"
    assert report.code is None and "withheld" in str(report.error)


def test_every_part_has_its_own_time() -> None:
    report = derive.solve(LINES)
    assert list(report.seconds) == ["reading", "derivation", "verification", "code"]
    assert all(seconds > 0 for seconds in report.seconds.values())


@pytest.mark.parametrize("before", [(700, 10, 10), (0, 10, 10), (YOUNG + 1, 10, 10)])
def test_the_collector_has_its_pace_again_when_the_last_task_ends(before: tuple[int, int, int]) -> None:
    kept = gc.get_threshold()
    gc.set_threshold(*before)
    try:
        with unhurried():
            slow = gc.get_threshold()
            with unhurried():
                assert gc.get_threshold() == slow
            assert gc.get_threshold() == slow
        assert gc.get_threshold() == before
        assert slow[0] == (YOUNG if 0 < before[0] < YOUNG else before[0])
    finally:
        gc.set_threshold(*kept)


def test_tasks_in_several_threads_leave_the_pace_as_it_was() -> None:
    before = gc.get_threshold()
    entered, leave = threading.Barrier(3), threading.Event()

    def task() -> None:
        with unhurried():
            entered.wait()
            leave.wait()

    threads = [threading.Thread(target=task) for _ in range(2)]
    for thread in threads:
        thread.start()
    entered.wait()
    leave.set()
    for thread in threads:
        thread.join()
    assert gc.get_threshold() == before
