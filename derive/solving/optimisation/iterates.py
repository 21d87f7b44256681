"""Gradient descent and Newton's method: the update rule and the first iterates.

In: a reading of `gradient descent f from x_0 rate eta steps k` or `newton f from x_0`. Out: a Solution with the iterates as parts,
x_1 … x_k; of several scalars x_1, y_1, …. Newton's method is that for a stationary point of f; of an equation f = 0 it is that for a root.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.derivation import Claim, Derivation, Prose, Step
from derive.errors import DoesNotExist, NotSupported, TooLarge, WrongUse
from derive.expressions.term import Term, integer
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.rules import optima as rules
from derive.solution import Solution
from derive.solving.cost import size
from derive.solving.optimisation.equations import tidy
from derive.solving.optimisation.slopes import slope_at
from derive.solving.optimisation.stationary_points import keyword, task_variables

__all__ = ["solve_iterates"]

MOST_STEPS = 50
LARGEST = 4000
DEFAULT_STEPS = 3


def solve_iterates(reading: Reading) -> Solution:
    """The iterates. Raises WrongUse where the start does not fit, DoesNotExist where a step divides by zero."""
    term = reading.expanded
    newton = term.data == "newton"
    body, target = _function(term.args[0])
    starts = [s for t in keyword(term, "from") for s in (t.args if t.head in ("tuple", "vector", "list") else (t,))]
    rate = keyword(term, "rate")
    if _over_arrays(body, reading):
        from derive.solving.optimisation.array_iterates import solve_array_iterates

        return solve_array_iterates(reading, body, starts, rate, newton)
    given = keyword(term, "wrt") or keyword(term, "over")
    values = [s.args[1] if s.head == "rel" and s.data == "=" else s for s in starts]
    variables = task_variables(reading, body, given, [*values, *rate])
    function = to_sympy(body, reading.types)
    at = _starts(starts, variables, reading)
    count = _count(term, function, at)
    if not newton and not rate:
        raise WrongUse("gradient descent needs its rate", span=term.span, expected=("rate eta",))
    step_size = to_sympy(rate[0], reading.types) if rate else None
    update, rule, title = _update(function, variables, step_size, newton, target)
    because: Prose = ("the update is ", *_shown(variables, update))
    gradient = sp.Tuple(*(sp.diff(function, v) for v in variables))
    derivatives = sp.Tuple(*(sp.Derivative(function, v, evaluate=False) for v in variables))
    one = len(variables) == 1
    steps = [
        Step(
            rule.id, title, derivatives[0] if one else derivatives, gradient[0] if one else gradient, because=because, formula=rule.formula
        )
    ]
    parts: dict[str, Any] = {}
    now = at
    for k in range(1, count + 1):
        place = dict(zip(variables, now, strict=True))
        reached = [_settled(u.subs(place, simultaneous=True)) for u in update]
        if any(r.has(sp.zoo, sp.nan, sp.oo) for r in reached):
            raise DoesNotExist(f"step {k} divides by zero: the second derivative vanishes there", span=term.span)
        if sum(map(size, reached)) > LARGEST:
            raise TooLarge("iterates of such length: numbers for the start give short ones")
        names = [sp.Symbol(f"{v.name}_{k}", real=True) for v in variables]
        for name, value in zip(names, reached, strict=True):
            parts[name.name] = value
        shown = [sp.Eq(n, r, evaluate=False) for n, r in zip(names, reached, strict=True)]
        claim = _claim(function, variables, now, reached, step_size, newton, target)
        before = sp.Tuple(*update) if not one else update[0]
        after: Any = shown[0] if one else sp.Tuple(*shown)
        steps.append(
            Step(rule.id, f"Step {k}", before, after, "⇒", because=("at ", *_shown(variables, now)), formula=rule.formula, claim=claim)
        )
        now = tuple(reached)
    notes: list[Prose] = []
    if newton and target is None:
        notes.append(("Newton's method for a stationary point of f: x − f′/f″; for a root of f write the equation f = 0",))
    answer = sp.Tuple(*parts.values()) if len(parts) > 1 else next(iter(parts.values()))
    return Solution(Derivation(function, answer, tuple(steps), ()), None, parts, tuple(notes), ())


def _function(term: Term) -> tuple[Term, Term | None]:
    """The function, and the equation whose root is sought where it is one."""
    if term.head == "rel" and term.data in ("=", ":="):
        left, right = term.args
        if left.head == "call" or (left.head == "name" and not any(n == left for n in right.walk())):
            return right, None
        difference = left if right.head == "number" and right.value == 0 else Term("add", (left, Term("neg", (right,))))
        return difference, term
    return term, None


def _over_arrays(body: Term, reading: Reading) -> bool:
    return any(n.head == "name" and n.data in reading.types and reading.types[n.data].shape for n in body.walk()) and not body.has("index")


def _starts(starts: list[Term], variables: tuple[Any, ...], reading: Reading) -> tuple[Any, ...]:
    """The start as one value for each variable: (1, 2), x_0, or x = 1, y = 2."""
    named = {}
    values = []
    for start in starts:
        if start.head == "rel" and start.data == "=":
            left, right = start.args
            tuples = left.head in ("tuple", "vector") and right.head in ("tuple", "vector")
            pairs = zip(left.args, right.args, strict=False) if tuples else [(left, right)]
            for name, value in pairs:
                named[to_sympy(name, reading.types).name.removesuffix("_0")] = to_sympy(value, reading.types)
        else:
            values.append(to_sympy(start, reading.types))
    flat = [x for v in values for x in (v if isinstance(v, (sp.Tuple, sp.MatrixBase)) else [v])]
    if named and not flat:
        flat = [named[v.name] for v in variables if v.name in named] or list(named.values())
    if not starts:
        flat = [sp.Symbol(f"{v.name}_0", real=True) for v in variables]
    if len(flat) != len(variables):
        names = ", ".join(v.name for v in variables)
        raise WrongUse(f"the start has {len(flat)} values and the variables are {names}", expected=(f"from {len(variables)} values",))
    return tuple(flat)


def _count(term: Term, function: Any, at: tuple[Any, ...]) -> int:
    steps = keyword(term, "steps")
    if not steps:
        return DEFAULT_STEPS if all(v.is_number for v in at) and len(function.free_symbols) == len(at) else 1
    count = integer(steps[0])
    if count is None or not 0 < count <= MOST_STEPS:
        raise WrongUse(f"the number of steps is a whole number from 1 to {MOST_STEPS}", span=steps[0].span, expected=("steps 3",))
    return count


def _update(function: Any, variables: tuple[Any, ...], rate: Any, newton: bool, target: Term | None) -> tuple[list[Any], Any, str]:
    """x − η f′, x − (∇²f)⁻¹∇f, or x − f/f′."""
    gradient = [sp.diff(function, v) for v in variables]
    if not newton:
        return [v - rate * g for v, g in zip(variables, gradient, strict=True)], rules.DESCENT, "Gradient"
    if target is not None:
        if len(variables) != 1:
            raise NotSupported("Newton's method for systems of equations")
        return [variables[0] - tidy(function / gradient[0])], rules.NEWTON_ROOT, "Derivative"
    hessian = sp.hessian(function, variables)
    if len(variables) == 1:
        if hessian[0, 0].is_zero:
            raise DoesNotExist("the second derivative is zero everywhere: Newton's method has no step")
        return [variables[0] - tidy(gradient[0] / hessian[0, 0])], rules.NEWTON, "Gradient"
    if hessian.det().is_zero:
        raise DoesNotExist("the Hessian is singular everywhere: Newton's method has no step")
    step = hessian.LUsolve(sp.Matrix(gradient)).applyfunc(sp.cancel)
    return [v - s for v, s in zip(variables, step, strict=True)], rules.NEWTON, "Gradient"


def _settled(value: Any) -> Any:
    if not value.free_symbols:
        return value if value.is_Rational else tidy(value)
    made = sp.factor_terms(sp.expand(value)) if value.is_polynomial(*value.free_symbols) and size(value) < 200 else value
    return min((value, made), key=lambda v: v.count_ops())


def _shown(names: tuple[Any, ...], values: Any) -> list[Any]:
    found: list[Any] = []
    for name, value in zip(names, values, strict=True):
        found += [", " if found else "", sp.Eq(name, value, evaluate=False)]
    return found


def _claim(
    function: Any, variables: tuple[Any, ...], now: tuple[Any, ...], reached: list[Any], rate: Any, newton: bool, target: Term | None
) -> Claim:
    """The step as an equation of derivatives at the place, which the check takes by differences."""
    moves = [r - x for r, x in zip(reached, now, strict=True)]

    def slope(*by: Any) -> Any:
        return slope_at(function, variables, now, *by)

    if not newton:
        return Claim("equal", sp.Tuple(*moves), sp.Tuple(*(-rate * slope(v) for v in variables)))
    if target is not None:
        return Claim("equal", moves[0] * slope(variables[0]), -function.subs(dict(zip(variables, now, strict=True))))
    second = [sp.Add(*(slope(v, w) * m for w, m in zip(variables, moves, strict=True))) for v in variables]
    return Claim("equal", sp.Tuple(*second), sp.Tuple(*(-slope(v) for v in variables)))
