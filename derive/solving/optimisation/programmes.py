"""What a line asks about an optimum over scalars: the function, its variables, equations and inequalities, over SymPy.

In: a reading. Out: a `Programme`. Bounds that are declared for a variable are inequalities where they belong to the interval, and the
domain of the function where they do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.errors import NotSupported, WrongUse
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.solving.optimisation.array_programmes import is_whole_space, linked, stated

__all__ = ["LARGEST", "Programme", "interval_of", "programme_of"]

LARGEST = frozenset(("max", "argmax", "sup"))
MAX_VARIABLES = 5
MAX_INEQUALITIES = 6


@dataclass(frozen=True, slots=True)
class Programme:
    """Make `objective` small (a maximum is that of −f) over `variables`, with each of `equal` = 0 and each of `below` ≤ 0.

    `open_below` are expressions that have to be negative; `function` is what was written, `relations` are the constraints as relations.
    """

    objective: Any
    function: Any
    variables: tuple[Any, ...]
    equal: tuple[Any, ...]
    below: tuple[Any, ...]
    open_below: tuple[Any, ...]
    relations: tuple[Any, ...]
    largest: bool
    span: tuple[int, int] | None

    @property
    def word(self) -> str:
        """What is sought."""
        return "maximum" if self.largest else "minimum"

    @property
    def parameters(self) -> frozenset[Any]:
        """The names that are given."""
        whole = sp.Tuple(self.objective, *self.equal, *self.below, *self.open_below)
        return frozenset(whole.free_symbols - set(self.variables))

    def names(self) -> dict[Any, str]:
        """The label of each variable as a part."""
        return {v: v.name if isinstance(v, sp.Symbol) else str(v) for v in self.variables}


def programme_of(reading: Reading) -> Programme:
    """The programme of a line. Raises NotSupported for variables and constraints of other kinds."""
    term = reading.expanded
    body, over, *constraints = term.args
    variables = tuple(to_sympy(v, reading.types) for v in over.args)
    if not variables:
        raise WrongUse("there is no variable to optimise over", span=term.span, expected=("over and a variable",))
    if len(variables) > MAX_VARIABLES or not all(isinstance(v, sp.Symbol) and not v.is_integer for v in variables):
        raise NotSupported("an optimum over these variables", span=over.span)
    function = to_sympy(body, reading.types)
    largest = str(term.data) in LARGEST
    equal: list[Any] = []
    below: list[Any] = []
    strict: list[Any] = []
    relations: list[Any] = []
    for constraint in [r for c in (*constraints, *stated(reading)) for r in linked(c)]:
        for relation in _relations(constraint, reading):
            relations.append(relation)
            _sort(relation, equal, below, strict, constraint)
    for variable, written in zip(variables, over.args, strict=True):
        for relation in _declared(variable, written, reading):
            if relation not in relations:
                relations.append(relation)
                _sort(relation, equal, below, strict, written)
    if len(below) > MAX_INEQUALITIES:
        raise NotSupported(f"an optimum under more than {MAX_INEQUALITIES} inequalities", span=term.span)
    return Programme(
        -function if largest else function,
        function,
        variables,
        tuple(equal),
        tuple(below),
        tuple(strict),
        tuple(relations),
        largest,
        term.span,
    )


def _relations(constraint: Term, reading: Reading) -> list[Any]:
    if constraint.head == "rel" and constraint.data == "in":
        variable, where = constraint.args
        if is_whole_space(where):
            return []
        if where.head != "interval":
            raise NotSupported("a constraint of this form", span=constraint.span)
        x = to_sympy(variable, reading.types)
        low, high = (to_sympy(e, reading.types) for e in where.args)
        found = []
        if low != -sp.oo:
            found.append(sp.Ge(x, low, evaluate=False) if str(where.data)[0] == "[" else sp.Gt(x, low, evaluate=False))
        if high != sp.oo:
            found.append(sp.Le(x, high, evaluate=False) if str(where.data)[1] == "]" else sp.Lt(x, high, evaluate=False))
        return found
    if constraint.head == "rel" and constraint.data in ("=", "<", "<=", ">", ">="):
        left, right = (to_sympy(side, reading.types) for side in constraint.args)
        if isinstance(left, sp.Tuple) or isinstance(right, sp.Tuple):
            sides = _several(left, right)
        else:
            sides = [(left, right)]
        kinds = {"=": sp.Eq, "<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge}
        return [kinds[str(constraint.data)](a, b, evaluate=False) for a, b in sides]
    raise NotSupported("a constraint of this form", span=constraint.span)


def _several(left: Any, right: Any) -> list[tuple[Any, Any]]:
    """(x, y) ≥ 0 is a relation for each."""
    lefts = list(left) if isinstance(left, sp.Tuple) else [left] * len(right)
    rights = list(right) if isinstance(right, sp.Tuple) else [right] * len(left)
    return list(zip(lefts, rights, strict=False))


def _sort(relation: Any, equal: list[Any], below: list[Any], strict: list[Any], place: Term) -> None:
    left, right = relation.lhs, relation.rhs
    if not (left.is_extended_real is not False and right.is_extended_real is not False):
        raise NotSupported("a constraint that is not real", span=place.span)
    if isinstance(relation, sp.Eq):
        equal.append(left - right)
    else:
        gap = left - right if isinstance(relation, (sp.Le, sp.Lt)) else right - left
        (strict if isinstance(relation, (sp.Lt, sp.Gt)) else below).append(gap)


def _declared(variable: Any, written: Term, reading: Reading) -> list[Any]:
    """The declared ends of a variable's interval."""
    kind = reading.types.get(written.data)
    found: list[Any] = []
    if kind is None:
        return found
    for bound, loose, strict in ((kind.lower, sp.Ge, sp.Gt), (kind.upper, sp.Le, sp.Lt)):
        if bound is not None:
            found.append((strict if bound.strict else loose)(variable, to_sympy(bound.value, reading.types), evaluate=False))
    return found


def interval_of(programme: Programme, variable: Any) -> Any:
    """The interval that the bounds of one variable leave; other constraints are not looked at."""
    low, high, low_open, high_open = -sp.oo, sp.oo, True, True
    for expression, is_open in [*((e, False) for e in programme.below), *((e, True) for e in programme.open_below)]:
        if expression.free_symbols & set(programme.variables) != {variable}:
            continue
        slope = sp.diff(expression, variable)
        if slope == 1 and sp.Gt(high, end := variable - expression) == sp.true:
            high, high_open = end, is_open
        elif slope == -1 and sp.Lt(low, end := expression + variable) == sp.true:
            low, low_open = end, is_open
    return sp.Interval(low, high, low_open, high_open)
