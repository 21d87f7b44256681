"""Laws of sums of independent variables; extremes and order statistics are handed on.

In: `density of X + Y`, `X + Y`, `density of max(X, Y)`, `density of U_(k)`. Out: a Solution with the density (and the law where it has a
name), or None where the target is none of these. Independence is used only where it is declared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from derive.deadline import deadline
from derive.derivation import Claim
from derive.errors import NotSupported, TimeLimit, Undetermined
from derive.expressions.elementary import exp
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution
from derive.probability.model import Model
from derive.rules.chance_transformations import (
    CLOSED_UNDER_SUMS,
    CONVOLUTION,
    LINEAR_COMBINATION,
    MGF_PRODUCT,
)
from derive.solution import Solution
from derive.solving.chance.density_forms import named
from derive.solving.chance.known import Known
from derive.solving.chance.order_statistics import extreme, order_statistic, ordered
from derive.solving.chance.steps import step
from derive.solving.chance.transformations import Target, finished, target_of
from derive.solving.chance.writing import follows
from derive.solving.journal import Journal
from derive.solving.simplification import shortened

__all__ = ["solve_combined", "with_law"]

SECONDS = 4.0
_SUMMED = {"Poisson": "rate", "Gamma": "shape", "ChiSquared": "k", "Binomial": "n", "NegativeBinomial": "r"}
_COUNTED = {"Exponential": "Gamma", "Bernoulli": "Binomial"}


def solve_combined(reading: Reading) -> Solution | None:
    """The law of a sum, an extreme or an order statistic. Raises Undetermined where independence is not declared."""
    model = build(reading)
    target = _target(reading, model)
    if target is None:
        return None
    journal = Journal(reading.term)
    order = order_statistic(target.body, model)
    if order is not None:
        return ordered(target, order, model, journal)
    if target.body.head == "apply" and target.body.data in ("max", "min"):
        return extreme(target, model, journal)
    function = to_sympy(target.body, model.types)
    parts = _linear(function, model)
    if parts is None or sum(count for _, _, count in parts[0]) == 1:
        return None
    return _summed(target, function, parts, model, journal)


def _target(reading: Reading, model: Model) -> Target | None:
    if reading.task == "density" or reading.expanded.head == "call":
        return target_of(reading, model)
    names = {n.data for n in reading.expanded.walk() if n.head == "name"}
    if reading.task == "expression" and any(n in model.variables or model.sample_of(n) is not None or n in model.samples for n in names):
        return Target("Z", reading.expanded, sp.Symbol("z", real=True))
    return None


# ── sums ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

Part = tuple[Any, Any, Any]  # coefficient, law with its atom, how many independent copies


def _linear(function: Any, model: Model) -> tuple[list[Part], Any] | None:
    """Σ coefficient · variable + constant, samples as copies; None when it is not linear in random atoms with laws."""
    known = Known(model, function)
    parts: list[Part] = []
    constant = sp.S.Zero
    for term in sp.Add.make_args(sp.expand(function)):
        total = next(iter(term.atoms(sp.Sum)), None)
        if total is not None:
            coefficient = term / total
            inner = total.function
            if not isinstance(inner, sp.Indexed) or coefficient.atoms(sp.Sum) or known.law(inner) is None:
                return None
            _, first, last = total.limits[0]
            parts.append((coefficient, (known.law(inner), inner), last - first + 1))
            continue
        atoms = [a for a in known.atoms(term)]
        if not atoms:
            constant += term
            continue
        if len(atoms) > 1 or known.law(atoms[0]) is None or sp.diff(term, atoms[0]).has(atoms[0]):
            return None
        parts.append((sp.diff(term, atoms[0]), (known.law(atoms[0]), atoms[0]), sp.S.One))
    return (parts, constant) if parts else None


def _refuse_dependent(parts: Sequence[Part], model: Model, journal: Journal) -> None:
    known = Known(model, sp.S.Zero)
    atoms = [p[1][1] for p in parts]
    for place, first in enumerate(atoms):
        for second in atoms[place + 1 :]:
            if not known.independent({first}, {second}):
                a, b = plain(from_sympy(first)), plain(from_sympy(second))
                raise Undetermined(
                    f"the law of the sum needs that {a} and {b} are independent, or their joint law", expected=(f"{a} indep {b}",)
                )
    if len(atoms) > 1:
        journal.assume(((", ".join(plain(from_sympy(a)) for a in atoms) + " are independent (declared)",),))


def _summed(target: Target, function: Any, parts: tuple[list[Part], Any], model: Model, journal: Journal) -> Solution | None:
    terms, constant = parts
    laws = [p[1][0] for p in terms]
    if all(law.name == "Normal" for law in laws):
        return _normal(target, terms, constant, model, journal)
    _refuse_dependent(terms, model, journal)
    law = _closed(terms, constant)
    if law is not None:
        claim = Claim("distributed", target.body, law)
        product = Term("mul", tuple(_generating(p) for p in terms)) if len(terms) > 1 else _generating(terms[0])
        shown = Term("call", (Term("name", (), Name("M")), Term("name", (), Name("t"))))
        journal.add(step(MGF_PRODUCT, shown, product, claim=claim))
        journal.add(step(CLOSED_UNDER_SUMS, product, follows(target.body, law), "⇒", claim=claim))
        return with_law(target, law, model, journal)
    return _convolved(target, terms, constant, model, journal)


def _generating(part: Part) -> Term:
    _, (_, atom), count = part
    base = Term("call", (Term("name", (), Name("M", sub=plain(from_sympy(atom)))), Term("name", (), Name("t"))))
    return base if count == 1 else Term("pow", (base, from_sympy(count)))


def _normal(target: Target, terms: Sequence[Part], constant: Any, model: Model, journal: Journal) -> Solution:
    known = Known(model, sp.S.Zero)
    mean = constant + sp.Add(*(a * n * law.values[0] for a, (law, _), n in terms))
    variance = sp.Add(*(a**2 * n * law.values[1] for a, (law, _), n in terms))
    for place, (a, (_, first), _) in enumerate(terms):
        for b, (_, second), _ in terms[place + 1 :]:
            joint = known.joint(first, second)
            if joint is not None and "covariance" in joint.law.parameters:
                variance += 2 * a * b * known.joint_entry(joint, first, second)
            elif not known.independent({first}, {second}):
                one, other = plain(from_sympy(first)), plain(from_sympy(second))
                raise Undetermined(
                    f"the law of the sum needs Cov({one}, {other}) and that the two are jointly Normal, or that they are independent",
                    expected=(f"{one} indep {other}",),
                )
    law = Distribution(FAMILIES["Normal"], {"mean": shortened(mean), "variance": shortened(variance)})
    claim = Claim("distributed", target.body, law)
    journal.add(step(LINEAR_COMBINATION, target.body, follows(target.body, law), "⇒", claim=claim))
    return with_law(target, law, model, journal)


def with_law(target: Target, law: Distribution, model: Model, journal: Journal) -> Solution:
    """The law as the answer of `X + Y`, its density as that of `density of X + Y`."""
    support = law.family.support(*law.values)
    ends = (support.lower, support.upper)
    density = (
        law.family.density(target.letter, *law.values) if law.family.density else exp(law.family.log_density(target.letter, *law.values))
    )
    return finished(density, law, ends, target, model, journal)


def _closed(terms: Sequence[Part], constant: Any) -> Distribution | None:
    """The family that is closed under this sum."""
    common = terms[0][0]
    if constant != 0 or any(a != common for a, _, _ in terms):
        return None
    if common != 1:
        return _scaled(_closed([(sp.S.One, law, n) for _, law, n in terms], constant), common)
    names = {law.name for _, (law, _), _ in terms}
    if len(names) != 1:
        return None
    name = names.pop()
    counts = [n for _, _, n in terms]
    values = [law.values for _, (law, _), _ in terms]
    if name in _COUNTED:
        if any(v != values[0] for v in values):
            return None
        family = FAMILIES[_COUNTED[name]]
        return Distribution(family, dict(zip((p.name for p in family.parameters), (sp.Add(*counts), values[0][0]), strict=True)))
    if name not in _SUMMED:
        return None
    family = FAMILIES[name]
    places = [p.name for p in family.parameters]
    summed = places.index(_SUMMED[name])
    if any(v[k] != values[0][k] for v in values for k in range(len(places)) if k != summed):
        return None
    total = sp.Add(*(n * v[summed] for n, v in zip(counts, values, strict=True)))
    return Distribution(family, {p: total if k == summed else values[0][k] for k, p in enumerate(places)})


def _scaled(law: Distribution | None, factor: Any) -> Distribution | None:
    """The law of c G for a Gamma variable G and c > 0."""
    if law is None or law.name != "Gamma" or not factor.is_positive:
        return None
    shape, rate = law.values
    return Distribution(law.family, {"shape": shape, "rate": rate / factor})


def _convolved(target: Target, terms: Sequence[Part], constant: Any, model: Model, journal: Journal) -> Solution:
    if len(terms) != 2 or constant != 0 or any(n != 1 or a not in (1, -1) for a, _, n in terms):
        raise NotSupported("the law of this sum in closed form")
    if any(law.family.discrete for _, (law, _), _ in terms):
        raise NotSupported("the law of this sum of discrete variables in closed form")
    z, x = target.letter, sp.Symbol("x", real=True)
    densities, ends = [], []
    for sign, (law, _), _ in terms:
        support = law.family.support(*law.values)
        densities.append((law, sign))
        ends.append((support.lower, support.upper) if sign == 1 else (-support.upper, -support.lower))
    first = _of(densities[0], x)
    second = _of(densities[1], z - x)
    pieces = _regions(ends, z)
    values = [(_integrated(first * second, x, low, high), sp.And(z > left, z < right)) for left, right, low, high in pieces]
    value = values[0][0] if len(values) == 1 else sp.Piecewise(*values, (0, True))
    whole = (ends[0][0] + ends[1][0], ends[0][1] + ends[1][1])
    shown = Term("call", (Term("name", (), Name("p", sub=target.label)), from_sympy(z)))
    integrals = [(sp.Integral(first * second, (x, low, high)), sp.And(z > left, z < right)) for left, right, low, high in pieces]
    integral = integrals[0][0] if len(integrals) == 1 else sp.Piecewise(*integrals, (0, True))
    from derive.probability.family import Support

    tail = sp.Symbol(f"{z.name}_0", real=True)
    event = Term("probability", (Term("rel", (target.body, from_sympy(tail)), "<="),), "P")
    cumulative = Claim("equal", event, sp.Integral(value, (z, whole[0], tail)))
    journal.add(step(CONVOLUTION, shown, integral, claim=Claim("normalised", value, Support("interval", *whole), (z,))))
    from derive.solving.chance.transformations import with_letter

    model = with_letter(model, tail, whole)
    _assume_apart(value, z, journal)
    journal.add(step(CONVOLUTION, integral, value, because=("for ", *_where(pieces, z)), claim=cumulative))
    law = named(value, z, whole) if len(values) == 1 else None
    return finished(value, law, whole, target, model, journal)


def _assume_apart(value: Any, z: Any, journal: Journal) -> None:
    """Parameters whose difference stands below are assumed to differ: at equal ones the density is a limit."""
    below = sp.denom(sp.together(value)) if not value.has(sp.Piecewise) else sp.S.One
    for factor in sp.Mul.make_args(sp.factor(below)):
        base = factor.base if isinstance(factor, sp.Pow) else factor
        if not isinstance(base, sp.Add) or base.has(z) or base.is_positive or base.is_negative or len(base.args) != 2:
            continue
        first, second = base.args
        if first.could_extract_minus_sign() != second.could_extract_minus_sign():
            positive, negative = (second, -first) if first.could_extract_minus_sign() else (first, -second)
            journal.assume(((sp.Ne(positive, negative), ": where they are equal, the density is the limit of this one"),))


def _of(density: tuple[Distribution, Any], place: Any) -> Any:
    law, sign = density
    return (
        exp(law.family.log_density(sign * place, *law.values))
        if law.family.density is None
        else law.family.density(sign * place, *law.values)
    )


def _where(pieces: Sequence[tuple[Any, Any, Any, Any]], z: Any) -> tuple[Any, ...]:
    left, right, _, _ = pieces[0]
    return (z, " > ", left) if right == sp.oo else (left, " < ", z, " < ", right)


def _regions(ends: Sequence[tuple[Any, Any]], z: Any) -> list[tuple[Any, Any, Any, Any]]:
    """Where z is, and the limits of x there: from max(lx, z − uy) to min(ux, z − ly)."""
    (lx, ux), (ly, uy) = ends
    if (ux, uy) == (sp.oo, sp.oo) and sp.oo not in (-lx, -ly):
        return [(lx + ly, sp.oo, lx, z - ly)]
    if all(e in (sp.oo, -sp.oo) for e in (lx, ux, ly, uy)):
        return [(-sp.oo, sp.oo, -sp.oo, sp.oo)]
    if sp.oo in (ux, uy, -lx, -ly):
        raise NotSupported("a convolution of a bounded and an unbounded law")
    one, two = lx + uy, ux + ly
    if (one - two).is_positive or ((one - two).is_negative is None and one != two):
        if (one - two).is_positive is None:
            raise NotSupported("a convolution whose supports cannot be ordered")
        low, high, inner = two, one, (lx, ux)
    else:
        low, high, inner = one, two, (z - uy, z - ly)
    found = [(lx + ly, low, lx, z - ly)]
    if one != two:
        found.append((low, high, *inner))
    found.append((high, ux + uy, z - uy, ux))
    return found


def _integrated(expression: Any, x: Any, low: Any, high: Any) -> Any:
    try:
        with deadline(SECONDS):
            value = sp.integrate(sp.powsimp(sp.expand(expression)), (x, low, high), conds="none")
            value = sp.simplify(value)
    except TimeLimit:
        raise NotSupported("this convolution in closed form, within the time that it may take") from None
    if value.has(sp.Integral, sp.Piecewise, sp.nan):
        raise NotSupported("this convolution in closed form")
    return _decaying(shortened(value))


def _decaying(value: Any) -> Any:
    """e^(−z (a + b)) (e^(a z) − e^(b z)) as e^(−b z) − e^(−a z): no factor grows that another one takes back."""
    if not isinstance(value, sp.Mul):
        return value
    outer = [f for f in value.args if isinstance(f, sp.exp)]
    sums = [f for f in value.args if isinstance(f, sp.Add) and f.has(sp.exp)]
    if len(outer) != 1 or len(sums) != 1:
        return value
    parts = [sp.powsimp(sp.expand(outer[0] * t, power_exp=False)) for t in sums[0].args]
    exponents = [sp.factor_terms(sp.expand(e.args[0])) for p in parts for e in p.atoms(sp.exp)]
    if len(exponents) > len(parts):
        return value
    gathered = sp.Add(*(p.replace(lambda e: isinstance(e, sp.exp), lambda e: exp(sp.factor_terms(sp.expand(e.args[0])))) for p in parts))
    return sp.Mul(*(f for f in value.args if f not in (outer[0], sums[0])), gathered)
