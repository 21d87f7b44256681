"""Translation end to end: the body that is emitted, its check, float32, extremes, documentation that runs, no lint."""

from __future__ import annotations

import doctest
import math
import subprocess
import sys
import types
import warnings

import numpy as np
import pytest

from derive.derivation import Check
from derive.errors import NotSupported
from derive.expressions.term import Term, call_name, name, number
from derive.meaning import read
from derive.meaning.scope import Reading, Scope
from derive.solution import Code
from derive.translation.translate import translate


def reading_of(lines: str) -> Reading:
    scope = Scope()
    for place, line in enumerate(lines.split(" ;; "), 1):
        reading, scope = read(line, scope, line=place)
    return reading


def code_of(lines: str, function: str = "value") -> Code:
    reading = reading_of(lines)
    return translate(reading.expanded, reading.types, function=function, summary="The value", formula=reading.term)


def body_of(code: Code) -> str:
    tail = code.source.split('"""')[2]
    return "\n".join(line.strip() for line in tail.strip().splitlines())


def loaded(code: Code) -> types.ModuleType:
    module = types.ModuleType("emitted")
    exec(compile(code.source, "emitted.py", "exec"), module.__dict__)
    return module


def status(code: Code) -> str:
    assert isinstance(code.check, Check)
    return code.check.status


LOGISTIC = "e = np.exp(-np.abs(x))\nreturn np.maximum(e, x >= 0) / (1.0 + e)"
BODIES = [
    ("1/(1 + exp(-x))", LOGISTIC),
    ("sigma(x) (1 - sigma(x))", "e = np.exp(-np.abs(x))\nreturn e / (1.0 + e) ** 2"),
    ("\\frac{e^{x}-e^{-x}}{e^{x}+e^{-x}}", "return np.tanh(x)"),
    ("\\log\\frac{p}{1-p}", "return np.log(p) - np.log1p(-p)"),
    ("sqrt(x^2 + y^2)", "return np.hypot(x, y)"),
    ("np.maximum(x, 0)", "return np.maximum(x, 0)"),
    (
        "\\lambda\\begin{cases}x & x>0\\\\ \\alpha(e^{x}-1) & x\\le 0\\end{cases}",
        "return lam * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))",
    ),
    ("log(1 + exp(x))", "return np.logaddexp(0.0, x)"),
    ("step(x)", "return np.heaviside(x, 0.0)"),
    ("x^3 + x^2", "x_squared = x * x\nreturn x_squared * x + x_squared"),
    ("gelu(x)", "return x * special.ndtr(x)"),
    (
        "y in {0, 1}^n ;; z in R^n ;; -\\frac1n\\sum_{i=1}^n[y_i\\log\\sigma(z_i)+(1-y_i)\\log(1-\\sigma(z_i))]",
        "return np.mean(y * np.logaddexp(0.0, -z) + (1 - y) * np.logaddexp(0.0, z))",
    ),
    ("x in R^n ;; \\frac1n\\sum_{i=1}^n (x_i-\\frac1n\\sum_{i=1}^n x_i)^2", "return np.var(x)"),
    ("W in R^{m x d} ;; x in R^d ;; b in R^m ;; W x + b", "return W @ x + b"),
    ("w in R^n ;; x in R^n ;; \\max(0, 1 - y\\, w^\\top x)", "return np.maximum(0, 1 - y * (w @ x))"),
    ("X in R^{n x d} ;; y in R^n ;; (X^\\top X)^{-1} X^\\top y", "return np.linalg.lstsq(X, y, rcond=None)[0]"),
    ("x in R^n ;; \\sum_{i=1}^n x_i^2 + 1", "return x @ x + 1"),
    ("A in R^{m x n} ;; x in R^n ;; b in R^m ;; 2 A^T (A x - b)", "return 2 * (A.T @ (A @ x - b))"),
    ("A in R^{m x n} ;; x in R^n ;; A^T A x", "return A.T @ (A @ x)"),
    ("A in R^{m x n} ;; x in R^n ;; b in R^m ;; ||A x - b||^2", "residual = A @ x - b\nreturn residual @ residual"),
    (
        "x in R^{N x D} ;; y in R^N ;; w in R^D ;; -\\sum_{i=1}^{N} (y_i - \\sum_{k=1}^{D} w_k x_{ik}) x_{ij}",
        "return -((y - x @ w) @ x[:, j])",
    ),
    ("z in R^n ;; softmax(z)_j", "e = np.exp(z - np.max(z))\nreturn (e / np.sum(e))[j]"),
    ("z in R^n ;; \\log\\sum_{k=1}^n e^{z_k}", "top = np.max(z)\nreturn top + np.log(np.sum(np.exp(z - top)))"),
    ("p in R^n ;; -\\sum_{i=1}^n p_i \\log p_i", "return -np.sum(special.xlogy(p, p))"),
    ("x in R^n ;; \\sum_{i=1}^{n-1} (x_{i+1} - x_i)^2", "difference = x[1:] - x[:-1]\nreturn difference @ difference"),
    ("A in R^{n x n} ;; b in R^n ;; A^{-1} b", "return np.linalg.solve(A, b)"),
    ("A in R^{n x n} ;; \\log\\det A", "return np.linalg.slogdet(A)[1]"),
    ("x in R^n ;; \\sum_{i=1}^n i x_i", "return np.dot(x, np.arange(1, x.shape[0] + 1, dtype=x.dtype))"),
    ("x_i in R^d ;; w in R^d ;; \\sum_{i=1}^n \\sigma(x_i^T w) x_i", None),
    ("x in R^n ;; y in R^m ;; D_{ij} = (x_i - y_j)^2", "return (x[:, None] - y) ** 2"),
]


@pytest.mark.parametrize(
    ("lines", "body"), [(lines, body) for lines, body in BODIES if body], ids=[lines for lines, body in BODIES if body]
)
def test_body(lines: str, body: str) -> None:
    code = code_of(lines)
    assert body_of(code) == body
    assert status(code) == "verified"


@pytest.mark.parametrize("lines", [lines for lines, _ in BODIES])
def test_verified_and_clean(lines: str) -> None:
    code = code_of(lines)
    assert status(code) == "verified"
    assert code.notes == ()
    lint = [sys.executable, "-m", "ruff", "check", "--isolated", "--quiet", "--select", "E,F,W,I,UP,B,NPY", "--ignore", "E501", "-"]
    found = subprocess.run(lint, input=code.source, capture_output=True, text=True, check=False)
    assert found.stdout == ""
    failures, tried = doctest.testmod(loaded(code))
    assert failures == 0
    assert tried


FLOAT32 = [
    ("1/(1 + exp(-x))", {"x": (5,)}),
    ("step(x)", {"x": (5,)}),
    ("\\begin{cases} 1 & x > 0 \\\\ 0.01 & x \\le 0 \\end{cases}", {"x": (5,)}),
    ("x \\sqrt{2 \\pi} + \\log 2", {"x": (5,)}),
    ("-\\frac{(x - \\mu)^2}{2 \\sigma^2} - \\log \\sigma", {"x": (5,), "mu": (), "sigma": ()}),
    ("x in R^n ;; sigma > 0 ;; \\sum_{i=1}^n (\\frac{x_i^2}{2 \\sigma^2} + \\log \\sigma)", {"x": (5,), "sigma": ()}),
    ("X in R^{n x d} ;; y in R^n ;; \\lambda > 0 ;; (X^T X + \\lambda I)^{-1} X^T y", {"X": (5, 3), "y": (5,), "lam": ()}),
    ("x in R^n ;; \\sum_{i=1}^n i x_i", {"x": (5,)}),
    ("z in R^{n x k} ;; softmax(z)", {"z": (4, 3)}),
]


@pytest.mark.parametrize(("lines", "shapes"), FLOAT32, ids=[lines for lines, _ in FLOAT32])
def test_float32_stays_float32(lines: str, shapes: dict[str, tuple[int, ...]]) -> None:
    code = code_of(lines)
    rng = np.random.default_rng(0)
    given = {key: rng.uniform(0.5, 1.5, shape).astype(np.float32) if shape else 1.5 for key, shape in shapes.items()}
    assert np.asarray(loaded(code).value(**given)).dtype == np.float32
    assert status(code) == "verified"


EXTREME = [
    ("1/(1 + exp(-x))", [-745.2, 0.0, 1000.0], [math.exp(-745.2), 0.5, 1.0]),
    ("log(1 + exp(x))", [-1000.0, -37.5, 0.0, 1000.0], [0.0, math.exp(-37.5), math.log(2), 1000.0]),
    ("log(cosh(x))", [1e-8, 1000.0], [5e-17, 1000.0 - math.log(2)]),
    ("1 - cos(x)", [1e-8, 0.0], [5e-17, 0.0]),
    ("exp(x) - 1", [1e-20, -1000.0], [1e-20, -1.0]),
    ("log(1 - exp(-x))", [1e-20, 1000.0], [math.log(1e-20), 0.0]),
    ("1 - tanh(x)^2", [0.0, 300.0], [1.0, 4 * math.exp(-600.0)]),
    ("mish(x)", [-1000.0, 0.0, 1000.0], [0.0, 0.0, 1000.0]),
    ("gelu_tanh(x)", [-1000.0, 0.0, 1000.0], [0.0, 0.0, 1000.0]),
    ("1 - erf(x)", [0.0, 5.0], [1.0, math.erfc(5.0)]),
    ("x log(x)", [0.0, 1.0], [0.0, 0.0]),
    ("e^{-x^2/2}/(\\sqrt{2 \\pi} \\Phi(x))", [-38.0, -40.0, -1000.0, 40.0], [38.026279466575869, 40.024968847207264, 1000.000999998, 0.0]),
    ("e^x (1 - e^x)/(1 + e^x)^3", [800.0, -800.0, 0.0], [0.0, 0.0, 0.0]),
    ("e^x/((1 + e^x) \\log(1 + e^x))", [-800.0, -38.0, -36.5], [1.0, 1.0, 1 - math.exp(-36.5) / 2]),
    ("e^x/(2 \\sqrt{1 + e^x})", [720.0, 1000.0, -1000.0], [0.5 * math.exp(360.0), 0.5 * math.exp(500.0), 0.0]),
    ("e^x/(e^x + e^{2 x} + e^{3 x})", [1000.0, -1000.0], [0.0, 1.0]),
    ("\\log\\log(1 + e^x)", [-800.0, 1000.0], [-800.0, math.log(1000.0)]),
    ("\\sqrt{x + 1} - \\sqrt{x}", [1e20], [5e-11]),
]


@pytest.mark.parametrize(("lines", "points", "values"), EXTREME, ids=[lines for lines, _, _ in EXTREME])
def test_extremes(lines: str, points: list[float], values: list[float]) -> None:
    code = code_of(lines)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = loaded(code).value(np.array(points))
    assert got.tolist() == pytest.approx(values, rel=1e-12, abs=0)


def test_scalars_stay_scalars() -> None:
    value = loaded(code_of("\\begin{cases} x & x > 0 \\\\ 0 & x \\le 0 \\end{cases}")).value(2.0)
    assert isinstance(value, float)
    assert value == 2.0


def test_several_parts() -> None:
    parts = {"x": reading_of("2 x y").expanded, "hat(y)": reading_of("x^2").expanded}
    code = translate(parts, {}, function="gradient", summary="The gradient")
    result = loaded(code).gradient(x=3.0, y=2.0)
    assert result._asdict() == {"x": 12.0, "y_hat": 9.0}
    assert status(code) == "verified"
    assert [a.name for a in code.arguments] == ["x", "y"]


def test_arguments_and_returns() -> None:
    code = code_of("A in R^{m x n} ;; x in R^n ;; lambda A x")
    assert [(a.name, a.symbol, a.shape) for a in code.arguments] == [("lam", "lambda", ()), ("A", "A", ("m", "n")), ("x", "x", ("n",))]
    assert code.returns == ("m",)
    assert code.function == "value"


def test_names_never_clash() -> None:
    sigmoid = call_name("sigmoid", name("t1"))
    target = Term("add", (Term("mul", (name("e"), sigmoid, sigmoid)), Term("mul", (name("value"), Term("add", (number(1), sigmoid))))))
    code = translate(target, {}, function="value", summary="A value")
    assert status(code) == "verified"
    assert [a.name for a in code.arguments] == ["e", "t1", "value"]


def test_refused() -> None:
    with pytest.raises(NotSupported, match="derivative"):
        translate(reading_of("d/dx x^2").term, {}, function="f", summary="A derivative")


def test_long_sums_are_translated() -> None:
    target = Term("add", tuple(name(f"x_{k}") for k in range(300)))
    code = translate(target, {}, function="total", summary="A sum")
    assert status(code) == "verified"
    assert max(len(line) for line in code.source.splitlines() if "return" in line or " = " in line) < 4000


def test_a_constant_needs_no_argument() -> None:
    code = translate(number("0.25"), {}, function="value", summary="A number")
    assert body_of(code) == "return 0.25"
    assert status(code) == "verified"


ASSUMED = [
    ("n in N ;; \\binom{n}{k} p^k (1-p)^{n-k}", "p is taken to be between 0 and 1"),
    ("\\frac{\\lambda^k e^{-\\lambda}}{k!}", "lambda is taken to be not negative"),
]


@pytest.mark.parametrize(("lines", "note"), ASSUMED)
def test_what_is_assumed_is_said(lines: str, note: str) -> None:
    code = code_of(lines)
    assert status(code) == "verified"
    assert (note,) in code.notes


def test_a_declared_name_is_not_assumed_anything() -> None:
    assert code_of("0 < p < 1 ;; n in N ;; k in N ;; \\binom{n}{k} p^k (1-p)^{n-k}").notes == ()
