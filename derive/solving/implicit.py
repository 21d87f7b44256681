"""dy/dx from an equation: both sides are differentiated with y a function of x, then dy/dx is isolated.

In: the reading of the task with its equation. Out: its Solution. Source: Apostol 1974, Mathematical Analysis, theorem 13.7.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp
from sympy import S
from sympy.polys.polyerrors import PolynomialError

from derive.derivation import Rewrite, Step
from derive.errors import NotSupported, Undetermined
from derive.expressions.binding_terms import unevaluated_derivative
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.rules.conditions import nonzero
from derive.rules.equations import DIVIDE, equal
from derive.rules.moves import BOTH_SIDES, COLLECT, INSERT_SLOPE, USE_EQUATION
from derive.solution import Solution
from derive.solving.cost import cost
from derive.solving.derivatives import resolve
from derive.solving.journal import Journal
from derive.solving.places import rebuilt, with_replaced
from derive.solving.simplification import finish
from derive.solving.tasks import solution
from derive.solving.values import put_in

__all__ = ["solve_implicit"]

MAX_ORDER = 3


def solve_implicit(reading: Reading) -> Solution:
    """dy/dx from `options["equation"]`, at a point where the task says so."""
    term = reading.expanded
    place = term if term.head == "at" else None
    target = term.args[0] if place is not None else term
    equation = reading.options.get("equation")
    if equation is None or target.head not in ("total_derivative", "derivative") or len(target.args) not in (2, 3):
        raise Undetermined("dy/dx needs an equation between x and y, or a definition of y")
    y, x, order = _question(target, reading)
    relation = equation if isinstance(equation, sp.Eq) else _relation(equation, reading)
    slope = unevaluated_derivative(y, (x, S.One))
    journal = Journal(slope if order == 1 else unevaluated_derivative(y, (x, sp.Integer(order))))
    answer = _isolate(relation, x, y, slope, journal)
    lower = answer
    for n in range(2, order + 1):
        lower = _next_order(lower, answer, relation, x, y, n, journal)
    answer = lower
    if place is not None:
        whole = sp.Subs(answer, *zip(*_pairs(place, reading), strict=True))
        answer = put_in(whole, journal)
    return solution(journal, answer)


def _question(target: Term, reading: Reading) -> tuple[Any, Any, int]:
    """y, x and the order of the derivative."""
    lower = 0
    while target.args[0].head in ("total_derivative", "derivative"):  # d/dx of dy/dx
        outer = to_sympy(target.args[2], reading.types) if len(target.args) == 3 else S.One
        lower += int(outer) if outer.is_Integer else 0
        target = target.args[0]
    y, x = (to_sympy(t, reading.types) for t in target.args[:2])
    written = target.args[2] if len(target.args) == 3 else reading.options.get("order", 1)
    value = to_sympy(written, reading.types) if isinstance(written, Term) else sp.Integer(written)
    value = value + lower
    if not value.is_Integer or not 1 <= value <= MAX_ORDER:
        raise NotSupported(f"an implicit derivative of an order other than 1 to {MAX_ORDER}")
    return y, x, int(value)


def _next_order(lower: Any, first: Any, relation: Any, x: Any, y: Any, n: int, journal: Journal) -> Any:
    """dⁿy/dxⁿ from dⁿ⁻¹y/dxⁿ⁻¹ = `lower`(x, y) and dy/dx = `first`(x, y)."""
    slope = unevaluated_derivative(y, (x, S.One))
    wanted = unevaluated_derivative(y, (x, sp.Integer(n)))
    function = sp.Function(y.name, real=True)(x)
    inner = Journal(unevaluated_derivative(lower.xreplace({y: function}), (x, S.One)))
    value = _plain(finish(resolve(inner.start, inner), inner), function, y)
    steps = tuple(_named(step, function, y) for step in inner.steps)
    before = equal(unevaluated_derivative(y, (x, sp.Integer(n - 1))), lower)
    raised = equal(wanted, value)
    journal.record(BOTH_SIDES, Rewrite(raised, ("once more, with ", y, " a function of ", x)), before, raised, (before, raised), steps)
    _last_relation(journal, "⇒")
    put_in_place = equal(wanted, with_replaced(value, slope, first, set()))
    if put_in_place != raised:
        journal.record(INSERT_SLOPE, Rewrite(put_in_place, ("with ", equal(slope, first))), raised, put_in_place, (raised, put_in_place))
        _last_relation(journal, "⇒")
    quiet = Journal(put_in_place.rhs)
    final = finish(put_in_place.rhs, quiet)
    for step in quiet.steps:
        journal.add(replace(step, before=equal(wanted, step.before), after=equal(wanted, step.after), relation="⇔", part=step.part))
    journal.note(quiet.notes)
    short = _with_equation(final, relation, x, y)
    if short is not None:
        before, after = equal(wanted, final), equal(wanted, short)
        journal.record(USE_EQUATION, Rewrite(after, ("with ", relation)), before, after, (before, after))
        _last_relation(journal, "⇔")
        final = short
    return final


def _with_equation(value: Any, relation: Any, x: Any, y: Any) -> Any:
    """The value shortened by the equation, where both are rational; None where it becomes no shorter."""
    constraint = relation.lhs - relation.rhs
    if not (constraint.is_polynomial(x, y) and value.is_rational_function(x, y)):
        return None
    above, below = sp.fraction(sp.cancel(sp.together(value)))
    best = None
    for order in ((x, y), (y, x)):
        try:
            top = sp.reduced(sp.expand(above), [sp.expand(constraint)], *order)[1]
        except (PolynomialError, ValueError):
            continue
        candidate = sp.factor(top) / sp.factor(below)
        if cost(candidate) < cost(value if best is None else best):
            best = candidate
    return best


def _relation(equation: Any, reading: Reading) -> Any:
    if not isinstance(equation, Term) or equation.head != "rel" or equation.data != "=":
        raise NotSupported("dy/dx from something other than an equation")
    left, right = (to_sympy(t, reading.types) for t in equation.args)
    return equal(left, right)


def _pairs(place: Term, reading: Reading) -> list[tuple[Any, Any]]:
    values = [to_sympy(t, reading.types) for t in place.args[1:]]
    return list(zip(values[::2], values[1::2], strict=True))


def _isolate(relation: Any, x: Any, y: Any, slope: Any, journal: Journal) -> Any:
    function = sp.Function(y.name, real=True)(x)
    sides = []
    steps: list[Step] = []
    for side in relation.args:
        inner = Journal(unevaluated_derivative(side.xreplace({y: function}), (x, S.One)))
        value = finish(resolve(inner.start, inner), inner) if side.free_symbols & {x, y} else S.Zero
        journal.note(inner.notes)
        steps += [_named(step, function, y) for step in inner.steps]
        sides.append(_plain(value, function, y))
    differentiated = equal(*sides)
    journal.record(
        BOTH_SIDES,
        Rewrite(differentiated, ("with ", y, " a function of ", x)),
        relation,
        differentiated,
        (relation, differentiated),
        tuple(steps),
    )
    _last_relation(journal, "⇒")
    marker = sp.Dummy("slope", real=True)
    difference = sp.expand(sides[0].xreplace({slope: marker}) - sides[1].xreplace({slope: marker}))
    a = difference.coeff(marker, 1)
    b = -(difference - a * marker)
    b = sp.expand(b)
    if a.is_zero or marker in b.free_symbols:
        raise Undetermined(f"the equation does not determine d{y}/d{x}")
    collected = equal(sp.Mul(a, slope, evaluate=False), b)
    if collected != differentiated:
        journal.record(COLLECT, Rewrite(collected), differentiated, collected, (differentiated, collected))
        _last_relation(journal, "⇔")
    answer = b / a
    needs = nonzero(a)
    divided = equal(slope, answer)
    journal.record(DIVIDE, Rewrite(divided, ("both sides divided by ", a), needs), collected, divided, (collected, divided))
    _last_relation(journal, "⇔")
    inner = Journal(answer)
    final = finish(answer, inner)
    for step in inner.steps:
        journal.add(replace(step, before=equal(slope, step.before), after=equal(slope, step.after), relation="⇔", part=step.part))
    return final


def _last_relation(journal: Journal, relation: str) -> None:
    journal.steps[-1] = replace(journal.steps[-1], relation=relation)


def _plain(expression: Any, function: Any, y: Any) -> Any:
    """y for y(x), also inside dy/dx."""
    if expression == function:
        return y
    if not isinstance(expression, sp.Basic) or not expression.has(function):
        return expression
    return rebuilt(expression, tuple(_plain(a, function, y) for a in expression.args))


def _named(step: Step, function: Any, y: Any) -> Step:
    def plain(value: Any) -> Any:
        return _plain(value, function, y) if isinstance(value, sp.Basic) else value

    return replace(
        step,
        before=plain(step.before),
        after=plain(step.after),
        part=None if step.part is None else (plain(step.part[0]), plain(step.part[1])),
        because=tuple(map(plain, step.because)),
        assumptions=tuple(tuple(map(plain, a)) for a in step.assumptions),
        steps=tuple(_named(s, function, y) for s in step.steps),
    )
