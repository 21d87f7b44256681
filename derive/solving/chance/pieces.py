"""Functions with cases on the line: max, min, |·|, ReLU, indicators, cases, as smooth pieces on intervals.

In: an expression, its variable, the ends of the support. Out: pieces (expression, from, to) that cover the support; None where the order
of the breaking points is not decided. Events about one variable as intervals.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sympy as sp
from sympy import S

from derive.expressions import nodes

__all__ = ["Order", "Piece", "intervals", "is_smooth", "pieces"]

MAX_POINTS = 6


class Order:
    """What is assumed of the order of breaking points where it is not decided: relations to state, and a table in which they hold."""

    def __init__(self) -> None:
        self.conditions: list[Any] = []
        self.table: dict[Any, Any] = {}

    def sign(self, difference: Any) -> int | None:
        """The sign of a difference under what is assumed."""
        value = difference.subs(self.table) if self.table else difference
        for form in (value, sp.expand(value), sp.factor(sp.together(value))):
            if form.is_positive:
                return 1
            if form.is_negative:
                return -1
            if form.is_zero:
                return 0
        return None

    def below(self, smaller: Any, larger: Any) -> bool:
        """Assumes smaller < larger, where one of the two is a symbol that nothing was assumed of."""
        gap = sp.Dummy("d", positive=True)
        if larger.is_Symbol and larger not in self.table:
            self.table[larger] = smaller.subs(self.table) + gap
        elif smaller.is_Symbol and smaller not in self.table:
            self.table[smaller] = larger.subs(self.table) - gap
        else:
            return False
        self.conditions.append(sp.Lt(smaller, larger, evaluate=False))
        return True

    def between(self, low: Any, point: Any, high: Any) -> bool:
        """Assumes low < point < high."""
        if not point.is_Symbol or point in self.table:
            return False
        share = sp.Dummy("u", positive=True)
        self.table[point] = low.subs(self.table) + (high - low).subs(self.table) * share / (1 + share)
        self.conditions += [sp.Lt(low, point, evaluate=False), sp.Lt(point, high, evaluate=False)]
        return True


class Piece(NamedTuple):
    """An expression that holds from `low` to `high`."""

    body: Any
    low: Any
    high: Any


_BROKEN = (
    sp.Max,
    sp.Min,
    sp.Abs,
    sp.Piecewise,
    sp.sign,
    sp.Heaviside,
    nodes.relu,
    nodes.step,
    nodes.leaky_relu,
    nodes.clip,
    nodes.hard_tanh,
)


def is_smooth(body: Any, x: Any) -> bool:
    """Whether no case distinction depends on x."""
    return not any(n.has(x) for n in body.atoms(*_BROKEN))


def pieces(body: Any, x: Any, low: Any, high: Any, order: Order | None = None) -> list[Piece] | None:
    """The smooth pieces between `low` and `high`; `order` gathers what is assumed of undecided points."""
    order = order if order is not None else Order()
    written = body.replace(lambda e: isinstance(e, nodes.DefinedFunction) and isinstance(e, _BROKEN), lambda e: e.definition())
    written = written.replace(lambda e: isinstance(e, sp.Heaviside), lambda e: sp.Piecewise((1, e.args[0] > 0), (0, True)))
    points = _points(written, x)
    if points is None or len(points) > MAX_POINTS:
        return None
    if low.is_finite and high.is_finite and order.sign(high - low) is None and not order.below(low, high):
        return None
    if order.conditions and low.is_finite and high.is_finite:
        order.conditions.clear()  # that the support is no point is no assumption
    inside = _ordered(points, low, high, order)
    if inside is None:
        return None
    ends = [low, *inside, high]
    found = []
    for left, right in zip(ends, ends[1:], strict=False):
        branch = _on(written, x, left, right, order)
        if branch is None:
            return None
        if branch != 0:
            found.append(Piece(branch, left, right))
    return _joined(found)


def _joined(found: list[Piece]) -> list[Piece]:
    """Neighbours with the same expression are one piece."""
    result: list[Piece] = []
    for piece in found:
        if result and result[-1].high == piece.low and result[-1].body == piece.body:
            result[-1] = Piece(piece.body, result[-1].low, piece.high)
        else:
            result.append(piece)
    return result


def _points(body: Any, x: Any) -> list[Any] | None:
    """Where something may change its case."""
    found: list[Any] = []
    for node in body.atoms(*_BROKEN):
        if not node.has(x):
            continue
        if isinstance(node, (sp.Max, sp.Min)):
            differences = [a - b for k, a in enumerate(node.args) for b in node.args[k + 1 :]]
        elif isinstance(node, sp.Piecewise):
            relations = [r for _, c in node.args for r in c.atoms(sp.core.relational.Relational)]
            differences = [r.lhs - r.rhs for r in sorted(relations, key=lambda r: not _bounds_below(r, x))]
        else:
            differences = [node.args[0]]
        for difference in differences:
            roots = _roots(difference, x)
            if roots is None:
                return None
            found += roots
    return list(dict.fromkeys(found))


def _bounds_below(relation: Any, x: Any) -> bool:
    """x > a and a < x: the points that bound x from below come first."""
    above = isinstance(relation, (sp.Gt, sp.Ge))
    return above is bool(relation.lhs.has(x))


def _roots(difference: Any, x: Any) -> list[Any] | None:
    if not difference.has(x):
        return []
    if isinstance(difference, sp.Abs):
        return _roots(difference.args[0], x)
    without = [n for n in difference.atoms(sp.Abs) if n.has(x)]
    if without:
        first = _roots(difference.subs(without[0], without[0].args[0]), x)
        second = _roots(difference.subs(without[0], -without[0].args[0]), x)
        return None if first is None or second is None else [*first, *second]
    if difference.is_polynomial(x):
        poly = sp.Poly(difference, x)
        if poly.degree() == 1:
            slope, offset = poly.all_coeffs()
            return [sp.cancel(-offset / slope)]
        if poly.degree() == 2:
            a, b, c = poly.all_coeffs()
            inside = sp.expand(b**2 - 4 * a * c)
            if inside.is_negative:
                return []
            if inside.is_nonnegative:
                root = sp.sqrt(inside)
                return [sp.simplify((-b - root) / (2 * a)), sp.simplify((-b + root) / (2 * a))]
        return None
    exponential = [n for n in difference.atoms(sp.exp) if n.has(x)]
    if len(exponential) == 1 and exponential[0].args[0].is_polynomial(x):
        place = sp.Dummy("u")
        rest = difference.xreplace({exponential[0]: place})
        if not rest.has(x) and sp.degree(rest, place) == 1:
            slope, offset = sp.Poly(rest, place).all_coeffs()
            level = sp.cancel(-offset / slope)
            if level.is_nonpositive:
                return []
            return _roots(exponential[0].args[0] - sp.log(level), x) if level.is_positive else None
    return None


def _ordered(points: list[Any], low: Any, high: Any, order: Order) -> list[Any] | None:
    """The points inside the support, in increasing order; what is not decided is assumed, once for each point."""
    inside: list[Any] = []
    for point in points:
        below = 1 if low.is_infinite else order.sign(point - low)
        above = 1 if high.is_infinite else order.sign(high - point)
        if (below is not None and below <= 0) or (above is not None and above <= 0):
            continue
        if below is None and above is None:
            if not order.between(low, point, high):
                return None
        elif (below is None and not (order.below(low, point) if above == 1 and high.is_infinite else order.between(low, point, high))) or (
            above is None and not (order.below(point, high) if low.is_infinite else order.between(low, point, high))
        ):
            return None
        inside.append(point)
    for k in range(len(inside)):
        for j in range(k + 1, len(inside)):
            sign = order.sign(inside[j] - inside[k])
            if sign is None:
                if not order.below(inside[k], inside[j]):
                    return None
            elif sign < 0:
                inside[k], inside[j] = inside[j], inside[k]
    return inside


def _on(body: Any, x: Any, low: Any, high: Any, order: Order) -> Any:
    """The branch that holds between two neighbouring points."""
    if low.is_finite and high.is_finite:
        t = sp.Dummy("t", positive=True)
        inner = low + (high - low) * t / (1 + t)
    elif low.is_finite:
        inner = low + sp.Dummy("t", positive=True)
    elif high.is_finite:
        inner = high - sp.Dummy("t", positive=True)
    else:
        return body if is_smooth(body, x) else None
    probe = inner

    def decide(node: Any) -> Any:
        if not node.has(x):
            return node
        if isinstance(node, (sp.Max, sp.Min)):
            best = node.args[0]
            for other in node.args[1:]:
                gap = _sign(best - other, x, probe, order)
                if gap is None:
                    return None
                larger = gap > 0
                best = best if larger == isinstance(node, sp.Max) else other
            return best
        if isinstance(node, sp.Abs):
            sign = _sign(node.args[0], x, probe, order)
            return None if sign is None else sign * node.args[0]
        if isinstance(node, sp.sign):
            sign = _sign(node.args[0], x, probe, order)
            return None if sign is None else sp.Integer(sign)
        for value, condition in node.args:
            holds = _holds(condition, x, probe, order)
            if holds is None:
                return None
            if holds:
                return value
        return S.Zero

    return _settled(body, x, decide)


def _settled(node: Any, x: Any, decide: Any) -> Any:
    if not node.has(x) or not node.args:
        return node
    if isinstance(node, sp.Piecewise):
        chosen = decide(node)
        return None if chosen is None else _settled(chosen, x, decide)
    parts = [_settled(a, x, decide) for a in node.args]
    if any(p is None for p in parts):
        return None
    rebuilt = node.func(*parts)
    return decide(rebuilt) if isinstance(rebuilt, (sp.Max, sp.Min, sp.Abs, sp.sign)) else rebuilt


def _sign(difference: Any, x: Any, probe: Any, order: Order) -> int | None:
    found = order.sign(difference.subs(x, probe))
    if found is not None:
        return found or 1
    return _sign_of_monotone(difference, x, probe, order)


def _sign_of_monotone(difference: Any, x: Any, probe: Any, order: Order) -> int | None:
    """e^x − K beyond its root."""
    exponential = [n for n in difference.atoms(sp.exp) if n.has(x)]
    if len(exponential) != 1:
        return None
    front, rest = difference.as_independent(x, as_Add=True)
    coefficient, inner = rest.as_independent(x, as_Add=False)
    if inner != exponential[0] or not (-front / coefficient).is_positive:
        return None
    found = _sign(inner.args[0] - sp.log(-front / coefficient), x, probe, order)
    return None if found is None or coefficient.is_positive is None else found * (1 if coefficient.is_positive else -1)


def _holds(condition: Any, x: Any, probe: Any, order: Order) -> bool | None:
    if condition in (True, S.true):
        return True
    if condition in (False, S.false):
        return False
    if isinstance(condition, (sp.And, sp.Or)):
        parts = [_holds(a, x, probe, order) for a in condition.args]
        if isinstance(condition, sp.And):
            return False if False in parts else None if None in parts else True
        return True if True in parts else None if None in parts else False
    if isinstance(condition, sp.Not):
        inner = _holds(condition.args[0], x, probe, order)
        return None if inner is None else not inner
    if isinstance(condition, sp.Eq):
        return False  # an interval of the line: single points weigh nothing
    if isinstance(condition, sp.Ne):
        return True
    if isinstance(condition, (sp.Gt, sp.Ge, sp.Lt, sp.Le)):
        sign = _sign(condition.lhs - condition.rhs, x, probe, order)
        return None if sign is None else (sign > 0) == isinstance(condition, (sp.Gt, sp.Ge))
    return None


def intervals(event: Any, x: Any, low: Any, high: Any, order: Order) -> list[tuple[Any, Any]] | None:
    """The event about x as intervals of the support."""
    indicator = sp.Piecewise((S.One, event), (S.Zero, True), evaluate=False)
    found = pieces(indicator, x, low, high, order)
    return None if found is None else [(p.low, p.high) for p in found]
