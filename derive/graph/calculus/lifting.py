"""From running indices to whole arrays: `stack_i(log p_i)` is `log p`, `stack_k(Σ_j A_kj x_j)` is `A x`.

In: a tidy node and named axes. Out: the array whose leading dimensions run over them, in matrix form where there is one, else a
`stack` node. Also the renaming of a running index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derive.graph.calculus.factors import ONE as UNIT
from derive.graph.calculus.factors import Factors, factors, product
from derive.graph.graph import walk
from derive.graph.node import Axis, Node
from derive.graph.operations import OPERATIONS
from derive.graph.sizes import ZERO

if TYPE_CHECKING:
    from derive.graph.calculus.algebra import Algebra

__all__ = ["element_of_stack", "lifted", "renamed", "stacked"]


def stacked(a: Algebra, body: Node, axes: tuple[Axis, ...]) -> Node:
    """The array with leading dimensions along these axes."""
    if not axes:
        return body
    view = factors(body)
    outside = {b: p for b, p in view.powers.items() if not b.shape and not set(axes) & set(b.axes)}
    if view.powers and (outside or view.coefficient != 1) and len(outside) < len(view.powers):
        inside = Factors(UNIT, {b: p for b, p in view.powers.items() if b not in outside})
        front = product(a.nodes, Factors(view.coefficient, outside))
        return a.mul(front, stacked(a, product(a.nodes, inside), axes))
    if len(axes) == 1:
        found = lifted(a, body, axes[0])
        if found is not None:
            shape = (axes[0].size, *body.shape)
            return a.full(found, shape) if len(found.shape) < len(shape) and not found.shape else found
    if len(axes) == 2 and not body.shape:
        inner = lifted(a, body, axes[1])
        if inner is not None and len(inner.shape) == 1:
            outer = lifted(a, inner, axes[0])
            if outer is not None and outer.shape == (axes[0].size, axes[1].size):
                return outer
    if len(axes) > 2 and not body.shape:
        whole = _unindexed(a, body, axes)
        if whole is not None and whole.shape:
            return whole
    return a.nodes.make("stack", body, data=axes)


def _unindexed(a: Algebra, body: Node, axes: tuple[Axis, ...]) -> Node | None:
    """f(T_ijk) for all i, j, k is f(T), entry by entry; None where an index stands elsewhere."""
    if not set(axes) & set(body.axes):
        return body if not body.shape else None
    if body.op == "element" and body.data == tuple(("run", axis, ZERO) for axis in axes) and not body.args[0].axes:
        whole = body.args[0]
        return whole if whole.shape == tuple(axis.size for axis in axes) else None
    if not OPERATIONS[body.op].elementwise or body.op == "delta":
        return None
    parts = [_unindexed(a, x, axes) for x in body.args]
    return None if any(p is None for p in parts) else a.remade(body, tuple(p for p in parts if p is not None))


def lifted(a: Algebra, node: Node, axis: Axis) -> Node | None:
    """The value for all values of the index at once, the index as the first dimension; None where there is no such form.

    A scalar that does not run along the index stays a scalar: it stands beside arrays for equal entries.
    """
    if axis not in node.axes:
        if not node.shape:
            return node
        return a.outer(a.ones((axis.size,)), node) if len(node.shape) == 1 else None
    op, args = node.op, node.args
    if op == "element":
        return _lifted_element(a, node, axis)
    named = op == "pow" and args[1].op != "number"  # a power that is no product of equal factors
    if op == "add" or named or (OPERATIONS[op].elementwise and op not in ("mul", "div", "neg", "delta", "pow")):
        parts = [_lifted_part(a, x, axis, node.shape) for x in args]
        if any(p is None for p in parts):
            return None
        return a.remade(node, tuple(p for p in parts if p is not None))
    if op in ("mul", "div", "neg", "pow"):
        return _lifted_product(a, node, axis)
    if op == "sum" and isinstance(node.data, Axis):
        inner = lifted(a, args[0], axis)
        return None if inner is None else _contracted(a, inner, node.data)
    if op == "matmul":
        return _lifted_matmul(a, args[0], args[1], axis)
    if op == "outer" and not node.shape:
        return None
    if op == "delta":
        return _lifted_delta(a, node, axis)
    if op == "stack" and len(node.data) == 1 and not args[0].shape and args[0].op == "delta":
        return a.nodes.make("stack", args[0], data=(axis, *node.data))
    if op in ("softmax", "log_softmax") and node.data == "last" and len(node.shape) == 1:
        inner = lifted(a, args[0], axis)
        return None if inner is None else a.nodes.make(op, inner, data="last")
    return None


def _lifted_part(a: Algebra, part: Node, axis: Axis, shape: Any) -> Node | None:
    """A part of an entrywise operation: as large as the whole, or a scalar."""
    found = lifted(a, part, axis)
    if found is None or not found.shape:
        return found
    if len(found.shape) == 1 and len(shape) == 1:
        return a.outer(found, a.ones(shape))
    return found


def _lifted_element(a: Algebra, node: Node, axis: Axis) -> Node | None:
    array, specs = node.args[0], node.data
    if axis in array.axes or any(axis in index.axes for index in node.args[1:]):
        return None
    runs = [k for k, spec in enumerate(specs) if spec[0] == "run" and spec[1] == axis]
    if len(runs) != 1:
        return None
    place = runs[0]
    if specs[place][2] != ZERO or axis.size != array.shape[place]:
        return None
    kept = [k for k, spec in enumerate(specs) if spec[0] == "all"]
    whole = a.element(array, tuple(("all",) if k == place else spec for k, spec in enumerate(specs)), *node.args[1:])
    if kept and kept[0] < place:
        return a.transpose(whole) if len(kept) == 1 else None
    return whole


def _lifted_product(a: Algebra, node: Node, axis: Axis) -> Node | None:
    """Entrywise products; a scalar that runs along the index scales the rows: c_i v_i is diag(c) V."""
    view = factors(node)
    scalars: list[Node] = []
    rows: list[Node] = []
    for base, power in view.powers.items():
        found = lifted(a, base, axis)
        if found is None:
            return None
        raised = a.pow(found, a.nodes.number(abs(power))) if power.denominator == 1 else a.sqrt(found)
        raised = a.div(a.number(1), raised) if power < 0 else raised
        (rows if base.shape else scalars).append(raised)
    front = a.mul(a.number(view.coefficient), *scalars)
    if not rows:
        return front
    body = a.mul(*rows)
    if len(front.shape) == 1 and len(body.shape) == 2:
        if body.op == "outer":
            return a.outer(a.mul(front, body.args[0]), body.args[1])
        return a.matmul(a.diag(front), body)
    return a.mul(front, body)


def _lifted_matmul(a: Algebra, left: Node, right: Node, axis: Axis) -> Node | None:
    first, second = axis in left.axes, axis in right.axes
    if len(left.shape) == 1 and len(right.shape) == 1:
        if first and second:
            rows, others = lifted(a, left, axis), lifted(a, right, axis)
            if rows is None or others is None:
                return None
            return a.sum(a.mul(rows, others), "last")
        running, fixed = (left, right) if first else (right, left)
        rows = lifted(a, running, axis)
        return None if rows is None else a.matmul(rows, fixed)
    if len(left.shape) == 2 and len(right.shape) == 1 and second and not first:
        rows = lifted(a, right, axis)
        return None if rows is None else a.matmul(rows, a.transpose(left))
    return None


def _contracted(a: Algebra, body: Node, axis: Axis) -> Node | None:
    """Σ_j of a vector that runs along j: Σ_j A_{·j} x_j is A x."""
    view = factors(body)
    outside = [(b, p) for b, p in view.powers.items() if axis not in b.axes]
    inside = [(b, p) for b, p in view.powers.items() if axis in b.axes]
    vectors = [b for b, _ in inside if b.shape]
    scalars = [(b, p) for b, p in inside if not b.shape]
    if any(p.denominator != 1 for _, p in inside):
        return None
    front = a.mul(a.number(view.coefficient), *(a.pow(b, a.number(p)) for b, p in outside))
    if not inside:
        return a.mul(front, a.size(axis.size))
    weights: Node | None = None
    if scalars:
        weights = lifted(a, a.mul(*(a.pow(b, a.number(p)) for b, p in scalars)), axis)
        if weights is None:
            return None
    if len(body.shape) != 1 or len(vectors) > 1 or any(b.shape and p != 1 for b, p in inside):
        return a.sum(body, axis) if not vectors else None
    if not vectors:
        return a.mul(front, a.sum(weights, "all")) if weights is not None and len(weights.shape) == 1 else None
    rows = lifted(a, vectors[0], axis)
    if rows is None or len(rows.shape) != 2:
        return None
    columns = a.transpose(rows)
    if weights is None or not weights.shape:
        return a.mul(front, weights if weights is not None else a.number(1), a.sum(columns, "last"))
    return a.mul(front, a.matmul(columns, weights))


def _lifted_delta(a: Algebra, node: Node, axis: Axis) -> Node | None:
    """δ_ij over i is the j-th unit vector."""
    for mine, other in (node.args, node.args[::-1]):
        if mine.op == "index" and mine.data == axis and other.op == "index" and other.data[1:] == axis[1:]:
            return a.nodes.make("element", a.identity(axis.size), data=(("all",), ("run", other.data, ZERO)))
    return None


def element_of_stack(a: Algebra, array: Node, data: tuple[tuple[Any, ...], ...]) -> Node | None:
    """An element of a stack is its body at other indices."""
    body = array.args[0]
    for axis, spec in zip(array.data, data, strict=False):
        if spec[0] != "run" or spec[2] != ZERO or spec[1].size != axis.size or spec[1].lower != axis.lower:
            return None
    if any(spec != ("all",) for spec in data[len(array.data) :]):
        return None
    wanted = [spec[1] for spec in data[: len(array.data)]]
    if len(set(wanted)) < len(wanted) or any(w in body.axes and w not in array.data for w in wanted):
        return None
    if any(w in array.data and w != axis for axis, w in zip(array.data, wanted, strict=True)):
        return None
    for axis, other in zip(array.data, wanted, strict=True):
        body = renamed(a, body, axis, other)
    return body


def renamed(a: Algebra, node: Node, old: Axis, new: Axis) -> Node:
    """The node with one running index for another of the same range."""
    if old == new:
        return node
    done: dict[Node, Node] = {}
    for below in walk((node,)):
        data = below.data
        if below.op == "index" and data == old:
            done[below] = a.nodes.index(new)
            continue
        if old not in below.axes and not _binds(below, old):
            done[below] = below
            continue
        if _binds(below, old):  # an inner sum over the same name is its own
            done[below] = below
            continue
        if below.op == "element":
            data = tuple((spec[0], new, *spec[2:]) if spec[0] == "run" and spec[1] == old else spec for spec in data)
            done[below] = a.element(done[below.args[0]], data, *(done[x] for x in below.args[1:]))
            continue
        if below.op in ("softmax", "log_softmax") and data == old:
            data = new
        if data is not below.data:
            done[below] = a.nodes.make(below.op, *(done[x] for x in below.args), data=data)
        else:
            done[below] = a.remade(below, tuple(done[x] for x in below.args))
    return done[node]


def _binds(node: Node, axis: Axis) -> bool:
    if node.op in ("sum", "prod", "mean", "logsumexp", "amax", "amin", "variance", "pick"):
        return bool(node.data == axis)
    return node.op == "stack" and axis in node.data
