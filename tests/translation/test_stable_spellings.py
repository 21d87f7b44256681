"""Every stable form in the spellings that people use, at extremes, against mpmath: the value, no RuntimeWarning, and the dtype."""

from __future__ import annotations

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
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def cdf(x: Any) -> Any:
    return mp.erfc(-x / mp.sqrt(2)) / 2


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
        ["log(1 + exp(x))", "\\ln(e^x + 1)", "softplus(x)", "log1p(exp(x))", "-log(1 - sigma(x))", "-log(sigma(-x))", "x + log(1 + exp(-x))",
         "\\log(e^0 + e^x)", "\\max(x, 0) + \\log(1 + e^{-|x|})", "np.log(1 + np.exp(x))", "np.logaddexp(0, x)"],
    ),
    (
        "log-sigmoid",
        lambda x: -softplus(-x),
        FAR,
        ["log(sigma(x))", "log(1/(1 + exp(-x)))", "-log(1 + exp(-x))", "x - log(1 + exp(x))", "\\log\\frac{e^x}{1+e^x}", "log_sigmoid(x)",
         "log(1 - sigma(-x))", "log(1 - 1/(1 + exp(x)))"],
    ),
    (
        "tanh",
        mp.tanh,
        FAR,
        ["\\frac{e^x-e^{-x}}{e^x+e^{-x}}", "(exp(2 x) - 1)/(exp(2 x) + 1)", "(1 - exp(-2 x))/(1 + exp(-2 x))", "2 sigma(2 x) - 1", "sinh(x)/cosh(x)",
         "1 - 2/(1 + exp(2 x))", "2/(1 + exp(-2 x)) - 1", "tanh(x)"],
    ),
    ("tanh slope", lambda x: 1 / mp.cosh(x) ** 2, FAR,
     ["1 - tanh(x)^2", "1/cosh(x)^2", "(1 - tanh(x)) (1 + tanh(x))", "sech(x)^2", "4/(exp(x) + exp(-x))^2", "4 exp(2 x)/(exp(2 x) + 1)^2"]),
    ("log cosh", lambda x: abs(x) + mp.log1p(mp.exp(-2 * abs(x))) - mp.log(2) if abs(x) > 1 else mp.log(mp.cosh(x)), FAR,
     ["log(cosh(x))", "\\log\\frac{e^x+e^{-x}}{2}", "log(exp(x) + exp(-x)) - log(2)", "x + log(1 + exp(-2 x)) - log(2)"]),
    ("logit", lambda p: mp.log(p / (1 - p)), UNIT,
     ["log(p/(1 - p))", "\\log p - \\log(1 - p)", "logit(p)", "-log((1 - p)/p)", "-log(1/p - 1)", "np.log(p / (1 - p))", "-log(p^{-1} - 1)"]),
    ("log1p", lambda x: mp.log1p(x), (-0.5, *NEAR_ZERO, 1e10), ["log(1 + x)", "log(x + 1)", "\\ln(1+x)", "np.log(1 + x)", "-log(1/(1 + x))"]),
    ("log1p of the opposite", lambda x: mp.log1p(-x), NEAR_ZERO, ["log(1 - x)", "\\ln(1-x)", "-log(1/(1 - x))"]),
    ("expm1", lambda x: mp.expm1(x), (-1000.0, *NEAR_ZERO, 700.0), ["exp(x) - 1", "e^x - 1", "-1 + exp(x)", "-(1 - exp(x))", "np.exp(x) - 1",
     "\\frac{e^{x}-1}{1}"]),
    ("expm1 over x", lambda x: mp.expm1(x) / x, tuple(x for x in (-1000.0, *NEAR_ZERO, 700.0) if x), ["(exp(x) - 1)/x", "\\frac{e^x-1}{x}"]),
    ("1 - e^-x", lambda x: -mp.expm1(-x), (*NEAR_ZERO, 1000.0), ["1 - exp(-x)", "1 - e^{-x}", "1 - \\frac{1}{e^x}"]),
    ("log1mexp", lambda x: mp.log(-mp.expm1(-x)), POSITIVE,
     ["x > 0 ;; log(1 - exp(-x))", "x > 0 ;; \\ln(1-e^{-x})", "x > 0 ;; log1p(-exp(-x))", "x > 0 ;; log(exp(x) - 1) - x",
      "x > 0 ;; \\log\\frac{e^x-1}{e^x}", "x > 0 ;; log(-expm1(-x))"]),
    ("log of expm1", lambda x: x + mp.log(-mp.expm1(-x)), POSITIVE, ["x > 0 ;; log(exp(x) - 1)", "x > 0 ;; log(expm1(x))",
     "x > 0 ;; x + log(1 - exp(-x))"]),
    ("1 - cos", lambda x: 2 * mp.sin(x / 2) ** 2, (*NEAR_ZERO, 1.0, 3.0), ["1 - cos(x)", "1 - \\cos x", "-(cos(x) - 1)", "-cos(x) + 1"]),
    ("(1 - cos x)/x^2", lambda x: 2 * (mp.sin(x / 2) / x) ** 2, (-1e-3, 1e-8, 1e-100, 2.0), ["(1 - cos(x))/x^2"]),
    ("cosh - 1", lambda x: 2 * mp.sinh(x / 2) ** 2, (*NEAR_ZERO, 700.0), ["cosh(x) - 1", "(exp(x) + exp(-x))/2 - 1"]),
    ("sinh", mp.sinh, (*NEAR_ZERO, 1.0, -700.0), ["(exp(x) - exp(-x))/2", "sinh(x)"]),
    ("arsinh", mp.asinh, (*NEAR_ZERO, -1e200, 1e200, -1e5, 1.0), ["log(x + sqrt(x^2 + 1))", "\\ln\\left(x+\\sqrt{1+x^2}\\right)"]),
    ("artanh", mp.atanh, (*NEAR_ZERO, -0.9, 0.99), ["log((1 + x)/(1 - x))/2", "\\frac12\\ln\\frac{1+x}{1-x}", "(log(1 + x) - log(1 - x))/2"]),
    ("arcosh", mp.acosh, (1.0, 1.5, 1e5, 1e200), ["x >= 1 ;; log(x + sqrt(x^2 - 1))"]),
    ("entropy", lambda p: -xlogy(p, p), (0.0, 1e-300, 0.3, 1.0), ["-p log(p)", "p log(1/p)", "-p \\ln p"]),
    ("binary entropy", lambda p: -xlogy(p, p) - xlogy(1 - p, 1 - p), (0.0, 1e-300, 1e-17, 0.3, 0.5, 1.0),
     ["-p log(p) - (1 - p) log(1 - p)", "-p \\log p - (1-p)\\log(1-p)", "-(p log(p) + (1 - p) log(1 - p))"]),
    ("binary entropy in bits", lambda p: (-xlogy(p, p) - xlogy(1 - p, 1 - p)) / mp.log(2), (0.0, 1e-300, 0.3, 1.0),
     ["-p log_2(p) - (1 - p) log_2(1 - p)"]),
    ("Phi", cdf, TAILS, ["(1 + erf(x/sqrt(2)))/2", "\\frac12\\left[1+\\operatorname{erf}\\left(\\frac{x}{\\sqrt2}\\right)\\right]", "Phi(x)",
     "erfc(-x/sqrt(2))/2", "1 - Phi(-x)", "1/2 + erf(x/sqrt(2))/2"]),
    ("upper tail", lambda x: cdf(-x), tuple(-x for x in TAILS), ["1 - Phi(x)", "(1 - erf(x/sqrt(2)))/2", "erfc(x/sqrt(2))/2"]),
    ("log Phi", lambda x: mp.log(cdf(x)), (-1000.0, *TAILS), ["log(Phi(x))", "log((1 + erf(x/sqrt(2)))/2)", "log(1 - Phi(-x))"]),
    ("erfc", mp.erfc, TAILS[4:] + (26.0,), ["1 - erf(x)", "erfc(x)", "1 - \\operatorname{erf}(x)"]),
    ("Mills", lambda x: phi(x) / cdf(-x), (-30.0, 0.0, 1.0, 30.0, 40.0, 1000.0), ["e^{-x^2/2}/(sqrt(2 pi) (1 - Phi(x)))"]),
    ("gelu", lambda x: x * cdf(x), (-1000.0, *TAILS, 1000.0), ["gelu(x)", "x Phi(x)", "x/2 (1 + erf(x/sqrt(2)))", "0.5 x (1 + erf(x/sqrt(2)))"]),
    ("silu", lambda x: x * sigmoid(x), FAR, ["silu(x)", "x sigma(x)", "x/(1 + exp(-x))", "x exp(x)/(1 + exp(x))"]),
    ("mish", lambda x: x * mp.tanh(softplus(x)), FAR, ["mish(x)", "x tanh(log(1 + exp(x)))", "x tanh(softplus(x))"]),
    ("cube", lambda x: x**3, (-1e100, -3.0, 0.0, 1e-100), ["x^3", "x**3", "x * x^2"]),
    ("reciprocal square", lambda x: 1 / x**2, (-1e100, -3.0, 1e-100), ["x^{-2}", "1/x^2"]),
    ("root of one plus, minus one", lambda x: x / (mp.sqrt(1 + x) + 1), (*NEAR_ZERO, 1e20), ["sqrt(1 + x) - 1", "\\sqrt{x+1}-1"]),
    ("log-gamma", lambda x: mp.loggamma(x), (1e-300, 0.5, 3.0, 171.0, 1000.0, 1e10), ["x > 0 ;; log(Gamma(x))", "x > 0 ;; \\ln\\Gamma(x)"]),
    ("log-factorial", lambda x: mp.loggamma(x + 1), (0.5, 3.0, 171.0, 1000.0, 1e10), ["n in N ;; log(n!)", "\\log(n!)"]),
    ("log Laplace density", lambda x: -abs(x) - mp.log(2), (-1000.0, 0.0, 1000.0), ["log(exp(-|x|)/2)", "\\log\\frac12e^{-|x|}"]),
    ("log logistic density", lambda x: -x - 2 * softplus(-x), FAR, ["log(exp(-x)/(1 + exp(-x))^2)"]),
    ("log normal density", lambda x: -x * x / 2 - mp.log(2 * mp.pi) / 2, (-1000.0, 0.0, 50.0),
     ["log(exp(-x^2/2)/sqrt(2 pi))", "\\log\\frac{1}{\\sqrt{2\\pi}}e^{-x^2/2}", "\\ln((2\\pi)^{-1/2}\\exp(-\\tfrac12x^2))"]),
    ("log Cauchy density", lambda x: -mp.log(mp.pi) - mp.log1p(x * x), (-1e100, 0.0, 1e-9, 50.0), ["log(1/(pi (1 + x^2)))"]),
]
OF_ONE_DERIVED: list[Row] = [
    ("gelu slope", lambda x: cdf(x) + x * phi(x), (-1e300, -1e200, -1000.0, *TAILS, 1000.0, 1e200, 1e300), ["d/dx gelu(x)", "d/dx x Phi(x)"]),
    ("silu slope", lambda x: sigmoid(x) + x * sigmoid(x) * sigmoid(-x), (*FAR, -1e300, 1e300), ["d/dx silu(x)", "d/dx x sigma(x)",
     "\\frac{d}{dx}\\frac{x}{1+e^{-x}}"]),
    ("mish slope", lambda x: mp.tanh(softplus(x)) + x * sigmoid(x) / mp.cosh(softplus(x)) ** 2, (*FAR, -1e300, 1e300),
     ["d/dx mish(x)", "d/dx x tanh(log(1 + exp(x)))"]),
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
    narrow = np.array([x for x in points if 1e-3 <= abs(x) <= 30] or [0.5], dtype=np.float32)
    assert function(narrow).dtype == np.float32


@pytest.mark.parametrize(("spelling", "reference", "points"), expanded(OF_ONE_DERIVED))
def test_derivative_of_one_number(spelling: str, reference: Callable[..., Any], points: Sequence[float]) -> None:
    check(derived_function_of(spelling), reference, points)
