"""Roots and powers: hypot, differences of roots, probabilities as exponentials of logarithms."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from derive.graph.graph import Nodes, walk
from derive.graph.node import Axis, Node
from derive.translation.stability.forms import Linear, Rule, affine, factors, from_linear, linear, product, terms, total
from derive.translation.stability.logarithms import log_product

__all__ = ["POWERS", "squared"]

ONE = Fraction(1)
FEWEST_SQUARES, MOST_SQUARES = 2, 3


# ---------------------------------------------------------------------------------------------- roots of sums of squares
def _side(nodes: Nodes, coefficient: Fraction, part: Node) -> Node | None:
    """x where the term is x², or None."""
    root = _exact_root(coefficient)
    if root is None:
        return None
    if part.op == "number":
        return nodes.number(root)
    if part.op == "pow" and part.args[1].op == "number" and part.args[1].data == 2 and part.args[0].op not in {"norm", "hypot"}:
        return nodes.mul(nodes.number(root), part.args[0])
    return None


def _exact_root(value: Fraction) -> Fraction | None:
    if value <= 0:
        return None
    above, below = math.isqrt(value.numerator), math.isqrt(value.denominator)
    return Fraction(above, below) if above * above == value.numerator and below * below == value.denominator else None


def hypot(nodes: Nodes, node: Node) -> Node | None:
    """√(x² + y²) → hypot(x, y), which neither overflows nor underflows."""
    inner = node.args[0]
    if inner.op != "add" or inner.shape:
        return None
    parts = terms(nodes, inner)
    if not FEWEST_SQUARES <= len(parts) <= MOST_SQUARES:
        return None
    sides = [_side(nodes, c, part) for c, part in parts]
    if any(s is None for s in sides) or all(s is not None and s.op == "number" for s in sides):
        return None
    made = sides[0]
    assert made is not None
    for side in sides[1:]:
        assert side is not None
        made = nodes.make("hypot", made, side)
    return made


def root_of_product(nodes: Nodes, node: Node) -> Node | None:
    """(∏ x_i)^(1/n) → ∏ x_i^(1/n) for x_i ≥ 0 and n of them: no product overflows."""
    base, exponent = node.args
    if base.op != "prod" or not base.args[0].bounds.nonnegative or not isinstance(base.data, Axis):
        return None
    count = nodes.size(base.data.size)
    if exponent is not nodes.div(nodes.number(1), count):
        return None
    return nodes.make("prod", nodes.make("pow", base.args[0], exponent), data=base.data)


def root_less(nodes: Nodes, node: Node) -> Node | None:
    """√(x² + c²) ± x → c e^(±arsinh(x/c)) for a number c: nothing cancels on either side."""
    parts = terms(nodes, node)
    for k, (weight, root) in enumerate(parts):
        if root.op != "hypot" or abs(weight) != 1:
            continue
        for x, c in (root.args, root.args[::-1]):
            if c.op != "number" or c.data <= 0:
                continue
            for j, (other, part) in enumerate(parts):
                if part is not x or abs(other) != 1:
                    continue
                scaled = nodes.make("asinh", nodes.div(x, c))
                made = nodes.mul(c, nodes.make("exp", scaled if other == weight else nodes.neg(scaled)))
                rest = [t for place, t in enumerate(parts) if place not in {k, j}]
                return total(nodes, [*rest, (weight, made)])
    return None


def root_of_square(nodes: Nodes, node: Node) -> Node | None:
    """√(x²) → |x|."""
    inner = node.args[0]
    if inner.op == "pow" and inner.args[1].op == "number" and inner.args[1].data == 2:
        base = inner.args[0]
        return base if base.bounds.nonnegative else nodes.make("abs", base)
    return None


def squared(nodes: Nodes, node: Node) -> Node:
    """‖v‖² as Σ v_i², without a root; anything else as it is."""
    if node.op != "pow" or node.args[1] is not nodes.number(2) or node.args[0].op != "norm" or node.args[0].data not in {"2", "F"}:
        return node
    (v, *_) = node.args[0].args
    if len(v.shape) == 2 and node.args[0].data == "2":
        return node
    return nodes.make("matmul", v, v) if len(v.shape) == 1 else nodes.make("sum", nodes.pow(v, nodes.number(2)), data="all")


# ---------------------------------------------------------------------------------------------- differences of roots
def _squared(nodes: Nodes, part: Node) -> Linear | None:
    """The square of a term as a linear form, where that is exact."""
    if part.op == "sqrt":
        return linear(nodes, part.args[0])
    if part.op == "hypot":
        squares = [nodes.pow(a, nodes.number(2)) for a in part.args]
        return affine(*((ONE, linear(nodes, s)) for s in squares))
    if part.op == "number":
        return {nodes.number(1): Fraction(part.data) ** 2}
    return {nodes.pow(part, nodes.number(2)): ONE} if part.bounds.nonnegative else None


def conjugate(nodes: Nodes, node: Node) -> Node | None:
    """√a − √b → (a − b)/(√a + √b) where a − b is simpler than what it comes from."""
    parts = terms(nodes, node)
    if len(parts) != 2 or parts[0][0] * parts[1][0] >= 0:
        return None
    (c, first), (d, second) = parts
    if not {first.op, second.op} & {"sqrt", "hypot"}:
        return None
    square_first, square_second = _squared(nodes, first), _squared(nodes, second)
    if square_first is None or square_second is None:
        return None
    above = affine((c * c, square_first), (-d * d, square_second))
    if len(above) != 1 or len(square_first) + len(square_second) < 3:
        return None
    top = from_linear(nodes, above)
    bottom = total(nodes, [(abs(c), first), (abs(d), second)])
    quotient = nodes.div(top, bottom)
    return quotient if c > 0 else nodes.neg(quotient)


# ---------------------------------------------------------------------------------------------- probabilities
LARGE = frozenset(("factorial", "binomial", "gamma", "beta"))
LOGARITHMIC = frozenset(("loggamma", "log_beta", "log_binomial"))


def _is_positive_argument(base: Node) -> bool:
    """Whether the function is positive there. The beta function is, its integral has no value elsewhere; a binomial of counts is."""
    if base.op == "prod":
        return all(_is_positive_argument(b) for b in factors(base.args[0]).powers if b.op in LARGE)
    counts = [n for a in base.args for n in walk((a,)) if n.op == "argument"]
    if base.op == "binomial" and counts and all(n.data[0].kind == "integer" and n.bounds.nonnegative for n in counts):
        return True
    return base.op == "beta" or all(a.bounds.nonnegative for a in base.args)


def _holds(base: Node, wanted: Callable[[Node], bool]) -> bool:
    """Whether a factor, or a product over an index, is made of such factors."""
    if base.op != "prod":
        return wanted(base)
    inner = factors(base.args[0])
    return bool(inner.powers) and not inner.exponent and inner.coefficient == 1 and all(map(wanted, inner.powers))


def _is_large(base: Node) -> bool:
    return base.op in LARGE


def _is_partner(base: Node) -> bool:
    return base.op == "pow" and base.args[1].op != "number" and base.args[0].bounds.nonnegative


def through_logarithms(nodes: Nodes, node: Node) -> Node | None:
    """C(n, k) p^k (1 − p)^(n−k) → exp of its logarithm: no factor overflows alone."""
    if node.shape:
        return None
    view = factors(node)
    large = [b for b, p in view.powers.items() if _holds(b, _is_large) and p.denominator == 1]
    form = affine(*((weight, linear(nodes, u)) for weight, u in view.exponent))
    begun = any((atom.args[0] if atom.op == "sum" else atom).op in LOGARITHMIC for atom in form)
    if not (large or begun) or not all(_is_positive_argument(b) for b in large):
        return None
    powers = [b for b in view.powers if b.op == "pow" and b.args[1].op != "number"]
    partners = [b for b in view.powers if _holds(b, _is_partner)]
    if len(large) + len(partners) + bool(view.exponent) < 2 or any(b not in partners for b in powers):
        return None
    inside = {b: p for b, p in view.powers.items() if b in large or b in partners}
    outside = {b: p for b, p in view.powers.items() if b not in inside}
    exponential = nodes.make("exp", from_linear(nodes, form)) if form else None
    logarithm = log_product(nodes, nodes.make("log", product(nodes, ONE, inside, exponential)))
    if logarithm is None:
        return None
    return product(nodes, view.coefficient, outside, nodes.make("exp", logarithm))


def binomial_from_factorials(nodes: Nodes, node: Node) -> Node | None:
    """n!/(k! (n − k)!) → C(n, k)."""
    view = factors(node)
    above = [b for b, p in view.powers.items() if b.op == "factorial" and p == 1]
    below = [b for b, p in view.powers.items() if b.op == "factorial" and p == -1]
    for n in above:
        for k in below:
            rest = affine((ONE, linear(nodes, n.args[0])), (-ONE, linear(nodes, k.args[0])))
            other = next((b for b in below if b is not k and linear(nodes, b.args[0]) == rest), None)
            if other is None:
                continue
            chosen = k if k.args[0].op != "add" else other
            powers = {b: p for b, p in view.powers.items() if b not in {n, k, other}}
            powers[nodes.make("binomial", n.args[0], chosen.args[0])] = ONE
            form = affine(*((weight, linear(nodes, u)) for weight, u in view.exponent))
            return product(nodes, view.coefficient, powers, nodes.make("exp", from_linear(nodes, form)) if form else None)
    return None


def scaled_complementary(nodes: Nodes, node: Node) -> Node | None:
    """e^(x²) erfc(x) → erfcx(x)."""
    view = factors(node)
    if not view.exponent:
        return None
    form = affine(*((weight, linear(nodes, u)) for weight, u in view.exponent))
    for base, power in view.powers.items():
        if base.op == "erfc" and power == 1:
            square = linear(nodes, nodes.pow(base.args[0], nodes.number(2)))
            if form == square:
                powers = {b: p for b, p in view.powers.items() if b is not base}
                powers[nodes.make("erfcx", base.args[0])] = ONE
                return product(nodes, view.coefficient, powers)
    return None


def power_of_exponential(nodes: Nodes, node: Node) -> Node | None:
    """(e^u)^v → e^(u v)."""
    base, exponent = node.args
    return nodes.make("exp", nodes.mul(base.args[0], exponent)) if base.op == "exp" else None


def power_near_one(nodes: Nodes, node: Node) -> Node | None:
    """(1 + u)^v → e^(v log1p u) for u ≥ 0: the sum would lose the digits of a small u, which a large v needs."""
    base, exponent = node.args
    if base.op != "add" or exponent.op == "number" or nodes.number(1) not in base.args or base.shape:
        return None
    rest = nodes.add(*(a for a in base.args if a is not nodes.number(1)))
    whole = [n.op != "constant" and (n.op != "argument" or n.data[0].kind != "real") for n in walk((rest,)) if not n.args]
    if not rest.bounds.nonnegative or all(whole):
        return None
    return nodes.make("exp", nodes.mul(exponent, nodes.make("log1p", rest)))


def complement_of_power(nodes: Nodes, node: Node) -> Node | None:
    """1 − (1 − p)^n → −expm1(n log1p(−p)), and 1 − ∏ (1 − p_i) in the same way: a small p is not lost."""
    parts = terms(nodes, node)
    one = nodes.number(1)
    for k, (weight, part) in enumerate(parts):
        if part is not one:
            continue
        for j, (other, power) in enumerate(parts):
            if other != -weight or power is one:
                continue
            exponent = _log_of_complement(nodes, power)
            if exponent is not None:
                rest = [t for place, t in enumerate(parts) if place not in {k, j}]
                return total(nodes, [*rest, (other, nodes.make("expm1", exponent))])
    return None


def _log_of_complement(nodes: Nodes, node: Node) -> Node | None:
    """n log1p(−p) of (1 − p)^n, the sum of those of a product over an index."""
    if node.op == "prod" and isinstance(node.data, Axis):
        inner = _log_of_one_less(nodes, node.args[0]) if node.args[0].bounds.positive else None
        return nodes.make("sum", inner, data=node.data) if inner is not None else None
    if node.op == "pow" and node.args[1].op != "number":
        inner = _log_of_one_less(nodes, node.args[0])
        return nodes.mul(node.args[1], inner) if inner is not None else None
    return None


def _log_of_one_less(nodes: Nodes, node: Node) -> Node | None:
    parts = terms(nodes, node)
    if (ONE, nodes.number(1)) not in parts or not node.bounds.nonnegative or len(parts) != 2:
        return None
    return nodes.make("log1p", total(nodes, [t for t in parts if t != (ONE, nodes.number(1))]))


def common_sign(nodes: Nodes, node: Node) -> Node | None:
    """−a − b → −(a + b)."""
    return nodes.neg(nodes.add(*(a.args[0] for a in node.args))) if all(a.op == "neg" for a in node.args) else None


def cancel(nodes: Nodes, node: Node) -> Node | None:
    """a b / a → b."""
    above, below = _bases(node.args[0]), _bases(node.args[1])
    if not above & below:
        return None
    view = factors(node)
    form = affine(*((weight, linear(nodes, u)) for weight, u in view.exponent))
    return product(nodes, view.coefficient, view.powers, nodes.make("exp", from_linear(nodes, form)) if form else None)


def _bases(node: Node) -> set[Node]:
    return set(factors(node).powers)


POWERS: tuple[Rule, ...] = (
    Rule("power-of-exponential", "(e^u)^v = e^(u v)", ("pow",), power_of_exponential),
    Rule("power-near-one", "(1 + u)^v = e^(v log1p u)", ("pow",), power_near_one),
    Rule("complement-of-power", "1 − (1 − p)^n = −expm1(n log1p(−p))", ("add",), complement_of_power),
    Rule("cancel", "a b / a = b", ("div",), cancel),
    Rule("common-sign", "−a − b = −(a + b)", ("add",), common_sign),
    Rule("root-of-square", "√(x²) = |x|", ("sqrt",), root_of_square),
    Rule("root-of-product", "(∏ x_i)^(1/n) = ∏ x_i^(1/n)", ("pow",), root_of_product),
    Rule("hypot", "√(x² + y²) = hypot(x, y)", ("sqrt",), hypot),
    Rule("conjugate-roots", "√a − √b = (a − b)/(√a + √b)", ("add",), conjugate),
    Rule("root-less", "√(x² + c²) ± x = c e^(±arsinh(x/c))", ("add",), root_less),
    Rule("binomial-from-factorials", "n!/(k! (n − k)!) = C(n, k)", ("mul", "div"), binomial_from_factorials),
    Rule("through-logarithms", "C(n, k) p^k (1 − p)^(n−k) = e^(log …)", ("mul", "div"), through_logarithms),
    Rule("scaled-complementary-error-function", "e^(x²) erfc x = erfcx x", ("mul", "div"), scaled_complementary),
)
