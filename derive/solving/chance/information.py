"""Entropy, cross-entropy and Kullback–Leibler divergence of laws with one variable: expectations of log-densities, term by term.

In: a reading whose operands are distributions, names of them, or variables with laws. Out: a Solution, or None where the operands are
no such laws. Divergences that are infinite are refused with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from derive.derivation import Claim
from derive.errors import DoesNotExist, NotSupported
from derive.expressions.elementary import exp, log
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution
from derive.probability.laws import distribution
from derive.probability.logarithmic import mean_logarithm, mean_logarithm_of_complement
from derive.probability.model import Model
from derive.rules.chance_information import CROSS_ENTROPY, ENTROPY, INSERT_LOG_DENSITIES, INSERT_MOMENTS, KL
from derive.solution import Solution
from derive.solving.chance.rational_forms import quotient_of
from derive.solving.chance.steps import derivation, step
from derive.solving.journal import Journal

__all__ = ["grouped", "law_of", "mean_of", "refuse_infinite", "solve_cross_entropy", "solve_divergence", "tidy"]

_ARRAYS = ("Categorical", "Multinomial", "Dirichlet", "MultivariateNormal")


def solve_divergence(reading: Reading) -> Solution | None:
    """`KL(P || Q)`. Raises DoesNotExist where it is infinite."""
    model = build(reading)
    bar = next((a for a in reading.expanded.args if a.head == "divergence_bar"), None)
    if bar is None or len(bar.args) != 2:
        return None
    laws = [law_of(term, model) for term in bar.args]
    first, second = laws
    if first is None or second is None or {first.family.name, second.family.name} & set(_ARRAYS):
        return None
    x = sp.Symbol("x", real=True)
    journal = Journal(reading.term)
    refuse_infinite(first, second, journal)
    ratio = first.family.log_density(x, *first.values) - second.family.log_density(x, *second.values)
    shown = _expectation(Term("add", (_log(Name("p")), Term("neg", (_log(Name("q")),)))))
    return _solved(reading, model, (KL, shown, ratio, first, x), journal)


def solve_cross_entropy(reading: Reading) -> Solution | None:
    """`H(P)`, `H(X)`, `H(P, Q)` of distributions."""
    model = build(reading)
    term = reading.expanded
    if len(term.args) > 2 or any(a.head == "given" for a in term.args):
        return None
    laws = [law_of(a, model) for a in term.args]
    if any(law is None or law.family.name in _ARRAYS for law in laws):
        return None
    if len(laws) == 2 and all(a.head == "name" and a.data in model.variables for a in term.args):
        return None  # the joint entropy of two variables
    first, last = laws[0], laws[-1]
    assert first is not None
    assert last is not None
    x = sp.Symbol("x", real=True)
    journal = Journal(reading.term)
    if len(laws) == 2:
        refuse_infinite(first, last, journal)
    logarithm = -last.family.log_density(x, *last.values)
    shown = Term("neg", (_expectation(_log(Name("p" if len(laws) == 1 else "q"))),))
    if not first.family.discrete:
        journal.note((("differential entropy: it may be negative, and it changes with the unit of x",),))
    try:
        return _solved(reading, model, (ENTROPY if len(laws) == 1 else CROSS_ENTROPY, shown, logarithm, first, x), journal)
    except NotSupported:
        if len(laws) == 2 or first.family.entropy is None:
            raise
    return _of_the_record(reading, model, shown, (first, logarithm, x))


def _of_the_record(reading: Reading, model: Model, shown: Term, asked: tuple[Distribution, Any, Any]) -> Solution:
    """The entropy that the family's record states, checked as an integral."""
    law, logarithm, x = asked
    assert law.family.entropy is not None
    value = law.family.entropy(*law.values)
    journal = Journal(reading.term)
    because = ("of ", law.family.says.partition(":")[0])
    journal.add(step(ENTROPY, shown, value, because=because, claim=Claim("equal", value, _total(logarithm, x, law))))
    journal.note(((law.family.says,),))
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)


def law_of(term: Term, model: Model) -> Distribution | None:
    """The law that a term is: a distribution, a name of one, a variable with one."""
    if term.head == "dist":
        return distribution(term, model.types)
    if term.head == "call" and term.args[0].head == "name":
        return model.named.get(term.args[0].data)
    if term.head != "name":
        return None
    if term.data in model.named:
        return model.named[term.data]
    variable = model.variables.get(term.data)
    return variable.law if variable is not None and not variable.given else None


def _log(name: Name) -> Term:
    return Term("apply", (Term("call", (Term("name", (), name), Term("name", (), Name("x")))),), "log")


def _expectation(body: Term) -> Term:
    return Term("probability", (body, Term("expect_under", (Term("name", (), Name("x")), Term("name", (), Name("p"))))), "E")


def refuse_infinite(first: Distribution, second: Distribution, journal: Journal) -> None:
    """KL(p ‖ q) is infinite where q is 0 and p is not; what cannot be decided is an assumption."""
    own, other = first.family.support(*first.values), second.family.support(*second.values)
    if first.family.discrete != second.family.discrete:
        raise DoesNotExist(f"{first.name} is discrete and {second.name} is not, or the other way round: the divergence is infinite")
    for low, high, side in ((other.lower, own.lower, "below"), (own.upper, other.upper, "above")):
        condition = sp.Le(low, high)
        if condition == sp.false:
            raise DoesNotExist(f"{second.name} has no mass {side} where {first.name} has: the divergence is infinite")
        if condition != sp.true:
            journal.assume(((condition, ", otherwise the divergence is infinite"),))


def _solved(reading: Reading, model: Model, task: tuple[Any, Term, Any, Distribution, Any], journal: Journal) -> Solution:
    rule, shown, expression, law, x = task
    whole = _total(expression, x, law)
    groups = grouped(expression, x)
    opened = sp.Add(*(c * inside for inside, c in groups))
    written = Term("probability", (from_sympy(opened), Term("expect_under", (from_sympy(x), Term("name", (), Name("p"))))), "E")
    means = {inside: mean_of(inside, x, law) for inside, _ in groups if inside != 1}
    value = tidy(sp.Add(*(_term(c * means.get(inside, 1)) for inside, c in groups)))
    journal.add(step(rule, reading.term, shown, claim=Claim("equal", value, whole)))
    journal.add(step(INSERT_LOG_DENSITIES, shown, written, claim=Claim("equal", expression, opened, (x,))))
    because = _moments(means)
    journal.add(step(INSERT_MOMENTS, written, value, because=because, claim=Claim("equal", _total(opened, x, law), value)))
    journal.note(((law.family.says,),))
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)


def grouped(expression: Any, x: Any) -> list[tuple[Any, Any]]:
    """The expression as Σ coefficient · statistic, squares kept together, logarithms in a coefficient as one."""
    opened = expression.replace(lambda e: isinstance(e, sp.Pow) and e.base.has(x), lambda e: sp.expand_power_base(e, force=True))
    opened = sp.expand_log(opened, force=True)
    found: dict[Any, list[Any]] = {}
    for term in sp.Add.make_args(_distributed(opened, x)):
        outside, inside = term.as_independent(x, as_Add=False)
        found.setdefault(inside, []).append(outside)
    return [(inside, sp.logcombine(sp.Add(*parts), force=True) if inside != 1 else sp.Add(*parts)) for inside, parts in found.items()]


def _distributed(expression: Any, x: Any) -> Any:
    """Products of a sum without x and something with x multiplied out; everything else as it is."""
    terms = []
    for term in sp.Add.make_args(expression):
        outside, inside = term.as_independent(x, as_Add=False)
        terms += [part * inside for part in sp.Add.make_args(sp.expand(outside, log=False, power_base=False))]
    return sp.Add(*terms)


def _term(value: Any) -> Any:
    return value if value.has(sp.log) else sp.Add(*map(_cancelled, sp.Add.make_args(value)))


def _total(expression: Any, x: Any, law: Distribution) -> Any:
    """E[expression] as a sum or an integral, for the check."""
    support = law.family.support(*law.values)
    weighted = expression * exp(law.family.log_density(x, *law.values))
    if not law.family.discrete:
        return sp.Integral(weighted, (x, support.lower, support.upper))
    if law.name == "Bernoulli":
        return sp.Add(*(weighted.subs(x, k) for k in (0, 1)))
    return sp.Sum(weighted, (x, support.lower, support.upper))


def mean_of(expression: Any, x: Any, law: Distribution) -> Any:
    """E[expression] by the moments of the law, term by term. Raises DoesNotExist and NotSupported."""
    total = sp.S.Zero
    for term in sp.Add.make_args(_distributed(expression, x)):
        outside, inside = term.as_independent(x, as_Add=False)
        total += outside * (_statistic(inside, x, law) if inside != 1 else 1)
    return total


def _statistic(inside: Any, x: Any, law: Distribution) -> Any:
    found: Any = None
    if law.name == "Lognormal" and inside.has(sp.log) and not inside.subs(log(x), sp.Dummy()).has(x):
        return mean_of(inside.subs(log(x), x), x, Distribution(FAMILIES["Normal"], dict(law.parameters)))
    if isinstance(inside, sp.Pow) and inside.exp == 2 and _is_shift(inside.base, x) and law.family.mean and law.family.variance:
        _polynomial(x**2, x, law)  # the moments exist
        centre = x - inside.base if sp.diff(inside.base, x) == 1 else x + inside.base
        mean = law.family.mean(*law.values)
        return law.family.variance(*law.values) + (mean - centre) ** 2
    if inside == log(x):
        found = mean_logarithm(law)
    elif inside.has(sp.log) and sp.expand(inside - log(1 - x)) == 0:
        found = mean_logarithm_of_complement(law)
    elif inside.is_polynomial(x):
        return _polynomial(inside, x, law)
    elif (
        isinstance(inside, sp.Pow)
        and inside.base == x
        and law.family.moment is not None
        and law.name in ("Weibull", "Gamma", "InverseGamma")
    ):
        found = _power(inside.exp, law)
    elif isinstance(inside, sp.Pow) and isinstance(inside.base, sp.Add) and inside.exp.is_Integer and inside.exp > 0:
        return mean_of(sp.expand(inside), x, law)
    elif isinstance(inside, sp.Abs) and law.name == "Laplace" and sp.diff(inside.args[0], x) in (1, -1):
        gap = sp.Abs(inside.args[0].subs(x, law.values[0]))
        found = gap + law.values[1] * exp(-gap / law.values[1])
    elif isinstance(inside, sp.exp) and law.family.mgf is not None:
        rate = sp.diff(inside.args[0], x)
        found = law.family.mgf(rate, *law.values) * inside.subs(x, 0) if not rate.has(x) else None
    if found is None:
        found = _by_lotus(inside, x, law)
    if found is None:
        raise NotSupported(f"E[{plain(from_sympy(inside))}] of a {law.name} law has no closed form that is known")
    return found


def _by_lotus(inside: Any, x: Any, law: Distribution) -> Any | None:
    """What the expectation solver knows without assuming anything."""
    from derive.solving.chance import lotus

    value = lotus.expectation(inside, x, law)
    return value.result if value is not None and not value.assumptions else None


def _is_shift(base: Any, x: Any) -> bool:
    return bool(isinstance(base, sp.Add) and sp.diff(base, x) in (1, -1))


def _power(exponent: Any, law: Distribution) -> Any:
    """E[X^k] for any real k."""
    if law.name == "Weibull":
        shape, scale = law.values
        return scale**exponent * sp.gamma(1 + exponent / shape)
    shape, rate = law.values
    if law.name == "InverseGamma":
        return rate**exponent * sp.gamma(shape - exponent) / sp.gamma(shape)
    return sp.gamma(shape + exponent) / (rate**exponent * sp.gamma(shape))


def _polynomial(inside: Any, x: Any, law: Distribution) -> Any:
    total = sp.S.Zero
    for (power,), coefficient in sp.Poly(inside, x).terms():
        if power and law.family.moment_exists is not None and law.family.moment_exists(power, *law.values) == sp.false:
            raise DoesNotExist(f"{law.name} has no moment of order {power}: the expectation does not exist")
        if power and law.family.moment is None:
            raise NotSupported(f"the moment of order {power} of {law.name}")
        total += coefficient * (law.family.moment(power, *law.values) if power and law.family.moment is not None else 1)
    return total


def _moments(means: Mapping[Any, Any]) -> tuple[Any, ...]:
    """Which moments are put in."""
    prose: list[Any] = []
    for inside, mean in means.items():
        shown = Term("probability", (from_sympy(inside),), "E")
        prose += [", " if prose else "with ", Term("rel", (shown, from_sympy(mean)), "=")]
    return tuple(prose)


def tidy(value: Any) -> Any:
    """Constants gathered; logarithms without a factor as one, as in log(σ₂/σ₁)."""
    terms = sp.Add.make_args(sp.Add(*(_cancelled(t) for t in sp.Add.make_args(value))))
    logarithms = [
        t
        for t in terms
        if isinstance(t, sp.log) or (isinstance(t, sp.Mul) and isinstance(t.args[-1], sp.log) and t.args[0].is_number and len(t.args) == 2)
    ]
    rest = sp.Add(*(t for t in terms if t not in logarithms))
    if not logarithms:
        return rest
    combined = sp.logcombine(sp.Add(*logarithms), force=True)
    plainly = sp.Add(*logarithms)
    return rest + (combined if combined.count_ops() <= plainly.count_ops() + 1 else plainly)


def _cancelled(term: Any) -> Any:
    if not term.has(sp.Add) or not term.is_rational_function():
        return term
    quotient = quotient_of(term)
    return min((term, sp.cancel(term) if quotient is None else quotient.cancelled()), key=sp.count_ops)
