"""What a step asserts under an assumption such as a ≤ c ≤ b: claims in which c ranges over what is assumed and nothing else.

In: steps and the assumptions (relations) of the whole. Out: the same steps with claims whose two sides have c replaced by an expression
that takes exactly the admissible values: a + |c|, b − |c|, a + (b − a) σ(c); a whole number k ≤ n by its remainder modulo n + 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp

from derive.derivation import Claim, Prose, Step
from derive.errors import DeriveError
from derive.expressions import nodes
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Type

__all__ = ["confined"]


def confined(steps: tuple[Step, ...], assumed: Sequence[Prose], types: Mapping[Name, Type], parameters: set[Any]) -> tuple[Step, ...]:
    """The steps with claims, where something is assumed of the ends of intervals. `parameters` are symbols of laws: they are left alone."""
    ranges = _ranges([a[0] for a in assumed if len(a) == 1 and isinstance(a[0], (sp.Ge, sp.Le))], parameters)
    if not ranges:
        return steps
    return tuple(_claimed(step, ranges, types) for step in steps)


def _ranges(relations: list[Any], parameters: set[Any]) -> dict[Any, Any]:
    """Symbol → what takes the admissible values."""
    lower: dict[Any, Any] = {}
    upper: dict[Any, Any] = {}
    for relation in relations:
        small, large = (relation.rhs, relation.lhs) if isinstance(relation, sp.Ge) else (relation.lhs, relation.rhs)
        if large.is_Symbol and large not in parameters and large not in small.free_symbols:
            lower[large] = small
        elif small.is_Symbol and small not in parameters and small not in large.free_symbols:
            upper[small] = large
        else:
            free = sorted((small.free_symbols ^ large.free_symbols) - parameters, key=str)
            found = next((s for s in free if sp.expand(large - small).coeff(s, 1).is_number), None)
            if found is not None:
                gap = sp.expand(large - small)
                slope = gap.coeff(found, 1)
                bound = sp.expand(found - gap / slope)
                (lower if slope.is_positive else upper)[found] = bound
    found_all: dict[Any, Any] = {}
    for s in (*lower, *(u for u in upper if u not in lower)):
        low, high = lower.get(s), upper.get(s)
        if low is not None and high is not None:
            found_all[s] = low + sp.Mod(s, high - low + 1) if s.is_integer else low + (high - low) * nodes.sigmoid(s)
        elif low is not None:
            found_all[s] = low + sp.Abs(s)
        elif s.is_integer and s.is_nonnegative:
            found_all[s] = sp.Mod(s, high + 1)
        else:
            found_all[s] = high - sp.Abs(s)
    return found_all


def _claimed(step: Step, ranges: Mapping[Any, Any], types: Mapping[Name, Type]) -> Step:
    if step.claim is not None:
        return step
    try:
        left, right = (to_sympy(side, types) if isinstance(side, Term) else side for side in (step.before, step.after))
    except DeriveError:
        return step
    return replace(step, claim=Claim("equal", left.subs(ranges, simultaneous=True), right.subs(ranges, simultaneous=True)))
