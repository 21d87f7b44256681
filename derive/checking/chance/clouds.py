"""Expectations and densities as sums over everything that random variables can be.

In: a frame, expressions with random variables, conditions. Out: a `Cloud` (lanes in which the variables have values, with weights), and
the numbers that expectations, variances, covariances, probabilities and densities are. No rule of the calculus of expectations is used:
every operator goes back to the joint law.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy as sp

from derive.checking.chance.cuts import cuts_of
from derive.checking.chance.sources import Key, Resolution
from derive.checking.chance.vector_sources import VectorSource
from derive.checking.frame import MAX_LANES, Column, Frame, Unevaluable

if TYPE_CHECKING:
    from derive.checking.chance.world import World

__all__ = ["Cloud", "cloud", "density", "mean", "ratio"]


MANY = 16  # lanes, from which on those that weigh next to nothing are left out
DUST = 1e-21
MOST_CUTS = 16


class Cloud(NamedTuple):
    """Lane i of `frame` belongs to lane parents[i] of the frame that it was made for, and weighs weights[i]. `tails`: next to infinity."""

    frame: Frame
    parents: list[int]
    weights: list[float]
    tails: list[bool]
    totals: list[float]


def cloud(world: World, frame: Frame, expressions: Sequence[Any], conditions: Sequence[Any]) -> Cloud:
    """The joint law of what occurs in the expressions, given the conditions; the totals are what the weights of a lane sum to."""
    clamped, events = _split(world, frame, conditions)
    needed = world.keys_of([*expressions, *events], frame) | set(clamped)
    order = world.ordered(needed)
    inner = frame.child(range(frame.lanes), clamped) if clamped else frame
    parents = list(range(frame.lanes))
    weights = [1.0] * frame.lanes
    tails = [False] * frame.lanes
    how = Resolution(world.level, sum(1 for s in order if s.continuous and not all(k in clamped for k in s.keys)))
    cuts = cuts_of([*expressions, *events])
    bound = set(clamped)
    for source in order:
        known = {k: [clamped[k][p] for p in parents] for k in source.keys if k in clamped}
        if len(known) == len(source.keys):
            if not source.parents <= set(clamped):  # else the density is one factor for the whole lane, and cancels
                weights = [w * _exp(d) for w, d in zip(weights, source.log_density(inner), strict=True)]
            continue
        if len(parents) > MANY:
            inner, parents, weights, tails = _without_dust(inner, parents, weights, tails)
            known = {k: [clamped[k][p] for p in parents] for k in known}
        own = set(source.keys)
        relevant = _relevant(world, frame, cuts, own, bound) if source.continuous else []
        drawn = source.expand(inner, how, relevant, known)
        if not drawn.is_exact:
            world.is_exact = False
        if len(drawn.parents) > MAX_LANES:
            raise Unevaluable("more values of the random variables than can be enumerated")
        inner = inner.child(drawn.parents, drawn.columns)
        parents = [parents[p] for p in drawn.parents]
        weights = [weights[p] * w for p, w in zip(drawn.parents, drawn.weights, strict=True)]
        last = drawn.tails or [False] * len(drawn.parents)
        tails = [tails[p] or t for p, t in zip(drawn.parents, last, strict=True)]
        bound |= own
    for event in events:
        truths = inner.values(event)
        if None in truths:
            raise Unevaluable("a condition without a value")
        weights = [w if t else 0.0 for w, t in zip(weights, truths, strict=True)]
    totals = [0.0] * frame.lanes
    for parent, weight in zip(parents, weights, strict=True):
        totals[parent] += weight
    return Cloud(inner, parents, weights, tails, totals)


def _relevant(world: World, frame: Frame, cuts: Sequence[Any], own: set[Key], bound: set[Key]) -> list[Any]:
    """Cuts in the variables at hand; those that hold later variables too, with these at the ends of their supports."""
    found: dict[Any, None] = {}
    for cut in cuts:
        keys = world.keys_of([cut], frame)
        if not keys & own:
            continue
        ends = [cut]
        for key in sorted(keys - own - bound, key=str):
            values = world.ends_of(key)
            ends = [e.xreplace({s: v}) for e in ends for s in world.atoms_of(e, key) for v in values] if len(ends) < MOST_CUTS else []
        found.update(dict.fromkeys(ends))
    return list(found)


def _without_dust(
    frame: Frame, parents: list[int], weights: list[float], tails: list[bool]
) -> tuple[Frame, list[int], list[float], list[bool]]:
    """The lanes whose weight counts, before each of them is multiplied."""
    most: dict[int, float] = {}
    for parent, weight in zip(parents, weights, strict=True):
        most[parent] = max(most.get(parent, 0.0), weight)
    kept = [k for k, (p, w) in enumerate(zip(parents, weights, strict=True)) if w > DUST * most[p]]
    if len(kept) == len(weights):
        return frame, parents, weights, tails
    return frame.child(kept), [parents[k] for k in kept], [weights[k] for k in kept], [tails[k] for k in kept]


def mean(world: World, made: Cloud, column: Column) -> Column:
    """Σ w f / Σ w for every lane; nan where the condition has no mass. What an absolute sum says goes to the world's record.

    The absolute sum of a function with a pole must stand still (`world.sizes`): that of 1/X grows without bound where its sum cancels.
    """
    sums = [0.0] * len(made.totals)
    sizes = [0.0] * len(made.totals)
    edges = [0.0] * len(made.totals)
    for parent, weight, tail, value in zip(made.parents, made.weights, made.tails, column, strict=True):
        if not weight:
            continue
        part = weight * value
        sums[parent] += part
        size = abs(part)
        sizes[parent] += size
        if tail:
            edges[parent] = max(edges[parent], size)
    if any(edge > 1e-7 * size for edge, size in zip(edges, sizes, strict=True)):
        world.diverges = True
    shares = world.lane_weights if len(world.lane_weights) == len(sizes) else [1.0] * len(sizes)
    parts = (share * size / total for share, size, total in zip(shares, sizes, made.totals, strict=True) if total)
    world.sizes.append(max(parts, default=0.0))
    return [value / total if total else math.nan for value, total in zip(sums, made.totals, strict=True)]


def ratio(above: Column, below: Column) -> Column:
    """The quotient, nan where the divisor is zero."""
    return [a / b if b else math.nan for a, b in zip(above, below, strict=True)]


def density(world: World, frame: Frame, subjects: Sequence[Key], conditions: Sequence[Any]) -> Column:
    """p(subjects | conditions) at the values that they have in the frame."""
    clamped, events = _split(world, frame, conditions)
    if events:
        raise Unevaluable("a density given an event")
    columns = {key: world.value_of(frame, key) for key in subjects}
    joint = _mass(world, frame, {**clamped, **columns})
    return ratio(joint, _once(world, frame, clamped, set(columns))) if clamped else joint


def _once(world: World, frame: Frame, clamped: dict[Key, Column], free: set[Key]) -> Column:
    """The mass of the conditions, computed once for lanes that differ in the subjects only."""
    held = [c for s, c in frame.symbols.items() if s not in free and getattr(s, "name", s) not in free]
    marks = list(zip(frame.roots, *held, *clamped.values(), strict=True))
    places = {mark: lane for lane, mark in reversed(list(enumerate(marks)))}
    if len(places) == len(marks) or frame.bumps:
        return _mass(world, frame, clamped)
    lanes = list(places.values())
    found = _mass(world, frame.child(lanes), {k: [c[lane] for lane in lanes] for k, c in clamped.items()})
    values = dict(zip(places, found, strict=True))
    return [values[mark] for mark in marks]


def _mass(world: World, frame: Frame, clamped: dict[Key, Column]) -> Column:
    """The joint density of the clamped variables, all others summed over."""
    order = world.ordered(set(clamped))
    inner = frame.child(range(frame.lanes), clamped)
    parents = list(range(frame.lanes))
    weights = [1.0] * frame.lanes
    how = Resolution(world.level, sum(1 for s in order if s.continuous and not all(k in clamped for k in s.keys)))
    for source in order:
        known = {k: [clamped[k][p] for p in parents] for k in source.keys if k in clamped}
        if len(known) == len(source.keys):
            weights = [w * _exp(d) for w, d in zip(weights, source.log_density(inner), strict=True)]
            continue
        if known and isinstance(source, VectorSource) and not any(set(source.keys) & other.parents for other in order):
            logarithms = source.log_marginal(inner, list(known))
            if logarithms is not None:
                weights = [w * _exp(d) for w, d in zip(weights, logarithms, strict=True)]
                continue
        drawn = source.expand(inner, how, (), known)
        if not drawn.is_exact:
            world.is_exact = False
        inner = inner.child(drawn.parents, drawn.columns)
        parents = [parents[p] for p in drawn.parents]
        weights = [weights[p] * w for p, w in zip(drawn.parents, drawn.weights, strict=True)]
    totals: Column = [0.0] * frame.lanes
    for parent, weight in zip(parents, weights, strict=True):
        totals[parent] += weight
    return totals


def _exp(value: float) -> float:
    return math.exp(value) if value > -745 else 0.0


def _split(world: World, frame: Frame, conditions: Iterable[Any]) -> tuple[dict[Key, Column], list[Any]]:
    """Conditions on a value (a variable that has one here, or an equation for one) and the others."""
    clamped: dict[Key, Column] = {}
    events: list[Any] = []
    for condition in _flat(conditions):
        keys = world.subject(condition, frame)
        if keys:
            for key in keys:
                clamped[key] = world.value_of(frame, key)
            continue
        if isinstance(condition, sp.Eq):
            sides = [(condition.lhs, condition.rhs), (condition.rhs, condition.lhs)]
            found = next(((k, other) for side, other in sides if (k := world.subject(side, frame))), None)
            if found is not None and len(found[0]) == 1 and not (world.keys_of([found[1]], frame) - set(frame.symbols)):
                clamped[found[0][0]] = frame.values(found[1])
                continue
        if isinstance(condition, (sp.Add, sp.Mul, sp.Pow)):
            raise Unevaluable("a condition on the value of an expression")
        if world.has_density(world.keys_of([condition], frame)) and condition.atoms(sp.Eq):
            raise Unevaluable("a condition of probability zero")
        events.append(condition)
    return clamped, events


def _flat(conditions: Iterable[Any]) -> Iterable[Any]:
    for condition in conditions:
        if isinstance(condition, sp.Basic) and isinstance(condition, (sp.And, sp.Tuple)):
            yield from _flat(condition.args)
        else:
            yield condition
