"""Posteriors by matching sufficient statistics: log-prior and log-likelihood are added, and the sum is the log-density of a family.

In: a reading whose model has a prior and data. Out: a Solution with a law, or what it says about an expectation under that law.
No table of conjugate pairs: any likelihood that is linear in the statistics of a family with the prior's support has its posterior there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sympy as sp

from derive.derivation import Claim, Prose
from derive.errors import NotSupported, Undetermined
from derive.expressions.elementary import exp
from derive.expressions.plain import plain
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution, Family, Support
from derive.probability.model import Model
from derive.rules.chance_inference import BAYES_DENSITY, COMPLETE_SQUARE, GATHER_EXPONENTS, INSERT_DENSITIES, RECOGNISE
from derive.solution import Solution
from derive.solving.chance.densities import Match, kernel, match, quotient
from derive.solving.chance.observations import Observation, in_terms_of, observations, question, symbol_of
from derive.solving.chance.posterior_supports import bounded_posterior, bounds_parameter
from derive.solving.chance.simplex import is_simplex, simplex_posterior
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.writing import conditional, density, follows, product, term_of
from derive.solving.journal import Journal
from derive.solving.simplification import shortened

__all__ = ["Posterior", "finish", "posterior_of", "solve_posterior"]


LONGEST_FACTOR = 14


class Posterior(NamedTuple):
    """A posterior law, how it is written, and the parts that gave it."""

    law: Distribution
    variable: Any
    unknown: Term
    given: tuple[Term, ...]
    seen: tuple[Observation, ...]
    joint: Match  # the log of prior times likelihood over the law's statistics

    @property
    def density(self) -> Any:
        """The density as a function of the variable."""
        return exp(self.law.family.log_density(self.variable, *self.law.values))


def solve_posterior(reading: Reading) -> Solution | None:
    """`posterior of theta [given …]`, `p(theta | x)`; None where what is asked for is data and not a parameter.

    Raises Undetermined without a prior or data, NotSupported where no family matches.
    """
    model = build(reading)
    asked = question(reading.expanded)
    unknowns = asked.unknowns or _unknowns(model)
    if len(unknowns) != 1:
        raise NotSupported("a joint posterior of several parameters", span=reading.expanded.span)
    if reading.task != "posterior" and not _bears(model, unknowns[0]):
        return None
    journal = Journal(reading.term)
    if is_simplex(model, unknowns[0]):
        law, given = simplex_posterior(model, unknowns[0], asked.given, journal)
        return finish(journal, law, unknowns[0], given, model)
    bounded = _bounded(model, unknowns[0], asked.given, journal)
    if bounded is not None:
        return finish(journal, bounded[0], unknowns[0], bounded[1], model)
    found = posterior_of(model, unknowns[0], asked.given, journal)
    return finish(journal, found.law, found.unknown, found.given, model)


def _bounded(model: Model, unknown: Term, given: Sequence[Term], journal: Journal) -> tuple[Distribution, tuple[Term, ...]] | None:
    """The posterior and the data, where the data bound the parameter."""
    variable = symbol_of(unknown, model)
    prior = next((v.law for v in model.variables.values() if v.symbol == variable), None)
    if prior is None or not isinstance(variable, sp.Symbol):
        return None
    try:
        seen = observations(model, (variable,), given)
    except Undetermined:
        return None
    if not bounds_parameter(seen, variable):
        return None
    return bounded_posterior(prior, seen, unknown, variable, journal), tuple(t for o in seen for t in o.shown)


def _bears(model: Model, unknown: Term) -> bool:
    """Whether a declared law depends on the unknown, or something says that it is a parameter."""
    if is_simplex(model, unknown):
        return True
    symbols = symbol_of(unknown, model).free_symbols | {to_sympy(unknown, model.types)}
    return any(symbols & (getattr(v, "free_symbols", set()) | {v}) for s in model.sources if s.law is not None for v in s.law.values)


def _unknowns(model: Model) -> tuple[Term, ...]:
    """The parameter of a model with one: the variable that other laws depend on."""
    symbols: set[Any] = set()
    for source in model.sources:
        if source.law is not None:
            for value in source.law.values:
                symbols |= getattr(value, "free_symbols", set())
    return tuple(Term("name", (), v.name) for v in model.variables.values() if v.law is not None and v.symbol in symbols)


def finish(journal: Journal, law: Distribution, unknown: Term, given: Sequence[Term], model: Model) -> Solution:
    """The solution whose answer is a law."""
    answer = follows(conditional((unknown,), tuple(given)), law, model.types)
    journal.note(((law.family.says,),))
    return Solution(
        derivation(journal, answer, model),
        answer,
        dict(law.parameters),
        journal.notes,
        journal.assumptions,
        law,
        types=model.types,
    )


def posterior_of(model: Model, unknown: Term, given: Sequence[Term], journal: Journal) -> Posterior:
    """The posterior of one scalar parameter, written down step by step."""
    variable = symbol_of(unknown, model)
    model = in_terms_of(variable, unknown, model)
    prior = _prior(model, unknown, variable)
    seen = observations(model, (variable,), given)
    shown = tuple(t for o in seen for t in o.shown)
    log_prior = prior.family.log_density(variable, *prior.values)
    log_likelihood = sp.Add(*(o.log_density for o in seen))
    support = _support(prior, seen, variable)
    law, matched, parts = _matched(prior, variable, support, log_prior, log_likelihood, unknown)
    result = Posterior(law, variable, unknown, shown, seen, matched)
    _write(result, log_prior, log_likelihood, parts, journal, support)
    return result


def _prior(model: Model, unknown: Term, variable: Any) -> Distribution:
    found = model.variables.get(unknown.data) if unknown.head == "name" else None
    found = found or next((v for v in model.variables.values() if v.symbol == variable), None)
    if found is None or found.law is None:
        raise Undetermined(f"a prior for {plain(unknown)} is needed", span=unknown.span, expected=(f"{plain(unknown)} ~ Beta(a, b), say",))
    return found.law


def _support(prior: Distribution, seen: Sequence[Observation], variable: Any) -> Support:
    support = prior.family.support(*prior.values)
    for observation in seen:
        ends = observation.law.family.support(*observation.law.values)
        if any(e is not None and sp.sympify(e).has(variable) for e in (ends.lower, ends.upper)):
            raise NotSupported(f"{observation.law.name} whose support depends on the parameter, in a posterior")
    return support


def _matched(
    prior: Distribution, variable: Any, support: Support, log_prior: Any, log_likelihood: Any, unknown: Term
) -> tuple[Distribution, Match, tuple[Match, Match]]:
    """The family whose statistics carry prior and likelihood: the prior's own first, then those with the same support."""
    others = [f for f in FAMILIES.values() if f is not prior.family and f.discrete == prior.family.discrete]
    for family in (prior.family, *others):
        form = family.exponential
        if form is None or (family is not prior.family and not _same_support(family, support)):
            continue
        statistics = form.statistics(variable)
        first, second = match(log_prior, variable, statistics), match(log_likelihood, variable, statistics)
        if first is None or second is None:
            continue
        total = tuple(sp.Add(a, b) for a, b in zip(first.coefficients, second.coefficients, strict=True))
        values = tuple(quotient(v) for v in form.parameters(*total))
        law = Distribution(family, dict(zip((p.name for p in family.parameters), values, strict=True)))
        return law, Match(total, first.rest + second.rest), (first, second)
    raise NotSupported(
        f"the likelihood of {plain(unknown)} is conjugate to no family that is known with a {prior.name} prior", span=unknown.span
    )


def _same_support(family: Family, support: Support) -> bool:
    """Whether a family's support is the given one whatever its parameters."""
    dummies = [sp.Dummy(p.name, positive=True) for p in family.parameters]
    own = family.support(*dummies)
    return bool(own.kind == support.kind and own.lower == support.lower and own.upper == support.upper)


def _write(found: Posterior, log_prior: Any, log_likelihood: Any, parts: tuple[Match, Match], journal: Journal, support: Support) -> None:
    """Bayes' rule, the densities, the gathered kernel, its name; every step claims something that has numbers."""
    variable, law = found.variable, found.law
    form = law.family.exponential
    assert form is not None
    statistics = form.statistics(variable)
    joint = exp(log_prior + log_likelihood)
    ends = (variable, support.lower, support.upper)
    total: Any = sp.Sum(joint, ends) if law.family.discrete else sp.Integral(joint, ends)
    posterior = density((found.unknown,), found.given)
    both = product(density(found.given, (found.unknown,)), density((found.unknown,)))
    journal.add(
        step(
            BAYES_DENSITY, posterior, both, "∝", ("the evidence ", density(found.given), " does not depend on ", found.unknown),
            claim=Claim("equal", found.density, joint / total, (variable,)),
            assumptions=_independence(found),
        )
    )  # fmt: skip
    kernels = [kernel(part.coefficients, statistics) for part in reversed(parts)]
    inserted = Term("mul", tuple(term_of(k) for k in kernels if k != 1)) if sum(k != 1 for k in kernels) > 1 else sp.Mul(*kernels)
    journal.add(
        step(INSERT_DENSITIES, both, inserted, "∝", _dropped(parts), claim=Claim("proportional", joint, sp.Mul(*kernels), (variable,)))
    )
    gathered = kernel(found.joint.coefficients, statistics)
    if term_of(gathered) != term_of(inserted):
        journal.add(step(GATHER_EXPONENTS, inserted, gathered, "=", claim=Claim("equal", sp.Mul(*kernels), gathered, (variable,))))
    before: Any = gathered
    if law.family.name == "Normal":
        mean, variance = law.values
        square = sp.exp(-((variable - mean) ** 2) / (2 * variance), evaluate=False)
        journal.add(step(COMPLETE_SQUARE, gathered, square, "∝", claim=Claim("proportional", gathered, square, (variable,))))
        before = square
    answer = follows(conditional((found.unknown,), found.given), law)
    kind: tuple[Any, ...] = ("the kernel of ", follows(found.unknown, law))
    normal: Any = sp.Sum(before, ends) if law.family.discrete else sp.Integral(before, ends)
    journal.add(step(RECOGNISE, before, answer, "⇒", kind, claim=Claim("equal", found.density, before / normal, (variable,))))


def _independence(found: Posterior) -> tuple[Prose, ...]:
    several = len(found.seen) > 1 or any(o.index is not None for o in found.seen)
    return (("the data are independent given ", found.unknown),) if several else ()


def _dropped(parts: tuple[Match, Match]) -> Prose:
    """Which factors do not depend on the parameter."""
    dropped = [_factor(p.rest) for p in reversed(parts) if p.rest != 0]
    if not dropped:
        return ()
    if any(f.count_ops() > LONGEST_FACTOR for f in dropped):
        return ("without the factors that do not depend on it",)
    prose: list[Any] = ["without the factor " if len(dropped) == 1 else "without the factors "]
    for place, factor in enumerate(dropped):
        prose += [" and "] if place else []
        prose.append(factor)
    return tuple(prose)


def _factor(logarithm: Any) -> Any:
    """exp of a sum of logarithms as a product."""
    factors = []
    for term in sp.Add.make_args(logarithm):
        sign = -1 if term.could_extract_minus_sign() else 1
        if isinstance(sign * term, sp.loggamma):
            factors.append(sp.gamma((sign * term).args[0]) ** sign)
        else:
            factors.append(exp(term))
    return shortened(sp.Mul(*factors))
