"""A function of one variable on intervals: its values at stationary points and at the ends, and its limits where there are no ends.

In: an expression, its variable, the set it lives on. Out: the best of what is attained; DoesNotExist where a limit is better.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import sympy as sp
from sympy.calculus.util import continuous_domain

from derive.errors import DoesNotExist, NotSupported
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.solving.optimisation.equations import tidy

__all__ = ["Ends", "domain_of", "ends_of", "refuse_better_limits", "set_of"]


class Ends(NamedTuple):
    """The ends that belong to the set, and the others with the limits there."""

    closed: list[Any]
    limits: list[tuple[Any, Any]]


def set_of(below: list[Any], strict: list[Any], x: Any) -> Any:
    """The real numbers that obey inequalities in x. Raises NotSupported where they are not found."""
    found = sp.S.Reals
    t = sp.Dummy("t", real=True)
    for expression, relation in [*((e, sp.Le) for e in below), *((e, sp.Lt) for e in strict)]:
        if not expression.has(x):
            if relation(expression, 0) == sp.true:
                continue
            raise NotSupported("a constraint on parameters")
        try:
            found = found.intersect(sp.solveset(relation(expression.subs(x, t), 0), t, sp.S.Reals))
        except (NotImplementedError, ValueError, TypeError) as problem:
            raise NotSupported("a constraint whose interval is not found") from problem
    return found


def domain_of(f: Any, x: Any, within: Any) -> Any:
    """Where f is real and continuous. Raises NotSupported where it is not found as finitely many intervals."""
    t = sp.Dummy("t", real=True)
    try:
        domain = continuous_domain(f.subs(x, t), t, within)
    except (NotImplementedError, ValueError, TypeError) as problem:
        raise NotSupported("an optimum of a function whose domain is not found") from problem
    parts = domain.args if isinstance(domain, sp.Union) else (domain,)
    if not parts or not all(isinstance(p, (sp.Interval, sp.FiniteSet)) for p in parts):
        raise NotSupported("an optimum of a function whose domain is not made of finitely many intervals")
    return domain


def ends_of(f: Any, x: Any, domain: Any, piece: Callable[[Any, str], Any] | None = None) -> Ends:
    """The ends of the intervals of the domain; `piece` gives the function without kinks beside an end, seen from a side."""
    closed: list[Any] = []
    limits: list[tuple[Any, Any]] = []
    for part in domain.args if isinstance(domain, sp.Union) else (domain,):
        if isinstance(part, sp.FiniteSet):
            closed += list(part)
            continue
        for end, is_open, side in ((part.inf, part.left_open, "+"), (part.sup, part.right_open, "-")):
            if is_open or end in (sp.oo, -sp.oo):
                t = sp.Dummy("t", positive=True) if end == sp.oo else sp.Dummy("t", real=True)
                smooth = f if piece is None else piece(end, side)
                limits.append((end, sp.limit(smooth.subs(x, t), t, end, side)))
            else:
                closed.append(end)
    return Ends(closed, limits)


def refuse_better_limits(ends: Ends, best: Any, x: Any, largest: bool, span: tuple[int, int] | None) -> None:
    """Raises DoesNotExist where the function (made small) tends to less than the best value (or None), NotSupported where unknown."""
    word, bound, way = ("maximum", "supremum", "above") if largest else ("minimum", "infimum", "below")
    known = sorted(ends.limits, key=lambda e: sp.N(e[1]) if e[1].is_extended_real and not isinstance(e[1], sp.AccumBounds) else -sp.oo)
    for place, value in known:
        where = "∞" if place == sp.oo else "−∞" if place == -sp.oo else plain(from_sympy(place))
        if isinstance(value, sp.AccumBounds) or value.is_extended_real is not True:
            raise NotSupported(f"an optimum of a function whose limit is not known as {x} tends to {where}", span=span)
        if value == -sp.oo:
            raise DoesNotExist(f"there is no {word}: the function is unbounded {way} as {x} tends to {where}", span=span)
        if best is None or bool(sp.N(value - best) < -1e-12):
            reached = plain(from_sympy(tidy(-value if largest else value)))
            if value == sp.oo:
                continue
            none = "the derivative is never zero, and " if best is None else ""
            raise DoesNotExist(f"the {word} is not attained: {none}the {bound} {reached} is the limit as {x} tends to {where}", span=span)
