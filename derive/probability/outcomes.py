"""The finite space that events live in: variables with their values, cells as products of values, events as sets of cells.

In: terms as they stand inside P(…). Out: events as bit masks over the cells, and terms again. A set of cells is an int: bit c is cell c.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from derive.errors import AmbiguousInput, InconsistentInput, NotSupported, TooLarge, Undetermined
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term, number

__all__ = ["MOST_CELLS", "Outcome", "Space", "listed", "tidy"]

MOST_CELLS = 4096
OTHER = Term("word", (), "other")
_TESTS = ("+", "-")
_COMPLEMENTS = ("c", "C", "complement")
_COMPARISONS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class Outcome(NamedTuple):
    """One variable: its name, its values as terms, and its kind.

    kind  "event"      the name itself happens or not                     D, ¬D
          "test"       the sign of a result                                +, −
          "partition"  exactly one of several events; values are their names
          "finite"     a variable with listed values                       X = 1
    """

    name: str
    values: tuple[Term, ...]
    kind: str

    def literal(self, values: Sequence[int]) -> Term:
        """The statement that the value is one of these, as a person writes it."""
        if self.kind == "event":
            name = Term("name", (), Name.from_key(self.name))
            return name if list(values) == [0] else Term("not", (name,))
        if self.kind == "test":
            return self.values[values[0]]
        if self.kind == "partition":
            if len(values) > 1 and len(values) == len(self.values) - 1:
                missing = next(v for k, v in enumerate(self.values) if k not in values)
                return Term("not", (missing,))
            members = tuple(self.values[v] for v in values)
            return members[0] if len(members) == 1 else Term("or", members)
        name = Term("name", (), Name.from_key(self.name))
        chosen = tuple(self.values[v] for v in values)
        rest = tuple(v for k, v in enumerate(self.values) if k not in values)
        if len(rest) == 1 and (len(chosen) != 1 or chosen[0] == OTHER) and rest[0] != OTHER:
            return Term("rel", (name, rest[0]), "!=")
        if len(chosen) == 1:
            return Term("rel", (name, chosen[0]), "=")
        return Term("rel", (name, Term("set", chosen)), "in")


def listed(term: Term | None) -> tuple[Term, ...]:
    """The statements of a list or a conjunction, flat."""
    if term is None:
        return ()
    if term.head in ("list", "and", "tuple"):
        return tuple(part for a in term.args for part in listed(a))
    return (term,)


def tidy(term: Term) -> Term:
    """The event with one spelling for complements: Ā, Aᶜ and ¬A; signs as words; without the places in the line."""

    def change(node: Term) -> Term:
        if node.head == "name" and node.data.accents in (("bar",), ("overline",)):
            return Term("not", (Term("name", (), node.data._replace(accents=())),))
        if node.head == "name" and node.data.sup in _COMPLEMENTS:
            return Term("not", (Term("name", (), node.data._replace(sup="")),))
        if node.head == "pow" and node.args[1].head == "name" and node.args[1].data.key in _COMPLEMENTS:
            return Term("not", (node.args[0],))
        if node.head == "not" and node.args[0].head == "not":
            return node.args[0].args[0]
        if node.head == "mul" and all(a.head in ("name", "not", "and") for a in node.args):
            return Term("and", node.args)
        if node.head in ("rel", "chain") and "indep" not in node.data:
            return Term(node.head, tuple(a.transform(_product) for a in node.args), node.data)
        return Term(node.head, node.args, node.data)

    return term.transform(change)


def _product(node: Term) -> Term:
    """What stands in a comparison is a product of numbers, not two events."""
    if node.head == "and" and all(a.head == "name" for a in node.args):
        return Term("mul", node.args)
    return Term(node.head, node.args, node.data)


class Space:
    """The cells of all variables; what a term means as a set of them."""

    def __init__(self, outcomes: Iterable[Outcome]) -> None:
        self.outcomes = tuple(outcomes)
        self.place = {o.name: k for k, o in enumerate(self.outcomes)}
        self.cells = 1
        for outcome in self.outcomes:
            self.cells *= len(outcome.values)
        if self.cells > MOST_CELLS:
            raise TooLarge(f"the joint table of {len(self.outcomes)} variables has {self.cells} cells; the limit is {MOST_CELLS}")
        self.all = (1 << self.cells) - 1
        self.masks: list[list[int]] = []
        self._strides: list[int] = []
        stride = 1
        for outcome in self.outcomes:
            count = len(outcome.values)
            self._strides.append(stride)
            block = (1 << stride) - 1
            period = sum(1 << (k * stride * count) for k in range(self.cells // (stride * count)))
            self.masks.append([(block << (v * stride)) * period for v in range(count)])
            stride *= count
        self._members: dict[Term, tuple[int, int]] = {}
        for place, outcome in enumerate(self.outcomes):
            for value, term in enumerate(outcome.values):
                if outcome.kind in ("partition", "test"):
                    self._members[term] = (place, value)
        self._boxes: dict[int, tuple[tuple[int, ...], ...] | None] = {}
        self._fixed: dict[int, Mapping[int, tuple[int, ...]] | None] = {}

    # ── from terms ───────────────────────────────────────────────────────────────────────────────────────────────────

    def event(self, term: Term) -> int:
        """The set of cells in which a (tidied) statement holds. Raises NotSupported for what is no event of these variables."""
        if term.head in ("and", "list", "tuple"):
            result = self.all
            for part in term.args:
                result &= self.event(part)
            if sum(1 for p in term.args if p.head == "word" and p.data in _TESTS) > 1:
                raise AmbiguousInput(
                    "the same result stands twice: two tests need two names",
                    readings=("one test", "two tests"),
                    expected=("P(D | T_1 = 1, T_2 = 1)",),
                )
            return result
        if term.head == "or":
            result = 0
            for part in term.args:
                result |= self.event(part)
            return result
        if term.head == "not":
            return self.all & ~self.event(term.args[0])
        if term in self._members:
            place, value = self._members[term]
            return self.masks[place][value]
        if term.head == "name" and term.data.key in self.place:
            return self._alone(term)
        if term.head in ("rel", "chain"):
            return self._relation(term)
        raise NotSupported(f"{plain(term)} is read as an event, but nothing says what it is made of")

    def _alone(self, term: Term) -> int:
        place = self.place[term.data.key]
        outcome = self.outcomes[place]
        if outcome.kind == "event":
            return self.masks[place][0]
        if number(1) in outcome.values and set(outcome.values) <= {number(0), number(1)}:
            return self.masks[place][outcome.values.index(number(1))]  # an event written as its indicator
        raise AmbiguousInput(
            f"{plain(term)} is a variable with several values, not an event",
            readings=tuple(f"{plain(term)} = {plain(v)}" for v in outcome.values),
            expected=(f"{plain(term)} = {plain(outcome.values[0])}",),
        )

    def _relation(self, term: Term) -> int:
        signs = (term.data,) if term.head == "rel" else tuple(term.data)
        result = self.all
        for sign, left, right in zip(signs, term.args, term.args[1:], strict=False):
            result &= self._compared(str(sign), left, right)
        return result

    def _compared(self, sign: str, left: Term, right: Term) -> int:
        if sign in ("in", "notin"):
            found = self._among(left, right)
            return found if sign == "in" else self.all & ~found
        for name, value in ((left, right), (right, left)):
            if sign in ("=", "!=") and name.head == "name" and name.data.key in self.place:
                place = self.place[name.data.key]
                outcome = self.outcomes[place]
                if value in outcome.values:
                    mask = self.masks[place][outcome.values.index(value)]
                    return mask if sign == "=" else self.all & ~mask
                if outcome.kind == "event" and value in (number(0), number(1)):
                    mask = self.masks[place][0 if value == number(1) else 1]
                    return mask if sign == "=" else self.all & ~mask
        if sign not in _COMPARISONS:
            raise NotSupported(f"the relation {sign} inside P(…) is not supported")
        return self._by_value(_COMPARISONS[sign], left, right)

    def _among(self, left: Term, right: Term) -> int:
        if right.head == "set":
            values = [number(k) for v in right.args if v.head == "range" for k in _whole_range(v)] or list(right.args)
            result = 0
            for value in values:
                result |= self._compared("=", left, value)
            return result
        raise NotSupported(f"{plain(right)} is no finite set")

    def _by_value(self, holds: Callable[[Fraction, Fraction], bool], left: Term, right: Term) -> int:
        """The cells in which a relation between numbers holds."""
        used = sorted({self.place[n.data.key] for t in (left, right) for n in t.walk() if n.head == "name" and n.data.key in self.place})
        if not used:
            raise NotSupported(f"{plain(left)} and {plain(right)} hold no variable of the model")
        result = 0
        for combination in self._combinations(used):
            values: dict[str, Fraction] = {}
            mask = self.all
            for place, value in zip(used, combination, strict=True):
                outcome = self.outcomes[place]
                if outcome.values[value] == OTHER:
                    raise Undetermined(f"which values {outcome.name} takes is not stated", expected=(f"{outcome.name} in {{1, 2, 3}}",))
                values[outcome.name] = _numeric(outcome.values[value], {})
                mask &= self.masks[place][value]
            if holds(_numeric(left, values), _numeric(right, values)):
                result |= mask
        return result

    def _combinations(self, places: Sequence[int]) -> Iterable[tuple[int, ...]]:
        from itertools import product

        return product(*(range(len(self.outcomes[p].values)) for p in places))

    # ── back to terms ────────────────────────────────────────────────────────────────────────────────────────────────

    def box(self, mask: int) -> tuple[tuple[int, ...], ...] | None:
        """The event as a product of value sets, one for each variable; None where it is none (a union, say) or where it is empty."""
        if mask not in self._boxes:
            self._boxes[mask] = self._box(mask)
        return self._boxes[mask]

    def _box(self, mask: int) -> tuple[tuple[int, ...], ...] | None:
        if not mask:
            return None
        sets, whole = [], self.all
        for masks in self.masks:
            allowed = tuple(v for v, m in enumerate(masks) if m & mask)
            if len(allowed) < len(masks):
                union = 0
                for v in allowed:
                    union |= masks[v]
                whole &= union
            sets.append(allowed)
        return tuple(sets) if whole == mask else None

    def fixed(self, mask: int) -> Mapping[int, tuple[int, ...]] | None:
        """The variables that a box confines, with their values."""
        if mask not in self._fixed:
            sets = self.box(mask)
            found = None if sets is None else {p: s for p, s in enumerate(sets) if len(s) < len(self.outcomes[p].values)}
            self._fixed[mask] = found
        return self._fixed[mask]

    def of_values(self, values: Mapping[int, Sequence[int]]) -> int:
        """The box with these values."""
        mask = self.all
        for place, allowed in values.items():
            union = 0
            for v in allowed:
                union |= self.masks[place][v]
            mask &= union
        return mask

    def statement(self, mask: int) -> tuple[Term, ...]:
        """The event as statements that hold together; a union is one statement. Empty for what is certain."""
        if mask == self.all:
            return ()
        fixed = self.fixed(mask)
        if fixed is not None:
            return tuple(self.outcomes[place].literal(values) for place, values in fixed.items())
        outside = self.fixed(self.all & ~mask)
        if outside is not None:
            parts = []
            for place, values in outside.items():
                others = [v for v in range(len(self.outcomes[place].values)) if v not in values]
                parts.append(self.outcomes[place].literal(others))
            return (Term("or", tuple(parts)),)
        return (Term("or", tuple(_joined(self.statement(part)) for part in self.parts(mask))),)

    def parts(self, mask: int) -> list[int]:
        """The event as disjoint boxes: cell sets that differ in one variable only are put together."""
        boxes = [1 << c for c in range(self.cells) if mask >> c & 1]
        for place in range(len(self.masks)):
            groups: dict[int, int] = {}
            rest = []
            for box in boxes:
                around = self._freed(box, place)
                if around & ~mask:
                    rest.append(box)
                else:
                    groups[around] = around
            boxes = [*rest, *(g for g in groups)]
        disjoint: list[int] = []
        for box in sorted(set(boxes), key=lambda b: -b.bit_count()):
            if not any(box & d for d in disjoint):
                disjoint.append(box)
        covered = 0
        for d in disjoint:
            covered |= d
        return disjoint if covered == mask else [1 << c for c in range(self.cells) if mask >> c & 1]

    def _freed(self, box: int, place: int) -> int:
        """The box with any value of one variable."""
        sets = self.box(box)
        assert sets is not None
        return self.of_values({p: s for p, s in enumerate(sets) if p != place})


def _joined(statements: tuple[Term, ...]) -> Term:
    return statements[0] if len(statements) == 1 else Term("and", statements)


def _whole_range(term: Term) -> list[int]:
    low, high = (_numeric(a, {}) for a in term.args)
    if low.denominator != 1 or high.denominator != 1 or high - low > MOST_CELLS:
        raise NotSupported(f"{plain(term)} is no short list of integers")
    return list(range(int(low), int(high) + 1))


def _numeric(term: Term, values: Mapping[str, Fraction]) -> Fraction:
    """The value of an arithmetic term; NotSupported where it has none."""
    head = term.head
    if head == "number":
        return term.value
    if head == "name" and term.data.key in values:
        return values[term.data.key]
    if head == "neg":
        return -_numeric(term.args[0], values)
    parts = [_numeric(a, values) for a in term.args] if head in ("add", "mul", "div", "abs", "apply", "pow") else []
    if head == "add":
        return sum(parts, Fraction(0))
    if head == "mul":
        result = Fraction(1)
        for part in parts:
            result *= part
        return result
    if head == "div" and parts[1]:
        return parts[0] / parts[1]
    if head == "abs":
        return abs(parts[0])
    if head == "pow" and parts[1].denominator == 1 and abs(parts[1]) <= 64 and (parts[0] or parts[1] > 0):
        return parts[0] ** int(parts[1])
    if head == "apply" and term.data in ("max", "min"):
        return (max if term.data == "max" else min)(parts)
    if head == "apply" and term.data == "mod" and parts[1]:
        return parts[0] % parts[1]
    raise InconsistentInput(f"{plain(term)} has no number among the declared values")
