"""Probabilities that sum to one: the proportions, by a multiplier on the simplex.

In: a model with a multinomial law and the unknown probabilities. Out: their maximum-likelihood values, written down step by step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from derive.derivation import Claim
from derive.expressions.plain import plain
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.probability.model import Model
from derive.rules.chance_inference import LAGRANGE_SIMPLEX, LOG_LIKELIHOOD
from derive.solving.chance.steps import step
from derive.solving.chance.writing import density
from derive.solving.journal import Journal

__all__ = ["proportions"]


def proportions(model: Model, terms: Sequence[Term], journal: Journal) -> dict[str, Any] | None:
    """The proportions, where the unknowns are the probabilities of a multinomial law."""
    for joint in model.joints:
        if joint.law.name != "Multinomial":
            continue
        written = joint.law.parameters["p"]
        names = tuple(written.args) if isinstance(written, Term) and written.args else ()
        if not names or (terms and set(terms) - set(names) and terms[0] != written):
            continue
        counts = [model.variables[m].symbol for m in joint.members]
        probabilities = [to_sympy(p, model.types) for p in names]
        total = sp.Add(*counts)
        objective = sp.Add(*(c * sp.log(p) for c, p in zip(counts, probabilities, strict=True)))
        whole = Term("apply", (density(tuple(Term("name", (), m) for m in joint.members), names),), "log")
        density_of = joint.law.family.log_density(sp.Tuple(*counts), total, sp.Tuple(*probabilities))
        claim = Claim("proportional", sp.exp(density_of), sp.exp(objective), tuple(probabilities))
        journal.add(step(LOG_LIKELIHOOD, whole, objective, "=", ("up to a constant: the multinomial coefficient",), claim=claim))
        values = {plain(n): c / total for n, c in zip(names, counts, strict=True)}
        multiplier = sp.Symbol("lambda", real=True)
        shown = sp.Tuple(*(sp.Eq(c / p, multiplier, evaluate=False) for c, p in zip(counts, probabilities, strict=True)))
        result = sp.Tuple(*(sp.Eq(p, v, evaluate=False) for p, v in zip(probabilities, values.values(), strict=True)))
        because = (
            "with ",
            sp.Eq(sp.Add(*probabilities), 1, evaluate=False),
            " the multiplier is ",
            sp.Eq(multiplier, total, evaluate=False),
        )
        lagrangian = objective + multiplier * (1 - sp.Add(*probabilities))
        gradient = sp.Tuple(*(sp.diff(lagrangian, p) for p in probabilities))
        at = dict(zip(probabilities, values.values(), strict=True))
        journal.add(
            step(
                LAGRANGE_SIMPLEX,
                objective,
                shown,
                "⇒",
                claim=Claim("equal", gradient, sp.Tuple(*(c / p - multiplier for c, p in zip(counts, probabilities, strict=True)))),
            )
        )
        stationary = Claim("equal", gradient.subs({**at, multiplier: total}), sp.Tuple(*(sp.S.Zero for _ in counts)))
        journal.add(step(LAGRANGE_SIMPLEX, shown, result, "⇒", because, claim=stationary))
        journal.note((("log p is concave, so the stationary point on the simplex is the maximum",),))
        return {k: v for k, v in values.items() if not terms or k in {plain(t) for t in terms} or terms[0] == written}
    return None
