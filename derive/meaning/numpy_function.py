"""A function of a Python file as readings: what it computes, and the gradient of that.

In: the source of the file, the function's name, perhaps the variables. Out: `FunctionReadings`. The file is read through `ast`, never run.
The gradient of what is an array is that of ⟨g, f⟩ with an upstream gradient g of its shape: what backpropagation hands on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from derive.derivation import Prose
from derive.errors import DeriveError, NotSupported, UnknownName
from derive.expressions.term import Name, Term, number
from derive.meaning.clauses import Wording
from derive.meaning.context import Context
from derive.meaning.scope import Declaration, Definition, Reading, Scope, Type
from derive.meaning.sizes import size_text

if TYPE_CHECKING:
    from derive.meaning.numpy_notation.shaped import Shaped

__all__ = ["FunctionReadings", "read_function_of", "shape_words", "upstream_name", "upstream_product"]

Finish = Callable[..., Reading]


class FunctionReadings(NamedTuple):
    """`values` are what the function returns, one reading each; `gradient` that of the first number, or through an upstream gradient.

    `line` is the line of the file where the function stands; `refusal` says why there is no gradient.
    """

    name: str
    line: int
    values: tuple[Reading, ...]
    gradient: Reading | None
    refusal: DeriveError | None = None


def read_function_of(source: str, function: str, variables: Sequence[str], finish: Finish) -> FunctionReadings:
    """The readings of the function of this name. Raises a DeriveError with its place in the file."""
    from derive.meaning.numpy_notation.module import place_in, read_function
    from derive.meaning.numpy_notation.shaped import settle_shapes

    found = read_function(source, function)
    try:
        shaped = settle_shapes(found.definitions, found.body, found.types)
    except DeriveError as error:
        raise error.at(found.span) from None
    scope = _scope({**shaped.types, **_made(shaped)}, shaped.definitions)
    text = source[found.span[0] : found.span[1]]
    parameters = tuple(Term("name", (), name) for name in found.parameters)
    notes = [
        *_arguments(found.parameters, shaped.types, shaped.inferred),
        *_assignments(shaped.definitions),
        *found.notes,
        *((n,) for n in shaped.notes),
    ]
    own = _paper_name(found.name, {*shaped.types, *(n for n, _ in shaped.definitions), *found.parameters})
    values: list[Reading] = []
    for count, value in enumerate(shaped.values, 1):
        name = own if len(shaped.values) == 1 else own._replace(sub=str(count))
        left = Term("call", (Term("name", (), name), *parameters)) if parameters else Term("name", (), name)
        context = Context((), scope, "numpy")
        reading = finish(
            text, "numpy", Wording(Term("rel", (left, value), ":="), "definition"), scope, context, list(notes if count == 1 else ())
        )
        values.append(replace(reading, kind="definition", task="definition"))
    line = place_in(source, found.span)[0]
    names = _variables(found.parameters, shaped.types, values, variables)
    first = next((k for k, shape in enumerate(shaped.shapes) if not shape), 0)
    if not names:
        return FunctionReadings(function, line, tuple(values), None, NotSupported("no argument that a gradient could be taken of"))
    try:
        gradient = _gradient(text, shaped.values[first], shaped.shapes[first], names, shaped.types, scope, finish)
    except DeriveError as error:
        error.span = found.span
        return FunctionReadings(function, line, tuple(values), None, error)
    if len(shaped.values) > 1:
        gradient = replace(gradient, notes=(*gradient.notes, (f"of the {_ordinal(first)} value that the function returns",)))
    return FunctionReadings(function, line, tuple(values), gradient)


def _paper_name(name: Name, taken: set[Name]) -> Name:
    """What the function is called on paper: a short word as it is, else f."""
    plain = Name(name.base) == name and name not in taken
    return name if plain else next(n for n in (Name("f"), Name("F"), Name("phi"), Name("psi"), Name("f", sub="0")) if n not in taken)


def _ordinal(place: int) -> str:
    return ("first", "second", "third")[place] if place < 3 else f"{place + 1}th"


def _made(shaped: Shaped) -> dict[Name, Type]:
    """The types of the arrays that the assignments make."""
    defined = {name for name, _ in shaped.definitions}
    return {name: Type("real", shape) for name, shape in shaped.made.items() if shape and name in defined}


def _scope(types: dict[Name, Type], definitions: Sequence[tuple[Name, Term]]) -> Scope:
    scope = Scope().declare(*(Declaration(name, kind) for name, kind in types.items()))
    for name, term in definitions:
        scope = scope.define(Definition(name, (), term))
    return scope


def shape_words(name: Name, kind: Type) -> Prose:
    """`X ∈ ℝ^(n × d)`, `y ∈ {1..k}^n, counted from 0 in code`."""
    sizes = " × ".join(size_text(size) for size in kind.shape)
    power = f"^{sizes}" if len(kind.shape) == 1 else f"^({sizes})" if kind.shape else ""
    if "labels" in kind.properties and kind.upper is not None:
        return (Term("name", (), name), f" ∈ {{1..{size_text(kind.upper.value)}}}{power}, counted from 0 in code")
    if kind.domain == "index":
        return (Term("name", (), name), " is a position, counted from 0 in code")
    if kind.values:
        return (Term("name", (), name), f" ∈ {{{', '.join(size_text(v) for v in kind.values)}}}{power}")
    if kind.domain in ("whole", "natural", "integer", "size"):
        return (Term("name", (), name), " is a whole number")
    words = "positive-definite" if "positive-definite" in kind.properties else "symmetric" if "symmetric" in kind.properties else ""
    return (Term("name", (), name), f" ∈ ℝ{power}{' ' + words if words else ''}")


def _arguments(parameters: Sequence[Name], types: dict[Name, Type], inferred: Sequence[Name]) -> list[Prose]:
    """What is known of the arguments, and what of it was inferred."""
    notes: list[Prose] = []
    for title, chosen in (
        ("declared: ", [n for n in parameters if n in types and n not in inferred]),
        ("inferred: ", [n for n in parameters if n in inferred]),
        ("taken as numbers: ", [n for n in parameters if n not in types]),
    ):
        listed: list[object] = []
        for name in chosen:
            listed += [", " if listed else title, *(shape_words(name, types[name]) if name in types else (Term("name", (), name),))]
        if listed:
            notes.append(tuple(listed))
    return notes


def _assignments(definitions: Sequence[tuple[Name, Term]]) -> list[Prose]:
    return [(Term("rel", (Term("name", (), name), term), "="),) for name, term in definitions]


def _variables(parameters: Sequence[Name], types: dict[Name, Type], values: Sequence[Reading], wanted: Sequence[str]) -> tuple[Name, ...]:
    """The arguments that the gradient is taken of: those that are named, else all that are real and occur."""
    from derive.meaning.numpy_notation.names import from_identifier

    if wanted:
        names = [from_identifier(word) for word in wanted]
        for name, word in zip(names, wanted, strict=True):
            if name not in parameters:
                known = tuple(n.key for n in parameters)
                raise UnknownName(f"the function has no argument {word}", expected=known)
        return tuple(dict.fromkeys(names))
    occurring = {n.data for reading in values for n in reading.expanded.args[1].walk() if n.head == "name"}
    return tuple(n for n in parameters if n in occurring and _is_real(types.get(n)))


def _is_real(kind: Type | None) -> bool:
    return kind is None or (kind.domain == "real" and not kind.values)


def _gradient(
    text: str, value: Term, shape: tuple[Term, ...], names: tuple[Name, ...], types: dict[Name, Type], scope: Scope, finish: Finish
) -> Reading:
    """The reading of the gradient."""
    context = Context((), scope, "numpy")
    if shape:
        g = upstream_name(set(types) | {n.data for n in value.walk() if n.head == "name"})
        scope = scope.declare(Declaration(g, Type("real", shape)))
        value = upstream_product(g, value, shape)
        context.note(Term("name", (), g), ": the upstream gradient, of the shape of what the function returns")
    variables = tuple(Term("name", (), name) for name in names)
    plain = not shape and all(name not in types or not types[name].shape for name in names)
    if plain and len(names) == 1:
        wording = Wording(Term("derivative", (value, variables[0], number(1)), "d"), "derivative")
    else:
        wording = Wording(Term("gradient", (value, *variables)), "gradient")
    return finish(text, "numpy", wording, scope, context, [])


def upstream_name(taken: set[Name]) -> Name:
    """A name for the upstream gradient."""
    return next(n for n in (Name("g"), Name("G"), Name("u"), Name("g", sub="out"), Name("g", sub="up")) if n not in taken)


def upstream_product(g: Name, value: Term, shape: tuple[Term, ...]) -> Term:
    """⟨g, f⟩: the sum of the products of the entries."""
    whole = Term("name", (), g)
    if value.head == "task" and value.data == "entries":
        body, *rest = value.args
        total = Term("mul", (Term("index", (whole, *rest[::3])), body))
        for index, lower, upper in reversed(list(zip(rest[::3], rest[1::3], rest[2::3], strict=True))):
            total = Term("sum", (total, index, lower, upper), "range")
        return total
    return Term("apply", (Term("hadamard", (whole, value)),), "sum")
