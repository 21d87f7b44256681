"""What is inferred of a whole term: the types of its names, everything settled that depends on shapes, and what is said of it.

In: a term, the declared types. Out: the term, a type for every name, notes; or the shape of one term.
"""

from __future__ import annotations

from collections.abc import Mapping

from derive.derivation import Prose
from derive.expressions.term import Name, Term
from derive.meaning.array_names import entrywise
from derive.meaning.capitals import learn_capitals
from derive.meaning.lengths import lengths_from_ranges
from derive.meaning.ranges import ranged
from derive.meaning.scope import Type
from derive.meaning.shapes import ROW, Shapes
from derive.meaning.sizes import Sizes, inferred_sizes

__all__ = ["infer", "shape_of", "sized"]


def shape_of(term: Term, types: Mapping[Name, Type]) -> tuple[Term, ...]:
    """The shape of a term whose names have these types; () for a scalar and for what has no shape."""
    shapes = Shapes(types)
    shapes.rank(term)
    found = shapes.shape(term)
    return tuple(shapes.sizes.find(s) for s in found) if found and found[0] is not ROW else ()


def sized(term: Term, sizes: Sizes) -> Term:
    """The vectors of ones that stand for a repetition, with the size that was found for them."""
    if not term.has("ones"):
        return term

    def change(node: Term) -> Term:
        if node.head == "div" and node.args[1].head == "word":  # a mean
            found = sizes.find(node.args[1])
            return node.with_args((node.args[0], found)) if found.head in ("name", "number") else node
        if node.head != "ones" or not node.args or node.args[0].head != "word":
            return node
        found = sizes.find(node.args[0])
        return node.with_args((found,) if found.head in ("name", "number") else ())

    return term.transform(change)


def infer(term: Term, types: Mapping[Name, Type]) -> tuple[Term, dict[Name, Type], list[Prose]]:
    """The term with everything settled that depends on shapes, the types of its names, and what was inferred."""
    from derive.meaning.settle import settle

    shapes = Shapes(types)
    if term.head == "rel" and term.args[0].head == "index":
        shapes.bound |= {a.data for a in term.args[0].args[1:] if a.head == "name"}
    learn_capitals(shapes, term)
    for _ in range(6):
        shapes.changed = False
        shapes.forget()
        shapes.rank(term)
        if not shapes.changed and term.has("hadamard"):
            entrywise(shapes, term)
        if not shapes.changed:
            break
    term = settle(term, shapes)
    shapes.shape(term)
    lengths_from_ranges(term, shapes.types, shapes.sizes)
    resolved = shapes.sizes.name_all(shapes.types, term)
    term = ranged(sized(term, shapes.sizes), shapes.ranges, shapes.sizes)
    notes: list[Prose] = [*dict.fromkeys(shapes.remarks)]
    said = inferred_sizes([n for n in shapes.inferred if n in resolved and resolved[n].shape], resolved)
    notes += [said] if said else []
    return term, resolved, notes
