"""Letters of constants that a line declares by what it says of them: `E[e] = 0`, `e ~ Normal(0, s^2)`, `z ~ Bernoulli(pi)`.

In: the items of a line and the scope. Out: the scope in which the letter is a name, and what the reading says of it. A number has no law,
no variance and no partner that it is independent of, and π = 3.14… is no probability: whoever writes so means a name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derive.derivation import Prose
from derive.expressions.term import Name, Term, number
from derive.meaning.context import base_name
from derive.meaning.scope import Bound, Declaration, Definition, Scope, Type
from derive.meaning.statements import MODEL_WORDS
from derive.meaning.vocabulary import DISTRIBUTIONS, PROBABILITY
from derive.reading.item import Item

__all__ = ["with_letters"]

_LETTERS = {"e": "2.718…", "pi": "3.14…"}
_MOMENTS = frozenset(("E", "Var", "Cov", "Corr", "SD"))
_OF_PROBABILITY = frozenset(("Bernoulli", "Binomial", "Geometric", "NegativeBinomial"))
_SIGNS = ("indep", "perp")


def with_letters(items: tuple[Item, ...], scope: Scope, line: int) -> tuple[Scope, list[Prose]]:
    """The scope with the letters that the line declares so; a letter that is declared already is left alone."""
    notes: list[Prose] = []
    for letters, kind, word in ((_random(items), Type("random"), "a random variable"), (_shares(items), _UNIT, "a probability")):
        for name in letters:
            if name in scope.declarations or name in scope.definitions:
                continue
            scope = scope.declare(Declaration(name, kind, line))
            term = Term("name", (), name)
            notes.append((term, f" is {word} here, not the number {_LETTERS[name.base]}"))
            if name.base == "e" and kind.domain == "random":
                scope = _reread(scope, term)
    return scope, notes


_UNIT = Type(lower=Bound(number(0), True), upper=Bound(number(1), True))


def _letter(part: tuple[Item, ...]) -> Name | None:
    """The name, where the part is such a letter alone."""
    if len(part) != 1 or part[0].sub is not None or part[0].sup is not None or part[0].primes:
        return None
    name = base_name(part[0])
    return name if name is not None and name.base in _LETTERS and not name.accents and name.font in ("", "rm") else None


def _parts(items: tuple[Item, ...]) -> list[tuple[Item, ...]]:
    """The stretches between commas, bars, signs of independence and words of a model."""
    found: list[list[Item]] = [[]]
    for item in items:
        if item.is_op(",") or item.kind == "bar" or item.text.strip() in (*_SIGNS, *MODEL_WORDS, "and", "are", "given"):
            found.append([])
        else:
            found[-1].append(item)
    return [tuple(p) for p in found]


def _random(items: tuple[Item, ...]) -> list[Name]:
    """The letters that have a law, a moment or an independence on this line."""
    tilde = next((p for p, i in enumerate(items) if i.is_op("~")), None)
    if tilde is not None:
        parts = _parts(items[:tilde])
    elif any(i.kind in ("op", "name", "text", "function") and i.text.strip() in (*_SIGNS, *MODEL_WORDS) for i in items):
        parts = _parts(items)
    else:
        parts = [p for inside in _stated(items) for p in _parts(inside)]
    return [name for part in parts if (name := _letter(part)) is not None]


def _stated(items: tuple[Item, ...]) -> Iterator[tuple[Item, ...]]:
    """What stands in the brackets of `E[…] = `, `Var(…) = `, where the equation begins with them."""
    for place, item in enumerate(items[:-2]):
        opens = place == 0 or items[place - 1].is_op(",", ";")
        fence, equals = items[place + 1 : place + 3]
        name = base_name(item)
        if opens and name is not None and PROBABILITY.get(name.base) in _MOMENTS and fence.kind == "fence" and equals.is_op("="):
            yield fence.children


def _shares(items: tuple[Item, ...]) -> list[Name]:
    """π where a probability stands: the parameter of a Bernoulli law, the right side of `P(A) = π`."""
    found = []
    tilde = next((p for p, i in enumerate(items) if i.is_op("~")), None)
    if tilde is not None and tilde + 2 < len(items) and items[tilde + 2].kind == "fence":
        law = base_name(items[tilde + 1])
        if law is not None and DISTRIBUTIONS.get(law.base) in _OF_PROBABILITY:
            found = [name for part in _parts(items[tilde + 2].children) if (name := _letter(part)) is not None]
    elif len(items) == 4 and items[1].kind == "fence" and items[2].is_op("="):
        operator, name = base_name(items[0]), _letter(items[3:])
        if operator is not None and PROBABILITY.get(operator.base) == "P" and name is not None:
            found = [name]
    return [name for name in found if name.base == "pi"]


def _reread(scope: Scope, letter: Term) -> Scope:
    """Earlier lines with the name in the place of the number: y = w x + e was written of the noise. e^x remains the exponential."""
    constant = Term("constant", (), letter.data.base)

    def named(term: Term) -> Term:
        if term == constant:
            return letter
        if term.head == "pow" and term.args[0] == constant:
            return Term("pow", (constant, named(term.args[1])), term.data, term.span)
        return term.with_args(tuple(named(a) for a in term.args)) if term.args else term

    changed: dict[Name, Definition] = {}
    for name, definition in scope.definitions.items():
        body = named(definition.body)
        changed[name] = definition if body == definition.body else replace(definition, body=body)
    facts, constraints = tuple(map(named, scope.facts)), tuple(map(named, scope.constraints))
    return replace(scope, definitions=changed, facts=facts, constraints=constraints, expansions={})
