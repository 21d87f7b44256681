"""The joint table of variables with few values, from their laws: unconditional ones, laws for every case of another, functions of them.

In: a Model and terms (names or functions of variables). Out: the probabilities by the values of the terms, and what was assumed; None where
a variable has no short list. Raises Undetermined where the joint law is not given.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import sympy as sp

from derive.derivation import Prose
from derive.errors import DeriveError, Undetermined
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.probability.family import Distribution
from derive.probability.model import Model, Variable
from derive.probability.outcomes_listed import law_of, listed_values, refuse_unrelated

__all__ = ["MOST_CELLS", "table_of"]

MOST_CELLS = 1296

Table = dict[tuple[Term, ...], Any]


def table_of(model: Model, terms: tuple[Term, ...]) -> tuple[Table, tuple[Prose, ...]] | None:
    """P(terms = values) for all values."""
    try:
        values = [to_sympy(t, model.types) for t in terms]
    except DeriveError:
        return None
    by_symbol = {v.symbol: v for v in model.variables.values()}
    order = _ordered(model, [by_symbol[s] for v in values for s in sorted(v.free_symbols, key=str) if s in by_symbol])
    if not order:
        return None
    cells: list[tuple[dict[Any, Any], Any]] = [({}, sp.S.One)]
    for variable in order:
        grown: list[tuple[dict[Any, Any], Any]] = []
        for known, share in cells:
            law = _law_at(model, variable, known)
            rows = None if law is None else listed_values(law)
            if rows is None:
                return None
            for value, chance in rows:
                exact = sp.Rational(chance.numerator, chance.denominator) if hasattr(chance, "numerator") else chance
                grown.append(({**known, variable.symbol: sp.Integer(value)}, share * exact))
        if len(grown) > MOST_CELLS:
            return None
        cells = grown
    roots = [v.name for v in order if not v.given and not v.cases]
    said: tuple[Prose, ...] = ()
    if len(roots) > 1:
        refuse_unrelated(model, roots)
        said = ((Term("list", tuple(Term("name", (), n) for n in roots)), " are independent (declared)"),)
    _refuse_siblings(order)
    found: Table = {}
    for known, share in cells:
        at = tuple(_value(v, known) for v in values)
        if any(a is None for a in at):
            return None
        key = tuple(from_sympy(a) for a in at)
        found[key] = found.get(key, sp.S.Zero) + share
    table = {k: _short(v) for k, v in found.items()}
    axes = [list(dict.fromkeys(k[p] for k in table)) for p in range(len(terms))]
    return {cell: table.get(cell, sp.S.Zero) for cell in product(*axes)}, said


def _short(value: Any) -> Any:
    return min((value, sp.factor(value)), key=sp.count_ops) if value.free_symbols else value


def _value(expression: Any, known: dict[Any, Any]) -> Any | None:
    result = expression.subs(known)
    return result if result.is_number and result.is_finite else None


def _spoken(variable: Variable) -> set[Name]:
    """What the law of the variable is declared to be given."""
    found = {n.data for t in variable.given for n in t.walk() if n.head == "name"}
    return found | {n.data for c, _ in variable.cases for n in c.walk() if n.head == "name"}


def _parents(variable: Variable, model: Model) -> set[Name]:
    """The variables that the law of this one speaks of."""
    found = _spoken(variable)
    if variable.law is not None:
        symbols = {s for v in variable.law.values if isinstance(v, sp.Basic) for s in v.free_symbols}
        found |= {v.name for v in model.variables.values() if v.symbol in symbols}
    return {n for n in found if n in model.variables} - {variable.name}


def _ordered(model: Model, wanted: list[Variable]) -> list[Variable]:
    """The variables and all that their laws speak of, causes first; nothing where they go round."""
    needed: dict[Name, None] = dict.fromkeys(v.name for v in wanted)
    pending = list(needed)
    while pending:
        for parent in _parents(model.variables[pending.pop()], model):
            if parent not in needed:
                needed[parent] = None
                pending.append(parent)
    placed: list[Variable] = []
    left = list(needed)
    while left:
        ready = next((n for n in left if _parents(model.variables[n], model) <= {p.name for p in placed}), None)
        if ready is None:
            return []
        left.remove(ready)
        placed.append(model.variables[ready])
    return placed


def _law_at(model: Model, variable: Variable, known: dict[Any, Any]) -> Distribution | None:
    """The law of the variable where those before it have their values."""
    if variable.cases:
        for condition, law in variable.cases:
            if condition.head != "rel" or condition.data != "=" or len(condition.args) != 2:
                return None
            left, right = (to_sympy(a, model.types) for a in condition.args)
            if left.subs(known) == right.subs(known):
                return _inserted(law, known)
        raise Undetermined(f"the law of {plain(Term('name', (), variable.name))} is not given for every case")
    if variable.given:
        return _inserted(variable.law, known) if variable.law is not None else None
    return law_of(model, variable.name)


def _inserted(law: Distribution, known: dict[Any, Any]) -> Distribution:
    return Distribution(law.family, {n: v.subs(known) if isinstance(v, sp.Basic) else v for n, v in law.parameters.items()})


def _refuse_siblings(order: list[Variable]) -> None:
    """A law given one cause says nothing about how its variable depends on the others before it."""
    before: set[Name] = set()
    for variable in order:
        spoken = _spoken(variable)
        missing = before - spoken
        if spoken and missing:
            shown = ", ".join(sorted(n.key for n in missing))
            causes = ", ".join(sorted(n.key for n in spoken))
            raise Undetermined(
                f"the law of {variable.name.key} is given {causes} alone: how it depends on {shown} is not said",
                expected=(f"{variable.name.key} | {', '.join(sorted(n.key for n in (*spoken, *missing)))} ~ …",),
            )
        before.add(variable.name)
