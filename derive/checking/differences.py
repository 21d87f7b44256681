"""Derivatives as numbers, without a rule: imaginary steps and circles in the complex plane.

In: a frame and an unresolved `Derivative`. Out: its column. One imaginary step h with f' = Im f(x + ih)/h where the body is
analytic as it is computed (Squire & Trapp 1998); otherwise, for higher orders and for derivatives in derivatives, the mean of
f(x + r ω)/ωⁿ over a circle (Lyness & Moler 1967), refused where its Fourier coefficients show that the circle meets a kink or a
singularity. With respect to an entry of an array only that entry moves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import sympy as sp

from derive.checking.arithmetic import CONTINUED, REAL, Arithmetic
from derive.checking.curves import follow
from derive.checking.frame import Column, Frame, Unevaluable, indices, undefined

__all__ = ["derivative", "spare_digits"]


MAX_ORDER = 40


def spare_digits(expression: Any) -> int:
    """The digits that differences lose in multiple precision: 8 for every order of nested derivatives."""
    if isinstance(expression, sp.Derivative):
        return 8 * sum(int(n) if n.is_Integer else 4 for _, n in expression.args[1:]) + 8 + spare_digits(expression.args[0])
    return max(map(spare_digits, expression.args), default=0)


def _is_noisy(frame: Frame, e: Any) -> bool:
    """Whether numbers of this expression are only known to about the working precision: derivatives are differences inside."""
    known = frame.noisy.get(e)
    if known is None:
        known = isinstance(e, sp.Derivative) or any(_is_noisy(frame, a) for a in e.args)
        frame.noisy[e] = known
    return known


def derivative(frame: Frame, e: Any) -> Column:
    """The value of ∂ⁿf/∂x… in every lane; a derivative of a derivative is one of higher order."""
    orders: dict[Any, int] = {}
    body = e
    while isinstance(body, sp.Derivative):
        for variable, order in body.args[1:]:
            if not isinstance(variable, (sp.Symbol, sp.Indexed)):
                raise Unevaluable(f"a derivative with respect to {variable}")
            if not isinstance(order, sp.Integer):
                return _of_each_order(frame, e)
            if not 0 <= order <= MAX_ORDER:
                raise Unevaluable("a derivative of this order")
            orders[variable] = orders.get(variable, 0) + int(order)
        body = body.args[0]
        if frame.points.curves:
            break  # along a curve the order matters
    if sum(orders.values()) > MAX_ORDER:
        raise Unevaluable("a derivative of this order")
    if frame.arithmetic is REAL and sum(orders.values()) == 1 and not _is_noisy(frame, body):
        return _imaginary_step(frame, body, next(iter(orders)))
    return _around_circle(frame, body, list(orders.items()))


def _of_each_order(frame: Frame, e: Any) -> Column:
    """A derivative whose order is a name: for every value that it has, the derivative of that order."""
    (variable, order), *others = e.args[1:]
    if others:
        raise Unevaluable("a mixed derivative whose order is not a number")
    column = frame.values(order)
    found: Column = [frame.arithmetic.nan] * frame.lanes
    for value in {v for v in column if type(v) is int and 0 <= v <= MAX_ORDER}:
        body = e.args[0].xreplace({order: sp.Integer(value)})
        known = body if value == 0 else sp.Expr.__new__(sp.Derivative, body, sp.Tuple(variable, sp.Integer(value)))
        values = frame.values(known)
        found = [v if n == value else old for v, n, old in zip(values, column, found, strict=True)]
    return found


def _moved(frame: Frame, variable: Any, parents: Sequence[int], by: Column, arithmetic: Arithmetic) -> Frame:
    """The frame in which the variable is moved by `by` in every lane."""
    if isinstance(variable, sp.Symbol):
        column = frame.values(variable)
        inner = frame.child(parents, {variable: [column[p] + d for p, d in zip(parents, by, strict=True)]}, None, arithmetic)
        for curve in frame.points.curves:
            if curve.independent == variable:
                start = frame.values(curve.dependent)
                inner.symbols[curve.dependent] = follow(curve, inner, [start[p] for p in parents])
        return inner
    places = indices(frame, variable.args[1:])
    bump = (variable.args[0].args[0], [places[p] for p in parents], by)
    return frame.child(parents, None, bump, arithmetic)


_STEP = 1e-20


def _imaginary_step(frame: Frame, body: Any, variable: Any) -> Column:
    """f' = Im f(x + ih)/h, from a frame of real doubles; nan where f is not real."""
    inner = frame.children.get(variable)
    if inner is None:
        step = [_STEP * 1j] * frame.lanes
        inner = frame.children[variable] = _moved(frame, variable, range(frame.lanes), step, CONTINUED)
    found = []
    for value in inner.values(body):
        moved = value.imag
        found.append(moved / _STEP if abs(moved) <= 1e-8 * (1 + abs(value.real)) else math.nan)
    return found


def _around_circle(frame: Frame, body: Any, orders: list[tuple[Any, int]]) -> Column:
    """∂ⁿf from values on a circle around the point; the variable that is written last is the outermost derivative."""
    return _with_noise(frame, body, orders)[0]


def _with_noise(frame: Frame, body: Any, orders: list[tuple[Any, int]]) -> tuple[Column, list[float]]:
    """The derivative in every lane, and what rounding alone may have put into it."""
    arithmetic = frame.arithmetic
    if not orders:
        values = frame.values(body)
        return values, [0.0 if undefined(v) else 10.0 ** (1 - arithmetic.digits) * float(abs(v)) for v in values]
    *rest, (variable, order) = orders
    count = 16 if order > 2 or arithmetic.digits <= 15 else 8
    while count < 2 * order + 2:  # a power of two: the angles are exact
        count *= 2
    upper_half = not arithmetic.continued  # a real function has conjugate values on the lower half
    angles = [(2 * j + 1) / count for j in range(count // 2 if upper_half else count)]  # in half turns
    turns = [_turn(angle, arithmetic) for angle in angles]
    radii = [_radius(value, order, arithmetic) for value in frame.values(variable)]
    parents = [lane for lane in range(frame.lanes) for _ in turns]
    by = [radius * turn for radius in radii for turn in turns]
    inner = _moved(frame, variable, parents, by, arithmetic.continuation or arithmetic)
    values, rounding = _with_noise(inner, body, rest)
    found: Column = []
    noises: list[float] = []
    for lane, radius in enumerate(radii):
        part = slice(lane * len(turns), (lane + 1) * len(turns))
        noise = max(rounding[part])
        scale = math.factorial(order) / radius**order
        coefficient = _coefficient(values[part], turns, order, count, noise, arithmetic, upper_half)
        found.append(coefficient * scale)
        noises.append(noise * float(scale))
    return found, noises


def _coefficient(values: Column, turns: Column, order: int, count: int, noise: float, arithmetic: Arithmetic, upper_half: bool) -> Any:
    """The Fourier coefficient c_n of the values; nan where the last coefficients are neither small nor rounding."""

    def coefficient(n: int) -> Any:
        total = sum(v * t ** (count - n) for v, t in zip(values, turns, strict=True)) * -1
        return total.real * 2 / count if upper_half else total / count

    wanted = coefficient(order)
    if undefined(wanted):
        return arithmetic.nan
    doubles = arithmetic.digits <= 15
    alias = max(abs(coefficient(count - 1)), abs(coefficient(count - 2)) if doubles else 0)
    tolerance = 1e-10 if doubles else 1e-18
    size = max(abs(wanted), abs(coefficient(order + 1)) if order + 1 < count - 2 else 0)  # of an odd function every other one is 0
    return arithmetic.nan if alias > tolerance * size and alias > noise else wanted


def _turn(half_turns: float, arithmetic: Arithmetic) -> Any:
    """e^{iπ a}."""
    if isinstance(arithmetic.one, float):
        return complex(math.cos(math.pi * half_turns), math.sin(math.pi * half_turns))
    context = arithmetic.one.context
    return context.expjpi(context.mpf(half_turns))


def _radius(value: Any, order: int, arithmetic: Arithmetic) -> Any:
    """Small against the distance to the origin, where singularities are; not so small that rounding shows."""
    size = min(1.0, float(abs(value))) if not undefined(value) else 1.0
    if isinstance(arithmetic.one, float):
        return (0.08 + 0.05 * order) * size + 1e-3
    return arithmetic.one.context.ldexp(arithmetic.one, -24)
