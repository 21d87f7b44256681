"""Arrays of NumPy as what is written on paper: each knows its entry at given positions, and the formula of the whole where there is one.

In: values and an operation that acts entry by entry. Out: the value with its axes as broadcasting makes them. An axis of length 1 is
repeated wherever it stands, and has no place in the formula of the whole: a column (n, 1) is the vector. Positions count from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from derive.errors import InconsistentInput, TooLarge
from derive.expressions.term import Name, Span, Term, number
from derive.meaning.numpy_notation.shaped.extents import ONE, Extents, linear
from derive.meaning.sizes import size_text

__all__ = ["Array", "Build", "Positions", "Value", "scalar"]

MOST_ENTRIES = 50_000  # entries that are written out for one function
MOST_AXES = 8

Positions = tuple[Term, ...]
Build = Callable[[list[Term], list[int]], Term]
"""Makes the term of an operation from terms of its arguments and their ranks on paper."""


class Value(NamedTuple):
    """An array: its shape, its entry at positions (one an axis), the formula of the whole or None. A scalar is its only entry.

    `is_condition`: the entries are true or false. `factor_of`: the value is the lower Cholesky factor of this matrix. `blocks`: the value
    is these, one below the other. `without`: the value is this vector without the entry at a position.
    """

    shape: tuple[Term, ...]
    entry: Callable[[Positions], Term]
    whole: Term | None
    is_condition: bool = False
    factor_of: Value | None = None
    blocks: tuple[Value, ...] = ()
    without: tuple[Value, Term] | None = None

    @property
    def axes(self) -> tuple[int, ...]:
        """The places of the axes that are not of length 1."""
        return tuple(k for k, size in enumerate(self.shape) if size != ONE)


def scalar(term: Term, is_condition: bool = False) -> Value:
    """A value without axes."""
    return Value((), lambda _: term, term, is_condition)


class Array:
    """The arithmetic of values: broadcasting, running indices that do not meet, wholes from entries."""

    def __init__(self) -> None:
        self.extents = Extents()
        self.taken: set[str] = set()  # letters that are names
        self.active: list[Name] = []
        self.written = 0

    # ---------------------------------------------------------------------------------------------- sizes
    def resolved(self, shape: Sequence[Term]) -> tuple[Term, ...]:
        """The shape with what is known of its sizes put in."""
        return tuple(self.extents.find(size) for size in shape)

    def said(self, shape: Sequence[Term]) -> str:
        """A shape in words: `(n, d)`."""
        sizes = [size_text(size) if size.head != "word" else "?" for size in self.resolved(shape)]
        return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"

    def agree(self, left: Term, right: Term, shapes: Sequence[Sequence[Term]], span: Span | None) -> None:
        """The two sizes are one, or the shapes do not go together."""
        if not self.extents.unify(left, right):
            shown = " and ".join(self.said(shape) for shape in shapes)
            raise InconsistentInput(f"arrays of the shapes {shown} do not go together here", span=span)

    def broadcast(self, shapes: Sequence[tuple[Term, ...]], span: Span | None) -> tuple[Term, ...]:
        """The shape that arrays of these shapes have together."""
        rank = max(map(len, shapes), default=0)
        if rank > MOST_AXES:
            raise TooLarge(f"an array of more than {MOST_AXES} axes", span=span)
        made: list[Term] = []
        for place in range(rank):
            size = ONE
            for shape in shapes:
                here = shape[place - rank + len(shape)] if place >= rank - len(shape) else ONE
                here = self.extents.find(here)
                if here == ONE:
                    continue
                if size == ONE:
                    size = here
                else:
                    self.agree(size, here, shapes, span)
            made.append(self.extents.find(size))
        return tuple(made)

    # ---------------------------------------------------------------------------------------------- running indices
    @contextmanager
    def running(self, count: int) -> Iterator[tuple[Term, ...]]:
        """Names of running indices that nothing around them has."""
        letters = (c for c in ("i", "j", "k", "l", "p", "q", "r", "s", "u", "v", *(f"i_{n}" for n in range(1, 100))))
        used = {n.key for n in self.active} | self.taken
        names: list[Name] = []
        for letter in letters:
            if len(names) == count:
                break
            if letter not in used:
                names.append(Name.from_key(letter))
        self.active += names
        try:
            yield tuple(Term("name", (), name) for name in names)
        finally:
            del self.active[len(self.active) - len(names) :]

    def at(self, value: Value, positions: Positions) -> Term:
        """The entry at these positions, counted; writing out is bounded."""
        if not value.shape and value.whole is not None:
            return value.whole
        self.written += 1
        if self.written > MOST_ENTRIES:
            raise TooLarge("the function is too large to be written out entry by entry")
        return value.entry(positions)

    def summed(self, head: str, body: Callable[[Positions], Term], sizes: Sequence[Term]) -> Term:
        """Σ or ∏ over running indices from 1."""
        with self.running(len(sizes)) as indices:
            term = body(indices)
        for index, size in zip(reversed(indices), reversed(sizes), strict=True):
            term = Term(head, (term, index, ONE, self.extents.find(size)), "range")
        return term

    def whole(self, value: Value) -> Term:
        """The formula of the whole; where there is none, the array of its entries."""
        if value.whole is not None:
            return value.whole
        axes = value.axes
        if not axes:
            return self.at(value, (ONE,) * len(value.shape))
        with self.running(len(axes)) as indices:
            places = dict(zip(axes, indices, strict=True))
            body = self.at(value, tuple(places.get(k, ONE) for k in range(len(value.shape))))
        ranges = [part for k in axes for part in (places[k], ONE, self.extents.find(value.shape[k]))]
        return Term("task", (body, *ranges), "entries")

    def of_whole(self, shape: Sequence[Term], whole: Term) -> Value:
        """The value whose whole is this term."""
        sizes = tuple(shape)
        axes = tuple(k for k, size in enumerate(sizes) if size != ONE)
        if not axes:
            return Value(sizes, lambda _: whole, whole)
        return Value(sizes, lambda positions: Term("index", (whole, *(positions[k] for k in axes))), whole)

    # ---------------------------------------------------------------------------------------------- entry by entry
    def entrywise(self, build: Build, values: Sequence[Value], span: Span | None, *, is_condition: bool = False) -> Value:
        """The operation on the entries of the values, broadcast."""
        shape = self.broadcast([v.shape for v in values], span)
        rank = len(shape)

        def entry(positions: Positions) -> Term:
            return self._counted(build([self.at(v, positions[rank - len(v.shape) :]) for v in values], [0] * len(values)).at(span))

        return Value(shape, entry, self._whole_of(build, values, shape, span), is_condition)

    def _counted(self, term: Term) -> Term:
        """A sum with a running index in one form: i − 1 + 1 is i."""
        if term.head != "add" or not any(a.head == "add" or a.head == "name" for a in term.args):
            return term
        flat = Term("add", tuple(p for a in term.args for p in (a.args if a.head == "add" else (a,))), None, term.span)
        return linear(flat) if any(p.head == "name" and p.data in self.active for p in flat.args) else term

    def _whole_of(self, build: Build, values: Sequence[Value], shape: tuple[Term, ...], span: Span | None) -> Term | None:
        """The formula of the whole where paper has one: arrays of one shape, or rows and columns beside a matrix."""
        wanted = tuple(k for k, size in enumerate(shape) if size != ONE)
        own = [tuple(k + len(shape) - len(v.shape) for k in v.axes) for v in values]
        wholes = [v.whole for v in values]
        if any(w is None for w in wholes):
            return None
        terms = [w for w in wholes if w is not None]
        if all(axes in ((), wanted) for axes in own):
            return build(terms, [len(axes) for axes in own]).at(span)
        if len(wanted) != 2 or wanted not in own:
            return None
        lifted = [self._repeated(t, axes, wanted, shape) if len(axes) == 1 else t for t, axes in zip(terms, own, strict=True)]
        return build(lifted, [2 if axes else 0 for axes in own]).at(span)

    def _repeated(self, vector: Term, axes: tuple[int, ...], wanted: tuple[int, ...], shape: tuple[Term, ...]) -> Term:
        """A column or a row repeated: r 1ᵀ, 1 rᵀ."""
        if vector.head == "neg":
            return Term("neg", (self._repeated(vector.args[0], axes, wanted, shape),))
        other = wanted[1] if axes[0] == wanted[0] else wanted[0]
        ones = Term("ones", (shape[other],))
        left, right = (vector, ones) if other == wanted[1] else (ones, vector)
        return Term("mul", (left, Term("transpose", (right,))))

    def number_of(self, value: Value) -> Value:
        """A condition as 0 and 1."""
        if not value.is_condition:
            return value
        whole = None if value.whole is None else Term("indicator", (value.whole,))
        return Value(value.shape, lambda positions: Term("indicator", (value.entry(positions),)), whole)

    def zeros(self, shape: Sequence[Term]) -> Value:
        """An array of zeros."""
        return Value(tuple(shape), lambda _: number(0), None if any(s != ONE for s in shape) else number(0))
