"""Several declarations on one line: `X ~ Normal(0, 1), Y ~ Normal(0, 1), X indep Y`, `X ~ Exponential(a), a > 0`.

In: the items of a line. Out: its stretches, one statement each; a line that says one thing is one stretch.
"""

from __future__ import annotations

from derive.meaning.statements import is_name_item, top_level
from derive.meaning.vocabulary import PROBABILITY
from derive.reading.item import Item

__all__ = ["jointly_independent", "stretches"]

_MARKS = ("~", "indep", "perp", "in", ":=", "<-", "<", ">", "<=", ">=")
_INDEPENDENT = ("independent", "independently")


def _cut(items: tuple[Item, ...]) -> list[tuple[int, int]]:
    """The places of the parts between top-level commas, semicolons and `and`."""
    found, start = [], 0
    for place, item in enumerate(items):
        word = item.kind in ("name", "text", "op") and item.text.strip() == "and"
        if item.is_op(",", ";") or word:
            found.append((start, place))
            start = place + 1
    found.append((start, len(items)))
    return [(a, b) for a, b in found if b > a]


def _states(part: tuple[Item, ...]) -> bool:
    """Whether the part is a statement of its own: a law, independence, membership, a bound, a moment."""
    place = top_level(part, *_MARKS)
    if place is not None and place > 0:
        return True
    equals = top_level(part, "=")
    return equals is not None and equals > 1 and part[0].text in PROBABILITY and part[1].kind == "fence"


def stretches(items: tuple[Item, ...]) -> list[tuple[Item, ...]]:
    """The statements of the line; names before a statement belong to it, a range `i = 1, …, n` to the law before."""
    groups: list[tuple[int, int]] = []
    waiting: int | None = None
    in_range = False
    for start, end in _cut(items):
        part = items[start:end]
        if _states(part):
            groups.append((start if waiting is None else waiting, end))
            waiting, in_range = None, False
        elif groups and waiting is None and (in_range or top_level(part, "=") is not None):
            groups[-1] = (groups[-1][0], end)
            in_range = top_level(part, "=") is not None or all(i.kind == "dots" for i in part)
        elif is_name_item(part) or all(i.kind == "dots" for i in part):
            waiting = start if waiting is None else waiting
        else:
            return [items]
    if len(groups) < 2 or waiting is not None:
        return [items]
    return [items[a:b] for a, b in groups]


def jointly_independent(parts: list[tuple[Item, ...]]) -> tuple[list[tuple[Item, ...]], bool]:
    """`X ~ …, Y ~ … independent`: the word speaks of all laws of the line; without it, and whether it stood there."""
    last = parts[-1]
    laws = [p for p in parts if top_level(p, "~") is not None]
    word = last[-1].kind in ("name", "text") and last[-1].text.strip() in _INDEPENDENT
    if not word or len(laws) < 2 or len(laws) != len(parts):
        return parts, False
    return [*parts[:-1], last[:-1]], True
