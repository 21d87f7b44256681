"""Laws of maxima, minima and order statistics of independent variables, and moments of order statistics.

In: a target that is max(…), min(…) or U_(k), and a model. Out: a Solution with the density and, where it has a name, the law. Independence
is used only where it is declared.
"""

from __future__ import annotations

import re
from typing import Any

import sympy as sp

from derive.derivation import Claim
from derive.errors import NotSupported, Undetermined
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term, number
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.family import Distribution
from derive.probability.model import Model, Sample
from derive.rules.chance_inference import MEAN_OF, VARIANCE_OF
from derive.rules.chance_transformations import DERIVATIVE_OF_CDF, MAXIMUM, MINIMUM, ORDER_STATISTIC
from derive.solution import Solution
from derive.solving.chance.density_forms import named
from derive.solving.chance.known import Known
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.transformations import Target, finished, with_letter
from derive.solving.chance.writing import follows
from derive.solving.journal import Journal
from derive.solving.simplification import shortened

__all__ = ["extreme", "order_statistic", "ordered", "solve_order_moment"]


def _distribution_function(law: Distribution, x: Any) -> Any:
    if law.family.cdf is None:
        raise NotSupported(f"the distribution function of {law.name} in closed form")
    return law.family.cdf(x, *law.values)


def order_statistic(body: Term, model: Model) -> tuple[Sample, Any] | None:
    """The sample and the rank of U_(k)."""
    if body.head != "name":
        return None
    matched = re.fullmatch(r"\(?\((\w+)\)\)?", body.data.sub)
    base = body.data._replace(sub="")
    sample = model.samples.get(base) or _listed(base, model) if matched else None
    if matched is None or sample is None:
        return None
    rank = matched.group(1)
    return sample, sp.Integer(rank) if rank.isdigit() else sp.Symbol(rank, integer=True, positive=True)


def _listed(base: Name, model: Model) -> Sample | None:
    """X_1, X_2, X_3 iid, named one by one, as a sample of three."""
    for fact in model.independences:
        names = [g[0].data for g in fact.groups if len(g) == 1 and g[0].head == "name"] if fact.kind == "iid" and not fact.given else []
        if names and [n.sub for n in names] == [str(k + 1) for k in range(len(names))] and {n._replace(sub="") for n in names} == {base}:
            first = model.variables.get(names[0])
            return None if first is None else Sample(base, number(len(names)), first.law, law_term=first.law_term)
    return None


def _sample_law(sample: Sample, model: Model) -> tuple[Distribution, Any]:
    if sample.law is None or sample.size is None or not sample.iid:
        raise Undetermined(
            f"the law of the sample {sample.base.key} is needed", expected=(f"{sample.base.key}_1, …, {sample.base.key}_n iid ~ …",)
        )
    return sample.law, to_sympy(sample.size, model.types)


def ordered(target: Target, order: tuple[Sample, Any], model: Model, journal: Journal) -> Solution:
    sample, rank = order
    law, n = _sample_law(sample, model)
    if law.family.discrete:
        raise NotSupported("order statistics of a discrete law")
    support = law.family.support(*law.values)
    u = (
        sp.Symbol(sample.base.key.lower(), positive=True)
        if sp.sympify(support.lower).is_nonnegative
        else sp.Symbol(sample.base.key.lower(), real=True)
    )
    below = _distribution_function(law, u)
    density = law.family.density(u, *law.values) if law.family.density else sp.exp(law.family.log_density(u, *law.values))
    factor = sp.factorial(n) / (sp.factorial(rank - 1) * sp.factorial(n - rank))
    value = factor * below ** (rank - 1) * (1 - below) ** (n - rank) * density
    shown = Term("call", (Term("name", (), Name("p", sub=target.label)), from_sympy(u)))
    because = ("with the distribution function ", below, " and the density ", density)
    claim = Claim("normalised", value, support, (u,))
    journal.add(step(ORDER_STATISTIC, shown, value, because=because, claim=claim))
    journal.assume(((f"the members of {sample.base.key} are independent and identically distributed (declared)",),))
    ends = (support.lower, support.upper)
    law_of_it = named(value, u, ends)
    return finished(value, law_of_it, ends, target._replace(letter=u), model, journal)


def extreme(target: Target, model: Model, journal: Journal) -> Solution | None:
    known = Known(model, sp.S.Zero)
    kind = target.body.data
    parts = _extremes(target.body, model, known)
    if parts is None:
        return None
    atoms = [atom for _, atom, _ in parts]
    for place, first in enumerate(atoms):
        for second in atoms[place + 1 :]:
            if not known.independent({first}, {second}):
                a, b = plain(from_sympy(first)), plain(from_sympy(second))
                raise Undetermined(f"the law of the {kind} needs that {a} and {b} are independent", expected=(f"{a} indep {b}",))
    supports = [law.family.support(*law.values) for law, _, _ in parts]
    ends = (supports[0].lower, supports[0].upper)
    if any((s.lower, s.upper) != ends for s in supports) or any(law.family.discrete for law, _, _ in parts):
        raise NotSupported(f"the {kind} of variables with different supports, or of discrete ones")
    m = sp.Symbol(target.letter.name, positive=True) if sp.sympify(ends[0]).is_nonnegative else target.letter
    factors = [(_distribution_function(law, m) if kind == "max" else 1 - _distribution_function(law, m)) ** n for law, _, n in parts]
    product = shortened(sp.Mul(*factors))
    sign = "<=" if kind == "max" else ">"
    event = Term("probability", (Term("rel", (target.body, from_sympy(m)), sign),), "P")
    small = Term("probability", (Term("rel", (Term("name", (), Name.from_key(target.label)), from_sympy(m)), sign),), "P")
    model_with = _letter_in(model, m, ends)
    journal.add(step(MAXIMUM if kind == "max" else MINIMUM, small, product, claim=Claim("equal", event, product)))
    journal.assume((("the variables are independent (declared)",),))
    cumulative = product if kind == "max" else 1 - product
    value = shortened(sp.simplify(sp.diff(cumulative, m)))
    if len(parts) == 1 and parts[0][2] != 1:  # of n copies: n F^(n − 1) p, or n (1 − F)^(n − 1) p
        law, _, n = parts[0]
        density = law.family.density(m, *law.values) if law.family.density else sp.exp(law.family.log_density(m, *law.values))
        chained = n * factors[0].subs(n, 1) ** (n - 1) * density if n.is_Symbol else value
        value = min((value, chained, shortened(chained)), key=lambda v: (_alternates(v), v.count_ops()))
    held = sp.Derivative(cumulative, m, evaluate=False)
    journal.add(step(DERIVATIVE_OF_CDF, held, value, claim=Claim("equal", held, value)))
    return finished(value, named(value, m, ends), ends, target._replace(letter=m), model_with, journal)


def _alternates(value: Any) -> bool:
    """Whether a power of −1 stands in the value."""
    return any(p.base == -1 for p in value.atoms(sp.Pow))


def _letter_in(model: Model, letter: Any, ends: tuple[Any, Any]) -> Model:
    return with_letter(model, letter, ends)


def _extremes(body: Term, model: Model, known: Known) -> list[tuple[Distribution, Any, Any]] | None:
    """Law, atom and number of independent copies of what the extreme is taken of."""
    names = [a for a in body.args if a.head == "name"]
    if any(a.head == "dots" for a in body.args) or (len(names) == 1 and names[0].data in model.samples):
        sample = model.samples.get(names[0].data) or model.sample_of(names[0].data)
        if sample is None:
            return None
        law, n = _sample_law(sample, model)
        return [(law, sp.Symbol(sample.base.key, real=True), n)]
    found = []
    for argument in body.args:
        atom = to_sympy(argument, model.types)
        own = known.law(atom) if known.is_random(atom) else None
        if own is None:
            return None
        found.append((own, atom, sp.S.One))
    return found


def solve_order_moment(reading: Reading) -> Solution | None:
    """E and Var of an order statistic U_(k) whose law has a name; None for others, which `ordered_variables` takes."""
    term = reading.expanded
    if term.head != "probability" or term.data not in ("E", "Var") or not term.args:
        return None
    model = build(reading)
    ranked = [n for n in term.args[0].walk() if n.head == "name" and order_statistic(n, model) is not None]
    if not ranked:
        return None
    order = order_statistic(term.args[0], model)
    if order is None or len(term.args) > 1 or order[0].law is None or order[0].law.family.discrete:
        return None
    journal = Journal(reading.term)
    target = Target(plain(term.args[0]), term.args[0], sp.Symbol(order[0].base.key.lower(), real=True))
    inner = ordered(target, order, model, journal)
    law = inner.distribution
    if law is None:
        return None
    moment = law.family.mean if term.data == "E" else law.family.variance
    if moment is None:
        raise NotSupported(f"the moments of {law.name}")
    value = shortened(moment(*law.values))
    support = law.family.support(*law.values)
    u = sp.Symbol(order[0].base.key.lower(), positive=True)
    density = sp.exp(law.family.log_density(u, *law.values))
    mean = sp.Integral(u * density, (u, support.lower, support.upper))
    whole = mean if term.data == "E" else sp.Integral(u**2 * density, (u, support.lower, support.upper)) - mean**2
    journal.add(
        step(
            MEAN_OF if term.data == "E" else VARIANCE_OF,
            whole,
            value,
            "=",
            ("of ", follows(term.args[0], law)),
            claim=Claim("equal", value, whole),
        )
    )
    journal.note(((law.family.says,),))
    journal.start = whole
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)
