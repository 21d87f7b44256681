"""The functions near the real axis and as decimals are those of the table; kinks and ends of domains are in doubt."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Any

import pytest
from mpmath import mp, mpf

from derive.graph.build import build
from derive.graph.continuation import EXACT, NO_ANSWER, Continuation, Program, imaginary, stepped
from derive.graph.continued import DECIMALS, NEAR_REAL, InDoubt
from derive.graph.evaluate import context, evaluate
from derive.graph.node import Node
from derive.graph.operations import OPERATIONS, Undefined
from derive.meaning import read
from derive.meaning.scope import Scope

H = 2.0**-100
ARGUMENTS = (-2.5, -0.75, 0.25, 0.5, 3.25)
TWO = frozenset(("add", "mul", "div", "pow", "maximum", "minimum", "leaky_relu", "swish"))
LOGICAL = frozenset(("and", "or", "not", "indicator", "delta", "less", "less_equal", "greater", "greater_equal", "equal", "not_equal"))
FUNCTIONS = sorted(set(NEAR_REAL.elementwise) - LOGICAL)


def arguments_of(op: str) -> list[tuple[float, ...]]:
    return [(x, y) for x in ARGUMENTS for y in (-1.5, 0.125, 2.0)] if op in TWO else [(x,) for x in ARGUMENTS]


def reference(op: str, *values: Any) -> Any:
    """The value of the table with many digits; None where it has none."""
    c = context(300)
    try:
        return OPERATIONS[op].evaluate(c, *(c.mpf(v) for v in values))
    except (Undefined, ZeroDivisionError, ValueError):
        return None


def relative(found: Any, wanted: Any) -> float:
    return float(abs(mpf(found) - wanted) / (1 + abs(wanted)))


@pytest.mark.parametrize("op", FUNCTIONS)
def test_values_and_slopes_are_those_of_the_table(op: str) -> None:
    function = NEAR_REAL.elementwise[op]
    compared = 0
    for values in arguments_of(op):
        wanted = reference(op, *values)
        if wanted is None:
            with pytest.raises(NO_ANSWER):
                function(*values)
            continue
        assert relative(function(*values), wanted) < 1e-15
        with mp.workprec(300):
            small = mpf(2) ** -80
            for place, x in enumerate(values):
                ahead, behind = (reference(op, *values[:place], x + s * small, *values[place + 1 :]) for s in (1, -1))
                if ahead is None or behind is None:
                    continue
                moved = function(*values[:place], complex(x, H), *values[place + 1 :])
                assert relative(moved.imag / H, (ahead - behind) / (2 * small)) < 1e-13
                assert relative(moved.real, wanted) < 1e-14
                compared += 1
    assert compared


@pytest.mark.parametrize("op", sorted(set(DECIMALS.elementwise) - LOGICAL))
def test_decimals_are_those_of_the_table(op: str) -> None:
    compared = 0
    with localcontext() as settings, mp.workprec(300):
        settings.prec = 52
        for values in arguments_of(op):
            wanted = reference(op, *values)
            if wanted is not None:
                found = DECIMALS.elementwise[op](*map(Decimal, values))
                assert relative(str(found), wanted) < 1e-49
                compared += 1
    assert compared


KINKS = ("abs", "sign", "relu", "step", "sqrt", "log")


@pytest.mark.parametrize("op", KINKS)
def test_kinks_and_ends_of_domains_are_in_doubt(op: str) -> None:
    with pytest.raises(InDoubt):
        NEAR_REAL.elementwise[op](complex(0.0, H))


DOMAINS = (("log", -1.0), ("sqrt", -1.0), ("asin", 1.5), ("log1p", -2.0))


@pytest.mark.parametrize(("op", "x"), DOMAINS)
def test_outside_a_domain_there_is_no_value(op: str, x: float) -> None:
    for value in (x, complex(x, H)):
        with pytest.raises(Undefined):
            NEAR_REAL.elementwise[op](value)


DECLARED = ("A in R^{m x n}", "S in R^{n x n}", "x in R^n", "y in R^n", "b in R^m")
LINES = (
    "||A x - b||^2",
    "tr(S^T S) + x^T S^{-1} y",
    "log(det(S^T S))",
    "x^T softmax(y)",
    "log(sum_{i=1}^n exp(x_i))",
    "sum_{i=1}^n sum_{j=1}^n S_{ij} x_i y_j",
    "||x||_1 + ||A||_F",
    "sum_{i=1}^n max(0, 1 - y_i x_i)",
    "x y^T + diag(x)",
    "mean(A x)",
    "prod_{i=1}^n (1 + x_i^2)",
)
POINT = {
    "A": [[0.5, -1.25], [0.75, 2.0], [-0.375, 1.5]],
    "S": [[2.5, -0.5], [0.25, 1.75]],
    "x": [0.625, -1.5],
    "y": [-0.25, 1.125],
    "b": [1.0, -0.5, 0.25],
}
SIZES = {"m": 3, "n": 2}


def root_of(line: str) -> Node:
    scope = Scope()
    for declared in DECLARED:
        scope = read(declared, scope)[1]
    reading, _ = read(line, scope)
    return build(reading.expanded, reading.types).roots[0]


def flat(value: Any) -> list[Any]:
    return [x for part in value for x in flat(part)] if isinstance(value, list) else [value]


@pytest.mark.parametrize("line", LINES)
def test_whole_arrays_are_those_of_the_reference(line: str) -> None:
    node = root_of(line)
    wanted = flat(evaluate(node, POINT, SIZES, 300))
    found = flat(Continuation(Program(), POINT, SIZES).value(node))
    with localcontext() as settings:
        settings.prec = 52
        exact = flat(Continuation(Program(EXACT), {k: decimals(v) for k, v in POINT.items()}, SIZES).value(node))
    assert len(found) == len(exact) == len(wanted)
    with mp.workprec(300):
        assert all(relative(x, w) < 1e-14 for x, w in zip(found, wanted, strict=True))
        assert all(relative(str(x), w) < 1e-48 for x, w in zip(exact, wanted, strict=True))


@pytest.mark.parametrize("line", LINES)
def test_slopes_are_those_of_differences(line: str) -> None:
    node = root_of(line)
    steps = [1.25, -0.75]
    program = Program()
    resting = Continuation(program, POINT, SIZES)
    moved = Continuation(program, {**POINT, "x": stepped(POINT["x"], steps, H)}, SIZES, resting, ("x",))
    with mp.workprec(300):
        small = mpf(2) ** -80
        sides = [
            flat(evaluate(node, {**POINT, "x": [mpf(x) + s * small * d for x, d in zip(POINT["x"], steps, strict=True)]}, SIZES, 300))
            for s in (1, -1)
        ]
        for slope, ahead, behind in zip(flat(imaginary(moved.value(node), H)), *sides, strict=True):
            assert relative(slope, (ahead - behind) / (2 * small)) < 1e-13


def decimals(value: Any) -> Any:
    return [decimals(v) for v in value] if isinstance(value, list) else Decimal(value)
