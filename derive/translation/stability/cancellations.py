"""Sums whose terms nearly cancel, and products in which an infinity would meet a zero.

`x + log(1 + e^(−x))` and `z − log Σ e^z` lose every digit that their terms have in common; what is left has a function of its own.
`x φ(x)` vanishes at both ends, yet ∞ · 0 has no value: a factor is limited to where the other one is not zero.
"""

from __future__ import annotations

import math
from fractions import Fraction

from derive.graph.evaluate import evaluate
from derive.graph.graph import Nodes, walk
from derive.graph.node import Axis, Node
from derive.graph.operations import Undefined
from derive.graph.sizes import ZERO
from derive.graph.substitution import substitute
from derive.translation.stability.exponentials import exponential_terms
from derive.translation.stability.forms import Linear, Rule, affine, factors, from_linear, linear, product, scaled, terms, total

__all__ = ["CANCELLATIONS"]

ONE = Fraction(1)
HALF = Fraction(1, 2)
UNDERFLOW = 746  # e^-746 is 0 in double precision
LOGARITHMS_OF_SUMS = frozenset(("softplus", "logaddexp"))


# ---------------------------------------------------------------------------------------------- logarithms of sums and what stands beside
def _taken(rest: Linear, wanted: Linear) -> Linear | None:
    """The rest without the wanted terms; None where one of them is not there as it should be."""
    if not wanted or any(rest.get(atom) != value for atom, value in wanted.items()):
        return None
    return {atom: value for atom, value in rest.items() if atom not in wanted}


def beside_log_sum(nodes: Nodes, node: Node) -> Node | None:
    """u + softplus(−u) → softplus(u), logaddexp(u, v) − u → softplus(v − u), logaddexp(u, −u) − log 2 → log cosh u."""
    parts = terms(nodes, node)
    for place, (k, part) in enumerate(parts):
        if part.op not in LOGARITHMS_OF_SUMS:
            continue
        rest = affine(*((ONE, linear(nodes, scaled(nodes, c, p))) for j, (c, p) in enumerate(parts) if j != place))
        u = linear(nodes, part.args[0])
        v = linear(nodes, part.args[1]) if part.op == "logaddexp" else Linear()
        middle = affine((k * HALF, u), (k * HALF, v))
        log_two = {nodes.make("log", nodes.number(2)): -k}
        left = _taken(rest, affine((-ONE, middle), (ONE, log_two)))
        if left is not None:
            made = nodes.make("log_cosh", from_linear(nodes, affine((HALF, u), (-HALF, v))))
            return total(nodes, [*((c, atom) for atom, c in left.items()), (k, made)])
        for one, other in ((u, v), (v, u)):
            left = _taken(rest, affine((-k, one)))
            if left is not None:
                made = nodes.make("softplus", from_linear(nodes, affine((ONE, other), (-ONE, one))))
                return total(nodes, [*((c, atom) for atom, c in left.items()), (k, made)])
    return None


def log_softmax(nodes: Nodes, node: Node) -> Node | None:
    """z − log Σ e^z → log softmax z, also of one entry of z."""
    parts = terms(nodes, node)
    for place, (k, part) in enumerate(parts):
        rows = part.op == "outer" and part.args[1].op == "ones" and part.args[0].op == "logsumexp"
        if part.op != "logsumexp" and not rows:
            continue
        u, over = (part.args[0] if rows else part).args[0], (part.args[0] if rows else part).data
        for other, (c, v) in enumerate(parts):
            made = _softmax_at(nodes, v, u, over) if other != place and c == -k else None
            if made is not None:
                return total(nodes, [*(t for j, t in enumerate(parts) if j not in {place, other}), (c, made)])
    return None


def _softmax_at(nodes: Nodes, v: Node, u: Node, over: object) -> Node | None:
    """log softmax of u where u is v."""
    if not isinstance(over, Axis) and len(u.shape) == 2:
        return nodes.make("log_softmax", u, data="last") if v is u and over == "last" else None
    if not isinstance(over, Axis):
        return nodes.make("log_softmax", u, data="last") if v is u and len(u.shape) == 1 else None
    if v is u:
        return nodes.make("log_softmax", u, data=over)
    if len(v.shape) == 1 and u.op == "element" and u.args == (v,) and u.data == (("run", over, ZERO),) and over.size == v.shape[0]:
        return nodes.make("log_softmax", v, data="last")
    for axis in v.axes:
        if axis.lower == over.lower and axis.upper == over.upper and substitute(nodes, u, over, nodes.index(axis)) is v:
            if axis in u.axes:  # s_ii among the s_ij
                return nodes.make("pick", nodes.make("log_softmax", u, data=over), nodes.index(axis), data=over)
            return nodes.make("log_softmax", v, data=axis)
    for index in _indices(nodes, v, u, over):
        if substitute(nodes, u, over, index) is v:
            return nodes.make("pick", nodes.make("log_softmax", u, data=over), index, data=over)
    return None


def _indices(nodes: Nodes, v: Node, u: Node, over: Axis) -> list[Node]:
    """Indices (as on paper) at which an array of u is taken in v."""
    starts = [
        (part.args[0], place, spec[2])
        for part in walk((u,))
        if part.op == "element"
        for place, spec in enumerate(part.data)
        if spec[0] == "run" and spec[1] == over
    ]
    found: dict[Node, None] = {}
    for part in walk((v,)):
        for array, place, start in starts:
            if part.op == "element" and part.args[0] is array and part.data[place][0] == "at":
                found[nodes.add(part.args[part.data[place][1]], nodes.size(over.lower - start))] = None
    return list(found)


# ---------------------------------------------------------------------------------------------- squares
def logistic_minus_square(nodes: Nodes, node: Node) -> Node | None:
    """σ(u) − σ(u)² → σ′(u), and s − s² → s (1 − s) for s = Φ(u)."""
    parts = terms(nodes, node)
    views = [factors(part) for _, part in parts]
    for i, (c, _) in enumerate(parts):
        for base, power in views[i].powers.items():
            if base.op not in {"sigmoid", "normal_cdf"} or power != 1:
                continue
            squared = {**views[i].powers, base: Fraction(2)}
            for j, (d, _) in enumerate(parts):
                same = views[j].powers == squared and views[j].exponent == views[i].exponent and not views[i].exponent
                if not same or d * views[j].coefficient != -c * views[i].coefficient:
                    continue
                opposite = nodes.make(base.op, nodes.neg(base.args[0]))
                made = nodes.make("sigmoid_slope", base.args[0]) if base.op == "sigmoid" else nodes.mul(base, opposite)
                rest = {b: p for b, p in views[i].powers.items() if b is not base}
                whole = nodes.mul(product(nodes, views[i].coefficient, rest), made) if rest or views[i].coefficient != 1 else made
                return total(nodes, [*(t for n, t in enumerate(parts) if n not in {i, j}), (c, whole)])
    return None


def square_and_slope(nodes: Nodes, node: Node) -> Node | None:
    """σ(u)² + σ′(u) → σ(u)."""
    parts = terms(nodes, node)
    for i, (c, first) in enumerate(parts):
        if first.op != "pow" or first.args[1] is not nodes.number(2) or first.args[0].op != "sigmoid":
            continue
        u = linear(nodes, first.args[0].args[0])
        for j, (d, second) in enumerate(parts):
            if second.op == "sigmoid_slope" and c == d and linear(nodes, second.args[0]) in (u, affine((-ONE, u))):
                return total(nodes, [*(t for k, t in enumerate(parts) if k not in {i, j}), (c, first.args[0])])
    return None


def square_of_difference(nodes: Nodes, node: Node) -> Node | None:
    """e^u − 2 + e^(−u) → 4 sinh²(u/2), also where cosh u says the same."""
    parts = exponential_terms(nodes, node)
    if parts is None or len(parts) != 3:
        return None
    for k, (d, middle) in enumerate(parts):
        (a, u), (b, v) = (t for j, t in enumerate(parts) if j != k)
        if a != b or d != -2 * a or affine((ONE, u), (ONE, v)) != affine((Fraction(2), middle)):
            continue
        half = from_linear(nodes, affine((Fraction(1, 4), u), (Fraction(-1, 4), v)))
        square = nodes.pow(nodes.make("sinh", half), nodes.number(2))
        whole = nodes.mul(square, nodes.make("exp", from_linear(nodes, middle))) if middle else square
        return scaled(nodes, 4 * a, whole)
    return None


# ---------------------------------------------------------------------------------------------- where a product vanishes
def slope_inside(nodes: Nodes, node: Node) -> Node | None:
    """σ(u) (1 + f σ(−u)) → σ(u) + f σ′(u): the parts vanish where f grows."""
    view = factors(node)
    for base, power in view.powers.items():
        if base.op != "sigmoid" or power != 1 or view.exponent:
            continue
        opposite = affine((-ONE, linear(nodes, base.args[0])))
        for inner, count in view.powers.items():
            if inner.op != "add" or count != 1 or inner.shape != node.shape:
                continue
            pieces = [(c, part, factors(part)) for c, part in terms(nodes, inner)]
            held = [_has_logistic(nodes, f.powers, opposite) for _, _, f in pieces]
            if not any(held) or not all(has or part.op == "number" for has, (_, part, _) in zip(held, pieces, strict=True)):
                continue
            spread = total(nodes, [(c, nodes.mul(base, part)) for c, part, _ in pieces])
            rest = {b: p for b, p in view.powers.items() if b not in {base, inner}}
            return nodes.mul(product(nodes, view.coefficient, rest), spread) if rest or view.coefficient != 1 else spread
    return None


def _has_logistic(nodes: Nodes, powers: dict[Node, Fraction], argument: Linear) -> bool:
    either = (argument, affine((-ONE, argument)))  # a slope is the product of both
    found = {"sigmoid": (argument,), "sigmoid_slope": either}
    return any(p >= 1 and linear(nodes, b.args[0]) in found[b.op] for b, p in powers.items() if b.op in found)


def vanishing(nodes: Nodes, node: Node) -> Node | None:
    """u σ′(u) → clip(u, −746, 746) σ′(u), u φ(u) and their like: beyond, the product is 0 in floating point, and ∞ · 0 is no number."""
    view = factors(node)
    candidates = [b for b, p in view.powers.items() if p > 0]
    exponent = affine(*((weight, linear(nodes, u)) for weight, u in view.exponent))
    for u in dict.fromkeys(a for b in candidates for a in _polynomial_atoms(b)):
        if u.bounds.low > -UNDERFLOW and u.bounds.high < UNDERFLOW:
            continue
        width = _width(nodes, candidates, exponent, u)
        if width is None or not all(_is_tame(b, p, u) for b, p in view.powers.items()):
            continue
        limit = nodes.number(width)
        clipped = nodes.make("clip", u, nodes.neg(limit), limit)
        powers: dict[Node, Fraction] = {}
        for base, power in view.powers.items():
            made = base
            if base.op == "normal_pdf" and base.args[0] is u:
                made = nodes.make("normal_pdf", clipped)
            elif power > 0:
                made = _limited(nodes, base, u, clipped)
            powers[made] = powers.get(made, Fraction(0)) + power
        exponential = nodes.make("exp", from_linear(nodes, exponent)) if exponent else None
        return product(nodes, view.coefficient, powers, exponential)
    return None


def _is_tame(base: Node, power: Fraction, u: Node) -> bool:
    """Whether a factor cannot outgrow one that vanishes: it has nothing to do with u, is bounded, or is a polynomial in u."""
    if u not in walk((base,)):
        return True
    if power < 0:
        return False
    if math.isfinite(base.bounds.low) and math.isfinite(base.bounds.high):
        return True
    return not _hidden(base, u)


def _hidden(node: Node, u: Node) -> bool:
    """Whether u stands anywhere but in a polynomial or in something bounded."""
    if node is u or u not in walk((node,)) or (math.isfinite(node.bounds.low) and math.isfinite(node.bounds.high)):
        return False
    polynomial = node.op in {"add", "mul", "neg"} or (node.op in {"pow", "div"} and node.args[1].op == "number")
    return not polynomial or any(_hidden(a, u) for a in node.args)


def _polynomial_atoms(node: Node) -> list[Node]:
    """What a factor is a polynomial in."""
    if node.op in {"add", "mul", "neg"}:
        return [atom for a in node.args for atom in _polynomial_atoms(a)]
    if node.op == "pow" and node.args[1].op == "number":
        return _polynomial_atoms(node.args[0]) if node.args[1].data > 0 and node.args[1].data.denominator == 1 else []
    if node.op == "div" and node.args[1].op == "number":
        return _polynomial_atoms(node.args[0])
    return [node] if node.op in {"argument", "element", "maximum", "minimum"} else []


def _limited(nodes: Nodes, node: Node, u: Node, clipped: Node) -> Node:
    if node is u:
        return clipped
    if u in _polynomial_atoms(node) and node.op in {"add", "mul", "neg", "pow", "div"}:
        return nodes.remake(node, tuple(_limited(nodes, a, u, clipped) for a in node.args))
    return node


def _width(nodes: Nodes, bases: list[Node], exponent: Linear, u: Node) -> int | None:
    """How far out the product is 0 in floating point on both sides, by one of its factors."""
    square = nodes.pow(u, nodes.number(2))
    if any(u in walk((atom,)) for atom in exponent):
        curvature = exponent.get(square, Fraction(0))
        return math.ceil(math.sqrt(UNDERFLOW / -curvature)) if curvature < 0 and len(exponent) == 1 else None
    for base in bases:
        if base.op == "normal_pdf" and base.args[0] is u:
            return 39
        if base.op in {"sigmoid_slope", "sech"}:
            steepness = _steepness(nodes, base.args[0], u)
            if steepness:
                return math.ceil(UNDERFLOW / steepness)
            inner = factors(base.args[0]).powers
            doubled = [b for b in inner if b.op == "softplus"] if len(inner) == 1 else []
            if doubled and doubled[0].args[0] is u and nodes.make("sigmoid", u) in bases:  # one vanishes on the left, one on the right
                return UNDERFLOW
    return None


def _steepness(nodes: Nodes, argument: Node, u: Node) -> Fraction | None:
    """c where the argument is c u plus odd powers of u with the same sign."""
    scale = Fraction(1)
    view = factors(argument)
    inner = [b for b, p in view.powers.items() if p == 1 and (b is u or u in walk((b,)))]
    constants = {b: p for b, p in view.powers.items() if b not in inner}
    if constants and len(inner) == 1 and not view.exponent and not any(n.op == "argument" for b in constants for n in walk((b,))):
        try:
            scale = abs(Fraction(float(evaluate(product(nodes, view.coefficient, constants), {}))))
        except (Undefined, OverflowError, ValueError):
            return None
        argument = inner[0]
    form = {atom: value * scale for atom, value in linear(nodes, argument).items()}
    slope = form.get(u)
    if not slope or any(value * slope < 0 for value in form.values()):
        return None
    return abs(slope) if all(atom is u or _is_odd_power(atom, u) for atom in form) else None


def _is_odd_power(node: Node, u: Node) -> bool:
    if node.op != "pow" or node.args[0] is not u or node.args[1].op != "number":
        return False
    power = node.args[1].data
    return bool(power.denominator == 1 and power % 2 == 1)


CANCELLATIONS: tuple[Rule, ...] = (
    Rule("beside-log-sum", "u + log(1 + e^(−u)) = log(1 + e^u)", ("add",), beside_log_sum),
    Rule("log-softmax", "z_i − log Σ_k e^(z_k) = log softmax(z)_i", ("add",), log_softmax),
    Rule("logistic-minus-square", "σ(u) − σ(u)² = σ′(u)", ("add",), logistic_minus_square),
    Rule("square-and-slope", "σ(u)² + σ′(u) = σ(u)", ("add",), square_and_slope),
    Rule("square-of-difference", "e^u − 2 + e^(−u) = 4 sinh²(u/2)", ("add",), square_of_difference),
    Rule("slope-inside", "σ(u) (1 + f σ(−u)) = σ(u) + f σ′(u)", ("mul",), slope_inside),
    Rule("vanishing-product", "u f(u) = clip(u) f(u) where f(u) is 0 beyond", ("mul", "div"), vanishing),
)
