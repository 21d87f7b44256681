"""Optima that depend on parameters: the conditions solved for the variables, curvature assumed where the names do not decide it.

In: a `Programme` with parameters. Out: a Solution with its assumptions; where the case depends on the parameters, an answer
with `max`, or with two cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from derive.derivation import Claim, Derivation, Prose, Step
from derive.errors import DoesNotExist, NotSupported, Undetermined
from derive.rules import optima as rules
from derive.solution import Solution
from derive.solving.chance.presentable import presentable
from derive.solving.optimisation.candidates import lagrangian_of, multipliers_of
from derive.solving.optimisation.convexity import convexity
from derive.solving.optimisation.equations import Found, real_solutions
from derive.solving.optimisation.programmes import Programme

__all__ = ["solve_with_parameters"]


def solve_with_parameters(p: Programme) -> Solution:
    """The optimum over names. Raises NotSupported where the case depends on the parameters in other ways."""
    positive = tuple(g for g in p.open_below if not g.is_negative)  # what the variables are by their domain needs no word
    if positive and any(g.free_symbols - set(p.variables) or len(g.free_symbols) > 1 for g in positive):
        raise NotSupported("an optimum with parameters under strict inequalities", span=p.span)
    thresholds = _threshold(p)
    if thresholds is not None:
        return thresholds
    if not p.below:
        return _held(p)
    if len(p.variables) == 1 and not p.equal:
        return _clipped(p)
    if len(p.below) == 1:
        return _one_inequality(p)
    raise NotSupported("an optimum with parameters under several inequalities", span=p.span)


# ── equations ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _stationary(p: Programme, active: tuple[Any, ...]) -> tuple[Mapping[Any, Any], Found, tuple[Any, ...], tuple[Any, ...]]:
    """The one stationary point of the Lagrangian with these inequalities active, the equations and the unknowns."""
    inner = replace(p, equal=(*p.equal, *active), below=())
    nu, _ = multipliers_of(inner)
    whole = lagrangian_of(inner, nu, ())
    equations = (*(sp.diff(whole, v) for v in p.variables), *inner.equal)
    unknowns = (*p.variables, *nu)
    found = real_solutions(equations, unknowns)
    if not found.solutions:
        raise DoesNotExist(f"there is no {p.word}: no feasible point is stationary", span=p.span)
    chosen = _best(p, found.solutions)
    if any(v not in chosen or chosen[v].free_symbols & set(unknowns) for v in p.variables):
        raise Undetermined("the optimum is not unique: the function is flat in some direction", span=p.span)
    return chosen, found, equations, unknowns


def _best(p: Programme, solutions: list[dict[Any, Any]]) -> dict[Any, Any]:
    """The solution with the least value, where the names decide which it is."""
    best = solutions[0]
    for other in solutions[1:]:
        gap = simplified(p.objective.subs(other) - p.objective.subs(best))
        if gap.is_negative:
            best = other
        elif gap.is_nonnegative is not True or gap.is_zero:
            raise NotSupported("an optimum of which the parameters decide the stationary point", span=p.span)
    return best


def _held(p: Programme) -> Solution:
    """Equations only: one stationary point, and the function convex, or of positive curvature on the constraints."""
    chosen, found, equations, unknowns = _stationary(p, ())
    assumed: list[Prose] = []
    relations: list[Any] = []
    linear = all(not sp.diff(h, v).free_symbols & set(p.variables) for h in p.equal for v in p.variables)
    verdict = convexity(p.objective, p.variables) if linear else None
    if verdict is not None and verdict.convex:
        words = f"the function is {'concave' if p.largest else 'convex'} and the equations linear: the stationary point is the {p.word}"
    else:
        curvature = _curvature(p, chosen, unknowns)
        for minor in curvature:
            if minor.is_positive:
                continue
            if minor.is_nonpositive:
                raise DoesNotExist(f"the stationary point is no {p.word}: there is none", span=p.span)
            shown = _without_positive_factors(minor)
            assumed.append((sp.Gt(shown, 0, evaluate=False), f": the stationary point is a {p.word}"))
            relations.append(sp.Gt(shown, 0, evaluate=False))
        words = (
            "the Hessian on the tangent space of the constraints is positive definite" if p.equal else "the Hessian is positive definite"
        )
        words = words.replace("positive", "negative") if p.largest else words
    for relation in _nonzero(found, relations):
        assumed.append((relation,))
        relations.append(relation)
    for gap in p.open_below:
        reached = simplified(gap.subs(chosen))
        if reached.is_nonnegative:
            raise NotSupported("an optimum at an end of the interval: the stationary point is not inside", span=p.span)
        if not reached.is_negative:
            inside = sp.Lt(reached, 0, evaluate=False)
            assumed.append((inside, ": the stationary point is inside"))
            relations.append(inside)
    for v in p.variables:
        if v.is_positive and chosen[v].is_positive is None:
            said = sp.Gt(_without_positive_factors(sp.factor(chosen[v])), 0, evaluate=False)
            assumed.append((said,))
            relations.append(said)
    steps = [*_conditions(p), _solved(p, chosen, equations, unknowns, tuple(assumed))]
    point = {v: presentable(chosen[v]) for v in p.variables}
    return _finish(p, point, steps, words, assumed, relations)


def _curvature(p: Programme, chosen: Mapping[Any, Any], unknowns: tuple[Any, ...]) -> list[Any]:
    """The last leading minors of the bordered Hessian, each with the sign that makes it positive at a minimum."""
    nu, _ = multipliers_of(p)
    whole = p.objective + sp.Add(*((-1 if p.largest else 1) * n * h for n, h in zip(nu, p.equal, strict=True)))
    count, size = len(p.equal), len(p.variables)
    border = sp.zeros(count + size, count + size)
    for i, h in enumerate(p.equal):
        for j, v in enumerate(p.variables):
            border[i, count + j] = border[count + j, i] = sp.diff(h, v)
    for i, v in enumerate(p.variables):
        for j, w in enumerate(p.variables):
            border[count + i, count + j] = sp.diff(whole, v, w)
    border = border.subs(chosen)
    minors = []
    for k in range(2 * count + 1, count + size + 1):
        minors.append(sp.factor(simplified((-1) ** count * border[:k, :k].det())))
    return minors


def simplified(value: Any) -> Any:
    """A shorter form; sums over data stay as they are."""
    return value if value.has(sp.Sum) else sp.simplify(value)


def _nonzero(found: Found, relations: list[Any]) -> list[Any]:
    """What was divided by, unless it is never zero or an inequality says so."""
    made: list[Any] = []
    for expression in found.nonzero:
        shown = _without_positive_factors(expression)
        if shown.could_extract_minus_sign():
            shown = -shown
        said = any(r.lhs in (shown, -shown) for r in (*relations, *made))
        if shown.is_nonzero is None and not said and shown.free_symbols:
            made.append(sp.Ne(shown, 0, evaluate=False))
    return made


def _without_positive_factors(minor: Any) -> Any:
    """The factors that say the sign."""
    kept = [f for f in sp.Mul.make_args(sp.factor(minor)) if not f.is_positive and not (f.is_Pow and f.exp.is_even)]
    return sp.Mul(*(f.base if f.is_Pow and f.exp.is_odd else f for f in kept)) if kept else minor


def _conditions(p: Programme) -> list[Step]:
    nu, mu = multipliers_of(p)
    whole = lagrangian_of(p, nu, mu)
    derivatives = sp.Tuple(*(sp.Derivative(whole, v, evaluate=False) for v in p.variables))
    slopes = sp.Tuple(*(sp.diff(whole, v) for v in p.variables))
    if not nu and not mu:
        return [
            Step(rules.STATIONARY.id, "First-order condition", d, s, formula=rules.STATIONARY.formula)
            for d, s in zip(derivatives, slopes, strict=True)
        ]
    rule = rules.KKT if mu else rules.LAGRANGE
    held = [sp.Eq(s, 0, evaluate=False) for s in slopes] + [sp.Eq(h, 0, evaluate=False) for h in p.equal]
    for m, g in zip(mu, p.below, strict=True):
        held += [sp.Le(g, 0, evaluate=False), sp.Ge(m, 0, evaluate=False), sp.Eq(m * g, 0, evaluate=False)]
    claim = Claim("equal", derivatives, slopes)
    return [
        Step(
            rule.id, rule.title, p.function, sp.Tuple(*held), "⇒", because=("the Lagrangian is ", whole), formula=rule.formula, claim=claim
        )
    ]


def _solved(
    p: Programme,
    chosen: Mapping[Any, Any],
    equations: tuple[Any, ...],
    unknowns: tuple[Any, ...],
    assumed: tuple[Prose, ...] = (),
    said: Prose = (),
) -> Step:
    system = sp.Tuple(*(sp.Eq(e, 0, evaluate=False) for e in equations))
    shown = sp.Tuple(*(sp.Eq(u, presentable(chosen[u]), evaluate=False) for u in unknowns if u in chosen))
    residual = sp.Tuple(*(e.subs(chosen) for e in equations))
    claim = Claim("equal", residual, sp.Tuple(*(sp.S.Zero for _ in residual)))
    rule = rules.SLACKNESS if said else rules.SOLVE_STATIONARY
    return Step(rule.id, rule.title, system, shown, "⇔", because=said, formula=rule.formula, claim=claim, assumptions=assumed)


def _finish(
    p: Programme, point: Mapping[Any, Any], steps: list[Step], words: str, assumed: list[Prose], relations: list[Any], reached: Any = None
) -> Solution:
    function = p.function.subs(point)
    value = presentable(simplified(function) if reached is None else reached)
    found = [sp.Eq(v, point[v], evaluate=False) for v in p.variables]
    claim = Claim("optimum", p.objective, tuple(point[v] for v in p.variables), p.variables, (*p.relations, *relations))
    shown = found[0] if len(found) == 1 else sp.Tuple(*found)
    rule = rules.CONVEX if "convex" in words or "concave" in words else rules.BEST
    steps = [
        *steps,
        Step(rule.id, rule.title, p.function, shown, "⇒", because=(words,), formula=rule.formula, claim=claim),
        Step(
            rules.AT_OPTIMUM.id, rules.AT_OPTIMUM.title, p.function, value, part=(function, value), formula=rules.AT_OPTIMUM.formula,
            claim=Claim("equal", function, value), assumptions=tuple(assumed),
        ),
    ]  # fmt: skip
    parts: dict[str, Any] = {v.name: point[v] for v in p.variables}
    parts["value"] = value
    assumptions = tuple(dict.fromkeys(assumed))
    return Solution(Derivation(p.function, value, tuple(steps), assumptions), None, parts, (), assumptions)


# ── inequalities ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _convex(p: Programme) -> str:
    verdict = convexity(p.objective, p.variables)
    linear = all(not sp.diff(g, v).free_symbols & set(p.variables) for g in (*p.below, *p.equal) for v in p.variables)
    if verdict is None or not verdict.convex or not linear:
        raise NotSupported("an optimum with parameters under inequalities, of a function that is not seen to be convex", span=p.span)
    return f"the function is {'concave' if p.largest else 'convex'} and the constraints are linear: the conditions are sufficient"


def _clipped(p: Programme) -> Solution:
    """A convex function of one variable between bounds: the nearest end to the free minimiser."""
    words = _convex(p)
    x = p.variables[0]
    free, _, equations, unknowns = _stationary(replace(p, below=()), ())
    answer = free[x]
    lows: list[Any] = []
    highs: list[Any] = []
    for g in p.below:
        slope = sp.diff(g, x)
        end = sp.cancel(-(g - slope * x) / slope)
        if slope.is_positive is None and slope.is_negative is None:
            raise NotSupported("a bound whose direction depends on a parameter", span=p.span)
        (highs if slope.is_positive else lows).append(end)
    if lows:
        answer = sp.Max(answer, *lows)
    if highs:
        answer = sp.Min(answer, *highs)
    relations = [sp.Le(low, high, evaluate=False) for low in lows for high in highs if sp.Le(low, high) != sp.true]
    assumed: list[Prose] = [(r,) for r in relations]
    steps = [*_conditions(replace(p, below=(), relations=())), _solved(p, free, equations, unknowns)]
    slope = sp.diff(p.objective, x)
    push = slope.subs(x, answer) * (answer - free[x])
    clip = Claim("at-most", sp.S.Zero, push)
    shown = sp.Eq(x, answer, evaluate=False)
    because: Prose = ("where an end is active, the derivative there points out of the interval",)
    steps.append(
        Step(rules.CLIPPED.id, rules.CLIPPED.title, p.function, shown, "⇒", because=because, formula=rules.CLIPPED.formula, claim=clip)
    )
    return _finish(p, {x: answer}, steps, words, assumed, relations, p.function.subs(x, answer))


def _one_inequality(p: Programme) -> Solution:
    """The free optimum where it is feasible, the one with equality elsewhere."""
    words = _convex(p)
    gap = p.below[0]
    free, _, first, names = _stationary(replace(p, below=()), ())
    held, _, second, more = _stationary(p, (gap,))
    excess = sp.factor(simplified(gap.subs(free)))
    point = {v: sp.Piecewise((free[v], sp.Le(excess, 0)), (held[v], True)) for v in p.variables}
    steps = [
        *_conditions(p),
        _solved(p, free, first, names, said=("with no active inequality, where ", sp.Le(excess, 0, evaluate=False))),
        _solved(p, held, second, more, said=("with ", sp.Eq(gap, 0, evaluate=False), ", elsewhere")),
    ]
    values = [presentable(simplified(p.function.subs(s))) for s in (free, held)]
    return _finish(p, point, steps, words, [], [], sp.Piecewise((values[0], sp.Le(excess, 0)), (values[1], True)))


# ── one absolute value ───────────────────────────────────────────────────────────────────────────────────────────────


def _threshold(p: Programme) -> Solution | None:
    """α/2 x² − β x + t |x − c|: the soft threshold; None for other functions."""
    if len(p.variables) != 1 or p.equal or p.below or p.open_below:
        return None
    x = p.variables[0]
    kinked = [n for n in p.objective.atoms(sp.Abs) if n.has(x)]
    if len(kinked) != 1 or sp.diff(kinked[0].args[0], x) not in (1, -1):
        return None
    weight = p.objective.coeff(kinked[0])
    smooth = sp.expand(p.objective - weight * kinked[0])
    if weight.has(x) or smooth.has(sp.Abs) or not smooth.is_polynomial(x) or sp.degree(smooth, x) != 2:
        return None
    centre = sp.solve(kinked[0].args[0], x)[0]
    alpha = sp.diff(smooth, x, 2)
    pull = sp.factor(-sp.diff(smooth, x).subs(x, centre))  # −q'(c): what moves x away from the kink
    level = simplified(weight / alpha)
    middle = simplified(pull / alpha)
    answer = centre + sp.sign(middle) * sp.Max(sp.Abs(middle) - level, 0)
    assumed: list[Prose] = [(sp.Gt(e, 0, evaluate=False),) for e in (weight, alpha) if e.is_positive is None]
    relations = [a[0] for a in assumed]
    if weight.is_negative or alpha.is_negative:
        return None
    slope = sp.diff(smooth, x)
    claim = Claim("at-most", sp.Abs(slope.subs(x, answer)), weight * (1 + sp.Rational(1, 10**12)))
    because: Prose = ("the smooth part has the derivative ", slope, "; at the kink its negative is a subgradient")
    rule = rules.SOFT_THRESHOLD
    shown = sp.Eq(x, answer, evaluate=False)
    steps = [
        Step(rule.id, rule.title, p.function, shown, "⇒", because=because, formula=rule.formula, claim=claim, assumptions=tuple(assumed))
    ]
    words = f"the function is {'concave' if p.largest else 'convex'}: 0 is a subgradient there"
    return _finish(p, {x: answer}, steps, words, assumed, relations, p.function.subs(x, answer))
