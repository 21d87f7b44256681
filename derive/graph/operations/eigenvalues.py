"""The largest and the smallest eigenvalue of a symmetric matrix, and v vᵀ of its unit eigenvector, of which their gradients are made."""

from __future__ import annotations

from typing import Any

from derive.errors import NotSupported
from derive.graph.node import Axis, Node, Shape
from derive.graph.operations.record import Operation, Undefined

__all__ = ["EIGENVALUES"]

DIGITS = 20  # eigenvalues that agree to so many digits are one
ENDS = {"eigmax": -1, "eigmin": 0, "leadingeigen": -1, "trailingeigen": 0}


def _square(args: tuple[Node, ...], data: Any) -> tuple[Shape, tuple[Axis, ...]]:
    shape = args[0].shape
    if len(shape) != 2 or shape[0] != shape[1]:
        raise NotSupported("eigenvalues of what is no square matrix")
    return shape, args[0].axes


def _number(args: tuple[Node, ...], data: Any) -> tuple[Shape, tuple[Axis, ...]]:
    return (), _square(args, data)[1]


def _decomposed(e: Any, node: Node, place: Any) -> tuple[list[Any], Any]:
    """Eigenvalues in ascending order and their vectors as columns, of the mean of the matrix and its transpose."""
    c = e.context
    rows = e.array(node.args[0], place)
    n = len(rows)
    values, vectors = c.eigsy(c.matrix([[(rows[i][j] + rows[j][i]) / 2 for j in range(n)] for i in range(n)]))
    return [c.mpf(x) for x in values], vectors


def _value(e: Any, node: Node, place: Any, position: Any) -> Any:
    return _decomposed(e, node, place)[0][ENDS[node.op]]


def _rows(e: Any, node: Node, place: Any) -> list[list[Any]]:
    values, vectors = _decomposed(e, node, place)
    end = ENDS[node.op]
    scale = max(abs(x) for x in values)
    if len(values) > 1 and abs(values[end] - values[-2 if end else 1]) <= scale * e.context.mpf(10) ** -DIGITS:
        raise Undefined
    v = vectors[:, len(values) - 1 if end else 0]
    return [[v[i] * v[j] for j in range(len(values))] for i in range(len(values))]


def _entry(e: Any, node: Node, place: Any, position: tuple[int, ...]) -> Any:
    return e.once(_rows, node, place)[position[0]][position[1]]


EIGENVALUES: tuple[Operation, ...] = (
    Operation("eigmax", _number, _value, None, "np.linalg.eigvalsh(x)[-1]"),
    Operation("eigmin", _number, _value, None, "np.linalg.eigvalsh(x)[0]"),
    Operation("leadingeigen", _square, _entry, None, "v = np.linalg.eigh(x)[1].T[-1]; np.outer(v, v)"),
    Operation("trailingeigen", _square, _entry, None, "v = np.linalg.eigh(x)[1].T[0]; np.outer(v, v)"),
)
