"""Rules with conditions: towers over the parents of a law, cases, events, values; random sums; conditionals of joint Gaussians.

In: a node and what is known. Out: `Found`, or None where a rule does not apply.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import S
from sympy.logic.boolalg import Boolean

from derive.derivation import Prose
from derive.errors import InconsistentInput
from derive.expressions.chance import Covariance, Expectation, Probability, Variance
from derive.expressions.to_sympy import to_sympy
from derive.rules import chance_expectation as rules
from derive.solving.chance import lotus
from derive.solving.chance.known import Known, outermost, owner
from derive.solving.chance.moments import free, frozen, generators, independence, split
from derive.solving.chance.rewriting import Found
from derive.solving.chance.truncation import given_event as given_event_value

__all__ = [
    "collapsed", "covariance_by_condition", "given_event", "given_value", "independent_condition", "random_product",
    "random_sum", "total_by_cases", "total_by_facts", "tower",
]  # fmt: skip


def independent_condition(node: Any, known: Known) -> Found | None:
    """E[X | Y] = E[X] where X and Y are declared independent."""
    if not node.conditions or isinstance(node, Probability):
        return None
    atoms = free(sp.Tuple(*node.operands), node, known)
    kept, dropped = [], []
    for condition in node.conditions:
        own = known.atoms(condition)
        parents = {p for a in atoms for p in known.parents(a)}
        inside = own & known.atoms(sp.Tuple(*node.operands))
        if own and not own & parents and not inside and known.independent(own, atoms):
            dropped.append(own)
        else:
            kept.append(condition)
    if not dropped:
        return None
    return Found(rules.CONDITION_DROPPED, type(node).of(*node.operands, given=tuple(kept)), (), (independence((*dropped, atoms)),))


def collapsed(node: Any, known: Known) -> Found | None:
    """E[E[X | Y]] = E[X]."""
    if not isinstance(node, Expectation) or node.conditions:
        return None
    front, rest = split(node.operands[0], node, known)
    inner = outermost(rest)
    if len(inner) == 1 and inner[0] == rest and isinstance(rest, Expectation) and rest.conditions:
        if all(c.is_Symbol or isinstance(c, sp.Indexed) for c in rest.conditions):
            return Found(rules.TOWER, front * Expectation(rest.operands[0]))
    return None


def _unfrozen_parents(node: Any, known: Known) -> set[Any]:
    given = frozen(node, known)
    operands = sp.Tuple(*node.operands)
    found: set[Any] = set()
    for atom in free(operands, node, known):
        if not known.cases(atom):
            found |= known.parents(atom)
    for part in generators(operands, node, known):
        if isinstance(part, sp.Sum):
            for limit in part.limits:
                for end in limit[1:]:
                    found |= known.atoms(end)
    return {p for p in found if not isinstance(p, sp.Indexed)} - given


def tower(node: Any, known: Known) -> Found | None:
    """E, Var and Cov of a variable whose law depends on another one: given that one first."""
    if not isinstance(node, (Expectation, Variance, Covariance)) or any(
        isinstance(c, Boolean) and not c.is_Symbol for c in node.conditions
    ):
        return None
    operands = sp.Tuple(*node.operands)
    if outermost(operands):
        return None
    parents = {p for p in _unfrozen_parents(node, known) if not known.cases(p)}
    atoms = free(operands, node, known)
    if not parents or not any(known.parents(a) & parents for a in atoms):
        return None
    given = (*node.conditions, *sorted(parents, key=str))
    said: Prose = ("given ", *_listed(sorted(parents, key=str)))
    if isinstance(node, Expectation):
        inner = Expectation.of(node.operands[0], given=given)
        return Found(rules.TOWER, Expectation.of(inner, given=node.conditions), said)
    if isinstance(node, Variance):
        (body,) = node.operands
        inside = Expectation.of(Variance.of(body, given=given), given=node.conditions)
        between = Variance.of(Expectation.of(body, given=given), given=node.conditions)
        return Found(rules.TOTAL_VARIANCE, inside + between, said)
    a, b = node.operands
    inside = Expectation.of(Covariance.of(a, b, given=given), given=node.conditions)
    between = Covariance.of(Expectation.of(a, given=given), Expectation.of(b, given=given), given=node.conditions)
    return Found(rules.TOTAL_COVARIANCE, inside + between, said)


def _listed(items: list[Any]) -> Prose:
    result: list[Any] = []
    for k, item in enumerate(items):
        result += [", " if k else "", item]
    return tuple(result)


# ── random sums ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _random_sum(body: Any, node: Any, known: Known) -> tuple[Any, Any, Any] | None:
    """(N, g(x₁), the member) of Σ_{i=1}^N g(xᵢ) with a random N."""
    if not isinstance(body, sp.Sum) or len(body.limits) != 1:
        return None
    index, low, high = body.limits[0]
    counts = free(high, node, known)
    own = free(body.function, node, known)
    if low != 1 or counts != {high} or len(own) != 1:
        return None
    member = next(iter(own))
    sample = known.model.samples.get(owner(member)) if isinstance(member, sp.Indexed) and member.indices == (index,) else None
    if sample is None or not sample.iid or not known.independent({high}, {member}):
        return None
    law = known.law(high)
    if law is not None and (not law.family.discrete or sp.sympify(law.family.support(*law.values).lower).is_negative):
        raise InconsistentInput(f"{high} ~ {lotus.shown(law)} is no number of terms: its values are not 0, 1, 2, …")
    return high, body.function.xreplace({index: S.One}), member


def random_sum(node: Any, known: Known) -> Found | None:
    """Wald's identity, and the variance of a random sum; Cov(Σ, N) = Var(N) E[X]."""
    given = node.conditions
    if isinstance(node, (Expectation, Variance)):
        taken = _random_sum(node.operands[0], node, known)
        if taken is None:
            return None
        count, first, member = taken
        assumed = (independence(({count}, {member})), ("the ", member, " are independent and identically distributed (declared)"))
        mean = Expectation.of(first, given=given)
        if isinstance(node, Expectation):
            return Found(rules.WALD, Expectation.of(count, given=given) * mean, (), assumed)
        result = Expectation.of(count, given=given) * Variance.of(first, given=given) + Variance.of(count, given=given) * mean**2
        return Found(rules.RANDOM_SUM_VARIANCE, result, (), assumed)
    if isinstance(node, Covariance):
        a, b = node.operands
        if not isinstance(a, sp.Sum):
            a, b = b, a
        taken = _random_sum(a, node, known)
        if taken is not None and taken[0] == b:
            count, first, member = taken
            mean = Expectation.of(first, given=given)
            return Found(rules.TOTAL_COVARIANCE, Variance.of(count, given=given) * mean, (), (independence(({count}, {member})),))
    return None


def random_product(node: Any, known: Known) -> Found | None:
    """E[e^{t Σ xᵢ}] with a random number of terms: E[M(t)^N]."""
    if not isinstance(node, Expectation) or not isinstance(node.operands[0], sp.exp):
        return None
    front, rest = split(node.operands[0].args[0], node, known)
    taken = _random_sum(rest, node, known)
    if taken is None:
        return None
    count, first, member = taken
    inner = Expectation.of(sp.exp(front * first), given=node.conditions)
    assumed = (independence(({count}, {member})), ("the ", member, " are independent and identically distributed (declared)"))
    return Found(rules.TOWER, Expectation.of(inner**count, given=node.conditions), ("given ", count), assumed)


# ── events and values ────────────────────────────────────────────────────────────────────────────────────────────────


def given_event(node: Any, known: Known) -> Found | None:
    """E[g(X) | X > c]: the truncated law."""
    if len(node.conditions) != 1 or not isinstance(node.conditions[0], Boolean) or node.conditions[0].is_Symbol:
        return None
    (event,) = node.conditions
    own = known.atoms(event)
    atoms = known.atoms(sp.Tuple(*node.operands))
    if len(own) != 1 or atoms != own:
        return None
    atom = next(iter(own))
    law = known.law(atom)
    if law is None or known.parents(atom) or isinstance(event, sp.Eq):
        return None
    if isinstance(node, Variance):
        body = node.operands[0]
        square = Expectation.of(body**2, given=node.conditions)
        return Found(rules.VARIANCE_BY_MOMENTS, square - Expectation.of(body, given=node.conditions) ** 2)
    if not isinstance(node, Expectation):
        return None
    value = given_event_value(node.operands[0], atom, law, event)
    return None if value is None else Found(value.rule, value.result, value.because, value.assumptions)


def _cases_key(condition: Any) -> Any:
    return condition.canonical if isinstance(condition, sp.core.relational.Relational) else condition


def given_value(node: Any, known: Known) -> Found | None:
    """E[X | Z = z]: the law declared for that value, or E[X | Z] at Z = z."""
    equations = [c for c in node.conditions if isinstance(c, sp.Eq)]
    if not equations or isinstance(node, Probability):
        return None
    operands = sp.Tuple(*node.operands)
    atoms = free(operands, node, known)
    for atom in atoms:
        for condition, law in known.cases(atom):
            if to_sympy(condition, known.types) in node.conditions and len(atoms) == 1 and len(node.conditions) == 1:
                return _under_case(node, atom, law)
    if any(known.cases(a) for a in atoms):
        return None
    left, right = equations[0].args
    if not known.is_random(left):
        left, right = right, left
    if not known.is_random(left) or known.atoms(right):
        return None
    others = tuple(left if c == equations[0] else c for c in node.conditions)
    if left in atoms:
        return Found(rules.GIVEN_VALUE, type(node).of(*(o.subs(left, right) for o in node.operands), given=node.conditions))
    from derive.solving.chance.strategy import resolved

    inner = type(node).of(*node.operands, given=others)
    value, steps = resolved(inner, known)
    if value is None:
        return None
    return Found(rules.GIVEN_VALUE, value.subs(left, right), (inner, f" at {left} = ", right), (), steps)


def _under_case(node: Any, atom: Any, law: Any) -> Found | None:
    body = node.operands[0]
    if isinstance(node, Variance):
        value = lotus.variance(law, atom) if body == atom else None
    elif isinstance(node, Expectation):
        result = lotus.expectation_of_sum(sp.expand(body), atom, law)
        single = lotus.expectation(body, atom, law) if len(sp.Add.make_args(sp.expand(body))) == 1 else None
        value = single or (None if result is None else lotus.Value(result, rules.LOTUS, lotus.said(atom, law)))
    else:
        value = None
    return (
        None
        if value is None
        else Found(value.rule, value.result, (*value.because, " given ", *_listed(list(node.conditions))), value.assumptions)
    )


def total_by_cases(node: Any, known: Known) -> Found | None:
    """E[g(X)] = Σ P(Z = z) E[g(X) | Z = z] where the law of X is declared case by case."""
    if not isinstance(node, Expectation) or any(isinstance(c, Boolean) and not c.is_Symbol for c in node.conditions):
        return None
    body = node.operands[0]
    atoms = [a for a in free(body, node, known) if known.cases(a)]
    if not atoms:
        return None
    conditions = [to_sympy(c, known.types) for c, _ in known.cases(atoms[0])]
    selectors = {a for c in conditions for a in known.atoms(c)}
    if len(selectors) != 1 or not all(isinstance(c, sp.Eq) for c in conditions) or selectors & frozen(node, known):
        return None
    return _total(body, next(iter(selectors)), node, known)


def _total(body: Any, selector: Any, node: Any, known: Known) -> Found | None:
    weights = known.values(selector)
    if weights is None:
        return None
    result = S.Zero
    for value, weight in weights.items():
        condition = sp.Eq(selector, value, evaluate=False)
        result += weight * Expectation.of(body.subs(selector, value), given=(*node.conditions, condition))
    return Found(rules.TOTAL_EXPECTATION, result, ("over the values of ", selector))


def covariance_by_condition(node: Any, known: Known) -> Found | None:
    """Cov(X, Y) = Cov(X, E[Y | X]) where E[Y | X] was stated."""
    if not isinstance(node, Covariance) or node.conditions:
        return None
    for a, b in (node.operands, node.operands[::-1]):
        inner = Expectation.of(b, given=(a,))
        if known.is_random(a) and known.stated(inner) is not None:
            return Found(rules.COVARIANCE_BY_CONDITION, Covariance(a, inner))
    return None


def total_by_facts(node: Any, known: Known) -> Found | None:
    """E[X] from E[X | A] and E[X | not A] with P(A), or from E[X | Z = z] for every z, as they were stated."""
    if node.conditions or not isinstance(node, (Expectation, Variance)):
        return None
    by_variable = _tower_of_facts(node, known)
    if by_variable is not None or isinstance(node, Variance):
        return by_variable
    stated = {
        n.conditions[0]: n
        for n in known.conditional
        if isinstance(n, Expectation) and n.operands == node.operands and len(n.conditions) == 1
    }
    equations = [c for c in stated if isinstance(c, sp.Eq)]
    if equations:
        selector = equations[0].args[0]
        weights = known.values(selector)
        if weights is not None and all(sp.Eq(selector, v, evaluate=False) in stated for v in weights):
            result = sp.Add(*(w * stated[sp.Eq(selector, v, evaluate=False)] for v, w in weights.items()))
            return Found(rules.TOTAL_EXPECTATION, result, ("over the values of ", selector))
        return None
    for condition, inside in stated.items():
        other = sp.Not(condition)
        weight = _probability(condition, known)
        if other in stated and weight is not None:
            return Found(
                rules.TOTAL_EXPECTATION,
                weight * inside + (1 - weight) * stated[other],
                ("over ", condition, " and its complement"),
            )
    return None


def _tower_of_facts(node: Any, known: Known) -> Found | None:
    """E[X] = E[E[X | Y]] and Var(X) = E[Var(X | Y)] + Var(E[X | Y]) where the conditional moments were stated."""
    body = node.operands[0]
    for inner in known.conditional:
        if not isinstance(inner, Expectation) or inner.operands != (body,) or not all(known.atoms(c) == {c} for c in inner.conditions):
            continue
        if isinstance(node, Expectation):
            return Found(rules.TOWER, Expectation(inner), ("given ", *_listed(list(inner.conditions))))
        spread = Variance.of(body, given=inner.conditions)
        if known.stated(spread) is not None:
            return Found(rules.TOTAL_VARIANCE, Expectation(spread) + Variance(inner), ("given ", *_listed(list(inner.conditions))))
    return None


def _probability(event: Any, known: Known) -> Any:
    """P(event) where it, or its complement, was stated."""
    from derive.expressions.chance import Probability as Node
    from derive.expressions.term import Term

    for fact in known.model.events:
        if fact.event is None or fact.given is not None:
            continue
        said = to_sympy(Term("probability", (fact.event,), "P"), known.types)
        if said == Node(event):
            return to_sympy(fact.value, known.types)
        if said == Node(sp.Not(event)):
            return 1 - to_sympy(fact.value, known.types)
    return None
