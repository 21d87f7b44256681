"""`find`, `compute`, `calculate`, `determine` before a task say nothing beyond it: a line asks for what stands on it.

In: the items of a line. Out: the same without the word, where the word is no name that anybody declared.
"""

from __future__ import annotations

from derive.expressions.term import Name
from derive.meaning.scope import Scope
from derive.reading.item import Item

__all__ = ["plainly", "without_imperative"]

_WORDS = frozenset(("find", "compute", "calculate", "determine"))
_RELATIONS = ("=", ":=", "<-", "~", "in", ":")


def without_imperative(items: tuple[Item, ...], scope: Scope) -> tuple[Item, ...]:
    """The items behind a leading imperative; all of them where there is none."""
    first = items[0]
    word = first.text.strip().lower() if first.kind in ("name", "text", "function") and first.is_bare() else ""
    if len(items) < 2 or word not in _WORDS:
        return items
    name = Name(first.text.strip())
    known = name in scope.declarations or name in scope.definitions
    follows = items[1]
    if known or follows.is_op(*_RELATIONS) or (follows.kind == "fence" and not follows.space):
        return items
    return items[2:] if len(items) > 2 and follows.text.strip() == "the" else items[1:]


def plainly(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """`evaluated at` is `at`."""
    following = [*items[1:], None]
    return tuple(
        i
        for i, after in zip(items, following[: len(items)], strict=True)
        if not (i.text.strip() == "evaluated" and i.is_bare() and after is not None and after.text.strip() == "at")
    )
