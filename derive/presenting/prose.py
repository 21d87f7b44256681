"""Prose that holds mathematics, set in each format: strings stay words, expressions become mathematics.

In: `Prose` (a tuple of strings and expressions, or one string). Out: one line of text.
"""

from __future__ import annotations

import html as _html
import re
from typing import Any

from derive.presenting.mathematics import inline_of, latex_of, plain_of

__all__ = ["escape_markdown", "html_prose", "inline_prose", "latex_prose", "plain_prose"]


def _pieces(prose: Any) -> tuple[Any, ...]:
    return prose if isinstance(prose, tuple) else (prose,)


def inline_prose(prose: Any, *, ascii: bool = False) -> str:
    """For a terminal: one line of Unicode, or of ASCII."""
    text = "".join(p if isinstance(p, str) else inline_of(p, ascii=ascii) for p in _pieces(prose))
    if not ascii:
        return text
    from derive.presenting.transliteration import to_ascii

    return to_ascii(text)


def plain_prose(prose: Any) -> str:
    """For JSON: words, and expressions in the plain notation."""
    return "".join(p if isinstance(p, str) else plain_of(p) for p in _pieces(prose))


def latex_prose(prose: Any) -> str:
    """For a LaTeX document in text mode."""
    from derive.presenting.transliteration import text_latex

    return "".join(text_latex(p) if isinstance(p, str) else f"${latex_of(p)}$" for p in _pieces(prose))


def html_prose(prose: Any) -> str:
    """For HTML with MathML."""
    from derive.presenting.mathml import mathml

    return "".join(_html.escape(p) if isinstance(p, str) else mathml(latex_of(p)) for p in _pieces(prose))


def escape_markdown(text: str) -> str:
    """Text with Markdown's special characters made harmless."""
    return re.sub(r"([\\`*_{}\[\]<>#|$~])", r"\\\1", text)
