"""Is f convex, or concave, in its variables: the second derivative or the Hessian, and the definition at the middle of two points.

In: a reading of `is f convex in x, y`. Out: a Solution whose answer is yes or no. Yes rests on a sign that is decided exactly; no rests on
two points at which the definition fails. What neither settles is Undetermined.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sympy as sp
from sympy.calculus.util import continuous_domain

from derive.derivation import Prose, Rewrite
from derive.errors import NotSupported, Undetermined, WrongUse
from derive.expressions.from_sympy import from_sympy
from derive.expressions.nodes import DefinedFunction
from derive.expressions.term import Name, Term, number
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Bound, Reading, Type
from derive.rules import questions as rules
from derive.solution import Solution
from derive.solving.expressions import solve_derivative
from derive.solving.journal import Journal
from derive.solving.optimisation.array_convexity import array_convexity
from derive.solving.optimisation.stationary_points import without_constants
from derive.solving.questions.definiteness import completed
from derive.solving.questions.signs import opposite, sign_everywhere, sign_over
from derive.solving.several import solve_hessian

__all__ = ["solve_convexity"]

_MOST = 4  # variables
_HELD = ("positive", "nonnegative", "zero")
_KINKS = (sp.Abs, sp.Max, sp.Min, sp.Piecewise, sp.sign, sp.Heaviside, sp.floor, sp.ceiling)


def solve_convexity(reading: Reading, subject: Term, asked: str, variables: Sequence[Term]) -> Solution:
    """Yes or no with its steps. Raises Undetermined, NotSupported for arrays, WrongUse without a variable."""
    named = [n for n in subject.walk() if n.head == "name"]
    if any(reading.types[n.data].shape for n in named if n.data in reading.types):
        return array_convexity(reading, subject, asked, variables)
    f = to_sympy(subject, reading.types)
    if not variables:
        seen: dict[Term, None] = dict.fromkeys(_bare(n) for n in named if to_sympy(n, reading.types) in f.free_symbols)
        variables = tuple(without_constants(list(seen)))
    if not variables:
        raise WrongUse("a constant has no variable in which it could be convex", span=subject.span)
    if len(variables) > _MOST:
        raise NotSupported(f"convexity in more than {_MOST} variables", span=subject.span)
    symbols = [to_sympy(v, reading.types) for v in variables]
    question = _Question(reading, subject, f, variables, symbols, asked)
    if constants := sorted(s.name for s in f.free_symbols - set(symbols)):
        question.journal.note(((f"in {', '.join(str(s) for s in symbols)}; taken as constants: {', '.join(constants)}",),))
    return question.with_kinks() if f.has(*_KINKS) else question.smooth()


def _bare(term: Term) -> Term:
    """The name without its place."""
    return Term("name", (), term.data)


class _Question:
    """One question under way. `sign` is 1 for convex and −1 for concave."""

    def __init__(self, reading: Reading, subject: Term, f: Any, variables: Sequence[Term], symbols: list[Any], asked: str) -> None:
        self.reading, self.subject, self.f = reading, subject, f
        self.variables, self.symbols = tuple(variables), symbols
        self.strictly = asked.startswith("strictly ")
        self.word = asked.removeprefix("strictly ")
        self.sign = 1 if self.word == "convex" else -1
        self.journal = Journal(f)
        self.interval = self._interval() if len(symbols) == 1 and not f.free_symbols - set(symbols) else None

    # ── smooth functions ─────────────────────────────────────────────────────────────────────────────────────────────

    def smooth(self) -> Solution:
        if len(self.symbols) == 1:
            second = self._derived(Term("derivative", (self.subject, self.variables[0], number(2)), "d"), solve_derivative)
            return self._from_second(second)
        hessian = self._derived(Term("hessian", (self.subject, *self.variables)), solve_hessian)
        return self._from_hessian(sp.Matrix(hessian))

    def _derived(self, task: Term, solver: Any) -> Any:
        solved = solver(replace(self.reading, term=task, expanded=task))
        for step in solved.derivation.steps if solved.derivation is not None else ():
            self.journal.add(step)
        self.journal.note(solved.notes)
        return solved.answer

    def _from_second(self, second: Any) -> Solution:
        x = self.symbols[0]
        if self.interval is not None:
            sign = sign_over(second, x, self.interval)
        else:
            sign = sign_everywhere(second)
        held = opposite(sign) if self.sign < 0 else sign
        if held in _HELD:
            relation = "≥" if self.sign > 0 else "≤"
            where = self._where()
            if sign == "zero":
                self.journal.note((("f is affine: it is both convex and concave, neither of them strictly",),))
                strict: bool | None = False
            else:
                known = held == "positive" or not second.free_symbols - {x}
                strict = True if known else None  # f″ has one sign and is not zero on an interval; with parameters it may be zero
            self._step(rules.SECOND_ORDER, second, sp.S.Zero, relation, where)
            return self._yes(strict, where)
        if second.free_symbols and x not in second.free_symbols:
            return self._under_condition(second)
        return self._no()

    def _under_condition(self, second: Any) -> Solution:
        """A second derivative without x decides by its sign: the answer is the condition."""
        places, types = self._two_points()
        left, right = self._middle(places)
        (a, b), *_ = places
        self._step(rules.MIDPOINT_GAP, right - left, second * (a - b) ** 2 / 8, "=", ("a positive multiple of the second derivative",))
        relation = sp.Gt if self.strictly else sp.Ge
        leading = self.sign * second
        scale = leading.as_coeff_Mul()[0]
        return self._found(from_sympy(relation(leading / abs(scale), 0)), types)

    def _from_hessian(self, hessian: Any) -> Solution:
        directions = [sp.Symbol(f"v_{k}", real=True) for k in range(1, len(self.symbols) + 1)]
        if not hessian.free_symbols:
            form = completed(hessian, directions)
            verdict = form.verdict() if form is not None else "indefinite"
            wanted = ("positive", "negative")[self.sign < 0]
            if form is not None and (verdict.startswith(wanted) or verdict == "zero"):
                self._step(rules.SQUARES, form.written, form.squares, "=", (f"the Hessian is {verdict}",))
                return self._yes(verdict == f"{wanted} definite", ())
            return self._no()
        minors = [hessian[: k + 1, : k + 1].det() for k in range(len(self.symbols))]
        signed = [self.sign ** (k + 1) * m for k, m in enumerate(minors)]
        if all(sign_everywhere(m) == "positive" for m in signed):
            self._minors(hessian, minors)
            return self._yes(True, ())
        return self._no_or_principal(hessian)

    def _no_or_principal(self, hessian: Any) -> Solution:
        """Every principal minor of the right sign makes the Hessian semidefinite."""
        from itertools import combinations

        size = len(self.symbols)
        chosen = [list(c) for k in range(1, size + 1) for c in combinations(range(size), k)]
        minors = [hessian.extract(c, c).det() for c in chosen]
        signs = [sign_everywhere(self.sign ** len(c) * m) for c, m in zip(chosen, minors, strict=True)]
        if all(s in _HELD for s in signs):
            self._minors(hessian, minors)
            return self._yes(None, ())
        return self._no()

    def _minors(self, hessian: Any, minors: list[Any]) -> None:
        short = sp.Tuple(*(sp.factor(sp.simplify(m)) for m in minors))
        self.journal.add(_step(rules.MINORS, sp.Tuple(*minors), short, "=", ("the minors keep their signs",)))
        for m in short:
            relation = "≥" if sign_everywhere(m) in _HELD else "≤"
            self.journal.add(_step(rules.SIGN, m, sp.S.Zero, relation))

    # ── functions of one variable with kinks ─────────────────────────────────────────────────────────────────────────

    def with_kinks(self) -> Solution:
        """Convex on every piece, and a slope that does not fall at a kink."""
        if self.interval is None:
            return self._no()
        x = self.symbols[0]
        folded = sp.piecewise_fold(self.f.rewrite(sp.Piecewise))
        if not isinstance(folded, sp.Piecewise):
            return self._no()
        pieces = sorted(_pieces(folded, x, self.interval), key=lambda p: sp.N(p[1].inf))
        slopes: list[Any] = []
        straight = False
        for value, part in pieces:
            second = sp.simplify(sp.diff(value, x, 2))
            held = sign_over(second, x, part)
            if (opposite(held) if self.sign < 0 else held) not in _HELD:
                return self._no()
            straight = straight or held == "zero"
        for (left, a), (right, b) in zip(pieces, pieces[1:], strict=False):
            if a.sup != b.inf or sp.simplify(left.subs(x, a.sup) - right.subs(x, a.sup)) != 0:
                return self._no()
            before, after = (sp.simplify(sp.diff(v, x).subs(x, a.sup)) for v in (left, right))
            if not (self.sign * (after - before)).is_nonnegative:
                return self._no()
            slopes += [before, after]
        relation = "≤" if self.sign > 0 else "≥"
        kinks = [a.sup for _, a in pieces[:-1]]
        for place, kink in enumerate(kinks):
            before, after = slopes[2 * place], slopes[2 * place + 1]
            self._step(rules.KINK, before, after, relation, ("the slopes left and right of ", sp.Eq(x, kink, evaluate=False)))
        self.journal.note((("every piece has a second derivative of one sign",),))
        return self._yes(not straight, self._where())

    # ── verdicts ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _yes(self, strict: bool | None, where: Prose) -> Solution:
        if self.strictly and strict is not True:
            if strict is False:
                self.journal.note(((f"{self.word}, but not strictly",),))
            else:
                raise Undetermined(f"{self.word}; whether strictly was not decided", span=self.subject.span)
        places, types = self._two_points()
        left, right = self._middle(places)
        relation = "≤" if self.sign > 0 else "≥"
        self.journal.add(_step(rules.MIDPOINT, left, right, relation, ("the definition at the middle, as a check of its own",)))
        answer = "no" if self.strictly and strict is False else "yes"
        said = f"strictly {self.word}" if strict else self.word
        self.journal.note(((f"f is {said}", *((" ", *where) if where else ())),))
        return self._solution(answer, types)

    def _no(self) -> Solution:
        found = self._counterexample()
        if found is None:
            raise Undetermined(
                f"whether it is {self.word} was not decided: the second derivatives have no known sign, and no points speak against it",
                span=self.subject.span,
            )
        left, right, first, second = found
        relation = ">" if self.sign > 0 else "<"
        because: Prose = ("at the middle of ", first, " and ", second)
        self.journal.add(_step(rules.COUNTEREXAMPLE, left, right, relation, because))
        return self._solution("no", {})

    def _solution(self, answer: str, types: dict[Name, Type]) -> Solution:
        word = Term("word", (), answer)
        return self._found(word, types)

    def _found(self, answer: Any, types: dict[Name, Type]) -> Solution:
        if self.interval is not None:
            name = self.variables[0].data
            types = {**types, name: _within(self.reading.types.get(name, Type()), self.interval)}
        return Solution(self.journal.derivation(answer), answer, {}, self.journal.notes, self.journal.assumptions, types=types)

    def _step(self, rule: Any, before: Any, after: Any, relation: str, because: Prose = ()) -> None:
        self.journal.add(_step(rule, before, after, relation, because))

    # ── points ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _two_points(self) -> tuple[list[tuple[Any, Any]], dict[Name, Type]]:
        """For every variable two names of the same type, at which the definition is put."""
        places: list[tuple[Any, Any]] = []
        types: dict[Name, Type] = {}
        for variable, symbol in zip(self.variables, self.symbols, strict=True):
            names = [Name(f"{variable.data.base}", sub=mark) for mark in ("a", "b")]
            kind = self.reading.types.get(variable.data, Type())
            if self.interval is not None:
                kind = _within(kind, self.interval)
            types.update(dict.fromkeys(names, kind))
            both = tuple(to_sympy(Term("name", (), n), {**self.reading.types, **types}) for n in names)
            del symbol
            places.append((both[0], both[1]))
        return places, types

    def _middle(self, places: Sequence[tuple[Any, Any]]) -> tuple[Any, Any]:
        middle = {s: (a + b) / 2 for s, (a, b) in zip(self.symbols, places, strict=True)}
        first = {s: a for s, (a, _) in zip(self.symbols, places, strict=True)}
        second = {s: b for s, (_, b) in zip(self.symbols, places, strict=True)}
        value = [self.f.subs(where, simultaneous=True) for where in (middle, first, second)]
        return value[0], (value[1] + value[2]) / 2

    def _counterexample(self) -> tuple[Any, Any, Any, Any] | None:
        """Two points with small coordinates at which the definition fails by more than rounding; other names are at 1, 2 …"""
        if self.f.free_symbols - set(self.symbols):
            return None
        steps = [sp.Rational(n, 2) for n in (0, 2, -2, 1, -1, 4, -4, 3, -3, 6, -6, 10, -10)]
        steps += [sp.Rational(1, 4), sp.Rational(3, 4), sp.Rational(1, 8), sp.Rational(7, 8)]
        size = len(self.symbols)
        inside = self._inside
        mixed = [tuple(s if k == j else t for k in range(size)) for s in steps[:7] for t in steps[:5] for j in range(size)]
        bases = [(s,) for s in steps] if size == 1 else mixed
        lengths = (1, sp.Rational(1, 2), 2, sp.Rational(1, 8), 4)
        axes = [tuple(int(k == j) for k in range(size)) for j in range(size)]
        pairs = [(i, j, b) for i in range(size) for j in range(i + 1, size) for b in (1, -1)]
        axes += [tuple(1 if k == i else b if k == j else 0 for k in range(size)) for i, j, b in pairs]
        for base in bases:
            for axis in axes:
                for length in lengths:
                    first = tuple(p - length * d for p, d in zip(base, axis, strict=True))
                    second = tuple(p + length * d for p, d in zip(base, axis, strict=True))
                    if not (inside(first) and inside(second) and inside(base)):
                        continue
                    left, right = self._middle(list(zip(first, second, strict=True)))
                    gap = sp.N(self.sign * (left - right), 30)
                    if gap.is_real and gap > sp.Float("1e-6") * (1 + abs(sp.N(left))):
                        shown = [p[0] if size == 1 else sp.Tuple(*p) for p in (first, second)]
                        return left, right, shown[0], shown[1]
        return None

    def _inside(self, point: Sequence[Any]) -> bool:
        if self.interval is not None:
            return self.interval.contains(point[0]) is sp.true
        for variable, symbol, value in zip(self.variables, self.symbols, point, strict=True):
            kind = self.reading.types.get(variable.data)
            if kind is not None and _interval_of(kind).contains(value) is not sp.true:
                return False
            if symbol.is_positive and not value.is_positive:
                return False
        value = self.f.subs(dict(zip(self.symbols, point, strict=True)))
        return bool(value.is_finite) and value.is_real is not False

    def _interval(self) -> Any:
        """Where f is defined, within what was declared of its variable: one interval. Raises NotSupported."""
        x, kind = self.symbols[0], self.reading.types.get(self.variables[0].data)
        declared = _interval_of(kind) if kind is not None else sp.S.Reals
        if x.is_positive and declared == sp.S.Reals:
            declared = sp.Interval.open(0, sp.oo)
        free = sp.Symbol("x", real=True)
        try:
            domain = continuous_domain(_written_out(self.f).subs(x, free), free, declared)
        except NotImplementedError as problem:
            raise NotSupported("convexity of a function whose domain is not found") from problem
        if domain == sp.S.Reals:
            return sp.Interval(-sp.oo, sp.oo)
        if not isinstance(domain, sp.Interval):
            raise Undetermined("the function is defined on several intervals: declare one of them, `x > 0` say", span=self.subject.span)
        return domain

    def _where(self) -> Prose:
        if self.interval is None or (self.interval.inf == -sp.oo and self.interval.sup == sp.oo):
            return ()
        return ("on ", self.interval)


def _step(rule: Any, before: Any, after: Any, relation: str, because: Prose = ()) -> Any:
    quiet = Journal(before)
    quiet.record(rule, Rewrite(after, because), before, after, (before, after))
    return replace(quiet.steps[0], relation=relation)


def _written_out(f: Any) -> Any:
    """Functions of the field by their definitions, for SymPy's search of the domain."""
    return f.replace(lambda e: isinstance(e, DefinedFunction), lambda e: e.definition())


def _interval_of(kind: Type) -> Any:
    low = -sp.oo if kind.lower is None else to_sympy(kind.lower.value, {})
    high = sp.oo if kind.upper is None else to_sympy(kind.upper.value, {})
    if not (low.is_number and high.is_number):
        return sp.Interval(-sp.oo, sp.oo)
    return sp.Interval(low, high, kind.lower is not None and kind.lower.strict, kind.upper is not None and kind.upper.strict)


def _within(kind: Type, interval: Any) -> Type:
    """The type of a name that stands in the interval."""
    low = None if interval.inf == -sp.oo else Bound(from_sympy(interval.inf), bool(interval.left_open))
    high = None if interval.sup == sp.oo else Bound(from_sympy(interval.sup), bool(interval.right_open))
    return replace(kind, lower=low, upper=high)


def _pieces(folded: Any, x: Any, interval: Any) -> list[tuple[Any, Any]]:
    """The pieces with their intervals, those of no length left out."""
    found: list[tuple[Any, Any]] = []
    rest = interval
    for value, condition in folded.args:
        part = sp.Intersection(rest, condition.as_set() if condition is not sp.true else sp.S.Reals)
        rest = sp.Complement(rest, part)
        for piece in part.args if isinstance(part, sp.Union) else (part,):
            if isinstance(piece, sp.Interval) and piece.measure > 0:
                found.append((value, piece))
    return found
