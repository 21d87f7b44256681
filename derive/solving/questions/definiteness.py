"""Definiteness of symmetric matrices of numbers: the quadratic form as a sum of squares, or a vector at which it has the other sign.

In: a symmetric matrix of exact numbers. Out: its pivots and the squares (LDLᵀ), or a witness.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

__all__ = ["Form", "completed", "witness"]


@dataclass(frozen=True, slots=True)
class Form:
    """xᵀA x in the variables x, as Σ dₖ ℓₖ(x)² where elimination gives it. `coefficients` are the dₖ (zeros included), one a variable."""

    written: Any
    squares: Any
    coefficients: tuple[Any, ...]

    def verdict(self) -> str:
        """ "positive definite", "positive semidefinite", …, "indefinite"; "undecided" where a coefficient has no sign."""
        if all(c.is_zero for c in self.coefficients):
            return "zero"
        if all(c.is_positive for c in self.coefficients):
            return "positive definite"
        if all(c.is_negative for c in self.coefficients):
            return "negative definite"
        if all(c.is_nonnegative for c in self.coefficients):
            return "positive semidefinite"
        if all(c.is_nonpositive for c in self.coefficients):
            return "negative semidefinite"
        if any(c.is_positive for c in self.coefficients) and any(c.is_negative for c in self.coefficients):
            return "indefinite"
        return "undecided"


def completed(matrix: Any, variables: Any) -> Form | None:
    """The quadratic form with its squares completed; None where a zero pivot has entries beside it (the form is indefinite)."""
    size = matrix.shape[0]
    rest = sp.Matrix(matrix)
    squares: list[Any] = []
    coefficients: list[Any] = []
    for k in range(size):
        pivot = sp.nsimplify(rest[k, k]) if rest[k, k].is_Float else sp.simplify(rest[k, k])
        if pivot.is_zero:
            if any(not sp.simplify(rest[k, j]).is_zero for j in range(k + 1, size)):
                return None
            coefficients.append(sp.S.Zero)
            continue
        line = sum((sp.simplify(rest[k, j] / pivot) * variables[j] for j in range(k, size)), sp.S.Zero)
        squares.append(sp.Mul(pivot, sp.Pow(line, 2)))
        coefficients.append(pivot)
        column = rest[:, k]
        rest = (rest - column * column.T / pivot).applyfunc(sp.simplify)
    x = sp.Matrix(variables)
    return Form(sp.expand((x.T * matrix * x)[0, 0]), sp.Add(*squares, evaluate=False) if squares else sp.S.Zero, tuple(coefficients))


def witness(matrix: Any, sign: int) -> Any | None:
    """A vector of small whole numbers at which sign·vᵀA v < 0; None where none was found."""
    size = matrix.shape[0]
    best: Any = None
    for numbers in _vectors(size):
        v = sp.Matrix(numbers)
        value = sp.simplify((v.T * matrix * v)[0, 0])
        if (sign * value).is_negative:
            return v
        best = best or (v if value.is_zero else None)
    return None


def _vectors(size: int) -> list[tuple[int, ...]]:
    """Unit vectors first, then those with entries in −3 … 3 at two places, then in all."""
    units = [tuple(int(i == k) for i in range(size)) for k in range(size)]
    pairs = []
    for i in range(size):
        for j in range(i + 1, size):
            for a in (1, 2, 3):
                for b in (-3, -2, -1, 1, 2, 3):
                    pairs.append(tuple(a if k == i else b if k == j else 0 for k in range(size)))
    full = []
    if size == 3:
        full = [(a, b, c) for a in (1, 2) for b in (-2, -1, 1, 2) for c in (-2, -1, 1, 2)]
    elif size > 3:
        full = [tuple((-1) ** (mask >> k & 1) for k in range(size)) for mask in range(2 ** (size - 1))]
    return units + pairs + full
