"""Random atoms and the names that they belong to: symbols, members of samples (`Indexed`), applied functions under a hat."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from derive.expressions.term import Name, Term
from derive.probability.family import Distribution
from derive.probability.model import Model

__all__ = ["as_member", "owner", "symbols_of"]


def owner(atom: Any) -> Name:
    """The name that an atom belongs to: a variable, or the sample of a member."""
    if isinstance(atom, sp.Indexed):
        return Name.from_key(str(atom.base.label))
    return Name.from_key(atom.func.__name__ if isinstance(atom, AppliedUndef) else atom.name)


def as_member(term: Term, model: Model) -> Term:
    """The term in which `x_1` and `x_n`, read as names, are entries of the sample x."""

    def change(node: Term) -> Term:
        if node.head != "name":
            return node
        sample = model.sample_of(node.data)
        label = node.data.sub
        if sample is None and label.isdigit() and node.data not in model.variables:
            whole = model.variables.get(node.data._replace(sub=""))
            if whole is not None and whole.shape:
                return Term("index", (Term("name", (), whole.name), Term("number", (), label)), None, node.span)
        if sample is None:
            return node
        index = Term("number", (), label) if label.isdigit() else Term("name", (), Name.from_key(label))
        return Term("index", (Term("name", (), sample.base), index), None, node.span)

    return term.transform(change)


def symbols_of(law: Distribution) -> set[Any]:
    """The symbols in the parameters of a law."""
    found: set[Any] = set()
    for value in law.values:
        if isinstance(value, sp.Basic):
            found |= value.free_symbols
        elif isinstance(value, Term):
            found |= {sp.Symbol(n.data.key) for n in value.walk() if n.head == "name"}
    return found
