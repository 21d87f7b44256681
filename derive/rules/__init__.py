"""What may be done: every rule as one small frozen value, one file a field of mathematics.

`RULES` maps the id of every rule to the rule; the submodules are loaded when it is first asked for.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derive.derivation import Rule

    RULES: Mapping[str, Rule]

__all__ = ["RULES"]


@cache
def _rules() -> Mapping[str, Rule]:
    from types import MappingProxyType

    from derive.rules import catalogue

    return MappingProxyType({rule.id: rule for rule in catalogue.ALL})


def __getattr__(name: str) -> Any:
    if name == "RULES":
        return _rules()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
