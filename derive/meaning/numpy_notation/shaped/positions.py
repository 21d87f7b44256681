"""Subscripts of NumPy on arrays whose shape is known: `x[1:]`, `X[:, j]`, `x[:, None]`, `log_p[np.arange(n), y]`.

In: an array and what stands in the brackets, counted from 0 as in NumPy. Out: the array that is taken, counted from 1 as on paper.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from derive.errors import NotSupported, SyntaxProblem
from derive.expressions.term import Term, integer, number
from derive.meaning.numpy_notation.shaped.extents import ONE, added, linear, polynomial
from derive.meaning.numpy_notation.shaped.values import Positions, Value

if TYPE_CHECKING:
    from derive.meaning.numpy_notation.shaped.evaluation import Evaluation

__all__ = ["arange", "inserted", "taken"]


class _Part(NamedTuple):
    """What one place of the brackets does: how many axes it makes, and the old position that the new ones stand for (None: a new axis)."""

    shape: tuple[Term, ...]
    old: Callable[[Positions], Term] | None
    blank: bool = False  # a whole axis
    gathers: bool = False


def taken(e: Evaluation, term: Term) -> Value:
    """`x[…]`."""
    chosen = integer(term.args[1]) if term.args[0].head == "tuple" and len(term.args) == 2 else None
    if chosen is not None and -len(term.args[0].args) <= chosen < len(term.args[0].args):
        return e.value(term.args[0].args[chosen])
    array = e.value(term.args[0])
    given = _filled(list(term.args[1:]), array, term)
    shape = e.array.resolved(array.shape)
    parts: list[_Part] = []
    axis = 0
    for part in given:
        if part.head == "word":
            parts.append(_Part((ONE,), None))
            continue
        parts.append(_ranged(e, part, shape[axis]) if part.head == "range" else _placed(e, part, shape[axis]))
        axis += 1
    gathered = [k for k, part in enumerate(parts) if part.gathers]
    if len(gathered) > 1:
        return _gathered(e, array, parts, gathered, term)
    new = tuple(size for part in parts for size in part.shape)

    def entry(positions: Positions) -> Term:
        return e.array.at(array, _old(parts, positions))

    return Value(new, entry, _whole(array, parts), array.is_condition)


def _filled(given: list[Term], array: Value, term: Term) -> list[Term]:
    """What stands in the brackets with `...` and the axes that are left out as whole axes."""
    whole = Term("range", (Term("blank"), Term("blank")))
    count = sum(part.head not in ("word", "dots") for part in given)
    missing = len(array.shape) - count
    if missing < 0:
        raise SyntaxProblem(f"{count} positions in an array of {len(array.shape)} axes", span=term.span)
    dots = [k for k, part in enumerate(given) if part.head == "dots"]
    if len(dots) > 1:
        raise SyntaxProblem("more than one `...` in brackets", span=term.span)
    place = dots[0] if dots else len(given)
    return [*given[:place], *([whole] * missing), *given[place + 1 :]]


def _old(parts: list[_Part], positions: Positions) -> Positions:
    """The positions in the old array."""
    made: list[Term] = []
    place = 0
    for part in parts:
        here = positions[place : place + len(part.shape)]
        place += len(part.shape)
        if part.old is not None:
            made.append(part.old(here))
    return tuple(made)


def _gathered(e: Evaluation, array: Value, parts: list[_Part], gathered: list[int], term: Term) -> Value:
    """Several arrays of positions go along together: their axes stand where the first of them does, if they stand side by side."""
    whole = [k for k, part in enumerate(parts) if part.gathers or (part.old is not None and not part.shape)]
    if whole != list(range(whole[0], whole[0] + len(whole))):
        raise NotSupported("arrays of positions with a slice between them", span=term.span)
    together = e.array.broadcast([parts[k].shape for k in gathered], term.span)
    before = tuple(size for part in parts[: whole[0]] for size in part.shape)
    after = tuple(size for part in parts[whole[-1] + 1 :] for size in part.shape)

    def entry(positions: Positions) -> Term:
        middle = positions[len(before) : len(before) + len(together)]
        made = list(_old(parts[: whole[0]], positions[: len(before)]))
        for k in whole:
            part = parts[k]
            assert part.old is not None
            made.append(part.old(middle[len(together) - len(part.shape) :] if part.shape else ()))
        made += _old(parts[whole[-1] + 1 :], positions[len(before) + len(together) :])
        return e.array.at(array, tuple(made))

    return Value((*before, *together, *after), entry, None, array.is_condition)


def _whole(array: Value, parts: list[_Part]) -> Term | None:
    """The formula of the whole where all axes stay whole or are gone."""
    old = [part for part in parts if part.old is not None]
    if array.whole is None or any(part.shape and not part.blank for part in old):
        return None
    if all(part.blank for part in old):
        return array.whole
    places = [
        Term("blank") if part.blank else part.old(())
        for part, size in zip(old, array.shape, strict=True)
        if size != ONE and part.old is not None
    ]
    if not places:
        return array.whole
    while len(places) > 1 and places[-1].head == "blank":
        places.pop()
    return Term("index", (array.whole, *places))


def _end(e: Evaluation, part: Term, size: Term, default: Term) -> Term:
    """An end of a range, counted from the front."""
    if part.head == "blank":
        return default
    value = e.size_value(part)
    if value is None:
        raise NotSupported("a slice whose end is no size", span=part.span)
    poly = polynomial(value) or {}
    count = integer(value)
    if count is None and any(c < 0 for c in poly.values()) and not any(c > 0 for c in poly.values()):
        return added(size, value)
    if count is not None and count < 0:
        return added(size, value)
    known = integer(size)
    if count is not None and known is not None:
        return number(min(count, known))
    return value


def _ranged(e: Evaluation, part: Term, size: Term) -> _Part:
    """`a:b:c` along an axis of this size."""
    step = 1
    if len(part.args) == 3:
        found = e.size_value(part.args[2])
        count = None if found is None else integer(found)
        if count is None or count == 0:
            raise NotSupported("a slice with a step that is no number", span=part.span)
        step = count
    if step == -1 and part.args[0].head == part.args[1].head == "blank":
        return _Part((size,), lambda p: added(Term("add", (size, Term("neg", (p[0],)))), 1))
    if step < 1:
        raise NotSupported("a slice that goes backwards from a given place", span=part.span)
    low, high = _end(e, part.args[0], size, number(0)), _end(e, part.args[1], size, size)
    if low == number(0) and high == size and step == 1:
        return _Part((size,), lambda p: p[0], True)
    length = e.array.extents.find(Term("add", (high, Term("neg", (low,)))))
    if step > 1:
        count = integer(length)
        if count is None:
            raise NotSupported("a slice with a step where the size is no number", span=part.span)
        length = number(-(-count // step))
        return _Part((length,), lambda p: added(Term("mul", (number(step), p[0])), added(low, 1 - step)))
    known = integer(length)
    if known is not None and known < 0:
        length = number(0)
    return _Part((length,), lambda p: added(p[0], low) if length != ONE else added(low, 1))


def _placed(e: Evaluation, part: Term, size: Term) -> _Part:
    """A position, or an array of positions."""
    place = e.value(part)
    if place.is_condition:
        raise NotSupported("a selection by a condition (np.where(condition, x, 0) keeps the shape)", span=part.span)
    e.count_labels(part, size)
    if not place.shape:
        return _Part((), lambda _: _from_one(e, e.array.at(place, ()), size))
    return _Part(tuple(place.shape), lambda p: _from_one(e, e.array.at(place, p), size), False, True)


def _from_one(e: Evaluation, position: Term, size: Term) -> Term:
    """A position of NumPy on paper; a negative one counts from the end."""
    count = integer(position)
    if not e.is_position(position):
        raise NotSupported("a position that is no whole number", span=position.span)
    if count is not None and count < 0:
        return added(size, count + 1)
    if size == ONE and count == 0:
        return ONE
    return added(position, 1)


def arange(e: Evaluation, term: Term) -> Value:
    """`np.arange(n)`, `np.arange(a, b)`: from a on, one by one."""
    given = [a for a in term.args if a.head != "keyword"]
    if not 1 <= len(given) <= 2:
        raise NotSupported("np.arange with a step", span=term.span)
    ends = [e.size_value(a) for a in given]
    if any(end is None for end in ends):
        raise NotSupported("np.arange whose ends are no sizes", span=term.span)
    low, high = (number(0), ends[0]) if len(ends) == 1 else ends
    assert low is not None
    assert high is not None
    length = e.array.extents.find(Term("add", (high, Term("neg", (low,)))))
    return Value((length,), lambda p: linear(Term("add", (p[0], low, Term("neg", (number(1),))))), None)


def inserted(array: Value, places: list[int]) -> Value:
    """The array with axes of length 1 at these places of the result."""
    rank = len(array.shape) + len(places)
    new = {place % rank for place in places}
    kept = [k for k in range(rank) if k not in new]
    shape = [ONE] * rank
    for k, size in zip(kept, array.shape, strict=True):
        shape[k] = size
    return array._replace(
        shape=tuple(shape), entry=lambda p: array.entry(tuple(p[k] for k in kept)), factor_of=None, blocks=(), without=None
    )
