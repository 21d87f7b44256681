"""How many axes the names have that nobody declared: from subscripts, axes, products, and what they are added to.

In: the terms of a piece of NumPy, positions counted from 0. Out: the rank of every name that must be an array. What nothing makes an array
is a number; the reading shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from derive.expressions.term import Name, Term, integer
from derive.meaning.numpy_notation.shaped.reductions import ALONG, REDUCING
from derive.meaning.ranks import Ranks, is_matrix_letter
from derive.meaning.scope import Type

__all__ = ["guessed_ranks"]

ROUNDS = 6
SCALAR_LETTERS = frozenset(("lambda", "alpha", "eta", "gamma", "tau", "epsilon", "eps", "c", "t", "s", "k", "n", "m", "d"))
ENTRYWISE = frozenset(("add", "neg", "mul", "div", "pow", "sqrt", "abs", "root", "cases", "rel", "and", "or", "not", "indicator", "chain"))


def guessed_ranks(definitions: Sequence[tuple[Name, Term]], body: Term, types: Mapping[Name, Type]) -> dict[Name, int]:
    """The ranks of the names without a declared type, as far as they must be arrays."""
    known: dict[Name, int] = {n: len(t.shape) for n, t in types.items()}
    local = {n for n, _ in definitions}
    found: dict[Name, int] = {}
    terms = [*(term for _, term in definitions), body]
    for term in terms:
        for name, rank in _said(term):
            if name not in known and name not in local:
                found[name] = max(found.get(name, 0), rank)
    ranks = Ranks(types)
    for _ in range(ROUNDS):
        ranks.ranks.update(found)
        ranks.changed = False
        ranks.forget()
        for name, term in definitions:
            made = ranks.rank(term)
            if made:
                ranks.ranks.setdefault(name, made)
        ranks.rank(body)
        for name, rank in ranks.ranks.items():
            if name not in known and name not in local and rank:
                found[name] = max(found.get(name, 0), rank)
        new = _under_reductions(terms, {**known, **ranks.ranks, **found}, local)
        if not new and not ranks.changed:
            break
        found.update(new)
    return found


def _said(term: Term) -> Iterable[tuple[Name, int]]:
    """Least ranks that a subscript, an axis or a function says."""
    for node in term.walk():
        first = node.args[0] if node.args else node
        if first.head != "name":
            if node.head == "apply" and node.data in REDUCING | ALONG and _axis_rank(node) > 1:
                yield from ((name, _axis_rank(node)) for name in _whole_names(first))
            continue
        name: Name = first.data
        if node.head == "slice":
            yield name, sum(part.head not in ("word", "dots") for part in node.args[1:])
        elif node.head == "size" and len(node.args) == 2:
            place = integer(node.args[1]) or 0
            yield name, place + 1 if place >= 0 else -place
        elif node.head == "transpose" or (node.head == "matmul" and is_matrix_letter(name)):
            yield name, 2 if is_matrix_letter(name) else 1
        elif node.head in ("inverse", "pinv") or (node.head == "norm" and node.data in ("F", "*")):
            yield name, 2
        elif node.head == "apply" and node.data in REDUCING | ALONG and (len(node.args) == 1 or node.args[-1].head == "keyword"):
            yield name, max(_axis_rank(node), 2 if is_matrix_letter(name) else 1)
        elif node.head == "numpy" and node.data in ("np.tril", "np.triu", "linalg.cholesky", "linalg.lstsq"):
            yield name, 2
        elif node.head == "numpy" and node.data in ("np.argmax", "np.argmin", "np.sort", "np.diff"):
            yield name, _axis_rank(node)
    for node in term.walk():  # np.einsum has its text first
        if node.head == "numpy" and node.data == "np.einsum" and node.args[0].head == "word":
            inputs = node.args[0].data.replace(" ", "").partition("->")[0].split(",")
            for part, array in zip(inputs, node.args[1:], strict=False):
                if array.head == "name":
                    yield array.data, len(part)


def _whole_names(term: Term) -> list[Name]:
    """The names that have all the axes of a term that is made entry by entry: its only one, or those with a capital letter."""
    found = _entrywise_names(term) or []
    names = found if len(found) == 1 else [n for n in found if n.base not in SCALAR_LETTERS]
    return names if len(names) == 1 else [n for n in names if is_matrix_letter(n)]


def _axis_rank(node: Term) -> int:
    axis = next((a.args[0] for a in node.args if a.head == "keyword" and a.data == "axis"), None)
    if axis is None or axis.head == "word":
        return 1
    places = [integer(part) or 0 for part in (axis.args if axis.head == "tuple" else (axis,))]
    return max((p + 1 if p >= 0 else -p) for p in places)


def _under_reductions(terms: Sequence[Term], known: Mapping[Name, int], local: set[Name]) -> dict[Name, int]:
    """What is added up entry by entry, where nothing of it is known to be an array, is made of vectors."""
    found: dict[Name, int] = {}
    for term in terms:
        for node in term.walk():
            if node.head != "apply" or node.data not in REDUCING or (len(node.args) > 1 and node.args[-1].head != "keyword"):
                continue
            names = _entrywise_names(node.args[0])
            if names is None or any(known.get(n) or n in local for n in names):
                continue
            wanted = [n for n in names if n.base not in SCALAR_LETTERS] or names
            found.update({n: 2 if is_matrix_letter(n) and all(is_matrix_letter(w) for w in wanted) else 1 for n in wanted})
    return found


def _entrywise_names(term: Term) -> list[Name] | None:
    """The names that stand in the term, None where something in it is not entry by entry."""
    if term.head == "name":
        return [term.data]
    if term.head in ("number", "constant", "otherwise"):
        return []
    reduces = term.head == "apply" and term.data in REDUCING | ALONG and (len(term.args) == 1 or term.args[-1].head == "keyword")
    if reduces or term.head not in (*ENTRYWISE, "apply"):
        return None
    names: dict[Name, None] = {}
    for argument in term.args:
        inner = _entrywise_names(argument)
        if inner is None:
            return None
        names.update(dict.fromkeys(inner))
    return list(names)
