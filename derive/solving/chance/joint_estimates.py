"""An estimate with a hat is one of all that is unknown: σ̂²_MLE of Normal(μ, σ²) has the estimate of μ in it, where no line says what μ is.

In: a reading of `\\hat\\sigma^2_{MLE}`. Out: a Solution with the part that was asked for, or None where nothing else is unknown, or where
the joint estimate has no closed form.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from derive.errors import DeriveError
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.solution import Solution

__all__ = ["solve_joint_estimate"]

_LOCATED = ("Normal", "Lognormal", "Laplace")  # a location and a scale: the estimate of one stands in that of the other


def solve_joint_estimate(reading: Reading) -> Solution | None:
    """The estimate of one parameter of a location-scale law together with the other."""
    if not reading.options.get("hat") or reading.expanded.head != "task" or len(reading.expanded.args) != 1:
        return None
    asked = reading.expanded.args[0]
    if asked.head == "list":
        return None
    model = build(reading)
    laws = [s.law for s in model.samples.values() if s.law is not None and s.law.name in _LOCATED]
    if len(laws) != 1 or len(model.samples) != 1 or model.variables:
        return None
    declared = reading.options.get("declarations", {})
    own = {n.data for n in asked.walk() if n.head == "name"}
    first, second = laws[0].values
    if not any(s.name in {n.key for n in own} for s in second.free_symbols):
        return None  # of the location: the scale does not matter
    others = [s for s in first.free_symbols if isinstance(s, sp.Symbol)]
    if first not in others or Name.from_key(first.name) in {*own, *declared}:
        return None
    both = Term("list", (from_sympy(first), asked))
    whole = Term("task", (both,), reading.expanded.data, reading.expanded.span)
    from derive.solving.chance.estimation import solve_mle

    try:
        found = solve_mle(replace(reading, term=whole, expanded=whole, options={**reading.options, "hat": False}))
    except DeriveError:
        return None
    key = plain(asked)
    if key not in found.parts or found.derivation is None:
        return None
    value = found.parts[key]
    notes = (*found.notes, (from_sympy(first), " is estimated, too: no line says what it is"))
    return replace(found, answer=value, parts={}, notes=notes, derivation=replace(found.derivation, answer=value))
