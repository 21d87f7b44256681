"""The JSON object against its published schema."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import sample_reports
import sympy

import derive
from derive import errors
from derive.expressions.term import Term, name, number
from derive.solution import Solution

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate({"version": 1})


@pytest.mark.parametrize("name", sample_reports.ALL)
def test_every_kind_of_report_fits_the_schema(name: str) -> None:
    record = sample_reports.ALL[name]().to_dict()
    VALIDATOR.validate(json.loads(json.dumps(record, allow_nan=False)))


def test_an_answer_that_rests_on_a_failed_step_is_withheld() -> None:
    record = sample_reports.failed().to_dict()
    assert record["answer"] is None
    assert record["derivation"]["steps"][0]["check"]["counterexample"] == {"x": 2.0}
    assert record["error"]["counterexample"] == {"x": 2.0, "left": 8.0, "right": 12.0}


def test_the_place_of_an_error() -> None:
    error = sample_reports.unknown().to_dict()["error"]
    assert (error["line"], error["column"], error["length"], error["suggestion"]) == (2, 14, 6, r"\sigma")
    error = sample_reports.unfinished().to_dict()["error"]
    assert (error["line"], error["column"], error["length"]) == (2, 3, 1)


def test_scalar_answers_carry_sympy_and_numbers() -> None:
    x = sympy.Symbol("x", real=True)
    lam = sympy.Symbol("lambda", positive=True)
    record = sample_reports.solved(solution=Solution(None, x * lam, {"a": sympy.Rational(1, 4), "b": sympy.oo})).to_dict()
    assert sympy.sympify(record["answer"]["sympy"]) == sympy.Symbol("x") * sympy.Symbol("lam")
    assert record["answer"]["numeric"] is None
    assert record["answer"]["parts"]["a"]["numeric"] == 0.25
    assert record["answer"]["parts"]["b"]["numeric"] is None


def test_bare_expressions_carry_them_too() -> None:
    x = name("x")
    answer = sample_reports.solved(solution=Solution(None, Term("pow", (x, number(2))))).to_dict()["answer"]
    assert (answer["plain"], answer["latex"], answer["sympy"], answer["numeric"]) == ("x^2", "x^2", "x**2", None)
    half = Term("div", (number(1), number(2)))
    assert sample_reports.solved(solution=Solution(None, half)).to_dict()["answer"]["numeric"] == 0.5
    beyond = Term("probability", (x,), "E")
    assert sample_reports.solved(solution=Solution(None, beyond)).to_dict()["answer"]["sympy"] is None


def test_the_reading_carries_what_names_stand_for() -> None:
    record = derive.solve(["L = (y - w x)^2", "dL/dw"]).to_dict()
    VALIDATOR.validate(record)
    assert record["reading"]["plain"] == "dL/dw"
    assert record["reading"]["expanded"]["plain"] == "d/dw (y - w x)^2"
    assert r"\frac{d}{dw} (y - w x)^2" in record["reading"]["expanded"]["latex"]
    assert "expanded" not in derive.solve("d/dx x^2").to_dict()["reading"]


def test_a_report_gives_its_expressions() -> None:
    report = derive.solve("grad x^2 y wrt x, y")
    x, y = sympy.Symbol("x", real=True), sympy.Symbol("y", real=True)
    assert report.parts == {"x": 2 * x * y, "y": x**2}
    report = derive.solve("d/dx x^3")
    assert report.answer == 3 * x**2 and report.derivation is not None and report.assumptions == ()
    assert [step.title for step in report.steps] == ["Power rule"]
    assert sample_reports.failed().answer is None and sample_reports.unknown().steps == ()
    assert sample_reports.failed().parts == {} and sample_reports.unknown().derivation is None


def test_a_report_is_short_at_the_prompt_of_python() -> None:
    assert repr(sample_reports.solved()) == "<Report solved derivative: σ(x)(1 − σ(x))>"
    assert repr(sample_reports.gradient()) == "<Report solved gradient: x = 2 x; θ₀ = θ₀>"
    assert repr(sample_reports.unfinished()) == "<Report error: the line ends too early>"
    long = Term("add", tuple(name(f"x_{k}") for k in range(99)))
    assert len(repr(sample_reports.solved(solution=Solution(None, long)))) < 160


def test_parts_alone_make_a_whole_answer() -> None:
    answer = sample_reports.gradient().to_dict()["answer"]
    assert list(answer["parts"]) == ["x", "theta_0"]
    assert answer["plain"] == "x = 2 x, theta_0 = theta_0"
    assert r"\theta_0 = \theta_0" in answer["latex"]


def test_the_documents_name_every_field_and_every_kind_of_error() -> None:
    page = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")
    assert all(f"`{field}" in page for field in SCHEMA["properties"] if field != "version")
    kinds = {getattr(errors, name).kind for name in errors.__all__}
    assert kinds == set(SCHEMA["properties"]["error"]["oneOf"][1]["properties"]["kind"]["enum"])
    assert all(f"`{kind}`" in page for kind in kinds - {"error", "input", "refused"})


@pytest.mark.parametrize("lines", [["d/dx x^3"], ["grad x^2 y wrt x, y"], [r"\simga"], ["X ~ Normal(0, 1)"], ["x^2"], ["int x dx"]])
def test_what_the_session_makes_fits_the_schema(lines: list[str]) -> None:
    VALIDATOR.validate(json.loads(json.dumps(derive.solve(lines).to_dict(), allow_nan=False)))
