"""The checks of a derivation about random variables: every step in experiments, by what does not know the rules.

In: a derivation whose steps hold SymPy expressions or terms with E[…], Var, P(…) and such, claims, and the model. Out: the same derivation
with a `Check` in every step. A step without anything random is checked as any other.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy.logic.boolalg import Boolean

from derive.checking.chance.claims import check_claim
from derive.checking.chance.laboratory import Laboratory, parts_of
from derive.checking.chance.terms import Reader
from derive.checking.expressions import check_equal, worst
from derive.checking.frame import Unevaluable
from derive.derivation import Check, Claim, Derivation, Prose, Step
from derive.errors import DeriveError
from derive.expressions.chance import Chance, Expectation
from derive.expressions.term import Name, Term
from derive.probability.laws import distribution

if TYPE_CHECKING:
    from derive.meaning.scope import Type
    from derive.probability.model import Model

__all__ = ["check_derivation"]

_COMPARISONS = ("<", "<=", ">", ">=", "!=")
_INEQUALITY = re.compile(r"\s*(>|<|≥|≤|≠)\s*(-?\d+)\s*$")
_RELATIONS = ("=", "≤", "≥", "<", ">")


def check_derivation(
    derivation: Derivation,
    model: Model,
    types: Mapping[Name, Type],
    deadline: float | None = None,
    constraints: Sequence[Any] = (),
) -> Derivation:
    """The derivation with a check in every step; `deadline` is a value of `time.monotonic()`."""
    try:
        checker = _Checker(model, types, deadline, constraints)
    except (DeriveError, Unevaluable) as problem:
        return _marked(derivation, Check("unverified", reason=f"no experiments with this model: {problem}"))
    return checker.whole(replace(derivation, steps=tuple(checker.checked(step) for step in derivation.steps)))


def _marked(derivation: Derivation, check: Check) -> Derivation:
    def mark(step: Step) -> Step:
        return replace(step, check=check, steps=tuple(map(mark, step.steps)))

    return replace(derivation, steps=tuple(map(mark, derivation.steps)))


class _Checker:
    """One derivation under check."""

    def __init__(self, model: Model, types: Mapping[Name, Type], deadline: float | None, constraints: Sequence[Any]) -> None:
        self.deadline = deadline
        self.model = model
        self.types = types
        self.inner: dict[int, _Checker] = {}
        self.laboratory = Laboratory(model, types, deadline)
        self.structure = self.laboratory.structure
        self.reader = Reader(self.structure)
        self.laboratory.reader = self.reader
        self.constraints = constraints

    def checked(self, step: Step) -> Step:
        """The step and all below it with their checks; a step with a model of its own is checked in experiments of its own."""
        if step.model is not None and step.model is not self.model:
            return self._within(step.model).checked(step)
        return replace(step, check=self._check(step), steps=tuple(map(self.checked, step.steps)))

    def _within(self, model: Model) -> _Checker:
        """The checker of another model; one a model."""
        found = self.inner.get(id(model))
        if found is None:
            found = self.inner[id(model)] = _Checker(model, {**self.types, **model.types}, self.deadline, self.constraints)
        return found

    def whole(self, derivation: Derivation) -> Derivation:
        """The answer against the question, over all steps at once: where they differ in the model, the last step says so."""
        steps = derivation.steps
        if len(steps) < 2 or any(s.relation != "=" or s.check is None or s.check.status == "failed" for s in steps):
            return derivation
        chained = all(a.after == b.before for a, b in zip(steps, steps[1:], strict=False))
        for question in (derivation.start, steps[0].before) if chained else (derivation.start,):
            try:
                left, right = self.reader.read(question), self.reader.read(derivation.answer)
            except (DeriveError, Unevaluable):
                continue
            if not self.reader.is_random(left, right) or parts_of(left) is not None or parts_of(right) is not None:
                continue
            check = self._scalars(left, right, "=")
            if check.status == "failed":
                return replace(derivation, steps=(*steps[:-1], replace(steps[-1], check=check)))
            break
        return derivation

    def _check(self, step: Step) -> Check:
        if self.deadline is not None and time.monotonic() > self.deadline:
            return Check("unverified", reason="the time limit was met")
        try:
            self.laboratory.conditions = conditions_of(step.assumptions)
            if step.claim is None:
                return self._law(step.after) or self._sides(step)
            check = check_claim(step.claim, self.laboratory, self.reader)
            return check if check.status == "failed" else self._shown(step, check)
        except DeriveError as problem:
            return Check("unverified", reason=f"no numbers for it: {problem.message}")
        except Unevaluable as problem:
            return Check("unverified", reason=f"no numbers for it: {problem}")
        except RecursionError:
            return Check("unverified", reason="an expression nested too deeply to be evaluated")

    def _shown(self, step: Step, check: Check) -> Check:
        """The check of the claim, unless what is shown beside it is wrong in the model."""
        try:
            over = step.claim.over if step.claim is not None else ()
            if step.relation == "∝":
                shown = self._proportion(step, over)
            else:
                known = self._law(step.after)
                shown = known or (self._sides(step) if check.status == "unverified" else check)
        except (DeriveError, Unevaluable):
            return check
        if shown.status == "failed":
            return shown
        return shown if check.status == "unverified" and shown.status != "unverified" else check

    def _proportion(self, step: Step, over: tuple[Any, ...]) -> Check:
        """p(θ | x) ∝ …: in the model, as functions of what the claim is about."""
        left, right = self.reader.read(step.before), self.reader.read(step.after)
        if not over or not self.reader.is_random(left, right):
            return Check("unverified", reason="a proportion without random quantities")
        return check_claim(Claim("proportional", left, right, over), self.laboratory, self.reader)

    def _law(self, side: Any) -> Check | None:
        """θ | x ~ Beta(a + k, b + n − k) as a statement about the model; None for any other side."""
        if not (isinstance(side, Term) and side.head == "rel" and side.data == "~" and side.args[1].head == "dist"):
            return None
        law = distribution(side.args[1], self.structure.types)
        return check_claim(Claim("distributed", side.args[0], law), self.laboratory, self.reader)

    def _sides(self, step: Step) -> Check:
        """The rewritten part; the whole where the part by itself has no numbers."""
        if step.part is not None and step.part != (step.before, step.after):
            check = self._pair(*step.part, step.relation)
            if check.status != "unverified":
                return check
        return self._pair(step.before, step.after, step.relation)

    def _pair(self, before: Any, after: Any, relation: str) -> Check:
        if isinstance(before, Term) and isinstance(after, Term) and relation == "=" and self.reader.has_vectors(before, after):
            return self.laboratory.vectors.compare(before, after)
        try:
            left, right = self.reader.read(before), self.reader.read(after)
        except (DeriveError, Unevaluable) as problem:
            return Check("unverified", reason=f"no numbers for it: {problem}")
        first, second = parts_of(left), parts_of(right)
        if first is not None and second is not None:
            if len(first) != len(second):
                return Check("unverified", reason="the two sides have different shapes")
            return worst(self._scalars(a, b, relation) for a, b in zip(first, second, strict=True))
        return self._scalars(left, right, relation)

    def _scalars(self, left: Any, right: Any, relation: str) -> Check:
        if not self.reader.is_random(left, right):
            return check_equal(left, right, self.structure.types, relation, self.constraints)
        if any(isinstance(side, Boolean) and not isinstance(side, sp.Symbol) for side in (left, right)):
            return Check("unverified", reason="a statement about random variables that is not compared as numbers")
        if left == right and relation in ("=", "≤", "≥"):
            return Check("exact", "exact arithmetic")
        tested = _test_functions(left, right) if relation == "=" else ()
        if tested:  # what E[X | S] is: a function of S with E[E[X | S] g(S)] = E[X g(S)]
            return worst(self.laboratory.compare(a, b, "=") for a, b in tested)
        if relation not in _RELATIONS:
            return Check("unverified", reason=f"the relation {relation} between random quantities is not checked without a claim")
        return self.laboratory.compare(left, right, relation)


def _test_functions(left: Any, right: Any) -> tuple[tuple[Any, Any], ...]:
    """What E[X | S] = f(S), for S an expression such as X + Y, says of expectations; nothing for sides of another form."""
    if not isinstance(left, Expectation) or isinstance(right, Chance) or len(left.conditions) != 1:
        return ()
    (given,) = left.conditions
    if not isinstance(given, (sp.Add, sp.Mul, sp.Pow)):
        return ()
    waves = (sp.cos(given), sp.sin(given / 2), sp.exp(-((given - 1) ** 2)))
    return tuple((Expectation.of(left.operands[0] * g), Expectation.of(right * g)) for g in waves)


def conditions_of(assumptions: Iterable[Prose]) -> tuple[Any, ...]:
    """The assumptions that are inequalities, (t, " > 0") or a relation, over SymPy: experiments that violate them say nothing."""
    found: list[Any] = []
    for prose in assumptions:
        pieces = list(prose)
        for piece, after in zip(pieces, [*pieces[1:], ""], strict=True):
            written = isinstance(piece, Term) and piece.head == "rel" and piece.data in _COMPARISONS and len(piece.args) == 2
            if isinstance(piece, sp.Rel) or written:
                found.append(piece)
            elif isinstance(piece, (sp.Expr, Term)) and isinstance(after, str) and (match := _INEQUALITY.match(after)):
                found.append((piece, match.group(1), int(match.group(2))))
    return tuple(found)
