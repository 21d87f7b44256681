"""The rules of optima with one multiplier: stationary points of a Lagrangian, eigenvalues, the Rayleigh quotient."""

from __future__ import annotations

from derive.derivation import Rule
from derive.rules.moves import move

__all__ = ["CHARACTERISTIC", "LAGRANGIAN", "RAYLEIGH", "RULES"]

LAGRANGIAN = move(
    "lagrange-sphere",
    "Lagrange multiplier",
    "∇(uᵀS u − λ(uᵀu − 1)) = 0 ⇔ S u = λ u",
    r"\nabla(u^\top S u - \lambda(u^\top u - 1)) = 0 \Leftrightarrow S u = \lambda u",
)
CHARACTERISTIC = move("characteristic-polynomial", "Characteristic polynomial", "det(S − λI) = 0", r"\det(S - \lambda I) = 0")
RAYLEIGH = move("rayleigh-quotient", "Rayleigh quotient", "uᵀS u = λ at an eigenvector of length 1", r"u^\top S u = \lambda")
RULES: tuple[Rule, ...] = (LAGRANGIAN, CHARACTERISTIC, RAYLEIGH)
