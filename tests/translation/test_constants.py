"""Functions of no arguments that are arithmetic of numbers: their value without a process, and the same as by running them."""

from __future__ import annotations

import pytest

from derive.translation import constants
from derive.translation.run import run

MODULE = 'import numpy as np\n\n\ndef evaluate() -> float:\n    """Words."""\n    return {}\n'
EXAMPLE = "round(float(evaluate()), 6)"


@pytest.mark.parametrize("body", ["1 / 6", "7", "-0.125", "(1 / 3 + 0.25) * 3 - 2", "-(2 / 7) / 3", "10 / 21", "1e300 * 1e300"])
def test_the_value_is_that_of_a_run(body: str) -> None:
    source = MODULE.format(body)
    found, wanted = constants.outcome(source, "evaluate", [EXAMPLE]), run(source, "evaluate", [{}], [EXAMPLE])
    assert found is not None
    assert found.results[0].value == wanted.results[0].value
    assert found.examples == wanted.examples


@pytest.mark.parametrize(
    "source",
    [
        MODULE.format("np.sqrt(2.0)"),
        MODULE.format("2.0**0.5"),
        MODULE.format("1 / 0"),
        MODULE.format("True"),
        MODULE.format("'text'"),
        MODULE.format("x"),
        MODULE.format(" + ".join(["1"] * 200)),
        MODULE.replace("    return", "    x = 2\n    return").format("1 / 6"),
        MODULE.replace("evaluate()", "evaluate(x)").format("1 / 6"),
        MODULE.format("1 / 6") + "\n\ndef other() -> int:\n    return 2\n",
    ],
)
def test_anything_else_is_left_to_the_worker(source: str) -> None:
    assert constants.outcome(source, "evaluate") is None


def test_an_example_of_another_form_is_left_to_the_worker() -> None:
    assert constants.outcome(MODULE.format("1 / 6"), "evaluate", ["evaluate()"]) is None
