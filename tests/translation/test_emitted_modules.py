"""Emitted modules as a reader's own tools see them: no lint, types that check, documentation that runs."""

from __future__ import annotations

import doctest
import subprocess
import sys
import types
from pathlib import Path

import pytest

from derive.session import solve
from derive.solution import Code

LINES = [
    ["1/(1 + exp(-x))"],
    ["log(1 - exp(-x))"],
    ["d/dx mish(x)"],
    ["sigma > 0", "-(x - mu)^2/(2 sigma^2) - log(sigma)"],
    ["\\begin{cases} x & x > 0 \\\\ \\alpha (e^{x} - 1) & x \\le 0 \\end{cases}"],
    ["x in R^n", "softmax(x)"],
    ["x in R^n", "argmax_i x_i"],
    ["x in R^n", "sum_{i=1}^n i x_i"],
    ["x_i in R^d", "D_{ij} = ||x_i - x_j||^2"],
    ["z in R^{n x K}", "y in {1..K}^n", "-\\frac1n\\sum_{i=1}^n\\log\\frac{e^{z_{i,y_i}}}{\\sum_{k}e^{z_{ik}}}"],
    ["X in R^{n x d}", "y in R^n", "lambda > 0", "(X^T X + lambda I)^{-1} X^T y"],
    ["A in R^{m x n}", "x in R^n", "b in R^m", "grad ||A x - b||^2 wrt x, b"],
    ["p log(p/q)"],
    ["x Phi(x) + log(Gamma(y))"],
    ["Q in R^{n x d}", "K in R^{m x d}", "V in R^{m x p}", "softmax(Q K^T/sqrt(d)) V"],
]
SETTINGS: dict[str, dict[str, object]] = {"numpy": {}, "array-api": {"target": "array-api"}, "inplace": {"inplace": True}}


@pytest.fixture(scope="module")
def codes() -> dict[str, Code]:
    """The code of every line for every target, by name of a module."""
    found = {}
    for target, settings in SETTINGS.items():
        for place, lines in enumerate(LINES):
            report = solve(lines, **settings)
            assert report.code is not None, (lines, report)
            assert report.code.check is not None
            assert report.code.check.status == "verified", (lines, target)
            found[f"{target.replace('-', '_')}_{place}"] = report.code
    return found


def test_no_lint(codes: dict[str, Code], tmp_path: Path) -> None:
    for name, code in codes.items():
        (tmp_path / f"{name}.py").write_text(code.source, encoding="utf-8")
    rules = "E,F,W,I,UP,B,C4,SIM,RET,PIE,NPY,D2,D3,D4"
    ignored = "E501,RUF001,RUF002,D203,D205,D206,D211,D213,D400,D401,D403,D407,D413,D415,D417"
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--quiet",
        "--output-format",
        "concise",
        "--select",
        rules,
        "--ignore",
        ignored,
    ]
    found = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=False)
    assert found.stdout == ""


def test_types_check(codes: dict[str, Code], tmp_path: Path) -> None:
    for name, code in codes.items():
        (tmp_path / f"{name}.py").write_text(code.source, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path / "cache"), "--config-file", "", "--ignore-missing-imports"]
    strict = ["--disallow-untyped-defs", "--check-untyped-defs", "--warn-redundant-casts", "--no-implicit-optional"]
    found = subprocess.run([*command, *strict, str(tmp_path)], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


def test_examples_run(codes: dict[str, Code]) -> None:
    for name, code in codes.items():
        module = types.ModuleType(name)
        exec(compile(code.source, f"{name}.py", "exec"), module.__dict__)
        failures, tried = doctest.testmod(module)
        assert failures == 0, name
        assert tried, name


def test_the_documentation_says_formula_and_shapes(codes: dict[str, Code]) -> None:
    source = codes["numpy_11"].source
    for said in (
        "Parameters\n    ----------",
        "A : array, shape (m, n)",
        "Returns\n    -------",
        "x : array, shape (n,)",
        "Examples\n    --------",
    ):
        assert said in source, said
