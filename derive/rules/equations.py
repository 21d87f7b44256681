"""Rules for equations (stub while the rest is built)."""

from __future__ import annotations

from derive.derivation import Rule

RULES: tuple[Rule, ...] = ()
