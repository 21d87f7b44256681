"""What a session has declared and defined, a line each, as `:names` shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.expressions.term import Term
from derive.presenting.mathematics import inline_of

if TYPE_CHECKING:
    from derive.meaning.scope import Bound, Scope, Type

__all__ = ["declared", "type_words"]

_SETS = {"real": "ℝ", "integer": "ℤ", "natural": "ℕ", "whole": "{0, 1, …}", "complex": "ℂ", "index": "ℕ", "size": "ℕ"}


def declared(scope: Scope) -> str:
    """Declarations, definitions, equations and results, in this order; empty where there is nothing."""
    rows = [f"  {inline_of(Term('name', (), name))} {type_words(d.type)}" for name, d in scope.declarations.items()]
    for name, definition in scope.definitions.items():
        left = inline_of(Term("name", (), name))
        if definition.parameters:
            left += "(" + ", ".join(inline_of(Term("name", (), p)) for p in definition.parameters) + ")"
        rows.append(f"  {left} = {inline_of(definition.body)}")
    rows += [f"  {inline_of(statement)}" for statement in (*scope.constraints, *scope.facts)]
    rows += [f"  {label} = {inline_of(value)}" for label, value in scope.results.items() if "." not in label]
    return "\n".join(rows)


def type_words(type_: Type) -> str:
    """`∈ ℝᵐˣⁿ, symmetric` and the like."""
    if type_.domain not in _SETS:
        return f": {type_.domain}"
    words = f"∈ {_SETS[type_.domain]}"
    if type_.values:
        words = "∈ {" + ", ".join(inline_of(v) for v in type_.values) + "}"
    if type_.shape:
        words += "^(" + " × ".join(inline_of(size) for size in type_.shape) + ")"
    extra = [_bound(type_.lower, ">", "≥"), _bound(type_.upper, "<", "≤"), *sorted(type_.properties)]
    return ", ".join([words, *(text for text in extra if text)])


def _bound(bound: Bound | None, strict: str, weak: str) -> str:
    return "" if bound is None else f"{strict if bound.strict else weak} {inline_of(bound.value)}"
