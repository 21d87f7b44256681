"""The density of largest entropy under constraints on expectations: an exponential family, its parameters fixed by the constraints.

In: `max_p −∫ p(x) log p(x) dx s.t. ∫ p(x) dx = 1, ∫ T(x) p(x) dx = c, …`. Out: a Solution with the density and the entropy, or None
where the objective is no entropy. Source: E. T. Jaynes, Information theory and statistical mechanics, Phys. Rev. 106 (1957).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sympy as sp

from derive.derivation import Claim
from derive.errors import NotSupported, WrongUse
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution, Support
from derive.rules.chance_information import ENTROPY, EXPONENTIAL_FAMILY, FIX_MULTIPLIERS, STATIONARY_FUNCTIONAL
from derive.solution import Solution
from derive.solving.chance.information import mean_of, tidy
from derive.solving.chance.steps import derivation, step
from derive.solving.journal import Journal
from derive.solving.simplification import shortened

__all__ = ["is_entropy_problem", "solve_maximum_entropy"]


class Constraint(NamedTuple):
    """∫ statistic · p = value."""

    statistic: Any
    value: Any


def is_entropy_problem(term: Term) -> bool:
    """Whether the objective is −∫ p log p over a function p."""
    return term.head == "optimum" and str(term.data) in ("max", "argmax") and _functional(term) is not None


def _functional(term: Term) -> tuple[Term, Term] | None:
    """The integral of p log p, and p(x)."""
    body = term.args[0]
    inner = body.args[0] if body.head == "neg" else None
    if inner is None or inner.head != "integral" or len(term.args) < 2 or not term.args[1].args:
        return None
    unknown = term.args[1].args[0]
    product = inner.args[0]
    called = Term("call", (unknown, inner.args[1]))
    if product.head != "mul" or set(product.args) != {called, Term("apply", (called,), "log")}:
        return None
    return inner, called


def solve_maximum_entropy(reading: Reading) -> Solution | None:
    """The maximiser and the value. Raises NotSupported where the constraints name no family, WrongUse where they do not fit."""
    term = reading.expanded
    found = _functional(term) if is_entropy_problem(term) else None
    if found is None:
        return None
    integral, called = found
    model = build(reading)
    x = to_sympy(integral.args[1], {})
    low, high = (to_sympy(e, model.types) for e in integral.args[2:4]) if len(integral.args) >= 4 else (-sp.oo, sp.oo)
    constraints = _constraints(term.args[2:], called, integral, model)
    journal = Journal(reading.term)
    law = _family(constraints, x, (low, high))
    density = law.family.density(x, *law.values) if law.family.density else sp.exp(law.family.log_density(x, *law.values))
    names = [Term("name", (), Name("lambda", sub=str(k))) for k in range(len(constraints) + 1)]
    exponent = Term("add", (names[0], *(_times(n, c.statistic) for n, c in zip(names[1:], constraints, strict=True))))
    condition = Term("rel", (Term("apply", (called,), "log"), exponent), "=")
    support = Support("interval", low, high)
    logarithm = sp.log(density)
    shown_density = Term("rel", (called, from_sympy(shortened(density))), "=")
    journal.add(
        step(
            STATIONARY_FUNCTIONAL,
            reading.term,
            condition,
            "⇒",
            ("the derivative by p(x) of the Lagrangian is 0",),
            claim=Claim("normalised", density, support, (x,)),
        )
    )
    journal.add(
        step(
            EXPONENTIAL_FAMILY,
            condition,
            shown_density,
            "⇒",
            ("on the given interval, with these statistics",),
            claim=Claim("normalised", density, support, (x,)),
        )
    )
    for constraint in constraints:
        held = Term(
            "rel",
            (
                Term("integral", (Term("mul", (from_sympy(constraint.statistic), called)), *integral.args[1:]), "definite"),
                from_sympy(constraint.value),
            ),
            "=",
        )
        total = sp.Integral(constraint.statistic * density, (x, low, high))
        journal.add(step(FIX_MULTIPLIERS, held, shown_density, "⇒", claim=Claim("equal", total, constraint.value)))
    value = min((tidy(_entropy(law, x)), tidy(sp.expand(_entropy(law, x)))), key=lambda v: v.count_ops())
    shown = Term("neg", (integral,))
    journal.add(
        step(
            ENTROPY, shown, value, claim=Claim("equal", value, sp.Integral(-density * sp.expand_log(logarithm, force=True), (x, low, high)))
        )
    )
    journal.note(((law.family.says,),))
    journal.note((("entropy is concave in p, so the stationary density is the maximum",),))
    parts = {"p": shortened(density), "value": value}
    return Solution(derivation(journal, value, model), None, parts, journal.notes, journal.assumptions, types=model.types)


def _times(name: Term, statistic: Any) -> Term:
    return Term("mul", (name, from_sympy(statistic)))


def _constraints(rest: Sequence[Term], called: Term, objective: Term, model: Any) -> list[Constraint]:
    found: list[Constraint] = []
    for relation in rest:
        if relation.head != "rel" or relation.data != "=" or relation.args[0].head != "integral":
            raise NotSupported("a constraint that is no expectation", span=relation.span)
        integral, value = relation.args
        if integral.args[1:] != objective.args[1:]:
            raise WrongUse("the constraints must be over the same interval", span=relation.span)
        body = integral.args[0]
        factors = body.args if body.head == "mul" else (body,)
        if factors.count(called) != 1:
            raise NotSupported("a constraint that is not linear in p", span=relation.span)
        others = [f for f in factors if f != called]
        statistic = sp.Mul(*(to_sympy(f, model.types) for f in others))
        if statistic != 1:
            found.append(Constraint(statistic, to_sympy(value, model.types)))
    return found


def _family(constraints: Sequence[Constraint], x: Any, ends: tuple[Any, Any]) -> Distribution:
    """The member of a family whose log-density is linear in the statistics, on this interval."""
    if not constraints:
        if sp.oo in ends or -sp.oo in ends:
            raise WrongUse("without a constraint beside the total, the entropy has no upper bound on an unbounded interval")
        return Distribution(FAMILIES["Uniform"], dict(zip(("a", "b"), ends, strict=True)))
    statistics = [c.statistic for c in constraints]
    for family in FAMILIES.values():
        if family.discrete or any(p.domain not in ("real", "positive") for p in family.parameters):
            continue
        unknowns = [sp.Dummy(p.name, positive=True) if p.domain == "positive" else sp.Dummy(p.name, real=True) for p in family.parameters]
        support = family.support(*unknowns)
        if (support.lower, support.upper) != ends:
            continue
        around = _centred(family, unknowns, constraints, x)
        if around:
            return Distribution(family, {p.name: around[0][u] for p, u in zip(family.parameters, unknowns, strict=True)})
        if not _spanned(family, unknowns, statistics, x):
            continue
        law = Distribution(family, dict(zip((p.name for p in family.parameters), unknowns, strict=True)))
        equations = [mean_of(sp.expand(s), x, law) - c.value for s, c in zip(statistics, constraints, strict=True)]
        solved = [s for s in sp.solve(equations, unknowns, dict=True) if all(_admissible(s, u) for u in unknowns)]
        if len(solved) == 1:
            values = [shortened(solved[0][u]) for u in unknowns]
            return Distribution(family, dict(zip((p.name for p in family.parameters), values, strict=True)))
    raise NotSupported("the density of largest entropy under these constraints: it is no family that is known")


def _admissible(solution: dict[Any, Any], unknown: Any) -> bool:
    value = solution.get(unknown)
    return value is not None and not (unknown.is_positive and value.is_nonpositive)


def _spanned(family: Any, unknowns: Sequence[Any], statistics: Sequence[Any], x: Any) -> bool:
    """Whether the log-density is a constant plus a combination of the statistics, for some values of the parameters."""
    logarithm = sp.expand(sp.expand_log(family.log_density(x, *unknowns), force=True))
    own = {t.as_independent(x, as_Add=False)[1] for t in sp.Add.make_args(logarithm)} - {sp.S.One}
    given = {t.as_independent(x, as_Add=False)[1] for s in statistics for t in sp.Add.make_args(sp.expand(s))} - {sp.S.One}
    return own == given and len(statistics) <= len(unknowns)


def _centred(family: Any, unknowns: Sequence[Any], constraints: Sequence[Constraint], x: Any) -> list[dict[Any, Any]]:
    """∫ (x − μ)² p = v alone: the Normal around μ with that variance."""
    if family.name != "Normal" or len(constraints) != 1:
        return []
    base = constraints[0].statistic
    square = base.base if isinstance(base, sp.Pow) and base.exp == 2 else None
    if square is None or sp.diff(square, x) not in (1, -1):
        return []
    return [{unknowns[0]: x - square * sp.diff(square, x), unknowns[1]: constraints[0].value}]


def _entropy(law: Distribution, x: Any) -> Any:
    opened = sp.expand_log(-law.family.log_density(x, *law.values), force=True)
    return mean_of(sp.expand(opened), x, law)
