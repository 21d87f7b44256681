"""An optimum over a function under expectations, found at every point by itself: max_D E_p[log D(x)] + E_q[log(1 − D(x))].

In: a reading of an optimum over a function D whose objective is a sum of expectations, or the integral of a sum, of functions of D(x).
Out: a Solution with D(x) by the densities at x, or None. Source: Goodfellow et al. 2014, Generative adversarial nets, proposition 1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import sympy as sp

from derive.derivation import Claim
from derive.errors import DeriveError
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Name, Term, number
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Bound, Reading, Type
from derive.probability.model import Model
from derive.rules.chance_expectation import FIRST_ORDER
from derive.rules.chance_several import POINTWISE
from derive.rules.optima import CURVATURE
from derive.solution import Solution
from derive.solving.chance.steps import derivation, step
from derive.solving.journal import Journal

__all__ = ["solve_pointwise_optimum"]


class _Part(NamedTuple):
    """sign · E_{x ~ law}[body], or the integral of the density times the body."""

    sign: int
    density: Term
    body: Term


def solve_pointwise_optimum(reading: Reading) -> Solution | None:
    """The function that is best at every point; None for other optima."""
    term = reading.expanded
    if term.head != "optimum" or len(term.args) != 2 or len(term.args[1].args) != 1 or term.args[1].args[0].head != "name":
        return None
    function: Name = term.args[1].args[0].data
    found = _parts(term.args[0], function)
    if not found:
        return None
    (point, *others) = dict.fromkeys(p for _, p in found)
    if others:
        return None
    called = Term("call", (Term("name", (), function), point))
    densities = tuple(dict.fromkeys(part.density for part, _ in found))
    names = {d: _name_of(d) for d in densities}
    value = Name(function.base, sub=function.sub)
    types: dict[Name, Type] = {**reading.types, value: Type(), **{n: Type(lower=Bound(number(0), True)) for n in names.values()}}
    pieces = []
    for part, _ in found:
        body = part.body.transform(lambda t: Term("name", (), value) if t == called else t)
        if any(n.head == "name" and n.data == point.data for n in body.walk()):
            return None
        product = Term("mul", (Term("name", (), names[part.density]), body))
        pieces.append(product if part.sign > 0 else Term("neg", (product,)))
    inside = pieces[0] if len(pieces) == 1 else Term("add", tuple(pieces))
    try:
        objective = to_sympy(inside, types)
    except DeriveError:
        return None
    return _solved(replace(reading, types=types), objective, (called, to_sympy(Term("name", (), value), types), names), inside)


def _name_of(density: Term) -> Name:
    """The letter of a density at the point: p for p(x), p_g for p_g(x)."""
    head: Term = density.args[0]
    name: Name = head.data
    return name


def _solved(reading: Reading, objective: Any, asked: tuple[Term, Any, dict[Term, Name]], inside: Term) -> Solution | None:
    called, unknown, names = asked
    largest = str(reading.expanded.data) in ("max", "argmax", "sup")
    slope = sp.together(sp.diff(objective, unknown))
    roots = [sp.factor(r) for r in sp.solve(slope, unknown)]
    if len(roots) != 1:
        return None
    (best,) = roots
    second = sp.factor(sp.simplify(sp.diff(objective, unknown, 2)))
    sign = second.is_negative if largest else second.is_positive
    curvature = second if sign else sp.factor(sp.simplify(second.subs(unknown, best)))
    if not (sign or (curvature.is_negative if largest else curvature.is_positive)):
        return None
    journal = Journal(reading.term)
    back = {Term("name", (), n): d for d, n in names.items()}

    def shown(value: Any) -> Term:
        term = value if isinstance(value, Term) else from_sympy(value)
        opened: Term = term.transform(lambda t: back.get(t, called if t == from_sympy(unknown) else t))
        return opened

    word = "largest" if largest else "least"
    because = (f"an integral is {word} where what is integrated is {word} at every point: ", shown(inside))
    bound = Term("rel", (called, shown(best)), "=")
    kind = Claim("maximum", objective if largest else -objective, (best,), (unknown,))
    journal.add(step(POINTWISE, reading.term, shown(inside), "⇔", because=because, claim=kind))
    zero = Term("rel", (shown(slope), number(0)), "=")
    journal.add(step(FIRST_ORDER, zero, bound, "⇔", claim=Claim("equal", slope.subs(unknown, best), sp.S.Zero)))
    held = ("the second derivative is ", "negative" if largest else "positive", " there")
    journal.add(step(CURVATURE, shown(sp.diff(objective, unknown, 2)), shown(curvature), because=held, claim=kind))
    for density, name in names.items():
        journal.note(((Term("name", (), name), " stands for the density ", density, " in the code"),))
    journal.assume(tuple((d, " > 0") for d in names))
    label = f"{called.args[0].data.key}"
    return Solution(
        derivation(journal, best, Model(types=reading.types)), None, {label: best}, journal.notes, journal.assumptions, types=reading.types
    )


def _parts(objective: Term, function: Name) -> list[tuple[_Part, Term]]:
    """The terms of the objective with the point at which the function is taken; empty where it has another form."""
    if objective.head == "integral" and len(objective.args) >= 2:
        terms = objective.args[0].args if objective.args[0].head == "add" else (objective.args[0],)
        point = objective.args[1]
        found = [_of_product(t, point, function) for t in terms]
        return [(f, point) for f in found if f is not None] if None not in found else []
    terms = objective.args if objective.head == "add" else (objective,)
    result: list[tuple[_Part, Term]] = []
    for one in terms:
        sign, inner = (-1, one.args[0]) if one.head == "neg" else (1, one)
        under = next((a for a in inner.args if a.head == "expect_under"), None) if inner.head == "probability" else None
        if under is None or inner.data != "E" or len(under.args) != 2 or any(a.head != "name" for a in under.args):
            return []
        point, law = under.args
        if not _takes(inner.args[0], function, point):
            return []
        result.append((_Part(sign, Term("call", (law, point)), inner.args[0]), point))
    return result


def _of_product(term: Term, point: Term, function: Name) -> _Part | None:
    """p(x) times a function of D(x)."""
    sign, inner = (-1, term.args[0]) if term.head == "neg" else (1, term)
    if inner.head != "mul":
        return None
    densities = [
        a for a in inner.args if a.head == "call" and a.args[0].head == "name" and a.args[0].data != function and a.args[1:] == (point,)
    ]
    if len(densities) != 1:
        return None
    rest = tuple(a for a in inner.args if a is not densities[0])
    body = rest[0] if len(rest) == 1 else Term("mul", rest)
    return _Part(sign, densities[0], body) if _takes(body, function, point) else None


def _takes(body: Term, function: Name, point: Term) -> bool:
    """Whether the function stands in the body, at this point only."""
    calls = [n for n in body.walk() if n.head == "call" and n.args[0] == Term("name", (), function)]
    return bool(calls) and all(n.args[1:] == (point,) for n in calls)
