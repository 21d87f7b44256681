"""Elementary and special functions of numbers."""

from __future__ import annotations

import math
from typing import Any

from derive.graph.node import FREE, Bounds
from derive.graph.operations.record import Operation, Undefined, elementwise, within

__all__ = ["FUNCTIONS_OF_NUMBERS", "exponential"]

HUGE = 64  # |x| ≥ 2^64 is infinite for an exponential: bounds the size of mpmath's numbers


def exponential(c: Any, x: Any) -> Any:
    """e^x, with the limit where |x| is beyond 2^64."""
    if x == c.inf or (c.mag(x) > HUGE and x > 0):
        return c.inf
    if x == -c.inf or c.mag(x) > HUGE:
        return c.zero
    return c.exp(x)


def _log(c: Any, x: Any) -> Any:
    if x < 0:
        raise Undefined
    return -c.inf if x == 0 else c.log(x)


def _log_bounds(x: Bounds) -> Bounds:
    low = math.log(x.low) if x.low > 0 else -math.inf
    high = math.log(x.high) if 0 < x.high < math.inf else math.inf
    return Bounds(low, high, x.low_open, x.high_open)


def _exp_bounds(x: Bounds) -> Bounds:
    low = math.exp(x.low) if x.low < 700 else math.inf
    high = math.exp(x.high) if x.high < 700 else math.inf
    return Bounds(low, high, low == 0 or x.low_open, x.high_open)


def _expm1_bounds(x: Bounds) -> Bounds:
    low = math.expm1(x.low) if x.low < 700 else math.inf
    high = math.expm1(x.high) if x.high < 700 else math.inf
    return Bounds(low, high, math.isinf(x.low) or x.low_open, x.high_open)


def _log1p_bounds(x: Bounds) -> Bounds:
    low = math.log1p(x.low) if x.low > -1 else -math.inf
    high = math.log1p(x.high) if -1 < x.high < math.inf else math.inf
    return Bounds(low, high, x.low_open, x.high_open)


def _odd_increasing(x: Bounds) -> Bounds:
    """The bounds of an increasing odd function, as far as signs go."""
    return Bounds(0.0 if x.low >= 0 else -math.inf, 0.0 if x.high <= 0 else math.inf, x.positive, x.negative)


def _tanh_bounds(x: Bounds) -> Bounds:
    low = math.tanh(x.low)
    high = math.tanh(x.high)
    return Bounds(low, high, low == -1 or x.low_open, high == 1 or x.high_open)


def _erf_bounds(x: Bounds) -> Bounds:
    low, high = math.erf(x.low), math.erf(x.high)
    return Bounds(low, high, low == -1 or x.low_open, high == 1 or x.high_open)


def _positive_from(least: float) -> Any:
    """Positive where the argument is at least so much."""
    return lambda x: Bounds(0.0, math.inf, True) if x.low >= least else FREE


def _binomial_bounds(n: Bounds, k: Bounds) -> Bounds:
    return Bounds(0.0) if n.nonnegative and k.nonnegative else FREE


def _on(domain: Any, function: Any) -> Any:
    """The function, undefined outside its domain."""

    def evaluate(c: Any, x: Any) -> Any:
        if not domain(x):
            raise Undefined
        return function(c, x)

    return evaluate


def _tanh(c: Any, x: Any) -> Any:
    return c.tanh(x) if c.mag(x) < HUGE else c.sign(x)


def _cosh(c: Any, x: Any) -> Any:
    return (exponential(c, x) + exponential(c, -x)) / 2


def _sinh(c: Any, x: Any) -> Any:
    return c.sinh(x) if c.mag(x) < HUGE else c.sign(x) * c.inf


def _pole(function: Any) -> Any:
    """The function, undefined where its argument is 0, −1, −2, …"""

    def evaluate(c: Any, x: Any) -> Any:
        if x <= 0 and x == c.floor(x):
            raise Undefined
        return function(c, x)

    return evaluate


def _gamma(c: Any, x: Any) -> Any:
    return c.inf if x > 1e6 else c.gamma(x)


def _loggamma(c: Any, x: Any) -> Any:
    return c.re(c.loggamma(x)) if x > 0 else c.log(abs(c.gamma(x)))


def _beta(c: Any, x: Any, y: Any) -> Any:
    if x <= 0 or y <= 0:  # its integral has no value
        raise Undefined
    return c.beta(x, y)


def _rising(c: Any, x: Any, a: Any) -> Any:
    if x > 1e6 and x + a > 1e6:
        return exponential(c, _loggamma(c, x + a) - _loggamma(c, x))
    return c.gammaprod([x + a], [x])


def _rising_bounds(x: Bounds, a: Bounds) -> Bounds:
    return Bounds(0.0, math.inf, True) if x.positive and a.low >= -x.low else Bounds(0.0) if x.nonnegative and a.nonnegative else FREE


def _binomial(c: Any, n: Any, k: Any) -> Any:
    if n < 0 and k < 0:
        raise Undefined
    if max(n, k) > 1e6:
        return exponential(c, _loggamma(c, n + 1) - _loggamma(c, k + 1) - _loggamma(c, n - k + 1))
    return c.binomial(n, k)


def _log_binomial(c: Any, n: Any, k: Any) -> Any:
    if n - k < 0 or k < 0:
        raise Undefined
    return _loggamma(c, n + 1) - _loggamma(c, k + 1) - _loggamma(c, n - k + 1)


def _xlogy(c: Any, x: Any, y: Any) -> Any:
    return c.zero if x == 0 else x * _log(c, y)


def _relative_entropy(c: Any, x: Any, y: Any) -> Any:
    if x < 0 or y < 0 or (y == 0 and x > 0):
        raise Undefined
    return c.zero if x == 0 else x * c.log(x / y)


def _above(limit: float) -> Any:
    return lambda x: x.high > limit


def _below(limit: float, attained: bool = True) -> Any:
    return lambda x: x.low < limit or (attained and x.low == limit and not x.low_open)


def _outside_unit(x: Bounds) -> bool:
    return x.low < -1 or x.high > 1


def _beyond(limit: float) -> Any:
    return lambda x: x.high > limit or x.low < -limit


_ELEMENTARY = (
    elementwise("exp", exponential, "np.exp(x)", "math.exp(x)", _exp_bounds, _above(700), 0.0),
    elementwise("expm1", lambda c, x: exponential(c, x) - 1, "np.expm1(x)", "math.expm1(x)", _expm1_bounds, _above(700), 0.0),
    elementwise("log", _log, "np.log(x)", "math.log(x)", _log_bounds, _below(0)),
    elementwise("log2", lambda c, x: _log(c, x) / c.ln2, "np.log2(x)", "math.log2(x)", None, _below(0)),
    elementwise("log10", lambda c, x: _log(c, x) / c.ln10, "np.log10(x)", "math.log10(x)", None, _below(0)),
    elementwise("log1p", lambda c, x: _log(c, 1 + x), "np.log1p(x)", "math.log1p(x)", _log1p_bounds, _below(-1), 0.0),
    elementwise("sin", lambda c, x: c.sin(x), "np.sin(x)", "math.sin(x)", within(-1, 1)),
    elementwise("cos", lambda c, x: c.cos(x), "np.cos(x)", "math.cos(x)", within(-1, 1)),
    elementwise("tan", lambda c, x: c.tan(x), "np.tan(x)", "math.tan(x)"),
    elementwise("cot", lambda c, x: c.cot(x), "1.0 / np.tan(x)", "1.0 / math.tan(x)"),
    elementwise("sec", lambda c, x: c.sec(x), "1.0 / np.cos(x)", "1.0 / math.cos(x)"),
    elementwise("csc", lambda c, x: c.csc(x), "1.0 / np.sin(x)", "1.0 / math.sin(x)"),
    elementwise(
        "asin", _on(lambda x: abs(x) <= 1, lambda c, x: c.asin(x)), "np.arcsin(x)", "math.asin(x)", within(-1.6, 1.6), _outside_unit, 0.0
    ),
    elementwise(
        "acos", _on(lambda x: abs(x) <= 1, lambda c, x: c.acos(x)), "np.arccos(x)", "math.acos(x)", within(0, 3.2), _outside_unit, 0.0
    ),
    elementwise("atan", lambda c, x: c.atan(x), "np.arctan(x)", "math.atan(x)", within(-1.6, 1.6)),
    elementwise("acot", lambda c, x: c.acot(x), "np.arctan(1.0 / x)", "math.atan(1.0 / x)", within(-1.6, 1.6)),
    elementwise("atan2", lambda c, y, x: c.atan2(y, x), "np.arctan2(x, y)", "math.atan2(x, y)", within(-3.2, 3.2)),
    elementwise("sinh", _sinh, "np.sinh(x)", "math.sinh(x)", _odd_increasing, _beyond(700), 0.0),
    elementwise("cosh", _cosh, "np.cosh(x)", "math.cosh(x)", within(1, math.inf), _beyond(700), 0.0),
    elementwise("tanh", _tanh, "np.tanh(x)", "math.tanh(x)", _tanh_bounds),
    elementwise("coth", lambda c, x: 1 / _tanh(c, x), "1.0 / np.tanh(x)", "1.0 / math.tanh(x)"),
    elementwise(
        "sech", lambda c, x: 1 / _cosh(c, x), "e = np.exp(-np.abs(x)); 2.0 * e / (1.0 + e * e)", "1.0 / math.cosh(x)", within(0, 1, True)
    ),
    elementwise(
        "csch", lambda c, x: 1 / _sinh(c, x), "-2.0 * np.sign(x) * np.exp(-np.abs(x)) / np.expm1(-2.0 * np.abs(x))", "1.0 / math.sinh(x)"
    ),
    elementwise("asinh", lambda c, x: c.asinh(x), "np.arcsinh(x)", "math.asinh(x)", _odd_increasing),
    elementwise(
        "acosh",
        _on(lambda x: x >= 1, lambda c, x: c.acosh(x)),
        "np.arccosh(x)",
        "math.acosh(x)",
        within(0, math.inf),
        _below(1, False),
        1.0,
    ),
    elementwise(
        "atanh", _on(lambda x: abs(x) < 1, lambda c, x: c.atanh(x)), "np.arctanh(x)", "math.atanh(x)", _odd_increasing, _outside_unit, 0.0
    ),
    elementwise("hypot", lambda c, x, y: c.sqrt(x * x + y * y), "np.hypot(x, y)", "math.hypot(x, y)", within(0, math.inf)),
    elementwise("square", lambda c, x: x * x, "np.square(x)", "x * x", lambda x: Bounds(0.0, math.inf, x.nonzero)),
    elementwise("re", lambda c, x: x, "np.real(x)"),
    elementwise("im", lambda c, x: c.zero, "np.imag(x)"),
)

_SPECIAL = (
    elementwise("erf", lambda c, x: c.erf(x), "erf(x)", "math.erf(x)", _erf_bounds),
    elementwise("erfc", lambda c, x: c.erfc(x), "erfc(x)", "math.erfc(x)", within(0, 2, True)),
    elementwise("erfcx", lambda c, x: c.exp(x * x) * c.erfc(x), "erfcx(x)", "", within(0, math.inf, True)),
    elementwise("erfinv", _on(lambda x: abs(x) < 1, lambda c, x: c.erfinv(x)), "erfinv(x)", "", _odd_increasing),
    elementwise("normal_cdf", lambda c, x: c.ncdf(x), "ndtr(x)", "", within(0, 1, True, True)),
    elementwise("log_normal_cdf", lambda c, x: c.log(c.ncdf(x)), "log_ndtr(x)", "", within(-math.inf, 0, True, True)),
    elementwise(
        "normal_pdf",
        lambda c, x: exponential(c, -x * x / 2) / c.sqrt(2 * c.pi),
        "np.exp(-0.5 * x * x) * 0.3989422804014327",
        "",
        within(0, 0.4, True),
    ),
    elementwise("gamma", _pole(_gamma), "gamma(x)", "math.gamma(x)", _positive_from(0)),
    elementwise("factorial", lambda c, x: _pole(_gamma)(c, x + 1), "gamma(x + 1)", "math.gamma(x + 1)", _positive_from(-1)),
    elementwise("loggamma", _pole(_loggamma), "gammaln(x)", "math.lgamma(x)"),
    elementwise("rising", _rising, "poch(x, y)", "", _rising_bounds),
    elementwise("digamma", _pole(lambda c, x: c.digamma(x)), "digamma(x)", ""),
    elementwise("trigamma", _pole(lambda c, x: c.polygamma(1, x)), "polygamma(1, x)", "", within(0, math.inf, True)),
    elementwise("polygamma", lambda c, n, x: _pole(lambda c, x: c.polygamma(int(n), x))(c, x), "polygamma(x, y)", ""),
    elementwise(
        "beta",
        _beta,
        "beta(x, y)",
        "",
        lambda x, y: Bounds(0.0, math.inf, True) if x.nonnegative and y.nonnegative else FREE,
    ),
    elementwise("log_beta", lambda c, x, y: _loggamma(c, x) + _loggamma(c, y) - _loggamma(c, x + y), "betaln(x, y)", ""),
    elementwise("binomial", _binomial, "binom(x, y)", "", _binomial_bounds),
    elementwise("log_binomial", _log_binomial, "gammaln(x + 1) - gammaln(y + 1) - gammaln(x - y + 1)", ""),
    elementwise("zeta", lambda c, x: c.zeta(x), "zeta(x)", ""),
    elementwise("rel_entr", _relative_entropy, "rel_entr(x, y)", ""),
    elementwise("xlogy", _xlogy, "xlogy(x, y)", ""),
    elementwise("xlog1py", lambda c, x, y: _xlogy(c, x, 1 + y), "xlog1py(x, y)", ""),
)

FUNCTIONS_OF_NUMBERS: tuple[Operation, ...] = (*_ELEMENTARY, *_SPECIAL)
