"""Sizes of axes: polynomials with integer coefficients over the names of sizes, so that n − 1 + 1 is n.

In: terms (`n`, `3`, `N - K + 1`). Out: values that compare equal when they are the same size.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from derive.expressions.term import Term

__all__ = ["ONE", "ZERO", "Size", "constant_size", "named_size", "size_of"]

Monomial = tuple[str, ...]
LARGEST_EXPONENT = 64
REMEMBERED = 4096  # sizes of one name are shared, and so are integers


class Size:
    """A polynomial: `terms` maps sorted monomials (names with repetition) to integer coefficients."""

    __slots__ = ("_hash", "_names", "symbol", "terms")

    def __init__(self, terms: Mapping[Monomial, int]) -> None:
        found = [term for term in terms.items() if term[1]]
        if len(found) > 1:
            found.sort()
        self.terms: tuple[tuple[Monomial, int], ...] = tuple(found)
        self._hash = hash(self.terms)
        self._names: frozenset[str] | None = None
        only = found[0] if len(found) == 1 else ((), 0)
        self.symbol: str | None = only[0][0] if len(only[0]) == 1 and only[1] == 1 else None  # the name that this is, if it is nothing else

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Size) and self.terms == other.terms)

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"Size({self.text()})"

    def __add__(self, other: Size) -> Size:
        terms = dict(self.terms)
        for monomial, coefficient in other.terms:
            terms[monomial] = terms.get(monomial, 0) + coefficient
        return Size(terms)

    def __neg__(self) -> Size:
        return Size({m: -c for m, c in self.terms})

    def __sub__(self, other: Size) -> Size:
        terms = dict(self.terms)
        for monomial, coefficient in other.terms:
            terms[monomial] = terms.get(monomial, 0) - coefficient
        return Size(terms)

    def __mul__(self, other: Size) -> Size:
        terms: dict[Monomial, int] = {}
        for left, a in self.terms:
            for right, b in other.terms:
                monomial = tuple(sorted(left + right))
                terms[monomial] = terms.get(monomial, 0) + a * b
        return Size(terms)

    @property
    def constant(self) -> int | None:
        """The integer that this is, if it holds no name."""
        if not self.terms:
            return 0
        if len(self.terms) == 1 and self.terms[0][0] == ():
            return self.terms[0][1]
        return None

    @property
    def names(self) -> frozenset[str]:
        """The names that occur."""
        if self._names is None:
            self._names = frozenset([name for monomial, _ in self.terms for name in monomial])
        return self._names

    def value(self, sizes: Mapping[str, int]) -> int:
        """The integer for given sizes; a missing name is a KeyError."""
        if self.symbol is not None:
            return sizes[self.symbol]
        total = 0
        for monomial, coefficient in self.terms:
            product = coefficient
            for name in monomial:
                product *= sizes[name]
            total += product
        return total

    def substitute(self, name: str, replacement: Size) -> Size:
        """The size with one name replaced."""
        total = ZERO
        for monomial, coefficient in self.terms:
            factor = constant_size(coefficient)
            for part in monomial:
                factor = factor * (replacement if part == name else named_size(part))
            total = total + factor
        return total

    def text(self) -> str:
        """The size in plain text: `n`, `3`, `N - K + 1`."""
        parts: list[str] = []
        for monomial, coefficient in sorted(self.terms, key=lambda t: (t[0] == (), t[1] < 0, t[0])):
            body = "*".join(monomial)
            magnitude = abs(coefficient)
            shown = str(magnitude) if not body else body if magnitude == 1 else f"{magnitude}*{body}"
            sign = "-" if coefficient < 0 else "+"
            parts.append((f"{sign} " if parts else "-" if sign == "-" else "") + shown)
        return " ".join(parts) or "0"


@lru_cache(REMEMBERED)
def constant_size(value: int) -> Size:
    """A size that is an integer."""
    return Size({(): value})


@lru_cache(REMEMBERED)
def named_size(name: str) -> Size:
    """A size that is a name (its key)."""
    return Size({(name,): 1})


ZERO = constant_size(0)
ONE = constant_size(1)


def size_of(term: Term) -> Size | None:
    """The size that a term is, or None where it is no integer polynomial in names."""
    head, args = term.head, term.args
    if head == "number":
        value = term.value
        return constant_size(int(value)) if value.denominator == 1 else None
    if head == "name":
        return named_size(term.data.key)
    if head == "neg":
        inner = size_of(args[0])
        return None if inner is None else -inner
    if head == "pow":
        base, exponent = size_of(args[0]), size_of(args[1])
        if base is None or exponent is None or base.constant is None or exponent.constant is None:
            return None
        return constant_size(base.constant**exponent.constant) if 0 <= exponent.constant <= LARGEST_EXPONENT else None
    if head in {"add", "mul"}:
        total: Size | None = None
        for argument in args:
            part = size_of(argument)
            if part is None:
                return None
            total = part if total is None else total + part if head == "add" else total * part
        return total
    return None
