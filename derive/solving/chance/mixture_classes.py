"""Responsibilities of a mixture whose classes are numbered: x | z = k ~ Normal(mu_k, s_k²), z ~ Categorical(pi), for any number of classes.

In: a reading of P(z = k | x), p(z = k | x); laws over a running class. Out: γₖ = πₖ pₖ(x) / Σⱼ πⱼ pⱼ(x).
Source: Bishop 2006, (9.13).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import sympy as sp

from derive.derivation import Claim
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Name, Term, number
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Bound, Reading, Type
from derive.probability.build import build
from derive.probability.family import Distribution
from derive.probability.model import Model, Variable
from derive.rules.chance_inference import RESPONSIBILITY
from derive.rules.chance_transformations import INSERT_DENSITY
from derive.solution import Solution
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.writing import density
from derive.solving.journal import Journal

__all__ = ["law_of_class", "running_law", "solve_numbered_class"]

_FIRST, _LAST = 1, "K"


class _Running(NamedTuple):
    """A law for every class: the letter that counts, the law over it, the weights as an array, and how many there are."""

    letter: Name
    law: Distribution
    weights: Name
    size: Term


def running_law(observed: Variable, latent: Variable) -> tuple[Name, Distribution] | None:
    """The letter k and the law of x given z = k, where a law is declared for a letter."""
    for condition, law in observed.cases:
        if condition.head == "rel" and condition.data == "=" and condition.args[0] == Term("name", (), latent.name):
            value = condition.args[1]
            if value.head == "name" and not value.data.sub:
                return value.data, law
    return None


def law_of_class(law: Distribution, letter: Name, value: Any) -> Distribution:
    """The law of the class with this number: mu_2 for mu_k, and 2 for k."""
    return Distribution(law.family, {n: _at(v, letter, value) if isinstance(v, sp.Basic) else v for n, v in law.parameters.items()})


def _at(expression: Any, letter: Name, value: Any) -> Any:
    table: dict[Any, Any] = {}
    for symbol in expression.free_symbols:
        name = Name.from_key(symbol.name)
        if name.sub == letter.key:
            table[symbol] = symbol.func(name._replace(sub=str(value)).key, **symbol._assumptions_orig)
        elif symbol.name == letter.key:
            table[symbol] = value
    return expression.xreplace(table)


def solve_numbered_class(reading: Reading) -> Solution | None:
    """`P(z = k | x)` over all classes; None where the classes are listed, or something else is asked."""
    term = reading.expanded
    given = next((a for a in term.args if a.head == "given"), None)
    if term.head not in ("probability", "call") or given is None or len(given.args) != 2:
        return None
    event, condition = given.args
    if event.head != "rel" or event.data != "=" or event.args[0].head != "name" or condition.head != "name":
        return None
    model = build(reading)
    latent, observed = model.variables.get(event.args[0].data), model.variables.get(condition.data)
    found = _running(model, latent, observed) if latent is not None and observed is not None else None
    if found is None or latent is None or observed is None:
        return None
    wanted = event.args[1]
    if wanted.head == "name" and wanted.data in model.variables:
        return None
    types, weighted = _arrays(model, found, observed)
    k = sp.Symbol(found.letter.key, integer=True, positive=True)
    j = sp.Symbol(next(c for c in "jilm" if c != found.letter.key), integer=True, positive=True)
    last = to_sympy(found.size, types)
    total = sp.Sum(weighted.subs(k, j), (j, 1, last))
    at = k if wanted.head == "name" else to_sympy(wanted, types)
    if wanted.head == "name":
        types[wanted.data] = Type("index")
        at = sp.Symbol(wanted.data.key, integer=True, positive=True)
    answer = weighted.subs(k, at) / total
    journal = Journal(reading.term)
    z, x, run = event.args[0], condition, Term("name", (), Name(j.name))
    same = Term("rel", (z, run), "=")

    def both(one: Term) -> Term:
        return Term("mul", (density((x,), (one,)), Term("probability", (one,), "P")))

    ratio = Term("div", (both(event), Term("sum", (both(same), run, number(_FIRST), found.size), "range")))
    journal.add(
        step(RESPONSIBILITY, reading.term, ratio, claim=Claim("equal", sp.Sum(weighted.subs(k, j) / total, (j, 1, last)), sp.S.One))
    )
    values = [_indexed(v, found.letter, k) if isinstance(v, sp.Basic) else v for v in found.law.values]
    base = sp.IndexedBase(sp.Symbol(found.weights.key, real=True))
    exact = base[k] * sp.exp(found.law.family.log_density(observed.symbol, *values))
    claim = Claim("equal", exact.subs(k, at) / sp.Sum(exact.subs(k, j), (j, 1, last)), answer)
    journal.add(step(INSERT_DENSITY, ratio, answer, claim=claim))
    journal.note(((found.law.family.says,),))
    journal.note((("the sum over all classes is the density of ", from_sympy(observed.symbol)),))
    known = replace(model, types=types)
    return Solution(derivation(journal, answer, known), answer, {}, journal.notes, journal.assumptions, types=types)


def _running(model: Model, latent: Variable, observed: Variable) -> _Running | None:
    found = running_law(observed, latent)
    if found is None or observed.shape or len(observed.cases) != 1:
        return None
    letter, law = found
    weights = _weights(model, latent, letter)
    return _Running(letter, law, *weights) if weights is not None else None


def _weights(model: Model, latent: Variable, letter: Name) -> tuple[Name, Term] | None:
    """The array of class probabilities and its length: of Categorical(pi), Categorical(pi_1, …, pi_K), P(z = k) = pi_k."""
    size = Term("name", (), Name(_LAST))
    if latent.law is not None and latent.law.name == "Categorical":
        p = latent.law.parameters["p"]
        if p.head == "constant" and p.data == "pi":
            return Name("pi"), size
        if p.head == "name":
            kind = model.types.get(p.data)
            return p.data, kind.shape[0] if kind is not None and len(kind.shape) == 1 and kind.shape[0].head == "name" else size
        members: list[Term] = list(p.args) if p.head in ("vector", "tuple", "list") else []
        if len(members) == 3 and members[1].head == "dots" and all(members[i].head == "name" for i in (0, 2)):
            first, last = members[0].data, members[2].data
            if first.sub == "1" and last.sub and first._replace(sub="") == last._replace(sub=""):
                return first._replace(sub=""), Term("name", (), Name(last.sub))
        return None
    event = Term("rel", (Term("name", (), latent.name), Term("name", (), letter)), "=")
    for fact in model.events:
        if fact.event == event and fact.given is None and fact.value.head == "name" and fact.value.data.sub == letter.key:
            return fact.value.data._replace(sub=""), size
    return None


def _indexed(expression: Any, letter: Name, k: Any) -> Any:
    """mu_k as an entry of mu."""
    table: dict[Any, Any] = {}
    for symbol in expression.free_symbols:
        name = Name.from_key(symbol.name)
        if name.sub == letter.key:
            table[symbol] = sp.IndexedBase(sp.Symbol(name._replace(sub="").key, real=True, positive=symbol.is_positive))[k]
        elif symbol.name == letter.key:
            table[symbol] = k
    return expression.xreplace(table)


def _arrays(model: Model, found: _Running, observed: Variable) -> tuple[dict[Name, Any], Any]:
    """The types with the arrays of the mixture, and πₖ pₖ(x)."""
    types: dict[Name, Any] = dict(model.types)
    k = sp.Symbol(found.letter.key, integer=True, positive=True)
    shape = (found.size,)
    for value in found.law.values:
        for symbol in getattr(value, "free_symbols", ()):
            name = Name.from_key(symbol.name)
            if name.sub == found.letter.key:
                own = model.types.get(name, Type())
                lower = own.lower or (Bound(number(0), True) if symbol.is_positive else None)
                types[name._replace(sub="")] = Type("real", shape, lower, own.upper)
                types.pop(name, None)
    known: Mapping[Name, Any] = model.types
    weights = known.get(found.weights, Type())
    types[found.weights] = replace(weights, domain="real", shape=shape, lower=Bound(number(0), False), properties=frozenset({"simplex"}))
    if found.size.head == "name":
        types[found.size.data] = Type("natural")
    values = [_indexed(v, found.letter, k) if isinstance(v, sp.Basic) else v for v in found.law.values]
    family = found.law.family
    body = family.density(observed.symbol, *values) if family.density is not None else sp.exp(family.log_density(observed.symbol, *values))
    return types, sp.IndexedBase(sp.Symbol(found.weights.key, real=True))[k] * body
