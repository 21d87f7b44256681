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
        self.failed: dict[Goal, int] = {}
        self._options: dict[Goal, list[Option]] = {}
        self.visits = 0

    def proof(self, goal: Goal) -> Proof | None:
        """The cheapest proof, or None where none was found within the bounds."""
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

    def _floor(self, goal: Goal) -> int:
        """A cost that no proof of the goal is below."""
        known = self.proved.get(goal)
        if known is not None:
            return known.cost
        if goal in self.facts or goal[0] == goal[1] or not goal[0]:
            return 0
        return self.failed.get(goal, 0) + 1

    def _within(self, goal: Goal, budget: int) -> Proof | None:
        known = self.proved.get(goal) or self._leaf(goal)
        if known is not None:
            return known if known.cost <= budget else None
        if budget <= self.failed.get(goal, 0) or self.visits > MOST_VISITS:
            return None
        self.visits += 1
        for option in self._options_of(goal):
            if option.cost > budget:
                continue
            children = self._all(option.goals, budget - option.cost)
            if children is not None:
                cost = option.cost + sum(c.cost for c in children)
                proof = Proof(goal, option.rule, option.formula, children, cost, None, option.assumes)
                self.proved[goal] = proof
                return proof
        self.failed[goal] = max(budget, self.failed.get(goal, 0))
        return None

    def _all(self, goals: tuple[Goal, ...], budget: int) -> tuple[Proof, ...] | None:
        """Proofs of all goals within a common budget, the hardest first."""
        spare = budget
        floors = []
        for goal in goals:
            floor = self._floor(goal)
            floors.append(floor)
            spare -= floor
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
        if goal not in self._options:
            self._options[goal] = self.options.of(goal)
        return self._options[goal]
