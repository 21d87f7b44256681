"""All real solutions of a system of a few equations, or a refusal: nothing is dropped in silence.

In: expressions that have to be 0, over real symbols. Out: a list of solutions (symbol → value); a symbol that is free in one makes it a
family. Raises NotSupported where a closed form of all solutions is not found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sympy as sp

from derive.errors import NotSupported
from derive.solving.cost import size

__all__ = ["Found", "Solutions", "opened_sums", "real_solutions", "tidy"]

MAX_BRANCHES = 60
MAX_DEGREE = 8
MAX_SIZE = 400
MAX_TERMS = 9  # of a system of a degree above two

Solutions = list[dict[Any, Any]]


class Found(NamedTuple):
    """The solutions, and the expressions of parameters that are taken not to be zero."""

    solutions: Solutions
    nonzero: tuple[Any, ...]


def real_solutions(equations: Sequence[Any], unknowns: Sequence[Any], within: Any = sp.S.Reals) -> Found:
    """Every real solution; `within` is the set that a single unknown lives on. Raises NotSupported where not all have a closed form."""
    if any(sp.sympify(e).has(sp.Sum) for e in equations):
        return _over_sums(equations, unknowns)
    search = _Search(equations, within)
    found = search.solved([sp.sympify(e) for e in equations], tuple(unknowns), {})
    kept: Solutions = []
    for solution in found:
        made = {u: tidy(v) for u, v in solution.items()}
        if made not in kept and _is_solution(made, equations, unknowns):
            kept.append(made)
    return Found(kept, tuple(search.nonzero))


def _over_sums(equations: Sequence[Any], unknowns: Sequence[Any]) -> Found:
    """The same where sums over data are coefficients: each is a name of its own while the equations are solved."""
    opened = [opened_sums(e) for e in equations]
    sums = sorted({s for e in opened for s in e.atoms(sp.Sum)}, key=str)
    if any(s.free_symbols & set(unknowns) for s in sums):
        raise NotSupported("an equation with a sum that is not linear in the unknown")
    names = {s: sp.Dummy(f"S_{k}", real=True, positive=s.is_positive) for k, s in enumerate(sums)}
    back = {name: s for s, name in names.items()}
    found = real_solutions([e.xreplace(names) for e in opened], unknowns)
    return Found([{u: v.xreplace(back) for u, v in s.items()} for s in found.solutions], tuple(e.xreplace(back) for e in found.nonzero))


def opened_sums(expression: Any) -> Any:
    """Σ (a + b c) = Σ a + b Σ c with whatever does not run in front."""

    def opened(total: Any) -> Any:
        body, *limits = total.args
        indices = {limit[0] for limit in limits}
        parts = []
        for term in sp.Add.make_args(sp.expand(opened_sums(body))):
            front, rest = term.as_independent(*indices, as_Add=False)
            inner = sp.Sum(rest, *limits)
            parts.append(front * (inner.doit() if not rest.has(sp.Indexed, sp.Sum) else inner))
        return sp.Add(*parts)

    table = {s: opened(s) for s in expression.atoms(sp.Sum)} if expression.has(sp.Sum) else {}
    outer = {s: e for s, e in table.items() if not any(s is not t and t.has(s) for t in table)}
    return sp.expand(expression.xreplace(outer))


def tidy(value: Any) -> Any:
    """A short form of a number or of a quotient."""
    if not isinstance(value, sp.Expr) or size(value) > MAX_SIZE or value.has(sp.Sum):
        return value
    if value.is_Rational or value.is_Symbol:
        return value
    forms = [value]
    if not value.free_symbols:
        forms += [
            sp.nsimplify(value) if value.is_Rational else value,
            sp.radsimp(sp.expand(value)),
            sp.sqrtdenest(value),
            sp.simplify(value),
        ]
    else:
        forms += [sp.cancel(value) if not value.atoms(sp.Function) else sp.simplify(value), sp.factor(value)]
    return min(forms, key=lambda f: (f.count_ops(), len(str(f))))


def _is_solution(solution: dict[Any, Any], equations: Sequence[Any], unknowns: Sequence[Any]) -> bool:
    """Whether the values are real, inside the domains of their symbols, and the equations have a value there."""
    for unknown, value in solution.items():
        if value.is_extended_real is False or value.has(sp.zoo, sp.nan, sp.oo):
            return False
        if value.free_symbols:
            if (unknown.is_positive and value.is_nonpositive) or (unknown.is_nonnegative and value.is_negative):
                return False
            if (unknown.is_negative and value.is_nonnegative) or (unknown.is_nonpositive and value.is_positive):
                return False
            continue
        number = sp.N(value, 30)
        if abs(sp.im(number)) > 1e-20 * (1 + abs(number)):
            return False
        real = sp.re(number)
        if (unknown.is_positive and real <= 0) or (unknown.is_negative and real >= 0):
            return False
        if (unknown.is_nonnegative and real < 0) or (unknown.is_nonpositive and real > 0):
            return False
    for equation in equations:
        reached = sp.sympify(equation).subs(solution)
        if reached.has(sp.zoo, sp.nan):
            return False
        if not reached.free_symbols:
            number = sp.N(reached, 30)
            if not number.is_number or abs(number) > 1e-15:
                return False
    return True


class _Search:
    """The branches of one system."""

    def __init__(self, equations: Sequence[Any], within: Any) -> None:
        self.within = within
        self.branches = 0
        self.nonzero: dict[Any, None] = {}
        if sum(map(size, equations)) > 4 * MAX_SIZE:
            raise NotSupported("a system of such long equations")

    def solved(self, equations: list[Any], unknowns: tuple[Any, ...], known: dict[Any, Any]) -> Solutions:
        """The solutions of what is left, with what is known."""
        self.branches += 1
        if self.branches > MAX_BRANCHES:
            raise NotSupported("a system with so many cases")
        left = []
        for equation in equations:
            made = _numerator(equation)
            if made.is_zero:
                continue
            if not made.free_symbols & set(unknowns):
                if made.is_number or made.is_nonzero:
                    return []
                raise NotSupported("a system that has solutions for some values of its parameters only")
            left.append(made)
        if not left:
            return [dict(known)]
        for place, equation in enumerate(left):
            factors, beside = _factors(equation, unknowns)
            self.nonzero.update(dict.fromkeys(beside))
            if len(factors) > 1:
                rest = left[:place] + left[place + 1 :]
                return [s for f in factors for s in self.solved([f, *rest], unknowns, known)]
        return self._step(left, unknowns, known)

    def _step(self, left: list[Any], unknowns: tuple[Any, ...], known: dict[Any, Any]) -> Solutions:
        alone = [(e, next(iter(inside))) for e in left if len(inside := e.free_symbols & set(unknowns)) == 1]
        if alone:
            equation, unknown = min(alone, key=lambda pair: (not pair[0].is_polynomial(pair[1]), size(pair[0])))
            slope = sp.diff(equation, unknown)
            if not slope.has(unknown) and not slope.is_zero:
                if slope.is_zero is None:
                    self.nonzero[slope] = None
                return self._put(left, equation, unknown, _affine_root(equation, unknown, slope), unknowns, known)
            found: Solutions = []
            for root in _roots(equation, unknown, self.within):
                found += self._put(left, equation, unknown, root, unknowns, known)
            return found
        if all(e.is_polynomial(*unknowns) for e in left):
            linear = self._linear(left, unknowns, known)
            if linear is not None:
                return linear
            return self._polynomial(left, unknowns, known)
        linear = self._linear(left, unknowns, known)
        if linear is not None:
            return linear
        for equation in sorted(left, key=size):
            for unknown in sorted(equation.free_symbols & set(unknowns), key=str):
                root = _inverted(equation, unknown)
                if root is not None:
                    return self._put(left, equation, unknown, root, unknowns, known)
        raise NotSupported("a system of equations without a closed form")

    def _put(self, left: list[Any], equation: Any, unknown: Any, root: Any, unknowns: tuple[Any, ...], known: dict[Any, Any]) -> Solutions:
        rest = [e.subs(unknown, root) for e in left if e is not equation]
        settled = {u: v.subs(unknown, root) for u, v in known.items()} | {unknown: root}
        found = self.solved(rest, tuple(u for u in unknowns if u != unknown), settled)
        return [{u: v.subs(s) for u, v in s.items()} for s in found]

    def _linear(self, left: list[Any], unknowns: tuple[Any, ...], known: dict[Any, Any]) -> Solutions | None:
        """An unknown that an equation is linear in, with a coefficient that is never zero."""
        for equation in sorted(left, key=size):
            for unknown in sorted(equation.free_symbols & set(unknowns), key=str, reverse=True):
                slope = sp.diff(equation, unknown)
                if slope.free_symbols & set(unknowns) or (slope.is_zero is not False and not _is_generic(slope)):
                    continue
                if slope.is_zero is None:
                    self.nonzero[slope] = None
                return self._put(left, equation, unknown, _affine_root(equation, unknown, slope), unknowns, known)
        return None

    def _polynomial(self, left: list[Any], unknowns: tuple[Any, ...], known: dict[Any, Any]) -> Solutions:
        inside = tuple(u for u in unknowns if any(e.has(u) for e in left))
        if any(sp.total_degree(e, *inside) > MAX_DEGREE for e in left):
            raise NotSupported("a polynomial system of so high a degree")
        if sum(len(sp.Add.make_args(sp.expand(e))) for e in left) > MAX_TERMS and any(sp.total_degree(e, *inside) > 2 for e in left):
            raise NotSupported("a polynomial system with so many terms")
        try:
            found = sp.solve(left, inside, dict=True)
        except NotImplementedError as problem:
            raise NotSupported("a polynomial system without a closed form") from problem
        if any(v.has(sp.CRootOf) for s in found for v in s.values()):
            raise NotSupported("a polynomial system without a closed form")
        return [{**{u: v.subs(s) for u, v in known.items()}, **s} for s in found]


def _affine_root(equation: Any, unknown: Any, slope: Any) -> Any:
    root = -equation.subs(unknown, 0) / slope
    return sp.cancel(root) if not root.atoms(sp.Function, sp.Sum, sp.Indexed) else root


def _is_generic(slope: Any) -> bool:
    """A coefficient of parameters: not zero in general."""
    return bool(slope.free_symbols)


def _numerator(equation: Any) -> Any:
    if equation.is_Add or equation.is_Mul or equation.is_Pow:
        return sp.numer(sp.together(equation))
    return equation


def _factors(equation: Any, unknowns: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """The factors that hold unknowns, without those that are never zero, and the factors of parameters that may be."""
    if not equation.free_symbols & set(unknowns):
        return [equation], []
    try:
        made = sp.factor(equation)
    except sp.PolynomialError:
        made = equation
    parts = [f.base if f.is_Pow and f.exp.is_positive else f for f in sp.Mul.make_args(made)]
    inside = list(dict.fromkeys(f for f in parts if f.free_symbols & set(unknowns) and not f.is_nonzero))
    beside = [f for f in parts if not f.free_symbols & set(unknowns) and f.is_nonzero is None]
    return inside or [made], beside


def _roots(equation: Any, unknown: Any, within: Any) -> list[Any]:
    """All real roots of an equation in one unknown."""
    if equation.is_polynomial(unknown):
        return _polynomial_roots(equation, unknown)
    x = sp.Dummy("x", real=True)
    try:
        found = sp.solveset(equation.subs(unknown, x), x, within)
    except (NotImplementedError, ValueError, TypeError) as problem:
        raise NotSupported("an equation without a closed form") from problem
    if found is sp.S.EmptySet:
        return []
    if isinstance(found, (sp.Complement, sp.Intersection)) and any(isinstance(a, sp.FiniteSet) for a in found.args):
        found = next(a for a in found.args if isinstance(a, sp.FiniteSet))
    if not isinstance(found, sp.FiniteSet):
        if found.is_iterable is False or isinstance(found, (sp.ConditionSet, sp.Complement, sp.Intersection)):
            raise NotSupported("an equation without a closed form")
        raise NotSupported("infinitely many stationary points")
    return list(found)


def _polynomial_roots(equation: Any, unknown: Any) -> list[Any]:
    polynomial = sp.Poly(equation, unknown)
    if polynomial.degree() > MAX_DEGREE:
        raise NotSupported("an equation of so high a degree")
    found = sp.roots(polynomial)
    if sum(found.values()) < polynomial.degree():
        if all(c.is_Rational for c in polynomial.all_coeffs()) and polynomial.count_roots() == sum(1 for r in found if sp.N(r).is_real):
            return [r for r in found if sp.N(r).is_real]
        raise NotSupported("a polynomial equation whose roots have no closed form")
    kept = []
    for root in found:
        if root.free_symbols:
            if root.is_real is not False and not root.has(sp.I):
                kept.append(root)
            continue
        number = sp.N(root, 30)
        if abs(sp.im(number)) < 1e-20:
            kept.append(_without_i(root))
    return kept


def _without_i(root: Any) -> Any:
    """A real root in real terms. Raises NotSupported where three real roots need complex radicals."""
    if not root.has(sp.I):
        return root
    made = sp.simplify(sp.re(root))
    if made.has(sp.I) or made.has(sp.arg, sp.atan2) or size(made) > 30:
        raise NotSupported(f"an equation whose real roots have no closed form in real radicals (one is near {sp.N(root, 6)})")
    return made


def _inverted(equation: Any, unknown: Any) -> Any:
    """The one solution for the unknown where it occurs in one place only (log p = ν, c/p = ν); None elsewhere."""
    try:
        found = sp.solve(equation, unknown)
    except NotImplementedError:
        return None
    real = [r for r in found if r.is_real is not False and not r.has(sp.I, sp.LambertW)]
    return real[0] if len(found) == 1 and len(real) == 1 else None
