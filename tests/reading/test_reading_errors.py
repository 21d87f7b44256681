"""What cannot be read: the place under the caret, what was expected, and the nearest spelling."""

from __future__ import annotations

import pytest

from derive.errors import AmbiguousInput, DeriveError, InputError, SyntaxProblem, TooLarge, UnknownName
from derive.reading import parse
from derive.reading.commands import COMMANDS
from derive.reading.leaves import closest

TABLE = [
    (r"\frac{d}{dx} \simga(x)", UnknownName, r"\simga", "a LaTeX command of mathematics", r"\sigma"),
    (r"\fraq{1}{2}", UnknownName, r"\fraq", "a LaTeX command of mathematics", r"\frac"),
    (r"\begin{pmatix} 1 \end{pmatix}", UnknownName, "pmatix", "an environment of mathematics", "pmatrix"),
    (r"\frac{1}", SyntaxProblem, "", r"an argument of \frac in braces", None),
    (r"\frac + 1", SyntaxProblem, "", r"an argument of \frac in braces", None),
    (r"\sqrt", SyntaxProblem, "", r"an argument of \sqrt in braces", None),
    (r"\hat{x} + \hat", SyntaxProblem, "", r"an argument of \hat in braces", None),
    (r"\text", SyntaxProblem, r"\text", r"an argument of \text in braces", None),
    (r"\left( x", SyntaxProblem, r"\left(", r"\right with a closing delimiter for the \left( at column 1", None),
    (r"\left( x \right", SyntaxProblem, r"\right", "a bracket, a bar or a point after it", None),
    (r"x \right)", SyntaxProblem, r"\right)", r"\left before it", None),
    (r"\begin{cases} x", SyntaxProblem, r"\begin{cases}", r"\end{cases} for the \begin{cases} at column 1", None),
    (
        r"\begin{pmatrix} 1 \end{bmatrix}",
        SyntaxProblem,
        r"\end{bmatrix}",
        r"\end{pmatrix} for the \begin{pmatrix} at column 1",
        r"\end{pmatrix}",
    ),
    ("a (b + c", SyntaxProblem, "(", "a closing bracket ) for the ( at column 3", None),
    ("(x + [1 + 2)", SyntaxProblem, ")", "a closing bracket ] for the [ at column 6", None),
    ("(x + 1]", SyntaxProblem, "]", "a closing bracket ) for the ( at column 1", None),
    ("x + 1)", SyntaxProblem, ")", "an opening bracket before it", None),
    ("{x)", SyntaxProblem, ")", "a closing bracket } for the { at column 1", None),
    ("x^", SyntaxProblem, "", "a superscript after ^: a letter, a digit or a group in brackets", None),
    ("2 + ^2", SyntaxProblem, "^", "a name, a number or a bracket before it", None),
    (r"\alpha x^12", SyntaxProblem, "^12", "braces around the whole number", "^{12}"),
    (r"\alpha x_10", SyntaxProblem, "_10", "braces around the whole number", "_{10}"),
    (r"\sqrt12", SyntaxProblem, "12", r"an argument of \sqrt in braces", "{12}"),
    (r"\alpha x^2^3", SyntaxProblem, "^3", "braces that say which comes first, {a^b}^c or a^{b^c}", None),
    (r"\alpha x_a_b", SyntaxProblem, "_b", "one subscript, its parts separated by commas in braces", None),
    (
        r"P_k^-H \alpha",
        SyntaxProblem,
        "-H",
        "braces around the whole script: ^{-x}, or a space after the sign where it is a label: ^{-} x",
        None,
    ),
    (
        r"e^-\alpha",
        SyntaxProblem,
        "-",
        "braces around the whole script: ^{-x}, or a space after the sign where it is a label: ^{-} x",
        None,
    ),
    ("e^-|x|", SyntaxProblem, "-", "brackets around the whole exponent: ^(-…)", None),
    ("x^2'", SyntaxProblem, "'", "brackets that say what is differentiated: (x^2)' or (x')^2", None),
    ("x # 3", SyntaxProblem, "#", "mathematics", None),
    ("x \\ y", SyntaxProblem, "\\", "mathematics", None),
    ("x \x07", SyntaxProblem, "\x07", "mathematics", None),
    ("$x", SyntaxProblem, "$", "$ at the end of the formula", None),
    (r"\( x", SyntaxProblem, r"\(", r"\) at the end of the formula", None),
    (r"x \]", SyntaxProblem, r"\]", r"\[ before it", None),
    ("√ + 1", SyntaxProblem, None, "a number, a name or a bracket after the radical sign", None),
    (r"3e-4 \alpha", AmbiguousInput, "3e-4", r"3 \cdot 10^{-4}", None),
    (r"x \not y", SyntaxProblem, r"\not", r"a relation after \not, such as = or \in", None),
    (r"\newcommand{\x}{y}", UnknownName, r"\newcommand", "a LaTeX command of mathematics", None),
]


@pytest.mark.parametrize(("text", "error", "under", "expected", "suggestion"), TABLE, ids=[row[0] for row in TABLE])
def test_place_expectation_and_suggestion(
    text: str, error: type[DeriveError], under: str | None, expected: str, suggestion: str | None
) -> None:
    with pytest.raises(error) as caught:
        parse(text)
    problem = caught.value
    assert problem.span is not None
    start, end = problem.span
    assert 0 <= start <= end <= len(text)
    if under:
        assert text[start:end] == under
    assert expected in problem.expected
    assert problem.suggestion == suggestion
    assert problem.message


def test_the_place_of_a_missing_end_is_the_end() -> None:
    with pytest.raises(SyntaxProblem) as caught:
        parse("x + y^")
    assert caught.value.span == (6, 6)


def test_a_row_of_a_check_is_placed_in_the_whole_text() -> None:
    text = "check\nx^2 + 1\n= (x + 1"
    with pytest.raises(SyntaxProblem) as caught:
        parse(text)
    assert caught.value.span == (text.index("("), text.index("(") + 1)
    assert caught.value.expected == ("a closing bracket ) for the ( at column 3",)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000,
        "(" * 10_000 + ")" * 10_000,
        "\\sqrt" * 5_000 + " x",
        "\\hat" * 5_000 + " x",
        "x^" * 5_000 + "x",
        "{" * 10_000 + "\\alpha",
        "\\left(" * 5_000,
        "\\begin{cases}" * 3_000,
    ],
    ids=["opened", "balanced", "roots", "accents", "tower", "braces", "fences", "environments"],
)
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="nested deeper than 200 levels"):
        parse(text)


def test_nesting_within_the_bound_is_read() -> None:
    assert parse("(" * 150 + "x" + ")" * 150)[0].kind == "fence"


def test_a_text_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(TooLarge):
        parse("\\simga " * 20_000)


@pytest.mark.parametrize(
    ("word", "nearest"),
    [
        ("\\simga", "\\sigma"),
        ("\\alhpa", "\\alpha"),
        ("\\lamda", "\\lambda"),
        ("\\parital", "\\partial"),
        ("\\nabal", "\\nabla"),
        ("\\matbf", "\\mathbf"),
        ("\\opertorname", "\\operatorname"),
        ("\\epsilion", "\\epsilon"),
        ("\\inftyy", "\\infty"),
        ("\\qwertyuiop", None),
    ],
)
def test_did_you_mean(word: str, nearest: str | None) -> None:
    assert closest(word, COMMANDS) == nearest


@pytest.mark.parametrize("text", ["3e-4 x", "0.5e-3 \\alpha", "1e-8 \\alpha", "2e3 \\alpha"])
def test_exponents_that_are_clear(text: str) -> None:
    assert parse(text)[0].kind == "number"
