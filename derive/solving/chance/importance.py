"""Importance weights: E_q[(p/q) g] = E_p[g], and powers of densities under a law, gathered into one law and a factor.

In: a reading of E_{x ~ q}[…] or Var_{x ~ q}[…] whose body has densities of x. Out: a Solution, or None where there are none. Weights
whose square is not integrable are refused.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import sympy as sp

from derive.derivation import Claim, Prose
from derive.errors import DoesNotExist, NotSupported
from derive.expressions.chance import Expectation
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.family import Distribution
from derive.probability.laws import distribution
from derive.probability.model import Model
from derive.rules.chance_expectation import LAW_MEAN, TIDY, VARIANCE_BY_MOMENTS
from derive.rules.chance_several import CHANGE_OF_MEASURE
from derive.solution import Solution
from derive.solving.chance.densities import match, quotient
from derive.solving.chance.expectation import value_of
from derive.solving.chance.prepared import under
from derive.solving.chance.presentable import presentable
from derive.solving.chance.steps import derivation, step
from derive.solving.journal import Journal

__all__ = ["solve_importance"]


class _Measure(NamedTuple):
    """factor · law: what a product of densities is as a measure, and what has to hold for it."""

    law: Distribution
    factor: Any
    assumed: tuple[Prose, ...] = ()


def solve_importance(reading: Reading) -> Solution | None:
    """The expectation or the variance of a function that holds densities of the variable itself."""
    term = reading.expanded
    if term.head != "probability" or term.data not in ("E", "Var") or not term.args[0].has("probability"):
        return None
    subscript = next((a for a in term.args if a.head == "expect_under"), None)
    if subscript is None or len(term.args) != 2:
        return None
    stripped, model = under(term, build(reading))
    bound = [v for n, v in model.variables.items() if v.law is not None and Term("name", (), n) in _variables(subscript)]
    if len(bound) != 1 or bound[0].law is None:
        return None
    x, law = bound[0].symbol, bound[0].law
    masked, densities = _masked(stripped.args[0], Term("name", (), bound[0].name), model)
    if not densities:
        return None
    body = to_sympy(masked, model.types)
    if not all(isinstance(v, sp.Expr) for d in (law, *densities.values()) for v in d.values):
        return None
    journal = Journal(reading.term)
    work = _Work(model, Term("name", (), bound[0].name), x, law, densities, journal)
    if term.data == "E":
        value = work.mean(body, reading.term)
    else:
        square, plain_body = (
            Term("probability", (b, subscript), "E") for b in (Term("pow", (term.args[0], Term("number", (), "2"))), term.args[0])
        )
        difference = Term("add", (square, Term("neg", (Term("pow", (plain_body, Term("number", (), "2"))),))))
        rule = VARIANCE_BY_MOMENTS
        second, first = work.mean(body**2, square), work.mean(body, plain_body)
        value = presentable(second - first**2)
        claim = Claim("equal", value, second - first**2)
        journal.add(step(rule, reading.term, value, because=("E[X²] − E[X]², ", difference), claim=claim))
    journal.note(((law.family.says,),))
    return Solution(derivation(journal, value, model), value, {}, journal.notes, journal.assumptions, types=model.types)


def _variables(subscript: Term) -> set[Term]:
    found = {subscript.args[0]}
    if subscript.args[0].head == "probability":
        found.add(subscript.args[0].args[0])
    return found


def _masked(body: Term, variable: Term, model: Model) -> tuple[Term, dict[Any, Distribution]]:
    """The body with a symbol in the place of each density of the variable, and the laws of these."""
    found: dict[Term, Name] = {}

    def change(node: Term) -> Term:
        if node.head != "probability" or node.data != "p" or node.args[0] != variable or node.args[-1].head != "dist":
            return node
        name = found.setdefault(node.args[-1], Name(f"density{len(found)}"))
        return Term("name", (), name, node.span)

    masked = body.transform(change)
    return masked, {to_sympy(Term("name", (), n), {}): distribution(t, model.types) for t, n in found.items()}


class _Work(NamedTuple):
    """One question under way."""

    model: Model
    name: Term
    x: Any
    law: Distribution
    densities: dict[Any, Distribution]
    journal: Journal

    def mean(self, body: Any, shown: Term) -> Any:
        """E_q[body], a step for each change of measure."""
        total = sp.S.Zero
        terms = sp.Add.make_args(sp.expand(body))
        changed: list[tuple[Any, _Measure]] = []
        for one in terms:
            powers: dict[Any, Any] = {}
            rest = sp.S.One
            for factor in sp.Mul.make_args(one):
                base, exponent = factor.as_base_exp()
                if base in self.densities:
                    powers[base] = powers.get(base, 0) + exponent
                elif factor.has(*self.densities):
                    raise NotSupported(f"an expectation of a function of densities other than products of powers: {plain(shown)}")
                else:
                    rest *= factor
            changed.append((rest, self._gathered(powers)))
        pieces = []
        for rest, measure in changed:
            under_law = Term("probability", (from_sympy(rest), Term("expect_under", (self.name, _law_term(measure.law)))), "E")
            pieces.append(under_law if measure.factor == 1 else Term("mul", (from_sympy(measure.factor), under_law)))
            value, inner, notes, assumed = self._under(rest, measure.law)
            total += measure.factor * value
            self.journal.assume((*measure.assumed, *assumed))
            self.journal.note(notes)
            claim = Claim("equal", self._integral(rest, measure.law), value)
            self.journal.add(step(LAW_MEAN, under_law, value, claim=claim, steps=inner.steps if inner is not None else ()))
        written = pieces[0] if len(pieces) == 1 else Term("add", tuple(pieces))
        original = sum((rest * self._density(m) for rest, m in changed), sp.S.Zero)
        low, high = self.law.family.support(*self.law.values)[1:3]
        asked = body.xreplace({s: sp.exp(d.family.log_density(self.x, *d.values)) for s, d in self.densities.items()})
        weighted = asked * sp.exp(self.law.family.log_density(self.x, *self.law.values))
        kind = sp.Sum if self.law.family.discrete else sp.Integral
        claim = Claim("equal", kind(weighted, (self.x, low, high)), kind(original, (self.x, low, high)))
        because: Prose = ("the weights turn the law of ", self.name, " into another")
        opening = step(CHANGE_OF_MEASURE, shown, written, because=because, claim=claim)
        self.journal.steps.insert(len(self.journal.steps) - len(pieces), opening)
        value = presentable(total)
        if value != total or len(pieces) > 1 or changed[0][1].factor != 1:
            self.journal.add(step(TIDY, written, value, claim=Claim("equal", total, value)))
        return value

    def _density(self, measure: _Measure) -> Any:
        return measure.factor * sp.exp(measure.law.family.log_density(self.x, *measure.law.values))

    def _integral(self, rest: Any, law: Distribution) -> Any:
        low, high = law.family.support(*law.values)[1:3]
        density = sp.exp(law.family.log_density(self.x, *law.values))
        return (sp.Sum if law.family.discrete else sp.Integral)(rest * density, (self.x, low, high))

    def _under(self, rest: Any, law: Distribution) -> tuple[Any, Any, tuple[Prose, ...], tuple[Prose, ...]]:
        """E[rest] under a law, with its derivation."""
        if not rest.has(self.x):
            return rest, None, (), ()
        variables = dict(self.model.variables)
        variables[self.name.data] = replace(variables[self.name.data], law=law)
        value, inner, notes, assumed = value_of(from_sympy(Expectation(rest)), replace(self.model, variables=variables))
        model = replace(self.model, variables=variables)
        return value, replace(inner, steps=tuple(replace(s, model=model) for s in inner.steps)), notes, assumed

    def _gathered(self, powers: dict[Any, Any]) -> _Measure:
        """Π p_i^(n_i) · q as a factor times one law."""
        powers = {k: v for k, v in powers.items() if v != 0}
        own = [s for s, d in self.densities.items() if d == self.law]
        for q in own:  # q^(-1) q = 1
            if powers.get(q) == -1:
                others = {k: v for k, v in powers.items() if k != q}
                if list(others.values()) == [1]:
                    target = self.densities[next(iter(others))]
                    if _covers(self.law, target):
                        return _Measure(target, sp.S.One)
        if not powers:
            return _Measure(self.law, sp.S.One)
        laws = [self.law, *(self.densities[s] for s in powers)]
        family = self.law.family
        supports = {d.family.support(*d.values) for d in laws}
        if family.exponential is None or len(supports) != 1:
            raise NotSupported("importance weights of laws with different supports")
        statistics = family.exponential.statistics(self.x)
        exponents = [sp.S.One, *powers.values()]
        matched = [match(d.family.log_density(self.x, *d.values), self.x, statistics) for d in laws]
        if any(m is None for m in matched):
            raise NotSupported("importance weights of laws of different families")
        known = [m for m in matched if m is not None]
        total = [sp.Add(*(e * m.coefficients[k] for e, m in zip(exponents, known, strict=True))) for k in range(len(statistics))]
        rest = sp.Add(*(e * m.rest for e, m in zip(exponents, known, strict=True)))
        values = tuple(quotient(v) for v in family.exponential.parameters(*total))
        assumed = self._existing(family.parameters, values)
        law = Distribution(family, dict(zip((p.name for p in family.parameters), values, strict=True)))
        matched_law = match(family.log_density(self.x, *values), self.x, statistics)
        assert matched_law is not None
        factor = presentable(sp.exp(sp.expand_log(rest - matched_law.rest, force=True)))
        return _Measure(law, factor, assumed)

    def _existing(self, parameters: Any, values: tuple[Any, ...]) -> tuple[Prose, ...]:
        """The product of densities is integrable where its parameters are those of a law."""
        found: list[Prose] = []
        for parameter, value in zip(parameters, values, strict=True):
            if parameter.domain not in ("positive", "probability"):
                continue
            if value.is_nonpositive or value.has(sp.zoo, sp.nan, sp.oo):
                raise DoesNotExist(
                    "the expectation of the importance weights does not exist: the product of the densities is not integrable"
                )
            if not value.is_positive:
                found.append((sp.Gt(value, 0), ": otherwise the product of the densities is not integrable"))
        return tuple(found)


def _covers(outer: Distribution, inner: Distribution) -> bool:
    """Whether the support of the one law holds that of the other."""
    a, b = outer.family.support(*outer.values), inner.family.support(*inner.values)
    if a.kind != b.kind:
        return False
    return a == b or bool(sp.Le(a.lower, b.lower) == sp.true and sp.Ge(a.upper, b.upper) == sp.true)


def _law_term(law: Distribution) -> Term:
    return Term("dist", tuple(from_sympy(v) for v in law.values), law.name)
