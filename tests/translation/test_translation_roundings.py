"""Digits that cancel in the formula itself are no error of the code; anything beyond roundings is."""

from __future__ import annotations

from typing import Any

import pytest

from derive.derivation import Check
from derive.graph.build import build
from derive.graph.evaluate import Evaluation
from derive.meaning import read
from derive.meaning.scope import Reading, Scope
from derive.solution import Code
from derive.translation import translate as translation
from derive.translation.roundings import Roundings
from derive.translation.run import Outcome, run

DECLARED = ("W in R^{k x d}", "x in R^d", "b in R^k")
LINE = r"\left(\tanh(W x + b) \odot (1 - \tanh(W x + b)^2)\right) x^\top"


def reading_of(line: str, *declared: str) -> Reading:
    scope = Scope()
    for number, declaration in enumerate(declared, 1):
        _, scope = read(declaration, scope, line=number)
    return read(line, scope, line=len(declared) + 1)[0]


def code_of(monkeypatch: pytest.MonkeyPatch, changed: tuple[str, str], line: str, *declared: str) -> Code:
    """The code of a line, one place of it changed before it is run."""

    def other(source: str, *rest: Any, **options: Any) -> Outcome:
        assert changed[0] in source
        return run(source.replace(*changed), *rest, **options)

    monkeypatch.setattr(translation, "run", other)
    reading = reading_of(line, *declared)
    return translation.translate(reading.expanded, reading.types, function="f", summary="A function")


def test_a_saturated_layer_is_verified_and_what_it_loses_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    code = code_of(monkeypatch, ("1 - ", "1 - "), LINE, *DECLARED)
    assert isinstance(code.check, Check)
    assert code.check.status == "verified"
    assert any("where terms cancel" in str(note) for note in code.notes)


PLANTED = [
    ("1 - ", "1 + 1e-11 - "),
    ("1 - ", "1 + 1e-13 - "),
    ("1 - ", "1 - (1 + 1e-8) * "),
    ("np.outer", "(1 + 1e-8) * np.outer"),
    ("np.outer", "0 * np.outer"),
]


@pytest.mark.parametrize("changed", PLANTED)
def test_more_than_roundings_is_an_error(changed: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    check = code_of(monkeypatch, changed, LINE, *DECLARED).check
    assert isinstance(check, Check)
    assert check.status == "failed"


NUMBERS = [
    ("x", 3, 3.0),
    ("1 - x", 1.0, 2.0),  # a value of 0, its terms of 1
    ("(1 - x) y", 1.0, 2.0),
    ("\\log(x)", 1.0, 1.0),
    ("x^2", 3, 27.0),  # 9 of its own, and 2 x times 3
]


@pytest.mark.parametrize(("line", "x", "expected"), NUMBERS)
def test_roundings_are_carried_on(line: str, x: float, expected: float) -> None:
    reading = reading_of(line)
    graph = build(reading.expanded, reading.types)
    found = Roundings(Evaluation({"x": x, "y": 1.0}, {}, 170)).of(graph.roots[0], ())
    assert float(found) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("line", ["A x", "x x^T", "tr(A)", "det(A)", "||x||", "log(det(A)^2)", "sum(x)", "A^T A"])
def test_roundings_of_arrays_are_no_less_than_those_of_the_arguments(line: str) -> None:
    reading = reading_of(line, "A in R^{n x n}", "x in R^n")
    graph = build(reading.expanded, reading.types)
    values = {"A": [[1.0, 2.0], [3.0, 4.0]], "x": [1.0, 2.0]}
    evaluation = Evaluation(values, {"n": 2}, 170)
    roundings = Roundings(evaluation)
    root = graph.roots[0]
    for position in evaluation.positions(root.shape):
        moved = {key: _moved(value) for key, value in values.items()}
        change = abs(Evaluation(moved, {"n": 2}, 170).entry(root, {}, position) - evaluation.entry(root, {}, position))
        assert change <= 1.01 * EPSILON * roundings.of(root, position)


EPSILON = 2.0**-40


def _moved(value: Any) -> Any:
    return [_moved(v) for v in value] if isinstance(value, list) else value * (1 + EPSILON)
