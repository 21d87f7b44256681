"""np.where computes both arms: what would overflow or warn where an arm is not taken is given a harmless argument there.

In: a `where` node. Out: the same choice, with every risky operation of an arm clamped (`np.expm1(np.minimum(x, 0.0))`) or, where the
condition is no plain comparison, fed a safe number in the other case.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.graph.graph import Nodes, walk
from derive.graph.node import FREE, Bounds, Node
from derive.graph.operations import OPERATIONS
from derive.graph.sizes import ONE, Size

__all__ = ["guarded"]

NEGATED = {
    "less": "greater_equal",
    "greater_equal": "less",
    "greater": "less_equal",
    "less_equal": "greater",
    "equal": "not_equal",
    "not_equal": "equal",
}


def guarded(nodes: Nodes, node: Node) -> Node:
    """The node; a choice with harmless arms."""
    if node.op != "where":
        return node
    condition, yes, no = node.args
    if condition.op not in NEGATED:
        other: Node = nodes.make("not", condition)
    else:
        other = nodes.make(NEGATED[condition.op], *condition.args)
    if not _is_reached(condition, yes):
        yes = _harmless(nodes, yes, condition, other)
    no = _harmless(nodes, no, other, condition)
    if any(n.op == "index" or (n.op == "argument" and n.data[0].kind != "index") for n in walk((condition,))):
        yes, no = _inside(nodes, yes), _inside(nodes, no)  # else only one arm is evaluated
    return nodes.make("where", condition, yes, no)


def _is_reached(condition: Node, arm: Node) -> bool:
    """Whether the condition is j ≤ i, or j ≥ i, and the arm has to do with j alone: it is taken for every j at some i."""
    if condition.op not in {"less_equal", "greater_equal"} or any(a.op != "index" for a in condition.args):
        return False
    left, right = (a.data for a in condition.args)
    return left.lower == right.lower and left.upper == right.upper and sum(axis in arm.axes for axis in (left, right)) == 1


def _inside(nodes: Nodes, arm: Node) -> Node:
    """The arm; an element that may exist only where the arm is taken is taken at the nearest place that exists."""
    done: dict[Node, Node] = {}
    for node in walk((arm,)):
        rebuilt = nodes.remake(node, tuple(done[a] for a in node.args))
        done[node] = _nearest(nodes, rebuilt) if node.op == "element" else rebuilt
    return done[arm]


def _nearest(nodes: Nodes, node: Node) -> Node:
    array, args = node.args[0], list(node.args)
    data: list[tuple[object, ...]] = []
    for spec, size in zip(node.data, array.shape, strict=True):
        made = spec
        if spec[0] == "run":
            axis, start = spec[1:]
            beyond, before = (start + axis.size - size).constant or 0, start.constant or 0
            if beyond > 0 or before < 0:
                made = ("at", len(args))
                args.append(nodes.add(nodes.index(axis), nodes.size(start - axis.lower)))
        if made[0] == "at" and made != spec:
            args[made[1]] = _clamped(nodes, args[made[1]], size)
        elif spec[0] == "at" and args[spec[1]].op == "add":  # an index that is shifted
            args[spec[1]] = _clamped(nodes, args[spec[1]], size)
        data.append(made)
    return nodes.make("element", *args, data=tuple(data))


def _clamped(nodes: Nodes, index: Node, size: Size) -> Node:
    above = index if index.bounds.nonnegative else nodes.make("maximum", index, nodes.number(0))
    return nodes.make("minimum", above, nodes.size(size - ONE))


def _harmless(nodes: Nodes, arm: Node, taken: Node, otherwise: Node) -> Node:
    """The arm; `taken` is the condition under which it is used, `otherwise` the opposite."""
    outside = _implied(otherwise)
    leaves = [n for n in walk((taken,)) if not n.args]
    by_place = bool(taken.axes) and all(n.op in {"index", "size", "number"} or _is_index(n) for n in leaves)
    done: dict[Node, Node] = {}

    def change(node: Node) -> Node:
        if node not in done:
            done[node] = _changed(node)
        return done[node]

    def _changed(node: Node) -> Node:
        if node.op == "where" or not node.args:
            return node
        if taken.shape and not OPERATIONS[node.op].elementwise:
            return node  # its positions are not those of the condition
        rebuilt = nodes.remake(node, tuple(change(a) for a in node.args))
        place = node.args[1 if node.op == "div" else 0]
        everywhere = place.is_scalar and by_place  # 1/τ is computed wherever an entry is taken
        if everywhere or not _is_risky(node, outside):
            return rebuilt
        return _safe(nodes, node, rebuilt, taken)

    return change(arm)


def _is_risky(node: Node, outside: dict[Node, Bounds]) -> bool:
    """Whether the operation may warn where the arm is not taken."""
    operation = OPERATIONS[node.op]
    if node.op == "div":
        return not _bounds(node.args[1], outside).nonzero
    if node.op == "pow":
        exponent = node.args[1]
        whole = exponent.op == "number" and exponent.data.denominator == 1
        return not whole and not _bounds(node.args[0], outside).nonnegative
    return operation.risky is not None and operation.risky(_bounds(node.args[0], outside))


def _safe(nodes: Nodes, node: Node, rebuilt: Node, taken: Node) -> Node:
    """The operation on an argument that is clamped to the region where the arm is taken, or replaced outside it."""
    place = 1 if node.op == "div" else 0
    argument = rebuilt.args[place]
    clamp = _clamp(nodes, taken)
    if clamp is not None:
        value, replace = clamp
        clamped = _replaced(nodes, argument, value, replace)
        # the clamped value may be the end itself, where a strict condition does not hold: nothing is implied of it
        if clamped is not argument and not _is_risky(nodes.remake(node, _with(rebuilt.args, place, clamped)), {}):
            return nodes.remake(rebuilt, _with(rebuilt.args, place, clamped))
    safe = OPERATIONS[node.op].safe
    number = (
        nodes.number(int(safe))
        if float(safe).is_integer() and safe >= 0
        else nodes.neg(nodes.number(int(-safe)))
        if safe < 0
        else nodes.number(1)
    )
    return nodes.remake(rebuilt, _with(rebuilt.args, place, nodes.make("where", taken, argument, number)))


def _is_index(node: Node) -> bool:
    return node.op == "argument" and bool(node.data[0].kind == "index")


def _with(args: tuple[Node, ...], place: int, value: Node) -> tuple[Node, ...]:
    return (*args[:place], value, *args[place + 1 :])


def _replaced(nodes: Nodes, node: Node, old: Node, new: Node) -> Node:
    if node is old:
        return new
    if not node.args or node is new:
        return node
    return nodes.remake(node, tuple(_replaced(nodes, a, old, new) for a in node.args))


def _sides(comparison: Node) -> tuple[str, Node, Node] | None:
    """A comparison as (sign, value, limit), the limit being a number."""
    if comparison.op not in {"less", "less_equal", "greater", "greater_equal"}:
        return None
    left, right = comparison.args
    sign = "<" if comparison.op.startswith("less") else ">"
    if left.bounds.low == left.bounds.high:
        return {"<": ">", ">": "<"}[sign], right, left
    return sign, left, right


def _clamp(nodes: Nodes, taken: Node) -> tuple[Node, Node] | None:
    """The value that the condition compares, and that value clamped to where the condition holds."""
    sides = _sides(taken)
    if sides is None:
        return None
    sign, value, limit = sides
    return value, nodes.make("minimum" if sign == "<" else "maximum", value, limit)


def _implied(condition: Node) -> dict[Node, Bounds]:
    """What the condition says of the values that it compares with numbers."""
    if condition.op == "and":
        return {**_implied(condition.args[0]), **_implied(condition.args[1])}
    sides = _sides(condition)
    if sides is None:
        if condition.op == "equal":
            left, right = condition.args
            return {left: right.bounds} if right.bounds.low == right.bounds.high else {}
        return {}
    sign, value, limit = sides
    strict = condition.op in {"less", "greater"}
    if sign == "<":
        return {value: Bounds(value.bounds.low, min(value.bounds.high, limit.bounds.high), value.bounds.low_open, strict)}
    return {value: Bounds(max(value.bounds.low, limit.bounds.low), value.bounds.high, strict, value.bounds.high_open)}


def _bounds(node: Node, known: dict[Node, Bounds]) -> Bounds:
    """The bounds of a node where some values are known to lie within narrower ones."""
    if node in known:
        return known[node]
    if not node.args:
        return node.bounds
    rule: Callable[..., Bounds] | None = OPERATIONS[node.op].bounds
    if rule is None:
        return FREE
    found = rule(*(_bounds(a, known) for a in node.args))
    return Bounds(
        max(found.low, node.bounds.low),
        min(found.high, node.bounds.high),
        found.low_open if found.low >= node.bounds.low else node.bounds.low_open,
        found.high_open if found.high <= node.bounds.high else node.bounds.high_open,
    )
