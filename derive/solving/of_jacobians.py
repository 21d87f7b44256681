"""The determinant or trace of a Jacobian or Hessian over named scalars: the factor by which a change of variables scales areas.

In: the reading of `det jacobian of (…) wrt …`. Out: a Solution: the matrix with its steps, then the determinant, compared with the sum over
permutations (Leibniz's formula) before anything was simplified.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import sympy as sp
from sympy.combinatorics import Permutation

from derive.derivation import Derivation, Step
from derive.errors import TooLarge
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Term
from derive.meaning.scope import Reading
from derive.rules.limits_and_integrals import JACOBIAN_DETERMINANT, JACOBIAN_TRACE
from derive.solution import Solution
from derive.solving.antiderivatives import simplest
from derive.solving.several import solve_hessian, solve_jacobian

__all__ = ["asks_for_jacobian_value", "solve_jacobian_value"]

MOST_ROWS = 5


def asks_for_jacobian_value(reading: Reading) -> bool:
    """Whether the line is the determinant or trace of derivatives with respect to named scalars."""
    term = reading.expanded
    if term.head != "apply" or term.data not in ("det", "trace", "tr") or len(term.args) != 1:
        return False
    inner = term.args[0]
    if inner.head not in ("jacobian", "hessian") or len(inner.args) < 2:
        return False
    names = [n for v in inner.args[1:] for n in (v.args if v.head in ("tuple", "vector") else (v,))]
    return all(n.head == "name" and not reading.types[n.data].shape for n in names if n.data in reading.types)


def solve_jacobian_value(reading: Reading) -> Solution:
    """The determinant or trace. Raises TooLarge for more than five variables."""
    inner = reading.expanded.args[0]
    solve = solve_jacobian if inner.head == "jacobian" else solve_hessian
    found = solve(replace(reading, expanded=inner))
    matrix = sp.Matrix(found.answer)
    if matrix.rows != matrix.cols or matrix.rows > MOST_ROWS:
        raise TooLarge(f"a determinant or trace of a matrix with {matrix.rows} rows and {matrix.cols} columns")
    is_trace = reading.expanded.data != "det"
    value = simplest(matrix.trace() if is_trace else matrix.det(method="berkowitz"))
    plain = sp.Add(*(matrix[i, i] for i in range(matrix.rows)), evaluate=False) if is_trace else _over_permutations(matrix)
    rule = JACOBIAN_TRACE if is_trace else JACOBIAN_DETERMINANT
    before = Term("apply", (from_sympy(matrix.as_immutable()),), reading.expanded.data)
    step = Step(rule.id, rule.title, before, value, part=(plain, value), formula=rule.formula)
    steps = found.derivation.steps if found.derivation is not None else ()
    derivation = Derivation(reading.expanded, value, (*steps, step), found.assumptions)
    return replace(found, derivation=derivation, answer=value, parts={})


def _over_permutations(matrix: Any) -> Any:
    """Σ sign(π) ∏ aᵢ,π(i), nothing simplified."""
    size = matrix.rows
    terms = []
    for order in permutations(range(size)):
        entries = [matrix[i, j] for i, j in enumerate(order)]
        terms.append(sp.Mul(Permutation(list(order)).signature(), *entries, evaluate=False))
    return sp.Add(*terms, evaluate=False)
