"""A `check` block: somebody's own derivation, row by row. Each row is read; a row that begins with a relation goes on from the row above.

In: the text and the scope. Out: a Reading whose term is a `task` "check" with one argument a row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from derive.errors import DeriveError, InconsistentInput, SyntaxProblem
from derive.expressions.term import Name, Term
from derive.meaning.context import Context
from derive.meaning.expand import expand
from derive.meaning.inference import infer
from derive.meaning.parser import Parser
from derive.meaning.scope import Reading, Scope, Type
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
    settled, inferred, notes, misshapen = _inferred(term, types)
    options: dict[str, Any] = {"misshapen": misshapen} if misshapen else {}
    held = tuple(expand(c, scope) for c in scope.constraints if c.head == "rel" and c.data == "=")
    if held:
        options["constraints"] = held
    if scope.facts:
        options.update(facts=scope.facts, definitions=scope.definitions, declarations=scope.declarations)
    return Reading(text, notation, "task", settled, expand(settled, scope), "check", (*context.notes, *notes), inferred, None, options)


def _inferred(block: Term, types: Mapping[Name, Type]) -> tuple[Term, dict[Name, Type], tuple[Any, ...], dict[int, str]]:
    """The rows with their shapes, from all of them together; a row that contradicts those above is left as it is, with what is wrong."""
    rows = [t.args[1] if t.head == "rel" and t.args[0].head == "blank" else t for t in block.args]
    kept: list[int] = []
    misshapen: dict[int, str] = {}
    try:
        infer(Term("list", tuple(rows)), types)
        kept = list(range(len(rows)))
    except InconsistentInput:
        for place in range(len(rows)):
            try:
                infer(Term("list", tuple(rows[k] for k in (*kept, place))), types)
                kept.append(place)
            except InconsistentInput as problem:
                if place == 0:
                    raise
                misshapen[place + 1] = problem.message
    settled, inferred, notes = infer(Term("list", tuple(rows[k] for k in kept)), types)
    for place, row in zip(kept, settled.args, strict=True):
        rows[place] = row
    made = [
        t.with_args((t.args[0], row)) if t.head == "rel" and t.args[0].head == "blank" else row
        for t, row in zip(block.args, rows, strict=True)
    ]
    return block.with_args(tuple(made)), dict(inferred), tuple(notes), misshapen


def _parsed(text: str, notation: str, offset: int) -> tuple[Item, ...]:
    try:
        return parse(text, "latex" if "\\" in text else notation)
    except DeriveError as error:
        if error.span is not None:
            error.span = (error.span[0] + offset, error.span[1] + offset)
        raise


def _row(items: tuple[Item, ...], context: Context) -> Term:
    """One row; a leading relation compares with what stands above."""
    items = _without_reason(items, context)
    while items and items[-1].is_op(",", ".", ";"):
        items = items[:-1]
    first = items[0]
    sign = RELATIONS.get(first.text) if first.kind == "op" else None
    if first.is_op("=>", "<=>"):
        sign = first.text
    if sign is not None and len(items) > 1:
        return Term("rel", (Term("blank"), Parser(items[1:], context).statement_or_list()), sign, (first.start, items[-1].end))
    return Parser(items, context).statement_or_list()


_REASONS = ("by", "since", "because")
_IN_TEXT = (*_REASONS, "using", "from", "via")


def _without_reason(items: tuple[Item, ...], context: Context) -> tuple[Item, ...]:
    """The row without the reason behind it: `\\text{(product rule)}`, `by the chain rule`, `since x > 0`."""
    for place, item in enumerate(items):
        if not place or item.sub is not None or item.sup is not None:
            continue
        words = item.text.strip().split()
        said = item.kind == "text" and bool(words) and (words[0].startswith(("(", "[")) or words[0].lower().strip(",") in _IN_TEXT)
        named = item.kind == "name" and item.text in _REASONS and item.space and not context.known(Name(item.text))
        if said or named:
            return items[:place]
    return items
