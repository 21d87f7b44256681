"""What a formula says of names that nobody declared: k! counts, p^k (1 − p)^m has a probability, λ^k e^(−λ)/k! a rate.

In: terms. Out: the names of counts, and bounds for probabilities and rates; the translation says that it took them so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from derive.expressions.term import Name, Term, integer
from derive.graph.node import Bounds

__all__ = ["NOT_NEGATIVE", "PROBABILITY", "assumed_bounds", "counts"]

PROBABILITY = Bounds(0.0, 1.0)
NOT_NEGATIVE = Bounds(0.0, math.inf)


def counts(terms: Iterable[Term]) -> set[Name]:
    """The names in factorials and binomials: whole numbers."""
    found: set[Name] = set()
    for term in terms:
        for node in term.walk():
            if node.head in {"factorial", "binomial"}:
                found |= {n.data for n in node.walk() if n.head == "name"}
    return found


def assumed_bounds(terms: Iterable[Term]) -> dict[Name, Bounds]:
    """Probabilities and rates, told by the powers that they stand in."""
    found: dict[Name, Bounds] = {}
    for term in terms:
        nodes = list(term.walk())
        powers = [(n.args[0], n.args[1]) for n in nodes if n.head == "pow" and integer(n.args[1]) is None]
        bases = {base.data for base, _ in powers if base.head == "name"}
        complements = {name for base, _ in powers if (name := _complement(base)) is not None}
        found.update(dict.fromkeys(bases & complements, PROBABILITY))
        factorials = {n.args[0] for n in nodes if n.head == "factorial"}
        decaying = {name for n in nodes if (name := _decay(n)) is not None}
        for base, exponent in powers:
            if base.head == "name" and base.data in decaying and exponent in factorials:
                found.setdefault(base.data, NOT_NEGATIVE)
    return found


def _complement(base: Term) -> Name | None:
    """p where the term is 1 − p."""
    if base.head != "add" or len(base.args) != 2 or integer(base.args[0]) != 1 or base.args[1].head != "neg":
        return None
    inner = base.args[1].args[0]
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
