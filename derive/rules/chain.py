"""The chain rule, and one rule a function of the tables.

In: the unresolved derivative of a function of the tables. Out: Σ (outer derivative at the inside) · (derivative of the inside).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.derivation import Prose, Rewrite, Rule
from derive.rules.activations import ACTIVATIONS
from derive.rules.corners import Corner, vanishes
from derive.rules.dependence import depends, derivative, split, times
from derive.rules.elementary import ELEMENTARY, Outer
from derive.rules.instances import instances
from derive.rules.special import SPECIAL

__all__ = ["BY_FUNCTION", "OUTER", "RULES"]

OUTER: dict[type, Outer] = {**ELEMENTARY, **SPECIAL, **ACTIVATIONS}


def _apply(node: Any) -> Rewrite | None:
    f, x = split(node)
    outer = OUTER.get(type(f))
    if outer is None:
        return None
    terms: list[Any] = []
    inside: list[Any] = []
    for place, argument in enumerate(f.args):
        if not depends(argument, x):
            continue
        partial = outer.partials[place] if place < len(outer.partials) else None
        if partial is None:
            return None
        inside.append(argument)
        terms.append(times(partial(*f.args), derivative(argument, x)))
    because: Prose = ()
    if len(inside) == 1 and inside[0] != x:
        because = instances(("u", inside[0])) or ("with the argument ", inside[0])
    elif len(inside) == 2:
        because = ("with the arguments ", inside[0], " and ", inside[1])
    return Rewrite(sp.Add(*terms), because, (), _kinks(outer, f, x))


def _kinks(outer: Outer, f: Any, x: Any) -> tuple[Prose, ...]:
    if outer.kinks is None:
        return ()
    places = [p for p in outer.kinks(*f.args) if not p.is_nonzero and depends(p, x)]
    if not places:
        return ()
    if isinstance(f, (sp.floor, sp.ceiling, sp.Mod)):
        return ((f, " jumps; its derivative holds away from the jumps"),)
    what, end = (" jumps where ", "; the derivative holds elsewhere") if outer.jumps else (" has a kink where ", _convention(f))
    kind = "jump" if outer.jumps else "kink"
    return tuple(Corner((f, what, vanishes(place), end), place, x, vanishes(place), kind) for place in places)


def _convention(f: Any) -> str:
    if isinstance(f, sp.Abs):
        return "; there sign is taken as 0"
    return (
        "; there the derivative is taken by convention as written" if type(f).__name__ != "relu" else "; there the derivative is taken as 0"
    )


def _rule(outer: Outer, head: type) -> Rule:
    return Rule(
        f"derivative-of-{outer.id}",
        f"Derivative of {outer.title}",
        outer.formula,
        outer.statement,
        (head,),
        _apply,
        (outer.example,) if outer.example else (),
    )


BY_FUNCTION: dict[type, Rule] = {head: _rule(outer, head) for head, outer in OUTER.items()}
CHAIN = Rule(
    "chain-rule",
    "Chain rule",
    "(f(u))′ = f′(u) u′",
    r"\frac{d}{dx} f(u(x)) = f'(u)\,\frac{du}{dx}",
    tuple(OUTER),
    _apply,
    (("d/dx sin(3 x^2)", "cos(3 x^2) d/dx (3 x^2)"), ("d/dx e^(sin x)", "e^(sin x) d/dx (sin x)")),
    "Spivak 2008, Calculus, chapter 10",
)
RULES: tuple[Rule, ...] = (CHAIN, *BY_FUNCTION.values())
