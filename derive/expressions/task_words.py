"""Tasks in words: the phrase around the expressions of a task, for every notation.

In: a task term. Out: strings and terms in order; a printer sets each its own way. Signs stand alone (", ", " = ").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from derive.expressions.term import Term

__all__ = ["task_phrase"]

Phrase = tuple[str | Term, ...]

# Tasks whose further arguments come behind a word of their own.
_INTRODUCED = {
    "solve": " for ", "posterior": " given ", "predictive": " given ", "mle": " given ", "map": " given ", "density": " given ",
    "marginal": " given ", "evidence": " given ", "given": " given ", "conditional": " given ", "differential": " wrt ",
}  # fmt: skip
_OF = frozenset(("posterior", "predictive", "mle", "map", "density", "marginal", "fisher-information", "stationary-points"))
_WITHOUT_NAME = frozenset(
    ("given", "conditional", "expression", "confidence-interval", "iid", "for-each", "member", "property", "function")
)


def _listed(terms: Iterable[Term]) -> list[str | Term]:
    pieces: list[str | Term] = []
    for term in terms:
        if term.head == "keyword":
            pieces.extend((f" {term.data} " if pieces else f"{term.data} ", *_listed(term.args)))
        else:
            pieces.extend((", ", term) if pieces else (term,))
    return pieces


def task_phrase(term: Term) -> Phrase:
    """The words and the arguments of a task, in the order of the plain language."""
    task: str = term.data or term.head
    arguments = term.args
    special = _SPECIAL.get(task)
    if special is not None and arguments:
        return special(arguments)
    name = "" if task in _WITHOUT_NAME else task.replace("-", " ")
    if not arguments:
        return (name or task.replace("-", " "),)
    lead: list[str | Term] = [f"{name} of " if task in _OF else f"{name} "] if name else []
    if task in _INTRODUCED and len(arguments) > 1:
        if arguments[0].head == "blank":
            return (name, _INTRODUCED[task], *_listed(arguments[1:]))
        return (*lead, arguments[0], _INTRODUCED[task], *_listed(arguments[1:]))
    return (*lead, *_listed(arguments))


def _directional(arguments: tuple[Term, ...]) -> Phrase:
    body, *point, direction = arguments
    return ("directional derivative of ", body, *((" at ", point[0]) if point else ()), " along ", direction)


def _entries(arguments: tuple[Term, ...]) -> Phrase:
    body, *ranges = arguments
    pieces: list[str | Term] = ["[", body, "] for "]
    for place in range(0, len(ranges), 3):
        index, lower, upper = ranges[place : place + 3]
        pieces.extend((", " if place else "", index, " = ", lower, ", …, ", upper))
    return tuple(pieces)


def _array(arguments: tuple[Term, ...]) -> Phrase:
    body, *indices = arguments
    return ("[", body, "] for all ", *_listed(indices))


def _taylor(arguments: tuple[Term, ...]) -> Phrase:
    body, *place, order = arguments
    if not place:
        return ("taylor ", body, " order ", order)
    place_words: Phrase = (" at ", place[0]) if len(place) == 1 else (" at ", place[0], " = ", place[1])
    return ("taylor ", body, *place_words, " order ", order)


def _question(arguments: tuple[Term, ...]) -> Phrase:
    middle = next((k for k, a in enumerate(arguments) if a.head == "word"), len(arguments) - 1)
    variables = arguments[middle + 1 :]
    asked = f" {arguments[middle].data}"
    verb = "is " if middle == 1 else "are "
    return (verb, *_listed(arguments[:middle]), asked, *((" in ", *_listed(variables)) if variables else ()))


def _backprop(arguments: tuple[Term, ...]) -> Phrase:
    return ("backprop ", arguments[0], " wrt ", *_listed(arguments[1:]))


def _function(arguments: tuple[Term, ...]) -> Phrase:
    return (arguments[0], " : ", *_listed(arguments[1:]))


def _words_behind(arguments: tuple[Term, ...]) -> Phrase:
    return (arguments[0], *(f" {a.data}" if a.head == "word" else a for a in arguments[1:]))


_SPECIAL: dict[str, Callable[[tuple[Term, ...]], Phrase]] = {
    "directional": _directional,
    "taylor": _taylor,
    "question": _question,
    "backprop": _backprop,
    "function": _function,
    "member": lambda arguments: (Term("rel", arguments, "in"),),
    "property": _words_behind,
    "iid": lambda arguments: (arguments[0], " iid"),
    "entries": _entries,
    "array": _array,
    "for-each": lambda arguments: (arguments[0], f" for {arguments[1].data}"),
    "confidence-interval": lambda arguments: tuple(str(a.data) if a.head == "word" else a for a in arguments),
    "check": lambda arguments: ("check ", Term("lines", arguments)),
}
