"""`minimize f over x in D subject to g = 0, h <= 0`: the words of an optimisation problem, and what its constraints declare.

In: the items of a line, or its words. Out: an `optimum` term; the scope with what memberships such as `p ∈ Δ^K` say of the variables.
"""

from __future__ import annotations

from derive.derivation import Prose
from derive.errors import DeriveError, SyntaxProblem, Undetermined, WrongUse
from derive.expressions.term import Name, Term
from derive.meaning.clauses import Wording, Words, is_word, split_clauses
from derive.meaning.context import Context
from derive.meaning.declarations import declare
from derive.meaning.expand import expand
from derive.meaning.parser import Parser
from derive.meaning.scope import Scope
from derive.meaning.statements import split_commas
from derive.reading.item import Item

__all__ = ["as_interval", "implied_variables", "is_programme", "joined_rows", "optimum", "with_memberships"]

Items = tuple[Item, ...]
_SIGNS = frozenset(("min", "max", "argmin", "argmax", "sup", "inf"))
_WORDS = frozenset(("minimize", "minimise", "maximize", "maximise", "argmin", "argmax", "minimum", "maximum"))
_SUBJECT = frozenset(("s.t.", "st", "subject", "subject to", "such", "such that", "s.t"))


def is_programme(items: Items) -> bool:
    """Whether the line begins with the sign or the word of an optimum."""
    return bool(items) and (items[0].text in _SIGNS or items[0].text.strip().lower() in _WORDS)


def joined_rows(rows: list[Items]) -> Items | None:
    """An aligned block that is one problem, `min f \\\\ s.t. g = 0 \\\\ h <= 0`: its rows as one line; None for other blocks."""
    first, *rest = [tuple(i for i in row if not i.is_op("&")) for row in rows]
    if not is_programme(first) or not rest or rest[0][0].text.strip().split(" ")[0].rstrip(":") not in _SUBJECT:
        return None
    joined = list(_without_comma(first))
    for place, row in enumerate(rest):
        if place:
            joined.append(Item("op", ",", (), row[0].start, row[0].start))
        joined += _without_comma(row)
    return tuple(joined)


def _without_comma(row: Items) -> Items:
    while row and row[-1].is_op(",", ";", "."):
        row = row[:-1]
    return row


def with_memberships(items: Items, scope: Scope, notation: str, line: int) -> Scope:
    """The scope with what `x ∈ ℝ^n` below the sign, behind `over` or among the constraints declares; an interval is a constraint."""
    if not is_programme(items):
        return scope
    groups: list[Items] = []
    below = items[0].sub
    if below is not None:
        groups.append(below.children if below.kind == "group" else (below,))
    _, clauses = split_clauses(items, notation == "latex")
    groups += [clauses[word] for word in ("over", "subject", "for") if word in clauses]
    for group in groups:
        for part in split_commas(group):
            place = next((k for k, i in enumerate(part) if i.is_op("in") or is_word(i, "in")), None)
            if not place or place + 1 >= len(part) or part[place + 1].kind == "fence":
                continue
            try:
                statements = declare(part, scope, Context(part, scope, notation), line)
            except DeriveError:
                continue
            for statement in statements or ():
                scope = statement.apply(scope)
    return scope


def as_interval(constraint: Term) -> Term:
    """`x in [0, 1]` in plain text, whose brackets are those of a vector, as the interval."""
    if constraint.head == "rel" and constraint.data == "in" and constraint.args[1].head in ("vector", "tuple", "list"):
        ends = constraint.args[1]
        if len(ends.args) == 2:
            kind = "()" if ends.head == "tuple" else "[]"
            return constraint.with_args((constraint.args[0], Term("interval", ends.args, kind, ends.span)))
    return constraint


def optimum(words: Words, kind: str) -> Wording:
    """The words of a problem as a term. Raises SyntaxProblem for what is neither a variable nor a constraint."""
    head, interval = _split_on(words.head)
    body = words.expression(head)
    constraints = [as_interval(c) for c in words.listed("subject")]
    constraints += [as_interval(c) for c in words.listed("for")]
    variables: list[Term] = []
    over, behind = _split_on(words.clauses.get("wrt") or words.clauses.get("over") or ())
    for read in Parser(over, words.context).sequence() if over else []:
        for part in read.args if read.head in ("tuple", "vector", "list") else (read,):
            variables += _variable(as_interval(part), constraints)
    bounds = interval or behind
    if bounds:
        ends = Parser(bounds, words.context).sequence()
        target = variables[-1] if variables else _only_name(body)
        constraints += [as_interval(Term("rel", (target, e), "in", e.span)) for e in ends]
    term = Term("optimum", (body, Term("tuple", tuple(variables)), *(c for c in constraints if not _is_declared(c))), kind)
    return words.wording(term, "optimum")


def _split_on(items: Items) -> tuple[Items, Items]:
    """What stands before `on [a, b]`, and the interval."""
    place = next((k for k, i in enumerate(items[:-1]) if k and is_word(i, "on") and items[k + 1].kind == "fence"), None)
    return (items, ()) if place is None else (items[:place], items[place + 1 :])


def _variable(part: Term, constraints: list[Term]) -> list[Term]:
    if part.head in ("name", "index"):
        return [part]
    if part.head == "mul" and all(a.head in ("name", "index") for a in part.args):
        return list(part.args)
    if part.head == "rel" and part.args[0].head in ("name", "index"):
        constraints.append(part)
        return [part.args[0]]
    if part.head == "chain":
        names = [a for a in part.args if a.head in ("name", "index")]
        if len(names) == 1:
            constraints.append(part)
            return names
    raise WrongUse("an optimum is taken over variables", span=part.span, expected=("over and a name",))


def _only_name(body: Term) -> Term:
    names = list(dict.fromkeys(n for n in body.walk() if n.head == "name" and isinstance(n.data, Name)))
    if len(names) != 1:
        raise SyntaxProblem("which variable runs over the interval?", span=body.span, expected=("over and a variable",))
    return names[0]


def _is_declared(constraint: Term) -> bool:
    """A membership in a set that is no interval: what it says is a declaration."""
    return constraint.head == "rel" and constraint.data == "in" and constraint.args[1].head != "interval"


def implied_variables(term: Term, scope: Scope) -> tuple[Term, list[Prose]]:
    """A problem with constraints and without variables: over the names of the function that nobody declared, or the only one there is."""
    body = term.args[0]
    names = list(dict.fromkeys(n.data for n in expand(body, scope).walk() if n.head == "name" and isinstance(n.data, Name)))
    declared = scope.declarations
    found = [n for n in names if n not in declared] or ([names[0]] if len(names) == 1 else [])
    if not found:
        raise Undetermined("over which variables?", span=term.span, expected=tuple(f"over {n.key}" for n in names[:3]) or ("over x",))
    variables = tuple(Term("name", (), n) for n in found)
    said: list[object] = ["over "]
    for k, v in enumerate(variables):
        said += [", " if k else "", v]
    return term.with_args((body, Term("tuple", variables), *term.args[2:])), [tuple(said)]
