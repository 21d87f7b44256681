"""A finite problem: the joint table of events and finite variables with unknown cells, and what the facts say of it.

Every fact is one linear equation in the cells: P(A | B) = v is P(A, B) − v P(B) = 0. Independence is bilinear, and linear as soon as one of
the marginals is settled; so statements wait until they are linear. In: facts resolved by `finite_facts`. Out: what is determined, exactly;
bounds; complete tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple

import sympy as sp

from derive.errors import TooLarge
from derive.expressions.term import Term
from derive.probability.elimination import Elimination, Row, vertex
from derive.probability.outcomes import Space

__all__ = ["Fact", "Independent", "Linear", "Problem", "System", "cells_of"]

MOST_ELIMINATED = 256  # cells of a table that is solved by elimination
MOST_VERTICES = 8


class Fact(NamedTuple):
    """P(event | given) = value; `event` is within `given`. The value is a Fraction or a SymPy expression; `term` is the statement."""

    event: int
    given: int
    value: Any
    term: Term


class Linear(NamedTuple):
    """Σ factor P(event | given) + constant = 0, with factors that may be symbols; `term` is the statement."""

    parts: tuple[tuple[Any, int, int], ...]
    constant: Any
    term: Term


class Independent(NamedTuple):
    """Algebras (partitions of the space) that are mutually independent in each of the `states` that are conditioned on.

    `places` are the variables that generate each algebra, `given` the variables conditioned on with the values that it holds for
    (None: all of them).
    """

    algebras: tuple[tuple[int, ...], ...]
    states: tuple[int, ...]
    places: tuple[frozenset[int], ...]
    given: Mapping[int, tuple[int, ...] | None]
    term: Term


@dataclass(frozen=True)
class Problem:
    """The space, and all that is stated. `notes` are choices that were made while reading it, `assumed` what it takes for granted."""

    space: Space
    facts: tuple[Fact, ...] = ()
    linear: tuple[Linear, ...] = ()
    independent: tuple[Independent, ...] = ()
    notes: tuple[tuple[Any, ...], ...] = ()
    assumed: tuple[tuple[Any, ...], ...] = ()

    @cached_property
    def symbols(self) -> tuple[Any, ...]:
        """The symbols in the values of facts, in order."""
        found: dict[Any, None] = {}
        for value in self.values():
            if isinstance(value, sp.Basic):
                found.update(dict.fromkeys(sorted(value.free_symbols, key=str)))
        return tuple(found)

    @cached_property
    def system(self) -> System:
        """The equations, solved; whoever asks gets the same, and changes nothing of it."""
        return System(self)

    def values(self) -> Iterator[Any]:
        """Everything in the facts that may hold symbols."""
        for fact in self.facts:
            yield fact.value
        for linear in self.linear:
            yield linear.constant
            yield from (factor for factor, _, _ in linear.parts)

    def at(self, values: Mapping[Any, Any]) -> Problem | None:
        """The same with numbers for the symbols; None where a value is no rational number there."""

        def number(value: Any) -> Fraction:
            if isinstance(value, Fraction):
                return value
            found = value.subs(values)
            if not found.is_Rational:
                found = sp.Rational(str(sp.N(found, 30))) if found.is_real else sp.nan
            return Fraction(int(found.p), int(found.q))

        try:
            facts = tuple(f._replace(value=number(f.value)) for f in self.facts)
            linear = tuple(
                k._replace(parts=tuple((number(c), e, g) for c, e, g in k.parts), constant=number(k.constant)) for k in self.linear
            )
        except (AttributeError, TypeError, ValueError):
            return None
        return replace(self, facts=facts, linear=linear)

    def without(self, fact: Fact) -> Problem:
        """The problem without one of its facts."""
        return replace(self, facts=tuple(f for f in self.facts if f is not fact))


def cells_of(mask: int) -> Iterator[int]:
    """The cells of a set."""
    cell = 0
    while mask:
        step = (mask & -mask).bit_length() - 1
        cell = step
        yield cell
        mask &= mask - 1


def _field(problem: Problem) -> tuple[Any, Any, Callable[[Any], Any], Callable[[Any], Any]]:
    """Zero and one of the field of the values, the way in, and the way back to Fractions and SymPy."""
    if not problem.symbols and all(isinstance(v, Fraction) for v in problem.values()):
        return Fraction(0), Fraction(1), lambda v: v, lambda v: v
    atoms: dict[Any, Any] = {}
    for value in problem.values():
        if isinstance(value, sp.Basic):
            for node in sp.preorder_traversal(value):
                if not (node.is_Symbol or node.is_Rational or node.is_Add or node.is_Mul or (node.is_Pow and node.exp.is_Integer)):
                    atoms.setdefault(node, sp.Dummy())
    back = {d: a for a, d in atoms.items()}
    generators = (*problem.symbols, *atoms.values())
    field = sp.QQ.frac_field(*generators) if generators else sp.QQ

    def into(value: Any) -> Any:
        if isinstance(value, Fraction):
            return field.convert(sp.Rational(value.numerator, value.denominator))
        return field.from_sympy(value.xreplace(atoms))

    def out(value: Any) -> Any:
        found = field.to_sympy(value).xreplace(back)
        return Fraction(int(found.p), int(found.q)) if found.is_Rational else found

    return field.zero, field.one, into, out


class System:
    """The equations of a problem, solved as far as they go: over the rationals, or over rational functions of the symbols."""

    def __init__(self, problem: Problem) -> None:
        if problem.space.cells > MOST_ELIMINATED:
            raise TooLarge(f"the joint table has {problem.space.cells} cells; tables are solved up to {MOST_ELIMINATED}")
        self.problem = problem
        self.space = problem.space
        self.zero, self.one, self.into, self.out = _field(problem)
        self.solved = Elimination(self.zero, self.one)
        self.rows: list[dict[int, Any]] = []  # all equations, homogeneous
        self.solved.add(dict.fromkeys(range(self.space.cells), self.one), self.one)
        self.settled: set[tuple[int, int, int]] = set()
        self.waiting: list[Linear] = []
        for fact in problem.facts:
            self.state(fact.event, fact.given, self.into(fact.value))
        for linear in problem.linear:
            if len({given for _, _, given in linear.parts}) == 1:
                self._linear(linear, {linear.parts[0][2]: self.one}, linear.parts[0][2])
            else:
                self.waiting.append(linear)
        self.settle()

    # ── equations ────────────────────────────────────────────────────────────────────────────────────────────────────

    def equation(self, row: dict[int, Any]) -> None:
        """Takes Σ row[c] x_c = 0 in."""
        self.rows.append(row)
        self.solved.add(row, self.zero)

    def state(self, event: int, given: int, value: Any) -> None:
        """P(event | given) = value; what has probability zero is empty cell by cell."""
        if not value:
            for cell in cells_of(event & given):
                self.equation({cell: self.one})
            return
        if value == self.one:
            for cell in cells_of(given & ~event):
                self.equation({cell: self.one})
            return
        row = dict.fromkeys(cells_of(given), -value)
        for cell in cells_of(event & given):
            row[cell] = row[cell] + self.one
        self.equation(row)

    def settle(self) -> None:
        """Makes equations of the statements that have become linear, until nothing new comes."""
        while self._independences() or self._ratios():
            pass

    def _independences(self) -> bool:
        new = False
        for which, statement in enumerate(self.problem.independent):
            for state in statement.states:
                for member, algebra in enumerate(statement.algebras):
                    key = (which, state, member)
                    if key not in self.settled:
                        new = self._factor(key, algebra, statement.algebras[:member] + statement.algebras[member + 1 :], state) or new
        return new

    def _factor(self, key: tuple[int, int, int], algebra: tuple[int, ...], others: Sequence[tuple[int, ...]], state: int) -> bool:
        """P(a, rest | state) = P(a | state) P(rest | state) for all, once the P(a | state) are known."""
        known: list[Any] = [self.share(a & state, state) for a in algebra]
        if any(v is None for v in known):
            return False
        self.settled.add(key)
        new = False
        for combination in product(*others):
            rest = state
            for part in combination:
                rest &= part
            for a, value in list(zip(algebra, known, strict=True))[:-1]:
                row = dict.fromkeys(cells_of(rest), -value)
                for cell in cells_of(rest & a):
                    row[cell] = row[cell] + self.one
                row = {cell: factor for cell, factor in row.items() if factor}
                before = len(self.solved.rows)
                self.equation(row)
                new = new or len(self.solved.rows) > before
        return new

    def _ratios(self) -> bool:
        for linear in self.waiting:
            weights = {given: self.solved.value(self._ones(given)) for _, _, given in linear.parts}
            if all(weights.values()):
                self.waiting.remove(linear)
                self._linear(linear, weights, self.space.all)
                return True
        return False

    def _linear(self, linear: Linear, weights: Mapping[int, Any], scale: int) -> None:
        row: dict[int, Any] = {}
        for factor, event, given in linear.parts:
            for cell in cells_of(event):
                row[cell] = row.get(cell, self.zero) + self.into(factor) / weights[given]
        for cell in cells_of(scale):
            row[cell] = row.get(cell, self.zero) + self.into(linear.constant)
        self.equation({cell: factor for cell, factor in row.items() if factor})

    # ── what follows ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _ones(self, mask: int) -> dict[int, Any]:
        return dict.fromkeys(cells_of(mask), self.one)

    def share(self, event: int, given: int) -> Any | None:
        """P(event | given) in the field, where the equations determine it."""
        if given == self.space.all:
            return self.solved.value(self._ones(event))
        return self.solved.ratio(self._ones(event & given), self._ones(given))

    def value(self, event: int, given: int) -> Any | None:
        """P(event | given) as a Fraction or a SymPy expression; None where the equations leave it open or P(given) is zero."""
        found = self.share(event, given)
        return None if found is None else self.out(found)

    @property
    def consistent(self) -> bool:
        """Whether the equations have a solution (of any sign)."""
        return self.solved.consistent

    @property
    def conditions(self) -> tuple[Any, ...]:
        """Equations between the symbols without which the facts contradict each other."""
        found: dict[Any, None] = {}
        for value in self.solved.conditions:
            numerator = sp.expand(sp.numer(sp.together(self.out(value))))
            plus = [t for t in sp.Add.make_args(numerator) if not t.could_extract_minus_sign()]
            minus = [-t for t in sp.Add.make_args(numerator) if t.could_extract_minus_sign()]
            found[sp.Eq(sp.Add(*plus), sp.Add(*minus), evaluate=False)] = None
        return tuple(found)

    def is_settled(self) -> bool:
        """Whether every statement has become linear: then nothing is lost by looking at the equations alone."""
        members = sum(len(s.states) * (len(s.algebras) - 1) for s in self.problem.independent)
        done: dict[tuple[int, int], int] = {}
        for which, state, _ in self.settled:
            done[which, state] = done.get((which, state), 0) + 1
        reached = sum(
            min(done.get((which, state), 0), len(s.algebras) - 1) for which, s in enumerate(self.problem.independent) for state in s.states
        )
        return reached >= members and not self.waiting

    # ── numbers only ─────────────────────────────────────────────────────────────────────────────────────────────────

    def extreme(self, event: int, given: int, objective: Mapping[int, Any]) -> list[Fraction] | None:
        """Cells ≥ 0 that satisfy all equations, scaled to P(given) = 1, at which the objective is largest; None where there are none."""
        equations: list[tuple[Row, Fraction]] = [(row, Fraction(0)) for row in self.rows]
        equations.append((self._ones(given), Fraction(1)))
        return vertex(equations, self.space.cells, objective)

    def bounds(self, event: int, given: int) -> tuple[Fraction, Fraction] | None:
        """The least and the largest P(event | given) that the equations admit; None where they admit no table with P(given) > 0."""
        inside = event & given
        low = self.extreme(event, given, {c: Fraction(-1) for c in cells_of(inside)})
        high = self.extreme(event, given, {c: Fraction(1) for c in cells_of(inside)})
        if low is None or high is None:
            return None
        return sum((low[c] for c in cells_of(inside)), Fraction(0)), sum((high[c] for c in cells_of(inside)), Fraction(0))

    def table(self, weights: Callable[[], int] | None = None) -> list[Fraction] | None:
        """Cells ≥ 0 with sum one that satisfy the equations: the only ones, or ones from the inside. None where there are none."""
        if not self.consistent:
            return None
        if len(self.solved.rows) == self.space.cells:
            cells = [self.solved.rows[c][1] for c in range(self.space.cells)]
            return cells if all(c >= 0 for c in cells) else None
        total = [Fraction(0)] * self.space.cells
        whole = 0
        for objective in self._objectives(weights):
            point = self.extreme(0, self.space.all, objective)
            if point is None:
                return None
            weight = weights() if weights is not None else 1
            whole += weight
            total = [t + weight * p for t, p in zip(total, point, strict=True)]
        return [t / whole for t in total]

    def _objectives(self, weights: Callable[[], int] | None) -> Iterable[dict[int, Fraction]]:
        cells = self.space.cells
        if cells <= 2 * MOST_VERTICES:
            for cell in range(cells):
                yield {cell: Fraction(1)}
            return
        draw = weights or (lambda: 1)
        for turn in range(MOST_VERTICES):
            yield {c: Fraction(draw() if (c + turn) % 3 else -draw()) for c in range(cells)}
