"""The second opinion: our reading of a scalar formula against that of latex2sympy2, compared as numbers.

In: LaTeX and the SymPy expression that derive read in it. Out: an `Opinion`: both agree, or both readings with a point where they
differ, or why there is nothing to compare. Neither reading is changed by it.
"""

from __future__ import annotations

import cmath
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.tensor.indexed import Indexed

from derive.checking.evaluate import Unevaluable, evaluate
from derive.derivation import Prose
from derive.reading.second_opinion import SecondReading, available, read_again

__all__ = ["Opinion", "choose_points", "second_opinion", "second_opinions"]

TOLERANCE = 1e-8
POINTS = 4
LARGEST_INTEGER = 6


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the second reader said. `status` is "agrees", "differs" or "unread" (with `reason`).

    `theirs` is its reading as text (SymPy's spelling). Where the values differ, `point` holds names and values, `values` ours and
    theirs.
    """

    status: str
    ours: Any = None
    theirs: str = ""
    reason: str = ""
    points: int = 0
    point: tuple[tuple[str, float], ...] = ()
    values: tuple[complex, complex] | None = None

    def note(self) -> Prose:
        """The opinion in one sentence, for the notes of a report."""
        if self.status == "agrees":
            return (f"second opinion: latex2sympy2 reads the same (equal at {self.points} points)",)
        if self.status == "unread":
            return (f"second opinion: none, {self.reason}",)
        if self.values is None:
            return ("second opinion: latex2sympy2 reads ", self.theirs, f", {self.reason}; derive reads ", self.ours)
        place = ", ".join(f"{name} = {value:g}" for name, value in self.point)
        ours, theirs = (_shown(value) for value in self.values)
        return (
            "second opinion: latex2sympy2 reads ",
            self.theirs,
            f", which is {theirs} at {place}; derive reads ",
            self.ours,
            f", which is {ours}",
        )


def second_opinion(latex: str, expression: Any, points: Sequence[Mapping[str, float]] | None = None) -> Opinion:
    """The opinion on one formula; `points` map names of symbols to numbers and are chosen where they are not given."""
    return second_opinions([(latex, expression, points)])[0]


def second_opinions(formulas: Sequence[tuple[str, Any, Sequence[Mapping[str, float]] | None]]) -> list[Opinion]:
    """The opinions on many formulas, read by one process."""
    if not available():
        return [Opinion("unread", reason="the extra second-opinion is not installed") for _ in formulas]
    opinions: list[Opinion | None] = [_inapplicable(expression) for _, expression, _ in formulas]
    places = [place for place, opinion in enumerate(opinions) if opinion is None]
    chosen = {place: list(formulas[place][2] or choose_points(formulas[place][1])) for place in places}
    readings = read_again([(formulas[place][0], chosen[place]) for place in places])
    for place, reading in zip(places, readings, strict=True):
        opinions[place] = _compare(formulas[place][1], reading, chosen[place])
    return [opinion for opinion in opinions if opinion is not None]


def choose_points(expression: Any, count: int = POINTS) -> list[dict[str, float]]:
    """Points for the symbols of a scalar expression, the same each time; the first lie in (0, 1), later ones have both signs."""
    generator = random.Random(20240229)
    symbols = sorted(expression.free_symbols, key=lambda symbol: str(symbol.name))
    points = []
    for number in range(count):
        point: dict[str, float] = {}
        for symbol in symbols:
            if symbol.is_integer:
                point[symbol.name] = generator.randint(2, LARGEST_INTEGER)
            else:
                value = round(generator.uniform(0.1, 0.9), 3)
                free = number >= count // 2 and not symbol.is_nonnegative
                point[symbol.name] = round(generator.choice((-1, 1)) * 3 * value, 3) if free else value
        points.append(point)
    return points


def _inapplicable(expression: Any) -> Opinion | None:
    if not isinstance(expression, sp.Expr):
        return Opinion("unread", expression, reason="only scalar formulas are compared")
    if expression.has(Indexed, AppliedUndef):
        return Opinion("unread", expression, reason="only formulas of numbers are compared, without arrays and unknown functions")
    return None


def _compare(expression: Any, reading: SecondReading, points: Sequence[Mapping[str, float]]) -> Opinion:
    if reading.problem:
        return Opinion("unread", expression, reason=f"latex2sympy2 does not read the formula ({reading.problem})")
    foreign = reading.names - {symbol.name for symbol in expression.free_symbols}
    if foreign:
        return Opinion("differs", expression, reading.text, f"with {', '.join(sorted(foreign))} as a name of its own")
    compared = 0
    for point, theirs in zip(points, reading.values, strict=True):
        ours = _value(expression, point)
        if ours is None or theirs is None or cmath.isnan(theirs):
            continue
        compared += 1
        if abs(ours - theirs) > TOLERANCE * max(1.0, abs(ours), abs(theirs)):
            return Opinion("differs", expression, reading.text, point=tuple(sorted(point.items())), values=(ours, theirs), points=compared)
    if not compared:
        return Opinion("unread", expression, reading.text, "there is no point at which both readings have a value")
    return Opinion("agrees", expression, reading.text, points=compared)


def _value(expression: Any, point: Mapping[str, float]) -> complex | None:
    try:
        found = complex(evaluate(expression, point))
    except (Unevaluable, TypeError, ValueError, OverflowError, ZeroDivisionError):
        return None
    return found if cmath.isfinite(found) else None


def _shown(value: complex) -> str:
    return f"{value.real:.6g}" if abs(value.imag) < 1e-12 * max(1.0, abs(value.real)) else f"{value.real:.6g} + {value.imag:.6g} i"
