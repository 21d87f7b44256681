"""The points where an optimum can be: stationary points of the Lagrangian for every set of active inequalities, and irregular points.

In: a `Programme` without parameters. Out: feasible `Candidate`s, with their multipliers. Source: Nocedal & Wright, Numerical Optimization
(2006), theorem 12.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import sympy as sp

from derive.errors import NotSupported
from derive.solving.optimisation.equations import real_solutions, tidy
from derive.solving.optimisation.programmes import Programme

__all__ = ["FLAT", "Candidate", "Case", "cases_of", "irregular_points", "is_feasible", "lagrangian_of", "multipliers_of"]

FLAT = "the stationary points are not isolated"
LETTERS = ("lambda", "nu", "mu", "eta", "kappa")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A point, its multipliers (by symbol), the inequalities that are active by choice, and the value there (to be made small)."""

    point: Mapping[Any, Any]
    multipliers: Mapping[Any, Any]
    active: tuple[int, ...]
    reached: Any


@dataclass(frozen=True, slots=True)
class Case:
    """One choice of active inequalities: its equations and unknowns, all solutions, and the feasible ones with the right signs.

    `trouble` says why there are no solutions in closed form; `flat` are the values of the function on families of solutions.
    """

    active: tuple[int, ...]
    equations: tuple[Any, ...]
    unknowns: tuple[Any, ...]
    solutions: tuple[Mapping[Any, Any], ...]
    candidates: tuple[Candidate, ...]
    trouble: str = ""
    flat: tuple[Any, ...] = ()


def multipliers_of(p: Programme) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Names for the multipliers of the equations and of the inequalities, none of them in use."""
    used = {s.name for s in sp.Tuple(p.objective, *p.equal, *p.below, *p.variables).free_symbols}

    def named(count: int, *letters: str) -> tuple[Any, ...]:
        letter = next(x for x in letters if not any(u == x or u.startswith(f"{x}_") for u in used))
        used.add(letter)
        return tuple(sp.Symbol(letter if count == 1 else f"{letter}_{k + 1}", real=True) for k in range(count))

    return named(len(p.equal), *LETTERS, "xi", "zeta", "rho"), named(len(p.below), "mu", "eta", "kappa", "xi", "zeta", "rho")


def lagrangian_of(p: Programme, nu: tuple[Any, ...], mu: tuple[Any, ...]) -> Any:
    """f + Σ ν h + Σ μ g; for equations alone of the function as it was written, else of the one to be made small."""
    base = p.function if not p.below else p.objective
    return base + sp.Add(*(n * h for n, h in zip(nu, p.equal, strict=True))) + sp.Add(*(m * g for m, g in zip(mu, p.below, strict=True)))


def cases_of(p: Programme) -> list[Case]:
    """Every choice of active inequalities, from none on."""
    nu, mu = multipliers_of(p)
    whole = lagrangian_of(p, nu, mu)
    found = []
    most = len(p.variables) - len(p.equal)
    for active in _subsets(len(p.below), max(most, 0)):
        inactive = {m: 0 for k, m in enumerate(mu) if k not in active}
        slopes = tuple(sp.diff(whole, v).subs(inactive) for v in p.variables)
        equations = (*slopes, *p.equal, *(p.below[k] for k in active))
        unknowns = (*p.variables, *nu, *(mu[k] for k in active))
        try:
            solutions = real_solutions(equations, unknowns).solutions
        except NotSupported as problem:
            found.append(Case(active, equations, unknowns, (), (), problem.message))
            continue
        kept = tuple(
            Candidate({v: s[v] for v in p.variables}, {m: s.get(m, sp.S.Zero) for m in (*nu, *(mu[k] for k in active))}, active, value)
            for s in solutions
            if all(v in s for v in p.variables) and not any(s[v].free_symbols for v in p.variables)
            for value in [tidy(p.objective.subs(s))]
            if is_feasible(p, s) and value.is_finite is not False
        )
        families = [s for s in solutions if any(v not in s or s[v].free_symbols for v in p.variables)]
        flat = tuple(tidy(p.objective.subs(s)) for s in families)
        found.append(Case(active, equations, unknowns, tuple(solutions), kept, FLAT if families else "", flat))
    return found


def _subsets(count: int, most: int) -> Iterator[tuple[int, ...]]:
    for size in range(min(count, most) + 1):
        yield from combinations(range(count), size)


def is_feasible(p: Programme, point: Mapping[Any, Any]) -> bool:
    """Whether a point of numbers obeys all constraints."""
    values = {v: point[v] for v in p.variables}
    if any(abs(_number(e.subs(values))) > 1e-15 for e in p.equal):
        return False
    if any(_number(e.subs(values)) > 1e-20 for e in p.below):
        return False
    return all(_number(e.subs(values)) < -1e-20 for e in p.open_below)


def _number(value: Any) -> Any:
    made = sp.N(value, 30)
    if not made.is_number or made.has(sp.nan, sp.zoo) or abs(sp.im(made)) > 1e-20:
        raise NotSupported("a constraint without a value at a stationary point")
    return sp.re(made)


def irregular_points(p: Programme) -> list[dict[Any, Any]]:
    """Points where the gradients of active constraints depend on each other: multipliers need not exist there.

    Raises NotSupported where they are not found.
    """
    found: list[dict[Any, Any]] = []
    constraints = [*p.equal, *p.below]
    affine = [all(not sp.diff(c, v).free_symbols & set(p.variables) for v in p.variables) for c in constraints]
    if all(affine):
        return []
    first = range(len(p.equal))
    for size in range(len(p.below) + 1):
        for chosen in combinations(range(len(p.equal), len(constraints)), size):
            group = (*first, *chosen)
            if not group or all(affine[k] for k in group):
                continue
            held = [constraints[k] for k in group]
            if len(group) == 1:
                equations = [*held, *(sp.diff(held[0], v) for v in p.variables)]
            elif len(group) >= len(p.variables):
                equations = held
            else:
                equations = [*held, *_minors(held, p.variables)]
            for solution in real_solutions(equations, p.variables).solutions:
                if any(v not in solution or solution[v].free_symbols for v in p.variables):
                    raise NotSupported("an optimum on a curve where the gradients of the constraints depend on each other")
                if is_feasible(p, solution):
                    found.append({v: solution[v] for v in p.variables})
    return found


def _minors(held: list[Any], variables: tuple[Any, ...]) -> list[Any]:
    """What is zero where the gradients depend on each other."""
    matrix = sp.Matrix([[sp.diff(e, v) for v in variables] for e in held])
    return [matrix[:, list(columns)].det() for columns in combinations(range(len(variables)), len(held))]
