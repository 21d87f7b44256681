"""The range of a largest or smallest entry: max over 1 ≤ i ≤ n.

In: an `optimum` node. Out: the ends of the range of its index, where a condition says nothing else.
"""

from __future__ import annotations

from derive.expressions.term import Term

__all__ = ["interval_of"]


def interval_of(term: Term) -> tuple[Term, Term] | None:
    """The ends of the range of a maximum over 1 ≤ i ≤ n; None of anything else."""
    if term.head != "optimum" or len(term.args) != 3 or len(term.args[1].args) != 1:
        return None
    condition = term.args[2]
    if condition.head != "chain" or condition.data != ("<=", "<=") or condition.args[1] != term.args[1].args[0]:
        return None
    return condition.args[0], condition.args[2]
