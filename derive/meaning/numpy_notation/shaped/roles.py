"""What names are for in a piece of NumPy: which say how long something is, which are positions or labels, which run.

In: terms whose positions count from 0. Out: names.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from derive.expressions.term import Name, Term
from derive.meaning.scope import Type

__all__ = ["bound_by", "counts", "positions_among"]

Definitions = Sequence[tuple[Name, Term]]
LONG = ("np.arange", "np.zeros", "np.ones", "np.full")


def counts(definitions: Definitions, body: Term) -> set[Name]:
    """The names that say how long an array or a sum is: `np.arange(n)`, `np.eye(n)`, `range(n)`."""
    found: set[Name] = set()
    for term in (*(t for _, t in definitions), body):
        for node in term.walk():
            ends: tuple[Term, ...] = ()
            if node.head == "numpy" and node.data in LONG:
                ends = node.args[:1] if node.data != "np.arange" else node.args
            elif node.head in ("sum", "prod") and len(node.args) == 4:
                ends = node.args[2:]
            elif node.head in ("identity", "ones"):
                ends = node.args
            found |= {name for end in ends for name in _linear_names(end)}
    return found


def _linear_names(term: Term) -> set[Name]:
    """The names in a sum or product of names and numbers; not those whose size is taken."""
    if term.head == "name":
        return {term.data}
    if term.head in ("add", "mul", "neg", "tuple"):
        return {name for argument in term.args for name in _linear_names(argument)}
    return set()


def positions_among(definitions: Definitions, body: Term, held: Mapping[Name, Type], others: Collection[Name]) -> dict[Name, Type]:
    """The names that stand where a position does and are no sizes, with their types: free indices and labels."""
    places: set[Name] = set()
    sizes = counts(definitions, body) | {n.data for kind in held.values() for size in kind.shape for n in size.walk() if n.head == "name"}
    for term in (*(t for _, t in definitions), body):
        for node in term.walk():
            if node.head == "slice":
                places |= {name for part in node.args[1:] for name in _linear_names(part)}
            elif node.head == "numpy" and node.data == "np.take_along_axis" and len(node.args) > 1:
                places |= {n.data for n in node.args[1].walk() if n.head == "name"}
    found: dict[Name, Type] = {}
    for name in places - sizes - set(others):
        kind = held.get(name, Type())
        if kind.domain not in ("real", "integer", "whole", "natural") or kind.values:
            continue
        if kind.shape:
            found[name] = replace(kind, domain="integer", properties=kind.properties | {"labels"})
        else:
            found[name] = replace(kind, domain="index")
    return found


def bound_by(node: Term) -> tuple[Term, ...]:
    """The running indices that a sum or a loop binds."""
    if node.head in ("sum", "prod") and len(node.args) == 4:
        return (node.args[1],)
    return tuple(node.args[3::3]) if node.head == "numpy" and node.data in ("fill", "fill+") else ()
