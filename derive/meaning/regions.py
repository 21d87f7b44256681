"""What stands below an integral sign: a box, the line, the plane, or the inequalities of a region.

In: the items below the sign. Out: the ends for every variable where it is a product of intervals, else the condition as a term.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.errors import SyntaxProblem
from derive.expressions.term import Name, Term, integer
from derive.meaning.context import base_name
from derive.reading.item import Item

if TYPE_CHECKING:
    from derive.meaning.parser import Parser

__all__ = ["box", "coordinates", "inequalities"]

MOST_DIMENSIONS = 3
_LETTERS = ("x", "y", "z", "u", "v", "w", "s", "t")
Ends = tuple[Term, Term]


def box(parser: Parser, items: tuple[Item, ...]) -> list[Ends] | None:
    """The ends of every coordinate of `[0,1]`, `[0,1]^2`, `[0,1] \\times [0,2]`, `\\mathbb{R}^2`; None for other regions."""
    items = _behind_membership(items)
    parts: list[list[Item]] = [[]]
    for item in items:
        if item.is_op("times", "cross", "*"):
            parts.append([])
        else:
            parts[-1].append(item)
    found: list[Ends] = []
    for part in parts:
        if len(part) != 1:
            return None
        ends = _interval(parser, part[0])
        if ends is None:
            return None
        found += [ends] * _power(parser, part[0])
    return found if 0 < len(found) <= MOST_DIMENSIONS else None


def _behind_membership(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """`(x, y) \\in [0,1]^2` without its left side."""
    place = next((p for p, i in enumerate(items) if i.is_op("in")), None)
    return items if place is None else items[place + 1 :]


def _interval(parser: Parser, item: Item) -> Ends | None:
    infinity = Term("constant", (), "inf")
    name = base_name(item)
    if name is not None and name.base == "R" and name.font in ("bb", "bf") and item.sub is None:
        return Term("neg", (infinity,)), infinity
    if item.kind != "fence" or item.text not in ("[]", "()", "[)", "(]"):
        return None
    ends = parser.sub_parser(item.children, events=False).sequence() if item.children else []
    return (ends[0], ends[1]) if len(ends) == 2 and not any(e.head in ("rel", "chain") for e in ends) else None


def _power(parser: Parser, item: Item) -> int:
    if item.sup is None:
        return 1
    items = item.sup.children if item.sup.kind == "group" else (item.sup,)
    size = integer(parser.sub_parser(items, events=False).expression())
    if size is None or not 0 < size <= MOST_DIMENSIONS:
        raise SyntaxProblem("the dimension of the region is a small number", span=(item.sup.start, item.sup.end), expected=("^2", "^3"))
    return size


def inequalities(parser: Parser, items: tuple[Item, ...]) -> Term:
    """The region as one condition: `x^2 + y^2 \\le 1, y \\ge 0` and `x, y \\ge 0` hold together."""
    parts = parser.sub_parser(items, events=False).sequence()
    found: list[Term] = []
    waiting: list[Term] = []
    for part in parts:
        if part.head == "name" and len(parts) > 1:
            waiting.append(part)
            continue
        if waiting and part.head == "rel":
            found += [part.with_args((name, part.args[1])) for name in waiting]
            waiting = []
        found.append(part)
    found += waiting
    return found[0] if len(found) == 1 else Term("and", tuple(found), None, (items[0].start, items[-1].end))


def coordinates(condition: Term, count: int) -> list[Term]:
    """The variables of a region whose differential is an area or a volume, dA or dV: its letters among x, y, z …"""
    names = {n.data for n in condition.walk() if n.head == "name"}
    found = [Term("name", (), Name(letter), condition.span) for letter in _LETTERS if Name(letter) in names]
    return found if len(found) == count else []
