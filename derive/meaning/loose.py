"""An index that a sum binds and that goes on behind it: −Σ_i y_i log p_i + (1 − y_i) log(1 − p_i).

In: a term as it was written. Out: nothing, or the question whether the sum takes what follows: by its precedence it ends before the +,
and the index would be free behind it.
"""

from __future__ import annotations

import re

from derive.errors import AmbiguousInput, Undetermined
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term
from derive.meaning.scope import Scope

__all__ = ["refuse_loose_index", "refuse_running_name"]

_BINDERS = frozenset(("sum", "prod", "integral"))
_OPERATORS = frozenset(("derivative", "gradient", "jacobian", "hessian"))


def refuse_loose_index(term: Term, scope: Scope) -> None:
    """Raises AmbiguousInput with both readings. An index that is asked for, declared or on the left of a definition is free on purpose."""
    if not term.has("sum", "prod"):
        return
    held = {n.data for n in term.args[0].walk() if n.head == "name"} if term.head == "rel" and term.args[0].head == "index" else set()
    _search(term, frozenset(held | {n for n, d in scope.declarations.items() if d.type.domain == "index"}), {})


def _search(term: Term, bound: frozenset[Name], done: dict[tuple[int, frozenset[Name]], Term]) -> None:
    if not term.args or (id(term), bound) in done:
        return
    done[id(term), bound] = term
    if term.head in _OPERATORS:
        bound |= {n.data for v in term.args[1:] for n in v.walk() if n.head == "name"}
    elif term.head in _BINDERS and len(term.args) > 1:
        bound |= {n.data for n in term.args[1].walk() if n.head == "name"}
    elif term.head == "task" and term.data in ("array", "entries"):
        bound |= {n.data for a in term.args[1:] for n in a.walk() if n.head == "name"}
    elif term.head == "add":
        _compare(term, bound)
    for argument in term.args:
        _search(argument, bound, done)


def _compare(term: Term, bound: frozenset[Name]) -> None:
    for place, part in enumerate(term.args[:-1]):
        total = _sum_in(part)
        if total is None or total.args[1].head != "name" or total.args[1].data in bound:
            continue
        index: Name = total.args[1].data
        behind = term.args[place + 1 :]
        loose = [k for k, a in enumerate(behind) if index in _free_subscripts(a, frozenset())]
        if not loose:
            continue
        rest, after = behind[: loose[-1] + 1], behind[loose[-1] + 1 :]
        within = total.with_args((Term("add", (total.args[0], *rest)), *total.args[1:]))
        longer = tuple(_exchanged(part, total, within) if a is part else a for a in term.args[: place + 1]) + after
        taken = plain(longer[0] if len(longer) == 1 else term.with_args(longer))
        ended = f"({plain(part)}) + {plain(rest[0] if len(rest) == 1 else Term('add', rest))}"
        raise AmbiguousInput(
            f"{index.key} runs in the sum and stands behind it, too: does the sum take what follows?",
            readings=(taken, ended),
            span=behind[loose[0]].span or term.span,
            expected=("brackets around what the sum takes",),
        )


def refuse_running_name(term: Term, bound: frozenset[str] = frozenset(), members: frozenset[Name] = frozenset()) -> None:
    """A name with an index in it that a sum runs over, and that is no entry of an array: the sum would be so many times the same.

    `members` are names such as X_i that a law was declared for: the sum runs over the sample.
    """
    if term.head == "name" and term.data in members:
        return
    if term.head == "name":
        parts = set(re.findall(r"[A-Za-z]+", term.data.sub)) | set(re.findall(r"[A-Za-z]+", term.data.sup.strip("()[]")))
        met = sorted(parts & bound)
        if met:
            raise Undetermined(
                f"{met[0]} runs, and {term.data.key} is read as one name: nothing says which part of it is an index",
                span=term.span,
                expected=("indices apart by commas, such as x_{i,1}",),
            )
        return
    if term.head in ("sum", "prod") and len(term.args) > 1:
        inner = bound | {n.data.base for n in term.args[1].walk() if n.head == "name"}
        for place, argument in enumerate(term.args):
            refuse_running_name(argument, inner if place == 0 else bound, members)
        return
    for argument in term.args[1:] if term.head == "call" else term.args:
        refuse_running_name(argument, bound, members)


def _exchanged(term: Term, old: Term, new: Term) -> Term:
    return new if term is old else term.with_args(tuple(_exchanged(a, old, new) for a in term.args))


def _sum_in(term: Term) -> Term | None:
    """The sum that a term of a sum ends with: −(1/n) Σ_i …."""
    if term.head in ("sum", "prod") and len(term.args) > 1:
        inner = _sum_in(term.args[0])
        return inner or term
    if term.head in ("neg", "mul"):
        return _sum_in(term.args[-1])
    return None


def _free_subscripts(term: Term, bound: frozenset[Name]) -> set[Name]:
    """The names that stand free in subscripts."""
    if term.head in _BINDERS and len(term.args) > 1:
        bound |= {n.data for n in term.args[1].walk() if n.head == "name"}
    found = {n.data for a in term.args[1:] for n in a.walk() if n.head == "name"} - bound if term.head == "index" else set()
    for argument in term.args:
        found |= _free_subscripts(argument, bound)
    return found
