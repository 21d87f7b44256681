"""Somebody's own derivation, row by row: what each row claims is compared in numbers with what stands above it.

In: a `check` reading, whose term has one argument a row. Out: `CheckedRows`. A row that begins with a relation goes on from the row above;
an equation of its own follows where every solution of the row above satisfies it. Nothing here knows a rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp

from derive.checking.arrays import check_arrays
from derive.checking.chance.verify import check_derivation
from derive.checking.expressions import check_equal
from derive.checking.implied import check_implied
from derive.checking.ratios import hint_of
from derive.checking.roots import at_roots
from derive.checking.row_derivatives import check_with_derivatives, holds_derivatives
from derive.checking.row_integrals import between_places, variable_of
from derive.checking.row_limits import grows_beyond
from derive.checking.row_models import with_bare_names
from derive.checking.row_places import fails_at_a_place
from derive.checking.row_proportions import check_proportion, subject_of_chain
from derive.checking.row_systems import check_systems, held_values, is_conjunction
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
LARGEST_POWER = 100
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

    return _both_signs(term.transform(change))


def _both_signs(term: Term) -> Term:
    """`x + 1 = ±2` as two equations, of which one holds."""
    if term.head == "rel" and term.args[0].head == "blank" and term.args[1].head in _STATEMENTS:
        return term.with_args((term.args[0], _both_signs(term.args[1])))
    if term.head != "rel" or term.data != "=" or not term.args[1].has("plusminus"):
        return term
    plus = term.transform(lambda n: n.args[-1] if n.head == "plusminus" and len(n.args) == 1 else n)
    minus = term.transform(lambda n: Term("neg", (n.args[-1],)) if n.head == "plusminus" and len(n.args) == 1 else n)
    return term if plus.has("plusminus") else Term("or", (plus, minus))


class _Judge:
    """One block under judgement."""

    def __init__(self, reading: Reading, terms: Sequence[Term]) -> None:
        self.terms = terms
        self.misshapen: Mapping[int, str] = reading.options.get("misshapen", {})
        self.types: Mapping[Name, Type] = reading.types
        self.model: Model | None = None
        self.held = held_values(reading.options.get("constraints", ()), reading.types)
        self.over = subject_of_chain(terms[0]) if terms else ()  # what a proportion is about
        self.variable: Any = None  # of an indefinite integral that the chain goes on from
        if any(t.has(*_CHANCE) for t in terms):
            self.model = with_bare_names(build(reading), terms)
            self.types = self.model.types
        self.chain = any(_is_continuation(t) and str(t.data) not in _ARROWS for t in terms[1:])

    def rows(self) -> list[RowCheck]:
        """The rows in order."""
        found: list[RowCheck] = []
        last: Term | None = None  # what a continued row goes on from
        equation: Term | None = None  # the last equation
        for line, term in enumerate(self.terms, 1):
            if line in self.misshapen:
                reason = self.misshapen[line]
                found.append(RowCheck(line, "does not follow", Check("failed", "shapes", reason=reason), reason))
                continue
            if _is_continuation(term):
                arrow = _ARROWS.get(str(term.data))
                if arrow is not None:
                    found.append(self._implied(line, equation or last, term.args[1], arrow))
                    equation, last = term.args[1], _right(term.args[1])
                    continue
                found.append(self._compared(line, last, term.args[1], str(term.data)))
                last = _right(term.args[1])
            elif _states(term):
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
        if check.status == "unverified" and relation == "=" and right.head == "limit":
            check = grows_beyond(left, right, self.types) or check
        return self._judged(line, check, left, right)

    def _implied(self, line: int, above: Term | None, below: Term, arrow: str) -> RowCheck:
        if above is None or not _states(above) or not _states(below):
            return RowCheck(line, "undecided", Check("unverified", reason="no equation stands above it"))
        linear = None if self.model is not None else self._linear(above, below, arrow)
        if linear is not None:
            check = linear
        elif above.head == below.head == "rel" and (self._has_arrays(above) or self._has_arrays(below)):
            check = check_implied(above, below, self.types)
            if check.status != "failed" and arrow == "⇔":
                check = check_implied(below, above, self.types)
        elif self.model is not None and below.head == "rel":
            check = self._check(_difference(below), Term("number", (), "0"), "=")
        else:
            check = self._equations(above, below, arrow)
        return self._judged(line, check, None, None)

    def _linear(self, above: Term, below: Term, arrow: str) -> Check | None:
        """Systems, and equations between arrays that are written out, where they are linear."""
        lists = is_conjunction(above) or is_conjunction(below)
        literal = any(n.head in ("matrix", "vector") for n in _nodes(above, below))
        if not lists and (
            not literal or any(n.head == "name" and n.data in self.types and self.types[n.data].shape for n in _nodes(above, below))
        ):
            return None
        check = check_systems(above, below, self.types, _matrix)
        if check is not None and check.status == "exact" and arrow == "⇔":
            return check_systems(below, above, self.types, _matrix)
        return check

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
        if relation == "∝" and not (self._has_arrays(left) or self._has_arrays(right)):
            return check_proportion(left, right, self.over, self.types, self.model)
        if self.model is not None:
            return self._in_the_model(left, right, relation)
        if relation == "=" and (
            self.variable is not None or any(t.head == "integral" and t.data == "indefinite" for t in _nodes(left, right))
        ):
            return self._up_to_a_constant(left, right)
        if self._has_arrays(left) or self._has_arrays(right):
            return self._of_arrays(left, right, relation)
        if self.held:
            return check_equal(self._with_held(left), self._with_held(right), self.types, relation)
        check = check_equal(left, right, self.types, relation)
        return (fails_at_a_place(left, right, relation, self.types) or check) if check.status == "verified" else check

    def _with_held(self, term: Term) -> Any:
        """What the equations of the lines before say, put in; the term itself where it has no scalar form."""
        try:
            return to_sympy(term, self.types).subs(self.held, simultaneous=True)
        except DeriveError:
            return term

    def _up_to_a_constant(self, left: Term, right: Term) -> Check:
        """Rows of a chain that began with an indefinite integral."""
        try:
            sides = [to_sympy(t, self.types) for t in (left, right)]
            self.variable = self.variable or variable_of(*sides)
            if self.variable is None:
                return check_equal(left, right, self.types)
            return check_equal(between_places(sides[0], self.variable), between_places(sides[1], self.variable), self.types)
        except DeriveError as problem:
            return Check("unverified", reason=f"no numbers for it: {problem.message}")

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
        if holds_derivatives(left, right):
            return check_with_derivatives(left, right, types)
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


def _states(term: Term) -> bool:
    return term.head in _STATEMENTS or is_conjunction(term)


def _nodes(*terms: Term) -> Iterator[Term]:
    for term in terms:
        yield from term.walk()


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
    if (
        term.head == "pow"
        and term.args[1].head == "number"
        and str(term.args[1].data).isdigit()
        and int(term.args[1].data) <= LARGEST_POWER
    ):
        base = _matrix(term.args[0], types)
        return base if base is None else base ** int(term.args[1].data)
    if term.head == "div":
        above, below = (_matrix(a, types) for a in term.args)
        return above / below[0] if below.shape == (1, 1) else None
    if term.head == "apply" and term.data in ("det", "tr") and len(term.args) == 1:
        inner = _matrix(term.args[0], types)
        return sp.Matrix([[inner.det() if term.data == "det" else inner.trace()]])
    return sp.Matrix([[to_sympy(term, types)]])
