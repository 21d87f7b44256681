"""What the subscripts of an expression say before it is built: shapes of arrays, where an index starts, which indices are free.

In: a term and the types of its names. Out: `Subscripts`: for every array its shape, for every dimension whether paper counts from 0 or 1,
and the names that are free indices. A dimension counts from 0 where some index of it takes the value 0 on paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from derive.errors import NotSupported, Undetermined
from derive.expressions.entry_ranges import interval_of
from derive.expressions.term import Name, Term
from derive.graph.node import Axis
from derive.graph.sizes import ONE, ZERO, Size, constant_size, named_size, size_of

if TYPE_CHECKING:
    from derive.meaning.scope import Type

__all__ = ["Subscripts", "left_indices", "running_names"]

Range = tuple[Size, Size]
_LETTERS = "nmkdpqrsl"
_COUNTS = frozenset("mndp")  # small letters that are sizes where an index is compared with them
ON_ARRAYS = frozenset(("softmax", "log_softmax", "logsumexp", "sum", "mean", "prod", "sort", "cumsum"))


def running_names(term: Term) -> tuple[Term, ...]:
    """The index names that a sum or product binds: `i`, or the names of a tuple."""
    if len(term.args) < 2:
        return ()
    index = term.args[1]
    if index.head in {"tuple", "list"}:
        return index.args
    return (index,) if index.head == "name" else ()


def left_indices(term: Term) -> list[Name]:
    """The indices on the left of a definition of a whole array: `D_{ij} = …`, whose left side may be an element or a name with a label."""
    if term.head != "rel" or term.data not in {"=", ":="}:
        return []
    left, right = term.args
    if left.head == "index":
        names = [a.data for a in left.args[1:] if a.head == "name"]
        return names if len(names) == len(left.args) - 1 else []
    if left.head != "name" or not left.data.sub.isalpha():
        return []
    names = [Name(letter) for letter in left.data.sub]
    running = {a.data for node in right.walk() if node.head == "index" for a in node.args[1:] if a.head == "name"}
    return names if running.issuperset(names) else []


def _end(size: Size, ranges: dict[Name, Range | None], side: int) -> Size:
    """The least (0) or greatest (1) that the size is over the ranges of its indices."""
    for text in sorted(size.names):
        bounds = ranges.get(Name.from_key(text))
        if bounds is not None:
            rising = dict(size.terms).get((text,), 0) > 0
            size = size.substitute(text, bounds[side if rising else 1 - side])
    return size


class Subscripts:
    """What the subscripts say; see the module."""

    def __init__(self, terms: list[Term], types: Mapping[Name, Type]) -> None:
        self.types = types
        self.shapes: dict[Name, tuple[Size, ...]] = {}
        self.bases: dict[tuple[Name, int], int] = {}
        self.free: dict[Name, int] = {}  # a free index and the number that paper counts it from
        self.sizes: set[str] = set()
        self._compared_names: list[frozenset[str]] = []
        self._entries: set[str] = set()  # indices of entries: conditions guard their shifts, which do not say where an array begins
        self._running: set[str] = set()  # names that a sum or product binds
        self._ends: set[str] = set()  # names in the ends of ranges
        self._free_uses: dict[Name, list[tuple[Name, int]]] = {}
        self._ranks: dict[Name, int] = {}
        self._seen: dict[tuple[Name, int], list[Range]] = {}
        self._bare: dict[Name, list[tuple[Name, int, Size, Size]]] = {}  # array, dimension, least and greatest of what is added
        self._reached: dict[Name, list[tuple[Name, int, Size]]] = {}  # ends of ranges: array, dimension, what is added
        self._offsets: set[Name] = set()  # names that move a running index
        self._limits: set[Name] = set()  # names that bound an index in a condition
        self._beside: dict[Name, list[Name]] = {}  # what an index is compared with
        self._own: dict[tuple[Name, int], Size] = {}
        self._terms = terms
        for name, type in types.items():
            self._declare(name, type)
        for term in terms:
            self._scan(term, {})
        self._settle()

    def _declare(self, name: Name, type: Type) -> None:
        shape = []
        for term in type.shape:
            size = size_of(term)
            if size is None:
                raise NotSupported(f"{name.key} has a size that is no polynomial in names")
            shape.append(size)
            self.sizes |= size.names
        if shape:
            self.shapes[name] = tuple(shape)
        if type.domain == "size":
            self.sizes.add(name.key)

    # ------------------------------------------------------------------------------------------ the scan
    def _scan(self, term: Term, ranges: dict[Name, Range | None]) -> None:
        if term.head in {"sum", "prod"}:
            inner = dict(ranges)
            for index in running_names(term):
                self._running.add(index.data.key)
                inner[index.data] = self._range(term)
            for argument in term.args[2:]:
                self._scan(argument, inner if term.data == "cond" else ranges)
            self._scan(term.args[0], inner)
            return
        if term.head == "task" and term.data == "entries":
            here = dict(ranges)
            for index, lower, upper in zip(term.args[1::3], term.args[2::3], term.args[3::3], strict=True):
                self._running.add(index.data.key)
                self._entries.add(index.data.key)
                here[index.data] = self._range(Term("sum", (term.args[0], index, lower, upper), "range"))
            self._scan(term.args[0], here)
            return
        if term.head == "task" and term.data == "array":
            self._running |= {index.data.key for index in term.args[1:]}
            self._scan(term.args[0], {**ranges, **dict.fromkeys(index.data for index in term.args[1:])})
            return
        if term.head == "rel" and not ranges and left_indices(term):
            self._scan(term.args[1], dict.fromkeys(left_indices(term)))
            return
        if term.head == "optimum" and self.is_reduction(term):
            bounds = interval_of(term)
            span = self._range(Term("sum", (term.args[0], term.args[1].args[0], *bounds), "range")) if bounds else None
            inner = {**ranges, **dict.fromkeys((n.data for n in term.args[1].args), span)}
            for argument in () if bounds else term.args[2:]:
                self._scan(argument, inner)
            self._scan(term.args[0], inner)
            return
        if term.head in {"rel", "chain"}:
            self._compared(term, ranges)
        if term.head == "index" and term.args[0].head == "name":
            self._subscripts(term, ranges)
        elif term.head == "index":
            for subscript in term.args[1:]:
                if subscript.head == "name" and subscript.data not in ranges and subscript.data.key not in self.sizes:
                    self._free_uses.setdefault(subscript.data, [])
        if term.head == "apply" and term.data in ON_ARRAYS and len(term.args) == 1 and term.args[0].head == "name":
            self._ranks.setdefault(term.args[0].data, 1)
        if term.head == "delta":
            for argument in term.args:
                if argument.head == "name" and argument.data not in ranges:
                    self._free_uses.setdefault(argument.data, [])
        for argument in term.args:
            self._scan(argument, ranges)

    @staticmethod
    def is_reduction(term: Term) -> bool:
        """Whether a maximum or minimum is taken over indices, so over entries: `max_i x_i`, `argmax_i x_i`, `max_{i ≠ j} x_i`."""
        if term.data not in {"max", "min", "argmax", "argmin"} or len(term.args) not in (2, 3) or term.args[1].head != "tuple":
            return False
        if len(term.args) == 3 and (len(term.args[1].args) != 1 or not (interval_of(term) or term.args[2].head in ("rel", "chain"))):
            return False
        if term.data.startswith("arg") and len(term.args[1].args) != 1:
            return False
        subscripts = {a.data for node in term.args[0].walk() if node.head == "index" for a in node.args[1:] if a.head == "name"}
        return all(n.head == "name" and n.data in subscripts for n in term.args[1].args)

    def _compared(self, term: Term, ranges: dict[Name, Range | None]) -> None:
        """A name that is compared with a running index is a free index; what else is compared with an index is a size."""
        compared = [size for a in term.args if (size := size_of(a)) is not None]
        if len(compared) == len(term.args):
            self._compared_names.append(frozenset().union(*(size.names for size in compared)))
        names = [a.data for a in term.args if a.head == "name"]
        if len(names) == 2 and all(n in ranges for n in names):
            for name, other in (names, names[::-1]):
                self._beside.setdefault(name, []).append(other)
        if len(names) == 2 and any(n in ranges for n in names):
            for name in names:
                if name not in ranges and name.key not in self.sizes:
                    self._free_uses.setdefault(name, [])
                    if term.head == "rel" and term.data not in {"=", "!="} and (name.base[:1].isupper() or name.base in _COUNTS):
                        self._limits.add(name)

    def _range(self, term: Term) -> Range | None:
        if term.data != "range":
            return None
        lower, upper = size_of(term.args[2]), size_of(term.args[3])
        for end in (lower, upper):
            self._ends |= end.names if end is not None else frozenset()
        if any(end.head == "constant" or (end.head == "neg" and end.args[0].head == "constant") for end in term.args[2:4]):
            raise NotSupported("code for a sum or product over an infinite range", span=term.span)
        if lower is None or upper is None:
            raise NotSupported("code for a range whose ends are no sums of sizes", span=term.span)
        return lower, upper

    def _subscripts(self, term: Term, ranges: dict[Name, Range | None]) -> None:
        array: Name = term.args[0].data
        self._ranks[array] = max(self._ranks.get(array, 0), len(term.args) - 1)
        for place, subscript in enumerate(term.args[1:]):
            size = size_of(subscript)
            if size is None:
                continue
            if size.constant == 0:
                self.bases[array, place] = 0
            for text in size.names:
                name = Name.from_key(text)
                if name in ranges:
                    bounds = ranges[name]
                    if text in self._entries and size.symbol != text:
                        continue
                    if bounds is None and dict(size.terms).get((text,)) != 1:
                        continue  # a stride: how far the index goes is not said by the array
                    if bounds is None:
                        rest = size - named_size(text)
                        self._bare.setdefault(name, []).append((array, place, _end(rest, ranges, 0), _end(rest, ranges, 1)))
                    self._reach(array, place, size, text, ranges)
                    if bounds is not None and len(size.names & {n.key for n in ranges}) == 1 and dict(size.terms).get((text,)) == 1:
                        self._seen.setdefault((array, place), []).append(
                            (size.substitute(text, bounds[0]), size.substitute(text, bounds[1]))
                        )
                elif text not in self.sizes:
                    if self._is_offset(text, size, ranges):
                        self._offsets.add(name)
                    else:
                        self._free_uses.setdefault(name, []).append((array, place))

    @staticmethod
    def _is_offset(text: str, size: Size, ranges: dict[Name, Range | None]) -> bool:
        """Whether a free name only moves an index that runs from 1 or later: the lag k of x_{t+k}, which keeps its value."""
        if dict(size.terms).get((text,)) not in (1, -1):
            return False
        bounds = [ranges[Name.from_key(other)] for other in size.names if Name.from_key(other) in ranges]
        return any(b is not None and b[0].constant != 0 for b in bounds)

    def _reach(self, array: Name, place: int, size: Size, text: str, ranges: dict[Name, Range | None]) -> None:
        """x_j under Σ_{j=1}^i: the array says how far i goes."""
        bounds = ranges[Name.from_key(text)]
        if bounds is None or size.symbol != text:
            return
        for end in bounds[1].names:
            rest = bounds[1] - named_size(end)
            if Name.from_key(end) in ranges and ranges[Name.from_key(end)] is None and rest.constant is not None:
                self._reached.setdefault(Name.from_key(end), []).append((array, place, rest))

    # ------------------------------------------------------------------------------------------ what follows
    def _settle(self) -> None:
        for place, ranges in self._seen.items():
            if any(low.constant == 0 for low, _ in ranges):
                self.bases[place] = 0
        ranged = {name for name, type in self.types.items() if type.shape or type.lower is not None}
        self.sizes |= {name.key for name in self._offsets - self._free_uses.keys() - ranged}
        for name in self._limits:  # k < K: a number that paper and code count alike, if it is no subscript
            if not self._free_uses[name] and (name not in self.types or self.types[name].domain != "index"):
                del self._free_uses[name]
                self.sizes.add(name.key)
        for name, uses in self._free_uses.items():
            if self._from_zero(name):
                self.bases.update(dict.fromkeys((use for use in uses if use not in self._seen), 0))
        for array, rank in self._ranks.items():
            known = self.shapes.get(array, ())
            if len(known) < rank:
                self.shapes[array] = tuple(known) + tuple(self._inferred(array, place) for place in range(len(known), rank))
                self.sizes.update(name for size in self.shapes[array] for name in size.names)
        self._share_sizes()
        for name, uses in self._free_uses.items():
            if name.key in self.sizes or (name in self.types and self.types[name].shape):
                continue
            self.free[name] = 0 if uses and all(self.bases.get(use, 1) == 0 for use in uses) else 1
        for name, type in self.types.items():
            if type.domain == "index" and not type.shape and name.key not in self.sizes:
                counted_from = 0 if self._from_zero(name) else 1
                self.free[name] = min(self.free.get(name, counted_from), counted_from)
        indices = {name.key for name in self.free}
        for names in self._compared_names:
            if names & indices:
                self._ends |= {key for key in names if Name.from_key(key) not in self.shapes}
        self.sizes |= self._ends - self._running - indices

    @cached_property
    def _spoken(self) -> set[str]:
        """The names that the formula speaks of."""
        return {n.data.key for term in self._terms for n in term.walk() if n.head == "name"}

    def _share_sizes(self) -> None:
        """Dimensions that one index runs through from end to end have one size, under the name that the formula speaks of."""
        if not (self._seen or self._bare):
            return
        spoken = self._spoken | {n.data.key for term in self._ends_of_types() for n in term.walk() if n.head == "name"}
        for uses in self._bare.values():
            places = list(dict.fromkeys((array, place) for array, place, _, _ in uses))
            shifted = any(least != ZERO or greatest != ZERO for _, _, least, greatest in uses)
            if shifted or len(places) < 2 or len({self.base(*place) for place in places}) > 1:
                continue
            sizes = [self.shapes[array][place] for array, place in places]
            common = next((size for size in sizes if size.symbol is None or size.symbol in spoken), sizes[0])
            for size in dict.fromkeys(sizes):
                if size != common and size.symbol is not None and size.symbol not in spoken:
                    self.shapes = {k: tuple(s.substitute(size.symbol, common) for s in shape) for k, shape in self.shapes.items()}

    def _ends_of_types(self) -> Iterator[Term]:
        """What the types of names say in numbers: 1..K."""
        for type in self.types.values():
            yield from type.values
            yield from (bound.value for bound in (type.lower, type.upper) if bound is not None)

    def _from_zero(self, name: Name) -> bool:
        """Whether an index is known to count from 0."""
        type = self.types.get(name)
        return type is not None and type.domain == "index" and type.lower is not None and size_of(type.lower.value) == ZERO

    def _inferred(self, array: Name, place: int) -> Size:
        base = constant_size(self.bases.get((array, place), 1))
        for low, high in self._seen.get((array, place), []):
            if low == base:
                return high - base + ONE
        return self._own_size(array, place)

    def _own_size(self, array: Name, place: int) -> Size:
        """A size that nothing says: a letter that means nothing else here."""
        known = self._own.get((array, place))
        if known is None:
            taken = self.sizes | self._spoken | {size.symbol or "" for size in self._own.values()}
            letter = next((letter for letter in _LETTERS if letter not in taken), f"{array.key}.shape[{place}]")
            known = self._own[array, place] = named_size(letter)
        return known

    def base(self, array: Name | None, place: int) -> int:
        """The number that paper counts this dimension from."""
        return 1 if array is None else self.bases.get((array, place), 1)

    def running(self, array: Name, place: int, index: Name, term: Term) -> Axis:
        """The range of an index on the left of the definition of an array: all of its dimension where its uses say it."""
        shape = self.shapes.get(array, ())
        if place < len(shape) and self.base(array, place) == 1 and shape[place] != self._own.get((array, place)):
            return Axis(index.key, ONE, shape[place])
        return self.whole(index, term)

    def whole(self, index: Name, term: Term) -> Axis:
        """The range of an index that is written without one: all of the dimension that it subscripts."""
        if index not in self._bare:
            if index in self._reached:
                array, place, rest = self._reached[index][0]
                base = constant_size(self.base(array, place))
                ahead = rest if (rest.constant or 0) > 0 else ZERO
                return Axis(index.key, base, base + self.shapes[array][place] - ONE - ahead)
            for other in self._beside.get(index, []):
                if other in self._bare:
                    axis = self.whole(other, term)
                    return Axis(index.key, axis.lower, axis.upper)
            type = self.types.get(index)
            if type is not None and type.lower is not None and type.upper is not None:
                low, high = size_of(type.lower.value), size_of(type.upper.value)
                if low is not None and high is not None:
                    return Axis(index.key, low, high)
            raise Undetermined(f"the range of {index.key} is needed", span=term.span)
        ranges = []
        for array, place, least, greatest in self._bare[index]:
            base = constant_size(self.base(array, place))
            ranges.append((base - least, base + self.shapes[array][place] - ONE - greatest))
        low, high = ranges[0]
        for other_low, other_high in ranges[1:]:
            low = other_low if ((other_low - low).constant or 0) > 0 else low
            high = other_high if ((other_high - high).constant or 0) < 0 else high
        return Axis(index.key, low, high)
