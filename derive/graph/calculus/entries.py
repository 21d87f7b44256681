"""An array entry by entry: what has no matrix notation is written with indices, [Σ_i g_i x_{i+k−1}] for k = 1, …, K.

In: a tidy node with a shape. Out: its entry at running indices, Kronecker deltas resolved into shifted indices and conditions on the
range. Raises NotSupported where an entry has no formula.
"""

from __future__ import annotations

from derive.errors import NotSupported
from derive.graph.calculus.algebra import Algebra
from derive.graph.calculus.factors import ONE as UNIT
from derive.graph.calculus.factors import Factors, factors, product
from derive.graph.calculus.lifting import renamed
from derive.graph.graph import walk
from derive.graph.node import Axis, Node
from derive.graph.operations import OPERATIONS
from derive.graph.sizes import ONE, ZERO, Size, named_size
from derive.graph.substitution import substitute

__all__ = ["entry", "fresh_axes", "lettered"]

LETTERS = "ijklstpqr"
MOST_TERMS = 64


def fresh_axes(node: Node, taken: set[str]) -> tuple[Axis, ...]:
    """Running indices for the dimensions of the node, by letters that nobody uses."""
    own = _own_axes(node)
    if own is not None:
        return own
    used = _names(node) | taken
    free = [c for c in LETTERS if c not in used and not any(key.startswith(f"{c}_") for key in used)]
    free += [f"{c}_{k}" for k in range(1, 3) for c in LETTERS if f"{c}_{k}" not in used]
    return tuple(Axis(letter, ONE, size) for letter, size in zip(free, node.shape, strict=False))


def _own_axes(node: Node) -> tuple[Axis, ...] | None:
    """The indices that the array was stacked along, where they are the author's and mean nothing else."""
    bound = {x.data.name for x in walk((node,)) if isinstance(x.data, Axis) and x.op != "index"}
    for found in walk((node,)):
        if found.op != "stack" or found.shape != node.shape or len(found.data) != len(found.shape):
            continue
        names = [axis.name for axis in found.data]
        plain = not any("'" in n or n in bound for n in names) and len(set(names)) == len(names) and not node.axes
        if plain and all(axis.lower == ONE for axis in found.data):
            made: tuple[Axis, ...] = found.data
            return made
    return None


def entry(a: Algebra, node: Node, axes: tuple[Axis, ...]) -> Node:
    """The entry of the node at these indices; a scalar is every entry."""
    return _resolved(a, _entry(a, node, axes))


def _entry(a: Algebra, node: Node, axes: tuple[Axis, ...]) -> Node:
    op, args = node.op, node.args
    if not node.shape:
        return _scalar(a, node)
    if op == "ones":
        return a.number(1)
    if op in ("mul", "div", "neg"):
        return a.remade(node, tuple(_entry(a, x, axes) for x in args))
    if not _is_odd(node):
        return a.element(node, tuple(("run", axis, ZERO) for axis in axes))
    if op == "stack":
        lead, body = len(node.data), args[0]
        for old, new in zip(node.data, axes[:lead], strict=True):
            body = _moved(a, body, old, new)
        return _entry(a, body, axes[lead:]) if body.shape else _scalar(a, body)
    if op == "transpose":
        return _entry(a, args[0], axes[::-1])
    if op == "outer":
        return a.mul(_entry(a, args[0], axes[:1]), _entry(a, args[1], axes[1:]))
    if op == "diag":
        return a.mul(a.nodes.make("delta", *(a.nodes.index(x) for x in axes)), _entry(a, args[0], axes[:1]))
    if op == "diagonal":
        return _entry(a, args[0], (axes[0], axes[0]))
    if op == "matmul":
        inner = _inner_axis(node, args[0].shape[-1], axes)
        left = _entry(a, args[0], (*axes[: len(args[0].shape) - 1], inner))
        return a.sum(a.mul(left, _entry(a, args[1], (inner, *axes[len(args[0].shape) - 1 :]))), inner)
    if op == "element" and args[0].op == "identity" and len(args) == 1:
        rest = list(axes)
        return a.element(args[0], tuple(("run", rest.pop(0), ZERO) if spec == ("all",) else spec for spec in node.data))
    if op == "sum" and isinstance(node.data, Axis):
        return a.sum(_entry(a, args[0], axes), node.data)
    if op == "sum" and node.data == "last":
        inner = _inner_axis(node, args[0].shape[-1], axes)
        return a.sum(_entry(a, args[0], (*axes, inner)), inner)
    if op in ("add", "mul", "div", "neg", "pow", "where") or OPERATIONS[op].elementwise:
        return a.remade(node, tuple(_entry(a, x, axes) for x in args))
    raise NotSupported(f"the entries of {op}")


def _scalar(a: Algebra, node: Node) -> Node:
    """A scalar with what stands in it by indices too."""
    if not _is_odd(node):
        return node
    op, args = node.op, node.args
    if op == "matmul":
        inner = _inner_axis(node, args[0].shape[0])
        return a.sum(a.mul(_entry(a, args[0], (inner,)), _entry(a, args[1], (inner,))), inner)
    if op == "trace":
        inner = _inner_axis(node, args[0].shape[0])
        return a.sum(_entry(a, args[0], (inner, inner)), inner)
    if op == "sum" and not isinstance(node.data, Axis):
        axes = fresh_axes(args[0], {x.name for below in walk((node,)) for x in below.axes})
        body = _entry(a, args[0], axes)
        for axis in reversed(axes):
            body = a.sum(body, axis)
        return body
    if op == "element" and all(spec[0] == "run" and spec[2] == ZERO for spec in node.data):
        return _entry(a, args[0], tuple(spec[1] for spec in node.data))
    if all(not x.shape for x in args):
        return a.remade(node, tuple(_scalar(a, x) for x in args))
    raise NotSupported(f"a formula for the operation {op} by indices")


def _inner_axis(node: Node, size: Size, outer: tuple[Axis, ...] = ()) -> Axis:
    return Axis(_unused(_names(node) | {axis.name for axis in outer}), ONE, size)


def _names(node: Node) -> set[str]:
    """The running indices that occur below, bound ones too."""
    return {axis.name for below in walk((node,)) for axis in below.axes} | {
        below.data.name for below in walk((node,)) if isinstance(below.data, Axis)
    }


def _unused(used: set[str]) -> str:
    """An index that nobody uses: it is bound by the sum that it is made for."""
    return next(f"{c}{primes}" for primes in ("'", "''", "'" * 3) for c in LETTERS if f"{c}{primes}" not in used)


def lettered(a: Algebra, node: Node, axes: tuple[Axis, ...], taken: set[str]) -> Node:
    """The node with plain letters for the indices with primes that its sums bind."""
    used = _names(node) | taken | {axis.name for axis in axes}
    for name in sorted(n for n in _names(node) if "'" in n):
        letter = next((c for c in LETTERS if c not in used), None)
        if letter is None:
            return node
        used.add(letter)
        node = _apart(a, node, {name}, letter)
    return node


def _apart(a: Algebra, node: Node, names: set[str], wanted: str = "") -> Node:
    """The node with the indices that its sums bind renamed where they are among these names."""
    clashes = [x for x in walk((node,)) if x.op in ("sum", "prod") and isinstance(x.data, Axis) and x.data.name in names]
    if any(isinstance(x.data, Axis) and x.data.name in names for x in walk((node,)) if x.op not in ("sum", "prod", "index")):
        raise NotSupported("a formula by indices in which an index has two meanings")
    if not clashes:
        return node
    used = _names(node) | names
    done: dict[Node, Node] = {}
    for below in walk((node,)):
        made = a.remade(below, tuple(done[x] for x in below.args)) if below.args else below
        if below in clashes and made.op == below.op and made.data == below.data:
            letter = wanted or _unused(used)
            used.add(letter)
            other = below.data._replace(name=letter)
            body = renamed(a, made.args[0], below.data, other)
            made = a.sum(body, other) if below.op == "sum" else a.nodes.make("prod", body, data=other)
        done[below] = made
    return done[node]


def _is_odd(node: Node) -> bool:
    """Whether a stack without a matrix form, or a unit vector, stands below."""
    return any(below.op == "stack" or (below.op == "element" and below.args[0].op == "identity") for below in walk((node,)))


def _moved(a: Algebra, body: Node, old: Axis, new: Axis) -> Node:
    if old == new or old not in body.axes:
        return body
    if old[1:] == new[1:]:
        return renamed(a, body, old, new)
    if any(below.op in ("softmax", "log_softmax") and below.data == old for below in walk((body,))):
        raise NotSupported("a formula for softmax along a shifted index")
    by = a.nodes.add(a.nodes.index(new), a.nodes.size(old.lower - ONE))
    return substitute(a.nodes, body, old, by)


# ---------------------------------------------------------------------------------------------- Kronecker deltas
def _resolved(a: Algebra, node: Node) -> Node:
    """The node with Σ_i δ(l, i + s) f_i = f_{l−s}, where l − s is in the range of i."""
    done: dict[Node, Node] = {}
    for below in walk((node,)):
        made = a.remade(below, tuple(done[x] for x in below.args)) if below.args else below
        if made.op == "sum" and isinstance(made.data, Axis):
            made = _without_deltas(a, made.args[0], made.data)
        done[below] = made
    return done[node]


def _without_deltas(a: Algebra, body: Node, axis: Axis) -> Node:
    if body.op == "add" and any(_has_delta(x, axis) for x in body.args):
        return a.add(*(_without_deltas(a, x, axis) for x in body.args))
    view = factors(body)
    sums = [b for b, p in view.powers.items() if p == 1 and b.op == "add" and any(_has_delta(x, axis) for x in b.args)]
    if sums and len(sums[0].args) <= MOST_TERMS:
        rest = Factors(view.coefficient, {b: p for b, p in view.powers.items() if b is not sums[0]})
        parts = [product(a.nodes, rest.times(factors(x))) for x in sums[0].args]
        return a.add(*(_without_deltas(a, x, axis) for x in parts))
    inner = [b for b, p in view.powers.items() if p == 1 and b.op == "sum" and isinstance(b.data, Axis) and _has_delta(b.args[0], axis)]
    if inner:  # Σ_i f Σ_k δ g = Σ_k Σ_i f δ g
        beside = product(a.nodes, Factors(view.coefficient, {b: p for b, p in view.powers.items() if b is not inner[0]}))
        one = _apart(a, inner[0], {x.name for x in (*beside.axes, axis)})
        if one.op == "sum" and isinstance(one.data, Axis):
            return a.sum(_without_deltas(a, a.mul(beside, one.args[0]), axis), one.data)
        return a.sum(a.mul(beside, one), axis)
    for base, power in view.powers.items():
        if base.op != "delta" or power != 1 or axis not in base.axes:
            continue
        position = _solved(a, base, axis)
        if position is None:
            continue
        value, size = position
        others = product(a.nodes, Factors(UNIT, {b: p for b, p in view.powers.items() if b is not base}))
        if any(b.op in ("softmax", "log_softmax") and b.data == axis for b in walk((others,))):
            return a.sum(body, axis)
        others = _apart(a, others, {x.name for x in value.axes})
        found = substitute(a.nodes, others, axis, value) if axis in others.axes else others
        found = a.rebuilt(found)
        indices = {x.name for x in value.axes}
        constant = Size({m: c for m, c in size.terms if not indices & set(m)})
        moving = _position(a, size - constant, {x.name: x for x in value.axes})
        conditions = []
        if not _never_negative(a, size - axis.lower, value):
            conditions.append(a.nodes.make("greater_equal", moving, _number(a, axis.lower - constant)))
        if not _never_negative(a, axis.upper - size, value):
            conditions.append(a.nodes.make("less_equal", moving, _number(a, axis.upper - constant)))
        scaled = a.mul(a.number(view.coefficient), found)
        if not conditions:
            return scaled
        condition = conditions[0] if len(conditions) == 1 else a.nodes.make("and", *conditions)
        return a.nodes.make("where", condition, scaled, a.number(0))
    return a.sum(body, axis)


def _has_delta(node: Node, axis: Axis) -> bool:
    return any(below.op == "delta" and axis in below.axes for below in walk((node,)))


def _linear(node: Node) -> Size | None:
    """An index expression as a size: i + k − 1."""
    if node.op == "index":
        return named_size(node.data.name)
    if node.op == "number":
        return Size({(): int(node.data)}) if node.data.denominator == 1 else None
    if node.op == "size":
        made: Size = node.data
        return made
    if node.op == "neg":
        inner = _linear(node.args[0])
        return None if inner is None else -inner
    if node.op == "add":
        total = ZERO
        for part in node.args:
            one = _linear(part)
            if one is None:
                return None
            total = total + one
        return total
    return None


def _solved(a: Algebra, delta: Node, axis: Axis) -> tuple[Node, Size] | None:
    """The value of the index at which the delta is 1."""
    left, right = _linear(delta.args[0]), _linear(delta.args[1])
    if left is None or right is None:
        return None
    whole = left - right
    coefficient = dict(whole.terms).get((axis.name,), 0)
    if abs(coefficient) != 1 or any(axis.name in m and m != (axis.name,) for m, _ in whole.terms):
        return None
    rest = whole - named_size(axis.name) if coefficient == 1 else whole + named_size(axis.name)
    solution = -rest if coefficient == 1 else rest
    return _position(a, solution, {x.name: x for x in delta.axes}), solution


def _number(a: Algebra, size: Size) -> Node:
    return a.nodes.size(size) if (size.constant or 0) >= 0 else a.nodes.neg(a.nodes.size(-size))


def _position(a: Algebra, solution: Size, running: dict[str, Axis]) -> Node:
    """A size with running indices in it as a node, indices first."""
    parts: list[Node] = []
    for monomial, number in solution.terms:
        if len(monomial) == 1 and monomial[0] in running:
            part = a.nodes.index(running[monomial[0]])
            part = part if abs(number) == 1 else a.nodes.mul(a.nodes.number(abs(number)), part)
            parts.append(part if number > 0 else a.nodes.neg(part))
    constant = Size({m: c for m, c in solution.terms if not (len(m) == 1 and m[0] in running)})
    parts.sort(key=lambda part: part.op == "neg")
    if constant != ZERO or not parts:
        parts.append(_number(a, constant))
    return a.nodes.add(*parts)


def _never_negative(a: Algebra, size: Size, value: Node) -> bool:
    """Whether a size is at least 0 for every value of the indices in it: its least value is a number that is."""
    for axis in value.axes:
        coefficient = dict(size.terms).get((axis.name,), 0)
        if coefficient:
            size = size.substitute(axis.name, axis.lower if coefficient > 0 else axis.upper)
    return size.constant is not None and size.constant >= 0
