"""Moments that cannot hold together: two values for one, a negative variance, a covariance beyond its bound, a law with other moments.

In: a model. Out: nothing, or an InconsistentInput that shows the contradiction. Moments are compared as numbers; a moment of a declared
law as an expression: `E[X] = 3` beside `X ~ Poisson(lambda)` says something of lambda, and is to be said of it.
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
from derive.probability.model import Model, MomentFact, Variable

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
    _higher_moments(values)
    _covariances(values, model)
    _laws(model)
    _ranges(values, model)
    _generating(model)
    _apart(model)


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


def _higher_moments(values: Mapping[tuple[str, tuple[Term, ...]], Any]) -> None:
    """E[X^(2k)] ≥ E[X^k]², for every k of which both were stated."""
    for (operator, arguments), lower in values.items():
        if operator != "E" or len(arguments) != 1:
            continue
        base, order = _power(arguments[0])
        upper = values.get(("E", (Term("pow", (base, number(2 * order))),)))
        if order > 1 and upper is not None and (upper - lower**2).is_negative:
            name = plain(base)
            raise InconsistentInput(
                f"E[{name}^{2 * order}] = {_text(upper)} is less than E[{name}^{order}]^2 = {_text(lower**2)}: "
                f"the variance of {name}^{order} would be negative"
            )


def _power(term: Term) -> tuple[Term, int]:
    if term.head == "pow" and term.args[1].head == "number" and term.args[1].value.denominator == 1:
        return term.args[0], int(term.args[1].value)
    return term, 1


def _covariances(values: Mapping[tuple[str, tuple[Term, ...]], Any], model: Model) -> None:
    """The covariance matrix of any few variables is positive semidefinite; variances are stated, or those of laws."""
    spreads = _own_spreads(model)
    spreads |= {a[0]: v for (o, a), v in values.items() if o == "Var"}
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


def _own_spreads(model: Model) -> dict[Term, Any]:
    """The variances that declared laws have, where they are numbers."""
    found = {}
    for variable in model.variables.values():
        value = _of_law(variable, "Var")
        if value is not None and value.is_number and value.is_real and value.is_finite:
            found[Term("name", (), variable.name)] = value
    return found


def _of_law(variable: Variable, operator: str) -> Any:
    """E or Var of the variable by its declared law; None where that has none, or is conditional."""
    law = variable.law
    if law is None or variable.given or not all(isinstance(v, sp.Basic) for v in law.values):
        return None
    formula = law.family.mean if operator == "E" else law.family.variance
    if formula is None or law.family.moment_exists is None:
        return None
    if law.family.moment_exists(1 if operator == "E" else 2, *law.values) in (False, sp.false):
        return None
    value = formula(*law.values)
    return value if isinstance(value, sp.Expr) else None


def _laws(model: Model) -> None:
    """A stated moment of a variable whose law says another one."""
    named = {v.name: v for v in model.variables.values()}
    for fact in model.moments:
        subject = fact.arguments[0] if len(fact.arguments) == 1 and not fact.given else None
        if subject is None or subject.head != "name" or subject.data not in named or fact.operator not in ("E", "Var", "SD"):
            continue
        own = _of_law(named[subject.data], "E" if fact.operator == "E" else "Var")
        stated = _value(fact, model)
        if own is None or stated is None:
            continue
        own = sp.sqrt(own) if fact.operator == "SD" else own
        if own == stated or sp.simplify(own - stated) == 0:
            continue
        law = named[subject.data].law
        assert law is not None
        said = f"{_shown(fact)} = {_text(stated)}, but the declared {law.name} has {_text(own)}"
        if (own - stated).is_number:
            raise InconsistentInput(said)
        raise InconsistentInput(f"{said}: they agree only where {_text(own)} = {_text(stated)}, which is to be put into the law")


def _value(fact: MomentFact, model: Model) -> Any:
    """The value of the fact as an expression without probabilities."""
    if fact.value.has("probability", "matrix"):
        return None
    try:
        value = to_sympy(fact.value, model.types)
    except DeriveError:
        return None
    return value if isinstance(value, sp.Expr) else None


def _ranges(values: Mapping[tuple[str, tuple[Term, ...]], Any], model: Model) -> None:
    """A mean lies between the bounds that were declared of the variable."""
    for (operator, arguments), mean in values.items():
        kind = model.types.get(arguments[0].data) if operator == "E" and arguments[0].head == "name" else None
        if kind is None or len(arguments) != 1:
            continue
        name = plain(arguments[0])
        for bound, sign in ((kind.lower, 1), (kind.upper, -1)):
            if bound is None or bound.value.has("name"):
                continue
            gap = sign * (mean - to_sympy(bound.value, {}))
            if gap.is_negative or (gap.is_zero and bound.strict):
                relation = (">" if sign > 0 else "<") + ("" if bound.strict else "=")
                raise InconsistentInput(f"E[{name}] = {_text(mean)}, but {name} {relation} {plain(bound.value)}")


def _generating(model: Model) -> None:
    """M(0) = E[e^0] = 1 for every moment generating function."""
    for fact in model.moments:
        if fact.operator != "MGF":
            continue
        value = _value(fact, model)
        if value is None:
            continue
        argument = to_sympy(fact.arguments[1], model.types)
        at = value.subs(argument, 0) if isinstance(value, sp.Expr) else None
        if at is not None and at.is_number and at.is_finite and sp.simplify(at - 1) != 0:
            raise InconsistentInput(f"{plain(fact.value)} is no moment generating function: at 0 it is {_text(at)}, and E[e^0] is 1")


def _apart(model: Model) -> None:
    """A covariance that is not zero beside independence; a variable independent of what it is a function of."""
    for independence in model.independences:
        if independence.given or independence.kind not in ("independent", "iid"):
            continue
        place = {member: k for k, group in enumerate(independence.groups) for member in group}
        for fact in model.moments:
            if fact.operator not in ("Cov", "Corr") or fact.given or len(fact.arguments) != 2:
                continue
            if not all(a in place for a in fact.arguments):
                continue
            left, right = fact.arguments
            value = _value(fact, model)
            if place[left] != place[right] and value is not None and value != 0:
                names = f"{plain(left)} and {plain(right)}"
                ways = "" if value.is_number else f" unless {_text(value)} = 0"
                raise InconsistentInput(f"{_shown(fact)} = {_text(value)}, but {names} are declared to be independent{ways}")
        for member, group in place.items():
            body = model.defined.get(member.data) if member.head == "name" else None
            inside = {n for n in body.walk() if n.head == "name"} if body is not None else set()
            shared = next((n for n in sorted(inside, key=plain) if place.get(n, group) != group), None)
            if shared is not None and body is not None:
                raise InconsistentInput(
                    f"{plain(member)} = {plain(body)} is a function of {plain(shared)}: the two cannot be declared to be independent"
                )
