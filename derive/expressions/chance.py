"""Expectation, variance, covariance and probability as SymPy nodes, with their terms both ways.

In: `probability` terms under a conversion in progress; nodes. Out: nodes; terms that print as E[X | Y], Var(X), P(A | B). Nothing is
evaluated: a node stands for its value, which `derive.solving.chance` finds. The conditions of a node are its last arguments, `Given(…)`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy import Expr, Function, S, default_sort_key
from sympy.logic.boolalg import Boolean

from derive.errors import NotSupported
from derive.expressions.array_entries import Conversion
from derive.expressions.term import Term

__all__ = [
    "METHODS",
    "NODES",
    "Chance",
    "Correlation",
    "Covariance",
    "Expectation",
    "Given",
    "Probability",
    "StandardDeviation",
    "Variance",
    "given",
    "term_of",
]


class Given(Function):  # type: ignore[misc]
    """The conditions of a node: variables (Y) and relations (Z = 1, X > c)."""

    is_commutative = True


class Chance(Function):  # type: ignore[misc]
    """A number that belongs to random variables: node(operands…) or node(operands…, Given(conditions…)). Real."""

    operator = ""
    operands_taken = 1

    @property
    def operands(self) -> tuple[Any, ...]:
        """What it is taken of."""
        return tuple(a for a in self.args if not isinstance(a, Given))

    @property
    def conditions(self) -> tuple[Any, ...]:
        """What it is conditional on."""
        last = self.args[-1]
        return tuple(last.args) if isinstance(last, Given) else ()

    @classmethod
    def of(cls, *operands: Any, given: tuple[Any, ...] = ()) -> Chance:
        """The node with these operands and conditions."""
        made: Chance = cls(*operands, Given(*given)) if given else cls(*operands)
        return made

    def _eval_is_real(self) -> bool:
        return True

    def _eval_is_finite(self) -> bool:
        return True


class Expectation(Chance):
    """E[body | conditions]. Its derivative is that of the body inside: differentiation under the expectation."""

    operator = "E"

    def _eval_derivative(self, s: Any) -> Expr:
        inner = self.operands[0].diff(s)
        return S.Zero if inner is S.Zero else Expectation.of(inner, given=self.conditions)


def _in_order(kind: type[Chance], args: tuple[Any, ...]) -> Any:
    first, second, *rest = args
    return kind(second, first, *rest) if default_sort_key(second) < default_sort_key(first) else None


class Variance(Chance):
    """Var(body | conditions)."""

    operator = "Var"

    def _eval_is_nonnegative(self) -> bool:
        return True


class StandardDeviation(Chance):
    """SD(body | conditions), the root of the variance."""

    operator = "SD"

    def _eval_is_nonnegative(self) -> bool:
        return True


class Covariance(Chance):
    """Cov(a, b | conditions)."""

    operator = "Cov"
    operands_taken = 2

    @classmethod
    def eval(cls, *args: Any) -> Any:
        """Symmetric: the two operands in one order."""
        return _in_order(cls, args)


class Correlation(Chance):
    """Corr(a, b | conditions)."""

    operator = "Corr"
    operands_taken = 2

    @classmethod
    def eval(cls, *args: Any) -> Any:
        """Symmetric: the two operands in one order."""
        return _in_order(cls, args)


class Probability(Chance):
    """P(event | conditions); an event is a relation, a combination of relations, or the symbol of a named event."""

    operator = "P"

    def _eval_is_nonnegative(self) -> bool:
        return True


NODES: dict[str, type[Chance]] = {
    "E": Expectation, "Var": Variance, "SD": StandardDeviation, "Cov": Covariance, "Corr": Correlation, "P": Probability,
}  # fmt: skip


def given(node: Any) -> tuple[Any, ...]:
    """The conditions of a node; none of any other expression."""
    return node.conditions if isinstance(node, Chance) else ()


# ── from terms ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _listed(term: Term) -> tuple[Term, ...]:
    return term.args if term.head in ("list", "and") else (term,)


def _node(conversion: Conversion, term: Term) -> Any:
    kind = NODES.get(str(term.data))
    if kind is None:
        raise NotSupported(f"{term.data} inside an expression", span=term.span)
    operands: list[Term] = []
    conditions: list[Term] = []
    for part in term.args:
        if part.head == "expect_under":
            if len(part.args) > 1 or part.args[0].head != "name":
                raise NotSupported("an expectation under a distribution, inside another expression", span=part.span)
            continue
        inside = part
        if part.head == "given":
            inside = part.args[0]
            conditions += _listed(part.args[1])
        operands += _listed(inside) if kind is not Probability and inside.head == "list" else (inside,)
    if kind is Probability:
        events = [_event(conversion, o) for o in operands]
        event = events[0] if len(events) == 1 else sp.And(*events, evaluate=False)
        return Probability.of(event, given=tuple(_event(conversion, c) for c in conditions))
    if len(operands) == 1 and kind is Covariance:
        kind = Variance
    if len(operands) != kind.operands_taken:
        raise NotSupported(f"{term.data} of {len(operands)} operands", span=term.span)
    taken = conversion.scalars(Term("operands", tuple(operands), None, term.span))
    return kind.of(*taken, given=tuple(_event(conversion, c) for c in conditions))


def _event(conversion: Conversion, term: Term) -> Any:
    """A condition: a variable, a relation, a combination; an event by its name."""
    if term.head == "word":
        return sp.Symbol(str(term.data))
    if term.head == "name":
        kind = conversion.type(term.data)
        if kind is not None and kind.domain == "event":
            return sp.Symbol(term.data.key)
    if term.head in ("and", "or", "not", "list"):
        parts = [_event(conversion, a) for a in term.args]
        if all(isinstance(p, (Boolean, sp.Symbol)) for p in parts):
            return {"and": sp.And, "list": sp.And, "or": sp.Or, "not": sp.Not}[term.head](*parts, evaluate=False)
    return conversion.expression(term)


METHODS: dict[str, Callable[[Conversion, Term], Any]] = {"probability": _node}


# ── to terms ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def term_of(node: Chance, convert: Callable[[Any], Term]) -> Term:
    """The term that prints the node; `convert` makes terms of its parts."""
    operands = tuple(convert(o) for o in node.operands)
    conditions = tuple(convert(c) for c in node.conditions)
    if conditions:
        condition = conditions[0] if len(conditions) == 1 else Term("list", conditions)
        operands = (*operands[:-1], Term("given", (operands[-1], condition)))
    return Term("probability", operands, node.operator)
