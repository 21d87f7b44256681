"""Arithmetic, comparisons and choice: add, mul, div, pow, max, where and their like."""

from __future__ import annotations

import math
from typing import Any

from derive.graph.node import FREE, Axis, Bounds, Node, Shape
from derive.graph.operations.record import Operation, Undefined, broadcast, elementwise, union_axes, within

__all__ = ["ARITHMETIC"]

BEYOND = 40  # bits of the logarithm of a power from which on it is infinite or zero


# ---------------------------------------------------------------------------------------------- bounds of intervals
def _add_bounds(*parts: Bounds) -> Bounds:
    low, high, low_open, high_open = 0.0, 0.0, False, False
    for part in parts:
        if part is FREE:
            return FREE
        low, high = low + part.low, high + part.high
        low_open, high_open = low_open or part.low_open, high_open or part.high_open
    return Bounds(low, high, low_open, high_open)


def negated(part: Bounds) -> Bounds:
    """The bounds of −x."""
    if part is FREE:
        return FREE
    return Bounds(-part.high, -part.low, part.high_open, part.low_open)


def product(left: Bounds, right: Bounds) -> Bounds:
    """The bounds of a product of unrelated values."""
    if left is FREE and right is FREE:
        return FREE
    if left.nonnegative and right.nonnegative:
        low = _times(left.low, right.low)
        return Bounds(low, _times(left.high, right.high), (left.positive and right.positive) if low == 0 else False, False)
    if left.high <= 0 and right.high <= 0:
        return product(negated(left), negated(right))
    if left.high <= 0 and right.low >= 0:
        return negated(product(negated(left), right))
    if left.low >= 0 and right.high <= 0:
        return negated(product(left, negated(right)))
    corners = [_times(a, b) for a in (left.low, left.high) for b in (right.low, right.high)]
    return Bounds(min(corners), max(corners))


def _times(a: float, b: float) -> float:
    return 0.0 if a == 0 or b == 0 else a * b


def _mul_bounds(*parts: Bounds) -> Bounds:
    total = parts[0]
    for part in parts[1:]:
        total = product(total, part)
    return total


def reciprocal(part: Bounds) -> Bounds:
    """The bounds of 1/x."""
    if part.nonnegative:
        return Bounds(
            0.0 if math.isinf(part.high) else 1 / part.high if part.high else 0.0, math.inf if part.low == 0 else 1 / part.low, True
        )
    if part.high <= 0:
        return negated(reciprocal(negated(part)))
    return FREE


def _div_bounds(a: Bounds, b: Bounds) -> Bounds:
    return product(a, reciprocal(b))


def _pow_bounds(base: Bounds, exponent: Bounds) -> Bounds:
    fixed = exponent.low == exponent.high
    if fixed and float(exponent.low).is_integer() and int(exponent.low) % 2 == 0 and exponent.low > 0:
        corners = [abs(base.low), abs(base.high)]
        inside = base.low <= 0 <= base.high
        power = exponent.low
        low = 0.0 if inside else min(corners) ** power if min(corners) < 1e30 else math.inf
        return Bounds(low, max(corners) ** power if max(corners) < 1e30 else math.inf, base.nonzero and low == 0)
    if base.nonnegative or not (fixed and float(exponent.low).is_integer()):
        if base.nonnegative and base.high <= 1 and exponent.nonnegative:
            return Bounds(0.0, 1.0, base.positive)
        return Bounds(0.0, math.inf, base.positive or exponent.high < 0)
    return FREE


def abs_bounds(part: Bounds) -> Bounds:
    """The bounds of |x|."""
    if part.nonnegative:
        return part
    if part.high <= 0:
        return negated(part)
    return Bounds(0.0, max(-part.low, part.high))


def _max_bounds(*parts: Bounds) -> Bounds:
    best = max(parts, key=lambda p: (p.low, p.low_open))
    return Bounds(best.low, max(p.high for p in parts), best.low_open)


def _min_bounds(*parts: Bounds) -> Bounds:
    return negated(_max_bounds(*(negated(p) for p in parts)))


def hull(*parts: Bounds) -> Bounds:
    """The smallest interval that holds all of these."""
    low, high = min(p.low for p in parts), max(p.high for p in parts)
    return Bounds(low, high, all(p.low_open for p in parts if p.low == low), all(p.high_open for p in parts if p.high == high))


# ---------------------------------------------------------------------------------------------- reference evaluation
def _add(c: Any, *values: Any) -> Any:
    total = values[0]
    for value in values[1:]:
        total = total + value
    if c.isnan(total):
        raise Undefined
    return total


def _mul(c: Any, *values: Any) -> Any:
    if any(v == 0 for v in values):
        return c.zero  # 0 · log 0 = 0
    total = values[0]
    for value in values[1:]:
        total = total * value
    return total


def _div(c: Any, a: Any, b: Any) -> Any:
    if b == 0 or (c.isinf(a) and c.isinf(b)):
        raise Undefined
    return a / b


def _pow(c: Any, base: Any, exponent: Any) -> Any:
    if exponent == 0:
        return c.one
    if base == 0:
        if exponent < 0:
            raise Undefined
        return c.zero
    if base < 0 and exponent != c.floor(exponent):
        raise Undefined
    if _is_beyond(c, base, exponent):
        grows = (abs(base) > 1) == (exponent > 0)
        return c.inf if grows else c.zero
    return base**exponent


def _is_beyond(c: Any, base: Any, exponent: Any) -> bool:
    """Whether |log(base^exponent)| is so large that the power is infinite or zero; the logarithm is taken near the border only."""
    size, most = c.mag(exponent), c.mag(base)
    if isinstance(most, int) and size + (abs(most) + 1).bit_length() <= BEYOND:
        return False
    return bool(size + max(c.mag(c.log(abs(base))) if abs(base) != 1 else 0, 0) > BEYOND)


def _sqrt(c: Any, x: Any) -> Any:
    if x < 0:
        raise Undefined
    return c.sqrt(x)


def _cbrt(c: Any, x: Any) -> Any:
    return c.cbrt(x) if x >= 0 else -c.cbrt(-x)


def _sign(c: Any, x: Any) -> Any:
    return c.one if x > 0 else -c.one if x < 0 else c.zero


def _where_shape(args: tuple[Node, ...], data: Any) -> tuple[Shape, tuple[Axis, ...]]:
    return broadcast(args[1:])[0] or args[0].shape, union_axes(args)


def _where(evaluation: Any, node: Node, place: Any, position: Any) -> Any:
    condition, yes, no = node.args
    return evaluation.entry(yes if evaluation.entry(condition, place, position) else no, place, position)


def comparison(name: str, sign: str, evaluate: Any) -> Operation:
    """A comparison of numbers; its value is a truth value."""
    return elementwise(name, evaluate, f"x {sign} y", f"x {sign} y", within(0, 1))


def _top(x: Bounds) -> bool:
    return x.low < 0


ARITHMETIC: tuple[Operation, ...] = (
    Operation("add", broadcast, _add, _add_bounds, elementwise=True),
    Operation("mul", broadcast, _mul, _mul_bounds, elementwise=True),
    elementwise("neg", lambda c, x: -x, "-x", "-x", negated),
    elementwise("div", _div, "x / y", "x / y", _div_bounds),
    elementwise("pow", _pow, "x**y", "x**y", _pow_bounds),
    elementwise("sqrt", _sqrt, "np.sqrt(x)", "math.sqrt(x)", lambda x: Bounds(0.0, math.inf, x.positive), _top),
    elementwise("cbrt", _cbrt, "np.cbrt(x)", "math.cbrt(x)", lambda x: x if x.low >= 0 and x.low in {0, 1} else FREE),
    elementwise("abs", lambda c, x: abs(x), "np.abs(x)", "abs(x)", abs_bounds),
    elementwise("sign", _sign, "np.sign(x)", "", within(-1, 1)),
    elementwise("step", lambda c, x: c.one if x > 0 else c.zero, "np.heaviside(x, 0.0)", "float(x > 0)", within(0, 1)),
    elementwise("floor", lambda c, x: c.floor(x), "np.floor(x)", "math.floor(x)"),
    elementwise("ceil", lambda c, x: c.ceil(x), "np.ceil(x)", "math.ceil(x)"),
    elementwise("round", lambda c, x: c.nint(x), "np.round(x)", "round(x)"),
    elementwise("mod", lambda c, x, y: x - y * c.floor(x / y), "np.mod(x, y)", "x % y"),
    elementwise("gcd", lambda c, x, y: c.mpf(math.gcd(int(x), int(y))), "np.gcd(x, y)", "math.gcd(x, y)"),
    elementwise("maximum", lambda c, *v: max(v), "np.maximum(x, y)", "max(x, y)", _max_bounds),
    elementwise("minimum", lambda c, *v: min(v), "np.minimum(x, y)", "min(x, y)", _min_bounds),
    elementwise(
        "clip", lambda c, x, a, b: min(max(x, a), b), "np.clip(x, y, z)", "min(max(x, y), z)", lambda x, a, b: Bounds(a.low, b.high)
    ),
    comparison("less", "<", lambda c, x, y: x < y),
    comparison("less_equal", "<=", lambda c, x, y: x <= y),
    comparison("greater", ">", lambda c, x, y: x > y),
    comparison("greater_equal", ">=", lambda c, x, y: x >= y),
    comparison("equal", "==", lambda c, x, y: x == y),
    comparison("not_equal", "!=", lambda c, x, y: x != y),
    elementwise("and", lambda c, x, y: bool(x) and bool(y), "x & y", "x and y", within(0, 1)),
    elementwise("or", lambda c, x, y: bool(x) or bool(y), "x | y", "x or y", within(0, 1)),
    elementwise("not", lambda c, x: not x, "~x", "not x", within(0, 1)),
    elementwise("indicator", lambda c, x: c.one if x else c.zero, "np.where(x, 1.0, 0.0)", "float(x)", within(0, 1)),
    Operation("where", _where_shape, _where, lambda condition, yes, no: hull(yes, no)),
)
