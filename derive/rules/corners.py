"""A remark on a place where a function may jump or bend: the rule sees one part, and whether the whole does is settled later.

In: what the rule knows. Out: a note that carries the place, so that a strategy can look at the whole function there.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

__all__ = ["Corner", "vanishes"]


def vanishes(place: Any) -> Any:
    """`place = 0` with the number on the right; u = v for u − v = 0."""
    constant, rest = place.as_coeff_Add()
    if constant.is_zero and rest.is_Add and len(rest.args) == 2:
        negative = [t for t in rest.args if t.could_extract_minus_sign()]
        if len(negative) == 1:
            return sp.Eq(rest - negative[0], -negative[0], evaluate=False)
    return sp.Eq(rest, -constant, evaluate=False)


class Corner(tuple[Any, ...]):
    """A note (prose) on the zeros of `place` as an expression in `variable`; `where` is the equation that says where that is.

    `kind` says what the part does there: "jump", "kink" or "smooth"; `pieces` that it is a boundary between written cases.
    """

    place: Any
    variable: Any
    where: Any
    kind: str
    pieces: bool

    def __new__(cls, prose: tuple[Any, ...], place: Any, variable: Any, where: Any, kind: str = "kink", pieces: bool = False) -> Corner:
        made = super().__new__(cls, prose)
        made.place, made.variable, made.where, made.kind, made.pieces = place, variable, where, kind, pieces
        return made
