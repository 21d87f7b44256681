"""Arguments to options, texts to lines, the table of options to completion scripts."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from derive.completion import completion
from derive.lines import Line, join_arguments, split_text
from derive.options import OPTIONS, WrongOptions, parse, usage


def test_options_stand_anywhere_and_take_values_both_ways() -> None:
    options = parse(["x in R", "--json", "--detail", "full", "--time-limit=2.5", "--no-check", "d/dx x", "-q"])
    assert options.lines == ["x in R", "d/dx x"]
    assert (options.json, options.detail, options.time_limit, options.check, options.quiet) == (True, "full", 2.5, False, True)


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (["-x^2"], ["-x^2"]),
        (["--x"], ["--x"]),
        (["--", "--json", "-q"], ["--json", "-q"]),
        (["-\\frac{1}{x}", "--json"], ["-\\frac{1}{x}"]),
        (["--lambda x"], ["--lambda x"]),
        (["-1"], ["-1"]),
    ],
)
def test_what_begins_with_a_dash_and_is_no_option_is_a_line(arguments: list[str], lines: list[str]) -> None:
    assert parse(arguments).lines == lines


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--jsn"], "did you mean --json"),
        (["--detial=full"], "did you mean --detail"),
        (["--detail"], "needs a value: brief|normal|full"),
        (["--format", "pdf"], "one of text, latex, markdown, not 'pdf'"),
        (["--time-limit", "soon"], "positive number"),
        (["--time-limit", "nan"], "positive number"),
        (["--json=yes"], "takes no value"),
    ],
)
def test_wrong_use_is_said_in_a_sentence(arguments: list[str], message: str) -> None:
    with pytest.raises(WrongOptions, match=message.replace("|", r"\|")):
        parse(arguments)


def test_help_names_every_option() -> None:
    text = usage()
    assert all(name in text for option in OPTIONS for name in option.names)


def test_a_bare_check_takes_the_arguments_after_it() -> None:
    assert join_arguments(["x > 0", "check", "x + x", "= 2 x"]) == [Line("x > 0", 1), Line("check\nx + x\n= 2 x", 2)]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("x in R\nd/dx x^2\n", [("x in R", 1), ("d/dx x^2", 2)]),
        ("# a comment\n\n% another\nx\r\ny", [("x", 4), ("y", 5)]),
        ("(x +\n y)\nz", [("(x +\n y)", 1), ("z", 3)]),
        ("(x +\n\ny", [("(x +", 1), ("y", 3)]),
        ("check\na = b\n= c\n\nd", [("check\na = b\n= c", 1), ("d", 5)]),
        ("", []),
        ("\n\n", []),
    ],
)
def test_a_text_becomes_lines(text: str, lines: list[tuple[str, int]]) -> None:
    assert [(line.text, line.number) for line in split_text(text)] == lines


def test_an_open_bracket_at_the_top_of_a_big_file_is_one_line() -> None:
    (line,) = split_text("(\n" + "x + y\n" * 20_000)
    assert line.text.count("\n") == 20_000


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_name_the_options_and_parse(shell: str) -> None:
    script = completion(shell)
    assert "time-limit" in script and "latex" in script
    program = shutil.which(shell)
    if program is not None:
        assert subprocess.run([program, "-n", "-c", script], capture_output=True, check=False).stderr == b""
