"""What data of declared laws are made of: 0 and 1 of a Bernoulli sample, counts of a Poisson one, 0, …, n of a Binomial variable.

In: a model and the types of the names of a line. Out: the same types, narrower for names whose law is discrete: code that takes them as
arguments is tried, and shown, at data that the law can give.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Name, Term, number
from derive.meaning.scope import Bound, Type
from derive.probability.family import Distribution
from derive.probability.model import Model, Sample

__all__ = ["closed_units", "data_types", "within_support"]


def data_types(model: object, types: Mapping[Name, Type]) -> dict[Name, Type]:
    """The types, with the supports of discrete laws."""
    found = dict(types)
    if not isinstance(model, Model):  # a finite problem of events: nothing in it has a law
        return found
    for source in model.sources:
        name = source.base if isinstance(source, Sample) else source.name
        kind = found.get(name)
        if kind is None or source.law is None or kind.values or kind.domain not in ("real", "random"):
            continue
        if isinstance(source.symbol if not isinstance(source, Sample) else None, sp.Pow):
            continue
        narrower = _of_law(source.law, kind)
        if narrower is not None:
            found[name] = narrower
    return found


def closed_units(types: Mapping[Name, Type], declared: Collection[Name]) -> dict[Name, Type]:
    """The types with 0 and 1 among the probabilities of which nothing is declared: entropies and divergences have values there."""
    found = dict(types)
    for name, kind in types.items():
        ends = (kind.lower, kind.upper)
        if name in declared or any(e is None or e.value not in (number(0), number(1)) for e in ends):
            continue
        found[name] = replace(kind, lower=Bound(number(0), False), upper=Bound(number(1), False))
    return found


def within_support(value: Any, support: tuple[Any, Any, Any], types: Mapping[Name, Type]) -> tuple[Term, dict[Name, Type]]:
    """The density where its letter lies between the ends, 0 elsewhere; and the types in which the letter may be any number."""
    letter, low, high = support
    name = Name.from_key(letter.name)
    shown = Term("name", (), name)
    bounds = [Term("rel", (shown, from_sympy(low)), ">")] if low != -sp.oo else []
    bounds += [Term("rel", (shown, from_sympy(high)), "<")] if high != sp.oo else []
    condition = bounds[0] if len(bounds) == 1 else Term("and", tuple(bounds))
    inside = value if isinstance(value, Term) else from_sympy(value, types)
    return Term("cases", (inside, condition, number(0), Term("otherwise"))), {**types, name: Type()}


def _of_law(law: Distribution, kind: Type) -> Type | None:
    """The type of data of a discrete law of numbers; None for the others."""
    if law.name == "Bernoulli":
        return replace(kind, values=(number(0), number(1)))
    if not law.family.discrete:
        return None
    support = law.family.support(*law.values)
    if support.kind != "integers" or support.lower not in (0, 1):
        return None
    domain = "whole" if support.lower == 0 else "natural"
    upper = Bound(from_sympy(support.upper), False) if isinstance(support.upper, (sp.Symbol, sp.Integer)) else kind.upper
    return replace(kind, domain=domain, lower=Bound(number(int(support.lower)), False), upper=upper)
