"""Is the code right? It is run on random samples and on extremes, and compared with the reference value of the unstabilised graph.

In: the reference graph, the source of the module, the arguments. Out: a `Proof`: a Check, and the points that deserve a note.
A disagreement at a random sample fails the check; one at an extreme is labelled with its point. The reference works with as many bits
as it needs: where it disagrees with the code, it is asked again with more until its own answer no longer changes. Of a graph with arrays
the first sample is compared with decimals of many digits and all extremes with the reference; at the other samples floats do where they
say the same as the code.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from derive.derivation import Check
from derive.graph.evaluate import DOUBLE, Evaluation, TooCostly
from derive.graph.graph import Graph, walk
from derive.graph.node import Axis, Node
from derive.translation.references import ARITHMETIC, ORDINARY_BITS, Case, References, as_floats, flat, reference
from derive.translation.roundings import Roundings
from derive.translation.run import Outcome, Result
from derive.translation.sample import Point

__all__ = ["METHOD", "ORDINARY_BITS", "Case", "Proof", "References", "flat", "judge"]

METHOD = "run against high-precision evaluation"
TOLERANCE = 1e-9
AGREEMENT = 1e-11  # of two computations in double precision
TINY = 1e-290
HUGE = 1.7e308
SECONDS = 0.3  # for all extremes together
ARRAY_SECONDS = 0.1  # for the extremes of arrays, where one point has many entries
MOST_NOTES = 3
NEGLIGIBLE = 1e-30  # of the terms of a sum: a sum so small has no digit in common with what floats can hold of it
LOST = 1e-13  # of the terms of a sum: roundings
ROUNDINGS = 64  # a stable algorithm loses no more than so many roundings of its arguments
EPSILON = 2.0**-52


class Proof(NamedTuple):
    """The check, and a line for each extreme at which the code is not what it should be."""

    check: Check
    notes: tuple[str, ...] = ()
    cancelling: tuple[Point, ...] = ()  # samples at which digits are lost


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


def _compare(graph: Graph, point: Point, got: Sequence[float], entries: list[Any], bits: int, most: int) -> float | None:
    """The error at a point; None where there is no value. More bits are asked for while they change the answer."""
    wanted = [_float(e) for e in entries]
    error = _error(got, wanted)
    enough = bits
    while error > TOLERANCE and bits < most:
        bits = min(3 * bits, most)
        again = reference(graph, point, bits)
        if again is None:
            return None
        finer = [0.0 if _is_noise(old, new, bits) else _float(new) for old, new in zip(entries, again, strict=True)]
        settled = _error(finer, wanted) < 1e-15
        wanted, error = finer, _error(got, finer)
        if settled:
            break
        enough = bits
    if error > TOLERANCE and not math.isinf(error) and _is_negligible(graph, point, got, wanted, bits):
        return 0.0
    if error > TOLERANCE and not math.isinf(error):
        error = _forgiven(graph, point, wanted, error, enough)
    return error


def _is_noise(coarse: Any, fine: Any, bits: int) -> bool:
    """Whether a value is zero as far as can be told: with more bits only the roundings shrink."""
    return bool(abs(fine) < 1 and coarse != 0 and abs(fine) <= abs(coarse) * 2.0 ** -(bits // 4)) and abs(_float(fine)) < 1e-30


def _is_negligible(graph: Graph, point: Point, got: Sequence[float], wanted: Sequence[float], bits: int) -> bool:
    """Whether all that is lost is far below what double precision can hold of the terms that cancelled."""
    evaluation = Evaluation(point.values, point.sizes, bits)
    try:
        scales = [_float(_scale(evaluation, root, p)) for root in graph.roots for p in evaluation.positions(root.shape)]
    except ARITHMETIC:
        return False
    if len(scales) != len(got):
        return False
    errors = [(abs(g - w), abs(w), scale) for g, w, scale in zip(got, wanted, scales, strict=True) if abs(g - w) > TOLERANCE * abs(w)]
    return all(w <= NEGLIGIBLE * scale and error <= LOST * scale for error, w, scale in errors)


def _is_rounded(graph: Graph, point: Point, got: Sequence[float]) -> bool:
    """Whether the code is off by no more than roundings in the formula as it is written: where its terms cancel, digits go."""
    evaluation = Evaluation(point.values, point.sizes, ORDINARY_BITS)
    roundings = Roundings(evaluation)
    try:
        entries = [(root, p) for root in graph.roots for p in evaluation.positions(root.shape)]
        if len(entries) != len(got):
            return False
        for (root, p), value in zip(entries, got, strict=True):
            wanted = evaluation.entry(root, {}, p)
            if not abs(value - wanted) <= max(ROUNDINGS * EPSILON * roundings.of(root, p), TINY):
                return False
    except (*ARITHMETIC, TooCostly):
        return False
    return True


def _scale(evaluation: Evaluation, node: Node, position: tuple[int, ...], place: Mapping[Axis, int] | None = None) -> Any:
    """How large the terms are that a value is the sum of; a product or quotient is as uncertain as its factors."""
    place = place or {}
    position = position if node.shape else ()
    if node.op in {"neg", "add"}:
        return max(_scale(evaluation, a, position, place) for a in node.args)
    if node.op == "mul":
        return math.prod((_scale(evaluation, a, position, place) for a in node.args), start=evaluation.context.one)
    if node.op == "div":
        return _scale(evaluation, node.args[0], position, place) / abs(evaluation.entry(node.args[1], place, position))
    if node.op == "sum" and isinstance(node.data, Axis):
        places = [{**place, node.data: k} for k in evaluation.run(node.data)]
        return max((_scale(evaluation, node.args[0], position, p) for p in places), default=evaluation.context.zero)
    return abs(evaluation.entry(node, place, position))


def _forgiven(graph: Graph, point: Point, wanted: list[float], error: float, bits: int) -> float:
    """The error less what one rounding of each argument would do by itself."""
    worst = 0.0
    rng = random.Random(1)
    jumps = bool(JUMPS & {node.op for node in walk(graph.roots)})
    numbers = {node.data[0].key for node in walk(graph.roots) if node.op == "argument" and node.data[0].kind in {"real", "integer"}}
    for _ in range(3):
        moved = {key: _moved(value, rng) for key, value in point.values.items()}
        if not jumps:  # a whole number in an analytic function is a number like any other
            moved |= {key: _moved(as_floats(point.values[key]), rng) for key in numbers}
        entries = reference(graph, Point(moved, point.sizes), bits)
        if entries is not None:
            worst = max(worst, _error([_float(e) for e in entries], wanted))
    return error if error > ROUNDINGS * worst else min(error, TOLERANCE)


JUMPS = frozenset(("floor", "ceil", "round", "mod", "gcd", "delta", "equal", "not_equal", "element", "pick"))


def _moved(value: Any, rng: random.Random) -> Any:
    if isinstance(value, list):
        return [_moved(v, rng) for v in value]
    return value * (1 + rng.choice((-2, -1, 1, 2)) * 2.0**-52) if isinstance(value, float) else value


def entries_of(graph: Graph, case: Case, result: Result) -> list[list[float]]:
    """The entries at each point of a case; an output that does not vary has the same at all of them."""
    parts = list(result.value.values()) if isinstance(result.value, dict) else [result.value]
    count = len(case.points)
    rows: list[list[float]] = [[] for _ in range(count)]
    for root, part in zip(graph.roots, parts, strict=True):
        entries = flat(part)
        own = math.prod(size.value(case.points[0].sizes) for size in root.shape) if case.stacked else len(entries)
        for k in range(count):
            rows[k] += entries if len(entries) == own else entries[k * own : (k + 1) * own] if len(entries) == own * count else []
    return rows


# ---------------------------------------------------------------------------------------------- the verdict
class _Tally:
    """What was compared so far."""

    def __init__(self, references: References, spelled: Callable[[Point], str]) -> None:
        self.references = references
        self.graph = references.graph
        self.spelled = spelled
        self.compared = 0
        self.largest = 0.0
        self.notes: list[str] = []
        self.deadline = 0.0
        self.clear = 0  # samples at which the code is accurate
        self.cancelling: list[Point] = []
        self.cancelled = 0.0  # the largest error at samples at which roundings explain it
        self.rounded: tuple[Point, list[float], float] | None = None  # the first of these

    def failed(self, point: Point, got: Any, reason: str = "", error: float | None = None) -> Check:
        entries = reference(self.graph, point, ORDINARY_BITS)
        right = [_float(e) for e in entries] if entries is not None else None
        shown = right[0] if right is not None and len(right) == 1 else right
        return Check("failed", METHOD, self.compared, error, reason, (*point.values.items(), ("code", got), ("reference", shown)))

    def error(self, point: Point, got: Sequence[float], bits: int) -> float | None:
        """The error of the code at a point."""
        entries = self.references.value(point, bits)
        return None if entries is None else _compare(self.graph, point, got, entries, bits, self.references.most_bits)

    def quickly(self, point: Point, got: Sequence[float]) -> float | None:
        """The error of the code where decimals (at first) or floats confirm it; None where they do not, which says nothing yet."""
        if not self.references.has_arrays:
            return None
        entries = self.references.value(point, DOUBLE) if self.compared else self.references.decimals(point)
        error = math.inf if entries is None else _error(got, entries)
        return error if error <= AGREEMENT else None

    def has_value(self, point: Point) -> bool:
        """Whether there is a value that a float holds."""
        value = self.references.value(point, ORDINARY_BITS)
        return value is not None and all(abs(e) <= HUGE for e in value)

    def sample(self, case: Case, result: Result) -> Check | None:
        """A random sample: a failed check where the code is wrong. What floats confirm of arrays needs no more bits after the first."""
        if result.error:
            found = next((p for p in case.points if self.has_value(p)), None)
            return None if found is None else self.failed(found, result.error, result.error)
        for point, got in zip(case.points, entries_of(self.graph, case, result), strict=True):
            error = self.quickly(point, got)
            error = self.error(point, got, ORDINARY_BITS) if error is None else error
            if error is None:
                continue
            self.compared += 1
            if error > TOLERANCE and not math.isinf(error) and self.references.has_arrays and _is_rounded(self.graph, point, got):
                self.rounded = self.rounded or (point, got, error)
                self.cancelled = max(self.cancelled, error)
                self.cancelling.append(point)
                continue
            if error > TOLERANCE:
                return self.failed(point, got[0] if len(got) == 1 else got, "", error)
            self.clear += 1
            self.largest = max(self.largest, error)
        return None

    def lost(self) -> Check | None:
        """A failed check where terms cancel at all samples: then nothing is confirmed. Else a note where they do at some."""
        if self.rounded is None:
            return None
        if not self.clear:
            point, got, error = self.rounded
            return self.failed(point, got[0] if len(got) == 1 else got, "", error)
        self.notes.append(f"where terms cancel, digits are lost: relative error up to {self.cancelled:.0e} at the samples")
        return None

    def extreme(self, case: Case, result: Result) -> None:
        """Extremes: a note where the code is not what it should be."""
        if result.error:
            if any(self.has_value(point) for point in case.points):
                self.notes.append(f"the code stops at {self.spelled(case.points[0])}: {result.error}")
            return
        self.deadline = self.deadline or time.monotonic() + (ARRAY_SECONDS if self.references.has_arrays else SECONDS)
        undefined = beyond = False  # somewhere there is no value, or one that no float holds
        for point, got in zip(case.points, entries_of(self.graph, case, result), strict=True):
            if time.monotonic() > self.deadline or len(self.notes) >= MOST_NOTES:
                return
            error = self.error(point, got, self.references.extreme_bits)
            if error is None:
                undefined = True
                continue
            if any(abs(e) > HUGE for e in self.references.value(point, self.references.extreme_bits) or ()):
                beyond = True  # an infinite entry may spoil its neighbours
                if math.isinf(error):
                    continue
            self.compared += 1
            if error > TOLERANCE:
                shown = "no value" if math.isinf(error) else f"relative error {error:.0e}"
                self.notes.append(f"not accurate at {self.spelled(point)}: {shown}")
            else:
                self.largest = max(self.largest, error)
        if result.warnings and not undefined and not beyond and not self.notes:
            self.notes.append(f"warns at extreme arguments: {result.warnings[0]}")


def judge(
    graph: Graph,
    cases: Sequence[Case],
    outcome: Outcome,
    spelled: Callable[[Point], str] = str,
    references: References | None = None,
) -> Proof:
    """Compare what the code gave with the reference, case by case; `references` are those that are known already."""
    if outcome.reason:
        failed = "does not load" in outcome.reason
        return Proof(Check("failed" if failed else "unverified", METHOD, reason=outcome.reason))
    tally = _Tally(references or References(graph), spelled)
    try:
        for case, result in zip(cases, outcome.results, strict=True):
            if case.extreme:
                tally.extreme(case, result)
                continue
            wrong = tally.sample(case, result)
            if wrong is not None:
                return Proof(wrong)
    except TooCostly:
        return Proof(Check("unverified", METHOD, tally.compared, reason="the reference value takes too long to compute"))
    lost = tally.lost()
    if lost is not None:
        return Proof(lost)
    if not tally.compared:
        return Proof(Check("unverified", METHOD, reason="no sample at which the expression has a value was found"))
    return Proof(Check("verified", METHOD, tally.compared, tally.largest), tuple(tally.notes), tuple(tally.cancelling))
