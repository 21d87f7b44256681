"""A line in NumPy, alone or inside a task: `np.maximum(x, 0)`, `grad np.maximum(X @ W, 0).sum() wrt W`, `def f(x): …`.

In: the text. Out: a Reading; the expression goes through Python's own `ast` in `numpy_notation` and is never evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from derive.errors import DeriveError
from derive.expressions.term import Name, Term, number
from derive.meaning.clauses import Wording
from derive.meaning.context import Context
from derive.meaning.declarations import declare
from derive.meaning.parser import Parser
from derive.meaning.scope import Definition, Reading, Scope
from derive.reading import parse

__all__ = ["read_numpy_line"]

_HEADS = {
    "grad": "gradient", "gradient": "gradient", "hessian": "hessian", "jacobian": "jacobian", "diff": "derivative",
    "derivative": "derivative",    "differentiate": "derivative", "backprop": "gradient",
}  # fmt: skip
_WORDED = re.compile(
    r"\s*(grad|gradient|hessian|jacobian|diff|derivative|differentiate|backprop|simplify|expand|factor|code|explain|d/d(?P<v>\w+))(\s+of)?\s+"
)
_WRT = re.compile(r"\s+(?:wrt|with respect to)\s+")
_WHERE = re.compile(r"\s+where\s+")
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
    wrt = _WRT.search(text, start, body_end)
    stop = wrt.start() if wrt is not None else body_end
    defined = _DEFINITION.match(text, start, stop) if worded is None else None
    if defined is not None:
        start = defined.end()
    names = [n.key for n in local.declarations]
    functions = [n.key for n, d in local.definitions.items() if d.parameters]
    found = read_numpy(text[start:stop], start, names=names, functions=functions)
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


def _as_definition(reading: Reading) -> Reading:
    from dataclasses import replace

    return replace(reading, kind="definition", task="definition")


def _worded(text: str, worded: Any, wrt: Any, end: int, term: Term, parameters: tuple[Name, ...], scope: Scope) -> Wording:
    variables: list[Term] = []
    if wrt is not None:
        items = parse(text[wrt.end() : end], "plain")
        try:
            variables = Parser(items, Context(items, scope, "plain")).sequence()
        except DeriveError as error:
            if error.span is not None:
                error.span = (error.span[0] + wrt.end(), error.span[1] + wrt.end())
            raise
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
