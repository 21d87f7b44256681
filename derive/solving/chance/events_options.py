"""What may be done to prove P(event | given): every rule of probability that fits, with its price.

In: a finite problem and a goal as sets of cells. Out: options; each is a rule, its formula, and the goals that the formula needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any, NamedTuple

from derive.derivation import Rule
from derive.expressions.term import Term, number
from derive.probability.finite import Fact, Independent, Problem
from derive.rules import chance_events as rules

__all__ = ["Formula", "Goal", "Option", "Options", "goals_of"]

Goal = tuple[int, int]  # an event (within the condition) and the condition
Formula = tuple[Any, ...]  # ("P", event, given), ("1",), ("0",), ("+", …), ("-", a, b), ("*", …), ("/", a, b)

MOST_JOINT = 16  # terms of one sum


class Option(NamedTuple):
    """One rule on one goal, before its own goals have proofs."""

    cost: int
    rule: Rule
    formula: Formula
    goals: tuple[Goal, ...]
    assumes: tuple[Term, ...] = ()


def goals_of(formula: Formula) -> Iterable[Goal]:
    """The goals that a formula speaks of, each once, in order of appearance."""
    found: dict[Goal, None] = {}
    _gather(formula, found)
    return found


def _gather(formula: Formula, found: dict[Goal, None]) -> None:
    if formula[0] == "P":
        found[formula[1], formula[2]] = None
    else:
        for part in formula[1:]:
            _gather(part, found)


def _p(event: int, given: int) -> Formula:
    return ("P", event & given, given)


def _sum(parts: list[Formula]) -> Formula:
    return parts[0] if len(parts) == 1 else ("+", *parts)


class Options:
    """The rules, over the facts of one problem."""

    def __init__(self, problem: Problem) -> None:
        self.space = problem.space
        self.facts: dict[Goal, Fact] = {}
        for fact in problem.facts:
            self.facts.setdefault((fact.event, fact.given), fact)
        self.independent = problem.independent
        self.together = self._together(problem)

    def of(self, goal: Goal) -> list[Option]:
        """All options for a goal, the cheapest first."""
        found = [o for o in self._ways(*goal) if all(g != goal and g[1] for g in o.goals)]
        found.sort(key=lambda o: o.cost)
        return found

    def _together(self, problem: Problem) -> dict[int, set[int]]:
        """Variable → those that a fact speaks of in one breath with it."""
        found: dict[int, set[int]] = {}
        for fact in problem.facts:
            places = {p for mask in (fact.event, fact.given) for p in (self.space.fixed(mask) or range(len(self.space.outcomes)))}
            for place in places:
                found.setdefault(place, set()).update(places)
        return found

    def _option(self, cost: int, rule: Rule, formula: Formula, assumes: tuple[Term, ...] = ()) -> Option:
        return Option(cost, rule, formula, tuple(goals_of(formula)), assumes)

    def _ways(self, event: int, given: int) -> Iterator[Option]:
        space = self.space
        yield self._option(1, rules.COMPLEMENT, ("-", ("1",), _p(given & ~event, given)))
        condition = space.fixed(given)
        inside = space.fixed(event)
        literals = None
        if condition is not None and inside is not None:
            literals = {p: v for p, v in inside.items() if condition.get(p) != v}
        if literals is not None and condition is not None:
            yield from self._single(event, given, literals, condition)
            if len(literals) > 1:
                yield from self._conjunction(event, given, literals, condition)
        elif condition is not None:
            yield from self._union(event, given)
        if given != space.all:
            yield self._option(3, rules.CONDITIONAL, ("/", _p(event, space.all), _p(given, space.all)))
        if condition is not None:
            yield from self._split(event, given, literals or {}, condition)

    def _single(self, event: int, given: int, literals: Mapping[int, Any], condition: Mapping[int, Any]) -> Iterator[Option]:
        """Bayes' rule, independence of what is given, a set of values as a sum, and the rules solved for another part."""
        space = self.space
        statement = space.of_values(literals)
        for flipped in self._subsets(tuple(condition)):
            kept = space.of_values({p: v for p, v in condition.items() if p not in flipped})
            evidence = space.of_values({p: condition[p] for p in flipped})
            dropped = self._unaffected(frozenset(literals), frozenset(flipped), {p: v for p, v in condition.items() if p not in flipped})
            if dropped is not None:
                yield self._option(1, rules.IRRELEVANT, _p(statement, kept), (dropped,))
            if statement & kept & ~evidence == 0:
                continue  # the statement implies the evidence: nothing is turned round
            above = ("*", _p(evidence, statement & kept), _p(statement, kept))
            yield self._option(2, rules.BAYES, ("/", above, _p(evidence, kept)))
        if len(literals) == 1:
            ((place, values),) = literals.items()
            if len(values) > 1:
                parts = [_p(space.masks[place][v], given) for v in values]
                yield self._option(len(values), rules.DISJOINT, _sum(parts))
        for fact in self.facts:
            yield from self._from_fact(event, given, statement, fact)
        yield from self._other_case(statement, given, condition)
        yield from self._shared(statement, given, literals)

    def _other_case(self, statement: int, given: int, condition: Mapping[int, Any]) -> Iterator[Option]:
        """P(B|¬A) from P(B), P(B|A) and P(A)."""
        space = self.space
        for place, values in condition.items():
            kept = space.of_values({p: v for p, v in condition.items() if p != place})
            own = space.of_values({place: values})
            other = kept & ~own
            if (statement & other, other) in self.facts and other:
                above = ("-", _p(statement, kept), ("*", _p(statement, other), _p(other, kept)))
                yield self._option(3, rules.CASE, ("/", above, _p(own, kept)))

    def _shared(self, statement: int, given: int, literals: Mapping[int, Any]) -> Iterator[Option]:
        """P(B) = P(A, B)/P(A) where A and B are independent and their conjunction (or the opposite of it) was stated."""
        held = self.space.fixed(given) or {}
        for place, masks in enumerate(self.space.masks):
            if place in literals or place in held:
                continue
            said = self._unaffected(frozenset(literals), frozenset((place,)), held)
            if said is None:
                continue
            for mask in masks:
                both = statement & mask & given
                if (both, given) in self.facts or (given & ~both, given) in self.facts:
                    yield self._option(2, rules.SHARED, ("/", _p(both, given), _p(mask, given)), (said,))

    def _from_fact(self, event: int, given: int, statement: int, fact: Goal) -> Iterator[Option]:
        """P(B) = P(A, B)/P(A|B), the prior from total probability, P(A) from P(A|B) where A ⫫ B: what a fact suggests."""
        inside, condition = fact
        if condition == statement & given and condition != self.space.all:
            yield self._option(2, rules.QUOTIENT, ("/", _p(inside, given), _p(inside, condition)))
            other = given & ~statement
            apart = self._with_other(fact, statement, given)
            if apart is not None and other:
                yes, no, whole = _p(inside, condition), _p(apart, other), _p(inside | apart, given)
                yield self._option(3, rules.PRIOR, ("/", ("-", whole, no), ("-", yes, no)))
        elif inside == event & condition and condition & given == condition and condition != given:
            held, also = self.space.fixed(given), self.space.fixed(condition)
            stated = self.space.fixed(event)
            if held is not None and also is not None and stated is not None:
                extra = frozenset(p for p in also if also[p] != held.get(p))
                literals = frozenset(p for p in stated if stated[p] != held.get(p))
                found = self._unaffected(literals, extra, held) if extra and not extra & literals else None
                if found is not None:
                    yield self._option(1, rules.IRRELEVANT, _p(inside, condition), (found,))

    def _with_other(self, fact: Goal, statement: int, given: int) -> int | None:
        """The event of the fact where the hypothesis does not hold: + and ¬D for + and D."""
        inside, condition = self.space.fixed(fact[0]), self.space.fixed(fact[1])
        if inside is None or condition is None:
            return None
        evidence = self.space.of_values({p: v for p, v in inside.items() if condition.get(p) != v})
        other = evidence & given & ~statement
        return other if (other, given & ~statement) in self.facts else None

    def _conjunction(self, event: int, given: int, literals: Mapping[int, Any], condition: Mapping[int, Any]) -> Iterator[Option]:
        """Independent factors, the product rule, the part of an event outside another."""
        space = self.space
        for blocks, said in self._factors(frozenset(literals), condition):
            factors = [_p(space.of_values({p: literals[p] for p in block}), given) for block in blocks]
            yield self._option(1, rules.FACTORS, ("*", *factors), (said,))
        for block in self._subsets(tuple(literals), proper=True):
            first = space.of_values({p: literals[p] for p in block})
            rest = space.of_values({p: v for p, v in literals.items() if p not in block})
            yield self._option(1, rules.PRODUCT, ("*", _p(first, rest & given), _p(rest, given)))
        for place, values in literals.items():
            rest = space.of_values({p: v for p, v in literals.items() if p != place})
            own = space.of_values({place: values})
            yield self._option(1 if len(literals) > 1 else 2, rules.DIFFERENCE, ("-", _p(rest, given), _p(rest & ~own, given)))
        if len(literals) == 2:
            a, b = (space.of_values({p: v}) for p, v in literals.items())
            if ((a | b) & given, given) in self.facts or (given & ~(a | b), given) in self.facts:
                yield self._option(2, rules.INTERSECTION, ("-", ("+", _p(a, given), _p(b, given)), _p(a | b, given)))

    def _union(self, event: int, given: int) -> Iterator[Option]:
        """What is no conjunction: a union of statements, or a sum of disjoint parts."""
        space = self.space
        outside = space.fixed(given & ~event)
        held = space.fixed(given) or {}
        if outside is not None:
            members = []
            for place, values in outside.items():
                if held.get(place) != values:
                    others = [v for v in range(len(space.masks[place])) if v not in values]
                    members.append(space.of_values({place: others}) & given)
            if 2 <= len(members) <= 4:
                yield from self._inclusion(members, given)
        parts = space.parts(event)
        if 2 <= len(parts) <= 12:
            yield self._option(len(parts), rules.DISJOINT, _sum([_p(part, given) for part in parts]))

    def _inclusion(self, members: list[int], given: int) -> Iterator[Option]:
        if len(members) == 2:
            a, b = members
            if not a & b:
                yield self._option(1, rules.DISJOINT, ("+", _p(a, given), _p(b, given)))
                return
            yield self._option(2, rules.UNION, ("-", ("+", _p(a, given), _p(b, given)), _p(a & b, given)))
            return
        formula: Formula = _sum([_p(m, given) for m in members])
        for size in range(2, len(members) + 1):
            shared = []
            for chosen in combinations(members, size):
                both = given
                for m in chosen:
                    both &= m
                shared.append(_p(both, given))
            formula = ("-" if size % 2 == 0 else "+", formula, _sum(shared))
        yield self._option(2 ** len(members) - 4, rules.UNION_MANY, formula)

    def _split(self, event: int, given: int, literals: Mapping[int, Any], condition: Mapping[int, Any]) -> Iterator[Option]:
        """Total probability and sums over the table, over each variable that is free."""
        space = self.space
        for place, masks in enumerate(space.masks):
            if place in literals or not any(place in self.together.get(p, ()) for p in literals):
                continue
            values = condition.get(place, tuple(range(len(masks))))
            if len(values) > 1:
                yield from self._cases(event, given, [masks[v] for v in self._ordered(place, values)])
        yield from self._several(event, given, literals, condition)

    def _ordered(self, place: int, values: tuple[int, ...]) -> tuple[int, ...]:
        """1 before 0, as one says it."""
        shown = [self.space.outcomes[place].values[v] for v in values]
        return tuple(reversed(values)) if shown == [number(0), number(1)] else values

    def _cases(self, event: int, given: int, masks: list[int]) -> Iterator[Option]:
        cases = [m for m in masks if event & m]
        terms = [("*", _p(event, m & given), _p(m, given)) for m in cases]
        if terms and len(terms) <= MOST_JOINT:
            yield self._option(len(terms), rules.TOTAL, _sum(terms))
            yield self._option(len(terms), rules.MARGINAL, _sum([_p(event & m, given) for m in cases]))

    def _several(self, event: int, given: int, literals: Mapping[int, Any], condition: Mapping[int, Any]) -> Iterator[Option]:
        """Total probability over all parents at once, where a fact conditions on more than one variable."""
        space = self.space
        seen: set[frozenset[int]] = set()
        for inside, stated in self.facts:
            parents, own = space.fixed(stated), space.fixed(inside)
            if parents is None or own is None:
                continue
            free = frozenset(p for p in parents if p not in condition and p not in literals)
            if len(free) < 2 or free in seen or not literals or not set(literals) <= set(own) - set(parents):
                continue
            seen.add(free)
            masks = [given]
            for place in sorted(free):
                masks = [m & space.masks[place][v] for m in masks for v in self._ordered(place, tuple(range(len(space.masks[place]))))]
            yield from self._cases(event, given, masks)

    def _subsets(self, places: tuple[int, ...], *, proper: bool = False) -> Iterator[frozenset[int]]:
        """All of them (unless `proper`), each by itself, all but one; every subset where there are few."""
        count = len(places)
        sizes = (
            range(count - 1 if proper else count, 0, -1) if count <= 4 else [s for s in (count, count - 1, 1) if s < count or not proper]
        )
        for size in sizes:
            for chosen in combinations(places, size):
                yield frozenset(chosen)

    # ── independence ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _unaffected(self, left: frozenset[int], right: frozenset[int], given: Mapping[int, Any]) -> Term | None:
        """The statement by which the variables `left` do not depend on `right`, the rest being given."""
        for statement in self.independent:
            if self._speaks_of(statement, given, left | right) and self._apart(statement, left, right):
                return statement.term
        return None

    def _factors(self, places: frozenset[int], given: Mapping[int, Any]) -> Iterator[tuple[list[frozenset[int]], Term]]:
        """The finest splittings of the variables into independent blocks."""
        for statement in self.independent:
            if not self._speaks_of(statement, given, places):
                continue
            members: frozenset[int] = frozenset().union(*statement.places)
            if not places <= members:
                continue
            blocks = [places & group for group in statement.places if places & group]
            if len(blocks) > 1:
                yield blocks, statement.term

    def _speaks_of(self, statement: Independent, given: Mapping[int, Any], about: frozenset[int]) -> bool:
        """Whether the statement holds under what is given: its own conditions with one value each, and otherwise only its members."""
        members: frozenset[int] = frozenset().union(*statement.places)
        for place, allowed in statement.given.items():
            values = given.get(place)
            if values is None or place in about:
                return False
            if (allowed is None and len(values) != 1) or (allowed is not None and values != allowed):
                return False
        others = [p for p in given if p not in statement.given]
        if any(p not in members for p in others):
            return False
        return not any(group & about and any(p in group for p in others) for group in statement.places)

    def _apart(self, statement: Independent, left: frozenset[int], right: frozenset[int]) -> bool:
        groups = [(bool(group & left), bool(group & right)) for group in statement.places]
        members: frozenset[int] = frozenset().union(*statement.places)
        return (left | right) <= members and not any(a and b for a, b in groups)
