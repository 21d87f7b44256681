"""Two sides of a step compared in experiments: worlds are made, both sides evaluated at finer and finer levels until they stand still.

In: expressions over SymPy that may hold random variables and operators on them. Out: a `Check`. What does not stand still, or has no
value, is unverified with the reason; a difference far beyond the numeric error in one experiment is a counterexample.
"""

from __future__ import annotations

import math
import operator
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy as sp

from derive.checking.chance.arrays import VectorLaboratory
from derive.checking.chance.held import Held
from derive.checking.chance.sources import Key
from derive.checking.chance.structure import Structure
from derive.checking.chance.world import World, finite
from derive.checking.frame import Frame, Unevaluable
from derive.derivation import Check
from derive.errors import DeriveError
from derive.expressions.chance import Chance
from derive.expressions.term import Name

if TYPE_CHECKING:
    from derive.checking.chance.terms import Reader
    from derive.probability.model import Model

__all__ = ["Laboratory", "Measured"]

_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt, "<": operator.lt, "≥": operator.ge, "≤": operator.le, "≠": operator.ne,
}  # fmt: skip
BUDGET = 4.0  # seconds for all steps, where no limit is given
WORLDS = 9
NEEDED = 2
LANES = 5
LEVELS = 4
SAME = 1e-8
DIFFERENT = 1e-6
TROUBLE = (ValueError, ZeroDivisionError, OverflowError, TypeError, KeyError)


class Measured(NamedTuple):
    """Values of several expressions in the lanes of a world; `error` is what the numbers may be wrong by, relative to `scale`."""

    world: World
    frame: Frame
    columns: list[list[Any]]
    scale: float
    error: float


class Laboratory:
    """The experiments of one derivation; worlds are shared by all its steps."""

    def __init__(self, model: Model, types: Mapping[Name, Any], deadline: float | None = None) -> None:
        self.structure = Structure(model, types)
        self.deadline = time.monotonic() + BUDGET if deadline is None else deadline
        self._worlds: dict[tuple[int, bool], World | str] = {}
        self.conditions: tuple[Any, ...] = ()  # what the step under check assumes
        self.reader: Reader | None = None

    @cached_property
    def vectors(self) -> VectorLaboratory:
        """Where steps over random vectors are checked."""
        return VectorLaboratory(self.structure)

    def world(self, number: int, *, many: bool = False) -> World:
        """The experiment of this number. Raises Unevaluable where there is none."""
        key = (number, many)
        if key not in self._worlds:
            try:
                self._worlds[key] = World(self.structure, number, many=many)
            except (Unevaluable, DeriveError) as problem:
                self._worlds[key] = str(problem)
            except TROUBLE as problem:
                self._worlds[key] = f"no law with these parameters ({problem})"
        found = self._worlds[key]
        if isinstance(found, str):
            raise Unevaluable(found)
        return found

    def admits(self, world: World, frame: Frame | None = None) -> bool:
        """Whether the assumptions hold in a world: those about parameters, and those about the data of a frame."""
        frame = world.frame() if frame is None else frame
        for condition in self.conditions:
            piece, sign, bound = condition if isinstance(condition, tuple) else (condition, "", 0)
            try:
                expression = self.reader.read(piece) if self.reader is not None else piece
                value = frame.values(expression)[0]
            except (Unevaluable, DeriveError):
                continue  # about random variables, or in words
            if sign and finite(value):
                value = _HOLDS[sign](value, bound)
            if value is False:
                return False
        return True

    # ── measuring ────────────────────────────────────────────────────────────────────────────────────────────────────

    def measured(self, world: World, frame: Frame, expressions: Sequence[Any]) -> Measured:
        """The values of the expressions, at the first level at which they are the same as at the one before."""
        before: tuple[list[list[Any]], list[float]] | None = None
        reason = "the sums over the law do not converge"
        poles = any(_may_have_pole(e) for e in expressions)
        for level in range(LEVELS):
            if time.monotonic() > self.deadline:
                raise Unevaluable("the time limit was met")
            world.fresh(level)
            fresh = frame.child(range(frame.lanes))
            try:
                columns = [_reals(fresh.values(e)) for e in expressions]
            except Unevaluable as problem:
                if level >= 2 and before is not None:
                    raise Unevaluable(f"{reason}; {problem}") from None
                raise
            sizes = list(world.sizes)
            scale = max((s for s in sizes if math.isfinite(s)), default=0.0)
            if world.is_exact and not world.diverges:
                return Measured(world, fresh, columns, scale, 0.0)
            if before is not None and not world.diverges:
                change = _change(before, (columns, sizes), scale, 1e-2 if poles else 0.3)
                if change <= SAME:
                    return Measured(world, fresh, columns, scale, change)
            before = (columns, sizes)
        raise Unevaluable(reason)

    def free(self, world: World, expressions: Sequence[Any], lanes: int = LANES) -> Frame:
        """A frame in which the free random variables of the expressions have values from the joint law."""
        keys: set[Key] = world.keys_of(expressions)
        return world.drawn(keys, lanes) if keys else world.frame()

    # ── verdicts ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def experiments(self, judge: Callable[[World], tuple[int, float, tuple[Any, ...] | None, bool]], *, many: bool = False) -> Check:
        """The verdict over several worlds. `judge` gives points, error, a counterexample, and whether sums were exact."""
        points, good, worst, exact = 0, 0, 0.0, True
        reason = ""
        for number in range(WORLDS):
            if time.monotonic() > self.deadline:
                return Check("unverified", reason="the time limit was met")
            try:
                world = self.world(number, many=many)
                if not self.admits(world):
                    reason = reason or "no experiment in which the assumptions hold"
                    continue
                found, error, counterexample, is_exact = judge(world)
            except Unevaluable as problem:
                reason = reason or str(problem)
                continue
            except DeriveError as problem:
                return Check("unverified", reason=f"no numbers for it: {problem.message}")
            except TROUBLE as problem:
                reason = reason or f"no value with these parameters ({problem})"
                continue
            except RecursionError:
                return Check("unverified", reason="an expression nested too deeply to be evaluated")
            exact = exact and is_exact
            method = "enumeration" if exact else "quadrature"
            if counterexample is not None:
                return Check("failed", method, points + 1, counterexample=counterexample)
            if found:
                points += found
                good += 1
                worst = max(worst, error)
            if good >= NEEDED:
                return Check("verified", method, points, worst)
        return Check("unverified", reason=f"no numbers for it: {reason}" if reason else "no experiment in which both sides have a value")

    def compare(self, left: Any, right: Any, relation: str = "=", *, many: bool = False) -> Check:
        """Whether `left relation right` in every experiment; with larger samples where these are data only."""
        check = self.experiments(lambda world: self.pair(world, left, right, relation), many=many)
        sides = [s for s in (left, right) if isinstance(s, sp.Basic)]
        if check.method == "enumeration" and any(s.has(sp.Integral) for s in sides):
            return replace(check, method="quadrature")
        if check.method == "enumeration" and not any(s.has(Chance, Held, sp.Sum) for s in sides):
            return replace(check, method="evaluation at points")
        return check

    def pair(self, world: World, left: Any, right: Any, relation: str) -> tuple[int, float, tuple[Any, ...] | None, bool]:
        """The comparison in one world."""
        costly = any(isinstance(s, sp.Basic) and s.has(sp.Integral) for s in (left, right))
        found = self.measured(world, self.free(world, [left, right], 2 if costly else LANES), [left, right])
        exact = world.is_exact
        points, worst = 0, 0.0
        for lane, (a, b) in enumerate(zip(*found.columns, strict=True)):
            if not (finite(a) and finite(b)):
                continue
            gap = violation(a, b, relation)
            size = max(abs(a), abs(b))
            if gap > DIFFERENT * size + (1e-9 + 100 * found.error) * found.scale and gap > 1e-13:
                shown = (*world.counterexample(found.frame, lane), ("left", float(a)), ("right", float(b)))
                return 0, 0.0, shown, exact
            if gap <= 10 * SAME * size + 1e-11 * max(found.scale, 1e-3):
                points += 1
                worst = max(worst, gap / size if a and b and size > 1e-9 * found.scale else gap)
        return points, worst, None, exact


def _may_have_pole(expression: Any) -> bool:
    """Whether an operator is taken of something that may be infinite: a negative or broken power, a logarithm, and the like."""
    if not isinstance(expression, sp.Basic):
        return False
    return any(_has_pole(operand) for node in expression.atoms(Chance) for operand in node.operands) or expression.has(Held)


def _has_pole(operand: Any) -> bool:
    for node in sp.preorder_traversal(operand):
        if isinstance(node, sp.Pow) and not (node.exp.is_Integer and node.exp > 0) and node.base.free_symbols and node.base is not sp.E:
            return True
        if isinstance(node, (sp.log, sp.tan, sp.gamma, sp.loggamma, sp.polygamma)):
            return True
    return False


def violation(a: Any, b: Any, relation: str) -> float:
    """By how much a relation is violated."""
    if relation in ("≤", "<", "<="):
        return max(float(a - b), 0.0)
    if relation in ("≥", ">", ">="):
        return max(float(b - a), 0.0)
    return float(abs(a - b))


def _reals(column: list[Any]) -> list[Any]:
    return [v.real if isinstance(v, complex) and abs(v.imag) <= 1e-12 * abs(v) else v for v in column]


def _change(before: tuple[list[list[Any]], list[float]], now: tuple[list[list[Any]], list[float]], scale: float, still: float) -> float:
    """How much the values and the absolute sums moved; infinite where values came or went."""
    worst = 0.0
    for old, new in zip(before[0], now[0], strict=True):
        for a, b in zip(old, new, strict=True):
            if not (finite(a) and finite(b)):
                if finite(a) != finite(b):
                    return math.inf
                continue
            size = max(abs(a), abs(b), 1e-3 * scale)
            worst = max(worst, abs(a - b) / size if size else 0.0)
    if len(before[1]) != len(now[1]):
        return math.inf
    for a, b in zip(before[1], now[1], strict=True):
        if not (math.isfinite(a) and math.isfinite(b)):
            return math.inf
        if max(a, b) > 1e-6 * scale and abs(a - b) > still * max(a, b):
            return math.inf
    return worst


def parts_of(value: Any) -> list[Any] | None:
    """The entries of a tuple or a matrix; None for a scalar."""
    if isinstance(value, sp.MatrixBase):
        return list(value.flat())
    if isinstance(value, (sp.Tuple, tuple, list)):
        return list(value)
    return None
