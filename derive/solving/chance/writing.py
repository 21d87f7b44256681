"""How the parts of an inference are written: p(θ | x), products of them, a law with its parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Name, Term
from derive.meaning.scope import Type
from derive.probability.family import Distribution

__all__ = ["conditional", "density", "follows", "law_term", "product", "term_of"]

_P = Term("name", (), Name("p"))


def term_of(value: Any, types: Mapping[Name, Type] | None = None) -> Term:
    """A term as it is, a SymPy expression as a term."""
    return value if isinstance(value, Term) else from_sympy(value, types or {})


def conditional(shown: Sequence[Term], given: Sequence[Term]) -> Term:
    """`x, y | θ`, or the list alone when nothing is given."""
    left = _listed(shown)
    return Term("given", (left, _listed(given))) if given else left


def _listed(terms: Sequence[Term]) -> Term:
    return terms[0] if len(terms) == 1 else Term("list", tuple(terms))


def density(shown: Sequence[Term], given: Sequence[Term] = ()) -> Term:
    """p(x | θ)."""
    if not given and len(shown) > 1:
        return Term("call", (_P, *shown))
    return Term("call", (_P, conditional(shown, given)))


def product(*factors: Term) -> Term:
    """The factors side by side."""
    return factors[0] if len(factors) == 1 else Term("mul", factors)


def law_term(law: Distribution, types: Mapping[Name, Type] | None = None) -> Term:
    """Beta(a + k, b + n − k)."""
    return Term("dist", tuple(term_of(v, types) for v in law.values), law.name)


def follows(subject: Term, law: Distribution, types: Mapping[Name, Type] | None = None) -> Term:
    """θ | x ~ Beta(…)."""
    return Term("rel", (subject, law_term(law, types)), "~")
