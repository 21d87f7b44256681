"""Scripts on what is no name: an index below, a power or a transposition above, primes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.expressions.term import Term
from derive.meaning.context import label_text
from derive.meaning.names import label_of_sup, superscript
from derive.reading.item import Item

if TYPE_CHECKING:
    from derive.meaning.parser import Parser

__all__ = ["scripts"]


def scripts(parser: Parser, term: Term, sub: Item | None, sup: Item | None, primes: int) -> Term:
    """The term with its subscript (an index), its superscript (a power, a transposition) and its primes applied."""
    span = term.span
    if sub is not None and label_text(sub) == "+" and sup is None and not primes:
        parser.context.note("[·]_+ is the positive part max(0, ·)")
        return Term("apply", (Term("number", (), "0"), term), "max", span)
    if sub is not None:
        content = sub.children if sub.kind == "group" else (sub,)
        parts = parser.sub_parser(content, whole=(sub.start, sub.end)).indices()
        term = Term("index", (term, *parts), None, span)
    if primes:
        term = Term("transpose", (term,), None, span) if term.head in ("matrix", "vector") else Term("prime", (term,), primes, span)
    if sup is None:
        return term
    label = label_of_sup(sup, parser, False)
    if label == "+":
        return Term("pinv", (term,), None, span)
    if label == "*":
        return Term("transpose", (term,), None, span)
    what, exponent = superscript(sup, parser, term.data if term.head == "name" else None)
    if what == "transpose":
        return Term("transpose", (term,), None, span)
    if what == "pinv":
        return Term("pinv", (term,), None, span)
    if what == "inverse-transpose":
        return Term("transpose", (Term("inverse", (term,), None, span),), None, span)
    assert isinstance(exponent, Term)
    if what == "hadamard-power":
        return Term("hadamard_pow", (term, exponent), None, span)
    return Term("pow", (term, exponent), None, span)
