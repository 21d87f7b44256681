"""What an equation claims besides its last member: that the members of a chain are equal, that the left side is this gradient.

In: the right side that is translated, and a reading of another member. Out: where the two differ, or nothing. Both are evaluated at random
points by the table of operations; what cannot be compared is not claimed to differ.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from derive.answering import Settings, answer
from derive.errors import DeriveError
from derive.expressions.plain import plain_name
from derive.expressions.term import Name, Term
from derive.graph.build import build
from derive.graph.evaluate import TooCostly, in_doubles
from derive.meaning.scope import Reading, Type
from derive.translation.arguments import Arguments
from derive.translation.sample import Point, samples

__all__ = ["DIFFERS", "Claim", "difference", "is_claim"]

DIFFERS = "not equal to"
POINTS = 6
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
        known = {**claim.reading.types, **types}
        graph = build({"left": other, "right": target}, known)
        names = list(dict.fromkeys(n.data for n in target.walk() if n.head == "name"))
        drawn = Arguments(graph, names).drawn
        left, right = graph.roots
        if left.shape != right.shape:
            return None
        for point in samples(*drawn, POINTS):
            entries = in_doubles(graph.roots, point.values, point.sizes)
            if entries is None:
                continue
            half = len(entries) // 2
            scale = max((abs(e) for e in entries if math.isfinite(e)), default=0.0)
            for one, two in zip(entries[:half], entries[half:], strict=True):
                if math.isfinite(one) and math.isfinite(two) and abs(one - two) > TOLERANCE * max(abs(one), abs(two), 1e-3 * scale):
                    return f"{claim.words} is {DIFFERS} what is computed: {one:.6g} and {two:.6g} at {_spelled(point)}"
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


def _spelled(point: Point) -> str:
    said = [f"{plain_name(Name.from_key(k))} = {v:g}" if isinstance(v, float | int) else f"{plain_name(Name.from_key(k))} an array"
            for k, v in point.values.items()]  # fmt: skip
    return ", ".join(said[:6]) + (", …" if len(said) > 6 else "")
