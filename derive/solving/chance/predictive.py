"""Evidence and predictive laws: the parameter integrated out by the ratio of normalisers, and the law recognised.

In: a reading whose model has a prior and a likelihood. Out: a Solution with a law, or with the mass or density as an expression.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sympy as sp

from derive.derivation import Claim
from derive.errors import NotSupported, Undetermined
from derive.expressions.elementary import exp, log
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading, Type
from derive.probability.build import build
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution
from derive.probability.model import Model, Sample, Variable
from derive.rules.chance_inference import MARGINALISE, NORMALISERS, POSTERIOR_THEN_PREDICT, RECOGNISE_PREDICTIVE
from derive.solution import Solution
from derive.solving.chance.beta_functions import in_beta_functions
from derive.solving.chance.densities import match, quotient
from derive.solving.chance.observations import in_terms_of, question, symbol_of
from derive.solving.chance.posterior import Posterior, finish, posterior_of
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.writing import density, follows, law_term, product
from derive.solving.journal import Journal
from derive.solving.simplification import shortened

__all__ = ["marginal", "solve_evidence", "solve_mass", "solve_predictive"]


def solve_evidence(reading: Reading) -> Solution:
    """`evidence`: p(data) of the model, the parameter integrated out. Raises what the posterior raises."""
    model = build(reading)
    asked = question(reading.expanded)
    unknown = _parameter(model, ())
    journal = Journal(reading.term)
    _, value = marginal(model, unknown, asked.given or asked.unknowns, journal)
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)


def solve_mass(reading: Reading) -> Solution | None:
    """`P(X = k)` and `p(x)` for a variable whose parameter is random: its marginal mass or density at a value; None for other tasks."""
    model = build(reading)
    body = reading.expanded.args[-1]
    left, right = (body.args[0], body.args[1]) if body.head == "rel" and body.data == "=" else (body, body)
    source = model.variables.get(left.data) if left.head == "name" else None
    if source is None or source.law is None or not _random_parameters(model, (source,)):
        return None
    if source.law.family.discrete:
        model = _whole(model, left, right)
    journal = Journal(reading.term)
    _, value = marginal(model, _parameter(model, (source,)), (left,), journal)
    at = value if right == left else shortened(value.subs(source.symbol, to_sympy(right, model.types)))
    if at.has(sp.gamma, sp.beta):
        reduced = sp.gammasimp(at.rewrite(sp.gamma))
        at = reduced if at.is_number or not reduced.has(sp.gamma) else at
    support = source.law.family.support(*source.law.values)
    if source.law.family.discrete and not at.is_number and support.upper not in (None, sp.oo):
        journal.note(((right, " = ", support.lower, ", …, ", support.upper, ", and 0 elsewhere"),))
    return Solution(derivation(journal, at, model), at, {}, journal.notes, journal.assumptions, types=model.types)


def _whole(model: Model, *terms: Term) -> Model:
    """The model in which the values of a discrete variable are whole numbers."""
    names = [
        t.data
        for t in terms
        if (t.head == "name" and t.data not in model.types) or (t.head == "name" and model.types[t.data].domain == "real")
    ]
    return replace(model, types={**model.types, **{n: Type("whole") for n in names}})


def _random_parameters(model: Model, sources: Sequence[Variable | Sample]) -> list[Variable]:
    """The variables with a law of their own that the laws of the sources depend on."""
    used: set[Any] = set()
    for source in sources:
        if source.law is not None:
            for value in source.law.values:
                used |= getattr(value, "free_symbols", set())
    return [v for v in model.variables.values() if v.law is not None and v.symbol.free_symbols & used]


def _parameter(model: Model, sources: Sequence[Variable | Sample]) -> Term:
    """The one random parameter of the given sources, or of the model."""
    found = _random_parameters(model, sources or model.sources)
    if len(found) != 1:
        names = ", ".join(v.name.key for v in found) or "none"
        raise Undetermined(f"one random parameter is needed, not {names}", expected=("theta ~ Beta(a, b), say",))
    return Term("name", (), found[0].name)


def marginal(model: Model, unknown: Term, given: Sequence[Term], journal: Journal, before: tuple[Term, ...] = ()) -> tuple[Posterior, Any]:
    """p(data) by p(data | θ) p(θ) / p(θ | data), in which θ cancels. `before` is what the prior of the model already knows."""
    inner = Journal(unknown)
    found = posterior_of(model, unknown, given, inner)
    model = in_terms_of(symbol_of(unknown, model), unknown, model)
    prior = next(v for v in model.variables.values() if v.symbol == found.variable).law
    assert prior is not None
    joint = exp(prior.family.log_density(found.variable, *prior.values) + sp.Add(*(o.log_density for o in found.seen)))
    support = prior.family.support(*prior.values)
    limits = (found.variable, support.lower, support.upper)
    whole: Any = sp.Sum(joint, limits) if prior.family.discrete else sp.Integral(joint, limits)
    both = product(density(found.given, (found.unknown,)), density((found.unknown,), before))
    integral = Term("integral", (both, found.unknown, *_ends(support)), "definite")
    value = _ratio(found)
    shown = density(found.given, before)
    journal.add(step(MARGINALISE, shown, integral, claim=Claim("equal", value, whole)))
    quotient_of = Term("div", (both, density((found.unknown,), (*found.given, *before))))
    because = ("with ", follows(Term("given", (found.unknown, _listed((*found.given, *before)))), found.law))
    journal.add(
        step(
            NORMALISERS,
            integral,
            quotient_of,
            because=because,
            claim=Claim("equal", joint / found.density, whole),
            steps=tuple(inner.steps),
        )
    )
    journal.add(
        step(NORMALISERS, quotient_of, value, because=(found.unknown, " cancels"), claim=Claim("equal", joint / found.density, value))
    )
    return found, value


def _ends(support: Any) -> tuple[Term, Term]:
    return from_sympy(support.lower), from_sympy(support.upper)


def _listed(terms: Sequence[Term]) -> Term:
    return terms[0] if len(terms) == 1 else Term("list", tuple(terms))


def _ratio(found: Posterior) -> Any:
    """exp of what the joint log-density has beside the statistics, less what the posterior's has."""
    form = found.law.family.exponential
    assert form is not None
    logarithm = found.law.family.log_density(found.variable, *found.law.values)
    own = match(logarithm, found.variable, form.statistics(found.variable))
    if own is None:
        raise NotSupported(f"the normaliser of {found.law.name}")
    return _product(found.joint.rest - own.rest)


def _product(logarithm: Any) -> Any:
    """exp of a sum of logarithms as a product of gamma functions, powers and one exponential."""
    factors, powers = [], []
    for term in sp.Add.make_args(sp.expand(logarithm, log=False, power_base=False)):
        sign = -1 if term.could_extract_minus_sign() else 1
        bare = sign * term
        if isinstance(bare, sp.loggamma):
            factors.append(sp.gamma(bare.args[0]) ** sign)
        elif isinstance(bare, sp.Mul) and sum(isinstance(f, sp.log) for f in bare.args) == 1:
            logarithmic = next(f for f in bare.args if isinstance(f, sp.log))
            powers.append((logarithmic.args[0], sign * bare / logarithmic))
        elif isinstance(bare, sp.log):
            powers.append((bare.args[0], sp.Integer(sign)))
        else:
            powers.append((sp.E, term))
    gathered: dict[Any, Any] = {}
    for base, exponent in powers:
        gathered[base] = gathered.get(base, sp.S.Zero) + exponent
    ratio = sp.Mul(*factors)
    simpler = sp.gammasimp(ratio) if ratio.has(sp.gamma) else ratio
    result = (simpler if simpler.count_ops() < ratio.count_ops() else ratio) * sp.Mul(
        *(base ** (sp.factor_terms(e)) for base, e in gathered.items())
    )
    return in_beta_functions(shortened(result))


# ── predictive laws ──────────────────────────────────────────────────────────────────────────────────────────────────


def solve_predictive(reading: Reading) -> Solution:
    """`predictive of x [given x_1, …, x_n]`: of the prior without data, of the posterior with them."""
    model = build(reading)
    asked = question(reading.expanded)
    source, new = _predicted(model, asked.unknowns)
    unknown = _parameter(model, (source,))
    journal = Journal(reading.term)
    given: tuple[Term, ...] = ()
    if asked.given:
        inner = Journal(unknown)
        found = posterior_of(model, unknown, asked.given, inner)
        because = ("with ", follows(Term("given", (unknown, _listed(found.given))), found.law))
        both = product(density((new,), (unknown,)), density((unknown,), found.given))
        integral = Term("integral", (both, unknown, *_ends(found.law.family.support(*found.law.values))), "definite")
        opening = step(POSTERIOR_THEN_PREDICT, density((new,), found.given), integral, because=because, steps=tuple(inner.steps))
        journal.add(replace(opening, model=_with_new(model, source, new)))
        given = found.given
        model = _with_prior(model, unknown, found.law)
    model, variable = _fresh(model, source, new)
    _, value = marginal(model, unknown, (Term("name", (), variable.name),), journal, given)
    law = _recognised(value, variable, _prior_of(model, unknown), journal, given)
    shown = Term("name", (), variable.name)
    if law is None:
        journal.note((("the law has no name among the families that are known: its mass or density is given",),))
        return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)
    return finish(journal, law, shown, given, model)


def _predicted(model: Model, unknowns: Sequence[Term]) -> tuple[Variable | Sample, Term]:
    """The variable or sample that is predicted, and how it is called."""
    sources = [s for s in model.sources if s.law is not None and s.given]
    if not unknowns:
        if len(sources) != 1:
            raise Undetermined("what is to be predicted is not said", expected=("predictive of x",))
        return sources[0], Term("name", (), sources[0].name if isinstance(sources[0], Variable) else sources[0].base)
    term = unknowns[0]
    name = term.args[0].data if term.head == "index" else term.data
    if not isinstance(name, Name):
        raise NotSupported(f"the law of {plain(term)}: a variable of the model is expected", span=term.span)
    found = model.variables.get(name) or model.samples.get(name) or model.sample_of(name)
    if found is None and term.head == "name":
        found = next((s for s in sources if (s.name if isinstance(s, Variable) else s.base).base == name.base), None)
    if found is None or found.law is None:
        raise Undetermined(f"the law of {plain(term)} is not declared", span=term.span, expected=(f"{plain(term)} | theta ~ …",))
    return found, term


def _fresh(model: Model, source: Variable | Sample, new: Term) -> tuple[Model, Variable]:
    """The model with one new value of the source, which stands beside the data."""
    if isinstance(source, Variable):
        return model, source
    name = new.data if new.head == "name" else source.base
    symbol = sp.Symbol(name.key, real=True)
    variable = Variable(name, symbol, source.law, source.given, source.law_term)
    samples = {n: s for n, s in model.samples.items() if n != source.base}
    return replace(model, variables={**model.variables, name: variable}, samples=samples), variable


def _with_new(model: Model, source: Variable | Sample, new: Term) -> Model:
    """The model of the data with one value more, x_{n+1}, of the same law."""
    if isinstance(source, Variable) or new.head != "name" or not new.data.sub or new.data.sub.isdigit():
        return model
    name = new.data
    return replace(model, variables={**model.variables, name: Variable(name, sp.Symbol(name.key, real=True), source.law, source.given)})


def _with_prior(model: Model, unknown: Term, law: Distribution) -> Model:
    variables = dict(model.variables)
    variables[unknown.data] = replace(variables[unknown.data], law=law)
    return replace(model, variables=variables)


def _prior_of(model: Model, unknown: Term) -> Distribution:
    law = model.variables[unknown.data].law
    assert law is not None
    return law


def _recognised(value: Any, variable: Variable, prior: Distribution, journal: Journal, given: tuple[Term, ...]) -> Distribution | None:
    """The family whose density the marginal is, with its parameters."""
    law = variable.law
    assert law is not None
    x = variable.symbol
    for candidate in _candidates(value, x, law, prior):
        known = exp(candidate.family.log_density(x, *candidate.values))
        claim = Claim("equal", value, known, (x,))
        if candidate.name == "Bernoulli":  # the two agree on {0, 1}, and only there
            claim = Claim("equal", *(sp.Tuple(*(side.subs(x, k) for k in (0, 1))) for side in (value, known)))
        subject = Term("name", (), variable.name)
        journal.add(
            step(RECOGNISE_PREDICTIVE, value, follows(subject, candidate), "⇒", ("the density of ", law_term(candidate)), claim=claim)
        )
        return candidate
    return None


def _candidates(value: Any, x: Any, law: Distribution, prior: Distribution) -> list[Distribution]:
    found: list[Distribution] = []
    if law.name == "Bernoulli":
        p = shortened(sp.gammasimp(value.subs(x, 1)))
        found.append(Distribution(law.family, {"p": p}))
    if law.name == "Normal":
        logarithm = sp.expand_log(log(value), force=True)
        form = FAMILIES["Normal"].exponential
        assert form is not None
        matched = match(logarithm, x, form.statistics(x))
        if matched is not None:
            values = tuple(quotient(v) for v in form.parameters(*matched.coefficients))
            found.append(Distribution(FAMILIES["Normal"], dict(zip(("mean", "variance"), values, strict=True))))
    if law.name == "Poisson" and prior.name == "Gamma":
        shape, rate = prior.values
        found.append(Distribution(FAMILIES["NegativeBinomial"], {"r": shape, "p": quotient(rate / (rate + 1))}))
    return found
