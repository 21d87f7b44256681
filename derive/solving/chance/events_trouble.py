"""What is wrong where there is no answer: facts that contradict each other, and what is missing.

In: a problem and its system. Out: an InconsistentInput that shows the contradiction in the fewest facts, or an Undetermined that names
the facts each of which would settle the question, with the bounds that the present ones give.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import combinations

from derive.errors import InconsistentInput, NotSupported, Refusal, Undetermined
from derive.expressions.inline import inline
from derive.expressions.plain import plain
from derive.expressions.term import Term
from derive.probability.finite import Fact, Independent, Problem, System
from derive.solving.chance.events_search import Goal
from derive.solving.chance.events_writing import Writer, as_term

__all__ = ["missing", "refuse_contradictions"]

MOST_CANDIDATES = 60
MOST_NAMED = 3
PROBE = Fraction(37, 101)  # a value that no fact has


# ── contradictions ───────────────────────────────────────────────────────────────────────────────────────────────────


def refuse_contradictions(problem: Problem, system: System, writer: Writer) -> None:
    """Raises InconsistentInput where no joint table satisfies the facts."""
    if problem.symbols:
        if not system.consistent:
            raise InconsistentInput(f"the facts contradict each other{_among(problem.facts)}")
        return
    if _is_possible(problem, system):
        return
    facts = _smallest(problem)
    raise InconsistentInput(_explained(replace(problem, facts=tuple(facts)), facts, writer))


def _is_possible(problem: Problem, system: System) -> bool:
    if not system.consistent:
        return False
    if len(system.solved.rows) == problem.space.cells:
        return all(system.solved.rows[c][1] >= 0 for c in range(problem.space.cells))
    return system.extreme(0, problem.space.all, {}) is not None


def _smallest(problem: Problem) -> list[Fact]:
    """Facts that contradict each other, none of which can be left out."""
    kept = list(problem.facts)
    for fact in list(kept):
        fewer = [f for f in kept if f is not fact]
        part = replace(problem, facts=tuple(fewer))
        if not _is_possible(part, System(part)):
            kept = fewer
    return kept


def _explained(problem: Problem, facts: list[Fact], writer: Writer) -> str:
    """`P(A) = 1/5 allows P(A ∧ B) at most 1/5, not 3/10`, or the facts alone."""
    for fact in sorted(facts, key=lambda f: f.given == problem.space.all):
        others = replace(problem, facts=tuple(f for f in facts if f is not fact))
        system = System(others)
        if not others.facts or not _is_possible(others, system):
            continue
        bounds = system.bounds(fact.event, fact.given)
        if bounds is None:
            continue
        low, high = bounds
        said = _joined([inline(f.term) for f in others.facts])
        what = inline(fact.term.args[0])
        if low == high:
            return f"the facts contradict each other: {said} give {what} = {_number(low)}, not {_number(fact.value)}"
        if fact.value > high:
            return f"the facts contradict each other: with {said}, {what} is at most {_number(high)}, not {_number(fact.value)}"
        return f"the facts contradict each other: with {said}, {what} is at least {_number(low)}, not {_number(fact.value)}"
    also = [inline(i.term) for i in problem.independent] if not facts else []
    return f"the facts contradict each other: {_joined([inline(f.term) for f in facts] + also)} cannot all hold"


def _among(facts: Iterable[Fact]) -> str:
    said = [inline(f.term) for f in facts]
    return f": {_joined(said)}" if len(said) <= 6 else ""


# ── what is missing ──────────────────────────────────────────────────────────────────────────────────────────────────


def missing(problem: Problem, system: System, goal: Goal, writer: Writer) -> Refusal:
    """The refusal that says what would settle the question."""
    shown = inline(writer.chance(goal))
    single = [c for c in _candidates(problem, goal) if _settles(problem, goal, (c,))][:MOST_NAMED]
    single = _varied(problem, single)
    independences = [i for i in _separations(problem, goal) if _settles(_with(problem, i), goal, ())]
    between = _between(problem, system, goal)
    if single or independences:
        names = [inline(writer.chance(c)) for c in single]
        also = [inline(i.term) for i in independences[:1]]
        first, *others = names + also
        alternatives = f" (or {', or '.join(others[:MOST_NAMED])})" if others else ""
        wanted = f"{first} = …" if single else plain(independences[0].term)
        return Undetermined(f"{shown} is not determined: {first}{alternatives} is needed{between}", expected=(wanted,))
    several = _several(problem, goal)
    if several:
        names = [inline(writer.chance(c)) for c in several]
        return Undetermined(f"{shown} is not determined: {_joined(names)} are needed{between}", expected=tuple(f"{n} = …" for n in names))
    if not system.is_settled():
        return NotSupported(f"{shown}: the facts leave products of unknown probabilities, for which there is no solver")
    return Undetermined(f"{shown} is not determined by the facts{between}")


def _varied(problem: Problem, goals: list[Goal]) -> list[Goal]:
    """Without a second way to say the same: of an event and its opposite, the first."""
    kept: list[Goal] = []
    for event, given in goals:
        if (given & ~event, given) not in kept:
            kept.append((event, given))
    return kept


def _between(problem: Problem, system: System, goal: Goal) -> str:
    if problem.symbols or not system.is_settled():
        return ""
    bounds = system.bounds(*goal)
    if bounds is None or (bounds[0] == 0 and bounds[1] == 1):
        return ""
    return f"; so far it lies between {_number(bounds[0])} and {_number(bounds[1])}"


def _settles(problem: Problem, goal: Goal, candidates: tuple[Goal, ...]) -> bool:
    """Whether the goal is determined once these probabilities have values."""
    shift = [Fraction(k, 1009) for k in range(len(candidates))]
    term = Term("word", (), "needed")
    facts = tuple(Fact(e, g, PROBE + s, term) for (e, g), s in zip(candidates, shift, strict=True))
    system = System(replace(problem, facts=(*problem.facts, *facts)))
    return system.value(*goal) is not None


def _candidates(problem: Problem, goal: Goal) -> Iterator[Goal]:
    """Probabilities that a person could state, the nearest to the facts first: siblings of what was stated, marginals, pairs."""
    space = problem.space
    stated = {(f.event, f.given) for f in problem.facts}
    seen: set[Goal] = {goal, (goal[1] & ~goal[0], goal[1])}
    count = 0
    for candidate in (*_siblings(problem), *_marginals(problem, goal), *_likelihoods(problem, goal), *_pairs(problem)):
        event, given = candidate
        opposite = (given & ~event, given)
        if candidate in seen or candidate in stated or opposite in stated or not event or event == given:
            continue
        seen.add(candidate)
        count += 1
        if count > MOST_CANDIDATES or not space.all:
            return
        yield candidate


def _siblings(problem: Problem) -> Iterator[Goal]:
    """P(+|¬D) beside P(+|D)."""
    space = problem.space
    for fact in problem.facts:
        condition, inside = space.fixed(fact.given), space.fixed(fact.event)
        if not condition or inside is None:
            continue
        own = space.of_values({p: v for p, v in inside.items() if condition.get(p) != v})
        for place, values in condition.items():
            rest = {p: v for p, v in condition.items() if p != place}
            for other in range(len(space.masks[place])):
                if other not in values:
                    given = space.of_values({**rest, place: (other,)})
                    yield own & given, given


def _marginals(problem: Problem, goal: Goal) -> Iterator[Goal]:
    space = problem.space
    for mask in (goal[1], goal[0]):
        for place, values in (space.fixed(mask) or {}).items():
            yield space.of_values({place: values}), space.all
    if goal[1] != space.all:
        yield goal[1], space.all
    for masks in space.masks:
        yield masks[-1] if len(masks) == 2 and space.outcomes[space.masks.index(masks)].kind == "finite" else masks[0], space.all


def _likelihoods(problem: Problem, goal: Goal) -> Iterator[Goal]:
    """The other way round: P(B|A) and P(B|¬A) where P(A|B) is asked for."""
    space = problem.space
    whole, condition = space.fixed(goal[0]), space.fixed(goal[1])
    if whole is None or not condition:
        yield goal[0], space.all
        return
    own = space.of_values({p: v for p, v in whole.items() if condition.get(p) != v})
    for hypothesis in (own, space.all & ~own):
        yield goal[1] & hypothesis, hypothesis
    yield goal[0], space.all


def _pairs(problem: Problem) -> Iterator[Goal]:
    space = problem.space
    for (_, first), (_, second) in combinations(enumerate(space.masks), 2):
        yield first[0] & second[0], space.all
        yield first[0] & second[0], second[0]
        yield first[0] & second[0], first[0]


def _several(problem: Problem, goal: Goal) -> list[Goal]:
    """Few probabilities that together settle the goal."""
    chosen: list[Goal] = []
    for candidate in _candidates(problem, goal):
        chosen.append(candidate)
        if _settles(problem, goal, tuple(chosen)):
            for other in list(chosen):
                fewer = tuple(c for c in chosen if c != other)
                if _settles(problem, goal, fewer):
                    chosen.remove(other)
            return chosen
        if len(chosen) > 12:
            break
    return []


def _separations(problem: Problem, goal: Goal) -> Iterator[Independent]:
    """Independences that were not declared, of two variables of the goal, perhaps given a third."""
    space = problem.space
    asked = {p for mask in goal for p in (space.fixed(mask) or range(len(space.outcomes)))}
    linked = [{p for mask in (f.event, f.given) for p in (space.fixed(mask) or ())} for f in problem.facts]
    for first, second in combinations(sorted(asked), 2):
        if any(first in together and second in together for together in linked):
            continue
        pair = (_named(problem, first), _named(problem, second))
        said = Term("rel", pair, "indep")
        algebras = (tuple(space.masks[first]), tuple(space.masks[second]))
        places = (frozenset((first,)), frozenset((second,)))
        yield Independent(algebras, (space.all,), places, {}, said)
        for third in range(len(space.outcomes)):
            if third not in (first, second):
                term = Term("given", (said, _named(problem, third)))
                yield Independent(algebras, tuple(space.masks[third]), places, {third: None}, term)


def _named(problem: Problem, place: int) -> Term:
    from derive.expressions.term import Name

    outcome = problem.space.outcomes[place]
    return Term("name", (), Name.from_key(outcome.name)) if outcome.kind in ("event", "finite") else outcome.values[0]


def _with(problem: Problem, statement: Independent) -> Problem:
    return replace(problem, independent=(*problem.independent, statement))


def _number(value: Fraction) -> str:
    return inline(as_term(value))


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
