"""Optima over a few scalars: candidates, the argument that the best of them is the optimum, and the steps that say so.

In: a reading of an optimum over named scalars. Out: a Solution with the variables and `value` as parts; DoesNotExist where the optimum is
not attained, NotSupported where the candidates are not found in closed form or nothing shows that one is optimal.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import sympy as sp

from derive.derivation import Claim, Derivation, Prose, Step
from derive.errors import DoesNotExist, NotSupported, Undetermined
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.meaning.scope import Reading
from derive.rules import optima as rules
from derive.solution import Solution
from derive.solving.assumed import within_assumed
from derive.solving.optimisation.arguments import Argument, attained, is_convex_programme, refuse_unbounded
from derive.solving.optimisation.candidates import (
    FLAT,
    Candidate,
    Case,
    cases_of,
    irregular_points,
    is_feasible,
    lagrangian_of,
    multipliers_of,
)
from derive.solving.optimisation.equations import real_solutions, tidy
from derive.solving.optimisation.parameters import solve_with_parameters
from derive.solving.optimisation.programmes import Programme, programme_of
from derive.solving.optimisation.single import solve_single

__all__ = ["in_its_domain", "solve_scalar_optimum"]

NEAR = sp.Rational(1, 1000)  # how far along a family of solutions another feasible point is looked for
MAX_NEWTON = 2  # unknowns up to which a list of stationary points is compared with points from random starts


def solve_scalar_optimum(reading: Reading) -> Solution:
    """The optimum. Raises DoesNotExist, Undetermined or NotSupported with the reason."""
    p = in_its_domain(programme_of(reading))
    if p.parameters:
        done = solve_with_parameters(p)
        return replace(done, types=within_assumed({**reading.types, **done.types}, done.assumptions))
    if len(p.variables) == 1 and not p.equal:
        return solve_single(p)
    return _solve(p)


def in_its_domain(p: Programme) -> Programme:
    """The programme over variables that are positive where they are said to be, or where the function has their logarithm or a root."""
    table: dict[Any, Any] = {}
    whole = sp.Tuple(p.objective, *p.equal, *p.below)
    for v in p.variables:
        logged = any(n.args[0] == v for n in whole.atoms(sp.log))
        rooted = any(n.base == v and n.exp.is_Rational and not n.exp.is_Integer for n in whole.atoms(sp.Pow))
        if (logged or rooted) and not v.is_positive:
            table[v] = sp.Symbol(v.name, positive=True) if logged else sp.Symbol(v.name, nonnegative=True)
        elif -v in p.open_below and not v.is_positive:
            table[v] = sp.Symbol(v.name, positive=True)
    if not table:
        return p
    put: dict[str, Any] = {name: tuple(e.subs(table) for e in getattr(p, name)) for name in ("equal", "below", "open_below", "relations")}
    put["relations"] = tuple(r for r in put["relations"] if isinstance(r, sp.Rel))  # what the domain says is no constraint any more
    variables = tuple(table.get(v, v) for v in p.variables)
    roots = tuple(-v for v in table.values() if not v.is_positive and -v not in put["below"])
    put["below"] = (*(g for g in put["below"] if not g.is_negative), *roots)
    return replace(p, objective=p.objective.subs(table), function=p.function.subs(table), variables=variables, **put)


def _solve(p: Programme) -> Solution:
    if p.open_below and p.objective.is_polynomial(*p.variables) and is_convex_programme(p) is None:
        return _in_the_closure(p)
    cases = cases_of(p)
    convex = is_convex_programme(p)
    if convex is not None:
        satisfied = [c for case in cases for c in case.candidates if _signs_hold(p, c)]
        if satisfied:
            _refuse_a_continuum(p, cases, satisfied)
            return _finished(p, cases, satisfied, convex)
        families = next((case.trouble for case in cases if case.trouble == FLAT), "")
        if families:
            raise Undetermined("the optimum is not unique: the function is flat in some direction", span=p.span)
        if any(case.trouble for case in cases):
            raise NotSupported(next(case.trouble for case in cases if case.trouble), span=p.span)
    trouble = next((case.trouble for case in cases if case.trouble and case.trouble != FLAT), "")
    candidates = [c for case in cases for c in case.candidates]
    for point in [] if trouble else irregular_points(p):
        if not any(c.point == point for c in candidates):
            candidates.append(Candidate(point, {}, (), tidy(p.objective.subs(point))))
    if not candidates and not trouble and p.equal and not real_solutions(p.equal, p.variables).solutions:
        raise DoesNotExist("the constraints contradict each other: no point is feasible", span=p.span)
    best = min((c.reached for c in candidates), key=sp.N, default=None)
    if trouble:
        refuse_unbounded(p)
        raise NotSupported(trouble, span=p.span)
    flat = [value for case in cases for value in case.flat]
    if any(best is None or value.free_symbols or sp.N(value - best) < 1e-12 for value in flat):
        refuse_unbounded(p)
        raise Undetermined("the stationary points are not isolated: an optimum would not be unique", span=p.span)
    try:
        argument = attained(p, best)
    except NotSupported as problem:
        if candidates:
            listed = "; ".join(_spelled(p, c) for c in candidates[:4])
            raise NotSupported(f"{problem.message} (candidates: {listed})", span=p.span) from problem
        raise
    return _finished(p, cases, [c for c in candidates if sp.simplify(c.reached - best) == 0], argument)


def _refuse_a_continuum(p: Programme, cases: list[Case], satisfied: list[Candidate]) -> None:
    """Undetermined where more than one point satisfies the conditions: with a convex function all points between them do."""
    points = list({tuple(c.point[v] for v in p.variables): c.point for c in satisfied}.values())
    first, other = points[0], points[1] if len(points) > 1 else None
    families = [s for case in cases if case.flat for s in case.solutions if sp.simplify(p.objective.subs(s) - satisfied[0].reached) == 0]
    for family, v in product(families, p.variables):
        free = {u: first[u] for u in p.variables if u not in family}
        for step in (NEAR, -NEAR) if other is None and v in free else ():
            values = {**free, v: first[v] + step}
            moved = {u: family[u].subs(values) if u in family else values[u] for u in p.variables}
            if other is None and all(not m.free_symbols for m in moved.values()) and is_feasible(p, moved):
                other = moved
    if other is not None:
        spelled = [", ".join(f"{v} = {plain(from_sympy(at[v]))}" for v in p.variables) for at in (first, other)]
        value = plain(from_sympy(tidy(-satisfied[0].reached if p.largest else satisfied[0].reached)))
        raise Undetermined(
            f"the {p.word} {value} is attained at infinitely many points: between {spelled[0]} and {spelled[1]} the function is constant",
            span=p.span,
        )  # fmt: skip


def _in_the_closure(p: Programme) -> Solution:
    """Strict inequalities relaxed: where the optimum then stands on one of them, it is not attained."""
    closed = replace(p, below=(*p.below, *p.open_below), open_below=())
    table = {v: sp.Symbol(v.name, nonnegative=True) for v in p.variables if v.is_positive}
    table |= {v: sp.Symbol(v.name, nonpositive=True) for v in p.variables if v.is_negative}
    inner = replace(
        closed,
        objective=p.objective.subs(table),
        function=p.function.subs(table),
        variables=tuple(table.get(v, v) for v in p.variables),
        equal=tuple(e.subs(table) for e in closed.equal),
        below=tuple(e.subs(table) for e in closed.below),
    )
    relations = tuple(_loose(r).subs(table) for r in p.relations if isinstance(r, sp.Rel))
    solution = _solve(replace(inner, relations=relations))
    back = {table[v]: v for v in table}
    values = {v: solution.parts[v.name] for v in p.variables}
    for gap in p.open_below:
        reached = [gap.subs(dict(zip(p.variables, place, strict=True))) for place in _places(values, p)]
        if all(sp.N(r) > -1e-12 for r in reached):
            bound = "supremum" if p.largest else "infimum"
            raise DoesNotExist(
                f"the {p.word} is not attained: the {bound} {plain(from_sympy(solution.parts['value']))} is approached where "
                f"{plain(from_sympy(gap.subs(back)))} tends to 0", span=p.span,
            )  # fmt: skip
        if any(sp.N(r) > -1e-12 for r in reached):
            raise NotSupported("an optimum of which some points stand on the boundary that is excluded", span=p.span)
    return solution


def _places(values: dict[Any, Any], p: Programme) -> list[tuple[Any, ...]]:
    columns = [list(values[v]) if isinstance(values[v], sp.Tuple) else [values[v]] for v in p.variables]
    return list(zip(*columns, strict=True))


def _loose(relation: Any) -> Any:
    kinds = {sp.Lt: sp.Le, sp.Gt: sp.Ge}
    return kinds.get(type(relation), type(relation))(relation.lhs, relation.rhs, evaluate=False)


def _signs_hold(p: Programme, candidate: Candidate) -> bool:
    """Whether the multipliers of the active inequalities are not negative."""
    _, mu = multipliers_of(p)
    return all(sp.N(candidate.multipliers.get(mu[k], 0)) >= -1e-20 for k in candidate.active)


def _spelled(p: Programme, candidate: Candidate) -> str:
    values = ", ".join(f"{v} = {plain(from_sympy(candidate.point[v]))}" for v in p.variables)
    return f"{values} with the value {plain(from_sympy(tidy(-candidate.reached if p.largest else candidate.reached)))}"


# ── steps ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _finished(p: Programme, cases: list[Case], best: list[Candidate], argument: Argument) -> Solution:
    distinct = list({tuple(c.point[v] for v in p.variables): c for c in best}.values())
    steps = _conditions(p) + [s for case in cases for s in _case_steps(p, case)]
    notes: list[Prose] = []
    value = tidy(-distinct[0].reached if p.largest else distinct[0].reached)
    for candidate in distinct[:1]:
        values = sp.Tuple(*(candidate.point[v] for v in p.variables))
        found = [sp.Eq(v, candidate.point[v], evaluate=False) for v in p.variables]
        relations = tuple(r for r in p.relations)
        claim = Claim("optimum", p.objective, tuple(values), p.variables, relations)
        shown = found[0] if len(found) == 1 else sp.Tuple(*found)
        rule = rules.CONVEX if "convex" in argument.words or "concave" in argument.words else rules.BEST
        steps.append(Step(rule.id, rule.title, p.function, shown, "⇒", because=(argument.words,), formula=rule.formula, claim=claim))
        at = p.function.subs(candidate.point)
        steps.append(
            Step(
                rules.AT_OPTIMUM.id, rules.AT_OPTIMUM.title, p.function, value, part=(at, value), formula=rules.AT_OPTIMUM.formula,
                claim=Claim("equal", at, value),
            )
        )  # fmt: skip
    parts: dict[str, Any] = {}
    for v in p.variables:
        places = [c.point[v] for c in distinct]
        parts[v.name] = places[0] if len(places) == 1 else sp.Tuple(*places)
    if len(distinct) > 1:
        notes.append((f"the {p.word} is attained at {len(distinct)} points: the parts list their coordinates in order",))
    parts["value"] = value
    for candidate in distinct[:1]:
        for m, v in candidate.multipliers.items():
            notes.append(("the multiplier is ", sp.Eq(m, tidy(v), evaluate=False)))
    derivation = Derivation(p.function, value, tuple(steps), ())
    return Solution(derivation, None, parts, tuple(notes), ())


def _conditions(p: Programme) -> list[Step]:
    """The slopes, or those of the Lagrangian with all that has to hold."""
    nu, mu = multipliers_of(p)
    whole = lagrangian_of(p, nu, mu)
    slopes = [sp.diff(whole, v) for v in p.variables]
    if not nu and not mu:
        return [
            Step(
                rules.STATIONARY.id, "First-order condition", sp.Derivative(p.function, v, evaluate=False), sp.diff(p.function, v),
                formula=rules.STATIONARY.formula,
            )
            for v in p.variables
        ]  # fmt: skip
    rule = rules.KKT if mu else rules.LAGRANGE
    held = [sp.Eq(s, 0, evaluate=False) for s in slopes] + [sp.Eq(h, 0, evaluate=False) for h in p.equal]
    for m, g in zip(mu, p.below, strict=True):
        held += [sp.Le(g, 0, evaluate=False), sp.Ge(m, 0, evaluate=False), sp.Eq(m * g, 0, evaluate=False)]
    derivatives = sp.Tuple(*(sp.Derivative(whole, v, evaluate=False) for v in p.variables))
    because: Prose = ("the Lagrangian is ", whole)
    claim = Claim("equal", derivatives, sp.Tuple(*slopes))
    return [Step(rule.id, rule.title, p.function, sp.Tuple(*held), "⇒", because=because, formula=rule.formula, claim=claim)]


def _case_steps(p: Programme, case: Case) -> list[Step]:
    """The solutions of one case, each put back into the equations."""
    if case.trouble and not case.solutions:
        return []
    unknowns = case.unknowns
    system = sp.Tuple(*(sp.Eq(e, 0, evaluate=False) for e in case.equations))
    shown = [sp.Tuple(*(sp.Eq(u, s[u], evaluate=False) for u in unknowns if u in s)) for s in case.solutions]
    residual = sp.Tuple(*(e.subs(s) for s in case.solutions for e in case.equations))
    zero = sp.Tuple(*(sp.S.Zero for _ in residual))
    rule = rules.SLACKNESS if p.below else rules.SOLVE_STATIONARY
    because: Prose = ()
    if p.below:
        active = [from_sympy(sp.Eq(p.below[k], 0, evaluate=False)) for k in case.active]
        because = ("with no active inequality",) if not active else ("with ", *[x for a in active for x in (a, " ")])
        because = (*because, ": ", _judged(p, case))
    if not case.solutions:
        return []
    after: Any = shown[0] if len(shown) == 1 else sp.Or(*(sp.And(*s.args, evaluate=False) for s in shown), evaluate=False)
    claim = Claim("equal", residual, zero)
    steps = [Step(rule.id, rule.title, system, after, "⇔", because=because, formula=rule.formula, claim=claim)]
    if not p.below and not p.equal and len(unknowns) <= MAX_NEWTON:
        points = tuple(tuple(s[u] for u in unknowns) for s in case.solutions)
        if all(u in s for s in case.solutions for u in unknowns):
            whole = Claim("stationary", p.function, points, p.variables)
            steps[0] = replace(steps[0], steps=(replace(steps[0], title="No other stationary point", claim=whole, because=()),))
    return steps


def _judged(p: Programme, case: Case) -> str:
    if not case.candidates:
        return "not feasible"
    if all(not _signs_hold(p, c) for c in case.candidates):
        return "a multiplier is negative"
    return "feasible, the multipliers have the right sign" if case.active else "feasible"
