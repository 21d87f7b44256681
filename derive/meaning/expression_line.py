"""A line without a task word: an expression, perhaps with `at x = 4`, `s.t. …`, `given …` or `using …` behind it.

In: the items of the line. Out: a `Wording`: the term, and the name that a report gives the task.
"""

from __future__ import annotations

from collections.abc import Mapping

from derive.errors import AmbiguousInput, SyntaxProblem
from derive.expressions.term import Term
from derive.meaning.clauses import Wording, Words, split_clauses
from derive.meaning.context import Context
from derive.meaning.densities import opened_densities
from derive.meaning.entropies import with_entropies
from derive.meaning.estimates import estimate
from derive.meaning.parser import Parser
from derive.meaning.programmes import as_interval
from derive.meaning.statements import split_commas
from derive.reading.item import Item

__all__ = ["expression_line", "task_name"]

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


def expression_line(items: tuple[Item, ...], context: Context) -> Wording:
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
