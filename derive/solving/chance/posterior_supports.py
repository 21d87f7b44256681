"""Posteriors where the data bound the parameter: x_i ~ Uniform(0, θ) with θ ~ Pareto(b, a) gives Pareto(max(b, x_1, …, x_n), a + n).

In: a prior and observations whose support ends at the parameter. Out: the law of the parameter given the data, written down in a journal.
Source: DeGroot 1970, Optimal Statistical Decisions, theorem 9.7.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from derive.derivation import Claim
from derive.errors import NotSupported
from derive.expressions.from_sympy import from_sympy
from derive.expressions.nodes import SampleMax
from derive.expressions.term import Term
from derive.probability.family import Distribution, Support
from derive.rules.chance_inference import BAYES_DENSITY, GATHER_EXPONENTS, INSERT_DENSITIES, RECOGNISE
from derive.solving.chance.observations import Observation
from derive.solving.chance.steps import step
from derive.solving.chance.writing import conditional, density, follows, product
from derive.solving.journal import Journal

__all__ = ["bounded_posterior", "bounds_parameter"]


def bounds_parameter(seen: Sequence[Observation], variable: Any) -> bool:
    """Whether the support of some data ends at the parameter."""
    return any(_ends(o).has(variable) for o in seen)


def _ends(observation: Observation) -> Any:
    support = observation.law.family.support(*observation.law.values)
    return sp.Tuple(*(sp.sympify(e) for e in (support.lower, support.upper) if e is not None))


def bounded_posterior(prior: Distribution, seen: Sequence[Observation], unknown: Term, variable: Any, journal: Journal) -> Distribution:
    """The posterior law. Raises NotSupported for data and priors other than uniform ones up to the parameter and a Pareto law."""
    if prior.name != "Pareto":
        raise NotSupported(f"a {prior.name} prior of an end of the support of the data: a Pareto prior keeps its form", span=unknown.span)
    largest: list[Any] = []
    count: Any = sp.S.Zero
    for observation in seen:
        support = observation.law.family.support(*observation.law.values)
        if observation.law.name != "Uniform" or support.upper != variable or sp.sympify(support.lower) != 0:
            raise NotSupported(f"{observation.law.name} whose support depends on the parameter, in a posterior", span=unknown.span)
        largest += _largest(observation)
        count += sp.S.One if observation.size is None else observation.size
    scale, shape = prior.values
    law = Distribution(prior.family, {"scale": sp.Max(scale, *largest), "shape": shape + count})
    shown = tuple(t for o in seen for t in o.shown)
    posterior, both = density((unknown,), shown), product(density(shown, (unknown,)), density((unknown,)))
    known = sp.exp(law.family.log_density(variable, *law.values))
    joint = sp.exp(prior.family.log_density(variable, *prior.values) + sp.Add(*(o.log_density for o in seen)))
    assumed = (("the data are independent given ", unknown),) if len(seen) > 1 or any(o.index is not None for o in seen) else ()
    journal.add(
        step(BAYES_DENSITY, posterior, both, "∝", ("the evidence ", density(shown), " does not depend on ", unknown),
             claim=Claim("proportional", known, joint, (variable,)), assumptions=assumed)
    )  # fmt: skip
    first, second = variable**-count, variable ** -(shape + 1)
    limit = sp.Ge(variable, law.values[0], evaluate=False)
    because = ("for ", limit, ", and 0 elsewhere: no value of the data can be larger than ", unknown)
    claim = Claim("proportional", joint, first * second, (variable,))
    inserted = Term("mul", (from_sympy(first), from_sympy(second)))
    journal.add(step(INSERT_DENSITIES, both, inserted, "∝", because, claim=claim))
    gathered = variable ** -(shape + count + 1)
    journal.add(step(GATHER_EXPONENTS, inserted, gathered, claim=Claim("equal", first * second, gathered, (variable,))))
    support = Support("interval", law.values[0], sp.oo)
    answer = follows(conditional((unknown,), shown), law)
    kind = ("the kernel of ", follows(unknown, law))
    journal.add(step(RECOGNISE, gathered, answer, "⇒", kind, claim=Claim("normalised", known, support, (variable,))))
    return law


def _largest(observation: Observation) -> list[Any]:
    data = observation.data
    if isinstance(data, tuple):
        return list(data)
    if observation.index is not None:
        return [SampleMax(data, observation.index, 1, observation.size)]
    return [data]
