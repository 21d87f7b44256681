"""Several derivatives at once: gradient, Jacobian and Hessian over named scalars, directional derivatives.

In: the reading of the task. Out: its Solution, one step for each component with the derivation as its sub-steps. The gradient has
one part a variable; Jacobian and Hessian are matrices, J_ij = ∂f_i/∂x_j.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sympy as sp

from derive.derivation import Prose, Rewrite, Rule, Step
from derive.errors import NotSupported, Undetermined, WrongUse
from derive.expressions.binding_terms import unevaluated_derivative
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.rules.dependence import depends, times
from derive.rules.moves import COMPONENT, ENTRIES, FIRST_DERIVATIVES, HESSIAN, INSERT
from derive.solution import Solution
from derive.solving.expressions import derive_expression
from derive.solving.journal import Journal
from derive.solving.tasks import solution
from derive.solving.values import put_in

__all__ = ["entry_by_entry", "solve_directional", "solve_gradient", "solve_hessian", "solve_jacobian"]

MAX_ENTRIES = 144


def _variables(reading: Reading) -> list[Any]:
    """The named scalars of the task; a vector or matrix variable belongs to another solver."""
    found: list[Any] = []
    task = reading.expanded.args[0] if reading.expanded.head == "at" else reading.expanded
    for term in task.args[1:]:
        for inner in term.args if term.head in ("tuple", "vector", "list") else (term,):
            type = reading.types.get(inner.data) if inner.head == "name" else None
            if type is not None and type.shape:
                what = f"derivatives with respect to the {'vector' if len(type.shape) == 1 else 'array'} {inner.data.key}"
                raise NotSupported(f"{what} are read, but no solver for them exists yet", span=inner.span)
            found.append(to_sympy(inner, reading.types))
    if not found:
        raise WrongUse("there is no variable to differentiate with respect to", expected=("wrt and a variable",))
    return found


def solve_gradient(reading: Reading) -> Solution:
    """∇f over named scalars: one part a variable, the answer the tuple of them; over one scalar the derivative."""
    variables = _variables(reading)
    start = to_sympy(reading.expanded, reading.types)
    if len(variables) == 1 and isinstance(start, sp.Tuple) and len(start) == 1:
        alone = Journal(start[0])
        return solution(alone, derive_expression(start[0], alone, reading))
    journal = Journal(start)
    answer = _entries(start, journal, reading, [("with respect to ", x) for x in variables])
    return solution(journal, answer, dict(zip(map(_label, variables), answer, strict=True)))


def _label(variable: Any) -> str:
    if isinstance(variable, sp.Indexed):
        return f"{variable.base.label}_{''.join(map(str, variable.indices))}"
    return str(variable)


def entry_by_entry(reading: Reading, start: Any) -> Solution:
    """A tuple, vector or matrix whose entries are worked out one after the other."""
    journal = Journal(start)
    return solution(journal, _entries(start, journal, reading, None))


def _entries(
    start: Any, journal: Journal, reading: Reading, because: Sequence[Prose] | None, rule: Rule = ENTRIES, more: Prose = ()
) -> Any:
    """Every entry of a tuple or matrix worked out: one step an entry of a short tuple, all in one step for a matrix."""
    flat = list(start) if isinstance(start, sp.Tuple) else list(sp.ImmutableDenseMatrix(start).flat())
    if len(flat) > MAX_ENTRIES:
        raise NotSupported(f"more than {MAX_ENTRIES} derivatives at once")
    whole = start
    done: dict[Any, Any] = {}
    together = because is None
    steps: list[Step] = []
    for place, entry in enumerate(flat):
        if entry in done:
            continue
        inner = Journal(entry)
        done[entry] = derive_expression(entry, inner, reading)
        if not inner.steps:
            continue
        journal.note(inner.notes)
        if together:
            steps.append(
                Step(COMPONENT.id, "Entry", entry, done[entry], part=(entry, done[entry]), because=(entry,), steps=tuple(inner.steps))
            )
            continue
        new = _filled(start, flat, done)
        assert because is not None
        journal.record(COMPONENT, Rewrite(new, because[place]), whole, new, (entry, done[entry]), tuple(inner.steps))
        whole = new
    answer = _filled(start, flat, done)
    if steps:
        count = len(flat)
        journal.record(
            rule, Rewrite(answer, more or (f"{len(steps)} different entries of {count}",)), start, answer, (start, answer), tuple(steps)
        )
    return answer


def _filled(start: Any, flat: list[Any], done: dict[Any, Any]) -> Any:
    values = [done.get(entry, entry) for entry in flat]
    if isinstance(start, sp.Tuple):
        return sp.Tuple(*values)
    return sp.ImmutableDenseMatrix(start.rows, start.cols, values)


def solve_jacobian(reading: Reading) -> Solution:
    """J_ij = ∂f_i/∂x_j over named scalars."""
    _variables(reading)
    task, point = _task(reading), _point(reading)
    start = to_sympy(task, reading.types)
    if not point:
        return entry_by_entry(reading, start)
    journal = Journal(to_sympy(reading.expanded, reading.types))
    quiet = Journal(start)
    answer = _entries(start, quiet, reading, None)
    return solution(journal, _at_point(start, quiet, answer, point, journal))


def _task(reading: Reading) -> Term:
    """The task without the point at which it is asked."""
    return reading.expanded.args[0] if reading.expanded.head == "at" else reading.expanded


def _point(reading: Reading) -> dict[Any, Any]:
    """The point at which the task is asked."""
    if reading.expanded.head != "at":
        return {}
    values = [to_sympy(t, reading.types) for t in reading.expanded.args[1:]]
    return dict(zip(values[::2], values[1::2], strict=True))


def _at_point(start: Any, quiet: Journal, answer: Any, point: dict[Any, Any], journal: Journal) -> Any:
    """The steps without the point, then its values put in, all at once."""
    journal.note(quiet.notes)
    names, values = sp.Tuple(*point), sp.Tuple(*point.values())
    for step in quiet.steps:
        journal.add(replace(step, before=_placed(step.before, names, values), after=_placed(step.after, names, values)))
    after = _placed(answer, names, values)
    result = after.applyfunc(lambda entry: put_in(entry, Journal(entry)))
    because: list[Any] = []
    for name, value in point.items():
        because += [", " if because else "with ", sp.Eq(name, value, evaluate=False)]
    journal.record(INSERT, Rewrite(result, tuple(because)), after, result, (after, result))
    return result


def _placed(matrix: Any, names: Any, values: Any) -> Any:
    """The entries at the point, each that depends on it."""
    if not isinstance(matrix, sp.MatrixBase):
        return matrix
    return matrix.applyfunc(lambda entry: sp.Subs(entry, names, values) if any(depends(entry, n) for n in names) else entry)


def solve_hessian(reading: Reading) -> Solution:
    """H_ij = ∂²f/∂x_i∂x_j over named scalars: the first derivatives once, then theirs."""
    variables = _variables(reading)
    task, point = _task(reading), _point(reading)
    start = to_sympy(task, reading.types)
    body = to_sympy(task.args[0], reading.types)
    journal = Journal(start)
    inner = Journal(start)
    gradient = [derive_expression(unevaluated_derivative(body, (x, sp.S.One)), inner, reading) for x in variables]
    rows = [[unevaluated_derivative(g, (x, sp.S.One)) for x in variables[k:]] for k, g in enumerate(gradient)]
    count = len(variables)
    entries = [rows[min(a, b)][max(a, b) - min(a, b)] for a in range(count) for b in range(count)]
    second = sp.ImmutableDenseMatrix(count, count, entries)
    because: list[Any] = []
    for x, g in zip(variables, gradient, strict=True):
        because += [", " if because else "", "∂/∂", x, ": ", g]
    journal.note(inner.notes)
    journal.record(FIRST_DERIVATIVES, Rewrite(second, tuple(because)), start, second, (start, second), tuple(inner.steps))
    by_symmetry: Prose = ("the entries below the diagonal by symmetry (Schwarz)",) if count > 1 else ()
    answer = _entries(second, journal, reading, None, HESSIAN, by_symmetry)
    if point:
        placed = Journal(to_sympy(reading.expanded, reading.types))
        return solution(placed, _at_point(start, journal, answer, point, placed))
    return solution(journal, answer)


def solve_directional(reading: Reading) -> Solution:
    """D_v f = Σ vᵢ ∂f/∂xᵢ, at a point where one is given; v as it is given, not normalised."""
    body, *rest = reading.expanded.args
    direction = _components(rest[-1], reading)
    f = to_sympy(body, reading.types)
    variables = [to_sympy(v, reading.types) for v in reading.options.get("variables", ())]
    point = _components(rest[0], reading) if len(rest) == 2 else []
    if not variables:
        variables = _free_variables(f, direction, reading)
    if len(variables) != len(direction) or (point and len(point) != len(direction)):
        names = ", ".join(map(str, variables))
        raise Undetermined(
            f"the direction has {len(direction)} components and the variables are {names}", expected=("wrt and the variables",)
        )
    start = sp.Add(*(times(v, unevaluated_derivative(f, (x, sp.S.One))) for v, x in zip(direction, variables, strict=True)))
    if point:
        start = sp.Subs(start, tuple(variables), tuple(point))
    journal = Journal(start)
    journal.note([("the direction is taken as it is given, not normalised",)])
    return solution(journal, derive_expression(start, journal, reading))


def _free_variables(f: Any, direction: list[Any], reading: Reading) -> list[Any]:
    taken = {s for v in direction for s in v.free_symbols}
    return sorted((s for s in f.free_symbols - taken if isinstance(s, sp.Symbol) and not s.is_integer), key=lambda s: s.name)


def _components(term: Term, reading: Reading) -> list[Any]:
    value = to_sympy(term, reading.types)
    if isinstance(value, (sp.Tuple, sp.MatrixBase)):
        return list(value)
    return [value]
