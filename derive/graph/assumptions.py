"""What a formula says of names that nobody declared: k! counts, p^k (1 − p)^m has a probability, λ^k e^(−λ)/k! a rate.

In: terms. Out: the names of counts, and bounds for probabilities and rates; the translation says that it took them so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from derive.expressions.term import Name, Term, integer
from derive.graph.node import ArgumentType, Bounds
from derive.graph.positive import NOT_NEGATIVE, POSITIVE, is_telling, positive_bounds

__all__ = ["Counts", "assumed_bounds", "counts", "said_of"]

PROBABILITY = Bounds(0.0, 1.0)
WORDS = {PROBABILITY: "between 0 and 1", NOT_NEGATIVE: "not negative", POSITIVE: "positive"}


class Counts(NamedTuple):
    """Whole numbers: their bounds, and what they are at most."""

    bounds: Mapping[Name, Bounds]
    most: Mapping[Name, Name]

    def typed(self, kind: ArgumentType, name: Name) -> ArgumentType:
        """The argument as a count."""
        most = self.most[name].key if name in self.most else ""
        return kind._replace(kind="integer", bounds=self.bounds[name], most=most)


def counts(terms: Sequence[Term]) -> Counts:
    """The names in factorials and binomials: whole numbers, and r of C(k + r − 1, k) at least 1."""
    found: dict[Name, Bounds] = {}
    for term in terms:
        for node in term.walk() if term.has("factorial", "binomial") else ():
            if node.head in {"factorial", "binomial"}:
                names = {n.data for n in node.walk() if n.head == "name"}
                found.update({name: NOT_NEGATIVE for name in names if name not in found})
            if node.head == "binomial":
                found.update(_above(*node.args))
    return Counts(found, _at_most(terms) if found else {})


def _above(top: Term, bottom: Term) -> dict[Name, Bounds]:
    """What stands above beside what is chosen, less a number: at least that number."""
    if top.head != "add":
        return {}
    less = sum(-(integer(a.args[0]) or 0) if a.head == "neg" else (integer(a) or 0) for a in top.args)
    chosen = {n.data for n in bottom.walk() if n.head == "name"}
    names = [a.data for a in top.args if a.head == "name" and a.data not in chosen]
    return {names[0]: Bounds(float(-less), math.inf)} if less < 0 and len(names) == 1 else {}


def _at_most(terms: Iterable[Term]) -> dict[Name, Name]:
    """What is chosen is no more than what it is chosen from: k ≤ n in C(n, k), K ≤ N in C(N − K, …)."""
    found: dict[Name, Name] = {}
    for term in terms:
        for node in term.walk():
            if node.head != "binomial":
                continue
            top, bottom = node.args
            if top.head == bottom.head == "name":
                found.setdefault(bottom.data, top.data)
            if top.head == "add" and len(top.args) == 2 and top.args[0].head == "name" and top.args[1].head == "neg":
                less = top.args[1].args[0]
                if less.head == "name":
                    found.setdefault(less.data, top.args[0].data)
    return {k: n for k, n in found.items() if found.get(n) != k}


def said_of(assumed: Mapping[Name, Bounds], names: Iterable[Name]) -> tuple[tuple[str, str], ...]:
    """The keys of names, in order, with what they were taken to be."""
    return tuple((name.key, WORDS[assumed[name]]) for name in sorted(names))


def assumed_bounds(terms: Iterable[Term]) -> dict[Name, Bounds]:
    """Probabilities and rates, told by the powers that they stand in."""
    found: dict[Name, Bounds] = {}
    for term in terms:
        nodes = list(term.walk())
        powers = [(n.args[0], n.args[1]) for n in nodes if n.head == "pow" and integer(n.args[1]) is None]
        if not powers and not any(map(is_telling, nodes)):
            continue
        bases = {base.data for base, _ in powers if base.head == "name"}
        complements = {name for base, _ in powers if (name := _complement(base)) is not None}
        found.update(dict.fromkeys(bases & complements, PROBABILITY))
        for node in nodes:
            if node.head == "add" and any(integer(a) == 1 for a in node.args):  # 1 − (1 − p)^n, 1 − ∏ (1 − p_i)
                found.update({name: PROBABILITY for a in node.args if a.head == "neg" and (name := _of_none(a.args[0])) is not None})
        factorials = {n.args[0] for n in nodes if n.head == "factorial"}
        decaying = {name for n in nodes if (name := _decay(n)) is not None}
        for base, exponent in powers:
            if base.head == "name" and base.data in decaying and exponent in factorials:
                found.setdefault(base.data, NOT_NEGATIVE)
        for name, bounds in positive_bounds((term,)).items():
            found.setdefault(name, bounds)
    return found


def _of_none(term: Term) -> Name | None:
    """p of (1 − p)^n and of ∏ (1 − p_i)."""
    if term.head == "prod":
        return _complement(term.args[0])
    return _complement(term.args[0]) if term.head == "pow" and integer(term.args[1]) is None else None


def _complement(base: Term) -> Name | None:
    """p where the term is 1 − p."""
    if base.head != "add" or len(base.args) != 2 or integer(base.args[0]) != 1 or base.args[1].head != "neg":
        return None
    inner = base.args[1].args[0]
    inner = inner.args[0] if inner.head == "index" else inner
    return inner.data if inner.head == "name" else None


def _decay(node: Term) -> Name | None:
    """λ where the term is e^(−λ)."""
    if node.head == "pow" and node.args[0].head == "constant" and node.args[0].data == "e":
        exponent = node.args[1]
    elif node.head == "apply" and node.data == "exp":
        exponent = node.args[0]
    else:
        return None
    inner = exponent.args[0] if exponent.head == "neg" else exponent
    return inner.data if exponent.head == "neg" and inner.head == "name" else None
