"""Conditional moments, conditional laws and probabilities of linear forms of Gaussians: E[X | X + N = y], Var(X | Y), P(X > Y | Z = z).

In: a reading whose model has the Gaussians that it asks about. Out: a Solution, or None where something is not linear or not Gaussian.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.derivation import Claim, Prose
from derive.errors import DeriveError, NotSupported
from derive.expressions.elementary import exp
from derive.expressions.from_sympy import from_sympy
from derive.expressions.nodes import normal_cdf
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.family import Distribution
from derive.probability.model import Model
from derive.rules.chance_events import DIFFERENCE_OF_CDF, STANDARDISE
from derive.rules.chance_expectation import LAW_MEAN, LAW_VARIANCE
from derive.rules.chance_several import ORTHANT
from derive.rules.chance_transformations import GAUSSIAN_CONDITIONAL, LINEAR_COMBINATION
from derive.solution import Solution
from derive.solving.chance.events import query_of
from derive.solving.chance.jointly_gaussian import Gaussians, Moments, gaussians
from derive.solving.chance.observations import question
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.writing import follows
from derive.solving.journal import Journal

__all__ = ["condition_step", "solve_gaussian_event", "solve_gaussian_law", "solve_gaussian_moment"]

_ORDER = ("<", "<=", ">", ">=")


@dataclass(frozen=True)
class _Asked:
    """What is known, as linear forms with values, and how it is written."""

    forms: tuple[Any, ...]
    values: tuple[Any, ...]
    shown: tuple[Term, ...]
    plain: bool  # conditions on members as they are declared, one of them: there are other rules for those


def solve_gaussian_moment(reading: Reading) -> Solution | None:
    """`E[X | X + N = y]`, `Var(X | Y)`, `E[X | Y = y, Z = z]`."""
    term = reading.expanded
    if term.head != "probability" or len(term.args) != 1 or term.args[0].head != "given":
        return None
    model = build(reading)
    wanted, *conditions = term.args[0].args
    asked = _asked(model, conditions)
    form = _value(wanted, model)
    if asked is None or asked.plain or form is None:
        return None
    found = _system(model, (form, *asked.forms))
    if found is None or not _random(found, form) or _twins(found, form, asked):
        return None
    law = found.given(form, asked.forms, asked.values)
    if law is None:
        return None
    journal = Journal(reading.term)
    condition_step(journal, found, (form, wanted), asked.forms, asked.values, asked.shown)
    value = law.variance if term.data == "Var" else law.mean
    back = {v: f for f, v, c in zip(asked.forms, asked.values, asked.shown, strict=True) if c not in _listed(conditions)}
    rule = LAW_VARIANCE if term.data == "Var" else LAW_MEAN
    claim = Claim("equal", value.xreplace(back), _by_elimination(found, form, asked, spread=term.data == "Var").xreplace(back))
    value = value.xreplace(back)
    journal.add(step(rule, reading.term, value, claim=claim))
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)


def solve_gaussian_law(reading: Reading) -> Solution | None:
    """`p(X | X + N = y)`, `X | X + Y = s`: a Normal law."""
    model = build(reading)
    term = reading.expanded
    asked_for = question(term)
    if len(asked_for.unknowns) != 1 or not asked_for.given:
        return None
    asked = _asked(model, asked_for.given)
    form = _value(asked_for.unknowns[0], model)
    if asked is None or asked.plain or form is None or not _latent_is_declared(model, asked):
        return None
    found = _system(model, (form, *asked.forms))
    if found is None or not _random(found, form):
        return None
    law = found.given(form, asked.forms, asked.values)
    if law is None:
        return None
    journal = Journal(reading.term)
    answer = condition_step(journal, found, (form, asked_for.unknowns[0]), asked.forms, asked.values, asked.shown)
    journal.note(((law.law.family.says,),))
    distribution = law.law
    return Solution(
        derivation(journal, answer, model), answer, dict(distribution.parameters), journal.notes, journal.assumptions, distribution,
        types=model.types,
    )  # fmt: skip


def _latent_is_declared(model: Model, asked: _Asked) -> bool:
    """Whether the question is about sums and joint laws, not about data whose law was given for a parameter (that is inference)."""
    symbols = {s for f in asked.forms for s in f.free_symbols}
    return not any(v.given for v in model.variables.values() if v.symbol in symbols)


def solve_gaussian_event(reading: Reading) -> Solution | None:
    """`P(X > Y)`, `P(a < X + Y < b | Z = z)`, `P(X > 0, Y > 0)`."""
    query = query_of(reading.expanded)
    if query is None:
        return None
    model = build(reading)
    event, given = query
    conditions = () if given is None else (given.args if given.head in ("list", "and") else (given,))
    asked = _asked(model, conditions)
    if asked is None:
        return None
    parts = event.args if event.head in ("list", "and") else (event,)
    if len(parts) == 2 and not asked.forms:
        return _quadrant(reading, model, parts)
    if len(parts) != 1 or event.head not in ("rel", "chain"):
        return None
    bounds = _bounds(event, model)
    if bounds is None:
        return None
    form, low, high = bounds
    found = _system(model, (form, *asked.forms))
    if found is None or not _random(found, form) or (form in found.means and not asked.forms):
        return None
    law = found.given(form, asked.forms, asked.values)
    if law is None or law.variance == 0:
        return None
    journal = Journal(reading.term)
    shown = from_sympy(form, model.types)
    condition_step(journal, found, (form, shown), asked.forms, asked.values, asked.shown)
    value = _between(law, low, high)
    x = sp.Dummy("x", real=True)
    density = exp(law.law.family.log_density(x, *law.law.values))
    claim = Claim("equal", value, sp.Integral(density, (x, low, high)))
    rule = STANDARDISE if -sp.oo in (low, high) or sp.oo in (low, high) else DIFFERENCE_OF_CDF
    journal.add(step(rule, reading.term, value, claim=claim))
    journal.note(((law.law.family.says,),))
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)


# ── reading the question ─────────────────────────────────────────────────────────────────────────────────────────────


def _value(term: Term, model: Model) -> Any | None:
    if term.head in ("vector", "list", "tuple", "rel"):
        return None
    try:
        value = to_sympy(term, model.types)
    except DeriveError:
        return None
    return value if isinstance(value, sp.Expr) else None


def _listed(conditions: Sequence[Term]) -> list[Term]:
    return [t for c in conditions for t in (c.args if c.head in ("list", "and", "tuple") else (c,))]


def _asked(model: Model, conditions: Sequence[Term]) -> _Asked | None:
    flat = _listed(conditions)
    forms: list[Any] = []
    values: list[Any] = []
    shown: list[Term] = []
    plain = len(flat) == 1
    for condition in flat:
        if condition.head == "rel":
            if condition.data != "=":
                return None
            left, right = (_value(a, model) for a in condition.args)
            if left is None or right is None or any(v.symbol in right.free_symbols for v in model.variables.values()):
                return None
        else:
            left = _value(condition, model)
            if left is None:
                return None
            right = left
        plain = plain and (condition.args[0] if condition.head == "rel" else condition).head == "name"
        written = condition
        if right is left and not left.is_Symbol:
            name = _unused(model, len(shown))
            written, right = Term("rel", (condition, name), "="), to_sympy(name, model.types)
        shown.append(written)
        forms.append(left)
        values.append(right)
    return _Asked(tuple(forms), tuple(values), tuple(shown), plain)


def _unused(model: Model, place: int) -> Term:
    """A name for the value of what is given without one."""
    taken = {n.base for n in (*model.types, *model.variables, *model.defined)}
    base = next(b for b in (*"cdvwr", "value") if b not in taken)
    return Term("name", (), Name(base, sub=str(place) if place else ""))


def _system(model: Model, forms: Sequence[Any]) -> Gaussians | None:
    found = gaussians(model, forms)
    if found is None or any(found.opened(f) is None for f in forms):
        return None
    return found


def _random(found: Gaussians, form: Any) -> bool:
    opened = found.opened(form)
    return opened is not None and bool(opened.free_symbols & set(found.means))


def _twins(found: Gaussians, form: Any, asked: _Asked) -> bool:
    """Whether symmetry settles it: E[X | X + Y] of independent X and Y with one law."""
    if len(asked.forms) != 1 or found.opened(form) != form or form not in found.means:
        return False
    members = asked.forms[0].args if asked.forms[0].is_Add else ()
    laws = {(found.means.get(m), found.covariances.get(frozenset((m,)))) for m in members}
    return form in members and len(laws) == 1 and all(m in found.means for m in members)


def _bounds(event: Term, model: Model) -> tuple[Any, Any, Any] | None:
    """The linear form and the interval that it is asked to be in."""
    sides = [v for v in (_value(a, model) for a in event.args) if v is not None]
    if len(sides) != len(event.args):
        return None
    random = {v.symbol for v in model.variables.values()}
    if event.head == "rel":
        if event.data not in _ORDER:
            return None
        left, right = sides
        low_form, constant = sp.expand(left - right).as_independent(*_members(left - right, model, random), as_Add=True)[::-1]
        return (low_form, -constant, sp.oo) if event.data in (">", ">=") else (low_form, -sp.oo, -constant)
    if len(sides) == 3 and (set(event.data) <= {"<", "<="} or set(event.data) <= {">", ">="}):
        low, form, high = sides if event.data[0] in ("<", "<=") else reversed(sides)
        if low.free_symbols & random or high.free_symbols & random:
            return None
        return form, low, high
    return None


def _members(expression: Any, model: Model, random: set[Any]) -> list[Any]:
    return [s for s in expression.free_symbols if s in random or (isinstance(s, sp.Symbol) and model.is_random(Name.from_key(s.name)))]


# ── steps ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def condition_step(
    journal: Journal, found: Gaussians, target: tuple[Any, Term], forms: Sequence[Any], values: Sequence[Any], shown: Sequence[Term],
) -> Term:  # fmt: skip
    """Writes the law of the form down, step by step; the last statement is given back."""
    form, name = target
    for part, written in ((form, name), *((f, s.args[0] if s.head == "rel" else s) for f, s in zip(forms, shown, strict=True))):
        law = Moments(found.mean(part), found.covariance(part, part)).law
        if part.is_Symbol and not forms:
            continue
        journal.add(
            step(
                LINEAR_COMBINATION, written, follows(written, law), "⇒", claim=Claim("distributed", written, law),
                assumptions=found.assumptions,
            )
        )  # fmt: skip
    if not forms:
        return follows(name, Moments(found.mean(form), found.covariance(form, form)).law)
    law_given = found.given(form, forms, values)
    assert law_given is not None
    law = law_given.law
    subject = Term("given", (name, shown[0] if len(shown) == 1 else Term("list", tuple(shown))))
    answer = follows(subject, law)
    because: list[Any] = []
    for known, term in zip(forms, shown, strict=True):
        pair = Term("probability", (name, term.args[0] if term.head == "rel" else term), "Cov")
        because += [", " if because else "with ", Term("rel", (pair, from_sympy(found.covariance(form, known))), "=")]
    journal.add(step(GAUSSIAN_CONDITIONAL, subject, answer, "⇒", tuple(because), claim=_exponent(found, form, forms, values, law)))
    return answer


def _exponent(found: Gaussians, form: Any, forms: Sequence[Any], values: Sequence[Any], law: Distribution) -> Claim:
    """The joint density at the values is proportional to the conditional one."""
    x = sp.Dummy("x", real=True)
    everything = (form, *forms)
    joint = sp.Matrix([[found.covariance(a, b) for b in everything] for a in everything])
    if sp.simplify(joint.det()).is_zero:
        raise NotSupported("a law given a form that already determines it")
    gaps = [v - found.mean(f) for f, v in zip(forms, values, strict=True)]
    vector = sp.Matrix([x - found.mean(form), *gaps])
    exponent = -(vector.T * joint.inv() * vector)[0, 0] / 2
    return Claim("proportional", exp(exponent), exp(law.family.log_density(x, *law.values)), (x,))


def _phi(place: Any) -> Any:
    """Φ with a tidy argument; 1/2 at 0."""
    place = sp.factor_terms(place)
    return sp.S.Half if place.is_zero else normal_cdf(place)


def _by_elimination(found: Gaussians, form: Any, asked: _Asked, *, spread: bool) -> Any:
    """The best linear prediction by solving the normal equations, and its mean squared error: the same numbers another way."""
    unknown = sp.symbols(f"w:{len(asked.forms)}", cls=sp.Dummy)
    equations = [
        sp.Add(*(w * found.covariance(a, b) for w, b in zip(unknown, asked.forms, strict=True))) - found.covariance(form, a)
        for a in asked.forms
    ]
    solved = sp.solve(equations, unknown, dict=True)[0]
    residual = form - sp.Add(*(solved[w] * f for w, f in zip(unknown, asked.forms, strict=True)))
    if spread:
        return found.covariance(residual, residual)
    at = [solved[w] * v for w, v in zip(unknown, asked.values, strict=True)]
    return found.mean(residual) + sp.Add(*at)


def _between(law: Moments, low: Any, high: Any) -> Any:
    deviation = sp.sqrt(law.variance)
    deviation = sp.powdenest(deviation, force=False)

    def at(bound: Any) -> Any:
        return _phi((bound - law.mean) / deviation)

    if low == -sp.oo:
        return at(high)
    if high == sp.oo:
        return _phi((law.mean - low) / deviation)
    return at(high) - at(low)


def _quadrant(reading: Reading, model: Model, parts: Sequence[Term]) -> Solution | None:
    """P(U > 0, V > 0) for centred U and V: 1/4 + arcsin(ρ)/(2π)."""
    forms = []
    for part in parts:
        bounds = _bounds(part, model) if part.head == "rel" else None
        if bounds is None:
            return None
        form, low, high = bounds
        forms.append(form - low if high == sp.oo else high - form)
    found = _system(model, forms)
    if found is None or any(not _random(found, f) or found.mean(f) != 0 for f in forms):
        return None
    first, second = (found.covariance(f, f) for f in forms)
    shared = found.covariance(*forms)
    if shared == 0 or sp.simplify(shared**2 - first * second) == 0:
        return None
    rho = sp.factor_terms(shared / sp.sqrt(first * second))
    value = sp.Rational(1, 4) + sp.asin(rho) / (2 * sp.pi)
    journal = Journal(reading.term)
    pair = Term("probability", tuple(from_sympy(f, model.types) for f in forms), "Corr")
    because: Prose = ("with ", Term("rel", (pair, from_sympy(rho)), "="), ", both with mean 0")
    x = sp.Dummy("x", positive=True)
    # P(U > 0, V > 0) = ∫₀^∞ φ(x) Φ(ρx/√(1 − ρ²)) dx for the standardised pair
    whole = sp.Integral(exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi) * normal_cdf(rho * x / sp.sqrt(1 - rho**2)), (x, 0, sp.oo))
    journal.add(step(ORTHANT, reading.term, value, because=because, claim=Claim("equal", value, whole), assumptions=found.assumptions))
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)
