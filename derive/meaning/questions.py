"""Questions with yes or no: `is f convex in x, y`, `is A positive definite?`, `are u, v linearly independent`.

In: the items behind `is` or `are`. Out: a `Wording` whose term is a task of the subjects, the property in its standard spelling, and the
variables; None where no property is named.
"""

from __future__ import annotations

from derive.errors import NotSupported
from derive.expressions.term import Term
from derive.meaning.clauses import Items, Wording, Words, is_word
from derive.meaning.parser import Parser
from derive.meaning.statements import split_commas, top_level
from derive.reading.item import Item

__all__ = ["read_question"]

_FIRST = (
    "convex", "concave", "strictly", "positive", "negative", "indefinite", "linearly", "invertible", "singular", "nonsingular", "symmetric",
    "orthogonal", "diagonalisable", "diagonalizable", "unimodal", "psd", "PSD", "SPD", "spd",
)  # fmt: skip
_SPELLED = {
    "diagonalizable": "diagonalisable", "psd": "positive semidefinite", "PSD": "positive semidefinite", "SPD": "positive definite",
    "spd": "positive definite", "positive semi definite": "positive semidefinite", "negative semi definite": "negative semidefinite",
    "non singular": "nonsingular",
}  # fmt: skip


def read_question(words: Words, phrase: list[str]) -> Wording | None:
    """The question, or None."""
    items = words.items
    if items and (items[-1].is_op("?") or items[-1].text == "?"):
        items = items[:-1]
    independent = next((p for p, i in enumerate(items) if is_word(i, "independent")), None)
    if independent is not None and not any(is_word(i, "linearly", "mutually", "given") for i in items):
        return _independent(items[:independent], items[independent + 1 :], words)
    place = next((p for p, i in enumerate(items) if is_word(i, *_FIRST)), None)
    if place is None or place == 0:
        return None
    subjects = [_subject(p, words) for p in _parts(items[:place])]
    asked = items[place:]
    variables: list[Term] = []
    inside = top_level(asked, "in")
    if inside is None:
        inside = next((k for k, i in enumerate(asked) if is_word(i, "in")), None)
    if inside is not None:
        variables = Parser(asked[inside + 1 :], words.context).sequence()
        asked = asked[:inside]
    property_ = " ".join(i.text.strip() for i in asked if i.text.strip() not in ("-", "a", "matrix", "function", "jointly"))
    if " on " in f" {property_} ":
        raise NotSupported(
            "a question with a domain of its own is not read", expected=("`x > 0` on a line before",), span=(asked[0].start, asked[-1].end)
        )
    property_ = _SPELLED.get(property_, property_)
    return words.wording(Term("task", (*subjects, Term("word", (), property_), *variables), "question"), "question")


def _independent(before: Items, after: Items, words: Words) -> Wording | None:
    """`are X and Y independent`, `is X independent of Y`."""
    other = after[1:] if after and is_word(after[0], "of") else after
    parts = [*_parts(before), *([other] if other else [])]
    if len(parts) != 2:
        return None
    subjects = [Parser(p, words.context, events=True).expression() for p in parts]
    return words.wording(Term("task", (*subjects, Term("word", (), "independent")), "question"), "question")


def _parts(items: Items) -> list[Items]:
    """The subjects: apart by commas and by `and`."""
    found: list[Items] = []
    for part in split_commas(items):
        current: list[Item] = []
        for item in part:
            if is_word(item, "and"):
                found.append(tuple(current))
                current = []
            else:
                current.append(item)
        found.append(tuple(current))
    return [p for p in found if p and not (len(p) == 1 and is_word(p[0], "and"))]


def _subject(items: Items, words: Words) -> Term:
    """What the question is about; of `f(x) = …` the right side, of a defined function f its values f(x)."""
    term = Parser(items, words.context).statement()
    if term.head == "rel" and term.data in ("=", ":=") and term.args[0].head in ("call", "name"):
        return term.args[1]
    if term.head == "name":
        definition = words.context.scope.definitions.get(term.data)
        if definition is not None and definition.parameters and not definition.indexed:
            return Term("call", (term, *(Term("name", (), p) for p in definition.parameters)), None, term.span)
    return term
