"""Variances of bilinear forms xᵀ A y of independent random vectors, and scalar factors put together.

In: terms over vectors and what is known of them. Out: terms. Means and covariances decide: no law is needed, only independence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from derive.errors import Undetermined
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term, number
from derive.expressions.to_sympy import to_sympy
from derive.meaning.inference import shape_of
from derive.meaning.scope import Type
from derive.solving.chance.vector_facts import VectorFacts
from derive.solving.chance.vector_terms import ONE, added, product, quadratic, transposed
from derive.solving.simplification import shortened

__all__ = ["bilinear_variance", "scalars_merged", "without_quotients"]


def without_quotients(term: Term, facts: VectorFacts) -> Term:
    """q/c as (1/c) q where q is random and c is not."""
    if term.head != "div" or facts.random(term.args[1]) or not facts.random(term.args[0]):
        return term
    above = facts.written(term.args[0])
    return Term("mul", (Term("div", (ONE, term.args[1])), *(above.args if above.head == "mul" else (above,))))


def bilinear_variance(facts: VectorFacts, term: Term) -> Term | None:
    """Var(c xᵀ A y) = c² (tr(A Σ_y Aᵀ Σ_x) + E[x]ᵀ A Σ_y Aᵀ E[x] + E[y]ᵀ Aᵀ Σ_x A E[y]); None where the term is no such form."""
    written = facts.written(without_quotients(term, facts))
    if written.head != "mul":
        return None
    places = [k for k, f in enumerate(written.args) if facts.random(f)]
    if len(places) != 2:
        return None
    i, j = places
    left, right = written.args[i], written.args[j]
    front, middle, behind = list(written.args[:i]), list(written.args[i + 1 : j]), written.args[j + 1 :]
    outer = [*front, *behind]
    if not facts.is_row(left) or facts.is_row(right) or any(facts.rank(f) for f in outer):
        return None
    x, y = transposed(left, facts.symmetric), right
    if not (facts.is_linear(x) and facts.is_linear(y)):
        return None
    if not facts.are_independent(x, y):
        _refuse_undeclared(facts, x, y)
        return None
    scalars = facts.scalars(Term("list", written.args))
    inside, weights = [f for f in middle if facts.rank(f)], [*outer, *(f for f in middle if not facts.rank(f))]
    turned = [transposed(f, facts.symmetric) for f in reversed(inside)]
    first, second = facts.covariance(x, x), facts.covariance(y, y)
    spread_of_y, spread_of_x = [*inside, second, *turned], [*turned, first, *inside]
    parts = [
        facts.traced(product([*spread_of_y, first], scalars)),
        quadratic(facts.mean(x), spread_of_y, facts.mean(x), facts.symmetric, scalars),
        quadratic(facts.mean(y), spread_of_x, facts.mean(y), facts.symmetric, scalars),
    ]
    whole = added(parts)
    squares = [Term("pow", (w, number(2))) for w in weights]
    return product([*squares, whole], {*scalars, *squares}) if squares else whole


def _refuse_undeclared(facts: VectorFacts, x: Term, y: Term) -> None:
    """Nothing where both sides have a vector in common or a joint law; raises Undetermined where nothing joins them."""
    first, second = ([v for _, v, _ in facts.parts(side)] for side in (x, y))
    joined = any({v.data for v in (*first, *second)} <= set(j.members) for j in facts.model.joints)
    if joined or set(first) & set(second):
        return
    names = plain(first[0]), plain(second[0])
    raise Undetermined(
        f"whether {names[0]} and {names[1]} are independent is not stated: their means and covariances alone do not determine this",
        expected=(f"{names[0]} indep {names[1]}",),
    )


# ── scalar factors ───────────────────────────────────────────────────────────────────────────────────────────────────


def scalars_merged(term: Term, types: Mapping[Name, Type]) -> Term:
    """The scalar factors of every product put together: (1/√d)² d is 1."""

    def change(node: Term) -> Term:
        if node.head != "mul" or node.data is not None:
            return node
        plain = [f for f in node.args if _is_plain(f, types)]
        if len(plain) < 2:
            return node
        whole: Any = to_sympy(Term("mul", tuple(plain)), types)
        merged = from_sympy(shortened(whole))
        if _weight(merged) >= sum(map(_weight, plain)):
            return node
        return product([merged, *(f for f in node.args if f not in plain)], {merged})

    return term.transform(change)


def _is_plain(term: Term, types: Mapping[Name, Type]) -> bool:
    """A scalar of scalars: names, numbers, powers, roots and quotients of them."""
    if term.head not in ("name", "number", "div", "pow", "sqrt", "mul", "neg"):
        return False
    return all(n.head in ("name", "number", "div", "pow", "sqrt", "mul", "neg") for n in term.walk()) and not any(
        shape_of(n, types) for n in term.walk() if n.head == "name"
    )


def _weight(term: Term) -> int:
    return sum(1 for _ in term.walk())
