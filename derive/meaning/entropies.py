"""`h(X)`, the differential entropy as information theory writes it, where h is nothing else and X is random.

In: the term of a line and what is known. Out: the term with H in the place of h, and a remark.
"""

from __future__ import annotations

from derive.expressions.term import Name, Term
from derive.meaning.context import Context
from derive.meaning.scope import Scope

__all__ = ["with_entropies"]

_H = Name("h")


def with_entropies(term: Term, context: Context) -> Term:
    """The term with every `h(X)`, `h(X, Y)`, `h(X | Y)` of random variables as an entropy."""
    scope = context.scope
    if _H in scope.declarations or _H in scope.definitions:
        return term

    def change(node: Term) -> Term:
        if node.head != "call" or node.args[0] != Term("name", (), _H) or not all(_is_random(a, scope) for a in node.args[1:]):
            return node
        return Term("probability", node.args[1:], "H", node.span)

    changed = term.transform(change)
    if changed != term:
        context.notes.append(("h is the differential entropy",))
    return changed


def _is_random(term: Term, scope: Scope) -> bool:
    """A distribution, a random variable, a function of one, or a list or condition of such."""
    if term.head == "dist":
        return True
    if term.head in ("given", "list", "tuple"):
        return all(_is_random(a, scope) for a in term.args)
    for node in term.walk():
        if node.head != "name":
            continue
        known = scope.declarations.get(node.data)
        if known is not None and known.type.domain == "random":
            return True
        definition = scope.definitions.get(node.data)
        if definition is not None and not definition.parameters and _is_random(definition.body, scope):
            return True
    return False
