"""Logarithms: of sums of exponentials, of products, of functions whose logarithm is known."""

from __future__ import annotations

from fractions import Fraction

from derive.graph.graph import Nodes
from derive.graph.node import Node
from derive.translation.stability.exponentials import exponential_terms
from derive.translation.stability.forms import Rule, affine, factors, from_linear, linear, product, scaled, terms, total
from derive.translation.stability.mixtures import log_number, log_of_mixture

__all__ = ["LOGARITHMS"]

ONE = Fraction(1)
HALF = Fraction(1, 2)


# ---------------------------------------------------------------------------------------------- logarithms of sums
def log_of_exponentials(nodes: Nodes, node: Node) -> Node | None:
    """log(1 + e^u) → softplus u, log(e^u + e^v) → logaddexp(u, v), log(1 − e^u) → log1mexp u, log(e^u − 1) → u + log1mexp(−u)."""
    inner = node.args[0]
    if inner.op not in {"add", "neg", "expm1", "sinh", "mul", "div"}:
        return None
    parts = exponential_terms(nodes, inner)
    if parts is None or len(parts) != 2:
        return None
    (c, u), (d, v) = parts
    if c == d and c > 0:
        if not u or not v:
            made = nodes.make("softplus", from_linear(nodes, u or v))
        else:
            made = nodes.make("logaddexp", from_linear(nodes, u), from_linear(nodes, v))
        return _plus_log(nodes, made, c)
    if c == -d:
        low, high = (u, v) if c < 0 else (v, u)  # |c| (e^high − e^low)
        made = nodes.make("log1mexp", from_linear(nodes, affine((ONE, low), (-ONE, high))))
        return _plus_log(nodes, nodes.add(from_linear(nodes, high), made) if high else made, abs(c))
    return None


def _plus_log(nodes: Nodes, node: Node, c: Fraction) -> Node:
    return node if c == 1 else nodes.add(node, log_number(nodes, c))


def log1p(nodes: Nodes, node: Node) -> Node | None:
    """log(1 + x) → log1p x."""
    inner = node.args[0]
    if inner.op != "add":
        return None
    parts = terms(nodes, inner)
    ones = [k for k, (c, part) in enumerate(parts) if part.op == "number" and c == 1]
    if len(ones) != 1:
        return None
    rest = total(nodes, [t for k, t in enumerate(parts) if k != ones[0]])
    return None if rest.op == "index" and rest.bounds.low >= 1 else nodes.make("log1p", rest)  # log(1 + i) loses nothing


def softplus_of(nodes: Nodes, node: Node) -> Node | None:
    """log1p(e^u) → softplus u, log1p(−e^u) → log1mexp u."""
    inner = node.args[0]
    if inner.op == "exp":
        return nodes.make("softplus", inner.args[0])
    if inner.op == "neg" and inner.args[0].op == "exp":
        return nodes.make("log1mexp", inner.args[0].args[0])
    return None


def inverse_hyperbolic(nodes: Nodes, node: Node) -> Node | None:
    """log((1 + x)/(1 − x)) → 2 artanh x."""
    view = factors(node.args[0])
    if view.exponent or len(view.powers) != 2 or sorted(view.powers.values()) != [-1, 1] or view.coefficient != 1:
        return None
    above = next(b for b, p in view.powers.items() if p == 1)
    below = next(b for b, p in view.powers.items() if p == -1)
    up, down = {n: c for c, n in terms(nodes, above)}, {n: c for c, n in terms(nodes, below)}
    one = nodes.number(1)
    if up.get(one) != down.get(one) or not up.get(one) or len(up) != 2 or len(down) != 2:
        return None
    (x,) = [n for n in up if n is not one]
    if down.get(x) != -up[x]:
        return None
    return scaled(nodes, Fraction(2), nodes.make("atanh", scaled(nodes, up[x] / up[one], x)))


def inverse_cosine(nodes: Nodes, node: Node) -> Node | None:
    """log(x + √(x² − 1)) → arcosh x."""
    parts = terms(nodes, node.args[0])
    if len(parts) != 2 or any(c != 1 for c, _ in parts):
        return None
    for (_, x), (_, root) in (parts, parts[::-1]):
        if root.op == "sqrt" and linear(nodes, root.args[0]) == {nodes.pow(x, nodes.number(2)): ONE, nodes.number(1): -ONE}:
            return nodes.make("acosh", x)
    return None


def logit_of_odds(nodes: Nodes, node: Node) -> Node | None:
    """log(1/p − 1) → −logit p."""
    parts = terms(nodes, node.args[0])
    if len(parts) != 2 or (-ONE, nodes.number(1)) not in parts:
        return None
    (weight, odds) = next(t for t in parts if t != (-ONE, nodes.number(1)))
    view = factors(odds)
    if weight * view.coefficient != 1 or view.exponent or list(view.powers.values()) != [-ONE]:
        return None
    return nodes.neg(nodes.make("logit", next(iter(view.powers))))


def logit(nodes: Nodes, node: Node) -> Node | None:
    """log(p/(1 − p)) → log p − log1p(−p)."""
    view = factors(node.args[0])
    if view.exponent or abs(view.coefficient) != 1 or len(view.powers) != 2 or sorted(view.powers.values()) != [-1, 1]:
        return None
    above = next(b for b, p in view.powers.items() if p == 1)
    below = next(b for b, p in view.powers.items() if p == -1)
    form = affine((ONE, linear(nodes, above)), (ONE, linear(nodes, below)))
    if view.coefficient != 1 or form != {nodes.number(1): ONE}:
        return None
    if above.op == "add":  # (1 − p)/p
        return nodes.neg(nodes.make("logit", below)) if below.op != "add" else None
    return nodes.make("logit", above)


# ---------------------------------------------------------------------------------------------- logarithms of products
def _log_one(nodes: Nodes, base: Node) -> Node | None:
    """The logarithm of a positive function, where it has one of its own."""
    op, args = base.op, base.args
    number = nodes.number
    if op == "normal_cdf":
        return nodes.make("log_normal_cdf", args[0])
    if op == "sigmoid":
        return nodes.neg(nodes.make("softplus", nodes.neg(args[0])))
    if op == "sigmoid_slope":
        return nodes.neg(nodes.add(nodes.make("softplus", args[0]), nodes.make("softplus", nodes.neg(args[0]))))
    if op == "softmax":
        return nodes.make("log_softmax", args[0], data=base.data)
    if op == "pick" and args[0].op == "softmax":
        return nodes.make("pick", nodes.make("log_softmax", *args[0].args, data=args[0].data), args[1], data=base.data)
    if op == "element" and args[0].op == "softmax":
        return nodes.make("element", nodes.make("log_softmax", *args[0].args, data=args[0].data), *args[1:], data=base.data)
    if op == "cosh":
        return nodes.make("log_cosh", args[0])
    if op == "sech":
        return nodes.neg(nodes.make("log_cosh", args[0]))
    if op == "factorial":
        return nodes.make("loggamma", nodes.add(args[0], number(1)))
    if op == "gamma":
        return nodes.make("loggamma", args[0])
    if op == "beta":
        return nodes.make("log_beta", *args)
    if op == "binomial":
        return nodes.make("log_binomial", *args)
    if op == "det":
        return nodes.make("logdet", args[0])
    if op == "erfc":
        doubled = nodes.neg(nodes.mul(nodes.make("sqrt", number(2)), args[0]))
        return nodes.add(nodes.make("log", number(2)), nodes.make("log_normal_cdf", doubled))
    if op == "normal_pdf":
        square = nodes.div(nodes.pow(args[0], number(2)), number(2))
        return nodes.neg(nodes.add(square, nodes.div(nodes.make("log", nodes.mul(number(2), nodes.constant("pi"))), number(2))))
    if op == "pow" and args[1].op != "number":
        return nodes.mul(args[1], nodes.make("log", args[0]))
    if op == "prod":
        return _log_product(nodes, base)
    if op == "where":
        return None
    return log_of_mixture(nodes, base)


def _log_product(nodes: Nodes, base: Node) -> Node | None:
    body = base.args[0]
    parts = factors(body)
    if not all(_is_positive(b) or p % 2 == 0 or b.op in OWN for b, p in parts.powers.items()) or parts.coefficient <= 0:
        return None
    inner = nodes.make("log", body)
    return nodes.make("sum", log_product(nodes, inner) or inner, data=base.data)


OWN = frozenset(
    (
        "sigmoid",
        "sigmoid_slope",
        "normal_cdf",
        "softmax",
        "cosh",
        "sech",
        "factorial",
        "gamma",
        "beta",
        "binomial",
        "erfc",
        "normal_pdf",
        "prod",
    )
)


def _is_positive(node: Node) -> bool:
    """Whether the factor is taken to be ≥ 0: known so, or a power with an exponent that is no number."""
    if node.bounds.nonnegative:
        return True
    return node.op == "pow" and node.args[1].op != "number"


def log_product(nodes: Nodes, node: Node) -> Node | None:
    """log(a b^p e^u …) → log a + p log b + u + …, for factors that are positive; a lone logarithm by its own function."""
    inner = node.args[0]
    own = _log_one(nodes, inner)
    if own is not None:
        return own
    view = factors(inner)
    sign = 1
    known: list[tuple[Fraction, Node]] = []
    unknown: dict[Node, Fraction] = {}
    plain = 0
    special = bool(view.exponent)
    constants: dict[Node, Fraction] = {}
    for base, power in view.powers.items():
        if base.op in {"constant", "number"}:
            constants[base] = power
            continue
        logarithm = _log_one(nodes, base)
        if logarithm is not None:
            known.append((power, logarithm))
            special = True
        elif base.bounds.nonnegative or _is_positive(base):
            known.append((power, nodes.make("log", base)))
            plain += 1
            special = special or abs(power) != 1
        elif power.denominator == 1 and power % 2 == 0:
            known.append((power, nodes.make("log", nodes.make("abs", base))))
            special = True
        else:
            unknown[base] = power
    if not special and plain < 2 and not (plain and (unknown or constants)):
        if len(known) == 1 and not unknown and not constants and view.coefficient == 1 and known[0][0] == -1:
            return nodes.neg(known[0][1])
        if len(unknown) == 1 and next(iter(unknown.values())) != 1 and not known and view.coefficient == 1 and not constants:
            base, power = next(iter(unknown.items()))
            if power.denominator != 1 or power % 2:
                return scaled(nodes, power, nodes.make("log", base))
        return None
    if view.coefficient < 0:
        if not unknown:
            return None
        sign = -1
    parts = [(weight, u) for weight, u in view.exponent]
    rest = product(nodes, abs(view.coefficient) * sign, {**constants, **unknown})
    if not (rest.op == "number" and rest.data == 1):
        if len(unknown) == 1 and not constants and view.coefficient == 1 and next(iter(unknown.values())) != 1:
            base, power = next(iter(unknown.items()))
            parts.append((power, nodes.make("log", base)))
        elif not unknown and not constants:
            parts.append((ONE, log_number(nodes, view.coefficient)))
        else:
            parts.append(_constant_log(nodes, rest))
    parts += known
    return total(nodes, [(c, p) for c, p in parts if c])


def _constant_log(nodes: Nodes, rest: Node) -> tuple[Fraction, Node]:
    """log of 1/√(2π) as −½ log(2π)."""
    if rest.op == "div" and rest.args[0].op == "number" and rest.args[0].data == 1:
        weight, inner = _constant_log(nodes, rest.args[1])
        return -weight, inner
    if rest.op == "sqrt":
        weight, inner = _constant_log(nodes, rest.args[0])
        return weight / 2, inner
    view = factors(rest)
    powers = set(view.powers.values())
    if len(powers) == 1 and view.coefficient == 1 and (power := powers.pop()) != 1 and not view.exponent:
        return power, nodes.make("log", product(nodes, ONE, dict.fromkeys(view.powers, ONE)))
    return ONE, nodes.make("log", rest)


# ---------------------------------------------------------------------------------------------- other logarithms
def log_logistic_difference(nodes: Nodes, node: Node) -> Node | None:
    """log(σ(a) − σ(b)) → log1mexp(b − a) − softplus(−a) − softplus(b)."""
    parts = terms(nodes, node.args[0])
    if len(parts) != 2 or any(part.op != "sigmoid" for _, part in parts) or parts[0][0] != -parts[1][0] or abs(parts[0][0]) != 1:
        return None
    (_, first), (_, second) = parts if parts[0][0] == 1 else parts[::-1]
    a, b = first.args[0], second.args[0]
    gap = from_linear(nodes, affine((ONE, linear(nodes, b)), (-ONE, linear(nodes, a))))
    outside = [nodes.neg(nodes.make("softplus", nodes.neg(a))), nodes.neg(nodes.make("softplus", b))]
    return nodes.add(nodes.make("log1mexp", gap), *outside)


def log_sigmoid(nodes: Nodes, node: Node) -> Node | None:
    """log σ(u) → −softplus(−u)."""
    return nodes.neg(nodes.make("softplus", nodes.neg(node.args[0])))


def log_power(nodes: Nodes, node: Node) -> Node | None:
    """log e^u → u."""
    return node.args[0].args[0] if node.args[0].op == "exp" else None


def log_constant(nodes: Nodes, node: Node) -> Node | None:
    """log e → 1, log 1 → 0."""
    inner = node.args[0]
    if inner.op == "constant" and inner.data == "e":
        return nodes.number(1)
    return nodes.number(0) if inner.op == "number" and inner.data == 1 else None


LOGARITHMS: tuple[Rule, ...] = (
    Rule("log-of-one", "log 1 = 0, log e = 1", ("log",), log_constant),
    Rule("log-of-exponential", "log e^u = u", ("log",), log_power),
    Rule("log-of-exponentials", "log(e^u + e^v) = logaddexp(u, v)", ("log",), log_of_exponentials),
    Rule("inverse-hyperbolic-tangent", "log((1 + x)/(1 − x)) = 2 artanh x", ("log",), inverse_hyperbolic),
    Rule("inverse-hyperbolic-cosine", "log(x + √(x² − 1)) = arcosh x", ("log",), inverse_cosine),
    Rule("logit-of-odds", "log(1/p − 1) = −logit p", ("log",), logit_of_odds),
    Rule("logit", "log(p/(1 − p)) = log p − log1p(−p)", ("log",), logit),
    Rule("log-of-product", "log(a b^p) = log a + p log b", ("log",), log_product),
    Rule("log1p", "log(1 + x) = log1p x", ("log",), log1p),
    Rule("log-logistic-difference", "log(σ(a) − σ(b)) = log(1 − e^(b−a)) + log σ(a) + log σ(−b)", ("log",), log_logistic_difference),
    Rule("log-sigmoid", "log σ(u) = −softplus(−u)", ("log_sigmoid",), log_sigmoid),
    Rule("log1p-of-exponential", "log1p(e^u) = softplus u", ("log1p",), softplus_of),
)
