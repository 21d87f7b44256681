"""The type of every name of a term before shapes are inferred: declared ones, indices, sizes, arrays.

In: a term, the scope, the context of the line. Out: Name → Type; a name of which nothing is known is missing.
"""

from __future__ import annotations

from collections.abc import Mapping

from derive.expressions.term import Name, Term, number
from derive.meaning.context import Context
from derive.meaning.scope import Bound, Scope, Type

__all__ = ["types_of"]

_NATURAL = Type("natural", lower=Bound(number(1), False))


def types_of(term: Term, scope: Scope, context: Context | None = None) -> dict[Name, Type]:
    """The types that are known of the names in the term."""
    types: dict[Name, Type] = {}
    rows = _rows(term)
    local = dict(context.types) if context is not None else {}
    names = dict.fromkeys(n.data for n in term.walk() if n.head == "name")  # in the order of the line: sizes are named in it
    for name in names:
        if name in local:
            types[name] = local[name]
        elif name in scope.declarations:
            types[name] = scope.declarations[name].type
    for node in term.walk():
        if node.head in ("sum", "prod") and len(node.args) > 1:
            _binder(node, types)
        elif node.head == "index":
            _indexed(node, types, scope, rows)
    for kind in list(types.values()):
        for size in kind.shape:
            for part in size.walk():
                if part.head == "name" and part.data not in types:
                    types[part.data] = Type("size", lower=Bound(number(1), False))
    return types


def _binder(node: Term, types: dict[Name, Type]) -> None:
    index = node.args[1]
    if index.head != "name":
        return
    types[index.data] = Type("index")
    if node.data == "range" and len(node.args) > 3:
        for end in node.args[2:4]:
            for part in end.walk() if end.head in ("name", "add", "neg", "mul") else ():
                if part.head == "name" and part.data not in types:
                    types[part.data] = _NATURAL


def _rows(term: Term) -> dict[Name, int]:
    """Undeclared families whose elements are vectors (1) or matrices (2): `x_i` stands under a transposition, behind one, in a norm, in an
    inner product, or is bold; `W_l` stands in a Frobenius norm."""
    found: dict[Name, int] = {}

    def element(node: Term, rank: int = 1) -> None:
        if node.head == "index" and node.args[0].head == "name":
            found[node.args[0].data] = max(rank, found.get(node.args[0].data, 0))

    for node in term.walk():
        if node.head in ("transpose", "norm"):
            for part in node.args[0].args if node.args[0].head in ("add", "neg") else (node.args[0],):
                element(part.args[0] if part.head == "neg" else part, 2 if node.head == "norm" and node.data in ("F", "*") else 1)
        elif node.head == "inner":
            for part in node.args:
                element(part)
        elif node.head == "mul":
            for before, after in zip(node.args, node.args[1:], strict=False):
                if before.head == "transpose" and before.args[0].head in ("name", "index"):
                    element(after)
        elif node.head == "index" and node.args[0].head == "name" and node.args[0].data.font == "bf" and node.args[0].data.base.islower():
            element(node)
    return found


def _indexed(node: Term, types: dict[Name, Type], scope: Scope, rows: Mapping[Name, int]) -> None:
    base = node.args[0]
    if base.head == "name" and base.data not in types:
        types[base.data] = Type("real", (Term("blank"),) * (len(node.args) - 1 + rows.get(base.data, 0)))
    elif base.head == "name" and len(types[base.data].shape) < len(node.args) - 1 and base.data not in scope.declarations:
        kind = types[base.data]
        types[base.data] = Type(
            kind.domain, (Term("blank"),) * (len(node.args) - 1 + rows.get(base.data, 0)), kind.lower, kind.upper, kind.values, kind.properties
        )
    for place in node.args[1:]:
        if place.head == "index" and place.args[0].head == "name":  # Z_{i y_i}: entries that are used as indices
            types.setdefault(place.args[0].data, Type("index", (Term("blank"),) * (len(place.args) - 1)))
        for part in place.walk():
            if part.head == "name" and part.data not in types:
                types[part.data] = Type("index")
