"""Independent variables with few values: dice, coins, cards. All outcomes are listed, with the product of their probabilities.

In: a Model and events about its variables. Out: an `Enumerated` problem, whose cells are known at once. None where a variable has no short
list of values, or where nothing says that the variables are independent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp

from derive.errors import DeriveError, Undetermined
from derive.expressions.inline import inline
from derive.expressions.term import Name, Term, number
from derive.expressions.to_sympy import to_sympy
from derive.probability.family import Distribution
from derive.probability.finite import Problem
from derive.probability.laws import entries
from derive.probability.model import Model
from derive.probability.outcomes import MOST_CELLS, Outcome, Space

__all__ = ["Enumerated", "are_independent", "enumerated", "law_of", "listed_values"]

MOST_VALUES = 60


@dataclass(frozen=True)
class Enumerated(Problem):
    """`weights[variable][value]` is a probability, a Fraction or a SymPy expression."""

    weights: tuple[tuple[Any, ...], ...] = ()

    def values(self) -> Iterable[Any]:  # type: ignore[override]
        """Everything that may hold symbols."""
        return (w for row in self.weights for w in row)

    def chance(self, cell: int) -> Any:
        """The probability of a cell."""
        result: Any = Fraction(1)
        for row, place in zip(self.weights, self.place(cell), strict=True):
            factor = row[place]
            exact = isinstance(result, Fraction) and isinstance(factor, Fraction)
            result = result * factor if exact else _symbolic(result) * _symbolic(factor)
        return result

    def place(self, cell: int) -> tuple[int, ...]:
        """The values of the variables in a cell; the first changes fastest."""
        found = []
        for row in self.weights:
            found.append(cell % len(row))
            cell //= len(row)
        return tuple(found)

    def cells(self, values: Mapping[Any, Any], initial: Sequence[Fraction] = ()) -> list[Fraction] | None:
        """The probability of every outcome at values of the symbols; None where a law is none there."""
        rows = [[_number(w, values) for w in row] for row in self.weights]
        if any(v is None or v < 0 for row in rows for v in row) or any(sum(row) != 1 for row in rows):
            return None
        found = []
        for reverse in product(*(range(len(row)) for row in reversed(rows))):
            chance = Fraction(1)
            for row, place in zip(rows, reversed(reverse), strict=True):
                chance *= row[place]
            found.append(chance)
        return found


def _number(value: Any, values: Mapping[Any, Any]) -> Any:
    if isinstance(value, Fraction):
        return value
    found = value.subs(values)
    return Fraction(int(found.p), int(found.q)) if found.is_Rational else None


def _symbolic(value: Any) -> Any:
    return sp.Rational(value.numerator, value.denominator) if isinstance(value, Fraction) else value


def law_of(model: Model, name: Name) -> Distribution | None:
    """The law of a variable or of a member x_1 of an iid sample, where it is unconditional."""
    variable = model.variables.get(name)
    if variable is not None:
        return variable.law if variable.law is not None and not variable.given and not variable.cases else None
    sample = model.sample_of(name)
    if sample is None or sample.law is None or sample.given or sample.index is not None:
        return None
    return sample.law


def are_independent(model: Model, names: Sequence[Name]) -> bool:
    """Whether the variables are mutually independent by what was declared."""
    if len(names) < 2:
        return True
    bases = {n._replace(sub="") for n in names if model.sample_of(n) is not None}
    if len(bases) == 1 and all(model.sample_of(n) is not None for n in names):
        return True
    for statement in model.independences:
        if statement.kind not in ("independent", "iid") or statement.given:
            continue
        groups = [{n.data for t in group for n in t.walk() if n.head == "name"} for group in statement.groups]
        placed = [next((k for k, g in enumerate(groups) if name in g), None) for name in names]
        if None not in placed and len(set(placed)) == len(names):
            return True
    return False


def enumerated(model: Model, terms: Sequence[Term]) -> Enumerated | None:
    """The outcomes of all variables that the terms speak of. Raises Undetermined where independence is not declared."""
    names: dict[Name, None] = {}
    for term in terms:
        for node in term.walk():
            if node.head == "name" and law_of(model, node.data) is not None:
                names[node.data] = None
    rows, outcomes, size = [], [], 1
    for name in names:
        law = law_of(model, name)
        found = None if law is None else listed_values(law)
        if found is None:
            return None
        size *= len(found)
        if size > MOST_CELLS:
            return None
        outcomes.append(Outcome(name.key, tuple(number(k) for k, _ in found), "finite"))
        rows.append(tuple(w for _, w in found))
    if not outcomes:
        return None
    refuse_unrelated(model, tuple(names))
    return Enumerated(Space(outcomes), weights=tuple(rows))


def refuse_unrelated(model: Model, names: Sequence[Name]) -> None:
    """Raises Undetermined for variables whose joint law is not known."""
    if not are_independent(model, names):
        said = ", ".join(inline(Term("name", (), n)) for n in names)
        relation = inline(Term("rel", tuple(Term("name", (), n) for n in names[:2]), "indep"))
        raise Undetermined(
            f"the joint law of {said} is not determined: {relation} is needed", expected=(f"{names[0].key} indep {names[1].key}",)
        )


def listed_values(law: Distribution) -> list[tuple[int, Any]] | None:
    """The values of a law with their probabilities; None where they are many or hang on symbols."""
    if not law.family.discrete:
        return None
    if law.name == "Categorical":
        shares = entries(law.parameters["p"])
        values = [to_sympy(s, {}) if isinstance(s, Term) else sp.sympify(s) for s in shares or ()]
        return [(k, Fraction(int(v.p), int(v.q)) if v.is_Rational else v) for k, v in enumerate(values, 1)] or None
    try:
        support = law.family.support(*law.values)
    except (DeriveError, TypeError):
        return None
    if support.kind not in ("integers", "categories") or not (_whole(support.lower) and _whole(support.upper)):
        return None
    low, high = int(support.lower), int(support.upper)
    if high - low >= MOST_VALUES:
        return None
    found = []
    for k in range(low, high + 1):
        chance = sp.sympify((law.family.density or _exponential(law))(sp.Integer(k), *law.values))
        found.append((k, Fraction(int(chance.p), int(chance.q)) if chance.is_Rational else chance))
    return found


def _exponential(law: Distribution) -> Any:
    return lambda x, *values: sp.exp(law.family.log_density(x, *values))


def _whole(value: Any) -> bool:
    return bool(getattr(value, "is_Integer", False))
