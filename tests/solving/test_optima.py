"""Optima of functions of one variable: values, domains, what is not attained, and the variable that was left out."""

import pytest
import sympy as sp

import derive


def _report(*lines: str) -> dict:
    return derive.solve(list(lines)).to_dict()


@pytest.mark.parametrize(
    ("lines", "at", "value"),
    [
        (("minimize x^2 - 4 x",), "2", "-4"),
        (("maximize log x - x",), "1", "-1"),
        (("minimize x log x wrt x",), "exp(-1)", "-exp(-1)"),
        (("x > 0", "minimize 1/x + x wrt x"), "1", "2"),
        (("maximize x (1 - x) wrt x",), "1/2", "1/4"),
    ],
)
def test_optimum(lines: tuple[str, ...], at: str, value: str) -> None:
    report = _report(*lines)
    assert report["status"] == "solved", report["error"]
    assert report["verification"]["status"] == "verified"
    parts = report["answer"]["parts"]
    assert sp.simplify(sp.sympify(parts["x"]["sympy"]) - sp.sympify(at)) == 0
    assert sp.simplify(sp.sympify(parts["value"]["sympy"]) - sp.sympify(value)) == 0


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("minimize e^(-x) wrt x", "not attained"),
        ("minimize 1/x + x wrt x", "unbounded"),
        ("minimize (x - 1)^2 + y^2", "over which variable"),
        ("minimize 3", "no variable"),
    ],
)
def test_refused(line: str, reason: str) -> None:
    report = _report(line)
    assert report["status"] in ("refused", "error")
    assert reason in report["error"]["message"]
    assert report["answer"] is None and report["code"] is None


@pytest.mark.parametrize(
    ("interval", "line", "reason"),
    [
        ("2 < x < 5", "minimize x^2 wrt x", "tends to 2"),
        ("x in [0, 3]", "minimize a x^2 - x wrt x", "not seen to be convex"),
    ],
)
def test_declared_bounds_confine(interval: str, line: str, reason: str) -> None:
    report = _report(interval, line)
    assert report["status"] == "refused" and reason in report["error"]["message"]


def test_a_point_that_hangs_on_parameters_is_assumed_to_be_inside() -> None:
    report = _report("0 < q < 1", "maximize k log q + (n - k) log(1 - q) wrt q")
    assert "inside" in str(report["assumptions"])
