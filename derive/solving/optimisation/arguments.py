"""Why the best of the candidates is the optimum: convexity, a closed and bounded set, a function that grows, limits on a line.

In: a `Programme` without parameters and its candidates. Out: the argument in words; DoesNotExist where the function is not bounded or a
limit is better, NotSupported where nothing is known that decides.
"""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

import sympy as sp

from derive.errors import DoesNotExist, NotSupported
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.solving.optimisation.convexity import convexity
from derive.solving.optimisation.line import domain_of, ends_of, refuse_better_limits, set_of
from derive.solving.optimisation.programmes import Programme, interval_of

__all__ = ["Argument", "attained", "grows", "is_convex_programme", "refuse_unbounded"]


class Argument(NamedTuple):
    """In words; `unique` where a strictly convex function says that there is one optimum only."""

    words: str
    unique: bool = False


def is_convex_programme(p: Programme) -> Argument | None:
    """Whether a point that satisfies the conditions is optimal because everything is convex, perhaps in the logarithms of the variables."""
    return _is_convex(p) or _is_geometric(p)


def _is_geometric(p: Programme) -> Argument | None:
    """A geometric programme: a sum of positive monomials of positive variables, under equations between monomials."""
    if p.largest or not all(v.is_positive for v in p.variables):
        return None
    if any(g.free_symbols - set(p.variables) or len(g.free_symbols) > 1 for g in p.open_below):
        return None
    if not all(sign > 0 for sign in _monomial_signs(p.objective, p.variables)) or not _monomial_signs(p.objective, p.variables):
        return None
    if any(sorted(_monomial_signs(h, p.variables)) != [-1, 1] for h in p.equal):
        return None
    if any(_monomial_signs(g, p.variables).count(-1) != 1 for g in p.below):
        return None
    return Argument("in the logarithms of the variables the function is convex and the constraints are too: the conditions are sufficient")


def _monomial_signs(expression: Any, variables: Any) -> list[int]:
    """The signs of the coefficients of a sum of monomials with real exponents; nothing where it is no such sum."""
    signs: list[int] = []
    for term in sp.Add.make_args(sp.expand(expression)):
        front, core = term.as_independent(*variables, as_Add=False)
        powers = [f.as_base_exp() for f in sp.Mul.make_args(core)]
        if not (front.is_positive or front.is_negative):
            return []
        if core != 1 and not all(base in variables and exponent.is_number for base, exponent in powers):
            return []
        signs.append(1 if front.is_positive else -1)
    return signs


def _is_convex(p: Programme) -> Argument | None:
    if any(sp.diff(h, v).free_symbols & set(p.variables) for h in p.equal for v in p.variables):
        return None
    interval = interval_of(p, p.variables[0]) if len(p.variables) == 1 else sp.S.Reals
    verdict = convexity(p.objective, p.variables, interval)
    if verdict is None or not verdict.convex:
        return None
    for g in (*p.below, *p.open_below):
        inner = convexity(g, p.variables)
        if inner is None or not inner.convex:
            return None
    word = "concave" if p.largest else "convex"
    strict = "strictly " if verdict.strict else ""
    return Argument(
        f"the function is {strict}{word} and the feasible set convex: a point that satisfies the conditions is the {p.word}", verdict.strict
    )


def attained(p: Programme, best: Any) -> Argument:
    """Why the optimum is attained at a candidate; `best` is the least value of one, or None."""
    reduced = _eliminated(p)
    if reduced is not None and len(reduced.variables) == 1:
        return _on_a_line(reduced, best)
    if best is not None and not p.open_below and _is_bounded(p) and _is_continuous(p):
        return Argument("the feasible set is closed and bounded and the function continuous: the optimum is attained")
    if (
        best is not None
        and not p.below
        and not p.open_below
        and not p.equal
        and (least := _least(p.objective)) is not None
        and least == best
    ):
        return Argument("every term is at least its value there: squares and absolute values are not negative")
    inner = reduced if reduced is not None else p
    if best is not None and not inner.open_below:
        if not inner.equal and not inner.below and (verdict := convexity(inner.objective, inner.variables)) is not None and verdict.convex:
            return Argument("on the constraints the function is convex in the variables that are left", verdict.strict)
        if _falls_to_a_corner(inner):
            return Argument("every variable is bounded below and the function grows with each: the optimum is attained")
        if grows(inner.objective, inner.variables):
            return Argument("the function grows without bound in every direction: the optimum is attained")
    refuse_unbounded(inner)
    raise NotSupported(f"an optimum of this function: nothing here shows that the {p.word} is attained", span=p.span)


def _least(expression: Any) -> Any:
    """A lower bound that is seen at once: squares and absolute values are at least 0; None where there is none."""
    if expression.is_number:
        return expression
    if expression.is_Add:
        parts = [_least(a) for a in expression.args]
        return None if any(b is None for b in parts) else sp.Add(*parts)
    front, core = expression.as_coeff_Mul()
    if front.is_positive and core.is_nonnegative:
        return sp.S.Zero
    return None


def _on_a_line(p: Programme, best: Any) -> Argument:
    """One variable is left: all ends and limits are compared."""
    x = p.variables[0]
    domain = domain_of(p.objective, x, set_of(list(p.below), list(p.open_below), x))
    ends = ends_of(p.objective, x, domain)
    refuse_better_limits(ends, best, x, p.largest, p.span)
    if best is None:
        raise DoesNotExist(f"there is no {p.word}: no feasible point satisfies the conditions", span=p.span)
    for end in ends.closed:
        if bool(sp.N(p.objective.subs(x, end) - best) < -1e-12):
            raise NotSupported("an optimum at an end of the feasible set that satisfies no conditions", span=p.span)
    return Argument("along the constraints one variable is left, and no end or limit is better")


def _eliminated(p: Programme) -> Programme | None:
    """The programme with its equations solved for variables that occur linearly; None where that is not possible."""
    objective, variables = p.objective, list(p.variables)
    equal, below, strict = list(p.equal), list(p.below), list(p.open_below)
    while equal:
        equation = sp.numer(sp.together(equal.pop()))
        chosen = None
        for v in reversed(variables):
            slope = sp.diff(equation, v)
            if slope.has(v) or slope.is_zero:
                continue
            rest = sp.expand(equation - slope * v)
            if slope.is_nonzero or _never_together(slope, rest, variables):
                chosen = v, -rest / slope
                break
        if chosen is None:
            return None
        v, value = chosen
        variables.remove(v)
        if v.is_positive:
            strict.append(-value)
        elif v.is_nonnegative:
            below.append(-value)
        objective, *others = (sp.sympify(e).subs(v, value) for e in (objective, *equal, *below, *strict))
        equal, below, strict = others[: len(equal)], others[len(equal) : len(equal) + len(below)], others[len(equal) + len(below) :]
    if not variables:
        return None
    for v in variables:
        if v.is_positive:
            strict.append(-v)
    strict = [s for s in dict.fromkeys(strict) if sp.Lt(s, 0) != sp.true or s.has(*variables)]
    return Programme(
        objective, -objective if p.largest else objective, tuple(variables), (), tuple(below), tuple(strict), (), p.largest, p.span
    )


def _never_together(slope: Any, rest: Any, variables: list[Any]) -> bool:
    """Whether slope and rest are never zero together: x y = c has no solution with x = 0."""
    return bool(rest.is_nonzero) and slope.free_symbols <= set(variables)


def _is_continuous(p: Programme) -> bool:
    return bool(p.objective.is_polynomial(*p.variables)) or (
        not p.objective.has(sp.log, sp.tan, sp.Piecewise, sp.sign)
        and not any(
            n.exp.is_negative is not False
            for n in p.objective.atoms(sp.Pow)
            if n.base.free_symbols & set(p.variables) and not n.exp.is_nonnegative
        )
    )


def _is_bounded(p: Programme) -> bool:
    """Whether every variable is in a bounded interval, by bounds, by an ellipse, or by a sum of what is not negative."""
    intervals = {v: interval_of(p, v) for v in p.variables}
    bounded = {v for v, i in intervals.items() if i.inf != -sp.oo and i.sup != sp.oo}
    from_below = {v for v, i in intervals.items() if i.inf != -sp.oo} | {v for v in p.variables if v.is_nonnegative}
    for expression, is_equation in [*((e, True) for e in p.equal), *((e, False) for e in (*p.below, *p.open_below))]:
        inside = [v for v in p.variables if expression.has(v)]
        if not inside or not expression.is_polynomial(*inside):
            continue
        degree = sp.total_degree(expression, *inside)
        signs = (1, -1) if is_equation else (1,)
        for sign in signs:
            form = sp.expand(sign * expression)
            if grows(form, inside):
                bounded |= set(inside)
            if degree == 1 and all(sp.diff(form, v).is_positive and v in from_below for v in inside):
                bounded |= set(inside)
    return bounded >= set(p.variables)


def grows(function: Any, variables: Any) -> bool:
    """Whether the function tends to ∞ in every direction: pure even powers x_i^d_i with positive coefficients, every other monomial below
    them (Σ a_i/d_i < 1), or a positive definite form of highest degree."""
    variables = list(variables)
    if not function.is_polynomial(*variables):
        return False
    polynomial = sp.Poly(function, *variables)
    if any(not c.is_real for c in polynomial.coeffs()):
        return False
    top = polynomial.total_degree()
    if top == 2:
        hessian = sp.hessian(function, variables)
        return bool(hessian.is_positive_definite)
    powers: list[int] = []
    for k in range(len(variables)):
        pure = [m[k] for m, c in polynomial.terms() if sum(m) == m[k] > 0 and c.is_positive and m[k] % 2 == 0]
        if not pure:
            return False
        powers.append(max(pure))
    for monomial, _ in polynomial.terms():
        weight = sum(sp.Rational(a, d) for a, d in zip(monomial, powers, strict=True))
        alone = sum(1 for a in monomial if a) == 1
        if weight > 1 or (weight == 1 and not (alone and sum(monomial) in powers)):
            return len(variables) == 2 and _is_positive_form(polynomial, top)
    return True


def _falls_to_a_corner(p: Programme) -> bool:
    """Whether the function is linear with positive coefficients in variables that are all bounded below."""
    slopes = [sp.diff(p.objective, v) for v in p.variables]
    low = all(v.is_nonnegative or interval_of(p, v).inf != -sp.oo for v in p.variables)
    return low and all(s.is_positive and not s.free_symbols for s in slopes)


def _is_positive_form(polynomial: Any, degree: int) -> bool:
    """Whether the form of highest degree in two variables is positive but at 0."""
    t = sp.Dummy("t", real=True)
    form = sp.Add(*(c * t ** m[1] for m, c in polynomial.terms() if sum(m) == degree))
    lead = next((c for m, c in polynomial.terms() if m == (0, degree)), sp.S.Zero)
    if degree % 2 or not lead.is_positive or not form.is_polynomial(t):
        return False
    whole = sp.Poly(form, t)
    return all(c.is_Rational for c in whole.all_coeffs()) and whole.count_roots() == 0


def refuse_unbounded(p: Programme) -> None:
    """Raises DoesNotExist where the function falls without bound along a ray that is feasible."""
    if p.equal:
        return
    t = sp.Dummy("t", positive=True)
    for direction in product((0, 1, -1), repeat=len(p.variables)):
        if not any(direction):
            continue
        for start in (0, 1):
            ray = {v: (start if not d else sp.S.Zero) + d * t for v, d in zip(p.variables, direction, strict=True)}
            if any((v.is_nonnegative and d < 0) for v, d in zip(p.variables, direction, strict=True)):
                continue
            held = [sp.limit(sp.sympify(g).subs(ray), t, sp.oo) for g in (*p.below, *p.open_below)]
            if not all(h == -sp.oo or (h.is_number and h.is_negative) for h in held):
                continue
            value = sp.limit(sp.sympify(p.objective).subs(ray), t, sp.oo)
            if value == -sp.oo:
                way = "above" if p.largest else "below"
                shown = ", ".join(f"{v} = {plain(from_sympy(e.subs(t, sp.Symbol('t'))))}" for v, e in ray.items())
                raise DoesNotExist(f"there is no {p.word}: the function is unbounded {way}, along {shown} as t tends to ∞", span=p.span)
