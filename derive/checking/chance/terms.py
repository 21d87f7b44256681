"""Sides of steps as expressions that have values in a world: terms with probability heads become nodes.

In: SymPy expressions and terms. Out: SymPy expressions over nodes of `derive.expressions.chance`, and over `Held` nodes for what
has no node there: densities p(x | y), entropies, divergences, expectations under a distribution.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.checking.chance.held import Held, hold
from derive.expressions.chance import Chance
from derive.expressions.term import Term
from derive.expressions.to_sympy import symbol, to_sympy

if TYPE_CHECKING:
    from derive.checking.chance.structure import Structure

__all__ = ["Reader"]


class Reader:
    """One model's reader of sides."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        structure.held_kinds = (Held,)
        names = {v.key for v in structure.model.variables} | {s.key for s in structure.model.samples}
        self.random = names | set(structure.defined) | structure.event_names | set(structure.opposites)

    def read(self, side: Any) -> Any:
        """The expression of a side. Raises what `to_sympy` raises, and Unevaluable."""
        if isinstance(side, Term):
            return self.structure.inserted(to_sympy(self._prepared(side), self.structure.types))
        if isinstance(side, (tuple, list)):
            return sp.Tuple(*(self.read(s) for s in side))
        return self.structure.inserted(sp.sympify(side, strict=True))

    def _prepared(self, term: Term) -> Term:
        """What has no form in SymPy replaced by held nodes; a gradient by its components."""
        if term.head == "gradient" and len(term.args) > 2:
            body, *variables = term.args
            inner, once = self._prepared(body), Term("number", (), "1")
            return Term("tuple", tuple(Term("derivative", (inner, v, once), "partial") for v in variables))
        if term.head in ("probability", "call"):
            node = hold(term, self.structure, self)
            if node is not None:
                return Term("entry", (), node, term.span)
        return term.with_args(tuple(self._prepared(a) for a in term.args))

    def is_random(self, *sides: Any) -> bool:
        """Whether operators on random variables occur; random names by themselves are numbers like any other."""
        return any(isinstance(s, sp.Basic) and s.has(Chance, Held) for s in sides)

    def holds_data(self, *sides: Any) -> bool:
        """Whether names of random variables or of samples stand in the sides as values."""
        symbols = {str(s.name) for side in sides if isinstance(side, sp.Basic) for s in side.atoms(sp.Symbol)}
        return bool(symbols & self.random)

    def has_vectors(self, *sides: Term) -> bool:
        """Whether arrays occur as a whole, and operators or products of arrays with them."""
        for side in sides:
            entries = {id(n.args[0]) for n in side.walk() if n.head == "index"}
            for node in side.walk():
                kind = self.structure.types.get(node.data) if node.head == "name" else None
                if kind is not None and kind.shape and id(node) not in entries and node.data not in self.structure.model.samples:
                    return True
        return False

    def read_subjects(self, terms: Sequence[Term]) -> tuple[Any, ...]:
        """Expressions of random variables, one by one."""
        found: list[Any] = []
        for term in terms:
            if term.head in ("list", "tuple", "vector"):
                found += self.read_subjects(term.args)
            elif term.head == "name" and (kind := self.structure.types.get(term.data)) is not None and kind.shape:
                found.append(sp.IndexedBase(symbol(term.data, kind)))
            else:
                found.append(self.read(term))
        return tuple(found)

    def read_conditions(self, terms: Sequence[Term]) -> tuple[Any, ...]:
        """Conditions: variables, whole samples, equations, events."""
        found: list[Any] = []
        flat = [t for term in terms for t in (term.args if term.head in ("list", "and") else (term,))]
        for place, term in enumerate(flat):
            if term.head == "dots":
                continue
            near = any(t.head == "dots" for t in flat[max(0, place - 1) : place + 2])
            if near and term.head == "name" and term.data.sub:
                label = Term("name", (), term.data._replace(sub=""))
                found += [c for c in self.read_subjects((label,)) if c not in found]
            else:
                found += self.read_subjects((term,))
        return tuple(found)
