"""The shortest natural way from the facts to a probability: backwards from what is asked for, by rules, cheapest first.

In: a finite problem and P(event | given) as sets of cells. Out: a Proof, whose leaves are facts. Values are not looked at: a fact is
whatever was stated, a number or a symbol.
"""

from __future__ import annotations

from typing import NamedTuple

from derive.derivation import Rule
from derive.expressions.term import Term
from derive.probability.finite import Fact, Problem
from derive.rules import chance_events as rules
from derive.solving.chance.events_options import Formula, Goal, Option, Options

__all__ = ["Formula", "Goal", "Proof", "Search"]

MOST_COST = 20
MOST_VISITS = 1200


class Proof(NamedTuple):
    """How a goal follows: the rule and its formula over goals that have proofs of their own; a leaf is a fact."""

    goal: Goal
    rule: Rule
    formula: Formula
    children: tuple[Proof, ...]
    cost: int
    fact: Fact | None = None
    assumes: tuple[Term, ...] = ()


class Search:
    """One search; remembers what was proved, and up to which cost nothing was found."""

    def __init__(self, problem: Problem) -> None:
        self.options = Options(problem)
        self.facts = self.options.facts
        self.proved: dict[Goal, Proof] = {}
        self.floors: dict[Goal, int] = {}  # costs that no proof is below
        self._options: dict[Goal, list[Option]] = {}
        self.visits = 0

    def proof(self, goal: Goal) -> Proof | None:
        """The cheapest proof, or None where none was found within the bounds."""
        self._floor(goal)
        for budget in range(MOST_COST + 1):
            found = self._within(goal, budget)
            if found is not None:
                return found
            if self.visits > MOST_VISITS:
                return None
        return None

    def _leaf(self, goal: Goal) -> Proof | None:
        event, given = goal
        fact = self.facts.get(goal)
        if fact is not None:
            return Proof(goal, rules.FACT, ("P", *goal), (), 0, fact)
        if event == given:
            return Proof(goal, rules.FACT, ("1",), (), 0)
        if not event:
            return Proof(goal, rules.FACT, ("0",), (), 0)
        return None

    def _floor(self, goal: Goal) -> None:
        """What a goal costs at least before anything is known of its proofs."""
        if goal not in self.floors:
            self.floors[goal] = 0 if goal in self.facts or goal[0] == goal[1] or not goal[0] else 1

    def _within(self, goal: Goal, budget: int) -> Proof | None:
        known = self.proved.get(goal) or (self._leaf(goal) if not self.floors[goal] else None)
        if known is not None:
            return known if known.cost <= budget else None
        if budget < self.floors[goal] or self.visits > MOST_VISITS:
            return None
        self.visits += 1
        least = MOST_COST + 1  # what a proof costs at least, raised with all that was learnt of the parts
        for option in self._options_of(goal):
            if option.cost > budget:
                least = min(least, option.cost)
                break  # they are in the order of their own cost
            if self._at_least(option) <= budget:
                children = self._all(option.goals, budget - option.cost)
                if children is not None:
                    cost = option.cost + sum(c.cost for c in children)
                    self.floors[goal] = cost
                    self.proved[goal] = Proof(goal, option.rule, option.formula, children, cost, None, option.assumes)
                    return self.proved[goal]
            least = min(least, self._at_least(option))
        self.floors[goal] = max(budget + 1, least, self.floors[goal])
        return None

    def _at_least(self, option: Option) -> int:
        """A cost that no proof by this option is below."""
        floors, total = self.floors, option.cost
        for goal in option.goals:
            total += floors[goal]
        return total

    def _all(self, goals: tuple[Goal, ...], budget: int) -> tuple[Proof, ...] | None:
        """Proofs of all goals within a common budget, the hardest first."""
        floors = [self.floors[goal] for goal in goals]
        spare = budget - sum(floors)
        if spare < 0:
            return None
        found: dict[Goal, Proof] = {}
        for goal, floor in sorted(zip(goals, floors, strict=True), key=lambda pair: -pair[1]):
            proof = None
            for allowed in range(floor, floor + spare + 1):
                proof = self._within(goal, allowed)
                if proof is not None:
                    spare -= allowed - floor
                    break
            if proof is None:
                return None
            found[goal] = proof
        return tuple(found[g] for g in goals)

    def _options_of(self, goal: Goal) -> list[Option]:
        known = self._options.get(goal)
        if known is None:
            known = self._options[goal] = self.options.of(goal)
            for option in known:
                for part in option.goals:
                    self._floor(part)
        return known
