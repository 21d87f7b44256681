"""The terms of operations over indices: softmax and log-sum-exp along an index, deltas, unit vectors, literals.

In: the raising in progress and a node. Out: its `Term`. Raises NotSupported where notation has no word.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from derive.errors import NotSupported
from derive.expressions.term import Name, Term, call_name, number
from derive.graph.graph import walk
from derive.graph.node import Axis, Node
from derive.graph.sizes import ONE, ZERO, Size

if TYPE_CHECKING:
    from derive.graph.calculus.raising import Raising

__all__ = [
    "array", "comparison", "delta", "extreme", "joined", "label_sum", "logsumexp", "size_term", "softmax", "stack", "stretch", "unvec",
]  # fmt: skip


def size_term(size: Size) -> Term:
    """A size as a term."""
    parts: list[Term] = []
    for monomial, coefficient in sorted(size.terms, key=lambda t: (t[0] == (), t[1] < 0, t[0])):
        factors_of = [Term("name", (), Name.from_key(key)) for key in monomial]
        magnitude = abs(coefficient)
        if magnitude != 1 or not factors_of:
            factors_of.insert(0, number(magnitude))
        term = factors_of[0] if len(factors_of) == 1 else Term("mul", tuple(factors_of))
        parts.append(Term("neg", (term,)) if coefficient < 0 else term)
    if not parts:
        return number(0)
    return parts[0] if len(parts) == 1 else Term("add", tuple(parts))


def logsumexp(r: Raising, node: Node) -> Term:
    body = node.args[0]
    if isinstance(node.data, Axis):
        return call_name("log", Term("sum", (call_name("exp", r._of(body)), *r.axis(node.data)), "range"))
    return call_name("logsumexp", r._of(body))


def softmax(name: str) -> Callable[[Raising, Node], Term]:
    def raised(r: Raising, node: Node) -> Term:
        if isinstance(node.data, Axis):
            return _along(r, node, name)
        inner = call_name("softmax", r._of(node.args[0]))
        return inner if name == "softmax" else call_name("log", inner)

    return raised


def _along(r: Raising, node: Node, name: str) -> Term:
    """e^{z_j} / Σ_k e^{z_k} along a running index; its logarithm z_j − log Σ_k e^{z_k}."""
    from derive.graph.calculus.lifting import renamed

    body, axis = node.args[0], node.data
    used = {x.name for below in walk((body,)) for x in below.axes}
    letter = next(c for c in (*"klmstpqr", f"{axis.name}'") if c not in used)
    other = axis._replace(name=letter)
    total = Term("sum", (r._of(r.a.function("exp", renamed(r.a, body, axis, other))), *r.axis(other)), "range")
    if name == "softmax":
        return Term("div", (r._of(r.a.function("exp", body)), total))
    return Term("add", (r._of(body), Term("neg", (call_name("log", total),))))


def extreme(name: str) -> Callable[[Raising, Node], Term]:
    def raised(r: Raising, node: Node) -> Term:
        body = node.args[0]
        if isinstance(node.data, Axis):
            return Term("optimum", (r._of(body), Term("tuple", (r.axis(node.data)[0],))), name)
        if node.data == "last" and len(body.shape) > 1:
            turned = body.op == "transpose"
            axis = Term("keyword", (number(0 if turned else len(body.shape) - 1),), "axis")
            return Term("apply", (r._of(body.args[0] if turned else body), axis), name)
        return call_name(name, r._of(body))

    return raised


def delta(r: Raising, node: Node) -> Term:
    one = r.nodes.number(1)
    parts = node.args
    if any(p.op != "index" for p in parts):
        parts = tuple(r.nodes.add(p, one) for p in parts)
    return Term("delta", tuple(r._of(p) for p in parts))


def counted_from_zero(node: Node) -> bool:
    """Whether the value is a label or a free index, which count from 0 in the graph and from 1 on paper."""
    owner = node.args[0] if node.op == "element" else node
    return owner.op == "argument" and owner.data[0].kind in ("label", "index")


def label_sum(r: Raising, node: Node) -> Term:
    """A label counts from 1 on paper."""
    if len(node.args) == 2 and node.args[1].op == "number" and node.args[1].data == 1 and counted_from_zero(node.args[0]):
        return r._of(node.args[0])
    return r.sum_of_terms(node)


def comparison(sign: str) -> Callable[[Raising, Node], Term]:
    """A relation; where labels are compared both sides count from 1."""

    def raised(r: Raising, node: Node) -> Term:
        sides = node.args
        if any(counted_from_zero(side) for side in sides):
            sides = tuple(r.nodes.add(side, r.nodes.number(1)) for side in sides)
        return Term("rel", (r._of(sides[0]), r._of(sides[1])), sign)

    return raised


def _rows_at_labels(r: Raising, node: Node) -> Term | None:
    """E_t: a row for every label of t."""
    body = node.args[0]
    if body.op != "element" or len(node.data) != 1 or body.data[0] != ("at", 1) or any(spec != ("all",) for spec in body.data[1:]):
        return None
    label = body.args[1]
    if label.op != "element" or label.data != (("run", node.data[0], ZERO),):
        return None
    return Term("index", (r._of(body.args[0]), r._of(r.nodes.add(label.args[0], r.nodes.number(1)))))


def stack(r: Raising, node: Node) -> Term:
    """Unit vectors at labels; other arrays along running indices have no name in matrix notation."""
    body = node.args[0]
    if (rows := _rows_at_labels(r, node)) is not None:
        return rows
    position = body.args[1] if body.op == "delta" else None
    last = node.data[-1]
    here = None if position is None else r.nodes.sub(r.nodes.index(last), r.nodes.number(1))
    if position is None or body.args[0] is not here or last in position.axes:
        raise NotSupported("a gradient that has no matrix form")
    size = size_term(last.size)
    if len(node.data) == 1:
        return call_name("onehot", r._of(r.nodes.add(position, r.nodes.number(1))), size)
    if len(node.data) == 2 and position.op == "element" and position.data == (("run", node.data[0], ZERO),):
        whole = r.nodes.add(position.args[0], r.nodes.number(1))
        return call_name("onehot", r._of(whole), size)
    raise NotSupported("a gradient that has no matrix form")


def joined(r: Raising, node: Node) -> Term:
    """[h; x], [A, B]."""
    return call_name("hcat" if node.data else "concat", *(r._of(x) for x in node.args))


def unvec(r: Raising, node: Node) -> Term:
    """The matrix whose columns are stretches of a vector."""
    return call_name("unvec", r._of(node.args[0]), *map(size_term, node.data))


def stretch(r: Raising, node: Node) -> Term:
    """Rows or columns from one place to another, counted from 1."""
    dimension, first, length = node.data
    ends = (size_term(first + ONE), size_term(first + length))
    return call_name("hslice" if dimension else "slice", r._of(node.args[0]), *ends)


def array(r: Raising, node: Node) -> Term:
    """A literal."""
    entries = tuple(r._of(x) for x in node.args)
    if len(node.data) == 1:
        return Term("vector", entries)
    return Term("matrix", entries, tuple(size.constant for size in node.data))
