"""Which instance of a rule it was, in words: "with u = x² and n = 3".

In: letters of the rule and their values. Out: prose; a letter that the value itself holds is left out, it would explain nothing.
"""

from __future__ import annotations

from typing import Any

from derive.derivation import Prose

__all__ = ["instances"]


def instances(*pairs: tuple[str, Any]) -> Prose:
    """`with u = …, v = … and n = …`."""
    said = [(letter, value) for letter, value in pairs if all(s.name != letter for s in value.atoms() if s.is_Symbol)]
    prose: list[Any] = []
    for place, (letter, value) in enumerate(said):
        link = "with " if place == 0 else " and " if place == len(said) - 1 else ", "
        prose += [f"{link}{letter} = ", value]
    return tuple(prose)
