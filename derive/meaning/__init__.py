"""Meaning: what the items of a line say, given what the session knows. `read` gives a Reading, `read_expression` a Term."""

from __future__ import annotations

from derive.meaning.reader import read, read_expression

__all__ = ["read", "read_expression"]
