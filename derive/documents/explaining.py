"""What “where …” says behind a display holds for that display: its declarations are in force there, behind it they are suggestions.

In: what is in force before. Out: what is in force after it: what the words in front had declared is declared again, and definitions that
only the display had no use for are definitions again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from derive.expressions.term import Name
from derive.meaning.scope import Declaration, Scope

if TYPE_CHECKING:
    from derive.documents.kinds import Entry
    from derive.documents.rows import Piece
    from derive.documents.understanding import Understanding

__all__ = ["take_all"]


class _Before(NamedTuple):
    """The scope in front of a display that is explained, and what had been declared in words."""

    scope: Scope
    explicit: Mapping[Name, Declaration]


def _after_display(before: _Before, scope: Scope, explicit: Mapping[Name, Declaration], said: frozenset[Name]) -> _Before:
    """What is in force behind the display; `said` are the names that “where …” declared."""
    kept = {name: declaration for name, declaration in explicit.items() if name not in said}
    back = {name: before.explicit[name] for name in said if name in before.explicit}
    definitions = dict(scope.definitions)
    for name, definition in before.scope.definitions.items():
        own = name in said
        free = {n.data for n in definition.body.walk() if n.head == "name"} - set(definition.parameters)
        if name not in definitions and name not in scope.broken and (own or free & said):
            definitions[name] = definition
    declarations = {**scope.declarations, **back}
    return _Before(replace(scope, declarations=declarations, definitions=definitions, expansions={}), {**kept, **back})


def take_all(understanding: Understanding, listed: Sequence[tuple[Piece, bool]]) -> list[Entry]:
    """The entries of a display and of what explains it, in the order in which they are read; each piece with whether “where …” says it."""
    before = _Before(understanding.scope, dict(understanding.explicit))
    said: set[Name] = set()
    entries = []
    for piece, explains in listed:
        known = dict(understanding.explicit)
        entries.append(understanding.take(piece))
        if explains:
            said |= {n for n, declaration in understanding.explicit.items() if known.get(n) is not declaration}
    if said:
        after = _after_display(before, understanding.scope, understanding.explicit, frozenset(said))
        understanding.scope, understanding.explicit = after.scope, dict(after.explicit)
    return entries
