"""Code for large arrays: blocks, `out`, broadcasting, dtypes, overlapping memory; what is not elementwise stays as it is and says so."""

from __future__ import annotations

import tracemalloc
import types
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from derive.answering import value_of
from derive.meaning import read
from derive.meaning.scope import Scope
from derive.solution import Code
from derive.translation.blocks import BLOCK
from derive.translation.target import Target
from derive.translation.translate import WHOLE, translate


def code_of(lines: str, inplace: bool = True) -> Code:
    scope = Scope()
    for place, line in enumerate(lines.split(" ;; "), 1):
        reading, scope = read(line, scope, line=place)
    return translate(value_of(reading), reading.types, function="value", summary="The value", wanted=Target(inplace=inplace))


def loaded(code: Code, block: str = BLOCK) -> Callable[..., Any]:
    module = types.ModuleType("emitted")
    exec(compile(code.source.replace(BLOCK, block), "emitted.py", "exec"), module.__dict__)
    found: Callable[..., Any] = module.__dict__["value"]
    return found


FORMULAS = [
    ("1/(1 + exp(-x))", ["x"]),
    ("d = x", ["x"]),
    ("sigma(x) (1 - sigma(x))", ["x"]),
    ("log(1 + exp(x))", ["x"]),
    ("x tanh(log(1 + exp(x)))", ["x"]),
    ("x Phi(x)", ["x"]),
    ("sqrt(x^2 + y^2)", ["x", "y"]),
    ("3 x^5 - 2 x^3 + x^2 - 7", ["x"]),
    ("x^2 + x y + exp(-x^2) sin(y)", ["x", "y"]),
    ("\\begin{cases} x & x > 0 \\\\ \\alpha (e^{x} - 1) & x \\le 0 \\end{cases}", ["x", "alpha"]),
    ("1[x > 0] y + 1[x < y]", ["x", "y"]),
    ("x log(x/y)", ["x", "y"]),
    ("sigma > 0 ;; -(x - mu)^2/(2 sigma^2) - log(sigma) - log(2 pi)/2", ["x", "mu", "sigma"]),
    ("x in R^n ;; y in R^n ;; x .* exp(-y) + 2 y", ["x", "y"]),
]
BLOCKED = [(lines, names) for lines, names in FORMULAS if lines != "d = x"]


@pytest.mark.parametrize(("lines", "names"), BLOCKED, ids=[lines for lines, _ in BLOCKED])
def test_blocks_give_what_the_plain_code_gives(lines: str, names: list[str]) -> None:
    code, plain = code_of(lines), code_of(lines, inplace=False)
    assert code.check is not None
    assert code.check.status == "verified"
    assert code.notes == plain.notes
    rng = np.random.default_rng(3)
    given = {
        key: rng.uniform(0.1, 3.0, size=1001) * (1 if key in {"sigma", "alpha", "y"} else rng.choice([-1, 1], size=1001)) for key in names
    }
    given = {key: np.abs(value) if "log(x/y)" in lines else value for key, value in given.items()}
    wanted = loaded(plain)(**given)
    for block in (BLOCK, "BLOCK = 7"):
        np.testing.assert_allclose(loaded(code, block)(**given), wanted, rtol=1e-13, atol=1e-300)
    out = np.empty(1001)
    assert loaded(code)(**given, out=out) is out
    np.testing.assert_allclose(out, wanted, rtol=1e-13, atol=1e-300)
    first = given[names[0]].copy()
    assert loaded(code, "BLOCK = 7")(**{**given, names[0]: first}, out=first) is first
    np.testing.assert_allclose(first, wanted, rtol=1e-13, atol=1e-300)
    narrow = {key: value.astype(np.float32) for key, value in given.items()}
    assert loaded(code)(**narrow).dtype == np.float32


def test_what_is_broadcast() -> None:
    function, plain = loaded(code_of("x exp(-y) + z"), "BLOCK = 5"), loaded(code_of("x exp(-y) + z", inplace=False))
    rng = np.random.default_rng(0)
    for shapes in (((4, 1), (3,), ()), ((2, 3, 4), (4,), (3, 1)), ((0,), (), ()), ((6,), (6,), (6,))):
        x, y, z = (rng.normal(size=shape) for shape in shapes)
        np.testing.assert_allclose(function(x, y, z), plain(x, y, z), rtol=1e-14)
    turned = rng.normal(size=(5, 3)).T
    np.testing.assert_allclose(function(turned, 1.0, 2), plain(turned, 1.0, 2), rtol=1e-14)


def test_numbers_and_whole_numbers() -> None:
    function = loaded(code_of("x/(1 + y)"))
    assert isinstance(function(1.0, 3.0), float)
    assert function(np.array([1, 2]), 3).tolist() == [0.25, 0.5]


def test_an_out_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        loaded(code_of("x + y"))(np.zeros(4), np.zeros(4), out=np.zeros(3))


def test_no_array_as_large_as_the_data_is_made() -> None:
    function = loaded(code_of("exp(-(x - y)^2/2)/(1 + x^2)"))
    x, y, out = np.ones(1_000_000), np.ones(1_000_000), np.empty(1_000_000)
    tracemalloc.start()
    function(x, y, out=out)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < x.nbytes / 4


def test_extremes_do_not_warn() -> None:
    points = np.array([-1e300, -1000.0, -745.2, -1e-300, 0.0, 1e-300, 1000.0, 1e300])
    for lines in ("1/(1 + exp(-x))", "log(1 + exp(x))", "\\begin{cases} x & x > 0 \\\\ e^{x} - 1 & x \\le 0 \\end{cases}"):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            got = loaded(code_of(lines))(points)
        np.testing.assert_allclose(got, loaded(code_of(lines, inplace=False))(points), rtol=1e-14, atol=0)
    legs = loaded(code_of("sqrt(x^2 + y^2)"))(np.array([1e200, 1e-200, 0.0, np.inf]), np.array([1e200, 1e-200, 0.0, np.inf]))
    np.testing.assert_allclose(legs, [1.414213562373095e200, 1.414213562373095e-200, 0.0, np.inf], rtol=1e-15)


@pytest.mark.parametrize("lines", ["x in R^n ;; softmax(x)", "x in R^n ;; sum_{i=1}^n x_i^2", "A in R^{n x n} ;; b in R^n ;; A^{-1} b"])
def test_what_is_not_elementwise_stays_as_it_is(lines: str) -> None:
    code, plain = code_of(lines), code_of(lines, inplace=False)
    assert code.source == plain.source
    assert (WHOLE,) in code.notes
