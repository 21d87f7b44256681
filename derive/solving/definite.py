"""One definite integral: known by its form, split at kinks, or by an antiderivative and its limits at the ends.

In: the whole expression, the integral in it that is to be worked out, the journal, the types of the names. Out: the whole with the value in
its place. What diverges raises DoesNotExist; what needs parameters to be positive raises Needed; a value that is not a real number is never
an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import sympy as sp

from derive.checking.evaluate import evaluate
from derive.checking.frame import Unevaluable, undefined
from derive.deadline import deadline
from derive.derivation import Prose, Rewrite, Rule
from derive.errors import DoesNotExist, NotSupported, TimeLimit
from derive.expressions.from_sympy import from_sympy
from derive.expressions.inline import inline
from derive.expressions.nodes import expand_definitions
from derive.expressions.term import Name
from derive.meaning.scope import Type
from derive.rules.limits_and_integrals import FUNDAMENTAL, IMPROPER, SYMPY_INTEGRAL, TANGENT, WITHOUT_ABSOLUTE
from derive.solving.antiderivatives import TROUBLE, antiderivative, simplest
from derive.solving.assumed import Needed, required, shifted
from derive.solving.classical_integrals import known_integral
from derive.solving.journal import Journal
from derive.solving.places import with_replaced
from derive.solving.poles import outside_the_interval
from derive.solving.trigonometric_integrals import over_the_line

__all__ = ["definite", "placed"]

SECONDS = 8.0
MOST_PIECES = 12
_DIVERGES = (sp.oo, -sp.oo, sp.zoo, sp.nan)
Types = Mapping[Name, Type]
_KINKS = (sp.Max, sp.Min, sp.Abs, sp.sign, sp.Heaviside)


def shown(expression: Any) -> str:
    """An expression in a message."""
    return inline(from_sympy(expression))


def placed(whole: Any, node: Any, value: Any) -> Any:
    """The whole with the innermost integration of `node` replaced by its value; the outer ones stay."""
    new = sp.Integral(value, *node.limits[1:]) if len(node.limits) > 1 else value
    return with_replaced(whole, node, new, set())


def definite(whole: Any, node: Any, journal: Journal, types: Types) -> Any:
    """The whole with the innermost integration of `node` worked out."""
    limit = node.limits[0]
    f, (x, low, high) = node.function, limit
    inner = sp.Integral(f, limit)
    if not f.has(x):
        return _recorded(whole, node, (high - low) * f, FUNDAMENTAL, ("the integrand does not depend on ", x), journal)
    _refuse_unreal(f, x, low, high)
    pieces = _pieces(f, x, low, high)
    if pieces is not None:
        after = placed(whole, node, sp.Add(*(sp.Integral(part, (x, a, b)) for part, a, b in pieces), evaluate=False))
        journal.record(WITHOUT_ABSOLUTE, Rewrite(after), whole, after, (inner, sp.Add(*(sp.Integral(p, (x, a, b)) for p, a, b in pieces))))
        return after
    known = known_integral(f, x, low, high)
    if known is None and f.has(sp.log):
        known = known_integral(sp.expand_log(f), x, low, high)
    if known is not None:
        _require(known.positive, types)
        value = simplest(known.value)
        if _is_value(value) and _agrees(inner, value):
            return _recorded(whole, node, value, known.rule, known.because, journal)
    line = over_the_line(f, x, low, high)
    if line is not None:
        other = sp.Integral(line[0], (line[1], -sp.oo, sp.oo))
        after = placed(whole, node, other)
        journal.record(TANGENT, Rewrite(after), whole, after, (inner, other))
        return after
    known_signs, back = shifted(inner, types)
    found = _by_antiderivative(known_signs, types)
    outside = outside_the_interval(f, x, low, high, types)
    journal.assume(outside)
    if found is None:
        value = _directly(known_signs, types)
        if value is None:
            raise NotSupported(f"no closed form of {shown(inner)} was found")
        return _recorded(whole, node, simplest(value.xreplace(back)), SYMPY_INTEGRAL, (), journal)
    function, value, rule, because, conditions = found
    function, value = function.xreplace(back), simplest(value.xreplace(back))
    if value.free_symbols and any(node.args[0].is_nonpositive for node in value.atoms(sp.log)):
        raise NotSupported("this integral: nothing is declared that says whether the integrand has a pole inside the interval")
    because = tuple(part.xreplace(back) if isinstance(part, sp.Basic) else part for part in because)
    journal.assume((condition.xreplace(back),) for condition in conditions)
    combined = sp.logcombine(value, force=True)  # one logarithm is real on both sides of the poles
    tidy = value.free_symbols and not any(power.exp.free_symbols for power in combined.atoms(sp.Pow))
    if tidy and combined.count(sp.log) < value.count(sp.log) and _agrees(inner, combined):
        value = combined
    journal.assume([] if outside else _real_logarithms(value, types))
    journal.record(rule, Rewrite(function, because), sp.Integral(f, x), function, (sp.Derivative(function, x, evaluate=False), f))
    improper = low.is_infinite or high.is_infinite
    return _recorded(whole, node, value, IMPROPER if improper else FUNDAMENTAL, ("with F = ", function), journal)


def _real_logarithms(value: Any, types: Types) -> list[Prose]:
    """That the logarithms of parameters are real."""
    places = sorted({node.args[0].as_base_exp()[0] for node in value.atoms(sp.log) if node.has(sp.Symbol)}, key=sp.default_sort_key)
    return [(sp.Gt(place, 0, evaluate=False),) for place in places if required([place], types)]


def _require(quantities: tuple[Any, ...], types: Types) -> None:
    for quantity in quantities:
        if quantity.is_nonpositive:
            reason = f": it converges only where {shown(quantity)} > 0" if quantity.free_symbols else ""
            raise DoesNotExist(f"the integral diverges{reason}")
    missing = required(quantities, types)
    if missing:
        raise Needed(*missing)


# ── real numbers only ────────────────────────────────────────────────────────────────────────────────────────────────


def _refuse_unreal(f: Any, x: Any, low: Any, high: Any) -> None:
    """Raises DoesNotExist where the integrand, a function of x alone, is not real inside the interval."""
    if f.free_symbols != {x} or not (low.is_number and high.is_number):
        return
    for t in (0.013, 0.21, 0.5, 0.77, 0.987):
        place = _between(low, high, t)
        if place is None:
            return
        try:
            value = complex(evaluate(f, {x: place}, 30))
        except (Unevaluable, ArithmeticError, ValueError, TypeError):
            continue
        if abs(value.imag) > 1e-12 * abs(value):
            raise DoesNotExist(
                f"the integrand {shown(f)} is no real number at {x} = {place:.4g}: "
                "a fractional power, root or logarithm of a negative number is not defined over the reals"
            )


def _between(low: Any, high: Any, t: float) -> float | None:
    try:
        a, b = float(low), float(high)
    except (TypeError, ValueError):
        return None
    if a == -float("inf") and b == float("inf"):
        return (2 * t - 1) / (t * (1 - t))
    if b == float("inf"):
        return a + t / (1 - t)
    if a == -float("inf"):
        return b - t / (1 - t)
    return a + (b - a) * t


def _is_value(value: Any) -> bool:
    """Whether it may stand as the value of an integral: real, finite, in closed form."""
    if value.has(sp.I, sp.Integral, sp.Piecewise, sp.AccumBounds, sp.Limit, *_DIVERGES) or any(p.base == 0 for p in value.atoms(sp.Pow)):
        return False
    if value.is_real is False:
        return False
    if not value.free_symbols:
        try:
            number = complex(evaluate(value, {}, 30))
        except (Unevaluable, ArithmeticError, ValueError, TypeError):
            return True
        return abs(number.imag) <= 1e-20 * (1 + abs(number))
    return True


def _agrees(inner: Any, value: Any) -> bool:
    """False where quadrature says that a number is another one; integrals with parameters are left to the checks."""
    if inner.free_symbols or value.free_symbols:
        return True
    try:
        number, measured = complex(evaluate(value, {}, 20)), evaluate(inner, {})
    except (Unevaluable, ArithmeticError, ValueError, TypeError):
        return True
    return undefined(measured) or abs(number - measured) <= 1e-6 * (1e-3 + abs(measured))


# ── kinks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _pieces(f: Any, x: Any, low: Any, high: Any) -> list[tuple[Any, Any, Any]] | None:
    """(integrand, from, to) between the kinks of |u|, max, min and cases, where they are numbers inside the interval; None without any."""
    f = _without_roots_of_squares(expand_definitions(f))
    steps = _steps(f, x, low, high)
    if steps is not None:
        return steps
    cased = f.rewrite(sp.Piecewise) if f.has(*_KINKS) else f
    if not cased.has(sp.Piecewise):
        return None
    low, high = sp.sympify(low), sp.sympify(high)
    try:
        with deadline(SECONDS):
            folded = sp.piecewise_fold(cased)
            if not isinstance(folded, sp.Piecewise):
                return [(folded, low, high)] if folded != f else None
            done, intervals = folded._intervals(x)
    except (TimeLimit, *TROUBLE):
        return None
    if not done or len(intervals) > MOST_PIECES:
        return None
    ends = _ordered([e for interval in intervals for e in interval[:2]], low, high)
    if ends is None:
        return None
    found = []
    for a, b in pairwise(ends):
        part = _branch(folded, x, a, b)
        if part is None:
            return None
        if part != 0:
            found.append((part, a, b))
    return found or [(sp.S.Zero, low, high)]


def _without_roots_of_squares(f: Any) -> Any:
    """The integrand with |cos x| for √(1 − sin² x)."""
    roots = [p for p in f.atoms(sp.Pow) if p.exp == sp.S.Half and p.base.has(sp.sin, sp.cos)]
    return f.xreplace({p: sp.sqrt(sp.trigsimp(p.base)) for p in roots}) if roots else f


def _steps(f: Any, x: Any, low: Any, high: Any) -> list[tuple[Any, Any, Any]] | None:
    """The pieces between the jumps of ⌊x⌋ and ⌈x⌉, where these are all and the ends are numbers."""
    rounded = f.atoms(sp.floor, sp.ceiling)
    if not rounded or any(r.args[0] != x for r in rounded) or not (low.is_Rational and high.is_Rational and low < high):
        return None
    inner = list(range(int(sp.floor(low)) + 1, int(sp.ceiling(high))))
    if len(inner) >= MOST_PIECES:
        return None
    ends = [low, *map(sp.Integer, inner), high]
    return [(f.xreplace({r: r.func((a + b) / 2) for r in rounded}), a, b) for a, b in pairwise(ends)]


def _ordered(places: list[Any], low: Any, high: Any) -> list[Any] | None:
    """The ends and the places between them in order; None where the order of two is not known."""
    if not (high - low).is_positive and not low.is_infinite and not high.is_infinite:
        return None
    ends = [low, high]
    for place in dict.fromkeys(places):
        if place.is_infinite or (low - place).is_nonnegative or (place - high).is_nonnegative:
            continue
        position = 0
        for end in ends:
            if (place - end).is_positive:
                position += 1
            elif not (end - place).is_nonnegative:
                return None
        if place not in ends:
            ends.insert(position, place)
    return ends


def _branch(cases: Any, x: Any, a: Any, b: Any) -> Any | None:
    """The value of the cases between two neighbouring places where they change."""
    middle = (0 if b.is_infinite else b - 1) if a.is_infinite else a + 1 if b.is_infinite else (a + b) / 2
    for value, condition in cases.args:
        holds = condition.subs(x, middle)
        if holds == sp.true:
            return value
        if holds != sp.false:
            return None
    return None


# ── antiderivatives ──────────────────────────────────────────────────────────────────────────────────────────────────


def _by_antiderivative(inner: Any, types: Types) -> tuple[Any, Any, Rule, Prose, tuple[Any, ...]] | None:
    """(F, value, rule, its instance, conditions); None where another way must be tried. Raises DoesNotExist where the integral diverges."""
    f, (x, low, high) = inner.function, inner.limits[0]
    try:
        function, rule, because, conditions = antiderivative(f, x)
    except NotSupported:
        return None
    if function.has(sp.Piecewise):
        return None
    if not _passes_poles(f, function, x, low, high):
        return None
    ends = [_end(function, x, e, side) for e, side in ((low, "+"), (high, "-"))]
    if any(v is None for v in ends):
        return None
    if any(v.has(sp.AccumBounds) and not e.is_infinite for v, e in zip(ends, (low, high), strict=True)):
        return None
    if any(v.has(sp.AccumBounds) for v in ends):
        raise DoesNotExist("the integral does not converge: the antiderivative oscillates without a limit")
    if any(v in _DIVERGES or v.has(*_DIVERGES) for v in ends):
        value = _directly(inner, types)
        if value is None:
            raise DoesNotExist("the integral diverges: the antiderivative has no finite limit at an end of the interval")
        return None
    value = simplest(_complete_gamma(ends[1] - ends[0], types))
    if not _is_value(value) or not _agrees(inner, value):
        return None
    return function, value, rule, because, conditions


def _passes_poles(f: Any, found: Any, x: Any, low: Any, high: Any) -> bool:
    """Whether the antiderivative is continuous at the poles of f inside; DoesNotExist where it has no limit at one."""
    if not (low.is_extended_real and high.is_extended_real and low.is_number and high.is_number and f.free_symbols <= {x}):
        return True
    plain_x = sp.Symbol("x", real=True)
    try:
        with deadline(SECONDS):
            places = sp.singularities(f.xreplace({x: plain_x}), plain_x).intersect(sp.Interval.open(low, high))
    except (TimeLimit, *TROUBLE):
        return _is_smooth(f, x, low, high)
    if not isinstance(places, sp.FiniteSet):
        return places is sp.S.EmptySet or _is_smooth(f, x, low, high)
    for place in places:
        try:
            sides = [sp.limit(found.xreplace({x: plain_x}), plain_x, place, side) for side in "-+"]
        except TROUBLE:
            return False
        if any(v.has(*_DIVERGES) or v.has(sp.AccumBounds) for v in sides):
            raise DoesNotExist(f"the integral diverges at {x} = {shown(place)}, a pole inside the interval")
        if sp.simplify(sides[0] - sides[1]) != 0:
            return False
    return True


def _is_smooth(f: Any, x: Any, low: Any, high: Any) -> bool:
    """Whether quadrature gives the integral a value, which a pole inside would prevent."""
    try:
        return not undefined(evaluate(sp.Integral(f, (x, low, high)), {}))
    except (Unevaluable, ArithmeticError, ValueError, TypeError):
        return False


def _complete_gamma(value: Any, types: Types) -> Any:
    """Γ(a, 0) is Γ(a), for a > 0; 0ᵃ is 0 for a > 0."""
    for node in value.atoms(sp.uppergamma):
        order, place = node.args
        if place == 0:
            _require((order,), types)
            value = value.xreplace({node: sp.gamma(order)})
    for node in value.atoms(sp.Pow):
        if node.base == 0:
            _require((node.exp,), types)
            value = value.xreplace({node: sp.S.Zero})
    return value


def _end(found: Any, x: Any, place: Any, side: str) -> Any:
    if place.is_infinite is not True:
        at = found.subs(x, place)
        if not at.has(*_DIVERGES):
            return at
    try:
        with deadline(SECONDS):
            return sp.limit(found, x, place, side)
    except (TimeLimit, *TROUBLE):
        return None


def _directly(inner: Any, types: Types) -> Any | None:
    """SymPy's own value, where it is one."""
    try:
        with deadline(SECONDS):
            value = sp.integrate(inner.function, *inner.limits)
    except TimeLimit:
        raise NotSupported("this integral, within the time that it may take") from None
    except TROUBLE:
        return None
    value = _settled(value, types)
    if value is None:
        return None
    if value in _DIVERGES or value.is_infinite:
        raise DoesNotExist("the integral diverges")
    value = simplest(_complete_gamma(value, types))
    return value if _is_value(value) and _agrees(inner, value) else None


def _settled(value: Any, types: Types) -> Any | None:
    """The branch of cases whose condition is a bound on the parameters."""
    if not isinstance(value, sp.Piecewise):
        return value
    branch, condition = value.args[0]
    if any(not other.has(sp.Integral, *_DIVERGES) for other, _ in value.args[1:]):
        return None  # cases of several values: none of them is the answer
    quantities = []
    for part in sp.And.make_args(condition):
        if part.has(sp.arg) and len(part.free_symbols) == 1:
            quantities.append(next(iter(part.free_symbols)))
        elif isinstance(part, (sp.Gt, sp.Lt, sp.Ge, sp.Le)) and not part.has(sp.Abs, sp.arg):
            quantities.append(part.gts - part.lts)
        else:
            return None
    _require(tuple(quantities), types)
    return branch


def _recorded(whole: Any, node: Any, value: Any, rule: Rule, because: Prose, journal: Journal) -> Any:
    after = placed(whole, node, value)
    journal.record(rule, Rewrite(after, because), whole, after, (sp.Integral(node.function, node.limits[0]), value))
    return after
