"""Moments that stated moments of sums determine: Cov(X, Y) from Var(X + Y) and Var(X − Y), Var(X) from E[(X − 1)²] and E[X].

In: a node of a plain variable, or of two, and what is known. Out: `Found` where the linear equations between the moments have one
solution for it, or None.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.derivation import Claim, Prose
from derive.expressions.chance import Chance, Covariance, Expectation, Variance
from derive.rules import chance_expectation as rules
from derive.solving.chance import moments, variances
from derive.solving.chance.known import Known, outermost
from derive.solving.chance.rewriting import Found, NodeRule, worked_out
from derive.solving.journal import Journal

__all__ = ["from_composites"]

MAX_EQUATIONS = 12
_SPREADING: tuple[NodeRule, ...] = (
    moments.constant,
    moments.linear,
    variances.affine,
    variances.with_itself,
    variances.independent_pair,
    variances.of_sample,
    variances.of_sum,
    variances.covariance_terms,
    moments.independent_product,
    moments.second_moment,
    moments.mixed_moment,
    moments.expanded,
)


def from_composites(node: Any, known: Known) -> Found | None:
    """The node from the equations that the stated moments are."""
    if not isinstance(node, (Expectation, Variance, Covariance)) or node.conditions or not all(known.is_random(o) for o in node.operands):
        return None
    stated = [n for n in known.moments if not n.conditions and isinstance(n, (Expectation, Variance, Covariance))]
    if not any(not all(known.is_random(o) for o in n.operands) for n in stated) or len(stated) > MAX_EQUATIONS:
        return None
    equations, told = _equations(stated, known)
    unknowns = sorted({n for e in equations for n in outermost(e)}, key=str)
    if node not in unknowns:
        return None
    table = {n: sp.Dummy(f"u{k}") for k, n in enumerate(unknowns)}
    system = [sp.expand(e.xreplace(table)) for e in equations]
    symbols = list(table.values())
    linear = [e for e in system if e.is_polynomial(*symbols) and sp.total_degree(e, *symbols) <= 1]
    found = list(sp.linsolve(linear, *symbols)) if linear else []
    if not found:
        return None
    value = found[0][symbols.index(table[node])]
    if value.has(*symbols):
        return None
    because: Prose = ("from ", *told)
    return Found(rules.SOLVE_MOMENTS, sp.simplify(value), because, claim=_claim(linear, found[0], symbols))


def _claim(linear: list[Any], solution: Any, symbols: list[Any]) -> Claim | None:
    """That the solution satisfies the equations, where it is complete."""
    table = dict(zip(symbols, solution, strict=True))
    if any(v.has(*symbols) for v in solution):
        return None
    return Claim("equal", sp.Tuple(*(e.subs(table) for e in linear)), sp.Tuple(*(sp.S.Zero for _ in linear)))


def _equations(stated: list[Chance], known: Known) -> tuple[list[Any], list[Any]]:
    """Every stated moment, spread into moments of plain variables, minus its value; and how they are told."""
    equations: list[Any] = []
    told: list[Any] = []
    values = {n: known.moments[n] for n in stated}
    for node in stated:
        simple = all(known.is_random(o) for o in node.operands)
        spread = node if simple else worked_out(node, known, Journal(node), _SPREADING)
        equations.append(spread - values[node])
        told += [", " if told else "", sp.Eq(node, values[node], evaluate=False)]
    means = {n: v for n, v in values.items() if isinstance(n, Expectation)}
    return [e.xreplace(means) if isinstance(e, sp.Add) else e for e in equations], told
