"""Derivatives of the activation functions, in terms of the output where the field writes them so.

In: the arguments of the function. Out: its partial derivatives; kinks are named and take the value from the left, ReLU′(0) = 0.
Sources: Goodfellow, Bengio & Courville 2016, 3.10 and 6.3; Hendrycks & Gimpel 2016 (GELU); Ramachandran et al. 2017 (Swish);
Misra 2019 (Mish); Clevert et al. 2016 (ELU); Barron 2017 (CELU); Klambauer et al. 2017 (SELU); Howard et al. 2019 (hard versions).
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import S

from derive.expressions import nodes
from derive.expressions.nodes import SELU_ALPHA, SELU_SCALE
from derive.rules.dependence import compare, indicator
from derive.rules.elementary import Outer

__all__ = ["ACTIVATIONS"]


def _cases(*arms: Any) -> Any:
    """A piecewise value that stays as it is stated."""
    if arms[0][1] is S.true:
        return arms[0][0]
    return sp.Piecewise(*(arm for arm in arms if arm[1] is not S.false), evaluate=False)


def _positive(u: Any, above: Any, below: Any) -> Any:
    return _cases((above, compare(sp.Gt, u, 0)), (below, S.true))


def _sigmoid(u: Any) -> Any:
    s = nodes.sigmoid(u)
    return s * (1 - s)


def _swish(u: Any, b: Any = S.One) -> Any:
    s = nodes.sigmoid(b * u)
    return s * (1 + b * u * (1 - s))


def _mish(u: Any) -> Any:
    t = sp.tanh(nodes.softplus(u))
    return t + u * (1 - t**2) * nodes.sigmoid(u)


def _gelu_tanh(u: Any) -> Any:
    c, a = sp.sqrt(2 / sp.pi), sp.Rational(44715, 1000000)
    t = sp.tanh(c * (u + a * u**3))
    return (1 + t) / 2 + u * (1 - t**2) * c * (1 + 3 * a * u**2) / 2


def _hard_swish(u: Any) -> Any:
    return _cases((S.Zero, compare(sp.Le, u, -3)), (S.One, compare(sp.Ge, u, 3)), ((2 * u + 3) / 6, S.true))


def _nowhere(*_: Any) -> Any:
    return S.Zero


def _at_zero(u: Any, *_: Any) -> tuple[Any, ...]:
    return (u,)


def _at_zero_unless_one(u: Any, a: Any = S.One) -> tuple[Any, ...]:
    return () if a is S.One else (u,)


def _within(u: Any, low: Any, high: Any) -> Any:
    return indicator(compare(sp.Gt, u, low), compare(sp.Lt, u, high))


_LEAK = sp.Rational(1, 100)
_RELU = "1[u > 0] u′"
_STEP = r"\mathbf{1}[u > 0]\,u'"

ACTIVATIONS: dict[type, Outer] = {
    nodes.sigmoid: Outer(
        "sigmoid",
        "the logistic function",
        (_sigmoid,),
        "σ(u)′ = σ(u) (1 − σ(u)) u′",
        r"\sigma(u)' = \sigma(u)(1-\sigma(u))\,u'",
        example=("d/dx sigmoid(3 x)", "sigmoid(3 x) (1 - sigmoid(3 x)) d/dx (3 x)"),
    ),
    nodes.logit: Outer(
        "logit",
        "the logit",
        (lambda u: 1 / (u * (1 - u)),),
        "logit(u)′ = u′/(u (1 − u))",
        r"\operatorname{logit}(u)' = \frac{u'}{u(1-u)}",
        example=("d/dx logit(x^2)", "(d/dx (x^2)) / (x^2 (1 - x^2))"),
    ),
    nodes.log_sigmoid: Outer(
        "log-sigmoid",
        "the log-sigmoid",
        (lambda u: 1 - nodes.sigmoid(u),),
        "(log σ(u))′ = (1 − σ(u)) u′",
        r"(\log\sigma(u))' = (1-\sigma(u))\,u'",
        example=("d/dx log_sigmoid(3 x)", "(1 - sigmoid(3 x)) d/dx (3 x)"),
    ),
    nodes.softplus: Outer(
        "softplus",
        "the softplus function",
        (nodes.sigmoid,),
        "softplus(u)′ = σ(u) u′",
        r"\operatorname{softplus}(u)' = \sigma(u)\,u'",
        example=("d/dx softplus(3 x)", "sigmoid(3 x) d/dx (3 x)"),
    ),
    nodes.relu: Outer(
        "relu",
        "ReLU",
        (lambda u: indicator(compare(sp.Gt, u, 0)),),
        f"ReLU(u)′ = {_RELU}",
        rf"\operatorname{{ReLU}}(u)' = {_STEP}",
        _at_zero,
        example=("d/dx relu(x^3 - 1)", "1[x^3 - 1 > 0] d/dx (x^3 - 1)"),
    ),
    nodes.relu6: Outer(
        "relu6",
        "ReLU6",
        (lambda u: _within(u, 0, 6),),
        "ReLU6(u)′ = 1[0 < u < 6] u′",
        r"\operatorname{ReLU6}(u)' = \mathbf{1}[0<u<6]\,u'",
        lambda u: (u, u - 6),
    ),
    nodes.leaky_relu: Outer(
        "leaky-relu",
        "the leaky ReLU",
        (lambda u, a=_LEAK: _positive(u, S.One, a), lambda u, a: _positive(u, S.Zero, u)),
        "LeakyReLU(u)′ = u′ for u > 0, a u′ otherwise",
        r"\operatorname{LeakyReLU}(u)' = u'\ (u>0),\ a\,u'\ (u \le 0)",
        _at_zero,
    ),
    nodes.elu: Outer(
        "elu",
        "the ELU",
        (lambda u, a=S.One: _positive(u, S.One, a * sp.exp(u)), lambda u, a: _positive(u, S.Zero, sp.exp(u) - 1)),
        "ELU(u)′ = u′ for u > 0, α eᵘ u′ otherwise",
        r"\operatorname{ELU}(u)' = u'\ (u>0),\ \alpha e^u u'\ (u\le 0)",
        _at_zero_unless_one,
    ),
    nodes.celu: Outer(
        "celu",
        "the CELU",
        (lambda u, a=S.One: _positive(u, S.One, sp.exp(u / a)), lambda u, a: _positive(u, S.Zero, sp.exp(u / a) * (1 - u / a) - 1)),
        "CELU(u)′ = u′ for u > 0, e^(u/α) u′ otherwise",
        r"\operatorname{CELU}(u)' = u'\ (u>0),\ e^{u/\alpha}u'\ (u\le0)",
    ),
    nodes.selu: Outer(
        "selu",
        "the SELU",
        (lambda u: SELU_SCALE * _positive(u, S.One, SELU_ALPHA * sp.exp(u)),),
        "SELU(u)′ = λ u′ for u > 0, λ α eᵘ u′ otherwise",
        r"\operatorname{SELU}(u)' = \lambda u'\ (u>0),\ \lambda\alpha e^u u'\ (u\le0)",
        _at_zero,
    ),
    nodes.gelu: Outer(
        "gelu",
        "the GELU",
        (lambda u: nodes.normal_cdf(u) + u * nodes.normal_pdf(u),),
        "GELU(u)′ = (Φ(u) + u φ(u)) u′",
        r"\operatorname{GELU}(u)' = (\Phi(u) + u\,\varphi(u))\,u'",
        example=("d/dx gelu(3 x)", "(Phi(3 x) + 3 x normpdf(3 x)) d/dx (3 x)"),
    ),
    nodes.gelu_tanh: Outer(
        "gelu-tanh",
        "the tanh form of GELU",
        (_gelu_tanh,),
        "GELU(u)′ = ½ (1 + t) u′ + ½ u (1 − t²) z′, t = tanh z",
        r"\operatorname{GELU}(u)' = \tfrac12(1+t)\,u' + \tfrac12 u(1-t^2)\,z',\ t=\tanh z,\ z=\sqrt{2/\pi}\,(u+0.044715\,u^3)",
    ),
    nodes.swish: Outer(
        "swish",
        "the swish function",
        (_swish, lambda u, b: u**2 * _sigmoid(b * u)),
        "swish(u)′ = s (1 + β u (1 − s)) u′, s = σ(β u)",
        r"\operatorname{swish}_\beta(u)' = s\,(1+\beta u(1-s))\,u',\ s=\sigma(\beta u)",
    ),
    nodes.silu: Outer(
        "silu",
        "SiLU",
        (_swish,),
        "SiLU(u)′ = σ(u) (1 + u (1 − σ(u))) u′",
        r"\operatorname{SiLU}(u)' = \sigma(u)\,(1+u(1-\sigma(u)))\,u'",
        example=("d/dx silu(3 x)", "sigmoid(3 x) (1 + 3 x (1 - sigmoid(3 x))) d/dx (3 x)"),
    ),
    nodes.mish: Outer(
        "mish",
        "Mish",
        (_mish,),
        "Mish(u)′ = (t + u (1 − t²) σ(u)) u′, t = tanh(softplus(u))",
        r"\operatorname{Mish}(u)' = (t + u(1-t^2)\sigma(u))\,u',\ t=\tanh(\operatorname{softplus}u)",
    ),
    nodes.softsign: Outer(
        "softsign",
        "softsign",
        (lambda u: (1 + sp.Abs(u)) ** -2,),
        "softsign(u)′ = u′/(1 + |u|)²",
        r"\operatorname{softsign}(u)' = \frac{u'}{(1+|u|)^2}",
        example=("d/dx softsign(3 x)", "(d/dx (3 x)) / (1 + |3 x|)^2"),
    ),
    nodes.hard_sigmoid: Outer(
        "hard-sigmoid",
        "the hard sigmoid",
        (lambda u: _within(u, -3, 3) / 6,),
        "hardsigmoid(u)′ = 1[−3 < u < 3] u′/6",
        r"\operatorname{hardsigmoid}(u)' = \tfrac16\mathbf{1}[-3<u<3]\,u'",
        lambda u: (u + 3, u - 3),
    ),
    nodes.hard_tanh: Outer(
        "hard-tanh",
        "the hard tanh",
        (lambda u: _within(u, -1, 1),),
        "hardtanh(u)′ = 1[−1 < u < 1] u′",
        r"\operatorname{hardtanh}(u)' = \mathbf{1}[-1<u<1]\,u'",
        lambda u: (u + 1, u - 1),
    ),
    nodes.hard_swish: Outer(
        "hard-swish",
        "the hard swish",
        (_hard_swish,),
        "hardswish(u)′ = (2u + 3)/6 · u′ for −3 < u < 3, 0 below, u′ above",
        r"\operatorname{hardswish}(u)' = \tfrac{2u+3}{6}u'\ (|u|<3),\ 0\ (u\le-3),\ u'\ (u\ge3)",
        lambda u: (u + 3, u - 3),
    ),
    nodes.tanhshrink: Outer(
        "tanhshrink",
        "tanhshrink",
        (lambda u: sp.tanh(u) ** 2,),
        "tanhshrink(u)′ = tanh²(u) u′",
        r"\operatorname{tanhshrink}(u)' = \tanh^2(u)\,u'",
        example=("d/dx tanhshrink(3 x)", "tanh(3 x)^2 d/dx (3 x)"),
    ),
    nodes.step: Outer(
        "step", "the unit step", (_nowhere,), "step(u)′ = 0 for u ≠ 0", r"\operatorname{step}(u)' = 0\quad(u\ne0)", _at_zero, True
    ),
    nodes.clip: Outer(
        "clip",
        "clip",
        (_within, lambda u, a, b: indicator(compare(sp.Lt, u, a)), lambda u, a, b: indicator(compare(sp.Gt, u, b))),
        "clip(u, a, b)′ = 1[a < u < b] u′",
        r"\operatorname{clip}(u,a,b)' = \mathbf{1}[a<u<b]\,u'",
        lambda u, a, b: (u - a, u - b),
    ),
}
