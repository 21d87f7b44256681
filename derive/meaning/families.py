"""Names whose subscript a sum runs over: h_t declared or defined on an earlier line is the family h, one member for every t.

In: the items of a line, its context and the scope. Out: the scope in which such names are arrays with a row for every value of the index.
A subscript that is bound by a sum is no part of a name: Σ_t ‖h_t‖² over one vector h_t would be T times the same.
"""

from __future__ import annotations

import re
from dataclasses import replace

from derive.derivation import Prose
from derive.errors import NotSupported
from derive.expressions.term import Name, Term
from derive.meaning.context import Context, base_name, label_text, walk_items
from derive.meaning.scope import Declaration, Definition, Scope
from derive.reading.item import Item

__all__ = ["with_families"]

_NUMBERS = ("real", "integer", "natural", "whole", "index", "size")


def with_families(items: tuple[Item, ...], context: Context, scope: Scope) -> tuple[Scope, list[Prose]]:
    """The scope with the families that the line shows, and what the reading says of them."""
    if not context.running:
        return scope, []
    shown = {name for item in walk_items(items) if (name := _labelled(item)) is not None and _indices(name, context)}
    wanted = {n: _indices(n, context) for n in _resting_on(shown, scope, context) if n in scope.declarations or n in scope.definitions}
    wanted = {n: i for n, i in wanted.items() if _whole(n) not in scope.definitions and _is_free(n, len(i), scope)}
    if not wanted:
        return scope, []
    notes: list[Prose] = []
    for name, indices in wanted.items():
        array = _whole(name)
        declarations, definitions = dict(scope.declarations), dict(scope.definitions)
        declared, defined = declarations.pop(name, None), definitions.pop(name, None)
        if defined is not None:
            if defined.parameters:
                continue
            definitions[array] = _indexed(defined, array, indices, context)
            kind = declared.type if declared is not None else None
        else:
            kind = declared.type if declared is not None else None
        if declared is not None and kind is not None:
            shape = (*(Term("blank") for _ in indices), *kind.shape)
            declarations.setdefault(array, Declaration(array, replace(kind, shape=shape), declared.line))
        scope = replace(scope, declarations=declarations, definitions=definitions, expansions={})
        member = Term("index", (Term("name", (), array), *(Term("name", (), i) for i in indices)))
        notes.append((member, f" is one of a family, one for every {', '.join(i.key for i in indices)}"))
    return scope, notes


def _labelled(item: Item) -> Name | None:
    """The name with its subscript as a label."""
    name = base_name(item) if item.sub is not None else None
    return None if name is None or item.sub is None else name._replace(sub=label_text(item.sub))


def _whole(name: Name) -> Name:
    return name._replace(sub="")


def _indices(name: Name, context: Context) -> tuple[Name, ...]:
    """The subscript as indices that run on this line; none where it is a label."""
    letters = name.sub.split(",") if "," in name.sub else [name.sub] if name.sub in context.running else list(name.sub)
    return tuple(Name(c) for c in letters) if letters and all(c in context.running for c in letters) else ()


def _is_free(name: Name, count: int, scope: Scope) -> bool:
    """Whether the letter without its subscript is no other thing than such a family."""
    known = scope.declarations.get(_whole(name))
    own = scope.declarations.get(name)
    if own is not None and own.type.domain not in _NUMBERS:
        return False  # a random variable, a function, an event
    if known is None:
        return True
    return own is not None and len(known.type.shape) == count + len(own.type.shape)


def _resting_on(names: set[Name], scope: Scope, context: Context) -> list[Name]:
    """These names and the ones with running subscripts that their definitions stand on."""
    found: dict[Name, None] = {}
    waiting = sorted(names, key=lambda n: n.key)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = None
        if name in scope.definitions:
            below = {n.data for n in scope.definitions[name].body.walk() if n.head == "name"}
            waiting += sorted((n for n in below if n.sub and _indices(n, context)), key=lambda n: n.key)
    return list(found)


def _indexed(definition: Definition, array: Name, indices: tuple[Name, ...], context: Context) -> Definition:
    """`h_t = f(x_t)` for every t; what is defined by an earlier member of itself is refused."""
    letters = {i.key for i in indices}

    def change(node: Term) -> Term:
        if node.head != "name" or not node.data.sub:
            return node
        own = _indices(node.data, context)
        if own and {i.key for i in own} <= letters:
            return Term("index", (Term("name", (), _whole(node.data)), *(Term("name", (), i) for i in own)), None, node.span)
        if letters & set(re.findall(r"[A-Za-z]+", node.data.sub)):
            raise NotSupported(
                f"{definition.name.key} is defined by {node.data.key}: a recursion is not unrolled under a sum",
                span=node.span,
                expected=("the steps one by one: h_1 = …, h_2 = …",),
            )  # fmt: skip
        return node

    return replace(definition, name=array, parameters=indices, body=definition.body.transform(change), indexed=True)
