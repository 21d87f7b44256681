"""The joint table solved: where no chain of rules leads from the facts to the answer, but the facts determine it all the same.

In: a problem, its solved system, the goal. Out: steps (the cells that matter, their sums, the quotient) and the value.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from derive.derivation import Claim, Prose
from derive.expressions.term import Term
from derive.probability.finite import Problem, System, cells_of
from derive.rules import chance_events as rules
from derive.solving.chance.events_search import Goal
from derive.solving.chance.events_writing import Writer, as_term, shortest

__all__ = ["by_table"]

MOST_SHOWN = 16


def by_table(problem: Problem, system: System, goal: Goal, writer: Writer) -> Any | None:
    """The value, where the equations (or the bounds that they leave) settle it; None where they do not."""
    event, given = goal
    space = problem.space
    value = system.value(event, given)
    if value is None:
        return _between(problem, system, goal, writer)
    value = shortest(value)
    target = writer.chance(goal)
    parts = [event] if given == space.all else [event, given & ~event]
    known = {part: system.value(part, space.all) for part in parts}
    if all(v is not None for v in known.values()) and given != space.all:
        top, bottom = writer.chance((event, space.all)), writer.chance((given, space.all))
        writer.add(rules.CONDITIONAL, target, Term("div", (top, bottom)))
        _factorise(problem, system, event, writer)
        _sum(event, system, writer)
        _sum(given, system, writer)
        whole = system.value(given, space.all)
        inserted = Term("div", (as_term(known[event]), as_term(whole)))
        writer.add(rules.INSERT, inserted, as_term(value), claim=Claim("equal", target, as_term(value)))
        return value
    if given == space.all:
        _factorise(problem, system, event, writer)
        if _sum(event, system, writer):
            return value
    writer.add(rules.TABLE, target, as_term(value), ("all tables that satisfy the facts agree on it",))
    return value


def _factorise(problem: Problem, system: System, event: int, writer: Writer) -> None:
    """P(c, s, r, w) = P(c) P(s|c) P(r|c) P(w|s, r), where conditional tables were stated and the facts make it hold for every cell."""
    space = problem.space
    parents = _parents(problem)
    if parents is None or len(space.outcomes) < 3:
        return
    factors: dict[int, list[Goal]] = {}
    for cell in range(space.cells):
        whole = space.fixed(1 << cell)
        assert whole is not None
        factors[cell] = []
        product: Any = Fraction(1)
        for place, above in parents.items():
            given = space.of_values({p: whole[p] for p in above})
            goal = (space.masks[place][whole[place][0]] & given, given)
            share = system.share(*goal)
            factors[cell].append(goal)
            if share is None:
                return
            product = system.into(product) * share if isinstance(product, Fraction) else product * share
        if system.share(1 << cell, space.all) != product:
            return
    shown = next(cells_of(event))
    assumptions: tuple[Prose, ...] = tuple((i.term, " (declared)") for i in problem.independent)
    whole_term = writer.chance((1 << shown, space.all))
    writer.add(rules.NETWORK, whole_term, Term("mul", tuple(writer.chance(g) for g in factors[shown])), (), assumptions)


def _parents(problem: Problem) -> dict[int, tuple[int, ...]] | None:
    """Variable → the variables that its stated tables condition on, in an order in which parents come first; None where there is none."""
    space = problem.space
    found: dict[int, set[int]] = {}
    for fact in problem.facts:
        given, event = space.fixed(fact.given), space.fixed(fact.event)
        if given is None or event is None:
            return None
        own = [p for p, v in event.items() if given.get(p) != v]
        if len(own) != 1:
            return None
        found.setdefault(own[0], set()).update(given)
    order: dict[int, tuple[int, ...]] = {}
    while len(order) < len(space.outcomes):
        ready = [p for p in range(len(space.outcomes)) if p not in order and p in found and found[p] <= set(order)]
        if not ready:
            return None
        order[ready[0]] = tuple(sorted(found[ready[0]]))
    return order


def _sum(event: int, system: System, writer: Writer) -> bool:
    """P(event) as a sum of cells that are settled; false where they are not or are too many to show."""
    space = system.space
    cells = [1 << c for c in cells_of(event)]
    values = [system.value(c, space.all) for c in cells]
    total = system.value(event, space.all)
    if total is None:
        return False
    kept = [(c, v) for c, v in zip(cells, values, strict=True) if v is None or v != 0]
    shown = writer.chance((event, space.all))
    if any(v is None for v in values) or len(kept) > MOST_SHOWN or not kept:
        writer.add(rules.TABLE, shown, as_term(total), ("all tables that satisfy the facts agree on it",))
        return True
    if len(kept) > 1:
        formula = Term("add", tuple(writer.chance((c, space.all)) for c, _ in kept))
        writer.add(rules.MARGINAL, shown, formula)
        said = Term("add", tuple(as_term(shortest(v)) for _, v in kept))
        writer.add(rules.TABLE, said, as_term(shortest(total)), claim=Claim("equal", shown, as_term(total)))
        return True
    writer.add(rules.TABLE, shown, as_term(shortest(total)))
    return True


def _between(problem: Problem, system: System, goal: Goal, writer: Writer) -> Any | None:
    """The value where probabilities, being no less than 0, leave only one."""
    if problem.symbols or not system.is_settled():
        return None
    bounds = system.bounds(*goal)
    if bounds is None or bounds[0] != bounds[1]:
        return None
    writer.add(rules.TABLE, writer.chance(goal), as_term(bounds[0]), ("no cell is below 0, and that leaves one value",))
    return bounds[0]
