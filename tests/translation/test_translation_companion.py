"""The test module beside emitted code: it runs under pytest as it is, and a planted error in the code makes it fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from derive.session import solve
from derive.solution import Code
from derive.translation.companion import failure_of

LINES: list[tuple[list[str], dict[str, object], tuple[str, str], str]] = [  # lines, settings, planted error, the test that notices
    (["1/(1 + exp(-x))"], {}, ("1.0 + e", "1.0 - e"), "test_values"),
    (["d/dx x sigma(a x)"], {}, ("1.0 + e", "1.01 + e"), "test_gradient_by_differences"),
    (["log(1 + exp(x))"], {}, ("np.logaddexp(0.0, x)", "np.log(1 + np.exp(x))"), "test_extremes"),
    (["sigma > 0", "-(x - mu)^2/(2 sigma^2) - log(sigma)"], {}, ("return ", "return 1.5 + 0 * "), "test_values"),
    (["x^2 + 1"], {}, ("return ", "return np.float64(1.0) * "), "test_single_precision"),
    (["x^2 + y"], {}, ("return ", "return np.mean(x) - np.mean(x) + 0 * y + "), ""),
    (["X in R^{n x d}", "y in R^n", "w in R^d", "grad ||y - X w||_2^2 + lambda ||w||_2^2 wrt w"], {}, ("2 *", "3 *"), "test_gradient_by_differences"),
    (["A in R^{m x n}", "x in R^n", "b in R^m", "grad ||A x - b||^2 wrt x, b"], {}, ("2 *", "-2 *"), "test_gradient_by_differences"),
    (["z in R^n", "softmax(z)"], {}, ("np.sum(e,", "np.sum(e + 0.1,"), "test_values"),
    (["z in R^n", "softmax(z)"], {}, ("return ", "return np.ones((1, 1)) * "), "test_values"),
    (["exp(-x^2) y"], {"inplace": True}, ("BLOCK = 1 << 14", "BLOCK = 1 << 14; BLOCK += 0"), ""),
    (["exp(-x^2) y"], {"inplace": True}, ("result = blocks.operands[-1] if out is None else out", "result = np.array(blocks.operands[-1])"), "test_out"),
    (["y in {-1, 1}^n, x in R^n", "sum_{i=1}^n log(1 + e^{-y_i x_i})"], {}, ("-y * x", "y * x"), "test_values"),
    (["v in R^n", "grad -sum(1 + v - m^2 - exp(v))/2 wrt m, v"], {}, ("np.expm1(v)", "np.exp(v)"), "test_arrays_of_numbers"),
    (["1/(1 + exp(-x))"], {"target": "array-api"}, ("1.0 + e", "1.0 - e"), "test_values"),
]  # fmt: skip


def code_of(lines: list[str], settings: dict[str, object]) -> Code:
    report = solve(lines, with_tests=True, **settings)
    assert report.code is not None, report
    assert report.code.tests, report.code.notes
    return report.code


def run_pytest(folder: Path, code: Code, source: str) -> subprocess.CompletedProcess[str]:
    (folder / f"{code.function}.py").write_text(source, encoding="utf-8")
    (folder / f"test_{code.function}.py").write_text(code.tests, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


@pytest.mark.parametrize(("lines", "settings", "error", "noticed"), LINES, ids=[f"{lines[-1]}: {error[1]}" for lines, _, error, _ in LINES])
def test_a_planted_error_is_noticed(lines: list[str], settings: dict[str, object], error: tuple[str, str], noticed: str) -> None:
    code = code_of(lines, settings)
    assert failure_of(code.tests, code.source, code.function) == ""
    assert error[0] in code.source
    wrong = code.source.replace(*error)
    problem = failure_of(code.tests, wrong, code.function)
    assert bool(problem) == bool(noticed)
    if noticed:
        assert noticed in code.tests


def test_it_runs_under_pytest_as_it_is(tmp_path: Path) -> None:
    code = code_of(["A in R^{m x n}", "x in R^n", "b in R^m", "grad ||A x - b||^2 wrt x"], {})
    passed = run_pytest(tmp_path, code, code.source)
    assert passed.returncode == 0, passed.stdout
    assert "3 passed" in passed.stdout
    failed = run_pytest(tmp_path, code, code.source.replace("2 *", "3 *"))
    assert failed.returncode == 1
    assert "test_gradient_by_differences" in failed.stdout


@pytest.mark.parametrize("depth", [1, 4])
def test_layers_have_tests_too(depth: int) -> None:
    lines = ["x in R^n", *(f"W_{k} in R^{{n x n}}" for k in range(1, depth + 1)), "h_0 = x"]
    lines += [f"h_{k} = tanh(W_{k} h_{k - 1})" for k in range(1, depth + 1)]
    code = code_of([*lines, "w in R^n", f"L = (w^T h_{depth} - y)^2", "grad L wrt W_1, w"], {})
    assert "test_gradient_by_differences" in code.tests
    assert failure_of(code.tests, code.source, code.function) == ""


def test_tests_are_clean() -> None:
    for lines in (["d/dx x sigma(a x)"], ["z in R^n", "softmax(z)"]):
        code = code_of(lines, {})
        lint = [sys.executable, "-m", "ruff", "check", "--isolated", "--quiet", "--select", "E,F,W,UP,B", "--ignore", "E501", "-"]
        assert subprocess.run(lint, input=code.tests, capture_output=True, text=True, check=False).stdout == ""


def test_without_the_option_there_are_none() -> None:
    report = solve("1/(1 + exp(-x))")
    assert report.code is not None
    assert report.code.tests == ""
    assert "tests" not in report.to_dict()["code"]
