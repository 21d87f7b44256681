"""Two readers over the same scalar formulas: each disagreement is listed with its reason, and the list is kept true."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import sympy as sp

from derive.checking.opinion import choose_points, second_opinion, second_opinions
from derive.errors import DeriveError
from derive.expressions.to_sympy import to_sympy
from derive.meaning import read
from derive.reading.second_opinion import available, read_again, respelled

HERE = Path(__file__).parent
FORMULAS = [line for line in (HERE / "formulas.txt").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
LISTED = {
    entry["formula"]: entry["reason"] for entry in tomllib.loads((HERE / "disagreements.toml").read_text(encoding="utf-8"))["disagreement"]
}

pytestmark = pytest.mark.skipif(not available(), reason="the extra second-opinion is not installed")


def expression_of(latex: str) -> sp.Expr | None:
    """derive's reading as a SymPy expression, None where it does not read the formula."""
    try:
        reading, _ = read(latex)
        return to_sympy(reading.expanded, reading.types)
    except DeriveError:
        return None


def test_there_are_enough_formulas() -> None:
    assert len(FORMULAS) == len(set(FORMULAS))
    assert len(FORMULAS) >= 300


def test_both_readers_agree_except_where_it_is_listed() -> None:
    expressions = {latex: expression_of(latex) for latex in FORMULAS}
    assert not [latex for latex, expression in expressions.items() if expression is None], "derive does not read"
    found = second_opinions([(latex, expression, None) for latex, expression in expressions.items()])
    opinions = dict(zip(expressions, found, strict=True))
    unexpected = {
        latex: f"{opinion.status}: ours {opinion.ours}, theirs {opinion.theirs} {opinion.reason} {opinion.point} {opinion.values}"
        for latex, opinion in opinions.items()
        if opinion.status != "agrees" and latex not in LISTED
    }
    assert not unexpected
    assert not [latex for latex in LISTED if opinions[latex].status == "agrees"], "stale entries"
    assert sum(opinion.status == "agrees" for opinion in opinions.values()) >= 300


def test_every_listed_disagreement_has_a_formula_and_a_reason() -> None:
    assert not set(LISTED) - set(FORMULAS)
    assert all(reason.strip() for reason in LISTED.values())


def test_a_disagreement_is_shown_with_a_point() -> None:
    x, y = sp.symbols("x y", real=True)
    opinion = second_opinion("x + y^2", x + y**3, [{"x": 1.0, "y": 2.0}])
    assert opinion.status == "differs"
    assert opinion.point == (("x", 1.0), ("y", 2.0))
    assert opinion.values == (9, 5)
    assert "x = 1, y = 2" in "".join(map(str, opinion.note()))


def test_agreement_is_said_with_the_number_of_points() -> None:
    x = sp.Symbol("x", real=True)
    opinion = second_opinion(r"\frac{x}{1+x^2}", x / (1 + x**2))
    assert (opinion.status, opinion.points) == ("agrees", len(choose_points(x)))


def test_a_name_of_its_own_is_a_disagreement() -> None:
    x = sp.Symbol("x", real=True)
    opinion = second_opinion("x y", x)
    assert opinion.status == "differs"
    assert "y" in opinion.reason


@pytest.mark.parametrize(
    "latex", [r"\frac{d}{dx", r"\unknowncommand x", "", "x = 2", "^^", "x" * 5_000, r"9^{9^{9^{9}}}", "__import__('os').system('true')"]
)
def test_what_breaks_the_other_reader_is_only_its_problem(latex: str) -> None:
    bad, good = read_again([(latex, [{"x": 2.0}]), ("x^2", [{"x": 2.0}])])
    assert bad.problem or bad.values != (4,)
    assert good.values == (4,)


def test_arrays_and_unknown_functions_are_not_compared() -> None:
    f = sp.Function("f")(sp.Symbol("x"))
    assert second_opinion("f(x)", f).status == "unread"
    assert second_opinion("x = 1", sp.Eq(sp.Symbol("x"), 1)).status == "unread"


@pytest.mark.parametrize(
    ("latex", "spelled"),
    [
        (r"\log x", r"\ln x"),
        (r"\log_2 x", r"\log_2 x"),
        (r"\tfrac12 x", r"\frac{1}{2} x"),
        (r"\bigl(x\bigr)\;y", "(x) y"),
        (r"$x$", "x"),
        (r"\logit x", r"\logit x"),
    ],
)
def test_spelling_is_put_into_what_the_other_reader_knows(latex: str, spelled: str) -> None:
    assert respelled(latex) == spelled
