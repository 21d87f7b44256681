"""A vector of a few entries that occurs by its entries only: the entries are scalars, and the optimum is put together again.

In: the reading of an optimum over x ∈ ℝ² in which x_1 and x_2 stand alone. Out: the same over the names x_1, x_2, or None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from derive.expressions.term import Name, Term, integer, number
from derive.meaning.scope import Reading
from derive.solution import Solution

__all__ = ["by_components", "together"]

MOST = 5


def by_components(reading: Reading) -> tuple[Reading, Name, tuple[Name, ...]] | None:
    """The reading over the entries, the vector and the names of its entries."""
    term = reading.expanded
    variables = term.args[1].args
    if len(variables) != 1 or variables[0].head != "name":
        return None
    vector = variables[0]
    kind = reading.types.get(vector.data)
    size = integer(kind.shape[0]) if kind is not None and len(kind.shape) == 1 else None
    if kind is None or size is None or not 1 < size <= MOST:
        return None
    names = tuple(Name(vector.data.base, vector.data.font, vector.data.accents, sub=str(k + 1)) for k in range(size))
    if any(n in reading.types for n in names):
        return None
    table = {Term("index", (vector, number(k + 1))): Term("name", (), n) for k, n in enumerate(names)}
    whole = Term("list", (term.args[0], *term.args[2:]))
    made = whole.transform(lambda node: table.get(node, node))
    if any(node == vector for node in made.walk()):
        return None
    entries = tuple(Term("name", (), n) for n in names)
    rest = list(made.args[1:])
    if "simplex" in kind.properties:
        rest.append(Term("rel", (Term("add", entries), number(1)), "="))
    single = replace(kind, shape=(), properties=frozenset())
    types = {**{n: t for n, t in reading.types.items() if n != vector.data}, **dict.fromkeys(names, single)}
    expanded = Term("optimum", (made.args[0], Term("tuple", entries), *rest), term.data, term.span)
    return replace(reading, expanded=expanded, types=types), vector.data, names


def together(solution: Solution, vector: Name, names: tuple[Name, ...], types: Mapping[Name, Any]) -> Solution:
    """The parts with the vector in the place of its entries; several optima stay entry by entry."""
    values = [solution.parts[n.key] for n in names]
    if any(isinstance(v, sp.Tuple) for v in values):
        return replace(solution, types={**solution.types, **{n: types[n] for n in names}})
    parts = {vector.key: sp.Tuple(*values), **{k: v for k, v in solution.parts.items() if k not in {n.key for n in names}}}
    return replace(solution, parts=parts, types={**solution.types, **{n: types[n] for n in names}})
