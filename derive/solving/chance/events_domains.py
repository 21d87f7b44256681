"""What a probability takes for granted of the ends of intervals (a ≤ c ≤ b, t ≥ 0), as domains of their names.

In: the relations that were assumed, and the symbols of the laws. Out: the types with these bounds, so that checks and code are tried where
the answer holds and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp

from derive.derivation import Prose
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Name
from derive.meaning.scope import Bound, Type

__all__ = ["bounded"]


def bounded(types: Mapping[Name, Type], assumed: Sequence[Prose], parameters: set[Any]) -> dict[Name, Type]:
    """The types with the bounds that the assumptions say. `parameters` are bounded only by themselves, never the other way round."""
    found = dict(types)
    for prose in assumed:
        relation = prose[0] if len(prose) == 1 else None
        if not isinstance(relation, (sp.Ge, sp.Le)):
            continue
        small, large = (relation.rhs, relation.lhs) if isinstance(relation, sp.Ge) else (relation.lhs, relation.rhs)
        side = _side(small, large, parameters)
        if side is None:
            continue
        symbol, bound, is_lower = side
        name = Name.from_key(symbol.name)
        kind = found.get(name, Type())
        end = Bound(from_sympy(bound), False)
        if is_lower and kind.lower is None:
            found[name] = replace(kind, lower=end)
        elif not is_lower and kind.upper is None:
            found[name] = replace(kind, upper=end)
        elif is_lower and kind.lower is not None and kind.lower.value.head == "number" and not bound.is_number:
            found[name] = replace(kind, lower=end)
    return found


def _side(small: Any, large: Any, parameters: set[Any]) -> tuple[Any, Any, bool] | None:
    """The symbol that small ≤ large bounds, by what, and whether from below."""
    if large.is_Symbol and large not in parameters and large not in small.free_symbols:
        return large, small, True
    if small.is_Symbol and small not in parameters and small not in large.free_symbols:
        return small, large, False
    gap = sp.expand(large - small)
    for symbol in sorted(gap.free_symbols - parameters, key=str):
        slope = gap.coeff(symbol, 1)
        if slope.is_number and slope and not (gap - slope * symbol).has(symbol):
            return symbol, sp.expand(symbol - gap / slope), bool(slope.is_positive)
    return None
