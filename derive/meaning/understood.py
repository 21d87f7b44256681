"""A task that was worded, understood: definitions put in, shapes inferred, variables found, what is loose refused.

In: a `Wording` and what the session knows. Out: a `Reading`.
"""

from __future__ import annotations

from dataclasses import replace

from derive.derivation import Prose
from derive.errors import DeriveError
from derive.expressions.term import Term
from derive.meaning.broken import refuse_broken
from derive.meaning.clauses import Wording
from derive.meaning.context import Context
from derive.meaning.densities import FORMULAS, opened_densities, with_densities
from derive.meaning.entries import as_elements, elements_among, elements_of_absent, said_of, with_elements
from derive.meaning.expand import expand
from derive.meaning.inference import infer
from derive.meaning.layers import Layers, layered
from derive.meaning.loose import refuse_loose_index, refuse_running_name
from derive.meaning.operands import with_operands
from derive.meaning.pairs import with_pairs
from derive.meaning.remarks import (
    absent_variables,
    kind_notes,
    numbers_beside_arrays,
    refuse_matrix_functions,
    refuse_share,
    scalar_capitals,
)
from derive.meaning.resting import as_written
from derive.meaning.rows import with_rows
from derive.meaning.scope import Declaration, Reading, Scope
from derive.meaning.spectra import refuse_complex_spectra
from derive.meaning.types import types_of
from derive.meaning.variables import (
    refuse_hidden_dependence,
    refuse_mixed_gradient,
    refuse_other_members,
    refuse_primed_transpose,
    refuse_unused_equations,
    total_derivatives,
    with_variables,
)

__all__ = ["understood"]


def understood(text: str, notation: str, wording: Wording, scope: Scope, context: Context, shown: list[Prose]) -> Reading:
    """The reading of a task; names that prove to be entries of an array that was inferred are read once more, as these."""
    reading = _taken(text, notation, wording, scope, context, shown)
    bindings = reading.options["layers"].bindings if "layers" in reading.options else ()
    terms = (reading.term, reading.expanded, *(body for _, body in bindings))
    said: list[Prose] = []
    elements = elements_among(terms, reading.types, scope)
    if not elements:
        elements, declared, said = elements_of_absent(reading.expanded, reading.types, scope)
        scope = scope.declare(*(Declaration(n, kind, scope.line + 1) for n, kind in declared.items()))
    if not elements:
        refuse_other_members(reading.expanded, scope)
        refuse_primed_transpose(reading.expanded, scope)
        return reading
    wording = replace(wording, term=as_elements(wording.term, elements))
    return _taken(text, notation, wording, with_elements(scope, elements), context, [*shown, *(said or said_of(elements))])


def _taken(text: str, notation: str, wording: Wording, scope: Scope, context: Context, shown: list[Prose]) -> Reading:
    """Definitions in, shapes inferred, variables found."""
    term = wording.term
    notes: list[Prose] = [*shown, *context.notes]
    options = dict(wording.options)
    refuse_loose_index(term, scope)
    refuse_running_name(term, members=frozenset(n for n, d in scope.declarations.items() if d.type.domain == "random"))
    term, more = with_operands(term, scope)
    notes += more
    term, more = with_pairs(term, scope)
    notes += more
    term, more = with_densities(term, scope)
    notes += more
    if wording.task in FORMULAS:
        term = opened_densities(term, scope)
    term, more = with_variables(term, scope, options)
    notes += more
    term, more = with_rows(term, scope)
    notes += more
    refuse_broken(term, scope)
    layers = _layers(term, scope, context)
    if layers is not None:
        options["layers"] = layers
        if layers.is_deep:
            return _deep(
                Reading(text, notation, "task", term, layers.task, wording.task, tuple(notes), layers.types, wording.using, options), scope
            )
    expanded = expand(term, scope)
    expanded = total_derivatives(expanded, scope, options)
    types = types_of(Term("list", (term, expanded)), scope, context)
    same = expanded is term or expanded == term
    try:
        settled, inferred, inference = infer(expanded, types)
        term = settled if same else as_written(term, types)
    except DeriveError as error:
        raise error.at(term.span) from None
    refuse_mixed_gradient(settled, inferred)
    if notation != "numpy":
        refuse_matrix_functions(settled, inferred)
    refuse_complex_spectra(settled, inferred)
    refuse_hidden_dependence(settled)
    refuse_share(term)
    notes += inference
    notes += kind_notes(settled, inferred)
    if notation == "numpy" or any(n.head == "mul" and n.data == "np" for n in expanded.walk()):
        notes += numbers_beside_arrays(settled, inferred, scope)
    notes += [said for name, said in scope.replaced.items() if name in inferred]
    notes += scalar_capitals(settled, inferred, scope)
    notes += absent_variables(settled, inferred) if "equation" not in options else []
    constraints = [c for c in scope.constraints if c.head == "rel" and c.data == "="]
    if "equation" not in options:
        constraints = [c for c in constraints if not _is_of_a_power(c, scope)]
        refuse_unused_equations(settled, constraints)
    if constraints:
        held = [c.args[0].args[0].data for c in constraints if _is_of_a_power(c, scope)]
        options.setdefault("constraints", tuple(expand(c, scope, held) for c in constraints))
    if scope.facts or settled.has("probability", "dist", "divergence_bar"):
        options.setdefault("facts", scope.facts)
        options.setdefault("definitions", scope.definitions)
        options.setdefault("declarations", scope.declarations)
        options.setdefault("inequalities", tuple(c for c in scope.constraints if c.head == "rel" and c.data in ("<", "<=", ">", ">=")))
    if layers is not None:
        inferred = {**inferred, **layers.types}
    task = wording.task
    if settled.head == "task" and settled.data == "array" and term.head == "name":  # `code K` where K_ij is defined
        settled = Term("rel", (Term("index", (term, *settled.args[1:])), settled.args[0]), "=", term.span)
        task = "definition"
    return Reading(text, notation, "task", term, settled, task, tuple(notes), inferred, wording.using, options)


def _is_of_a_power(constraint: Term, scope: Scope) -> bool:
    """Whether the equation is the one that defines σ²."""
    left = constraint.args[0]
    if left.head != "pow" or left.args[0].head != "name":
        return False
    return left.args[0].data._replace(sup=str(left.args[1].data)) in scope.definitions


def _layers(term: Term, scope: Scope, context: Context) -> Layers | None:
    """The layers of a gradient through definitions."""
    try:
        return layered(term, scope, context)
    except DeriveError as error:
        raise error.at(term.span) from None


def _deep(reading: Reading, scope: Scope) -> Reading:
    """A reading whose definitions stay: with all of them put in, the function would be too large to look at."""
    layers: Layers = reading.options["layers"]
    whole = Term("list", (layers.task, *(body for _, body in layers.bindings)))
    notes = [*reading.notes, *layers.notes, *kind_notes(whole, layers.types), *scalar_capitals(whole, layers.types, scope)]
    return replace(reading, notes=tuple(dict.fromkeys(notes)))
