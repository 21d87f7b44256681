"""Dirichlet priors: posterior and prediction from counts, entry by entry.

In: a Model with θ ~ Dirichlet(α) and multinomial or categorical data. Out: the law of θ given the counts, written down in a journal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from derive.derivation import Claim
from derive.errors import NotSupported, Undetermined
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.probability.family import Distribution
from derive.probability.laws import entries
from derive.probability.model import Joint, Model, Sample, Variable
from derive.rules.chance_inference import BAYES_DENSITY, GATHER_EXPONENTS, INSERT_DENSITIES, RECOGNISE
from derive.solving.chance.steps import step
from derive.solving.chance.writing import conditional, density, follows, product
from derive.solving.journal import Journal

__all__ = ["is_simplex", "simplex_posterior"]


def is_simplex(model: Model, unknown: Term) -> bool:
    """Whether the unknown has a Dirichlet prior."""
    found = model.variables.get(unknown.data) if unknown.head == "name" else None
    return found is not None and found.law is not None and found.law.name == "Dirichlet"


def simplex_posterior(model: Model, unknown: Term, given: Sequence[Term], journal: Journal) -> tuple[Distribution, tuple[Term, ...]]:
    """θ | counts ~ Dirichlet(α + counts), and what is given as it is shown."""
    prior = model.variables[unknown.data].law
    assert prior is not None
    source = _source(model, unknown)
    values = {g.args[0].data: to_sympy(g.args[1], model.types) for g in given if g.head == "rel" and g.args[0].head == "name"}
    shown, counts = _counts(source, model, values, unknown)
    written = entries(prior.parameters["alpha"])
    if written is None:
        return _whole(prior, unknown, source, shown, journal)
    alphas = [to_sympy(a, model.types) for a in written]
    if len(counts) != len(alphas):
        raise NotSupported(f"{len(counts)} counts for {len(alphas)} probabilities")
    thetas = [sp.Symbol(f"{unknown.data.key}_{k}", positive=True) for k in range(1, len(alphas) + 1)]
    first = sp.Mul(*(t**c for t, c in zip(thetas, counts, strict=True)))
    second = sp.Mul(*(t ** (a - 1) for t, a in zip(thetas, alphas, strict=True)))
    law = Distribution(prior.family, {"alpha": sp.Tuple(*(a + c for a, c in zip(alphas, counts, strict=True)))})
    gathered = sp.Mul(*(t ** (a + c - 1) for t, a, c in zip(thetas, alphas, counts, strict=True)))
    joint = sp.exp(prior.family.log_density(sp.Tuple(*thetas), sp.Tuple(*alphas))) * _likelihood(source, counts, thetas, first)
    _write(unknown, shown, (first, second, gathered, joint), law, tuple(thetas), journal)
    return law, shown


def _likelihood(source: Joint | Variable | Sample, counts: Sequence[Any], thetas: Sequence[Any], product_of_powers: Any) -> Any:
    """p(data | θ) by the record of the law; a categorical sample has the bare product."""
    law = source.law
    if law is None or law.name != "Multinomial":
        return product_of_powers
    return sp.exp(law.family.log_density(sp.Tuple(*counts), sp.Add(*counts), sp.Tuple(*thetas)))


def _write(
    unknown: Term, shown: tuple[Term, ...], parts: tuple[Any, Any, Any, Any], law: Distribution, over: tuple[Any, ...], journal: Journal
) -> None:
    """`parts` are the kernels of likelihood and prior, the gathered kernel, and the joint density by the records."""
    first, second, gathered, joint = parts
    posterior = density((unknown,), shown)
    both = product(density(shown, (unknown,)), density((unknown,)))
    kernel_of_law = sp.exp(law.family.log_density(sp.Tuple(*over), *law.values))
    journal.add(
        step(BAYES_DENSITY, posterior, both, "∝", ("the evidence ", density(shown), " does not depend on ", unknown),
             claim=Claim("proportional", kernel_of_law, joint, over))
    )  # fmt: skip
    side_by_side = Term("mul", tuple(_terms(*(f for f in (first, second) if f != 1))))
    because = ("without the multinomial coefficient and the normaliser of the prior",)
    claim = Claim("proportional", joint, first * second, over)
    journal.add(step(INSERT_DENSITIES, both, side_by_side, "∝", because, claim=claim))
    journal.add(step(GATHER_EXPONENTS, side_by_side, gathered, claim=Claim("equal", first * second, gathered, over)))
    answer = follows(conditional((unknown,), shown), law)
    kind = ("the kernel of ", follows(unknown, law))
    journal.add(step(RECOGNISE, gathered, answer, "⇒", kind, claim=Claim("proportional", kernel_of_law, gathered, over)))


def _terms(*values: Any) -> Sequence[Term]:
    from derive.expressions.from_sympy import from_sympy

    return [from_sympy(v) for v in values]


def _whole(
    prior: Distribution, unknown: Term, source: Joint | Variable | Sample, shown: tuple[Term, ...], journal: Journal
) -> tuple[Distribution, tuple[Term, ...]]:
    """α as a whole vector: α + n, where the data are a vector of counts."""
    alpha = prior.parameters["alpha"]
    if not isinstance(source, Variable):
        raise NotSupported("a Dirichlet posterior with a vector of parameters: write the parameters out, as in Dirichlet(a_1, a_2, a_3)")
    counts = Term("name", (), source.name)
    law = Distribution(prior.family, {"alpha": Term("add", (alpha, counts))})
    k = Term("name", (), Name("k"))

    def power(exponent: Term) -> Term:
        return Term("prod", (Term("pow", (Term("index", (unknown, k)), exponent)), k), "over")

    one = Term("neg", (Term("number", (), "1"),))
    first, second = power(Term("index", (counts, k))), power(Term("add", (Term("index", (alpha, k)), one)))
    gathered = power(Term("add", (Term("index", (alpha, k)), Term("index", (counts, k)), one)))
    posterior, both = density((unknown,), shown), product(density(shown, (unknown,)), density((unknown,)))
    answer = follows(conditional((unknown,), shown), law)
    journal.add(step(BAYES_DENSITY, posterior, both, "∝", ("the evidence ", density(shown), " does not depend on ", unknown)))
    journal.add(step(INSERT_DENSITIES, both, product(first, second), "∝"))
    journal.add(step(GATHER_EXPONENTS, product(first, second), gathered))
    journal.add(step(RECOGNISE, gathered, answer, "⇒", ("the kernel of ", follows(unknown, law))))
    return law, shown


def _source(model: Model, unknown: Term) -> Joint | Variable | Sample:
    everything: tuple[Joint | Variable | Sample, ...] = (*model.joints, *model.sources)
    for source in everything:
        if source.law is not None and source.law.name in ("Multinomial", "Categorical") and source.law.parameters["p"] == unknown:
            return source
    raise Undetermined(
        f"counts with the probabilities {unknown.data.key} are needed", expected=("(n_1, n_2, n_3) | theta ~ Multinomial(n, theta)",)
    )


def _counts(source: Joint | Variable | Sample, model: Model, values: dict[Name, Any], unknown: Term) -> tuple[tuple[Term, ...], list[Any]]:
    size = _number(model, unknown)
    if isinstance(source, Joint):
        from derive.expressions.from_sympy import from_sympy

        found = [values.get(m, model.variables[m].symbol) for m in source.members]
        names = [Term("name", (), m) for m in source.members]
        shown = tuple(Term("rel", (n, from_sympy(values[n.data])), "=") if n.data in values else n for n in names)
        return shown, found
    if isinstance(source, Variable):
        if isinstance(values.get(source.name), sp.Tuple):
            from derive.expressions.from_sympy import from_sympy

            counts = list(values[source.name])
            return (Term("rel", (Term("name", (), source.name), from_sympy(values[source.name])), "="),), counts
        name = Term("name", (), source.name)
        base = sp.IndexedBase(sp.Symbol(source.name.key, real=True))
        if source.law is not None and source.law.name == "Categorical":
            from derive.expressions.from_sympy import from_sympy

            value = values.get(source.name, source.symbol)
            said = Term("rel", (name, from_sympy(value)), "=") if source.name in values else name
            return (said,), [sp.KroneckerDelta(value, k) for k in range(1, size + 1)]
        return (name,), [base[k] for k in range(1, size + 1)]
    assert source.size is not None
    last, index = to_sympy(source.size, model.types), sp.Symbol("i", integer=True)
    base = sp.IndexedBase(sp.Symbol(source.base.key, real=True))
    first = Term("name", (), source.base._replace(sub="1"))
    shown = (first, Term("dots"), Term("name", (), source.base._replace(sub=str(last))))
    return shown, [sp.Sum(sp.Piecewise((1, sp.Eq(base[index], k)), (0, True)), (index, 1, last)) for k in range(1, size + 1)]


def _number(model: Model, unknown: Term) -> int:
    shape = model.variables[unknown.data].shape
    return int(shape[0].data) if shape and shape[0].head == "number" else 0
