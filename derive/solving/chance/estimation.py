"""Maximum likelihood and maximum a posteriori: the log-likelihood written down, its score, its maximum.

In: a reading whose model has observed data. Out: a Solution with one value, or one part a parameter, over the data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp

from derive.derivation import Claim, Prose
from derive.errors import NotSupported, Undetermined
from derive.expressions.elementary import exp, log
from derive.expressions.from_sympy import from_sympy
from derive.expressions.nodes import SampleMax, SampleMin
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Bound, Reading, Type
from derive.probability.build import build
from derive.probability.model import Model
from derive.rules.chance_inference import BOUNDARY, CONDITIONAL_INDEPENDENCE, INVARIANCE, LOG_LIKELIHOOD, LOG_POSTERIOR
from derive.solution import Solution
from derive.solving.chance.confined import Range, Said, confinement, keep_inside, natural_range, rises_or_falls, slope_sign
from derive.solving.chance.interiors import interior_conditions
from derive.solving.chance.maxima import Objective, gentle, maximise
from derive.solving.chance.observations import Observation, in_terms_of, observations, question, symbol_of
from derive.solving.chance.proportions import proportions
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.writing import density, product
from derive.solving.journal import Journal
from derive.solving.simplification import shortened

__all__ = ["solve_map", "solve_mle"]

ELL = "ell"
MOST_STEPS = 6


def solve_mle(reading: Reading) -> Solution:
    """`mle of mu, sigma^2 [given …]`. Raises Undetermined without data, NotSupported where the score equations have no closed solution."""
    return _estimate(reading, prior=False)


def solve_map(reading: Reading) -> Solution:
    """`map of theta [given …]`. Raises Undetermined without a prior or data."""
    return _estimate(reading, prior=True)


def _estimate(reading: Reading, *, prior: bool) -> Solution:
    model = build(reading)
    asked = question(reading.expanded)
    terms = asked.unknowns or _parameters(model)
    journal = Journal(reading.term)
    simplex = None if prior else proportions(model, terms, journal)
    if simplex is not None:
        return _result(reading, journal, model, simplex)
    wanted, outer = _underlying(terms, model)
    symbols = []
    for term in wanted:
        symbol = symbol_of(term, model)
        model = in_terms_of(symbol, term, model)
        symbols.append(symbol)
    seen = observations(model, symbols, asked.given)
    shown = tuple(t for o in seen for t in o.shown)
    log_likelihood = _written(seen, shown, wanted, journal)
    objective = log_likelihood
    if prior:
        objective = _with_prior(objective, model, wanted, symbols, shown, journal)
    model = _with_room(model, seen, journal)
    found = _at_the_ends(objective, seen, symbols, journal)
    said = Said(reading.options.get("declarations", {}), reading.options.get("inequalities", ()))
    ends = {s: confinement(t, s, model, seen, said, [o for o in symbols if o != s]) for t, s in zip(wanted, symbols, strict=True)}
    model = _with_ends(model, ends)
    inner = [s for s in symbols if s not in found]
    found = {s: keep_inside(s, v, ends[s], objective, journal) for s, v in found.items()}
    for group in _groups(tuple(s for s in symbols if s not in found), ends):
        left = objective.subs(found)
        at_end = _at_one_end(left, group, ends, (model, seen), journal)
        if at_end is not None:
            found[group[0]] = at_end
            continue
        label = sp.Function(ELL)(*group)
        positive = frozenset(s for s in symbols for o in seen if _is_positive(s, o))
        confined = any(not ends[s].is_open for s in group)
        values = maximise(Objective(left, label, group, positive, confined), journal)
        if len(group) < len(symbols) and any(v.has(*(s for s in symbols if s not in (*group, *found))) for v in values.values()):
            raise NotSupported(f"a maximum over several unknowns of which {group[0]} is confined to a part of its domain")
        found.update({s: keep_inside(s, v, ends[s], left, journal) for s, v in values.items()})
    if prior:
        _assume_interior(objective, inner, (model, seen), journal)
    values = {plain(t): found[s] for t, s in zip(wanted, symbols, strict=True)}
    return _result(reading, journal, model, _functions(outer, dict(zip(symbols, values.values(), strict=True)), values, journal))


def _with_room(model: Model, seen: Sequence[Observation], journal: Journal) -> Model:
    """The model in which a number of trials is at least the successes that were observed: k = 7 says n >= 7."""
    types = dict(model.types)
    for observation in seen:
        upper = observation.law.family.support(*observation.law.values).upper
        datum = observation.data
        if not isinstance(upper, sp.Symbol) or not upper.is_integer or not getattr(datum, "is_number", False):
            continue
        name = Name.from_key(upper.name)
        types[name] = replace(types.get(name, Type("natural")), lower=Bound(from_sympy(datum), False))
        journal.assume(((sp.Ge(upper, datum), ": the datum has a positive probability"),))
    return replace(model, types=types)


def _with_ends(model: Model, ends: Mapping[Any, Range]) -> Model:
    """The model in which a power that is an unknown of its own has the ends that were found for it."""
    types = dict(model.types)
    for symbol, found in ends.items():
        name = Name.from_key(symbol.name) if isinstance(symbol, sp.Symbol) else None
        if name is not None and name not in types and not found.is_open:
            lower, upper = (Bound(from_sympy(end), True) if end is not None else None for end in found)
            types[name] = Type(lower=lower, upper=upper)
    return replace(model, types=types)


def _groups(rest: tuple[Any, ...], ends: Mapping[Any, Range]) -> list[tuple[Any, ...]]:
    """Unknowns to maximise over together: those that are confined one by one, the others after them."""
    confined = [s for s in rest if not ends[s].is_open]
    if len(rest) < 2 or not confined:
        return [rest] if rest else []
    free = tuple(s for s in rest if s not in confined)
    return [*((s,) for s in confined), *([free] if free else [])]


def _at_one_end(
    objective: Any, group: tuple[Any, ...], ends: Mapping[Any, Range], task: tuple[Model, Sequence[Observation]], journal: Journal
) -> Any:
    """The end of the domain at which a function that only rises or falls in its unknown is largest; None for any other."""
    if len(group) != 1:
        return None
    (symbol,) = group
    low, high = natural_range(symbol, task[1])
    narrow = ends[symbol]
    domain = (low if narrow.lower is None else narrow.lower, high if narrow.upper is None else narrow.upper)
    domains = {p.domain for o in task[1] for p in o.law.family.parameters if o.law.parameters[p.name] == symbol}
    return rises_or_falls(objective, symbol, domain, domains == {"probability"}, journal)


def _assume_interior(objective: Any, symbols: Sequence[Any], task: tuple[Model, Sequence[Observation]], journal: Journal) -> None:
    """What has to hold for the maximum to lie inside the support of the prior; the last step, which claims the maximum, rests on it."""
    model, seen = task
    found: list[Prose] = []
    for symbol in symbols:
        law = next((v.law for v in model.variables.values() if v.symbol == symbol), None)
        if law is not None:
            support = law.family.support(*law.values)
            found += interior_conditions(objective, symbol, (support.lower, support.upper), seen)
    if not found:
        return
    journal.steps[-1] = replace(journal.steps[-1], assumptions=(*journal.steps[-1].assumptions, *found))
    journal.assume(found)


def _is_positive(symbol: Any, observation: Observation) -> bool:
    """Whether a parameter is positive because the law has it, or its square, where something positive stands."""
    law = observation.law
    domains = {p.name: p.domain for p in law.family.parameters}
    return any(
        domains[n] in ("positive", "probability", "natural") and v in (symbol, 1 / symbol, symbol**2) for n, v in law.parameters.items()
    )


def _result(reading: Reading, journal: Journal, model: Model, values: dict[str, Any]) -> Solution:
    answer = next(iter(values.values())) if len(values) == 1 else None
    ended = answer if answer is not None else sp.Tuple(*values.values())
    return Solution(derivation(journal, ended, model), answer, values, journal.notes, journal.assumptions, types=model.types)


def _parameters(model: Model) -> tuple[Term, ...]:
    """The parameters that nothing says more of: the free symbols of the laws of samples."""
    names: dict[Name, None] = {}
    for sample in model.sources:
        if sample.law is not None:
            for value in sample.law.values:
                if isinstance(value, sp.Basic):
                    names.update({Name.from_key(s.name): None for s in sorted(value.free_symbols, key=str) if isinstance(s, sp.Symbol)})
    return tuple(Term("name", (), n) for n in names)


def _underlying(terms: Sequence[Term], model: Model) -> tuple[tuple[Term, ...], dict[str, Any]]:
    """The parameters that the wanted terms are, or are functions of (by invariance): names and powers that a law has."""
    wanted: dict[Term, None] = {}
    outer: dict[str, Any] = {}
    for term in terms:
        if term.head == "name" or (term.head == "pow" and _is_parameter(term, model)):
            wanted[term] = None
            continue
        value = to_sympy(term, model.types)
        outer[plain(term)] = value
        wanted.update({from_sympy(s): None for s in sorted(value.free_symbols, key=str)})
    return tuple(wanted), outer


def _is_parameter(term: Term, model: Model) -> bool:
    value = to_sympy(term, model.types)
    laws = [s.law for s in model.sources if s.law is not None]
    return any(
        isinstance(v, sp.Basic) and v.has(value) and not v.subs(value, sp.Dummy()).has(*value.free_symbols)
        for law in laws
        for v in law.values
    )


def _functions(outer: dict[str, Any], solved: dict[Any, Any], values: dict[str, Any], journal: Journal) -> dict[str, Any]:
    """g(θ̂) for what was asked for as a function."""
    if not outer:
        return values
    result = {}
    for label, function in outer.items():
        value = shortened(function.subs(solved))
        journal.add(step(INVARIANCE, function, value, "⇒", claim=Claim("equal", function.subs(solved), value)))
        result[label] = value
    return {**{k: v for k, v in values.items() if k in outer}, **result}


def _written(seen: Sequence[Observation], shown: tuple[Term, ...], wanted: Sequence[Term], journal: Journal) -> Any:
    """The likelihood and its logarithm."""
    whole = density(shown, tuple(wanted))
    total = gentle(_opened(sp.Add(*(o.log_density for o in seen))))
    independent: tuple[Prose, ...] = ()
    if len(seen) > 1 or any(o.index is not None for o in seen):
        independent = (("the data are independent given the parameters",),)
        factors = []
        for o in seen:
            if o.index is None:
                factors.append(density(o.shown, tuple(wanted)))
                continue
            member = Term("index", (from_sympy(o.data.base), from_sympy(o.index)))
            inner = density((member,), tuple(wanted))
            factors.append(Term("prod", (inner, from_sympy(o.index), Term("number", (), "1"), from_sympy(o.size)), "range"))
        split = product(*factors)
        likelihood = sp.Mul(*(_likelihood(o) for o in seen))
        claim = Claim("equal", likelihood, exp(sp.Add(*(o.log_density for o in seen))))
        journal.add(step(CONDITIONAL_INDEPENDENCE, whole, split, assumptions=independent, claim=claim))
        whole = split
    logarithm = Term("apply", (whole,), "log")
    claim = Claim("equal", log(sp.Mul(*(_likelihood(o) for o in seen))), total)
    journal.add(step(LOG_LIKELIHOOD, logarithm, total, claim=claim))
    return total


def _opened(expression: Any) -> Any:
    """Logarithms of products and powers of quotients taken apart; log Γ(u + 1) as log Γ(u) + log u. All bases are positive."""

    def open_one(e: Any) -> Any:
        found = e.replace(lambda f: isinstance(f, sp.loggamma), _stepped_down)
        found = found.replace(lambda f: isinstance(f, sp.Pow) and not f.exp.is_Integer, lambda f: sp.expand_power_base(f, force=True))
        return sp.expand_log(found, force=True)

    inner = expression.replace(lambda e: isinstance(e, sp.Sum), lambda s: s.func(open_one(s.function), *s.limits))
    return open_one(inner)


def _stepped_down(node: Any) -> Any:
    offset, rest = node.args[0].as_coeff_Add()
    if not (offset.is_Integer and 0 < offset <= MOST_STEPS) or rest.is_number:
        return node
    return sp.loggamma(rest) + sp.Add(*(log(rest + k) for k in range(int(offset))))


def _likelihood(observation: Observation) -> Any:
    """The density of the data as a product."""
    if observation.index is None:
        return exp(observation.log_density)
    return sp.Product(exp(observation.log_density.function), (observation.index, 1, observation.size))


def _with_prior(
    objective: Any, model: Model, wanted: Sequence[Term], symbols: Sequence[Any], shown: tuple[Term, ...], journal: Journal
) -> Any:
    """ℓ + log p(θ), for a mode of the posterior."""
    total = objective
    for term, symbol in zip(wanted, symbols, strict=True):
        law = next((v.law for v in model.variables.values() if v.symbol == symbol), None)
        if law is None:
            raise Undetermined(f"a prior for {plain(term)} is needed", span=term.span, expected=(f"{plain(term)} ~ Normal(0, t^2), say",))
        total = total + sp.expand_log(law.family.log_density(symbol, *law.values), force=True)
    before = Term("apply", (product(density(shown, tuple(wanted)), *(density((w,)) for w in wanted)),), "log")
    because = ("the posterior is largest where this is: the evidence does not depend on the parameters",)
    priors = sp.Add(*(v.law.family.log_density(v.symbol, *v.law.values) for v in model.variables.values() if v.symbol in symbols and v.law))
    claim = Claim("equal", objective + priors, total, tuple(symbols))
    journal.add(step(LOG_POSTERIOR, before, total, "=", because, claim=claim))
    return total


# ── ends of the domain ───────────────────────────────────────────────────────────────────────────────────────────────


def _at_the_ends(objective: Any, seen: Sequence[Observation], symbols: Sequence[Any], journal: Journal) -> dict[Any, Any]:
    """Unknowns that bound the support of the data: the likelihood is zero beyond the data and monotone up to them."""
    found: dict[Any, Any] = {}
    for observation in seen:
        support = observation.law.family.support(*observation.law.values)
        ends: dict[Any, list[tuple[Any, Any, int, bool]]] = {}
        for end, statistic, sign in ((support.upper, SampleMax, -1), (support.lower, SampleMin, 1)):
            unknowns = [s for s in symbols if end is not None and sp.sympify(end).has(s)]
            if len(unknowns) > 1:
                raise NotSupported(f"an end of the support of {observation.law.name} with several unknowns")
            if unknowns:
                rises = bool(sp.diff(end, unknowns[0]).is_positive)
                ends.setdefault(unknowns[0], []).append((end, _bound(end, unknowns[0], _extreme(observation, statistic)), sign, rises))
        for unknown, bounds in ends.items():
            lows, highs = (
                [b for _, b, sign, rises in bounds if (sign < 0) == rises],
                [b for _, b, sign, rises in bounds if (sign < 0) != rises],
            )
            slope = slope_sign(objective, unknown, natural_range(unknown, seen)) if lows and highs else -1 if lows else 1
            low, high = (sp.Max(*lows) if lows else None), (sp.Min(*highs) if highs else None)
            if not slope:
                between = " and ".join(plain(from_sympy(b)) for b in (low, high))
                raise Undetermined(
                    f"the likelihood is the same for every {unknown} between two values of the data ({between}): the maximum is not unique"
                    if not sp.diff(objective, unknown)
                    else f"the likelihood has no slope of one sign in {unknown} between {between}"
                )
            value = low if slope < 0 else high
            _ended(objective, observation, unknown, bounds[0][0], value, slope, journal)
            found[unknown] = value
    if found:
        journal.note((("the maximum is at the end of the domain: the score is not zero there",),))
    return found


def _bound(end: Any, unknown: Any, extreme: Any) -> Any:
    roots = sp.solve(sp.Eq(end, extreme), unknown)
    if len(roots) != 1:
        raise NotSupported(f"the end {end} of the support as an equation for {unknown}")
    return roots[0]


def _ended(objective: Any, observation: Observation, unknown: Any, end: Any, value: Any, sign: int, journal: Journal) -> None:
    slope = shortened(gentle(sp.diff(objective, unknown)))
    data = Term("name", (), Name("x")) if observation.index is None else from_sympy(observation.data.base)
    word, side = ("decreases", "most ") if sign < 0 else ("increases", "least ")
    because: Prose = (
        "the likelihood is 0 unless the support holds every value of ", data, ", with the end ", end,
        f"; it {word} in ", unknown, ", with the slope ", slope, f": {unknown} is at the {side.strip()} extreme value that the data allow",
    )  # fmt: skip
    claim = Claim("at-most", -slope if sign > 0 else slope, sp.S.Zero)
    journal.add(step(BOUNDARY, objective, sp.Eq(unknown, value, evaluate=False), "⇒", because, claim=claim))


def _extreme(observation: Observation, statistic: Any) -> Any:
    if observation.index is None:
        return (
            observation.data
            if not isinstance(observation.data, tuple)
            else (sp.Max if statistic is SampleMax else sp.Min)(*observation.data)
        )
    return statistic(observation.data, observation.index, sp.S.One, observation.size)
