"""A `check` block: somebody's own derivation, row by row. Each row is read; a row that begins with a relation goes on from the row above.

In: the text and the scope. Out: a Reading whose term is a `task` "check" with one argument a row.
"""

from __future__ import annotations

import re

from derive.errors import DeriveError, SyntaxProblem
from derive.expressions.term import Term
from derive.meaning.context import Context
from derive.meaning.expand import expand
from derive.meaning.parser import Parser
from derive.meaning.scope import Reading, Scope
from derive.meaning.shapes import infer
from derive.meaning.types import types_of
from derive.meaning.vocabulary import RELATIONS
from derive.reading import parse
from derive.reading.item import Item

__all__ = ["is_check", "read_check"]

_CHECK = re.compile(r"\s*check\b\s*:?\s*(?=\S)")


def is_check(text: str) -> bool:
    """Whether the text is a `check` block with rows."""
    return _CHECK.match(text) is not None and not re.match(r"\s*check\s*=", text)


def read_check(text: str, notation: str, scope: Scope, line: int) -> Reading:
    """The rows of the block, each as a term."""
    match = _CHECK.match(text)
    assert match is not None
    rows: list[tuple[Item, ...]] = []
    offsets: list[int] = []
    start = match.end()
    body = text[start:]
    if "\\begin{" in body:
        items = parse(body, "latex")
        environment = next((i for i in items if i.kind == "env" and i.text.rstrip("*") in ("aligned", "align", "gather", "split")), None)
        if environment is not None:
            rows = [tuple(i for cell in row.children for i in cell.children) for row in environment.children]
            offsets = [start] * len(rows)
    if not rows:
        place = start
        for part in body.split("\n"):
            if part.strip():
                rows.append(_parsed(part, notation, place))
                offsets.append(place)
            place += len(part) + 1
    everything = tuple(i for row in rows for i in row)
    context = Context(everything, scope, notation)
    terms = []
    for row, offset in zip(rows, offsets, strict=True):
        if row:
            try:
                terms.append(_row(row, context))
            except DeriveError as error:
                if error.span is not None:
                    error.span = (error.span[0] + offset, error.span[1] + offset)
                raise
    if not terms:
        raise SyntaxProblem("rows are expected behind check", span=(0, len(text)))
    term = Term("task", tuple(terms), "check")
    types = types_of(term, scope, context)
    settled, inferred, notes = infer(term, types)
    options = {"facts": scope.facts, "definitions": scope.definitions, "declarations": scope.declarations} if scope.facts else {}
    return Reading(text, notation, "task", settled, expand(settled, scope), "check", (*context.notes, *notes), inferred, None, options)


def _parsed(text: str, notation: str, offset: int) -> tuple[Item, ...]:
    try:
        return parse(text, "latex" if "\\" in text else notation)
    except DeriveError as error:
        if error.span is not None:
            error.span = (error.span[0] + offset, error.span[1] + offset)
        raise


def _row(items: tuple[Item, ...], context: Context) -> Term:
    """One row; a leading relation compares with what stands above."""
    while items and items[-1].is_op(",", ".", ";"):
        items = items[:-1]
    first = items[0]
    sign = RELATIONS.get(first.text) if first.kind == "op" else None
    if first.is_op("=>", "<=>"):
        sign = first.text
    if sign is not None and len(items) > 1:
        return Term("rel", (Term("blank"), Parser(items[1:], context).statement_or_list()), sign, (first.start, items[-1].end))
    return Parser(items, context).statement_or_list()
