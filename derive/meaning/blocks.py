"""Literals whose entries are arrays: [h; x], [h, x] behind a matrix, (h over x) as a column, [A, B] side by side.

In: a literal with what is known of the ranks of its entries. Out: the ranks of such literals, and `concat(h, x)`, `hcat(A, B)` in their
place. Vectors follow each other; matrices stand side by side in a row and one above the other in a column.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.expressions.term import Term, number

__all__ = ["JOINING", "as_joined", "joined_shape", "rank_of_block"]

JOINING = frozenset(("concat", "hcat", "slice", "hslice"))

Rank = Callable[[Term], int | None]


def rank_of_block(term: Term, rank: Rank) -> int | None:
    """The rank of a literal of arrays; None where its entries are numbers, as far as is known."""
    ranks = {rank(a) for a in term.args}
    if ranks == {0, 1} and term.head == "matrix" and term.data[1] == 1:
        return 1  # [x; 1]
    if len(ranks) != 1 or len(term.args) < 2:
        return None
    (inner,) = ranks
    if inner == 2 and (term.head == "vector" or 1 in term.data):
        return 2
    return 1 if inner == 1 and term.head == "matrix" and term.data[1] == 1 else None


def as_joined(term: Term, rank: Rank, *, behind_matrix: bool = False) -> Term | None:
    """The literal as arrays one after the other; None where it is none. [h, x] of vectors follow each other behind a matrix only:
    elsewhere they could be the rows of one."""
    if term.head not in ("vector", "matrix") or (term.head == "vector" and term.data == "np"):
        return None
    found = rank_of_block(term, rank)
    if found is None and behind_matrix and term.head == "vector" and len(term.args) > 1 and {rank(a) for a in term.args} in ({1}, {0, 1}):
        found = 1
    if found is None:
        return None
    side_by_side = found == 2 and (term.head == "vector" or term.data[0] == 1)
    return Term("apply", term.args, "hcat" if side_by_side else "concat", term.span)


def joined_shape(function: str, args: tuple[Term, ...], shapes: list[tuple[Term, ...]]) -> tuple[Term, ...]:
    """The shape of arrays one after the other, of a stretch."""
    along = 1 if function in ("hcat", "hslice") else 0
    first = max(shapes, key=len)
    if len(first) <= along:
        return first
    if function in ("concat", "hcat"):
        sizes: list[Term] = []
        for shape in shapes:
            part = shape[along] if len(shape) > along else number(1)
            sizes += part.args if part.head == "add" else (part,)
        total = sizes[0] if len(sizes) == 1 else Term("add", tuple(sizes))
    else:
        total = _length(args[1], args[2])
    return (*first[:along], total, *first[along + 1 :])


def _length(first: Term, last: Term) -> Term:
    if first == number(1):
        return last
    parts = list(last.args) if last.head == "add" else [last]
    for part in first.args if first.head == "add" else (first,):
        if part in parts:
            parts.remove(part)
        elif part == number(1):
            parts.append(number(1))
        else:
            parts.append(Term("neg", (part,)))
    ones = sum(1 for p in parts if p == number(1))
    for _ in range(2 if ones >= 2 else 0):
        parts.remove(number(1))
    return parts[0] if len(parts) == 1 else Term("add", tuple(parts)) if parts else number(0)
