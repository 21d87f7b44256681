"""Products, mixtures, densities and their logarithms at arguments where the plain formula overflows, vanishes or cancels."""

from __future__ import annotations

import math
import types
import warnings
from typing import Any

import mpmath
import numpy as np
import pytest

from derive.session import solve

mp = mpmath.MPContext()
mp.dps = 60

BIG = [1000.0, 999.0, -1000.0]
SMALL = [-1000.0, -1001.0, -1002.0]


def lse(values: list[Any]) -> Any:
    top = max(values)
    return top + mp.log(sum(mp.exp(mp.mpf(v) - top) for v in values))


def sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-mp.mpf(x)))


def normal(x: float, mean: float, scale: float) -> Any:
    return -((mp.mpf(x) - mean) ** 2) / (2 * mp.mpf(scale) ** 2) - mp.log(scale) - mp.log(2 * mp.pi) / 2


def mixture(x: list[float], pi: list[float], mu: list[float], sigma: list[float]) -> Any:
    return sum(lse([mp.log(p) + normal(a, m, s) for p, m, s in zip(pi, mu, sigma, strict=True) if p]) for a in x)


MIXTURE = (
    "\\sum_{n=1}^N\\log\\sum_{k=1}^K\\pi_k\\frac{1}{\\sqrt{2\\pi\\sigma_k^2}}\\exp\\left(-\\frac{(x_n-\\mu_k)^2}{2\\sigma_k^2}\\right)"
)
GAMMA = "\\frac{\\beta^\\alpha}{\\Gamma(\\alpha)}x^{\\alpha-1}e^{-\\beta x}"
STUDENT = (
    "\\frac{\\Gamma(\\frac{\\nu+1}{2})}{\\sqrt{\\nu\\pi}\\,\\Gamma(\\frac{\\nu}{2})}\\left(1+\\frac{t^2}{\\nu}\\right)^{-\\frac{\\nu+1}{2}}"
)
NORMAL = (
    "\\Sigma \\succ 0 ;; x, \\mu \\in \\mathbb{R}^n ;; "
    "\\frac{1}{\\sqrt{(2\\pi)^n|\\Sigma|}}\\exp(-\\frac12(x-\\mu)^\\top\\Sigma^{-1}(x-\\mu))"
)
CASES: list[tuple[str, dict[str, Any], Any]] = [
    ("\\log\\prod_{i=1}^n p_i", {"p": [0.1] * 1000}, 1000 * mp.log(mp.mpf("0.1"))),
    (
        "\\log\\prod_{i=1}^n\\frac{1}{\\sqrt{2\\pi}\\sigma}e^{-\\frac{(x_i-\\mu)^2}{2\\sigma^2}}",
        {"x": [40.0] * 50, "mu": 0.0, "sigma": 1.0},
        50 * normal(40.0, 0.0, 1.0),
    ),
    (MIXTURE, {"x": [100.0, -300.0], "pi": [0.2, 0.8], "mu": [0.0, -1.0], "sigma": [1.0, 0.5]},
     mixture([100.0, -300.0], [0.2, 0.8], [0.0, -1.0], [1.0, 0.5])),
    (MIXTURE, {"x": [100.0, 0.3], "pi": [0.0, 1.0], "mu": [100.0, -1.0], "sigma": [1.0, 0.5]},
     mixture([100.0, 0.3], [0.0, 1.0], [100.0, -1.0], [1.0, 0.5])),
    ("\\log\\sum_{k=1}^K\\pi_k e^{\\ell_k}", {"pi": [0.2, 0.3, 0.5], "ell": SMALL},
     lse([mp.log(mp.mpf(p)) + v for p, v in zip(("0.2", "0.3", "0.5"), SMALL, strict=True)])),
    ("\\log(1+\\sum_j e^{z_j})", {"z": BIG}, lse([0.0, *BIG])),
    ("\\log(1+\\sum_j e^{z_j})", {"z": SMALL}, mp.exp(lse(SMALL))),
    ("\\log\\left(e^{s}+\\sum_{j=1}^m e^{t_j}\\right)-s", {"s": 1000.0, "t": BIG}, lse([1000.0, *BIG]) - 1000),
    ("\\frac{e^{s}}{e^{s}+\\sum_{j=1}^m e^{t_j}}", {"s": 999.0, "t": BIG}, mp.exp(999 - lse([999.0, *BIG]))),
    ("\\frac{e^{s}}{e^{s}+\\sum_{j=1}^m e^{t_j}}", {"s": -1000.0, "t": SMALL}, mp.exp(-1000 - lse([-1000.0, *SMALL]))),
    ("\\log(\\sigma(a-x)-\\sigma(b-x))", {"a": 41.0, "b": 40.0, "x": 0.0}, mp.log(sigmoid(41) - sigmoid(40))),
    ("\\log(\\sigma(a-x)-\\sigma(b-x))", {"a": -800.0, "b": -801.0, "x": 0.0}, -800 + mp.log(1 - mp.exp(-1))),
    ("\\sqrt{x^2+1}-x", {"x": 1e8}, 1 / (mp.sqrt(mp.mpf(10) ** 16 + 1) + mp.mpf(10) ** 8)),
    ("\\sqrt{x^2+4}+x", {"x": -1e8}, 4 / (mp.sqrt(mp.mpf(10) ** 16 + 4) + mp.mpf(10) ** 8)),
    ("\\left(\\prod_{i=1}^n x_i\\right)^{1/n}", {"x": [10.0] * 400}, 10),
    ("\\left(\\prod_{i=1}^n x_i\\right)^{1/n}", {"x": [0.001, 0.0, 3.0]}, 0),
    ("1-(1-p)^n", {"p": 1e-17, "n": 10.0}, mp.mpf("1e-16")),
    ("\\frac{\\Gamma(n+1/2)}{\\Gamma(n)}", {"n": 200.0}, mp.rf(mp.mpf(200), mp.mpf(1) / 2)),
    (GAMMA, {"beta": 1.0, "alpha": 150.0, "x": 150.0}, mp.exp(149 * mp.log(150) - 150 - mp.loggamma(150))),
    (STUDENT, {"t": 2.0, "nu": 1e8}, mp.npdf(2) * (1 + (mp.mpf(16) - 8 - 1) / (4 * mp.mpf(10) ** 8))),
    ("\\binom{k+r-1}{k}(1-p)^rp^k", {"k": 1000, "r": 1000, "p": 0.5}, mp.binomial(1999, 1000) * mp.mpf(2) ** -2000),
    ("\\frac{\\binom{K}{k}\\binom{N-K}{n-k}}{\\binom{N}{n}}", {"K": 900, "k": 200, "N": 2000, "n": 450},
     mp.binomial(900, 200) * mp.binomial(1100, 250) / mp.binomial(2000, 450)),
    ("\\frac{n!}{\\prod_k x_k!}\\prod_k p_k^{x_k}", {"n": 600, "x": [100, 200, 300], "p": [0.25, 0.25, 0.5]},
     mp.factorial(600) / (mp.factorial(100) * mp.factorial(200) * mp.factorial(300)) * mp.mpf(2) ** -900),
    (NORMAL, {"Sigma": np.eye(400).tolist(), "x": [0.0] * 400, "mu": [0.0] * 400}, (2 * mp.pi) ** -200),
    ("\\frac12\\sum_i p_i\\log\\frac{2p_i}{p_i+q_i}+\\frac12\\sum_i q_i\\log\\frac{2q_i}{p_i+q_i}",
     {"p": [0.0, 1.0, 0.0], "q": [0.5, 0.5, 0.0]}, (mp.log(mp.mpf(4) / 3) + mp.log(2) / 2 + mp.log(mp.mpf(2) / 3) / 2) / 2),
    ("\\sum_{k=0}^d a_k x^k", {"a": [1] * 70, "x": 3}, (mp.mpf(3) ** 70 - 1) / 2),
]  # fmt: skip


def function_of(lines: str) -> tuple[Any, list[str]]:
    report = solve(lines.split(" ;; "))
    assert report.code is not None, report
    assert report.code.check is not None
    assert report.code.check.status == "verified"
    module = types.ModuleType("emitted")
    exec(report.code.source, module.__dict__)
    return getattr(module, report.code.function), [a.name for a in report.code.arguments]


@pytest.mark.parametrize(("lines", "given", "wanted"), CASES, ids=[f"{k}: {lines}" for k, (lines, *_) in enumerate(CASES)])
def test_value_without_a_warning(lines: str, given: dict[str, Any], wanted: Any) -> None:
    function, names = function_of(lines)
    arrays = {key: np.array(value) if isinstance(value, list) else value for key, value in given.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = float(function(**{name: arrays[name] for name in names}))
    assert got == pytest.approx(float(wanted), rel=2e-11, abs=1e-300)


NARROW = [
    ("\\frac{\\lambda^k e^{-\\lambda}}{k!}", {"k": [0.0, 3.0], "lam": 2.5}),
    ("\\binom{n}{k}p^k(1-p)^{n-k}", {"k": [0.0, 3.0], "n": 9, "p": 0.3}),
    ("-y \\log p - (1-y)\\log(1-p)", {"y": 1, "p": [0.2, 0.9]}),
    ("\\log\\sum_{k=1}^K\\pi_k e^{\\ell_k}", {"pi": [0.5, 0.5], "ell": [1.0, 2.0]}),
    (GAMMA, {"beta": 1.0, "alpha": 2, "x": [0.5, 3.0]}),
]


@pytest.mark.parametrize(("lines", "given"), NARROW)
def test_float32_stays_float32_beside_python_numbers(lines: str, given: dict[str, Any]) -> None:
    function, names = function_of(lines)
    arrays = {key: np.array(value, dtype=np.float32) if isinstance(value, list) else value for key, value in given.items()}
    got = np.asarray(function(**{name: arrays[name] for name in names}))
    assert got.dtype == np.float32
    wide = function(**{name: np.asarray(given[name], dtype=float) for name in names})
    np.testing.assert_allclose(got, wide, rtol=1e-5)


SAID = [
    ("\\log\\prod_{i=1}^n p_i", "p is taken to be not negative"),
    (GAMMA, "alpha is taken to be positive"),
    ("1-(1-p)^n", "p is taken to be between 0 and 1"),
]


@pytest.mark.parametrize(("lines", "note"), SAID)
def test_what_is_taken_to_be_positive_is_said(lines: str, note: str) -> None:
    report = solve([lines])
    assert report.code is not None
    assert (note,) in report.code.notes


def test_a_factor_that_is_exponentiated_as_well_is_no_weight() -> None:
    report = solve(["\\log\\sum_k x_k e^{x_k}"])
    assert report.code is not None
    assert not any("taken to be" in str(n) for n in report.code.notes)


def test_the_logarithm_of_a_product_of_differences_is_left_alone() -> None:
    function, _ = function_of("\\log\\prod_{i=1}^n (x_i - 3)")
    assert function(x=np.array([1.0, 1.0])) == pytest.approx(math.log(4.0))
