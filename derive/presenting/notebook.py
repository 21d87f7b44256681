"""A report in a notebook: HTML with MathML, LaTeX, Markdown and text; the notebook takes what it shows best."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.presenting.html import to_html
from derive.presenting.latex_document import answer_latex
from derive.presenting.markdown import to_markdown
from derive.presenting.text import to_text

if TYPE_CHECKING:
    from derive.report import Report

__all__ = ["to_mimebundle"]


def to_mimebundle(report: Report) -> dict[str, str]:
    """MIME type → contents, for `_repr_mimebundle_`."""
    bundle = {"text/plain": to_text(report), "text/html": to_html(report), "text/markdown": to_markdown(report)}
    latex = answer_latex(report)
    if latex:
        bundle["text/latex"] = "$\\displaystyle " + " \\quad ".join(latex.split("\n")) + "$"
    return bundle
