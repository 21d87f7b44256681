"""Who is random in somebody's own derivation, where nothing was declared of them: X in Var(X + Y), A in P(A or B).

In: a model and the rows as terms. Out: the model in which these names are variables and events of which nothing is known. Without it a
name would be a constant, every variance 0 and every identity between variances true.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import symbol
from derive.probability.model import EventFact, Model, Variable

__all__ = ["with_bare_names"]

_OPERATORS = ("E", "Var", "Cov", "Corr", "SD", "MGF")
_CAPITALS = frozenset("XYZUVW")
_SMALL = frozenset(("x", "y", "z", "u", "v", "w", "epsilon", "varepsilon", "xi", "eta"))
_BINDERS = ("sum", "prod", "integral", "optimum", "lambda")


def with_bare_names(model: Model, rows: Sequence[Term]) -> Model:
    """The model with the names that stand inside a moment or an event and of which nothing was said."""
    fresh = _variables(model, rows)
    variables = {**model.variables, **{n: Variable(n, symbol(n, model.types.get(n))) for n in fresh}}
    events = tuple(EventFact(Term("name", (), n), None, Term("name", (), Name(f"P({n.key})"))) for n in _events(model, rows))
    return replace(model, variables=variables, events=(*model.events, *events))


def _variables(model: Model, rows: Sequence[Term]) -> list[Name]:
    inside = dict.fromkeys(
        node.data
        for row in rows
        for operator in row.walk()
        if operator.head == "probability" and operator.data in _OPERATORS
        for node in _free(operator)
        if not _is_indexed(node.data, model)
    )
    unknown = [n for n in inside if not _is_declared(n, model)]
    found = [n for n in unknown if n.base in _CAPITALS and not n.accents and not n.sup]
    if found or any(model.is_random(n) for n in inside):
        return found
    return [n for n in unknown if n.base in _SMALL] or unknown


def _free(operator: Term) -> Iterator[Term]:
    """The names of an operator that nothing inside it binds."""
    bound = {n.args[1] for n in operator.walk() if n.head in _BINDERS and len(n.args) > 1}
    return (n for n in operator.walk() if n.head == "name" and n not in bound)


def _is_indexed(name: Name, model: Model) -> bool:
    return bool(name.sub) and model.sample_of(name) is not None


def _is_declared(name: Name, model: Model) -> bool:
    if model.is_random(name) or name in model.samples:
        return True
    kind = model.types.get(name)
    if kind is None:
        return False
    return kind.domain not in ("random", "real") or kind.lower is not None or kind.upper is not None or bool(kind.shape)


def _events(model: Model, rows: Sequence[Term]) -> list[Name]:
    """Names that stand as statements inside P(…) and are no variables."""
    known = {n.data for f in model.events for t in (f.event, f.given, f.equation) if t is not None for n in _statements(t)}
    found: dict[Name, None] = {}
    for row in rows:
        for operator in row.walk():
            if operator.head == "probability" and operator.data == "P":
                for part in operator.args:
                    for node in _statements(part):
                        if node.data not in known and not model.is_random(node.data) and node.data not in model.samples:
                            found[node.data] = None
    return list(found)


def _statements(term: Term) -> Iterator[Term]:
    """The names that an event is made of: A and B of `A and not B`; none of `X > c`."""
    if term.head == "name":
        yield term
    elif term.head in ("and", "or", "not", "list", "given", "tuple") or term.head == "probability":
        for part in term.args:
            yield from _statements(part)
