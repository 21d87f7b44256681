"""Formulas of one form, equal but for the names in them: the graph of one stands for all of them.

In: terms over names whose kinds and shapes are known. Out: for each its form, a node over numbered slots, and the names in the slots. The
layers of a network are a few forms, so that what is done with the graph of a form is done a few times.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from derive.errors import NotSupported
from derive.expressions.term import Name, Term
from derive.graph.argument import argument_type
from derive.graph.build import Builder
from derive.graph.graph import Nodes, walk
from derive.graph.node import ArgumentType, Node, Shape
from derive.graph.sizes import Size
from derive.meaning.scope import Type

__all__ = ["Form", "Forms", "sizes_in"]


class Form:
    """A formula over slots: its node, the nodes that this lives among, the keys of its slots in order, the names of sizes in it."""

    __slots__ = ("keys", "node", "nodes", "sizes")

    def __init__(self, nodes: Nodes, node: Node, keys: tuple[str, ...]) -> None:
        self.nodes = nodes
        self.node = node
        self.keys = keys
        self.sizes = sizes_in(node)


class _Slots(Builder):
    """A builder whose names are slots: arguments of a kind and shape that is given."""

    def __init__(self, term: Term, types: Mapping[Name, Type], slots: Mapping[Name, tuple[ArgumentType, Shape]]) -> None:
        super().__init__([term], types)
        self.subscripts.shapes.update({name: shape for name, (_, shape) in slots.items() if shape})
        self.slots = {name: self.nodes.argument(kind, shape) for name, (kind, shape) in slots.items()}

    def value_of(self, name: Name) -> Node:
        if name not in self.slots or name in self.axes:
            return super().value_of(name)
        node = self.slots[name]
        return self.nodes.add(node, self.nodes.number(1)) if node.data[0].kind == "label" else node  # from 1 on paper, from 0 in code


class Forms:
    """The forms of terms over names; `kinds` are those of the names: inputs have them by declaration, the others by their formula."""

    def __init__(self, terms: list[Term], types: Mapping[Name, Type]) -> None:
        self.types = types
        self.kinds: dict[Name, tuple[ArgumentType, Shape]] = {}
        sizes = {n for n, t in types.items() if t.domain == "size"}
        sizes |= {p.data for t in types.values() for s in t.shape for p in s.walk() if p.head == "name"}
        self._sizes = {n: Type("size") for n in sizes}
        self._reserved = frozenset(sizes | _indices(terms))  # names that are no values
        self._shapes = Builder([], types).subscripts.shapes
        self._known: dict[Any, Form] = {}
        self._kinds_alone: dict[Name, tuple[Any, tuple[ArgumentType, Shape]]] = {}

    def form(self, term: Term) -> tuple[Form, list[Name]]:
        """The form of a formula and the names in its slots."""
        slots: dict[Name, Term] = {}
        shown = self._slotted(term, slots)
        names = list(slots)
        given = [self._nameless(name) for name in names]
        found = self._known.get((shown, *given))
        if found is None:
            found = self._known[shown, *given] = self._made(shown, names, given)
        return found, names

    def _slotted(self, term: Term, slots: dict[Name, Term]) -> Term:
        """The term with slots for the names that are values, in the order in which they come."""
        if term.head != "name":
            return term.with_args(tuple([self._slotted(a, slots) for a in term.args])) if term.args else term
        if term.data in self._reserved:
            return term
        slot = slots.get(term.data)
        if slot is None:
            slot = slots[term.data] = Term("name", (), _slot(len(slots)))
        return slot

    def _nameless(self, name: Name) -> tuple[ArgumentType, Shape]:
        """What a name is, but for the name."""
        found = self._kinds_alone.get(name)
        if found is None or found[0] is not self.kind(name):
            kind, shape = self.kind(name)
            found = self._kinds_alone[name] = (self.kinds[name], (kind._replace(key=""), shape))
        return found[1]

    def define(self, name: Name, term: Term) -> tuple[Form, list[Name]]:
        """The form of what a name is defined as; from here on the name has its shape."""
        form, names = self.form(term)
        self.kinds[name] = (ArgumentType(name.key), form.node.shape)
        return form, names

    def kind(self, name: Name) -> tuple[ArgumentType, Shape]:
        """What a name is."""
        if name not in self.kinds:
            self.kinds[name] = (argument_type(name, self.types.get(name)), self._shapes.get(name, ()))
        return self.kinds[name]

    def _made(self, term: Term, names: list[Name], given: list[tuple[ArgumentType, Shape]]) -> Form:
        if any(kind.kind == "index" for kind, _ in given):
            raise NotSupported("layers over free indices", span=term.span)
        keys = tuple(_slot(k).key for k in range(len(names)))
        slots = {_slot(k): (kind._replace(key=keys[k]), shape) for k, (kind, shape) in enumerate(given)}
        builder = _Slots(term, self._sizes, slots)
        node = builder.column(term)
        if node.axes:
            raise NotSupported("a layer with a running index of its own", span=term.span)
        return Form(builder.nodes, node, keys)


_SLOTS = tuple(Name("slot", sub=str(place)) for place in range(64))


def _slot(place: int) -> Name:
    return _SLOTS[place] if place < len(_SLOTS) else Name("slot", sub=str(place))


def _indices(terms: list[Term]) -> set[Name]:
    nodes = [node for t in terms for node in t.walk()]
    found = {n.data for node in nodes if node.head in ("sum", "prod") for n in node.args[1:2] if n.head == "name"}
    return found | {n.data for node in nodes if node.head == "task" and node.data == "array" for n in node.args[1:] if n.head == "name"}


def sizes_in(root: Node) -> frozenset[str]:
    """The names of the sizes that the value of a node depends on."""
    found: set[str] = set()
    for node in walk((root,)):
        sizes: list[Size] = [node.data] if node.op == "size" else list(node.data) if node.op in ("identity", "ones") else []
        sizes += node.shape
        for axis in node.axes:
            sizes += [axis.lower, axis.upper]
        for size in sizes:
            found |= size.names
    return frozenset(found)
