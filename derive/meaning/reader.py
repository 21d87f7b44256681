"""One line of input, understood: notation found, items made, names resolved, shapes inferred, definitions put in.

In: text and the scope of the session. Out: a `Reading` and the scope after the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.derivation import Prose
from derive.errors import SyntaxProblem
from derive.expressions.term import Term
from derive.meaning.check_block import is_check, read_check
from derive.meaning.clauses import has_clause, is_word
from derive.meaning.constants import with_letters
from derive.meaning.context import Context
from derive.meaning.declarations import declare
from derive.meaning.entering import declared_line
from derive.meaning.expression_line import expression_line
from derive.meaning.families import with_families
from derive.meaning.imperatives import plainly, without_imperative
from derive.meaning.models import separates
from derive.meaning.numpy_function import FunctionReadings, read_function_of
from derive.meaning.numpy_line import read_numpy_line
from derive.meaning.parser import Parser
from derive.meaning.prepare import prepare
from derive.meaning.programmes import joined_rows, with_memberships
from derive.meaning.scope import Reading, Scope
from derive.meaning.sentences import sentence
from derive.meaning.small_p import with_events
from derive.meaning.tasks import read_task
from derive.meaning.understood import understood
from derive.meaning.vocabulary import ALIGNED, RELATIONS
from derive.reading import detect, parse
from derive.reading.item import Item

__all__ = ["read", "read_expression", "read_python"]


def read(text: str, scope: Scope | None = None, *, line: int = 1) -> tuple[Reading, Scope]:
    """Read one line. Raises a DeriveError with its place when the line cannot be read."""
    scope = scope or Scope()
    notation = detect(text)
    if notation == "numpy":
        return read_numpy_line(text, scope, understood, line)
    if is_check(text):
        return read_check(text, notation, scope, line), replace(scope, line=line)
    items = parse(text, notation)
    if not items:
        raise SyntaxProblem("there is nothing to read", span=(0, len(text)), expected=("an expression, a task or a declaration",))
    while items and items[-1].is_op(".", ",", ";"):
        items = items[:-1]
    items = prepare(items, text, notation, scope)
    rows = aligned_rows(items)
    if rows is not None and (joined := joined_rows(rows)) is not None:
        return _items(text, notation, joined, scope, line)
    if rows is not None:
        return _block(text, notation, rows, scope, line)
    return _items(text, notation, items, scope, line)


def _items(text: str, notation: str, items: tuple[Item, ...], scope: Scope, line: int) -> tuple[Reading, Scope]:
    """One line as items: a declaration, a definition, or a task."""
    scope, letters = with_letters(items, scope, line)
    items = plainly(_worded(items))
    if not items:
        raise SyntaxProblem("there is no formula on this line", span=(0, len(text)))
    items = without_imperative(items, scope)
    items, of_events = with_events(items, scope)
    items, said_of_all = _for_all(items, scope, notation)
    items, local, shown = _where(items, scope, notation, line)
    local = with_memberships(items, local, notation, line)
    shown = [*said_of_all, *shown]
    context = Context(items, local, notation)
    local, families = with_families(items, context, local)
    if families:
        scope, _ = with_families(items, context, scope)
        context = Context(items, local, notation)
        context.notes += families
    context.notes += [*letters, *of_events]
    wording = read_task(items, context)
    if wording is None and (separates(items) or not has_clause(items, notation == "latex")):
        said = sentence(items, context)
        statements = [said] if said is not None else declare(items, local, context, line)
        if statements is not None:
            return declared_line(text, notation, statements, scope, context)
    if wording is None:
        wording = expression_line(items, context)
    reading = understood(text, notation, wording, local, context, shown)
    return reading, replace(scope, line=line)


def read_expression(text: str, scope: Scope | None = None) -> Term:
    """The term that one line of text is, with shapes settled but definitions left alone; a declaration or definition gives its term."""
    return read(text, scope)[0].term


def read_python(source: str, function: str, variables: Sequence[str] = ()) -> FunctionReadings:
    """What a function of a Python file computes, and its gradient with respect to its floating arguments or those that are named."""
    return read_function_of(source, function, variables, understood)


def _for_all(items: tuple[Item, ...], scope: Scope, notation: str) -> tuple[tuple[Item, ...], list[Prose]]:
    """The line without `∀ x ≠ 0` behind it, which is said in a note; `∀ x ∈ ℝⁿ` declares, as `where` does."""
    place = next((p for p, i in enumerate(items) if p and i.text in ("forall", "∀")), None)
    if place is None or place + 1 >= len(items):
        return items, []
    head, rest = items[:place], items[place + 1 :]
    while head and head[-1].is_op(",", ";"):
        head = head[:-1]
    if any(i.is_op("in") for i in rest):
        return (*head, Item("text", "where", (), items[place].start, items[place].end, space=True), *rest), []
    condition = Parser(rest, Context(rest, scope, notation)).statement_or_list()
    return head, [("for all ", condition)]


def _where(items: tuple[Item, ...], scope: Scope, notation: str, line: int) -> tuple[tuple[Item, ...], Scope, list[Prose]]:
    """The line without its `where …`, and the scope with what that declares."""
    place = next(
        (
            p
            for p, i in enumerate(items)
            if p and is_word(i, "where", "with") and not is_word(items[p + 1] if p + 1 < len(items) else i, "respect")
        ),
        None,
    )
    if place is None:
        return items, scope, []
    rest = items[place + 1 :]
    later = next((p for p, i in enumerate(rest) if p and is_word(i, "at", "using", "given") and i.space), len(rest))
    rest, tail = rest[:later], rest[later:]
    while rest and rest[-1].is_op(".", ","):
        rest = rest[:-1]
    head = items[:place]
    while head and head[-1].is_op(",", ";"):
        head = head[:-1]
    if not rest:
        raise SyntaxProblem(
            "declarations are expected behind where", span=(items[place].start, items[place].end), expected=("A in R^{m x n}",)
        )
    context = Context(items, scope, notation)
    statements = declare(rest, scope, context, line)
    if statements is None:
        if is_word(items[place], "with"):
            return items, scope, []
        raise SyntaxProblem(
            "this is no declaration", span=(rest[0].start, rest[-1].end), expected=("name in R^n", "name > 0", "name = expression")
        )
    local = scope
    for statement in statements:
        local = statement.apply(local)
    return head + tail, local, list(context.notes)


def _worded(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """A piece of text with several words (`\\text{least squares }`) as one item a word."""
    result: list[Item] = []
    for item in items:
        words = item.text.split() if item.kind == "text" and item.sub is None and item.sup is None else []
        if len(words) > 1 and all(w.replace(".", "").isalpha() for w in words):
            result += [Item("text", w, (), item.start, item.end, space=True) for w in words]
        else:
            result.append(item)
    return tuple(result)


def aligned_rows(items: tuple[Item, ...]) -> list[tuple[Item, ...]] | None:
    """The rows of a line that is one aligned block of complete rows; None when it is something else, or a chain over several rows."""
    if len(items) != 1 or items[0].kind != "env" or items[0].text not in ALIGNED:
        return None
    rows = [tuple(i for cell in row.children for i in cell.children) for row in items[0].children]
    rows = [row for row in rows if row]
    if len(rows) < 2 or any(row[0].kind == "op" and row[0].text in RELATIONS for row in rows):
        return None
    return rows


def _block(text: str, notation: str, rows: list[tuple[Item, ...]], scope: Scope, line: int) -> tuple[Reading, Scope]:
    """An aligned block: each row is a line, and the last one is the task."""
    readings: list[Reading] = []
    for row in rows:
        reading, scope = _items(text, notation, row, scope, line)
        readings.append(reading)
    last = readings[-1]
    term = Term("lines", tuple(r.term for r in readings), None, (rows[0][0].start, rows[-1][-1].end))
    notes = tuple(dict.fromkeys(n for r in readings for n in r.notes))
    types = {n: t for r in readings for n, t in r.types.items()}
    return replace(last, term=term, notes=notes, types={**types, **last.types}), scope
