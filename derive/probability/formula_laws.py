"""Laws that are given by a density as a formula: a record of a family of its own, with integrals for what other records state.

In: a density over a variable, the ends of its support, symbols as parameters. Out: a Distribution; a constant in front that nothing else
says is fixed by the total. A density whose total is not 1 is an InconsistentInput.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import Any

import sympy as sp

from derive.errors import DoesNotExist, InconsistentInput, NotSupported
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.probability.family import Distribution, Family, Parameter, Support

__all__ = ["FORMULA", "formula_law", "integrated"]

FORMULA = "density"  # the name of every such family
MOST_OPERATIONS = 80
NODES = 96


def formula_law(body: Any, x: Any, ends: tuple[Any, Any], *, is_kernel: bool) -> tuple[Distribution, tuple[Any, Any] | None]:
    """The law, and the constant with its value where the total fixes one. Raises InconsistentInput where the total is not 1."""
    if sp.count_ops(body) > MOST_OPERATIONS:
        raise NotSupported("a density given by so long a formula")
    total = integrated(body, x, ends)
    fixed: tuple[Any, Any] | None = None
    if is_kernel:
        body = body / total
    elif sp.simplify(total - 1) != 0:
        constants = [s for s in sorted(body.free_symbols - {x}, key=str) if _is_factor(body, s)]
        if len(constants) != 1:
            raise InconsistentInput(
                f"the density {plain(from_sympy(body))} integrates to {plain(from_sympy(sp.simplify(total)))}, not to 1"
            )
        (constant,) = constants
        value = sp.simplify(constant / total)
        fixed, body = (constant, value), sp.simplify(body.subs(constant, value))
    if sp.simplify(body).is_negative:
        raise InconsistentInput("a density is never negative")
    return _record(body, x, ends), fixed


def _is_factor(body: Any, symbol: Any) -> bool:
    """Whether the symbol is a constant in front of the whole density."""
    rest = sp.simplify(body / symbol)
    return not rest.has(symbol)


def integrated(body: Any, x: Any, ends: tuple[Any, Any]) -> Any:
    """∫ body dx in closed form. Raises DoesNotExist where it diverges, NotSupported where no closed form is found."""
    inside = sp.Dummy("x", positive=True) if sp.sympify(ends[0]).is_nonnegative else sp.Dummy("x", real=True)
    value = sp.integrate(sp.expand(body.subs(x, inside)), (inside, *ends))
    if value.has(sp.oo, -sp.oo, sp.zoo, sp.nan):
        raise DoesNotExist(f"the integral of {plain(from_sympy(body))} diverges")
    if value.has(sp.Integral, sp.Piecewise):
        raise NotSupported(f"the integral of {plain(from_sympy(body))} in closed form")
    return sp.simplify(value)


def _record(body: Any, x: Any, ends: tuple[Any, Any]) -> Distribution:
    symbols = sorted((body.free_symbols | sp.Tuple(*ends).free_symbols) - {x}, key=str)
    names = [s.name for s in symbols]

    def put(expression: Any, values: tuple[Any, ...]) -> Any:
        return expression.xreplace(dict(zip(symbols, values, strict=True)))

    def at(place: Any, *values: Any) -> Any:
        return put(body, values).subs(x, place)

    def moment(order: int, *values: Any) -> Any:
        return put(integrated(x**order * body, x, ends), values)

    def variance(*values: Any) -> Any:
        return sp.simplify(moment(2, *values) - moment(1, *values) ** 2)

    def cdf(place: Any, *values: Any) -> Any:
        upper = sp.Dummy("t", positive=True) if sp.sympify(ends[0]).is_nonnegative else sp.Dummy("t", real=True)
        return put(integrated(body, x, (ends[0], upper)), values).subs(upper, place)

    def entropy(*values: Any) -> Any:
        return put(integrated(-body * sp.expand_log(sp.log(body), force=True), x, ends), values)

    def median(*values: Any) -> Any:
        place = sp.Dummy("m", real=True)
        roots = sp.solve(cdf(place, *symbols) - sp.Rational(1, 2), place)
        inside = [r for r in roots if r.is_real is not False and not (r - ends[0]).is_negative and not (ends[1] - r).is_negative]
        if len(inside) != 1:
            raise NotSupported("the median of this density in closed form")
        return put(sp.simplify(inside[0]), values)

    def exists(order: int, *values: Any) -> Any:
        try:
            integrated(sp.Abs(x) ** order * body if sp.sympify(ends[0]).is_negative else x**order * body, x, ends)
        except DoesNotExist:
            return sp.false
        except NotSupported:
            return sp.true
        return sp.true

    def log_density(place: Any, *values: Any) -> Any:
        return sp.expand_log(sp.log(at(place, *values)), force=True)

    where = " and ".join(plain(from_sympy(sp.sympify(e))) for e in ends)
    family = Family(
        name=FORMULA,
        parameters=tuple(Parameter(n, "real") for n in names),
        discrete=False,
        support=lambda *values: Support("interval", *(put(sp.sympify(e), values) for e in ends)),
        log_density=log_density,
        density=at,
        says=f"the density is {plain(from_sympy(body))} for {plain(from_sympy(x))} between {where}",
        mean=lambda *values: moment(1, *values),
        variance=variance,
        moment=moment,
        moment_exists=exists,
        mgf_exists=lambda t, *values: sp.true,
        cdf=cdf,
        entropy=entropy,
        median=median,
        quadrature=_rule(body, x, ends, symbols),
        draw=_draw(body, x, ends, symbols),
    )
    return Distribution(family, dict(zip(names, symbols, strict=True)))


def _rule(body: Any, x: Any, ends: tuple[Any, Any], symbols: list[Any]) -> Callable[..., tuple[list[Any], list[float]]]:
    """A double exponential rule between the ends, weighted with the density."""

    @lru_cache(maxsize=64)
    def rule(values: tuple[Any, ...], count: int) -> tuple[list[Any], list[float]]:
        table = dict(zip(symbols, map(sp.Float, values), strict=True))
        low, high = (
            float(sp.N(sp.sympify(e).xreplace(table)))
            if sp.sympify(e).is_finite is not False
            else math.copysign(math.inf, 1 if e == sp.oo else -1)
            for e in ends
        )
        places, slopes = _places(low, high, max(NODES, 4 * count))
        density = body.xreplace(table)
        weights = [float(density.subs(x, sp.Float(p))) * s for p, s in zip(places, slopes, strict=True)]
        return places, weights

    return lambda values, count: rule(tuple(values), count)


def _places(low: float, high: float, count: int) -> tuple[list[float], list[float]]:
    """Places and slopes of t ↦ x, t equidistant, that crowd at finite ends and reach far at infinite ones."""
    reach = 3.1 if math.isfinite(low) and math.isfinite(high) else 3.8
    step = 2 * reach / (count - 1)
    places, slopes = [], []
    for k in range(count):
        t = -reach + k * step
        u, slope = math.pi / 2 * math.sinh(t), math.pi / 2 * math.cosh(t) * step
        if math.isfinite(low) and math.isfinite(high):
            half = (high - low) / 2
            place, factor = low + half * (1 + math.tanh(u)), half / math.cosh(u) ** 2
            if not low < place < high:
                continue
        elif math.isfinite(low) or math.isfinite(high):
            grown = math.exp(u)
            place, factor = (low + grown, grown) if math.isfinite(low) else (high - grown, grown)
        else:
            place, factor = math.sinh(u), math.cosh(u)
        if abs(place) > 1e6:
            continue
        places.append(place)
        slopes.append(slope * factor)
    return places, slopes


def _draw(body: Any, x: Any, ends: tuple[Any, Any], symbols: list[Any]) -> Callable[..., Any]:
    rule = _rule(body, x, ends, symbols)

    def draw(values: tuple[Any, ...], random: Random) -> Any:
        places, weights = rule(values, 24)
        return random.choices(places, weights, k=1)[0]

    return draw
