"""Laws given by a formula: `p(x) = c x^2 for 0 <= x <= 1`, `f_X(x) = 2x, 0 < x < 1`, `X has density c x (1 - x) on [0, 1]`, cases.

In: the items of a line. Out: the statements that define the function and say whose density it is and where; None for any other line.
"""

from __future__ import annotations

from derive.errors import DeriveError
from derive.expressions.term import Name, Term, number
from derive.meaning.context import Context, base_name, label_text
from derive.meaning.parser import Parser
from derive.meaning.scope import Declaration, Definition, Type
from derive.meaning.statements import Statement, top_level
from derive.reading.item import Item

__all__ = ["formula_law"]

_WORDS = ("for", "on", "if", "when")
_DENSITIES = ("density", "pdf")
_RELATIONS = ("<", "<=", ">", ">=", "in")
_MOST_VALUES = 64
_INFINITY = Term("constant", (), "inf")
Items = tuple[Item, ...]


def formula_law(items: Items, context: Context, line: int) -> list[Statement] | None:
    """The definition of the density with its range, and the variable that it is of."""
    masses = _masses(items, context)
    if masses is not None:
        return masses
    worded = _has_density(items)
    if worded is not None:
        subject, rest = worded
        letter = Name(subject.base.lower())
        return _stated(Name("p", sub=subject.key), letter, rest, (items, subject), context, line)
    place = top_level(items, "=")
    place = place if place is not None else next((k for k, i in enumerate(items) if i.is_op("∝")), None)
    if place != 2 or items[1].kind != "fence" or items[1].text != "()" or len(items[1].children) != 1:
        return None
    head, letter_name = base_name(items[0]), base_name(items[1].children[0])
    if head is None or letter_name is None or head.base not in ("p", "f") or items[0].sup is not None or items[1].sup is not None:
        return None
    sub = label_text(items[0].sub) if items[0].sub is not None else ""
    if sub and Name.from_key(sub).base.lower() != letter_name.base.lower():
        return None  # p_1(x): a name of its own
    subject = Name.from_key(sub) if sub else letter_name
    return _stated(head._replace(sub=sub), letter_name, items[place + 1 :], (items, subject), context, line, items[place].is_op("∝"))


def _masses(items: Items, context: Context) -> list[Statement] | None:
    """`P(X = x) = x/10 for x = 1, 2, 3, 4`: a fact for every value that is listed."""
    place = top_level(items, "=")
    if place != 2 or base_name(items[0]) != Name("P") or items[1].kind != "fence" or len(items[1].children) != 3:
        return None
    subject, sign, letter_item = items[1].children
    subject_name, letter = base_name(subject), base_name(letter_item)
    if not sign.is_op("=") or subject_name is None or letter is None or letter_item.sub is not None:
        return None
    rest = items[3:]
    cut = next(
        (
            k
            for k, i in enumerate(rest)
            if k
            and (i.is_op(",") or i.text.strip() in _WORDS)
            and k + 2 < len(rest)
            and base_name(rest[k + 1]) == letter
            and rest[k + 2].is_op("=")
        ),
        None,
    )
    if cut is None:
        return None
    try:
        body = Parser(rest[:cut], context).expression()
        values = _listed(Parser(rest[cut + 3 :], context).sequence())
    except DeriveError:
        return None
    names = {n.data for n in body.walk() if n.head == "name"}
    if values is None or names != {letter}:
        return None
    x = Term("name", (), letter)
    name = Term("name", (), subject_name._replace(sub=label_text(subject.sub) if subject.sub is not None else ""))
    facts = []
    for value in values:
        event = Term("probability", (Term("rel", (name, number(value)), "="),), "P")
        facts.append(Term("rel", (event, _at(body, x, number(value))), "="))
    span = (items[0].start, items[-1].end)
    shown = Term("rel", (Term("probability", (Term("rel", (name, x), "="),), "P"), body), "=", span)
    return [Statement(shown, "fact", facts=tuple(facts))]


def _at(body: Term, x: Term, value: Term) -> Term:
    """The body with a value in the place of the letter."""
    return body.transform(lambda t: value if t == x else t)


def _listed(terms: list[Term]) -> list[int] | None:
    """1, 2, 3 or 1, 2, …, 6 as whole numbers; None for a list without an end."""
    found: list[int] = []
    for place, term in enumerate(terms):
        if term.head == "dots":
            after = terms[place + 1] if place + 1 < len(terms) else None
            if not found or after is None or after.head != "number" or not 0 < int(after.value) - found[-1] <= _MOST_VALUES:
                return None
            found += range(found[-1] + 1, int(after.value))
            continue
        if term.head != "number" or term.value.denominator != 1:
            return None
        found.append(int(term.value))
    return found if 1 < len(found) <= _MOST_VALUES else None


def _has_density(items: Items) -> tuple[Name, Items] | None:
    """X and what follows in `X has density …`, `X has pdf …`."""
    words = [i.text.strip() for i in items]
    if len(items) < 4 or words[1] != "has" or base_name(items[0]) is None:
        return None
    place = next((k for k, w in enumerate(words[:6]) if w in _DENSITIES), None)
    name = base_name(items[0])
    return (name, items[place + 1 :]) if place is not None and name is not None else None


def _stated(
    function: Name, letter: Name, rest: Items, about: tuple[Items, Name], context: Context, line: int, is_kernel: bool = False
) -> list[Statement] | None:  # fmt: skip
    items, subject = about
    cut = _cut(rest)
    try:
        if cut is None:
            body, ends = _of_cases(Parser(rest, context).statement(), letter)
        else:
            parser = Parser(rest[: cut[0]], context)
            body = parser.expression()
            parser.leftover()
            ends = _ends(rest[cut[1] :], letter, context)
    except DeriveError:
        return None
    if body is None or ends is None:
        return None
    span = (items[0].start, items[-1].end)
    call = Term("call", (Term("name", (), function), Term("name", (), letter)), None, span)
    kind = "kernel" if is_kernel else "density"
    fact = Term("task", (Term("name", (), subject), Term("name", (), letter), body, *ends, Term("word", (), kind)), "density-law", span)
    shown = Term("rel", (call, body), "=", span)
    declared = (Declaration(subject, Type("random"), line),) if subject.base.isupper() else ()
    return [Statement(shown, "definition", declared, Definition(function, (letter,), body, line), facts=(fact,))]


def _cut(items: Items) -> tuple[int, int] | None:
    """Where the formula ends and where its range begins: at `for`, `on`, or a comma before a relation."""
    for place, item in enumerate(items):
        if item.kind in ("name", "text") and item.is_bare() and item.text.strip() in _WORDS and 0 < place < len(items) - 1:
            return place, place + 1
        if item.is_op(",") and any(i.is_op(*_RELATIONS) or i.text == "in" for i in items[place + 1 :]):
            later = place + 1
            while later < len(items) and (items[later].kind in ("name", "text") and items[later].text.strip() in _WORDS):
                later += 1
            return place, later
    return None


def _ends(items: Items, letter: Name, context: Context) -> tuple[Term, Term] | None:
    """The ends of 0 < x < 1, x > 0, x in [0, 1], [0, 1]."""
    first = items[0]
    if len(items) == 1 and first.kind == "fence":
        inside = Parser(first.children, context).sequence()
        return (inside[0], inside[1]) if len(inside) == 2 else None
    place = top_level(items, "in")
    if place == 1 and len(items) == 3:
        return _ends(items[2:], letter, context) if items[2].kind == "fence" else (Term("neg", (_INFINITY,)), _INFINITY)
    return _of_relation(Parser(items, context).expression(), letter)


def _of_relation(term: Term, letter: Name) -> tuple[Term, Term] | None:
    x = Term("name", (), letter)
    if term.head == "chain" and len(term.args) == 3 and term.args[1] == x and all(s in ("<", "<=") for s in term.data):
        return term.args[0], term.args[2]
    if term.head != "rel" or x not in term.args:
        return None
    other = term.args[1] if term.args[0] == x else term.args[0]
    if term.data not in ("<", "<=", ">", ">="):
        return None
    above = (term.data in (">", ">=")) == (term.args[0] == x)
    return (other, _INFINITY) if above else (Term("neg", (_INFINITY,)), other)


def _of_cases(term: Term, letter: Name) -> tuple[Term | None, tuple[Term, Term] | None]:
    """The one piece of a density in cases that is not 0."""
    if term.head != "cases" or len(term.args) != 4 or term.args[2] != number(0):
        return None, None
    return term.args[0], _of_relation(term.args[1], letter)
