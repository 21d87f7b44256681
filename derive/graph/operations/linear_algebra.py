"""Vectors and matrices: products, transposes, inverses, determinants, norms, literals."""

from __future__ import annotations

import math
from operator import mul
from typing import Any

from derive.errors import NotSupported
from derive.graph.node import FREE, Axis, Bounds, Node, Shape
from derive.graph.operations.record import Operation, Undefined, broadcast, union_axes, within

__all__ = ["LINEAR_ALGEBRA"]

Typed = tuple[Shape, tuple[Axis, ...]]


def _text(node: Node) -> str:
    return " × ".join(size.text() for size in node.shape) or "scalar"


# ---------------------------------------------------------------------------------------------- shapes
def _matmul_shape(args: tuple[Node, ...], data: Any) -> Typed:
    a, b = args
    if not a.shape or not b.shape or a.shape[-1] != b.shape[0]:
        raise NotSupported(f"the product of {_text(a)} and {_text(b)}")
    return a.shape[:-1] + b.shape[1:], union_axes(args)


def _solve_shape(args: tuple[Node, ...], data: Any) -> Typed:
    return args[1].shape, union_axes(args)


def _swapped(args: tuple[Node, ...], data: Any) -> Typed:
    return args[0].shape[::-1], args[0].axes


def _same(args: tuple[Node, ...], data: Any) -> Typed:
    return args[0].shape, args[0].axes


def _square(args: tuple[Node, ...], data: Any) -> Typed:
    if len(args[0].shape) != 2 or args[0].shape[0] != args[0].shape[1]:
        raise NotSupported(f"a square matrix is needed, not {_text(args[0])}")
    return args[0].shape, args[0].axes


def _scalar_of_square(args: tuple[Node, ...], data: Any) -> Typed:
    return (), _square(args, data)[1]


def _scalar_of(args: tuple[Node, ...], data: Any) -> Typed:
    return (), args[0].axes


def _given(args: tuple[Node, ...], data: Any) -> Typed:
    return data, ()


def _literal(args: tuple[Node, ...], data: Any) -> Typed:
    """A literal of scalars, or (one dimension) of vectors of one length as its rows; data is the shape of the literal itself."""
    return (*data, *broadcast(args)[0]), union_axes(args)


# ---------------------------------------------------------------------------------------------- reference evaluation
def _left(e: Any, node: Node, place: Any, position: tuple[int, ...]) -> list[Any]:
    a = node.args[0]
    return [e.entry(a, place, (*position, k)) for k in range(a.shape[-1].value(e.sizes))]


def _right(e: Any, node: Node, place: Any, position: tuple[int, ...]) -> list[Any]:
    b = node.args[1]
    return [e.entry(b, place, (k, *position)) for k in range(b.shape[0].value(e.sizes))]


def _matmul(e: Any, node: Node, place: Any, position: tuple[int, ...]) -> Any:
    split = len(node.args[0].shape) - 1
    row, column = e.once(_left, node, place, position[:split]), e.once(_right, node, place, position[split:])
    return sum(map(mul, row, column), e.context.zero)


def _outer(e: Any, node: Node, place: Any, position: tuple[int, ...]) -> Any:
    split = len(node.args[0].shape)
    return e.entry(node.args[0], place, position[:split]) * e.entry(node.args[1], place, position[split:])


def _kron(e: Any, node: Node, place: Any, position: tuple[int, ...]) -> Any:
    a, b = node.args
    inner = [size.value(e.sizes) for size in b.shape]
    left = tuple(p // s for p, s in zip(position, inner, strict=True))
    right = tuple(p % s for p, s in zip(position, inner, strict=True))
    return e.entry(a, place, left) * e.entry(b, place, right)


RELATIVE_PIVOT = 2.0**-100  # below it a pivot is what rounding left of zero
FLOAT_PIVOT = 2.0**-30  # below it floats have lost too much to say anything


def eliminate(matrix: list[list[Any]], right: list[list[Any]]) -> tuple[list[list[Any]], Any]:
    """The solution of a square system by Gaussian elimination with pivoting, and the determinant."""
    a = [row[:] + extra[:] for row, extra in zip(matrix, right, strict=True)]
    n = len(a)
    determinant: Any = 1
    largest = max((abs(x) for row in matrix for x in row), default=0)
    smallest = largest * type(largest)(FLOAT_PIVOT if isinstance(largest, float) else RELATIVE_PIVOT)
    for column in range(n):
        pivot = max(range(column, n), key=lambda r: abs(a[r][column]))
        if abs(a[pivot][column]) <= smallest:
            return [], 0
        if pivot != column:
            a[column], a[pivot] = a[pivot], a[column]
            determinant = -determinant
        determinant *= a[column][column]
        for row in range(n):
            if row != column:
                factor = a[row][column] / a[column][column]
                a[row] = [x - factor * y for x, y in zip(a[row], a[column], strict=True)]
    return [[x / a[row][row] for x in a[row][n:]] for row in range(n)], determinant


def _identity_rows(n: int, c: Any) -> list[list[Any]]:
    return [[c.one if i == j else c.zero for j in range(n)] for i in range(n)]


def _solved(e: Any, node: Node, place: Any) -> Any:
    matrix = e.array(node.args[0], place)
    if node.op == "inverse":
        right = _identity_rows(len(matrix), e.context)
    else:
        right = e.array(node.args[1], place)
        if len(node.args[1].shape) == 1:
            right = [[x] for x in right]
    solution, determinant = eliminate(matrix, right)
    if determinant == 0:
        raise Undefined
    return solution


def _normal_equations(e: Any, node: Node, place: Any) -> Any:
    rows, right = e.array(node.args[0], place), e.array(node.args[1], place)
    right = right if len(node.args[1].shape) == 2 else [[x] for x in right]
    columns = list(zip(*rows, strict=True))
    gram = [[sum(x * y for x, y in zip(a, b, strict=True)) for b in columns] for a in columns]
    moments = [[sum(x * y[k] for x, y in zip(a, right, strict=True)) for k in range(len(right[0]))] for a in columns]
    solution, determinant = eliminate(gram, moments)
    if determinant == 0:
        raise Undefined
    return solution


def _least_squares(e: Any, node: Node, place: Any, position: tuple[int, ...]) -> Any:
    solution = e.once(_normal_equations, node, place)
    return solution[position[0]][position[1] if len(position) > 1 else 0]


def _least_squares_shape(args: tuple[Node, ...], data: Any) -> Typed:
    return (args[0].shape[1], *args[1].shape[1:]), union_axes(args)


def _ridge_solution(e: Any, node: Node, place: Any) -> Any:
    rows, right = e.array(node.args[0], place), e.array(node.args[1], place)
    right = right if len(node.args[1].shape) == 2 else [[x] for x in right]
    root = e.entry(node.args[2], place, ())
    columns = list(zip(*rows, strict=True))
    gram = [
        [sum(x * y for x, y in zip(a, b, strict=True)) + (root * root if i == j else 0) for j, b in enumerate(columns)]
        for i, a in enumerate(columns)
    ]
    moments = [[sum(x * y[k] for x, y in zip(a, right, strict=True)) for k in range(len(right[0]))] for a in columns]
    solution, determinant = eliminate(gram, moments)
    if determinant == 0:
        raise Undefined
    return solution


def _ridge(e: Any, node: Node, place: Any, position: tuple[int, ...]) -> Any:
    solution = e.once(_ridge_solution, node, place)
    return solution[position[0]][position[1] if len(position) > 1 else 0]


def _solve(e: Any, node: Node, place: Any, position: tuple[int, ...]) -> Any:
    solution = e.once(_solved, node, place)
    return solution[position[0]][position[1] if len(position) > 1 else 0]


def _det(e: Any, node: Node, place: Any, position: Any) -> Any:
    matrix = e.array(node.args[0], place)
    return e.context.mpf(eliminate(matrix, [[] for _ in matrix])[1])


def _logdet(e: Any, node: Node, place: Any, position: Any) -> Any:
    determinant = _det(e, node, place, position)
    if determinant < 0:
        raise Undefined
    return -e.context.inf if determinant == 0 else e.context.log(determinant)


def _trace(e: Any, node: Node, place: Any, position: Any) -> Any:
    return sum((e.entry(node.args[0], place, (k, k)) for k in range(node.args[0].shape[0].value(e.sizes))), e.context.zero)


def _singular_values(e: Any, node: Node, place: Any) -> list[Any]:
    c = e.context
    return [c.mpf(x) for x in c.svd_r(c.matrix(e.array(node.args[0], place)), compute_uv=False)]


def _norm(e: Any, node: Node, place: Any, position: Any) -> Any:
    c, body, kind = e.context, node.args[0], node.data
    if len(body.shape) == 2 and kind in {"1", "2", "inf", "*"}:
        if kind in {"2", "*"}:
            values = _singular_values(e, node, place)
            return max(values) if kind == "2" else sum(values)
        rows = e.array(body, place)
        lines = rows if kind == "inf" else list(zip(*rows, strict=True))
        return max(sum(abs(x) for x in line) for line in lines)
    entries = [abs(e.entry(body, place, p)) for p in e.positions(body.shape)]
    if kind in {"2", "F"}:
        return c.sqrt(sum((x * x for x in entries), c.zero))
    if kind == "1":
        return sum(entries, c.zero)
    if kind == "inf":
        return max(entries)
    if kind == "0":
        return c.mpf(sum(1 for x in entries if x))
    exponent = e.entry(node.args[1], place, ())
    return sum((x**exponent for x in entries), c.zero) ** (1 / exponent)


def _literal_entry(e: Any, node: Node, place: Any, position: tuple[int, ...]) -> Any:
    flat = 0
    for size, index in zip(node.data, position, strict=False):
        flat = flat * size.constant + index
    entry = node.args[flat]
    return e.entry(entry, place, position[len(node.data) :] if entry.shape else ())


def _power_rows(e: Any, node: Node, place: Any) -> Any:
    matrix = e.array(node.args[0], place)
    n = len(matrix)
    total = _identity_rows(n, e.context)
    for _ in range(node.data):
        total = [[sum(total[i][k] * matrix[k][j] for k in range(n)) for j in range(n)] for i in range(n)]
    return total


def _matrix_power(e: Any, node: Node, place: Any, position: tuple[int, ...]) -> Any:
    return e.once(_power_rows, node, place)[position[0]][position[1]]


def _pinv_rows(e: Any, node: Node, place: Any) -> Any:
    c = e.context
    u, s, v = c.svd_r(c.matrix(e.array(node.args[0], place)))
    scale = max(s)
    inverse = [c.zero if x <= scale * c.mpf(10) ** -20 else 1 / x for x in s]
    rows, columns = v.cols, u.rows
    return [[sum(v[k, i] * inverse[k] * u[j, k] for k in range(len(inverse))) for j in range(columns)] for i in range(rows)]


def _pinv(e: Any, node: Node, place: Any, position: tuple[int, ...]) -> Any:
    return e.once(_pinv_rows, node, place)[position[0]][position[1]]


def _det_bounds(body: Bounds) -> Bounds:
    return FREE


LINEAR_ALGEBRA: tuple[Operation, ...] = (
    Operation("matmul", _matmul_shape, _matmul),
    Operation("outer", lambda args, data: (args[0].shape + args[1].shape, union_axes(args)), _outer),
    Operation(
        "kron",
        lambda args, data: (tuple(a * b for a, b in zip(args[0].shape, args[1].shape, strict=True)), union_axes(args)),
        _kron,
        None,
        "np.kron(x, y)",
    ),
    Operation("transpose", _swapped, lambda e, node, place, position: e.entry(node.args[0], place, position[::-1]), lambda x: x),
    Operation("row", _same, lambda e, node, place, position: e.entry(node.args[0], place, position), lambda x: x),  # a transposed vector
    Operation("inverse", _square, _solve, None, "np.linalg.inv(x)"),
    Operation("pinv", _swapped, _pinv, None, "np.linalg.pinv(x)"),
    Operation("solve", _solve_shape, _solve, None, "np.linalg.solve(x, y)"),
    Operation("lstsq", _least_squares_shape, _least_squares, None, "np.linalg.lstsq(x, y, rcond=None)[0]"),
    Operation(  # (XᵀX + r² I)⁻¹ Xᵀ y of X, y, r
        "ridge",
        _least_squares_shape,
        _ridge,
        None,
        "np.linalg.lstsq(np.concatenate([x, z * np.eye(x.shape[1], dtype=x.dtype)]), np.concatenate([y, np.zeros(x.shape[1:], "
        "dtype=y.dtype)]), rcond=None)[0]",
    ),
    Operation("det", _scalar_of_square, _det, _det_bounds, "np.linalg.det(x)"),
    Operation("logdet", _scalar_of_square, _logdet, None, "np.linalg.slogdet(x)[1]"),
    Operation("trace", _scalar_of_square, _trace, lambda x: Bounds(0.0) if x.nonnegative else FREE, "np.trace(x)"),
    Operation("norm", _scalar_of, _norm, within(0, math.inf)),
    Operation(
        "diag",
        lambda args, data: ((args[0].shape[0], args[0].shape[0]), args[0].axes),
        lambda e, node, place, position: e.entry(node.args[0], place, position[:1]) if position[0] == position[1] else e.context.zero,
        None,
        "np.diag(x)",
    ),
    Operation(
        "diagonal",
        lambda args, data: (args[0].shape[:1], args[0].axes),
        lambda e, node, place, position: e.entry(node.args[0], place, (position[0], position[0])),
        lambda x: x,
        "np.diag(x)",
    ),
    Operation(
        "identity", _given, lambda e, node, place, position: e.context.one if position[0] == position[1] else e.context.zero, within(0, 1)
    ),
    Operation("ones", _given, lambda e, node, place, position: e.context.one, within(1, 1)),
    Operation("array", _literal, _literal_entry),
    Operation("matrix_power", _square, _matrix_power),
)
