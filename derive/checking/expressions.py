"""Scalars, tuples, matrices and equations: every step, sub-steps included, compared numerically by what does not know the rules.

In: steps with SymPy expressions (or terms) and the types of the names. Out: their `Check`. Only the rewritten part of a step is
evaluated; values at points are shared by all steps.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import Boolean

from derive.checking.claims import check_claim
from derive.checking.compare import Comparison
from derive.checking.curves import Curve
from derive.checking.equations import check_equations
from derive.checking.row_spaces import check_row_spaces
from derive.derivation import Check, Derivation, Step
from derive.errors import DeriveError
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy

if TYPE_CHECKING:
    from derive.meaning.scope import Type

__all__ = ["check_equal", "check_step", "check_steps", "worst"]

_ORDER = {"failed": 0, "unverified": 1, "verified": 2, "exact": 3}


def check_steps(derivation: Derivation, types: Mapping[Name, Type], deadline: float | None, constraints: Sequence[Any]) -> Derivation:
    """The derivation with a check in every step; `deadline` and `constraints` are those of `check_derivation`."""
    shared = Comparison(types, list(_curves(constraints, derivation, types)))
    return replace(derivation, steps=tuple(_checked(step, shared, deadline) for step in derivation.steps))


def check_step(step: Step, types: Mapping[Name, Type], constraints: Sequence[Any] = ()) -> Check:
    """The check of one step, without its sub-steps."""
    return _check(step, Comparison(types, list(_curves(constraints, step, types))))


def check_equal(left: Any, right: Any, types: Mapping[Name, Type], relation: str = "=", constraints: Sequence[Any] = ()) -> Check:
    """Whether `left relation right` holds, for scalars, tuples, matrices and equations; terms are converted."""
    step = Step("", "", left, right, relation)
    return _check(step, Comparison(types, list(_curves(constraints, step, types))))


def _checked(step: Step, shared: Comparison, deadline: float | None) -> Step:
    if deadline is not None and time.monotonic() > deadline:
        check = Check("unverified", reason="the time limit was met")
    else:
        check = _check(step, shared)
    return replace(step, check=check, steps=tuple(_checked(s, shared, deadline) for s in step.steps))


def _check(step: Step, shared: Comparison) -> Check:
    """The check of the rewritten part; of the whole where the part alone does not hold or has no numbers (inside a case, say)."""
    if step.claim is not None:
        return check_claim(step.claim, shared, lambda a, b, relation: _compared(a, b, replace(step, relation=relation), shared))
    if step.relation == "≈":
        if step.part is None:
            return Check("unverified", reason="nothing says how near the two sides are")
        return _compared(*step.part, replace(step, relation="="), shared)
    if step.part is not None:
        check = _compared(*step.part, step, shared)
        if check.status in ("verified", "exact") or step.part == (step.before, step.after):
            return check
        whole = _compared(step.before, step.after, step, shared)
        return whole if whole.status in ("verified", "exact") or check.status == "unverified" else check
    return _compared(step.before, step.after, step, shared)


def _compared(before: Any, after: Any, step: Step, shared: Comparison) -> Check:
    try:
        left, right = _expression(before, shared), _expression(after, shared)
        return _check_pair(left, right, step.relation, shared, bool(step.assumptions))
    except DeriveError as problem:
        return Check("unverified", reason=f"no numbers for it: {problem.message}")
    except RecursionError:
        return Check("unverified", reason="an expression nested too deeply to be evaluated")


def _expression(value: Any, shared: Comparison) -> Any:
    if isinstance(value, Term):
        return to_sympy(value, shared.types)
    if isinstance(value, (list, tuple)):
        return sp.Tuple(*(_expression(v, shared) for v in value))
    return sp.sympify(value, strict=True)


def _check_pair(left: Any, right: Any, relation: str, shared: Comparison, assumed: bool) -> Check:
    if isinstance(left, (sp.Tuple, sp.MatrixBase)) or isinstance(right, (sp.Tuple, sp.MatrixBase)):
        if not (isinstance(left, (sp.Tuple, sp.MatrixBase)) and isinstance(right, (sp.Tuple, sp.MatrixBase))):
            return check_equations(left, right, relation, shared)
        if relation == "⇔" and isinstance(left, sp.MatrixBase) and isinstance(right, sp.MatrixBase):
            return check_row_spaces(left, right)
        if _shape(left) != _shape(right):
            return Check("unverified", reason="the two sides have different shapes")
        return worst(_check_pair(a, b, relation, shared, assumed) for a, b in zip(_parts(left), _parts(right), strict=True))
    if any(isinstance(side, Boolean) and not isinstance(side, sp.Symbol) for side in (left, right)):
        return check_equations(left, right, relation, shared)
    if not (isinstance(left, sp.Expr) and isinstance(right, sp.Expr)):
        return Check("unverified", reason=f"{type(left).__name__} cannot be compared with {type(right).__name__}")
    if relation not in ("=", "≤", "≥", "<", ">", "∝"):
        return Check("unverified", reason=f"the relation {relation} between numbers is not checked")
    return shared.compare(left, right, relation, assumed=assumed)


def _parts(value: Any) -> list[Any]:
    return list(value.flat()) if isinstance(value, sp.MatrixBase) else list(value)


def _shape(value: Any) -> tuple[int, ...]:
    if isinstance(value, sp.MatrixBase):
        rows, columns = value.shape
        return (rows * columns,) if 1 in value.shape else (rows, columns)
    return (len(value),)


def worst(checks: Iterable[Check]) -> Check:
    """The check of several parts: that of the worst, with the error of all."""
    found = list(checks)
    if not found:
        return Check("exact", "exact arithmetic")
    worst = min(found, key=lambda c: _ORDER[c.status])
    errors = [c.max_error for c in found if c.max_error is not None]
    points = min((c.points for c in found if c.points), default=0)
    return replace(worst, points=points, max_error=max(errors, default=None))


def _curves(constraints: Sequence[Any], source: Any, types: Mapping[Name, Type]) -> Iterable[Curve]:
    """The curves that constraints describe: y depends on x where the steps hold dy/dx or y(x)."""
    for constraint in constraints:
        if isinstance(constraint, Curve):
            yield constraint
            continue
        try:
            equation = to_sympy(constraint, types) if isinstance(constraint, Term) else constraint
        except DeriveError:
            continue  # a statement without numbers constrains no point
        if isinstance(equation, sp.Eq):
            yield from _curve(equation, source)


def _curve(equation: Any, source: Any) -> Iterable[Curve]:
    """The dependent variable is the one whose derivative with respect to another of the equation occurs."""
    residual = equation.lhs - equation.rhs
    labels = {entry.args[0].args[0] for entry in residual.atoms(sp.Indexed)}
    names = sorted((s for s in residual.atoms(sp.Symbol) - labels if not s.is_integer), key=lambda s: s.name)
    for expression in _expressions(source):
        for node in expression.atoms(sp.Derivative):
            y, x = node.args[0], node.args[1][0]
            if y in names and x in names:
                yield Curve(residual, y, x)
                return
            if isinstance(y, AppliedUndef) and y.args == (x,) and x in names:
                symbol = next((s for s in names if s.name == y.func.__name__), sp.Symbol(y.func.__name__, real=True))
                yield Curve(residual.xreplace({y: symbol}), symbol, x, y.func)
                return
    if names:
        yield Curve(residual, names[-1])


def _expressions(source: Any) -> Iterable[Any]:
    steps = list(source.walk())
    for step in steps:
        for value in (step.before, step.after):
            if isinstance(value, sp.Basic):
                yield value
