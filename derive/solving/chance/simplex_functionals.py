"""H(p), H(p, q) and KL(p ‖ q) of vectors on the simplex as sums over their entries, for tasks that go on with them as functions.

In: a term and the types of its names. Out: the term with sums in the place of entropies and divergences of such vectors.
"""

from __future__ import annotations

from collections.abc import Mapping

from derive.expressions.term import Name, Term, number
from derive.meaning.scope import Type

__all__ = ["with_sums"]

_FUNCTIONS = frozenset(("optimum", "gradient", "derivative", "hessian", "jacobian"))


def with_sums(term: Term, types: Mapping[Name, Type]) -> Term:
    """Entropies and divergences of vectors of probabilities written out; all else stays."""
    if term.head not in _FUNCTIONS or not term.has("probability"):
        return term
    taken = {n.data for n in term.walk() if n.head == "name"} | {n.data for t in types.values() for s in t.shape for n in s.walk()}
    index = Term("name", (), next(Name(c) for c in "kjilm" if Name(c) not in taken))

    def change(node: Term) -> Term:
        if node.head != "probability" or node.data not in ("H", "KL"):
            return node
        operands = node.args[0].args if node.args and node.args[0].head == "divergence_bar" else node.args
        sizes = {_size(o, types) for o in operands}
        if len(operands) not in (1, 2) or None in sizes or (node.data == "KL" and len(operands) != 2):
            return node
        (size, *_) = [s for s in sizes if s is not None]
        p, q = (Term("index", (o, index)) for o in (operands[0], operands[-1]))
        inside = Term("div", (p, q)) if node.data == "KL" else q
        total = Term("sum", (Term("mul", (p, Term("apply", (inside,), "log"))), index, number(1), size), "range", node.span)
        return total if node.data == "KL" else Term("neg", (total,), None, node.span)

    return term.transform(change)


def _size(term: Term, types: Mapping[Name, Type]) -> Term | None:
    """The length of a vector on the simplex."""
    kind = types.get(term.data) if term.head == "name" else None
    return kind.shape[0] if kind is not None and len(kind.shape) == 1 and "simplex" in kind.properties else None
