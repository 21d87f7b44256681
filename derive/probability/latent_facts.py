"""A class declared by its probabilities, P(z = 1) = 0.3, where other laws are given for its classes, is a variable with a law.

In: the facts of a session, as terms. Out: the facts, in which such statements have become z ~ Bernoulli(p) or z ~ Categorical([…]).
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from derive.errors import DeriveError
from derive.expressions.term import Name, Term, number
from derive.expressions.to_sympy import to_sympy

__all__ = ["with_latent_laws"]

MOST_CLASSES = 20


def with_latent_laws(facts: Sequence[Term]) -> tuple[Term, ...]:
    """The facts; those that are left alone say what no Bernoulli or categorical law can say."""
    result = list(facts)
    for name, classes in _conditions(facts).items():
        if any(_has_law(f, name) for f in facts):
            continue
        stated = {k: found for k, f in enumerate(result) for found in [_mass(f, name)] if found is not None}
        law = _law(classes, dict(stated.values()))
        if not stated or law is None:
            continue
        first = min(stated)
        result = [
            Term("rel", (Term("name", (), name), law), "~", f.span) if k == first else f
            for k, f in enumerate(result)
            if k == first or k not in stated
        ]
    return tuple(result)


def _inner(fact: Term) -> Term:
    while fact.head == "task" and fact.args:
        fact = fact.args[0]
    return fact


def _conditions(facts: Sequence[Term]) -> dict[Name, set[int]]:
    """The names z of laws `x | z = 1 ~ …`, with the values that they are given for."""
    found: dict[Name, set[int]] = {}
    for fact in facts:
        inner = _inner(fact)
        if inner.head != "rel" or inner.data != "~" or inner.args[0].head != "given":
            continue
        condition = inner.args[0].args[1]
        value = _equation(condition)
        if value is not None:
            found.setdefault(value[0], set()).add(value[1])
    return found


def _equation(term: Term) -> tuple[Name, int] | None:
    if term.head != "rel" or term.data != "=" or term.args[0].head != "name" or term.args[1].head != "number":
        return None
    text = str(term.args[1].data)
    return (term.args[0].data, int(text)) if text.isdigit() else None


def _has_law(fact: Term, name: Name) -> bool:
    inner = _inner(fact)
    if inner.head != "rel" or inner.data != "~":
        return False
    left = inner.args[0].args[0] if inner.args[0].head == "given" else inner.args[0]
    return any(n.head == "name" and n.data == name for n in left.walk())


def _mass(fact: Term, name: Name) -> tuple[int, Term] | None:
    """(1, p) of P(z = 1) = p."""
    if fact.head != "rel" or fact.data not in ("=", ":=") or fact.args[0].head != "probability" or fact.args[0].data != "P":
        return None
    left, value = fact.args
    if len(left.args) != 1 or value.has("probability"):
        return None
    found = _equation(left.args[0])
    return (found[1], value) if found is not None and found[0] == name else None


def _law(classes: set[int], masses: dict[int, Term]) -> Term | None:
    values = classes | set(masses)
    if not masses or len(values) > MOST_CLASSES:
        return None
    if len(values) == 1:
        values = values | ({0} if values == {1} else {1} if values == {0} else set())
    missing = sorted(values - set(masses))
    if len(missing) > 1:
        return None
    if missing:
        rest = [Term("neg", (masses[k],)) for k in sorted(masses)]
        masses = {**masses, missing[0]: Term("add", (number(1), *rest))}
    elif not _sums_to_one(list(masses.values())):
        return None
    if values == {0, 1}:
        return Term("dist", (masses[1],), "Bernoulli")
    if values == set(range(1, len(values) + 1)):
        return Term("dist", (Term("vector", tuple(masses[k] for k in sorted(values))),), "Categorical")
    return None


def _sums_to_one(masses: Sequence[Term]) -> bool:
    try:
        return bool(sp.simplify(sp.Add(*(to_sympy(m, {}) for m in masses)) - 1) == 0)
    except DeriveError:
        return False
