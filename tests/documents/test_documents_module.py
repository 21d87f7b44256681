"""The module that a document becomes: names, imports, docstrings; the same bytes however it is made; what is proved and what is not."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from derive.answering import Settings
from derive.derivation import Check
from derive.documents import cache as cache_module
from derive.documents import work as work_module
from derive.documents.companion import companion
from derive.documents.document import translate_document
from derive.documents.kinds import TRANSLATED, WITHHELD, Job
from derive.documents.module import Function, module
from derive.documents.naming import Names, name_of
from derive.documents.report import as_json, as_markdown, as_text
from derive.documents.work import done
from derive.expressions.term import Name
from derive.meaning import read
from derive.solution import Code

PAPER = r"""
\[ L(x) = \log(1 + e^{x}) \label{eq:loss} \]
\[ L = x^2 \label{eq:square} \]
\[ L = x^3 \]
\[ f = \frac{1}{n} \sum_{i=1}^n \log(1 + e^{-y_i t_i}) \]
\[ \|a - b\|_2 \label{eq:distance} \]
\[ g = \Phi(z) + \pi \]
\[ h = k(h) \]
"""


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "paper.tex"
    path.write_text(PAPER, encoding="utf-8")
    return path


def test_one_module_with_imports_once_and_names_for_all(paper: Path) -> None:
    source = translate_document([paper]).source
    tree = ast.parse(source)
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert functions == ["L", "L_square", "L_2", "f", "distance", "g"]
    exported = next(ast.literal_eval(n.value) for n in tree.body if isinstance(n, ast.Assign))
    assert sorted(exported) == sorted(functions)
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert len({ast.unparse(i) for i in imports}) == len(imports) == 3


def test_docstrings_have_the_place_and_the_formula_as_it_is_written(paper: Path) -> None:
    tree = ast.parse(translate_document([paper]).source)
    said = ast.get_docstring(next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "L_square")) or ""
    assert "paper.tex, line 3 (eq:square):\n\n    L = x^2" in said


def test_the_module_is_clean_and_its_examples_hold(paper: Path, tmp_path: Path) -> None:
    made = tmp_path / "made.py"
    made.write_text(translate_document([paper]).source, encoding="utf-8")
    lint = subprocess.run([sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F,W,I,UP,RUF022", "--line-length", "110", str(made)],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert lint.returncode == 0, lint.stdout
    examples = subprocess.run([sys.executable, "-W", "error", "-m", "doctest", str(made)], capture_output=True, text=True, check=False)
    assert examples.returncode == 0, examples.stdout


def test_the_same_bytes_with_processes_with_a_cache_and_again(paper: Path, tmp_path: Path) -> None:
    file = tmp_path / "made.derive-cache"
    alone = translate_document([paper])
    parallel = translate_document([paper], processes=3)
    first = translate_document([paper], cache=file)
    second = translate_document([paper], cache=file)
    assert alone.source == parallel.source == first.source == second.source
    assert as_json(alone) == as_json(parallel) == as_json(second)
    assert (first.from_cache, second.from_cache) == (0, 6)


def test_an_interrupted_run_goes_on_where_it_was(paper: Path, tmp_path: Path) -> None:
    file = tmp_path / "made.derive-cache"

    def stop(finished: int, total: int) -> None:
        if finished == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        translate_document([paper], cache=file, progress=stop)
    again = translate_document([paper], cache=file)
    assert again.from_cache == 3
    assert again.source == translate_document([paper]).source


def test_a_cache_is_of_one_version_and_one_setting(paper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "made.derive-cache"
    translate_document([paper], cache=file)
    assert translate_document([paper], Settings(inplace=True), cache=file).from_cache == 0
    translate_document([paper], cache=file)
    monkeypatch.setattr(cache_module, "_version", lambda: "another")
    assert translate_document([paper], cache=file).from_cache == 0


def test_a_changed_formula_is_translated_anew_and_a_damaged_line_is_none(paper: Path, tmp_path: Path) -> None:
    file = tmp_path / "made.derive-cache"
    translate_document([paper], cache=file)
    paper.write_text(PAPER.replace("x^3", "x^4"), encoding="utf-8")
    changed = translate_document([paper], cache=file)
    assert changed.from_cache == 5
    file.write_text(file.read_text(encoding="utf-8").replace("return", "return 1 +"), encoding="utf-8")
    again = translate_document([paper], cache=file)
    assert again.from_cache == 0
    assert again.source == changed.source


def test_what_a_definition_brings_in_is_part_of_the_key(tmp_path: Path) -> None:
    file, path = tmp_path / "c", tmp_path / "a.tex"
    path.write_text(r"\[ z = 2 x \] \[ f = z + 1 \]", encoding="utf-8")
    translate_document([path], cache=file)
    path.write_text(r"\[ z = 3 x \] \[ f = z + 1 \]", encoding="utf-8")
    made = translate_document([path], cache=file)
    assert made.from_cache == 0
    assert "3 * x + 1" in made.source


def job(text: str) -> Job:
    reading, _ = read(text)
    return Job("f", text, reading.expanded.args[1], reading.types)


def test_code_that_fails_its_run_is_withheld(monkeypatch: pytest.MonkeyPatch) -> None:
    import derive.translation.translate as translator

    def wrong(*_: object, **__: object) -> Code:
        return Code(
            "def f(x):\n    return x\n", "f", check=Check("failed", "run", 1, 1.0, "", (("x", 2.0), ("code", 2.0), ("reference", 4.0)))
        )

    assert done(job("f = x^2"), Settings()).status == TRANSLATED
    monkeypatch.setattr(translator, "translate", wrong)
    made = done(job("f = x^2"), Settings())
    assert (made.status, made.source) == (WITHHELD, "")
    assert "x = 2.0" in made.reason and "reference = 4.0" in made.reason


def test_code_that_could_not_be_run_says_so_in_its_docstring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import derive.translation.translate as translator

    def unproved(*_: object, function: str, **__: object) -> Code:
        return Code(f'def {function}(x):\n    """x²."""\n    return x * x\n', function, check=Check("unverified", "run", reason="no time"))

    monkeypatch.setattr(translator, "translate", unproved)
    path, file = tmp_path / "a.tex", tmp_path / "c"
    path.write_text(r"\[ f = x^2 \]", encoding="utf-8")
    assert "the code was not proved: no time" in translate_document([path], cache=file).source
    assert translate_document([path], cache=file).from_cache == 0


def test_a_defect_in_one_formula_does_not_stop_the_others(paper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = work_module._direct

    def broken(given: Job, settings: Settings) -> work_module.Done:
        if given.function == "f":
            raise ZeroDivisionError("a defect")
        return original(given, settings)

    monkeypatch.setattr(work_module, "_direct", broken)
    made = translate_document([paper])
    assert [o.function for o in made.outcomes if o.status == TRANSLATED] == ["L", "L_square", "L_2", "distance", "g"]
    assert any("ZeroDivisionError" in o.reason for o in made.outcomes)


NAMES = [
    (r"\hat{y} = 1", "y_hat"),
    ("L(w) = 1", "L"),
    (r"\nabla_w L = 1", "grad_L_w"),
    (r"\frac{\partial L}{\partial z} = 1", "dL_dz"),
    (r"\frac{\partial^2 L}{\partial z^2} = 1", "d2L_dz2"),
    (r"p(y \mid x) = 1", "p_y_given_x"),
    (r"\operatorname{Var}(X) = 1", "variance_X"),
    (r"\lambda = 1", "lam"),
    (r"D_{\mathrm{KL}}(q \| p) = 1", "kl_divergence_q_p"),
]


@pytest.mark.parametrize(("text", "wanted"), NAMES)
def test_names_by_the_left_side(text: str, wanted: str) -> None:
    assert name_of(read(text)[0].term.args[0]) == wanted


def test_names_never_collide() -> None:
    from derive.expressions.term import Term

    names = Names()
    left = Term("name", (), Name("np"))
    given = [names.give(left, "", "formula"), names.give(left, "", "formula"), names.give(None, "eq:1", "formula")]
    given += [
        names.give(None, "", "formula"),
        names.give(None, "", "formula"),
        names.give(Term("name", (), Name("lambda")), "eq:class", "formula"),
    ]
    given += [names.give(None, "sec:class", "formula"), names.give(None, "def", "formula"), names.give(None, "list", "formula")]
    assert len(set(given)) == len(given)
    assert all(name.isidentifier() and name != "np" for name in given)
    compile("\n".join(f"def {name}(): pass" for name in given), "names", "exec")


def test_helpers_stand_once_and_different_ones_keep_apart() -> None:
    shared = "def helper(x):\n    return x\n\n\n"
    one = Function(shared + 'def f(x):\n    """F."""\n    return helper(x)\n', "f", "a, line 1", "f")
    two = Function(shared + 'def g(x):\n    """G."""\n    return helper(x)\n', "g", "a, line 2", "g")
    three = Function('def helper(x):\n    return -x\n\n\ndef h(x):\n    """H."""\n    return helper(x)\n', "h", "a, line 3", "h")
    text = module([one, two, three], ["a"])
    assert text.count("def helper(x):\n    return x") == 1
    space: dict[str, object] = {}
    exec(compile(text, "made", "exec"), space)
    assert [space[name](2) for name in "fgh"] == [2, 2, -2]  # type: ignore[operator]


def test_a_formula_cannot_leave_its_docstring(tmp_path: Path) -> None:
    path = tmp_path / "a.tex"
    path.write_text('\\[ f = x^2 + \\text{"""} \\]\n\\[ g = x^2 %"""\\\n \\]\n\\[ h = x \\cdot 2 \\label{a"""b\\} \\]', encoding="utf-8")
    compile(translate_document([path]).source, "made", "exec")


def test_the_tests_of_all_functions_are_one_module(paper: Path, tmp_path: Path) -> None:
    made = translate_document([paper], Settings(with_tests=True))
    (tmp_path / "made.py").write_text(made.source, encoding="utf-8")
    (tmp_path / "test_made.py").write_text(companion(made.tests, "made"), encoding="utf-8")
    run = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_made.py"], cwd=tmp_path,
                         capture_output=True, text=True, check=False)  # fmt: skip
    assert run.returncode == 0, run.stdout
    assert len(made.tests) == 6


def test_the_report_says_everything(paper: Path) -> None:
    made = translate_document([paper])
    for text in (as_text(made), as_markdown(made), as_json(made)):
        assert "distance" in text and "k is not defined" in text and "k(…) := …" in text
        assert "paper.tex" in text and "supersedes" in text
