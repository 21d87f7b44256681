"""Polar and spherical coordinates for iterated integrals over discs, rings, sectors, the plane and balls.

In: an iterated integral in Cartesian coordinates. Out: the same in polar or spherical coordinates, where the integrand becomes simpler;
None elsewhere. Source: Apostol 1974, Mathematical Analysis, section 15.10.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from derive.derivation import Rewrite
from derive.rules.limits_and_integrals import POLAR, SPHERICAL
from derive.solving.journal import Journal
from derive.solving.places import with_replaced

__all__ = ["in_round_coordinates", "ring_integral"]


def in_round_coordinates(whole: Any, node: Any, journal: Journal) -> Any | None:
    """The whole with `node` in polar or spherical coordinates."""
    if any(len(limit) != 3 for limit in node.limits):
        return None
    if len(node.limits) == 2:
        other, rule = _polar(node), POLAR
    elif len(node.limits) == 3:
        other, rule = _spherical(node), SPHERICAL
    else:
        return None
    if other is None:
        return None
    after = with_replaced(whole, node, other, set())
    journal.record(rule, Rewrite(after), whole, after, (node, other))
    return after


def _fresh(name: str, node: Any, **assumptions: bool) -> Any:
    taken = {s.name for s in node.atoms(sp.Symbol)}
    while name in taken:
        name += "_1"
    return sp.Symbol(name, **assumptions)


def _polar(node: Any) -> Any | None:
    (y, low, high), (x, a, b) = node.limits
    f = node.function
    r, theta = _fresh("r", node, positive=True), _fresh("theta", node, real=True)
    sector = _sector(low, high, x, a, b)
    if sector is None or a.has(x, y) or b.has(x, y):
        return None
    radius, start, stop, middle = sector
    table = {x: middle[0] + r * sp.cos(theta), y: middle[1] + r * sp.sin(theta)}
    turned = sp.simplify(f.subs(table, simultaneous=True))
    if turned.has(x, y) or (f.has(x, y) and turned.count_ops() > f.count_ops() and not turned.is_polynomial(r)):
        return None
    if turned.has(theta) and radius is sp.oo:
        return None
    return sp.Integral(sp.powsimp(turned * r), (r, 0, radius), (theta, start, stop))


def _sector(low: Any, high: Any, x: Any, a: Any, b: Any) -> tuple[Any, Any, Any, tuple[Any, Any]] | None:
    """(radius, first angle, last angle, centre) of a disc, half or quarter of one, or of the plane, half or quarter of it."""
    if a.is_infinite or b.is_infinite or low.is_infinite or high.is_infinite:
        return _unbounded(low, high, a, b)
    square = {end: sp.expand(end**2) for end in (low, high)}
    centre_x = (a + b) / 2
    for centre, radius in ((centre_x, (b - a) / 2), (a, b - a), (b, b - a)):
        circle = sp.expand(radius**2 - (x - centre) ** 2)
        right, left = centre == a, centre == b
        for middle in (sp.S.Zero, (low + high) / 2):
            if middle.has(x):
                continue
            below = sp.expand((low - middle) ** 2) == circle if middle != 0 else square[low] == circle
            above = sp.expand((high - middle) ** 2) == circle if middle != 0 else square[high] == circle
            if not (below or low == middle) or not (above or high == middle) or not (below or above) or not radius.is_positive:
                continue
            first = -sp.pi / 2 if right and below else sp.S.Zero
            last = sp.pi / 2 if right else sp.pi
            if left:
                first, last = (sp.pi / 2 if above else sp.pi), (3 * sp.pi / 2 if below else sp.pi)
            elif not right:
                first, last = (sp.S.Zero if above else sp.pi), (2 * sp.pi if below else sp.pi)
            elif not above:
                last = sp.S.Zero
            return radius, first, last, (centre, middle)
    return None


def _unbounded(low: Any, high: Any, a: Any, b: Any) -> tuple[Any, Any, Any, tuple[Any, Any]] | None:
    ranges = {(-sp.oo, sp.oo): 0, (sp.S.Zero, sp.oo): 1}
    across, up = ranges.get((a, b)), ranges.get((low, high))
    if across is None or up is None:
        return None
    first, last = {(0, 0): (0, 2 * sp.pi), (1, 0): (-sp.pi / 2, sp.pi / 2), (0, 1): (0, sp.pi), (1, 1): (0, sp.pi / 2)}[across, up]
    return sp.oo, sp.sympify(first), sp.sympify(last), (sp.S.Zero, sp.S.Zero)


def ring_integral(f: Any, inequalities: Sequence[Any], names: Sequence[Any]) -> tuple[Any, Any] | None:
    """An integral over a² ≤ x² + y² (≤ b²): as a sum of Cartesian strips, and in polar coordinates; None for other regions."""
    if len(names) != 2 or len(inequalities) not in (1, 2):
        return None
    x, y = names
    inner, outer = None, sp.oo
    for inequality in inequalities:
        g = sp.expand(inequality)
        slope = g.coeff(x, 2)
        rest = sp.expand(g - slope * (x**2 + y**2))
        if rest.has(x, y) or not (slope.is_positive or slope.is_negative):
            return None
        radius = sp.sqrt(sp.factor(-rest / slope))
        inner, outer = (radius, outer) if slope.is_positive else (inner, radius)
    if inner is None or not inner.is_positive or not (outer is sp.oo or (outer - inner).is_positive):
        return None
    far, near = sp.oo if outer is sp.oo else sp.sqrt(outer**2 - x**2), sp.sqrt(inner**2 - x**2)
    strips = [
        ((y, -far, far), (x, -outer, -inner)), ((y, -far, far), (x, inner, outer)),
        ((y, near, far), (x, -inner, inner)), ((y, -far, -near), (x, -inner, inner)),
    ]  # fmt: skip
    node = sp.Integral(f, *strips[0])
    r, theta = _fresh("r", node, positive=True), _fresh("theta", node, real=True)
    turned = sp.simplify(f.subs({x: r * sp.cos(theta), y: r * sp.sin(theta)}, simultaneous=True))
    return sp.Add(*(sp.Integral(f, *strip) for strip in strips)), sp.Integral(turned * r, (r, inner, outer), (theta, 0, 2 * sp.pi))


def _spherical(node: Any) -> Any | None:
    (z, low, high), (y, below, above), (x, a, b) = node.limits
    radius = b
    ball = sp.expand(radius**2 - x**2 - y**2)
    disc = sp.expand(radius**2 - x**2)
    bounded = a == -b and all(sp.expand(e**2) == disc for e in (below, above)) and all(sp.expand(e**2) == ball for e in (low, high))
    everywhere = all(e.is_infinite for e in (low, high, below, above, a, b))
    if not (bounded or everywhere) or low == high:
        return None
    r = _fresh("r", node, positive=True)
    theta, phi = _fresh("theta", node, real=True), _fresh("phi", node, real=True)
    table = {x: r * sp.sin(theta) * sp.cos(phi), y: r * sp.sin(theta) * sp.sin(phi), z: r * sp.cos(theta)}
    turned = sp.simplify(node.function.subs(table, simultaneous=True))
    if everywhere and turned.has(theta, phi):
        return None
    return sp.Integral(turned * r**2 * sp.sin(theta), (r, 0, radius), (theta, 0, sp.pi), (phi, 0, 2 * sp.pi))
