"""Roots and powers: hypot, differences of roots, probabilities as exponentials of logarithms."""

from __future__ import annotations

import math
from fractions import Fraction

from derive.graph.graph import Nodes
from derive.graph.node import Node
from derive.translation.stability.forms import Linear, Rule, affine, factors, from_linear, linear, product, terms, total
from derive.translation.stability.logarithms import log_product

__all__ = ["POWERS"]

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


def root_of_square(nodes: Nodes, node: Node) -> Node | None:
    """√(x²) → |x|."""
    inner = node.args[0]
    if inner.op == "pow" and inner.args[1].op == "number" and inner.args[1].data == 2:
        base = inner.args[0]
        return base if base.bounds.nonnegative else nodes.make("abs", base)
    return None


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


def _is_positive_argument(base: Node) -> bool:
    """Whether the function is positive there. The beta function is: its integral has no value at other arguments."""
    return base.op == "beta" or all(a.bounds.nonnegative for a in base.args)


def through_logarithms(nodes: Nodes, node: Node) -> Node | None:
    """C(n, k) p^k (1 − p)^(n−k) → exp of its logarithm: no factor overflows alone."""
    view = factors(node)
    large = [b for b, p in view.powers.items() if b.op in LARGE and p.denominator == 1]
    if not large or not all(_is_positive_argument(b) for b in large) or node.shape:
        return None
    partners = [b for b in view.powers if b.op == "pow" and b.args[1].op != "number"]
    if len(large) + len(partners) + bool(view.exponent) < 2:
        return None
    inside = {b: p for b, p in view.powers.items() if b in large or b in partners}
    outside = {b: p for b, p in view.powers.items() if b not in inside}
    form = affine(*((weight, linear(nodes, u)) for weight, u in view.exponent))
    if not all(b.args[0].bounds.nonnegative for b in partners):
        return None
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
    Rule("cancel", "a b / a = b", ("div",), cancel),
    Rule("common-sign", "−a − b = −(a + b)", ("add",), common_sign),
    Rule("root-of-square", "√(x²) = |x|", ("sqrt",), root_of_square),
    Rule("hypot", "√(x² + y²) = hypot(x, y)", ("sqrt",), hypot),
    Rule("conjugate-roots", "√a − √b = (a − b)/(√a + √b)", ("add",), conjugate),
    Rule("binomial-from-factorials", "n!/(k! (n − k)!) = C(n, k)", ("mul", "div"), binomial_from_factorials),
    Rule("through-logarithms", "C(n, k) p^k (1 − p)^(n−k) = e^(log …)", ("mul", "div"), through_logarithms),
    Rule("scaled-complementary-error-function", "e^(x²) erfc x = erfcx x", ("mul", "div"), scaled_complementary),
)
