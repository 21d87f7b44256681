"""What survives of a session when its process does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from derive.lines import split_text
from derive.repl.journal import Journal, left_behind, script, state_directory


def test_the_state_directory_follows_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_directory() == tmp_path / "derive"
    assert (tmp_path / "derive").stat().st_mode & 0o077 == 0
    monkeypatch.setenv("XDG_STATE_HOME", "relative/paths/are/ignored")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert state_directory() == tmp_path / "home" / ".local" / "state" / "derive"


def test_a_journal_holds_the_lines_so_far(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.record(("x in R",))
    journal.record(("x in R", "(x +\ny)"))
    assert journal.path.read_text(encoding="utf-8") == "x in R\n(x +\ny)\n\n"
    journal.record(("x in R",))
    assert journal.path.read_text(encoding="utf-8") == "x in R\n"
    assert list(left_behind(tmp_path)) == []  # it is locked: its session is alive
    journal.close()
    assert list(tmp_path.iterdir()) == []


def test_what_was_written_reads_back() -> None:
    lines = ["x in R", "check\na = b\n= c", "(x +\ny)", "d/dx x"]
    assert [line.text for line in split_text(script(lines))] == lines


def test_a_killed_process_leaves_its_lines(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom derive.repl.journal import Journal\n"
        "journal = Journal(Path(sys.argv[1]))\njournal.record(('x in R', 'd/dx x'))\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False, timeout=30)
    (tmp_path / "session-1-1.derive").write_text("", encoding="utf-8")
    ((path, text),) = left_behind(tmp_path)
    assert text == "x in R\nd/dx x\n"
    assert list(tmp_path.iterdir()) == [path]
