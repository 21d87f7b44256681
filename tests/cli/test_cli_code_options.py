"""`--target`, `--inplace`, `--with-tests`: at the command line, in JSON, at the prompt."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from derive.cli import main
from derive.options import WrongOptions, parse
from derive.repl.commands import obey
from derive.session import Session, solve

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "report.schema.json").read_text(encoding="utf-8"))


def test_the_options_are_parsed() -> None:
    options = parse(["--target", "array-api", "--inplace", "--with-tests", "sigma(x)"])
    assert (options.target, options.inplace, options.with_tests, options.lines) == ("array-api", True, True, ["sigma(x)"])
    with pytest.raises(WrongOptions, match="numpy, array-api"):
        parse(["--target=jax", "x"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--target", "array-api"], ["from array_api_compat import", "xp, x = _arrays(x)"]),
        (["--inplace"], ["np.nditer(", "out: np.ndarray | None = None"]),
        (["--with-tests"], ["def test_values():", "from evaluate import evaluate"]),
    ],
)
def test_the_command_writes_what_is_asked_for(arguments: list[str], said: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    for way in (["--code"], []):
        assert main([*arguments, *way, "1/(1 + exp(-x))"]) == 0
        printed = capsys.readouterr().out
        assert all(part in printed for part in said), printed


def test_json_has_the_tests_and_fits_the_schema() -> None:
    report = solve("1/(1 + exp(-x))", with_tests=True).to_dict()
    jsonschema.validate(report, SCHEMA)
    assert report["code"]["tests"].startswith('"""Tests of evaluate."""')


def test_the_prompt_sets_them() -> None:
    session = obey(obey(obey(Session(), ":target array-api").session, ":inplace on").session, ":with-tests on").session
    assert (session.settings.target, session.settings.inplace, session.settings.with_tests) == ("array-api", True, True)
    assert "array-api" in obey(session, ":target").text
    assert obey(session, ":target jax").failed
