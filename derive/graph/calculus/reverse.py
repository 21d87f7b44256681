"""Reverse mode: one sweep from the output to the variables, linear in the size of the graph.

In: an algebra, an output with the adjoint to start from, the variables. Out: the adjoint of every variable, None where it does not
occur. The same sweep is the differential method read backwards: in dL = ⟨G, dZ⟩, G is the adjoint of Z.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from derive.errors import NotSupported
from derive.graph.calculus.adjoints import ADJOINTS
from derive.graph.calculus.adjoints.functions import STEPS
from derive.graph.calculus.algebra import Algebra
from derive.graph.calculus.factors import factors, product
from derive.graph.graph import walk
from derive.graph.node import Axis, Node
from derive.graph.operations import OPERATIONS

__all__ = ["dependents", "gradient", "sweep"]


def gradient(a: Algebra, output: Node, variables: Sequence[Node]) -> list[Node | None]:
    """∂output/∂variable for every variable, in its shape; the output is a scalar."""
    if output.shape or output.axes:
        raise NotSupported("the gradient of a value that is no scalar")
    found = sweep(a, [(output, a.number(1))], variables)
    return [None if found.get(v) is None else a.full(found[v], v.shape) for v in variables]


def dependents(roots: Iterable[Node], variables: Iterable[Node]) -> set[Node]:
    """The nodes below the roots that depend on a variable, the variables themselves included."""
    found = set(variables)
    for node in walk(roots):
        if any(argument in found for argument in node.args):
            found.add(node)
    return found


def sweep(a: Algebra, seeds: Sequence[tuple[Node, Node]], variables: Sequence[Node], free: Sequence[Axis] = ()) -> dict[Node, Node]:
    """The adjoints of the variables for outputs with given adjoints; what does not occur is missing.

    Running indices of the given adjoints that are none of the outputs stay, and so do those of `free`: nothing is summed over them.
    """
    roots = [node for node, _ in seeds]
    wanted = dependents(roots, variables)
    before = a.wanted, a.free
    a.wanted = wanted
    a.free = frozenset(free) | frozenset(axis for node, g in seeds for axis in g.axes if axis not in node.axes)
    try:
        return _swept(a, seeds, set(variables), wanted)
    finally:
        a.wanted, a.free = before


def _swept(a: Algebra, seeds: Sequence[tuple[Node, Node]], variables: set[Node], wanted: set[Node]) -> dict[Node, Node]:
    pending: dict[Node, list[Node]] = {}
    for node, g in seeds:
        if node in wanted:
            pending.setdefault(node, []).append(g)
    found: dict[Node, Node] = {}
    for node in sorted((n for n in walk([s for s, _ in seeds]) if n in wanted), key=lambda n: -n.number):
        parts = pending.pop(node, None)
        if parts is None:
            continue
        g = a.add(*parts) if len(parts) > 1 else parts[0]
        if a.zero(g):
            continue
        if node in variables:
            found[node] = g
            continue
        for argument, part in contributions(a, node, g):
            if argument in wanted:
                pending.setdefault(argument, []).append(part)
    return found


def contributions(a: Algebra, node: Node, g: Node) -> list[tuple[Node, Node]]:
    """What the adjoint of a node adds to the adjoints of its arguments."""
    fused = _fused(a, node, g)
    if fused is not None:
        return fused
    if node.op in STEPS:
        return []
    rule = ADJOINTS.get(node.op)
    if rule is None:
        raise NotSupported(f"derivatives of the operation {node.op}")
    made = []
    for argument, part in zip(node.args, rule(a, node, g), strict=True):
        if part is not None and argument in a.wanted:
            made.append((argument, _narrowed(a, part, node, argument)))
    return made


def _narrowed(a: Algebra, part: Node, node: Node, argument: Node) -> Node:
    """A contribution summed over what the argument was broadcast along."""
    if node.shape and not argument.shape and OPERATIONS[node.op].elementwise | (node.op == "where"):
        part = _total(a, part) if part.shape else a.mul(part, a.count(node.shape))
    axes: dict[Axis, None] = dict.fromkeys(node.axes)
    axes.update(dict.fromkeys(part.axes))
    for axis in axes:
        if axis not in argument.axes and axis not in a.free and not (node.op == "element" and axis not in part.axes):
            part = a.sum(part, axis)
    return part


def _total(a: Algebra, part: Node) -> Node:
    """The sum of all entries; of an entrywise product of two matrices a trace."""
    view = factors(part)
    arrays = view.parted(False).powers
    if len(part.shape) == 2 and len(arrays) == 2 and set(arrays.values()) == {1}:
        left, right = arrays
        return a.mul(product(a.nodes, view.parted(True)), a.trace(a.matmul(a.transpose(left), right)))
    return a.sum(part, "all")


def _fused(a: Algebra, node: Node, g: Node) -> list[tuple[Node, Node]] | None:
    """Operations whose derivative is simpler than that of their parts: ‖x‖², tr(Aᵏ)."""
    if node.op == "pow" and node.args[1].op == "number" and node.args[1].data == 2 and node.args[0].op == "norm":
        inner = node.args[0]
        x = inner.args[0]
        if (inner.data == "F" or (inner.data == "2" and len(x.shape) == 1)) and x in a.wanted:
            return [(x, _narrowed(a, a.mul(a.number(2), g, x), node, x))]
    if node.op == "trace" and node.args[0].op == "matrix_power":
        power = node.args[0]
        base = a.transpose(power.args[0])
        inner_power = (
            base
            if power.data == 2
            else a.matmul(base, base)
            if power.data == 3
            else a.nodes.make("matrix_power", base, data=power.data - 1)
        )
        return [(power.args[0], a.mul(a.number(power.data), g, inner_power))] if power.args[0] in a.wanted else []
    return None
