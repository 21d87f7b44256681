"""The one place where an expression of a report (a SymPy expression or a Term) becomes text of some notation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from derive.expressions.term import Name, Term

if TYPE_CHECKING:
    from derive.meaning.scope import Type

__all__ = ["inline_of", "latex_of", "plain_of", "pretty_of", "term_of"]


def term_of(value: Any, types: Mapping[Name, Type] | None = None) -> Term:
    """The tree that is printed. Text is a word, a sequence of expressions a tuple; `types` says what is known of the names."""
    if isinstance(value, Term):
        return value
    if isinstance(value, str):
        return Term("word", (), value)
    if isinstance(value, tuple | list):
        return Term("tuple", tuple(term_of(item, types) for item in value))
    from derive.expressions.from_sympy import from_sympy

    return from_sympy(value, types)


def latex_of(value: Any) -> str:
    """LaTeX without delimiters."""
    from derive.expressions.latex import latex

    return latex(term_of(value))


def plain_of(value: Any) -> str:
    """The plain notation that the reader reads back."""
    from derive.expressions.plain import plain

    return plain(term_of(value))


def inline_of(value: Any, *, ascii: bool = False) -> str:
    """One line: Unicode for people, or the plain notation where only ASCII may be used."""
    if ascii:
        from derive.presenting.transliteration import to_ascii

        return to_ascii(plain_of(value))
    from derive.expressions.inline import inline

    return inline(term_of(value))


def pretty_of(value: Any, width: int, *, ascii: bool = False) -> tuple[list[str], int]:
    """Two-dimensional text, at most `width` columns where it can be broken: the lines, and the index of the baseline."""
    from derive.expressions.pretty import pretty

    box = pretty(term_of(value), width, ascii)
    return list(box.lines), box.baseline
