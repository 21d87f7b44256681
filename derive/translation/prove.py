"""Is the code right? It is run on random samples and on extremes, and compared with the reference value of the unstabilised graph.

In: the reference graph, the source of the module, the arguments. Out: a `Proof`: a Check, and the points that deserve a note.
A disagreement at a random sample fails the check; one at an extreme is labelled with its point. The reference works with as many bits
as it needs: where it disagrees with the code, it is asked again with more until its own answer no longer changes.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from derive.derivation import Check
from derive.graph.evaluate import evaluate
from derive.graph.graph import Graph
from derive.graph.operations import Undefined
from derive.translation.run import Outcome, Result
from derive.translation.sample import Point

__all__ = ["METHOD", "Case", "Proof", "flat", "judge"]

METHOD = "run against high-precision evaluation"
TOLERANCE = 1e-9
ORDINARY_BITS = 170
EXTREME_BITS = 1300
MOST_BITS = 12_000
TINY = 1e-290
HUGE = 1.7e308
ROUNDINGS = 64  # a stable algorithm loses no more than so many roundings of its arguments


class Case(NamedTuple):
    """A point and what the code is given there: arrays are marked, scalars may be arrays of several points."""

    points: Sequence[Point]
    arguments: Mapping[str, Any]
    extreme: bool = False
    stacked: bool = False  # the scalars are arrays with one entry for each point


class Proof(NamedTuple):
    """The check, and a line for each extreme at which the code is not what it should be."""

    check: Check
    notes: tuple[str, ...] = ()


def flat(value: Any) -> list[Any]:
    """The entries of nested lists."""
    if isinstance(value, list):
        return [entry for part in value for entry in flat(part)]
    return [value]


def reference(graph: Graph, point: Point, bits: int) -> list[Any] | None:
    """The entries of all outputs, or None where the mathematics has no value."""
    try:
        return [entry for root in graph.roots for entry in flat(evaluate(root, point.values, point.sizes, bits))]
    except Undefined:
        return None


def _float(x: Any) -> float:
    try:
        return float(x)
    except OverflowError:
        return math.inf if x > 0 else -math.inf


def _error(got: Sequence[float], wanted: Sequence[float]) -> float:
    """The largest error, relative to the entry or, for small entries of an array, to 1e-3 of the largest."""
    if len(got) != len(wanted):
        return math.inf
    scale = max((abs(w) for w in wanted if math.isfinite(w)), default=0.0) if len(wanted) > 1 else 0.0
    worst = 0.0
    for g, w in zip(got, wanted, strict=True):
        if g == w or (abs(w) < TINY and abs(g) < TINY) or abs(w) > HUGE:
            continue
        if not math.isfinite(g):
            return math.inf
        worst = max(worst, abs(g - w) / max(abs(w), 1e-3 * scale, TINY))
    return worst


def _compare(graph: Graph, point: Point, got: Sequence[float], bits: int) -> float | None:
    """The error at a point; None where there is no value. More bits are asked for while they change the answer."""
    entries = reference(graph, point, bits)
    if entries is None:
        return None
    wanted = [_float(e) for e in entries]
    error = _error(got, wanted)
    while error > TOLERANCE and bits < MOST_BITS:
        bits *= 3
        again = reference(graph, point, bits)
        if again is None:
            return None
        finer = [_float(e) for e in again]
        if _error(finer, wanted) < 1e-15:
            break
        wanted, error = finer, _error(got, finer)
    if error > TOLERANCE and not math.isinf(error):
        error = _forgiven(graph, point, wanted, error, bits)
    return error


def _forgiven(graph: Graph, point: Point, wanted: list[float], error: float, bits: int) -> float:
    """The error less what one rounding of each argument would do by itself."""
    worst = 0.0
    rng = random.Random(1)
    for _ in range(3):
        moved = {key: _moved(value, rng) for key, value in point.values.items()}
        entries = reference(graph, Point(moved, point.sizes), bits)
        if entries is not None:
            worst = max(worst, _error([_float(e) for e in entries], wanted))
    return error if error > ROUNDINGS * worst else min(error, TOLERANCE)


def _moved(value: Any, rng: random.Random) -> Any:
    if isinstance(value, list):
        return [_moved(v, rng) for v in value]
    return value * (1 + rng.choice((-1, 1)) * 2.0**-52) if isinstance(value, float) else value


def entries_of(result: Result) -> list[float]:
    """The entries of a result, the fields of a named tuple one after the other."""
    if isinstance(result.value, dict):
        return [entry for part in result.value.values() for entry in flat(part)]
    return flat(result.value)


def _shown(point: Point) -> str:
    return ", ".join(f"{key} = {value:g}" for key, value in point.values.items() if isinstance(value, float | int)) or "a random sample"


def _counterexample(point: Point, got: Any, graph: Graph) -> tuple[tuple[str, Any], ...]:
    entries = reference(graph, point, ORDINARY_BITS)
    right = [_float(e) for e in entries] if entries is not None else None
    return (*point.values.items(), ("code", got), ("reference", right[0] if right is not None and len(right) == 1 else right))


def judge(graph: Graph, cases: Sequence[Case], outcome: Outcome, spelled: Callable[[Point], str] = _shown) -> Proof:
    """Compare what the code gave with the reference, case by case."""
    if outcome.reason:
        failed = "does not load" in outcome.reason
        return Proof(Check("failed" if failed else "unverified", METHOD, reason=outcome.reason))
    compared, largest, notes, skipped = 0, 0.0, [], 0
    for case, result in zip(cases, outcome.results, strict=True):
        bits = EXTREME_BITS if case.extreme else ORDINARY_BITS
        if result.error and not case.extreme:
            values = [reference(graph, p, bits) for p in case.points]
            if all(v is None for v in values):
                skipped += 1
                continue
            point = case.points[0]
            return Proof(Check("failed", METHOD, compared, None, result.error, _counterexample(point, result.error, graph)))
        if result.error:
            notes.append(f"the code stops at extreme arguments: {result.error}")
            continue
        entries = entries_of(result)
        width = len(entries) // len(case.points)
        if case.stacked and len(entries) != width * len(case.points):
            return Proof(Check("failed", METHOD, compared, None, "the code does not broadcast over arrays"))
        undefined = False
        for k, point in enumerate(case.points):
            got = entries[k :: len(case.points)] if case.stacked else entries
            error = _compare(graph, point, got, bits)
            if error is None:
                undefined, skipped = True, skipped + 1
                continue
            compared += 1
            if error > TOLERANCE:
                if not case.extreme:
                    return Proof(Check("failed", METHOD, compared, error, "", _counterexample(point, got[0] if len(got) == 1 else list(got), graph)))
                notes.append(f"not accurate at {spelled(point)}: {_digits(error)}")
            else:
                largest = max(largest, error)
        if result.warnings and case.extreme and not undefined:
            notes.append(f"warns at extreme arguments: {result.warnings[0]}")
    if not compared:
        return Proof(Check("unverified", METHOD, reason="no sample at which the expression has a value was found"))
    return Proof(Check("verified", METHOD, compared, largest), tuple(dict.fromkeys(notes)))


def _digits(error: float) -> str:
    return "no value" if math.isinf(error) else f"relative error {error:.0e}"
