"""A remark on a place where a function may jump or bend: the rule sees one part, and whether the whole does is settled later.

In: what the rule knows. Out: a note that carries the place, so that a strategy can look at the whole function there.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

__all__ = ["Corner", "vanishes"]


def vanishes(place: Any) -> Any:
    """`place = 0` with the number on the right."""
    constant, rest = place.as_coeff_Add()
    return sp.Eq(rest, -constant, evaluate=False)


class Corner(tuple[Any, ...]):
    """A note (prose) on the zeros of `place` as an expression in `variable`; `where` is the equation that says where that is.

    `jump` says that the part jumps there, otherwise it bends; `pieces` that it is a boundary between written cases.
    """

    place: Any
    variable: Any
    where: Any
    jump: bool
    pieces: bool

    def __new__(cls, prose: tuple[Any, ...], place: Any, variable: Any, where: Any, jump: bool = False, pieces: bool = False) -> Corner:
        made = super().__new__(cls, prose)
        made.place, made.variable, made.where, made.jump, made.pieces = place, variable, where, jump, pieces
        return made
