"""Sums over pairs: Σ_{i<j}, Σ_{i≠j}, Σ_{1≤i<j≤n} and Π over the same run over both letters where nothing else binds the second.

In: a term as it was written. Out: the term with one sum for each letter, and notes that say so. A letter is an index of the sum when it is
a subscript in the body and stands nowhere outside of it; of two letters the first in the alphabet is written first where pairs are meant:
Σ_{i≠j} is over pairs, and Σ_{j≠i} over j, for a given i.
"""

from __future__ import annotations

from derive.derivation import Prose
from derive.errors import AmbiguousInput
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term, number
from derive.meaning.extreme_entries import as_extremes, as_sums, has_conditions
from derive.meaning.scope import Scope

__all__ = ["with_pairs"]

_REDUCTIONS = frozenset(("sum", "prod"))
_BINDERS = frozenset(("sum", "prod", "integral", "task"))
_OPERATORS = frozenset(("derivative", "gradient", "jacobian", "hessian"))
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "!=": "!="}
_INDICES = frozenset("ijklmn")  # letters that run on both sides of ≠
_RISING = ("<", "<=")


def with_pairs(term: Term, scope: Scope) -> tuple[Term, list[Prose]]:
    """The term whose sums over pairs have both indices, and a note for each; maxima over entries likewise."""
    if has_conditions(term):
        found, said = _with_sums_over_pairs(as_sums(term), scope)
        return as_extremes(found), [("the ", "maximum or minimum", *note[2:]) if note[0] == "the " else note for note in said]
    return _with_sums_over_pairs(term, scope)


def _with_sums_over_pairs(term: Term, scope: Scope) -> tuple[Term, list[Prose]]:
    if not any(n.head in _REDUCTIONS and n.data == "cond" for n in term.walk()):
        return term, []
    held: set[Name] = set()
    if term.head == "rel" and term.args[0].head in ("index", "call"):
        held = {n.data for n in term.args[0].walk() if n.head == "name"}
    notes: list[Prose] = []
    return _search(term, frozenset(held), term, scope, notes), notes


def _search(term: Term, bound: frozenset[Name], whole: Term, scope: Scope, notes: list[Prose]) -> Term:
    if not term.args:
        return term
    if term.head in _REDUCTIONS and term.data == "cond":
        indices, body, condition = _gathered(term)
        pairs = _pairs(indices, body, condition, bound, term, whole, scope)
        if pairs is not None:
            names = [n for n, *_ in pairs]
            inner = _search(body, bound | set(names), whole, scope, notes)
            notes.append(("the ", "sum" if term.head == "sum" else "product", " runs over ", Term("list", tuple(_name(n) for n in names))))
            return _nested(term, inner, pairs)
        other = _given(indices, body, condition)
        if other is not None and any(_differentiates(n, other, term) for n in whole.walk()):
            _refuse_entry(term, indices[0], other)
        if other is not None and other not in bound and other not in scope.declarations:
            notes.append((_name(other), " is given: the sum runs over ", _name(indices[0])))
    if term.head in _OPERATORS:
        bound |= {n.data for v in term.args[1:] for n in v.walk() if n.head == "name"}
    elif term.head in _BINDERS and len(term.args) > 1:
        bound |= {n.data for n in term.args[1].walk() if n.head == "name"}
    return term.with_args(tuple(_search(a, bound, whole, scope, notes) for a in term.args))


def _gathered(term: Term) -> tuple[list[Name], Term, Term]:
    """The letters that are bound already, the body, and the condition: `i,j: i<j` are two sums under one condition."""
    condition = term.args[-1]
    indices: list[Name] = []
    body = term
    while body.head == term.head and body.data == "cond" and body.args[-1] == condition and len(body.args) in (2, 3):
        if len(body.args) == 3 and body.args[1].head == "name":
            indices.append(body.args[1].data)
        body = body.args[0]
    return indices, body, condition


def _pairs(
    indices: list[Name], body: Term, condition: Term, bound: frozenset[Name], term: Term, whole: Term, scope: Scope
) -> list[tuple[Name, str, tuple[Term, ...]]] | None:
    """For each letter its kind and bounds, the outermost first; None where the sum is over one letter, or the condition is another."""
    if condition.head not in ("rel", "chain"):
        return None
    signs = (condition.data,) if condition.head == "rel" else tuple(condition.data)
    sides = condition.args
    subscripts = _subscripts(body)
    loose = _outside(whole, term)

    def runs(side: Term) -> bool:
        if side.head != "name" or side.data in bound or side.data not in subscripts:
            return False
        if side.data in indices:
            return True
        known = side.data in scope.declarations or side.data in scope.definitions
        return not known and side.data not in loose and len(side.data.base) == 1 and not side.data.sub

    places = [p for p, side in enumerate(sides) if runs(side)]
    letters = [sides[p].data for p in places]
    if len(set(letters)) != len(letters) or places != list(range(places[0], places[0] + len(places)) if places else []):
        return None
    if not set(indices) <= set(letters):
        return None
    if len(letters) == 1:
        return _between(letters[0], places[0], sides, signs) if len(sides) == 3 else None
    if len(letters) < 2 or (not len(indices) > 1 and len(sides) == 2 and letters != sorted(letters)):
        return None
    if signs == ("!=",):
        if not all(n.base in _INDICES for n in letters):
            return None  # Σ_{j≠y}: y is a label
        second = Term("rel", (sides[1], sides[0]), "!=")
        return [(letters[0], "bare", ()), (letters[1], "cond", (second,))]
    if any(s in (">", ">=") for s in signs) and all(s in _FLIPPED and s != "!=" and s not in _RISING for s in signs):
        sides, signs = sides[::-1], tuple(_FLIPPED[s] for s in signs[::-1])
        places = [p for p, side in enumerate(sides) if side.head == "name" and side.data in letters]
        letters = [sides[p].data for p in places]
    if not all(s in _RISING for s in signs):
        return None
    first, last = places[0], places[-1]
    if first > 1 or last < len(sides) - 2:
        return None
    lower = None if first == 0 else _moved(sides[0], 1 if signs[0] == "<" else 0)
    upper = None if last == len(sides) - 1 else _moved(sides[-1], -1 if signs[-1] == "<" else 0)
    if (lower is None) != (upper is None):
        return None
    found: list[tuple[Name, str, tuple[Term, ...]]] = []
    for place, letter in zip(places, letters, strict=True):
        if place == first:
            found.append((letter, "bare", ()) if lower is None or upper is None else (letter, "range", (lower, upper)))
        elif upper is None:
            found.append((letter, "cond", (Term("rel", (sides[place], sides[place - 1]), _FLIPPED[signs[place - 1]]),)))
        else:
            found.append((letter, "range", (_moved(sides[place - 1], 1 if signs[place - 1] == "<" else 0), upper)))
    return found


def _given(indices: list[Name], body: Term, condition: Term) -> Name | None:
    """The other letter of a condition on one index, where it is a subscript in the body."""
    if condition.head != "rel" or len(indices) != 1 or any(a.head != "name" for a in condition.args):
        return None
    other = next((a.data for a in condition.args if a.data != indices[0]), None)
    return other if other in _subscripts(body) and indices[0] in _subscripts(body) else None


def _differentiates(node: Term, letter: Name, term: Term) -> bool:
    """Whether a derivative of the sum is taken with respect to an entry with this index."""
    if node.head not in _OPERATORS or not any(n is term for n in node.args[0].walk()):
        return False
    return any(v.head == "index" and letter in _subscripts(v) for v in node.args[1:])


def _refuse_entry(term: Term, index: Name, other: Name) -> None:
    """∂/∂x_j Σ_{i<j}: over i for this j, or over pairs?"""
    if index.base > other.base:
        return
    raise AmbiguousInput(
        f"does the sum run over {index.key} and {other.key}? the derivative has the letter {other.key}, too",
        readings=(plain(term), f"the sum over all pairs, {plain(term.args[-1])}"),
        span=term.span,
        expected=(f"another letter than {other.key} in the derivative",),
    )


def _between(letter: Name, place: int, sides: tuple[Term, ...], signs: tuple[str, ...]) -> list[tuple[Name, str, tuple[Term, ...]]] | None:
    """1 ≤ i ≤ n: a range."""
    if place != 1 or not all(s in _RISING for s in signs):
        return None
    ends = (_moved(sides[0], 1 if signs[0] == "<" else 0), _moved(sides[2], -1 if signs[1] == "<" else 0))
    return [(letter, "range", ends)]


def _nested(term: Term, body: Term, pairs: list[tuple[Name, str, tuple[Term, ...]]]) -> Term:
    for letter, kind, more in reversed(pairs):
        body = Term(term.head, (body, _name(letter), *more), kind, term.span)
    return body


def _name(name: Name) -> Term:
    return Term("name", (), name)


def _moved(term: Term, step: int) -> Term:
    """The end of a range with 1 more or less."""
    if step == 0:
        return term
    if term.head == "number" and term.value.denominator == 1:
        return number(int(term.value) + step)
    return Term("add", (term, number(1) if step > 0 else Term("neg", (number(1),))))


def _subscripts(term: Term) -> set[Name]:
    return {a.data for node in term.walk() if node.head == "index" for s in node.args[1:] for a in s.walk() if a.head == "name"}


def _outside(whole: Term, part: Term) -> set[Name]:
    """The names that stand in the line outside of one of its parts, but for the letters that other sums bind there."""
    if whole is part:
        return set()
    if whole.head == "name":
        return {whole.data, *(Name(letter) for letter in whole.data.sub)}  # y_j, which is not known yet as an entry
    names = set[Name]().union(*(_outside(a, part) for a in whole.args)) if whole.args else set[Name]()
    if whole.head in _REDUCTIONS and whole.data != "none" and len(whole.args) > 1:
        names -= {n.data for n in whole.args[1].walk() if n.head == "name"}
        if whole.data == "cond":
            names -= {n.data for n in whole.args[-1].walk() if n.head == "name"}
    return names
