"""What a person sees at a terminal."""

from __future__ import annotations

import dataclasses

import pytest
import sample_reports

from derive.derivation import Check, Derivation, Step
from derive.expressions.term import Term, call_name, name, number
from derive.presenting.html import to_html
from derive.presenting.latex_document import to_latex
from derive.presenting.levels import fold, shown_steps
from derive.presenting.markdown import to_markdown
from derive.presenting.style import Style
from derive.presenting.text import answer_text, error_text, report_text, stated_text, to_text
from derive.report import Report
from derive.solution import Solution

X = name("x")


def test_a_derivation_shows_reading_steps_answer_and_code() -> None:
    text = to_text(sample_reports.solved())
    labels = [line.split()[0] for line in text.split("\n") if line[:3].strip()]
    assert labels == ["reading", "1", "2", "3", "answer", "numpy"]
    assert "  1  Reciprocal rule  (1/u)′ = −u′/u²  with u = 1 + e⁻ˣ\n" in text
    assert "3 steps, each verified (max error 4e-16)" in text
    assert "def logistic_derivative(x):" in text and "import numpy" not in text
    assert "verified at 12 points" in text
    assert "Linear" not in text and "Constants vanish" not in text


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("kind", sample_reports.ALL)
def test_everything_fits_the_width(kind: str, width: int) -> None:
    text = to_text(sample_reports.ALL[kind](), "full", Style(width), code=False)
    assert max(map(len, text.split("\n"))) <= width


def test_brief_shows_the_reading_titles_and_the_answer() -> None:
    text = to_text(sample_reports.solved(), "brief")
    assert [line for line in text.split("\n") if line[:5].strip().isdigit()] == [
        "  1  Reciprocal rule",
        "  2  Chain rule",
        "  3  Logistic form",
    ]
    assert "reading" in text and "x ∈ ℝ" in text and "def " not in text and "answer" in text and "u = 1" not in text
    assert "a kink at x = 0" in to_text(sample_reports.gradient(), "brief")
    assumed = Solution(None, number(1), assumptions=(("x > 0",),))
    assert "assuming   x > 0" in to_text(sample_reports.solved(solution=assumed), "brief")


L = name("L")
W = name("w")
LOSS = Term("pow", (Term("add", (name("y"), Term("neg", (Term("mul", (W, X)),)))), number(2)))
BY_NAME = Term("total_derivative", (L, W))
SPELLED = Term("derivative", (LOSS, W, number(1)), "d")


def _read_as(term: Term, expanded: Term, kind: str = "task") -> Report:
    read = dataclasses.replace(sample_reports.reading(term), expanded=expanded, kind=kind, notes=())
    return sample_reports.solved(reading=read, solution=None, verification=None, code=None)


def test_the_reading_shows_what_names_stand_for() -> None:
    lines = to_text(_read_as(BY_NAME, SPELLED)).split("\n")
    assert [line.strip() for line in lines] == ["dL", "reading    ──", "dw", "d", "= ──((y − w x)²)", "dw"]
    simplify = Term("task", (call_name("exp", L),), "simplify")
    text = to_text(_read_as(simplify, Term("task", (LOSS,), "simplify")))
    assert text.split("\n")[-1].strip() == "that is, simplify (y − w x)²"


def test_the_reading_stays_short() -> None:
    long = Term("add", tuple(Term("pow", (name("x"), number(k))) for k in range(2, 90)))
    assert to_text(_read_as(L, long)).strip() == "reading    L"
    assert to_text(_read_as(L, L)).strip() == "reading    L"
    assert "=" not in to_text(_read_as(Term("rel", (L, LOSS), ":="), Term("rel", (L, LOSS), "="), "definition")).replace(":=", "")


def test_a_definition_is_said_in_one_line() -> None:
    stated = _read_as(Term("rel", (call_name("f", X), LOSS), ":="), LOSS, "definition")
    assert stated_text(stated) == "  f(x) := (y − w x)²"
    assert stated.reading is not None
    noted = dataclasses.replace(stated, reading=dataclasses.replace(stated.reading, notes=(("f is ", X),)))
    assert stated_text(noted) == "  f(x) := (y − w x)²   f is x"
    assert len(stated_text(noted, Style(20, ascii=True))) <= 20
    assert stated_text(noted, Style(60, ascii=True)).isascii()


def test_solutions_read_as_a_sentence() -> None:
    either = Term("or", tuple(Term("rel", (X, number(k)), "=") for k in (2, 3)))
    alternatives = sample_reports.solved(solution=Solution(None, either), verification=None)
    assert answer_text(alternatives) == "x = 2 or x = 3"
    assert "answer     x = 2 or x = 3" in report_text(alternatives)
    parts = sample_reports.solved(solution=Solution(None, None, {"x_1": number(2), "x_2": number(3)}), verification=None)
    assert answer_text(parts) == "x₁ = 2\nx₂ = 3"


@pytest.mark.parametrize(
    ("answer", "parts", "shown"),
    [
        (Term("tuple", (number(2), number(3))), {"x_1": number(2), "x_2": number(3)}, "x = 2 or x = 3"),
        (number(2), {}, "x = 2"),
        (Term("word", (), "no solution"), {}, "no solution"),
        (Term("rel", (X, number(2)), "="), {}, "x = 2"),
    ],
)
def test_the_values_of_an_unknown_become_equations(answer: Term, parts: dict[str, Term], shown: str) -> None:
    task = Term("task", (Term("rel", (X, X), "="), X), "solve")
    read = sample_reports.reading(task, "solve", ())
    report = sample_reports.solved(task="solve", reading=read, solution=Solution(None, answer, parts), verification=None, code=None)
    assert answer_text(report) == shown
    assert f"answer     {shown}" in report_text(report)
    if parts:
        assert r"x = 2 \text{ or } x = 3" in to_markdown(report) and r"x = 2 \text{ or } x = 3" in to_latex(report)
        assert "or&#x000A0;</mtext>" in to_html(report)
        assert report.to_dict()["answer"]["plain"] == "(2, 3)"


def test_full_shows_every_step() -> None:
    text = to_text(sample_reports.solved(), "full")
    for title in ("1  Reciprocal rule", "1.1  Reciprocal rule", "1.2  Constants vanish", "2.1  Linear", "3  Logistic form"):
        assert title in text


def test_ascii_output_is_ascii_and_colours_are_only_added() -> None:
    report = sample_reports.solved()
    assert to_text(report, "full", Style(ascii=True)).isascii()
    painted = to_text(report, "normal", Style(colour=True))
    assert "\x1b[" in painted
    bare = painted
    for code in ("0", "1", "2", "31", "31;1", "32", "36"):
        bare = bare.replace(f"\x1b[{code}m", "")
    assert bare == to_text(report)


def test_an_error_points_at_its_place() -> None:
    assert error_text(sample_reports.unknown()).split("\n") == [
        r"  error      unknown command \simga",
        r"             \frac{d}{dx} \simga(x)",
        r"                          ^^^^^^",
        r"             did you mean \sigma?",
    ]
    assert error_text(sample_reports.unfinished()).split("\n") == [
        "  error      the line ends too early",
        "             (y",
        "               ^",
        "             expected a name, a number or (",
    ]


def test_a_long_line_is_shown_around_the_place() -> None:
    report = sample_reports.unknown()
    assert report.error is not None
    report.error.span = (5000, 5003)
    lines = error_text(dataclasses.replace(report, text="x" * 9000 + " + y"), Style(60)).split("\n")
    assert all(len(line) <= 60 for line in lines)
    assert lines[2].strip() == "^^^" and lines[1].startswith("             … x") and lines[1].endswith("x …")


def test_two_readings_are_shown_with_what_settles_them() -> None:
    text = error_text(sample_reports.ambiguous())
    assert "refused    two readings remain" in text
    assert "1  f(x)   with  f: R -> R" in text and "2  f x   with  f in R" in text


def test_a_failed_step_withholds_the_answer_and_shows_the_point() -> None:
    text = to_text(sample_reports.failed())
    assert "✗ this step fails its check at x = 2" in text
    assert "  answer " not in text
    assert "at x = 2, left = 8, right = 12" in text
    assert answer_text(sample_reports.failed()) == ""


def test_an_unverified_step_says_why() -> None:
    text = to_text(sample_reports.unverified())
    assert "not verified: no point of the domain was found" in text
    assert "1 step, not verified" in text


def test_parts_are_shown_one_a_line() -> None:
    assert answer_text(sample_reports.gradient()) == "x = 2 x\nθ₀ = θ₀"
    assert "notes      a kink at x = 0" in report_text(sample_reports.gradient())


def _step(label: str, before: Term, after: Term, **more: object) -> Step:
    return Step(label, label, before, after, **more)


A, B, C, D = (name(letter) for letter in "abcd")


def test_trivial_steps_fold_into_their_neighbours() -> None:
    first = _step("first", A, B, trivial=True)
    second = _step("second", B, C, assumptions=(("c > 0",),))
    third = _step("third", C, D, trivial=True, check=Check("exact"))
    (only,) = fold((first, second, third))
    assert (only.title, only.before, only.after, only.steps) == ("second", A, D, (first, second, third))
    assert only.assumptions == (("c > 0",),)
    numbers = [item.number for item in shown_steps(Derivation(A, D, (first, second, third)), "full")]
    assert numbers == ["1", "1.1", "1.2", "1.3"]


def test_a_doubtful_or_directed_step_is_never_folded() -> None:
    first = _step("first", A, B)
    doubtful = _step("doubtful", B, C, trivial=True, check=Check("unverified", reason="…"))
    directed = _step("directed", C, D, trivial=True, relation="≤")
    assert fold((first, doubtful, directed)) == (first, doubtful, directed)
    assert len(fold((_step("alone", A, number(1), trivial=True),))) == 1
