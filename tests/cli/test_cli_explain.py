"""`derive explain`: a function of a file, its gradient, its code; a list of what there is; what is refused, with line and column."""

from __future__ import annotations

import json
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from derive.completion import completion
from derive.explain import explain, explain_usage, listed

ROOT = Path(__file__).parents[2]
FILE = "examples/python/network.py"
SOURCE = (ROOT / FILE).read_text(encoding="utf-8")


def derive(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "derive", *arguments], capture_output=True, text=True, timeout=60, check=False, cwd=ROOT, encoding="utf-8"
    )


def test_a_function_is_explained() -> None:
    done = derive("explain", f"{FILE}:loss", "wrt", "W,b")
    assert (done.returncode, done.stderr) == (0, "")
    for part in (
        "loss(X, y, W, b, v) :=",
        r"\operatorname{mean}",
        "declared: X ∈ ℝ^(n × d)",
        "each verified",
        "def gradient(",
        "has a kink",
    ):
        assert part in done.stdout, part


def test_the_softmax_is_seen_through_its_safe_form() -> None:
    reading, gradient = explain(SOURCE, "cross_entropy")
    assert (reading.status, gradient.status) == ("solved", "solved")
    assert gradient.to_dict()["answer"]["plain"] == "(softmax(logits) - onehot(y, k))/n"


def test_json_has_the_definition_and_the_gradient() -> None:
    done = derive("explain", f"{FILE}:relu", "--json")
    definition, gradient = [json.loads(line) for line in done.stdout.splitlines()]
    assert (definition["task"], gradient["task"]) == ("definition", "derivative")
    assert definition["reading"]["plain"] == "relu(x) := max(x, 0)"
    assert gradient["answer"]["plain"] == "1[x > 0]"
    assert gradient["verification"]["status"] == "verified"


def test_the_code_of_the_gradient_is_the_slope_of_the_function() -> None:
    done = derive("explain", f"{FILE}:kernel_sum wrt x", "--code")
    assert done.returncode == 0, done.stderr
    written, emitted = types.ModuleType("written"), types.ModuleType("emitted")
    exec(compile(SOURCE, "written.py", "exec"), written.__dict__)
    exec(compile(done.stdout, "emitted.py", "exec"), emitted.__dict__)
    x, step = np.array([0.3, -1.2, 0.8, 2.0]), 1e-6
    slopes = [(written.kernel_sum(x + step * e, 1.3) - written.kernel_sum(x - step * e, 1.3)) / (2 * step) for e in np.eye(4)]
    np.testing.assert_allclose(emitted.gradient(x, 1.3), slopes, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("form", ["latex", "markdown"])
def test_other_formats(form: str) -> None:
    done = derive("explain", f"{FILE}:relu", "--format", form)
    assert done.returncode == 0
    assert done.stdout.count(r"\max") >= 2


def test_the_functions_of_a_file_are_listed() -> None:
    assert [(name, not reason) for name, _, reason in listed(SOURCE)] == [
        ("relu", True),
        ("loss", True),
        ("cross_entropy", True),
        ("kernel_sum", True),
        ("momentum", False),
    ]
    done = derive("explain", FILE)
    assert done.returncode == 0
    assert "can be explained" in done.stdout
    assert "steps depend on the ones before (m)" in done.stdout


WRONG = [
    (("explain", f"{FILE}:momentum"), 2, "line 52, column 9: a loop whose steps depend on the ones before (m)"),
    (("explain", f"{FILE}:momentun"), 2, "did you mean momentum?"),
    (("explain", f"{FILE}:loss", "wrt", "w"), 2, "the function has no argument w"),
    (("explain", f"{FILE}:loss", "wrt"), 2, "behind wrt come the names"),
    (("explain", f"{FILE}:loss", "of", "w"), 2, "not 'of'"),
    (("explain", "nowhere.py:loss"), 2, "cannot read nowhere.py"),
    (("explain",), 2, "explain needs a function"),
]


@pytest.mark.parametrize(("arguments", "status", "words"), WRONG, ids=[words for _, _, words in WRONG])
def test_wrong_use_and_what_is_not_read(arguments: tuple[str, ...], status: int, words: str) -> None:
    done = derive(*arguments)
    assert done.returncode == status
    assert words in " ".join(done.stderr.split())


def test_no_gradient_is_a_refusal_with_its_reason() -> None:
    source = "import numpy as np\n\n\ndef f(x):\n    return np.median(x)\n"
    definition, gradient = explain(source, "f")
    assert definition.status == "solved"
    assert gradient.status == "refused"
    assert gradient.error is not None
    assert "median" in gradient.error.message


def test_an_expression_behind_the_word_is_a_line_as_before() -> None:
    done = derive("explain np.maximum(x, 0)")
    assert "max(x, 0)" in done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_the_command(shell: str) -> None:
    assert "explain" in completion(shell)


def test_help_says_how_it_is_used() -> None:
    assert "derive explain model.py:loss wrt W,b" in explain_usage()
    assert derive("explain", "--help").stdout == explain_usage()
