"""Classical laws of functions of independent variables: χ², Rayleigh, Cauchy, Beta and Laplace from sums, quotients and differences;
the law of one count given a sum.

In: `density of R where R = sqrt(X^2 + Y^2)`, `P(X = k | X + Y = n)`, `E[X | X + Y = n]`. Out: a Solution whose law the checks compare
with the model by test functions, or None where the form is none of these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sympy as sp

from derive.derivation import Claim
from derive.errors import DeriveError
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading, Type
from derive.probability.build import build
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution
from derive.probability.model import Model
from derive.probability.outcomes_listed import law_of, refuse_unrelated
from derive.rules.chance_several import CLASSICAL, COUNT_GIVEN_SUM
from derive.solution import Solution
from derive.solving.chance.combined import with_law
from derive.solving.chance.jointly_gaussian import symbol_in
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.transformations import target_of
from derive.solving.chance.writing import follows
from derive.solving.journal import Journal

__all__ = ["solve_classical", "solve_count_given_sum"]

Laws = dict[Any, Distribution]
Form = tuple[Distribution, str, Callable[[Any, Any], Claim]]  # the law, the words, and what its density at z is compared with


def solve_classical(reading: Reading) -> Solution | None:
    """The density of a function of variables whose law has a name. Raises Undetermined where independence is not declared."""
    model = build(reading)
    target = target_of(reading, model)
    if target is None:
        return None
    try:
        function = to_sympy(target.body, model.types)
    except DeriveError:
        return None
    total = _squares_of_a_sample(function, model)
    names = [n for n in dict.fromkeys(t.data for t in target.body.walk() if t.head == "name") if law_of(model, n) is not None]
    laws: Laws = {symbol_in(model, n): law for n in names for law in [law_of(model, n)] if law is not None}
    found: Form | None = total
    for form in (_sum_of_squares, _length, _ratio_of_normals, _share, _difference, _cauchys):
        if found is None and len(laws) > 1:
            found = form(function, laws)
    if found is None:
        return None
    law, words, compared = found
    said: tuple[Any, ...] = ()
    if total is None:
        refuse_unrelated(model, names)
        said = ((Term("list", tuple(Term("name", (), n) for n in names)), " are independent (declared)"),)
    journal = Journal(reading.term)
    subject = target.body
    claim = compared(target.letter, _density(law, target.letter))
    journal.add(step(CLASSICAL, subject, follows(subject, law), "⇒", (words,), claim=claim, assumptions=said))
    return with_law(target, law, model, journal)


# ── the forms ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _all(laws: Laws, name: str, *values: Any) -> bool:
    return all(law.name == name and (not values or law.values == values) for law in laws.values())


def _density(law: Distribution, x: Any) -> Any:
    """The density, 0 outside of the support."""
    support = law.family.support(*law.values)
    value = law.family.density(x, *law.values) if law.family.density is not None else sp.exp(law.family.log_density(x, *law.values))
    if support.lower == -sp.oo and support.upper == sp.oo:
        return value
    inside = sp.And(*(c for c in (sp.sympify(x > support.lower), sp.sympify(x < support.upper)) if c != sp.true))
    return sp.Piecewise((value, inside), (0, True)) if inside != sp.true else value


def _as_integral(over: Callable[[Any, Any], Any], low: Any = -sp.oo, high: Any = sp.oo) -> Callable[[Any, Any], Claim]:
    """The density at z as ∫ over(z, y) dy."""
    y = sp.Dummy("y", real=True)
    return lambda z, density: Claim("equal", density, sp.Integral(over(z, y), (y, low, high)))


def _as_transform(laws: list[tuple[Distribution, Any]]) -> Callable[[Any, Any], Claim]:
    """∫ e^{−tz} p(z) dz = Π (∫ e^{−t x²} p(x) dx)^count: a law on z > 0 is known by its Laplace transform."""
    t, x, y = sp.Symbol("t", positive=True), sp.Dummy("x", real=True), sp.Dummy("y", positive=True)
    parts = [sp.Integral(sp.exp(-t * x**2) * _density(law, x), (x, -sp.oo, sp.oo)) ** count for law, count in laws]
    return lambda z, density: Claim("equal", sp.Integral(sp.exp(-t * y) * density.subs(z, y), (y, 0, sp.oo)), sp.Mul(*parts))


def _standard(laws: Laws) -> Any | None:
    """The variance that centred Normals share."""
    if not _all(laws, "Normal") or len({law.values for law in laws.values()}) != 1:
        return None
    mean, variance = next(iter(laws.values())).values
    return variance if mean == 0 else None


def _sum_of_squares(function: Any, laws: Laws) -> Form | None:
    variance = _standard(laws)
    if variance is None or sp.expand(function - sp.Add(*(s**2 for s in laws))) != 0:
        return None
    shape, compared = sp.Rational(len(laws), 2), _as_transform([(law, 1) for law in laws.values()])
    if variance == 1:
        return Distribution(FAMILIES["ChiSquared"], {"k": sp.Integer(len(laws))}), "a sum of squares of standard Normals", compared
    return (
        Distribution(FAMILIES["Gamma"], {"shape": shape, "rate": 1 / (2 * variance)}),
        "a sum of squares of Normals with mean 0",
        compared,
    )


def _length(function: Any, laws: Laws) -> Form | None:
    variance = _standard(laws)
    if variance is None or len(laws) != 2 or function != sp.sqrt(sp.Add(*(s**2 for s in laws))):
        return None
    first, second = laws.values()
    polar = _as_integral(lambda z, y: z * _density(first, z * sp.cos(y)) * _density(second, z * sp.sin(y)), 0, 2 * sp.pi)
    return Distribution(FAMILIES["Rayleigh"], {"sigma": sp.sqrt(variance)}), "the length of a vector of two centred Normals", polar


def _ratio_of_normals(function: Any, laws: Laws) -> Form | None:
    if not _all(laws, "Normal") or len(laws) != 2 or any(law.values[0] != 0 for law in laws.values()):
        return None
    for top, bottom in (tuple(laws), tuple(reversed(tuple(laws)))):
        if sp.simplify(function - top / bottom) == 0:
            scale = sp.sqrt(laws[top].values[1] / laws[bottom].values[1])
            above, below = laws[top], laws[bottom]
            law = Distribution(FAMILIES["Cauchy"], {"location": sp.S.Zero, "scale": scale})
            return law, "a quotient of two centred Normals", _quotient(above, below)
    return None


def _quotient(above: Distribution, below: Distribution) -> Callable[[Any, Any], Claim]:
    return _as_integral(lambda z, y: sp.Abs(y) * _density(above, z * y) * _density(below, y))


def _share_of_total(one: Distribution, rest: Distribution) -> Callable[[Any, Any], Claim]:
    """X + Y = y and X = z y: the density of (z, y) has the factor y."""
    return _as_integral(lambda z, y: y * _density(one, z * y) * _density(rest, (1 - z) * y), 0)


def _shape(law: Distribution) -> tuple[Any, Any] | None:
    if law.name == "Exponential":
        return sp.S.One, law.values[0]
    return (law.values[0], law.values[1]) if law.name == "Gamma" else None


def _share(function: Any, laws: Laws) -> Form | None:
    shapes = {s: _shape(law) for s, law in laws.items()}
    if len(laws) != 2 or any(v is None for v in shapes.values()) or len({v[1] for v in shapes.values() if v is not None}) != 1:
        return None
    for own, other in (tuple(laws), tuple(reversed(tuple(laws)))):
        first, second = shapes[own], shapes[other]
        if first is not None and second is not None and sp.simplify(function - own / (own + other)) == 0:
            law = Distribution(FAMILIES["Beta"], {"alpha": first[0], "beta": second[0]})
            return law, "the share of one of two Gammas of one rate", _share_of_total(laws[own], laws[other])
    return None


def _difference(function: Any, laws: Laws) -> Form | None:
    if not _all(laws, "Exponential") or len(laws) != 2 or len({law.values for law in laws.values()}) != 1:
        return None
    first, second = laws
    if sp.expand(function - first + second) != 0 and sp.expand(function + first - second) != 0:
        return None
    one, rest = laws[first], laws[second]
    law = Distribution(FAMILIES["Laplace"], {"mean": sp.S.Zero, "scale": 1 / one.values[0]})
    return law, "a difference of two waiting times", _as_integral(lambda z, y: _density(one, z + y) * _density(rest, y), 0)


def _cauchys(function: Any, laws: Laws) -> Form | None:
    if not _all(laws, "Cauchy") or len(laws) != 2:
        return None
    weights = {s: function.coeff(s) for s in laws}
    rest = sp.expand(function - sp.Add(*(w * s for s, w in weights.items())))
    if rest.has(*laws) or any(w == 0 or w.has(*laws) for w in weights.values()):
        return None
    location = rest + sp.Add(*(w * laws[s].values[0] for s, w in weights.items()))
    scale = sp.Add(*(sp.Abs(w) * laws[s].values[1] for s, w in weights.items()))
    (first, one), (second, other) = laws.items()
    a, b = weights[first], weights[second]
    compared = _as_integral(lambda z, y: _density(one, (z - rest - b * y) / a) / sp.Abs(a) * _density(other, y))
    law = Distribution(FAMILIES["Cauchy"], {"location": location, "scale": scale})
    return law, "Cauchy laws are stable: the scales add up", compared


def _squares_of_a_sample(function: Any, model: Model) -> Form | None:
    """Σ X_i² of an iid sample of standard Normals."""
    if not isinstance(function, sp.Sum) or len(function.limits) != 1:
        return None
    index, low, high = function.limits[0]
    squares = function.function
    if not (isinstance(squares, sp.Pow) and squares.exp == 2 and isinstance(squares.base, sp.Indexed)) or low != 1:
        return None
    sample = model.samples.get(Name.from_key(str(squares.base.base)))
    if sample is None or sample.law is None or sample.given or not sample.iid or sample.size is None:
        return None
    if sample.law.name != "Normal" or sample.law.values != (0, 1) or squares.base.indices != (index,):
        return None
    law = Distribution(FAMILIES["ChiSquared"], {"k": high})
    return law, "a sum of squares of standard Normals", _as_transform([(sample.law, high)])


# ── a count given a sum ──────────────────────────────────────────────────────────────────────────────────────────────


def solve_count_given_sum(reading: Reading) -> Solution | None:
    """`P(X = k | X + Y = n)`, `E[X | X + Y = n]` of independent Poisson counts: Binomial(n, a/(a + b))."""
    term = reading.expanded
    if term.head != "probability" or term.data not in ("P", "E", "Var") or len(term.args) != 1 or term.args[0].head != "given":
        return None
    model = build(reading)
    event, given = term.args[0].args
    whole = [t.data for side in (event, given) for t in side.walk() if t.head == "name" and law_of(model, t.data) is None]
    model = replace(model, types={**model.types, **{n: Type("whole") for n in whole}})
    if given.head != "rel" or given.data != "=" or (term.data == "P" and (event.head != "rel" or event.data != "=")):
        return None
    subject = event.args[0] if term.data == "P" else event
    if subject.head != "name":
        return None
    names = [n for n in dict.fromkeys(t.data for t in given.walk() if t.head == "name") if law_of(model, n) is not None]
    laws = {n: law for n in names for law in [law_of(model, n)] if law is not None}
    if subject.data not in laws or len(laws) < 2 or any(law.name != "Poisson" for law in laws.values()):
        return None
    left, n = (to_sympy(a, model.types) for a in given.args)
    if sp.expand(left - sp.Add(*(symbol_in(model, m) for m in names))) != 0 or n.free_symbols & {symbol_in(model, m) for m in names}:
        return None
    refuse_unrelated(model, names)
    said = ((Term("list", tuple(Term("name", (), m) for m in names)), " are independent (declared)"),)
    total = sp.Add(*(law.values[0] for law in laws.values()))
    law = Distribution(FAMILIES["Binomial"], {"n": n, "p": laws[subject.data].values[0] / total})
    journal = Journal(reading.term)
    conditional = Term("given", (subject, given))
    k = sp.Dummy("k", integer=True, nonnegative=True)
    own, rest = laws[subject.data].values[0], total - laws[subject.data].values[0]
    poisson = FAMILIES["Poisson"].log_density
    ratio = sp.exp(poisson(k, own) + poisson(n - k, rest) - poisson(n, total))
    mass = sp.exp(law.family.log_density(k, *law.values))
    claim = Claim("equal", *(sp.Sum(weight * sp.cos(k), (k, 0, n)) for weight in (ratio, mass)))  # a test function, under both
    journal.add(step(COUNT_GIVEN_SUM, conditional, follows(conditional, law), "⇒", claim=claim, assumptions=said))
    value: Any
    if term.data == "P":
        value = law.family.density(to_sympy(event.args[1], model.types), *law.values) if law.family.density is not None else None
    else:
        moment = law.family.mean if term.data == "E" else law.family.variance
        value = moment(*law.values) if moment is not None else None
    if value is None:
        return None
    journal.add(step(CLASSICAL, reading.term, value, because=(follows(conditional, law),)))
    journal.note(((law.family.says,),))
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)
