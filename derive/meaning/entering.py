"""What a line adds to the session: declarations, and definitions with their shapes settled, as far as the line itself says them.

In: the statements of a line and the scope before it. Out: its reading, and the scope after it. Sizes that nobody wrote stay open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from derive.derivation import Prose
from derive.errors import DeriveError, NotSupported, TooLarge, WrongUse
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term
from derive.meaning.context import Context
from derive.meaning.densities import opened_densities
from derive.meaning.expand import expand, with_expansion
from derive.meaning.inference import infer, shape_of
from derive.meaning.loose import refuse_loose_index
from derive.meaning.pairs import with_pairs
from derive.meaning.remarks import kind_notes
from derive.meaning.scope import Declaration, Definition, Reading, Scope, Type
from derive.meaning.statements import Statement
from derive.meaning.types import is_label_type, types_of

__all__ = ["declared_line"]


def declared_line(text: str, notation: str, statements: list[Statement], scope: Scope, context: Context) -> tuple[Reading, Scope]:
    """The reading of the line, and the scope with what it says."""
    after = scope
    for statement in statements:
        after = statement.apply(after)
    term = statements[0].term if len(statements) == 1 else Term("list", tuple(s.term for s in statements))
    kind = statements[0].kind if len(statements) == 1 else "declaration"
    if kind in ("definition", "constraint", "fact", "update") and len(statements) == 1:
        definition = statements[0].definition
        types = types_of(term, after, context)
        refuse_loose_index(term, scope)
        if definition is not None and not definition.indexed:
            _refuse_labels(definition, scope)
        term, pairs = with_pairs(term, scope)
        context.notes += pairs
        if kind == "definition" and term.args[-1].head != "probability":
            term = opened_densities(term, scope)
        try:
            settled, types, notes = infer(term, types)
        except DeriveError as error:
            raise error.at(term.span) from None
        if definition is not None and settled.head == "rel":
            settled = _loosened(settled, {n.data for n in term.walk() if n.head == "name"} | set(scope.declarations))
            definition = replace(definition, body=settled.args[1])
            if definition.name.sup.isdigit() and not definition.parameters and shape_of(settled.args[1], types):
                raise NotSupported(
                    f"an equation for a power of an array, {plain(settled.args[0])}", span=term.span,
                    expected=("a name of its own for the power, such as S = …",),
                )  # fmt: skip
            after = after.define(definition)
            after = after.declare(*_arrays(settled, types, after, definition.name))
            shape = shape_of(settled.args[1], types) if not definition.parameters else ()
            if shape and definition.name not in after.declarations and all(s.head in ("name", "number") for s in shape):
                after = after.declare(Declaration(definition.name, Type("real", _open(shape, settled, scope)), scope.line + 1))
            try:
                body, expansion = with_expansion(settled.args[1], scope)
            except TooLarge:  # a layer of a network may still be taken by itself
                body, expansion = settled.args[1], None
                context.note("its definitions are not put in: the formula would be too large")
            after = after.remember(definition, expansion)
            expanded = Term("rel", (settled.args[0], body), "=")
        else:
            expanded = expand(settled, scope)
        reading = Reading(
            text,
            notation,
            kind,
            settled,
            expanded,
            "equation" if kind in ("constraint", "update") else kind,
            (*context.notes, *notes, *(kind_notes(settled, types) if kind == "definition" else ())),
            types,
        )
        return reading, after
    types = {d.name: d.type for s in statements for d in s.declarations}
    replaced = _replaced(types, scope)
    if replaced:
        context.notes += replaced.values()
        after = replace(after, replaced={**scope.replaced, **replaced})
    return Reading(text, notation, "declaration", term, term, "declaration", tuple(context.notes), types), after


def _refuse_labels(definition: Definition, scope: Scope) -> None:
    """ℓ(y, x) = max(0, 1 − y f(x)) after y ∈ {1..K}^n: the parameter is a number, and the array of labels has the same name."""
    entries = {node.args[0].data for node in definition.body.walk() if node.head == "index" and node.args[0].head == "name"}
    for name in definition.parameters:
        known = scope.declarations.get(name)
        if known is None or not is_label_type(known.type) or name in entries:
            continue
        raise WrongUse(
            f"{name.key} is an array of labels 1, 2, … (line {known.line}), and the parameter is one number",
            span=definition.body.span,
            suggestion="another letter for the parameter",
        )


def _replaced(types: Mapping[Name, Type], scope: Scope) -> dict[Name, Prose]:
    """What an earlier line had declared with another shape."""
    found: dict[Name, Prose] = {}
    for name, kind in types.items():
        before = scope.declarations.get(name)
        if before is not None and before.type.shape != kind.shape and "blank" not in {s.head for s in (*before.type.shape, *kind.shape)}:
            shape = " × ".join(plain(s) for s in before.type.shape)
            was = {0: "a scalar", 1: f"a vector of length {shape}"}.get(len(before.type.shape), shape)
            found[name] = (Term("name", (), name), f" was {was} (line {before.line}); a later declaration replaces that")
    return found


def _loosened(term: Term, written: set[Name]) -> Term:
    """The term whose ones and identities have the sizes that somebody wrote: what else they are, later lines say."""

    def change(node: Term) -> Term:
        loose = node.head in ("ones", "identity") and node.args and node.args[0].head == "name" and node.args[0].data not in written
        return Term(node.head, (), None, node.span) if loose else node

    return term.transform(change) if term.has("ones", "identity") else term


def _open(shape: tuple[Term, ...], term: Term, scope: Scope) -> tuple[Term, ...]:
    """The shape with the sizes left open that nobody wrote: a later line may say what they are."""
    here = {n.data for n in term.walk() if n.head == "name"}

    def is_written(size: Name) -> bool:
        if size in here or size in scope.declarations:
            return True
        shapes = (s for d in scope.declarations.values() for s in d.type.shape)
        return any(n.head == "name" and n.data == size for s in shapes for n in s.walk())

    return tuple(s if s.head != "name" or is_written(s.data) else Term("blank") for s in shape)


def _arrays(term: Term, types: Mapping[Name, Type], scope: Scope, defined: Name) -> list[Declaration]:
    """The arrays that a definition shows to be such, for the lines after it; sizes that nobody wrote stay open."""
    written = {n.data for n in term.walk() if n.head == "name"}
    found = []
    for name, kind in types.items():
        known = name in scope.declarations or name in scope.definitions or name == defined
        if kind.shape and name in written and not known and kind.domain == "real":
            sizes = tuple(s if s.head != "name" or s.data in written or s.data in scope.declarations else Term("blank") for s in kind.shape)
            found.append(Declaration(name, replace(kind, shape=sizes), scope.line + 1))
    return found
