"""Where an answer holds: points outside the domain, conditions that cancelling hides, jumps and kinks of the whole function."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from derive.errors import DeriveError, DoesNotExist, InconsistentInput, NotSupported, Undetermined
from derive.meaning import read
from derive.meaning.scope import Scope
from derive.solution import Solution
from derive.solving import solve

x, a = sp.symbols("x a", real=True)


def solved(*lines: str) -> Solution:
    scope = Scope()
    for number, line in enumerate(lines, 1):
        reading, scope = read(line, scope, line=number)
    return solve(reading)


def words(prose: tuple[Any, ...]) -> str:
    return "".join(map(str, prose))


@pytest.mark.parametrize(
    ("lines", "error", "mentions"),
    [
        (["d/dx log(x) at x = -1"], DoesNotExist, r"log\(x\) is not defined at x = −1"),
        (["d/dx log(x) at x = -1 where x > 0"], InconsistentInput, "x > 0"),
        (["f(x) := log(x)", "f'(-1)"], DoesNotExist, "not defined"),
        (["d/dx (x log x) at x = 0"], DoesNotExist, "not defined at x = 0"),
        (["d/dx x^2/x at x = 0"], DoesNotExist, "denominator"),
        (["(x^2-1)/(x-1) at x = 1"], DoesNotExist, "denominator"),
        (["simplify (x^2-1)/(x-1) at x = 1"], DoesNotExist, "denominator"),
        (["hessian of log(x) + y wrt x, y at (x, y) = (-1, 2)"], DoesNotExist, "log"),
        (["d/dx sine(x)"], Undetermined, "sine is not defined"),
        (["d/dx sin(zorn(x))"], Undetermined, "zorn is not defined"),
        (["d/dx f(x)"], Undetermined, "f is not defined"),
        (["d^n/dx^n tan x"], NotSupported, "order that is not a number"),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_refusals(lines: list[str], error: type[DeriveError], mentions: str) -> None:
    with pytest.raises(error, match=mentions):
        solved(*lines)


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (["d/dx log(x) at x = 2"], sp.Rational(1, 2)),
        (["d/dx sqrt(1 - x) at x = 0"], sp.Rational(-1, 2)),
        ([r"\frac{d}{dx} \begin{cases} x & x < 1 \\ \log x & \text{otherwise} \end{cases} at x = -1"], sp.Integer(1)),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_points_inside_the_domain_have_their_value(lines: list[str], answer: Any) -> None:
    assert solved(*lines).answer == answer


@pytest.mark.parametrize(
    ("line", "answer", "assumptions"),
    [
        ("simplify (x^2-1)/(x-1)", x + 1, [sp.Ne(x, 1)]),
        ("simplify x^2/x", x, [sp.Ne(x, 0)]),
        ("x/x", sp.Integer(1), [sp.Ne(x, 0)]),
        ("simplify exp(log(x))", x, [sp.Gt(x, 0)]),
        ("simplify sqrt(x)^2", x, [sp.Ge(x, 0)]),
        ("simplify (x^2+1)/(x^4-1)", 1 / (x**2 - 1), []),
        ("simplify sin(x)/cos(x)", sp.tan(x), []),
        ("factor (x^3-x)/(x-1)", x * (x + 1), [sp.Ne(x, 1)]),
        ("d/dx (x^2-1)/(x-1)", sp.Integer(1), [sp.Ne(x, 1)]),
    ],
)
def test_what_cancelling_hides_is_assumed(line: str, answer: Any, assumptions: list[Any]) -> None:
    solution = solved(line)
    assert solution.answer == answer
    assert [a for (a,) in solution.assumptions] == assumptions


def test_the_step_that_cancels_says_what_it_needs() -> None:
    derivation = solved("simplify (x^2-1)/(x-1)").derivation
    assert derivation is not None
    (step,) = derivation.steps
    assert step.assumptions == ((sp.Ne(x, 1),),)


def test_an_unknown_function_inside_a_longer_answer_is_named() -> None:
    (note,) = solved("d/dx sin(f(x))").notes
    assert words(note) == "f is an unknown function"


HUBER = r"\frac{d}{dr} \begin{cases} \frac12 r^2 & |r| \le \delta \\ \delta (|r| - \frac12\delta) & \text{otherwise} \end{cases}"


@pytest.mark.parametrize(
    ("line", "said", "unsaid"),
    [
        ("d/dx 1[x > 0] x", ["kink at "], ["jump"]),
        ("d/dx 1[x > 0]", ["jumps"], ["kink"]),
        (HUBER + r" where \delta > 0", ["meet smoothly"], ["jump", "kink"]),
        ("d/dx log|x|", [], ["kink", "jump"]),
        ("d/dx |x|", ["kink"], []),
        ("d/dx max(0, x)^2", [], ["kink"]),
        ("d^2/dx^2 max(0, x)^2", ["lower order"], []),
        ("d/dx clip(x, a, b)", ["may have a kink"], ["jump"]),
        ("d/dx max(0, 1 - x y)", ["kink"], ["jump"]),
        ("d/dx x |x|", [], ["kink"]),
    ],
)
def test_notes_say_what_the_whole_function_does(line: str, said: list[str], unsaid: list[str]) -> None:
    notes = " ".join(words(note) for note in solved(line).notes)
    assert all(word in notes for word in said)
    assert not any(word in notes for word in unsaid)


@pytest.mark.parametrize("task", ["simplify x + y", "factor x^2 + 1", "expand x + 1"])
def test_nothing_to_do_is_said_without_a_step(task: str) -> None:
    solution = solved(task)
    assert solution.derivation is None
    assert any("nothing to" in words(note) for note in solution.notes)
