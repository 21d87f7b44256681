"""Scalar Normal observations that are linear in a vector: y | w ~ Normal(wᵀx, 1/β), and y_i | w ~ Normal(wᵀx_i, 1/β) for i = 1, …, n.

In: a model and the name of the vector. Out: the observations as one linear model: y = A w + b with A = xᵀ, or with the data matrix whose
rows are the x_i, and the covariance of the noise as a multiple of the identity.
"""

from __future__ import annotations

from typing import NamedTuple

from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Name, Term, number
from derive.meaning.inference import shape_of
from derive.probability.inner_products import inner_product
from derive.probability.model import Model, Sample, Variable
from derive.solving.chance.matrix_terms import product, total, transpose

__all__ = ["Observed", "scalar_observations"]


class Observed(NamedTuple):
    """y = A w + b + noise; every part a term."""

    data: Variable
    matrix: Term
    offset: Term
    noise: Term


def scalar_observations(model: Model, latent: Name) -> Observed | None:
    """The first scalar variable or sample whose Normal law has a mean that is linear in the vector."""
    for source in model.sources:
        term, law = source.law_term, source.law
        if term is None or law is None or term.head != "dist" or term.data != "Normal" or "variance" not in law.parameters:
            continue
        mean = term.args[0].args[0] if term.args[0].head == "keyword" else term.args[0]
        found = _coefficient(mean, latent, model)
        if found is None:
            continue
        vector, rest = found
        variance = from_sympy(law.parameters["variance"])
        made = _of_sample(source, vector, rest, variance, model) if isinstance(source, Sample) else _single(source, vector, rest, variance)
        if made is not None:
            return made
    return None


def _coefficient(mean: Term, latent: Name, model: Model) -> tuple[Term, list[Term]] | None:
    """x of wᵀx, and what is added to it."""
    vector: Term | None = None
    rest: list[Term] = []
    for part in mean.args if mean.head == "add" else (mean,):
        if not any(n.head == "name" and n.data == latent for n in part.walk()):
            rest.append(part)
            continue
        found = inner_product(part, model.types)
        if found is None or vector is not None:
            return None
        front, left, right = found
        others = [t for t in (left, right) if t != Term("name", (), latent)]
        if len(others) != 1 or any(n.head == "name" and n.data == latent for t in (*front, *others) for n in t.walk()):
            return None
        vector = product(*front, others[0])
    return None if vector is None else (vector, rest)


def _single(source: Variable, vector: Term, rest: list[Term], variance: Term) -> Observed:
    return Observed(source, transpose(vector), total(*rest), _noise(variance, number(1)))


def _of_sample(source: Sample, vector: Term, rest: list[Term], variance: Term, model: Model) -> Observed | None:
    """The rows x_i together are the data matrix; what does not run is the same for every member."""
    if source.size is None or source.index is None:
        return None
    running = Term("name", (), source.index)
    matrix = _whole(vector, running)
    offsets = [_whole(r, running) if r.has("index") else r for r in rest]
    if matrix is None or any(o is None for o in offsets) or running in set(variance.walk()):
        return None
    ones = Term("ones", (source.size,))
    offset = total(*(o if shape_of(o, model.types) else product(o, ones) for o in offsets if o is not None))
    data = Variable(source.base, None, source.law, source.given, source.law_term, (source.size,))
    return Observed(data, matrix, offset, _noise(variance, source.size))


def _whole(entry: Term, running: Term) -> Term | None:
    """The array of which the row or entry at the running index stands there."""
    if entry.head == "index" and entry.args[1:] == (running,):
        return entry.args[0]
    if entry.head == "mul" and running not in {n for a in entry.args[:-1] for n in a.walk()}:
        last = _whole(entry.args[-1], running)
        return None if last is None else Term("mul", (*entry.args[:-1], last))
    return None


def _noise(variance: Term, size: Term) -> Term:
    eye = Term("identity", (size,))
    return eye if variance == number(1) else Term("mul", (*(variance.args if variance.head == "mul" else (variance,)), eye))
