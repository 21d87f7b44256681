"""Sums, means, extremes, softmax and elements of arrays, over named axes and over positions."""

from __future__ import annotations

from collections.abc import Sequence

from derive.errors import NotSupported
from derive.graph.calculus.adjoints.types import Adjoint
from derive.graph.calculus.algebra import Algebra
from derive.graph.calculus.factors import is_number
from derive.graph.node import Axis, Node
from derive.graph.sizes import ONE, ZERO

__all__ = ["REDUCTIONS", "over_positions"]


def over_positions(a: Algebra, g: Node, node: Node) -> Node:
    """The adjoint of a reduction beside the entries that were reduced."""
    body = node.args[0]
    if node.data == "last" and len(body.shape) == 2 and g.shape:
        return a.outer(g, a.ones(body.shape[-1:]))
    if node.data == "last" and len(body.shape) > 2 and g.shape:
        axes = tuple(Axis(f"{letter}'", ONE, size) for letter, size in zip("ijklpqrs", body.shape, strict=False))
        return a.stack(a.element(g, tuple(("run", axis, ZERO) for axis in axes[:-1])), axes)
    return g


def _sum(a: Algebra, node: Node, g: Node) -> Sequence[Node | None]:
    return (over_positions(a, g, node),)


def _count(a: Algebra, node: Node) -> Node:
    if isinstance(node.data, Axis):
        return a.size(node.data.size)
    shape = node.args[0].shape
    return a.count(shape if node.data == "all" else shape[-1:])


def _mean(a: Algebra, node: Node, g: Node) -> Sequence[Node | None]:
    return (a.div(over_positions(a, g, node), _count(a, node)),)


def _variance(a: Algebra, node: Node, g: Node) -> Sequence[Node | None]:
    body = node.args[0]
    mean = a.nodes.make("mean", body, data=node.data)
    centred = a.sub(body, over_positions(a, mean, node))
    return (a.mul(a.number(2), over_positions(a, g, node), a.div(centred, _count(a, node))),)


def _prod(a: Algebra, node: Node, g: Node) -> Sequence[Node | None]:
    return (a.div(over_positions(a, a.mul(g, node), node), node.args[0]),)


def _extreme(a: Algebra, node: Node, g: Node) -> Sequence[Node | None]:
    body = node.args[0]
    here = a.function("indicator", a.function("equal", body, over_positions(a, node, node)))
    return (a.mul(over_positions(a, g, node), here),)


def _sort(a: Algebra, node: Node, g: Node) -> Sequence[Node | None]:
    """Σ_j g_j [x_i = s_j] for the sorted entries s: every entry has the adjoint of its place in the order."""
    x = node.args[0]
    if len(x.shape) != 1:
        raise NotSupported("gradients of the sorted rows of a matrix")
    if not g.shape:
        return (g,)
    here, there = Axis("i'", ONE, x.shape[0]), Axis("j'", ONE, x.shape[0])
    same = a.function("equal", a.element(x, (("run", here, ZERO),)), a.element(node, (("run", there, ZERO),)))
    found = a.nodes.make("sum", a.mul(a.element(g, (("run", there, ZERO),)), a.function("indicator", same)), data=there)
    return (a.nodes.make("stack", found, data=(here,)),)


def _along(a: Algebra, x: Node, node: Node) -> Node:
    """Σ over the axis of a softmax, beside the entries."""
    if isinstance(node.data, Axis):
        return a.sum(x, node.data)
    total = a.sum(x, "last")
    return a.outer(total, a.ones(node.shape[-1:])) if len(node.shape) == 2 else total


def _softmax(a: Algebra, node: Node, g: Node) -> Sequence[Node | None]:
    if not g.shape and node.data == "last":
        return (None,)  # the entries sum to 1
    return (a.mul(node, a.sub(g, _along(a, a.mul(node, g), node))),)


def _log_softmax(a: Algebra, node: Node, g: Node) -> Sequence[Node | None]:
    p = a.nodes.make("softmax", node.args[0], data=node.data)
    g = g if isinstance(node.data, Axis) else a.full(g, node.shape)
    return (a.sub(g, a.mul(_along(a, g, node), p)),)


def _logsumexp(a: Algebra, node: Node, g: Node) -> Sequence[Node | None]:
    body = node.args[0]
    if node.data == "all" and len(body.shape) > 1:
        raise NotSupported("gradients of the log-sum-exp of a whole matrix")
    p = a.nodes.make("softmax", body, data="last" if node.data == "all" else node.data)
    return (a.mul(over_positions(a, g, node), p),)


# ---------------------------------------------------------------------------------------------- elements
def _element(a: Algebra, node: Node, g: Node) -> Sequence[Node | None]:
    """The adjoint of an array from that of its elements: along running indices it is the stack of them."""
    array, specs = node.args[0], node.data
    kept = [k for k, spec in enumerate(specs) if spec[0] == "all"]
    if len(array.shape) > 2 and kept:
        raise NotSupported("gradients through elements of such an array")
    if kept:
        g = a.full(g, node.shape)
    body, axes = g, []
    seen: set[Axis] = set()
    gone: list[Axis] = []
    for place, spec in enumerate(specs):
        if spec[0] == "all":
            continue
        size = array.shape[place]
        if spec[0] == "run" and spec[2] == ZERO and spec[1].size == size and spec[1] not in seen:
            seen.add(spec[1])
            axes.append(spec[1])
            continue
        fresh = Axis(f"{'klmpqrst'[place]}'", ONE, size)
        if spec[0] == "run":
            position = a.add(a.nodes.index(spec[1]), a.size(spec[2] - spec[1].lower))
            gone.append(spec[1])
        else:
            position = node.args[spec[1]]
            gone += [x for x in position.axes if x not in gone]
        here = a.sub(a.nodes.index(fresh), a.number(1))
        body = a.mul(body, a.nodes.make("delta", here, position))
        axes.append(fresh)
    for axis in node.axes:
        if axis not in axes and axis not in array.axes:
            body = a.sum(body, axis)
    made = a.stack(body, tuple(axes))
    if kept and kept[0] == 0 and len(specs) == 2:
        made = a.transpose(made)
    return (made, *(None for _ in node.args[1:]))


def _stack(a: Algebra, node: Node, g: Node) -> Sequence[Node | None]:
    if not g.shape:
        return (g,)
    specs = (*(("run", axis, ZERO) for axis in node.data), *(("all",) for _ in node.args[0].shape))
    return (a.element(g, specs),)


def _pick(a: Algebra, node: Node, g: Node) -> Sequence[Node | None]:
    here = a.nodes.make("delta", a.nodes.index(node.data), node.args[1])
    return (a.mul(g, here), None)


def _where(a: Algebra, node: Node, g: Node) -> Sequence[Node | None]:
    condition, _, no = node.args
    zero = a.number(0)
    if is_number(no, 0):
        return (None, a.mul(g, a.function("indicator", condition)), None)
    return (None, a.function("where", condition, g, zero), a.function("where", condition, zero, g))


REDUCTIONS: dict[str, Adjoint] = {
    "sum": _sum,
    "mean": _mean,
    "variance": _variance,
    "prod": _prod,
    "amax": _extreme,
    "amin": _extreme,
    "sort": _sort,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "logsumexp": _logsumexp,
    "element": _element,
    "stack": _stack,
    "pick": _pick,
    "where": _where,
}
