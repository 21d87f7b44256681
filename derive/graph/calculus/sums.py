"""Sums: like terms together, common factors out, constants in front of reductions, sums of products of terms opened where that is shorter.

In: tidy nodes. Out: a tidy node of the same value.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from derive.graph.calculus.chains import chain
from derive.graph.calculus.factors import ONE as UNIT
from derive.graph.calculus.factors import Factors, factors, product
from derive.graph.graph import walk
from derive.graph.node import Axis, Node
from derive.graph.sizes import ONE
from derive.graph.substitution import substitute

if TYPE_CHECKING:
    from derive.graph.calculus.algebra import Algebra

__all__ = ["collected", "summed", "total"]

MOST_OPENED = 12


# ---------------------------------------------------------------------------------------------- sums of terms
def total(a: Algebra, parts: tuple[Node, ...]) -> Node:
    """The sum of the parts."""
    terms = collected(a, parts)
    terms = _opened(a, terms)
    if not terms:
        return _zero_like(a, parts)
    found = _common(a, terms)
    return a.nodes.add(*terms) if found is None else found


def _zero_like(a: Algebra, parts: tuple[Node, ...]) -> Node:
    shape = next((p.shape for p in parts if p.shape), ())
    return a.mul(a.number(0), a.ones(shape)) if not shape else a.number(0)


def collected(a: Algebra, parts: tuple[Node, ...]) -> list[Node]:
    """The terms with equal ones counted together, in order of appearance; those that cancel are gone."""
    counts: dict[tuple[tuple[Node, Fraction], ...], tuple[Fraction, dict[Node, Fraction]]] = {}
    for part in _flat(parts):
        view = factors(part)
        if not view.coefficient:
            continue
        key = tuple(sorted(view.powers.items(), key=lambda item: item[0].number))
        before = counts.get(key)
        counts[key] = (view.coefficient + (before[0] if before else 0), before[1] if before else view.powers)
    return [product(a.nodes, Factors(c, powers)) for c, powers in counts.values() if c]


def _flat(parts: tuple[Node, ...]) -> list[Node]:
    flat: list[Node] = []
    for part in parts:
        if part.op == "add":
            flat += _flat(part.args)
        else:
            flat.append(part)
    return flat


def _opened(a: Algebra, terms: list[Node]) -> list[Node]:
    """t (1 − s) − (1 − t) s → t − s: products with sums multiplied out where fewer terms remain."""
    if len(terms) < 2 or len(terms) > MOST_OPENED:
        return terms
    wide = [_expanded(a, t) for t in terms]
    if all(len(w) == 1 for w in wide) or sum(map(len, wide)) > MOST_OPENED * 2:
        return terms
    flat = collected(a, tuple(t for w in wide for t in w))
    return flat if len(flat) < len(terms) or (len(flat) == len(terms) and _plain(flat) > _plain(terms)) else terms


def _plain(terms: list[Node]) -> int:
    return sum(1 for t in terms if not any(b.op == "add" for b in factors(t).powers))


def _expanded(a: Algebra, term: Node) -> list[Node]:
    view = factors(term)
    if sum(1 for b, p in view.powers.items() if b.op == "add") == 0:
        return [term]
    sums = [(b, p) for b, p in view.powers.items() if b.op == "add"]
    if any(p != 1 for _, p in sums) or len(sums) > 2:
        return [term]
    rest = Factors(view.coefficient, {b: p for b, p in view.powers.items() if b.op != "add"})
    found = [rest]
    for base, _ in sums:
        found = [f.times(factors(part)) for f in found for part in base.args]
    shape = term.shape
    made = [product(a.nodes, f) for f in found]
    return made if all(m.shape == shape or not m.shape for m in made) else [term]


def _common(a: Algebra, terms: list[Node]) -> Node | None:
    """A common last or first matrix of all terms out of the sum: A x + Aᵀ x = (A + Aᵀ) x."""
    if len(terms) < 2:
        return None
    split = []
    for term in terms:
        if not term.shape:
            return _common_scalar(a, terms)
        view = factors(term)
        arrays = view.parted(False).powers
        if len(arrays) != 1:
            return _common_scalar(a, terms)
        ((core, power),) = arrays.items()
        if power != 1:
            return _common_scalar(a, terms)
        split.append((view.parted(True), _long_chain(a, core)))
    chains_of = [c for _, c in split]
    for first in (False, True):
        ends = {c[0] if first else c[-1] for c in chains_of}
        if len(ends) != 1 or not any(len(c) > 1 for c in chains_of):
            continue
        end = ends.pop()
        if len(end.shape) == 1 and (first or all(len(c) == 1 for c in chains_of)):
            continue
        rests = []
        for scale, parts in split:
            left = parts[1:] if first else parts[:-1]
            if not left:
                if not first and len(end.shape) == 1:
                    inner: Node = a.identity(end.shape[0])
                else:
                    inner = a.identity(end.shape[1] if first else end.shape[0])
            else:
                inner = left[-1]
                for part in reversed(left[:-1]):
                    inner = a.nodes.make("matmul", part, inner)
            rests.append(a.mul(product(a.nodes, scale), inner))
        if any(r.op == "identity" or "identity" in {b.op for b in factors(r).powers} for r in rests):
            return None
        inside = total(a, tuple(rests))
        return a.matmul(end, inside) if first else a.matmul(inside, end)
    return _common_scalar(a, terms)


def _long_chain(a: Algebra, core: Node) -> list[Node]:
    """The chain of a product; (A u)(B v)ᵀ is A (u vᵀ) Bᵀ."""
    if core.op != "outer":
        return chain(core)
    left, right = chain(core.args[0]), chain(core.args[1])
    if any(len(x.shape) > 2 for x in (*left, *right)):
        return [core]
    return [*left[:-1], a.outer(left[-1], right[-1]), *(a.transpose(x) for x in reversed(right[:-1]))]


def _common_scalar(a: Algebra, terms: list[Node]) -> Node | None:
    """A factor other than a number that all terms share, and a denominator that all share, out of the sum."""
    views = [factors(t) for t in terms]
    shared = dict(views[0].powers)
    for view in views[1:]:
        shared = {b: p for b, p in shared.items() if view.powers.get(b) == p}
    number = _shared_number(views)
    if not shared and number == 1:
        return None
    shape = next((t.shape for t in terms if t.shape), ())
    rests = []
    for view in views:
        left = {b: p for b, p in view.powers.items() if b not in shared}
        rests.append(product(a.nodes, Factors(view.coefficient / number, left)))
    inside = total(a, tuple(rests))
    outer = product(a.nodes, Factors(number, shared))
    if shape and not inside.shape and not outer.shape:
        return None
    view = factors(outer).times(factors(inside) if inside.op != "add" else Factors(UNIT, {inside: UNIT}))
    return product(a.nodes, view)


def _shared_number(views: list[Factors]) -> Fraction:
    """A fraction that all coefficients share, their sign where it is one; a whole number only in front of names."""
    values = [v.coefficient for v in views]
    leaves = all(b.op in ("argument", "element") for v in views for b in v.powers)
    denominators = {v.denominator for v in values}
    number = Fraction(1, denominators.pop()) if len(denominators) == 1 else Fraction(1)
    if all(v < 0 for v in values):
        number = -number
    same = len({abs(v) for v in values}) == 1
    if same and (abs(values[0]).denominator != 1 or leaves or number < 0):
        return abs(values[0]) * (1 if number > 0 else -1)
    return Fraction(1) if number == -1 and any(abs(v) != 1 for v in values) else number


# ---------------------------------------------------------------------------------------------- reductions
def summed(a: Algebra, body: Node, over: Any) -> Node:
    """The sum over a named axis, "last" or "all"."""
    if over in ("last", "all") and not body.shape:
        return body
    if over == "all" and len(body.shape) == 1:
        over = "last"
    view = factors(body)
    if isinstance(over, Axis):
        return _over_axis(a, body, view, over)
    scalars = view.parted(True)
    arrays = view.parted(False)
    inner = product(a.nodes, arrays)
    outer = product(a.nodes, scalars)
    found = _known_sum(a, inner, over)
    if found is None and over == "last" and len(inner.shape) == 1 and len(arrays.powers) == 2 and set(arrays.powers.values()) == {1}:
        found = a.nodes.make("matmul", *arrays.powers)
    if found is None and over == "last" and len(inner.shape) == 1 and len(arrays.powers) == 1 and set(arrays.powers.values()) == {2}:
        (base,) = arrays.powers
        found = a.nodes.make("matmul", base, base)
    return a.mul(outer, found if found is not None else a.nodes.make("sum", inner, data=over if len(inner.shape) > 1 else "all"))


def _known_sum(a: Algebra, inner: Node, over: Any) -> Node | None:
    if inner.op == "ones":
        return a.count(inner.shape)
    if inner.op == "identity":
        return a.ones(inner.shape[:1]) if over == "last" else a.size(inner.shape[0])
    if inner.op == "outer":
        first, second = inner.args
        rows = a.sum(second, "all")
        return a.mul(rows, first if over == "last" else a.sum(first, "all"))
    if _is_unit(inner) and (over == "last" or len(inner.shape) == 1):
        return a.ones(inner.shape[:-1])
    if inner.op == "softmax" and inner.data == "last" and over == "last":
        return a.ones(inner.shape[:-1])
    if over == "last" and a.declares(inner, "simplex", "onehot"):
        return a.ones(inner.shape[:-1])
    if inner.op == "element" and len(inner.shape) == 1 and inner.data[-1] == ("all",) and a.declares(inner.args[0], "simplex", "onehot"):
        return a.number(1)
    if inner.op == "add" and (any(_counts_up(t) for t in inner.args) or all(_is_outer(t) for t in inner.args)):
        return a.add(*(a.sum(a.full(term, inner.shape), over) for term in inner.args))
    if inner.op == "add" and len(inner.shape) == 1 and any(not t.shape for t in inner.args):
        return _cancelling(a, inner)
    return None


def _cancelling(a: Algebra, inner: Node) -> Node | None:
    """Σ (x − mean x) = 0: the sum term by term, where terms cancel."""
    made = collected(a, tuple(a.sum(a.full(_mean_opened(a, t), inner.shape), "all") for t in inner.args))
    return a.add(*made) if len(made) < len(inner.args) else None


def _mean_opened(a: Algebra, term: Node) -> Node:
    """The term with mean x as Σ x / n."""
    means = [b for b in factors(term).powers if b.op == "mean" and b.data == "all"]
    if not means:
        return term
    return a.rebuilt(term, {m: a.div(a.sum(m.args[0], "all"), a.count(m.args[0].shape)) for m in means})


def _is_unit(node: Node) -> bool:
    """Whether the last dimension is a unit vector at a label."""
    if node.op != "stack" or node.args[0].op != "delta":
        return False
    here, position = node.args[0].args
    return here.axes == node.data[-1:] and node.data[-1] not in position.axes and len(node.shape) == len(node.data)


def _is_outer(term: Node) -> bool:
    arrays = [b for b in factors(term).powers if b.shape]
    return len(arrays) == 1 and arrays[0].op == "outer"


def _counts_up(term: Node) -> bool:
    """Whether the sum of a term is known: probabilities sum to 1."""
    arrays = factors(term).parted(False).powers
    base = next(iter(arrays)) if len(arrays) == 1 and set(arrays.values()) == {1} else None
    if base is None:
        return False
    owner = base.args[0] if base.op == "element" else base
    declared = owner.data[0].properties if owner.op == "argument" else frozenset()
    return base.op in ("softmax", "ones") or _is_unit(base) or bool({"simplex", "onehot"} & declared)


def _over_axis(a: Algebra, body: Node, view: Factors, axis: Axis) -> Node:
    """Σ over a named axis: what does not run along it in front, Kronecker deltas resolved."""
    outside = {b: p for b, p in view.powers.items() if axis not in b.axes}
    inside = {b: p for b, p in view.powers.items() if axis in b.axes}
    front = product(a.nodes, Factors(view.coefficient, outside))
    if not inside:
        return a.mul(a.size(axis.size), front)
    opened = _cancelling_over(a, inside, axis)
    if opened is not None:
        return a.mul(front, opened)
    resolved = _delta(a, inside, axis)
    if resolved is not None:
        return a.mul(front, resolved)
    inner = product(a.nodes, Factors(UNIT, inside))
    if body.shape and not inner.shape and not front.shape:
        front = a.full(front, body.shape)
    if inner.op == "matmul" and len(inner.shape) >= 1 and axis not in inner.args[0].axes:
        return a.mul(front, a.matmul(inner.args[0], a.sum(inner.args[1], axis)))
    return a.mul(front, a.nodes.make("sum", inner, data=axis))


def _cancelling_over(a: Algebra, inside: dict[Node, Fraction], axis: Axis) -> Node | None:
    """Σ_i (x_i − Σ_j x_j/n) = 0: the sum term by term, where terms cancel."""
    (body, power), *others = inside.items()
    if others or power != 1 or body.op != "add" or all(axis in t.axes for t in body.args):
        return None
    made = collected(a, tuple(a.sum(a.full(_over_the_same(a, t, axis), body.shape), axis) for t in body.args))
    return a.add(*made) if len(made) < len(body.args) else None


def _over_the_same(a: Algebra, term: Node, axis: Axis) -> Node:
    """The term with Σ_j written as Σ_i, where i has the same range."""
    from derive.graph.calculus.lifting import renamed

    sums = [b for b in factors(term).powers if b.op == "sum" and isinstance(b.data, Axis) and b.data != axis and b.data[1:] == axis[1:]]
    known = {b: a.nodes.make("sum", renamed(a, b.args[0], b.data, axis), data=axis) for b in sums if axis not in b.args[0].axes}
    return a.rebuilt(term, known) if known else term


def _delta(a: Algebra, inside: dict[Node, Fraction], axis: Axis) -> Node | None:
    """Σ_k δ(k, j) f_k = f_j for two running indices of one range; Σ_k 1[y = k] f_k = f_y for a label y of that range."""
    from derive.graph.calculus.lifting import renamed

    for base, power in inside.items():
        rest = product(a.nodes, Factors(UNIT, {b: p for b, p in inside.items() if b is not base}))
        label = _label_at(a, base, axis) if base.op == "indicator" else None
        chosen = _chosen(a, rest, axis, label) if label is not None and power > 0 else None
        if chosen is not None:
            return chosen
        if base.op != "delta" or power != 1:
            continue
        for mine, other in (base.args, base.args[::-1]):
            if mine.op == "index" and mine.data == axis and other.op == "index" and other.data[1:] == axis[1:]:
                return renamed(a, rest, axis, other.data)
    return None


def _chosen(a: Algebra, rest: Node, axis: Axis, label: Node) -> Node | None:
    """The value at the label; what is normalised along the index keeps its normaliser."""
    normalised: dict[Node, Node] = {}
    for below in walk((rest,)):
        if below.op == "log_softmax" and below.data == axis:
            body = below.args[0]
            normalised[below] = a.sub(body, a.nodes.make("logsumexp", body, data=axis))
        elif below.data == axis and axis in below.axes and below.op != "index":
            return None
    opened = a.rebuilt(rest, normalised) if normalised else rest
    return a.rebuilt(substitute(a.nodes, opened, axis, a.nodes.add(label, a.number(1))))


def _label_at(a: Algebra, indicator: Node, axis: Axis) -> Node | None:
    """The label that an indicator compares with an index which runs over all its values; labels count from 0."""
    condition = indicator.args[0]
    if condition.op != "equal" or axis.lower != ONE:
        return None
    position = a.nodes.add(a.nodes.index(axis), a.number(-1))
    for label, other in (condition.args, condition.args[::-1]):
        owner = label.args[0] if label.op == "element" else label
        if other is position and owner.op == "argument" and owner.data[0].kind == "label" and owner.data[0].size == axis.upper:
            return label
    return None
