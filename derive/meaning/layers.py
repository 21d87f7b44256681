"""A gradient through definitions, layer by layer: the definitions that its function goes through, in order, none put into another.

In: a gradient and the scope. Out: `Layers`, or None where the definitions cannot stand by themselves. A network of n layers is n
definitions here; with all of them put in, it is a tree that grows with the square of n or worse, and its gradients with the cube.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from derive.derivation import Prose
from derive.errors import InconsistentInput, TooLarge
from derive.expressions.term import Name, Term
from derive.meaning.context import Context
from derive.meaning.expand import opened, opened_definition
from derive.meaning.inference import sized
from derive.meaning.scope import Scope, Type
from derive.meaning.settle import settle
from derive.meaning.shapes import ROW, Shapes
from derive.meaning.sizes import size_text
from derive.meaning.types import types_of

__all__ = ["DEEP", "Layers", "layered", "tree_size"]

DEEP = 150  # nodes of the tree with everything put in: above it only the layers are kept
MOST_LAYERS = 4000
ROUNDS = 6
_BINDERS = frozenset(("sum", "prod", "integral", "limit", "optimum", "lambda", "setbuilder"))


class Layers(NamedTuple):
    """`task` is the gradient over names of definitions, `bindings` what they are, each over the ones before, `types` those of all names.

    `size` counts the nodes of the function with everything put in, `notes` say what was inferred of names that were not declared.
    """

    task: Term
    bindings: tuple[tuple[Name, Term], ...]
    types: dict[Name, Type]
    size: int
    notes: tuple[Prose, ...] = ()

    @property
    def is_deep(self) -> bool:
        """Whether the function with everything put in is beyond what is worked on as one formula."""
        return self.size > DEEP


def layered(term: Term, scope: Scope, context: Context) -> Layers | None:
    """The layers of a gradient whose function goes through definitions and whose variables are names, some of them arrays."""
    if term.head != "gradient" or len(term.args) < 2 or any(v.head != "name" for v in term.args[1:]) or not scope.definitions:
        return None
    held = [v.data for v in term.args[1:]]
    found = _collected(term.args[0], scope, held)
    if found is None:
        return None
    body, bodies = found
    if not bodies or _captures(body, bodies):
        return None
    sizes: dict[Name, int] = {}
    for name, inner in bodies.items():
        sizes[name] = tree_size(inner, sizes)
    return _inferred(term.with_args((body, *term.args[1:])), bodies, tree_size(body, sizes), scope, context)


# ---------------------------------------------------------------------------------------------- which definitions
def _collected(body: Term, scope: Scope, held: list[Name]) -> tuple[Term, dict[Name, Term]] | None:
    """The function and the definitions that it goes through, each after the ones that it stands on."""
    body, needed = opened(body, scope, held)
    while body.head == "name" and body.data in needed:  # L is what it is defined as
        body, needed = opened_definition(scope.definitions[body.data], scope, held)
    bodies: dict[Name, Term] = {}
    waiting: dict[Name, tuple[Term, list[Name]]] = {}
    stack = list(reversed(needed))
    while stack:
        name = stack[-1]
        if name in bodies:
            stack.pop()
        elif name in waiting:
            inner, below = waiting[name]
            missing = [n for n in below if n not in bodies]
            if not missing:
                bodies[name] = inner
                stack.pop()
            elif any(n in waiting for n in missing):
                chain = " → ".join(n.key for n in (name, next(n for n in missing if n in waiting)))
                raise InconsistentInput(f"the definitions run in a circle: {chain}", span=body.span)
            else:
                stack += reversed(missing)
        else:
            if len(waiting) >= MOST_LAYERS:
                raise TooLarge("the function goes through too many definitions")
            waiting[name] = opened_definition(scope.definitions[name], scope, held)
    return body, bodies


def _captures(body: Term, bodies: dict[Name, Term]) -> bool:
    """Whether a definition holds a running index of what it is put into, so that it is no value by itself."""
    bound: set[Name] = set()
    free: set[Name] = set()
    for term in (body, *bodies.values()):
        bound |= {n.data for node in term.walk() if node.head in _BINDERS for n in _indices(node)}
    if not bound:
        return False
    for inner in bodies.values():
        free |= set(_free(inner, frozenset()))
    return bool(bound & free)


def _indices(node: Term) -> Iterator[Term]:
    for argument in node.args[1:2]:
        yield from (part for part in argument.walk() if part.head == "name")


def _free(term: Term, bound: frozenset[Name]) -> Iterator[Name]:
    if term.head == "name":
        if term.data not in bound:
            yield term.data
        return
    inner = bound | {n.data for n in _indices(term)} if term.head in _BINDERS else bound
    if term.head == "task" and term.data == "array":
        yield from _free(term.args[0], bound | {index.data for index in term.args[1:]})
        return
    for place, argument in enumerate(term.args):
        yield from _free(argument, inner if place < 2 or term.data == "cond" else bound)


def tree_size(term: Term, sizes: Mapping[Name, int]) -> int:
    """The nodes of a term as a tree, shared parts counted wherever they stand; `sizes` are those of what names stand for."""
    done: dict[int, int] = {}

    def size(node: Term) -> int:
        if not node.args:
            return sizes.get(node.data, 1) if node.head == "name" else 1
        found = done.get(id(node))
        if found is None:
            found = done[id(node)] = 1 + sum(map(size, node.args))
        return found

    return size(term)


# ---------------------------------------------------------------------------------------------- what is inferred
def _inferred(task: Term, bodies: dict[Name, Term], size: int, scope: Scope, context: Context) -> Layers | None:
    """Ranks and sizes over all layers at once; a definition has the shape of its body."""
    whole = Term("list", (*(Term("rel", (Term("name", (), n), b), "=") for n, b in bodies.items()), task))
    shapes = Shapes(types_of(whole, scope, context))
    written = {n for n in shapes.declared if n in bodies}
    whole_numbers = {n for n, t in shapes.types.items() if t.domain in ("size", "index", "natural", "integer")}
    for _ in range(ROUNDS):
        shapes.changed = False
        for name, inner in bodies.items():
            rank = shapes.rank(inner)
            if rank and name not in shapes.ranks:
                shapes.learn(Term("name", (), name), rank)
            elif rank == 0 and all(n.data in shapes.ranks or n.data in whole_numbers for n in inner.walk() if n.head == "name"):
                shapes.ranks.setdefault(name, 0)  # nothing around it makes it an array
        shapes.rank(task)
        if not shapes.changed:
            break
    settled = {n: settle(b, shapes) for n, b in bodies.items()}
    task = settle(task, shapes)
    for name, inner in settled.items():
        shape = shapes.shape(inner)
        if shape and shape[0] is ROW:
            return None
        if name in written:
            shapes.shape(Term("rel", (Term("name", (), name, inner.span), inner), "=", inner.span))
        else:
            shapes.types[name] = Type("real", shape)
    shapes.shape(task)
    resolved = shapes.sizes.name_all(shapes.types, whole)
    settled = {n: sized(b, shapes.sizes) for n, b in settled.items()}
    task = sized(task, shapes.sizes)
    arrays = any(inner.head == "task" and inner.data == "array" for inner in settled.values())
    if not arrays and not any(v.data in resolved and resolved[v.data].shape for v in task.args[1:]):
        return None
    learnt = [n for n in shapes.inferred if n in resolved and resolved[n].shape and n not in bodies]
    return Layers(task, tuple(settled.items()), resolved, size, _said(learnt, resolved))


def _said(learnt: list[Name], types: dict[Name, Type]) -> tuple[Prose, ...]:
    if not learnt:
        return ()
    listed: list[object] = ["inferred: "]
    for position, n in enumerate(learnt):
        sizes = " × ".join(size_text(s) for s in types[n].shape)
        listed += [", " if position else "", Term("name", (), n), f" ∈ ℝ^{sizes if len(types[n].shape) == 1 else '(' + sizes + ')'}"]
    return (tuple(listed),)
