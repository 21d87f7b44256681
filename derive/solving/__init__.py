"""How a task is done: strategies choose rules and build the derivation. `solve` takes a Reading, `differentiate` an expression."""

from __future__ import annotations

from typing import Any

from derive.solving.dispatch import solve

__all__ = ["differentiate", "solve"]


def __getattr__(name: str) -> Any:
    if name == "differentiate":
        from derive.solving.derivatives import differentiate

        return differentiate
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
