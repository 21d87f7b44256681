"""Wrong code is seen: a planted error fails the check, at an extreme it is named; what cannot be run is unverified."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from derive.derivation import Check
from derive.graph.build import build
from derive.graph.evaluate import DOUBLE, in_doubles
from derive.meaning import read, read_expression
from derive.meaning.scope import Scope
from derive.solution import Code
from derive.translation import translate as translation
from derive.translation.references import Case, References, reference
from derive.translation.run import Outcome, run
from derive.translation.sample import Point


def tampered(monkeypatch: pytest.MonkeyPatch, line: str, old: str, new: str, *declared: str) -> Code:
    """The code of a line, one place of it changed before it is run."""

    def other(source: str, *rest: Any, **options: Any) -> Outcome:
        assert old in source
        return run(source.replace(old, new), *rest, **options)

    monkeypatch.setattr(translation, "run", other)
    scope = Scope()
    for number, declaration in enumerate(declared, 1):
        _, scope = read(declaration, scope, line=number)
    reading, _ = read(line, scope, line=len(declared) + 1)
    return translation.translate(reading.expanded, reading.types, function="f", summary="A function")


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


ARRAYS = [
    ("a^T b", "a @ b", "(a @ b) * (1 + 1e-7 * (len(a) != 3))"),  # right at the first sample only
    ("a^T b", "a @ b", "(a @ b) * (1 + 1e-8)"),
    ("\\|a - b\\|^2", "return ", "return 1e-8 + "),
]


@pytest.mark.parametrize(("line", "old", "new"), ARRAYS)
def test_a_wrong_line_over_arrays_fails(line: str, old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check = tampered(monkeypatch, line, old, new, "a in R^n", "b in R^n").check
    assert isinstance(check, Check)
    assert check.status == "failed"
    assert check.counterexample


def references_of(line: str) -> References:
    reading, _ = read(line, read("a in R^n", Scope())[1])
    return References(build(reading.expanded, reading.types))


def test_arrays_are_compared_with_decimals_and_then_with_floats(monkeypatch: pytest.MonkeyPatch) -> None:
    references = references_of("a^T a")
    points = [Point({"a": [0.1, 0.2]}, {"n": 2}), Point({"a": [0.3]}, {"n": 1})]
    references.prepare([Case([p], {}) for p in points])
    asked: list[Point] = []
    monkeypatch.setattr("derive.translation.references.Continuation", lambda *_: asked.append(points[0]))
    assert references.decimals(points[0]) == [float(Fraction(0.1) ** 2 + Fraction(0.2) ** 2)]
    assert references.value(points[1], DOUBLE) == [0.3 * 0.3]
    assert not asked  # both were known


ROUNDED_AWAY = ("\\log(1 + a^T a)", "\\sqrt{4 + a^T a} - 2", "\\frac{e^{a^T a} - 1}{3}")


@pytest.mark.parametrize("line", ROUNDED_AWAY)
def test_decimals_say_what_the_reference_says(line: str) -> None:
    references = references_of(line)
    point = Point({"a": [1.1e-8, 2.3e-8]}, {"n": 2})
    exact = reference(references.graph, point, 400)
    assert exact is not None
    found, floats = references.decimals(point), references.value(point, DOUBLE)
    assert found == [float(exact[0])]
    assert found != floats


def test_an_infinity_on_the_way_is_no_answer_of_floats() -> None:
    references = references_of("\\frac{1}{1 + a^T a}")
    point = Point({"a": [1e200]}, {"n": 1})
    assert in_doubles(references.graph.roots, point.values, point.sizes) is None
    assert references.value(point, DOUBLE) is None
    assert references.has_value(point)


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
