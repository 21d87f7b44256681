"""Variables whose law is a density by a formula, from the facts of a session; what the formula leaves open is fixed by the total.

In: facts `density-law` and what the line asks about. Out: variables with laws, and constants with their values. A formula of which the line
asks nothing is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import sympy as sp

from derive.errors import DoesNotExist, NotSupported
from derive.expressions.term import Name, Term, number
from derive.expressions.to_sympy import symbol, to_sympy
from derive.meaning.scope import Bound, Type
from derive.probability.formula_laws import formula_law
from derive.probability.model import Variable

__all__ = ["FormulaVariable", "formula_variables", "is_formula", "positive_parameters"]


class FormulaVariable(NamedTuple):
    """A variable, and the constant that its total fixes with its value."""

    variable: Variable
    constant: tuple[Any, Any] | None


def is_formula(fact: Term) -> bool:
    """Whether a fact says what the density of a variable is."""
    return fact.head == "task" and fact.data == "density-law"


def formula_variables(
    facts: Sequence[Term], asked: Term, types: Mapping[Name, Type], definitions: Iterable[Term] = ()
) -> list[FormulaVariable]:
    """The variables that the line asks about, perhaps by way of definitions: X, or x where the density is p(x) and X is not meant."""
    if not facts or not (asked.has("probability", "task") or asked.head == "name" or (asked.head == "call" and asked.args[0].data.sub)):
        return []
    names = {n.data for t in (asked, *definitions) for n in t.walk() if n.head == "name"}
    found: dict[Name, FormulaVariable] = {}
    for fact in facts:
        subject, letter, body, low, high, word = fact.args
        capital = subject.data._replace(base=subject.data.base.upper())
        constants = {n.data for n in body.walk() if n.head == "name"} - {letter.data}
        name = next((n for n in (subject.data, capital) if n in names), None)
        if name is None and not (asked.head == "name" and asked.data in constants):
            continue
        name = name or subject.data
        x = sp.Symbol(letter.data.key, real=True)
        plain = {n: t for n, t in types.items() if n != letter.data}
        expression = to_sympy(body, plain).subs(to_sympy(letter, plain), x)
        ends = to_sympy(low, plain), to_sympy(high, plain)
        kernel = word.data == "kernel"
        try:
            law, constant = formula_law(expression, x, ends, is_kernel=kernel)
        except (DoesNotExist, NotSupported):  # λ e^(−λx) says λ > 0
            table = {s: sp.Symbol(s.name, positive=True) for s in expression.free_symbols - {x} if s.is_positive is None}
            if not table:
                raise
            law, constant = formula_law(expression.xreplace(table), x, sp.Tuple(*ends).xreplace(table), is_kernel=kernel)
        found[name] = FormulaVariable(Variable(name, symbol(name, Type("random")), law), constant)
    return list(found.values())


def positive_parameters(variable: Variable, types: Mapping[Name, Type]) -> dict[Name, Type]:
    """The types of parameters that the density asks to be positive."""
    symbols = variable.law.values if variable.law is not None else ()
    names = {Name.from_key(s.name) for s in symbols if isinstance(s, sp.Symbol) and s.is_positive}
    return {n: replace(types.get(n, Type()), lower=Bound(number(0), True)) for n in names if n not in types or types[n].lower is None}
