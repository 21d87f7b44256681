"""The least-squares line through data: slope and intercept in deviations from the means, so that no digits are lost far from 0.

In: a log-likelihood in which the two unknowns stand in Σ (y_i − a − b x_i)² only. Out: the values of a and b with their steps, or None.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sympy as sp

from derive.derivation import Claim
from derive.rules.chance_inference import SCORE_ZERO
from derive.solving.chance.steps import step
from derive.solving.journal import Journal

__all__ = ["fit_line"]

_INDICES = ("j", "k", "l", "r")


class _Line(NamedTuple):
    """The residual y_i − a − b x_i and its parts; both unknowns stand in it as they are."""

    intercept: Any
    slope: Any
    x: Any
    y: Any
    limits: tuple[Any, Any, Any]


def fit_line(value: Any, scores: Sequence[Any], unknowns: Sequence[Any], journal: Journal) -> dict[Any, Any] | None:
    """Slope and intercept at the maximum of the log-likelihood; None where it has another form."""
    line = _line(value, unknowns)
    if line is None:
        return None
    index, first, last = line.limits
    inner = _fresh(value)
    count = last - first + 1

    def mean(entry: Any) -> Any:
        return sp.Sum(entry.subs(index, inner), (inner, first, last)) / count

    x_mean, y_mean = mean(line.x), mean(line.y)
    across = sp.Sum((line.x - x_mean) * (line.y - y_mean), line.limits)
    along = sp.Sum((line.x - x_mean) ** 2, line.limits)
    slope = across / along
    over = {index: inner}
    plain_mean = sp.Sum(line.x, line.limits) / count, sp.Sum(line.y, line.limits) / count
    by_slope = plain_mean[1] - line.slope * plain_mean[0]
    score = scores[list(unknowns).index(line.intercept)]
    steep = scores[list(unknowns).index(line.slope)]
    claim = Claim("equal", score.subs(line.intercept, by_slope), sp.S.Zero)
    journal.add(step(SCORE_ZERO, sp.Eq(score, 0, evaluate=False), sp.Eq(line.intercept, by_slope, evaluate=False), "⇔", claim=claim))
    values = {line.intercept: plain_mean[1] - slope * plain_mean[0], line.slope: slope}
    centred = sp.Eq(across - line.slope * along, 0, evaluate=False)
    because = ("with ", sp.Eq(line.intercept, by_slope, evaluate=False), " inserted")
    claim = Claim("equal", steep.subs(line.intercept, mean(line.y) - line.slope * mean(line.x)), _factor(steep, line) * centred.lhs)
    journal.add(step(SCORE_ZERO, sp.Eq(steep, 0, evaluate=False), centred, "⇔", because, claim=claim))
    zero = Claim("equal", centred.lhs.subs(line.slope, slope.subs(over)), sp.S.Zero)
    journal.add(step(SCORE_ZERO, centred, sp.Eq(line.slope, slope, evaluate=False), "⇔", claim=zero))
    return {u: values[u] for u in unknowns}


def _line(value: Any, unknowns: Sequence[Any]) -> _Line | None:
    if len(unknowns) != 2:
        return None
    holders = [t for t in sp.Add.make_args(value) if t.has(*unknowns)]
    if len(holders) != 1:
        return None
    outside, inside = holders[0].as_independent(*unknowns, as_Add=False)
    if outside.has(*unknowns) or not isinstance(inside, sp.Sum) or len(inside.limits) != 1 or len(inside.limits[0]) != 3:
        return None
    body = inside.function
    factor, square = body.as_independent(*unknowns, as_Add=False)
    index = inside.limits[0][0]
    if factor.has(index) or not (isinstance(square, sp.Pow) and square.exp == 2):
        return None
    residual = sp.expand(square.base)
    for intercept, slope in (tuple(unknowns), tuple(unknowns)[::-1]):
        level, tilt = residual.coeff(intercept), residual.coeff(slope)
        if level not in (1, -1) or tilt == 0 or not tilt.has(index) or tilt.has(*unknowns):
            continue
        rest = sp.expand(residual - level * intercept - tilt * slope)
        if not rest.has(*unknowns) and rest.has(index):
            return _Line(intercept, slope, tilt * level, -rest * level, inside.limits[0])
    return None


def _factor(steep: Any, line: _Line) -> Any:
    """c of the score c Σ x_i (y_i − a − b x_i)."""
    outside, _ = sp.factor_terms(steep).as_independent(line.intercept, line.slope, as_Add=False)
    return outside


def _fresh(value: Any) -> Any:
    taken = {s.name for s in value.atoms(sp.Symbol)}
    return sp.Symbol(next(name for name in (*_INDICES, "j_1") if name not in taken), integer=True)
