"""Made-up laws of events and of variables with few values: random joint tables that obey the facts and nothing else.

In: facts P(E | G) = v, ratios of such, partitions and (conditional) independence. Out: a TableSource in every world, another one each time.
A table is found from a random start by least changes (Levenberg–Marquardt on logarithms of the cells), so that an answer which the facts
do not determine comes out different from experiment to experiment.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy as sp

from derive.checking.chance.moments import Moments
from derive.checking.chance.sources import TableSource
from derive.checking.frame import Unevaluable
from derive.errors import DeriveError
from derive.expressions.term import Term
from derive.expressions.to_sympy import to_sympy

if TYPE_CHECKING:
    from derive.checking.chance.structure import Structure
    from derive.checking.chance.world import World

__all__ = ["Facts"]

MOST_CELLS = 1024
MOST_CONSTRAINTS = 48
STARTS = 5
ITERATIONS = 60
PRECISION = 1e-13
OTHER = -7  # a value beside those that are mentioned

Row = Mapping[str, Any]
Cells = list[int]


class Constraint(NamedTuple):
    """mass(a) mass(b) = factor · mass(c) mass(d), over cells of the table."""

    a: Cells
    b: Cells
    c: Cells
    d: Cells
    factor: float = 1.0


class Facts:
    """What is known of variables without a law."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.axes: dict[str, set[Any]] = {}
        model = structure.model
        with_law = {v.name.key for v in model.variables.values() if v.law is not None or v.cases}
        self.trouble = ""
        for fact in model.events:
            for term in (fact.event, fact.given, fact.equation):
                if term is not None:
                    self._axes_of(term)
        for variable in model.variables.values():
            if variable.values and variable.name.key not in with_law:
                self.axes.setdefault(variable.name.key, set())
        for independence in model.independences:
            if independence.kind in ("independent", "partition", "markov"):
                for term in (*itertools.chain(*independence.groups), *independence.given):
                    kind = structure.types.get(term.data) if term.head == "name" else None
                    if kind is not None and (kind.domain == "event" or independence.kind == "partition"):
                        self._axes_of(term)
        self.axes = {name: values for name, values in self.axes.items() if name not in with_law}
        for variable in model.variables.values():
            if variable.name.key in self.axes and variable.values:
                self.axes[variable.name.key] = {self._number(v) for v in variable.values}
        for name, values in self.axes.items():
            if name in structure.event_names:
                self.axes[name] = {True, False}
            elif len(values) == 1:
                values |= {1 - v if v in (0, 1) else OTHER for v in values}
        self.moments = Moments(structure, set(self.axes))

    def _number(self, term: Term) -> Any:
        value = to_sympy(term, self.structure.types)
        return int(value) if value.is_Integer else float(value)

    def _axes_of(self, term: Term) -> None:
        """The events and the values that a statement names."""
        if term.head == "probability":
            for part in term.args:
                self._axes_of(part)
        elif term.head == "rel" and len(term.args) == 2 and term.args[0].head == "name":
            values = self.axes.setdefault(term.args[0].data.key, set())
            try:
                values.add(self._number(term.args[1]))
            except (DeriveError, TypeError):
                self.trouble = "values that are no numbers"
        elif term.head == "name":
            if term.data in self.structure.model.variables and self.structure.model.variables[term.data].values:
                return
            self.axes.setdefault(term.data.key, set())
            self.structure.event_names.add(term.data.key)
        elif term.head == "word":
            word = str(term.data)
            if word == "-":
                self.structure.opposites["-"] = "+"
                word = "+"
            self.axes.setdefault(word, set())
            self.structure.event_names.add(word)
        elif term.head in ("and", "or", "not", "list", "given", "div", "mul", "add", "neg", "rel"):
            for part in term.args:
                self._axes_of(part)

    # ── one world ────────────────────────────────────────────────────────────────────────────────────────────────────

    def furnish(self, world: World) -> None:
        """Tables and moments in a world. Raises Unevaluable where no law with these facts is found."""
        if self.axes:
            self._table(world)
        self.moments.furnish(world)

    def _table(self, world: World) -> None:
        names = sorted(self.axes)
        count = math.prod(len(self.axes[n]) for n in names)
        if self.trouble or count > MOST_CELLS or not all(self.axes.values()):
            raise Unevaluable(f"no table is made up for {self.trouble or 'so many events'}")
        rows = [dict(zip(names, values, strict=True)) for values in itertools.product(*(sorted(self.axes[n]) for n in names))]
        rows = [row for row in rows if self._is_possible(row)]
        constraints, empty, open_facts = self._constraints(rows, world)
        live = [k for k in range(len(rows)) if k not in empty]
        if not live or len(constraints) > MOST_CONSTRAINTS:
            raise Unevaluable("no law with these facts was found")
        weights = _solved(len(rows), live, constraints, world.random)
        for name, above, below in open_facts:
            total = math.fsum(weights[k] for k in below)
            world.points.given[name] = math.fsum(weights[k] for k in above) / total if total else 0.5
        source = TableSource(tuple(names), tuple(tuple(row[n] for n in names) for row in rows), tuple(weights))
        for name in names:
            world.sources[name] = source
        shown = sorted(zip(weights, rows, strict=True), key=lambda pair: -pair[0])[:8]
        world.described += tuple((f"P({_said(row, self.structure.event_names)})", weight) for weight, row in shown)

    def _is_possible(self, row: Row) -> bool:
        for independence in self.structure.model.independences:
            if independence.kind == "partition":
                members = [m for group in independence.groups for m in group]
                if sum(bool(self.holds(m, row)) for m in members) != 1:
                    return False
        return True

    def holds(self, term: Term, row: Row) -> bool:
        """Whether an event happens in a row."""
        if term.head == "name":
            if term.data.key not in row:
                raise Unevaluable(f"nothing is known of {term.data.key}")
            return bool(row[term.data.key])
        if term.head == "word":
            return not row["+"] if term.data == "-" else bool(row[str(term.data)])
        if term.head in ("and", "list", "tuple"):
            return all(self.holds(a, row) for a in term.args)
        if term.head == "or":
            return any(self.holds(a, row) for a in term.args)
        if term.head == "not":
            return not self.holds(term.args[0], row)
        if term.head == "rel" and term.args[0].head == "name" and term.args[0].data.key in row:
            compare = _RELATIONS.get(str(term.data))
            if compare is not None:
                return compare(row[term.args[0].data.key], self._number(term.args[1]))
        raise Unevaluable("an event of another form")

    def _cells(self, term: Term | None, rows: Sequence[Row], within: Cells | None = None) -> Cells:
        places = range(len(rows)) if within is None else within
        return [k for k in places if term is None or self.holds(term, rows[k])]

    def _constraints(self, rows: Sequence[Row], world: World) -> tuple[list[Constraint], set[int], list[tuple[str, Cells, Cells]]]:
        """What the table must satisfy, the cells that are empty, and facts that give a symbol its value afterwards."""
        everything = list(range(len(rows)))
        constraints: list[Constraint] = []
        empty: set[int] = set()
        open_facts: list[tuple[str, Cells, Cells]] = []
        taken: set[str] = set()
        for fact in self.structure.model.events:
            if fact.equation is not None:
                constraints.append(self._ratio(fact.equation, rows, world))
                continue
            below = self._cells(fact.given, rows)
            above = self._cells(fact.event, rows, below)
            value = self.structure.expression(fact.value)
            alone = isinstance(value, sp.Symbol) and value.name not in taken and value.name not in world.points.given
            if alone and self._mentions(value) == 1:
                taken.add(value.name)
                open_facts.append((value.name, above, below))
                continue
            number = self._value(value, world)
            if number == 0:
                empty |= set(above)
            elif number == 1:
                empty |= set(below) - set(above)
            else:
                constraints.append(Constraint(above, everything, below, everything, number))
        for independence in self.structure.model.independences:
            if independence.kind == "independent" and independence.groups:
                constraints += self._independence(independence.groups, independence.given, rows)
        return constraints, empty, open_facts

    def _mentions(self, symbol: Any) -> int:
        """In how many facts about events a symbol stands."""
        values = [f.value for f in self.structure.model.events if f.equation is None]
        return sum(symbol in self.structure.expression(v).free_symbols for v in values)

    def _value(self, expression: Any, world: World) -> float:
        for s in expression.free_symbols:
            if s.name not in world.points.given and not s.is_integer:
                world.points.given[s.name] = world.random.uniform(0.1, 0.9)
        value = world.frame().values(expression)[0]
        if isinstance(value, complex) or not 0 <= value <= 1:
            raise ValueError("a probability outside 0 to 1")
        return float(value)

    def _ratio(self, equation: Term, rows: Sequence[Row], world: World) -> Constraint:
        """P(A | B)/P(C | D) = v."""
        left, right = equation.args
        if left.head != "div" or any(a.head != "probability" for a in left.args):
            raise Unevaluable("an equation between probabilities of another form")
        value = float(world.frame().values(self.structure.expression(right))[0])
        sides = []
        for side in left.args:
            inner = side.args[0] if len(side.args) == 1 else Term("list", side.args)
            event, given = inner.args if inner.head == "given" else (inner, None)
            below = self._cells(given, rows)
            sides.append((self._cells(event, rows, below), below))
        (a, b), (c, d) = sides
        return Constraint(a, d, c, b, value)

    def _independence(self, groups: Sequence[Sequence[Term]], given: Sequence[Term], rows: Sequence[Row]) -> list[Constraint]:
        """Each group against all that follow, in every case of what is given; one cell of each follows from the others."""
        known = [[t for t in group if self._is_of_table(t)] for group in groups]
        if not all(known) or not all(self._is_of_table(t) for t in given):
            return []
        found: list[Constraint] = []
        for case in self._cases(given, rows):
            for k, group in enumerate(known[:-1]):
                rest = [t for later in known[k + 1 :] for t in later]
                for a in self._cases(group, rows)[:-1]:
                    for b in self._cases(rest, rows)[:-1]:
                        both = sorted(set(a) & set(b) & set(case))
                        found.append(Constraint(both, case, sorted(set(a) & set(case)), sorted(set(b) & set(case))))
        return found

    def _is_of_table(self, term: Term) -> bool:
        return all(n.data.key in self.axes for n in term.walk() if n.head == "name") and term.head in ("name", "not", "word")

    def _cases(self, terms: Sequence[Term], rows: Sequence[Row]) -> list[Cells]:
        """The cells for every combination of values of these."""
        found: dict[tuple[Any, ...], Cells] = {}
        for k, row in enumerate(rows):
            values = []
            for t in terms:
                is_value = t.head == "name" and t.data.key not in self.structure.event_names
                values.append(row[t.data.key] if is_value else self.holds(t, row))
            found.setdefault(tuple(values), []).append(k)
        return list(found.values())


_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip


def _said(row: Row, events: Iterable[str]) -> str:
    return ", ".join((n if v else f"not {n}") if n in events else f"{n} = {v}" for n, v in row.items())


# ── solving ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _solved(count: int, live: Cells, constraints: Sequence[Constraint], random: Random) -> list[float]:
    """Weights of all cells. Raises Unevaluable where no start leads to a table."""
    for _ in range(STARTS):
        logits = [random.gauss(0, 1.1) for _ in live]
        found = _approached(count, live, constraints, logits)
        if found is not None:
            return found
    raise Unevaluable("no law with these facts was found")


def _approached(count: int, live: Cells, constraints: Sequence[Constraint], logits: list[float]) -> list[float] | None:
    damping = 1e-3
    weights = _softmax(count, live, logits)
    residuals = [_residual(c, weights) for c in constraints]
    size = max(map(abs, residuals), default=0.0)
    for _ in range(ITERATIONS):
        if size < PRECISION:
            return weights
        rows = [_gradient(c, weights, live) for c in constraints]
        normal = [[math.fsum(map(float.__mul__, a, b)) for b in rows] for a in rows]
        for _ in range(12):
            damped = [[v + (damping * (1e-12 + v) if j == k else 0.0) for j, v in enumerate(r)] for k, r in enumerate(normal)]
            step = _linear(damped, residuals)
            moved = [u - math.fsum(row[k] * s for row, s in zip(rows, step, strict=True)) for k, u in enumerate(logits)]
            top = max(moved)
            moved = [max(u - top, -200.0) for u in moved]
            trial = _softmax(count, live, moved)
            fresh = [_residual(c, trial) for c in constraints]
            if max(map(abs, fresh)) < size:
                break
            damping = damping * 8 + 1e-12
        else:
            return None
        logits, weights, residuals = moved, trial, fresh
        size = max(map(abs, residuals))
        damping /= 20
    return weights if size < 1e-11 else None


def _softmax(count: int, live: Cells, logits: Sequence[float]) -> list[float]:
    powers = [math.exp(u) for u in logits]
    total = math.fsum(powers)
    weights = [0.0] * count
    for k, power in zip(live, powers, strict=True):
        weights[k] = power / total
    return weights


def _masses(constraint: Constraint, weights: Sequence[float]) -> list[float]:
    return [math.fsum(weights[k] for k in cells) for cells in constraint[:4]]


def _residual(constraint: Constraint, weights: Sequence[float]) -> float:
    a, b, c, d = _masses(constraint, weights)
    return a * b - constraint.factor * c * d


def _gradient(constraint: Constraint, weights: Sequence[float], live: Cells) -> list[float]:
    """Of the residual, with respect to the logits of the live cells."""
    a, b, c, d = _masses(constraint, weights)
    slopes = dict.fromkeys(live, 0.0)
    for cells, factor in zip(constraint[:4], (b, a, -constraint.factor * d, -constraint.factor * c), strict=True):
        for k in cells:
            if k in slopes:
                slopes[k] += factor
    average = math.fsum(weights[k] * s for k, s in slopes.items())
    return [weights[k] * (slopes[k] - average) for k in live]


def _linear(matrix: list[list[float]], right: Sequence[float]) -> list[float]:
    """The solution of a positive definite system, by elimination."""
    n = len(right)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for k in range(n):
        pivot = max(range(k, n), key=lambda r: abs(rows[r][k]))
        rows[k], rows[pivot] = rows[pivot], rows[k]
        if not rows[k][k]:
            continue
        for r in range(k + 1, n):
            factor = rows[r][k] / rows[k][k]
            if factor:
                rows[r] = [x - factor * y for x, y in zip(rows[r], rows[k], strict=True)]
    solution = [0.0] * n
    for k in reversed(range(n)):
        rest = rows[k][n] - math.fsum(rows[k][j] * solution[j] for j in range(k + 1, n))
        solution[k] = rest / rows[k][k] if rows[k][k] else 0.0
    return solution
