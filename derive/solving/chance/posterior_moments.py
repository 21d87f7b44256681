"""Moments and modes under a posterior: E[θ | data], Var(θ | data), and polynomials of θ.

In: a reading whose condition is observed data and whose unknown has a prior. Out: a Solution, or None where that is not what is asked.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.derivation import Claim
from derive.errors import DoesNotExist, NotSupported
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.family import Distribution
from derive.probability.model import Model
from derive.rules.chance_inference import MEAN_OF, RECOGNISE, VARIANCE_OF
from derive.solution import Solution
from derive.solving.chance.densities import quotient
from derive.solving.chance.observations import question
from derive.solving.chance.posterior import Posterior, posterior_of
from derive.solving.chance.simplex import is_simplex
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.writing import conditional, follows
from derive.solving.journal import Journal
from derive.solving.simplification import shortened

__all__ = ["solve_posterior_moment"]

_KINDS = ("E", "Var", "SD")


def solve_posterior_moment(reading: Reading) -> Solution | None:
    """`E[theta | x]`, `Var(w | y_1, …, y_n)`. Raises DoesNotExist where the posterior has no such moment."""
    term = reading.expanded
    if term.head != "probability" or term.data not in _KINDS or not any(a.head == "given" for a in term.args):
        return None
    model = build(reading)
    asked = question(term)
    unknown = _parameter(asked.unknowns[0], model) if len(asked.unknowns) == 1 else None
    if unknown is None or is_simplex(model, unknown) or not _observes(model, unknown, asked.given):
        return None
    inner = Journal(unknown)
    found = posterior_of(model, unknown, asked.given, inner)
    function = to_sympy(asked.unknowns[0], model.types)
    value = _moment(found, function, str(term.data))
    journal = Journal(reading.term)
    law = follows(conditional((unknown,), found.given), found.law)
    journal.add(step(RECOGNISE, reading.term, law, "⇒", steps=tuple(inner.steps), claim=inner.steps[0].claim))
    rule = MEAN_OF if term.data == "E" else VARIANCE_OF
    journal.add(step(rule, reading.term, value, claim=_claim(found, function, str(term.data), value)))
    journal.assume(a for s in inner.steps for a in s.assumptions)
    journal.note(((found.law.family.says,),))
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)


def _parameter(target: Term, model: Model) -> Term | None:
    """The one variable with a prior that the target is a function of."""
    names = {n.data for n in target.walk() if n.head == "name"} & set(model.variables)
    found = [n for n in names if model.variables[n].law is not None]
    return Term("name", (), found[0]) if len(found) == 1 and len(names) == 1 else None


def _observes(model: Model, unknown: Term, given: tuple[Term, ...]) -> bool:
    """Whether what is given are data whose law has the unknown among its parameters."""
    symbol = model.variables[unknown.data].symbol
    names = {n.data for g in given for n in g.walk() if n.head == "name"}
    for source in model.sources:
        name = source.name if hasattr(source, "name") else source.base
        hit = name in names or any(model.sample_of(n) is source for n in names)
        if hit and source.law is not None and any(symbol in getattr(v, "free_symbols", ()) for v in source.law.values):
            return all(g.head in ("name", "dots") or (g.head == "rel" and g.data == "=") for g in given)
    return False


def _moment(found: Posterior, function: Any, kind: str) -> Any:
    first = _raw(found, function)
    if kind == "E":
        return _tidy(first)
    if function == found.variable and found.law.family.variance is not None:
        _exists(found.law, 2)
        variance = found.law.family.variance(*found.law.values)
    else:
        variance = _raw(found, sp.expand(function**2)) - first**2
    return _tidy(sp.sqrt(variance) if kind == "SD" else variance)


def _raw(found: Posterior, function: Any) -> Any:
    """E of a polynomial of the variable."""
    law, x = found.law, found.variable
    if function == x and law.family.mean is not None:
        _exists(law, 1)
        return law.family.mean(*law.values)
    polynomial = sp.Poly(sp.expand(function), x)
    total = sp.S.Zero
    for (power,), coefficient in polynomial.terms():
        if not power:
            total += coefficient
            continue
        _exists(law, power)
        if law.family.moment is None:
            raise NotSupported(f"the moment of order {power} of {law.name}")
        total += coefficient * law.family.moment(power, *law.values)
    return total


def _exists(law: Distribution, order: int) -> None:
    if law.family.moment_exists is not None and law.family.moment_exists(order, *law.values) == sp.false:
        raise DoesNotExist(f"the posterior, {law.name}, has no moment of order {order}: it does not exist")


def _tidy(value: Any) -> Any:
    over_one = quotient(value)
    return over_one if over_one.count_ops() <= shortened(value).count_ops() else shortened(value)


def _claim(found: Posterior, function: Any, kind: str, value: Any) -> Claim:
    """The value against the integral of the density."""
    support = found.law.family.support(*found.law.values)
    limits = (found.variable, support.lower, support.upper)

    def mean(of: Any) -> Any:
        return sp.Sum(of * found.density, limits) if found.law.family.discrete else sp.Integral(of * found.density, limits)

    if kind == "E":
        return Claim("equal", value, mean(function))
    variance = mean(function**2) - mean(function) ** 2
    return Claim("equal", value, sp.sqrt(variance) if kind == "SD" else variance)
