"""Logistic, hyperbolic and exponential forms: what overflows or cancels is said by a function that does neither."""

from __future__ import annotations

import math
from fractions import Fraction

from derive.graph.graph import Nodes
from derive.graph.node import Node
from derive.translation.stability.forms import Linear, Rule, affine, factors, from_linear, linear, product, scaled, terms, total

__all__ = ["EXPONENTIALS", "exponential_terms", "logistic_sum"]

ONE = Fraction(1)
HALF = Fraction(1, 2)


def _exponent(nodes: Nodes, parts: list[tuple[Fraction, Node]]) -> Linear:
    return affine(*((weight, linear(nodes, node)) for weight, node in parts))


def exponential_terms(nodes: Nodes, node: Node) -> list[tuple[Fraction, Linear]] | None:
    """The node as a sum of c·e^u, the number c being c·e^0; None where another term stands in it."""
    found = []
    for coefficient, part in terms(nodes, node):
        if part.op == "number":
            found.append((coefficient, Linear()))
            continue
        if part.op == "expm1":
            found += [(coefficient, linear(nodes, part.args[0])), (-coefficient, Linear())]
            continue
        if part.op in {"sinh", "cosh"}:
            u = linear(nodes, part.args[0])
            found += [(coefficient / 2, u), (coefficient / 2 * (1 if part.op == "cosh" else -1), affine((-ONE, u)))]
            continue
        view = factors(part)
        if view.powers or not view.exponent:
            inner = next(iter(view.powers)) if len(view.powers) == 1 and not view.exponent else part
            spread = exponential_terms(nodes, inner) if inner.op == "add" and view.powers[inner] == 1 else None
            if spread is None:
                return None
            found += [(coefficient * view.coefficient * c, form) for c, form in spread]
            continue
        found.append((coefficient * view.coefficient, _exponent(nodes, view.exponent)))
    return found


# ---------------------------------------------------------------------------------------------- one exponential
def one_exponential(nodes: Nodes, node: Node) -> Node | None:
    """e^a e^b / e^c → e^(a + b − c)."""
    view = factors(node)
    if len(view.exponent) < 2 and not (view.exponent and view.exponent[0][0] != 1):
        return None
    exponent = _exponent(nodes, view.exponent)
    exponential = nodes.make("exp", from_linear(nodes, exponent)) if exponent else None
    return product(nodes, view.coefficient, view.powers, exponential)


# ---------------------------------------------------------------------------------------------- the logistic function
def logistic_sum(nodes: Nodes, node: Node) -> tuple[Fraction, Linear, Linear] | None:
    """c, v, u where the node is c (e^v + e^(v+u))."""
    if node.op != "add":
        return None
    parts = exponential_terms(nodes, node)
    if parts is None or len(parts) != 2 or parts[0][0] != parts[1][0]:
        return None
    (c, v), (_, w) = parts
    if w == {}:
        v, w = w, v
    return c, v, affine((ONE, w), (-ONE, v))


def logistic_square(nodes: Nodes, node: Node) -> tuple[Fraction, Linear, Linear] | None:
    """c, v, u where the node is c (e^v + e^(v+u))²: 2 + e^x + e^(−x) is one."""
    parts = exponential_terms(nodes, node) if node.op == "add" and len(node.args) > 1 else None
    if parts is None or len(parts) != 3:
        return None
    for k, (d, middle) in enumerate(parts):
        (a, low), (b, high) = (t for j, t in enumerate(parts) if j != k)
        if a == b and d == 2 * a and affine((ONE, low), (ONE, high)) == affine((Fraction(2), middle)):
            if max(affine((ONE, high), (-ONE, low)).values(), default=ONE) < 0:
                low, high = high, low
            return a, affine((HALF, low)), affine((HALF, high), (-HALF, low))
    return None


def logistic(nodes: Nodes, node: Node) -> Node | None:
    """e^(a u) / (1 + e^u)^b → σ(u)^a σ(−u)^(b−a), so also 1/(1 + e^(−x)) and e^x/(1 + e^x)."""
    view = factors(node)
    for base, power in view.powers.items():
        if power >= 0 or power.denominator != 1:
            continue
        found = logistic_sum(nodes, base)
        squared = logistic_square(nodes, base) if found is None else None
        if found is None and squared is None:
            continue
        c, v, u = found or squared or (ONE, Linear(), Linear())
        b = int(-power) * (1 if squared is None else 2)
        exponent = affine((ONE, _exponent(nodes, view.exponent)), (Fraction(-b), v))
        c = c**b if squared is None else c ** int(-power)
        lead = next(iter(u))
        a = max(0, min(b, math.floor(exponent.get(lead, Fraction(0)) / u[lead])))
        rest = affine((ONE, exponent), (Fraction(-a), u))
        argument = from_linear(nodes, u)
        slopes, ups, downs = min(a, b - a), a - min(a, b - a), b - a - min(a, b - a)
        powers = {k: p for k, p in view.powers.items() if k is not base}
        for op, sign, count in (("sigmoid_slope", 1, slopes), ("sigmoid", 1, ups), ("sigmoid", -1, downs)):
            if count:
                inner = argument if sign > 0 else from_linear(nodes, affine((-ONE, u)))
                made = nodes.make(op, inner)
                powers[made] = powers.get(made, Fraction(0)) + count
        exponential = nodes.make("exp", from_linear(nodes, rest)) if rest else None
        return product(nodes, view.coefficient / c, powers, exponential)
    return None


def slope(nodes: Nodes, node: Node) -> Node | None:
    """σ(u) σ(−u) → σ′(u), one exponential instead of two."""
    view = factors(node)
    ups = {b: p for b, p in view.powers.items() if b.op == "sigmoid" and p.denominator == 1 and p > 0}
    for base, power in ups.items():
        opposite = affine((-ONE, linear(nodes, base.args[0])))
        for other, count in ups.items():
            if other is not base and linear(nodes, other.args[0]) == opposite:
                shared = min(power, count)
                powers = dict(view.powers)
                powers[base] -= shared
                powers[other] -= shared
                made = nodes.make("sigmoid_slope", base.args[0] if base.args[0].op != "neg" else other.args[0])
                powers = {b: p for b, p in powers.items() if p}
                powers[made] = powers.get(made, Fraction(0)) + shared
                return product(nodes, view.coefficient, powers, _kept_exponential(nodes, view.exponent))
    return None


def _kept_exponential(nodes: Nodes, exponent: list[tuple[Fraction, Node]]) -> Node | None:
    form = _exponent(nodes, exponent)
    return nodes.make("exp", from_linear(nodes, form)) if form else None


def logistic_times_exponential(nodes: Nodes, node: Node) -> Node | None:
    """e^(−u) σ(u) → σ(−u): no infinity meets a zero."""
    view = factors(node)
    if not view.exponent:
        return None
    exponent = _exponent(nodes, view.exponent)
    for base, power in view.powers.items():
        if base.op != "sigmoid" or power.denominator != 1 or power < 1:
            continue
        u = linear(nodes, base.args[0])
        lead = next(iter(u), None)
        if lead is None or lead not in exponent:
            continue
        count = min(int(power), math.floor(-exponent[lead] / u[lead]))
        if count < 1:
            continue
        rest = affine((ONE, exponent), (Fraction(count), u))
        made = nodes.make("sigmoid", from_linear(nodes, affine((-ONE, u))))
        powers = {b: p - count if b is base else p for b, p in view.powers.items()}
        powers[made] = powers.get(made, Fraction(0)) + count
        exponential = nodes.make("exp", from_linear(nodes, rest)) if rest else None
        return product(nodes, view.coefficient, {b: p for b, p in powers.items() if p}, exponential)
    return None


def logistic_quotient(nodes: Nodes, node: Node) -> Node | None:
    """σ(−u)/σ(u) → e^(−u)."""
    view = factors(node)
    for base, power in view.powers.items():
        if base.op != "sigmoid" or power.denominator != 1 or power > -1:
            continue
        opposite = affine((-ONE, linear(nodes, base.args[0])))
        for other, count in view.powers.items():
            if other.op == "sigmoid" and count.denominator == 1 and count >= 1 and linear(nodes, other.args[0]) == opposite:
                shared = min(-power, count)
                powers = {b: p + shared if b is base else p - shared if b is other else p for b, p in view.powers.items()}
                form = affine((ONE, _exponent(nodes, view.exponent)), (shared, opposite))
                exponential = nodes.make("exp", from_linear(nodes, form)) if form else None
                return product(nodes, view.coefficient, {b: p for b, p in powers.items() if p}, exponential)
    return None


# ---------------------------------------------------------------------------------------------- hyperbolic tangent
def tanh(nodes: Nodes, node: Node) -> Node | None:
    """(e^u − e^v)/(e^u + e^v) → tanh((u − v)/2)."""
    view = factors(node)
    for base, power in view.powers.items():
        if power != -1:
            continue
        below = exponential_terms(nodes, base)
        if below is None or len(below) != 2 or below[0][0] != below[1][0]:
            continue
        for other, count in view.powers.items():
            if count != 1 or other.op not in {"add", "neg", "sinh", "expm1"}:
                continue
            above = exponential_terms(nodes, other)
            if above is None or len(above) != 2 or above[0][0] != -above[1][0]:
                continue
            extra = affine((ONE, above[0][1]), (-ONE, below[0][1]))
            crossed = affine((ONE, above[0][1]), (-ONE, below[1][1]))
            if affine((ONE, above[1][1]), (-ONE, below[1][1])) != extra:
                if affine((ONE, above[1][1]), (-ONE, below[0][1])) != crossed:
                    continue
                extra = crossed
            plus, minus = (above[0][1], above[1][1]) if above[0][0] > 0 else (above[1][1], above[0][1])
            argument = affine((HALF, plus), (-HALF, minus))
            sign = -1 if max(argument.values()) < 0 else 1  # tanh is odd
            made = nodes.make("tanh", from_linear(nodes, affine((Fraction(sign), argument))))
            powers = {b: p for b, p in view.powers.items() if b not in {base, other}}
            powers[made] = powers.get(made, Fraction(0)) + 1
            form = affine((ONE, _exponent(nodes, view.exponent)), (ONE, extra))
            exponential = nodes.make("exp", from_linear(nodes, form)) if form else None
            return product(nodes, sign * view.coefficient * abs(above[0][0]) / below[0][0], powers, exponential)
    return None


def hyperbolic(nodes: Nodes, node: Node) -> Node | None:
    """e^u − e^(−u) → 2 sinh u."""
    if node.op != "add" or len(node.args) != 2 or any(t.op in {"sinh", "cosh"} for _, t in terms(nodes, node)):
        return None
    parts = exponential_terms(nodes, node)
    if parts is None or len(parts) != 2:
        return None
    (c, u), (d, v) = parts
    if not u or affine((-ONE, u)) != v or c != -d:
        return None
    return scaled(nodes, 2 * abs(c), nodes.make("sinh", from_linear(nodes, u if c > 0 else v)))


def ratio_of_hyperbolics(nodes: Nodes, node: Node) -> Node | None:
    """sinh u / cosh u → tanh u, 1/cosh u → sech u (sech does not overflow)."""
    view = factors(node)
    for base, power in view.powers.items():
        if base.op == "cosh" and power < 0 and power.denominator == 1:
            powers = {b: p for b, p in view.powers.items() if b is not base}
            sine = nodes.make("sinh", base.args[0])
            if powers.get(sine) == -power:
                powers.pop(sine)
                made = nodes.make("tanh", base.args[0])
            else:
                made = nodes.make("sech", base.args[0])
            powers[made] = powers.get(made, Fraction(0)) - power
            return product(nodes, view.coefficient, powers, _kept_exponential(nodes, view.exponent))
    return None


# ---------------------------------------------------------------------------------------------- differences from one
def _doubled(nodes: Nodes, u: Node, sign: int) -> Node:
    return from_linear(nodes, affine((Fraction(2 * sign), linear(nodes, u))))


def _half_square(nodes: Nodes, op: str, u: Node) -> Node:
    return nodes.pow(nodes.make(op, nodes.div(u, nodes.number(2))), nodes.number(2))


def _completed(nodes: Nodes, part: Node, same: bool) -> tuple[Fraction, Node] | None:
    """1 + f (`same`) or 1 − f as (number, node) where there is a function for it."""
    op = part.op
    u = part.args[0] if part.args else part
    if op == "pow" and part.args[1].op == "number" and part.args[1].data == 2 and not same:
        base = part.args[0]
        if base.op == "tanh":
            return Fraction(4), nodes.make("sigmoid_slope", _doubled(nodes, base.args[0], 1))
        if base.op in {"sin", "cos"}:
            return ONE, nodes.pow(nodes.make("cos" if base.op == "sin" else "sin", base.args[0]), nodes.number(2))
        return None
    if same:
        return {
            "tanh": lambda: (Fraction(2), nodes.make("sigmoid", _doubled(nodes, u, 1))),
            "erf": lambda: (ONE, nodes.make("erfc", nodes.neg(u))),
            "cos": lambda: (Fraction(2), _half_square(nodes, "cos", u)),
        }.get(op, lambda: None)()
    return {
        "sigmoid": lambda: (ONE, nodes.make("sigmoid", nodes.neg(u))),
        "normal_cdf": lambda: (ONE, nodes.make("normal_cdf", nodes.neg(u))),
        "tanh": lambda: (Fraction(2), nodes.make("sigmoid", _doubled(nodes, u, -1))),
        "erf": lambda: (ONE, nodes.make("erfc", u)),
        "cos": lambda: (Fraction(2), _half_square(nodes, "sin", u)),
        "cosh": lambda: (Fraction(-2), _half_square(nodes, "sinh", u)),
        "exp": lambda: (-ONE, nodes.make("expm1", u)),
    }.get(op, lambda: None)()


def difference_from_one(nodes: Nodes, node: Node) -> Node | None:
    """1 − σ(x) → σ(−x), e^x − 1 → expm1 x, 1 − cos x → 2 sin²(x/2), 1 − erf x → erfc x, 1 − Φ(x) → Φ(−x), 1 − tanh² x → 4 σ′(2x)."""
    parts = terms(nodes, node)
    ones = [k for k, (_, part) in enumerate(parts) if part.op == "number"]
    if len(ones) != 1 or len(parts) < 2:
        return None
    constant = parts[ones[0]][0]
    for k, (coefficient, part) in enumerate(parts):
        if k == ones[0] or abs(coefficient) != abs(constant):
            continue
        made = _completed(nodes, part, coefficient == constant)
        if made is None:
            continue
        rest = [t for j, t in enumerate(parts) if j not in {k, ones[0]}]
        rest.insert(min(k, ones[0]), (constant * made[0], made[1]))
        return total(nodes, rest)
    return None


def tanh_from_logistic(nodes: Nodes, node: Node) -> Node | None:
    """2 σ(u) − 1 → tanh(u/2)."""
    parts = terms(nodes, node)
    if len(parts) != 2:
        return None
    for (c, one), (d, part) in (parts, parts[::-1]):
        if one.op == "number" and part.op == "sigmoid" and d == -2 * c:
            return scaled(nodes, -c, nodes.make("tanh", nodes.div(part.args[0], nodes.number(2))))
    return None


def distribution_from_error_function(nodes: Nodes, node: Node) -> Node | None:
    """½ erfc(−u/√2) → Φ(u)."""
    view = factors(node)
    for base, power in view.powers.items():
        if base.op != "erfc" or power != 1 or view.coefficient.denominator % 2:
            continue
        inner = factors(base.args[0])
        root = nodes.make("sqrt", nodes.number(2))
        powers = dict(inner.powers)
        if powers.get(nodes.number(2)) == -HALF:
            powers.pop(nodes.number(2))
        elif powers.get(root) == -1:
            powers.pop(root)
        else:
            continue
        u = product(nodes, -inner.coefficient, powers, _kept_exponential(nodes, inner.exponent))
        rest = {b: p for b, p in view.powers.items() if b is not base}
        rest[nodes.make("normal_cdf", u)] = ONE
        return product(nodes, view.coefficient * 2, rest, _kept_exponential(nodes, view.exponent))
    return None


PRODUCTS = ("mul", "div", "pow", "neg")

EXPONENTIALS: tuple[Rule, ...] = (
    Rule("hyperbolic-tangent", "(e^u − e^v)/(e^u + e^v) = tanh((u − v)/2)", ("mul", "div"), tanh),
    Rule("logistic-form", "e^(a u)/(1 + e^u)^b = σ(u)^a σ(−u)^(b−a)", ("mul", "div"), logistic),
    Rule("one-exponential", "e^a e^b = e^(a+b)", ("mul", "div", "pow"), one_exponential),
    Rule("logistic-times-exponential", "e^(−u) σ(u) = σ(−u)", ("mul", "div"), logistic_times_exponential),
    Rule("logistic-quotient", "σ(−u)/σ(u) = e^(−u)", ("mul", "div"), logistic_quotient),
    Rule("logistic-slope", "σ(u) σ(−u) = σ′(u)", ("mul", "div"), slope),
    Rule("tanh-from-logistic", "2 σ(u) − 1 = tanh(u/2)", ("add",), tanh_from_logistic),
    Rule("hyperbolic-sine", "e^u − e^(−u) = 2 sinh u", ("add",), hyperbolic),
    Rule("difference-from-one", "1 − f(x) by a function of its own", ("add",), difference_from_one),
    Rule("hyperbolic-ratio", "sinh u / cosh u = tanh u, 1/cosh u = sech u", ("div",), ratio_of_hyperbolics),
    Rule("normal-distribution-function", "½ erfc(−u/√2) = Φ(u)", ("mul", "div"), distribution_from_error_function),
)
