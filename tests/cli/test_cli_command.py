"""The command as a shell runs it: exit statuses, streams, formats."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "derive"]


def derive(*arguments: str, stdin: str | bytes = "", **environment: str) -> subprocess.CompletedProcess[str]:
    data = stdin.encode() if isinstance(stdin, str) else stdin
    known = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    done = subprocess.run(
        [*COMMAND, *arguments], input=data, capture_output=True, timeout=60, check=False, env={**known, "PYTHONUTF8": "1", **environment}
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_a_derivation_goes_to_standard_output() -> None:
    done = derive("d/dx x^3")
    assert (done.returncode, done.stderr) == (0, "")
    for part in ("reading", "answer", "3 x²", "verified", "def derivative(x"):
        assert part in done.stdout
    assert "\x1b" not in done.stdout


def test_an_unreadable_line_goes_to_standard_error() -> None:
    done = derive(r"\frac{d}{dx} \simga(x)")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "  error      unknown command \\simga\n"
        "             \\frac{d}{dx} \\simga(x)\n"
        "                          ^^^^^^\n"
        "             did you mean \\sigma?\n"
    )


def test_json_is_one_object_a_task_and_nothing_else() -> None:
    done = derive("--json", "x in R", "d/dx x^2", r"\simga", "d/dx x^3")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["status"] for record in records] == ["solved", "error", "solved"]
    assert records[0]["answer"]["sympy"] == "2*x"
    assert records[1]["error"]["line"] == 3
    assert (done.returncode, done.stderr) == (2, "")


def test_what_is_refused_exits_with_one() -> None:
    done = derive("--json", r"\lim_{x \to 0} \frac{|x|}{x}")
    assert json.loads(done.stdout)["status"] == "refused"
    assert done.returncode == 1


def test_lines_come_from_standard_input_and_from_files(tmp_path: Path) -> None:
    text = "# a comment\nf(x) := x^2 +\\frac{1}{\n2}\n\nf'(x)\n"
    (tmp_path / "mine.derive").write_text(text, encoding="utf-8")
    from_file = derive("-q", str(tmp_path / "mine.derive"))
    from_stdin = derive("-q", stdin=text)
    assert from_file.stdout == from_stdin.stdout == "2 x\n"
    assert from_file.returncode == from_stdin.returncode == 0


def test_code_prints_a_module_that_runs() -> None:
    done = derive("--code", "d/dx x^3")
    scope: dict = {}
    exec(compile(done.stdout, "emitted", "exec"), scope)
    assert scope["derivative"](2.0) == 12.0


def test_quiet_prints_the_answer_and_a_leading_dash_is_mathematics() -> None:
    assert derive("-q", "x + x", "d/dx x^2", "-x^2").stdout.splitlines()[-2:] == ["2 x", "−x²"]


@pytest.mark.parametrize("format", ["latex", "markdown"])
def test_other_formats(format: str) -> None:
    done = derive("--format", format, "d/dx x^3")
    assert done.returncode == 0
    assert ("\\documentclass" if format == "latex" else "$$\n3 x^2\n$$") in done.stdout


@pytest.mark.parametrize(
    ("arguments", "stdin", "message"),
    [
        (["--jsn"], "", "did you mean --json?"),
        (["--detail", "some"], "", "one of brief, normal, full"),
        ([""], "", "nothing to read"),
        (["no/such.derive"], "", "cannot read no/such.derive: No such file"),
        ([], "", "nothing to read"),
        ([], b"\xff\xfe\x00\x01", "no meaning"),
    ],
)
def test_wrong_use_exits_with_two(arguments: list[str], stdin: str | bytes, message: str) -> None:
    done = derive(*arguments, stdin=stdin)
    assert done.returncode == 2 and message in done.stderr and "Traceback" not in done.stderr


def test_version_and_help_need_no_mathematics() -> None:
    program = "import sys; from derive.cli import main; main(['--version']); print('sympy' in sys.modules, 'argparse' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30)
    name, version, *flags = done.stdout.split()
    assert name == "derive" and version[0].isdigit() and flags == ["False", "False"]
    assert derive("--help").stdout.startswith("usage: derive")


def test_standard_input_needs_no_prompt() -> None:
    program = "import sys; from derive.cli import main; status = main([]); print('prompt_toolkit' in sys.modules, status)"
    done = subprocess.run([sys.executable, "-c", program], input="x in R\n", capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split()[-2:] == ["False", "0"]


def test_colours_only_where_they_are_wanted() -> None:
    assert "\x1b[" in derive("--color", "always", "d/dx x^2").stdout
    assert "\x1b[" not in derive("--color", "never", "d/dx x^2").stdout


def test_ascii_where_unicode_cannot_be_written() -> None:
    assert derive("--ascii", "d/dx sigmoid(alpha x)").stdout.isascii()
    done = derive("d/dx x^2", PYTHONUTF8="0", PYTHONIOENCODING="latin-1", PYTHONCOERCECLOCALE="0", LC_ALL="C")
    assert done.stdout.isascii() and "x^2" in done.stdout


def test_a_closed_pipe_is_no_complaint() -> None:
    lines = " ".join(f"'d/dx x^{n}'" for n in range(2, 12))
    script = f"{sys.executable} -m derive {lines} | head -c 20 > /dev/null; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == "" and done.returncode in (0, 141)


def test_an_interrupt_exits_with_130() -> None:
    process = subprocess.Popen([*COMMAND], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdin is not None
    process.stdin.write("x in R\n")
    process.stdin.flush()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130 and "Traceback" not in said


def test_commands_work_in_scripts() -> None:
    done = derive(stdin=":help keys\n:detail brief\nd/dx x^2\n")
    assert "Ctrl-R" in done.stdout and "Power rule\n\n  answer" in done.stdout  # titles alone
    assert derive(":hlep").returncode == 2
