"""Where an event puts one variable: intervals and points with symbolic ends.

In: a statement about X (X > c, a < X ≤ b, |X − m| ≤ r, X ∈ {1, 2}, and combinations) as a term. Out: a Region. What the order of two ends
depends on is assumed and said, or refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import sympy as sp

from derive.derivation import Prose
from derive.errors import NotSupported, Undetermined
from derive.expressions.inline import inline
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy

__all__ = ["Piece", "Regions", "whole"]

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
MOST_PIECES = 12


class Piece(NamedTuple):
    """From `low` to `high`; whether the ends belong to it. A point has equal ends."""

    low: Any
    high: Any
    with_low: bool
    with_high: bool

    @property
    def is_point(self) -> bool:
        """Whether it is one value."""
        return bool(self.low == self.high)


Region = tuple[Piece, ...]


def whole() -> Region:
    """All of the line."""
    return (Piece(-sp.oo, sp.oo, False, False),)


class Regions:
    """Turns statements about one variable into regions; gathers what it had to assume about the order of ends."""

    def __init__(self, symbol: Any, types: Mapping[Any, Any], *, whole_numbers: bool) -> None:
        self.symbol = symbol
        self.types = types
        self.whole_numbers = whole_numbers
        self.assumed: dict[Prose, None] = {}

    def of(self, term: Term) -> Region:
        """The region of a statement. Raises NotSupported for what is no region of the variable."""
        if term.head in ("and", "list", "tuple"):
            found = whole()
            for part in term.args:
                found = self.meet(found, self.of(part))
            return found
        if term.head == "or":
            return self._joined([self.of(a) for a in term.args])
        if term.head == "not":
            return self.opposite(self.of(term.args[0]))
        if term.head == "rel":
            return self._relation(str(term.data), term.args[0], term.args[1])
        if term.head == "chain":
            found = whole()
            for sign, left, right in zip(term.data, term.args, term.args[1:], strict=False):
                found = self.meet(found, self._relation(str(sign), left, right))
            return found
        raise NotSupported(f"{inline(term)} is no statement about one variable")

    # ── relations ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _relation(self, sign: str, left: Term, right: Term) -> Region:
        if sign == "in":
            return self._among(left, right)
        if sign not in _TURNED:
            raise NotSupported(f"the relation {sign} inside P(…)")
        a, b = to_sympy(left, self.types), to_sympy(right, self.types)
        if a.has(self.symbol) and not b.has(self.symbol):
            return self._solved(a, sign, b)
        if b.has(self.symbol) and not a.has(self.symbol):
            return self._solved(b, _TURNED[sign], a)
        difference = sp.expand(a - b)
        if self.symbol in difference.free_symbols and difference.is_polynomial(self.symbol):
            return self._solved(difference, sign, sp.S.Zero)
        raise NotSupported(f"{inline(Term('rel', (left, right), sign))} is no bound on the variable")

    def _among(self, left: Term, right: Term) -> Region:
        if to_sympy(left, self.types) != self.symbol:
            raise NotSupported(f"{inline(left)} among values")
        if right.head == "set":
            points = [to_sympy(v, self.types) for v in right.args]
            return tuple(Piece(p, p, True, True) for p in dict.fromkeys(points))
        if right.head == "interval":
            low, high = (to_sympy(a, self.types) for a in right.args)
            return (Piece(low, high, right.data[0] == "[", right.data[1] == "]"),)
        raise NotSupported(f"{inline(right)} is no set of values")

    def _solved(self, expression: Any, sign: str, bound: Any) -> Region:
        """expression sign bound, solved for the variable."""
        x = self.symbol
        if expression == x:
            return self._half(sign, bound)
        if isinstance(expression, sp.Abs):
            return self._inside(expression.args[0], sign, bound)
        if expression.is_polynomial(x) and sp.degree(expression, x) == 1:
            slope, offset = expression.coeff(x, 1), expression.coeff(x, 0)
            if slope.is_positive or slope.is_negative:
                return self._half(sign if slope.is_positive else _TURNED[sign], sp.cancel((bound - offset) / slope))
            raise Undetermined(f"{inline(_term(slope))} has no known sign")
        if expression.is_Pow and expression.exp == 2:
            if bound.is_negative:
                return whole() if sign in (">", ">=", "!=") else ()
            return self._inside(expression.base, sign, sp.sqrt(bound))
        if isinstance(expression, sp.exp) and bound.is_positive:
            return self._solved(expression.args[0], sign, sp.log(bound))
        if isinstance(expression, sp.log):
            return self._solved(expression.args[0], sign, sp.exp(bound))
        raise NotSupported(f"{inline(_term(expression))} is not inverted inside P(…)")

    def _inside(self, inner: Any, sign: str, radius: Any) -> Region:
        """|inner| sign radius."""
        if radius.is_negative:
            return whole() if sign in (">", ">=", "!=") else ()
        if not radius.is_nonnegative:
            self.assumed[(sp.Ge(radius, 0, evaluate=False),)] = None
        if sign in ("<", "<="):
            return self.meet(self._solved(inner, sign, radius), self._solved(inner, _TURNED[sign], -radius), ordered=True)
        if sign in (">", ">="):
            return (*self._solved(inner, _TURNED[sign], -radius), *self._solved(inner, sign, radius))
        points = (*self._solved(inner, "=", radius), *(self._solved(inner, "=", -radius) if radius != 0 else ()))
        return points if sign == "=" else self.opposite(points)

    def _half(self, sign: str, bound: Any) -> Region:
        if self.whole_numbers and bound.is_number and bound.is_real and not bound.is_integer:
            if sign in ("=", "!="):
                return () if sign == "=" else whole()
            bound, sign = (sp.floor(bound), "<=") if sign in ("<", "<=") else (sp.ceiling(bound), ">=")
        if sign in (">", ">="):
            return (Piece(bound, sp.oo, sign == ">=", False),)
        if sign in ("<", "<="):
            return (Piece(-sp.oo, bound, False, sign == "<="),)
        point = (Piece(bound, bound, True, True),)
        return point if sign == "=" else self.opposite(point)

    # ── sets ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def meet(self, first: Region, second: Region, *, ordered: bool = False) -> Region:
        """What both have in common; `ordered`: the ends are known to be in order."""
        found = []
        for a in first:
            for b in second:
                piece = self._overlap(a, b, ordered)
                if piece is not None:
                    found.append(piece)
        if len(found) > MOST_PIECES:
            raise NotSupported("more pieces than a person would write")
        return tuple(found)

    def _overlap(self, a: Piece, b: Piece, ordered: bool) -> Piece | None:
        low, with_low = self._outer(a.low, a.with_low, b.low, b.with_low, largest=True)
        high, with_high = self._outer(a.high, a.with_high, b.high, b.with_high, largest=False)
        if low == high:
            return Piece(low, high, True, True) if with_low and with_high else None
        if not ordered and not self.at_most(low, high):
            return None
        return Piece(low, high, with_low, with_high)

    def _outer(self, a: Any, with_a: bool, b: Any, with_b: bool, *, largest: bool) -> tuple[Any, bool]:
        if a == b:
            return a, with_a and with_b
        first_is_less = self.known_at_most(a, b)
        gap = sp.expand(b - a)
        if first_is_less is None and (gap.is_Symbol or (-gap).is_Symbol):
            first_is_less = gap.is_Symbol  # a waiting time, a distance
            self.assumed[(sp.Ge(abs_of(gap), 0, evaluate=False),)] = None
        if first_is_less is None:
            raise Undetermined(
                f"it is not known whether {inline(_term(a))} ≤ {inline(_term(b))}", expected=(f"{inline(_term(a))} < {inline(_term(b))}",)
            )
        return (b, with_b) if first_is_less == largest else (a, with_a)

    def known_at_most(self, a: Any, b: Any) -> bool | None:
        """Whether a ≤ b, where that is known."""
        if a == -sp.oo or b == sp.oo or a == b:
            return True
        if a == sp.oo or b == -sp.oo:
            return False
        gap = sp.expand(b - a)
        if gap.is_number:
            return bool(gap.is_nonnegative) if gap.is_nonnegative is not None else bool(gap.evalf() >= 0)
        if gap.is_nonnegative:
            return True
        return False if gap.is_negative else None

    def at_most(self, a: Any, b: Any) -> bool:
        """Whether a ≤ b; where nothing is known that is assumed, and said."""
        known = self.known_at_most(a, b)
        if known is not None:
            return known
        gap = sp.expand(b - a)
        self.assumed[(sp.Ge(gap, 0, evaluate=False),) if gap.is_Symbol else (sp.Le(a, b, evaluate=False),)] = None
        return True

    def opposite(self, region: Region) -> Region:
        """Everything else."""
        found = whole()
        for piece in region:
            outside = []
            if piece.low != -sp.oo:
                outside.append(Piece(-sp.oo, piece.low, False, not piece.with_low))
            if piece.high != sp.oo:
                outside.append(Piece(piece.high, sp.oo, not piece.with_high, False))
            found = self.meet(found, tuple(outside))
        return found

    def _joined(self, regions: list[Region]) -> Region:
        """The union: the opposite of what all opposites share."""
        outside = whole()
        for region in regions:
            outside = self.meet(outside, self.opposite(region))
        return self.opposite(outside)


def abs_of(gap: Any) -> Any:
    """t of t and of −t."""
    return gap if gap.is_Symbol else -gap


def _term(expression: Any) -> Term:
    from derive.expressions.from_sympy import from_sympy

    return from_sympy(expression)
