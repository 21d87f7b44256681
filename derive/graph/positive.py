"""What a formula says of weights, densities and shapes that nobody declared: log ∏ p_i is of positive p_i, log Σ π_k e^u has weights π_k,
β^α/Γ(α) a positive shape and rate, (∏ x_i)^(1/n) no negative x_i.

In: terms. Out: bounds by name. Only bare names and their entries are taken to be anything; the translation says what it took.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction

from derive.expressions.term import Name, Term, integer
from derive.graph.node import Bounds

__all__ = ["NOT_NEGATIVE", "POSITIVE", "is_telling", "positive_bounds"]

NOT_NEGATIVE = Bounds(0.0, math.inf)
POSITIVE = Bounds(0.0, math.inf, True)
MEANT = frozenset(("apply", "pow", "mul", "div"))
LARGE = frozenset(("gamma", "beta", "loggamma"))
COUNTED = frozenset(("factorial", "binomial"))
TELLING = COUNTED | {"prod"}
SPEAKING = LARGE | {"log"}


def is_telling(node: Term) -> bool:
    """Whether a formula may say something of a name by this node: without one, nothing is taken to be positive."""
    return node.head in TELLING or (node.head == "apply" and node.data in SPEAKING)


def positive_bounds(terms: Iterable[Term]) -> dict[Name, Bounds]:
    """The names that are taken to be positive, or not negative, for the formula to have a value."""
    found: dict[Name, Bounds] = {}
    for term in terms:
        for node in term.walk():
            if node.head not in MEANT:
                continue
            if node.head == "apply":
                if node.data == "log":
                    _of_logarithm(found, node.args[0])
                elif node.data == "loggamma":
                    found.update(dict.fromkeys((n.data for n in _arguments(node.args[0])), POSITIVE))
            elif node.head == "pow":
                if node.args[0].head == "prod" and integer(node.args[1]) is None:
                    _say(found, node.args[0].args[0], frozenset())
            else:
                _of_gamma(found, node)
    return found


def _of_logarithm(found: dict[Name, Bounds], inner: Term) -> None:
    for part, _ in _factors(inner, inside=False):
        if part.head == "apply" and part.data in LARGE:
            found.update(dict.fromkeys((n.data for a in part.args for n in _arguments(a)), POSITIVE))
        elif part.head == "prod":
            _say(found, part.args[0], frozenset())
        elif part.head == "sum":
            exponents = [e for e in map(_exponent, (p for p, _ in _factors(part.args[0]))) if e is not None]
            if exponents:
                _say(found, part.args[0], frozenset(n.data for e in exponents for n in e.walk() if n.head == "name"))


def _say(found: dict[Name, Bounds], body: Term, exponents: frozenset[Name]) -> None:
    """The factors of a body are not negative, below the bar positive; a factor that is exponentiated as well is no weight."""
    for part, power in _factors(body):
        name = _name(part)
        if name is None or (power.denominator == 1 and power % 2 == 0):
            continue
        if power < 0:
            found[name] = POSITIVE
        elif name not in exponents:
            found.setdefault(name, NOT_NEGATIVE)


def _of_gamma(found: dict[Name, Bounds], node: Term) -> None:
    """A product of gamma functions and of powers with symbolic exponents: their arguments are positive, the bases not negative."""
    parts = [part for part, _ in _factors(node)]
    large = [p for p in parts if p.head == "apply" and p.data in LARGE]
    powers = [p for p in parts if p.head == "pow" and p.args[0].head != "constant"]
    if not powers or not (large or any(p.head in COUNTED for p in parts)):
        return
    for part in large:
        found.update(dict.fromkeys((n.data for a in part.args for n in _arguments(a)), POSITIVE))
    for part in powers:
        name = _name(part.args[0])
        if name is not None:
            found.setdefault(name, NOT_NEGATIVE)


def _arguments(term: Term) -> Iterator[Term]:
    """The names that a sum or a multiple is of, without subscripts."""
    if term.head == "name":
        yield term
    elif term.head == "index":
        yield term.args[0]
    elif term.head in ("add", "mul", "div", "sum", "paren"):
        for inner in term.args[: 1 if term.head == "sum" else None]:
            yield from _arguments(inner)


def _factors(term: Term, power: Fraction = Fraction(1), inside: bool = True) -> Iterator[tuple[Term, Fraction]]:
    """The factors of a product or quotient with their powers; `inside` those of a product over an index as well."""
    head = term.head
    if head == "mul":
        for argument in term.args:
            yield from _factors(argument, power, inside)
    elif head == "div":
        yield from _factors(term.args[0], power, inside)
        yield from _factors(term.args[1], -power, inside)
    elif head in ("paren", "neg"):
        yield from _factors(term.args[0], power, inside)
    elif head == "sqrt":
        yield from _factors(term.args[0], power / 2, inside)
    elif head == "pow" and (exponent := integer(term.args[1])) is not None:
        yield from _factors(term.args[0], power * exponent, inside)
    elif head == "prod" and inside:
        yield from _factors(term.args[0], power, inside)
    else:
        yield term, power


def _name(term: Term) -> Name | None:
    inner = term.args[0] if term.head == "index" else term
    return inner.data if inner.head == "name" else None


def _exponent(term: Term) -> Term | None:
    """u where the term is e^u."""
    if term.head == "apply" and term.data == "exp":
        return term.args[0]
    if term.head == "pow" and term.args[0].head == "constant" and term.args[0].data == "e":
        return term.args[1]
    return None
