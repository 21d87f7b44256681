"""Every stable form in the spellings that people use, at extremes, against mpmath: the value, no RuntimeWarning, and the dtype."""

from __future__ import annotations

import contextlib
import inspect
import types
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
import pytest

from derive.answering import value_of
from derive.meaning import read
from derive.meaning.scope import Scope
from derive.session import solve
from derive.translation.translate import translate

mp = mpmath.MPContext()
mp.dps = 900  # e^-1000 + 1 keeps its digits

FAR = (-1000.0, -745.2, -37.5, -1.0, -1e-8, -1e-20, -1e-300, 0.0, 1e-300, 1e-20, 1e-8, 0.5, 37.5, 709.8, 1000.0)
POSITIVE = (1e-300, 1e-20, 1e-8, 0.5, 1.0, 37.5, 745.2, 1000.0)
NEGATIVE = tuple(-x for x in POSITIVE)
NEAR_ZERO = (-1e-3, -1e-8, -1e-20, -1e-300, 0.0, 1e-300, 1e-20, 1e-8, 1e-3)
UNIT = (1e-300, 1e-17, 1e-5, 0.3, 0.5, 0.75, 0.9999999999999999)
SCALES = (-1e200, -1e-200, -3.0, 1e-200, 4.0, 1e200)
TAILS = (-40.0, -38.0, -10.0, -1.0, -1e-20, 0.0, 1e-8, 1.0, 9.0, 37.0)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def softplus(x: Any) -> Any:
    return mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x))


def plain_log(x: Any) -> Any:
    return mp.log(x) if x > 0 else -mp.inf


def phi(x: Any) -> Any:
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi) if abs(x) < 1e6 else mp.zero


def cdf(x: Any) -> Any:
    return mp.erfc(-x / mp.sqrt(2)) / 2 if abs(x) < 1e6 else mp.mpf(x > 0)


def xlogy(x: Any, y: Any) -> Any:
    return mp.zero if x == 0 else x * plain_log(y)


Row = tuple[str, Callable[..., Any], Sequence[float], Sequence[str]]

OF_ONE: list[Row] = [
    (
        "sigmoid",
        sigmoid,
        FAR,
        [
            "1/(1 + exp(-x))",
            "exp(x)/(1 + exp(x))",
            "\\frac{1}{1+e^{-x}}",
            "\\frac{e^x}{e^x+1}",
            "(1 + exp(-x))^{-1}",
            "1 - 1/(1 + exp(x))",
            "\\frac{e^{x/2}}{e^{x/2}+e^{-x/2}}",
            "\\frac12 + \\frac12\\tanh\\frac{x}{2}",
            "(1 + tanh(x/2))/2",
            "sigma(x)",
            "1 - sigma(-x)",
            "1 / (1 + np.exp(-x))",
        ],
    ),
    (
        "logistic slope",
        lambda x: sigmoid(x) * sigmoid(-x),
        FAR,
        [
            "sigma(x) (1 - sigma(x))",
            "exp(-x)/(1 + exp(-x))^2",
            "exp(x)/(1 + exp(x))^2",
            "sigma(x) - sigma(x)^2",
            "sigma(x) sigma(-x)",
            "1/((1 + exp(x)) (1 + exp(-x)))",
            "1/(2 + exp(x) + exp(-x))",
            "1/(4 cosh(x/2)^2)",
        ],
    ),
    (
        "softplus",
        softplus,
        FAR,
        [
            "log(1 + exp(x))",
            "\\ln(e^x + 1)",
            "softplus(x)",
            "log1p(exp(x))",
            "-log(1 - sigma(x))",
            "-log(sigma(-x))",
            "x + log(1 + exp(-x))",
            "\\log(e^0 + e^x)",
            "\\max(x, 0) + \\log(1 + e^{-|x|})",
            "np.log(1 + np.exp(x))",
            "np.logaddexp(0, x)",
        ],
    ),
    (
        "log-sigmoid",
        lambda x: -softplus(-x),
        FAR,
        [
            "log(sigma(x))",
            "log(1/(1 + exp(-x)))",
            "-log(1 + exp(-x))",
            "x - log(1 + exp(x))",
            "\\log\\frac{e^x}{1+e^x}",
            "log_sigmoid(x)",
            "log(1 - sigma(-x))",
            "log(1 - 1/(1 + exp(x)))",
        ],
    ),
    (
        "tanh",
        mp.tanh,
        FAR,
        [
            "\\frac{e^x-e^{-x}}{e^x+e^{-x}}",
            "(exp(2 x) - 1)/(exp(2 x) + 1)",
            "(1 - exp(-2 x))/(1 + exp(-2 x))",
            "2 sigma(2 x) - 1",
            "sinh(x)/cosh(x)",
            "1 - 2/(1 + exp(2 x))",
            "2/(1 + exp(-2 x)) - 1",
            "tanh(x)",
        ],
    ),
    (
        "tanh slope",
        lambda x: 1 / mp.cosh(x) ** 2,
        FAR,
        [
            "1 - tanh(x)^2",
            "1/cosh(x)^2",
            "(1 - tanh(x)) (1 + tanh(x))",
            "sech(x)^2",
            "4/(exp(x) + exp(-x))^2",
            "4 exp(2 x)/(exp(2 x) + 1)^2",
        ],
    ),
    (
        "log cosh",
        lambda x: abs(x) + mp.log1p(mp.exp(-2 * abs(x))) - mp.log(2) if abs(x) > 1 else mp.log(mp.cosh(x)),
        FAR,
        ["log(cosh(x))", "\\log\\frac{e^x+e^{-x}}{2}", "log(exp(x) + exp(-x)) - log(2)", "x + log(1 + exp(-2 x)) - log(2)"],
    ),
    (
        "logit",
        lambda p: mp.log(p / (1 - p)),
        UNIT,
        [
            "log(p/(1 - p))",
            "\\log p - \\log(1 - p)",
            "logit(p)",
            "-log((1 - p)/p)",
            "-log(1/p - 1)",
            "np.log(p / (1 - p))",
            "-log(p^{-1} - 1)",
        ],
    ),
    (
        "log1p",
        lambda x: mp.log1p(x),
        (-0.5, *NEAR_ZERO, 1e10),
        ["log(1 + x)", "log(x + 1)", "\\ln(1+x)", "np.log(1 + x)", "-log(1/(1 + x))"],
    ),
    ("log1p of the opposite", lambda x: mp.log1p(-x), NEAR_ZERO, ["log(1 - x)", "\\ln(1-x)", "-log(1/(1 - x))"]),
    (
        "expm1",
        lambda x: mp.expm1(x),
        (-1000.0, *NEAR_ZERO, 700.0),
        ["exp(x) - 1", "e^x - 1", "-1 + exp(x)", "-(1 - exp(x))", "np.exp(x) - 1", "\\frac{e^{x}-1}{1}"],
    ),
    (
        "expm1 over x",
        lambda x: mp.expm1(x) / x,
        tuple(x for x in (-1000.0, *NEAR_ZERO, 700.0) if x),
        ["(exp(x) - 1)/x", "\\frac{e^x-1}{x}"],
    ),
    ("1 - e^-x", lambda x: -mp.expm1(-x), (*NEAR_ZERO, 1000.0), ["1 - exp(-x)", "1 - e^{-x}", "1 - \\frac{1}{e^x}"]),
    (
        "log1mexp",
        lambda x: mp.log(-mp.expm1(-x)),
        POSITIVE,
        [
            "x > 0 ;; log(1 - exp(-x))",
            "x > 0 ;; \\ln(1-e^{-x})",
            "x > 0 ;; log1p(-exp(-x))",
            "x > 0 ;; log(exp(x) - 1) - x",
            "x > 0 ;; \\log\\frac{e^x-1}{e^x}",
            "x > 0 ;; log(-expm1(-x))",
        ],
    ),
    (
        "log of expm1",
        lambda x: x + mp.log(-mp.expm1(-x)),
        POSITIVE,
        ["x > 0 ;; log(exp(x) - 1)", "x > 0 ;; log(expm1(x))", "x > 0 ;; x + log(1 - exp(-x))"],
    ),
    ("1 - cos", lambda x: 2 * mp.sin(x / 2) ** 2, (*NEAR_ZERO, 1.0, 3.0), ["1 - cos(x)", "1 - \\cos x", "-(cos(x) - 1)", "-cos(x) + 1"]),
    ("(1 - cos x)/x^2", lambda x: 2 * (mp.sin(x / 2) / x) ** 2, (-1e-3, 1e-8, 1e-100, 1e-300, 2.0), ["(1 - cos(x))/x^2"]),
    (
        "x^2 e^x/(e^x - 1)^2",
        lambda x: x * x * mp.exp(x) / mp.expm1(x) ** 2,
        (-1000.0, -40.0, -1e-8, 1e-300, 1e-20, 1e-8, 1.0, 37.5, 700.0, 1000.0),
        ["x^2 exp(x)/(exp(x) - 1)^2", "\\frac{x^2 e^{-x}}{(1-e^{-x})^2}", "x^2 e^x/(e^x - 1)^2"],
    ),
    (
        "e^x/(e^x - 1)^2",
        lambda x: mp.exp(x) / mp.expm1(x) ** 2,
        (-1000.0, -40.0, -1e-8, 1e-20, 1e-8, 1.0, 37.5, 700.0, 1000.0),
        ["exp(x)/(exp(x) - 1)^2", "e^{-x}/(1 - e^{-x})^2"],
    ),
    ("cosh - 1", lambda x: 2 * mp.sinh(x / 2) ** 2, (*NEAR_ZERO, 700.0), ["cosh(x) - 1", "(exp(x) + exp(-x))/2 - 1"]),
    ("sinh", mp.sinh, (*NEAR_ZERO, 1.0, -700.0), ["(exp(x) - exp(-x))/2", "sinh(x)"]),
    ("arsinh", mp.asinh, (*NEAR_ZERO, -1e200, 1e200, -1e5, 1.0), ["log(x + sqrt(x^2 + 1))", "\\ln\\left(x+\\sqrt{1+x^2}\\right)"]),
    (
        "artanh",
        mp.atanh,
        (*NEAR_ZERO, -0.9, 0.99),
        ["log((1 + x)/(1 - x))/2", "\\frac12\\ln\\frac{1+x}{1-x}", "(log(1 + x) - log(1 - x))/2"],
    ),
    ("arcosh", mp.acosh, (1.0, 1.5, 1e5, 1e200), ["x >= 1 ;; log(x + sqrt(x^2 - 1))"]),
    ("entropy", lambda p: -xlogy(p, p), (0.0, 1e-300, 0.3, 1.0), ["-p log(p)", "p log(1/p)", "-p \\ln p"]),
    (
        "binary entropy",
        lambda p: -xlogy(p, p) - xlogy(1 - p, 1 - p),
        (0.0, 1e-300, 1e-17, 0.3, 0.5, 1.0),
        ["-p log(p) - (1 - p) log(1 - p)", "-p \\log p - (1-p)\\log(1-p)", "-(p log(p) + (1 - p) log(1 - p))"],
    ),
    (
        "binary entropy in bits",
        lambda p: (-xlogy(p, p) - xlogy(1 - p, 1 - p)) / mp.log(2),
        (0.0, 1e-300, 0.3, 1.0),
        ["-p log_2(p) - (1 - p) log_2(1 - p)"],
    ),
    (
        "Phi",
        cdf,
        TAILS,
        [
            "(1 + erf(x/sqrt(2)))/2",
            "\\frac12\\left[1+\\operatorname{erf}\\left(\\frac{x}{\\sqrt2}\\right)\\right]",
            "Phi(x)",
            "erfc(-x/sqrt(2))/2",
            "1 - Phi(-x)",
            "1/2 + erf(x/sqrt(2))/2",
        ],
    ),
    ("upper tail", lambda x: cdf(-x), tuple(-x for x in TAILS), ["1 - Phi(x)", "(1 - erf(x/sqrt(2)))/2", "erfc(x/sqrt(2))/2"]),
    ("log Phi", lambda x: mp.log(cdf(x)), (-1000.0, *TAILS), ["log(Phi(x))", "log((1 + erf(x/sqrt(2)))/2)", "log(1 - Phi(-x))"]),
    ("erfc", mp.erfc, (*TAILS[4:], 26.0), ["1 - erf(x)", "erfc(x)", "1 - \\operatorname{erf}(x)"]),
    ("Mills", lambda x: phi(x) / cdf(-x), (-30.0, 0.0, 1.0, 30.0, 40.0, 1000.0), ["e^{-x^2/2}/(sqrt(2 pi) (1 - Phi(x)))"]),
    (
        "gelu",
        lambda x: x * cdf(x),
        (-1000.0, *TAILS, 1000.0),
        ["gelu(x)", "x Phi(x)", "x/2 (1 + erf(x/sqrt(2)))", "0.5 x (1 + erf(x/sqrt(2)))"],
    ),
    ("silu", lambda x: x * sigmoid(x), FAR, ["silu(x)", "x sigma(x)", "x/(1 + exp(-x))", "x exp(x)/(1 + exp(x))"]),
    ("mish", lambda x: x * mp.tanh(softplus(x)), FAR, ["mish(x)", "x tanh(log(1 + exp(x)))", "x tanh(softplus(x))"]),
    ("cube", lambda x: x**3, (-1e100, -3.0, 0.0, 1e-100), ["x^3", "x**3", "x * x^2"]),
    ("reciprocal square", lambda x: 1 / x**2, (-1e100, -3.0, 1e-100), ["x^{-2}", "1/x^2"]),
    ("root of one plus, minus one", lambda x: x / (mp.sqrt(1 + x) + 1), (*NEAR_ZERO, 1e20), ["sqrt(1 + x) - 1", "\\sqrt{x+1}-1"]),
    ("log-gamma", lambda x: mp.loggamma(x), (1e-300, 0.5, 3.0, 171.0, 1000.0, 1e10), ["x > 0 ;; log(Gamma(x))", "x > 0 ;; \\ln\\Gamma(x)"]),
    ("log-factorial", lambda x: mp.loggamma(x + 1), (0.5, 3.0, 171.0, 1000.0, 1e10), ["n in N ;; log(n!)", "\\log(n!)"]),
    ("log Laplace density", lambda x: -abs(x) - mp.log(2), (-1000.0, 0.0, 1000.0), ["log(exp(-|x|)/2)", "\\log\\frac12e^{-|x|}"]),
    ("log logistic density", lambda x: -x - 2 * softplus(-x), FAR, ["log(exp(-x)/(1 + exp(-x))^2)"]),
    (
        "log normal density",
        lambda x: -x * x / 2 - mp.log(2 * mp.pi) / 2,
        (-1000.0, 0.0, 50.0),
        ["log(exp(-x^2/2)/sqrt(2 pi))", "\\log\\frac{1}{\\sqrt{2\\pi}}e^{-x^2/2}", "\\ln((2\\pi)^{-1/2}\\exp(-\\tfrac12x^2))"],
    ),
    ("log Cauchy density", lambda x: -mp.log(mp.pi) - mp.log1p(x * x), (-1e100, 0.0, 1e-9, 50.0), ["log(1/(pi (1 + x^2)))"]),
]
OF_ONE_DERIVED: list[Row] = [
    (
        "gelu slope",
        lambda x: cdf(x) + x * phi(x),
        (-1e300, -1e200, -1000.0, *TAILS, 1000.0, 1e200, 1e300),
        ["d/dx gelu(x)", "d/dx x Phi(x)"],
    ),
    (
        "silu slope",
        lambda x: sigmoid(x) + x * sigmoid(x) * sigmoid(-x),
        (*FAR, -1e300, 1e300),
        ["d/dx silu(x)", "d/dx x sigma(x)", "\\frac{d}{dx}\\frac{x}{1+e^{-x}}"],
    ),
    (
        "mish slope",
        lambda x: mp.tanh(softplus(x)) + x * sigmoid(x) / mp.cosh(softplus(x)) ** 2,
        (*FAR, -1e300, 1e300),
        ["d/dx mish(x)", "d/dx x tanh(log(1 + exp(x)))"],
    ),
    ("softplus slope", sigmoid, FAR, ["d/dx log(1 + exp(x))", "d/dx softplus(x)", "d/dx log(1 + e^{x})"]),
    ("log-sigmoid slope", lambda x: sigmoid(-x), FAR, ["d/dx log(sigma(x))", "d/dx log(1/(1 + exp(-x)))"]),
    ("sigmoid curvature", lambda x: sigmoid(x) * sigmoid(-x) * -mp.tanh(x / 2), FAR, ["d^2/dx^2 1/(1 + exp(-x))", "d^2/dx^2 sigma(x)"]),
    ("tanh slope", lambda x: 1 / mp.cosh(x) ** 2, FAR, ["d/dx tanh(x)", "\\frac{d}{dx}\\frac{e^x-e^{-x}}{e^x+e^{-x}}"]),
    ("log cosh slope", mp.tanh, FAR, ["d/dx log(cosh(x))"]),
    ("logit slope", lambda p: 1 / (p * (1 - p)), UNIT, ["d/dp log(p/(1 - p))"]),
    ("Phi slope", phi, TAILS, ["d/dx Phi(x)", "d/dx (1 + erf(x/sqrt(2)))/2"]),
    ("log Phi slope", lambda x: phi(x) / cdf(x), (-1000.0, *TAILS), ["d/dx log(Phi(x))"]),
    ("root slope", lambda x: x / mp.sqrt(1 + x * x), (-1e200, -1e-200, 0.0, 1e200), ["d/dx sqrt(1 + x^2)"]),
]


def function_of(lines: str) -> Callable[..., Any]:
    scope = Scope()
    for place, line in enumerate(lines.split(" ;; "), 1):
        reading, scope = read(line, scope, line=place)
    code = translate(value_of(reading), reading.types, function="value", summary="The value")
    assert code.check is not None
    assert code.check.status == "verified"
    return loaded(code.source, "value")


def derived_function_of(line: str) -> Callable[..., Any]:
    report = solve(line)
    assert report.code is not None, report
    return loaded(report.code.source, report.code.function)


def loaded(source: str, function: str) -> Callable[..., Any]:
    module = types.ModuleType("emitted")
    exec(compile(source, "emitted.py", "exec"), module.__dict__)
    found: Callable[..., Any] = getattr(module, function)
    return found


def wanted_at(reference: Callable[..., Any], *point: float) -> float:
    return float(reference(*(mp.mpf(x) for x in point)))


def check(function: Callable[..., Any], reference: Callable[..., Any], *columns: Sequence[float], tolerance: float = 2e-13) -> None:
    wanted = [wanted_at(reference, *point) for point in zip(*columns, strict=True)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = function(*(np.array(column) for column in columns))
    for point, mine, theirs in zip(zip(*columns, strict=True), np.broadcast_to(got, len(wanted)).tolist(), wanted, strict=True):
        assert mine == pytest.approx(theirs, rel=tolerance, abs=1e-307), point


def expanded(rows: Sequence[Row]) -> list[Any]:
    return [pytest.param(spelling, f, points, id=f"{name}: {spelling}") for name, f, points, spellings in rows for spelling in spellings]


@pytest.mark.parametrize(("spelling", "reference", "points"), expanded(OF_ONE))
def test_function_of_one_number(spelling: str, reference: Callable[..., Any], points: Sequence[float]) -> None:
    function = function_of(spelling)
    check(function, reference, points)
    narrow = np.array([x for x in points if 1e-3 <= abs(x) <= 30 and not 0.99 < x < 1] or [0.5], dtype=np.float32)
    assert function(narrow).dtype == np.float32


@pytest.mark.parametrize(("spelling", "reference", "points"), expanded(OF_ONE_DERIVED))
def test_derivative_of_one_number(spelling: str, reference: Callable[..., Any], points: Sequence[float]) -> None:
    check(derived_function_of(spelling), reference, points)


AT_INFINITY = [  # line, at −∞, at ∞
    ("d/dx gelu(x)", 0.0, 1.0),
    ("d/dx x Phi(x)", 0.0, 1.0),
    ("d/dx silu(x)", 0.0, 1.0),
    ("d/dx x sigma(x)", 0.0, 1.0),
    ("d/dx mish(x)", 0.0, 1.0),
    ("d/dx gelu_tanh(x)", 0.0, 1.0),
    ("d/dx sigma(x)", 0.0, 0.0),
    ("d^2/dx^2 silu(x)", 0.0, 0.0),
    ("d/dx x exp(-x^2)", 0.0, 0.0),
    ("d/dx softplus(x)", 0.0, 1.0),
    ("d/dx tanh(x)", 0.0, 0.0),
]


@pytest.mark.parametrize(("line", "left", "right"), AT_INFINITY, ids=[line for line, _, _ in AT_INFINITY])
def test_slopes_at_infinity(line: str, left: float, right: float) -> None:
    with np.errstate(over="ignore"):
        assert derived_function_of(line)(np.array([-np.inf, np.inf])).tolist() == pytest.approx([left, right], abs=1e-300)


GROWING = [  # a factor that vanishes beside one that grows as fast: nothing may be limited
    ("x e^x sigma(x) (1 - sigma(x))", lambda x: x * sigmoid(x) * (1 - sigmoid(x)) * mp.exp(x), (-5.0, 800.0, 2000.0)),
    ("x sigma(x) (1 - sigma(x)) (1 + e^x)", lambda x: x * sigmoid(x), (-5.0, 800.0, 2000.0)),
    ("x sigma(x) (1 - sigma(x))/sigma(-x)", lambda x: x * sigmoid(x), (-5.0, 800.0, 2000.0)),
    ("x exp(-x^2/2) exp(x^2/2)", lambda x: x, (-50.0, 60.0, 1e6)),
    ("x exp(-x^2/2 + 50 x)", lambda x: x * mp.exp(50 * x - x * x / 2), (-1.0, 60.0, 80.0)),
]


@pytest.mark.parametrize(("line", "reference", "points"), GROWING, ids=[line for line, _, _ in GROWING])
def test_nothing_is_limited_where_the_product_does_not_vanish(line: str, reference: Callable[..., Any], points: Sequence[float]) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        got = function_of(line)(np.array(points))
    wanted = [wanted_at(reference, x) for x in points]
    fine = np.isfinite(got)
    assert np.count_nonzero(fine) >= 1
    np.testing.assert_allclose(got[fine], np.array(wanted)[fine], rtol=1e-9)


# ---------------------------------------------------------------------------------------------- several numbers
def log_binomial(n: Any, k: Any) -> Any:
    return mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k + 1)


OF_SEVERAL: list[tuple[str, Callable[..., Any], Sequence[Sequence[float]], Sequence[str]]] = [
    (
        "hypot",
        lambda x, y: mp.sqrt(x * x + y * y),
        [SCALES, SCALES[::-1]],
        ["sqrt(x^2 + y^2)", "(x^2 + y^2)^{1/2}", "\\sqrt{x^2+y^2}", "np.sqrt(x**2 + y**2)", "sqrt(x x + y y)"],
    ),
    (
        "logaddexp",
        lambda a, b: mp.log(mp.exp(a) + mp.exp(b)),
        [(-1000.0, 1000.0, 0.0, 710.0), (-1001.0, -1000.0, 0.0, 709.0)],
        ["log(exp(a) + exp(b))", "a + log(1 + exp(b - a))", "\\log(e^a+e^b)", "b + log(exp(a - b) + 1)", "np.logaddexp(a, b)"],
    ),
    (
        "log of a difference",
        lambda a, b: a + mp.log(-mp.expm1(b - a)),
        [(1000.0, 1e-8, -700.0), (999.0, 0.0, -1000.0)],
        ["log(exp(a) - exp(b))", "a + log(1 - exp(b - a))"],
    ),
    (
        "two-way softmax",
        lambda a, b: sigmoid(a - b),
        [(-1000.0, 1000.0, 0.0), (1000.0, -1000.0, 1e-8)],
        ["exp(a)/(exp(a) + exp(b))", "1/(1 + exp(b - a))", "1 - exp(b)/(exp(a) + exp(b))", "\\frac{e^a}{e^a+e^b}"],
    ),
    (
        "cross-entropy of a logit",
        lambda y, z: y * softplus(-z) + (1 - y) * softplus(z),
        [(0.0, 1.0, 1.0, 0.0, 0.3), (1000.0, 1000.0, -1000.0, -50.0, 0.0)],
        [
            "-y log(sigma(z)) - (1 - y) log(1 - sigma(z))",
            "-(y log(sigma(z)) + (1 - y) log(sigma(-z)))",
            "-y \\log\\frac{1}{1+e^{-z}} - (1-y)\\log\\left(1-\\frac{1}{1+e^{-z}}\\right)",
            "y log(1 + exp(-z)) + (1 - y) log(1 + exp(z))",
        ],
    ),
    (
        "cross-entropy of probabilities",
        lambda y, p: -xlogy(y, p) - xlogy(1 - y, 1 - p),
        [(0.0, 1.0, 1.0, 0.0, 0.3), (0.0, 1.0, 1e-300, 1e-17, 0.4)],
        ["-y log(p) - (1 - y) log(1 - p)", "-(y log(p) + (1 - y) log(1 - p))", "-y \\ln p - (1-y)\\ln(1-p)"],
    ),
    (
        "logistic loss of a margin",
        lambda y, z: softplus(-y * z),
        [(1.0, -1.0, 1.0), (1000.0, 1000.0, -50.0)],
        ["log(1 + exp(-y z))", "-log(sigma(y z))", "\\log(1+e^{-yz})"],
    ),
    (
        "relative entropy",
        lambda p, q: xlogy(p, p / q),
        [(0.0, 1e-300, 0.3, 1.0), (0.2, 0.3, 1e-300, 1.0)],
        ["p log(p/q)", "p (log(p) - log(q))", "p \\log\\frac{p}{q}", "p log(p) - p log(q)"],
    ),
    (
        "relative entropy of coins",
        lambda p, q: xlogy(p, p / q) + xlogy(1 - p, (1 - p) / (1 - q)),
        [(0.0, 1.0, 0.3, 0.5), (0.2, 0.3, 0.6, 0.5)],
        ["p log(p/q) + (1 - p) log((1 - p)/(1 - q))"],
    ),
    ("x log y", lambda x, y: xlogy(x, y), [(0.0, 1.0, 2.0), (0.0, 1e-300, 5.0)], ["x log(y)", "x \\ln y", "log(y) x"]),
    (
        "log normal density",
        lambda x, mu, sigma: -(((x - mu) / sigma) ** 2) / 2 - mp.log(sigma) - mp.log(2 * mp.pi) / 2,
        [(1000.0, 0.0, 1.0), (-1000.0, 0.0, 0.5), (1e-100, 1e-5, 1e100)],
        [
            "sigma > 0 ;; log(exp(-(x - mu)^2/(2 sigma^2))/(sigma sqrt(2 pi)))",
            "\\sigma > 0 ;; \\log\\frac{1}{\\sqrt{2\\pi\\sigma^2}}e^{-\\frac{(x-\\mu)^2}{2\\sigma^2}}",
            "sigma > 0 ;; -(x - mu)^2/(2 sigma^2) - log(sigma) - log(2 pi)/2",
        ],
    ),
    (
        "log Poisson mass",
        lambda k, lam: k * mp.log(lam) - lam - mp.loggamma(k + 1),
        [(0.0, 500.0, 3.0), (1e-5, 480.0, 1000.0)],
        [
            "lambda > 0 ;; log(lambda^k exp(-lambda)/k!)",
            "\\lambda > 0 ;; \\log\\frac{\\lambda^k e^{-\\lambda}}{k!}",
            "lambda > 0 ;; k log(lambda) - lambda - log(k!)",
        ],
    ),
    (
        "Poisson mass",
        lambda k, lam: mp.exp(k * mp.log(lam) - lam - mp.loggamma(k + 1)),
        [(0.0, 500.0, 3.0), (1e-5, 480.0, 1000.0)],
        ["lambda > 0 ;; lambda^k exp(-lambda)/k!", "\\lambda > 0 ;; \\frac{\\lambda^k e^{-\\lambda}}{k!}"],
    ),
    (
        "log binomial mass",
        lambda n, k, p: log_binomial(n, k) + xlogy(k, p) + xlogy(n - k, 1 - p),
        [(1000.0, 10.0, 10.0), (500.0, 0.0, 10.0), (0.5, 0.0, 1.0)],
        [
            "log(binom(n, k) p^k (1 - p)^(n - k))",
            "\\log\\left[\\binom{n}{k}p^k(1-p)^{n-k}\\right]",
            "log(n!/(k! (n - k)!)) + k log(p) + (n - k) log(1 - p)",
            "log(binom(n, k)) + k log(p) + (n - k) log(1 - p)",
        ],
    ),
    (
        "binomial mass",
        lambda n, k, p: mp.exp(log_binomial(n, k) + xlogy(k, p) + xlogy(n - k, 1 - p)),
        [(1000.0, 2000.0, 10.0), (500.0, 900.0, 3.0), (0.5, 0.4, 0.2)],
        ["binom(n, k) p^k (1 - p)^(n - k)", "\\binom{n}{k}p^k(1-p)^{n-k}", "n!/(k! (n - k)!) p^k (1 - p)^(n - k)"],
    ),
    (
        "log beta",
        lambda a, b: mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b),
        [(1e-5, 1000.0, 2.5), (3.0, 700.0, 300.0)],
        ["a > 0 ;; b > 0 ;; log(Gamma(a) Gamma(b)/Gamma(a + b))", "a > 0 ;; b > 0 ;; \\log\\frac{\\Gamma(a)\\Gamma(b)}{\\Gamma(a+b)}"],
    ),
    (
        "log Beta density",
        lambda x, a, b: xlogy(a - 1, x) + xlogy(b - 1, 1 - x) - mp.loggamma(a) - mp.loggamma(b) + mp.loggamma(a + b),
        [(1e-300, 0.3, 0.5), (2.0, 500.0, 1.0), (3.0, 900.0, 1.0)],
        ["a > 0 ;; b > 0 ;; 0 < x < 1 ;; log(x^(a - 1) (1 - x)^(b - 1) Gamma(a + b)/(Gamma(a) Gamma(b)))"],
    ),
    (
        "log Gamma density",
        lambda x, a, b: a * mp.log(b) - mp.loggamma(a) + (a - 1) * mp.log(x) - b * x,
        [(1e-300, 500.0, 3.0), (2.0, 700.0, 1.0), (1.0, 1.5, 1e-3)],
        [
            "a > 0 ;; b > 0 ;; x > 0 ;; log(b^a x^(a - 1) exp(-b x)/Gamma(a))",
            "a > 0 ;; b > 0 ;; x > 0 ;; \\log\\frac{b^a}{\\Gamma(a)}x^{a-1}e^{-bx}",
        ],
    ),
    (
        "difference of roots",
        lambda x, y: (x - y) / (mp.sqrt(x) + mp.sqrt(y)),
        [(1e20, 4.0), (1.0, 1.0)],
        ["x > 0 ;; y > 0 ;; sqrt(x) - sqrt(y)"],
    ),
    ("swish", lambda x, b: x * sigmoid(b * x), [(1000.0, -1000.0, 0.0), (2.0, 2.0, 1.0)], ["x sigma(b x)", "x/(1 + exp(-b x))"]),
    ("log of a power", lambda x, k: k * mp.log(x), [(1e-300, 1e300), (5.0, 7.0)], ["x > 0 ;; log(x^k)", "x > 0 ;; k log(x)"]),
]


@pytest.mark.parametrize(
    ("spelling", "reference", "columns"),
    [pytest.param(s, f, columns, id=f"{name}: {s}") for name, f, columns, spellings in OF_SEVERAL for s in spellings],
)
def test_function_of_several_numbers(spelling: str, reference: Callable[..., Any], columns: Sequence[Sequence[float]]) -> None:
    function = function_of(spelling)
    order = list(inspect.signature(reference).parameters)
    values = dict(zip(order, columns, strict=True))
    names = list(inspect.signature(function).parameters)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = function(**{key: np.array(values[key]) for key in names})
    for place, mine in enumerate(np.broadcast_to(got, len(columns[0])).tolist()):
        point = [values[key][place] for key in order]
        assert mine == pytest.approx(wanted_at(reference, *point), rel=2e-12, abs=1e-300), point


# ---------------------------------------------------------------------------------------------- arrays
def lse(z: Sequence[float]) -> Any:
    return mp.log(mp.fsum(mp.exp(mp.mpf(x)) for x in z))


FAR_ROW = [1000.0, 999.0, -1000.0, 0.0]
LOGITS = [[1000.0, 0.0, -1000.0], [-745.2, -746.2, -2000.0], [0.0, 1e-8, 50.0]]
HILBERT = [[1.0 / (i + j + 1) for j in range(5)] for i in range(8)]
NEAR_SINGULAR = [[1.0, 1.0], [1.0, 1.0 + 1e-13]]


def matrix(rows: Any) -> Any:
    return mp.matrix([[mp.mpf(x) for x in row] for row in rows])


def column(values: Any) -> Any:
    return mp.matrix([mp.mpf(x) for x in values])


def listed(value: Any) -> Any:
    return [float(x) for x in value]


def softmax_of(z: Sequence[float]) -> list[Any]:
    return [mp.exp(mp.mpf(x) - lse(z)) for x in z]


def normal_equations(X: Any, y: Any, lam: float = 0.0) -> list[float]:
    A = matrix(X)
    return listed(mp.lu_solve(A.T * A + mp.mpf(lam) * mp.eye(A.cols), A.T * column(y)))


def moments(x: Sequence[float]) -> Any:
    mean = mp.fsum(map(mp.mpf, x)) / len(x)
    return mp.fsum((mp.mpf(v) - mean) ** 2 for v in x) / len(x)


Z, ZK, XR, XM = "z in R^n ;; ", "z in R^{n x K} ;; ", "x in R^n ;; ", "X in R^{n x d} ;; y in R^n ;; "
BIG = [1e8, 1e8 + 1, 1e8 + 2]
OF_ARRAYS: list[tuple[str, dict[str, Any], Any, float, Sequence[str]]] = [
    (
        "log-sum-exp",
        {"z": FAR_ROW},
        float(lse(FAR_ROW)),
        1e-14,
        [
            Z + "log sum_{k=1}^n exp(z_k)",
            Z + "\\log\\sum_{k=1}^n e^{z_k}",
            Z + "\\ln\\sum_k e^{z_k}",
            Z + "logsumexp(z)",
            Z + "log(1^T exp(z))",
            Z + "np.log(np.sum(np.exp(z)))",
            Z + "log(sum(exp(z)))",
        ],
    ),
    (
        "log-mean-exp",
        {"z": FAR_ROW},
        float(lse(FAR_ROW) - mp.log(4)),
        1e-14,
        [Z + "log((1/n) sum_{k=1}^n exp(z_k))", Z + "\\log\\left(\\frac1n\\sum_{k=1}^n e^{z_k}\\right)"],
    ),
    (
        "temperature",
        {"z": FAR_ROW, "tau": 0.01},
        float(mp.mpf("0.01") * lse([x / mp.mpf("0.01") for x in FAR_ROW])),
        1e-14,
        [Z + "tau > 0 ;; tau log sum_{k=1}^n exp(z_k/tau)"],
    ),
    (
        "softmax",
        {"z": FAR_ROW},
        listed(softmax_of(FAR_ROW)),
        1e-12,
        [Z + "softmax(z)", Z + "exp(z)/sum(exp(z))", Z + "\\frac{\\exp(z)}{1^\\top\\exp(z)}", Z + "np.exp(z) / np.sum(np.exp(z))"],
    ),
    (
        "one softmax",
        {"z": FAR_ROW, "j": 1},
        float(softmax_of(FAR_ROW)[1]),
        1e-12,
        [
            Z + "exp(z_j)/(sum_{k=1}^n exp(z_k))",
            Z + "\\frac{e^{z_j}}{\\sum_{k}e^{z_k}}",
            Z + "softmax(z)_j",
            Z + "1/(sum_{k=1}^n exp(z_k - z_j))",
        ],
    ),
    (
        "log-softmax",
        {"z": FAR_ROW},
        listed([mp.mpf(x) - lse(FAR_ROW) for x in FAR_ROW]),
        1e-14,
        [Z + "log softmax(z)", Z + "z - log sum_{k=1}^n exp(z_k)", Z + "log_softmax(z)", Z + "log(exp(z)/sum(exp(z)))"],
    ),
    (
        "one log-softmax",
        {"z": FAR_ROW, "j": 2},
        float(-1000 - lse(FAR_ROW)),
        1e-14,
        [Z + "log(softmax(z)_j)", Z + "\\log\\frac{e^{z_j}}{\\sum_k e^{z_k}}", Z + "z_j - log sum_{k=1}^n exp(z_k)"],
    ),
    (
        "cross-entropy of labels",
        {"z": LOGITS, "y": [1, 0, 2]},
        float(-mp.fsum([mp.mpf(LOGITS[i][y]) - lse(LOGITS[i]) for i, y in enumerate([1, 0, 2])]) / 3),
        1e-14,
        [
            ZK + "y in {1..K}^n ;; -\\frac1n\\sum_{i=1}^n\\log\\frac{e^{z_{i,y_i}}}{\\sum_{k}e^{z_{ik}}}",
            ZK + "y in {1..K}^n ;; \\frac1n\\sum_{i=1}^n\\left(\\log\\sum_{k=1}^K e^{z_{ik}} - z_{i,y_i}\\right)",
            ZK + "y in {1..K}^n ;; -(1/n) sum_{i=1}^n log softmax(z_i)_{y_i}",
        ],
    ),
    (
        "cross-entropy of one-hot rows",
        {"z": LOGITS, "Y": [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]},
        float(-mp.fsum([mp.mpf(LOGITS[i][y]) - lse(LOGITS[i]) for i, y in enumerate([1, 0, 2])])),
        1e-14,
        [ZK + "Y in R^{n x K} ;; -\\sum_{i=1}^n\\sum_{k=1}^K Y_{ik}\\log\\frac{e^{z_{ik}}}{\\sum_{j=1}^K e^{z_{ij}}}"],
    ),
    (
        "entropy",
        {"p": [0.0, 0.25, 0.75]},
        float(-xlogy(0.25, mp.mpf(0.25)) - xlogy(0.75, mp.mpf(0.75))),
        1e-14,
        [
            "p in R^n ;; -sum_{i=1}^n p_i log(p_i)",
            "p in R^n ;; -p^T log(p)",
            "p in R^n ;; sum_{i=1}^n p_i log(1/p_i)",
            "p in R^n ;; -np.sum(p * np.log(p))",
        ],
    ),
    (
        "relative entropy",
        {"p": [0.0, 0.25, 0.75], "q": [0.5, 0.25, 0.25]},
        float(mp.mpf("0.75") * mp.log(3)),
        1e-14,
        ["p in R^n ;; q in R^n ;; sum_{i=1}^n p_i log(p_i/q_i)", "p in R^n ;; q in R^n ;; sum_{i=1}^n p_i (log(p_i) - log(q_i))"],
    ),
    (
        "variance",
        {"x": BIG},
        float(mp.mpf(2) / 3),
        1e-14,
        [
            XR + "(1/n) sum_{i=1}^n (x_i - (1/n) sum_{j=1}^n x_j)^2",
            XR + "(1/n) sum_{i=1}^n x_i^2 - ((1/n) sum_{i=1}^n x_i)^2",
            XR + "\\bar x = \\frac1n\\sum_{i=1}^n x_i ;; \\frac1n\\sum_{i=1}^n x_i^2 - \\bar x^2",
            XR + "\\frac1n\\left(\\sum_{i=1}^n x_i^2 - \\frac1n\\left(\\sum_{i=1}^n x_i\\right)^2\\right)",
            XR + "np.mean(x**2) - np.mean(x)**2",
            XR + "(1/n) x^T x - ((1/n) 1^T x)^2",
        ],
    ),
    (
        "sample variance",
        {"x": BIG},
        1.0,
        1e-14,
        [
            XR + "\\bar x = \\frac1n\\sum_{i=1}^n x_i ;; \\frac{1}{n-1}\\sum_{i=1}^n (x_i-\\bar x)^2",
            XR + "\\bar x = \\frac1n\\sum_{i=1}^n x_i ;; \\frac{1}{n-1}\\left(\\sum_{i=1}^n x_i^2 - n\\bar x^2\\right)",
        ],
    ),
    (
        "norm",
        {"x": [3e150, 4e150]},
        5e150,
        1e-14,
        [
            XR + "||x||",
            XR + "sqrt(x^T x)",
            XR + "sqrt(sum_{i=1}^n x_i^2)",
            XR + "\\sqrt{\\sum_i x_i^2}",
            XR + "\\lVert x\\rVert_2",
            XR + "np.sqrt(np.sum(x**2))",
        ],
    ),
    (
        "cosine",
        {"x": [3e150, 4e150], "y": [4e-150, 3e-150]},
        0.96,
        1e-14,
        [
            XR + "y in R^n ;; x^T y/(||x|| ||y||)",
            XR + "y in R^n ;; \\frac{x^\\top y}{\\lVert x\\rVert\\lVert y\\rVert}",
            XR + "y in R^n ;; x^T y/(sqrt(x^T x) sqrt(y^T y))",
            XR + "y in R^n ;; (sum_{i=1}^n x_i y_i)/sqrt((sum_{i=1}^n x_i^2) (sum_{i=1}^n y_i^2))",
        ],
    ),
    ("unit vector", {"x": [3e150, 4e150]}, [0.6, 0.8], 1e-14, [XR + "x/||x||", XR + "x/sqrt(x^T x)"]),
    (
        "log of a product",
        {"x": [1e-200, 1e-200, 1e-200]},
        float(3 * mp.log(mp.mpf("1e-200"))),
        1e-14,
        ["x in R^n ;; x > 0 ;; log prod_{i=1}^n x_i", "x in R^n ;; x > 0 ;; \\log\\prod_{i=1}^n x_i"],
    ),
    (
        "log-likelihood of coins",
        {"x": [0.0, 1.0, 1.0], "p": 1e-300},
        float(2 * mp.log(mp.mpf("1e-300")) + mp.log1p(-mp.mpf("1e-300"))),
        1e-14,
        [
            "x in {0, 1}^n ;; 0 < p < 1 ;; log prod_{i=1}^n p^{x_i} (1 - p)^{1 - x_i}",
            "x in {0, 1}^n ;; 0 < p < 1 ;; sum_{i=1}^n (x_i log(p) + (1 - x_i) log(1 - p))",
        ],
    ),
    (
        "log-determinant",
        {"A": [[1e-200, 0.0, 0.0], [0.0, 1e-200, 0.0], [0.0, 0.0, 1e-200]]},
        float(3 * mp.log(mp.mpf("1e-200"))),
        1e-14,
        [
            "A in R^{n x n} ;; log det A",
            "A in R^{n x n} ;; log(det(A))",
            "A in S^n_{++} ;; log det A",
            "A in R^{n x n} ;; \\log|A|",
            "A in S^n_{++} ;; -log det A^{-1}",
        ],
    ),
    (
        "inverse times vector",
        {"A": NEAR_SINGULAR, "b": [2.0, 2.0 + 1e-13]},
        None,
        1e-2,
        ["A in R^{n x n} ;; b in R^n ;; A^{-1} b", "A in R^{n x n} ;; b in R^n ;; inv(A) b"],
    ),
    (
        "quadratic form of an inverse",
        {"A": [[2e-200, 0.0], [0.0, 5e-200]], "b": [1e-200, 2e-200]},
        float(mp.mpf("1e-200") * (mp.mpf(1) / 2 + mp.mpf(4) / 5)),
        1e-14,
        ["A in S^n_{++} ;; b in R^n ;; b^T A^{-1} b", "A in R^{n x n} ;; b in R^n ;; b^T A^{-1} b"],
    ),
    (
        "least squares",
        {"X": HILBERT, "y": [1.0] * 8},
        normal_equations(HILBERT, [1.0] * 8),
        1e-9,
        [
            XM + "(X^T X)^{-1} X^T y",
            XM + "\\left(X^\\top X\\right)^{-1}X^\\top y",
            XM + "inv(X^T X) X^T y",
            XM + "np.linalg.inv(X.T @ X) @ X.T @ y",
            XM + "np.linalg.solve(X.T @ X, X.T @ y)",
        ],
    ),
    (
        "ridge",
        {"X": HILBERT, "y": [1.0] * 8, "lam": 1e-14},
        normal_equations(HILBERT, [1.0] * 8, 1e-14),
        1e-8,
        [
            XM + "lambda > 0 ;; (X^T X + lambda I)^{-1} X^T y",
            XM + "\\lambda > 0 ;; \\left(X^\\top X+\\lambda I\\right)^{-1}X^\\top y",
            XM + "lambda > 0 ;; (lambda I + X^T X)^{-1} X^T y",
        ],
    ),
]


@pytest.mark.parametrize(
    ("spelling", "given", "wanted", "tolerance"),
    [
        pytest.param(s, given, wanted, tolerance, id=f"{name}: {s}")
        for name, given, wanted, tolerance, spellings in OF_ARRAYS
        for s in spellings
    ],
)
def test_function_of_arrays(spelling: str, given: dict[str, Any], wanted: Any, tolerance: float) -> None:
    function = function_of(spelling)
    names = list(inspect.signature(function).parameters)
    arrays = {key: np.array(value) if isinstance(value, list) else value for key, value in given.items()}
    extra = {"n": len(next(iter(given.values()))), "K": 3}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = np.asarray(function(**{key: arrays.get(key, extra.get(key)) for key in names}))
    if wanted is not None:
        np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=1e-300)
    else:
        assert np.isfinite(got).all()
    with np.errstate(all="ignore"), contextlib.suppress(np.linalg.LinAlgError):  # in single precision some matrices are singular
        narrow = {k: v.astype(np.float32) if isinstance(v, np.ndarray) and v.dtype == float else v for k, v in arrays.items()}
        assert np.asarray(function(**{key: narrow.get(key, extra.get(key)) for key in names})).dtype == np.float32
