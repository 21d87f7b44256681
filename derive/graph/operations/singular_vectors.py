"""What the gradients of norms of matrices are made of: U Vᵀ and u vᵀ of the singular value decomposition A = U S Vᵀ."""

from __future__ import annotations

from typing import Any

from derive.errors import NotSupported
from derive.graph.node import Axis, Node, Shape
from derive.graph.operations.record import Operation, Undefined

__all__ = ["SINGULAR_VECTORS"]

DIGITS = 20  # singular values that agree to so many digits are one, and so are 0 and one so much smaller than the largest
DECOMPOSED = "np.linalg.svd(x, full_matrices=False)"


def _matrix(args: tuple[Node, ...], data: Any) -> tuple[Shape, tuple[Axis, ...]]:
    if len(args[0].shape) != 2:
        raise NotSupported("singular vectors of what is no matrix")
    return args[0].shape, args[0].axes


def _decomposed(e: Any, node: Node, place: Any) -> tuple[Any, list[Any], Any]:
    c = e.context
    u, s, v = c.svd_r(c.matrix(e.array(node.args[0], place)))
    return u, [c.mpf(x) for x in s], v


def _rows(e: Any, node: Node, place: Any, kept: list[int]) -> list[list[Any]]:
    u, s, v = _decomposed(e, node, place)
    tiny = max(s) * e.context.mpf(10) ** -DIGITS
    if (kept and len(s) > 1 and s[0] - s[1] <= tiny) or (not kept and min(s) <= tiny) or max(s) == 0:
        raise Undefined
    chosen = kept or list(range(len(s)))
    return [[sum(u[i, k] * v[k, j] for k in chosen) for j in range(v.cols)] for i in range(u.rows)]


def _polar_rows(e: Any, node: Node, place: Any) -> list[list[Any]]:
    return _rows(e, node, place, [])


def _leading_rows(e: Any, node: Node, place: Any) -> list[list[Any]]:
    return _rows(e, node, place, [0])


SINGULAR_VECTORS: tuple[Operation, ...] = (
    Operation(
        "polarfactor",
        _matrix,
        lambda e, node, place, position: e.once(_polar_rows, node, place)[position[0]][position[1]],
        None,
        f"{DECOMPOSED}[0] @ {DECOMPOSED}[2]",
    ),
    Operation(
        "leadingpair",
        _matrix,
        lambda e, node, place, position: e.once(_leading_rows, node, place)[position[0]][position[1]],
        None,
        f"np.outer({DECOMPOSED}[0].T[0], {DECOMPOSED}[2][0])",
    ),
)
