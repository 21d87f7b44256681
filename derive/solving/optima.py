"""Optima: of entropies, of quadratic forms on the unit sphere, of smooth functions of scalars without constraints.

In: a reading of `minimize …`, `max_u … s.t. …`. Out: a Solution with the optimiser and `value` as parts. What is unbounded or not attained
is a DoesNotExist; other constrained problems are NotSupported.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp
from sympy.calculus.util import continuous_domain

from derive.derivation import Claim, Prose
from derive.errors import DoesNotExist, NotSupported, WrongUse
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Bound, Reading
from derive.probability.model import Model
from derive.rules.optima import CHARACTERISTIC, LAGRANGIAN, RAYLEIGH
from derive.solution import Solution
from derive.solving.chance.maximum_entropy import is_entropy_problem, solve_maximum_entropy
from derive.solving.chance.minima import minimised
from derive.solving.chance.steps import step
from derive.solving.journal import Journal
from derive.solving.simplification import shortened

__all__ = ["solve_optimum"]

_WITHOUT_MODEL = Model()


def solve_optimum(reading: Reading) -> Solution:
    """The optimum. Raises DoesNotExist where it is not attained, NotSupported for problems of other forms."""
    term = reading.expanded
    if is_entropy_problem(term):
        found = solve_maximum_entropy(reading)
        if found is not None:
            return found
    if len(term.args) > 2:
        sphere = _on_the_sphere(reading)
        if sphere is not None:
            return sphere
        raise NotSupported("optimisation problems with such constraints are read, but no solver for them exists yet", span=term.span)
    if any(reading.types[n.data].shape for n in term.walk() if n.head == "name" and n.data in reading.types):
        raise NotSupported("optimisation problems over arrays are read, but no solver for them exists yet", span=term.span)
    ends = _refuse_unattained(reading)
    try:
        solution = minimised(term, reading.types)
    except DoesNotExist as problem:
        if any(b is not None and not b.strict for v in term.args[1].args for b in _bounds(v, reading)):
            raise NotSupported("an optimum at an end of a closed interval", span=term.span) from problem
        raise
    _refuse_better_ends(reading, solution, ends)
    solution = _inside(reading, solution)
    derivation = solution.derivation
    return replace(solution, derivation=replace(derivation, model=_WITHOUT_MODEL) if derivation is not None else None)


# ── functions of one variable ────────────────────────────────────────────────────────────────────────────────────────


def _refuse_unattained(reading: Reading) -> list[tuple[Any, Any]]:
    """A function that falls throughout, or without bound at an end of its domain, has no minimum; else the ends, with the limits there."""
    body, variables = reading.expanded.args[:2]
    if len(variables.args) != 1:
        _refuse_bounds(reading, variables)
        return []
    x = to_sympy(variables.args[0], reading.types)
    f = to_sympy(body, reading.types)
    if not isinstance(x, sp.Symbol) or f.free_symbols - {x}:
        _refuse_bounds(reading, variables)
        return []
    word, sign = ("maximum", -1) if reading.expanded.data in ("max", "argmax", "sup") else ("minimum", 1)
    interval = _interval(*_bounds(variables.args[0], reading))
    ends = _ends(f, x, interval)
    limits = [(e, sp.limit(sign * f, x, e, side)) for e, side in ends]
    for place, value in limits:
        if value == -sp.oo:
            raise DoesNotExist(f"there is no {word}: the function is unbounded as {x} tends to {_end(place)}", span=reading.expanded.span)
    slope = sp.diff(f, x)
    if not interval.is_open:
        return limits
    if len(ends) == 2 and (slope.is_negative or slope.is_positive):
        place = ends[1][0] if (sign * slope).is_negative else ends[0][0]
        value = sign * next(v for e, v in limits if e == place)
        bound = "supremum" if sign < 0 else "infimum"
        raise DoesNotExist(
            f"the {word} is not attained: the derivative is never zero, and the {bound} {plain(from_sympy(shortened(value)))} "
            f"is the limit as {x} tends to {_end(place)}",
            span=reading.expanded.span,
        )
    return limits


def _refuse_better_ends(reading: Reading, solution: Solution, ends: list[tuple[Any, Any]]) -> None:
    """A stationary point outside the declared interval, or one that an end undercuts, is no optimum."""
    if not ends:
        return
    variable = reading.expanded.args[1].args[0]
    x = to_sympy(variable, reading.types)
    at, reached = solution.parts[x.name], solution.parts["value"]
    sign = -1 if reading.expanded.data in ("max", "argmax", "sup") else 1
    if _interval(*_bounds(variable, reading)).contains(at) is not sp.true:
        raise NotSupported(f"an optimum at an end of the interval of {x}: the stationary point {plain(from_sympy(at))} is not inside")
    for place, value in ends:
        if value.is_extended_real is not True or bool(sp.N(value - sign * reached) < 0):
            raise NotSupported(f"an optimum at an end of the domain: the function tends to a better value as {x} tends to {_end(place)}")


def _refuse_bounds(reading: Reading, variables: Term) -> None:
    """Raises NotSupported for closed ends of variables beside parameters or other variables: the optimum may stand on one."""
    if any(b is not None and not b.strict for v in variables.args for b in _bounds(v, reading)):
        raise NotSupported("an optimum over variables with closed ends", span=variables.span)


def _inside(reading: Reading, solution: Solution) -> Solution:
    """The solution with the assumption that a stationary point with parameters is inside the declared interval."""
    assumed: list[Prose] = []
    for variable in reading.expanded.args[1].args:
        interval = _interval(*_bounds(variable, reading))
        at = solution.parts[to_sympy(variable, reading.types).name]
        within = interval.contains(at)
        if within is sp.false:
            raise NotSupported("an optimum at an end of the interval: the stationary point is not inside", span=variable.span)
        if within is not sp.true and interval != sp.S.Reals:
            assumed.append((within, ": the stationary point is inside"))
    if not assumed:
        return solution
    assumptions = (*solution.assumptions, *assumed)
    derivation = solution.derivation
    return replace(
        solution, assumptions=assumptions, derivation=replace(derivation, assumptions=assumptions) if derivation is not None else None
    )


def _bounds(variable: Term, reading: Reading) -> tuple[Bound | None, Bound | None]:
    kind = reading.types.get(variable.data)
    return (None, None) if kind is None else (kind.lower, kind.upper)


def _interval(lower: Bound | None, upper: Bound | None) -> Any:
    """The declared interval of a variable; the whole line where nothing is declared."""
    low = -sp.oo if lower is None else to_sympy(lower.value, {})
    high = sp.oo if upper is None else to_sympy(upper.value, {})
    return sp.Interval(low, high, lower is not None and lower.strict, upper is not None and upper.strict)


def _ends(f: Any, x: Any, interval: Any) -> list[tuple[Any, str]]:
    """The ends of the intervals where f is real and continuous, each with the side from which it is approached. Raises NotSupported."""
    try:
        domain = continuous_domain(f, x, interval)
    except NotImplementedError as problem:
        raise NotSupported("an optimum of a function whose domain is not found") from problem
    intervals = domain.args if isinstance(domain, sp.Union) else (domain,)
    if not all(isinstance(i, sp.Interval) for i in intervals):
        raise NotSupported("an optimum of a function whose domain is not made of finitely many intervals")
    return [end for i in intervals for end in ((i.inf, "+"), (i.sup, "-"))]


def _end(place: Any) -> str:
    return "∞" if place == sp.oo else "−∞" if place == -sp.oo else str(place)


# ── quadratic forms on the unit sphere ───────────────────────────────────────────────────────────────────────────────


def _on_the_sphere(reading: Reading) -> Solution | None:
    """max uᵀS u with ‖u‖ = 1: the largest eigenvalue. S is written out in numbers."""
    body, variables, *constraints = reading.expanded.args
    if len(variables.args) != 1 or len(constraints) != 1 or variables.args[0].head != "name":
        return None
    u = variables.args[0]
    if body.head != "mul" or len(body.args) != 3 or body.args[0] != Term("transpose", (u,)) or body.args[2] != u:
        return None
    if not _is_unit(constraints[0], u):
        return None
    matrix = body.args[1]
    if matrix.head != "matrix":
        raise NotSupported("the largest eigenvalue of a matrix that is not written out", span=matrix.span)
    rows, columns = matrix.data
    s = sp.Matrix(rows, columns, [to_sympy(a, reading.types) for a in matrix.args])
    if rows != columns:
        raise WrongUse("a quadratic form needs a square matrix", span=matrix.span)
    largest = reading.expanded.data in ("max", "argmax", "sup")
    return _eigenvalue(reading, (s + s.T) / 2, u, largest)


def _is_unit(constraint: Term, u: Term) -> bool:
    if constraint.head != "rel" or constraint.data != "=" or constraint.args[1] != Term("number", (), "1"):
        return False
    norm = Term("norm", (u,), "2")
    return constraint.args[0] in (norm, Term("pow", (norm, Term("number", (), "2"))), Term("mul", (Term("transpose", (u,)), u)))


def _eigenvalue(reading: Reading, s: Any, u: Term, largest: bool) -> Solution:
    journal = Journal(reading.term)
    lam = sp.Symbol("lambda", real=True)
    found = s.eigenvects()
    if any(value.is_real is not True for value, _, _ in found):
        raise NotSupported("eigenvalues without a closed form")
    value, multiplicity, vectors = (max if largest else min)(found, key=lambda e: sp.N(e[0]))
    vector = vectors[0] / sp.sqrt((vectors[0].T * vectors[0])[0, 0])
    vector = vector.applyfunc(shortened)
    equation = Term("rel", (Term("mul", (from_sympy(s), u)), Term("mul", (from_sympy(lam), u))), "=")
    size = s.shape[0]
    entries = [sp.Symbol(f"{u.data.key}_{k}", real=True) for k in range(1, size + 1)]
    place = sp.Matrix(entries)
    form, length = sp.expand((place.T * s * place)[0, 0]), sp.Add(*(e**2 for e in entries))
    slopes = sp.Tuple(*(sp.diff(form - lam * (length - 1), e) for e in entries))
    claim = Claim("equal", slopes, sp.Tuple(*(2 * (s * place - lam * place))))
    journal.add(step(LAGRANGIAN, reading.term, equation, "⇒", claim=claim))
    polynomial = sp.factor((s - lam * sp.eye(size)).det())
    roots = sp.Tuple(*(sp.Eq(lam, e, evaluate=False) for e, _, _ in found))
    zero = Claim("equal", sp.Tuple(*(polynomial.subs(lam, e) for e, _, _ in found)), sp.Tuple(*(sp.S.Zero for _ in found)))
    journal.add(step(CHARACTERISTIC, sp.Eq(polynomial, 0, evaluate=False), roots, "⇔", claim=zero))
    sides = (form, value * length) if largest else (value * length, form)
    because = (f"the {'largest' if largest else 'smallest'} eigenvalue, at its eigenvector ", vector)
    journal.add(step(RAYLEIGH, reading.term, value, "=", because, claim=Claim("at-most", *sides)))
    if multiplicity > 1:
        journal.note(((f"the eigenvalue has multiplicity {multiplicity}: every unit vector of its eigenspace attains it",),))
    journal.note((("−", u, " attains it too"),))
    parts = {u.data.key: vector, "value": value}
    return Solution(replace(journal.derivation(value), model=_WITHOUT_MODEL), None, parts, journal.notes, journal.assumptions)
