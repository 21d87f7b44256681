"""What is never closed in a LaTeX document ends where it must, and what follows is read."""

import pytest

from derive.documents.formulas import Formula, Text
from derive.documents.latex import latex_formulas
from derive.documents.macros import Macros


def _found(body: str) -> list[tuple[str, bool]]:
    text = "\\documentclass{article}\\begin{document}\n" + body + "\n\\end{document}\n"
    return [(f.source, bool(f.problem)) for f in latex_formulas(Text(text, "paper.tex"), Macros()) if isinstance(f, Formula)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"broken $ a_{i + $ here, then $x > 0$", [(r"$ a_{i + $", True), ("x > 0", False)]),
        (r"open \( a + b" + "\n" + r"\begin{align} f &= w^2 \end{align}", [(r"\( a + b", True), (r"f &= w^2", False)]),
        (r"\begin{equation} g = x^2" + "\n" + r"\[ h = t \]", [(r"\begin{equation} g = x^2", True), ("h = t", False)]),
        (
            r"\begin{equation} g = x^2" + "\n" + r"\begin{align} h &= t \end{align}",
            [(r"\begin{equation} g = x^2", True), ("h &= t", False)],
        ),
        (r"$$ \begin{align} h &= t \end{align} $$", [(r"\begin{align} h &= t \end{align}", False)]),
        (r"\begin{equation} \begin{split} h &= t \end{split} \end{equation}", [(r"\begin{split} h &= t \end{split}", False)]),
    ],
)
def test_what_is_never_closed(body, expected):
    assert [(s.strip(), p) for s, p in _found(body)] == expected
