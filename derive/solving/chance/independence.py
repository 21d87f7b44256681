"""Independence as it was declared, asked for with random atoms; members of samples told apart.

In: a Model and sets of atoms. Out: whether they are independent. Nothing is assumed that was not declared: pairs do not make a whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp

from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.probability.model import Independence, Joint, Model, Sample
from derive.solving.chance.atoms import as_member, owner

__all__ = ["Independences"]


class Independences:
    """The part of `Known` that knows independence."""

    model: Model
    types: Any

    def atoms(self, expression: Any) -> set[Any]:
        """The random atoms in an expression."""
        raise NotImplementedError

    def joint(self, *atoms: Any) -> Joint | None:
        """The joint law that all of the atoms belong to."""
        raise NotImplementedError

    def joint_entry(self, joint: Joint, left: Any, right: Any) -> Any:
        """A covariance under a joint law."""
        raise NotImplementedError

    def independent(self, left: Iterable[Any], right: Iterable[Any], given: Iterable[Any] = ()) -> bool:
        """Whether two sets of atoms are independent (given others) by what was declared."""
        a, b, conditions = set(left), set(right), set(given)
        if not a or not b:
            return True
        if a & b:
            return False
        first, second = {owner(x) for x in a}, {owner(x) for x in b}
        shared = first & second
        for name in shared:
            if not self._apart([x for x in a if owner(x) == name], [x for x in b if owner(x) == name], conditions):
                return False
        if len(first | second) == 1:
            return True
        if shared:
            return all(self.independent({x}, {y}, conditions) for x in a for y in b) and self._mutual(first | second, conditions)
        if any(self._separates(f, first, second, conditions) for f in self.model.independences):
            return True
        if len(a) == len(b) == 1 and not conditions:
            joint = self.joint(*a, *b)
            if joint is not None and "covariance" in joint.law.parameters:
                return bool(self.joint_entry(joint, next(iter(a)), next(iter(b))) == 0)
        return False

    def _apart(self, left: list[Any], right: list[Any], conditions: set[Any]) -> bool:
        """Whether members of one sample are certainly different, and independent."""
        sample = self.model.samples.get(owner(left[0])) if isinstance(left[0], sp.Indexed) else None
        if sample is None or not self._holds(sample, conditions):
            return False
        return all((x.indices[0] - y.indices[0]).is_zero is False for x in left for y in right)

    def _holds(self, sample: Sample, conditions: set[Any]) -> bool:
        needed = {s for a in sample.given if a.head != "rel" for s in self.atoms(to_sympy(as_member(a, self.model), self.types))}
        law = sample.law
        needed |= {s for v in law.values for s in self.atoms(v)} if law is not None else set()
        return needed <= conditions

    def members_independent(self, name: Name, given: Iterable[Any] = ()) -> bool:
        """Whether different members of the sample are independent."""
        sample = self.model.samples.get(name)
        return sample is not None and self._holds(sample, set(given))

    def _mutual(self, names: set[Name], conditions: set[Any]) -> bool:
        return any(self._separates(f, {n}, names - {n}, conditions) for f in self.model.independences for n in names)

    def _separates(self, fact: Independence, first: set[Name], second: set[Name], conditions: set[Any]) -> bool:
        if fact.kind not in ("independent", "iid"):
            return False
        if len(fact.given) != len(conditions):
            return False
        if {to_sympy(as_member(t, self.model), self.types) for t in fact.given if t.head != "word"} != conditions:
            return False
        groups = [{self._owner_of(t) for t in group} for group in fact.groups]
        covered = set().union(*groups)
        if not (first | second) <= covered:
            return False
        return not any(g & first and g & second for g in groups)

    def _owner_of(self, term: Term) -> Name:
        if term.head == "index" and term.args[0].head == "name":
            name: Name = term.args[0].data
            return name
        if term.head == "call":
            return self._owner_of(term.args[0])
        if term.head != "name":
            return Name("")
        sample = self.model.sample_of(term.data)
        return sample.base if sample is not None else term.data
