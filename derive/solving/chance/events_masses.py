"""The probability of a region under one law: by the distribution function, or by summing masses.

In: a law, the variable as a term, an event. Out: the value, with steps. Ends are compared with the support; what that takes for granted
is said.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from derive.derivation import Prose, Rule, Step
from derive.errors import NotSupported
from derive.expressions import nodes
from derive.expressions.distribution_functions import beta_cdf, gamma_cdf, gamma_tail, student_cdf
from derive.expressions.from_sympy import from_sympy
from derive.expressions.term import Term, number
from derive.probability.family import Distribution
from derive.rules import chance_events as rules
from derive.solving.chance.events_regions import Piece, Regions
from derive.solving.chance.events_writing import as_term

__all__ = ["Masses", "tidied", "upper_tail"]

MOST_MASSES = 64
MOST_DEGREE = 30
SHOWN_MASSES = 6


def tidied(value: Any) -> Any:
    """The value with exponentials and powers put together, where that is shorter; Φ(0) is 1/2."""
    value = value.replace(lambda e: isinstance(e, nodes.normal_cdf) and e.args[0].is_zero, lambda e: sp.S.Half)
    best = value if _is_settled(value) else _shortest(value)
    return best.replace(
        lambda e: isinstance(e, sp.exp) and e.args[0].is_Add | e.args[0].is_Mul, lambda e: sp.exp(sp.factor_terms(e.args[0], sign=True))
    )


def _shortest(value: Any) -> Any:
    forms = [value, sp.powsimp(value), sp.powsimp(sp.expand_power_exp(value)), sp.cancel(value) if value.is_rational_function() else value]
    forms += [sp.powsimp(sp.powdenest(sp.expand_log(value)), force=False), sp.simplify(value) if sp.count_ops(value) < 40 else value]
    return min(forms, key=sp.count_ops)


def _is_settled(value: Any) -> bool:
    """Whether nothing can be put together: a number, one exponential of a monomial, Φ at numbers, with numbers in front."""
    exponentials = 0
    for term in sp.Add.make_args(value):
        rest = term.as_coeff_Mul()[1]
        if rest is sp.S.One or (isinstance(rest, nodes.normal_cdf) and rest.args[0].is_Rational):
            continue
        if not isinstance(rest, sp.exp) or not all(f.is_Symbol or f.is_Rational for f in sp.Mul.make_args(rest.args[0])):
            return False
        exponentials += 1
    return exponentials <= 1


def distribution_function(law: Distribution, x: Any) -> Any:
    """P(X ≤ x) within the support; a polynomial for Beta laws with whole parameters."""
    assert law.family.cdf is not None
    if law.name == "Beta" and all(v.is_Integer and 0 < v <= MOST_DEGREE for v in law.values):
        a, b = (int(v) for v in law.values)
        terms = [sp.binomial(a + b - 1, j) * x**j * (1 - x) ** (a + b - 1 - j) for j in range(a, a + b)]
        total = sp.Add(*terms)
        return total if total.is_number else sp.factor(sp.expand(total))
    return closed_or_named(sp.sympify(law.family.cdf(x, *law.values)))


def closed_or_named(value: Any) -> Any:
    """Quotients of incomplete gamma functions as the distribution functions that they are."""
    if not value.has(sp.lowergamma, sp.uppergamma):
        return value
    for node in value.atoms(sp.lowergamma, sp.uppergamma):
        shape, at = node.args
        known = gamma_cdf(shape, at) if isinstance(node, sp.lowergamma) else gamma_tail(shape, at)
        value = value.subs(node, known * sp.gamma(shape))
    return value


def upper_tail(law: Distribution, x: Any) -> Any:
    """P(X > x) within the support, in the form that keeps its digits."""
    if law.name == "Normal":
        mean, variance = law.values
        return nodes.normal_cdf((mean - x) / sp.sqrt(variance))
    if law.name == "Lognormal":
        mean, variance = law.values
        return nodes.normal_cdf((mean - sp.log(x)) / sp.sqrt(variance))
    if law.name == "Logistic":
        mean, scale = law.values
        return nodes.sigmoid((mean - x) / scale)
    if law.name in ("Gamma", "ChiSquared"):
        shape, rate = law.values if law.name == "Gamma" else (law.values[0] / 2, sp.Rational(1, 2))
        return closed_or_named(sp.uppergamma(shape, rate * x) / sp.gamma(shape))
    if law.name == "InverseGamma":
        shape, scale = law.values
        return closed_or_named(sp.lowergamma(shape, scale / x) / sp.gamma(shape))
    if law.name == "Beta" and 1 not in law.values and not all(v.is_Integer and 0 < v <= MOST_DEGREE for v in law.values):
        return beta_cdf(law.values[1], law.values[0], 1 - x)
    if law.name == "StudentT":
        nu, mean, scale = law.values
        return student_cdf(nu, (mean - x) / scale)
    if law.family.cdf is None:
        raise NotSupported(f"the distribution function of {law.name} has no closed form here")
    value = distribution_function(law, x)
    if isinstance(value, sp.Piecewise):
        return sp.Piecewise(*((1 - branch, condition) for branch, condition in value.args))
    return 1 - value


def exact(value: Any) -> Any:
    """A rational number as a Fraction."""
    return Fraction(int(value.p), int(value.q)) if value.is_Rational else value


class Masses:
    """P(X ∈ A) for one law."""

    def __init__(self, law: Distribution, name: Term, regions: Regions) -> None:
        self.law = law
        self.name = name
        self.regions = regions
        support = law.family.support(*law.values)
        if support.kind not in ("interval", "integers", "categories"):
            raise NotSupported(f"probabilities of {law.name}")
        self.low, self.high = support.lower, support.upper
        self.discrete = law.family.discrete
        self.steps: list[Step] = []

    def of(self, event: Term, shown: Term) -> Any:
        """P(event), with its steps."""
        pieces = [p for piece in self.regions.of(event) for p in [self._within(piece)] if p is not None]
        if not pieces:
            self._add(rules.IMPOSSIBLE, shown, number(0))
            return sp.S.Zero
        return self._discrete(pieces, shown) if self.discrete else self._continuous(pieces, shown)

    def _within(self, piece: Piece) -> Piece | None:
        """The part of a piece that is within the support."""
        low, high, with_low, with_high = piece
        if piece.is_point:
            inside = self._reaches(self.low, low) and self._reaches(low, self.high)
            return piece if inside else None
        if self.discrete:
            low = low if with_low or low == -sp.oo else low + 1
            high = high if with_high or high == sp.oo else high - 1
        if low == -sp.oo or (low != self.low and not self._reaches(self.low, low)):
            low = self.low
        if high == sp.oo or (high != self.high and not self._reaches(high, self.high)):
            high = self.high
        if low == high:
            return Piece(low, high, True, True) if self.discrete else None
        return Piece(low, high, True, True) if self._reaches(low, high) else None

    def _reaches(self, a: Any, b: Any) -> bool:
        if self.discrete and a not in (sp.oo, -sp.oo) and b not in (sp.oo, -sp.oo):
            gap = sp.expand(b - a)
            if gap.is_number and gap.is_negative:
                return False
        return self.regions.at_most(a, b)

    # ── continuous ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _continuous(self, pieces: list[Piece], shown: Term) -> Any:
        wide = [p for p in pieces if not p.is_point]
        if not wide:
            self._add(rules.DENSITY, shown, number(0))
            return sp.S.Zero
        if len(wide) == 2 and wide[0].low == self.low and wide[1].high == self.high:
            return self._outside(wide[0].high, wide[1].low, shown)
        total: Any = sp.S.Zero
        parts: list[Term] = []
        for piece in wide:
            found, said = self._between(piece)
            total += found
            parts += said
        formula = parts[0] if len(parts) == 1 else Term("add", tuple(parts))
        value = tidied(sp.sympify(total)) if not sp.sympify(total).has(sp.Piecewise) else total
        self._by_cdf(shown, formula, value)
        return value

    def _outside(self, low: Any, high: Any, shown: Term) -> Any:
        """Two tails; of a symmetric law with equal ones, twice the upper."""
        lower, upper = self._cdf(low), upper_tail(self.law, high)
        value = tidied(lower + upper)
        formula = Term("add", (self._below(low), self._above(high)))
        self._by_cdf(shown, formula, value)
        return value

    def _between(self, piece: Piece) -> tuple[Any, list[Term]]:
        low, high = piece.low, piece.high
        if low == self.low and high == self.high:
            return sp.S.One, [number(1)]
        if high == self.high:
            return upper_tail(self.law, low), [self._above(low)]
        if low == self.low:
            return self._cdf(high), [self._below(high)]
        value = self._cdf(high) - self._cdf(low)
        if self.law.name == "Normal" and sp.expand(high + low - 2 * self.law.values[0]) == 0:
            value = 2 * self._cdf(high) - 1
        return value, [self._below(high), Term("neg", (self._below(low),))]

    def _by_cdf(self, shown: Term, formula: Term, value: Any) -> None:
        if shown != formula:
            rule = rules.COMPLEMENT if formula.head == "add" and formula.args[0] == number(1) else rules.DIFFERENCE_OF_CDF
            self._add(rule, shown, formula)
        if value.has(sp.uppergamma, sp.lowergamma, sp.betainc, sp.betainc_regularized):
            raise NotSupported(f"the distribution function of {self.law.name} with these parameters: an incomplete gamma or beta function")
        rule = rules.STANDARDISE if self.law.name in ("Normal", "Lognormal") else rules.DISTRIBUTION_FUNCTION
        self._add(rule, formula, from_sympy(value), self._law())

    def _cdf(self, x: Any) -> Any:
        if self.law.family.cdf is None:
            raise NotSupported(f"the distribution function of {self.law.name} has no closed form here")
        return distribution_function(self.law, x)

    def _below(self, x: Any) -> Term:
        return Term("probability", (Term("rel", (self.name, from_sympy(x)), "<="),), "P")

    def _above(self, x: Any) -> Term:
        return Term("probability", (Term("rel", (self.name, from_sympy(x)), ">"),), "P")

    def _law(self) -> Prose:
        values = tuple(v if isinstance(v, Term) else from_sympy(v) for v in self.law.values)
        return (Term("rel", (self.name, Term("dist", values, self.law.name)), "~"),)

    # ── discrete ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _discrete(self, pieces: list[Piece], shown: Term) -> Any:
        if len(pieces) == 1:
            closed = self._closed(pieces[0], shown)
            if closed is not None:
                return closed
        values = [v for p in pieces for v in self._values(p)] if all(self._is_short(p) for p in pieces) else None
        outside = self._complement(pieces) if values is None or len(values) > 2 else None
        if outside is not None and (values is None or len(outside) < len(values)):
            rest = Term("add", (number(1), *(Term("neg", (self._point(v),)) for v in outside)))
            if len(outside) > SHOWN_MASSES:
                masses = Term("probability", (Term("not", (shown.args[0],)),), "P")
                rest = Term("add", (number(1), Term("neg", (masses,))))
            self._add(rules.COMPLEMENT, shown, rest)
            value = tidied(1 - sp.Add(*(self._mass(v) for v in outside)))
            self._add(rules.MASS, rest, from_sympy(value), self._law())
            return value
        if values is None:
            return self._running(pieces, shown)
        value = tidied(sp.Add(*(self._mass(v) for v in values)))
        if len(values) == 1:
            self._add(rules.POINT, shown, from_sympy(value), self._law())
            return value
        if len(values) <= SHOWN_MASSES:
            masses = Term("add", tuple(self._point(v) for v in values))
            self._add(rules.MASS, shown, masses)
            each = tuple(as_term(exact(self._mass(v))) for v in values)
            spelled = Term("add", each)
            self._add(rules.POINT, masses, spelled, self._law())
            if from_sympy(value) != spelled:
                self._add(rules.ARITHMETIC, spelled, as_term(exact(value)))
            return value
        self._add(rules.MASS, shown, from_sympy(value), self._law())
        return value

    def _closed(self, piece: Piece, shown: Term) -> Any | None:
        """The geometric tail, the share of a discrete uniform law."""
        name, values = self.law.name, self.law.values
        if piece.is_point:
            return None
        value = None
        if name == "Geometric" and piece.high == sp.oo:
            value = (1 - values[0]) ** (piece.low - 1)
        elif name == "Geometric":
            value = (1 - values[0]) ** (piece.low - 1) - (1 - values[0]) ** piece.high
        elif name == "DiscreteUniform":
            value = (piece.high - piece.low + 1) / (values[1] - values[0] + 1)
        if value is None:
            return None
        value = sp.sympify(value)
        self._add(rules.DISTRIBUTION_FUNCTION, shown, from_sympy(value), self._law())
        return value

    def _is_short(self, piece: Piece) -> bool:
        if piece.high == sp.oo or piece.low == -sp.oo:
            return False
        gap = sp.expand(piece.high - piece.low)
        return bool(gap.is_Integer and 0 <= gap < MOST_MASSES)

    def _values(self, piece: Piece) -> list[Any]:
        return [piece.low + k for k in range(int(sp.expand(piece.high - piece.low)) + 1)]

    def _complement(self, pieces: list[Piece]) -> list[Any] | None:
        """The values outside, where they are few; for one piece with an end of the support, or finite supports."""
        ends = [Piece(self.low, p.low - 1, True, True) for p in pieces if p.low != self.low and p.high == self.high]
        ends += [Piece(p.high + 1, self.high, True, True) for p in pieces if p.high != self.high and p.low == self.low]
        if len(pieces) != 1 or len(ends) != 1 or not self._is_short(ends[0]):
            return None
        return self._values(ends[0])

    def _mass(self, value: Any) -> Any:
        density = self.law.family.density
        found = density(value, *self.law.values) if density is not None else sp.exp(self.law.family.log_density(value, *self.law.values))
        return sp.sympify(found)

    def _point(self, value: Any) -> Term:
        return Term("probability", (Term("rel", (self.name, from_sympy(sp.sympify(value))), "="),), "P")

    def _running(self, pieces: list[Piece], shown: Term) -> Any:
        """A sum over a running index, where the ends are symbols."""
        if len(pieces) != 1:
            raise NotSupported("a sum of masses over several ranges with symbols")
        piece = pieces[0]
        taken = {s.name for v in (*self.law.values, piece.low, piece.high) for s in v.free_symbols}
        letter = next(c for c in ("j", "i", "m", "r", "l") if c not in taken)
        index = sp.Symbol(letter, integer=True)
        if piece.high == sp.oo and piece.low != self.low:
            below = sp.Sum(self._mass(index), (index, self.low, piece.low - 1))
            rest = Term("add", (number(1), Term("neg", (self._below(piece.low - 1),))))
            self._add(rules.COMPLEMENT, shown, rest)
            self._add(rules.MASS, rest, from_sympy(1 - below), self._law())
            return 1 - below
        value = sp.Sum(self._mass(index), (index, piece.low, piece.high))
        self._add(rules.MASS, shown, from_sympy(value), self._law())
        return value

    def _add(self, rule: Rule, before: Any, after: Any, because: Prose = ()) -> None:
        self.steps.append(Step(rule.id, rule.title, before, after, because=because, formula=rule.formula))
