"""Sums over running indices: constants outside, means, two-pass variance, softmax, and deltas that pick one entry."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from derive.graph.graph import Nodes, walk
from derive.graph.node import Axis, Node
from derive.graph.sizes import Size
from derive.translation.stability.forms import Rule, affine, factors, from_linear, linear, product, substitute, terms, total

__all__ = ["SUMS", "same_softmax"]

ONE = Fraction(1)


def _varies(node: Node, over: object) -> bool:
    """Whether the node varies along what a reduction reduces."""
    return over in node.axes if isinstance(over, Axis) else bool(node.shape)


# ---------------------------------------------------------------------------------------------- constants outside
def constant_term(nodes: Nodes, node: Node) -> Node | None:
    """Σ (f_i + c) → Σ f_i + n c."""
    body, over = node.args[0], node.data
    if not isinstance(over, Axis):
        return None
    if over not in body.axes:
        return nodes.mul(nodes.size(over.size), body) if node.op == "sum" else body
    if body.op != "add":
        return None
    constant = [a for a in body.args if not _varies(a, over)]
    if not constant or any(a.shape != body.shape for a in body.args):
        return None
    moving = nodes.add(*(a for a in body.args if _varies(a, over)))
    outside = nodes.add(*constant)
    if node.op == "sum":
        outside = nodes.mul(nodes.size(over.size), outside)
    return nodes.add(nodes.make(node.op, moving, data=over), outside)


def constant_factor(nodes: Nodes, node: Node) -> Node | None:
    """Σ c f_i → c Σ f_i."""
    body, over = node.args[0], node.data
    if body.op not in {"mul", "div", "neg"} or (isinstance(over, Axis) and over not in body.axes):
        return None
    if body.op == "neg":
        return nodes.neg(nodes.make(node.op, body.args[0], data=over))
    if body.op == "div":
        above, below = body.args
        if not _varies(below, over) and below.shape == ():
            return nodes.div(nodes.make(node.op, above, data=over), below) if _varies(above, over) else None
        return None
    outside = [a for a in body.args if not _varies(a, over) and not a.shape]
    inside = [a for a in body.args if a not in outside]
    if not outside or not inside:
        return None
    return nodes.mul(*outside, nodes.make(node.op, nodes.mul(*inside), data=over))


# ---------------------------------------------------------------------------------------------- means and variances
def _count(node: Node) -> Size | None:
    """How many entries a sum has."""
    if isinstance(node.data, Axis):
        return node.data.size
    shape = node.args[0].shape
    size = shape[0] if shape else None
    for other in shape[1:]:
        size = size * other if size is not None else None
    return size


def mean(nodes: Nodes, node: Node) -> Node | None:
    """(1/n) Σ f_i → mean f."""
    view = factors(node)
    for base, power in view.powers.items():
        if base.op != "sum" or power != 1:
            continue
        count = _count(base)
        if count is None or (isinstance(base.data, Axis) and base.data not in base.args[0].axes):
            continue
        made = nodes.make("mean", base.args[0], data=base.data)
        coefficient, powers = view.coefficient, {b: p for b, p in view.powers.items() if b is not base}
        if count.constant is not None:
            if coefficient.denominator != count.constant or count.constant < 2 or base.data == "all":
                continue
            coefficient *= count.constant
        else:
            divided = _without(nodes, powers, count)
            if divided is None:
                continue
            powers = divided
        powers[made] = powers.get(made, Fraction(0)) + 1
        form = affine(*((weight, linear(nodes, u)) for weight, u in view.exponent))
        return product(nodes, coefficient, powers, nodes.make("exp", from_linear(nodes, form)) if form else None)
    return None


def mean_of_sums(nodes: Nodes, node: Node) -> Node | None:
    """(1/m) mean_i Σ_j f_ij → mean_i mean_j f_ij."""
    view = factors(node)
    if view.exponent:
        return None
    for base, power in view.powers.items():
        inner = base.args[0] if base.op == "mean" and power == 1 else base
        if inner is base or inner.op != "sum" or not isinstance(inner.data, Axis) or inner.data not in inner.args[0].axes:
            continue
        count = inner.data.size
        powers = _without(nodes, {b: p for b, p in view.powers.items() if b is not base}, count) if count.constant is None else None
        if powers is not None:
            made = nodes.make("mean", nodes.make("mean", inner.args[0], data=inner.data), data=base.data)
            return product(nodes, view.coefficient, {**powers, made: powers.get(made, Fraction(0)) + 1})
    return None


def _without(nodes: Nodes, powers: dict[Node, Fraction], count: Size) -> dict[Node, Fraction] | None:
    """The powers with the size taken from below; a size m n may stand as two factors."""
    whole = nodes.size(count)
    wanted = [whole] if powers.get(whole, Fraction(0)) <= -1 else []
    if not wanted and len(count.terms) == 1 and count.terms[0][1] == 1:
        wanted = [nodes.size(Size({(name,): 1})) for name in count.terms[0][0]]
    left = dict(powers)
    for size in wanted:
        if left.get(size, Fraction(0)) > -1:
            return None
        left[size] += 1
    return {b: p for b, p in left.items() if p} if wanted else None


class Moment(NamedTuple):
    """c Σ f² (`squared` false) or c (Σ f)², c being a number times powers."""

    over: object
    f: Node
    squared: bool
    entries: Size
    coefficient: Fraction
    powers: dict[Node, Fraction]


def _moment(nodes: Nodes, weight: Fraction, part: Node) -> Moment | None:
    view = factors(part)
    if view.exponent:
        return None
    for base, power in view.powers.items():
        if base.op == "matmul" and base.args[0] is base.args[1] and len(base.args[0].shape) == 1 and power == 1:
            over, f, squared, count = "all", base.args[0], False, base.args[0].shape[0]
        elif base.op in {"mean", "sum"} and (power == 2 or (power == 1 and base.args[0].op == "pow" and _is_two(base.args[0].args[1]))):
            over, squared, known = base.data, power == 2, _count(base)
            if known is None or (isinstance(over, Axis) and over not in base.args[0].axes):
                continue
            f, count = base.args[0] if squared else base.args[0].args[0], known
        else:
            continue
        powers = {b: p for b, p in view.powers.items() if b is not base}
        coefficient = weight * view.coefficient
        if base.op == "mean" and count.constant is not None:
            coefficient /= Fraction(count.constant) ** int(power)
        elif base.op == "mean":
            powers[nodes.size(count)] = powers.get(nodes.size(count), Fraction(0)) - power
        return Moment(over, f, squared, count, coefficient, {b: p for b, p in powers.items() if p})
    return None


def variance(nodes: Nodes, node: Node) -> Node | None:
    """Σ f²/n − (Σ f/n)² → variance f, in two passes; Σ f² − (Σ f)²/n in the same way."""
    parts = terms(nodes, node)
    moments = [_moment(nodes, c, part) for c, part in parts]
    for k, first in enumerate(moments):
        for j, second in enumerate(moments):
            if first is None or second is None or first.squared or not second.squared:
                continue
            whole = nodes.make("mean", second.f, data=second.over)
            if _renamed(nodes, whole, first.over) is not first.f or first.entries != second.entries:
                continue
            expected, coefficient = dict(first.powers), -first.coefficient
            size = nodes.size(first.entries)
            if first.entries.constant is None:
                expected[size] = expected.get(size, Fraction(0)) - 1
            else:
                coefficient /= first.entries.constant
            if second.coefficient != coefficient or second.powers != {b: p for b, p in expected.items() if p}:
                continue
            powers, factor = dict(first.powers), first.coefficient
            if first.entries.constant is None:
                powers[size] = powers.get(size, Fraction(0)) + 1
            else:
                factor *= first.entries.constant
            powers[nodes.make("variance", first.f, data=first.over)] = ONE
            rest = [t for index, t in enumerate(parts) if index not in {j, k}]
            return total(nodes, [*rest, (ONE, product(nodes, factor, {b: p for b, p in powers.items() if p}))])
    return None


def centred_variance(nodes: Nodes, node: Node) -> Node | None:
    """mean((f − mean f)²) → variance f."""
    body = node.args[0]
    if body.op != "pow" or not _is_two(body.args[1]):
        return None
    parts = terms(nodes, body.args[0])
    if len(parts) != 2 or parts[0][0] != -parts[1][0] or abs(parts[0][0]) != 1:
        return None
    for (_, f), (_, average) in (parts, parts[::-1]):
        if average.op == "mean" and _renamed(nodes, average, node.data) is f:
            return nodes.make("variance", f, data=node.data)
    return None


def _renamed(nodes: Nodes, average: Node, over: object) -> Node | None:
    """What is averaged, over the wanted axis."""
    own = average.data
    if own == over or not isinstance(own, Axis) or not isinstance(over, Axis):
        return average.args[0] if own == over else None
    same = own.lower == over.lower and own.upper == over.upper
    return substitute(nodes, average.args[0], own, nodes.index(over)) if same else None


def _is_two(node: Node) -> bool:
    return node.op == "number" and node.data == 2


# ---------------------------------------------------------------------------------------------- softmax
def softmax(nodes: Nodes, node: Node) -> Node | None:
    """e^(u_i) / Σ_k e^(u_k) → softmax(u)_i; any e^v / (Σ_k e^(u_k))^b → e^(v − b logsumexp u)."""
    view = factors(node)
    for base, power in view.powers.items():
        if base.op != "sum" or power >= 0 or power.denominator != 1 or not _varies(base.args[0], base.data):
            continue
        inner = factors(base.args[0])
        if not inner.exponent or inner.powers or inner.coefficient <= 0:
            continue
        u = from_linear(nodes, affine(*((weight, linear(nodes, e)) for weight, e in inner.exponent)))
        exponent = affine(*((weight, linear(nodes, e)) for weight, e in view.exponent))
        powers = {b: p for b, p in view.powers.items() if b is not base}
        coefficient = view.coefficient * Fraction(inner.coefficient ** int(power))
        if exponent:
            made = same_softmax(nodes, from_linear(nodes, exponent), u, base.data)
            if made is not None:
                if power < -1:
                    powers[base] = power + 1
                powers[made] = powers.get(made, Fraction(0)) + 1
                return product(nodes, coefficient, powers)
        total_of = nodes.make("logsumexp", u, data=base.data)
        whole = affine((ONE, exponent), (power, {total_of: ONE}))
        return product(nodes, coefficient, powers, nodes.make("exp", from_linear(nodes, whole)))
    return None


def same_softmax(nodes: Nodes, v: Node, u: Node, over: object) -> Node | None:
    """The softmax of u at the place where u is v."""
    if not isinstance(over, Axis):
        return nodes.make("softmax", v, data="last") if v is u and len(u.shape) == 1 else None
    if v is u:
        return nodes.make("softmax", u, data=over)
    for axis in v.axes:
        if axis.lower == over.lower and axis.upper == over.upper and substitute(nodes, u, over, nodes.index(axis)) is v:
            if axis in u.axes:  # s_ii among the s_ij
                return nodes.make("pick", nodes.make("softmax", u, data=over), nodes.index(axis), data=over)
            return nodes.make("softmax", v, data=axis)
    for index in _candidates(nodes, v, u, over):
        if substitute(nodes, u, over, index) is v:
            return nodes.make("pick", nodes.make("softmax", u, data=over), index, data=over)
    return None


def _candidates(nodes: Nodes, v: Node, u: Node, over: Axis) -> list[Node]:
    """Indices (as on paper) at which some array of u is taken in v."""
    starts = [
        (element.args[0], place, spec[2])
        for element in walk((u,))
        if element.op == "element"
        for place, spec in enumerate(element.data)
        if spec[0] == "run" and spec[1] == over
    ]
    found = []
    for element in walk((v,)):
        if element.op != "element":
            continue
        for array, place, start in starts:
            if element.args[0] is array and element.data[place][0] == "at":
                found.append(nodes.add(element.args[element.data[place][1]], nodes.size(over.lower - start)))
    return list(dict.fromkeys(found))


def shift_invariance(nodes: Nodes, node: Node) -> Node | None:
    """softmax(u + c) → softmax u, logsumexp(u + c) → logsumexp u + c, for c that does not vary along the axis."""
    body, over = node.args[0], node.data
    if body.op != "add":
        return None
    constant = [a for a in body.args if not _varies(a, over)]
    moving = [a for a in body.args if _varies(a, over)]
    if not constant or not moving:
        return None
    made = nodes.make(node.op, nodes.add(*moving), data=over)
    return nodes.add(made, *constant) if node.op == "logsumexp" else made


def product_without_one(nodes: Nodes, node: Node) -> Node | None:
    """∏_k f_k / f_i → ∏_{k ≠ i} f_k, which has a value where f_i is 0."""
    view = factors(node)
    if view.exponent:
        return None
    for base, power in view.powers.items():
        if base.op != "prod" or power != 1 or not isinstance(base.data, Axis):
            continue
        for one, count in view.powers.items():
            index = _place_of(nodes, one, base.args[0], base.data) if count <= -1 else None
            if index is None:
                continue
            body = nodes.make("where", nodes.make("not_equal", nodes.index(base.data), index), base.args[0], nodes.number(1))
            powers = {b: p + 1 if b is one else p for b, p in view.powers.items() if b is not base}
            powers[nodes.make("prod", body, data=base.data)] = ONE
            return product(nodes, view.coefficient, {b: p for b, p in powers.items() if p})
    return None


def _place_of(nodes: Nodes, v: Node, u: Node, over: Axis) -> Node | None:
    """The index at which u is v."""
    for axis in v.axes:
        if axis.lower == over.lower and axis.upper == over.upper and substitute(nodes, u, over, nodes.index(axis)) is v:
            return nodes.index(axis)
    return next((index for index in _candidates(nodes, v, u, over) if substitute(nodes, u, over, index) is v), None)


# ---------------------------------------------------------------------------------------------- deltas and indicators
def sift(nodes: Nodes, node: Node) -> Node | None:
    """Σ_i δ_ij f_i → f_j."""
    body, over = node.args[0], node.data
    if not isinstance(over, Axis):
        return None
    view = factors(body)
    for base, power in view.powers.items():
        if base.op != "delta" or power < 1:
            continue
        for side, end in (base.args, base.args[::-1]):
            index, other = _solved(nodes, side, end)
            if index.op == "index" and index.data == over and over not in other.axes and _within(other, over):
                rest = nodes.mul(*(a for a in body.args if a is not base)) if body.op == "mul" else None
                if body is not base and rest is None:
                    return None
                return substitute(nodes, rest, over, other) if rest is not None else nodes.number(1)
    return None


def _solved(nodes: Nodes, side: Node, other: Node) -> tuple[Node, Node]:
    """i + c = j as i = j − c."""
    if side.op != "add":
        return side, other
    index = next((a for a in side.args if a.op == "index"), side.args[0])
    return index, nodes.add(other, *(nodes.neg(a) for a in side.args if a is not index))


def _within(index: Node, over: Axis) -> bool:
    """Whether the index stays in the range: a free index, or a running one with the same range."""
    if index.op == "index":
        return bool(index.data.lower == over.lower and index.data.upper == over.upper)
    return any(n.op == "argument" and n.data[0].kind == "index" for n in walk((index,)))


def indicator_factor(nodes: Nodes, node: Node) -> Node | None:
    """1[c] f → f where c, else 0."""
    found = next((a for a in node.args if a.op == "indicator"), None)
    rest = [a for a in node.args if a is not found]
    if found is None or all(a.bounds.low == a.bounds.high for a in rest):
        return None
    given = [a for a in rest if a.shape and not found.shape and a.op in {"element", "argument"}]  # 1[c_i] y_i x_i: the rows stay outside
    chosen = [a for a in rest if a not in given]
    if given and all(a.bounds.low == a.bounds.high for a in chosen):
        return None
    return nodes.mul(nodes.make("where", found.args[0], nodes.mul(*chosen), nodes.number(0)), *given)


SUMS: tuple[Rule, ...] = (
    Rule("sifting", "Σ_i δ_ij f_i = f_j", ("sum",), sift),
    Rule("constant-term", "Σ (f_i + c) = Σ f_i + n c", ("sum", "mean"), constant_term),
    Rule("constant-factor", "Σ c f_i = c Σ f_i", ("sum", "mean"), constant_factor),
    Rule("mean", "(1/n) Σ f_i = mean f", ("div", "mul"), mean),
    Rule("mean-of-sums", "(1/m) mean_i Σ_j f_ij = mean_ij f_ij", ("div", "mul"), mean_of_sums),
    Rule("two-pass-variance", "mean(f²) − mean(f)² = mean((f − mean f)²)", ("add",), variance),
    Rule("variance", "mean((f − mean f)²) = variance f", ("mean",), centred_variance),
    Rule("softmax", "e^(u_i)/Σ_k e^(u_k) = softmax(u)_i", ("div", "mul"), softmax),
    Rule("shift-invariance", "softmax(u + c) = softmax(u)", ("softmax", "log_softmax", "logsumexp"), shift_invariance),
    Rule("product-without-one", "∏_k f_k / f_i = ∏_{k ≠ i} f_k", ("div", "mul"), product_without_one),
    Rule("indicator-factor", "1[c] f = f where c, else 0", ("mul",), indicator_factor),
)
