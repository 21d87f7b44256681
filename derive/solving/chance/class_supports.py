"""Which classes can have produced an observation: those under whose law its value is possible.

In: the laws of the observation for every class, and its value. Out: the classes that remain. Raises InconsistentInput for a value
that no class can have, Undetermined where that hangs on a name, NotSupported where masses and densities meet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy import S

from derive.errors import InconsistentInput, NotSupported, Undetermined
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.probability.family import Distribution

__all__ = ["possible_classes"]


def possible_classes(laws: Mapping[Any, Distribution], symbol: Any, value: Any) -> list[Any]:
    """The classes with positive density or mass at the value."""
    kinds = {law.family.discrete for law in laws.values()}
    inside = {k: _holds(law, value) for k, law in laws.items()}
    kept = [k for k, found in inside.items() if found is not False]
    if not kept:
        shown = f"{plain(from_sympy(symbol))} = {plain(from_sympy(value))}"
        raise InconsistentInput(f"{shown} has probability 0 in every class: it lies outside all supports")
    if len(kinds) > 1:
        if len({laws[k].family.discrete for k in kept}) > 1:
            raise NotSupported("a class of whole numbers beside one with a density: a mass and a density are not compared")
    if any(inside[k] is None for k in kept) and len({_ends(laws[k]) for k in kept}) > 1:
        shown = plain(from_sympy(symbol))
        raise Undetermined(f"which classes are possible depends on {shown}: their supports differ", expected=(f"P(… | {shown} = 1)",))
    return kept


def _ends(law: Distribution) -> tuple[Any, Any, bool]:
    support = law.family.support(*law.values)
    return support.lower, support.upper, law.family.discrete


def _holds(law: Distribution, value: Any) -> bool | None:
    """Whether the value is in the support; None where that hangs on names."""
    if not all(isinstance(v, sp.Basic) for v in law.values):
        return None
    support = law.family.support(*law.values)
    if support.kind not in ("interval", "integers"):
        return None
    if support.kind == "integers" and sp.sympify(value).is_integer is False:
        return False
    found = sp.And(sp.Ge(value, support.lower), sp.Le(value, support.upper))
    if found == S.false:
        return False
    return True if found == S.true and (support.kind == "interval" or sp.sympify(value).is_integer) else None
