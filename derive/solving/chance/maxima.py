"""Where a log-density is largest: scores set to zero and solved, ends of the domain, medians, the simplex.

In: ℓ as a SymPy expression (sums over a sample included) and its unknowns. Out: values for the unknowns, written down step by step.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import sympy as sp

from derive.derivation import Claim, Prose
from derive.errors import NotSupported
from derive.expressions.nodes import SampleMedian, SampleStatistic
from derive.rules.chance_inference import MEDIAN_MAXIMUM, SCORE, SCORE_ZERO, SECOND_DERIVATIVE, SOFT_THRESHOLD
from derive.solving.chance.densities import spread
from derive.solving.chance.line_fits import fit_line
from derive.solving.chance.soft_threshold import soft_threshold
from derive.solving.chance.steps import step
from derive.solving.journal import Journal
from derive.solving.simplification import shortened

__all__ = ["Objective", "gentle", "maximise"]


class Objective(NamedTuple):
    """ℓ, how it is called, its unknowns, those that are positive because of what they are in the law, whether a domain confines them."""

    value: Any
    name: Any
    unknowns: tuple[Any, ...]
    positive: frozenset[Any] = frozenset()
    confined: bool = False  # to less than the whole domain of ℓ: the stationary point may lie beyond


def gentle(expression: Any) -> Any:
    """Sums over an index taken apart at their own plus signs, constants in front; squares stay together."""
    return expression.replace(lambda e: isinstance(e, sp.Sum), _taken_apart)


def _taken_apart(total: Any) -> Any:
    if len(total.limits) != 1 or len(total.limits[0]) != 3:
        return total
    index, first, last = total.limits[0]
    parts = []
    for term in sp.Add.make_args(total.function):
        outside, inside = term.as_independent(index, as_Add=False)
        if inside == 1:
            parts.append(outside * (last - first + 1))
        elif isinstance(inside, sp.Add):
            parts.append(outside * _taken_apart(sp.Sum(inside, (index, first, last))))
        else:
            parts.append(outside * sp.Sum(inside, (index, first, last)))
    return sp.Add(*parts)


def maximise(objective: Objective, journal: Journal) -> dict[Any, Any]:
    """The unknowns at the maximum. Raises NotSupported where the equations have no closed solution."""
    solved: dict[Any, Any] = {}
    remaining = list(objective.unknowns)
    for unknown in objective.unknowns:
        place = _median(objective, unknown)
        if place is not None:
            value, before = place
            claim = Claim("maximum", objective.value, (value,), (unknown,))
            journal.add(step(MEDIAN_MAXIMUM, objective.value, sp.Eq(unknown, value, evaluate=False), "⇒", before, claim=claim))
            solved[unknown] = value
            remaining.remove(unknown)
    for unknown in remaining if len(remaining) == 1 else ():
        kept = soft_threshold(gentle(objective.value), unknown)
        if kept is not None:
            claim = Claim("maximum", objective.value, (kept,), (unknown,))
            result = sp.Eq(unknown, kept, evaluate=False)
            journal.add(step(SOFT_THRESHOLD, objective.value, result, "⇒", claim=claim))
            return {**solved, unknown: kept}
    scores = {u: _score(objective.value, u) for u in remaining}
    for unknown, score in scores.items():
        derivative = sp.Derivative(objective.name, unknown, evaluate=False) if objective.name is not None else objective.value
        claim = Claim("equal", sp.Derivative(objective.value, unknown, evaluate=False), score)
        journal.add(step(SCORE, derivative, score, claim=claim))
    _solve(scores, solved, objective, journal)
    _second_order(objective, {u: solved[u] for u in remaining}, solved, journal)
    return {u: solved[u] for u in objective.unknowns}


def _score(value: Any, unknown: Any) -> Any:
    """∂ℓ/∂θ with sums taken apart; differentiation goes under the sum sign."""
    found = gentle(_derivative(value, unknown))
    terms = [_tidy(t) for t in sp.Add.make_args(found)]
    return sp.Add(*terms)


def _tidy(term: Any) -> Any:
    """−(2 n μ − 2 S)/(2 v) as (S − n μ)/v."""
    factored = sp.factor_terms(term)
    sums = [f for f in sp.Mul.make_args(factored) if isinstance(f, sp.Add)]
    if factored.could_extract_minus_sign() and len(sums) == 1:
        return (
            sp.Mul(*(f for f in sp.Mul.make_args(-factored) if f != sums[0] and f != -sums[0])) * -sums[0]
            if sums[0] in sp.Mul.make_args(-factored)
            else factored
        )
    return factored


def _derivative(value: Any, unknown: Any) -> Any:
    return sp.Add(*(_derivative_of_term(t, unknown) for t in sp.Add.make_args(value)))


def _derivative_of_term(term: Any, unknown: Any) -> Any:
    outside, inside = term.as_independent(unknown, as_Add=False)
    if isinstance(inside, sp.Sum):
        return outside * sp.Sum(sp.diff(inside.function, unknown), *inside.limits)
    return sp.diff(term, unknown)


def _solve(scores: Mapping[Any, Any], solved: dict[Any, Any], objective: Objective, journal: Journal) -> None:
    """One unknown after the other where an equation holds only one that is left; the rest as a system."""
    waiting = dict(scores)
    while waiting:
        chosen = next((u for u in waiting if not _others(waiting[u].subs(_apart(solved)), waiting, u)), None)
        if chosen is None:
            part = _closed_part(waiting, solved)
            _system(part, solved, objective, journal)
            waiting = {u: s for u, s in waiting.items() if u not in part}
            continue
        equation = waiting.pop(chosen).subs(_apart(solved))
        value = _root(equation, chosen, objective)
        solved[chosen] = value
        result = sp.Eq(chosen, value, evaluate=False)
        journal.add(step(SCORE_ZERO, sp.Eq(equation, 0, evaluate=False), result, "⇔", claim=_zero(equation, {chosen: value})))


def _closed_part(waiting: Mapping[Any, Any], solved: Mapping[Any, Any]) -> dict[Any, Any]:
    """Unknowns whose equations hold no other that is left (the coefficients of a line, without its variance), or all of them."""
    for last in waiting:
        part = {u: s for u, s in waiting.items() if u != last}
        if len(part) > 1 and all(last not in _others(s.subs(_apart(solved)), waiting, u) for u, s in part.items()):
            return part
    return dict(waiting)


def _apart(solved: Mapping[Any, Any]) -> dict[Any, Any]:
    """Solved values with their own running index, so that they may stand inside a sum over the data."""
    return {u: _renamed(v) for u, v in solved.items()}


def _renamed(value: Any) -> Any:
    if not isinstance(value, sp.Basic):
        return value

    def other(bound: Any) -> Any:
        index, first, last = bound.args[-3:] if isinstance(bound, SampleStatistic) else bound.limits[0]
        new = sp.Symbol("j", integer=True)
        if isinstance(bound, SampleStatistic):
            body, k, low, high = bound.args
            return bound.func(body.subs(k, new), new, low, high)
        return bound.func(bound.function.subs(index, new), (new, first, last))

    return value.replace(lambda e: isinstance(e, (sp.Sum, SampleStatistic)), other)


def _zero(equation: Any, values: Mapping[Any, Any]) -> Claim:
    return Claim("equal", equation.subs(values), sp.S.Zero)


def _others(expression: Any, waiting: Mapping[Any, Any], unknown: Any) -> set[Any]:
    """The other unknowns that an equation holds, factors that are never zero aside."""
    factors = sp.Mul.make_args(expression)
    left = sp.Mul(*(f for f in factors if f.has(unknown) or isinstance(f, (sp.Add, sp.Sum))))
    if isinstance(expression, sp.Add):
        left = expression
    found: set[Any] = (left.free_symbols & set(waiting)) - {unknown}
    return found


def _masked(expression: Any) -> tuple[Any, dict[Any, Any]]:
    """Sums as symbols, and the way back."""
    sums = sorted(expression.atoms(sp.Sum), key=sp.default_sort_key)
    table = {s: sp.Dummy(f"S{k}", real=True) for k, s in enumerate(sums)}
    return expression.xreplace(table), {d: s for s, d in table.items()}


def _root(equation: Any, unknown: Any, objective: Objective) -> Any:
    """The one admissible root of an equation."""
    for form in (equation, gentle(spread(equation)) if equation.has(sp.Sum) else sp.expand(equation)):
        masked, back = _masked(form)
        if any(s.has(unknown) for s in back.values()):
            continue
        numerator = sp.numer(sp.together(masked))
        roots = sp.roots(numerator, unknown) if numerator.is_polynomial(unknown) and sp.degree(numerator, unknown) <= 2 else None
        if numerator.is_polynomial(unknown) and sp.degree(numerator, unknown) > 2:
            continue  # roots with radicals that may not be real
        found = list(roots) if roots else _by_solve(numerator, unknown)
        good = [r for r in found if _admissible(r, unknown)]
        if len(good) == 2 and sp.simplify(good[0] + good[1]) == 0:
            if unknown not in objective.positive and not unknown.is_positive:
                raise NotSupported(f"the score has the roots ±r in {unknown}: the maximum is not unique", expected=(f"{unknown} > 0",))
            good = [good[1] if good[0].could_extract_minus_sign() else good[0]]
        if len(good) == 2 and (unknown in objective.positive or unknown.is_positive):
            good = [r for r in good if r.subs(dict.fromkeys(r.free_symbols, 1)).is_positive]
        if len(good) == 1:
            return _arranged(good[0].xreplace(back))
    from derive.expressions.from_sympy import from_sympy
    from derive.expressions.plain import plain

    raise NotSupported(
        f"the score equation has no solution in closed form for {unknown}: {plain(from_sympy(sp.Eq(equation, 0, evaluate=False)))}"
    )


def _by_solve(numerator: Any, unknown: Any) -> list[Any]:
    try:
        return list(sp.solve(numerator, unknown))
    except NotImplementedError:
        return []


def _admissible(root: Any, unknown: Any) -> bool:
    if root.is_real is False or root == 0 or root.has(sp.I):
        return False
    return not (unknown.is_positive and root.is_nonpositive) and not root.has(sp.LambertW)


def _arranged(value: Any) -> Any:
    return shortened(sp.cancel(value) if not value.has(sp.Sum) else value)


def _system(waiting: Mapping[Any, Any], solved: dict[Any, Any], objective: Objective, journal: Journal) -> None:
    """What is left, solved together."""
    unknowns = list(waiting)
    line = fit_line(objective.value, list(waiting.values()), unknowns, journal) if not solved else None
    if line is not None:
        solved.update(line)
        return
    equations = [gentle(spread(e.subs(_apart(solved)))) for e in waiting.values()]
    both, back = _masked(sp.Tuple(*equations))
    if any(s.has(*unknowns) for s in back.values()) or not all(sp.numer(sp.together(e)).is_polynomial(*unknowns) for e in both):
        raise NotSupported(f"the score equations of {', '.join(map(str, unknowns))} have no solution in closed form")
    found = [s for s in sp.solve(list(both), unknowns, dict=True) if all(_admissible(s.get(u, u), u) for u in unknowns)]
    if len(found) != 1 or set(found[0]) != set(unknowns):
        raise NotSupported(f"a single solution of the score equations of {', '.join(map(str, unknowns))}")
    values = {u: _arranged(found[0][u].xreplace(back)) for u in unknowns}
    solved.update(values)
    shown = sp.Tuple(*(sp.Eq(e, 0, evaluate=False) for e in waiting.values()))
    result = sp.Tuple(*(sp.Eq(u, v, evaluate=False) for u, v in values.items()))
    claim = Claim("equal", sp.Tuple(*(e.subs(values) for e in equations)), sp.Tuple(*(sp.S.Zero for _ in equations)))
    journal.add(step(SCORE_ZERO, shown, result, "⇔", claim=claim))


def _second_order(objective: Objective, smooth: Mapping[Any, Any], solved: Mapping[Any, Any], journal: Journal) -> None:
    """The second derivative at the solution, and that it is a maximum."""
    if not smooth:
        return
    claim = Claim("maximum", objective.value, tuple(solved.values()), tuple(solved))
    if len(smooth) == 1:
        ((unknown, value),) = smooth.items()
        second = gentle(_derivative(_score(objective.value, unknown), unknown))
        at = shortened(second.subs(_apart(solved))) if not second.has(sp.Sum) else second
        because: Prose = ("with ", sp.Eq(unknown, value, evaluate=False), ": the second derivative is negative there")
        if objective.confined:
            claim = Claim("at-most", second.subs(_apart(solved)), sp.S.Zero)
        before: Any = sp.Derivative(objective.name, (unknown, 2), evaluate=False) if objective.name is not None else second
        journal.add(step(SECOND_DERIVATIVE, before, second if at.has(sp.Sum) else at, because=because, claim=claim))
        return
    unknowns = list(smooth)
    rows = [[gentle(_derivative(_score(objective.value, u), v)).subs(_apart(solved)) for v in unknowns] for u in unknowns]
    because = ("the matrix of second derivatives is negative definite there",)
    diagonal = sp.Tuple(*(shortened(rows[k][k]) for k in range(len(unknowns))))
    second_derivatives = sp.Tuple(*(sp.Derivative(objective.name, (u, 2), evaluate=False) for u in unknowns))
    journal.add(step(SECOND_DERIVATIVE, second_derivatives, diagonal, because=because, claim=claim))


def _median(objective: Objective, unknown: Any) -> tuple[Any, Prose] | None:
    """The median of the data where the unknown stands only in Σ|x_i − μ| with a negative factor."""
    holders = [t for t in sp.Add.make_args(gentle(objective.value)) if t.has(unknown)]
    if len(holders) != 1:
        return None
    outside, inside = holders[0].as_independent(unknown, as_Add=False)
    if not isinstance(inside, sp.Sum) or not isinstance(inside.function, sp.Abs):
        return None
    index = inside.limits[0][0]
    difference = inside.function.args[0]
    data = difference - difference.coeff(unknown) * unknown
    if difference.coeff(unknown) not in (1, -1) or data.has(unknown) or not data.has(index):
        return None
    entry = data if difference.coeff(unknown) == -1 else -data
    if not isinstance(entry, sp.Indexed):
        return None
    return SampleMedian(entry, *inside.limits[0]), ("with the factor ", outside, " < 0: the sum of distances is least at the median")
