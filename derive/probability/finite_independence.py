"""Declared independence as a statement about the cells of a table.

In: a space and an `Independence`. Out: `Independent` values: algebras of events, and the states that are conditioned on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

from derive.expressions.term import Term
from derive.probability.event_terms import TEST, names_in
from derive.probability.finite import Independent
from derive.probability.model import Independence
from derive.probability.outcomes import Space, listed, tidy

__all__ = ["Separations"]


class Separations:
    """Reads statements of independence over one space; `notes` gathers the choices."""

    def __init__(self, space: Space, notes: dict[tuple[Any, ...], None]) -> None:
        self.space = space
        self.notes = notes

    def of(self, statement: Independence) -> Iterable[Independent]:
        """The statement over the cells; nothing where the space does not hold what it speaks of."""
        groups: list[list[tuple[tuple[int, ...], int]]] = []
        for terms in statement.groups:
            members = [self._algebra(tidy(t)) for t in terms]
            known = [m for m in members if m is not None]
            if known:
                groups.append(known)
        states = self._states([tidy(t) for g in statement.given for t in listed(g)])
        if len(groups) < 2 or states is None:
            return
        algebras = []
        for group in groups:
            cells = [self.space.all]
            for algebra, _ in group:
                cells = [c & a for c in cells for a in algebra]
            algebras.append(tuple(c for c in cells if c))
        places = tuple(frozenset(p for _, p in group) for group in groups)
        subject = tuple(Term("list", g) if len(g) > 1 else g[0] for g in statement.groups)
        said = Term("rel", subject, "indep") if len(subject) == 2 else Term("task", (Term("list", subject),), "independent")
        if statement.given:
            said = Term("given", (said, *statement.given))
        yield Independent(tuple(algebras), states[0], places, states[1], said)

    def _algebra(self, term: Term) -> tuple[tuple[int, ...], int] | None:
        """The partition of the space that a variable or an event generates, and the variable; None for what no event speaks of."""
        while term.head == "not":
            term = term.args[0]
        if term.head == "rel" and term.data in ("=", "!=", "in") and term.args[0].head == "name":
            term = term.args[0]
        if term.head != "name":
            return None
        key = term.data.key
        if key in self.space.place:
            return tuple(self.space.masks[self.space.place[key]]), self.space.place[key]
        for place, outcome in enumerate(self.space.outcomes):
            if outcome.kind == "partition" and term in outcome.values:
                return tuple(self.space.masks[place]), place
        return None

    def _states(self, given: Sequence[Term]) -> tuple[tuple[int, ...], dict[int, tuple[int, ...] | None]] | None:
        """What is conditioned on: every value of a variable (of an event: that it happens, and that it does not), or one value."""
        choices: list[tuple[int, ...]] = []
        places: dict[int, tuple[int, ...] | None] = {}
        for term in given:
            if term.head == "name" and term.data.key in self.space.place:
                place = self.space.place[term.data.key]
                choices.append(tuple(self.space.masks[place]))
                places[place] = None
                if self.space.outcomes[place].kind == "event":
                    self.notes[("independence given ", term, " is read for ", term, " and for ", Term("not", (term,)))] = None
                continue
            if not set(names_in(term)) <= {n for o in self.space.outcomes for n in o.name.split("/")} | {TEST}:
                return None
            mask = self.space.event(term)
            fixed = self.space.fixed(mask)
            if fixed is None:
                return None
            choices.append((mask,))
            places.update(fixed)
        states = []
        for combination in product(*choices):
            state = self.space.all
            for mask in combination:
                state &= mask
            states.append(state)
        return tuple(states), places
