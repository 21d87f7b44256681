"""Ranges of indices that are written without one and stand under no name: Σ_i softmax(z)_i runs as far as the vector goes.

In: a term whose shapes are known, and for every index without bounds the size of what it subscripts. Out: the term with these ranges.
"""

from __future__ import annotations

from collections.abc import Mapping

from derive.expressions.term import Name, Term, number
from derive.meaning.sizes import Sizes

__all__ = ["ranged"]


def ranged(term: Term, ranges: Mapping[Name, tuple[Term, bool]], sizes: Sizes) -> Term:
    """The sums and products over an index that only expressions have, with its range; where a name has the index, that says it."""
    wanted = {index: sizes.find(size) for index, (size, named) in ranges.items() if not named}

    def change(node: Term) -> Term:
        if node.head not in ("sum", "prod") or node.data != "bare" or node.args[1].data not in wanted:
            return node
        size = wanted[node.args[1].data]
        return Term(node.head, (*node.args, number(1), size), "range", node.span) if size.head in ("name", "number") else node

    return term.transform(change) if wanted else term
