"""How far a bar `|_{x = a}` reaches: over the whole product that it ends, and over the derivative in front of it.

In: terms as the parser makes them, the bar on the last factor. Out: the same with the bar around what it is meant for. (d/dx) x² |_{x=a} is
2a: were the bar on x² alone, the derivative of a constant would be asked for.
"""

from __future__ import annotations

from collections.abc import Iterable

from derive.expressions.term import Term

__all__ = ["around_derivative", "around_product"]

_SPINE = ("mul", "neg", "apply")


def around_derivative(derivative: Term) -> Term:
    """The derivative or gradient at a point, where its body ends with a bar that gives its variable a value."""
    body, *orders = derivative.args
    found = _lifted(body, {v for v in orders if v.head == "name"} if orders else {n for n in body.walk() if n.head == "name"})
    if found is None:
        return derivative
    inner, pairs = found
    return Term("at", (derivative.with_args((inner, *orders)), *pairs), None, derivative.span)


def around_product(term: Term) -> Term:
    """The product at a point, where its last factor ends with a bar for a name that the others hold, too."""
    if term.head != "mul":
        return term
    *others, last = term.args
    names = {node for factor in others for node in factor.walk() if node.head == "name"}
    if last.head == "add" and [a.head for a in last.args] == ["at", "neg"] and last.args[1].args[0].head == "at":  # between two ends
        upper, lower = last.args[0], last.args[1].args[0]
        ends = [_lifted(term.with_args((*others, end)), names) for end in (upper, lower)]
        if upper.args[0] != lower.args[0] or None in ends:
            return term
        above, below = (Term("at", (end[0], *end[1]), None, term.span) for end in ends if end is not None)
        return last.with_args((above, last.args[1].with_args((below,))))
    if last.head != "at":
        return term
    found = _lifted(term, names)
    return term if found is None else Term("at", (found[0], *found[1]), None, term.span)


def _lifted(body: Term, names: Iterable[Term]) -> tuple[Term, tuple[Term, ...]] | None:
    """The body without the bar at its right end, and the bar's names and values; None without one for these names."""
    if body.head == "at":
        inner, *pairs = body.args
        return (inner, tuple(pairs)) if set(pairs[::2]) & set(names) else None
    if body.head in ("sum", "prod") and len(body.args) > 1:
        found = _lifted(body.args[0], names)
        if found is None or any(value.has("name") and body.args[1] in set(value.walk()) for value in found[1]):
            return None  # the point runs with the index
        return body.with_args((found[0], *body.args[1:])), found[1]
    if body.head not in _SPINE or not body.args:
        return None
    found = _lifted(body.args[-1], names)
    return None if found is None else (body.with_args((*body.args[:-1], found[0])), found[1])
