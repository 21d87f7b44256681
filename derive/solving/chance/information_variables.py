"""Entropy and mutual information of declared variables and of functions of them: finite ones by their table, Gaussian ones by variances,
independent ones by parts.

In: a reading of H(…), H(… | …), I(…; …). Out: a Solution, or None where the operands are not variables, or not of these kinds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from derive.derivation import Claim
from derive.errors import DeriveError, DoesNotExist, NotSupported
from derive.expressions.elementary import exp, log
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.family import Distribution
from derive.probability.model import Model
from derive.probability.outcomes_listed import are_independent, law_of
from derive.rules.chance_information import CHAIN_RULE, ENTROPY, MUTUAL_INFORMATION
from derive.rules.chance_several import ADDITIVE_ENTROPY, AFFINE_ENTROPY, INDEPENDENT_INFORMATION
from derive.solution import Solution
from derive.solving.chance.finite_tables import table_of
from derive.solving.chance.gaussian_questions import condition_step
from derive.solving.chance.information_tables import conditional, entropy_of, marginal, mutual, show_marginals
from derive.solving.chance.jointly_gaussian import Gaussians, gaussians
from derive.solving.chance.steps import derivation, step
from derive.solving.journal import Journal

__all__ = ["solve_information_of_variables"]

NATS = (("in nats: divide by log 2 for bits",),)


def solve_information_of_variables(reading: Reading) -> Solution | None:
    """`I(X; Y)` of a channel, `H(X | Y)` of a Gaussian pair, `H(1 − X)`. Raises Undetermined where independence is not declared."""
    model = build(reading)
    term = reading.expanded
    if term.head != "probability" or term.data not in ("H", "I"):
        return None
    asked = _asked(term)
    if asked is None:
        return None
    wanted, known = asked
    everything = (*wanted, *known)
    try:
        values = [to_sympy(t, model.types) for t in everything]
    except DeriveError:
        return None
    symbols = {v.symbol for v in model.variables.values()}
    if not all(isinstance(v, sp.Expr) and v.free_symbols & symbols for v in values):
        return None
    if len(everything) == 1 and everything[0].head == "name" and _has_own_entropy(model, everything[0]):
        return None
    if any(t.head == "name" and t.data not in model.variables for t in everything):
        return None
    return (
        _by_parts(reading, model, asked)
        or _of_table(reading, model, asked)
        or _of_gaussians(reading, model, asked, values)
        or _of_map(reading, model, everything)
    )


def _asked(term: Term) -> tuple[tuple[Term, ...], tuple[Term, ...]] | None:
    """(X,), (Y,) of I(X; Y) and H(X | Y); (X, Y), () of H(X, Y)."""
    if len(term.args) == 1 and term.args[0].head == "given":
        inner = term.args[0]
        return (_listed(inner.args[:1]), _listed(inner.args[1:])) if term.data == "H" else None
    if any(a.has("given") for a in term.args):
        return None
    if term.data == "I":
        return (_listed(term.args[:1]), _listed(term.args[1:])) if len(term.args) == 2 else None
    return _listed(term.args), ()


def _listed(terms: Sequence[Term]) -> tuple[Term, ...]:
    found: list[Term] = []
    for term in terms:
        found.extend(_listed(term.args) if term.head in ("list", "tuple", "and") else [term])
    return tuple(found)


def _has_own_entropy(model: Model, term: Term) -> bool:
    """A single variable with a law has its own rule, unless its values are to be listed."""
    law = law_of(model, term.data)
    return law is not None and law.name not in ("Categorical", "Binomial", "DiscreteUniform")


def _finished(reading: Reading, model: Model, value: Any, journal: Journal) -> Solution:
    journal.note(NATS)
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)


# ── finite variables ─────────────────────────────────────────────────────────────────────────────────────────────────


def _of_table(reading: Reading, model: Model, asked: tuple[tuple[Term, ...], tuple[Term, ...]]) -> Solution | None:
    wanted, known = asked
    names = tuple(dict.fromkeys((*wanted, *known)))
    found = table_of(model, names)
    if found is None:
        return None
    table, assumptions = found
    journal = Journal(reading.term)
    if reading.expanded.data == "I" or known:
        show_marginals(table, names, journal)
    if reading.expanded.data == "I":
        value = mutual(reading.term, table, names, (wanted, known), journal)
    elif known:
        value = conditional(reading.term, table, names, (wanted, known), journal)
    else:
        value = entropy_of(reading.term, marginal(table, names, wanted), journal)
    journal.assume(assumptions)
    return _finished(reading, model, value, journal)


# ── Gaussian variables ───────────────────────────────────────────────────────────────────────────────────────────────


def _of_gaussians(
    reading: Reading, model: Model, asked: tuple[tuple[Term, ...], tuple[Term, ...]], values: Sequence[Any]
) -> Solution | None:
    found = gaussians(model, values)
    if found is None or any(found.opened(v) is None for v in values):
        return None
    wanted, known = asked
    forms = dict(zip((*wanted, *known), values, strict=True))
    journal = Journal(reading.term)
    conditional_value = _entropy_given(found, forms, wanted, known, journal)
    if reading.expanded.data == "H":
        value = _joined(conditional_value)
        if len(wanted) > 1:
            parts = tuple(from_sympy(v) for v in conditional_value)
            journal.add(step(CHAIN_RULE, reading.term, Term("add", parts), claim=Claim("equal", sp.Add(*conditional_value), value)))
            journal.add(step(ENTROPY, Term("add", parts), value, claim=Claim("equal", sp.Add(*conditional_value), value)))
    else:
        own = _entropy_given(found, forms, wanted, (), journal)
        difference = Term("add", (_h(wanted), Term("neg", (_h(wanted, known),))))
        value = _ratio(own, conditional_value)
        claim = Claim("equal", sp.Add(*own) - sp.Add(*conditional_value), value)
        journal.add(step(MUTUAL_INFORMATION, reading.term, difference, claim=claim))
        journal.add(step(MUTUAL_INFORMATION, difference, value, claim=claim))
    return _finished(reading, model, value, journal)


def _h(wanted: Sequence[Term], known: Sequence[Term] = ()) -> Term:
    if not known:
        return Term("probability", tuple(wanted), "H")
    left, right = (t[0] if len(t) == 1 else Term("list", tuple(t)) for t in (wanted, known))
    return Term("probability", (Term("given", (left, right)),), "H")


def _entropy_given(found: Gaussians, forms: dict[Term, Any], wanted: Sequence[Term], known: Sequence[Term], journal: Journal) -> list[Any]:
    """H of every form given the known ones and the ones before it, with the steps: their sum is the entropy."""
    entropies: list[Any] = []
    before = list(known)
    for term in wanted:
        values = [sp.Symbol(f"c_{k}" if len(before) > 1 else "c", real=True) for k, _ in enumerate(before, 1)]
        shown = [Term("rel", (t, from_sympy(v)), "=") for t, v in zip(before, values, strict=True)]
        law = found.given(forms[term], [forms[t] for t in before], values)
        if law is None or law.variance == 0:
            raise DoesNotExist("one variable is a function of the others: there is no joint density, the differential entropy is −∞")
        condition_step(journal, found, (forms[term], term), [forms[t] for t in before], values, shown)
        value = log(2 * sp.pi * sp.E * law.variance) / 2
        x = sp.Dummy("x", real=True)
        logarithm = law.law.family.log_density(x, *law.law.values)
        whole = sp.Integral(-logarithm * exp(logarithm), (x, -sp.oo, sp.oo))
        journal.add(step(ENTROPY, _h((term,), before), value, claim=Claim("equal", value, whole)))
        entropies.append(value)
        before.append(term)
    journal.assume(found.assumptions)
    return entropies


def _joined(entropies: Sequence[Any]) -> Any:
    """½ log((2πe)^k v₁ … v_k)."""
    if len(entropies) == 1:
        return entropies[0]
    product = sp.Mul(*(e.args[1].args[0] if e.args[0] == sp.Rational(1, 2) else exp(2 * e) for e in entropies))
    ratio = sp.simplify(product / (2 * sp.pi * sp.E) ** len(entropies))
    return len(entropies) * log(2 * sp.pi * sp.E) / 2 + log(min(sp.factor(ratio), sp.cancel(ratio), key=sp.count_ops)) / 2


def _ratio(own: Sequence[Any], given: Sequence[Any]) -> Any:
    """½ log(v/v′)."""
    inside = sp.Mul(*(exp(2 * sp.Add(a, -b)) for a, b in zip(own, given, strict=True)))
    ratio = sp.factor(sp.cancel(sp.powsimp(sp.expand(inside), force=True)))
    apart = sp.Add(*(sp.cancel(t) for t in sp.Add.make_args(sp.expand(ratio))))
    if sp.fraction(ratio)[0] == 1:
        return -log(sp.fraction(ratio)[1]) / 2
    return log(min((ratio, apart), key=sp.count_ops)) / 2


# ── independent variables, affine maps ───────────────────────────────────────────────────────────────────────────────


def _by_parts(reading: Reading, model: Model, asked: tuple[tuple[Term, ...], tuple[Term, ...]]) -> Solution | None:
    wanted, known = asked
    journal = Journal(reading.term)
    everything = (*wanted, *known)
    if len(everything) == 1 or not all(t.head == "name" for t in everything) or len(set(everything)) != len(everything):
        return None
    laws = {t: law_of(model, t.data) for t in everything}
    if not are_independent(model, [t.data for t in everything]) or any(law is None for law in laws.values()):
        return None
    if any(law is not None and (law.family.entropy is None or any(isinstance(v, Term) for v in law.values)) for law in laws.values()):
        return None
    said = (Term("list", everything), " are independent (declared)")
    if reading.expanded.data == "I":
        journal.add(step(INDEPENDENT_INFORMATION, reading.term, sp.S.Zero, assumptions=(said,)))
        return _finished(reading, model, sp.S.Zero, journal)
    parts = [_entropy(model, t, journal) for t in wanted]
    total = sp.Add(*parts)
    shown = Term("add", tuple(_h((t,)) for t in wanted)) if len(wanted) > 1 else _h(wanted)
    journal.add(step(ADDITIVE_ENTROPY, reading.term, shown, assumptions=(said,)))
    journal.add(step(ENTROPY, shown, total, claim=Claim("equal", total, sp.Add(*(_integral(model, t) for t in wanted)))))
    return _finished(reading, model, total, journal)


def _entropy(model: Model, term: Term, journal: Journal) -> Any:
    law = law_of(model, term.data)
    assert law is not None
    if law.family.entropy is None or any(isinstance(v, Term) for v in law.values):
        raise NotSupported(f"the entropy of a {law.name} law has no closed form that is known here")
    value = law.family.entropy(*law.values)
    journal.note(((law.family.says,),))
    return value


def _integral(model: Model, term: Term) -> Any:
    law = law_of(model, term.data)
    assert law is not None
    x = sp.Dummy("x", real=True, integer=True if law.family.discrete else None)
    logarithm = law.family.log_density(x, *law.values)
    support = law.family.support(*law.values)
    limits = (x, support.lower, support.upper)
    weighted = -logarithm * exp(logarithm)
    return sp.Sum(weighted, limits) if law.family.discrete else sp.Integral(weighted, limits)


def _of_map(reading: Reading, model: Model, everything: tuple[Term, ...]) -> Solution | None:
    """H(aX + b)."""
    if len(everything) != 1 or reading.expanded.data != "H":
        return None
    (term,) = everything
    journal = Journal(reading.term)
    form = to_sympy(term, model.types)
    names = [v for v in model.variables.values() if v.symbol in form.free_symbols]
    if len(names) != 1 or law_of(model, names[0].name) is None:
        return None
    x = names[0].symbol
    law = law_of(model, names[0].name)
    assert law is not None
    if form == x or not form.is_polynomial(x) or sp.degree(form, x) != 1:
        return None
    slope = sp.Poly(form, x).coeff_monomial(x)
    own = Term("name", (), names[0].name)
    value = _entropy(model, own, journal)
    journal.add(step(ENTROPY, _h((own,)), value, claim=Claim("equal", value, _integral(model, own))))
    scale = sp.S.Zero if law.family.discrete else log(sp.Abs(slope))
    because = ("the values are only renamed",) if law.family.discrete else ("with a = ", slope)
    total = value + scale
    if slope.free_symbols and not slope.is_nonzero:
        journal.assume(((sp.Ne(slope, 0),),))
    journal.add(step(AFFINE_ENTROPY, reading.term, total, because=because, claim=Claim("equal", total, _image(law, slope))))
    return _finished(reading, model, total, journal)


def _image(law: Distribution, slope: Any) -> Any:
    """−∫ p_Y(y) log p_Y(y) dy with p_Y(y) = p_X(h(y))/|a|, taken over x."""
    z = sp.Dummy("x", real=True, integer=True if law.family.discrete else None)
    support = law.family.support(*law.values)
    logarithm = law.family.log_density(z, *law.values)
    moved = logarithm if law.family.discrete else logarithm - log(sp.Abs(slope))
    limits = (z, support.lower, support.upper)
    weighted = -moved * exp(logarithm)
    return sp.Sum(weighted, limits) if law.family.discrete else sp.Integral(weighted, limits)
