"""Markov chains with few states: the transition matrix that facts state, and the joint law of the first steps as a finite problem.

In: a Model in which `X_0, X_1, … markov` is declared and transitions are stated: P(X_{t+1} = 1 | X_t = 0) = a. Out: a `Chain`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp

from derive.errors import InconsistentInput, Undetermined
from derive.expressions.from_sympy import from_sympy
from derive.expressions.inline import inline
from derive.expressions.term import Name, Term, number
from derive.probability.event_terms import equation_of, known_value
from derive.probability.finite import Fact, Independent, Problem
from derive.probability.model import Model
from derive.probability.outcomes import Outcome, Space, listed, tidy

__all__ = ["Chain", "Path", "chain_of", "time_of"]


@dataclass(frozen=True)
class Chain:
    """The states as terms, rows of transition probabilities (None: not stated), the law of X_0 where it is stated."""

    base: Name
    states: tuple[Term, ...]
    rows: tuple[tuple[Any, ...], ...]
    initial: tuple[Any, ...] | None
    first: int = 0
    stated: frozenset[tuple[int, int]] = frozenset()

    def at(self, time: int | str) -> Term:
        """X_t."""
        return Term("name", (), self.base._replace(sub=str(time)))

    def is_at(self, time: int | str, state: int) -> Term:
        """X_t = state."""
        return Term("rel", (self.at(time), self.states[state]), "=")

    def whole(self) -> tuple[tuple[Any, ...], ...]:
        """The rows, all known. Raises Undetermined for a transition that is missing."""
        for start, row in enumerate(self.rows):
            for end, value in enumerate(row):
                if value is None:
                    needed = Term("probability", (Term("given", (self.is_at("t+1", end), self.is_at("t", start))),), "P")
                    raise Undetermined(f"the chain is not determined: {inline(needed)} is needed", expected=(f"{inline(needed)} = …",))
        return self.rows

    def matrix(self) -> Term:
        """The transition matrix, row by row."""
        rows = self.whole()
        return Term("matrix", tuple(_shown(v) for row in rows for v in row), (len(rows), len(rows)))

    def path(self, last: int) -> Path:
        """The joint law of X_first … X_last as a finite problem."""
        rows = self.whole()
        times = range(self.first, last + 1)
        outcomes = [Outcome(self.at(t).data.key, self.states, "finite") for t in times]
        space = Space(outcomes)
        facts = []
        for place in range(len(outcomes) - 1):
            for start, end in product(range(len(self.states)), repeat=2):
                given = space.masks[place][start]
                said = Term("given", (self.is_at(times[place + 1], end), self.is_at(times[place], start)))
                value = rows[start][end]
                term = Term("rel", (Term("probability", (said,), "P"), _shown(value)), "=")
                facts.append(Fact(space.masks[place + 1][end] & given, given, value, term))
        for state, value in enumerate(self.initial or ()):
            term = Term("rel", (Term("probability", (self.is_at(self.first, state),), "P"), _shown(value)), "=")
            facts.append(Fact(space.masks[0][state], space.all, value, term))
        return Path(space, tuple(facts), (), tuple(self._memoryless(space)), chain=self)

    def _memoryless(self, space: Space) -> Iterator[Independent]:
        """X_{t+1} ⫫ (X_0, …, X_{t−1}) | X_t."""
        for now in range(1, len(space.outcomes) - 1):
            past = [space.all]
            for place in range(now):
                past = [p & m for p in past for m in space.masks[place]]
            name = [Term("name", (), Name.from_key(o.name)) for o in space.outcomes]
            before = name[0] if now == 1 else Term("list", tuple(name[:now]))
            said = Term("given", (Term("rel", (name[now + 1], before), "indep"), name[now]))
            groups = (frozenset((now + 1,)), frozenset(range(now)))
            yield Independent((tuple(space.masks[now + 1]), tuple(past)), tuple(space.masks[now]), groups, {now: None}, said)


@dataclass(frozen=True)
class Path(Problem):
    """The first steps of a chain. Its tables are products of transitions along all paths. `named` are further names and their values."""

    chain: Chain | None = None
    named: Mapping[str, Any] = field(default_factory=dict)

    def cells(self, values: Mapping[Any, Any], initial: Sequence[Fraction]) -> list[Fraction] | None:
        """The probability of every path at values of the symbols; None where a row is no distribution there."""
        assert self.chain is not None
        rows = [[_number(v, values) for v in row] for row in self.chain.rows]
        start = [_number(v, values) for v in self.chain.initial] if self.chain.initial is not None else list(initial)
        if any(v is None or v < 0 for row in (*rows, start) for v in row) or any(sum(row) != 1 for row in (*rows, start)):
            return None
        found = []
        for path in product(range(len(self.chain.states)), repeat=len(self.space.outcomes)):
            states = path[::-1]  # the first variable changes fastest
            chance = start[states[0]]
            for now, after in zip(states, states[1:], strict=False):
                chance = chance * rows[now][after]
            found.append(chance)
        return found


def _number(value: Any, values: Mapping[Any, Any]) -> Any:
    if isinstance(value, Fraction):
        return value
    found = value.subs(values)
    return Fraction(int(found.p), int(found.q)) if found.is_Rational else None


def time_of(name: Name, base: Name | None = None) -> int | str | None:
    """The time in the subscript of X_3 (3), X_t ("t"), X_{t+1} ("t+1"); None for a name without one or of another base."""
    if not name.sub or (base is not None and name._replace(sub="") != base):
        return None
    return int(name.sub) if name.sub.isdigit() else name.sub.replace(" ", "")


def chain_of(model: Model) -> Chain | None:
    """The chain that is declared; None where there is none."""
    for statement in model.independences:
        if statement.kind != "markov":
            continue
        members = [t for g in statement.groups for t in g if t.head == "name"]
        if members:
            first = time_of(members[0].data)
            return _Reader(model, members[0].data._replace(sub=""), first if isinstance(first, int) else 0).chain()
    return None


class _Reader:
    """One chain in the making."""

    def __init__(self, model: Model, base: Name, first: int) -> None:
        self.model = model
        self.base = base
        self.first = first

    def chain(self) -> Chain:
        """All transitions taken in, rows with one gap completed."""
        facts = [(f, equation_of(f)) for f in self.model.events if f.event is not None]
        transitions: dict[tuple[Term, Term], tuple[Any, Term]] = {}
        initial: dict[Term, Any] = {}
        for fact, said in facts:
            event, given = (
                listed(tidy(fact.event)) if fact.event is not None else (),
                listed(None if fact.given is None else tidy(fact.given)),
            )
            ends = [self._place(t) for t in event]
            starts = [self._place(t) for t in given]
            if len(ends) != 1 or ends[0] is None:
                continue
            value = known_value(fact.value, self.model.types)
            if not starts and ends[0][0] == self.first:
                initial[ends[0][1]] = value
            elif len(starts) == 1 and starts[0] is not None and _follows(ends[0][0], starts[0][0]):
                key = (starts[0][1], ends[0][1])
                if key in transitions and transitions[key][0] != value:
                    raise InconsistentInput(f"{inline(said)} and {inline(transitions[key][1])} contradict each other")
                transitions[key] = (value, said)
        states = self._states([t for pair in transitions for t in pair] + list(initial))
        rows = tuple(self._row(s, states, {e: v for (b, e), (v, _) in transitions.items() if b == s}) for s in states)
        stated = frozenset((states.index(b), states.index(e)) for b, e in transitions)
        return Chain(self.base, states, rows, self._initial(states, initial), self.first, stated)

    def _place(self, term: Term) -> tuple[int | str, Term] | None:
        if term.head != "rel" or term.data != "=" or term.args[0].head != "name":
            return None
        time = time_of(term.args[0].data, self.base)
        return None if time is None else (time, term.args[1])

    def _states(self, mentioned: Sequence[Term]) -> tuple[Term, ...]:
        for name, variable in self.model.variables.items():
            if name._replace(sub="") == self.base and variable.values:
                found: list[Term] = []
                for value in variable.values:
                    if value.head == "range":
                        low, high = (int(a.value) for a in value.args)
                        found += [number(k) for k in range(low, high + 1)]
                    else:
                        found.append(value)
                for value in mentioned:
                    if value not in found:
                        raise InconsistentInput(f"{inline(value)} is no state of the chain", expected=tuple(inline(v) for v in found))
                return tuple(found)
        found = list(dict.fromkeys(mentioned))
        if set(found) <= {number(0), number(1)}:
            found = [number(0), number(1)]
        return tuple(sorted(found, key=lambda t: (t.head, t.value if t.head == "number" else 0, str(t.data))))

    def _row(self, start: Term, states: tuple[Term, ...], known: Mapping[Term, Any]) -> tuple[Any, ...]:
        row = [known.get(s) for s in states]
        said = Term("rel", (self._at("t"), start), "=")
        return self._completed(row, f"given {inline(said)}")

    def _initial(self, states: tuple[Term, ...], known: Mapping[Term, Any]) -> tuple[Any, ...] | None:
        if not known:
            return None
        row = self._completed([known.get(s) for s in states], f"of {inline(self._at(self.first))}")
        return None if any(v is None for v in row) else row

    def _at(self, time: int | str) -> Term:
        return Term("name", (), self.base._replace(sub=str(time)))

    @staticmethod
    def _completed(row: list[Any], what: str) -> tuple[Any, ...]:
        """One gap is what is missing to 1."""
        gaps = [k for k, v in enumerate(row) if v is None]
        total: Any = sum((_symbolic(v) for v in row if v is not None), sp.S.Zero)
        if (
            any((_symbolic(v)).is_negative for v in row if v is not None)
            or (total - 1).is_positive
            or (not gaps and (1 - total).is_positive)
        ):
            raise InconsistentInput(f"the probabilities {what} sum to {sp.sstr(total)}, not 1")
        if len(gaps) == 1 or (gaps and total == 1):
            row[gaps[0]] = _exact(1 - total)
            for other in gaps[1:]:
                row[other] = Fraction(0)
        return tuple(row)


def _follows(after: int | str, before: int | str) -> bool:
    """Whether X_after comes directly behind X_before."""
    if isinstance(after, int) and isinstance(before, int):
        return after == before + 1
    if isinstance(after, str) and isinstance(before, str):
        return after == f"{before}+1" or before == f"{after}-1"
    return False


def _shown(value: Any) -> Term:
    return number(value) if isinstance(value, Fraction) else from_sympy(value)


def _symbolic(value: Any) -> Any:
    return sp.Rational(value.numerator, value.denominator) if isinstance(value, Fraction) else value


def _exact(value: Any) -> Any:
    value = sp.sympify(value)
    return Fraction(int(value.p), int(value.q)) if value.is_Rational else value
