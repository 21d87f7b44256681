"""All real roots of an equation in one unknown, to ask of each whether a further statement holds there.

In: an equation and a statement (an equation, alternatives, conjunctions) over SymPy symbols. Out: a root at which the statement fails, or
none. Roots of polynomials are all found; others by signs on a grid, which may miss some: then nothing is claimed from their absence.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.logic.boolalg import And, Or

from derive.checking.evaluate import evaluate
from derive.checking.frame import Unevaluable
from derive.derivation import Check

__all__ = ["at_roots"]

METHOD = "solutions of the row above"

DRAWS = 3
GRID = 240
WIDTH = 12.0
TOLERANCE = 1e-8
BISECTIONS = 60
MAX_DEGREE = 12
TROUBLE = (Unevaluable, ArithmeticError, ValueError, TypeError, AttributeError)


def at_roots(above: Any, below: Any) -> Check | None:
    """Failed with a solution of `above` that does not satisfy `below`; verified where all are known and do; None where nothing is known."""
    if not isinstance(above, sp.Eq):
        return None
    residual = above.lhs - above.rhs
    unknown = _unknown(residual, below)
    if unknown is None:
        return None
    held, complete = 0, sp.numer(sp.together(residual)).is_polynomial(unknown)
    others = sorted(residual.free_symbols | below.free_symbols, key=str)
    others = [s for s in others if s != unknown]
    for draw in range(DRAWS if others else 1):
        point: dict[Any, Any] = {s: 2 + draw + k if s.is_integer else 0.6 + 0.45 * k + 0.8 * draw for k, s in enumerate(others)}
        for root in _roots(residual, unknown, point):
            if not _admissible(root, unknown):
                continue
            at = {**point, unknown: root}
            if not _defined(above, at):
                continue
            verdict = _holds(below, at)
            if verdict is False:
                return Check("failed", METHOD, held + 1, counterexample=tuple((str(s), v) for s, v in at.items()))
            complete = complete and verdict is True
            held += 1
    return Check("verified", METHOD, held, None) if complete and held else None


def _unknown(residual: Any, below: Any) -> Any:
    """The symbol that the statement isolates, else the only one."""
    for equation in below.atoms(sp.Eq) if not isinstance(below, sp.Eq) else (below,):
        for side, rest in ((equation.lhs, equation.rhs), (equation.rhs, equation.lhs)):
            if isinstance(side, sp.Symbol) and not rest.has(side) and residual.has(side):
                return side
    symbols = residual.free_symbols
    return next(iter(symbols)) if len(symbols) == 1 else None


def _roots(residual: Any, unknown: Any, point: dict[Any, Any]) -> list[float]:
    numerator = sp.numer(sp.together(residual))
    if numerator.is_polynomial(unknown) and sp.degree(numerator, unknown) <= MAX_DEGREE:
        exact = numerator.subs({s: sp.nsimplify(v) for s, v in point.items()})
        if not exact.free_symbols - {unknown} and exact.has(unknown):
            return [float(sp.re(r)) for r in sp.Poly(exact, unknown).nroots() if abs(sp.im(r)) < 1e-12]
    return _by_signs(residual, unknown, point)


def _by_signs(residual: Any, unknown: Any, point: dict[Any, Any]) -> list[float]:
    places = [-WIDTH + 2 * WIDTH * k / GRID + 1e-3 for k in range(GRID + 1)]
    values = [_value(residual, {**point, unknown: p}) for p in places]
    found = []
    for a, b, left, right in zip(places, places[1:], values, values[1:], strict=False):
        if left is None or right is None or left * right > 0:
            continue
        low, high, sign = a, b, left
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            value = _value(residual, {**point, unknown: middle})
            if value is None:
                break
            low, high = (middle, high) if value * sign > 0 else (low, middle)
        root = (low + high) / 2
        value = _value(residual, {**point, unknown: root})
        if value is not None and abs(value) < 1e-6:
            found.append(root)
    return found


def _value(expression: Any, at: dict[Any, Any]) -> float | None:
    try:
        value = complex(evaluate(expression, at))
    except TROUBLE:
        return None
    return value.real if abs(value.imag) < 1e-12 and value.real == value.real else None


def _admissible(root: float, unknown: Any) -> bool:
    if unknown.is_positive and root <= 0:
        return False
    if unknown.is_nonnegative and root < 0:
        return False
    return not (unknown.is_integer and abs(root - round(root)) > 1e-9)


def _defined(equation: Any, at: dict[Any, Any]) -> bool:
    return all(_value(side, at) is not None for side in equation.args)


def _holds(statement: Any, at: dict[Any, Any]) -> bool | None:
    if isinstance(statement, Or):
        found = [_holds(a, at) for a in statement.args]
        return True if True in found else None if None in found else False
    if isinstance(statement, (And, sp.Tuple)):
        found = [_holds(a, at) for a in statement.args]
        return False if False in found else None if None in found else True
    if not isinstance(statement, sp.Eq):
        return None
    left, right = (_value(side, at) for side in statement.args)
    if left is None or right is None:
        return None
    return abs(left - right) <= 1e-6 * max(1.0, abs(left), abs(right))
