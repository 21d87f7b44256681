"""One line of input, understood: notation found, items made, names resolved, shapes inferred, definitions put in.

In: text and the scope of the session. Out: a `Reading` and the scope after the line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from derive.derivation import Prose
from derive.errors import AmbiguousInput, DeriveError, SyntaxProblem
from derive.expressions.term import Term
from derive.meaning.broken import refuse_broken
from derive.meaning.check_block import is_check, read_check
from derive.meaning.clauses import Wording, Words, has_clause, is_word, split_clauses
from derive.meaning.constants import with_letters
from derive.meaning.context import Context
from derive.meaning.declarations import declare
from derive.meaning.densities import FORMULAS, opened_densities, with_densities
from derive.meaning.entering import declared_line
from derive.meaning.entries import as_elements, elements_among, elements_of_absent, said_of, with_elements
from derive.meaning.entropies import with_entropies
from derive.meaning.estimates import estimate
from derive.meaning.expand import expand
from derive.meaning.families import with_families
from derive.meaning.imperatives import plainly, without_imperative
from derive.meaning.layers import Layers, layered
from derive.meaning.loose import refuse_loose_index, refuse_running_name
from derive.meaning.models import separates
from derive.meaning.numpy_function import FunctionReadings, read_function_of
from derive.meaning.numpy_line import read_numpy_line
from derive.meaning.operands import with_operands
from derive.meaning.pairs import with_pairs
from derive.meaning.parser import Parser
from derive.meaning.prepare import prepare
from derive.meaning.programmes import as_interval, joined_rows, with_memberships
from derive.meaning.remarks import absent_variables, kind_notes, refuse_matrix_functions, refuse_share, scalar_capitals
from derive.meaning.resting import as_written
from derive.meaning.rows import with_rows
from derive.meaning.scope import Declaration, Reading, Scope
from derive.meaning.sentences import sentence
from derive.meaning.shapes import infer
from derive.meaning.spectra import refuse_complex_spectra
from derive.meaning.statements import split_commas
from derive.meaning.tasks import read_task
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
from derive.meaning.vocabulary import ALIGNED, RELATIONS
from derive.reading import detect, parse
from derive.reading.item import Item

__all__ = ["read", "read_expression", "read_python"]

_TASK_NAMES = {
    "derivative": "derivative", "gradient": "gradient", "hessian": "hessian", "jacobian": "jacobian", "integral": "integral",
    "limit": "limit", "optimum": "optimum", "total_derivative": "derivative", "directional": "directional-derivative",
    "differential": "differential", "rel": "equation", "chain": "equation", "lines": "equations", "list": "list",
    "sum": "sum", "prod": "product",
}  # fmt: skip
_MEASURES = {
    "P": "probability", "p": "density", "E": "expectation", "Var": "variance", "Cov": "covariance", "Corr": "correlation",
    "H": "entropy", "I": "mutual-information", "KL": "kl-divergence", "JS": "jensen-shannon",
}  # fmt: skip


def read(text: str, scope: Scope | None = None, *, line: int = 1) -> tuple[Reading, Scope]:
    """Read one line. Raises a DeriveError with its place when the line cannot be read."""
    scope = scope or Scope()
    notation = detect(text)
    if notation == "numpy":
        return read_numpy_line(text, scope, _finish, line)
    if is_check(text):
        return read_check(text, notation, scope, line), replace(scope, line=line)
    items = parse(text, notation)
    if not items:
        raise SyntaxProblem("there is nothing to read", span=(0, len(text)), expected=("an expression, a task or a declaration",))
    while items and items[-1].is_op(".", ",", ";"):
        items = items[:-1]
    items = prepare(items, text, notation, scope)
    rows = aligned_rows(items)
    if rows is not None and (joined := joined_rows(rows)) is not None:
        return _items(text, notation, joined, scope, line)
    if rows is not None:
        return _block(text, notation, rows, scope, line)
    return _items(text, notation, items, scope, line)


def _items(text: str, notation: str, items: tuple[Item, ...], scope: Scope, line: int) -> tuple[Reading, Scope]:
    """One line as items: a declaration, a definition, or a task."""
    scope, letters = with_letters(items, scope, line)
    items = plainly(_worded(items))
    if not items:
        raise SyntaxProblem("there is no formula on this line", span=(0, len(text)))
    items = without_imperative(items, scope)
    items, said_of_all = _for_all(items, scope, notation)
    items, local, shown = _where(items, scope, notation, line)
    local = with_memberships(items, local, notation, line)
    shown = [*said_of_all, *shown]
    context = Context(items, local, notation)
    local, families = with_families(items, context, local)
    if families:
        scope, _ = with_families(items, context, scope)
        context = Context(items, local, notation)
        context.notes += families
    context.notes += letters
    wording = read_task(items, context)
    if wording is None and (separates(items) or not has_clause(items, notation == "latex")):
        said = sentence(items, context)
        statements = [said] if said is not None else declare(items, local, context, line)
        if statements is not None:
            return declared_line(text, notation, statements, scope, context)
    if wording is None:
        wording = _expression_line(items, context)
    reading = _finish(text, notation, wording, local, context, shown)
    return reading, replace(scope, line=line)


def read_expression(text: str, scope: Scope | None = None) -> Term:
    """The term that one line of text is, with shapes settled but definitions left alone; a declaration or definition gives its term."""
    return read(text, scope)[0].term


def read_python(source: str, function: str, variables: Sequence[str] = ()) -> FunctionReadings:
    """What a function of a Python file computes, and its gradient with respect to its floating arguments or those that are named."""
    return read_function_of(source, function, variables, _finish)


def _for_all(items: tuple[Item, ...], scope: Scope, notation: str) -> tuple[tuple[Item, ...], list[Prose]]:
    """The line without `∀ x ≠ 0` behind it, which is said in a note; `∀ x ∈ ℝⁿ` declares, as `where` does."""
    place = next((p for p, i in enumerate(items) if p and i.text in ("forall", "∀")), None)
    if place is None or place + 1 >= len(items):
        return items, []
    head, rest = items[:place], items[place + 1 :]
    while head and head[-1].is_op(",", ";"):
        head = head[:-1]
    if any(i.is_op("in") for i in rest):
        return (*head, Item("text", "where", (), items[place].start, items[place].end, space=True), *rest), []
    condition = Parser(rest, Context(rest, scope, notation)).statement_or_list()
    return head, [("for all ", condition)]


def _where(items: tuple[Item, ...], scope: Scope, notation: str, line: int) -> tuple[tuple[Item, ...], Scope, list[Prose]]:
    """The line without its `where …`, and the scope with what that declares."""
    place = next(
        (
            p
            for p, i in enumerate(items)
            if p and is_word(i, "where", "with") and not is_word(items[p + 1] if p + 1 < len(items) else i, "respect")
        ),
        None,
    )
    if place is None:
        return items, scope, []
    rest = items[place + 1 :]
    later = next((p for p, i in enumerate(rest) if p and is_word(i, "at", "using", "given") and i.space), len(rest))
    rest, tail = rest[:later], rest[later:]
    while rest and rest[-1].is_op(".", ","):
        rest = rest[:-1]
    head = items[:place]
    while head and head[-1].is_op(",", ";"):
        head = head[:-1]
    if not rest:
        raise SyntaxProblem(
            "declarations are expected behind where", span=(items[place].start, items[place].end), expected=("A in R^{m x n}",)
        )
    context = Context(items, scope, notation)
    statements = declare(rest, scope, context, line)
    if statements is None:
        if is_word(items[place], "with"):
            return items, scope, []
        raise SyntaxProblem(
            "this is no declaration", span=(rest[0].start, rest[-1].end), expected=("name in R^n", "name > 0", "name = expression")
        )
    local = scope
    for statement in statements:
        local = statement.apply(local)
    return head + tail, local, list(context.notes)


def _worded(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """A piece of text with several words (`\\text{least squares }`) as one item a word."""
    result: list[Item] = []
    for item in items:
        words = item.text.split() if item.kind == "text" and item.sub is None and item.sup is None else []
        if len(words) > 1 and all(w.replace(".", "").isalpha() for w in words):
            result += [Item("text", w, (), item.start, item.end, space=True) for w in words]
        else:
            result.append(item)
    return tuple(result)


def aligned_rows(items: tuple[Item, ...]) -> list[tuple[Item, ...]] | None:
    """The rows of a line that is one aligned block of complete rows; None when it is something else, or a chain over several rows."""
    if len(items) != 1 or items[0].kind != "env" or items[0].text not in ALIGNED:
        return None
    rows = [tuple(i for cell in row.children for i in cell.children) for row in items[0].children]
    rows = [row for row in rows if row]
    if len(rows) < 2 or any(row[0].kind == "op" and row[0].text in RELATIONS for row in rows):
        return None
    return rows


def _block(text: str, notation: str, rows: list[tuple[Item, ...]], scope: Scope, line: int) -> tuple[Reading, Scope]:
    """An aligned block: each row is a line, and the last one is the task."""
    readings: list[Reading] = []
    for row in rows:
        reading, scope = _items(text, notation, row, scope, line)
        readings.append(reading)
    last = readings[-1]
    term = Term("lines", tuple(r.term for r in readings), None, (rows[0][0].start, rows[-1][-1].end))
    notes = tuple(dict.fromkeys(n for r in readings for n in r.notes))
    types = {n: t for r in readings for n, t in r.types.items()}
    return replace(last, term=term, notes=notes, types={**types, **last.types}), scope


def _expression_line(items: tuple[Item, ...], context: Context) -> Wording:
    """An expression, perhaps with `at x = 4`, `s.t. …`, `given …` or `using …` behind it."""
    from derive.meaning.probability import conditioned

    latex = context.notation == "latex"
    head, clauses = split_clauses(items, latex, "subject", "st", "s.t.", "given", "using", "at")
    using = None
    if clauses:
        words = Words(items, context)
        words.head, words.clauses = head, clauses
        using = "".join(("-" if k else "") + i.text for k, i in enumerate(clauses.get("using", ()))) or None
    while head and head[-1].is_op(",", ";"):
        head = head[:-1]
    if not head:
        raise SyntaxProblem("an expression is expected", span=(items[0].start, items[-1].end))
    _refuse_grouped_digits(head)
    parser = Parser(head, context)
    first = head[0]
    if parser.unpaired_bar(head) and not any(i.kind == "bar" and i.sub is not None for i in head):
        query = conditioned(parser, head, (head[0].start, head[-1].end))
        facts = [conditioned(Parser(p, context), p, (p[0].start, p[-1].end)) for p in split_commas(clauses.get("given", ())) if p]
        return Wording(Term("task", (query, *facts), "conditional", query.span), "conditional", using)
    if (
        first.kind in ("big", "name", "function")
        and first.text in ("max", "min", "argmax", "argmin", "sup", "inf")
        and (first.sub is not None or ("subject" in clauses and len(head) > 1))
    ):
        term = _leading_optimum(parser, clauses, context)
    else:
        parts = parser.sequence()
        term = parts[0] if len(parts) == 1 else Term("list", tuple(parts), None, (head[0].start, head[-1].end))
        asked = estimate(term)
        if asked is not None:
            return Wording(asked, str(asked.data), using, {"hat": True})
        term = opened_densities(with_entropies(term, context), context.scope)
        if "subject" in clauses:
            raise SyntaxProblem("constraints need something to optimise", span=(clauses["subject"][0].start, items[-1].end))
    if "at" in clauses:
        from derive.meaning.brackets import at_values

        term = at_values(term, Parser(clauses["at"], context).sequence(), term.span)
    if "given" in clauses:
        facts = [conditioned(Parser(p, context), p, (p[0].start, p[-1].end)) for p in split_commas(clauses["given"]) if p]
        term = Term("task", (term, *facts), "given", term.span)
    return Wording(term, task_name(term), using)


def _refuse_grouped_digits(items: tuple[Item, ...]) -> None:
    """`1,000 x`: a thousand, or a list of two things?"""
    for before, comma, after in zip(items, items[1:], items[2:], strict=False):
        close = not comma.space and not after.space
        if before.kind == after.kind == "number" and comma.is_op(",") and close and len(after.text) == 3 and 0 < len(before.text) < 4:
            whole = f"{before.text}{after.text}"
            raise AmbiguousInput(
                f"{before.text},{after.text} can be one number or two",
                readings=(whole, f"{before.text}, {after.text}"),
                span=(before.start, after.end),
                expected=(whole, f"{before.text}, {after.text}"),
            )


def _leading_optimum(parser: Parser, clauses: Mapping[str, tuple[Item, ...]], context: Context) -> Term:
    """`\\min_x f \\text{ s.t. } g = 0`: everything up to the constraints belongs to the optimum."""
    if parser.items[0].sub is None:
        sign = parser.take()
        body = parser.statement()
        parser.leftover()
        held = tuple(as_interval(c) for c in Parser(clauses["subject"], context).sequence())
        return Term("optimum", (body, Term("tuple"), *held), sign.text, (sign.start, parser.items[-1].end))
    whole = parser.statement()
    parser.leftover()
    target = whole
    lost: list[Term] = []
    if whole.head == "add" and whole.args[0].head == "optimum":
        target, lost = whole.args[0], list(whole.args[1:])
    if target.head != "optimum":
        return whole
    body = target.args[0]
    if lost:
        first = body.args if body.head == "add" else (body,)
        body = Term("add", (*first, *lost), None, whole.span)
    constraints = Parser(clauses["subject"], context).sequence() if clauses.get("subject") else []
    return Term("optimum", (body, *target.args[1:], *constraints), target.data, whole.span)


def task_name(term: Term) -> str:
    """The name that a report gives the task of the term."""
    if term.head == "at":
        return task_name(term.args[0]) if term.args[0].head in _TASK_NAMES else "expression"
    if term.head == "task":
        return str(term.data)
    if term.head == "probability":
        return _MEASURES.get(term.data, str(term.data).lower())
    if term.head == "prime":
        return "derivative"
    return _TASK_NAMES.get(term.head, "expression")


def _finish(text: str, notation: str, wording: Wording, scope: Scope, context: Context, shown: list[Prose]) -> Reading:
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
