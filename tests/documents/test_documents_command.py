"""The command `derive translate` as a person runs it, and the documents among the examples."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from derive.cli import main
from derive.completion import completion
from derive.documents.document import translate_document
from derive.documents.options import TRANSLATE_OPTIONS

EXAMPLES = Path(__file__).parents[2] / "examples" / "documents"


def test_a_module_and_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paper, module, report = tmp_path / "p.tex", tmp_path / "m.py", tmp_path / "r.json"
    paper.write_text("\\[ f = x^2 \\]\n$x$", encoding="utf-8")
    assert main(["translate", str(paper), "-o", str(module), "--report", str(report)]) == 0
    compile(module.read_text(encoding="utf-8"), "m.py", "exec")
    found = json.loads(report.read_text(encoding="utf-8"))
    assert [(f["line"], f["column"], f["status"], f["function"]) for f in found["formulas"]] == [
        (1, 4, "translated", "f"),
        (2, 2, "nothing to compute", None),
    ]
    assert "1 translated" in capsys.readouterr().err
    assert (tmp_path / "m.derive-cache").exists()


def test_without_an_output_the_module_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paper = tmp_path / "p.md"
    paper.write_text("$$f = h(x)$$ $$g = 2x$$", encoding="utf-8")
    assert main(["translate", str(paper)]) == 1
    printed = capsys.readouterr()
    assert "def g(" in printed.out and "h is not defined" in printed.err and "\x1b" not in printed.err
    assert list(tmp_path.iterdir()) == [paper]


def test_several_documents_are_one_module_or_a_folder(tmp_path: Path) -> None:
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("f = x^2\n", encoding="utf-8")
    two.write_text("f = x^3\n", encoding="utf-8")
    assert main(["translate", str(one), str(two), "-o", str(tmp_path / "both.py"), "--no-cache"]) == 0
    tree = ast.parse((tmp_path / "both.py").read_text(encoding="utf-8"))
    assert [n.name for n in tree.body if isinstance(n, ast.FunctionDef)] == ["f", "f_2"]
    assert main(["translate", str(one), str(two), "-o", f"{tmp_path}/out/", "--no-cache"]) == 0
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["one.py", "two.py"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "needs a document"),
        (["missing.tex"], "cannot read missing.tex"),
        (["a.pdf"], "a document is one of"),
        (["a.tex", "--jobs", "0"], "a number from 1"),
        (["a.tex", "--jbos", "2"], "unknown option"),
        (["a.tex", "--report", "r.txt"], "ends in .md or .json"),
        (["a.tex", "--target", "torch"], "one of numpy, array-api"),
        (["a.tex", "--with-tests"], "-o MODULE.py"),
        (["x/a.tex", "y/a.md", "-o", "out/"], "the same module"),
    ],
)
def test_wrong_use_is_one_sentence(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
                                   tmp_path: Path) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["translate", *arguments]) == 2
    printed = capsys.readouterr().err
    assert said in printed and printed.count("\n") == 1


def test_help_and_completion_name_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["translate", "--help"]) == 0
    usage = capsys.readouterr().out
    scripts = [completion(shell) for shell in ("bash", "zsh", "fish")]
    assert all("translate" in script for script in scripts)
    for option in TRANSLATE_OPTIONS:
        assert option.names[-1] in usage
        assert all(option.names[-1].lstrip("-") in script for script in scripts)


def test_the_command_as_a_process(tmp_path: Path) -> None:
    paper = tmp_path / "p.tex"
    paper.write_text("\n".join(rf"\[ f_{{{k}}} = {k} x + 1 \]" for k in range(2, 60)), encoding="utf-8")
    command = [sys.executable, "-c", "from derive.cli import main; raise SystemExit(main())", "translate", "p.tex", "-o", "m.py", "--jobs"]
    modules = []
    for jobs in ("1", "2"):
        run = subprocess.run([*command, jobs, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (run.returncode, run.stdout) == (0, ""), run.stderr
        assert "58 translated" in run.stderr
        modules.append((tmp_path / "m.py").read_bytes())
    assert modules[0] == modules[1]


DOCUMENTS = [("robust_regression.tex", 27, 1), ("softmax_lecture.md", 26, 2), ("gaussian_processes_chapter.tex", 26, 1)]


@pytest.mark.parametrize(("name", "least", "most_open"), DOCUMENTS)
def test_the_documents_among_the_examples(name: str, least: int, most_open: int, tmp_path: Path) -> None:
    made = translate_document([EXAMPLES / name])
    assert made.count("translated") >= least
    assert made.count("withheld") == made.count("not read") == 0
    assert made.count("no code") + made.count("needs a declaration") <= most_open
    module = tmp_path / "made.py"
    module.write_text(made.source, encoding="utf-8")
    examples = subprocess.run([sys.executable, "-W", "error", "-m", "doctest", str(module)], capture_output=True, text=True, check=False)
    assert examples.returncode == 0, examples.stdout
    lint = subprocess.run([sys.executable, "-m", "ruff", "check", "--isolated", str(module)], capture_output=True, text=True, check=False)
    assert lint.returncode == 0, lint.stdout


def test_the_documents_among_the_examples_are_of_full_length() -> None:
    made = translate_document([EXAMPLES / name for name, _, _ in DOCUMENTS], processes=2)
    assert made.count("translated") >= 75
    assert len(made.outcomes) > 150
