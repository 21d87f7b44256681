"""The commands of the prompt as functions of a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive.errors import AmbiguousInput
from derive.lines import split_text
from derive.repl import is_command
from derive.repl.choice import settled_lines
from derive.repl.commands import COMMANDS, obey
from derive.repl.status import line_status
from derive.session import Session


@pytest.fixture(scope="module")
def session() -> Session:
    _, after = Session().run_all(["x > 0", "f(x) := x^2", "f'(x)"])
    return after


def test_what_is_a_command() -> None:
    assert is_command(":help") and is_command("  :q") and is_command(":?")
    assert not is_command(":= 3") and not is_command("x : R") and not is_command(":")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)
def test_every_command_is_in_the_help(command: object, session: Session) -> None:
    assert f":{command.name}" in obey(session, ":help commands").text


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (":help", "LaTeX"),
        (":help tasks", "gradient"),
        (":help functions", "softplus"),
        (":help chain-rule", "Chain rule"),
        (":help Chain rule", "chain-rule"),
        (":names", "x ∈ ℝ, > 0"),
        (":names", "f(x) = x²"),
        (":latex", "2 x"),
        (":code", "import numpy as np"),
        (":steps", "Power rule"),
        (":markdown", "$$"),
        (":json", '"version": 1'),
        (":detail", "detail is normal"),
        (":check", "checking is on"),
        (":time-limit", "20 s"),
        (":second-opinion", "off"),
        (":latex 3", "2 x"),
        (":latex _3", "2 x"),
    ],
)
def test_what_a_command_says(session: Session, line: str, says: str) -> None:
    reply = obey(session, line)
    assert says in reply.text
    assert not reply.failed and reply.session == session


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (":hlep", "did you mean :help?"),
        (":help chian-rule", "did you mean chain-rule?"),
        (":detail some", "brief or normal or full"),
        (":check perhaps", "on or off"),
        (":time-limit -3", "positive number"),
        (":latex 77", "no result 77"),
        (":save", "name of a file"),
        (":save /no/such/place/x.derive", "cannot write"),
        (":load /no/such/place/x.derive", "cannot read"),
    ],
)
def test_what_goes_wrong_is_said(session: Session, line: str, says: str) -> None:
    reply = obey(session, line)
    assert reply.failed and says in reply.text and reply.session == session


def test_settings_change_the_session_after() -> None:
    assert obey(Session(), ":detail full").session.settings.detail == "full"
    assert obey(Session(), ":check off").session.settings.check is False
    assert obey(Session(), ":time-limit 3").session.settings.time_limit == 3
    assert obey(Session(), ":second-opinion on").session.settings.second_opinion is True


def test_undo_goes_back_one_line(session: Session) -> None:
    reply = obey(session, ":undo")
    assert reply.text == "undone: f'(x)" and reply.session.history == ("x > 0", "f(x) := x^2")
    assert obey(Session(), ":undo").failed


def test_save_and_load_replay_the_session(session: Session, tmp_path: Path) -> None:
    reply = obey(session, f":save {tmp_path / 'mine'}")
    assert reply.text.startswith("3 lines in ")
    loaded = obey(Session(), f":load {tmp_path / 'mine'}")
    assert loaded.action == "load" and loaded.lines == session.history
    _, again = Session().run_all(loaded.lines)
    assert again.scope.results.keys() == session.scope.results.keys()


def test_commands_ask_the_prompt_for_what_they_cannot_do() -> None:
    actions = [obey(Session(), line).action for line in (":quit", ":q", ":vi", ":emacs", ":ascii", ":ascii off")]
    assert actions == ["quit", "quit", "vi", "emacs", "ascii on", "ascii off"]


@pytest.mark.parametrize(
    ("text", "words", "good"),
    [
        (r"\frac{d}{dx} x", "LaTeX · reads", True),
        ("d/dx x^2", "plain · reads", True),
        (r"\frac{d}{dx", "LaTeX · goes on: a bracket or an environment is open", True),
        (r"\simga(x)", r"LaTeX · unknown command \simga; did you mean \sigma?", False),
        ("np.exp(x) @ w", "NumPy", True),
    ],
)
def test_the_toolbar_says_how_the_line_reads(text: str, words: str, good: bool) -> None:
    assert line_status(text) == (words, good)


def test_a_saved_check_block_stays_one_line() -> None:
    assert [line.text for line in split_text("check\na\n= b\n\nc\n")] == ["check\na\n= b", "c"]


@pytest.mark.parametrize(
    ("text", "error", "choice", "lines"),
    [
        ("d/dx 1/2x", AmbiguousInput("…", span=(6, 9), expected=("(1/2) x", "1/(2 x)")), 0, ("d/dx (1/2) x",)),
        ("d/dx 1/2x + 1", AmbiguousInput("…", span=(6, 9), expected=("(1/2) x", "1/(2 x)")), 1, ("d/dx 1/(2 x) + 1",)),
        ("f(x) + 1", AmbiguousInput("…", span=(0, 1), expected=("f: R -> R", "f in R")), 1, ("f in R", "f(x) + 1")),
    ],
)
def test_a_chosen_reading_becomes_lines(text: str, error: AmbiguousInput, choice: int, lines: tuple[str, ...]) -> None:
    assert settled_lines(text, error, choice) == lines
