"""NumPy with the shapes of its arrays known: broadcasting, subscripts, axes and index arrays as sums and entries on paper.

In: the terms that `numpy_notation` read with `shaped`, whose positions count from 0, and the types of their names. Out: a `Shaped`: the
value in the heads of the paper, assignments as definitions where they have a formula, and the types of all names, sizes named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from derive.errors import NotSupported, TooLarge, Undetermined
from derive.expressions.term import Name, Term, integer, number
from derive.meaning.numpy_notation.shaped.evaluation import Evaluation
from derive.meaning.numpy_notation.shaped.extents import ONE, added, linear, polynomial
from derive.meaning.numpy_notation.shaped.idioms import with_idioms
from derive.meaning.numpy_notation.shaped.ranks import guessed_ranks
from derive.meaning.numpy_notation.shaped.roles import bound_by, counts, positions_among
from derive.meaning.numpy_notation.shaped.values import Positions, Value, scalar
from derive.meaning.scope import Bound, Type

__all__ = ["Shaped", "settle_shapes"]

MOST_PARTS = 20_000
LETTERS = ("n", "m", "d", "k", "p", "q", "r", "h", "l")
WHOLE_DOMAINS = ("size", "index", "natural", "integer", "whole")


class Shaped(NamedTuple):
    """`values` are what is returned, one or several, with their shapes; `definitions` what they stand on, each over the ones before.

    `types` are those of all names, `inferred` the names whose shapes were found and not declared, `made` the shapes of what is defined.
    """

    values: tuple[Term, ...]
    shapes: tuple[tuple[Term, ...], ...]
    definitions: tuple[tuple[Name, Term], ...]
    types: dict[Name, Type]
    inferred: tuple[Name, ...] = ()
    made: Mapping[Name, tuple[Term, ...]] = {}  # shapes of what is defined
    notes: tuple[str, ...] = ()


def settle_shapes(definitions: Sequence[tuple[Name, Term]], body: Term, types: Mapping[Name, Type]) -> Shaped:
    """The value with its shapes settled. Raises InconsistentInput where they do not go together, NotSupported for what has no reading."""
    guessed = guessed_ranks(definitions, body, types)
    e = Evaluation({})
    used = {n.data for term in (*(t for _, t in definitions), body) for n in term.walk() if n.head == "name"}
    sizes = {node for kind in types.values() for size in kind.shape for node in size.walk() if node.head == "name"}
    running = {n.data for term in (*(t for _, t in definitions), body) for node in term.walk() for n in bound_by(node)}
    e.array.taken = {n.key for n in (*(used - running), *types, *(s.data for s in sizes), *(n for n, _ in definitions))}
    e.sizes |= {s.data for s in sizes} | {n for n, t in types.items() if t.domain in WHOLE_DOMAINS and not t.shape}
    held: dict[Name, Type] = {
        name: replace(kind, shape=tuple(e.array.extents.fresh() if size.head == "blank" else size for size in kind.shape))
        for name, kind in types.items()
    }
    for name, rank in guessed.items():
        held[name] = Type("real", tuple(e.array.extents.fresh() for _ in range(rank)))
    counted = counts(definitions, body) - {n for n, kind in held.items() if kind.shape or kind.domain == "index"} - running
    e.sizes |= counted - {n for n, _ in definitions}
    for name in counted - {n for n, _ in definitions}:
        if name not in held or held[name].domain == "real":
            held[name] = Type("whole")
    held |= positions_among(definitions, body, held, {n for n, _ in definitions} | running)
    for name, kind in held.items():
        if kind.shape or kind.domain == "index":
            e.names[name] = _argument(name, kind)
        if "labels" in kind.properties:
            e.counted.add(name)
        if kind.domain == "index":
            e.free.add(name)
    kept: list[tuple[Name, Term]] = []
    for name, term in definitions:
        value = e.value(term)
        if not value.shape and value.whole is not None and e.array.extents.find(value.whole).head == "word":
            e.array.extents.unify(value.whole, Term("name", (), name))  # n = len(x) names the size
            e.sizes.add(name)
        e.names[name] = _named(e, name, value, kept)
    parts = body.args if body.head == "tuple" else (body,)
    values = [e.number(part) for part in parts]
    wholes = [e.array.whole(v) for v in values]
    return _resolved(e, values, wholes, kept, held, tuple(guessed))


def _argument(name: Name, kind: Type) -> Value:
    """An argument: labels and positions count from 0 in NumPy and from 1 on paper."""
    whole = Term("name", (), name)
    shape = tuple(ONE if integer(size) == 1 else linear(size) for size in kind.shape)
    if kind.domain == "index" and not shape:
        return scalar(added(whole, -1))
    counted = "labels" in kind.properties
    minus = Term("neg", (number(1),))

    def entry(positions: Positions) -> Term:
        element = Term("index", (whole, *positions))
        return added(element, -1) if counted else element

    if counted:
        return Value(shape, entry, Term("add", (whole, minus)))
    if ONE not in shape:
        return Value(shape, entry, whole)
    places = tuple(ONE if size == ONE else Term("blank") for size in shape)
    return Value(shape, entry, Term("index", (whole, *places)))


def _named(e: Evaluation, name: Name, value: Value, kept: list[tuple[Name, Term]]) -> Value:
    """The value under the name that it is assigned to; a size, a condition and what has no formula of the whole keep their own."""
    whole = value.whole
    plain = whole is None or value.is_condition or value.factor_of is not None or value.blocks or value.without is not None
    if plain or whole is None or whole.head in ("name", "number", "constant", "ones", "identity"):
        return value
    if not value.shape and e.is_position(whole):
        return value
    if any(node.head == "task" and node.data in ("cholesky", "cho_factor") for node in whole.walk()):
        return value
    kept.append((name, whole))
    return e.array.of_whole(value.shape, Term("name", (), name))


def _resolved(
    e: Evaluation, values: list[Value], wholes: list[Term], kept: list[tuple[Name, Term]], held: dict[Name, Type], guessed: tuple[Name, ...]
) -> Shaped:
    """Every size that was not known gets what was found, or a letter."""
    letters = [c for c in LETTERS if c not in e.array.taken]
    given: list[Name] = []

    def letter() -> Term:
        name = Name(letters.pop(0)) if letters else Name("n", sub=str(len(given) + 1))
        given.append(name)
        return Term("name", (), name)

    shapes = [size for kind in held.values() for size in kind.shape]
    every = [node for term in (*wholes, *(t for _, t in kept)) for node in term.walk() if node.head == "word" and _is_extent(node)]
    found = e.array.extents.solved([*shapes, *every], letter)

    def put(term: Term) -> Term:
        done: dict[int, Term] = {}

        def change(node: Term) -> Term:
            if not node.args:
                return found.get(node, node) if node.head == "word" else node
            if id(node) not in done:
                made = node.with_args(tuple(change(a) for a in node.args))
                done[id(node)] = linear(made) if made is not node and made.head in ("add", "mul") and polynomial(made) is not None else made
            return done[id(node)]

        return change(term)

    for name in e.definite & held.keys():
        held[name] = replace(held[name], properties=held[name].properties | {"symmetric", "positive-definite", "invertible"})
    for name, count in e.labels.items():
        held[name] = replace(
            held[name], domain="integer", lower=Bound(ONE, strict=False), upper=Bound(e.array.extents.find(count), strict=False)
        )
    for name in e.counted - e.labels.keys():
        if any(node.head == "name" and node.data == name for term in (*wholes, *(t for _, t in kept)) for node in term.walk()):
            raise Undetermined(f"how many labels {name.key} has is needed")
    types = {n: replace(t, shape=tuple(e.array.extents.find(s) for s in t.shape)) if t.shape else t for n, t in held.items()}
    for name in given:
        types[name] = Type("size")
    for kind in list(types.values()):
        for size in kind.shape:
            for node in size.walk():
                if node.head == "name" and node.data not in types:
                    types[node.data] = Type("size")
    for term in wholes:
        for node in term.walk():
            if node.head == "task" and node.data in ("cholesky", "cho_factor"):
                raise NotSupported("a Cholesky factor by itself, other than in L @ L.T, a solution or a determinant", span=node.span)
    if any(ONE in e.array.resolved(v.shape) for v in values):
        e.note("axes of length 1 in what is returned are left out")
    shown = tuple(tuple(size for size in e.array.resolved(v.shape) if size != ONE) for v in values)
    wholes = [_counted_in_code(w) for w in wholes]
    defined, made = with_idioms([(n, put(t)) for n, t in kept], [put(w) for w in wholes])
    _refuse_large((*made, *(t for _, t in defined)))
    shapes_made = {n: tuple(s for s in e.array.resolved(e.names[n].shape) if s != ONE) for n, _ in kept if n in e.names}
    return Shaped(tuple(made), shown, tuple(_needed(defined, made)), types, guessed, shapes_made, tuple(e.notes))


def _refuse_large(terms: Sequence[Term]) -> None:
    """What has a formula of thousands of parts is none that anybody reads; shared parts count wherever they stand."""
    for term in terms:
        sizes: dict[int, int] = {}

        def size(node: Term, sizes: dict[int, int] = sizes) -> int:
            if id(node) not in sizes:
                sizes[id(node)] = 1 + sum(size(a) for a in node.args)
            return sizes[id(node)]

        if size(term) > MOST_PARTS:
            raise TooLarge(f"the formula has more than {MOST_PARTS} parts with everything put in", span=term.span)


def _counted_in_code(whole: Term) -> Term:
    """What comes back as the place of a largest entry counts from 0 in code as it is: argmax, not argmax − 1."""
    if whole.head == "add" and len(whole.args) == 2 and whole.args[0].head == "optimum" and whole.args[1] == Term("neg", (ONE,)):
        return whole.args[0] if whole.args[0].data.startswith("arg") else whole
    return whole


def _needed(kept: list[tuple[Name, Term]], wholes: list[Term]) -> list[tuple[Name, Term]]:
    """The definitions that the values stand on."""
    wanted = {n.data for whole in wholes for n in whole.walk() if n.head == "name"}
    found: list[tuple[Name, Term]] = []
    for name, term in reversed(kept):
        if name in wanted:
            found.append((name, term))
            wanted |= {n.data for n in term.walk() if n.head == "name"}
    return found[::-1]


def _is_extent(word: Term) -> bool:
    return str(word.data).startswith("extent ")
