"""Rows of the variable: x_i in ∇_X Σ_i ‖x_i‖² is row i of X, where nothing else says what x is.

In: the term of a task and the scope. Out: the term over the variable itself, and what was taken so. Without it the gradient would be 0.
"""

from __future__ import annotations

from derive.derivation import Prose
from derive.expressions.term import Name, Term
from derive.meaning.expand import expand
from derive.meaning.scope import Scope

__all__ = ["with_rows"]

_OPERATORS = ("gradient", "hessian", "jacobian")


def with_rows(term: Term, scope: Scope) -> tuple[Term, list[Prose]]:
    """The term with the rows of its variables; a variable that occurs, or a name that is known, is left alone."""
    if not term.has(*_OPERATORS) or not (term.has("index") or scope.definitions):
        return term, []
    notes: list[Prose] = []

    def change(node: Term) -> Term:
        if node.head not in _OPERATORS or len(node.args) < 2:
            return node
        body, *variables = node.args
        named = [v for part in variables for v in (part.args if part.head in ("tuple", "vector", "list") else (part,)) if v.head == "name"]
        for variable in named:
            if body.head == "name" and body.data in scope.definitions and _is_in_none(variable.data, scope):
                formula = expand(body, scope)  # ∇_W L, where L holds w_k
                linked = _linked(formula, variable, scope, notes)
                body = body if linked is formula else linked
            else:
                body = _linked(body, variable, scope, notes)
        return node.with_args((body, *variables))

    return term.transform(change), notes


def _linked(body: Term, variable: Term, scope: Scope, notes: list[Prose]) -> Term:
    capital: Name = variable.data
    if not capital.base[:1].isupper() or len(capital.base) != 1 or capital.sub or capital.sup:
        return body
    names = {n.data for n in body.walk() if n.head == "name"}
    if capital in names or any(n in scope.definitions for n in names):
        return body
    rows = {n for n in names if n.base == capital.base.lower() and not (n.sub or n.sup or n.accents or n.primes)}
    rows = {n for n in rows if _is_open(n, scope) and n not in scope.definitions}
    places = [n for n in body.walk() if n.head == "index" and n.args[0].head == "name" and n.args[0].data in rows]
    if len(rows) != 1 or not places or any(len(p.args) != 2 or p.data is not None for p in places):
        return body
    (small,) = rows
    if sum(1 for n in body.walk() if n.head == "name" and n.data == small) != len(places):
        return body  # x stands by itself, too
    notes.append((places[0].at(None), " is a row of ", variable))
    return body.transform(lambda n: variable.at(n.span) if n.head == "name" and n.data == small else n)


def _is_in_none(capital: Name, scope: Scope) -> bool:
    """Whether no definition holds the capital, and one of them its small letter: then the rows of the capital may be meant."""
    if len(capital.base) != 1 or not capital.base.isupper() or capital.sub or capital.sup or capital in scope.definitions:
        return False
    held = {n.data for d in scope.definitions.values() for n in d.body.walk() if n.head == "name"}
    return capital not in held and any(_is_open(n, scope) and n.base == capital.base.lower() for n in held)


def _is_open(name: Name, scope: Scope) -> bool:
    """Whether nobody said what the name is; a definition that holds x_i says no more than that x has rows."""
    declared = scope.declarations.get(name)
    return declared is None or (len(declared.type.shape) == 2 and declared.type.shape[1].head == "blank")
