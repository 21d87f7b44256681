"""The largest entry under a condition, max_{i ≠ j} ‖x_i − x_j‖ or max_{1 ≤ i ≤ n} x_i, runs over what a sum with this condition runs over.

In: a term with `optimum` nodes over indices. Out: the same with sums in their place, whose bodies are marked; and back again.
"""

from __future__ import annotations

from derive.expressions.term import Term

__all__ = ["as_extremes", "as_sums", "has_conditions"]

_MARK = "extreme"
_KINDS = frozenset(("max", "min"))


def has_conditions(term: Term) -> bool:
    """Whether some maximum or minimum is taken over indices under a condition."""
    return any(_is_over_entries(node) for node in term.walk())


def _is_over_entries(node: Term) -> bool:
    if node.head != "optimum" or node.data not in _KINDS or len(node.args) != 3 or node.args[1].head != "tuple":
        return False
    places = [a for part in node.args[0].walk() if part.head == "index" for a in part.args[1:]]
    subscripts = {n.data for a in places for n in a.walk() if n.head == "name"}
    return bool(node.args[1].args) and all(v.head == "name" and v.data in subscripts for v in node.args[1].args)


def as_sums(term: Term) -> Term:
    """A sum in the place of each such maximum; its body is marked."""

    def change(node: Term) -> Term:
        if not _is_over_entries(node):
            return node
        body, variables, condition = node.args
        made = Term(_MARK, (body,), node.data, node.span)
        for variable in reversed(variables.args):
            made = Term("sum", (made, variable, _spelled(condition)), "cond", node.span)
        return made

    return term.transform(change)


def _spelled(condition: Term) -> Term:
    """i ∈ {1, …, n} as 1 ≤ i ≤ n."""
    if condition.head == "rel" and condition.data == "in" and condition.args[1].head == "set":
        listed = condition.args[1].args
        if len(listed) == 3 and listed[1].head == "dots":
            return Term("chain", (listed[0], condition.args[0], listed[2]), ("<=", "<="), condition.span)
    return condition


def as_extremes(term: Term) -> Term:
    """Maxima again in the place of the marked sums, one for each index."""
    if not term.args:
        return term
    levels: list[Term] = []
    inner = term
    while inner.head == "sum":
        levels.append(inner)
        inner = inner.args[0]
    if inner.head != _MARK:
        return term.with_args(tuple(map(as_extremes, term.args)))
    made = as_extremes(inner.args[0])
    for level in reversed(levels):
        index, *more = level.args[1:]
        if level.data == "range":
            more = [Term("chain", (more[0], index, more[1]), ("<=", "<="))]
        made = Term("optimum", (made, Term("tuple", (index,)), *more), inner.data, level.span)
    return made
