"""Tasks on one expression: whatever derivatives and values it holds are worked out; simplify, expand, factor.

In: the reading of a task. Out: its Solution.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.polys.polyerrors import PolynomialError

from derive.derivation import Prose, Rewrite
from derive.errors import NotSupported, TooLarge
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.rules.algebra import EXPAND, FACTOR
from derive.rules.corners import Corner
from derive.rules.derivatives import BY_LOGARITHMS
from derive.rules.moves import ARITHMETIC, FACTORISATION, LIKE_TERMS, SYMPY_TRANSFORMATIONS
from derive.solution import Solution
from derive.solving.cost import cost, size
from derive.solving.derivatives import resolve
from derive.solving.facts import apply_facts
from derive.solving.guards import refuse_split_arrays, refuse_unknown_functions
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
        table = dict(zip(node.variables, node.point, strict=True))
        if isinstance(node.args[0], sp.Derivative):
            refuse_kinks(node.args[0].args[0], table)
        _refuse_undefined(node.args[0], table)
    whole = resolve(expression, journal)
    whole = apply_facts(whole, journal, reading)
    whole = finish(whole, journal)
    journal.note(refuse_unknown_functions(whole, reading))
    _settle_corners(expression, whole, journal, reading)
    return put_in(whole, journal) if whole.has(sp.Subs) else whole


def _refuse_undefined(body: Any, table: dict[Any, Any]) -> None:
    from derive.solving.domain import refuse_undefined

    refuse_undefined(body, table)


def _settle_corners(expression: Any, answer: Any, journal: Journal, reading: Reading) -> None:
    """The notes on jumps and kinks, with regard to the whole function that is differentiated."""
    if not any(isinstance(note, Corner) for note in journal.notes):
        return
    from derive.solving.corners import settled

    bodies = {_innermost(node) for node in expression.atoms(sp.Derivative)}
    if len(bodies) != 1:
        return
    (function,) = bodies
    if isinstance(expression, sp.Subs) and isinstance(answer, sp.Subs):
        expression, answer = expression.args[0], answer.args[0]
    journal.renote(settled(journal.notes, function, answer if isinstance(expression, sp.Derivative) else function, reading.types))


def _innermost(node: Any) -> Any:
    while isinstance(node, sp.Derivative):
        node = node.args[0]
    return node


def solve_derivative(reading: Reading) -> Solution:
    """Derivatives of any order, partial and mixed, of scalars; also inside an expression, and at a point."""
    start = _counted(to_sympy(reading.expanded, reading.types))
    if not isinstance(start, sp.Expr):
        return _several(reading, start)
    journal = Journal(start)
    answer = derive_expression(_begun(start, journal, reading), journal, reading)
    _assume_lost(reading.expanded, answer, journal, reading, only_poles=True)
    return solution(journal, answer)


def _counted(expression: Any) -> Any:
    """The expression in which a name that is the order of a derivative is a whole number."""
    orders = {n for node in expression.atoms(sp.Derivative) for _, n in node.args[1:] if isinstance(n, sp.Symbol) and not n.is_integer}
    return expression.xreplace({n: sp.Symbol(n.name, integer=True, nonnegative=True) for n in orders}) if orders else expression


def _assume_lost(term: Term, answer: Any, journal: Journal, reading: Reading, *, only_poles: bool = False) -> None:
    """Assumes what the term needs to have a value and the answer no longer shows."""
    if not term.has(*(("div",) if only_poles else ("div", "apply", "sqrt"))) or term.head == "at":
        return
    from derive.solving.domain import lost_conditions

    journal.assume(lost_conditions(term, answer, reading, only_poles=only_poles))


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
        return _arithmetic(term, expression, reading)
    answer = finish(expression, journal)
    if cost(answer) < cost(expression):
        _assume_lost(term, answer, journal, reading)
        return solution(journal, answer)
    return Solution(None, term)


def _arithmetic(term: Term, value: Any, reading: Reading) -> Solution:
    value = tidied(value)
    if term.head == "number" or (term.head == "constant"):
        return Solution(None, value)
    journal = Journal(term)
    _assume_lost(term, value, journal, reading)
    journal.record(ARITHMETIC, Rewrite(value), term, value, (term, value))
    return solution(journal, value)


def solve_simplify(reading: Reading) -> Solution:
    """The shortest form that the rules reach; what SymPy can cancel or combine beyond them is a step of its own."""
    term = reading.expanded.args[0]
    start = _scalar(to_sympy(term, reading.types))
    journal = Journal(start)
    answer = derive_expression(start, journal, reading)
    answer = _beyond(answer, journal, reading)
    if answer.is_number:
        answer = tidied(answer)
    _assume_lost(term, answer, journal, reading)
    if not journal.steps:
        if _says_the_same(term, answer, reading):
            return _unchanged("there is nothing to simplify", answer, journal)
        journal.record(LIKE_TERMS, Rewrite(answer, (), journal.assumptions), term, answer, (term, answer))
    return solution(journal, answer)


def _says_the_same(term: Term, answer: Any, reading: Reading) -> bool:
    """Whether the answer has the names and numbers of the term: reading alone gathered nothing."""
    return _leaves(term) == _leaves(from_sympy(answer, reading.types))


def _leaves(term: Term) -> list[str]:
    return sorted(f"{node.head}:{node.data}" for node in term.walk() if node.head in ("name", "number", "constant", "apply", "call"))


def _scalar(expression: Any) -> Any:
    if not isinstance(expression, sp.Expr):
        raise NotSupported("only scalar expressions can be rearranged so far")
    refuse_unsolved(expression)
    return expression


def _lost(before: Any, after: Any, reading: Reading) -> tuple[Prose, ...]:
    """The poles of one expression at which the next has a value."""
    from derive.solving.domain import lost_poles

    below = [sp.Pow(node.base, -node.exp) for node in before.atoms(sp.Pow) if node.exp.is_Rational and node.exp.is_negative]
    return tuple(dict.fromkeys(need for divisor in below for need in lost_poles(divisor, after, reading.types)))


def _beyond(expression: Any, journal: Journal, reading: Reading) -> Any:
    """SymPy's own transformations, each an honest step where it makes the expression shorter."""
    if size(expression, 200) >= 200 or expression.has(sp.Sum, sp.Product, sp.Piecewise):
        return expression
    for rule, function in SYMPY_TRANSFORMATIONS:
        try:
            new = function(expression)
        except (PolynomialError, NotImplementedError, ValueError):
            continue
        if cost(new) < cost(expression):
            journal.record(rule, Rewrite(new, (), _lost(expression, new, reading)), expression, new, (expression, new))
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
    _assume_lost(term, answer, journal, reading)
    if answer != whole:
        journal.record(EXPAND, Rewrite(answer), whole, answer, (whole, answer))
    elif not journal.steps:
        return _unchanged("there is nothing to multiply out", answer, journal)
    return solution(journal, answer)


def _unchanged(words: str, answer: Any, journal: Journal) -> Solution:
    """The answer of a task that found nothing to do."""
    journal.note([(words,)])
    return Solution(None, answer, notes=journal.notes, assumptions=journal.assumptions)


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
    _assume_lost(term, answer, journal, reading)
    if answer != whole:
        journal.record(FACTORISATION, Rewrite(answer), whole, answer, (whole, answer))
    if not journal.steps:
        return _unchanged("there is nothing to factor", answer, journal)
    return solution(journal, answer)
