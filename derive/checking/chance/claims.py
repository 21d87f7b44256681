"""What steps claim, in experiments: equal, proportional, at-most, maximum, normalised, distributed.

In: a Claim over SymPy expressions, terms and distributions. Out: a `Check`. Values of `over` are drawn from their laws where they are
random, from their domains otherwise; everything else is held.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.checking.arrays import check_arrays
from derive.checking.chance.clouds import cloud, mean
from derive.checking.chance.information import source_of
from derive.checking.chance.laboratory import DIFFERENT, LEVELS, SAME, Laboratory, parts_of
from derive.checking.chance.rules import gauss, spread_of
from derive.checking.chance.sources import LawSource, Resolution, support_of
from derive.checking.chance.vector_sources import VectorSource
from derive.checking.chance.world import World, finite
from derive.checking.expressions import check_equal, worst
from derive.checking.frame import Column, Frame, Unevaluable
from derive.checking.sampling import Sample
from derive.derivation import Check, Claim, Derivation, Step
from derive.expressions.term import Term
from derive.probability.family import Distribution, Support

if TYPE_CHECKING:
    from derive.checking.chance.terms import Reader

__all__ = ["check_claim"]

Outcome = tuple[int, float, tuple[Any, ...] | None, bool]
_STEPS = (1e-4, -1e-4, 3e-3, -3e-3, 0.05, -0.05, 0.4, -0.4)
_MOST_DRAWS = 40  # of data, until the assumptions hold
_FREQUENCIES = (0.45, 1.05)  # in units of the law's own scale


def check_claim(claim: Claim, laboratory: Laboratory, reader: Reader) -> Check:
    """The check of a claim."""
    if claim.kind == "distributed":
        return _distributed(claim, laboratory, reader)
    sides = claim.left, claim.right
    if claim.kind == "equal" and isinstance(sides[0], Term) and isinstance(sides[1], Term) and reader.has_vectors(*sides):
        return _of_arrays(*sides, laboratory) if not any(s.has("probability") for s in sides) else laboratory.vectors.compare(*sides)
    left = reader.read(claim.left)
    over = tuple(reader.read(v) for v in claim.over)
    if claim.kind == "equal":
        return _equal(left, reader.read(claim.right), laboratory, reader)
    if claim.kind == "at-most":
        return _related(left, reader.read(claim.right), "≤", laboratory, reader)
    if claim.kind == "proportional":
        right = reader.read(claim.right)
        return laboratory.experiments(lambda world: _proportional(world, left, right, over, laboratory), many=True)
    if claim.kind == "maximum":
        values = reader.read(claim.right if isinstance(claim.right, (tuple, list, sp.Tuple)) else (claim.right,))
        return laboratory.experiments(lambda world: _maximum(world, left, tuple(values), over, laboratory), many=True)
    if claim.kind == "normalised":
        return _normalised(left, claim.right, over, laboratory, reader)
    return Check("unverified", reason=f"claims of the kind {claim.kind} are not checked")


def _of_arrays(left: Term, right: Term, laboratory: Laboratory) -> Check:
    """An identity of arrays in which nothing is an expectation: at random arrays, gradients by differences."""
    types = {n: replace(t, domain="real") if t.domain == "random" else t for n, t in laboratory.structure.types.items()}
    checked = check_arrays(Derivation(left, right, (Step("", "", left, right),)), types, laboratory.deadline)
    check = checked.steps[0].check
    return check if check is not None else Check("unverified", reason="no numbers for these arrays")


def _equal(left: Any, right: Any, laboratory: Laboratory, reader: Reader) -> Check:
    first, second = parts_of(left), parts_of(right)
    if first is None or second is None:
        return _related(left, right, "=", laboratory, reader)
    if len(first) != len(second):
        return Check("unverified", reason="the two sides have different shapes")
    return worst(_related(a, b, "=", laboratory, reader) for a, b in zip(first, second, strict=True))


def _related(left: Any, right: Any, relation: str, laboratory: Laboratory, reader: Reader) -> Check:
    if reader.is_random(left, right):
        return laboratory.compare(left, right, relation)
    if relation != "=" and reader.holds_data(left, right):  # an inequality is claimed of data that the model can give
        if (check := laboratory.compare(left, right, relation, many=True)).status != "unverified":
            return check
    if any(isinstance(side, sp.Basic) and side.has(sp.Integral, sp.Sum) for side in (left, right)):
        check = laboratory.compare(left, right, relation, many=True)
        if check.status in ("verified", "exact"):
            return check
        second = check_equal(left, right, laboratory.structure.types, relation)
        return check if second.status == "unverified" else second
    return check_equal(left, right, laboratory.structure.types, relation)


# ── several values of some variables ─────────────────────────────────────────────────────────────────────────────────


def _base(world: World, expressions: Sequence[Any], over: Sequence[Any], laboratory: Laboratory) -> Frame:
    """One lane: every free random variable has one value, those in `over` included."""
    return laboratory.free(world, [*expressions, *over], 1)


def _varied(world: World, base: Frame, over: Sequence[Any], count: int) -> Frame:
    """Lanes in which the variables of `over` have several values and all else is as in the base."""
    keys = world.keys_of(over)
    frame = base.child([0] * count)
    if keys:
        drawn = world.drawn(keys, count)
        frame = base.child([0] * count, {k: c for k, c in drawn.symbols.items() if k in keys})
    columns: dict[Any, Column] = {}
    for variable in over:
        if isinstance(variable, sp.Symbol) and not world.keys_of([variable]):
            sample = Sample(world.structure.types, count, 1)
            column = list(sample.column(variable))
            columns |= {variable: column} if isinstance(variable, sp.Dummy) else {variable: column, variable.name: column}
    return frame.child(range(count), columns) if columns else frame


def _proportional(world: World, left: Any, right: Any, over: tuple[Any, ...], laboratory: Laboratory) -> Outcome:
    if not over:
        raise Unevaluable("a proportion without the variable that it is meant for")
    base = _base(world, [left, right], over, laboratory)
    frame = _varied(world, base, over, 7)
    found = laboratory.measured(world, frame, [left, right])
    ratios: list[tuple[int, float]] = []
    for lane, (a, b) in enumerate(zip(*found.columns, strict=True)):
        if not (finite(a) and finite(b)):
            continue
        if abs(a) < 1e-280 and abs(b) < 1e-280:
            continue
        if not b or not a:
            if abs(a) < 1e-200 or abs(b) < 1e-200:
                continue
            return 0, 0.0, (*world.counterexample(frame, lane), ("left", a), ("right", b)), world.is_exact
        ratios.append((lane, a / b))
    if len({round(r, 12) for _, r in ratios}) == 0 or len(ratios) < 3:
        raise Unevaluable("too few values at which both sides are positive")
    first, worst = ratios[0][1], 0.0
    for lane, value in ratios[1:]:
        gap = abs(value - first) / max(abs(value), abs(first))
        if gap > DIFFERENT + 100 * found.error:
            shown = (*world.counterexample(found.frame, lane), ("left/right", value), ("left/right before", first))
            return 0, 0.0, shown, world.is_exact
        if gap > 10 * SAME:
            raise Unevaluable("numbers that are not exact enough")
        worst = max(worst, gap)
    return len(ratios), worst, None, world.is_exact


# ── maxima ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _maximum(world: World, function: Any, values: tuple[Any, ...], over: tuple[Any, ...], laboratory: Laboratory) -> Outcome:
    if not over or len(over) != len(values):
        raise Unevaluable("a maximum without its variables")
    base = _admitted(world, [function, *values], over, laboratory)
    at = laboratory.measured(world, base, values).columns
    if not all(finite(v[0]) for v in at):
        raise Unevaluable("a maximiser without a value")
    centre = [float(v[0]) for v in at]
    trials = [centre, *_around(world, centre, over)]
    frame = _placed(base, over, [[t[k] for t in trials] for k in range(len(over))])
    (column,) = laboratory.measured(world, frame, [function]).columns
    inside = _inside(world, frame, over)
    best = column[0]
    outside = _far_outside(world, base, over, centre)
    if outside is not None:
        return 0, 0.0, (*world.counterexample(base, 0), (str(over[outside]), centre[outside])), world.is_exact
    if not finite(best):
        raise Unevaluable("the function has no value at the claimed maximum")
    points = 0
    for lane in range(1, len(trials)):
        value = column[lane]
        if not finite(value) or not inside[lane]:
            continue
        if value > best + 1e-11 * (1 + abs(best)):
            shown = (*world.counterexample(base, 0), *((str(v), t) for v, t in zip(over, trials[lane], strict=True)))
            return 0, 0.0, (*shown, ("there", value), ("at the claimed maximum", best)), world.is_exact
        points += 1
    if points < 2:
        raise Unevaluable("too few places around the claimed maximum")
    return points, 0.0, None, world.is_exact


def _far_outside(world: World, base: Frame, over: Sequence[Any], centre: Sequence[float]) -> int | None:
    """The place of a claimed maximiser that lies beyond the ends of the domain of its variable; None where all are inside."""
    for place, (variable, value) in enumerate(zip(over, centre, strict=True)):
        low, high = world.structure.bounds(variable.name if isinstance(variable, sp.Symbol) else "", base)
        lowest = low[0] if low is not None else 0.0 if variable.is_nonnegative else -math.inf
        highest = high[0] if high is not None else 0.0 if variable.is_nonpositive else math.inf
        slack = 1e-9 * (1 + abs(value))
        if value < lowest - slack or value > highest + slack:
            return place
    return None


def _admitted(world: World, expressions: Sequence[Any], over: Sequence[Any], laboratory: Laboratory) -> Frame:
    """Data for which the assumptions of the step hold. Raises Unevaluable where none are drawn."""
    for _ in range(_MOST_DRAWS):
        base = _data(world, expressions, over, laboratory)
        if laboratory.admits(world, base):
            return base
    raise Unevaluable("no data were drawn for which the assumptions hold")


def _data(world: World, expressions: Sequence[Any], over: Sequence[Any], laboratory: Laboratory) -> Frame:
    """Random variables other than those maximised over have values from their law."""
    names = {str(v) for v in over}
    keys = {k for k in world.keys_of(expressions) if k not in names}
    return world.drawn(keys, 1) if keys else world.frame()


def _around(world: World, centre: Sequence[float], over: Sequence[Any]) -> list[list[float]]:
    """Places near and farther: one variable at a time, and all at once."""
    trials: list[list[float]] = []
    for k, value in enumerate(centre):
        if over[k].is_integer:
            trials += [[*centre[:k], value + d, *centre[k + 1 :]] for d in (-3, -2, -1, 1, 2, 3)]
            continue
        for step in _STEPS:
            trials.append([*centre[:k], value + step * (abs(value) or 1.0), *centre[k + 1 :]])
    if len(centre) > 1 and not any(v.is_integer for v in over):
        for size in (1e-4, 3e-3, 0.05, 0.3):
            for _ in range(4):
                trials.append([v + size * (abs(v) or 1.0) * world.random.uniform(-1, 1) for v in centre])
    return trials


def _placed(base: Frame, over: Sequence[Any], columns: Sequence[Column]) -> Frame:
    """Lanes in which the variables of `over` have these values; entries of arrays are moved."""
    count = len(columns[0])
    symbols: dict[Any, Column] = {}
    frame = base.child([0] * count)
    for variable, column in zip(over, columns, strict=True):
        if isinstance(variable, sp.Symbol):
            symbols[variable] = symbols[variable.name] = column
        elif isinstance(variable, sp.Indexed):
            label = variable.args[0].args[0]
            place = tuple(int(i) for i in variable.args[1:] if i.is_Integer)
            if len(place) != len(variable.args) - 1:
                raise Unevaluable("an entry at an index that is not a number")
            symbols[(label.name, *place)] = column
            now = frame.values(variable)
            frame = frame.child(range(count), None, (label, [place] * count, [c - v for c, v in zip(column, now, strict=True)]))
        else:
            raise Unevaluable("a maximum over an expression")
    return frame.child(range(count), symbols)


def _inside(world: World, frame: Frame, over: Sequence[Any]) -> list[bool]:
    """Whether the variables are in their domains, and the data in the supports of their laws."""
    allowed = [True] * frame.lanes
    for variable in over:
        column = frame.values(variable)
        for lane, value in enumerate(column):
            if (variable.is_positive and value <= 0) or (variable.is_nonnegative and value < 0) or (variable.is_negative and value >= 0):
                allowed[lane] = False
        low, high = world.structure.bounds(variable.name if isinstance(variable, sp.Symbol) else "", frame)
        for lane, value in enumerate(column):
            if (low is not None and value < low[lane]) or (high is not None and value > high[lane]):
                allowed[lane] = False
    for key, source in world.sources.items():
        if key in frame.symbols and isinstance(source, LawSource):
            try:
                masses = source.log_density(frame)
            except (Unevaluable, ValueError, OverflowError, ZeroDivisionError):
                continue
            allowed = [a and m > -math.inf for a, m in zip(allowed, masses, strict=True)]
    return allowed


# ── normalised, distributed ──────────────────────────────────────────────────────────────────────────────────────────


def _normalised(left: Any, support: Any, over: tuple[Any, ...], laboratory: Laboratory, reader: Reader) -> Check:
    if len(over) != 1:
        return Check("unverified", reason="a density of several variables")
    ends = (support.lower, support.upper) if isinstance(support, Support) else tuple(support)
    discrete = isinstance(support, Support) and support.kind != "interval"
    kind = sp.Sum if discrete or over[0].is_integer else sp.Integral
    return _related(kind(left, (over[0], *ends)), sp.S.One, "=", laboratory, reader)


def _distributed(claim: Claim, laboratory: Laboratory, reader: Reader) -> Check:
    """Bounded smooth functions have the same expectations under the model and under the law: enough to tell laws apart."""
    law = claim.right
    if not isinstance(law, Distribution):
        return Check("unverified", reason="a law that is not a distribution")
    left = claim.left
    given: tuple[Any, ...] = ()
    if isinstance(left, Term) and left.head == "given":
        subject, conditions = reader.read_subjects(left.args[:1]), reader.read_conditions(left.args[1:])
        given = conditions
    else:
        subject = reader.read_subjects((left,)) if isinstance(left, Term) else (left,)
    check = laboratory.experiments(lambda world: _same_law(world, subject, given, law, laboratory))
    return replace(check, method=f"{check.method} of test functions") if check.method else check


def _same_law(world: World, subject: Sequence[Any], given: Sequence[Any], law: Distribution, laboratory: Laboratory) -> Outcome:
    structure = laboratory.structure
    source = source_of(law, structure, world)
    size = len(source.keys)
    parts = list(subject)
    if len(parts) == 1 and size > 1:
        parts = list(_entries(parts[0], world))
    if len(parts) != size:
        raise Unevaluable("a law of another size")
    frame = laboratory.free(world, [*given, *_parameters(source)], 2)
    units = _units(source, frame)
    before: list[float] | None = None
    for level in range(LEVELS):
        world.fresh(level)
        found = _test_values(world, frame.child(range(frame.lanes)), parts, given, source, units)
        if world.is_exact or (before is not None and max(abs(a - b) for a, b in zip(before, found, strict=True)) < 10 * SAME):
            break
        before = found
    else:
        raise Unevaluable("the sums over the law do not converge")
    flat = found
    worst = 0.0
    for a, b in zip(flat[::2], flat[1::2], strict=True):
        if not (finite(a) and finite(b)):
            raise Unevaluable("a law without a value")
        gap = abs(a - b)
        if gap > DIFFERENT:
            return 0, 0.0, (*world.counterexample(frame, 0), ("E[test] in the model", a), ("E[test] in the law", b)), world.is_exact
        worst = max(worst, gap)
    if worst > 50 * SAME:
        raise Unevaluable("numbers that are not exact enough")
    return len(flat) // 2, worst, None, world.is_exact


def _parameters(source: LawSource | VectorSource) -> list[Any]:
    return [p for p in source.parameters if isinstance(p, sp.Basic)]


def _entries(subject: Any, world: World) -> list[Any]:
    """The entries of a vector that is named as a whole."""
    label = subject.name if isinstance(subject, (sp.Symbol, sp.IndexedBase)) else str(subject)
    base = sp.IndexedBase(sp.Symbol(label, real=True))
    return [base[k] for k in range(1, world.lengths.get(label, 0) + 1)]


def _units(source: LawSource | VectorSource, frame: Frame) -> list[list[tuple[float, float]]]:
    """Middle and scale of the law's entries, lane by lane."""
    found: list[list[tuple[float, float]]] = []
    for point in source.values(frame):
        if isinstance(source, LawSource) and source.continuous:
            spread = spread_of(source.family, point, *support_of(source.family, point))
            found.append([(spread.middle, 1.5 * spread.scale)])
            continue
        places, weights = gauss(source.family, point, 1, 1)
        rows = places if isinstance(source, VectorSource) else [(x,) for x in places]
        units = []
        for k in range(len(source.keys)):
            middle = math.fsum(w * r[k] for w, r in zip(weights, rows, strict=True))
            units.append((middle, math.sqrt(math.fsum(w * (r[k] - middle) ** 2 for w, r in zip(weights, rows, strict=True))) or 1.0))
        found.append(units)
    return found


def _arguments(rows: Iterable[Sequence[float]], lanes: Sequence[int], units: Sequence[Sequence[tuple[float, float]]]) -> list[float]:
    """A linear form in the standardised entries, with other coefficients for each."""
    if all(len(u) == 1 for u in units):
        return [(row[0] - units[lane][0][0]) / units[lane][0][1] for row, lane in zip(rows, lanes, strict=True)]
    found = []
    for row, lane in zip(rows, lanes, strict=True):
        found.append(math.fsum((v - m) / s * (1 + 0.37 * k) for k, (v, (m, s)) in enumerate(zip(row, units[lane], strict=True))))
    return found


def _test_values(
    world: World,
    frame: Frame,
    parts: Sequence[Any],
    given: Sequence[Any],
    source: LawSource | VectorSource,
    units: Sequence[Sequence[tuple[float, float]]],
) -> list[float]:
    """Expectations of the test functions, those under the model beside those under the law, for every test and lane."""
    made = cloud(world, frame, parts, given)
    model = _arguments(zip(*(made.frame.values(p) for p in parts), strict=True), made.parents, units)
    drawn = source.expand(frame, Resolution(world.level, len(source.keys) if source.continuous else 0), (), {})
    if not drawn.is_exact:
        world.is_exact = False
    law = _arguments(zip(*(drawn.columns[k] for k in source.keys), strict=True), drawn.parents, units)
    found: list[float] = []
    for frequency in _FREQUENCIES:
        for wave in (math.cos, math.sin):
            first = mean(world, made, [wave(frequency * v) for v in model])
            second = [0.0] * frame.lanes
            for parent, weight, value in zip(drawn.parents, drawn.weights, law, strict=True):
                second[parent] += weight * wave(frequency * value)
            found += [v for pair in zip(first, second, strict=True) for v in pair]
    return found
