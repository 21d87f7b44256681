"""Equations for one unknown: isolated step by step where that is elementary, else by SymPy, and always put back to be tested.

In: the reading of a `solve` task. Out: its Solution; one part a solution where there are several.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp
from sympy import S
from sympy.polys.polyerrors import PolynomialError

from derive.derivation import Prose, Rewrite, Rule
from derive.errors import DoesNotExist, NotSupported, Undetermined, WrongUse
from derive.expressions.nodes import expand_definitions, sigmoid
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.rules import forms
from derive.rules.conditions import nonzero
from derive.rules.dependence import depends
from derive.rules.equations import DIVIDE, FACTORS, GATHER, ISOLATING, LAMBERT, QUADRATIC, equal
from derive.rules.moves import CLEAR, DROP, FACTORISATION, ONE_SIDE, SWAP, SYMPY_SOLVE, TIDY
from derive.solution import Solution
from derive.solving.cost import size
from derive.solving.journal import Journal
from derive.solving.tasks import solution
from derive.solving.values import tidied

__all__ = ["solve_unknown"]

MAX_STEPS = 40
MAX_SIZE = 300
MAX_SOLUTIONS = 24
_LOGISTIC = next(rule for rule in forms.RULES if rule.id == "logistic-form")


def solve_unknown(reading: Reading) -> Solution:
    """The real solutions of one equation in one unknown."""
    relation, x = _question(reading)
    journal = Journal(relation)
    statement = _solved(relation, x, journal)
    solutions = _tested(statement, relation, x, journal)
    if not solutions:
        raise DoesNotExist(f"the equation has no real solution for {x}")
    if len(solutions) == 1:
        return solution(journal, solutions[0])
    return solution(journal, sp.Tuple(*solutions), {f"{x}_{k}": value for k, value in enumerate(solutions, 1)})


def _question(reading: Reading) -> tuple[Any, Any]:
    equation, *unknowns = reading.expanded.args
    if equation.head in ("list", "and", "chain") or len(unknowns) > 1:
        raise NotSupported("systems of equations are read, but no solver for them exists yet", span=equation.span)
    if equation.head == "rel" and equation.data != "=":
        raise NotSupported("inequalities are read, but no solver for them exists yet", span=equation.span)
    sides = equation.args if equation.head == "rel" else (equation, Term("number", (), "0"))
    left, right = (to_sympy(side, reading.types) for side in sides)
    if not (isinstance(left, sp.Expr) and isinstance(right, sp.Expr)):
        raise NotSupported("only scalar equations can be solved so far")
    free = sorted((s for s in (left - right).free_symbols if isinstance(s, sp.Symbol)), key=lambda s: s.name)
    if unknowns:
        x = to_sympy(unknowns[0], reading.types)
    elif len(free) == 1:
        x = free[0]
    else:
        raise Undetermined("for which name? " + ", ".join(map(str, free)), expected=tuple(f"for {s}" for s in free))
    if not isinstance(x, sp.Symbol):
        raise WrongUse("an equation is solved for a name")
    if x not in (left - right).free_symbols:
        raise WrongUse(f"{x} does not occur in the equation")
    if left.has(sp.Derivative, sp.Integral, sp.Limit) or right.has(sp.Derivative, sp.Integral, sp.Limit):
        raise NotSupported("differential and integral equations are read, but no solver for them exists yet")
    return equal(left, right), x


def _solved(relation: Any, x: Any, journal: Journal) -> Any:
    """A statement equivalent to the equation in which every alternative is x = value; false where there is none."""
    open_equations = [relation]
    done: list[Any] = []
    for _ in range(MAX_STEPS):
        if not open_equations:
            return _joined(done)
        equation = open_equations.pop(0)
        if equation.args[0] == x and not depends(equation.args[1], x):
            done.append(equation)
            continue
        before = _joined([*done, equation, *open_equations])
        rule, rewrite = _next(equation, x)
        results = _alternatives(rewrite.result)
        together = _likewise(rule, open_equations, x) if open_equations and len(results) == 1 else None
        if together is None:
            open_equations = [*results, *open_equations]
            part = (equation, _joined(results))
        else:
            open_equations = [*results, *(alternative for other in together for alternative in _alternatives(other.result))]
            needs = tuple(dict.fromkeys(need for each in (rewrite, *together) for need in each.assumptions))
            rewrite = Rewrite(rewrite.result, ("in each equation",), needs)
            part = None
        after = _joined([*done, *open_equations])
        journal.record(rule, rewrite, before, after, part or (before, after))
        journal.steps[-1] = replace(journal.steps[-1], relation="⇔")
        if len(open_equations) + len(done) > MAX_SOLUTIONS:
            break
    raise NotSupported(f"no way to isolate {x} was found")


def _likewise(rule: Rule, equations: list[Any], x: Any) -> list[Rewrite] | None:
    """What the same rule makes of all other equations; None where one needs another rule."""
    found = []
    for equation in equations:
        if equation.args[0] == x and not depends(equation.args[1], x):
            return None
        other, rewrite = _next(equation, x)
        if other.id != rule.id:
            return None
        found.append(rewrite)
    return found


def _joined(equations: list[Any]) -> Any:
    found = list(dict.fromkeys(equations))
    if not found:
        return S.false
    return found[0] if len(found) == 1 else sp.Or(*found, evaluate=False)


def _alternatives(statement: Any) -> list[Any]:
    if statement is S.false:
        return []
    return list(statement.args) if isinstance(statement, sp.Or) else [statement]


def _next(equation: Any, x: Any) -> tuple[Rule, Rewrite]:
    """The next rule for an equation that is not yet solved, with what it makes of it."""
    left, right = equation.args
    if not depends(left, x):
        return SWAP, Rewrite(equal(right, left))
    if not depends(right, x):
        named = _LOGISTIC.apply(left) if isinstance(left, _LOGISTIC.heads) else None
        if named is not None and isinstance(named.result, sigmoid):
            return _LOGISTIC, Rewrite(equal(named.result, right), named.because)
        rules = ISOLATING if _occurrences(left, x) == 1 else (FACTORS, LAMBERT)
        found = _first(rules, equation, x)
        if found is not None:
            return found
    found = _polynomial(equation, x)
    if found is not None:
        return found
    if not depends(right, x):
        found = _first(ISOLATING, equation, x)
        if found is not None:
            return found
    return _by_sympy(equation, x)


def _first(rules: tuple[Rule, ...], equation: Any, x: Any) -> tuple[Rule, Rewrite] | None:
    for rule in rules:
        rewrite = rule.apply(equation, x)
        if rewrite is not None:
            return rule, rewrite
    return None


def _occurrences(expression: Any, x: Any) -> int:
    return sum(1 for node in sp.preorder_traversal(expression) if node == x)


def _polynomial(equation: Any, x: Any) -> tuple[Rule, Rewrite] | None:
    """Rational equations: denominators cleared, then linear, quadratic, or factors."""
    left, right = equation.args
    if size(equation, MAX_SIZE) >= MAX_SIZE:
        return None
    difference = left - right
    if not difference.is_rational_function(x):
        return None
    numerator, denominator = sp.fraction(sp.together(difference))
    if depends(denominator, x):
        return CLEAR, Rewrite(equal(sp.expand(numerator), S.Zero), ("multiplied by ", denominator), nonzero(sp.factor(denominator)))
    try:
        degree = sp.degree(sp.expand(numerator), x)
    except PolynomialError:
        return None
    if degree == 1:
        rewrite = GATHER.apply(equation, x)
        if rewrite is not None and rewrite.result != equation:
            return GATHER, rewrite
        divided = DIVIDE.apply(equation, x)
        return None if divided is None else (DIVIDE, divided)
    if not right.is_zero:
        return ONE_SIDE, Rewrite(equal(sp.expand(difference), S.Zero))
    if degree == 2:
        factored = sp.factor(left)
        if sp.expand(left).coeff(x, 1).is_zero is False and sp.expand(left).coeff(x, 0).is_zero is False:
            rewrite = QUADRATIC.apply(equation, x)
            if rewrite is not None:
                return QUADRATIC, rewrite
        if not left.is_Mul and factored.is_Mul and sum(depends(f, x) for f in factored.args) > 1:
            return FACTORISATION, Rewrite(equal(factored, S.Zero))
        rewrite = QUADRATIC.apply(equation, x)
        return None if rewrite is None else (QUADRATIC, rewrite)
    factored = sp.factor(left)
    if factored != left and (factored.is_Mul or factored.is_Pow):
        return FACTORISATION, Rewrite(equal(factored, S.Zero))
    return None


def _by_sympy(equation: Any, x: Any) -> tuple[Rule, Rewrite]:
    """An honest leaf: SymPy's solve on the definitions written out."""
    plain = expand_definitions(equation.lhs - equation.rhs)
    if size(plain, MAX_SIZE) >= MAX_SIZE or plain.has(sp.sin, sp.cos, sp.tan, sp.Sum, sp.Product, sp.Piecewise):
        raise NotSupported(f"equations of this kind for {x} are read, but no solver for them exists yet")
    try:
        found = sp.solve(plain, x)
    except (NotImplementedError, ValueError, PolynomialError):
        raise NotSupported(f"no way to isolate {x} was found") from None
    real = [value for value in found if value.is_real is not False]
    if any(isinstance(value, sp.CRootOf) or value.has(sp.CRootOf) for value in real):
        raise NotSupported(f"the solutions for {x} have no closed form")
    return SYMPY_SOLVE, Rewrite(_joined([equal(x, value) for value in real]), ("this has no elementary steps yet",))


def _tested(statement: Any, relation: Any, x: Any, journal: Journal) -> list[Any]:
    """The solutions that satisfy the equation and the declared domain, in their shortest form."""
    found = [equation.args[1] for equation in _alternatives(statement)]
    short = [tidied(v) if v.is_real is not False else v for v in found]
    if short != found:
        after = _joined([equal(x, v) for v in short])
        journal.record(TIDY, Rewrite(after), statement, after, (statement, after))
        journal.steps[-1] = replace(journal.steps[-1], relation="⇔")
        statement = after
    kept = [value for value in dict.fromkeys(short) if _fits(value, relation, x, journal)]
    if len(kept) != len(short) and kept:
        after = _joined([equal(x, v) for v in kept])
        journal.record(DROP, Rewrite(after), statement, after, (relation, after))
        journal.steps[-1] = replace(journal.steps[-1], relation="⇔")
    return sorted(kept, key=lambda v: v.evalf(15)) if all(v.is_number and v.is_real for v in kept) else kept


def _fits(value: Any, relation: Any, x: Any, journal: Journal) -> bool:
    """Whether a solution is one; what is dropped is noted."""
    reason = _objection(value, relation, x)
    if reason is None:
        return True
    journal.note([(equal(x, value), " is dropped: ", *reason)])
    return False


def _objection(value: Any, relation: Any, x: Any) -> Prose | None:
    if value.is_real is False or value.has(S.NaN, S.ComplexInfinity, S.ImaginaryUnit):
        return ("it is not real",)
    if x.is_positive and value.is_nonpositive:
        return (x, " is declared positive")
    if x.is_nonnegative and value.is_negative:
        return (x, " is declared not negative")
    if x.is_negative and value.is_nonnegative:
        return (x, " is declared negative")
    if x.is_integer and value.is_integer is False:
        return (x, " is declared an integer")
    if not value.is_number or (relation.free_symbols - {x}):
        return None
    left, right = (side.xreplace({x: value}) for side in relation.args)
    if left.has(S.NaN, S.ComplexInfinity) or right.has(S.NaN, S.ComplexInfinity):
        return ("the equation is not defined there",)
    gap = expand_definitions(left - right).evalf(30, chop=True)
    scale = 1 + abs(expand_definitions(left).evalf(15))
    if gap.is_real and abs(gap) <= 1e-12 * scale:
        return None
    return ("it does not satisfy the equation",)
