"""The prompt in a real terminal (a pseudo-terminal): what a person types and sees."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest

PROMPT = "derive>"
HANDED_OVER = "\x1b[?2004l"  # the editor's last word before a line is run
CTRL_C, CTRL_D, CTRL_R, ALT_ENTER = "\x03", "\x04", "\x12", "\x1b\r"

_ESCAPES = re.compile(r"\x1b\[(?!\?2004l)[0-9;?]*[A-Za-z]")


class Terminal:
    """A prompt, and what has been painted since it was last asked."""

    def __init__(self, state: Path, *arguments: str, **environment: str) -> None:
        known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ}
        self.unseen = ""
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "derive", *arguments],
            env={
                **known,
                "TERM": "xterm-256color",
                "PROMPT_TOOLKIT_NO_CPR": "1",
                "PYTHONUTF8": "1",
                "XDG_STATE_HOME": str(state),
                **environment,
            },
            dimensions=(40, 100),
            encoding="utf-8",
            timeout=20,
        )

    def see(self, pattern: str, seconds: float = 20.0) -> str:
        """Waits until what is shown, without its escape sequences, matches; what was shown up to there."""
        end = time.monotonic() + seconds
        while True:
            shown = _ESCAPES.sub("", self.unseen)
            match = re.search(pattern, shown)
            if match:
                self.unseen = shown[match.end() :]
                return shown[: match.end()]
            try:
                self.unseen += self.child.read_nonblocking(65536, max(0.01, end - time.monotonic()))
            except pexpect.TIMEOUT:
                raise AssertionError(f"{pattern!r} was not shown; what was: {shown!r}") from None
            except pexpect.EOF:
                raise AssertionError(f"the prompt ended; what was shown: {shown!r}") from None

    def prompt(self) -> str:
        """Waits for the next prompt; what was shown before it."""
        return self.see(PROMPT)

    def enter(self, line: str) -> str:
        """Types a line and Enter; what is shown up to the next prompt."""
        self.unseen = ""
        self.child.send(line + "\r")
        return self.see(re.escape(HANDED_OVER) + r"[\s\S]*?" + PROMPT).replace(HANDED_OVER, "")

    def leave(self) -> int | None:
        """Ctrl-D at the empty prompt; the exit status."""
        self.child.send(CTRL_D)
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus


@pytest.fixture
def open_terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def start(*arguments: str, **environment: str) -> Terminal:
        opened.append(Terminal(tmp_path, *arguments, **environment))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.child.close(force=True)


def test_a_session_from_the_first_line_to_the_last(open_terminal: Callable[..., Terminal], tmp_path: Path) -> None:
    terminal = open_terminal()
    terminal.prompt()
    assert "  x ∈ ℝ" in terminal.enter("x in R")  # declarations and definitions are read back in one line
    assert "f(u) := u² sin(u)" in terminal.enter("f(u) := u^2 sin(u)")
    assert "x ∈ ℝ" in terminal.enter(":names")
    text = terminal.enter("d/dx x^3")
    assert "reading" in text and "answer" in text and "3 x²" in text and "def derivative(x" in text
    assert "6 x" in terminal.enter("d/dx _")
    assert "did you mean :undo?" in terminal.enter(":undu")
    assert r"did you mean \sigma?" in terminal.enter(r"\simga(x)")
    assert "np" in terminal.enter(":code")
    assert "2 lines" not in terminal.enter(f":save {tmp_path / 'mine'}")
    assert (tmp_path / "mine.derive").read_text(encoding="utf-8").startswith("x in R\nf(u) := u^2 sin(u)\nd/dx x^3\nd/dx _\n")
    assert terminal.leave() == 0
    assert [path.name for path in (tmp_path / "derive").iterdir()] == ["history"]


def test_rows_stay_together_until_brackets_balance(open_terminal: Callable[..., Terminal]) -> None:
    terminal = open_terminal()
    terminal.prompt()
    terminal.child.send("f(x) := (x +\r")
    terminal.enter("1)^2")
    assert "f(x) = (x + 1)²" in terminal.enter(":names")
    terminal.child.send("g(x) := x" + ALT_ENTER)
    terminal.enter("h(x) := 2 x")
    shown = terminal.enter(":names")
    assert "g(x) = x" in shown and "h(x) = 2 x" in shown


def test_a_paste_of_several_lines_runs_line_by_line(open_terminal: Callable[..., Terminal]) -> None:
    terminal = open_terminal()
    terminal.prompt()
    terminal.child.send("\x1b[200~f(x) := x^2\ng(x) := \\frac{1}{\n  x}\x1b[201~")
    terminal.enter("")
    shown = terminal.enter(":names")
    assert "f(x) = x²" in shown and "g(x) = 1/x" in shown


def test_tab_turns_alpha_into_its_letter(open_terminal: Callable[..., Terminal]) -> None:
    terminal = open_terminal()
    terminal.prompt()
    terminal.child.send("\\alpha\t")
    terminal.see("α")
    terminal.enter(" in R")
    assert "α ∈ ℝ" in terminal.enter(":names")


def test_ctrl_c_clears_the_line_and_stops_a_computation(open_terminal: Callable[..., Terminal]) -> None:
    terminal = open_terminal("--time-limit", "60")
    terminal.prompt()
    terminal.enter("x in R")
    terminal.child.send("half a li")
    terminal.see("half a li")
    terminal.child.send(CTRL_C)
    terminal.see("derive>")
    terminal.child.send("d^9/dx^9 tan(x)^5 sin(x^2) exp(x)\r")
    terminal.see(r"(deriving|checking|writing code|reading|working)…")
    terminal.child.send(CTRL_C)
    terminal.see("interrupted")
    terminal.prompt()
    assert "x ∈ ℝ" in terminal.enter(":names")


def test_what_is_typed_during_a_computation_waits_for_the_prompt(open_terminal: Callable[..., Terminal]) -> None:
    terminal = open_terminal()
    terminal.prompt()
    terminal.child.send("d/dx x^2\r:nam")
    terminal.see("answer")
    terminal.see("derive> :nam")
    terminal.child.send("es\r")
    terminal.see("_ = 2 x")


def test_a_killed_session_is_offered_back(open_terminal: Callable[..., Terminal]) -> None:
    terminal = open_terminal()
    terminal.prompt()
    terminal.enter("theta > 0")
    terminal.enter("f(x) := theta x")
    os.kill(terminal.child.pid, signal.SIGKILL)
    terminal.child.expect(pexpect.EOF)
    again = open_terminal()
    again.see(r"ended unexpectedly \(2 lines\); restore\? \[y/N\] ")
    again.child.send("y\n")
    again.prompt()
    assert "f(x) = θ x" in again.enter(":names")
    assert again.leave() == 0
    third = open_terminal()
    assert "unexpectedly" not in third.prompt()


def test_history_is_searched_and_vi_keys_work(open_terminal: Callable[..., Terminal]) -> None:
    terminal = open_terminal()
    terminal.prompt()
    terminal.enter("zeta_7 in R")
    terminal.enter("y in R")
    terminal.child.send(CTRL_R + "zet")
    terminal.see("zeta_7 in R")
    terminal.child.send(CTRL_C)
    terminal.see("derive>")
    assert "vi keys" in terminal.enter(":vi")
    terminal.child.send("w in Rzz\x1b")
    time.sleep(0.6)  # the editor waits to see whether Escape begins a longer key
    terminal.enter("xx")
    assert "w ∈ ℝ" in terminal.enter(":names")


def test_two_readings_are_asked_about(open_terminal: Callable[..., Terminal]) -> None:
    terminal = open_terminal()
    terminal.prompt()
    terminal.child.send("d/dx 1/2x\r")
    terminal.see("which one")
    terminal.child.send("1\n")
    assert "1/2" in terminal.prompt()
    assert "_ = 1/2" in terminal.enter(":names")


def test_no_color_and_ascii(open_terminal: Callable[..., Terminal]) -> None:
    terminal = open_terminal("--ascii", NO_COLOR="1")
    terminal.prompt()
    terminal.child.send("\\simga(x)\r")
    terminal.child.expect("did you mean")
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", terminal.child.before)
