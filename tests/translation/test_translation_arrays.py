"""Scalars come as arrays of any shape wherever the signature says so: inside sums, in gradients and Hessians, as integers, at zero."""

from __future__ import annotations

import itertools
import types
import warnings
from typing import Any

import numpy as np
import pytest

from derive.derivation import Check
from derive.expressions.term import Name, Term, name, number
from derive.meaning import read
from derive.meaning.scope import Reading, Scope
from derive.solution import Code
from derive.translation import translate as translation
from derive.translation.run import Outcome, run
from derive.translation.translate import translate


def reading_of(lines: str) -> Reading:
    scope = Scope()
    for place, line in enumerate(lines.split(" ;; "), 1):
        reading, scope = read(line, scope, line=place)
    return reading


def code_of(lines: str, first: tuple[Name, ...] = ()) -> Code:
    reading = reading_of(lines)
    return translate(reading.expanded, reading.types, function="value", summary="The value", first=first)


def loaded(code: Code) -> types.ModuleType:
    module = types.ModuleType("emitted")
    exec(compile(code.source, "emitted.py", "exec"), module.__dict__)
    return module


def body_of(code: Code) -> str:
    return "\n".join(line.strip() for line in code.source.split('"""')[2].strip().splitlines())


def status(code: Code) -> str:
    assert isinstance(code.check, Check)
    return code.check.status


IN_SUMS = [
    (
        "\\sum_{i=1}^n i x^{i-1}",
        {"n": 3},
        lambda x: 1 + 2 * x + 3 * x * x,
        (
            "dtype = np.result_type(x, 1.0)\nt1 = np.arange(1, n + 1, dtype=dtype) * np.expand_dims(x, -1) ** np.arange(n, dtype=dtype)\n"
            "return np.sum(t1, axis=-1)"
        ),
    ),
    ("\\sum_{k=0}^{10} k x^{k-1}/k!", {}, lambda x: sum(x ** (k - 1) / np.prod(np.arange(1.0, k)) for k in range(1, 11)), None),
    ("\\sum_{k=1}^{4} \\frac{x}{x + k} + x", {}, lambda x: sum(x / (x + k) for k in range(1, 5)) + x, None),
    ("\\prod_{k=1}^{n} (x - k)", {"n": 3}, lambda x: (x - 1) * (x - 2) * (x - 3),
     "return np.prod(1.0 * (np.expand_dims(x, -1) - np.arange(1, n + 1, dtype=np.result_type(x, 1.0))), axis=-1)"),
    ("\\sum_{i=1}^{3} \\sum_{j=1}^{2} x^{i j}", {}, lambda x: sum(x ** (i * j) for i, j in itertools.product((1, 2, 3), (1, 2))), None),
    ("\\log \\sum_{k=1}^{3} e^{k x}", {}, lambda x: np.log(np.exp(x) + np.exp(2 * x) + np.exp(3 * x)), None),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "sizes", "value", "body"), IN_SUMS, ids=[case[0] for case in IN_SUMS])
def test_a_scalar_inside_a_sum_broadcasts(lines: str, sizes: dict[str, int], value: object, body: str | None) -> None:
    code = code_of(lines)
    assert status(code) == "verified"
    assert "x: float | np.ndarray" in code.source
    assert body is None or body_of(code) == body
    function = loaded(code).value
    for x in (
        0.0,
        0,
        2,
        1.5,
        np.array([1.0, 2.0, 3.0]),
        np.array([0.5, 0.0]),
        np.arange(6.0).reshape(2, 3),
        np.arange(11),
        np.ones((3, 1, 2)),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            got = function(x=x, **sizes)
        assert np.shape(got) == np.shape(x)
        np.testing.assert_allclose(got, value(np.asarray(x, dtype=float)), rtol=1e-12)  # type: ignore[operator]


def test_vectors_and_matrices_stand_behind_the_dimensions_of_scalars() -> None:
    gradient = loaded(code_of("(2 x y, x^2 + 3 y^2, 5)")).value
    x = np.arange(6.0).reshape(2, 3)
    assert gradient(x=x, y=2.0).shape == (2, 3, 3)
    np.testing.assert_array_equal(gradient(x=x, y=2.0)[1, 2], [20.0, 37.0, 5.0])
    code = code_of("\\begin{pmatrix} 2 y & 2 x \\\\ 2 x & 6 \\end{pmatrix}", first=(Name("x"), Name("y")))
    assert status(code) == "verified"
    assert "array, shape (..., 2, 2)" in code.source
    hessian = loaded(code).value
    assert hessian(1.0, 2.0).tolist() == [[4.0, 2.0], [2.0, 6.0]]
    assert hessian(np.array([1.0, 3.0]), 2).tolist() == [[[4.0, 2.0], [2.0, 6.0]], [[4.0, 6.0], [6.0, 6.0]]]
    assert hessian(x, np.ones(3)).shape == (2, 3, 2, 2)


BESIDE_ARRAYS = [
    ("z in R^n ;; tau > 0 ;; \\sum_{i=1}^n e^{z_i/\\tau}", "tau: float)"),
    ("x in R^n ;; \\lambda \\sum_{i=1}^n x_i^2", "lam: float | np.ndarray"),
    ("A in R^{m x n} ;; x in R^n ;; \\lambda A x", "lam: float,"),
]


@pytest.mark.parametrize(("lines", "typed"), BESIDE_ARRAYS)
def test_beside_arrays_a_scalar_is_a_number_unless_it_only_scales(lines: str, typed: str) -> None:
    code = code_of(lines)
    assert status(code) == "verified"
    assert typed in code.source


def test_code_that_contracts_an_array_with_an_index_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def other(source: str, *rest: Any, **options: Any) -> Outcome:
        wrong = source.replace("np.expand_dims(x, -1)", "x").replace(", axis=-1", "")
        assert wrong != source
        return run(wrong, *rest, **options)

    monkeypatch.setattr(translation, "run", other)
    assert status(code_of("\\sum_{i=1}^n i x^i")) == "failed"


def test_code_that_fails_on_integers_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def other(source: str, *rest: Any, **options: Any) -> Outcome:
        return run(source.replace("return ", "return 0 * x ** (0 * x - 1) + "), *rest, **options)

    monkeypatch.setattr(translation, "run", other)
    assert status(code_of("\\sin(x)")) == "failed"


ORDERS = [
    ("2 y x", (), ["y", "x"]),
    ("2 y x", ("x", "y"), ["x", "y"]),
    ("z in R^n ;; a \\sum_{i=1}^n z_i b", (), ["a", "z", "b"]),
    ("z in R^n ;; a \\sum_{i=1}^n z_i b", ("b", "z"), ["b", "z", "a"]),
    ("z in R^n ;; \\frac{a}{z_j}", (), ["a", "z", "j"]),
    ("\\sum_{k=1}^n k x^k", (), ["x", "n"]),
]


@pytest.mark.parametrize(("lines", "first", "names"), ORDERS)
def test_order_of_arguments(lines: str, first: tuple[str, ...], names: list[str]) -> None:
    assert [a.name for a in code_of(lines, tuple(map(Name, first))).arguments] == names


WITHOUT_ONE = [
    ("x in R^n ;; \\prod_{k \\ne i} x_k", "return np.prod(np.delete(x, i))"),
    ("x in R^n ;; \\frac{\\prod_{k=1}^n x_k}{x_i}", "return np.prod(np.delete(x, i))"),
    ("x in R^n ;; \\sum_{k \\ne i} x_k", "return np.sum(np.delete(x, i))"),
    ("x in R^n ;; \\sum_{k \\ne 1} x_k", "return np.sum(x[1:])"),
    ("x in R^n ;; \\prod_{k \\ne n} x_k", "return np.prod(1.0 * x[:-1])"),
]


@pytest.mark.parametrize(("lines", "body"), WITHOUT_ONE, ids=[lines for lines, _ in WITHOUT_ONE])
def test_all_but_one(lines: str, body: str) -> None:
    code = code_of(lines)
    assert body_of(code) == body
    assert status(code) == "verified"


def test_a_product_without_one_has_a_value_at_zero() -> None:
    value = loaded(code_of("x in R^n ;; \\frac{\\prod_{k=1}^n x_k}{x_i}")).value
    assert [value(np.array([2.0, 0.0, 3.0]), i) for i in range(3)] == [0.0, 6.0, 0.0]


def test_an_arm_that_is_not_taken_takes_no_element() -> None:
    code = code_of("x in R^n ;; \\begin{cases} x_{i+1} - x_i & i \\le n - 1 \\\\ 0 & \\text{otherwise} \\end{cases}")
    assert status(code) == "verified"
    assert " if " in body_of(code)
    value = loaded(code).value
    assert [value(np.array([1.0, 4.0, 9.0]), i) for i in range(3)] == [3.0, 5.0, 0.0]


def test_an_element_beyond_the_end_is_clamped_along_a_sum() -> None:
    code = code_of("x in R^n ;; \\sum_{i=1}^n \\begin{cases} x_{i+1} & i < n \\\\ 0 & \\text{otherwise} \\end{cases}")
    assert status(code) == "verified"
    assert "np.minimum" in body_of(code)
    assert loaded(code).value(np.array([1.0, 4.0, 9.0])) == 13.0


def test_a_name_in_a_range_is_a_whole_number_everywhere() -> None:
    reading = reading_of("x in R^m ;; \\frac{n}{\\sum_{i=1}^m x_i}")
    total = Term("sum", (Term("index", (name("x"), name("i"))), name("i"), number(1), name("n")), "range")
    code = translate(Term("div", (name("n"), total)), reading.types, function="value", summary="A mean")
    assert status(code) == "verified"
    assert "n: int" in code.source


def test_zero_that_only_roundings_hide_is_zero() -> None:
    code = code_of("n in N ;; k in N ;; \\binom{n}{k} (digamma(n - k + 1) - digamma(k + 1))")
    assert status(code) == "verified"


def test_what_cancels_below_the_precision_of_its_terms_is_no_inaccuracy() -> None:
    code = code_of("z in R^n ;; tau > 0 ;; \\frac{1}{\\tau^2} (z_j - \\sum_{l=1}^n z_l \\frac{e^{z_l/\\tau}}{\\sum_{k=1}^n e^{z_k/\\tau}})")
    assert status(code) == "verified"
    assert code.notes == ()


def test_decimals_stay_decimals() -> None:
    assert body_of(code_of("1.0507009873554805 x + x^3/1024")) == "return 1.0507009873554805 * x + x * x * x / 1024"


def test_like_terms_are_combined() -> None:
    target = reading_of("f - g - g + f").expanded
    assert body_of(translate(target, {}, function="value", summary="A value")) == "return 2 * f - 2 * g"


def test_one_exponential_for_both_orders_of_a_difference() -> None:
    code = code_of("y \\frac{e^a}{e^a+e^b} - z \\frac{e^b}{e^a+e^b}")
    assert body_of(code).count("np.exp") == 1
    assert status(code) == "verified"


def test_a_power_times_its_logarithm_is_written_with_log() -> None:
    assert body_of(code_of("b A^{b x} \\log A")) == "return b * A ** (b * x) * np.log(A)"


def test_a_constant_matrix_has_no_leading_dimensions() -> None:
    code = translate(reading_of("(2, 0)").expanded, {}, function="value", summary="A vector")
    assert loaded(code).value().tolist() == [2.0, 0.0]
    assert translate(name("x"), {}, function="value", summary="x").check is not None
    assert body_of(translate(number(3), {}, function="value", summary="3")) == "return 3"
