"""What steps over scalars claim beside equality: that a point is the best of all feasible ones, that a list of stationary points is whole.

In: a Claim over SymPy expressions and what the steps of a derivation share. Out: a `Check`. An optimum is compared with feasible points; a
list of stationary points with points found from random starts, by differences of the function. Nothing here differentiates.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.checking.evaluate import root_frame
from derive.checking.feasible import Programme, solved, tried
from derive.checking.frame import Unevaluable
from derive.derivation import Check, Claim
from derive.errors import DeriveError

if TYPE_CHECKING:
    from derive.checking.compare import Comparison
    from derive.checking.sampling import Sample

__all__ = ["check_claim"]

DRAWS = 3
TRIES = 12
STARTS = 24
ROUNDS = 40
H = 1e-4
SAME = 1e-5
ZERO = 1e-6
MARGIN = sp.Float(1e-6)  # a point near the end of an open interval is not tried

Function = Callable[[Sequence[float]], float]


def check_claim(claim: Claim, shared: Comparison, compare: Callable[[Any, Any, str], Check]) -> Check:
    """The check of a claim; `compare` compares two values as the sides of a step are."""
    if claim.kind == "equal":
        return compare(claim.left, claim.right, "=")
    if claim.kind == "at-most":
        return compare(claim.left, claim.right, "≤")
    if claim.kind not in ("optimum", "stationary"):
        return Check("unverified", reason=f"claims of the kind {claim.kind} are not checked")
    work = _optimum if claim.kind == "optimum" else _stationary
    found = 0
    trouble = ""
    for number in range(TRIES):
        point = _Data(shared.sample(number // 6), number % 6)
        if not all(_holds(condition, point) for condition in claim.under if not condition.has(*claim.over)):
            continue
        try:
            check = work(claim, point, number)
        except (Unevaluable, DeriveError, OverflowError, ValueError, ZeroDivisionError) as problem:
            trouble = str(problem)
            continue
        if check.status == "failed":
            return check
        if check.status == "unverified":
            trouble = check.reason
            continue
        found += 1
        if found == DRAWS or not _parameters(claim):
            return check
    if found >= 2:
        return Check("verified", "feasible points" if claim.kind == "optimum" else "random starts", found)
    return Check("unverified", reason=trouble or "no data for which the assumptions hold")


def _parameters(claim: Claim) -> set[Any]:
    values = sp.Tuple(claim.left, *(v for v in _listed(claim.right) if isinstance(v, sp.Basic)), *claim.under)
    return set(values.atoms(sp.Symbol, sp.Indexed)) - set(claim.over)


def _listed(value: Any) -> list[Any]:
    return [x for part in value for x in _listed(part)] if isinstance(value, (tuple, list, sp.Tuple)) else [value]


class _Data:
    """One point of a sample, with variables at given values."""

    curves: tuple[Any, ...] = ()
    count = 1

    def __init__(self, sample: Sample, place: int, values: dict[str, float] | None = None) -> None:
        self.sample = sample
        self.place = place
        self.values = values or {}

    def column(self, symbol: sp.Symbol) -> Sequence[Any]:
        """The value of a symbol."""
        if symbol.name in self.values:
            return [self.values[symbol.name]]
        return [self.sample.column(symbol)[self.place]]

    def entry(self, label: sp.Symbol, indices: tuple[int, ...], point: int) -> Any:
        """The entry of an array."""
        return self.sample.entry(label, indices, self.place)

    def at(self, expression: Any, names: Sequence[str] = (), values: Sequence[float] = ()) -> float:
        """The real value of an expression; nan where it has none."""
        moved = _Data(self.sample, self.place, dict(zip(names, values, strict=True)))
        found = root_frame(moved).values(expression)[0]
        if isinstance(found, complex):
            found = found.real if found.imag == 0 else math.nan
        try:
            return float(found)
        except (TypeError, OverflowError):
            return math.nan


def _holds(condition: Any, point: _Data) -> bool:
    if not isinstance(condition, sp.Rel):
        return True
    try:
        left, right = point.at(condition.lhs), point.at(condition.rhs)
    except (Unevaluable, DeriveError):
        return False
    signs = {sp.Gt: left > right, sp.Ge: left >= right, sp.Lt: left < right, sp.Le: left <= right, sp.Ne: left != right}
    return signs.get(type(condition), abs(left - right) <= 1e-9 * (1 + abs(left)))


# ── optima ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _optimum(claim: Claim, point: _Data, number: int) -> Check:
    names = [v.name for v in claim.over]
    relations = [r for r in claim.under if r.has(*claim.over)]

    def values(expressions: Sequence[Any]) -> Callable[[list[float]], list[float]]:
        return lambda entries: [point.at(e, names, entries) for e in expressions]

    equal = [r.lhs - r.rhs for r in relations if isinstance(r, sp.Eq)]
    gaps = [(r.lhs - r.rhs if isinstance(r, (sp.Le, sp.Lt)) else r.rhs - r.lhs, r) for r in relations if not isinstance(r, sp.Eq)]
    below = [gap + (MARGIN if isinstance(r, (sp.Lt, sp.Gt)) else 0) for gap, r in gaps]
    for variable in claim.over:
        if variable.is_nonnegative:
            below.append((MARGIN if variable.is_positive else 0) - variable)
        elif variable.is_nonpositive:
            below.append((MARGIN if variable.is_negative else 0) + variable)
    programme = Programme(lambda entries: point.at(claim.left, names, entries), values(equal), values(below))
    best = [point.at(value) for value in claim.right]
    trial = tried(programme, best, number)
    if trial.better is not None:
        data = tuple((s.name, point.at(s)) for s in sorted(_parameters(claim), key=str) if isinstance(s, sp.Symbol) and not s.is_integer)
        there = tuple(zip(names, trial.better, strict=True))
        return Check("failed", "feasible points", trial.points, counterexample=(*data, *there, ("there", trial.reached)))
    if trial.trouble:
        return Check("unverified", reason=trial.trouble)
    return Check("verified", "feasible points", trial.points)


# ── stationary points ────────────────────────────────────────────────────────────────────────────────────────────────


def _stationary(claim: Claim, point: _Data, number: int) -> Check:
    """Every listed point has slopes that are zero, and no other is found from random starts."""
    names = [v.name for v in claim.over]
    listed = [[point.at(v) for v in place] for place in claim.right]
    if not all(math.isfinite(v) for place in listed for v in place):
        raise Unevaluable("a listed point has no value")

    def function(entries: Sequence[float]) -> float:
        return point.at(claim.left, names, entries)

    for place in listed:
        slopes = _slopes(function, place)
        scale = 1 + abs(function(place)) + max(_curvatures(function, place), default=0.0)
        if not all(abs(s) <= ZERO * scale for s in slopes):
            return Check("failed", "differences", counterexample=(*zip(names, place, strict=True), ("slope", max(slopes, key=abs))))
    random = Random(31 * number + len(names))
    for k in range(STARTS):
        spread = (1.0, 3.0, 10.0)[k % 3]
        start = [_inside(v, random.uniform(-spread, spread)) for v in claim.over]
        reached = _newton(function, start, claim.over)
        if reached is None or not all(map(_admitted, claim.over, reached)):
            continue
        size = 1 + max(map(abs, reached))
        if all(max(abs(a - b) for a, b in zip(place, reached, strict=True)) > 100 * SAME * size for place in listed):
            return Check("failed", "random starts", k + 1, counterexample=(*zip(names, reached, strict=True), ("slope", 0.0)))
    return Check("verified", "random starts", STARTS)


def _inside(variable: Any, value: float) -> float:
    return abs(value) if variable.is_nonnegative else -abs(value) if variable.is_nonpositive else value


def _admitted(variable: Any, value: float) -> bool:
    return not ((variable.is_nonnegative and value < 0) or (variable.is_nonpositive and value > 0))


def _moved(entries: Sequence[float], *moves: tuple[int, float]) -> list[float]:
    made = list(entries)
    for place, step in moves:
        made[place] += step
    return made


def _step(x: float) -> float:
    return H * (1 + abs(x))


def _slopes(function: Function, at: Sequence[float]) -> list[float]:
    found = []
    for k, x in enumerate(at):
        h = _step(x)
        pairs = [function(_moved(at, (k, s * d * h))) for d in (1, 2) for s in (1, -1)]
        found.append((8 * (pairs[0] - pairs[1]) - (pairs[2] - pairs[3])) / (12 * h))
    return found


def _curvatures(function: Function, at: Sequence[float]) -> list[float]:
    return [abs(row[k]) for k, row in enumerate(_second(function, at)) if math.isfinite(row[k])]


def _second(function: Function, at: Sequence[float]) -> list[list[float]]:
    rows = [[0.0] * len(at) for _ in at]
    for i in range(len(at)):
        ahead, behind = (_slopes(function, _moved(at, (i, s * _step(at[i])))) for s in (1, -1))
        for j in range(len(at)):
            rows[i][j] = (ahead[j] - behind[j]) / (2 * _step(at[i]))
    return rows


def _newton(function: Function, start: list[float], over: Sequence[Any]) -> list[float] | None:
    """A regular zero of the slopes, from a start; None where the steps do not settle or the point is not regular."""
    now = start
    for _ in range(ROUNDS):
        slopes = _slopes(function, now)
        rows = _second(function, now)
        if not all(map(math.isfinite, slopes)) or not all(math.isfinite(v) for row in rows for v in row):
            return None
        step = solved(rows, slopes)
        size = 1 + max(map(abs, now))
        if step is None or size > 1e3:
            return None
        length = max(map(abs, step))
        if length < SAME * size * 1e-2:
            scale = 1 + max(abs(v) for row in rows for v in row)
            steep = max(abs(s) for s in slopes) > 1e-7 * scale
            return None if steep or abs(_determinant(rows)) < 1e-3 else now
        bound = min(1.0, size / length)
        now = [x - bound * s for x, s in zip(now, step, strict=True)]
    return None


def _determinant(rows: list[list[float]]) -> float:
    matrix = [list(r) for r in rows]
    found = 1.0
    for k in range(len(matrix)):
        pivot = max(range(k, len(matrix)), key=lambda i: abs(matrix[i][k]))
        if not matrix[pivot][k]:
            return 0.0
        matrix[k], matrix[pivot] = matrix[pivot], matrix[k]
        found *= matrix[k][k]
        for i in range(k + 1, len(matrix)):
            factor = matrix[i][k] / matrix[k][k]
            matrix[i] = [a - factor * b for a, b in zip(matrix[i], matrix[k], strict=True)]
    return found
