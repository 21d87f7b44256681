"""The law of A x + b for a vector x with a Normal law: Normal again, with the mean and the covariance of the expectation algebra.

In: a term over vectors and a model. Out: a Solution with the law, or None where the term is no such thing.
"""

from __future__ import annotations

from dataclasses import replace

from derive.derivation import Derivation
from derive.expressions.term import Term
from derive.meaning.inference import shape_of
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution
from derive.probability.model import Model
from derive.rules.chance_transformations import LINEAR_COMBINATION
from derive.solution import Solution
from derive.solving.chance.expectation_vectors import solve_vectors
from derive.solving.chance.prepared import prepared
from derive.solving.chance.steps import step
from derive.solving.chance.vector_facts import VectorFacts
from derive.solving.chance.writing import follows

__all__ = ["solve_affine_law"]


def solve_affine_law(reading: Reading) -> Solution | None:
    """`A x + b`, `density of y` and `marginal of y` with y = A x + b. Independence of several vectors is used only where it is declared."""
    model = build(reading)
    body = _body(reading, model)
    if body is None or body.head in ("name", "index") or len(shape_of(body, model.types)) != 1:
        return None
    facts = VectorFacts(model, body)
    vectors = [v for v in model.variables.values() if v.shape and any(n.head == "name" and n.data == v.name for n in body.walk())]
    if not vectors or any(v.law is None or v.law.family is not FAMILIES["MultivariateNormal"] or v.given for v in vectors):
        return None
    if not facts.is_linear(body):
        return None
    mean = solve_vectors(Term("probability", (body,), "E"), model)
    covariance = solve_vectors(Term("probability", (body,), "Cov"), model)
    if not isinstance(mean.answer, Term) or not isinstance(covariance.answer, Term):
        return None
    if any(t.has("probability") for t in (mean.answer, covariance.answer)):
        return None
    law = Distribution(FAMILIES["MultivariateNormal"], {"mean": mean.answer, "covariance": covariance.answer})
    answer = follows(body, law)
    moments = tuple(s for found in (mean, covariance) if found.derivation is not None for s in found.derivation.steps)
    named = step(LINEAR_COMBINATION, body, answer, "⇒", ("a linear function of jointly Normal variables is Normal",))
    assumptions = tuple(dict.fromkeys((*mean.assumptions, *covariance.assumptions)))
    derivation = Derivation(body, answer, (*moments, named), assumptions, model=model)
    notes = tuple(dict.fromkeys(((law.family.says,), *mean.notes, *covariance.notes)))
    return Solution(derivation, answer, dict(law.parameters), notes, assumptions, law, types=model.types)


def _body(reading: Reading, model: Model) -> Term | None:
    """What the law is of, with what y stands for put in."""
    term = reading.expanded
    if term.head == "task":
        term = term.args[0]
    for _ in range(8):
        opened = term.transform(lambda n: model.defined[n.data] if n.head == "name" and n.data in model.defined else n)
        if opened == term:
            break
        term = opened
    return prepared(term, replace(reading, term=term, expanded=term), model)
