"""Optima of one scalar on an interval: stationary points, kinks, ends and limits, compared.

In: a `Programme` over one variable without equations and parameters. Out: a Solution; DoesNotExist where a limit is better or
nothing is best.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sympy as sp

from derive.derivation import Claim, Derivation, Prose, Step
from derive.errors import DoesNotExist, NotSupported, Undetermined
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.rules import optima as rules
from derive.solution import Solution
from derive.solving.optimisation.convexity import convexity
from derive.solving.optimisation.equations import real_solutions, tidy
from derive.solving.optimisation.line import domain_of, ends_of, refuse_better_limits, set_of
from derive.solving.optimisation.programmes import Programme
from derive.solving.optimisation.slopes import slope_at

__all__ = ["Stationary", "classified", "solve_single", "stationary_on"]


class Stationary(NamedTuple):
    """The zeros of the derivative, and the points where there is none (kinks), inside the domain."""

    smooth: list[Any]
    kinks: list[Any]


def stationary_on(f: Any, x: Any, domain: Any) -> Stationary:
    """All of them. Raises NotSupported where they have no closed form."""
    everywhere = _kinks(f, x)
    kinks = [k for k in everywhere if domain.contains(k) == sp.true]
    pieces = [-sp.oo, *everywhere, sp.oo]
    smooth: list[Any] = []
    for low, high in zip(pieces, pieces[1:], strict=False):
        piece = _without_kinks(f, x, low, high)
        slope = sp.diff(piece, x)
        if slope.is_zero:
            if low == -sp.oo and high == sp.oo:
                raise NotSupported("an optimum of a constant function: every point is one")
            continue
        if slope.is_nonzero:
            continue
        for solution in real_solutions([slope], [x], domain if _is_bounded(domain) else sp.S.Reals).solutions:
            if x not in solution:
                raise NotSupported("the stationary points are not isolated")
            place = solution[x]
            if bool(sp.N(place - low) > 0) and bool(sp.N(high - place) > 0) and domain.contains(place) != sp.false:
                smooth.append(place)
    return Stationary(sorted(set(smooth), key=sp.N), kinks)


def _kinks(f: Any, x: Any) -> list[Any]:
    """The points where |u| or max changes its branch, in order."""
    found: list[Any] = []
    for node in f.atoms(sp.Abs, sp.Max, sp.Min, sp.sign):
        inner = [node.args[0]] if len(node.args) == 1 else [a - b for k, a in enumerate(node.args) for b in node.args[:k]]
        for expression in inner:
            if expression.has(x):
                found += [s[x] for s in real_solutions([expression], [x]).solutions if x in s]
    return sorted(set(found), key=sp.N)


def _beside(f: Any, x: Any, end: Any, side: str) -> Any:
    """The function without kinks next to an end of its domain."""
    kinks = [-sp.oo, *_kinks(f, x), sp.oo]
    for low, high in zip(kinks, kinks[1:], strict=False):
        inside = low <= end < high if side == "+" else low < end <= high
        if bool(inside):
            return _without_kinks(f, x, low, high)
    return f


def _is_bounded(domain: Any) -> bool:
    return bool(domain.inf != -sp.oo and domain.sup != sp.oo)


def _without_kinks(f: Any, x: Any, low: Any, high: Any) -> Any:
    """The function between two kinks, where every |u| and max has one sign."""
    if low == -sp.oo:
        sample = high - 1 if high != sp.oo else sp.Rational(1, 3)
    else:
        sample = low + 1 if high == sp.oo else (low + high) / 2
    for node in f.atoms(sp.Abs, sp.sign):
        sign = 1 if sp.N(node.args[0].subs(x, sample)) > 0 else -1
        f = f.subs(node, sign * node.args[0] if isinstance(node, sp.Abs) else sp.Integer(sign))
    for node in f.atoms(sp.Max, sp.Min):
        choose = max if isinstance(node, sp.Max) else min
        f = f.subs(node, choose(node.args, key=lambda a: sp.N(a.subs(x, sample))))
    return f


def classified(f: Any, x: Any, place: Any) -> tuple[str, Any]:
    """minimum, maximum, saddle (an inflection), by the first derivative that is not zero there, and its value."""
    derivative = sp.diff(f, x)
    for order in range(2, 9):
        derivative = sp.diff(derivative, x)
        value = tidy(derivative.subs(x, place))
        number = sp.N(value, 20)
        if abs(number) > 1e-15:
            if order % 2:
                return "saddle", value
            return ("minimum" if number > 0 else "maximum"), value
    raise NotSupported("a stationary point where many derivatives are zero")


def solve_single(p: Programme) -> Solution:
    """The optimum on the set that the inequalities leave."""
    x, f = p.variables[0], p.objective
    within = set_of(list(p.below), list(p.open_below), x)
    if x.is_positive:
        within = within.intersect(sp.Interval.open(0, sp.oo))
    elif x.is_nonnegative:
        within = within.intersect(sp.Interval(0, sp.oo))
    if within is sp.S.EmptySet:
        raise DoesNotExist("the constraints contradict each other: no point is feasible", span=p.span)
    domain = domain_of(f, x, within)
    ends = ends_of(f, x, domain, lambda end, side: _beside(f, x, end, side))
    try:
        found = stationary_on(f, x, domain)
    except NotSupported:
        refuse_better_limits(ends._replace(limits=[e for e in ends.limits if e[1] == -sp.oo]), sp.S.Zero, x, p.largest, p.span)
        raise
    inside = [k for k in found.smooth if domain.contains(k) == sp.true]
    places = list(dict.fromkeys([*inside, *found.kinks, *ends.closed]))
    values = {place: tidy(f.subs(x, place)) for place in places}
    best = min(values.values(), key=sp.N, default=None)
    refuse_better_limits(ends, best, x, p.largest, p.span)
    if best is None:
        raise DoesNotExist(f"there is no {p.word}: the derivative is never zero", span=p.span)
    chosen = [k for k in places if abs(sp.N(values[k] - best)) < 1e-12]
    _refuse_a_continuum(p, domain, best)
    steps = _steps(p, inside, found.kinks, ends.closed)
    words = _argument(p, within, inside, found.kinks, ends.closed, domain)
    place = chosen[0]
    rule = rules.CONVEX if "convex" in words or "concave" in words else rules.BEST
    claim = Claim("optimum", f, (place,), (x,), p.relations)
    steps.append(
        Step(rule.id, rule.title, p.function, sp.Eq(x, place, evaluate=False), "⇒", because=(words,), formula=rule.formula, claim=claim)
    )
    value = tidy(-best if p.largest else best)
    at = p.function.subs(x, place)
    steps.append(
        Step(
            rules.AT_OPTIMUM.id, rules.AT_OPTIMUM.title, p.function, value, part=(at, value), formula=rules.AT_OPTIMUM.formula,
            claim=Claim("equal", at, value),
        )
    )  # fmt: skip
    parts = {x.name: place if len(chosen) == 1 else sp.Tuple(*sorted(chosen, key=sp.N)), "value": value}
    notes: list[Prose] = []
    if len(chosen) > 1:
        notes.append((f"the {p.word} is attained at {len(chosen)} points",))
    others = [k for k in inside if k not in chosen]
    if others:
        kinds = [(classified(p.function, x, k)[0], k) for k in others]
        notes += [
            ("at ", sp.Eq(x, k, evaluate=False), f" there is a local {w}" if w != "saddle" else " there is an inflection") for w, k in kinds
        ]
    if place in found.kinks:
        notes.append(("the function has a kink there: the condition is 0 ∈ ∂f",))
    return Solution(Derivation(p.function, value, tuple(steps), ()), None, parts, tuple(notes), ())


def _refuse_a_continuum(p: Programme, domain: Any, best: Any) -> None:
    """Undetermined where the function is constant between two kinks and best there."""
    x, f = p.variables[0], p.objective
    kinks = _kinks(f, x)
    ends = [-sp.oo, *kinks, sp.oo]
    flat: list[Any] = []
    for low, high in zip(ends, ends[1:], strict=False) if kinks else ():
        piece = _without_kinks(f, x, low, high)
        part = domain.intersect(sp.Interval(low, high))
        if sp.diff(piece, x).is_zero and part is not sp.S.EmptySet and part.inf != part.sup and abs(sp.N(piece - best)) < 1e-12:
            flat.append(part)
    if flat:
        where = [(part.inf, part.sup) for part in (sp.Union(*flat).args if isinstance(sp.Union(*flat), sp.Union) else [sp.Union(*flat)])]
        spelled = " and ".join(f"from {plain(from_sympy(low))} to {plain(from_sympy(high))}" for low, high in where)
        value = plain(from_sympy(tidy(-best if p.largest else best)))
        raise Undetermined(f"the {p.word} {value} is attained at infinitely many points: at every {x} {spelled}", span=p.span)


def _argument(p: Programme, within: Any, inside: list[Any], kinks: list[Any], closed: list[Any], domain: Any) -> str:
    x = p.variables[0]
    if isinstance(domain, sp.Interval):
        verdict = convexity(p.objective, p.variables, domain)
        if verdict is not None and verdict.convex and len(inside) + len(kinks) <= 1 and not closed:
            word = f"{'strictly ' if verdict.strict else ''}{'concave' if p.largest else 'convex'}"
            return f"the function is {word}: the stationary point is the {p.word}"
    what = [w for w, any_ in (("stationary points", inside), ("kinks", kinks), ("ends", closed)) if any_]
    return (
        f"the values at the {' and '.join(what)} compared; no limit is better as {x} tends to an end that does not belong to the interval"
    )


def _steps(p: Programme, inside: list[Any], kinks: list[Any], closed: list[Any]) -> list[Step]:
    x, f = p.variables[0], p.function
    slope = sp.diff(f, x)
    steps: list[Step] = []
    if not kinks:
        steps.append(
            Step(rules.STATIONARY.id, "First-order condition", sp.Derivative(f, x, evaluate=False), slope, formula=rules.STATIONARY.formula)
        )
    if inside and not kinks:
        roots = [sp.Eq(x, k, evaluate=False) for k in inside]
        shown = roots[0] if len(roots) == 1 else sp.Or(*roots, evaluate=False)
        zeros = sp.Tuple(*(slope.subs(x, k) for k in inside))
        claim = Claim("equal", zeros, sp.Tuple(*(sp.S.Zero for _ in inside)))
        steps.append(
            Step(
                rules.SOLVE_STATIONARY.id,
                "Solve",
                sp.Eq(slope, 0, evaluate=False),
                shown,
                "⇔",
                formula=rules.SOLVE_STATIONARY.formula,
                claim=claim,
            )
        )
        for k in inside:
            kind, value = classified(f, x, k)
            second = sp.diff(f, x, 2)
            if abs(sp.N(second.subs(x, k))) > 1e-15:
                because: Prose = ("at ", sp.Eq(x, k, evaluate=False), f": a local {kind}")
                steps.append(
                    Step(
                        rules.CURVATURE.id, rules.CURVATURE.title, sp.Derivative(f, (x, 2), evaluate=False), value, because=because,
                        formula=rules.CURVATURE.formula, claim=Claim("equal", slope_at(f, (x,), (k,), x, x), value),
                    )
                )  # fmt: skip
    for k in [*kinks, *closed]:
        value = tidy(f.subs(x, k))
        because = ("at the kink " if k in kinks else "at the end ", sp.Eq(x, k, evaluate=False))
        steps.append(
            Step(
                rules.AT_OPTIMUM.id,
                "Value there",
                f,
                value,
                part=(f.subs(x, k), value),
                because=because,
                claim=Claim("equal", f.subs(x, k), value),
            )
        )
    return steps
