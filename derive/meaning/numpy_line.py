"""A line in NumPy, alone or inside a task: `np.maximum(x, 0)`, `grad np.maximum(X @ W, 0).sum() wrt W`, `def f(x): …`.

In: the text. Out: a Reading; the expression goes through Python's own `ast` in `numpy_notation` and is never evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from derive.errors import DeriveError, NotSupported
from derive.expressions.term import Name, Term, number
from derive.meaning.clauses import Wording
from derive.meaning.context import Context
from derive.meaning.declarations import declare
from derive.meaning.numpy_shaped_line import ShapedLine, needs_shapes, shaped_line, vector_jacobian_product
from derive.meaning.parser import Parser
from derive.meaning.scope import Definition, Reading, Scope
from derive.reading import parse

__all__ = ["read_numpy_line"]

_HEADS = {
    "grad": "gradient", "gradient": "gradient", "hessian": "hessian", "jacobian": "jacobian", "diff": "derivative",
    "derivative": "derivative", "differentiate": "derivative", "backprop": "gradient", "vjp": "gradient",
}  # fmt: skip
_WORDED = re.compile(
    r"\s*(grad|gradient|hessian|jacobian|diff|derivative|differentiate|backprop|vjp|simplify|expand|factor|code|explain|d/d(?P<v>\w+))(\s+of)?\s+"
)
_WRT = re.compile(r"\s+(?:wrt|with respect to)\s+")
_ALONG = re.compile(r"\s+(?:along|(?:with\s+)?upstream)\s+([A-Za-z_]\w*)\s*$")
_WHERE = re.compile(r"\s+where\s+")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_DEFINITION = re.compile(r"\s*([A-Za-z_]\w*)\s*:?=(?!=)\s*")

Finish = Callable[..., Reading]


def read_numpy_line(text: str, scope: Scope, finish: Finish, line: int) -> tuple[Reading, Scope]:
    """Read a line that holds NumPy; `finish` completes a task's reading."""
    from derive.meaning.numpy_notation import read_numpy

    local = scope
    body_end = len(text)
    where = _WHERE.search(text)
    if where is not None and "def " not in text:
        rest = parse(text[where.end() :], "plain")
        statements = declare(rest, scope, Context(rest, scope, "plain"), line)
        for statement in statements or ():
            local = statement.apply(local)
        body_end = where.start()
    worded = _WORDED.match(text)
    start = worded.end() if worded is not None else 0
    is_product = worded is not None and worded.group(1) == "vjp"
    along = _ALONG.search(text, start, body_end) if is_product else None
    body_end = along.start() if along is not None else body_end
    wrt = _WRT.search(text, start, body_end)
    stop = wrt.start() if wrt is not None else body_end
    defined = _DEFINITION.match(text, start, stop) if worded is None else None
    if defined is not None:
        start = defined.end()
    names = [n.key for n in local.declarations]
    functions = [n.key for n, d in local.definitions.items() if d.parameters]
    if is_product:
        return _product(text, (start, stop), wrt, body_end, along, local, finish), scope
    found, problem = None, None
    try:
        found = read_numpy(text[start:stop], start, names=names, functions=functions)
    except DeriveError as error:
        problem = error
    if defined is None and (found is None or (found.name is None and needs_shapes(found.term, local))):
        shaped = _with_shapes(text[start:stop], start, local, problem)
        if shaped is not None:
            context = Context((), shaped.scope, "numpy")
            for note in shaped.notes:
                context.note(*note)
            wording = _worded(text, worded, wrt, body_end, shaped.term, shaped.parameters, shaped.scope)
            return finish(text, "numpy", wording, shaped.scope, context, []), scope
    if found is None:
        assert problem is not None
        raise problem
    context = Context((), local, "numpy")
    for note in found.notes:
        context.note(*note)
    if found.name is not None and worded is None:
        definition = Definition(found.name, found.parameters, found.term, line)
        call = Term("call", (Term("name", (), found.name), *(Term("name", (), p) for p in found.parameters)))
        reading = finish(text, "numpy", Wording(Term("rel", (call, found.term), ":="), "definition"), local, context, [])
        return _as_definition(reading), scope.define(definition)
    if defined is not None:
        name = Name.from_key(defined.group(1))
        reading = finish(text, "numpy", Wording(Term("rel", (Term("name", (), name), found.term), "="), "definition"), local, context, [])
        return _as_definition(reading), scope.define(Definition(name, (), found.term, line))
    wording = _worded(text, worded, wrt, body_end, found.term, found.parameters, local)
    return finish(text, "numpy", wording, local, context, []), scope


def _with_shapes(text: str, offset: int, scope: Scope, problem: DeriveError | None) -> ShapedLine | None:
    """The expression read with shapes; None where the reading without them is to stand, or its problem."""
    try:
        return shaped_line(text, offset, scope)
    except DeriveError as error:
        if problem is None or isinstance(problem, NotSupported):
            raise error.at((offset, offset + len(text))) from None
        return None


def _product(text: str, body: tuple[int, int], wrt: Any, end: int, along: Any, scope: Scope, finish: Finish) -> Reading:
    """`vjp np.maximum(x, 0) along g`."""
    variables = _variables(text, wrt, end, scope) if wrt is not None else []
    line = shaped_line(text[body[0] : body[1]], body[0], scope)
    if not line.shape and not line.term.has("index", "sum"):  # entry by entry: the names are vectors
        names = [v.data for v in variables if v.head == "name"] or [n.data for n in line.term.walk() if n.head == "name"]
        free = frozenset(n for n in names if n not in scope.declarations and n not in scope.definitions)
        line = shaped_line(text[body[0] : body[1]], body[0], scope, free) if free else line
    given = Name.from_key(along.group(1)) if along is not None else None
    term, local, notes = vector_jacobian_product(line, given, variables, scope, body)
    context = Context((), local, "numpy")
    for note in (*line.notes, *notes):
        context.note(*note)
    return finish(text, "numpy", Wording(term, "gradient"), local, context, [])


def _as_definition(reading: Reading) -> Reading:
    from dataclasses import replace

    return replace(reading, kind="definition", task="definition")


def _variables(text: str, wrt: Any, end: int, scope: Scope) -> list[Term]:
    """What stands behind `wrt`: identifiers, as the expression has them, or names as on paper."""
    from derive.meaning.numpy_notation.names import from_identifier

    pieces = [part.strip() for part in text[wrt.end() : end].split(",")]
    if all(_IDENTIFIER.fullmatch(part) for part in pieces):
        spans = [match.span() for match in _IDENTIFIER.finditer(text, wrt.end(), end)]
        return [Term("name", (), from_identifier(part), span) for part, span in zip(pieces, spans, strict=True)]
    items = parse(text[wrt.end() : end], "plain")
    try:
        return Parser(items, Context(items, scope, "plain")).sequence()
    except DeriveError as error:
        if error.span is not None:
            error.span = (error.span[0] + wrt.end(), error.span[1] + wrt.end())
        raise


def _worded(text: str, worded: Any, wrt: Any, end: int, term: Term, parameters: tuple[Name, ...], scope: Scope) -> Wording:
    variables: list[Term] = []
    if wrt is not None:
        variables = _variables(text, wrt, end, scope)
    elif parameters:
        variables = [Term("name", (), p) for p in parameters]
    word = worded.group(1) if worded is not None else ""
    if worded is not None and worded.group("v"):
        return Wording(Term("derivative", (term, Term("name", (), Name.from_key(worded.group("v"))), number(1)), "d"), "derivative")
    if word in _HEADS:
        head = _HEADS[word]
        args = tuple(a for v in variables for a in ((v, number(1)) if head == "derivative" else (v,)))
        return Wording(Term(head, (term, *args), "d" if head == "derivative" else None), head)
    if word == "code":
        return Wording(term, "expression")
    if word:
        return Wording(Term("task", (term,), word), word)
    return Wording(term, "expression")
