"""Which stretches of a document are formulas, where they stand, and what was left alone."""

from __future__ import annotations

import json

import pytest

from derive.documents.formulas import Formula, Remark, Text
from derive.documents.latex import latex_formulas
from derive.documents.macros import Macros
from derive.documents.markdown import DocumentProblem, line_formulas, markdown_formulas, notebook_formulas


def found_in_latex(text: str) -> list[Formula | Remark]:
    return list(latex_formulas(Text(text, "a.tex"), Macros()))


def spelled(found: list[Formula | Remark]) -> list[tuple[str, str, str]]:
    return [(f.kind, f.stretch.text, str(f.place)) for f in found if isinstance(f, Formula)]


LATEX = [
    ("inline", r"let $x$ be", [("inline", "x", "a.tex:1:6")]),
    ("parentheses", r"let \(x\) be", [("inline", "x", "a.tex:1:7")]),
    ("brackets", "\\[\n  x = 1\n\\]", [("display", "x = 1", "a.tex:2:3")]),
    ("double dollars", "$$a$$ and $b$", [("display", "a", "a.tex:1:3"), ("inline", "b", "a.tex:1:12")]),
    ("environment", "\\begin{equation*}\nf = 1\n\\end{equation*}", [("display", "f = 1", "a.tex:2:1")]),
    ("money and percent", r"5\$ and 7\% of $x$", [("inline", "x", "a.tex:1:17")]),
    ("comment", "% $a$\n$b$ % $c$\n", [("inline", "b", "a.tex:2:2")]),
    ("comment inside", "\\[ a % no $ here\n + b \\]", [("display", "a + b", "a.tex:1:4")]),
    (
        "verbatim",
        "\\begin{verbatim}$a$\\end{verbatim} \\verb|$b$| \\begin{lstlisting}\n$c$\n\\end{lstlisting}$d$",
        [("inline", "d", "a.tex:3:18")],
    ),
    ("switched off", "\\iffalse $a$ \\ifx x\\fi \\fi $b$", [("inline", "b", "a.tex:1:29")]),
    ("body only", "$a$\n\\begin{document}$b$\\end{document}$c$", [("inline", "b", "a.tex:2:18")]),
    (
        "dollars in a text",
        r"\[ a \text{ if $b$ holds} \] $c$",
        [("display", r"a \text{ if $b$ holds}", "a.tex:1:4"), ("inline", "c", "a.tex:1:31")],
    ),
    ("a line break is no display", "a \\\\[2pt] b $c$", [("inline", "c", "a.tex:1:14")]),
    ("a label is no mathematics", r"\label{a$b} \ref{c$d} $e$", [("inline", "e", "a.tex:1:24")]),
]


@pytest.mark.parametrize(("text", "wanted"), [row[1:] for row in LATEX], ids=[row[0] for row in LATEX])
def test_formulas_of_latex(text: str, wanted: list[tuple[str, str, str]]) -> None:
    assert spelled(found_in_latex(text)) == wanted


@pytest.mark.parametrize(
    ("text", "sign", "after"),
    [("a $x = 1\n\nb $y$", "$", "y"), ("\\[ x = 1\n\n\\[ y \\]", "\\[", "y"), ("\\begin{align} x = 1\n\n$y$", "\\begin{align}", "y")],
)
def test_what_is_never_closed_is_said_and_the_rest_goes_on(text: str, sign: str, after: str) -> None:
    broken, *rest = [f for f in found_in_latex(text) if isinstance(f, Formula)]
    assert broken.problem == f"{sign} is never closed"
    assert [f.stretch.text for f in rest] == [after]


def test_input_is_left_alone_and_said() -> None:
    (remark,) = found_in_latex("text\n \\input{chapters/one}")
    assert isinstance(remark, Remark) and str(remark.place) == "a.tex:2:2" and "chapters/one" in remark.message


MACROS = [
    (r"\newcommand{\R}{\mathbb{R}}$x \in \R^n$", r"x \in \mathbb{R}^n"),
    (r"\newcommand{\norm}[1]{\lVert #1 \rVert}$\norm{a + b}^2$", r"\lVert a + b \rVert^2"),
    (r"\newcommand{\p}[2][q]{#1(#2)}$\p{x} \p[r]{y}$", r"q(x) r(y)"),
    (r"\def\d#1#2{\frac{#1}{#2}}$\d ab$", r"\frac{a}{b}"),
    (r"\def\x{\mathbf{x}}\def\y{\hat\x}$\frac\y2 \x_i$", r"\frac{\hat{\mathbf{x}}}2 \mathbf{x}_i"),
    (r"\newcommand{\T}{\mathsf{T}}$A^\T B$", r"A^{\mathsf{T}} B"),
    (r"\newcommand{\a}{\alpha}$\a b$", r"\alpha b"),
    (r"\newcommand{\a}{x}$\sin\a$", r"\sin x"),
    (r"\let\eps\epsilon\renewcommand{\epsilon}{\varepsilon}$\eps \epsilon$", r"\epsilon \varepsilon"),
    (r"\DeclareMathOperator{\Var}{Var}\DeclareMathOperator*{\am}{arg\,min}$\Var \am_x$", r"\operatorname{Var} \operatorname*{arg\,min}_x"),
    (r"\DeclarePairedDelimiter{\abs}{\lvert}{\rvert}$\abs*{x} \abs[\big]{y}$", r"\left\lvert x \right\rvert \left\lvert y \right\rvert"),
    (r"\NewDocumentCommand{\f}{O{2} m}{#2^{#1}}$\f{x} \f[3]{y}$", r"x^{2} y^{3}"),
    (r"$\newcommand{\z}{w} \z + 1$", "w + 1"),
    (r"$\R$ \newcommand{\R}{r} $\R$", r"\R"),
]


@pytest.mark.parametrize(("text", "wanted"), MACROS)
def test_macros_of_the_document_are_expanded(text: str, wanted: str) -> None:
    first = next(f for f in found_in_latex(text) if isinstance(f, Formula))
    assert (first.stretch.text, first.problem) == (wanted, "")
    assert len(first.stretch.places) == len(first.stretch.text) + 1


@pytest.mark.parametrize("definition", [r"\newcommand{\a}{\a + 1}", r"\def\a{\b}\def\b{\a}", r"\def\a{\b\b}\def\b{\c\c}\def\c{\a}"])
def test_a_macro_that_is_defined_by_itself_is_a_problem_of_its_formulas_alone(definition: str) -> None:
    bad, good = (f for f in found_in_latex(definition + "$x + \\a$ $y$") if isinstance(f, Formula))
    assert "defined by itself" in bad.problem
    assert (good.stretch.text, good.problem) == ("y", "")


def test_a_macro_without_its_argument_is_a_problem() -> None:
    (bad,) = (f for f in found_in_latex(r"\newcommand{\f}[2]{#1/#2}$\f{a}$") if isinstance(f, Formula))
    assert bad.problem == r"\f takes 2 arguments"


def test_a_definition_of_an_unknown_form_is_said() -> None:
    (remark,) = found_in_latex(r"\def\f(#1,#2){#1}")
    assert isinstance(remark, Remark) and r"\f" in remark.message


MARKDOWN = [
    ("inline", "a $x$ b", ["x"]),
    ("money", "it costs $5 and $6, or $ 7$", []),
    ("display", "$$\nx = 1\n$$", ["x = 1"]),
    ("fence", "```math\nx = 1\n```", ["x = 1"]),
    ("gitlab", "so $`x`$ is", ["x"]),
    ("code", "`$a$` ``$`b`$`` $c$", ["c"]),
    ("code fence", "```python\n$a$\n```\n~~~\n$b$\n~~~\n$c$", ["c"]),
    ("indented code", "text\n\n    $a$\n\n$b$", ["b"]),
    ("indented text of a list", "- item\n\n    $a$\n", ["a"]),
    ("front matter", "---\ntitle: $a$\n---\n$b$", ["b"]),
    ("comment", "<!-- $a$ --> $b$", ["b"]),
    ("brackets", r"\\(x\\) and \[y\]", ["x", "y"]),
    ("environment", "\\begin{align}\na &= b\n\\end{align}", ["a &= b"]),
    ("macro", "$\\newcommand{\\a}{b}$ $\\a$", ["", "b"]),
]


@pytest.mark.parametrize(("text", "wanted"), [row[1:] for row in MARKDOWN], ids=[row[0] for row in MARKDOWN])
def test_formulas_of_markdown(text: str, wanted: list[str]) -> None:
    assert [f.stretch.text for f in markdown_formulas(Text(text, "a.md"), Macros()) if isinstance(f, Formula)] == wanted


def notebook(*cells: tuple[str, object]) -> str:
    return json.dumps({"cells": [{"cell_type": kind, "source": source} for kind, source in cells], "nbformat": 4})


def test_formulas_of_a_notebook_have_the_number_of_their_cell() -> None:
    text = notebook(("code", "'$a$'"), ("markdown", ["x\n", "$\\def\\q{b}$ $\\q$"]), ("raw", "$c$"), ("markdown", "$\\q$"))
    found = [f for f in notebook_formulas(text, "n.ipynb", Macros()) if isinstance(f, Formula) and f.stretch.text]
    assert [(f.stretch.text, str(f.place)) for f in found] == [("b", "n.ipynb:cell 2:2:14"), ("b", "n.ipynb:cell 4:1:2")]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 3}', "[" * 100_000])
def test_what_is_no_notebook_is_said(text: str) -> None:
    with pytest.raises(DocumentProblem, match="no notebook"):
        list(notebook_formulas(text, "n.ipynb", Macros()))


def test_one_formula_a_line() -> None:
    found = list(line_formulas(Text("# comment\nx^2 + 1\n\nf(x) = (1 +\n x)\n", "a.txt")))
    assert [(f.stretch.text, f.place.line) for f in found] == [("x^2 + 1", 2), ("f(x) = (1 +\n x)", 4)]
