"""max(X_1, …, X_n) and min_i X_i of a sample are its largest and its smallest order statistic.

In: a term and the model. Out: the term with X_(n) and X_(1) in their place.
"""

from __future__ import annotations

from derive.expressions.plain import plain
from derive.expressions.term import Term, number
from derive.probability.model import Model, Sample

__all__ = ["with_order_statistics"]


def with_order_statistics(term: Term, model: Model) -> Term:
    """The term in which extremes over all members of a sample are order statistics."""
    if not model.samples or not (term.has("apply") or term.has("optimum")):
        return term

    def change(node: Term) -> Term:
        found = _listed(node, model) if node.head == "apply" else _running(node, model) if node.head == "optimum" else None
        if found is None or found.size is None:
            return node
        rank = "1" if node.data == "min" else plain(found.size)
        return Term("name", (), found.base._replace(sub=f"({rank})"), node.span)

    return term.transform(change)


def _listed(node: Term, model: Model) -> Sample | None:
    """The sample of max(X_1, …, X_n)."""
    if node.data not in ("max", "min") or len(node.args) != 3 or node.args[1].head != "dots":
        return None
    first, last = node.args[0], node.args[2]
    if first.head != "name" or last.head != "name" or first.data.sub != "1":
        return None
    sample = model.sample_of(first.data)
    if sample is None or sample.size is None or last.data != sample.base._replace(sub=plain(sample.size)):
        return None
    return sample


def _running(node: Term, model: Model) -> Sample | None:
    """The sample of max_i X_i, over the whole range of i."""
    if node.data not in ("max", "min") or len(node.args) < 2 or len(node.args[1].args) != 1 or node.args[0].head != "index":
        return None
    index = node.args[1].args[0]
    base = node.args[0].args[0]
    sample = model.samples.get(base.data) if base.head == "name" else None
    if sample is None or sample.size is None or node.args[0].args[1:] != (index,):
        return None
    whole = Term("chain", (number(1), index, sample.size), ("<=", "<="))
    return sample if len(node.args) == 2 or node.args[2:] == (whole,) else None
