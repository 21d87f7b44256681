"""Rules about laws that are given by a formula for their density."""

from __future__ import annotations

from derive.derivation import Rule
from derive.rules.moves import move

__all__ = ["NORMALISER", "RULES"]

NORMALISER = move("total-of-a-density", "The total is one", "∫ p(x) dx = 1", r"\int p(x)\,dx = 1")
RULES: tuple[Rule, ...] = tuple(v for v in list(globals().values()) if isinstance(v, Rule))
