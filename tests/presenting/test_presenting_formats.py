"""LaTeX, Markdown, HTML and the notebook's bundle."""

from __future__ import annotations

import dataclasses
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import pytest
import sample_reports

from derive.derivation import Derivation, Step
from derive.expressions.term import Term, name, number
from derive.presenting.html import to_html
from derive.presenting.latex_document import answer_latex, to_document, to_latex
from derive.presenting.markdown import to_markdown
from derive.presenting.mathml import mathml
from derive.presenting.notebook import to_mimebundle
from derive.presenting.transliteration import formula_latex, text_latex, to_ascii
from derive.rules import RULES
from derive.solution import Solution

EVERY = list(sample_reports.ALL.values())


@pytest.mark.parametrize("make", EVERY)
@pytest.mark.parametrize("detail", ["brief", "normal", "full"])
def test_latex_is_ascii_and_balanced(make: Callable, detail: str) -> None:
    document = to_document([make()], detail)
    assert document.isascii()
    assert document.startswith("\\documentclass") and document.rstrip().endswith("\\end{document}")
    open_environments: list[str] = []
    for kind, environment in re.findall(r"\\(begin|end)\{(\w+\*?)\}", document):
        if kind == "begin":
            open_environments.append(environment)
        else:
            assert open_environments.pop() == environment
    assert not open_environments
    body = re.sub(r"\\begin\{lstlisting\}.*?\\end\{lstlisting\}", "", document, flags=re.DOTALL)
    body = body.replace(r"\{", "").replace(r"\}", "").replace(r"\$", "")
    assert body.count("{") == body.count("}")
    assert body.count("$") % 2 == 0 and "$$" not in body


def test_latex_shows_the_chain_of_steps() -> None:
    text = to_latex(sample_reports.solved())
    assert r"&= \sigma(x)" in text and r"\begin{align*}" in text
    assert r"$\left(\frac1u\right)' = -\frac{u'}{u^2}$" in text
    assert answer_latex(sample_reports.solved()) in text


def test_markdown_has_display_mathematics_on_lines_of_its_own() -> None:
    text = to_markdown(sample_reports.solved(), "full")
    lines = text.split("\n")
    assert lines.count("$$") >= 10 and lines.count("$$") % 2 == 0
    assert "```python" in lines and "def logistic_derivative(x):" in lines
    for risky in (r"\,", r"\;", r"\{", r"\!"):
        assert risky not in text


@pytest.mark.parametrize("make", EVERY)
def test_html_is_well_formed(make: Callable) -> None:
    root = ElementTree.fromstring(to_html(make(), "full"))
    assert root.get("class") == "derive-report"
    assert len("".join(root.itertext()).strip()) > 10


def test_html_sets_mathematics_as_mathml() -> None:
    root = ElementTree.fromstring(to_html(sample_reports.solved()))
    assert len(list(root.iter("{http://www.w3.org/1998/Math/MathML}math"))) >= 5


@pytest.mark.parametrize("latex", [r"\frac{", r"\left( x", "a^b^c", r"\nosuchthing x"])
def test_what_has_no_mathml_is_shown_as_latex(latex: str) -> None:
    assert mathml(latex) == f"<code>{latex}</code>"


def test_a_notebook_gets_every_form() -> None:
    bundle = sample_reports.solved()._repr_mimebundle_()
    assert bundle == to_mimebundle(sample_reports.solved())
    assert set(bundle) == {"text/plain", "text/html", "text/markdown", "text/latex"}
    assert "text/latex" not in sample_reports.unknown()._repr_mimebundle_()


@pytest.mark.parametrize(
    ("text", "ascii", "latex"),
    [
        ("σ(x)² ≤ 1", "sigma(x)^2 <= 1", r"$\sigma $(x)$^{2}$ $\le $ 1"),
        ("e⁻ˣ", "e^(-x)", "e$^{-x}$"),
        ("x ∈ ℝ", "x in R", r"x $\in $ $\mathbb{R}$"),
        ("50% of a_b", "50% of a_b", r"50\% of a\_b"),
        ("“so”", '"so"', "``so''"),
        ("naïve", "naive", "naïve"),
        ("漢", "?", "?"),
    ],
)
def test_prose_without_unicode(text: str, ascii: str, latex: str) -> None:
    assert to_ascii(text) == ascii
    assert text_latex(text) == latex


@pytest.mark.parametrize(
    ("formula", "latex"),
    [
        ("(1/u)′ = −u′/u²", "(1/u)' = -u'/u^{2}"),
        ("(sin u)′ = cos u · u′", r"(\sin  u)' = \cos  u \cdot  u'"),
        ("softplus(x)′ = σ(x)", r"\operatorname{softplus}(x)' = \sigma (x)"),
        ("d/dx xⁿ = n xⁿ⁻¹", "d/dx x^{n} = n x^{n-1}"),
    ],
)
def test_formulas_of_rules_in_math_mode(formula: str, latex: str) -> None:
    assert formula_latex(formula) == latex


STATED = [rule for rule in RULES.values() if rule.statement]


@pytest.mark.parametrize("rule", STATED, ids=lambda rule: rule.id)
def test_statements_of_rules_can_be_set(rule: object) -> None:
    statement = rule.statement
    assert statement.isascii() and r"\operatorname{at}" not in statement
    bare = statement.replace(r"\{", "").replace(r"\}", "")
    assert bare.count("{") == bare.count("}") and statement.count(r"\left") == len(re.findall(r"\\right(?![a-z])", statement))
    assert re.findall(r"\\begin\{(\w+)\}", statement) == re.findall(r"\\end\{(\w+)\}", statement)
    assert mathml(statement).startswith("<math")


def _stating(formula: str) -> object:
    x = name("x")
    step = Step("insert-values", "Insert the values", x, number(1), formula=formula)
    return sample_reports.solved(solution=Solution(Derivation(x, number(1), (step,)), number(1)), code=None)


def test_the_formula_of_a_rule_is_set_as_the_rule_states_it() -> None:
    report = _stating(RULES["insert-values"].formula)
    assert r"$f(x)\big|_{x=a} = f(a)$" in to_latex(report) and r"$f(x)\big|_{x=a} = f(a)$" in to_markdown(report)
    for text in (to_latex(report), to_markdown(report), to_html(report)):
        assert r"\operatorname{at}" not in text and "f(x) at" not in text
    words = _stating(RULES["arithmetic"].formula)
    assert "Insert the values.} exact arithmetic" in to_latex(words) and "** exact arithmetic" in to_markdown(words)
    assert "$u' = v$" in to_latex(_stating("u′ = v"))


def test_every_format_shows_what_names_stand_for() -> None:
    loss = Term("pow", (name("w"), number(2)))
    spelled = Term("derivative", (loss, name("w"), number(1)), "d")
    read = dataclasses.replace(sample_reports.reading(Term("total_derivative", (name("L"), name("w")))), expanded=spelled)
    report = sample_reports.solved(reading=read, code=None)
    assert "\\frac{dL}{dw} \\\\\n= \\frac{d}{dw} w^2" in to_latex(report)
    assert "$$\n\\frac{dL}{dw}\n$$\n\n$$\n= \\frac{d}{dw} w^2\n$$" in to_markdown(report)
    assert to_html(report).count("<math") == to_html(sample_reports.solved(code=None)).count("<math") + 1


def test_rows_survive_markdown() -> None:
    column = Term("vector", (name("x"), name("y")))
    report = sample_reports.solved(solution=Solution(None, column), code=None)
    assert r"x \\ y" in to_markdown(report)
