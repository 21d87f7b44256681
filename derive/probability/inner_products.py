"""Inner products inside the scalar parameter of a law, written out entry by entry: the mean wᵀx of y | w ~ Normal(wᵀx, 1/β).

In: a term of rank 0 and the types of its names. Out: the term with wᵀx, ⟨w, x⟩ and ‖w‖² as sums over entries; parts of other forms are left
as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from derive.expressions.term import Name, Term, number
from derive.meaning.inference import shape_of
from derive.meaning.scope import Type

__all__ = ["entrywise", "inner_product"]

_PLACES = ("k", "l", "r", "j")


def entrywise(term: Term, types: Mapping[Name, Type]) -> Term:
    """The term with its inner products as sums over entries."""
    taken = {n.data for n in term.walk() if n.head == "name"} | {n for n, t in types.items() if t.domain == "index"}
    places = (Term("name", (), Name(p)) for p in _PLACES if Name(p) not in taken)
    place = next(places, Term("name", (), Name("k_1")))

    def change(node: Term) -> Term:
        found = inner_product(node, types)
        if found is None:
            return node
        front, left, right = found
        size = shape_of(left, types)[0]
        body = Term("mul", (_entry(left, place), _entry(right, place)))
        total = Term("sum", (body, place, number(1), size), "range")
        return Term("mul", (*front, total)) if front else total

    return _outermost(term, change)


def inner_product(term: Term, types: Mapping[Name, Type]) -> tuple[tuple[Term, ...], Term, Term] | None:
    """(scalar factors, u, v) of c uᵀv where u and v are names or rows of arrays; None for another term."""
    if term.head == "inner":
        front: tuple[Term, ...] = ()
        left, right = term.args
    elif term.head == "pow" and term.args[0].head == "norm" and term.args[0].data == "2" and term.args[1] == number(2):
        front, left, right = (), term.args[0].args[0], term.args[0].args[0]
    elif term.head == "mul" and len(term.args) > 1 and term.args[-2].head == "transpose":
        front, left, right = term.args[:-2], term.args[-2].args[0], term.args[-1]
    else:
        return None
    if any(shape_of(f, types) for f in front) or not _are_vectors((left, right), types):
        return None
    return front, left, right


def _are_vectors(terms: Iterable[Term], types: Mapping[Name, Type]) -> bool:
    return all(t.head in ("name", "index") and len(shape_of(t, types)) == 1 for t in terms)


def _entry(vector: Term, place: Term) -> Term:
    return Term("index", (*vector.args, place)) if vector.head == "index" else Term("index", (vector, place))


def _outermost(term: Term, change: Callable[[Term], Term]) -> Term:
    """The change made at the outermost places where it applies."""
    changed = change(term)
    if changed is not term:
        return Term(changed.head, changed.args, changed.data, term.span)
    return term.with_args(tuple(_outermost(a, change) for a in term.args)) if term.args else term
