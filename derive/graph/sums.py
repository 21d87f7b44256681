"""Elements of arrays, sums and products over running indices, and choice between cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.errors import NotSupported, TooLarge
from derive.expressions.entry_ranges import interval_of
from derive.expressions.term import Name, Term
from derive.graph.graph import Nodes
from derive.graph.node import Axis, Node
from derive.graph.sizes import ONE, ZERO, Size, constant_size, size_of
from derive.graph.subscripts import running_names
from derive.graph.substitution import substitute

if TYPE_CHECKING:
    from derive.graph.build import Builder

__all__ = ["as_place", "choice", "element", "extreme", "reduced"]

LONGEST_RANGE = 10_000_000


# ---------------------------------------------------------------------------------------------- elements
def element(b: Builder, term: Term) -> Node:
    """`x_i`, `A_{i,:}`, `x_{t-1}`, `z_{i, y_i}`, `softmax(z)_k`."""
    if term.data is not None:
        raise NotSupported(f"code for a subscript with “{term.data}”", span=term.span)
    array = b.column(term.args[0])
    if array.op == "add" and array.args[0].op == "argument" and array.args[0].data[0].kind == "label":  # counted from 0 in code
        return b.nodes.add(_element_of(b, term, array.args[0]), array.args[1])
    return _element_of(b, term, array)


def _element_of(b: Builder, term: Term, array: Node) -> Node:
    subscripts = term.args[1:]
    if len(subscripts) > len(array.shape):
        raise NotSupported(f"{len(subscripts)} subscripts on a value with {len(array.shape)} dimensions", span=term.span)
    owner = term.args[0].data if term.args[0].head == "name" else None
    spec: list[tuple[object, ...]] = []
    gathered: list[Node] = []
    rows: Axis | None = None
    for place in range(len(array.shape)):
        if place >= len(subscripts) or subscripts[place].head == "blank":
            spec.append(("all",))
            continue
        base = b.subscripts.base(owner, place)
        run = _running(b, subscripts[place], base)
        if run is not None:
            spec.append(run)
        else:
            index = b.nodes.sub(b.column(subscripts[place]), b.nodes.number(base))
            if index.shape:
                if rows is not None or place or len(index.shape) > 1:
                    raise NotSupported("code for an array as a subscript", span=term.span)
                rows = Axis("i'", ONE, index.shape[0])  # E[t]: a row for every label
                index = b.nodes.make("element", index, data=(("run", rows, ZERO),))
            gathered.append(index)
            spec.append(("at", len(gathered)))
    if all(s == ("all",) for s in spec):
        return array
    found = b.nodes.make("element", array, *gathered, data=tuple(spec))
    return found if rows is None else b.nodes.make("stack", found, data=(rows,))


def _running(b: Builder, subscript: Term, base: int) -> tuple[object, ...] | None:
    """("run", axis, start) where the subscript is one running index plus a size."""
    size = size_of(subscript)
    if size is None:
        return None
    axes = [axis for name, axis in b.axes.items() if name.key in size.names]
    if len(axes) != 1 or dict(size.terms).get((axes[0].name,)) != 1 or _elsewhere(size, axes[0].name):
        return None
    if any(name.key in size.names for name in b.subscripts.free if name not in b.axes):
        return None
    return ("run", axes[0], size.substitute(axes[0].name, axes[0].lower) - constant_size(base))


def _elsewhere(size: Size, name: str) -> bool:
    return any(name in monomial and monomial != (name,) for monomial, _ in size.terms)


# ---------------------------------------------------------------------------------------------- sums and products
def reduced(b: Builder, term: Term) -> Node:
    """A sum or product over one or several running indices, with a condition or without."""
    names = running_names(term)
    if term.data == "none" or not names:
        if term.data == "none":
            body = b.column(term.args[0])
            if body.shape:
                return b.nodes.make(term.head, body, data="all")
        raise NotSupported(f"a {'sum' if term.head == 'sum' else 'product'} whose running index is not named", span=term.span)
    axes: dict[Name, Axis] = {}
    masks: list[Node] = []
    for index in names:
        axis, narrower = _axis(b, term, index.data)
        axes[index.data] = axis
        masks += narrower
    if term.data == "cond":
        masks.append(b.bound(axes, term.args[-1]))
    body = b.bound(axes, term.args[0])
    for mask in masks:
        body = b.nodes.make("where", mask, body, b.nodes.number(0 if term.head == "sum" else 1))
    for axis in reversed(axes.values()):
        body, kept = _without_end(b.nodes, term.head, body, axis)
        while term.head == "sum" and kept in body.axes and _vanishes_first(body, kept) and (kept.size.constant or 2) > 1:
            shorter = kept._replace(lower=kept.lower + ONE)
            body, kept = substitute(b.nodes, body, kept, b.nodes.index(shorter)), shorter
        body = b.nodes.make(term.head, body, data=kept)
    return body


def _without_end(nodes: Nodes, op: str, body: Node, axis: Axis) -> tuple[Node, Axis]:
    """Σ over k ≠ 1 from k = 1 runs from 2."""
    if body.op != "where" or body.args[0].op != "not_equal" or body.args[2] is not nodes.number(0 if op == "sum" else 1):
        return body, axis
    if axis.size.constant == 1 or axis not in body.args[1].axes:
        return body, axis
    here = nodes.index(axis)
    for side, other in (body.args[0].args, body.args[0].args[::-1]):
        if side is here and other in {nodes.size(axis.lower), nodes.size(axis.upper)}:
            first = other is nodes.size(axis.lower)
            kept = axis._replace(lower=axis.lower + ONE) if first else axis._replace(upper=axis.upper - ONE)
            return substitute(nodes, body.args[1], axis, nodes.index(kept)), kept
    return body, axis


def _vanishes_first(body: Node, axis: Axis) -> bool:
    """Whether the first term has the factor 0, as Σ k x^(k−1) from k = 0: it is 0 also where another factor has no value."""
    if body.op in {"neg", "div"}:
        return _vanishes_first(body.args[0], axis)
    if body.op == "mul":
        return any(_vanishes_first(a, axis) for a in body.args)
    if body.op == "pow":
        return body.args[1].op == "number" and body.args[1].data > 0 and _vanishes_first(body.args[0], axis)
    shift = 0
    if body.op == "add" and len(body.args) == 2:
        rest = next((a for a in body.args if a.op != "index"), body)
        inner = rest.args[0] if rest.op == "neg" else rest
        if inner.op != "number" or inner.data.denominator != 1:
            return False
        shift = -int(inner.data) if rest.op == "neg" else int(inner.data)
        body = next((a for a in body.args if a.op == "index"), body)
    return body.op == "index" and body.data == axis and axis.lower.constant == -shift


def extreme(b: Builder, term: Term) -> Node:
    """`max_i x_i`: the largest entry; `argmax_i x_i`: its place, counted as on paper."""
    if not b.subscripts.is_reduction(term):
        raise NotSupported("code for an optimum", span=term.span)
    bounds = interval_of(term)
    masks: list[Node] = []
    if bounds:
        index = term.args[1].args[0]
        axis, masks = _axis(b, Term("sum", (term.args[0], index, *bounds), "range", term.span), index.data)
        axes = {index.data: axis}
    else:
        axes = {n.data: b.subscripts.whole(n.data, term) for n in term.args[1].args}
        masks = [b.bound(axes, c) for c in term.args[2:]]
    body = b.bound(axes, term.args[0])
    for mask in masks:
        worst = b.nodes.constant("inf") if term.data.endswith("min") else b.nodes.neg(b.nodes.constant("inf"))
        body = b.nodes.make("where", mask, body, worst)
    for axis in reversed(axes.values()):
        body = b.nodes.make({"max": "amax", "min": "amin"}.get(term.data, term.data), body, data=axis)
        if term.data.startswith("arg") and axis.lower.constant != 0:
            body = b.nodes.add(body, b.nodes.size(axis.lower))
    return body


def as_place(b: Builder, node: Node) -> Node:
    """An argmax that is the result counts from 0, as everything in code."""
    places = [a for a in node.args if a.op in {"argmax", "argmin"}]
    if node.op != "add" or len(node.args) != 2 or len(places) != 1:
        return node
    first = b.nodes.size(places[0].data.lower) if isinstance(places[0].data, Axis) else None
    return places[0] if first in node.args else node


def _axis(b: Builder, term: Term, index: Name) -> tuple[Axis, list[Node]]:
    """The axis of an index; a range that depends on another running index is widened, and masked."""
    if term.data != "range":
        return b.subscripts.whole(index, term), []
    lower, upper = size_of(term.args[2]), size_of(term.args[3])
    if lower is None or upper is None:
        raise NotSupported("code for a range whose ends are no sums of sizes", span=term.span)
    masks: list[Node] = []
    wide_lower, wide_upper = _widened(b, lower, low=True), _widened(b, upper, low=False)
    axis = Axis(index.key, wide_lower, wide_upper)
    if axis.size.constant is not None and axis.size.constant > LONGEST_RANGE:
        raise TooLarge("the range is too long to compute", span=term.span)
    here = b.nodes.index(axis)
    if wide_lower != lower:
        masks.append(b.nodes.make("greater_equal", here, b.column(term.args[2])))
    if wide_upper != upper:
        masks.append(b.nodes.make("less_equal", here, b.column(term.args[3])))
    b.subscripts.sizes.update(n for n in axis.size.names if Name.from_key(n) not in b.subscripts.free)
    return axis, masks


def _widened(b: Builder, size: Size, low: bool) -> Size:
    for name, axis in b.axes.items():
        coefficient = dict(size.terms).get((name.key,))
        if coefficient is None:
            if name.key in size.names:
                raise NotSupported("code for a range that depends on a product of indices")
            continue
        size = size.substitute(name.key, axis.lower if (coefficient > 0) == low else axis.upper)
    return size


# ---------------------------------------------------------------------------------------------- cases
COMPLEMENT = {"less": "greater_equal", "greater_equal": "less", "greater": "less_equal", "less_equal": "greater"}
MIRRORED = {"less": "greater", "greater": "less", "less_equal": "greater_equal", "greater_equal": "less_equal"}
COMPLEMENT |= {"equal": "not_equal", "not_equal": "equal"}


def _opposite(a: Node, c: Node) -> bool:
    """Whether exactly one of two comparisons holds."""
    if a.op not in COMPLEMENT or c.op not in COMPLEMENT:
        return False
    if a.args == c.args:
        return COMPLEMENT[a.op] == c.op
    return a.args == c.args[::-1] and COMPLEMENT[a.op] == MIRRORED.get(c.op, c.op)


def _atoms(condition: Node) -> list[Node] | None:
    if condition.op == "and":
        parts = [_atoms(a) for a in condition.args]
        return None if any(p is None for p in parts) else [n for p in parts for n in p or []]
    return [condition] if condition.op in COMPLEMENT else None


def _covers(conditions: list[Node]) -> bool:
    """Whether comparisons of one value with numbers leave no value out."""
    atoms = [_atoms(c) for c in conditions]
    if any(a is None for a in atoms):
        return False
    flat = [a for part in atoms for a in part or []]
    values = {x for a in flat for x in a.args if x.bounds.low != x.bounds.high}
    if len(values) != 1:
        return False
    points = sorted({x.bounds.low for a in flat for x in a.args if x.bounds.low == x.bounds.high})
    if not points:
        return False
    tries = [points[0] - 1, *points, *((p + q) / 2 for p, q in zip(points, points[1:], strict=False)), points[-1] + 1]
    return all(any(all(_holds(a, t) for a in part or []) for part in atoms) for t in tries)


def _holds(comparison: Node, value: float) -> bool:
    left, right = (a.bounds.low if a.bounds.low == a.bounds.high else value for a in comparison.args)
    return {
        "less": left < right,
        "less_equal": left <= right,
        "greater": left > right,
        "greater_equal": left >= right,
        "equal": left == right,
        "not_equal": left != right,
    }[comparison.op]


def choice(nodes: Nodes, values: list[Node], conditions: list[Node | None]) -> Node:
    """Nested choices; the last condition is dropped where the conditions leave nothing out, else the rest is undefined."""
    last = conditions[-1]
    rest = values[-1]
    given = [c for c in conditions[:-1] if c is not None]
    complete = last is None or (len(given) == 1 and _opposite(given[0], last)) or (bool(given) and _covers([*given, last]))
    if not complete and last is not None:
        rest = nodes.make("where", last, rest, nodes.constant("nan"))
    for condition, value in zip(reversed(conditions[:-1]), reversed(values[:-1]), strict=True):
        if condition is None:
            rest = value
        else:
            rest = nodes.make("where", condition, value, rest)
    return rest
