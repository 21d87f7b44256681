"""Estimates by their typography: `\\hat\\lambda_{MLE}` is the task `mle of lambda`, `\\hat\\sigma^2_{MLE}` that of sigma².

In: the term of a line. Out: the task, or None for a line that is no estimate; and a hat over σ² as the square of a hatted name.
"""

from __future__ import annotations

from derive.expressions.term import Name, Term
from derive.reading.item import Item

__all__ = ["estimate", "hat_of_a_power"]

_TASKS = {"MLE": "mle", "ML": "mle", "MAP": "map"}


def estimate(term: Term) -> Term | None:
    """The task that a hatted name stands for, or a list of such names of one kind."""
    members = term.args if term.head == "list" else (term,)
    found = [_parameter(m) for m in members]
    kinds = {f[1] for f in found if f is not None}
    if None in found or len(kinds) != 1:
        return None
    (kind,) = kinds
    parameters = tuple(f[0] for f in found if f is not None)
    asked = parameters[0] if len(parameters) == 1 else Term("list", parameters, None, term.span)
    return Term("task", (asked,), kind, term.span)


def _parameter(term: Term) -> tuple[Term, str] | None:
    """λ and "mle" of λ̂_MLE; σ² of σ̂²_MLE."""
    if term.head == "pow" and term.args[1].head == "number":
        inner = _parameter(term.args[0])
        return None if inner is None else (Term("pow", (inner[0], term.args[1]), None, term.span), inner[1])
    if term.head != "name" or term.data.accents != ("hat",) or term.data.sub.upper() not in _TASKS:
        return None
    return Term("name", (), Name(term.data.base, term.data.font), term.span), _TASKS[term.data.sub.upper()]


def hat_of_a_power(item: Item) -> Item | None:
    """`\\widehat{\\sigma^2}_{MLE}` as `\\hat\\sigma_{MLE}^2`; None for a hat over anything but a power of one name."""
    inner = item.children
    while len(inner) == 1 and inner[0].kind == "group" and inner[0].is_bare():
        inner = inner[0].children
    if item.text != "hat" or item.sup is not None or len(inner) != 1:
        return None
    (one,) = inner
    if one.kind != "name" or one.sub is not None or one.primes or one.sup is None:
        return None
    bare = Item(one.kind, one.text, one.children, one.start, one.end)
    return Item(item.kind, item.text, (bare,), item.start, item.end, sub=item.sub, sup=one.sup, primes=item.primes, space=item.space)
