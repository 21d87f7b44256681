"""Code for the array API standard: one module, run unchanged on the arrays of every library that is installed."""

from __future__ import annotations

import types
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from derive.answering import value_of
from derive.errors import NotSupported
from derive.meaning import read
from derive.meaning.scope import Scope
from derive.session import solve
from derive.solution import Code
from derive.translation.target import Target
from derive.translation.translate import translate

LIBRARIES = ("numpy", "array_api_strict", "torch", "dask.array")
NO_DASK = frozenset(("det", "slogdet", "pinv", "matrix_power", "trace", "gather", "square solve"))  # what dask arrays have no function for


def code_of(lines: str, target: str = "array-api") -> Code:
    scope = Scope()
    for place, line in enumerate(lines.split(" ;; "), 1):
        reading, scope = read(line, scope, line=place)
    term = reading.expanded if reading.expanded.head == "rel" else value_of(reading)
    return translate(term, reading.types, function="value", summary="The value", formula=reading.term, wanted=Target(target))


def loaded(code: Code) -> Callable[..., Any]:
    module = types.ModuleType("emitted")
    exec(compile(code.source, "emitted.py", "exec"), module.__dict__)
    found: Callable[..., Any] = module.__dict__["value"]
    return found


def converted(library: Any, value: Any) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    return library.from_array(value, chunks=value.shape) if library.__name__ == "dask.array" else library.asarray(value)


def back(value: Any) -> Any:
    return np.asarray(value.compute() if hasattr(value, "compute") else value)


ROW = np.array([-1000.0, -1.5, 0.0, 0.25, 30.0])
MATRIX = np.array([[2.0, 0.5, 0.1], [0.5, 3.0, 0.2], [0.1, 0.2, 1.5]])
TALL = np.array([[1.0, 0.5], [0.2, -1.0], [2.0, 1.0], [0.3, 0.7], [-1.0, 0.4]])
UNIT = np.array([0.1, 0.5, 0.9])
FORMULAS: list[tuple[str, dict[str, Any], str]] = [
    ("1/(1 + exp(-x))", {"x": ROW}, ""),
    ("log(1 + exp(x))", {"x": ROW}, ""),
    ("np.maximum(x, 0)", {"x": ROW}, ""),
    ("mish(x)", {"x": ROW}, ""),
    ("gelu(x)", {"x": ROW}, ""),
    ("log(Phi(x))", {"x": ROW}, ""),
    ("erf(x) + erfc(x)", {"x": ROW}, ""),
    ("step(x) + sign(x)", {"x": ROW}, ""),
    ("sqrt(1 + x^2)", {"x": ROW}, ""),
    ("\\begin{cases} x & x > 0 \\\\ \\alpha(e^{x} - 1) & x \\le 0 \\end{cases}", {"x": ROW, "alpha": 0.5}, ""),
    ("1[x > 0] x + 1[x < t]", {"x": ROW, "t": 2.0}, ""),
    ("clip(x, -1, 1) + |x|", {"x": ROW}, ""),
    ("sigma > 0 ;; -(x - mu)^2/(2 sigma^2) - log(sigma) - log(2 pi)/2", {"x": ROW, "mu": 0.5, "sigma": 2.0}, ""),
    ("-p log(p) - (1 - p) log(1 - p)", {"p": UNIT}, ""),
    ("p log(p/q)", {"p": UNIT, "q": UNIT[::-1].copy()}, ""),
    ("n > 0 ;; k > 0 ;; log(binom(n, k))", {"n": 9.0, "k": np.array([1.0, 2.0, 5.0])}, ""),
    ("x > 0 ;; log(Gamma(x)) + digamma(x)", {"x": np.array([0.3, 1.0, 2.0, 7.5, 40.0])}, ""),
    ("sum_{i=1}^4 sin(i x)", {"x": ROW}, ""),
    ("x in R^n ;; sum_{i=1}^n i x_i", {"x": ROW}, ""),
    ("x in R^n ;; \\frac1n\\sum_{i=1}^n (x_i-\\frac1n\\sum_{i=1}^n x_i)^2", {"x": ROW}, ""),
    ("x in R^n ;; sum_{i=2}^n (x_i - x_{i-1})^2", {"x": ROW}, ""),
    ("x in R^n ;; sum_{i=1}^n 1[x_i > t]", {"x": ROW, "t": 0.0}, ""),
    ("x in R^n ;; y in R^m ;; D_{ij} = (x_i - y_j)^2", {"x": ROW, "y": UNIT}, ""),
    ("x in R^n ;; x/||x||", {"x": ROW}, ""),
    ("x in R^n ;; prod_{k=1}^n (1 + x_k^2)", {"x": UNIT}, ""),
    ("z in R^n ;; log sum_{k=1}^n exp(z_k)", {"z": ROW}, ""),
    ("z in R^{n x K} ;; softmax(z)", {"z": TALL}, ""),
    (
        "z in R^{n x K} ;; y in {1..K}^n ;; -\\frac1n\\sum_{i=1}^n\\log\\frac{e^{z_{i,y_i}}}{\\sum_{k}e^{z_{ik}}}",
        {"z": TALL, "y": np.array([0, 1, 1, 0, 1])},
        "gather",
    ),
    ("Q in R^{n x d} ;; K in R^{m x d} ;; V in R^{m x p} ;; softmax(Q K^T/sqrt(d)) V", {"Q": TALL, "K": TALL[:3], "V": MATRIX}, ""),
    ("A in R^{m x n} ;; x in R^n ;; b in R^m ;; 2 A^T (A x - b)", {"A": TALL, "x": TALL[0], "b": TALL[:, 0].copy()}, ""),
    ("A in R^{n x n} ;; b in R^n ;; A^{-1} b", {"A": MATRIX, "b": MATRIX[0]}, "square solve"),
    ("A in R^{n x n} ;; log det A", {"A": MATRIX}, "slogdet"),
    ("A in R^{n x n} ;; det A", {"A": MATRIX}, "det"),
    ("A in R^{n x n} ;; B in R^{n x n} ;; tr(A B)", {"A": MATRIX, "B": MATRIX.T.copy()}, ""),
    ("A in R^{n x n} ;; sum_{i=1}^n A_{ii}", {"A": MATRIX}, ""),
    ("x in R^n ;; y in R^m ;; x y^T", {"x": ROW, "y": UNIT}, ""),
    ("X in R^{n x d} ;; y in R^n ;; (X^T X)^{-1} X^T y", {"X": TALL, "y": ROW}, ""),
    ("X in R^{n x d} ;; y in R^n ;; lambda > 0 ;; (X^T X + lambda I)^{-1} X^T y", {"X": TALL, "y": ROW, "lam": 0.5}, ""),
    ("x in R^n ;; Diag(x)", {"x": UNIT}, ""),
]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(("lines", "given", "lacking"), FORMULAS, ids=[lines for lines, _, _ in FORMULAS])
def test_one_module_runs_everywhere(lines: str, given: dict[str, Any], lacking: str, library: str) -> None:
    arrays = pytest.importorskip(library)
    if library == "dask.array" and lacking in NO_DASK:
        pytest.skip(f"dask arrays have no {lacking}")
    code = code_of(lines)
    assert code.check is not None
    assert code.check.status == "verified"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = loaded(code_of(lines, "numpy"))(**given)
        got = loaded(code)(**{key: converted(arrays, value) for key, value in given.items()})
        assert type(got).__module__.partition(".")[0] == library.partition(".")[0]
        narrow = {k: v.astype(np.float32) if isinstance(v, np.ndarray) and v.dtype == float else v for k, v in given.items()}
        in_single = loaded(code)(**{key: converted(arrays, value) for key, value in narrow.items()})
    np.testing.assert_allclose(back(got), wanted, rtol=1e-10, atol=1e-300)
    assert "float32" in str(in_single.dtype)


def test_numbers_alone_are_taken() -> None:
    assert float(loaded(code_of("1/(1 + exp(-x))"))(0.0)) == 0.5


@pytest.mark.parametrize(("lines", "reason"), [("erfinv(x)", "special.erfinv"), ("sum_{i=1}^n i^2", "without arrays")])
def test_what_the_standard_lacks_is_refused_by_name(lines: str, reason: str) -> None:
    with pytest.raises(NotSupported, match=reason):
        code_of(lines)


def test_no_function_outside_the_standard() -> None:
    xp = pytest.importorskip("array_api_strict")
    import re

    for lines, _, _ in FORMULAS:
        for name in re.findall(r"\bxp\.([a-z_0-9]+(?:\.[a-z_]+)?)", code_of(lines).source):
            found = xp
            for part in name.split("."):
                found = getattr(found, part)


NETWORK = [
    "X in R^{N x n}",
    "Y in R^{N x k}",
    "W_1 in R^{n x h}",
    "b_1 in R^h",
    "H = relu(X W_1 + b_1)",
    "W_2 in R^{h x k}",
    "L = ||H W_2 - Y||_F^2/N",
    "grad L wrt W_1, b_1, W_2",
]


@pytest.mark.parametrize("library", LIBRARIES)
def test_backpropagation_runs_everywhere(library: str) -> None:
    arrays = pytest.importorskip(library)
    rng = np.random.default_rng(0)
    given = {k: rng.normal(size=s) for k, s in {"X": (6, 3), "W_1": (3, 4), "b_1": (4,), "W_2": (4, 2), "Y": (6, 2)}.items()}
    parts = []
    for target in ("numpy", "array-api"):
        report = solve(NETWORK, target=target, value_and_grad=True)
        assert report.code is not None
        assert report.code.check is not None
        assert report.code.check.status == "verified"
        module = types.ModuleType("emitted")
        exec(compile(report.code.source, "emitted.py", "exec"), module.__dict__)
        found = given if target == "numpy" else {key: converted(arrays, value) for key, value in given.items()}
        parts.append(getattr(module, report.code.function)(**found))
    for wanted, got in zip(*parts, strict=True):
        np.testing.assert_allclose(back(got), wanted, rtol=1e-12)
