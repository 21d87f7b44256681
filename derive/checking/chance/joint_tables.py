"""Checks of statements about events on a concrete joint table that satisfies all the facts, in exact arithmetic.

In: a derivation whose `model` is a finite `Problem`; steps with P(…) terms. Out: the same derivation with checks. The table comes from
linear algebra over the cells alone (of a chain: from products along paths), and is itself compared with every fact and every
independence by summing cells; then both sides of each step are evaluated by summing cells. With symbols in the facts that is done at
random values inside what the facts admit.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp

from derive.checking.expressions import check_equal
from derive.derivation import Check, Derivation, Step
from derive.errors import DeriveError
from derive.expressions.chance import Chance
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.probability.chain import Path
from derive.probability.finite import Fact, Linear, Problem, System, cells_of
from derive.probability.outcomes import listed, tidy
from derive.probability.outcomes_listed import Enumerated

__all__ = ["Table", "check_tables", "tables_of"]

EXPERIMENTS = 2
TRIES = 12
_MOMENTS = ("E", "Var", "Cov")
METHOD = "joint table that satisfies the facts"


class Table:
    """Numbers for all cells and for the symbols; the value of a term by summing cells."""

    def __init__(self, problem: Problem, cells: list[Fraction], values: Mapping[Any, Fraction]) -> None:
        self.problem = problem
        self.cells = cells
        self.values = values
        self._named = {str(s): v for s, v in values.items()}
        self._masses: dict[int, Fraction] = {}
        self._values: dict[Term, Fraction] = {}
        if isinstance(problem, Path):
            self._named |= {key: self._number(value) for key, value in problem.named.items()}

    def mass(self, event: int) -> Fraction:
        """The sum of the cells of an event."""
        if event not in self._masses:
            self._masses[event] = sum((self.cells[c] for c in cells_of(event)), Fraction(0))
        return self._masses[event]

    def satisfies(self, problem: Problem) -> bool:
        """Whether the facts (with numbers) and the independences of a problem hold in the table."""
        if sum(self.cells) != 1 or any(c < 0 for c in self.cells):
            return False
        if any(self.mass(f.event) != f.value * self.mass(f.given) for f in problem.facts):
            return False
        for linear in problem.linear:
            if any(not self.mass(g) for _, _, g in linear.parts):
                return False
            if sum((f * self.mass(e) / self.mass(g) for f, e, g in linear.parts), linear.constant) != 0:
                return False
        return all(self._factors(s.algebras, state) for s in problem.independent for state in s.states)

    def _factors(self, algebras: tuple[tuple[int, ...], ...], state: int) -> bool:
        whole = self.mass(state)
        if not whole:
            return True
        for combination in product(*algebras):
            both, expected = state, whole
            for event in combination:
                both &= event
                expected = expected * self.mass(event & state) / whole
            if self.mass(both) != expected:
                return False
        return True

    def value(self, term: Any) -> Fraction:
        """The value of a term with P(…) in it. Raises ZeroDivisionError where a condition has probability zero."""
        if not isinstance(term, Term):
            return self._number(term)
        head = term.head
        if head == "number":
            return term.value
        if head == "probability" and term.data == "P":
            if term not in self._values:
                self._values[term] = self._chance(term)
            return self._values[term]
        if head == "probability" and term.data in _MOMENTS:
            return self._moment(term)
        if head == "neg":
            return -self.value(term.args[0])
        if head in ("add", "mul", "div"):
            parts = [self.value(a) for a in term.args]
            result = parts[0]
            for part in parts[1:]:
                result = result + part if head == "add" else result * part if head == "mul" else result / part
            return result
        if head == "pow" and term.args[1].head == "number" and term.args[1].value.denominator == 1:
            return self.value(term.args[0]) ** int(term.args[1].value)
        if head == "name" and term.data.key in self._named:
            return self._named[term.data.key]
        return self._number(to_sympy(term, {}))

    def _number(self, expression: Any) -> Fraction:
        if isinstance(expression, Fraction):
            return expression
        values = {s: sp.Rational(v.numerator, v.denominator) for s, v in self.values.items()}
        found = expression.subs(values)
        found = found.subs({s: self._named[s.name] for s in found.free_symbols if s.name in self._named})
        if not found.is_Rational:
            raise DeriveError("no rational value")
        return Fraction(int(found.p), int(found.q))

    def _chance(self, term: Term) -> Fraction:
        inside = term.args[0] if len(term.args) == 1 else Term("list", term.args)
        event, given = inside.args if inside.head == "given" else (inside, None)
        space = self.problem.space
        condition = space.all if given is None else space.event(Term("list", tuple(tidy(t) for t in listed(given))))
        return self.mass(space.event(tidy(event)) & condition) / self.mass(condition)

    def _moment(self, term: Term) -> Fraction:
        """E[…], Var(…) and Cov(…, …) of functions of the outcomes, by summing over their values."""
        first, *rest = term.args
        body, given = first.args if first.head == "given" else (first, None)
        if term.data == "E":
            return self._mean(body, given)
        other = rest[0] if rest else body
        return self._mean(Term("mul", (body, other)), given) - self._mean(body, given) * self._mean(other, given)

    def _mean(self, body: Term, given: Term | None) -> Fraction:
        space = self.problem.space
        condition = space.all if given is None else space.event(Term("list", tuple(tidy(t) for t in listed(given))))
        written = {n.data.key: n for n in body.walk() if n.head == "name"}
        places = [k for k, outcome in enumerate(space.outcomes) if outcome.name in written]
        total = Fraction(0)
        for states in product(*(range(len(space.outcomes[k].values)) for k in places)):
            event = condition
            at = {}
            for place, state in zip(places, states, strict=True):
                event &= space.masks[place][state]
                at[written[space.outcomes[place].name]] = space.outcomes[place].values[state]
            total += self.value(body.transform(lambda n, at=at: at.get(n, n))) * self.mass(event)  # type: ignore[misc]
        return total / self.mass(condition)


def check_tables(derivation: Derivation) -> Derivation:
    """The derivation with a check in every step."""
    problem = derivation.model
    assert isinstance(problem, Problem)
    tables = tables_of(problem)
    return replace(derivation, steps=tuple(_checked(step, problem, tables) for step in derivation.steps))


def tables_of(problem: Problem, seed: int = 20) -> list[Table]:
    """Concrete tables that satisfy everything that is stated; none where none was found."""
    draw = random.Random(seed)
    found: list[Table] = []
    multiplied = isinstance(problem, (Path, Enumerated))
    if not problem.symbols and not multiplied:
        only = _only(problem)
        if only is not None:
            return [only]
    wanted = 1 if not problem.symbols and isinstance(problem, Enumerated) else EXPERIMENTS
    for _ in range(TRIES**2 if multiplied else TRIES):
        table = _multiplied(problem, draw) if isinstance(problem, (Path, Enumerated)) else _drawn(problem, draw)
        if table is not None:
            found.append(table)
        if len(found) == wanted:
            break
    return found


def _only(problem: Problem) -> Table | None:
    """The table, where the facts leave one."""
    system = problem.system
    if len(system.solved.rows) < problem.space.cells:
        return None
    cells = system.table()
    table = None if cells is None else Table(problem, cells, {})
    return table if table is not None and table.satisfies(problem) else None


def _multiplied(problem: Path | Enumerated, draw: random.Random) -> Table | None:
    """The table of independent variables, or of a chain: products along all paths, from a random law at the start where none is stated."""
    values = {s: Fraction(draw.randint(1, 19), 20) for s in problem.symbols}
    exact = {s: sp.Rational(v.numerator, v.denominator) for s, v in values.items()}
    states = problem.chain.states if isinstance(problem, Path) and problem.chain is not None else ()
    parts = [draw.randint(1, 9) for _ in states]
    cells = problem.cells(exact, [Fraction(p, sum(parts)) for p in parts])
    concrete = problem.at(exact)
    if cells is None or concrete is None:
        return None
    table = Table(problem, cells, values)
    return table if all(table.mass(f.event) == f.value * table.mass(f.given) for f in concrete.facts) else None


def _drawn(problem: Problem, draw: random.Random) -> Table | None:
    """One table. Symbols alone on the right of a fact are set to what a random admissible table has there, one after the other."""
    values: dict[Any, Fraction] = {}
    alone = {f.value: f for f in problem.facts if isinstance(f.value, sp.Symbol)}
    for symbol in problem.symbols:
        if symbol not in alone:
            values[symbol] = Fraction(draw.randint(1, 19), 20)
    for symbol, fact in alone.items():
        known = _known_part(problem, values)
        value = None if known is None else _admissible(known, fact, draw)
        if value is None:
            return None
        values[symbol] = value
    concrete = problem.at({s: sp.Rational(v.numerator, v.denominator) for s, v in values.items()})
    concrete = None if concrete is None else _opened(concrete, draw)
    if concrete is None:
        return None
    cells = System(concrete).table(lambda: draw.randint(1, 9))
    if cells is None:
        return None
    table = Table(problem, cells, values)
    return table if table.satisfies(concrete) else None


def _known_part(problem: Problem, values: Mapping[Any, Fraction]) -> Problem | None:
    """The facts whose symbols all have values, with the numbers."""

    def ready(fact: Fact | Linear) -> bool:
        held = [fact.value] if isinstance(fact, Fact) else [fact.constant, *(f for f, _, _ in fact.parts)]
        return all(v.free_symbols <= set(values) for v in held if isinstance(v, sp.Basic))

    part = replace(problem, facts=tuple(f for f in problem.facts if ready(f)), linear=tuple(k for k in problem.linear if ready(k)))
    return part.at({s: sp.Rational(v.numerator, v.denominator) for s, v in values.items()})


def _admissible(problem: Problem, fact: Fact, draw: random.Random) -> Fraction | None:
    """A value of P(event | given) that the other facts admit, inside their range."""
    bounds = System(problem).bounds(fact.event, fact.given)
    if bounds is None:
        return None
    low, high = bounds
    return low + (high - low) * Fraction(draw.randint(2, 18), 20)


def _opened(problem: Problem, draw: random.Random) -> Problem | None:
    """The problem with marginals chosen where an independence still waits for one."""
    for _ in range(64):
        system = System(problem)
        chosen = None if system.is_settled() else _open_marginal(problem, system)
        if chosen is None:
            return problem
        bounds = system.bounds(*chosen)
        if bounds is None:
            return None
        low, high = bounds
        value = low + (high - low) * Fraction(draw.randint(2, 18), 20)
        said = Term("word", (), "a value of its own")
        problem = replace(problem, facts=(*problem.facts, Fact(*chosen, value, said)))
    return None


def _open_marginal(problem: Problem, system: System) -> tuple[int, int] | None:
    """A marginal that a waiting independence needs and that nothing settles."""
    for which, statement in enumerate(problem.independent):
        for state in statement.states:
            for member, algebra in enumerate(statement.algebras):
                if (which, state, member) not in system.settled:
                    for event in algebra:
                        if system.share(event & state, state) is None:
                            return event & state, state
    return None


def _checked(step: Step, problem: Problem, tables: list[Table]) -> Step:
    return replace(step, check=_check(step, problem, tables), steps=tuple(_checked(s, problem, tables) for s in step.steps))


def _check(step: Step, problem: Problem, tables: list[Table]) -> Check:
    if not tables:
        return Check("unverified", reason="no table that satisfies the facts was found")
    sides = [part for side in (step.before, step.after) for part in _equals(side)]
    if step.claim is not None and step.claim.kind == "equal":
        pairs = [sides, [step.claim.left, step.claim.right]]
    else:
        pairs = [sides]
    try:
        for table in tables:
            wrong = next((w for group in pairs for w in [_apart(table, group)] if w is not None), None)
            if wrong is not None:
                point = tuple((str(s), str(v)) for s, v in table.values.items())
                cells = (("cells", ", ".join(str(c) for c in table.cells[:16])),)
                return Check("failed", METHOD, len(tables), float(wrong), counterexample=point or cells)
    except ZeroDivisionError:
        return Check("unverified", reason="a condition has probability 0 in the table")
    except DeriveError as met:
        return _otherwise(step, problem, tables) or Check("unverified", reason=f"no numbers for it: {met.message}")
    return Check("verified" if problem.symbols else "exact", METHOD, len(tables), 0.0)


def _otherwise(step: Step, problem: Problem, tables: list[Table]) -> Check | None:
    """The check of the part that was rewritten, where the whole has no rational value; or of sides without anything random."""
    if step.part is not None and step.part != (step.before, step.after):
        before, after = step.part
        return _check(replace(step, before=before, after=after, part=None, claim=None), problem, tables)
    sides = (step.before, step.after)
    if step.relation != "=" or any(s.has("probability") if isinstance(s, Term) else s.has(Chance) for s in sides):
        return None
    left, right = (to_sympy(s, {}) if isinstance(s, Term) else s for s in sides)
    return check_equal(left, right, {})


def _apart(table: Table, sides: list[Any]) -> Fraction | None:
    """How far the sides are apart; None where all are equal."""
    values = [table.value(side) for side in sides]
    return next((abs(v - values[0]) for v in values if v != values[0]), None)


def _equals(side: Any) -> list[Any]:
    return list(side.args) if isinstance(side, Term) and side.head == "chain" else [side]
