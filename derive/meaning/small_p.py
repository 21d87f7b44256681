"""Probabilities of events that are written with a small p: `p(B=r) = 4/10`, `p(A|B) = 0.5`, and then `p(B=r|F=a)`.

In: the items of a line and the scope. Out: the items with P for every p that can only be the probability of an event, and a note.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.derivation import Prose
from derive.expressions.term import Name
from derive.meaning.context import base_name, walk_items
from derive.meaning.scope import Scope
from derive.meaning.statements import split_commas, top_level
from derive.reading.item import Item

__all__ = ["with_events"]

_SMALL = Name("p")
_NOTE: Prose = ("p(…) of events is their probability, P(…)",)
_BETWEEN = ("and", "or", "cap", "cup")
_BEFORE = ("not", "neg")
_DISCRETE = ("Bernoulli", "Binomial", "Categorical", "DiscreteUniform", "Geometric", "NegativeBinomial", "Poisson")
Items = tuple[Item, ...]


def with_events(items: Items, scope: Scope) -> tuple[Items, list[Prose]]:
    """P for p where the line, or an earlier one, states a probability: p is a density or a function of its own everywhere else."""
    if _SMALL in scope.definitions or _SMALL in scope.declarations or not any(_is_small(i) for i in walk_items(items)):
        return items, []
    facts = any(_states(part, scope) for part in split_commas(_behind_given(items))) or _is_known(scope)
    changed = _changed(items, scope, facts)
    return (items, []) if changed == items else (changed, [_NOTE])


def _is_small(item: Item) -> bool:
    return item.kind == "name" and item.text == "p" and item.is_bare()


def _is_known(scope: Scope) -> bool:
    """Whether an earlier line stated a probability of an event."""
    return any(f.head == "rel" and f.args[0].head == "probability" and f.args[0].data == "P" for f in scope.facts)


def _behind_given(items: Items) -> Items:
    """What stands behind `given`, if anything does: the facts of a question."""
    place = next((k for k, i in enumerate(items) if i.kind in ("name", "text") and i.text.strip() == "given"), None)
    return items if place is None else items[place + 1 :]


def _states(part: Items, scope: Scope) -> bool:
    """`p(A|B) = c`, where c does not depend on what stands in the brackets: no function and no density is defined so."""
    if top_level(part, "=") != 2 or len(part) < 4 or not _is_of_events(part[0], part[1], scope):
        return False
    inside = {name for i in walk_items(part[1].children) if (name := base_name(i)) is not None}
    return not any(base_name(i) in inside for i in walk_items(part[3:]))


def _is_of_events(item: Item, fence: Item, scope: Scope) -> bool:
    if not _is_small(item) or fence.kind != "fence" or fence.text != "()" or not fence.children:
        return False
    sides = list(_sides(fence.children))
    return len(sides) <= 2 and all(_is_event(part, scope) for side in sides for part in _parts(side))


def _sides(items: Items) -> Iterator[Items]:
    """What stands before and behind the bar."""
    start = 0
    for place, item in enumerate(items):
        if item.kind == "bar":
            yield items[start:place]
            start = place + 1
    yield items[start:]


def _parts(items: Items) -> Iterator[Items]:
    for part in split_commas(items):
        start = 0
        for place, item in enumerate(part):
            if item.text.strip() in _BETWEEN and item.kind in ("op", "name", "text"):
                yield part[start:place]
                start = place + 1
        yield part[start:]


def _is_event(part: Items, scope: Scope) -> bool:
    """`X = 1`, `A`, `not A`: a value of something, or a capital name that nothing declares."""
    while part and part[0].text.strip() in _BEFORE:
        part = part[1:]
    name = base_name(part[0]) if part else None
    if name is None:
        return False
    if len(part) > 2 and part[1].is_op("="):
        return True
    declared = scope.declarations.get(name)
    return len(part) == 1 and name.base[:1].isupper() and (declared is None or declared.type.domain != "random")


def _is_of_counts(item: Item, fence: Item, counted: frozenset[Name]) -> bool:
    """`p(X = 3)` and `p(Z = 1 | …)` of variables with a discrete law."""
    if not counted or not _is_small(item) or fence.kind != "fence" or fence.text != "()" or not fence.children:
        return False
    first, *rest = _sides(fence.children)
    return len(rest) <= 1 and all(len(part) > 2 and part[1].is_op("=") and base_name(part[0]) in counted for part in _parts(first))


def _counted(scope: Scope) -> frozenset[Name]:
    """The variables with a discrete law of their own, given nothing."""
    laws = [f for f in scope.facts if f.head == "rel" and f.data == "~" and f.args[0].head == "name" and f.args[1].head == "dist"]
    return frozenset(f.args[0].data for f in laws if f.args[1].data in _DISCRETE)


def _changed(items: Items, scope: Scope, facts: bool) -> Items:
    result, counted = list(items), _counted(scope)
    for item, fence, place in zip(items, items[1:], range(len(items)), strict=False):
        if (facts and _is_of_events(item, fence, scope)) or _is_of_counts(item, fence, counted):
            result[place] = Item("name", "P", (), item.start, item.end, space=item.space, glued=item.glued)
    return tuple(result)
