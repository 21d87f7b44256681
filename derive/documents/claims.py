"""What an equation claims besides its last member: that the members of a chain are equal, that the left side is this gradient.

In: the right side that is translated, and a reading of another member. Out: where the two differ, or nothing. Both are evaluated at random
points by the table of operations; what cannot be compared is not claimed to differ.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from derive.answering import Settings, answer
from derive.errors import DeriveError
from derive.expressions.plain import plain_name
from derive.expressions.term import Name, Term
from derive.graph.build import build
from derive.graph.evaluate import TooCostly, in_doubles
from derive.meaning.scope import Reading, Type
from derive.translation.arguments import drawn_for
from derive.translation.sample import Point, samples

__all__ = ["DIFFERS", "Claim", "difference", "is_claim"]

DIFFERS = "not equal to"
POINTS = 6
MOST_ENTRIES = 40  # of a point that is shown
TOLERANCE = 1e-7
_DERIVATIVES = ("derivative", "gradient", "hessian", "jacobian")


class Claim(NamedTuple):
    """A member that is said to be equal to the one that is translated."""

    words: str
    reading: Reading


def is_claim(reading: Reading) -> bool:
    """Whether there is something to compare: a function that nothing defines, or a derivative of a bare name, says nothing."""
    expanded = reading.expanded
    if reading.kind != "task" or expanded.has("call", "probability", "optimum", "total_derivative", "word", "dots"):
        return False
    for node in expanded.walk():
        if node.head in _DERIVATIVES:
            inside = {n.data for n in node.args[0].walk() if n.head == "name"}
            variables = [a.data for a in node.args[1:] if a.head == "name"]
            if not variables or not inside.issuperset(variables):
                return False
    return True


def difference(target: Term, types: Mapping[Name, Type], claim: Claim, settings: Settings) -> str | None:
    """Where the claim does not hold, in words."""
    try:
        other = _term(claim.reading, settings)
        if other is None:
            return None
        if target.head == "rel":  # an array by its entries: so is the other member
            other = Term("rel", (target.args[0], other), target.data)
        known = {**claim.reading.types, **types}
        graph = build({"left": other, "right": target}, known)
        names = list(dict.fromkeys(n.data for n in target.walk() if n.head == "name"))
        drawn = drawn_for(graph, names)
        left, right = graph.roots
        if left.shape != right.shape:
            return None
        for point in samples(*drawn, POINTS):
            entries = in_doubles(graph.roots, point.values, point.sizes)
            if entries is None:
                continue
            half = len(entries) // 2
            scale = max((abs(e) for e in entries if math.isfinite(e)), default=0.0)
            for place, (one, two) in enumerate(zip(entries[:half], entries[half:], strict=True)):
                if math.isfinite(one) and math.isfinite(two) and abs(one - two) > TOLERANCE * max(abs(one), abs(two), 1e-3 * scale):
                    where = _entry(place, [size.value(point.sizes) for size in left.shape])
                    return f"{claim.words} is {DIFFERS} what is computed: {one:.6g} and {two:.6g}{where} at {_spelled(point)}"
    except (DeriveError, TooCostly, RecursionError):
        return None
    return None


def _term(reading: Reading, settings: Settings) -> Term | None:
    """What the member is; a derivative is derived."""
    if not reading.expanded.has(*_DERIVATIVES, "at", "prime", "task", "directional", "integral", "limit"):
        return reading.expanded
    report = answer(reading, reading.text, settings, {}, 1)
    if report.status != "solved" or report.answer is None:
        return None
    if isinstance(report.answer, Term):
        return report.answer
    from derive.expressions.from_sympy import from_sympy

    return from_sympy(report.answer, reading.types)


def _entry(place: int, shape: list[int]) -> str:
    """Which entry of an array it is, counted from 1."""
    position: list[int] = []
    for size in reversed(shape):
        place, here = divmod(place, size)
        position.insert(0, here + 1)
    return f" in entry {', '.join(map(str, position))}" if shape else ""


def _spelled(point: Point) -> str:
    """The point, with which the reader can try it; arrays with all their entries as far as these are few."""
    left = MOST_ENTRIES
    said = []
    for key, value in point.values.items():
        text = _numbers(value)
        left -= text.count(",") + 1
        said.append(f"{plain_name(Name.from_key(key))} = {text}" if left >= 0 else f"{plain_name(Name.from_key(key))} an array")
    return ", ".join(said)


def _numbers(value: Any) -> str:
    return f"[{', '.join(map(_numbers, value))}]" if isinstance(value, list) else f"{value:g}"
