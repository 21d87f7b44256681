"""Integrals over regions: their bounds, and polar or spherical coordinates where the region is round.

In: a reading. Out: its expression with every region as an iterated integral, and the first step, whose check asks at points whether
they lie in the region and between the bounds alike. Where the bounds are not found the integral is refused.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import sympy as sp

from derive.derivation import Rule
from derive.errors import NotSupported, Undetermined
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.rules.limits_and_integrals import BOUNDS_OF_REGION, POLAR
from derive.solving.assumed import Needed, assuming, required
from derive.solving.half_planes import slices
from derive.solving.round_regions import ring_integral

__all__ = ["over_regions"]

First = tuple[Rule, Any, tuple[Any, Any]]  # rule, what it starts from, what its check compares


def over_regions(reading: Reading) -> tuple[Any, First | None]:
    """The expression of the line without regions; where there was one, the step that wrote down its bounds."""
    term = reading.expanded
    regions = [node for node in term.walk() if node.head == "integral" and node.data == "region"]
    if not regions:
        return to_sympy(term, reading.types), None
    if len(regions) > 1:
        raise NotSupported("several integrals over regions at once", span=regions[1].span)
    (node,) = regions
    body, condition, *variables = node.args
    names = [to_sympy(v, reading.types) for v in variables]
    inequalities = _conditions(condition, reading)
    ring = ring_integral(to_sympy(body, reading.types), inequalities, names)
    if ring is not None and term is node:
        return ring[1], (POLAR, term, ring)
    limits = _limits(inequalities, names, node, reading)
    nested = body
    for x, low, high in limits:
        nested = Term("integral", (nested, from_sympy(x), from_sympy(low), from_sympy(high)), "definite", node.span)
    expression = to_sympy(_replaced(term, node, nested), reading.types)
    between = [g for x, low, high in limits for g in (x - low, high - x) if not g.has(sp.oo)]
    return expression, (BOUNDS_OF_REGION, term, (_indicator(inequalities), _indicator(between)))


def _replaced(term: Term, old: Term, new: Term) -> Term:
    if term is old:
        return new
    if not term.args:
        return term
    return Term(term.head, tuple(_replaced(a, old, new) for a in term.args), term.data, term.span)


def _indicator(inequalities: list[Any]) -> Any:
    return sp.Piecewise((sp.S.One, sp.And(*(sp.Ge(g, 0, evaluate=False) for g in inequalities))), (sp.S.Zero, True), evaluate=False)


def _conditions(condition: Term, reading: Reading) -> list[Any]:
    """What is ≥ 0 in the region."""
    if condition.head in ("and", "list", "tuple", "set"):
        return [g for part in condition.args for g in _conditions(part, reading)]
    if condition.head == "rel" and condition.data in ("<", "<=", ">", ">="):
        sides, relations = condition.args, (condition.data,)
    elif condition.head == "chain" and set(condition.data) <= {"<", "<=", ">", ">="}:
        sides, relations = condition.args, condition.data
    elif condition.head == "name":
        expected = ("x^2 + y^2 <= 1 below the sign",)
        raise Undetermined("nothing says what the region of integration is", span=condition.span, expected=expected)
    else:
        raise NotSupported("a region of integration that is not given by inequalities", span=condition.span)
    found = []
    for (a, b), relation in zip(pairwise(sides), relations, strict=True):
        left, right = to_sympy(a, reading.types), to_sympy(b, reading.types)
        low, high = (left, right) if relation in ("<", "<=") else (right, left)
        found += _without_bars(low, high)
    return found


def _without_bars(low: Any, high: Any) -> list[Any]:
    """|u| ≤ c is −c ≤ u ≤ c; |u| + |v| ≤ c is four inequalities."""
    for node in low.atoms(sp.Abs):
        if low.coeff(node).is_positive:
            inner = node.args[0]
            return [*_without_bars(low.xreplace({node: inner}), high), *_without_bars(low.xreplace({node: -inner}), high)]
    return [high - low]


def _limits(inequalities: list[Any], names: list[Any], node: Term, reading: Reading) -> list[tuple[Any, Any, Any]]:
    """The bounds, of the innermost variable first."""
    unclear = [r for g in inequalities for r in _radii(g, names) if r.is_positive is None and r.free_symbols]
    if unclear:
        raise Needed(*dict.fromkeys(unclear))
    if len(names) == 1:
        (x,) = names
        other = sp.Dummy("t")
        bounds = slices([*inequalities, other, 1 - other], x, other)
        if bounds is not None:
            return [bounds[0]]
    if len(names) == 2:
        for x, y in ((names[1], names[0]), (names[0], names[1])):
            bounds = slices(inequalities, x, y)
            if bounds is not None:
                _, low, high = bounds[-1]
                width = high - low
                if width.free_symbols and not width.has(sp.oo) and required([width], reading.types) and assuming(reading, [width]):
                    raise Needed(width)  # an empty region has another integral
                return list(bounds)
    if len(names) == 3:
        bounds3 = _ball(inequalities, names)
        if bounds3 is not None:
            return bounds3
    raise NotSupported("the bounds of this region of integration", span=node.span)


def _radii(inequality: Any, names: list[Any]) -> list[Any]:
    """The parameters that stand squared where the names do not: the radius of R² − x² − y² ≥ 0."""
    rest = sp.expand(inequality).as_independent(*names, as_Add=True)[0]
    found = []
    for part in sp.Add.make_args(rest):
        for factor in sp.Mul.make_args(part):
            base, exponent = factor.as_base_exp()
            if base.is_Symbol and exponent.is_even:
                found.append(base)
    return found


def _ball(inequalities: list[Any], names: list[Any]) -> list[tuple[Any, Any, Any]] | None:
    """x² + y² + z² ≤ R² and boxes and simplices in space: the last variable is sliced off first."""
    z, y, x = names[2], names[1], names[0]
    inner = slices([g for g in inequalities if g.has(z)], z, sp.Dummy("t"))
    projected = [g for g in inequalities if not g.has(z)]
    for g in (sp.expand(g) for g in inequalities if g.has(z)):
        if sp.degree(g, z) == 2 and g.coeff(z, 2).is_negative and g.coeff(z, 1) == 0:
            root = sp.sqrt(sp.factor(-g.coeff(z, 0) / g.coeff(z, 2)))
            bounds = slices([*projected, g.coeff(z, 0)], y, x)
            return None if bounds is None else [(z, -root, root), *bounds]
    lows = [-g.coeff(z, 0) / g.coeff(z, 1) for g in map(sp.expand, inequalities) if g.coeff(z, 1).is_positive]
    highs = [-g.coeff(z, 0) / g.coeff(z, 1) for g in map(sp.expand, inequalities) if g.coeff(z, 1).is_negative]
    if inner is None and len(lows) == 1 and len(highs) == 1:
        bounds = slices([*projected, sp.expand(highs[0] - lows[0])], y, x)
        return None if bounds is None else [(z, lows[0], highs[0]), *bounds]
    return None
