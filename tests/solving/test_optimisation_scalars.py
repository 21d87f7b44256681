"""Optima over scalars as a person asks for them: Lagrange, active inequalities, intervals, parameters; what does not exist is refused.

The expected values come from the literature or from arithmetic; every solved line is verified, its optimum against feasible points.
"""

from __future__ import annotations

import math

import pytest
import sympy as sp

from derive import solve


def _report(*lines: str) -> dict:
    return solve(lines).to_dict()


def _value(part: dict, at: dict[str, float]) -> list[float]:
    found = sp.sympify(part["sympy"] or part["plain"])  # several values have no SymPy string
    entries = list(found) if isinstance(found, (tuple, list, sp.Tuple)) else [found]
    return [float(sp.N(e.subs({s: at[str(s)] for s in e.free_symbols}))) for e in entries]


PROBLEMS = [
    (("minimize x^4 - 2x^2",), {"x": [-1, 1], "value": -1}),
    (("minimize x^3 - 6x^2 + 9x over x in [0, 5]",), {"x": [0, 3], "value": 0}),
    (("maximize x e^{-x} over x",), {"x": 1, "value": math.exp(-1)}),
    (("minimize x^2 on [1, 3]",), {"x": 1, "value": 1}),
    (("maximize x^2 subject to x in [0, 3]",), {"x": 3, "value": 9}),
    (("minimize |x - 1| + |x - 2| + |x - 4| over x",), {"x": 2, "value": 3}),
    (("minimize max(x, 2 - x) over x",), {"x": 1, "value": 1}),
    (("maximize sin x over x in [0, 2]",), {"x": math.pi / 2, "value": 1}),
    (("minimize x^4 + y^4 - 4 x y over x, y",), {"x": [-1, 1], "y": [-1, 1], "value": -2}),
    (("minimize (1-x)^2 + 100 (y-x^2)^2 over x, y",), {"x": 1, "y": 1, "value": 0}),
    (
        (r"\max_{p_1,p_2,p_3} \; -p_1\log p_1 - p_2\log p_2 - p_3\log p_3 \quad\text{s.t. } p_1+p_2+p_3=1",),
        {"p_1": 1 / 3, "p_2": 1 / 3, "p_3": 1 / 3, "value": math.log(3)},
    ),
    (("minimize x^2 + y^2 s.t. x + y = 1",), {"x": 0.5, "y": 0.5, "value": 0.5}),
    (("x + y = 1", "minimize x^2 + y^2 over x, y"), {"x": 0.5, "y": 0.5, "value": 0.5}),
    (("maximize x + y over x, y subject to x^2 + y^2 = 1",), {"x": math.sqrt(0.5), "y": math.sqrt(0.5), "value": math.sqrt(2)}),
    (("minimize x^2 + y^2 over x, y subject to x y = 1",), {"x": [-1, 1], "y": [-1, 1], "value": 2}),
    (("maximize x y z over x, y, z subject to x + y + z = 3, x >= 0, y >= 0, z >= 0",), {"x": 1, "y": 1, "z": 1, "value": 1}),
    (("minimize x + y + z over x, y, z subject to x y z = 8, x > 0, y > 0, z > 0",), {"x": 2, "y": 2, "z": 2, "value": 6}),
    ((r"\min_{x,y} (x-2)^2+(y-1)^2 \quad \text{s.t. } x+y\le 2",), {"x": 1.5, "y": 0.5, "value": 0.5}),
    (("minimize x^2 + 2y^2 over x, y subject to x + y >= 3, x <= 1",), {"x": 1, "y": 2, "value": 9}),
    (("maximize 3x + 2y over x, y subject to x + y <= 4, x <= 3, x >= 0, y >= 0",), {"x": 3, "y": 1, "value": 11}),
    (
        (r"\begin{aligned}\min_{x,y}\quad & x^2+y^2\\ \text{s.t.}\quad & x+y=1 \\ & x \ge 0\end{aligned}",),
        {"x": 0.5, "y": 0.5, "value": 0.5},
    ),
    ((r"\min x^2 + y^2 \text{ subject to } x + 2y = 5",), {"x": 1, "y": 2, "value": 5}),
    (("x in R^2", "minimize x_1^2 + 2 x_2^2 - x_1 over x"), {"x": [0.5, 0], "value": -0.25}),
    (("p in Delta^3", "maximize p_1 p_2 p_3 over p"), {"p": [1 / 3, 1 / 3, 1 / 3], "value": 1 / 27}),
    (("0 < q", "c > 0", "minimize q + c/q over q"), {"q": math.sqrt(0.7), "value": 2 * math.sqrt(0.7)}),
    (("a > 0, b > 0", "minimize a x^2 + b y^2 over x, y subject to x + y = 1"), {"x": 1.3 / 1.9, "y": 0.6 / 1.9, "value": 0.78 / 1.9}),
    (("lambda > 0", r"\min_x \frac12 (x-a)^2 + \lambda |x|"), {"x": 0.2}),
    ((r"\min_{x \ge 0} (x - a)^2",), {"x": 0.6, "value": 0}),
    (("minimize (x-a)^2 + (y-b)^2 over x, y subject to x + y <= c",), {"x": 0, "y": 0.7, "value": 0.72}),
]


@pytest.mark.parametrize(("lines", "expected"), PROBLEMS, ids=[lines[-1] for lines, _ in PROBLEMS])
def test_the_optimum_is_found_and_verified(lines: tuple[str, ...], expected: dict) -> None:
    report = _report(*lines)
    assert report["status"] == "solved", report["error"]
    assert report["verification"]["status"] == "verified"
    parts = report["answer"]["parts"]
    for name, value in expected.items():
        found = _value(parts[name], {"a": 0.6, "b": 1.3, "c": 0.7, "lambda": 0.4, "lam": 0.4})
        wanted = value if isinstance(value, list) else [value]
        assert found == pytest.approx(wanted, abs=1e-12), name
    assert report["code"]["check"]["status"] in ("verified", "exact")


REFUSED = [
    ("minimize x^3 - 3x over x", "unbounded below as x tends to −∞"),
    ("maximize e^x over x", "unbounded above as x tends to ∞"),
    ("minimize e^{-x^2} over x", "not attained"),
    (r"\min_{w} \log(1 + e^{-w}) + \log(1 + e^{-2w})", "not attained"),
    ("maximize x over x subject to x < 1", "not attained"),
    ("minimize x^2 - y^2 over x, y", "unbounded below, along"),
    ("minimize x y over x, y subject to x + y = 1", "unbounded below"),
    ("minimize (x + y)^2 over x, y", "not unique"),
    ("minimize x^2 over x subject to x >= 3, x <= 1", "contradict"),
    ("minimize x^2 over x subject to x = 1, x = 2", "contradict"),
    ("minimize y^2 + (x y - 1)^2 over x, y", "nothing here shows"),
    ("stationary points of e^x", "never zero"),
    ("gradient descent f from x_0 rate eta steps 2", "not defined"),
    ("newton 3x from 1", "second derivative is zero"),
]


@pytest.mark.parametrize(("line", "reason"), REFUSED, ids=[line for line, _ in REFUSED])
def test_what_does_not_exist_is_refused_with_the_reason(line: str, reason: str) -> None:
    report = _report(line)
    assert report["status"] in ("refused", "error")
    assert reason in report["error"]["message"]
    assert report["code"] is None


STATIONARY = [
    ("stationary points of x^3 - 3x", {"x": [-1, 1], "value": [2, -2]}, ["maximum", "minimum"]),
    ("stationary points of x^3 + y^3 - 3 x y", {"x": [0, 1], "y": [0, 1]}, ["saddle", "minimum"]),
    ("critical points of x^2 y - y", {"x": [-1, 1], "y": [0, 0]}, ["saddle", "saddle"]),
    ("stationary points of x^3", {"x": 0}, ["inflection"]),
    ("stationary points of x^4", {"x": 0}, ["minimum"]),
]


@pytest.mark.parametrize(("line", "expected", "kinds"), STATIONARY, ids=[line for line, *_ in STATIONARY])
def test_stationary_points_are_all_listed_and_classified(line: str, expected: dict, kinds: list[str]) -> None:
    report = _report(line)
    assert report["status"] == "solved" and report["verification"]["status"] == "verified"
    for name, value in expected.items():
        wanted = value if isinstance(value, list) else [value]
        assert _value(report["answer"]["parts"][name], {}) == pytest.approx(wanted, abs=1e-12)
    notes = [str(n) for n in report["notes"]]
    assert len(notes) >= len(kinds)
    for note, kind in zip(notes, kinds, strict=False):
        assert kind in note


ITERATES = [
    ("gradient descent (x-3)^2 from x_0 = 0 rate 0.1 steps 3", {"x_1": 0.6, "x_2": 1.08, "x_3": 1.464}),
    ("gradient descent x^2 + 3y^2 from (1, 2) rate 0.1 steps 2", {"x_1": 0.8, "y_1": 0.8, "x_2": 0.64, "y_2": 0.32}),
    ("newton x^2 - 2 = 0 from 1 steps 3", {"x_1": 1.5, "x_2": 17 / 12, "x_3": 577 / 408}),
    ("newton x^4 - 3x from x = 2 steps 1", {"x_1": 2 - 29 / 48}),
    ("newton x^2 + y^4 from (1, 1) steps 2", {"x_1": 0, "y_1": 2 / 3, "x_2": 0, "y_2": 4 / 9}),
    ("gradient descent (x-1)^2 from x_0 rate eta steps 1", {"x_1": 0.5 - 0.1 * 2 * (0.5 - 1)}),
]


@pytest.mark.parametrize(("line", "expected"), ITERATES, ids=[line for line, _ in ITERATES])
def test_iterates(line: str, expected: dict) -> None:
    report = _report(line)
    assert report["status"] == "solved" and report["verification"]["status"] == "verified"
    assert list(report["answer"]["parts"]) == list(expected)
    for name, value in expected.items():
        assert _value(report["answer"]["parts"][name], {"x_0": 0.5, "eta": 0.1}) == pytest.approx([value], abs=1e-12)
