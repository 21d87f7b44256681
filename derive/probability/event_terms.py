"""What stands in the statements about events: names, values, probabilities of single values.

In: tidied terms, values of facts, laws. Out: keys of names, Fractions or SymPy expressions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from derive.errors import NotSupported
from derive.expressions.inline import inline
from derive.expressions.term import Name, Term, number
from derive.expressions.to_sympy import to_sympy
from derive.probability.model import EventFact

__all__ = [
    "BINARY",
    "MOST_VALUES",
    "TEST",
    "equation_of",
    "exact",
    "known_value",
    "mass",
    "named_pi",
    "names_in",
    "probabilities",
    "subjects_in",
    "symbolic",
    "unrolled",
]

TEST = "±"
MOST_VALUES = 64
BINARY = (number(0), number(1))


def equation_of(fact: EventFact) -> Term:
    """The fact as it was stated: P(A | B) = v."""
    if fact.equation is not None:
        return fact.equation
    assert fact.event is not None
    inside = fact.event if fact.given is None else Term("given", (fact.event, fact.given))
    return Term("rel", (Term("probability", (inside,), "P"), fact.value), "=")


def known_value(term: Term, types: Mapping[Name, Any]) -> Any:
    """A number as a Fraction, anything else as a SymPy expression. π is the name of a probability here, for the number is above 1."""
    if term.head == "number":
        return term.value
    if term.head == "div" and all(a.head == "number" for a in term.args) and term.args[1].value:
        return term.args[0].value / term.args[1].value
    found = to_sympy(term.transform(named_pi), types)
    return Fraction(int(found.p), int(found.q)) if found.is_Rational else found


def named_pi(node: Term) -> Term:
    return Term("name", (), Name("pi"), node.span) if node.head == "constant" and node.data == "pi" else node


def probabilities(term: Term) -> Iterable[Term]:
    return (n for n in term.walk() if n.head == "probability" and n.data == "P")


def names_in(term: Term) -> Iterable[str]:
    """The keys of the events and variables of a statement; values behind `=` are not counted."""
    if term.head == "name":
        yield term.data.key
    elif term.head == "word" and term.data in ("+", "-"):
        yield TEST
    elif term.head == "rel" and term.args[0].head == "name":
        yield term.args[0].data.key
        if term.data not in ("=", "!=", "in", "notin"):
            yield from names_in(term.args[1])
    else:
        for part in term.args:
            yield from names_in(part)


def subjects_in(term: Term) -> Iterable[str]:
    """The names that the statements compare with values."""
    for node in term.walk():
        if node.head == "rel" and node.data in ("=", "!=", "in", "notin") and node.args[0].head == "name":
            yield node.args[0].data.key


def unrolled(value: Term) -> tuple[Term, ...]:
    """1..6 value by value."""
    if value.head != "range":
        return (value,)
    ends = [a.value if a.head == "number" else None for a in value.args]
    if ends[0] is None or ends[1] is None or ends[1] - ends[0] > MOST_VALUES:
        raise NotSupported(f"{inline(value)}: a table needs a short list of values")
    return tuple(number(k) for k in range(int(ends[0]), int(ends[1]) + 1))


def mass(law: Any, value: Term) -> Any | None:
    """The probability of a value under a law with finite support."""
    values = law.values
    if law.name == "Bernoulli" and value in BINARY:
        chance = values[0] if value == number(1) else 1 - values[0]
    elif law.name == "DiscreteUniform" and all(v.is_Integer for v in values):
        chance = sp.Rational(1, int(values[1]) - int(values[0]) + 1)
    else:
        return None
    return exact(chance)


def exact(value: Any) -> Any:
    value = sp.sympify(value)
    return Fraction(int(value.p), int(value.q)) if value.is_Rational else value


def symbolic(value: Any) -> Any:
    return sp.Rational(value.numerator, value.denominator) if isinstance(value, Fraction) else value
