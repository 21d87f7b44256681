"""A line in NumPy whose meaning hangs on shapes: broadcasting, slices, index arrays, and the vector–Jacobian product of an array.

In: the text of the expression and the scope. Out: its term in the heads of the paper, and the scope in which the shapes that were found
are declared.
"""

from __future__ import annotations

from typing import NamedTuple

from derive.derivation import Prose
from derive.errors import DeriveError, SyntaxProblem
from derive.expressions.term import Name, Span, Term
from derive.meaning.expand import expand
from derive.meaning.inference import infer, shape_of
from derive.meaning.numpy_function import shape_words, upstream_name, upstream_product
from derive.meaning.scope import Declaration, Scope, Type

__all__ = ["ShapedLine", "needs_shapes", "shaped_line", "vector_jacobian_product"]


class ShapedLine(NamedTuple):
    """The value, its shape, the scope with what was found of the names, what is to be said of it."""

    term: Term
    shape: tuple[Term, ...]
    scope: Scope
    notes: tuple[Prose, ...]
    parameters: tuple[Name, ...] = ()


def needs_shapes(term: Term, scope: Scope) -> bool:
    """Whether the term can be read only with shapes, or is a reduction of what nothing else makes an array."""
    from derive.meaning.numpy_notation.shaped.ranks import guessed_ranks

    if term.has("slice", "numpy"):
        return True
    types = _types(scope)
    guessed = {name: rank for name, rank in guessed_ranks((), term, types).items() if rank and name not in scope.definitions}
    if not guessed:
        return False
    try:
        _, inferred, _ = infer(term, types)
    except DeriveError:
        return False
    return any(name not in inferred or not inferred[name].shape for name in guessed)


def shaped_line(text: str, offset: int, scope: Scope, vectors: frozenset[Name] = frozenset()) -> ShapedLine:
    """The expression with shapes settled; `vectors` are names that are vectors where nothing says what they are."""
    from derive.meaning.numpy_notation import read_shaped
    from derive.meaning.numpy_notation.shaped import settle_shapes

    names = [n.key for n in (*scope.declarations, *scope.definitions)]
    found = read_shaped(text, offset, names=names)
    types = _types(scope)
    blank = {name: Type("real", (Term("blank"),)) for name in vectors if name not in types}
    shaped = settle_shapes(found.definitions, found.body, {**types, **blank})
    new = {n: t for n, t in shaped.types.items() if n not in scope.declarations and n not in scope.definitions and t.domain != "size"}
    said = [n for n in new if n in shaped.inferred or n in blank]
    notes: list[Prose] = [*found.notes, *((note,) for note in shaped.notes)]
    listed: list[object] = []
    for name in said:
        listed += [", " if listed else "inferred: ", *shape_words(name, shaped.types[name])]
    if listed:
        notes.append(tuple(listed))
    local = scope.declare(*(Declaration(n, t) for n, t in new.items()))
    values: dict[Name, Term] = {}
    for name, body in shaped.definitions:
        values[name] = _put(body, values)
    parts = tuple(_put(value, values) for value in shaped.values)
    term = parts[0] if len(parts) == 1 else Term("tuple", parts)
    return ShapedLine(term, shaped.shapes[0] if len(parts) == 1 else (), local, tuple(notes), found.parameters)


def _types(scope: Scope) -> dict[Name, Type]:
    """The declared types, and the shapes of what is defined."""
    types = {name: declaration.type for name, declaration in scope.declarations.items()}
    for name, definition in scope.definitions.items():
        if definition.parameters or name in types:
            continue
        try:
            shape = shape_of(expand(definition.body, scope), types)
        except DeriveError:
            continue
        if shape:
            types[name] = Type("real", shape)
    return types


def _put(term: Term, values: dict[Name, Term]) -> Term:
    return term.transform(lambda node: values.get(node.data, node) if node.head == "name" else node) if values else term


def vector_jacobian_product(
    line: ShapedLine, along: Name | None, variables: list[Term], scope: Scope, span: Span
) -> tuple[Term, Scope, list[Prose]]:
    """The gradient of ⟨g, f⟩: what the chain rule hands on from an upstream gradient g of the shape of f."""
    names = list(dict.fromkeys(n.data for n in line.term.walk() if n.head == "name"))
    g = along if along is not None else upstream_name({*names, *line.scope.declarations})
    local = line.scope
    declared = scope.declarations.get(g)
    if declared is None:
        local = local.declare(Declaration(g, Type("real", line.shape)))
    notes: list[Prose] = [(Term("name", (), g), ": the upstream gradient, of the shape of the function")]
    if not variables:
        free = [n for n in names if n != g and (n not in local.declarations or local.declarations[n].type.domain == "real")]
        if len(free) != 1:
            raise SyntaxProblem("which variable?", span=span, expected=tuple(f"wrt {n.key}" for n in free[:4]) or ("wrt x",))
        variables = [Term("name", (), free[0])]
    whole = Term("name", (), g)
    value = upstream_product(g, line.term, line.shape) if line.shape else Term("mul", (whole, line.term))
    return Term("gradient", (value, *variables), None, span), local, notes
