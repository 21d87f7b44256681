"""P(aᵀx > c) of a Gaussian vector: a linear form is Normal with mean aᵀμ and variance aᵀΣa.

In: `P(…)` whose event compares a linear form of Gaussian vectors with something that is not random. Out: a Solution, or None.
"""

from __future__ import annotations

import sympy as sp

from derive.derivation import Claim
from derive.errors import DeriveError
from derive.expressions.nodes import normal_cdf
from derive.expressions.term import Term, number
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution
from derive.rules.chance_events import STANDARDISE
from derive.rules.chance_expectation import LINEARITY
from derive.rules.chance_transformations import GAUSSIAN_LINEAR
from derive.solution import Solution
from derive.solving.chance.events import query_of
from derive.solving.chance.matrix_terms import difference
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.vector_facts import VectorFacts
from derive.solving.chance.vector_terms import is_zero
from derive.solving.chance.writing import follows
from derive.solving.journal import Journal

__all__ = ["solve_linear_event"]

_SIGNS = {">": 1, ">=": 1, "<": -1, "<=": -1}


def solve_linear_event(reading: Reading) -> Solution | None:
    """Φ of the standardised distance."""
    query = query_of(reading.expanded)
    if query is None or query[1] is not None or query[0].head != "rel" or query[0].data not in _SIGNS:
        return None
    model = build(reading)
    facts = VectorFacts(model, reading.expanded)
    form, bound = (facts.written(a) for a in query[0].args)
    sign = _SIGNS[str(query[0].data)]
    if facts.random(bound) and not facts.random(form):
        form, bound, sign = bound, form, -sign
    if not facts.random(form) or facts.random(bound) or facts.rank(bound) or not facts.is_scalar(form):
        return None
    if not any(model.variables[n.data].shape for n in form.walk() if n.head == "name" and n.data in model.variables):
        return None
    try:
        if not facts.is_linear(form) or not facts.is_gaussian(form):
            return None
        mean, variance = (facts.with_values(v) for v in (facts.mean(form), facts.covariance(form, form)))
    except DeriveError:
        return None
    law = Distribution(FAMILIES["Normal"], {"mean": mean, "variance": variance})
    journal = Journal(reading.term)
    centre, spread = (Term("probability", (form,), operator) for operator in ("E", "Var"))
    journal.add(step(LINEARITY, centre, mean, claim=Claim("equal", centre, mean)))
    claim = Claim("equal", spread, variance)
    because = ("means and covariances of linear forms: ", Term("rel", (spread, variance), "="))
    journal.add(step(GAUSSIAN_LINEAR, reading.term, follows(form, law), "⇒", because, claim=claim))
    gap = difference(mean, bound) if sign > 0 else difference(bound, mean)
    if is_zero(gap):
        value: Term = Term("div", (number(1), number(2)))
    else:
        value = Term("apply", (Term("div", (gap, Term("sqrt", (variance,)))),), "normal_cdf")
    journal.add(step(STANDARDISE, reading.term, value, claim=_standardised(sign)))
    journal.assume(((Term("rel", (variance, number(0)), ">"),),))
    journal.note(((law.family.says,),))
    assumptions = tuple(dict.fromkeys((*journal.assumptions, *facts.assumed)))
    return Solution(derivation(journal, value, model), value, {}, journal.notes, assumptions, types=model.types)


def _standardised(sign: int) -> Claim:
    """P(Z > c) of Z ~ Normal(m, s²) as an integral of the density: Φ((m − c)/s)."""
    z, m, c = (sp.Symbol(n, real=True) for n in ("z_0", "m_0", "c_0"))
    s = sp.Symbol("s_0", positive=True)
    density = sp.exp(-((z - m) ** 2) / (2 * s**2)) / (s * sp.sqrt(2 * sp.pi))
    limits = (z, c, sp.oo) if sign > 0 else (z, -sp.oo, c)
    return Claim("equal", sp.Integral(density, limits), normal_cdf(sign * (m - c) / s))
