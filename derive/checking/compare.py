"""Two expressions compared at points: in doubles first, in multiple precision wherever doubles leave a doubt.

In: two scalar expressions, the relation that should hold, samples. Out: a `Check`.
Cancellation is told from error by precision: a difference that doubles show must remain at 30 digits to count.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import mpmath
import sympy as sp

from derive.checking.arithmetic import Arithmetic, multiple_precision
from derive.checking.curves import Curve
from derive.checking.differences import spare_digits
from derive.checking.evaluate import root_frame
from derive.checking.frame import Column, Frame, Unevaluable, undefined
from derive.checking.sampling import Sample
from derive.derivation import Check
from derive.expressions.nodes import SoftmaxAt
from derive.expressions.term import Name

if TYPE_CHECKING:
    from derive.meaning.scope import Type

__all__ = ["Comparison"]

NEEDED = 3
BATCHES = 4
TOLERANCE = 1e-9
ROUNDING = 1e-12  # of summands of size 1
FINE_TOLERANCE = 1e-18
DIGITS = 30
MAX_DIGITS = 400


class Comparison:
    """Everything that the checks of one derivation share: points, the values of subexpressions there, arithmetics."""

    def __init__(self, types: Mapping[Name, Type], curves: Sequence[Curve] = ()) -> None:
        self.types = types
        self.curves = tuple(curves)
        self._frames: dict[int, Frame] = {}
        self._samples: dict[int, Sample] = {}
        self._fine: dict[int, Arithmetic] = {}

    def sample(self, batch: int) -> Sample:
        """The points of a batch."""
        if batch not in self._samples:
            made = self._samples[batch] = Sample(self.types, 6, batch)
            made.constrain(self.curves)
        return self._samples[batch]

    def frame(self, batch: int) -> Frame:
        """The values at the points of a batch, in doubles."""
        if batch not in self._frames:
            self._frames[batch] = root_frame(self.sample(batch))
        return self._frames[batch]

    def fine_frame(self, batch: int, points: Sequence[int], *expressions: Any, further: int = 0) -> Frame:
        """Values at some points of a batch in multiple precision, enough digits for 30 (and `further`) that count."""
        digits = DIGITS + 10 + further + max(map(spare_digits, expressions))
        if digits not in self._fine:
            self._fine[digits] = multiple_precision(digits)
        return root_frame(self.sample(batch), self._fine[digits], list(points))

    def compare(self, left: Any, right: Any, relation: str = "=", *, assumed: bool = False) -> Check:
        """Whether `left relation right` for = ≤ < ≥ > ∝. `assumed`: the step states assumptions, so domains may differ."""
        exact = _exactly(left, right, relation)
        if exact is not None:
            return exact
        return _Comparing(self, left, right, relation, assumed).check()

    def counterexample(self, left: Any, right: Any, batch: int, point: int, values: tuple[Any, Any]) -> tuple[tuple[str, Any], ...]:
        """The values of the names at a point, and what both sides are there."""
        symbols = left.atoms(sp.Symbol) | right.atoms(sp.Symbol)
        return (*self.sample(batch).described(symbols, point), ("left", _plain(values[0])), ("right", _plain(values[1])))


def _exactly(left: Any, right: Any, relation: str) -> Check | None:
    """The decision by exact arithmetic, where both sides are the same or rational."""
    if left == right and relation in ("=", "≤", "≥", "<=", ">=", "∝"):
        return Check("exact", "exact arithmetic")
    if left.is_Rational and right.is_Rational and relation in _HOLDS:
        if _HOLDS[relation](left, right):
            return Check("exact", "exact arithmetic")
        return Check("failed", "exact arithmetic", counterexample=(("left", str(left)), ("right", str(right))))
    return None


_HOLDS = {
    "=": lambda a, b: bool(a == b),
    "≤": lambda a, b: bool(a <= b),
    "≥": lambda a, b: bool(a >= b),
    "<": lambda a, b: bool(a < b),
    ">": lambda a, b: bool(a > b),
}


def _plain(value: Any) -> Any:
    """A number that every format can show."""
    if isinstance(value, int):
        return value
    if value.imag:
        return complex(value)
    return float(value.real)


def _finite(value: Any) -> bool:
    """Whether the value is a finite real number (in either arithmetic)."""
    if type(value) is float:
        return math.isfinite(value)
    if value.imag and abs(value.imag) > 1e-25 * abs(value.real):
        return False
    return bool(abs(value.real) < math.inf)


class _Comparing:
    """One comparison: what was found so far."""

    def __init__(self, shared: Comparison, left: Any, right: Any, relation: str, assumed: bool) -> None:
        self.shared = shared
        self.left = left
        self.right = right
        self.relation = relation
        self.assumed = assumed
        self.points = 0
        self.error = 0.0
        self.fine = False
        self.telling = False  # whether a side was other than zero anywhere
        self.ratios: list[Any] = []
        self.failure: tuple[tuple[str, Any], ...] | None = None
        self.reason = ""
        self.uncertain: dict[int, list[int]] = {}

    def check(self) -> Check:
        """The verdict after as many batches of points as are needed; an inequality, which may hold by chance, has all of them."""
        lenient = self.relation not in ("=", "∝") and not self._constant()
        for batch in range(BATCHES):
            self._in_doubles(batch)
            if lenient and self.failure is None:
                continue
            if self._decided() and (self.failure is not None or batch >= 2 or (self.telling and self._both_arms(batch))):
                break
        for batch in range(2):  # where doubles found too little: what they could not evaluate
            if not self._decided():
                self._finely(batch, self.uncertain.get(batch, []))
        if self.failure is not None:
            return Check("failed", self._method(), self.points, counterexample=self.failure)
        if self._decided():
            return Check("verified", self._method(), self.points, self.error if self.error > 1e-40 else 0.0)
        reason = self.reason or "no point was found at which both sides are finite real numbers"
        return Check("unverified", self._method(), self.points, reason=reason)

    def _both_arms(self, last: int) -> bool:
        """Whether every condition was met true and false at the points so far."""
        frames = [self.shared.frame(batch) for batch in range(last + 1)]
        count = max(len(frame.conditions) for frame in frames)
        if any(len(frame.conditions) != count for frame in frames):
            return True
        return all(len({v for frame in frames for v in frame.conditions[c]} - {None}) == 2 for c in range(count))

    def _decided(self) -> bool:
        return self.failure is not None or self.points >= NEEDED or bool(self.points and self._constant())

    def _constant(self) -> bool:
        return not (self.left.free_symbols or self.right.free_symbols)

    def _in_doubles(self, batch: int) -> None:
        """Compares at the points of a batch; looks again, in multiple precision, where the sides differ."""
        frame = self.shared.frame(batch)
        try:
            lefts, rights = frame.values(self.left), frame.values(self.right)
        except Unevaluable as problem:
            self.reason = str(problem)
            self.uncertain[batch] = list(range(frame.lanes))
            return
        differ: list[int] = []
        lost: list[int] = []
        for point, (a, b) in enumerate(zip(lefts, rights, strict=True)):
            if not _finite(a):
                self.uncertain.setdefault(batch, []).append(point)
            elif not _finite(b):
                lost.append(point)
            elif (error := self._error(a, b)) <= TOLERANCE:
                self.points += 1
                self.error = max(self.error, error)
                self.telling = self.telling or bool(a)
            else:
                differ.append(point)
        if differ:
            differ = self._beyond_rounding(frame, differ, lefts, rights)
            self._finely(batch, differ[:3] if self.points >= NEEDED else differ)
        if lost and not self.assumed and self.failure is None:
            self._finely(batch, lost[:2])

    def _beyond_rounding(self, frame: Frame, points: list[int], lefts: Column, rights: Column) -> list[int]:
        """Without the points at which the difference is rounding of the summands, or of next to nothing where others decide."""
        scales = [max(sizes) for sizes in zip(_scale(frame, self.left), _scale(frame, self.right), strict=True)]
        found = []
        for point in points:
            difference = float(abs(lefts[point] - rights[point]))
            if self.relation != "∝" and difference <= ROUNDING * min(scales[point], 1.0):
                self.points += 1
                self.error = max(self.error, difference)
                self.telling = True
            elif self.relation == "∝" or difference > ROUNDING or self.points < NEEDED:
                found.append(point)
        return found

    def _error(self, a: Any, b: Any) -> float:
        """The relative violation of the relation; 0 where it holds."""
        difference = a - b
        size = max(abs(a), abs(b))
        if self.relation in ("≤", "<"):
            difference = max(difference, 0)
        elif self.relation in ("≥", ">"):
            difference = max(-difference, 0)
        elif self.relation == "∝":
            if not size:
                return 0.0
            if not (a and b):
                return 1.0
            self.ratios.append(a / b)
            return float(abs(self.ratios[0] - a / b) / abs(self.ratios[0]))
        if not difference:
            return 0.0
        return float(abs(difference) / size)

    def _finely(self, batch: int, points: list[int]) -> None:
        """Decides in multiple precision."""
        if not points:
            return
        try:
            frame = self.shared.fine_frame(batch, points, self.left, self.right)
            lefts, rights = frame.values(self.left), frame.values(self.right)
        except Unevaluable as problem:
            self.reason = str(problem)
            return
        self.fine = True
        approximate = any(side.has(sp.Integral, sp.Limit) for side in (self.left, self.right))
        relative, absolute = (1e-9, 1e-12) if approximate else (FINE_TOLERANCE, 1e-28)
        for point, a, b in zip(points, lefts, rights, strict=True):
            if not _finite(a):
                continue
            if not _finite(b):
                leaves_the_reals = not undefined(b) and b.imag and abs(b.imag) > 1e-9 and abs(b) < math.inf
                if leaves_the_reals and not self.assumed and _is_real_throughout(frame, self.left, points.index(point)):
                    self.failure = self.shared.counterexample(self.left, self.right, batch, point, (a, b))
                    return
                continue
            error = self._error(a.real, b.real)
            if error > relative and abs(a - b) > absolute:
                rest = self._remainder(frame, batch, point, a - b)
                if rest is None:
                    continue
                if rest:
                    self.failure = self.shared.counterexample(self.left, self.right, batch, point, (a, b))
                    return
                error = 0.0
            self.points += 1
            self.error = max(self.error, min(error, float(abs(a - b))))
            self.telling = self.telling or bool(a)

    def _remainder(self, frame: Frame, batch: int, point: int, difference: Any) -> bool | None:
        """Whether a difference remains the same at higher precision; None where precision does not settle it.

        The further digits cover the largest number met on the way, so that total cancellation is no agreement.
        """
        if self.relation == "∝":
            return True
        further = DIGITS + _decimal_size(frame)
        for _ in range(3):
            finer = self.shared.fine_frame(batch, [point], self.left, self.right, further=min(further, MAX_DIGITS))
            again = finer.values(self.left)[0] - finer.values(self.right)[0]
            if abs(again - difference) <= 1e-6 * abs(again):
                return True
            if abs(again) <= 1e-25 or abs(again) <= abs(difference) * 1e-25:
                return False
            difference, further = again, 2 * further + _decimal_size(finer)
        return None

    def _method(self) -> str:
        both = (self.left, self.right)
        if any(e.has(sp.Derivative) for e in both):
            return "finite differences" if self.fine else "complex step"
        if any(e.has(sp.Integral) for e in both):
            return "quadrature"
        if any(e.has(sp.Limit) for e in both):
            return "values near the place"
        if any(e.has(sp.Sum, sp.Product) for e in both):
            return "summation"
        return "high-precision evaluation" if self.fine or self._constant() else "evaluation at points"


def _is_real_throughout(frame: Frame, expression: Any, lane: int) -> bool:
    """Whether every part is real in a lane: (log sin x)′ is real where log sin x is not, and says nothing there."""
    if isinstance(expression, (sp.Sum, sp.Product, sp.Integral, sp.Limit, sp.Subs, SoftmaxAt, sp.Piecewise, sp.Tuple)):
        return True
    inner = expression.args[:1] if isinstance(expression, sp.Derivative) else expression.args
    if not all(_is_real_throughout(frame, part, lane) for part in inner if isinstance(part, sp.Expr)):
        return False
    try:
        value = frame.values(expression)[lane]
    except Unevaluable:
        return True
    return undefined(value) or not value.imag or abs(value.imag) <= 1e-25 * abs(value.real)


def _decimal_size(frame: Frame) -> int:
    """The decimal exponent of the largest number among all subexpressions."""
    sizes = (abs(v) for column in frame.memo.values() for v in column if not isinstance(v, bool))
    largest = max((v for v in sizes if v < math.inf), default=1)
    return int(mpmath.log10(largest)) + 1 if largest > 1 else 0


def _scale(frame: Frame, e: Any) -> Sequence[float]:
    """The largest summand in every lane: rounding is relative to it."""
    if not e.is_Add:
        return [0.0] * frame.lanes
    columns = [frame.values(a) for a in e.args]
    return [max(map(abs, values)) for values in zip(*columns, strict=True)]
