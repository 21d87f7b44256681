"""The time limit ends a task, also one that takes an interruption for the failure of an attempt."""

from __future__ import annotations

import threading
import time

import pytest

from derive.deadline import deadline
from derive.errors import DeriveError, TimeLimit


def busy(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def stubborn(attempts: int) -> float:
    """Tries again after every interruption; how long it took."""
    start = time.monotonic()
    with deadline(0.1):
        for _ in range(attempts):
            try:
                busy(30)
            except DeriveError:
                continue
    return time.monotonic() - start


def test_a_task_is_interrupted() -> None:
    with pytest.raises(TimeLimit), deadline(0.1):
        busy(30)


def test_a_task_that_goes_on_is_interrupted_again() -> None:
    assert stubborn(3) < 10


def test_the_same_in_another_thread() -> None:
    found: list[float] = []
    thread = threading.Thread(target=lambda: found.append(stubborn(3)))
    thread.start()
    thread.join()
    assert found and found[0] < 10


def test_an_inner_limit_leaves_the_outer_one() -> None:
    with pytest.raises(TimeLimit), deadline(0.5):
        with pytest.raises(TimeLimit), deadline(0.1):
            busy(30)
        busy(30)
