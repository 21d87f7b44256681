"""E[θ_k | counts] and Var(θ_k | counts) of an entry of a Dirichlet vector: one entry is Beta(α_k, α_0 − α_k).

In: a reading about an entry θ_1 given categorical or multinomial data. Out: a Solution, or None for anything else.
"""

from __future__ import annotations

import sympy as sp

from derive.derivation import Claim
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.catalogue import FAMILIES
from derive.probability.laws import entries
from derive.rules.chance_inference import MEAN_OF, RECOGNISE, VARIANCE_OF
from derive.solution import Solution
from derive.solving.chance.observations import question
from derive.solving.chance.simplex import is_simplex, simplex_posterior
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.writing import conditional, follows
from derive.solving.journal import Journal
from derive.solving.simplification import shortened

__all__ = ["solve_simplex_moment"]


def solve_simplex_moment(reading: Reading) -> Solution | None:
    """The mean or the variance of one entry under the posterior."""
    term = reading.expanded
    if term.head != "probability" or term.data not in ("E", "Var") or not any(a.head == "given" for a in term.args):
        return None
    asked = question(term)
    if len(asked.unknowns) != 1 or asked.unknowns[0].head != "name" or not asked.unknowns[0].data.sub.isdigit():
        return None
    model = build(reading)
    unknown = Term("name", (), asked.unknowns[0].data._replace(sub=""))
    if not is_simplex(model, unknown):
        return None
    inner = Journal(unknown)
    law, shown = simplex_posterior(model, unknown, asked.given, inner)
    value = law.parameters["alpha"]
    alphas = list(value) if isinstance(value, sp.Tuple) else [to_sympy(e, model.types) for e in entries(value) or ()]
    place = int(asked.unknowns[0].data.sub)
    if not 1 <= place <= len(alphas):
        return None
    first, rest = alphas[place - 1], sp.Add(*(a for k, a in enumerate(alphas, 1) if k != place))
    beta = FAMILIES["Beta"]
    moment = beta.mean if term.data == "E" else beta.variance
    assert moment is not None
    answer = shortened(moment(first, rest))
    a, b, u = (sp.Symbol(n, positive=True) for n in "abu")
    density = u ** (a - 1) * (1 - u) ** (b - 1) / sp.beta(a, b)
    inside = u if term.data == "E" else (u - a / (a + b)) ** 2
    claim = Claim("equal", sp.Integral(inside * density, (u, 0, 1)), moment(a, b))
    journal = Journal(reading.term)
    journal.add(
        step(
            RECOGNISE, reading.term, follows(conditional((unknown,), shown), law), "⇒", steps=tuple(inner.steps), claim=inner.steps[0].claim
        )
    )
    because = ("one entry is Beta(a, b) with a its parameter and b the sum of the others",)
    journal.add(step(MEAN_OF if term.data == "E" else VARIANCE_OF, reading.term, answer, because=because, claim=claim))
    journal.note(((law.family.says,),))
    return Solution(derivation(journal, answer, model), answer, {}, journal.notes, journal.assumptions, types=model.types)
