"""What one display consists of: rows, continuations, chains, conditions, labels."""

from __future__ import annotations

import pytest

from derive.documents.formulas import DISPLAY, Formula, Stretch, Text
from derive.documents.rows import members, pieces


def made(text: str, environment: str = "") -> list[tuple[str, str, str, tuple[str, ...]]]:
    formula = Formula(Stretch.of(text, 0, len(text)), DISPLAY, environment, Text(text, "a.tex"), 0, text)
    return [(" ".join(p.stretch.text.split()), p.label, p.role, tuple(c.text for c in p.conditions)) for p in pieces(formula)]


ROWS = [
    ("align", "align", r"a &= b \label{x} \\ c &= d,", [("a = b", "x", "main", ()), ("c = d", "", "main", ())]),
    ("chain", "align", r"a &= b \\ &= c \\ &\le d", [(r"a = b = c \le d", "", "main", ())]),
    ("sum that goes on", "align", r"a &= b \\ &\quad + c \\ d &= e", [("a = b + c", "", "main", ()), ("d = e", "", "main", ())]),
    ("open end", "align", r"a &= b + \\ & c", [("a = b + c", "", "main", ())]),
    ("multline", "multline", r"a = b \\ c \\ d", [("a = b c d", "", "main", ())]),
    ("gather", "gather*", r"a = b \\[2pt] c = d", [("a = b", "", "main", ()), ("c = d", "", "main", ())]),
    ("aligned", "equation", r"\label{x}\begin{aligned} a &= b \\ &= c \end{aligned}", [("a = b = c", "x", "main", ())]),
    ("environment inside dollars", "", r"\begin{align*} a &= b \\ c &= d \end{align*}", [("a = b", "", "main", ()), ("c = d", "", "main", ())]),
    ("cases are one", "equation", r"f = \begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}", [
        (r"f = \begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}", "", "main", ())
    ]),
    ("two in a row", "", r"a = b, \qquad c = d", [("a = b", "", "main", ()), ("c = d", "", "main", ())]),
    ("where", "", r"a = b \quad \text{where} \quad b = c \text{ and } d = e", [
        ("a = b", "", "main", ()), ("b = c", "", "where", ()), ("d = e", "", "where", ())
    ]),
    ("condition", "", r"f(x) = \log x \quad \text{for all } x > 0", [(r"f(x) = \log x", "", "main", ("x > 0",))]),
    ("range", "", r"a_i = b_i^2, \quad i = 1, \dots, n.", [("a_i = b_i^2", "", "main", (r"i = 1, \dots, n",))]),
    ("bracketed condition", "", r"f = x \qquad (x \ge 0)", [("f = x", "", "main", (r"x \ge 0",))]),
    ("constraints stay", "", r"\min_x f \quad \text{subject to} \quad A x = b", [
        (r"\min_x f \quad \text{subject to} \quad A x = b", "", "main", ())
    ]),
    ("names in text stay", "", r"\text{Attention}(Q) = \text{softmax}(Q)", [(r"\text{Attention}(Q) = \text{softmax}(Q)", "", "main", ())]),
    ("tags", "equation", r"a = b \tag{3} \nonumber .", [("a = b", "", "main", ())]),
]  # fmt: skip


@pytest.mark.parametrize(("environment", "text", "wanted"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_pieces_of_a_display(environment: str, text: str, wanted: list[tuple[str, str, str, tuple[str, ...]]]) -> None:
    assert made(text, environment) == wanted


def test_every_character_keeps_its_place() -> None:
    text = "a &= b \\\\\n   &= c"
    formula = Formula(Stretch.of(text, 0, len(text)), DISPLAY, "align", Text(text, "a.tex"), 0, text)
    (piece,) = pieces(formula)
    assert len(piece.stretch.places) == len(piece.stretch.text) + 1
    assert text[piece.stretch.places[piece.stretch.text.index("c")]] == "c"


@pytest.mark.parametrize(
    ("text", "parts", "relations"),
    [
        ("a = b = c", ["a", "b", "c"], ["=", "="]),
        (r"P(X = 1) = \sum_{i=1}^n a", ["P(X = 1)", r"\sum_{i=1}^n a"], ["="]),
        (r"f \coloneqq x \le y", ["f", "x", "y"], ["=", "other"]),
        (r"\theta \leftarrow \theta - g", [r"\theta", r"\theta - g"], ["<-"]),
        (r"f \stackrel{(a)}{=} x", ["f", "x"], ["="]),
        (r"x \in [0, 1)", ["x", "[0, 1)"], ["other"]),
        ("a + b", ["a + b"], []),
    ],
)
def test_members_of_a_relation(text: str, parts: list[str], relations: list[str]) -> None:
    found, between = members(Stretch.of(text, 0, len(text)))
    assert ([f.text for f in found], between) == (parts, relations)
