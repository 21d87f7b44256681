"""Quotients whose parts overflow or vanish together: Mills ratios, logistic powers, partition sums; and like terms of a sum."""

from __future__ import annotations

import math
from fractions import Fraction

from derive.graph.graph import Nodes
from derive.graph.node import Node
from derive.translation.stability.exponentials import exponential_terms, logistic_sum
from derive.translation.stability.forms import Factors, Linear, Rule, affine, factors, from_linear, linear, product, scaled, terms, total
from derive.translation.stability.mixtures import log_of_sums

__all__ = ["RATIOS"]

ONE = Fraction(1)
SUMS_OF_EXPONENTIALS = frozenset(("add", "sinh", "cosh", "expm1"))
LOGARITHMS_OF_SUMS = frozenset(("softplus", "logaddexp", "logsumexp"))
MOST_TERMS = 6
SATURATED = -37  # from here on down log(1 + e^u) and e^u/(1 + e^u) are e^u in double precision: e^-37 < 2^-53


def _exponent(nodes: Nodes, view: Factors) -> Linear:
    return affine(*((weight, linear(nodes, u)) for weight, u in view.exponent))


def _rebuilt(nodes: Nodes, coefficient: Fraction, powers: dict[Node, Fraction], exponent: Linear) -> Node:
    exponential = nodes.make("exp", from_linear(nodes, exponent)) if exponent else None
    return product(nodes, coefficient, {b: p for b, p in powers.items() if p}, exponential)


# ---------------------------------------------------------------------------------------------- the normal distribution
def mills(nodes: Nodes, node: Node) -> Node | None:
    """φ(u)/Φ(u) → √(2/π) / erfcx(−u/√2), and e^(−u²/2)/Φ(u) in the same way."""
    view = factors(node)
    exponent = _exponent(nodes, view)
    for base, power in view.powers.items():
        if base.op != "normal_cdf" or power.denominator != 1 or power > -1:
            continue
        u = base.args[0]
        square = nodes.pow(u.args[0] if u.op == "neg" else u, nodes.number(2))
        densities = [b for b in view.powers if b.op == "normal_pdf" and _same_but_for_sign(nodes, b.args[0], u)]
        shared = min(-power, view.powers[densities[0]]) if densities else Fraction(0)
        below = nodes.make("erfcx", nodes.div(nodes.neg(u), nodes.make("sqrt", nodes.number(2))))
        powers = dict(view.powers)
        if densities and shared >= 1:
            powers[densities[0]] -= shared
            powers[nodes.make("sqrt", nodes.div(nodes.number(2), nodes.constant("pi")))] = shared
            coefficient = view.coefficient
        else:
            ((atom, weight),) = list(linear(nodes, square).items()) or [(square, ONE)]
            shared = Fraction(min(int(-power), math.floor(-2 * exponent.get(atom, Fraction(0)) / weight)))
            if shared < 1:
                continue
            exponent = affine((ONE, exponent), (shared / 2, {atom: weight}))
            coefficient = view.coefficient * 2 ** int(shared)
        powers[base] += shared
        powers[below] = powers.get(below, Fraction(0)) - shared
        return _rebuilt(nodes, coefficient, powers, exponent)
    return None


def _same_but_for_sign(nodes: Nodes, u: Node, v: Node) -> bool:
    """Whether u is v or −v: (a − μ)/s and (μ − a)/s."""
    if u.op == "div" and v.op == "div" and u.args[1] is v.args[1]:
        return _same_but_for_sign(nodes, u.args[0], v.args[0])
    first, second = linear(nodes, u), linear(nodes, v)
    return first == second or first == {atom: -weight for atom, weight in second.items()}


def over_distribution(nodes: Nodes, node: Node) -> Node | None:
    """(x Φ(u) + φ(u))/Φ(u) → x + φ(u)/Φ(u): both parts vanish far to the left, their quotient does not."""
    view = factors(node)
    for base, power in view.powers.items():
        if base.op != "normal_cdf" or power > -1:
            continue
        for one, count in view.powers.items():
            parts = terms(nodes, one) if one.op == "add" and count == 1 else []
            held = [factors(part) for _, part in parts]
            if not any(base in f.powers for f in held):
                continue
            if not all(base in f.powers or f.exponent or any(b.op == "normal_pdf" for b in f.powers) for f in held):
                continue
            divided = nodes.add(*(nodes.div(scaled(nodes, c, part), base) for c, part in parts))
            powers = {b: p + 1 if b is base else p for b, p in view.powers.items() if b is not one}
            return _rebuilt(nodes, view.coefficient, {**powers, divided: ONE}, _exponent(nodes, view))
    return None


# ---------------------------------------------------------------------------------------------- logistic functions
def _opposite(nodes: Nodes, u: Linear) -> Node:
    return from_linear(nodes, affine((-ONE, u)))


def _multiple(u: Linear, of: Linear) -> int | None:
    """k where u is k times the other form."""
    if not u:
        return 0
    lead = next(iter(of))
    ratio = u.get(lead, Fraction(0)) / of[lead]
    return int(ratio) if ratio.denominator == 1 and affine((ONE, u), (-ratio, of)) == {} else None


def polynomial_times_logistic(nodes: Nodes, node: Node) -> Node | None:
    """(Σ c_k e^(k u)) σ(−u)^m → Σ c_k σ(u)^k σ(−u)^(m−k), and (e^u − 1) σ(−u) → tanh(u/2): no infinity meets a zero."""
    view = factors(node)
    sums = [b for b, p in view.powers.items() if b.op in {"add", "expm1"} and p == 1]
    for one, power in view.powers.items():
        if one.op not in {"sigmoid", "sigmoid_slope"} or power.denominator != 1 or power < 1:
            continue
        u = linear(nodes, one.args[0])
        u = u if one.op == "sigmoid_slope" else affine((-ONE, u))
        up, down = nodes.make("sigmoid", from_linear(nodes, u)), nodes.make("sigmoid", _opposite(nodes, u))
        slope = one if one.op == "sigmoid_slope" else nodes.make("sigmoid_slope", from_linear(nodes, u))
        slopes = int(view.powers.get(slope, Fraction(0)))
        ups = int(view.powers.get(up, Fraction(0))) + slopes
        downs = int(view.powers.get(down, Fraction(0))) + slopes
        for base in sums:
            parts = exponential_terms(nodes, base)
            if parts is None or len(parts) < 2 or not any(form for _, form in parts):
                continue
            found = [(c, _multiple(form, u)) for c, form in parts]
            orders = [k for _, k in found if k is not None]
            high, low = max([0, *orders]), max([0, *(-k for k in orders)])
            if len(orders) < len(parts) or high > downs or low > ups:
                continue
            powers = {b: p for b, p in view.powers.items() if b not in {base, up, down, slope}}
            powers[up] = Fraction(ups - low)
            powers[down] = Fraction(downs - high)
            half = nodes.div(from_linear(nodes, u), nodes.number(2))
            coefficient = view.coefficient
            if len(parts) == 2 and high + low == 1 and parts[0][0] == -parts[1][0]:
                rising = max(parts, key=lambda t: _multiple(t[1], u) or 0)[0]
                coefficient *= rising
                powers[nodes.make("tanh", half)] = powers.get(nodes.make("tanh", half), Fraction(0)) + 1
            elif len(parts) == 2 and high + low == 1 and parts[0][0] == parts[1][0]:
                coefficient *= parts[0][0]  # σ(u) + σ(−u) = 1
            else:
                powers[_bounded(nodes, found, up, down, low, high)] = ONE
            return _rebuilt(nodes, coefficient, powers, _exponent(nodes, view))
    return None


def _bounded(nodes: Nodes, found: list[tuple[Fraction, int | None]], up: Node, down: Node, low: int, high: int) -> Node:
    """Σ c σ(u)^(low + k) σ(−u)^(high − k)."""
    parts = []
    for c, k in found:
        parts.append((c, nodes.mul(nodes.pow(up, nodes.number(low + (k or 0))), nodes.pow(down, nodes.number(high - (k or 0))))))
    return total(nodes, parts)


def into_each_term(nodes: Nodes, node: Node) -> Node | None:
    """e^(−u) (a e^u + b e^v) σ(u − v) → a σ(u − v) + b σ(v − u): exponentials go where they meet what they cancel."""
    view = factors(node)
    exponent = _exponent(nodes, view)
    logistic = [(linear(nodes, b.args[0]), p) for b, p in view.powers.items() if b.op == "sigmoid" and p >= 1 and p.denominator == 1]
    for base, power in view.powers.items():
        if base.op != "add" or power != 1 or len(base.args) > MOST_TERMS:
            continue
        inner = [factors(part) for _, part in terms(nodes, base)]
        forms = [affine((ONE, exponent), (ONE, _exponent(nodes, part))) for part in inner]
        if not any(part.exponent for part in inner) or not all(_is_absorbed(form, logistic) for form in forms):
            continue
        rest = {b: p for b, p in view.powers.items() if b is not base and b.op != "sigmoid"}
        shared = {b: p for b, p in view.powers.items() if b.op == "sigmoid"}
        made = []
        for (c, _), part, form in zip(terms(nodes, base), inner, forms, strict=True):
            powers = dict(part.powers)
            for one, count in shared.items():
                powers[one] = powers.get(one, Fraction(0)) + count
            made.append((c, _rebuilt(nodes, part.coefficient, powers, form)))
        added = total(nodes, made)
        return _rebuilt(nodes, view.coefficient, {**rest, added: rest.get(added, Fraction(0)) + 1}, {})
    return None


def _is_absorbed(form: Linear, logistic: list[tuple[Linear, Fraction]]) -> bool:
    """Whether e^form is nothing, or turns as many σ(s) into σ(−s)."""
    return not form or any(1 <= -(_multiple(form, s) or 0) <= count for s, count in logistic if s)


def logistic_over_softplus(nodes: Nodes, node: Node) -> Node | None:
    """σ(u)/log(1 + e^u), which is 1 wherever e^u is below the precision → the same at max(u, −37)."""
    view = factors(node)
    for base, power in view.powers.items():
        if base.op != "softplus" or power >= 0 or base.bounds.low > 0 or base.args[0].bounds.low >= SATURATED:
            continue
        u = base.args[0]
        above = view.powers.get(nodes.make("sigmoid", u), Fraction(0))
        if above < -power:
            continue
        shared = -power
        limited = nodes.make("maximum", u, nodes.neg(nodes.number(-SATURATED)))
        powers = dict(view.powers)
        powers[nodes.make("sigmoid", u)] -= shared
        powers[base] += shared
        powers[nodes.make("sigmoid", limited)] = shared
        powers[nodes.make("softplus", limited)] = -shared
        return _rebuilt(nodes, view.coefficient, powers, _exponent(nodes, view))
    return None


def logistic_root(nodes: Nodes, node: Node) -> Node | None:
    """e^v (1 + e^u)^b with a fraction b → e^(v + b log(1 + e^u))."""
    view = factors(node)
    for base, power in view.powers.items():
        found = logistic_sum(nodes, base) if power.denominator != 1 else None
        if found is None:
            continue
        c, v, u = found
        powers = {b: p for b, p in view.powers.items() if b is not base}
        if c != 1:
            powers[nodes.number(c)] = powers.get(nodes.number(c), Fraction(0)) + power
        softplus = nodes.make("softplus", from_linear(nodes, u))
        return _rebuilt(nodes, view.coefficient, powers, affine((ONE, _exponent(nodes, view)), (power, v), (power, {softplus: ONE})))
    return None


# ---------------------------------------------------------------------------------------------- sums of several exponentials
def _log_sum(nodes: Nodes, node: Node, least: int) -> Node | None:
    """log Σ c e^u of at least so many terms with c > 0, pair by pair."""
    parts = exponential_terms(nodes, node) if node.op == "add" else None
    if parts is None or len(parts) < least or any(c <= 0 for c, _ in parts) or not any(form for _, form in parts):
        return None
    logs = [from_linear(nodes, form) if c == 1 else nodes.add(from_linear(nodes, form), _log(nodes, c)) for c, form in parts]
    made = logs[0]
    for log in logs[1:]:
        made = nodes.make("logaddexp", made, log)
    return made


def _log(nodes: Nodes, c: Fraction) -> Node:
    return nodes.neg(nodes.make("log", nodes.number(1 / c))) if c < 1 else nodes.make("log", nodes.number(c))


def _log_of(nodes: Nodes, node: Node, least: int) -> Node | None:
    """log of a sum of exponentials, among which may be sums over an index."""
    found = _log_sum(nodes, node, least)
    return log_of_sums(nodes, nodes.make("log", node)) if found is None and node.op == "add" else found


def log_of_several(nodes: Nodes, node: Node) -> Node | None:
    """log(e^a + e^b + e^c) → logaddexp(logaddexp(a, b), c)."""
    return _log_sum(nodes, node.args[0], 3)


def partition(nodes: Nodes, node: Node) -> Node | None:
    """e^a (e^b + e^c)/(e^a + e^b + e^c)² → e^(a + log(e^b + e^c) − 2 log(e^a + e^b + e^c))."""
    view = factors(node)
    below = {b: made for b, p in view.powers.items() if p < 0 and (made := _log_of(nodes, b, 3)) is not None}
    if not below:
        return None
    above = {b: made for b, p in view.powers.items() if p > 0 and (made := _log_sum(nodes, b, 2)) is not None}
    sums = any(p == 1 and b.op in SUMS_OF_EXPONENTIALS and exponential_terms(nodes, b) for b, p in view.powers.items())
    if not (view.exponent or above or sums):
        return None
    taken = {**below, **above}
    form = affine((ONE, _exponent(nodes, view)), *((view.powers[b], {made: ONE}) for b, made in taken.items()))
    return _rebuilt(nodes, view.coefficient, {b: p for b, p in view.powers.items() if b not in taken}, form)


def logistic_of_log_sum(nodes: Nodes, node: Node) -> Node | None:
    """e^(u − log(e^u + e^v)) → σ(u − v), which has no large numbers to cancel."""
    inner = node.args[0]
    if inner.op == "neg" and inner.args[0].op == "softplus":
        return nodes.make("sigmoid", nodes.neg(inner.args[0].args[0]))
    return None


def into_damped_terms(nodes: Nodes, node: Node) -> Node | None:
    """(2 − e^x) e^(x − 3 log(1 + e^x)) → 2 e^(x − 3 log(1 + e^x)) − e^(2 x − 3 log(1 + e^x)): no infinity meets a zero."""
    view = factors(node)
    exponent = _exponent(nodes, view)
    if not any(atom.op in LOGARITHMS_OF_SUMS and weight < 0 for atom, weight in exponent.items()):
        return None
    for base, power in view.powers.items():
        parts = exponential_terms(nodes, base) if power == 1 and base.op in SUMS_OF_EXPONENTIALS else None
        if parts is None or len(parts) > MOST_TERMS or not any(form for _, form in parts):
            continue
        rest = {b: p for b, p in view.powers.items() if b is not base}
        if len(parts) == 2 and parts[0][0] == -parts[1][0]:  # e^a − e^b = tanh((a − b)/2) (e^a + e^b) cancels nothing
            (c, a), (_, b) = parts if parts[0][0] > 0 else parts[::-1]
            half = nodes.make("tanh", from_linear(nodes, affine((ONE / 2, a), (-ONE / 2, b))))
            rest[half] = rest.get(half, Fraction(0)) + 1
            parts = [(c, a), (c, b)]
        spread = [(c, nodes.make("exp", from_linear(nodes, affine((ONE, exponent), (ONE, form))))) for c, form in parts]
        made = total(nodes, spread)
        return _rebuilt(nodes, view.coefficient, {**rest, made: rest.get(made, Fraction(0)) + 1}, {})
    return None


# ---------------------------------------------------------------------------------------------- sums
def like_terms(nodes: Nodes, node: Node) -> Node | None:
    """a − b − b + a → 2 a − 2 b."""
    parts = terms(nodes, node)
    if len({part for _, part in parts}) == len(parts):
        return None
    form: dict[Node, Fraction] = {}
    for c, part in parts:
        form[part] = form.get(part, Fraction(0)) + c
    if any(part.shape != node.shape or part.axes != node.axes for _, part in parts):
        return None
    return total(nodes, [(c, part) for part, c in form.items() if c])


def log_of_softplus(nodes: Nodes, node: Node) -> Node | None:
    """log log(1 + e^u) → u below −37, where log(1 + e^u) is e^u."""
    inner = node.args[0]
    if inner.op != "softplus" or inner.args[0].bounds.low >= SATURATED:
        return None
    u, limit = inner.args[0], nodes.neg(nodes.number(-SATURATED))
    limited = nodes.make("log", nodes.make("softplus", nodes.make("maximum", u, limit)))
    return nodes.make("where", nodes.make("less", u, limit), u, limited)


RATIOS: tuple[Rule, ...] = (
    Rule("like-terms", "a − b − b + a = 2 a − 2 b", ("add",), like_terms),
    Rule("mills-ratio", "φ(u)/Φ(u) = √(2/π)/erfcx(−u/√2)", ("mul", "div"), mills),
    Rule("quotient-by-distribution", "(x Φ(u) + φ(u))/Φ(u) = x + φ(u)/Φ(u)", ("mul", "div"), over_distribution),
    Rule("polynomial-times-logistic", "(Σ c_k e^(k u)) σ(−u)^m = Σ c_k σ(u)^k σ(−u)^(m−k)", ("mul", "div"), polynomial_times_logistic),
    Rule("into-each-term", "e^(−u) (a e^u + b e^v) σ(u − v) = a σ(u − v) + b σ(v − u)", ("mul", "div"), into_each_term),
    Rule("logistic-over-softplus", "σ(u)/log(1 + e^u) = 1 for u ≪ 0", ("mul", "div"), logistic_over_softplus),
    Rule("logistic-root", "e^v √(1 + e^u) = e^(v + log(1 + e^u)/2)", ("mul", "div", "sqrt", "pow"), logistic_root),
    Rule("partition-sum", "e^a/(e^a + e^b + e^c) = e^(a − log(e^a + e^b + e^c))", ("mul", "div"), partition),
    Rule("logistic-of-log-sum", "e^(−log(1 + e^u)) = σ(−u)", ("exp",), logistic_of_log_sum),
    Rule("into-damped-terms", "(a + b e^u) e^(−log(1 + e^v)) = a e^(−…) + b e^(u − …)", ("mul", "div"), into_damped_terms),
    Rule("log-of-several-exponentials", "log(e^a + e^b + e^c) = logaddexp(logaddexp(a, b), c)", ("log",), log_of_several),
    Rule("log-of-softplus", "log log(1 + e^u) = u for u ≪ 0", ("log",), log_of_softplus),
)
