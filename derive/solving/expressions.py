"""Tasks on one expression: whatever derivatives and values it holds are worked out; simplify, expand, factor.

In: the reading of a task. Out: its Solution.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.polys.polyerrors import PolynomialError

from derive.derivation import Rewrite
from derive.errors import NotSupported, TooLarge
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.rules.algebra import EXPAND, FACTOR
from derive.rules.derivatives import BY_LOGARITHMS
from derive.rules.moves import ARITHMETIC, FACTORISATION, LIKE_TERMS, SYMPY_TRANSFORMATIONS
from derive.solution import Solution
from derive.solving.cost import cost, size
from derive.solving.derivatives import resolve
from derive.solving.facts import apply_facts
from derive.solving.guards import refuse_split_arrays
from derive.solving.journal import Journal
from derive.solving.simplification import finish
from derive.solving.tasks import solution
from derive.solving.values import put_in, refuse_kinks, tidied

__all__ = ["derive_expression", "refuse_unsolved", "solve_derivative", "solve_expand", "solve_expression", "solve_factor", "solve_simplify"]

_UNSOLVED: tuple[tuple[type, str], ...] = ((sp.Integral, "integrals"), (sp.Limit, "limits"))
MAX_POLYNOMIAL = 400
_LOGARITHMS = frozenset({"log", "logs", "logarithms", "logarithmic-differentiation"})


def refuse_unsolved(expression: Any) -> None:
    """Raises NotSupported for what an expression holds that belongs to another solver."""
    for kind, words in _UNSOLVED:
        if expression.has(kind):
            raise NotSupported(f"{words} are read, but no solver for them exists yet")


def derive_expression(expression: Any, journal: Journal, reading: Reading) -> Any:
    """The expression with its derivatives, values and simplifications worked out in order; the steps go to the journal."""
    refuse_split_arrays(expression)
    for node in expression.atoms(sp.Subs):
        if isinstance(node.args[0], sp.Derivative):
            refuse_kinks(node.args[0].args[0], dict(zip(node.variables, node.point, strict=True)))
    whole = resolve(expression, journal)
    whole = apply_facts(whole, journal, reading)
    whole = finish(whole, journal)
    return put_in(whole, journal) if whole.has(sp.Subs) else whole


def solve_derivative(reading: Reading) -> Solution:
    """Derivatives of any order, partial and mixed, of scalars; also inside an expression, and at a point."""
    start = to_sympy(reading.expanded, reading.types)
    if not isinstance(start, sp.Expr):
        return _several(reading, start)
    journal = Journal(start)
    return solution(journal, derive_expression(_begun(start, journal, reading), journal, reading))


def _begun(start: Any, journal: Journal, reading: Reading) -> Any:
    """The first step where a method was asked for: `using logs`."""
    if reading.using is None or reading.using.lower() not in _LOGARITHMS:
        return start
    if not isinstance(start, sp.Derivative) or len(start.args) != 2 or start.args[1][1] != 1:
        raise NotSupported("logarithmic differentiation of something other than one first derivative")
    rewrite = BY_LOGARITHMS.apply(start)
    assert rewrite is not None
    journal.record(BY_LOGARITHMS, rewrite, start, rewrite.result, (start, rewrite.result))
    return rewrite.result


def _several(reading: Reading, start: Any) -> Solution:
    """A tuple, vector or matrix of scalars, entry by entry."""
    if not isinstance(start, (sp.Tuple, sp.MatrixBase)):
        raise NotSupported(f"{type(start).__name__.lower()}s are read, but no solver for them exists yet")
    from derive.solving.several import entry_by_entry

    return entry_by_entry(reading, start)


def solve_expression(reading: Reading) -> Solution:
    """An expression with nothing to do in it: shorter where that is possible, else itself."""
    term = reading.expanded
    if term.head == "task":
        term = term.args[0] if term.args else term
    expression = to_sympy(term, reading.types)
    if not isinstance(expression, sp.Expr):
        if isinstance(expression, (sp.Tuple, sp.MatrixBase)) and expression.has(sp.Derivative, sp.Subs):
            return _several(reading, expression)
        raise NotSupported("there is nothing to solve in this")
    if expression.has(sp.Derivative, sp.Subs):
        journal = Journal(expression)
        return solution(journal, derive_expression(expression, journal, reading))
    refuse_unsolved(expression)
    journal = Journal(expression)
    if expression.is_number and not expression.has(sp.Sum, sp.Product):
        return _arithmetic(term, expression)
    answer = finish(expression, journal)
    if cost(answer) < cost(expression):
        return solution(journal, answer)
    return Solution(None, term)


def _arithmetic(term: Term, value: Any) -> Solution:
    value = tidied(value)
    if term.head == "number" or (term.head == "constant"):
        return Solution(None, value)
    journal = Journal(term)
    journal.record(ARITHMETIC, Rewrite(value), term, value, (term, value))
    return solution(journal, value)


def solve_simplify(reading: Reading) -> Solution:
    """The shortest form that the rules reach; what SymPy can cancel or combine beyond them is a step of its own."""
    term = reading.expanded.args[0]
    start = _scalar(to_sympy(term, reading.types))
    journal = Journal(start)
    answer = derive_expression(start, journal, reading)
    answer = _beyond(answer, journal)
    if answer.is_number:
        answer = tidied(answer)
    if not journal.steps:
        journal.record(LIKE_TERMS, Rewrite(answer), term, answer, (term, answer))
    return solution(journal, answer)


def _scalar(expression: Any) -> Any:
    if not isinstance(expression, sp.Expr):
        raise NotSupported("only scalar expressions can be rearranged so far")
    refuse_unsolved(expression)
    return expression


def _beyond(expression: Any, journal: Journal) -> Any:
    """SymPy's own transformations, each an honest step where it makes the expression shorter."""
    if size(expression, 200) >= 200 or expression.has(sp.Sum, sp.Product, sp.Piecewise):
        return expression
    for rule, function in SYMPY_TRANSFORMATIONS:
        try:
            new = function(expression)
        except (PolynomialError, NotImplementedError, ValueError):
            continue
        if cost(new) < cost(expression):
            journal.record(rule, Rewrite(new), expression, new, (expression, new))
            expression = finish(new, journal)
    return expression


def solve_expand(reading: Reading) -> Solution:
    """Products of sums multiplied out."""
    term = reading.expanded.args[0]
    start = _scalar(to_sympy(term, reading.types))
    journal = Journal(start)
    whole = resolve(start, journal)
    if size(whole, MAX_POLYNOMIAL) >= MAX_POLYNOMIAL or _expanded_terms(whole) > 5_000:
        raise TooLarge("the expanded form would be too long")
    answer = sp.expand(whole, power_exp=False, log=False)
    if answer != whole or not journal.steps:
        journal.record(EXPAND, Rewrite(answer), whole if answer != whole else term, answer, (whole if answer != whole else term, answer))
    return solution(journal, answer)


def _expanded_terms(expression: Any) -> int:
    """About how many terms multiplying out makes."""
    if expression.is_Add:
        return sum(map(_expanded_terms, expression.args))
    if expression.is_Mul:
        total = 1
        for factor in expression.args:
            total = min(total * _expanded_terms(factor), 10**6)
        return total
    if expression.is_Pow and expression.exp.is_Integer and expression.exp > 0:
        count = _expanded_terms(expression.base)
        if count == 1:
            return 1
        exponent = int(expression.exp)
        return 10**6 if exponent > 200 else min(int(sp.binomial(exponent + count - 1, exponent)), 10**6)
    return 1


def solve_factor(reading: Reading) -> Solution:
    """A product: the common factor first, then what is left by SymPy's factor."""
    term = reading.expanded.args[0]
    start = _scalar(to_sympy(term, reading.types))
    journal = Journal(start)
    whole = resolve(start, journal)
    if whole.is_Add:
        rewrite = FACTOR.apply(whole)
        if rewrite is not None:
            journal.record(FACTOR, rewrite, whole, rewrite.result, (whole, rewrite.result))
            whole = rewrite.result
    if size(whole, MAX_POLYNOMIAL) >= MAX_POLYNOMIAL:
        raise TooLarge("the expression is too long to be factored")
    try:
        answer = sp.factor(whole)
    except (PolynomialError, NotImplementedError):
        answer = whole
    if answer != whole:
        journal.record(FACTORISATION, Rewrite(answer), whole, answer, (whole, answer))
    if not journal.steps:
        journal.record(FACTORISATION, Rewrite(answer, ("there is nothing to factor",)), term, answer, (term, answer))
    return solution(journal, answer)
