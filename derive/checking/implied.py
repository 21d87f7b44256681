"""Whether one equation between arrays follows from another: solutions of the first are found in numbers and put into the second.

In: two equations as terms, the types of the names. Out: a `Check`. The unknown is the name that one of the equations isolates, else a
vector or matrix that both hold; Newton's method on the entries of the first equation finds its values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from derive.checking.draws import draw
from derive.checking.nested import flat
from derive.derivation import Check
from derive.errors import DeriveError
from derive.expressions.term import Name, Term
from derive.graph.build import Builder
from derive.graph.evaluate import DOUBLE, Evaluation, TooCostly, context
from derive.graph.node import Node
from derive.graph.operations import Undefined
from derive.meaning.scope import Type

__all__ = ["check_implied"]

TRIES = 6
NEEDED = 2
STEPS = 12
BITS = 100
STEP = 1e-6
MOST_UNKNOWNS = 4
TOLERANCE = 1e-7
TROUBLE = (Undefined, ArithmeticError, ValueError, KeyError, TypeError, IndexError, AttributeError)


def check_implied(above: Term, below: Term, types: Mapping[Name, Type]) -> Check:
    """Whether every solution of `above` that is found satisfies `below`."""
    plain = {n: replace(t, domain="real") if t.domain == "random" else t for n, t in types.items()}
    try:
        check = Check("unverified", reason="no name to solve the equation for")
        for unknown in _unknowns(above, below, plain):
            check = _Pair(above, below, unknown, plain).check()
            if check.status != "unverified":
                break
        return check
    except (DeriveError, TooCostly) as problem:
        return Check("unverified", reason=f"no numbers for it: {problem}")


def _unknowns(above: Term, below: Term, types: Mapping[Name, Type]) -> list[Name]:
    """Names to solve for: those that an equation isolates, then what both hold, vectors first."""
    names = [{n.data for n in t.walk() if n.head == "name"} for t in (above, below)]
    found: dict[Name, None] = {}
    for equation, other in ((below, names[0]), (above, names[1])):
        for side, rest in (equation.args, equation.args[::-1]):
            if side.head == "name" and side.data in other and not any(n.head == "name" and n.data == side.data for n in rest.walk()):
                found[side.data] = None
    shared = sorted(names[0] & names[1], key=lambda n: (-len(types[n].shape) if n in types else 0, n.key))
    free = [n for n in shared if n not in types or types[n].domain not in ("size", "index")]
    found.update(dict.fromkeys(n for n in free if n in types and len(types[n].shape) == 1))
    found.update(dict.fromkeys(free))
    return list(found)[:MOST_UNKNOWNS]


class _Pair:
    """Two equations at random arrays."""

    def __init__(self, above: Term, below: Term, unknown: Name, types: Mapping[Name, Type]) -> None:
        self.unknown = unknown.key
        sides = [*above.args, *below.args]
        self.builder = Builder(sides, types)
        nodes = [self.builder.column(s) for s in sides]
        self.above, self.below = (nodes[0], nodes[1]), (nodes[2], nodes[3])
        self.arguments = {n.data[0].key: n.data for n in self.builder.nodes.arguments()}
        self.sizes = sorted({name for _, shape in self.arguments.values() for size in shape for name in size.names})

    def check(self) -> Check:
        """Solutions are looked for from several starts: two that satisfy the second equation are enough, one that does not decides."""
        good, worst = 0, 0.0
        for number in range(TRIES):
            try:
                drawn = draw(self.arguments, self.sizes, number, context(DOUBLE))
                solution = self._solved(dict(drawn.values), drawn.sizes)
                if solution is None:
                    continue
                gap, scale = self._gap(self.below, solution, drawn.sizes)
            except TROUBLE:
                continue
            error = max((abs(g) for g in gap), default=0.0) / scale
            if error > TOLERANCE * 100:
                return Check(
                    "failed",
                    "solutions of the row above",
                    number + 1,
                    counterexample=((self.unknown, _short(solution[self.unknown])), ("gap", error)),
                )
            if error <= TOLERANCE:
                good, worst = good + 1, max(worst, error)
            if good >= NEEDED:
                return Check("verified", "solutions of the row above", good, worst)
        return Check("unverified", reason="no solution of the row above was found")

    def _entries(self, node: Node, values: Mapping[str, Any], sizes: Mapping[str, int]) -> list[float]:
        try:
            value = Evaluation(values, sizes, DOUBLE).array(node, {})
        except AttributeError:  # what doubles have not
            value = Evaluation(values, sizes, BITS).array(node, {})
        return [float(v) for v in flat(value)]

    def _gap(self, sides: tuple[Node, Node], values: Mapping[str, Any], sizes: Mapping[str, int]) -> tuple[list[float], float]:
        left, right = (self._entries(s, values, sizes) for s in sides)
        if len(left) != len(right):  # a zero stands for an array of zeros
            left, right = (left * len(right) if len(left) == 1 else left), (right * len(left) if len(right) == 1 else right)
        scale = max([1.0, *map(abs, left), *map(abs, right)])
        return [a - b for a, b in zip(left, right, strict=True)], scale

    def _solved(self, values: dict[str, Any], sizes: Mapping[str, int]) -> dict[str, Any] | None:
        """Newton's method on the entries of the unknown."""
        for _ in range(STEPS):
            gap, scale = self._gap(self.above, values, sizes)
            if max(map(abs, gap), default=0.0) <= 1e-11 * scale:
                return values
            start = [float(v) for v in flat(values[self.unknown])]
            columns = []
            for place in range(len(start)):
                moved = list(start)
                moved[place] += STEP
                shifted, _ = self._gap(self.above, {**values, self.unknown: _shaped(values[self.unknown], moved)}, sizes)
                columns.append([(s - g) / STEP for s, g in zip(shifted, gap, strict=True)])
            change = _least_squares(columns, gap)
            if change is None:
                return None
            values = {**values, self.unknown: _shaped(values[self.unknown], [s - c for s, c in zip(start, change, strict=True)])}
        return None


def _shaped(like: Any, entries: Sequence[float]) -> Any:
    """The entries nested as the value is."""
    source = iter(entries)

    def fill(value: Any) -> Any:
        return [fill(v) for v in value] if isinstance(value, (list, tuple)) else next(source)

    return fill(like)


def _least_squares(columns: Sequence[Sequence[float]], gap: Sequence[float]) -> list[float] | None:
    """The x with Σ x_k column_k nearest to the gap, the shortest where there are many; None where elimination does not tell."""
    if len(columns) <= len(gap):
        return _eliminated(columns, [sum(a * g for a, g in zip(c, gap, strict=True)) for c in columns])
    rows = [[column[k] for column in columns] for k in range(len(gap))]
    weights = _eliminated(rows, list(gap))
    return None if weights is None else [sum(w * x for w, x in zip(weights, column, strict=True)) for column in columns]


def _eliminated(vectors: Sequence[Sequence[float]], right: list[float]) -> list[float] | None:
    """The solution of the equations whose matrix holds the products of the vectors."""
    size = len(vectors)
    table = [[sum(a * b for a, b in zip(vectors[i], vectors[j], strict=True)) for j in range(size)] for i in range(size)]
    largest = max((table[k][k] for k in range(size)), default=0.0)
    for pivot in range(size):
        best = max(range(pivot, size), key=lambda r: abs(table[r][pivot]))
        if abs(table[best][pivot]) <= 1e-12 * largest:
            return None
        table[pivot], table[best], right[pivot], right[best] = table[best], table[pivot], right[best], right[pivot]
        for row in range(pivot + 1, size):
            factor = table[row][pivot] / table[pivot][pivot]
            table[row] = [a - factor * b for a, b in zip(table[row], table[pivot], strict=True)]
            right[row] -= factor * right[pivot]
    found = [0.0] * size
    for row in reversed(range(size)):
        found[row] = (right[row] - sum(table[row][c] * found[c] for c in range(row + 1, size))) / table[row][row]
    return found


def _short(value: Any) -> str:
    return "[" + ", ".join(f"{float(v):.4g}" for v in flat(value)) + "]"
