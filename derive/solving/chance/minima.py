"""The minimum of a function of one or several scalars that expectations have left: derivatives zero, second order, value.

In: an `optimum` term without nodes of chance. Out: a Solution with the variables and the value as parts. An optimum that is not attained
is a DoesNotExist; one that the given names do not decide an Undetermined.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from derive.derivation import Claim, Derivation, Prose, Step
from derive.errors import DoesNotExist, NotSupported, Undetermined
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Type
from derive.rules import chance_expectation as rules
from derive.solution import Solution
from derive.solving.chance.presentable import presentable

__all__ = ["minimised"]

MAX_UNKNOWNS = 4


def minimised(term: Term, types: Mapping[Name, Type]) -> Solution:
    """The stationary point and its value. Raises NotSupported for constraints and for what has no closed form."""
    body, variables, *constraints = term.args
    if constraints:
        raise NotSupported("an optimum of an expectation under constraints", span=term.span)
    unknowns = [to_sympy(v, types) for v in variables.args]
    if not 0 < len(unknowns) <= MAX_UNKNOWNS or not all(u.is_Symbol for u in unknowns):
        raise NotSupported("an optimum over these variables", span=variables.span)
    objective = to_sympy(body, types)
    largest = term.data in ("max", "argmax", "sup")
    steps: list[Step] = []
    slopes = [sp.diff(objective, u) for u in unknowns]
    steps += [_first_order(objective, u, s) for u, s in zip(unknowns, slopes, strict=True)]
    solution = _solved(slopes, unknowns, term)
    point = {u: presentable(sp.cancel(v) if not v.atoms(sp.Function) else v) for u, v in solution.items()}
    claim = Claim("equal", sp.Tuple(*(s.subs(solution) for s in slopes)), sp.Tuple(*(sp.S.Zero for _ in slopes)))
    zero = sp.Tuple(*(sp.Eq(s, 0, evaluate=False) for s in slopes)) if len(slopes) > 1 else sp.Eq(slopes[0], 0, evaluate=False)
    found = [sp.Eq(u, v, evaluate=False) for u, v in point.items()]
    steps.append(
        Step(
            rules.FIRST_ORDER.id, "Solve", zero, sp.Tuple(*found) if len(found) > 1 else found[0], "⇔", formula=rules.FIRST_ORDER.formula,
            claim=claim,
        )
    )  # fmt: skip
    assumptions = _second_order(objective, unknowns, solution, largest, steps, term)
    reached = objective.subs(solution)
    forms = (sp.cancel(reached),) if not objective.atoms(sp.Function) else (reached, _term_by_term(reached))
    value = presentable(min(forms, key=lambda f: (f.count_ops(), sp.default_sort_key(f))))
    parts: dict[str, Any] = {u.name if isinstance(u, sp.Symbol) else str(u): v for u, v in point.items()}
    parts["value"] = value
    claim = Claim("equal", objective.subs(solution), value)
    steps.append(
        Step(rules.TIDY.id, "Value at the optimum", objective, value, part=(objective.subs(solution), value), formula="f(c*)", claim=claim)
    )
    derivation = Derivation(objective, value, tuple(steps), assumptions)
    return Solution(derivation, None, parts, (), assumptions, types=types)


def _term_by_term(value: Any) -> Any:
    """Logarithms of products and powers taken apart, every term by itself in lowest terms."""
    opened = sp.expand(sp.expand_log(sp.simplify(value), force=True))
    return sp.Add(*(sp.cancel(t) for t in sp.Add.make_args(sp.factor_terms(opened, fraction=False).expand())))


def _first_order(objective: Any, unknown: Any, slope: Any) -> Step:
    before = sp.Derivative(objective, unknown, evaluate=False)
    return Step(rules.FIRST_ORDER.id, rules.FIRST_ORDER.title, before, slope, part=(before, slope), formula=rules.FIRST_ORDER.formula)


def _solved(slopes: list[Any], unknowns: list[Any], term: Term) -> dict[Any, Any]:
    if all(s.is_polynomial(*unknowns) and sp.total_degree(s, *unknowns) <= 1 for s in slopes):
        found = list(sp.linsolve(slopes, *unknowns))
        if not found:
            raise DoesNotExist(f"the derivative of {plain(term.args[0])} has no zero: there is no optimum")
        values = found[0]
        if any(v.has(*unknowns) for v in values):
            raise Undetermined("the optimum is not unique: the function is flat in some direction")
        return dict(zip(unknowns, values, strict=True))
    solution: dict[Any, Any] = {}
    waiting = dict(zip(unknowns, slopes, strict=True))
    while waiting:  # one after the other: the next equation holds only one unknown that is left
        reduced = {u: s.subs(solution) for u, s in waiting.items()}
        chosen = next((u for u, s in reduced.items() if not s.free_symbols & (set(waiting) - {u})), None)
        root = _root(reduced[chosen], chosen) if chosen is not None else None
        if root is None:
            raise NotSupported("a stationary point without a closed form", span=term.span)
        solution[chosen] = root
        del waiting[chosen]
    return solution


def _root(slope: Any, unknown: Any) -> Any:
    """The one zero in the domain of the unknown; None where there is none in closed form, or several."""
    try:
        roots = [r for r in sp.solve(sp.numer(sp.together(slope)), unknown) if r.is_real is not False and not r.has(sp.I)]
    except NotImplementedError:
        return None
    domain = [r for r in roots if not (unknown.is_positive and r.is_nonpositive)]
    return domain[0] if len(domain) == 1 else None


def _second_order(
    objective: Any, unknowns: list[Any], point: Mapping[Any, Any], largest: bool, steps: list[Step], term: Term
) -> tuple[Prose, ...]:
    """The second derivative (the leading minors of the Hessian) at the point; what is not decided is assumed and said."""
    sign = -1 if largest else 1
    hessian = sp.hessian(objective, unknowns).subs(point)
    assumptions: list[Prose] = []
    for size in range(1, len(unknowns) + 1):
        minor = sp.simplify((sign * hessian)[:size, :size].det())
        if minor.is_nonpositive:
            if minor.is_zero:
                raise Undetermined("the second derivative is zero at the stationary point: it decides nothing")
            raise DoesNotExist(f"the stationary point is no {'maximum' if largest else 'minimum'}: there is none")
        shown = hessian[0, 0] if len(unknowns) == 1 else minor
        if not minor.is_positive:
            assumptions.append((sp.Gt(presentable(minor), 0), f": the stationary point is a {'maximum' if largest else 'minimum'}"))
        before = sp.Derivative(objective, (unknowns[0], 2), evaluate=False) if len(unknowns) == 1 else minor
        steps.append(
            Step(
                rules.SECOND_ORDER.id, rules.SECOND_ORDER.title, before, presentable(shown),
                formula="−f″(c) > 0: a maximum" if largest else rules.SECOND_ORDER.formula,
                claim=Claim("equal", shown, presentable(shown)), assumptions=tuple(assumptions[-1:]) if not minor.is_positive else (),
            )
        )  # fmt: skip
    return tuple(assumptions)
