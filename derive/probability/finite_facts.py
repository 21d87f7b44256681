"""From the facts of a model to a finite problem: which variables there are, what their values are, what every statement says of the cells.

In: a Model and the events that are asked about. Out: a Problem over the variables that these events are connected with. Probabilities
outside [0, 1] are an InconsistentInput.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import sympy as sp

from derive.errors import InconsistentInput, NotSupported
from derive.expressions.inline import inline
from derive.expressions.term import Name, Term, number
from derive.expressions.to_sympy import to_sympy
from derive.probability.event_terms import (
    BINARY,
    MOST_VALUES,
    TEST,
    equation_of,
    exact,
    known_value,
    mass,
    named_pi,
    names_in,
    probabilities,
    subjects_in,
    symbolic,
    unrolled,
)
from derive.probability.finite import Fact, Linear, Problem
from derive.probability.finite_independence import Separations
from derive.probability.model import EventFact, Model
from derive.probability.outcomes import OTHER, Outcome, Space, tidy

__all__ = ["problem_of"]


def problem_of(model: Model, queries: Sequence[Term]) -> Problem:
    """The finite problem that the queries (tidied events) are about."""
    return _Reader(model, queries).problem()


class _Reader:
    """One problem in the making."""

    def __init__(self, model: Model, queries: Sequence[Term]) -> None:
        self.model = model
        self.notes: dict[tuple[Any, ...], None] = {}
        self.assumed: dict[tuple[Any, ...], None] = {}
        self.mentioned: dict[str, dict[Term, None]] = {}  # name → the values that it is compared with; none for a bare event
        self.events: dict[str, None] = {}
        facts = [(f, tuple(tidy(t) for t in self._statements(f))) for f in model.events]
        self.partitions = [i for i in model.independences if i.kind == "partition"]
        self.facts = self._connected(facts, queries)
        self.subjects = {n for term in (*queries, *(t for _, ts in self.facts for t in ts)) for n in subjects_in(term)}
        for term in (*queries, *(t for _, terms in self.facts for t in terms)):
            self._mention(term)
        self.members = self._partitioned(queries)
        self.space = Space(self._outcomes())

    def problem(self) -> Problem:
        """All facts resolved."""
        facts: list[Fact] = []
        linear: list[Linear] = []
        for fact, _ in self.facts:
            self._resolve(fact, facts, linear)
        facts += self._laws()
        facts += self._disjoint()
        facts += self._impossible(facts)
        separations = Separations(self.space, self.notes)
        independent = [r for i in self.model.independences if i.kind in ("independent", "iid") for r in separations.of(i)]
        return Problem(self.space, tuple(facts), tuple(linear), tuple(independent), tuple(self.notes), tuple(self.assumed))

    # ── which variables there are ────────────────────────────────────────────────────────────────────────────────────

    def _statements(self, fact: EventFact) -> tuple[Term, ...]:
        if fact.equation is not None:
            return tuple(p for n in probabilities(fact.equation) for p in n.args)
        return tuple(t for t in (fact.event, fact.given) if t is not None)

    def _connected(
        self, facts: list[tuple[EventFact, tuple[Term, ...]]], queries: Sequence[Term]
    ) -> list[tuple[EventFact, tuple[Term, ...]]]:
        """The facts that the queries are connected with through shared names."""
        reached = {n for q in queries for n in names_in(q)}
        chosen: set[int] = set()
        groups = [{n for g in i.groups for t in g for n in names_in(tidy(t))} for i in self.partitions]
        while True:
            before = (len(reached), len(chosen))
            for place, (_, terms) in enumerate(facts):
                names = {n for t in terms for n in names_in(t)}
                if place not in chosen and names & reached:
                    chosen.add(place)
                    reached |= names
            for group in groups:
                if group & reached:
                    reached |= group
            if before == (len(reached), len(chosen)):
                return [f for place, f in enumerate(facts) if place in chosen]

    def _mention(self, term: Term) -> None:
        head = term.head
        if head in ("and", "or", "not", "list", "tuple", "given"):
            for part in term.args:
                self._mention(part)
        elif head == "word" and term.data in ("+", "-"):
            self.mentioned.setdefault(TEST, {})
        elif head == "name":
            self.events.setdefault(term.data.key)
        elif head == "rel" and term.data in ("=", "!=", "in", "notin"):
            left, right = term.args
            if left.head != "name" and right.head == "name":
                left, right = right, left
            if left.head == "name" and self._is_variable(right) and right not in self._declared(left.data.key):
                self.mentioned.setdefault(left.data.key, {})
                self.mentioned.setdefault(right.data.key, {})
            elif left.head == "name":
                values = right.args if right.head == "set" else (right,)
                known = self.mentioned.setdefault(left.data.key, {})
                known.update(dict.fromkeys(v for v in values if v.head in ("number", "name", "word", "neg")))
            else:
                self._numeric(term)
        elif head in ("rel", "chain"):
            self._numeric(term)
        else:
            raise NotSupported(f"{inline(term)} is no event that a table can hold")

    def _numeric(self, term: Term) -> None:
        for node in term.walk():
            if node.head == "name" and self._declared(node.data.key):
                self.mentioned.setdefault(node.data.key, {})

    def _is_variable(self, term: Term) -> bool:
        """Whether the right side of `X = Y` is a variable, and not a value."""
        if term.head != "name":
            return False
        variable = self.model.variables.get(term.data)
        return term.data.key in self.subjects or (variable is not None and bool(variable.values or variable.law))

    def _declared(self, key: str) -> tuple[Term, ...]:
        """The values that a name is declared to take."""
        variable = self.model.variables.get(Name.from_key(key))
        if variable is None:
            return ()
        if variable.values:
            return tuple(v for value in variable.values for v in unrolled(value))
        if variable.law is not None and variable.law.name == "Bernoulli":
            return BINARY
        if variable.law is not None and variable.law.name == "DiscreteUniform" and all(v.is_Integer for v in variable.law.values):
            low, high = (int(v) for v in variable.law.values)
            return tuple(number(k) for k in range(low, min(high, low + MOST_VALUES) + 1))
        return ()

    def _partitioned(self, queries: Sequence[Term]) -> list[tuple[str, ...]]:
        """The groups of events of which exactly one happens, declared or evident from their probabilities."""
        groups: list[tuple[str, ...]] = []
        taken: set[str] = set()
        for statement in self.partitions:
            names = tuple(t.data.key for group in statement.groups for t in group if t.head == "name")
            if names and not set(names) & taken and any(n in self.events for n in names):
                groups.append(names)
                taken.update(names)
        found = self._evident(taken)
        return [*groups, found] if found else groups

    def _evident(self, taken: set[str]) -> tuple[str, ...] | None:
        """H_1, H_2, …: names with one letter and numbered subscripts, conditioned on one at a time, whose probabilities sum to one."""
        series: dict[str, dict[str, Any]] = {}
        for fact, _ in self.facts:
            if fact.event is not None and fact.given is None and fact.event.head == "name" and fact.event.data.sub:
                series.setdefault(fact.event.data.base, {})[fact.event.data.key] = known_value(fact.value, self.model.types)
        for members in series.values():
            if len(members) < 2 or set(members) & taken:
                continue
            joint = any(len({n for t in terms for n in names_in(t)} & set(members)) > 1 for _, terms in self.facts)
            declared = any(set(members) & {n for g in i.groups for t in g for n in names_in(t)} for i in self.model.independences)
            total = sum((v if isinstance(v, sp.Basic) else sp.Rational(v.numerator, v.denominator) for v in members.values()), sp.S.Zero)
            if not joint and not declared and sp.expand(total - 1) == 0:
                shown = Term("list", tuple(Term("name", (), Name.from_key(k)) for k in members))
                self.assumed[
                    (
                        "exactly one of ",
                        shown,
                        " holds: their probabilities sum to 1",
                    )
                ] = None
                return tuple(members)
        return None

    def _outcomes(self) -> Iterable[Outcome]:
        of_partition = {name: group for group in self.members for name in group}
        values_of: dict[Term, list[str]] = {}
        for key in self.mentioned:
            for value in self._declared(key):
                values_of.setdefault(value, []).append(key)
        done: set[str] = set()
        for key in (*self.events, *self.mentioned):
            if key in done:
                continue
            done.add(key)
            if key in of_partition:
                group = of_partition[key]
                done.update(group)
                yield Outcome("/".join(group), tuple(Term("name", (), Name.from_key(n)) for n in group), "partition")
            elif key == TEST:
                yield Outcome(TEST, (Term("word", (), "+"), Term("word", (), "-")), "test")
            elif key in self.mentioned or self._declared(key):
                yield Outcome(key, self._values(key), "finite")
            else:
                yield Outcome(key, (Term("name", (), Name.from_key(key)), Term("not", (Term("name", (), Name.from_key(key)),))), "event")

    def _values(self, key: str) -> tuple[Term, ...]:
        declared = self._declared(key)
        mentioned = tuple(self.mentioned.get(key, {}))
        shown = Term("name", (), Name.from_key(key))
        if declared:
            for value in mentioned:
                if value not in declared:
                    raise InconsistentInput(
                        f"{inline(shown)} takes the values {', '.join(inline(v) for v in declared)}, not {inline(value)}"
                    )
            return declared
        if any(v.head == "number" for v in mentioned) and any(v.head == "name" for v in mentioned):
            raise NotSupported(
                f"{inline(shown)} is compared with numbers and with names; its values are needed",
                expected=(f"{inline(shown)} in {{0, 1}}",),
            )
        if set(mentioned) <= set(BINARY):
            self.notes[(shown, " takes the values 0 and 1")] = None
            return BINARY
        if set(mentioned) == {Term("word", (), "+"), Term("word", (), "-")}:
            return mentioned
        return mentioned if self._is_complete(key, mentioned) else (*mentioned, OTHER)

    def _is_complete(self, key: str, mentioned: Sequence[Term]) -> bool:
        """Whether the values that are named have probability one together by what was stated of each."""
        chances: dict[Term, Any] = {}
        for fact, terms in self.facts:
            event = terms[0] if fact.event is not None and fact.given is None and terms else None
            if event is not None and event.head == "rel" and event.data == "=" and event.args[0] == Term("name", (), Name.from_key(key)):
                chances[event.args[1]] = symbolic(known_value(fact.value, self.model.types))
        return set(chances) == set(mentioned) and sp.expand(sp.Add(*chances.values()) - 1) == 0

    # ── what the statements say ──────────────────────────────────────────────────────────────────────────────────────

    def _conditional(self, term: Term) -> tuple[int, int]:
        """The event (within the condition) and the condition of P(…)."""
        inside = term if term.head != "probability" else (term.args[0] if len(term.args) == 1 else Term("list", term.args))
        event, given = inside.args if inside.head == "given" else (inside, None)
        condition = self.space.all if given is None else self.space.event(tidy(given))
        return self.space.event(tidy(event)) & condition, condition

    def _resolve(self, fact: EventFact, facts: list[Fact], linear: list[Linear]) -> None:
        term = equation_of(fact)
        if fact.event is not None and not any(True for _ in probabilities(fact.value)):
            if fact.value.has("constant"):
                self._say_pi(fact.value)
            value = known_value(fact.value, self.model.types)
            self._bounded(value, term)
            given = self.space.all if fact.given is None else self.space.event(tidy(fact.given))
            facts.append(Fact(self.space.event(tidy(fact.event)) & given, given, value, term))
            return
        left, right = (*term.args[:1], fact.value) if fact.event is not None else term.args
        linear.append(self._linear(left, right, term))

    def _say_pi(self, value: Term) -> None:
        if any(n.head == "constant" and n.data == "pi" for n in value.walk()):
            self.notes[("π is a name here, not the number: it is a probability",)] = None

    def _bounded(self, value: Any, term: Term) -> None:
        outside = not 0 <= value <= 1 if isinstance(value, Fraction) else bool(value.is_negative or (value - 1).is_positive)
        if outside:
            raise InconsistentInput(f"{inline(term)}: a probability lies between 0 and 1")

    def _linear(self, left: Term, right: Term, term: Term) -> Linear:
        """left = right as Σ factor P(…) + constant = 0; a quotient of probabilities is multiplied out."""
        if left.head == "div" and left.args[1].has("probability"):
            parts = [*self._sum(left.args[0], sp.S.One), *((-f, m) for f, m in self._scaled(left.args[1], right))]
        else:
            parts = [*self._sum(left, sp.S.One), *self._sum(right, -sp.S.One)]
        constant = sum((f for f, m in parts if m is None), sp.S.Zero)
        held = tuple((exact(f), *m) for f, m in parts if m is not None)
        return Linear(held, exact(constant), term)

    def _scaled(self, term: Term, factor: Term) -> list[tuple[Any, tuple[int, int] | None]]:
        if factor.has("probability"):
            raise NotSupported(f"{inline(factor)}: an equation that is not linear in the probabilities")
        return self._sum(term, to_sympy(factor.transform(named_pi), self.model.types))

    def _sum(self, term: Term, factor: Any) -> list[tuple[Any, tuple[int, int] | None]]:
        if term.head == "probability" and term.data == "P":
            return [(factor, self._conditional(term))]
        if not term.has("probability"):
            return [(factor * to_sympy(term.transform(named_pi), self.model.types), None)]
        if term.head == "add":
            return [part for a in term.args for part in self._sum(a, factor)]
        if term.head == "neg":
            return self._sum(term.args[0], -factor)
        if term.head == "mul":
            inner = [a for a in term.args if a.has("probability")]
            if len(inner) == 1:
                outer = [to_sympy(a.transform(named_pi), self.model.types) for a in term.args if not a.has("probability")]
                return self._sum(inner[0], factor * sp.Mul(*outer))
        if term.head == "div" and not term.args[1].has("probability"):
            return self._sum(term.args[0], factor / to_sympy(term.args[1].transform(named_pi), self.model.types))
        raise NotSupported(f"{inline(term)}: an equation that is not linear in the probabilities")

    def _laws(self) -> list[Fact]:
        """P(X = k) = … of a variable with a declared law over few values."""
        found = []
        for outcome in self.space.outcomes:
            variable = self.model.variables.get(Name.from_key(outcome.name))
            if outcome.kind != "finite" or variable is None or variable.law is None or variable.given:
                continue
            name = Term("name", (), variable.name)
            for value in outcome.values:
                chance = mass(variable.law, value)
                if chance is None:
                    continue
                event = Term("rel", (name, value), "=")
                from derive.expressions.from_sympy import from_sympy

                shown = chance if not isinstance(chance, Fraction) else None
                said = number(chance) if shown is None else from_sympy(shown)
                term = Term("rel", (Term("probability", (event,), "P"), said), "=")
                found.append(Fact(self.space.event(event), self.space.all, chance, term))
        return found

    def _disjoint(self) -> list[Fact]:
        """No two of the events happen together."""
        found = []
        for statement in self.model.independences:
            if statement.kind != "disjoint":
                continue
            members = [tidy(t) for g in statement.groups for t in g]
            known = {n for o in self.space.outcomes for n in o.name.split("/")} | {TEST}
            held = [(m, self.space.event(m)) for m in members if set(names_in(m)) <= known]
            for place, (second, b) in enumerate(held):
                for first, a in held[:place]:
                    both = Term("probability", (Term("and", (first, second)),), "P")
                    found.append(Fact(a & b, self.space.all, Fraction(0), Term("rel", (both, number(0)), "=")))
        return found

    def _impossible(self, facts: Sequence[Fact]) -> list[Fact]:
        """Nothing is left for the values that were never named where those that were have probability one together."""
        found = []
        for place, outcome in enumerate(self.space.outcomes):
            if outcome.kind != "finite" or outcome.values[-1] != OTHER:
                continue
            mask = self.space.masks[place][-1]
            named = [f for f in facts if f.given == self.space.all and not f.event & mask]
            disjoint = all(not a.event & b.event for k, a in enumerate(named) for b in named[:k])
            if disjoint and named and sp.expand(sum((symbolic(f.value) for f in named), sp.S.Zero) - 1) == 0:
                name = Term("name", (), Name.from_key(outcome.name))
                said = Term("rel", (Term("probability", (Term("rel", (name, OTHER), "="),), "P"), number(0)), "=")
                found.append(Fact(mask, self.space.all, Fraction(0), said))
        return found
