"""Wrong code is seen: a planted error fails the check, at an extreme it is named; what cannot be run is unverified."""

from __future__ import annotations

from typing import Any

import pytest

from derive.derivation import Check
from derive.meaning import read_expression
from derive.solution import Code
from derive.translation import translate as translation
from derive.translation.run import Outcome, run


def tampered(monkeypatch: pytest.MonkeyPatch, line: str, old: str, new: str) -> Code:
    """The code of a line, one place of it changed before it is run."""

    def other(source: str, *rest: Any, **options: Any) -> Outcome:
        assert old in source
        return run(source.replace(old, new), *rest, **options)

    monkeypatch.setattr(translation, "run", other)
    return translation.translate(read_expression(line), {}, function="f", summary="A function")


WRONG = [
    ("\\tanh(x)", "np.tanh(x)", "np.tanh(x) * (1 + 1e-7)"),
    ("x^2 + y", "+ y", "- y"),
    ("\\sin(x)", "np.sin(x)", "np.cos(x)"),
    ("\\exp(x)", "np.exp(x)", "np.sum(np.exp(x))"),
    ("|x|", "np.abs(x)", "x"),
    ("x + 1", "return x + 1", "return x + 1 if x == 0.68 else undefined"),
    ("x + 1", "return", "retrun"),
]


@pytest.mark.parametrize(("line", "old", "new"), WRONG)
def test_a_wrong_line_fails(line: str, old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check = tampered(monkeypatch, line, old, new).check
    assert isinstance(check, Check)
    assert check.status == "failed"
    assert check.counterexample or check.reason


def test_an_inaccurate_extreme_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    code = tampered(monkeypatch, "\\log(1 + e^x)", "np.logaddexp(0.0, x)", "np.log(1 + np.exp(x))")
    assert isinstance(code.check, Check)
    assert code.check.status == "verified"
    assert any("x = " in str(note[0]) for note in code.notes)


def test_every_scalar_goes_to_extremes(monkeypatch: pytest.MonkeyPatch) -> None:
    code = tampered(monkeypatch, "a + b + c + \\log(1 + e^x)", "np.logaddexp(0.0, x)", "np.log(1 + np.exp(x))")
    assert any("x = 1000" in str(note[0]) for note in code.notes)


def test_an_extreme_array_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    code = tampered(monkeypatch, "\\sum_{i=1}^n \\log(1 + e^{x_i})", "np.logaddexp(0.0, x)", "np.log(1 + np.exp(x))")
    assert any("x with entries up to" in str(note[0]) for note in code.notes)


def test_a_warning_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    code = tampered(monkeypatch, "\\tanh(x)", "np.tanh(x)", "np.tanh(x) + 0.0 * np.exp(-np.abs(np.exp(np.minimum(x, 1e300)))) ")
    assert any("warns" in str(note[0]) for note in code.notes)


def test_without_a_worker_it_is_unverified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation, "run", lambda *_, **__: Outcome(reason="the code could not be run: no process"))
    code = translation.translate(read_expression("\\sin(x)"), {}, function="f", summary="A function")
    assert code.check == Check("unverified", "run against high-precision evaluation", reason="the code could not be run: no process")
    assert "np.sin(x)" in code.source


def test_no_point_of_definition_is_unverified() -> None:
    code = translation.translate(read_expression("\\log(-x^2 - 1)"), {}, function="f", summary="A function")
    assert isinstance(code.check, Check)
    assert code.check.status == "unverified"


def test_rounding_of_the_arguments_is_forgiven() -> None:
    code = translation.translate(read_expression("\\sin(\\pi x)"), {}, function="f", summary="A function")
    assert isinstance(code.check, Check)
    assert code.check.status == "verified"
    assert code.notes == ()
