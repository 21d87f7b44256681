"""Functions that are defined piece by piece: branch by branch, with jumps and kinks at the boundaries named.

In: an unresolved derivative of cases, of a maximum or of a minimum. Out: cases of derivatives, and a note for every boundary
that can be located: a jump, a kink, or none. At a kink the value is the one of the branch that holds there.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import sympy as sp
from sympy import S

from derive.derivation import Prose, Rewrite, Rule
from derive.rules.corners import Corner
from derive.rules.dependence import by_dependence, compare, depends, derivative, indicator, split, times

__all__ = ["FINISHING", "RULES", "Meeting", "boundaries", "meetings"]

MAX_BRANCHES = 64


def boundaries(condition: Any, x: Any) -> list[Any]:
    """The points where the truth of a condition in `x` changes, as far as they are found by isolating x or |x|."""
    found: list[Any] = []
    for relation in condition.atoms(sp.core.relational.Relational):
        left, right = relation.args
        if depends(right, x) and not depends(left, x):
            left, right = right, left
        if depends(right, x):
            left, right = left - right, S.Zero
        for inside, value in _isolated(left, right, x):
            difference = inside - value
            slope = difference.diff(x)
            if depends(slope, x) or slope.is_zero:
                continue
            point = sp.cancel(x - difference / slope)
            if point not in found:
                found.append(point)
    return found


def _isolated(left: Any, right: Any, x: Any) -> list[tuple[Any, Any]]:
    number, core = left.as_coeff_Mul()
    if isinstance(core, sp.Abs):
        return [(core.args[0], right / number), (core.args[0], -right / number)]
    return [(left, right)]


def _piecewise(node: Any) -> Rewrite | None:
    f, x = split(node)
    if len(f.args) > MAX_BRANCHES:
        return None
    arms = [(derivative(value, x), condition) for value, condition in f.args]
    result = sp.Piecewise(*arms, evaluate=False) if any(a is not S.Zero for a, _ in arms) else S.Zero
    return Rewrite(result, (f"each of the {len(arms)} branches by itself",), (), tuple(_verdict(m, x) for m in meetings(f, x)))


class Meeting(NamedTuple):
    """Where two branches meet: the point, the gap between the values, the gap between the slopes (None: not known)."""

    point: Any
    gap: Any
    bend: Any


def meetings(f: Any, x: Any) -> list[Meeting]:
    """What happens at every boundary of the cases in x that can be located."""
    if len(f.args) == 1:
        return []
    points: list[Any] = []
    for _, condition in f.args:
        if depends(condition, x):
            points += [p for p in boundaries(condition, x) if p not in points]
    found = []
    for point in points:
        sides = _sides(f, x, point)
        if sides is None:
            continue
        below, above = sides
        gap = _difference(below, above, x, point)
        bend = _difference(below.diff(x), above.diff(x), x, point) if gap is S.Zero else None
        found.append(Meeting(point, gap, bend))
    return found


def _sides(f: Any, x: Any, point: Any) -> tuple[Any, Any] | None:
    """The branches just below and just above the point."""
    sides = []
    for shift in (-1, 1):
        at = point + sp.Rational(shift, 10**6)
        for value, condition in f.args:
            holds = condition if condition in (S.true, S.false) else condition.subs(x, at)
            if holds in (S.true, True):
                sides.append(value)
                break
            if holds not in (S.false, False):
                break
    if len(sides) == 2:
        return sides[0], sides[1]
    return (f.args[0][0], f.args[1][0]) if len(f.args) == 2 else None


def _verdict(meeting: Meeting, x: Any) -> Prose:
    where = sp.Eq(x, meeting.point, evaluate=False)
    kind = "kink"
    prose: Prose = ("the function has a kink at ", where, "; there the derivative is that of the branch that is in force")
    if meeting.gap is None or meeting.gap is not S.Zero:
        kind, prose = "jump", ("the function jumps at ", where, "; the derivative holds elsewhere")
    elif meeting.bend is S.Zero:
        kind, prose = "smooth", ("the pieces meet smoothly at ", where)
    elif meeting.bend is not None and meeting.bend.free_symbols:
        prose = ("the function has a kink at ", where, " unless ", sp.Eq(meeting.bend, 0, evaluate=False))
    return Corner(prose, x - meeting.point, x, where, kind, pieces=True)


def _difference(below: Any, above: Any, x: Any, point: Any) -> Any:
    """The gap between two expressions at a point, simplified as far as is cheap; None where they have no value there."""
    try:
        difference = (above - below).subs(x, point)
    except ValueError:  # SymPy compares the arguments of Max, and ∞ with nothing
        return None
    if difference.has(S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity):
        return None
    if difference.count_ops() < 60:
        difference = sp.factor_terms(sp.expand(difference))
    return S.Zero if difference.is_zero else difference


def _extremum(node: Any) -> Rewrite | None:
    f, x = split(node)
    maximum = isinstance(f, sp.Max)
    free, bound = by_dependence(f.args, x)
    relation = sp.Gt if maximum else sp.Lt
    if len(bound) == 1:
        u = bound[0]
        rest = type(f)(*free)
        result = times(indicator(compare(relation, u, rest)), derivative(u, x))
        return Rewrite(result, ("with u = ", u), (), (_kink(f, u, rest, x),))
    ordered = sorted(f.args, key=sp.default_sort_key)
    arms: list[Any] = []
    for place, u in enumerate(ordered[:-1]):
        above = (
            sp.And(*(compare(relation, u, v) for v in ordered[place + 1 :]))
            if place == 0
            else sp.And(*(compare(relation, u, v) for v in ordered if v is not u))
        )
        arms.append((derivative(u, x), above))
    arms.append((derivative(ordered[-1], x), S.true))
    notes = tuple(_kink(f, u, v, x) for u, v in pairwise(ordered))
    return Rewrite(sp.Piecewise(*arms, evaluate=False), ("the largest" if maximum else "the smallest", " argument is in force"), (), notes)


def _kink(f: Any, u: Any, v: Any, x: Any) -> Prose:
    by_convention = (
        "; there the derivative is taken as 0" if not v.free_symbols or v.is_number else "; there the derivative is taken by convention"
    )
    where = sp.Eq(u, v, evaluate=False)
    return Corner((f, " has a kink where ", where, by_convention), u - v, x, where)


def _merge(f: Any) -> Rewrite | None:
    """Neighbouring branches with the same value; cases of which one is always in force."""
    arms: list[tuple[Any, Any]] = []
    for value, condition in f.args:
        if condition is S.false:
            continue
        if arms and arms[-1][0] == value:
            arms[-1] = (value, sp.Or(arms[-1][1], condition))
        else:
            arms.append((value, condition))
        if condition is S.true:
            break
    if arms and arms[0][1] is S.true:
        return Rewrite(arms[0][0], ("the branches agree",))
    if len(arms) == len(f.args):
        return None
    return Rewrite(sp.Piecewise(*arms, evaluate=False), ("branches with the same value are one",))


def _nested(f: Any) -> Rewrite | None:
    """The last branch of cases is a multiple of cases: its branches are branches of the whole."""
    value, condition = f.args[-1]
    if condition is not S.true or len(f.args) > MAX_BRANCHES:
        return None
    factors = list(sp.Mul.make_args(value))
    inner = [g for g in factors if isinstance(g, sp.Piecewise)]
    if len(inner) != 1:
        return None
    rest = sp.Mul(*(g for g in factors if g is not inner[0]))
    arms = [*f.args[:-1], *((sp.Mul(rest, v), c) for v, c in inner[0].args)]
    return Rewrite(sp.Piecewise(*arms, evaluate=False), ("the cases inside are cases of the whole",))


def _indicated(f: Any) -> Rewrite | None:
    """u where the condition holds and 0 elsewhere: u times the indicator of the condition."""
    if len(f.args) != 2 or f.args[1] != (S.Zero, S.true):
        return None
    value, condition = f.args[0]
    if value is S.One or value.is_Add or value.has(sp.Piecewise) or not _is_total(value):
        return None
    return Rewrite(times(value, indicator(condition)), ("0 elsewhere",))


def _is_total(value: Any) -> bool:
    """Whether the value exists everywhere, so that 0 times it is 0."""
    return all(g.is_number or g.is_Symbol or isinstance(g, sp.Indexed) for g in sp.Mul.make_args(value))


RULES: tuple[Rule, ...] = (
    Rule(
        "branch-by-branch",
        "Branch by branch",
        "the derivative of cases is the cases of the derivatives, away from the boundaries",
        r"\begin{cases} u & c \\ v & \text{otherwise}\end{cases}' = \begin{cases} u' & c \\ v' & \text{otherwise}\end{cases}",
        (sp.Piecewise,),
        _piecewise,
        (
            (
                r"\frac{d}{dx} \begin{cases} x^2 & x > 0 \\ \sin x & \text{otherwise} \end{cases}",
                r"\begin{cases} \frac{d}{dx} x^2 & x > 0 \\ \frac{d}{dx} \sin x & \text{otherwise} \end{cases}",
            ),
        ),
    ),
    Rule(
        "derivative-of-a-maximum",
        "Derivative of a maximum or minimum",
        "max(u, c)′ = 1[u > c] u′",
        r"\max(u, c)' = \mathbf{1}[u > c]\,u'",
        (sp.Max, sp.Min),
        _extremum,
        (("d/dx max(x^3, 1)", "1[x^3 > 1] d/dx (x^3)"),),
    ),
)
FINISHING: tuple[Rule, ...] = (
    Rule(
        "nested-cases",
        "Cases inside cases",
        "the branches of the inner cases are branches of the outer",
        "",
        (sp.Piecewise,),
        _nested,
        trivial=True,
    ),
    Rule(
        "equal-branches",
        "Equal branches",
        "cases with equal values are one",
        r"\begin{cases} u & c \\ u & \text{otherwise}\end{cases} = u",
        (sp.Piecewise,),
        _merge,
        trivial=True,
    ),
    Rule(
        "cases-with-zero",
        "Indicator",
        "u where c holds and 0 elsewhere is u 1[c]",
        r"\begin{cases} u & c \\ 0 & \text{otherwise}\end{cases} = u\,\mathbf{1}[c]",
        (sp.Piecewise,),
        _indicated,
        trivial=True,
    ),
)
