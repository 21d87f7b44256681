"""Moments that cannot hold together: two values for one, a negative variance, a covariance beyond its bound, a law with other moments.

In: a model. Out: nothing, or an InconsistentInput that shows the contradiction. Only numbers are compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import sympy as sp

from derive.errors import DeriveError, InconsistentInput
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Term, number
from derive.expressions.to_sympy import to_sympy
from derive.probability.model import Model, MomentFact

__all__ = ["refuse_contradictions"]

MAX_TOGETHER = 4


def refuse_contradictions(model: Model) -> None:
    """Raises where the stated moments contradict each other or a declared law."""
    values: dict[tuple[str, tuple[Term, ...]], Any] = {}
    for fact in model.moments:
        value = _number(fact, model)
        if value is None:
            continue
        if fact.operator in ("Var", "SD") and value.is_negative:
            word = "variance" if fact.operator == "Var" else "standard deviation"
            raise InconsistentInput(f"{_shown(fact)} = {_text(value)}: a {word} is not negative")
        if fact.operator == "Corr" and (abs(value) - 1).is_positive:
            raise InconsistentInput(f"{_shown(fact)} = {_text(value)}: a correlation lies between −1 and 1")
        if fact.given:
            continue
        key = (fact.operator, fact.arguments)
        before = values.setdefault(key, value)
        if before != value:
            raise InconsistentInput(f"{_shown(fact)} is both {_text(before)} and {_text(value)}")
    _second_moments(values)
    _covariances(values)
    _laws(values, model)


def _number(fact: MomentFact, model: Model) -> Any:
    """The value of the fact where it is a number."""
    if fact.operator not in ("E", "Var", "SD", "Cov", "Corr") or fact.value.has("name", "probability", "matrix"):
        return None
    try:
        value = to_sympy(fact.value, model.types)
    except DeriveError:
        return None
    return value if isinstance(value, sp.Expr) and value.is_number and value.is_real else None


def _shown(fact: MomentFact) -> str:
    inside = fact.arguments
    if fact.given:
        inside = (*inside[:-1], Term("given", (inside[-1], fact.given[0] if len(fact.given) == 1 else Term("list", fact.given))))
    return plain(Term("probability", inside, fact.operator))


def _text(value: Any) -> str:
    return plain(from_sympy(value))


def _second_moments(values: Mapping[tuple[str, tuple[Term, ...]], Any]) -> None:
    """E[X²] ≥ E[X]², and Var(X) = E[X²] − E[X]²."""
    for (operator, arguments), mean in values.items():
        if operator != "E" or len(arguments) != 1:
            continue
        square = values.get(("E", (Term("pow", (arguments[0], number(2))),)))
        if square is None:
            continue
        spread, name = square - mean**2, plain(arguments[0])
        if spread.is_negative:
            raise InconsistentInput(
                f"E[{name}^2] = {_text(square)} is less than E[{name}]^2 = {_text(mean**2)}: the variance would be {_text(spread)}"
            )
        stated = values.get(("Var", arguments))
        if stated is not None and stated != spread:
            raise InconsistentInput(f"Var({name}) = {_text(stated)}, but E[{name}^2] - E[{name}]^2 = {_text(spread)}")


def _covariances(values: Mapping[tuple[str, tuple[Term, ...]], Any]) -> None:
    """The covariance matrix of any few variables is positive semidefinite."""
    spreads = {a[0]: v for (o, a), v in values.items() if o == "Var"}
    spreads |= {a[0]: v**2 for (o, a), v in values.items() if o == "SD"}
    shared: dict[frozenset[Term], Any] = {}
    for (operator, arguments), value in values.items():
        if operator in ("Cov", "Corr") and len(set(arguments)) == 2:
            a, b = arguments
            if operator == "Cov":
                shared[frozenset(arguments)] = value
            elif a in spreads and b in spreads:
                shared[frozenset(arguments)] = value * sp.sqrt(spreads[a] * spreads[b])
    names = [n for n in spreads if any(n in pair for pair in shared)]
    for count in range(2, MAX_TOGETHER + 1):
        for group in combinations(names, count):
            if not all(frozenset(pair) in shared for pair in combinations(group, 2)):
                continue
            matrix = sp.Matrix(count, count, lambda i, j, g=group: spreads[g[i]] if i == j else shared[frozenset((g[i], g[j]))])
            if matrix.det().is_negative:
                listed = ", ".join(plain(n) for n in group)
                raise InconsistentInput(f"no {listed} have these variances and covariances: their matrix is not positive semidefinite")


def _laws(values: Mapping[tuple[str, tuple[Term, ...]], Any], model: Model) -> None:
    """A stated moment of a variable whose law says another number."""
    for variable in model.variables.values():
        if variable.law is None or variable.given or not all(isinstance(v, sp.Basic) for v in variable.law.values):
            continue
        name = Term("name", (), variable.name)
        for operator, formula in (("E", variable.law.family.mean), ("Var", variable.law.family.variance)):
            stated = values.get((operator, (name,)))
            if stated is None or formula is None:
                continue
            own = formula(*variable.law.values)
            if isinstance(own, sp.Expr) and own.is_number and own != stated and sp.simplify(own - stated) != 0:
                said = f"{operator}({plain(name)}) = {_text(stated)}"
                raise InconsistentInput(f"{said}, but the declared {variable.law.name} has {_text(own)}")
