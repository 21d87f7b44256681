"""How far a stable evaluation of a formula, as it is written, may be off: one rounding in every operation, carried on to first order.

In: a graph and a point, evaluated with many bits. Out: for every entry of a node a number u such that roundings in what the formula is made
of move it by about u ε. An entry of 1 − tanh² x where tanh x is nearly 1 has u = 2, however small it is; a product or quotient has no more
than its factors bring. Operations that are not known here bring their own rounding only, so nothing is forgiven for what they lost before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from derive.graph.evaluate import Evaluation, TooCostly
from derive.graph.node import Axis, Node
from derive.graph.operations import OPERATIONS

__all__ = ["Roundings"]

MOST = 20_000
STEP_BITS = 60
LEAVES = frozenset(("argument", "constant"))
WHOLE = frozenset(("size", "index", "identity", "ones"))

Place = Mapping[Axis, int]
Position = tuple[int, ...]


class Roundings:
    """The roundings of one evaluation; entries are remembered."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self.zero = evaluation.context.zero
        self.step = evaluation.context.mpf(2) ** -STEP_BITS
        self._known: dict[Any, Any] = {}

    def of(self, node: Node, position: Position, place: Place | None = None) -> Any:
        """The number u of an entry. Raises TooCostly, and what the evaluation raises."""
        place = place or {}
        position = position if node.shape else ()
        key = (node.number, position, *[place[axis] for axis in node.axes])
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= MOST:
                raise TooCostly
            found = self._known[key] = self._computed(node, position, place)
        return found

    def _value(self, node: Node, position: Position, place: Place) -> Any:
        return abs(self.evaluation.entry(node, place, position))

    def _computed(self, node: Node, position: Position, place: Place) -> Any:
        own = self._value(node, position, place)
        if node.op in LEAVES:
            return own
        if node.op in WHOLE or (node.op == "number" and node.data.denominator == 1):
            return self.zero
        if OPERATIONS[node.op].elementwise:
            return own + sum((self._brought(node, k, position, place) for k in range(len(node.args))), self.zero)
        carried = CARRIED.get(node.op)
        return own if carried is None else own + carried(self, node, position, place)

    def _brought(self, node: Node, k: int, position: Position, place: Place) -> Any:
        """What the roundings of one argument do to an operation entry by entry."""
        evaluation = self.evaluation
        u = self.of(node.args[k], position, place)
        if not u:
            return u
        entries = [evaluation.entry(a, place, position) for a in node.args]
        here = evaluation.entry(node, place, position)
        entries[k] += self.step * u
        return abs(OPERATIONS[node.op].evaluate(evaluation.context, *entries) - here) / self.step

    def size(self, node: Node, k: int) -> int:
        """The length of a dimension at the point."""
        return int(node.shape[k].value(self.evaluation.sizes))

    def pair(self, a: Node, at: Position, b: Node, to: Position, place: Place) -> Any:
        """Of a product of two entries."""
        return self.of(a, at, place) * self._value(b, to, place) + self._value(a, at, place) * self.of(b, to, place)


def _matmul(r: Roundings, node: Node, position: Position, place: Place) -> Any:
    a, b = node.args
    split = len(a.shape) - 1
    inner = range(r.size(a, split))
    return sum((r.pair(a, (*position[:split], k), b, (k, *position[split:]), place) for k in inner), r.zero)


def _outer(r: Roundings, node: Node, position: Position, place: Place) -> Any:
    split = len(node.args[0].shape)
    return r.pair(node.args[0], position[:split], node.args[1], position[split:], place)


def _sum(r: Roundings, node: Node, position: Position, place: Place) -> Any:
    body = node.args[0]
    if isinstance(node.data, Axis):
        return sum((r.of(body, position, {**place, node.data: k}) for k in r.evaluation.run(node.data)), r.zero)
    if node.data == "all":
        return sum((r.of(body, p, place) for p in r.evaluation.positions(body.shape)), r.zero)
    if node.data == "last":
        return sum((r.of(body, (*position, k), place) for k in range(r.size(body, -1))), r.zero)
    return r.zero


def _trace(r: Roundings, node: Node, position: Position, place: Place) -> Any:
    return sum((r.of(node.args[0], (k, k), place) for k in range(r.size(node.args[0], 0))), r.zero)


def _transposed(r: Roundings, node: Node, position: Position, place: Place) -> Any:
    return r.of(node.args[0], position[::-1], place)


def _diag(r: Roundings, node: Node, position: Position, place: Place) -> Any:
    return r.of(node.args[0], position[:1], place) if position[0] == position[1] else r.zero


def _norm(r: Roundings, node: Node, position: Position, place: Place) -> Any:
    """A norm of Frobenius moves by no more than its argument does."""
    if node.data not in ("2", "F") or (node.data == "2" and len(node.args[0].shape) == 2):
        return r.zero
    return sum((r.of(node.args[0], p, place) ** 2 for p in r.evaluation.positions(node.args[0].shape)), r.zero) ** 0.5


def _det(r: Roundings, node: Node, position: Position, place: Place) -> Any:
    """Cofactors are bounded by products of the lengths of the other rows (Hadamard)."""
    matrix = node.args[0]
    n = r.size(matrix, 0)
    rows = [sum((r._value(matrix, (i, j), place) ** 2 for j in range(n)), r.zero) ** 0.5 for i in range(n)]
    total = r.zero
    for i in range(n):
        others = r.evaluation.context.one
        for k in range(n):
            others *= rows[k] if k != i else 1
        total += others * sum((r.of(matrix, (i, j), place) for j in range(n)), r.zero)
    return total


def _joined(r: Roundings, node: Node, position: Position, place: Place) -> Any:
    along = position[node.data]
    for argument in node.args:
        length = r.size(argument, node.data)
        if along < length:
            return r.of(argument, (*position[: node.data], along, *position[node.data + 1 :]), place)
        along -= length
    return r.zero


def _stretch(r: Roundings, node: Node, position: Position, place: Place) -> Any:
    dimension, first, _ = node.data
    moved = position[dimension] + first.value(r.evaluation.sizes)
    return r.of(node.args[0], (*position[:dimension], moved, *position[dimension + 1 :]), place)


CARRIED = {
    "concat": _joined,
    "slice": _stretch,
    "vec": lambda r, node, position, place: r.of(
        node.args[0], (position[0] % r.size(node.args[0], 0), position[0] // r.size(node.args[0], 0)), place
    ),
    "unvec": lambda r, node, position, place: r.of(
        node.args[0], (position[0] + position[1] * node.data[0].value(r.evaluation.sizes),), place
    ),
    "matmul": _matmul,
    "outer": _outer,
    "sum": _sum,
    "trace": _trace,
    "transpose": _transposed,
    "row": lambda r, node, position, place: r.of(node.args[0], position, place),
    "diag": _diag,
    "norm": _norm,
    "det": _det,
}
