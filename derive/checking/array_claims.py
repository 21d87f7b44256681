"""What steps over arrays claim beside equality: that a quadratic form is not negative, that a point is the best of all feasible ones.

In: a Claim over terms and what makes nodes of terms. Out: a comparison of two values at a point, as for any other step. An optimum is
compared with feasible points near it and far from it; nothing here differentiates or knows a condition of optimality.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

from derive.checking.array_points import Point
from derive.checking.feasible import Programme, tried
from derive.checking.nested import flat, floats, mapped
from derive.derivation import Claim, Prose
from derive.errors import DeriveError, NotSupported
from derive.expressions.term import Name, Term
from derive.graph.continuation import NO_ANSWER, Continuation, InDoubt
from derive.graph.evaluate import Evaluation, TooCostly
from derive.graph.node import Node
from derive.graph.operations import Undefined

if TYPE_CHECKING:
    from derive.checking.array_derivatives import Compare
    from derive.checking.array_points import Laboratory

__all__ = ["claimed"]

BITS = 60
SYMMETRIC = frozenset(("symmetric", "positive-definite", "positive-semidefinite"))


def claimed(claim: Claim, node_of: Callable[[Term], Node], laboratory: Laboratory, assumed: Sequence[Prose] = ()) -> tuple[Compare, str]:
    """What compares the sides of a claim where the assumptions hold, and what it does. Raises NotSupported for other kinds."""
    compare, method = _compared(claim, node_of, laboratory)
    ordered = [(p[0], p[2]) for p in assumed if len(p) == 3 and p[1] == " ≤ " and isinstance(p[0], Term) and isinstance(p[2], Term)]
    if not ordered:
        return compare, method
    pairs = [(node_of(low), node_of(high)) for low, high in ordered]
    make = laboratory.builder.nodes.make
    placed = [
        (node.data[0].key, make(op, low, high))
        for low, high in pairs
        for node, op in ((low, "minimum"), (high, "maximum"))
        if node.op == "argument"
    ]
    return (lambda point: compare(point.placed(placed))), method


def _compared(claim: Claim, node_of: Callable[[Term], Node], laboratory: Laboratory) -> tuple[Compare, str]:
    if claim.kind == "at-most":
        left, right = node_of(claim.left), node_of(claim.right)
        return (lambda point: _excess(point.value(left), point.value(right))), "random arrays"
    if claim.kind == "optimum":
        return _optimum(claim, node_of, laboratory), "feasible points at random arrays"
    raise NotSupported(f"claims of the kind {claim.kind} over arrays")


def _excess(left: Any, right: Any) -> tuple[Any, Any]:
    a, b = flat(left), flat(right)
    size = max(len(a), len(b))
    a, b = (s * size if len(s) == 1 else s for s in (a, b))
    over = [max(x - y, 0) for x, y in zip(a, b, strict=True)]
    return over, [x * 0 for x in over]


def _optimum(claim: Claim, node_of: Callable[[Term], Node], laboratory: Laboratory) -> Compare:
    names = [v.data for v in claim.over]
    objective = node_of(claim.left)
    answers = [node_of(t) for t in claim.right]
    for name in names:
        node_of(Term("name", (), name))
    relations = [r for r in claim.under if r.head == "rel" and r.data != "in"]
    sides = [(r.data, node_of(r.args[0]), node_of(r.args[1])) for r in relations]

    def compare(point: Point) -> tuple[Any, Any]:
        ground = _Ground(point, names, objective, sides, laboratory)
        best = [x for name, node in zip(names, answers, strict=True) for x in ground.entries(name, point.value(node))]
        trial = tried(ground.programme(), best, point.number)
        if trial.better is not None:
            return [0.0, trial.reached], [1.0, ground.value(best)]
        if trial.trouble:
            raise ValueError(trial.trouble)
        return 0.0, 0.0

    return compare


class _Ground:
    """One draw of the data, on which the variables move."""

    def __init__(
        self, point: Point, names: Sequence[Name], objective: Node, sides: Sequence[tuple[str, Node, Node]], laboratory: Laboratory
    ) -> None:
        self.data = {key: floats(value) for key, value in point.draw.values.items()}
        self.sizes = point.draw.sizes
        self.names = names
        self.shapes = {name: self.data[name.key] for name in names}
        self.objective = objective
        self.sides = sides
        self.laboratory = laboratory
        self.kinds = {name: laboratory.types.get(name) for name in names}

    def programme(self) -> Programme:
        """The problem over the entries of all variables in one list."""
        simplex = any(k is not None and "simplex" in k.properties for k in self.kinds.values())
        return Programme(self.value, self.equal, self.below, self.turned, self.drawn if simplex else None)

    def entries(self, name: Name, value: Any) -> list[float]:
        """The entries of a value of the shape of a variable; a scalar stands for equal entries."""
        size = len(flat(self.shapes[name]))
        found = [float(v) for v in flat(value)]
        return found * size if len(found) == 1 else found

    def placed(self, entries: Sequence[float]) -> dict[str, Any]:
        """The arguments with the variables at these entries."""
        rest = iter(entries)
        return {**self.data, **{name.key: mapped(lambda _: next(rest), shape) for name, shape in self.shapes.items()}}

    def at(self, node: Node, values: dict[str, Any]) -> Any:
        """The value of a node, nan where there is none."""
        try:
            return Continuation(self.laboratory.program, values, self.sizes).array(node, {})
        except Undefined:
            return math.nan
        except (InDoubt, *NO_ANSWER):
            pass
        try:
            return floats(Evaluation(values, self.sizes, BITS).array(node, {}))
        except (Undefined, *NO_ANSWER, DeriveError, TooCostly):
            return math.nan

    def value(self, entries: Sequence[float]) -> float:
        """The objective; there is none where a matrix is not positive definite that has to be."""
        values = self.placed(entries)
        for name in self.names:
            kind = self.kinds[name]
            if kind is not None and "positive-definite" in kind.properties and not _is_definite(values[name.key]):
                return math.nan
        found = self.at(self.objective, values)
        return float(found) if isinstance(found, (int, float)) else math.nan

    def equal(self, entries: list[float]) -> list[float]:
        """What has to be 0."""
        values = self.placed(entries)
        found = [g for sign, a, b in self.sides if sign == "=" for g in self._gaps(a, b, values)]
        for name in self.names:
            kind = self.kinds[name]
            if kind is not None and "simplex" in kind.properties:
                found += [sum(row) - 1.0 for row in _rows(values[name.key])]
        return found

    def below(self, entries: list[float]) -> list[float]:
        """What may not be positive."""
        values = self.placed(entries)
        found: list[float] = []
        for sign, a, b in self.sides:
            if sign in ("<=", "<"):
                found += self._gaps(a, b, values)
            elif sign in (">=", ">"):
                found += self._gaps(b, a, values)
        for name in self.names:
            kind = self.kinds[name]
            if kind is not None and "simplex" in kind.properties:
                found += [-x for x in flat(values[name.key])]
        return found

    def _gaps(self, a: Node, b: Node, values: dict[str, Any]) -> list[float]:
        left, right = flat(self.at(a, values)), flat(self.at(b, values))
        size = max(len(left), len(right))
        left, right = (s * size if len(s) == 1 else s for s in (left, right))
        return [x - y for x, y in zip(left, right, strict=True)]

    def turned(self, entries: list[float]) -> list[float]:
        """Symmetric where the variable is declared so."""
        if not any(k is not None and k.properties & SYMMETRIC for k in self.kinds.values()):
            return entries
        values = self.placed(entries)
        found: list[float] = []
        for name in self.names:
            kind, value = self.kinds[name], values[name.key]
            if kind is not None and kind.properties & SYMMETRIC:
                value = [[(value[i][j] + value[j][i]) / 2 for j in range(len(value))] for i in range(len(value))]
            found += flat(value)
        return found

    def drawn(self, random: Random) -> list[float]:
        """A point of the simplex; anything for a variable that is not on one."""
        found: list[float] = []
        for name in self.names:
            kind = self.kinds[name]
            for row in _rows(self.shapes[name]):
                weights = [random.expovariate(1.0) for _ in row]
                inside = kind is not None and "simplex" in kind.properties
                found += [w / sum(weights) for w in weights] if inside else [random.gauss(0.0, 2.0) for _ in row]
        return found


def _is_definite(matrix: list[list[float]]) -> bool:
    """Whether all pivots are positive."""
    rows = [list(row) for row in matrix]
    for k in range(len(rows)):
        if not rows[k][k] > 0.0:
            return False
        for i in range(k + 1, len(rows)):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    return True


def _rows(value: Any) -> list[list[float]]:
    if not isinstance(value, list):
        return [[value]]
    return [value] if not isinstance(value[0], list) else [row for part in value for row in _rows(part)]
