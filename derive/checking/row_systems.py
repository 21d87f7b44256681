"""Whether equations follow from others where those are linear: all solutions of the rows above are found exactly and put in below.

In: statements as terms: an equation, a list of them, an equation between arrays that are written out. Out: a `Check`, or None where
they are not linear in any set of their names, or hold something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

import sympy as sp
from sympy.solvers.solveset import NonlinearError

from derive.derivation import Check
from derive.errors import DeriveError
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Type

__all__ = ["check_systems", "held_values", "is_conjunction"]

MOST_UNKNOWNS = 6
_LISTS = ("list", "tuple", "and", "lines")

Matrix = Callable[[Term, Mapping[Name, Type]], Any]


def is_conjunction(term: Term) -> bool:
    """Whether it is several statements that hold together."""
    return term.head in _LISTS and all(a.head == "rel" and a.data == "=" for a in term.args)


def check_systems(above: Term, below: Term, types: Mapping[Name, Type], matrix_of: Matrix) -> Check | None:
    """Whether every solution of the equations above satisfies those below."""
    try:
        given, wanted = (_residuals(t, types, matrix_of) for t in (above, below))
    except (DeriveError, TypeError, AttributeError, sp.ShapeError, sp.NonSquareMatrixError):
        return None
    if given is None or wanted is None:
        return None
    for unknowns in _candidates(given, below, types):
        try:
            a, b = sp.linear_eq_to_matrix(given, unknowns)
        except (NonlinearError, ValueError):
            continue
        return _decided(a, b, unknowns, wanted)
    return None


def held_values(constraints: Sequence[Term], types: Mapping[Name, Type]) -> dict[Any, Any]:
    """What linear equations of the lines before say of some names in terms of the others; empty where they are of another kind."""
    try:
        given = [to_sympy(c.args[0], types) - to_sympy(c.args[1], types) for c in constraints]
        symbols = sorted({s for e in given for s in e.free_symbols if isinstance(s, sp.Symbol)}, key=str)
        (solution,) = sp.linsolve(given, *symbols) if symbols else ((),)
    except (DeriveError, TypeError, AttributeError, ValueError, NonlinearError):
        return {}
    return {s: value for s, value in zip(symbols, solution, strict=True) if s != value}


def _residuals(term: Term, types: Mapping[Name, Type], matrix_of: Matrix) -> list[Any] | None:
    """What is zero where the statement holds, entry by entry."""
    found: list[Any] = []
    for equation in term.args if term.head in _LISTS else (term,):
        if equation.head != "rel" or equation.data != "=":
            return None
        left, right = equation.args
        if any(n.head in ("matrix", "vector", "tuple") for n in equation.walk()):
            one, other = matrix_of(left, types), matrix_of(right, types)
            if one is None or other is None or one.shape != other.shape:
                return None
            found += [sp.expand(x - y) for x, y in zip(one, other, strict=True)]
        else:
            found.append(sp.expand(to_sympy(left, types) - to_sympy(right, types)))
    return found if all(isinstance(e, sp.Expr) for e in found) else None


def _candidates(given: Sequence[Any], below: Term, types: Mapping[Name, Type]) -> list[list[Any]]:
    """Sets of names to solve for: all of them, those that the row below isolates, then smaller sets."""
    symbols = sorted(set().union(*(e.free_symbols for e in given)), key=str)
    if not symbols or not all(isinstance(s, sp.Symbol) for s in symbols):
        return []
    isolated = [
        to_sympy(side, types)
        for equation in (below.args if below.head in _LISTS else (below,))
        if equation.head == "rel"
        for side in equation.args
        if side.head == "name"
    ]
    chosen = [s for s in symbols if s in isolated]
    smaller = [list(c) for size in range(min(len(symbols), MOST_UNKNOWNS), 0, -1) for c in combinations(symbols, size)]
    return [symbols, *([chosen] if chosen else []), *smaller][:60]


def _decided(a: Any, b: Any, unknowns: Sequence[Any], wanted: Sequence[Any]) -> Check:
    solutions = sp.linsolve((a, b), *unknowns)
    if solutions is sp.S.EmptySet or not solutions:
        return Check("unverified", reason="the row above has no solution")
    (solution,) = solutions
    table = dict(zip(unknowns, solution, strict=True))
    for residual in wanted:
        rest = sp.simplify(residual.xreplace(table))
        if rest != 0:
            shown = tuple((str(u), str(v)) for u, v in table.items())
            return Check("failed", "solutions of the row above", counterexample=(*shown, ("difference", str(rest))))
    return Check("exact", "solutions of the row above")
