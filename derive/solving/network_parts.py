"""The parts of a layer that get a name of their own, and the names of parts and adjoints.

In: the formula of a layer, the name of the layer. Out: the nodes that are named, candidates for names.
"""

from __future__ import annotations

from collections.abc import Iterable

from derive.expressions.term import Name
from derive.graph.graph import walk
from derive.graph.node import Node
from derive.solving.intermediates import INNER, LEAVES, bare, is_function

__all__ = ["adjoint_names", "inner_parts", "labelled", "letters"]

LETTERS = ("z", "u", "a", "s", "q", "v")
VALUES = ("a", "q", "s", "v", "u")
VALUED = frozenset(("tanh", "sigmoid", "softmax", "exp", "sqrt"))  # functions whose derivative is said by their value


def inner_parts(root: Node, depends: set[Node]) -> set[Node]:
    """The arguments of functions that are formulas themselves, W h + b in σ(W h + b); the values that derivatives are said by."""
    found = _shared(root, depends)
    for node in walk((root,)):
        if node in depends and node.op == "sqrt" and node.shape and not node.axes:
            found.add(node)
        if node not in depends or not (node.op in INNER or is_function(node)):
            continue
        for argument in node.args:
            target = bare(argument)
            if target in depends and target.op not in LEAVES and target.shape and not target.axes:
                found.add(target)
        if node.op in VALUED and node.shape and not node.axes:
            found.add(node)
    return found


def _shared(root: Node, depends: set[Node]) -> set[Node]:
    """Sums that stand in several places, as x − mean(x) in the normalisation by its own variance."""
    users: dict[Node, int] = {}
    for node in walk((root,)):
        for argument in set(node.args):
            users[argument] = users.get(argument, 0) + 1
    return {n for n, count in users.items() if count > 1 and n in depends and n.op == "add" and n.shape and not n.axes}


def letters(node: Node) -> tuple[str, ...]:
    """The letters for a part: those of values where the derivative is said by the value."""
    return VALUES if node.op in VALUED else LETTERS


def labelled(name: Name, wanted: tuple[str, ...], matrix: bool) -> Iterable[Name]:
    """z_1 beside h_1, z^{(1)} beside h^{(1)}; z beside h."""
    name = _without_power(name)
    for letter in wanted:
        yield Name(letter.upper() if matrix else letter, sub=name.sub, sup=name.sup)
    base = wanted[0].upper() if matrix else wanted[0]
    label = name.base if not name.sub else f"{name.base},{name.sub}"
    yield Name(base, sub=label, sup=name.sup)
    count = 2
    while True:
        yield Name(base, sub=f"{label}{count}", sup=name.sup)
        count += 1


def _without_power(name: Name) -> Name:
    """σ for the name σ², so that its adjoint is no δ²."""
    return name._replace(sup="") if name.sup.isdigit() else name


def adjoint_names(name: Name) -> Iterable[Name]:
    """δ_1 for the adjoint of z_1, δ for that of z; h̄ where δ is taken."""
    name = _without_power(name)
    if name.sub or name.sup:
        yield Name("delta", sub=name.sub, sup=name.sup)
    yield Name("delta", sub=name.base + name.sub, sup=name.sup)
    yield name._replace(accents=(*name.accents, "bar"))
    count = 2
    while True:
        yield Name("delta", sub=f"{name.base}{name.sub}{count}", sup=name.sup)
        count += 1
