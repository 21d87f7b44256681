"""What a first answer loads: nothing that the task does not need."""

from __future__ import annotations

import subprocess
import sys

import pytest

LINES = [
    ("A in R^{m x n}", "x in R^n", "b in R^m", "grad ||A x - b||^2 wrt x"),
    ("x in R^n", "hessian log sum_{i=1}^n exp(x_i) wrt x"),
    ("W in R^{k x d}", "x in R^d", "jacobian tanh(W x) wrt x"),
    ("x in R^d", "W in R^{k x d}", "h = tanh(W x)", "L = ||h||^2", "backprop L wrt W"),
]
PROGRAM = """
import sys
import derive
report = derive.solve(sys.argv[1:])
assert report.status == "solved", report.error
assert report.verification.status == "verified" and report.code is not None
report.to_dict()
print("sympy" in sys.modules)
"""


@pytest.mark.parametrize("lines", LINES, ids=lambda lines: lines[-1])
def test_derivatives_over_arrays_need_no_sympy(lines: tuple[str, ...]) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, *lines], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "False", done.stdout + done.stderr


def test_a_derivative_of_a_scalar_is_computed_with_sympy() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, "d/dx x sin x"], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "True", done.stdout + done.stderr
