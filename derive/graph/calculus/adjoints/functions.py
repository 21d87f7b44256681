"""Entrywise operations: the derivative with respect to each argument, in terms of the value where that is natural.

Sources: Abramowitz & Stegun 1964 (elementary and special functions); conventions at kinks: relu′(0) = 0, |x|′ = sign x.
"""

from __future__ import annotations

from fractions import Fraction

from derive.errors import NotSupported
from derive.graph.calculus.adjoints.types import Adjoint, Slope
from derive.graph.calculus.algebra import Algebra
from derive.graph.node import Node

__all__ = ["KINKED", "SLOPES", "STEPS", "entrywise"]

SELU_ALPHA = Fraction("1.6732632423543772")
SELU_SCALE = Fraction("1.0507009873554805")


def entrywise(slopes: tuple[Slope, ...]) -> Adjoint:
    """G ⊙ f′ for every argument."""

    def adjoint(a: Algebra, node: Node, g: Node) -> list[Node | None]:
        made: list[Node | None] = []
        for place, argument in enumerate(node.args):
            if argument not in a.wanted:
                made.append(None)
                continue
            slope = slopes[min(place, len(slopes) - 1)](a, node)
            made.append(None if slope is None else a.mul(g, slope))
        return made

    return adjoint


def _x(node: Node) -> Node:
    return node.args[0]


def _one_minus_square(a: Algebra, node: Node) -> Node:
    return a.sub(a.number(1), a.mul(node, node))


def _reciprocal(a: Algebra, node: Node) -> Node:
    return a.div(a.number(1), node)


def _where_positive(a: Algebra, x: Node) -> Node:
    return a.function("indicator", a.function("greater", x, a.number(0)))


def _between(a: Algebra, x: Node, low: Node, high: Node) -> Node:
    inside = a.function("and", a.function("greater", x, low), a.function("less", x, high))
    return a.function("indicator", inside)


def _choice(a: Algebra, condition: Node, yes: Node, no: Node) -> Node:
    return a.function("where", condition, yes, no)


def _elu(a: Algebra, node: Node) -> Node:
    x, alpha = node.args
    return _choice(a, a.function("greater", x, a.number(0)), a.number(1), a.mul(alpha, a.function("exp", x)))


def _selu(a: Algebra, node: Node) -> Node:
    x = node.args[0]
    below = a.mul(a.number(SELU_SCALE * SELU_ALPHA), a.function("exp", x))
    return _choice(a, a.function("greater", x, a.number(0)), a.number(SELU_SCALE), below)


def _sigmoid_slope(a: Algebra, s: Node) -> Node:
    return a.mul(s, a.sub(a.number(1), s))


def _log_sigmoid(a: Algebra, node: Node) -> Node:
    """1 − σ(x), which of −z is σ(z)."""
    x = node.args[0]
    return a.function("sigmoid", a.neg(x)) if x.op == "neg" else a.sub(a.number(1), a.function("sigmoid", x))


def _swish(a: Algebra, node: Node) -> Node:
    x, beta = node.args
    s = a.function("sigmoid", a.mul(beta, x))
    return a.add(s, a.mul(beta, x, _sigmoid_slope(a, s)))


def _silu(a: Algebra, node: Node) -> Node:
    x = node.args[0]
    s = a.function("sigmoid", x)
    return a.add(s, a.mul(x, _sigmoid_slope(a, s)))


def _gelu(a: Algebra, node: Node) -> Node:
    x = node.args[0]
    return a.add(a.function("normal_cdf", x), a.mul(x, a.function("normal_pdf", x)))


def _gelu_tanh(a: Algebra, node: Node) -> Node:
    x = node.args[0]
    cubic, scale = a.number(Fraction("0.044715")), a.sqrt(a.div(a.number(2), a.nodes.constant("pi")))
    t = a.function("tanh", a.mul(scale, a.add(x, a.mul(cubic, a.pow(x, a.number(3))))))
    inner = a.mul(scale, a.add(a.number(1), a.mul(a.number(3), cubic, x, x)))
    half = a.number(Fraction(1, 2))
    return a.add(a.mul(half, a.add(a.number(1), t)), a.mul(half, x, a.sub(a.number(1), a.mul(t, t)), inner))


def _celu(a: Algebra, node: Node) -> Node:
    x, alpha = node.args
    return _choice(a, a.function("greater", x, a.number(0)), a.number(1), a.function("exp", a.div(x, alpha)))


def _hard_swish(a: Algebra, node: Node) -> Node:
    x = node.args[0]
    slope = a.div(_between(a, x, a.number(-3), a.number(3)), a.number(6))
    return a.add(a.function("hard_sigmoid", x), a.mul(x, slope))


def _angle(sign: int, place: int) -> Slope:
    """± the other coordinate over the squared distance."""

    def slope(a: Algebra, node: Node) -> Node:
        y, x = node.args
        return a.div(a.mul(a.number(sign), node.args[place]), a.add(a.mul(x, x), a.mul(y, y)))

    return slope


def _mish(a: Algebra, node: Node) -> Node:
    x = node.args[0]
    t = a.function("tanh", a.function("softplus", x))
    return a.add(t, a.mul(x, a.sub(a.number(1), a.mul(t, t)), a.function("sigmoid", x)))


def _gauss(a: Algebra, node: Node, scale: int) -> Node:
    x = node.args[0]
    constant = a.div(a.number(2 * scale), a.sqrt(a.nodes.constant("pi")))
    return a.mul(constant, a.function("exp", a.neg(a.mul(x, x))))


def _power_base(a: Algebra, node: Node) -> Node:
    base, exponent = node.args
    if exponent.op == "number":
        return a.mul(exponent, a.pow(base, a.number(exponent.data - 1)))
    return a.mul(exponent, a.nodes.make("pow", base, a.sub(exponent, a.number(1))))


def _larger(a: Algebra, node: Node) -> Node:
    return a.function("indicator", a.function("greater", node.args[0], node.args[1]))


def _smaller(a: Algebra, node: Node) -> Node:
    return a.function("indicator", a.function("less", node.args[0], node.args[1]))


def _larger_second(a: Algebra, node: Node) -> Node:
    return a.function("indicator", a.function("greater", node.args[1], node.args[0]))


def _smaller_second(a: Algebra, node: Node) -> Node:
    return a.function("indicator", a.function("less", node.args[1], node.args[0]))


def _refused(a: Algebra, node: Node) -> Node:
    raise NotSupported(f"derivatives of {node.op} with respect to its parameters")


def _square_root_of(sign: int, shift: int) -> Slope:
    """± 1 / √(± x² + shift)."""

    def slope(a: Algebra, node: Node) -> Node:
        x = _x(node)
        return a.div(a.number(1), a.sqrt(a.add(a.mul(a.number(sign), x, x), a.number(shift))))

    return slope


def _negated(slope: Slope) -> Slope:
    def negative(a: Algebra, node: Node) -> Node | None:
        found = slope(a, node)
        return None if found is None else a.neg(found)

    return negative


def _of(op: str) -> Slope:
    return lambda a, node: a.function(op, _x(node))


_TANGENT: Slope = lambda a, node: a.add(a.number(1), a.mul(node, node))  # noqa: E731
_ARC: Slope = lambda a, node: a.div(a.number(1), a.add(a.number(1), a.mul(_x(node), _x(node))))  # noqa: E731
_ARC_SINE = _square_root_of(-1, 1)

KINKED = frozenset(
    ("abs", "relu", "relu6", "leaky_relu", "elu", "celu", "selu", "maximum", "minimum", "clip", "hard_sigmoid", "hard_tanh", "hard_swish")
)
STEPS = frozenset(
    ("sign", "step", "floor", "ceil", "round", "indicator", "less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "and",
     "or", "not", "delta")
)  # fmt: skip

SLOPES: dict[str, tuple[Slope, ...]] = {
    "neg": (lambda a, node: a.number(-1),),
    "div": (lambda a, node: _reciprocal(a, node.args[1]), lambda a, node: a.neg(a.div(node, node.args[1]))),
    "pow": (_power_base, lambda a, node: a.mul(node, a.function("log", node.args[0]))),
    "sqrt": (lambda a, node: a.div(a.number(1), a.mul(a.number(2), node)),),
    "cbrt": (lambda a, node: a.div(a.number(1), a.mul(a.number(3), node, node)),),
    "square": (lambda a, node: a.mul(a.number(2), _x(node)),),
    "abs": (_of("sign"),),
    "maximum": (_larger, _larger_second),
    "minimum": (_smaller, _smaller_second),
    "clip": (lambda a, node: _between(a, *node.args), _refused, _refused),
    "exp": (lambda a, node: node,),
    "expm1": (_of("exp"),),
    "log": (lambda a, node: _reciprocal(a, _x(node)),),
    "log2": (lambda a, node: _reciprocal(a, a.mul(_x(node), a.function("log", a.number(2)))),),
    "log10": (lambda a, node: _reciprocal(a, a.mul(_x(node), a.function("log", a.number(10)))),),
    "log1p": (lambda a, node: _reciprocal(a, a.add(a.number(1), _x(node))),),
    "sin": (_of("cos"),),
    "cos": (_negated(_of("sin")),),
    "tan": (_TANGENT,),
    "cot": (_negated(_TANGENT),),
    "sec": (lambda a, node: a.mul(node, a.function("tan", _x(node))),),
    "csc": (lambda a, node: a.neg(a.mul(node, a.function("cot", _x(node)))),),
    "asin": (_ARC_SINE,),
    "acos": (_negated(_ARC_SINE),),
    "atan": (_ARC,),
    "acot": (_negated(_ARC),),
    "sinh": (_of("cosh"),),
    "cosh": (_of("sinh"),),
    "tanh": (_one_minus_square,),
    "coth": (_one_minus_square,),
    "sech": (lambda a, node: a.neg(a.mul(node, a.function("tanh", _x(node)))),),
    "csch": (lambda a, node: a.neg(a.mul(node, a.function("coth", _x(node)))),),
    "asinh": (_square_root_of(1, 1),),
    "acosh": (_square_root_of(1, -1),),
    "atanh": (lambda a, node: _reciprocal(a, a.sub(a.number(1), a.mul(_x(node), _x(node)))),),
    "hypot": (lambda a, node: a.div(node.args[0], node), lambda a, node: a.div(node.args[1], node)),
    "erf": (lambda a, node: _gauss(a, node, 1),),
    "erfc": (lambda a, node: _gauss(a, node, -1),),
    "normal_cdf": (_of("normal_pdf"),),
    "normal_pdf": (lambda a, node: a.neg(a.mul(_x(node), node)),),
    "log_normal_cdf": (lambda a, node: a.div(a.function("normal_pdf", _x(node)), a.function("normal_cdf", _x(node))),),
    "gamma": (lambda a, node: a.mul(node, a.function("digamma", _x(node))),),
    "loggamma": (_of("digamma"),),
    "digamma": (_of("trigamma"),),
    "trigamma": (lambda a, node: a.function("polygamma", a.number(2), _x(node)),),
    "xlogy": (lambda a, node: a.function("log", node.args[1]), lambda a, node: a.div(node.args[0], node.args[1])),
    "sigmoid": (_sigmoid_slope,),
    "log_sigmoid": (_log_sigmoid,),
    "softplus": (_of("sigmoid"),),
    "logaddexp": (
        lambda a, node: a.function("sigmoid", a.sub(node.args[0], node.args[1])),
        lambda a, node: a.function("sigmoid", a.sub(node.args[1], node.args[0])),
    ),
    "logit": (lambda a, node: _reciprocal(a, a.mul(_x(node), a.sub(a.number(1), _x(node)))),),
    "log_cosh": (_of("tanh"),),
    "relu": (lambda a, node: _where_positive(a, _x(node)),),
    "relu6": (lambda a, node: _between(a, _x(node), a.number(0), a.number(6)),),
    "leaky_relu": (
        lambda a, node: _choice(a, a.function("greater", _x(node), a.number(0)), a.number(1), node.args[1]),
        lambda a, node: a.function("minimum", _x(node), a.number(0)),
    ),
    "elu": (_elu, _refused),
    "selu": (_selu,),
    "celu": (_celu, _refused),
    "gelu": (_gelu,),
    "gelu_tanh": (_gelu_tanh,),
    "swish": (_swish, lambda a, node: a.mul(_x(node), _x(node), _sigmoid_slope(a, a.function("sigmoid", a.mul(*node.args))))),
    "silu": (_silu,),
    "mish": (_mish,),
    "softsign": (lambda a, node: a.div(a.number(1), a.pow(a.add(a.number(1), a.function("abs", _x(node))), a.number(2))),),
    "hard_swish": (_hard_swish,),
    "atan2": (_angle(1, 1), _angle(-1, 0)),
    "hard_tanh": (lambda a, node: _between(a, _x(node), a.number(-1), a.number(1)),),
    "hard_sigmoid": (lambda a, node: a.div(_between(a, _x(node), a.number(-3), a.number(3)), a.number(6)),),
    "tanhshrink": (lambda a, node: a.pow(a.function("tanh", _x(node)), a.number(2)),),
}
