"""Somebody's own derivation, row by row: what each row claims is compared in numbers with what stands above it.

In: a `check` reading, whose term has one argument a row. Out: `CheckedRows`. A row that begins with a relation goes on from the row above;
an equation of its own follows where every solution of the row above satisfies it. Nothing here knows a rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp

from derive.checking.arrays import check_arrays
from derive.checking.chance.verify import check_derivation
from derive.checking.expressions import check_equal
from derive.checking.implied import check_implied
from derive.checking.ratios import hint_of
from derive.checking.roots import at_roots
from derive.derivation import Check, Derivation, Step
from derive.errors import DeriveError
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading, Type
from derive.probability.build import build
from derive.probability.model import Model
from derive.solution import CheckedRows, RowCheck

__all__ = ["check_rows"]

_ARROWS = {"=>": "⇒", "<=>": "⇔", "implies": "⇒", "iff": "⇔", "Rightarrow": "⇒", "Leftrightarrow": "⇔", "⇒": "⇒", "⇔": "⇔"}
_SIGNS = {"=": "=", ":=": "=", "<=": "≤", ">=": "≥", "<": "<", ">": ">", "propto": "∝", "∝": "∝", "equiv": "=", "approx": "≈", "~=": "≈"}
_STATEMENTS = ("rel", "chain", "or", "and")
_CHANCE = ("probability", "given", "expect_under")
_ARRAY_HEADS = frozenset(
    ("matrix", "transpose", "inverse", "norm", "identity", "hadamard", "gradient", "hessian", "jacobian", "ones", "outer")
)


def check_rows(reading: Reading) -> CheckedRows:
    """The judgement of every row."""
    terms = tuple(_cleaned(t) for t in reading.expanded.args)
    judge = _Judge(reading, terms)
    return CheckedRows(tuple(reading.term.args), tuple(judge.rows()))


def _cleaned(term: Term) -> Term:
    """Blanks that stand for the place of an alignment left out."""

    def change(node: Term) -> Term:
        if node.head != "mul" or not any(a.head == "blank" for a in node.args):
            return node
        kept = tuple(a for a in node.args if a.head != "blank")
        return kept[0] if len(kept) == 1 else Term("mul", kept, node.data, node.span)

    return term.transform(change)


class _Judge:
    """One block under judgement."""

    def __init__(self, reading: Reading, terms: Sequence[Term]) -> None:
        self.terms = terms
        self.types: Mapping[Name, Type] = reading.types
        self.model: Model | None = None
        if any(t.has(*_CHANCE) for t in terms):
            self.model = build(reading)
            self.types = self.model.types
        self.chain = any(_is_continuation(t) and str(t.data) not in _ARROWS for t in terms[1:])

    def rows(self) -> list[RowCheck]:
        """The rows in order."""
        found: list[RowCheck] = []
        last: Term | None = None  # what a continued row goes on from
        equation: Term | None = None  # the last equation
        for line, term in enumerate(self.terms, 1):
            if _is_continuation(term):
                arrow = _ARROWS.get(str(term.data))
                if arrow is not None:
                    found.append(self._implied(line, equation or last, term.args[1], arrow))
                    equation, last = term.args[1], _right(term.args[1])
                    continue
                found.append(self._compared(line, last, term.args[1], str(term.data)))
                last = _right(term.args[1])
            elif term.head in _STATEMENTS:
                if line == 1 and not self.chain and len(self.terms) > 1:
                    found.append(RowCheck(line, "premise"))
                elif line == 1 or (self.chain and equation is None):
                    found.append(self._asserted(line, term))
                else:
                    found.append(self._implied(line, equation, term, "⇒"))
                equation, last = term, _right(term)
            else:
                found.append(RowCheck(line, "start") if line == 1 or last is None else self._compared(line, last, term, "="))
                last = term
        return found

    def _asserted(self, line: int, term: Term) -> RowCheck:
        """An equation, or a chain of them, that stands for itself."""
        sides, signs = (term.args, (term.data,)) if term.head == "rel" else (term.args, term.data)
        row = RowCheck(line, "start")
        for left, right, sign in zip(sides, sides[1:], signs, strict=False):
            row = self._compared(line, left, right, str(sign))
            if row.status != "follows":
                break
        return row

    def _compared(self, line: int, left: Term | None, right: Term, sign: str) -> RowCheck:
        relation = _SIGNS.get(sign)
        if left is None:
            return RowCheck(line, "undecided", Check("unverified", reason="nothing stands above it"))
        if relation is None or relation == "≈":
            return RowCheck(line, "undecided", Check("unverified", reason=f"the relation {sign} is not checked"))
        if right.head in ("rel", "chain"):  # = a = b in one row
            row = self._compared(line, left, right.args[0], sign)
            return row if row.status != "follows" else self._asserted(line, right)
        check = self._check(left, right, relation)
        return self._judged(line, check, left, right)

    def _implied(self, line: int, above: Term | None, below: Term, arrow: str) -> RowCheck:
        if above is None or above.head not in _STATEMENTS or below.head not in _STATEMENTS:
            return RowCheck(line, "undecided", Check("unverified", reason="no equation stands above it"))
        if above.head == below.head == "rel" and (self._has_arrays(above) or self._has_arrays(below)):
            check = check_implied(above, below, self.types)
            if check.status != "failed" and arrow == "⇔":
                check = check_implied(below, above, self.types)
        elif self.model is not None and below.head == "rel":
            check = self._check(_difference(below), Term("number", (), "0"), "=")
        else:
            check = self._equations(above, below, arrow)
        return self._judged(line, check, None, None)

    def _equations(self, above: Term, below: Term, arrow: str) -> Check:
        try:
            left, right = (to_sympy(t, self.types) for t in (above, below))
            if right is sp.true:
                return Check("exact", "exact arithmetic")
            if right is sp.false:
                return Check("failed", "exact arithmetic", counterexample=())
            found = at_roots(left, right)
            if arrow == "⇔" and (found is None or found.status != "failed"):
                back = at_roots(right, left)
                found = back if back is None or back.status == "failed" else found
            return found or check_equal(left, right, self.types, arrow)
        except DeriveError as problem:
            return Check("unverified", reason=f"no numbers for it: {problem.message}")

    def _judged(self, line: int, check: Check, left: Term | None, right: Term | None) -> RowCheck:
        if check.status in ("verified", "exact"):
            return RowCheck(line, "follows", check)
        if check.status == "unverified":
            return RowCheck(line, "undecided", check)
        hint = ""
        if left is not None and right is not None and self.model is None and not self._has_arrays(left) and not self._has_arrays(right):
            hint = hint_of(left, right, self.types)
        return RowCheck(line, "does not follow", check, hint)

    def _check(self, left: Term, right: Term, relation: str) -> Check:
        if self.model is not None:
            return self._in_the_model(left, right, relation)
        if self._has_arrays(left) or self._has_arrays(right):
            return self._of_arrays(left, right, relation)
        return check_equal(left, right, self.types, relation)

    def _in_the_model(self, left: Term, right: Term, relation: str) -> Check:
        assert self.model is not None
        step = Step("", "", left, right, relation)
        checked = check_derivation(Derivation(left, right, (step,), model=self.model), self.model, self.types)
        found = checked.steps[0].check
        return found if found is not None else Check("unverified", reason="no numbers for it")

    def _of_arrays(self, left: Term, right: Term, relation: str) -> Check:
        if relation != "=":
            return Check("unverified", reason=f"the relation {relation} between arrays is not checked")
        if not any(n.head == "name" for t in (left, right) for n in t.walk()):
            return _literal(left, right, self.types)
        types = {n: replace(t, domain="real") if t.domain == "random" else t for n, t in self.types.items()}
        try:
            checked = check_arrays(Derivation(left, right, (Step("", "", left, right),)), types)
        except DeriveError as problem:
            return Check("unverified", reason=f"no numbers for it: {problem.message}")
        found = checked.steps[0].check
        return found if found is not None else Check("unverified", reason="no numbers for it")

    def _has_arrays(self, term: Term) -> bool:
        return any(
            n.head in _ARRAY_HEADS or (n.head == "name" and n.data in self.types and bool(self.types[n.data].shape)) for n in term.walk()
        )


def _is_continuation(term: Term) -> bool:
    return term.head == "rel" and term.args[0].head == "blank"


def _right(term: Term) -> Term:
    """What the next row goes on from: the last side."""
    return term.args[-1] if term.head in ("rel", "chain") else term


def _difference(equation: Term) -> Term:
    return Term("add", (equation.args[0], Term("neg", (equation.args[1],))))


def _literal(left: Term, right: Term, types: Mapping[Name, Type]) -> Check:
    """Arrays of numbers: exact arithmetic."""
    try:
        a, b = _matrix(left, types), _matrix(right, types)
    except DeriveError as problem:
        return Check("unverified", reason=f"no numbers for it: {problem.message}")
    if a is None or b is None:
        return Check("unverified", reason="no numbers for these arrays")
    if a.shape != b.shape:
        return Check(
            "failed",
            "exact arithmetic",
            counterexample=(("left", f"{a.shape[0]} × {a.shape[1]}"), ("right", f"{b.shape[0]} × {b.shape[1]}")),
        )
    wrong = next((place for place in range(len(a)) if sp.simplify(a[place] - b[place]) != 0), None)
    if wrong is None:
        return Check("exact", "exact arithmetic")
    row, column = divmod(wrong, a.shape[1])
    entry = f"entry ({row + 1}, {column + 1})"
    return Check("failed", "exact arithmetic", counterexample=((f"{entry}, left", str(a[wrong])), (f"{entry}, right", str(b[wrong]))))


def _matrix(term: Term, types: Mapping[Name, Type]) -> Any:
    """A matrix of numbers: literals, sums, products, transposes, inverses, powers; scalars are 1 × 1."""
    parts = [_matrix(a, types) for a in term.args] if term.head in ("add", "mul", "neg", "transpose", "inverse") else []
    if term.head == "matrix":
        rows, columns = term.data
        return sp.Matrix(rows, columns, [to_sympy(a, types) for a in term.args])
    if term.head in ("vector", "tuple"):
        return sp.Matrix([to_sympy(a, types) for a in term.args])
    if term.head == "add":
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total
    if term.head == "neg":
        return -parts[0]
    if term.head == "mul":
        result = parts[0]
        for part in parts[1:]:
            result = (
                result * part
                if result.shape != (1, 1) and part.shape != (1, 1)
                else (result[0] * part if result.shape == (1, 1) else result * part[0])
            )
        return result
    if term.head == "transpose":
        return parts[0].T
    if term.head == "inverse":
        return parts[0].inv()
    if term.head == "apply" and term.data in ("det", "tr") and len(term.args) == 1:
        inner = _matrix(term.args[0], types)
        return sp.Matrix([[inner.det() if term.data == "det" else inner.trace()]])
    return sp.Matrix([[to_sympy(term, types)]])
