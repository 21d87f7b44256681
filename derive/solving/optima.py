"""Optima: entropies of densities and eigenvalues of matrices that are written out here, arrays and scalars in `optimisation`.

In: a reading of `minimize …`, `max_u … s.t. …`. Out: a Solution with the optimiser and `value` as parts. What is unbounded or not attained
is a DoesNotExist.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp

from derive.derivation import Claim
from derive.errors import NotSupported, WrongUse
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.model import Model
from derive.rules.optima import CHARACTERISTIC, LAGRANGIAN, RAYLEIGH
from derive.solution import Solution
from derive.solving.chance.maximum_entropy import is_entropy_problem, solve_maximum_entropy
from derive.solving.chance.steps import step
from derive.solving.journal import Journal
from derive.solving.kinds import holds_arrays
from derive.solving.optimisation.components import by_components, together
from derive.solving.simplification import shortened

__all__ = ["solve_optimum"]

_WITHOUT_MODEL = Model()


def solve_optimum(reading: Reading) -> Solution:
    """The optimum. Raises DoesNotExist where it is not attained, NotSupported for problems of other forms."""
    term = reading.expanded
    if is_entropy_problem(term):
        found = solve_maximum_entropy(reading)
        if found is not None:
            return found
    if len(term.args) > 2:
        sphere = _on_the_sphere(reading)
        if sphere is not None:
            return sphere
    entries = by_components(reading)
    if entries is not None:
        inner, vector, names = entries
        return together(solve_optimum(inner), vector, names, inner.types)
    if _over_arrays(reading):
        from derive.solving.optimisation.array_optima import solve_array_optimum

        return solve_array_optimum(reading)
    from derive.solving.optimisation.scalar_optima import solve_scalar_optimum

    return solve_scalar_optimum(reading)


def _over_arrays(reading: Reading) -> bool:
    """Whether a variable is a vector or a matrix, or the function holds arrays as a whole."""
    body, variables = reading.expanded.args[:2]
    shaped = any(v.head == "name" and v.data in reading.types and reading.types[v.data].shape for v in variables.args)
    return shaped or holds_arrays(body, reading)


# ── quadratic forms on the unit sphere ───────────────────────────────────────────────────────────────────────────────


def _on_the_sphere(reading: Reading) -> Solution | None:
    """max uᵀS u with ‖u‖ = 1: the largest eigenvalue. S is written out in numbers."""
    body, variables, *constraints = reading.expanded.args
    if len(variables.args) != 1 or len(constraints) != 1 or variables.args[0].head != "name":
        return None
    u = variables.args[0]
    if body.head != "mul" or len(body.args) != 3 or body.args[0] != Term("transpose", (u,)) or body.args[2] != u:
        return None
    if not _is_unit(constraints[0], u):
        return None
    matrix = body.args[1]
    if matrix.head != "matrix":
        return None
    rows, columns = matrix.data
    s = sp.Matrix(rows, columns, [to_sympy(a, reading.types) for a in matrix.args])
    if rows != columns:
        raise WrongUse("a quadratic form needs a square matrix", span=matrix.span)
    largest = reading.expanded.data in ("max", "argmax", "sup")
    return _eigenvalue(reading, (s + s.T) / 2, u, largest)


def _is_unit(constraint: Term, u: Term) -> bool:
    if constraint.head != "rel" or constraint.data != "=" or constraint.args[1] != Term("number", (), "1"):
        return False
    norm = Term("norm", (u,), "2")
    return constraint.args[0] in (norm, Term("pow", (norm, Term("number", (), "2"))), Term("mul", (Term("transpose", (u,)), u)))


def _eigenvalue(reading: Reading, s: Any, u: Term, largest: bool) -> Solution:
    journal = Journal(reading.term)
    lam = sp.Symbol("lambda", real=True)
    found = s.eigenvects()
    if any(value.is_real is not True for value, _, _ in found):
        raise NotSupported("eigenvalues without a closed form")
    value, multiplicity, vectors = (max if largest else min)(found, key=lambda e: sp.N(e[0]))
    vector = vectors[0] / sp.sqrt((vectors[0].T * vectors[0])[0, 0])
    vector = vector.applyfunc(shortened)
    equation = Term("rel", (Term("mul", (from_sympy(s), u)), Term("mul", (from_sympy(lam), u))), "=")
    size = s.shape[0]
    entries = [sp.Symbol(f"{u.data.key}_{k}", real=True) for k in range(1, size + 1)]
    place = sp.Matrix(entries)
    form, length = sp.expand((place.T * s * place)[0, 0]), sp.Add(*(e**2 for e in entries))
    slopes = sp.Tuple(*(sp.diff(form - lam * (length - 1), e) for e in entries))
    claim = Claim("equal", slopes, sp.Tuple(*(2 * (s * place - lam * place))))
    journal.add(step(LAGRANGIAN, reading.term, equation, "⇒", claim=claim))
    polynomial = sp.factor((s - lam * sp.eye(size)).det())
    roots = sp.Tuple(*(sp.Eq(lam, e, evaluate=False) for e, _, _ in found))
    zero = Claim("equal", sp.Tuple(*(polynomial.subs(lam, e) for e, _, _ in found)), sp.Tuple(*(sp.S.Zero for _ in found)))
    journal.add(step(CHARACTERISTIC, sp.Eq(polynomial, 0, evaluate=False), roots, "⇔", claim=zero))
    sides = (form, value * length) if largest else (value * length, form)
    because = (f"the {'largest' if largest else 'smallest'} eigenvalue, at its eigenvector ", vector)
    journal.add(step(RAYLEIGH, reading.term, value, "=", because, claim=Claim("at-most", *sides)))
    if multiplicity > 1:
        journal.note(((f"the eigenvalue has multiplicity {multiplicity}: every unit vector of its eigenspace attains it",),))
    journal.note((("−", u, " attains it too"),))
    parts = {u.data.key: vector, "value": value}
    return Solution(replace(journal.derivation(value), model=_WITHOUT_MODEL), None, parts, journal.notes, journal.assumptions)
