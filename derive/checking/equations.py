"""Steps between equations: what solves one side must solve the other.

In: two statements (equations, alternatives, conjunctions, tuples of them) and the relation ⇔, ⇒ or =. Out: a `Check`.
A statement holds at a point where its residual is small against its two sides; points are found as roots of one side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import sympy as sp
from sympy.logic.boolalg import And, Or

from derive.checking.compare import Comparison
from derive.checking.curves import Curve
from derive.checking.evaluate import root_frame
from derive.checking.frame import Unevaluable, undefined
from derive.checking.sampling import Sample
from derive.derivation import Check

__all__ = ["check_equations"]

NEEDED = 3
TOLERANCE = 1e-8
CURVE_BATCHES = 9  # few points of a draw may have a root of the curve over them


def check_equations(left: Any, right: Any, relation: str, shared: Comparison) -> Check:
    """Whether `right` holds where `left` does, and the other way round for ⇔ and =."""
    if left == right:
        return Check("exact", "exact arithmetic")
    if relation not in ("=", "⇔", "⇒"):
        return Check("unverified", reason=f"the relation {relation} between statements is not checked")
    if not (_equational(left) and _equational(right)):
        return _same_truth(left, right, relation, shared)
    if shared.curves:
        found = _on_curves(left, right, shared)
        if found is not None:
            return found
    forward = _follows(left, right, shared)
    if forward.status == "failed" or relation == "⇒":
        return forward
    backward = _follows(right, left, shared)
    if backward.status == "failed" or forward.status == "unverified":
        return backward
    if backward.status == "unverified":
        return forward
    return Check("verified", forward.method, min(forward.points, backward.points), max(forward.max_error or 0, backward.max_error or 0))


def _equational(statement: Any) -> bool:
    if isinstance(statement, (And, Or, sp.Tuple)):
        return all(map(_equational, statement.args))
    return isinstance(statement, sp.Eq)


def _violation(statement: Any, frame: Any) -> list[float]:
    """How far the statement is from holding, relative to its sides, in every lane."""
    if isinstance(statement, sp.Eq):
        pairs = zip(frame.values(statement.lhs), frame.values(statement.rhs), strict=True)
        return [_relative(a, b) for a, b in pairs]
    columns = [_violation(part, frame) for part in statement.args]
    choose = min if isinstance(statement, Or) else max
    return [choose(values) if not any(map(undefined, values)) else math.nan for values in zip(*columns, strict=True)]


def _relative(a: Any, b: Any) -> float:
    size = max(abs(a), abs(b), 1e-2)
    return float(abs(a - b) / size)


def _on_curves(left: Any, right: Any, shared: Comparison) -> Check | None:
    """Both statements at points of the curves that are in force; None where the first does not hold there."""
    points, error = 0, 0.0
    for batch in range(CURVE_BATCHES):
        frame = shared.frame(batch)
        try:
            first, second = _violation(left, frame), _violation(right, frame)
        except Unevaluable:
            return None
        good = [p for p, v in enumerate(first) if v <= TOLERANCE and not undefined(second[p])]
        wrong = [p for p in good if second[p] > TOLERANCE]
        points += len(good)
        if wrong:
            example = _example(left, right, shared.sample(batch), wrong[0], second)
            return Check("failed", "evaluation on the curve", points, counterexample=example)
        error = max([error, *(second[p] for p in good)])
        if points >= NEEDED:
            return Check("verified", "evaluation on the curve", points, error)
    return None


def _example(left: Any, right: Any, sample: Sample, point: int, violation: Sequence[float]) -> tuple[tuple[str, Any], ...]:
    symbols = left.atoms(sp.Symbol) | right.atoms(sp.Symbol)
    return (*sample.described(symbols, point), ("difference", violation[point]))


def _alternatives(statement: Any) -> list[Any]:
    return list(statement.args) if isinstance(statement, Or) else [statement]


def _follows(given: Any, wanted: Any, shared: Comparison) -> Check:
    """Whether every solution of `given` that is found solves `wanted`."""
    points, error = 0, 0.0
    for equation in _alternatives(given):
        for variable in _unknowns(equation, wanted, shared.curves):
            found = 0
            for batch in range(3):
                sample = Sample(shared.types, 6, 50 + batch)
                sample.constrain((*shared.curves, *_solving(equation, variable)))
                frame = root_frame(sample)
                try:
                    solved, follows = _violation(given, frame), _violation(wanted, frame)
                except Unevaluable as problem:
                    return Check("unverified", reason=str(problem))
                for point, (a, b) in enumerate(zip(solved, follows, strict=True)):
                    if not a <= 1e-9 or undefined(b):
                        continue
                    if b > TOLERANCE:
                        example = _example(given, wanted, sample, point, follows)
                        return Check("failed", "roots of the equation", points, counterexample=example)
                    found += 1
                    error = max(error, b)
                if found >= NEEDED:
                    break
            points += found
            if found:
                break
    if points:
        return Check("verified", "roots of the equation", points, error)
    return Check("unverified", reason="no solution was found at which to compare")


def _solving(equation: Any, variable: Any) -> tuple[Curve, ...]:
    """The curve of one equation; of several at once only those that name one unknown each."""
    parts = equation.args if isinstance(equation, (And, sp.Tuple)) else (equation,)
    if len(parts) == 1:
        return (Curve(parts[0].lhs - parts[0].rhs, variable),)
    return tuple(Curve(p.lhs - p.rhs, p.lhs) for p in parts if isinstance(p.lhs, sp.Symbol))


def _unknowns(equation: Any, other: Any, curves: Sequence[Curve]) -> list[Any]:
    """The names that one may solve for: those that stand alone on a side first."""
    alone = [s for s in (equation, other) if isinstance(s, sp.Eq) and isinstance(s.lhs, sp.Symbol) and s.lhs not in s.rhs.free_symbols]
    first = [s.lhs for s in alone if s.lhs in equation.free_symbols]
    indexed = {i.args[0].args[0] for i in equation.atoms(sp.Indexed)}
    follow = {s for curve in curves for s in curve.residual.free_symbols}  # they move together: none is free to be solved for
    free = (s for s in equation.free_symbols - follow if isinstance(s, sp.Symbol) and s not in indexed and not s.is_integer)
    names = sorted(free, key=str)
    return [s for s in dict.fromkeys([*first, *names]) if s not in follow][:4]


def _same_truth(left: Any, right: Any, relation: str, shared: Comparison) -> Check:
    """Conditions compared by whether they hold at points."""
    points, seen = 0, set()
    for batch in range(3):
        frame = shared.frame(batch)
        try:
            lefts, rights = frame.values(left), frame.values(right)
        except Unevaluable as problem:
            return Check("unverified", reason=str(problem))
        for point, (a, b) in enumerate(zip(lefts, rights, strict=True)):
            if a not in (True, False) or b not in (True, False):
                return Check("unverified", reason="a statement that is neither true nor false at a point")
            if a != b and (a or relation != "⇒"):
                example = (
                    *shared.sample(batch).described(left.atoms(sp.Symbol) | right.atoms(sp.Symbol), point),
                    ("left", a),
                    ("right", b),
                )
                return Check("failed", "evaluation at points", points, counterexample=example)
            points += 1
            seen.add(a)
    if len(seen) == 2 or relation == "⇒":
        return Check("verified", "evaluation at points", points, 0.0)
    return Check("unverified", reason="the conditions have the same truth value at all points that were tried")
