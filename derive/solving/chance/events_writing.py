"""Steps of a proof about events: each rule with its instance, then the numbers; as a teacher writes it.

In: a Proof over sets of cells. Out: steps whose sides are terms with P(…), and the value, exact. Short proofs state all formulas first and
insert once; long ones give every intermediate result its value.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from derive.derivation import Claim, Prose, Rule, Step
from derive.errors import DoesNotExist
from derive.expressions.from_sympy import from_sympy
from derive.expressions.inline import inline
from derive.expressions.term import Term, number
from derive.probability.finite import Problem
from derive.rules import chance_events as rules
from derive.solving.chance.events_search import Formula, Goal, Proof

__all__ = ["Writer", "as_sympy", "as_term", "shortest"]

MOST_INSERTED = 4  # inner results that are inserted at once
_VALUED = (rules.COMPLEMENT, rules.IRRELEVANT)


def as_sympy(value: Any) -> Any:
    """A Fraction as a SymPy rational; anything else as it is."""
    return sp.Rational(value.numerator, value.denominator) if isinstance(value, Fraction) else value


def as_term(value: Any) -> Term:
    """A value as it is printed."""
    return number(value) if isinstance(value, Fraction) else from_sympy(value)


def shortest(value: Any) -> Any:
    """A rational function of symbols in its shortest form, as it stands where no form is shorter."""
    if isinstance(value, Fraction) or not value.free_symbols:
        return value
    forms = [value]
    if value.is_rational_function(*value.free_symbols):
        for form in (sp.cancel(value), sp.factor(value)):
            top, bottom = form.as_numer_denom()
            forms += [form, _signed(top) / _signed(bottom)]
            if bottom.could_extract_minus_sign():
                forms.append(_signed(-top) / _signed(-bottom))
    return min(forms, key=lambda f: (sp.count_ops(f, visual=False), len(str(f))))


def _signed(product: Any) -> Any:
    """−a (b − c) as a (c − b)."""
    coefficient, rest = product.as_coeff_Mul()
    if not coefficient.is_negative:
        return product
    for factor in sp.Mul.make_args(rest):
        if factor.is_Add and any(t.could_extract_minus_sign() for t in factor.args):
            return -coefficient * (rest / factor) * -factor
    return product


class Writer:
    """Terms, values and steps for the goals of one problem."""

    def __init__(self, problem: Problem, said: Mapping[Goal, Term]) -> None:
        self.problem = problem
        self.space = problem.space
        self.said = dict(said)
        self.steps: list[Step] = []
        self._values: dict[Goal, Any] = {}
        self._numeric = all(isinstance(v, Fraction) for v in problem.values())

    # ── terms ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def chance(self, goal: Goal) -> Term:
        """P(event | given) as it is written."""
        if goal not in self.said:
            event, given = goal
            left = self._statement(event, given)
            right = self.space.statement(given)
            inside = _side(left, conjunction=True)
            if right:
                inside = Term("given", (inside, _side(right, conjunction=False)))
            self.said[goal] = Term("probability", inside.args if inside.head == "list" else (inside,), "P")
        return self.said[goal]

    def _statement(self, event: int, given: int) -> tuple[Term, ...]:
        """The event without what the condition says already."""
        space = self.space
        condition, inside = space.fixed(given), space.fixed(event)
        if condition is not None and inside is not None:
            return space.statement(space.of_values({p: v for p, v in inside.items() if condition.get(p) != v}))
        outside = space.fixed(given & ~event)
        if condition is not None and outside is not None:
            return space.statement(space.all & ~space.of_values({p: v for p, v in outside.items() if condition.get(p) != v}))
        return space.statement(event)

    def term(self, formula: Formula) -> Term:
        """A formula over probabilities."""
        return self._built(formula, self.chance)

    def inserted(self, proof: Proof) -> Term:
        """The formula of a proof with the known numbers in it; what follows at once stands as its value."""
        inner = {c.goal: c for c in proof.children}

        def put(goal: Goal) -> Term:
            child = inner.get(goal)
            if child is None or not child.children or child.rule in _VALUED:
                return self._stated(goal, child)
            return self.inserted(child)

        return self._built(proof.formula, put)

    def _stated(self, goal: Goal, child: Proof | None) -> Term:
        """A fact's value as it was written, in lowest terms."""
        value = self.value(child) if child is not None else self._values[goal]
        if child is not None and child.fact is not None and not isinstance(value, Fraction):
            written = child.fact.term.args[1]
            if not written.has("constant", "probability", "dots", "word"):
                return written
        return as_term(value)

    def _built(self, formula: Formula, leaf: Any) -> Term:
        head = formula[0]
        if head == "P":
            found: Term = leaf((formula[1], formula[2]))
            return found
        if head in ("1", "0"):
            return number(int(head))
        parts = [self._built(f, leaf) for f in formula[1:]]
        if head == "+":
            flat = [a for p in parts for a in (p.args if p.head == "add" else (p,))]
            return Term("add", tuple(flat))
        if head == "-":
            first, second = parts
            lead = first.args if first.head == "add" else (first,)
            return Term("add", (*lead, Term("neg", (second,))))
        if head == "*":
            flat = [a for p in parts for a in (p.args if p.head == "mul" else (p,))]
            dotted = any(_is_number(a) for a in flat)
            return Term("mul", tuple(flat), "*" if dotted else None)
        return Term("div", tuple(parts))

    # ── values ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def value(self, proof: Proof) -> Any:
        """The value of what a proof proves: a Fraction, or a SymPy expression."""
        if proof.goal not in self._values:
            for child in proof.children:
                self.value(child)
            if proof.fact is not None:
                self._values[proof.goal] = proof.fact.value
            else:
                self._values[proof.goal] = self._evaluated(proof.formula)
        return self._values[proof.goal]

    def _evaluated(self, formula: Formula) -> Any:
        head = formula[0]
        if head == "P":
            return self._values[formula[1], formula[2]]
        if head in ("1", "0"):
            return Fraction(int(head))
        parts = [self._evaluated(f) for f in formula[1:]]
        if not all(isinstance(p, Fraction) for p in parts):
            parts = [as_sympy(p) for p in parts]
        if head == "+":
            return _back(sum(parts[1:], parts[0]))
        if head == "-":
            return _back(parts[0] - parts[1])
        if head == "*":
            result = parts[0]
            for part in parts[1:]:
                result = result * part
            return _back(result)
        if parts[1] == 0:
            shown = inline(self._built(formula[2], self.chance))
            raise DoesNotExist(f"{shown} = 0: nothing can be conditioned on what has probability 0")
        return _back(parts[0] / parts[1])

    # ── steps ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def write(self, proof: Proof) -> Any:
        """The steps of a proof, and its value in the shortest form."""
        value = self.value(proof)
        target = self.chance(proof.goal)
        if not proof.children and proof.fact is None:
            self.add(rules.FACT, target, as_term(value), ("what is given settles it",))
            return value
        if proof.fact is not None:
            self.add(rules.FACT, target, as_term(value))
            return value
        inner = _inner(proof)
        told: set[Goal] = {proof.goal}
        only = not inner and len(proof.children) <= 2
        self._formula(proof, valued=False)
        if len(inner) <= MOST_INSERTED:
            self._before(proof, told)
        else:
            self._after(proof, told)
        inserted = self.inserted(proof) if len(inner) <= MOST_INSERTED or only else self._shallow(proof)
        self._insert(target, inserted, value, proof)
        return shortest(value)

    def _before(self, proof: Proof, told: set[Goal]) -> None:
        for child in proof.children:
            if child.children and child.goal not in told:
                told.add(child.goal)
                self._formula(child, valued=not _inner(child))
                self._before(child, told)

    def _after(self, proof: Proof, told: set[Goal]) -> None:
        for child in proof.children:
            if child.children and child.goal not in told:
                told.add(child.goal)
                self._after(child, told)
                self._formula(child, valued=True, long=True)

    def _formula(self, proof: Proof, *, valued: bool, long: bool = False) -> None:
        before, formula = self.chance(proof.goal), self.term(proof.formula)
        value = self.value(proof)
        after = formula
        assumptions: tuple[Prose, ...] = tuple((said, " (declared)") for said in proof.assumes)
        if valued and isinstance(value, Fraction):
            after = Term("chain", (formula, as_term(value)), ("=",))
        elif valued and (proof.rule is rules.COMPLEMENT or long):
            inserted = self.inserted(proof) if not long else as_term(shortest(value))
            after = Term("chain", (formula, inserted), ("=",)) if inserted != formula else formula
        self.add(proof.rule, before, after, (), assumptions)

    def _shallow(self, proof: Proof) -> Term:
        """The formula with the value of each of its probabilities."""
        return self._built(proof.formula, lambda goal: as_term(shortest(self._values[goal])))

    def _insert(self, target: Term, inserted: Term, value: Any, proof: Proof) -> None:
        claim = Claim("equal", target, as_term(value))
        if isinstance(value, Fraction):
            result = as_term(value)
            if inserted == result:
                self.add(rules.INSERT, target, result, claim=claim)
            else:
                self.add(rules.INSERT, inserted, result, claim=claim)
            return
        self.add(rules.INSERT, target, inserted, claim=claim)
        short = shortest(value)
        if short != value or self._mixed(inserted):
            self.add(rules.SIMPLIFY, inserted, as_term(short), claim=Claim("equal", target, as_term(short)))

    @staticmethod
    def _mixed(term: Term) -> bool:
        """Whether numbers that can be worked out stand among the symbols."""
        return sum(1 for n in term.walk() if n.head == "div" and all(a.head == "number" for a in n.args)) > 1

    def add(
        self,
        rule: Rule,
        before: Term,
        after: Term,
        because: Prose = (),
        assumptions: tuple[Prose, ...] = (),
        claim: Claim | None = None,
    ) -> None:
        """Writes a step down."""
        formula = rule.formula if rule not in (rules.INSERT, rules.FACT, rules.SIMPLIFY) else ""
        self.steps.append(Step(rule.id, rule.title, before, after, because=because, formula=formula, assumptions=assumptions, claim=claim))


def _inner(proof: Proof) -> list[Proof]:
    """The results between the facts and the goal, each once."""
    found: dict[Goal, Proof] = {}
    stack = list(proof.children)
    while stack:
        child = stack.pop()
        if child.children and child.goal not in found:
            found[child.goal] = child
            stack.extend(child.children)
    return list(found.values())


def _side(statements: tuple[Term, ...], *, conjunction: bool) -> Term:
    if not statements:
        return Term("word", (), "Ω")
    if len(statements) == 1:
        return statements[0]
    bare = all(s.head in ("name", "not", "word") for s in statements)
    return Term("and" if conjunction and bare else "list", statements)


def _is_number(term: Term) -> bool:
    return term.head == "number" or (term.head in ("div", "neg", "add", "mul") and all(_is_number(a) for a in term.args))


def _back(value: Any) -> Any:
    if isinstance(value, Fraction):
        return value
    value = sp.sympify(value)
    return Fraction(int(value.p), int(value.q)) if value.is_Rational else value
