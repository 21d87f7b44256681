"""The field's own functions, each with a body that neither overflows nor cancels.

Sources: Klambauer et al. 2017 (SELU), Clevert et al. 2016 (ELU), Hendrycks & Gimpel 2016 (GELU), Misra 2019 (Mish),
Howard et al. 2019 (hard versions), Ramachandran et al. 2017 (Swish), Mächler 2012 (log(1 − e^x)).
"""

from __future__ import annotations

import math
from typing import Any

from derive.graph.node import FREE, Bounds
from derive.graph.operations.functions import exponential
from derive.graph.operations.record import Operation, Undefined, elementwise, within

__all__ = ["ACTIVATIONS"]

SELU_ALPHA = "1.6732632423543772"
SELU_SCALE = "1.0507009873554805"


def _sigmoid(c: Any, x: Any) -> Any:
    return 1 / (1 + exponential(c, -x))


def _softplus(c: Any, x: Any) -> Any:
    return x if x > 2**60 else c.log(1 + exponential(c, x))


def _logaddexp(c: Any, x: Any, y: Any) -> Any:
    return max(x, y) + c.log(1 + exponential(c, -abs(x - y)))


def _log1mexp(c: Any, x: Any) -> Any:
    if x > 0:
        raise Undefined
    return -c.inf if x == 0 else c.log(-c.expm1(x)) if x > -(2**60) else c.zero


def _logit(c: Any, x: Any) -> Any:
    if not 0 <= x <= 1:
        raise Undefined
    return -c.inf if x == 0 else c.inf if x == 1 else c.log(x / (1 - x))


def _elu(c: Any, x: Any, a: Any = 1) -> Any:
    return x if x > 0 else a * (exponential(c, x) - 1)


def _celu(c: Any, x: Any, a: Any = 1) -> Any:
    return x if x > 0 else a * (exponential(c, x / a) - 1)


def _hard(c: Any, x: Any) -> Any:
    return min(max(x / 6 + c.mpf(1) / 2, 0), 1)


def _gelu_tanh(c: Any, x: Any) -> Any:
    return x * _sigmoid(c, 2 * c.sqrt(2 / c.pi) * (x + c.mpf("0.044715") * x**3))


_unit = within(0, 1, True, True)
_positive = within(0, math.inf, True)


def _softplus_bounds(x: Bounds) -> Bounds:
    return Bounds(max(x.low, 0.0), math.inf, True)


ACTIVATIONS: tuple[Operation, ...] = (
    elementwise("sigmoid", _sigmoid, "e = np.exp(-np.abs(x)); np.maximum(e, x >= 0) / (1.0 + e)", "1.0 / (1.0 + math.exp(-x))", _unit),
    elementwise(
        "sigmoid_slope",  # σ(x) (1 − σ(x))
        lambda c, x: _sigmoid(c, x) * _sigmoid(c, -x),
        "e = np.exp(-np.abs(x)); e / (1.0 + e) ** 2",
        "",
        within(0, 0.25, True),
    ),
    elementwise("log_sigmoid", lambda c, x: -_softplus(c, -x), "-np.logaddexp(0.0, -x)", "", within(-math.inf, 0, False, True)),
    elementwise("softplus", _softplus, "np.logaddexp(0.0, x)", "", _softplus_bounds),
    elementwise("logaddexp", _logaddexp, "np.logaddexp(x, y)", ""),
    elementwise(
        "log1mexp",  # log(1 − e^x), x < 0
        _log1mexp,
        "np.where(x > -math.log(2.0), np.log(-np.expm1(x)), np.log1p(-np.exp(np.minimum(x, -0.5))))",
        "",
        within(-math.inf, 0),
        lambda x: x.high > 0 or (x.high == 0 and not x.high_open),
        -1.0,
    ),
    elementwise(
        "log_cosh",
        lambda c, x: abs(x) + c.log(1 + exponential(c, -2 * abs(x))) - c.ln2,
        "a = np.abs(x); np.where(a < 1.0, np.log1p(2.0 * np.sinh(0.5 * np.minimum(a, 1.0)) ** 2), "
        "a + np.log1p(np.exp(-2.0 * a)) - 0.6931471805599453)",
        "",
        within(0, math.inf),
    ),
    elementwise("logit", _logit, "np.log(x) - np.log1p(-x)", "", None, lambda x: x.low <= 0 or x.high >= 1, 0.5),
    elementwise(
        "relu",
        lambda c, x: max(x, c.zero),
        "np.maximum(x, 0)",
        "max(x, 0)",
        lambda x: Bounds(max(x.low, 0.0), max(x.high, 0.0), x.positive),
    ),
    elementwise("relu6", lambda c, x: min(max(x, c.zero), c.mpf(6)), "np.clip(x, 0, 6)", "min(max(x, 0), 6)", within(0, 6)),
    elementwise("leaky_relu", lambda c, x, a: x if x > 0 else a * x, "np.where(x > 0, x, y * x)", ""),
    elementwise("elu", _elu, "np.where(x > 0, x, y * np.expm1(np.minimum(x, 0)))", ""),
    elementwise("celu", _celu, "np.where(x > 0, x, y * np.expm1(np.minimum(x, 0) / y))", ""),
    elementwise(
        "selu",
        lambda c, x: c.mpf(SELU_SCALE) * _elu(c, x, c.mpf(SELU_ALPHA)),
        f"{SELU_SCALE} * np.where(x > 0, x, {SELU_ALPHA} * np.expm1(np.minimum(x, 0)))",
        "",
    ),
    elementwise("gelu", lambda c, x: x * c.ncdf(x), "x * ndtr(x)", ""),
    elementwise("gelu_tanh", _gelu_tanh, "x * sigmoid(1.5957691216057308 * (x + 0.044715 * x * x * x))", ""),
    elementwise("swish", lambda c, x, b: x * _sigmoid(c, b * x), "x * sigmoid(y * x)", ""),
    elementwise("silu", lambda c, x: x * _sigmoid(c, x), "x * sigmoid(x)", ""),
    elementwise("mish", lambda c, x: x * c.tanh(_softplus(c, x)), "x * np.tanh(np.logaddexp(0.0, x))", ""),
    elementwise("softsign", lambda c, x: x / (1 + abs(x)), "x / (1.0 + np.abs(x))", "x / (1.0 + abs(x))", within(-1, 1, True, True)),
    elementwise("hard_sigmoid", _hard, "np.clip(x / 6.0 + 0.5, 0.0, 1.0)", "", within(0, 1)),
    elementwise("hard_tanh", lambda c, x: min(max(x, -c.one), c.one), "np.clip(x, -1, 1)", "", within(-1, 1)),
    elementwise("hard_swish", lambda c, x: x * _hard(c, x), "x * np.clip(x / 6.0 + 0.5, 0.0, 1.0)", ""),
    elementwise("tanhshrink", lambda c, x: x - c.tanh(x), "x - np.tanh(x)", "x - math.tanh(x)", lambda x: FREE),
    elementwise("stop_gradient", lambda c, x: x, "x", "x", lambda x: x),
)
