"""Expectations of functions of which only the name is known: Stein's lemma, and gradients by the score function.

In: nodes such as E[X g(X)], derivatives of E[f(z)] with respect to parameters. Out: identities between expectations that hold for every f.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy import S
from sympy.core.function import AppliedUndef

from derive.derivation import Derivation, Prose, Step
from derive.errors import NotSupported
from derive.expressions.chance import Expectation
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.model import Model
from derive.rules import chance_expectation as rules
from derive.solution import Solution
from derive.solving.chance.known import Known
from derive.solving.chance.lotus import said
from derive.solving.chance.moments import free, plain_law
from derive.solving.chance.rewriting import Found

__all__ = ["has_unknown_function", "score_gradient", "stein"]


def has_unknown_function(expression: Any, known: Known) -> bool:
    """Whether a function without a definition is applied to something random."""
    return any(known.atoms(sp.Tuple(*f.args)) for f in expression.atoms(AppliedUndef) if not known.is_random(f))


def stein(node: Any, known: Known) -> Found | None:
    """E[X h(X)] = μ E[h(X)] + σ² E[h′(X)] where h holds an unknown function."""
    if not isinstance(node, Expectation):
        return None
    found = plain_law(node, known)
    if found is None or found[1].name != "Normal":
        return None
    atom, law = found
    body = node.operands[0]
    if not body.is_Mul or not has_unknown_function(body, known):
        return None
    power = next((f for f in body.args if f.as_base_exp()[0] == atom and f.as_base_exp()[1].is_Integer and f.as_base_exp()[1] > 0), None)
    if power is None:
        return None
    rest = body / atom
    mean, spread = law.values
    result = mean * Expectation.of(rest, given=node.conditions) + spread * Expectation.of(rest.diff(atom), given=node.conditions)
    assumed: Prose = ("the function is differentiable, and the expectations exist",)
    return Found(rules.STEIN, result, said(atom, law), (assumed,))


def score_gradient(term: Term, reading: Reading, model: Model) -> Solution | None:
    """∇_θ E[f(z)] = E[∂f/∂θ + f ∂ log p_θ(z)/∂θ]; None where no unknown function stands in the expectation."""
    if term.head not in ("gradient", "derivative") or term.args[0].head != "probability" or term.args[0].data != "E":
        return None
    variables = term.args[1:] if term.head == "gradient" else term.args[1::2]
    if term.head == "derivative" and any(a != Term("number", (), "1") for a in term.args[2::2]):
        return None
    node = to_sympy(term.args[0], model.types)
    known = Known(model, node)
    if not has_unknown_function(node.operands[0], known):
        return None
    unknowns = [to_sympy(v, model.types) for v in variables]
    atoms = free(node.operands[0], node, known)
    laws = {a: known.law(a) for a in atoms}
    if not unknowns or not all(u.is_Symbol for u in unknowns) or any(law is None for law in laws.values()):
        raise NotSupported("the gradient of an expectation of an unknown function", span=term.span)
    parts: dict[str, Any] = {}
    steps = []
    for unknown in unknowns:
        value, scores = _gradient(node, unknown, laws)
        before = sp.Derivative(node, unknown, evaluate=False)
        because = _because(unknown, scores)
        assumed: Prose = ("derivative and expectation may be exchanged",)
        rule = rules.SCORE_FUNCTION if scores else rules.UNDER_THE_EXPECTATION
        steps.append(
            Step(rule.id, rule.title, before, value, part=(before, value), because=because, formula=rule.formula, assumptions=(assumed,))
        )
        parts[unknown.name] = value
    answer = next(iter(parts.values())) if len(parts) == 1 else None
    start = steps[0].before if len(steps) == 1 else sp.Tuple(*(s.before for s in steps))
    reached = steps[0].after if len(steps) == 1 else sp.Tuple(*(s.after for s in steps))
    assumptions = tuple(dict.fromkeys(a for s in steps for a in s.assumptions))
    derivation = Derivation(start, reached, tuple(steps), assumptions, model=model)
    notes = tuple(dict.fromkeys((law.family.says,) for law in laws.values() if law is not None))
    return Solution(derivation, answer, {} if answer is not None else parts, notes, assumptions, types=model.types)


def _gradient(node: Any, unknown: Any, laws: Mapping[Any, Any]) -> tuple[Any, dict[Any, Any]]:
    body = node.operands[0]
    scores = {}
    for atom, law in laws.items():
        slope = sp.simplify(law.family.log_density(atom, *law.values).diff(unknown))
        if slope != 0:
            scores[atom] = slope
    inside = body.diff(unknown) + body * sp.Add(*scores.values())
    return (S.Zero if inside == 0 else Expectation.of(inside, given=node.conditions)), scores


def _because(unknown: Any, scores: Mapping[Any, Any]) -> Prose:
    if not scores:
        return ()
    listed: list[Any] = []
    for k, (atom, score) in enumerate(scores.items()):
        listed += ["; " if k else "", f"∂ log p({atom})/∂", unknown, " = ", score]
    return tuple(listed)
